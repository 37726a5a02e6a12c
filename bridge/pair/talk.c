/* SPDX-License-Identifier: MIT */

#include "pair/talk.h"

#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "model/trouble.h"
#include "util/clock.h"
#include "util/json.h"

enum {
	COLUMNS = 78,
	SENTENCE_SIZE = 512,
	/* Below this a connection is a matter of luck. */
	RSSI_WEAK = -85,
};

static const struct ending {
	const char *name; /* for programs */
	int status;
	const char *trouble; /* where enrol names none */
} endings[_ENROL_RESULT_N] = {
	[ENROL_DONE] = { "paired", TALK_DONE, "" },
	[ENROL_ALREADY] = { "paired-before", TALK_DONE, "" },
	[ENROL_UNKNOWN_KEY] = { "not-paired", TALK_UNKNOWN_KEY,
		"key-not-enrolled" },
	[ENROL_HALF] = { "half-paired", TALK_HALF, "half-enrolled" },
	[ENROL_UNREACHED] = { "failed", TALK_NO_CAR, "car-not-heard" },
	[ENROL_SILENT] = { "failed", TALK_NO_CAR, "car-silent" },
	[ENROL_NO_TAP] = { "failed", TALK_NO_KEY, "tap-timed-out" },
	[ENROL_NO_ANSWER] = { "failed", TALK_NO_KEY, "screen-not-answered" },
	[ENROL_DENIED] = { "failed", TALK_NO_KEY, "denied-on-screen" },
	[ENROL_CANCELLED] = { "failed", TALK_NO_KEY, "cancelled-on-screen" },
	[ENROL_LIST_FULL] = { "failed", TALK_NO_KEY, "key-list-full" },
	[ENROL_VALET] = { "failed", TALK_NO_KEY, "valet-mode" },
	[ENROL_NOT_PERMITTED] = { "failed", TALK_NO_KEY, "not-permitted" },
	[ENROL_REFUSED] = { "failed", TALK_NO_KEY, "enrol-refused" },
	[ENROL_TIMED_OUT] = { "failed", TALK_NO_KEY, "enrol-timed-out" },
	[ENROL_FAILED] = { "failed", TALK_NOT_READY, "failed-here" },
};

static const char *const stage_names[] = {
	[ENROL_SEARCHING] = "searching",
	[ENROL_PROBING] = "probing",
	[ENROL_WAITING] = "waiting",
	[ENROL_SYNCING] = "syncing",
};

void talk_init(struct talk *talk, bool as_json)
{
	const char *term = getenv("TERM");

	*talk = (struct talk){
		.as_json = as_json,
		.is_live = !as_json && isatty(STDOUT_FILENO) == 1 &&
			   (term == NULL || strcmp(term, "dumb") != 0),
		.missed = "",
	};
	/* Through a pipe, too, a line is read when it is said. */
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
}

/* --- how it is written --------------------------------------------------- */

static void clear_line(struct talk *talk)
{
	if (talk->has_line)
		(void)fputs("\r\x1b[K", stdout);
	talk->has_line = false;
}

/* In lines of COLUMNS, each begun by @indent. */
static void paragraph(FILE *out, const char *indent, const char *text)
{
	size_t column = 0;

	while (*text != '\0') {
		size_t len = strcspn(text, " ");
		const char *gap = column == 0 ? indent : " ";

		if (column > 0 && column + 1 + len > COLUMNS) {
			(void)fputc('\n', out);
			column = 0;
			gap = indent;
		}
		column += (size_t)fprintf(out, "%s%.*s", gap, (int)len, text);
		text += len;
		text += strspn(text, " ");
	}
	(void)fputc('\n', out);
}

static void say(struct talk *talk, const char *text)
{
	clear_line(talk);
	paragraph(stdout, "", text);
}

static void complain(struct talk *talk, const char *what, const char *advice)
{
	char sentence[SENTENCE_SIZE + 32];

	clear_line(talk);
	(void)fflush(stdout);
	(void)snprintf(sentence, sizeof(sentence), "1sat2flash-pair: %s", what);
	paragraph(stderr, "", sentence);
	if (advice[0] != '\0')
		paragraph(stderr, "", advice);
}

static void json_begin(struct json *json)
{
	json_init(json, stdout);
	json_open_object(json, NULL);
}

static void json_finish(struct json *json)
{
	json_close_object(json);
	json_end(json);
}

/* --- on the way ---------------------------------------------------------- */

bool talk_can_ask(void)
{
	return isatty(STDIN_FILENO) == 1;
}

bool talk_ask(const char *question)
{
	char answer[16] = "";

	paragraph(stderr, "", question);
	(void)fputs("[y/N] ", stderr);
	if (fgets(answer, sizeof(answer), stdin) == NULL)
		return false;

	answer[strcspn(answer, "\n")] = '\0';
	return strcasecmp(answer, "y") == 0 || strcasecmp(answer, "yes") == 0;
}

void talk_note(struct talk *talk, const char *name, const char *format, ...)
{
	char text[SENTENCE_SIZE];
	struct json json;
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (!talk->as_json) {
		say(talk, text);
		return;
	}

	json_begin(&json);
	json_text(&json, "note", name);
	json_text(&json, "text", text);
	json_finish(&json);
}

static const char instructions[] =
	"\n"
	"  1. Sit down in the car.\n"
	"  2. Tap your key card on the console, behind the cup holders.\n"
	"     Nothing appears on the screen until you tap.\n"
	"  3. Then the screen asks about a new key: confirm.\n"
	"\n";

static void say_stage(struct talk *talk, enum enrol_stage stage)
{
	switch (stage) {
	case ENROL_SEARCHING:
		say(talk, talk->since_ms != 0 ? "Looking for the car again."
					      : "Looking for the car.");
		break;
	case ENROL_PROBING:
		say(talk, "Connected.");
		break;
	case ENROL_WAITING:
		if (talk->has_asked) {
			say(talk, "Still waiting for the tap.");
			break;
		}
		say(talk, "The car does not know this key yet. The request is "
			  "out; now it is yours to confirm, within a minute:");
		(void)fputs(instructions, stdout);
		break;
	case ENROL_SYNCING:
		say(talk, "The car's locks know the key now; the computer of "
			  "the screen is about to.");
		break;
	}
}

void talk_stage(struct talk *talk, enum enrol_stage stage)
{
	struct json json;

	if (talk->as_json) {
		json_begin(&json);
		json_text(&json, "stage", stage_names[stage]);
		json_finish(&json);
	} else {
		say_stage(talk, stage);
	}

	talk->stage = stage;
	if (stage != ENROL_WAITING || !talk->has_asked)
		talk->since_ms = clock_boottime_ms();
	talk->has_asked |= stage == ENROL_WAITING;
}

void talk_heard(struct talk *talk, int rssi)
{
	char text[80] = "Heard it.";
	struct json json;

	talk->missed = "";
	if (talk->as_json) {
		json_begin(&json);
		json_bool(&json, "heard", true);
		if (rssi != 0)
			json_signed(&json, "rssi", rssi);
		json_finish(&json);
		return;
	}

	if (rssi != 0)
		(void)snprintf(text, sizeof(text), "Heard it, at %d dBm%s",
			rssi,
			rssi < RSSI_WEAK
				? ", which is weak: closer would be better."
				: ".");
	say(talk, text);
}

/* Told once, with what to do about it; attempts that fail alike add nothing. */
void talk_missed(struct talk *talk, const char *name)
{
	const struct trouble *trouble = trouble_find(name);
	char text[SENTENCE_SIZE];
	struct json json;

	if (trouble == NULL || strcmp(talk->missed, trouble->name) == 0)
		return;
	talk->missed = trouble->name;
	if (talk->as_json) {
		json_begin(&json);
		json_text(&json, "missed", trouble->name);
		json_finish(&json);
		return;
	}

	(void)snprintf(
		text, sizeof(text), "%s %s", trouble->what, trouble->advice);
	say(talk, text);
}

bool talk_is_followed(void)
{
	struct pollfd out = { .fd = STDOUT_FILENO };

	/* POLLERR: a pipe that nobody reads from, whether written to or not. */
	return poll(&out, 1, 0) <= 0 || (out.revents & POLLERR) == 0;
}

void talk_tick(struct talk *talk)
{
	static const char *const doing[] = {
		[ENROL_SEARCHING] = "looking",
		[ENROL_PROBING] = "asking whether it knows the key",
		[ENROL_WAITING] = "waiting for the tap",
		[ENROL_SYNCING] = "waiting for it",
	};
	uint64_t s = (clock_boottime_ms() - talk->since_ms) / 1000;

	if (!talk->is_live || talk->since_ms == 0)
		return;
	clear_line(talk);
	if (s < 60)
		(void)printf("  %s, %" PRIu64 " s", doing[talk->stage], s);
	else
		(void)printf("  %s, %" PRIu64 " min %" PRIu64 " s",
			doing[talk->stage], s / 60, s % 60);
	(void)fflush(stdout);
	talk->has_line = true;
}

/* --- the end ------------------------------------------------------------- */

static void say_paired(struct talk *talk, const struct enrol_end *end)
{
	char text[SENTENCE_SIZE];

	(void)snprintf(text, sizeof(text),
		"%s: both computers of the car know the key%s%s.",
		end->result == ENROL_DONE ? "Paired" : "It is paired",
		end->role != 0 ? ", as " : "",
		end->role != 0 ? key_role_name(end->role) : "");
	say(talk, text);
	if (end->result == ENROL_DONE)
		say(talk, "The car's screen lists it under Controls > Locks, "
			  "as an unknown key; give it a name there.");
}

/* What the row cannot say: a number from the car, or what failed here. */
static void explain(const struct enrol_end *end, const struct trouble *trouble,
	char *text, size_t size)
{
	bool is_unclear = strcmp(trouble->name, "enrol-refused") == 0;
	char detail[80] = "";

	if (is_unclear && end->information != 0)
		(void)snprintf(detail, sizeof(detail), " Its reason is %d.",
			end->information);
	else if (end->error < 0)
		(void)snprintf(
			detail, sizeof(detail), " %s.", strerror(-end->error));
	(void)snprintf(text, size, "%s%s", trouble->what, detail);
}

int talk_ended(struct talk *talk, const struct enrol_end *end)
{
	const struct ending *ending = &endings[end->result];
	const struct trouble *trouble = NULL;
	char what[SENTENCE_SIZE] = "";
	struct json json;

	if (end->trouble != NULL)
		trouble = trouble_find(end->trouble);
	if (trouble == NULL)
		trouble = trouble_find(ending->trouble);
	if (trouble != NULL)
		explain(end, trouble, what, sizeof(what));

	if (talk->as_json) {
		json_begin(&json);
		json_text(&json, "result", ending->name);
		if (end->role != 0)
			json_text(&json, "role", key_role_name(end->role));
		if (trouble != NULL) {
			json_text(&json, "trouble", trouble->name);
			json_text(&json, "why", what);
			json_text(&json, "advice", trouble->advice);
		}
		json_finish(&json);
	} else if (trouble == NULL) {
		say_paired(talk, end);
	} else {
		complain(talk, what, trouble->advice);
	}

	return ending->status;
}

int talk_failed(struct talk *talk, int status, const char *why)
{
	struct json json;

	if (talk->as_json) {
		json_begin(&json);
		json_text(&json, "result", "failed");
		json_text(&json, "why", why);
		json_finish(&json);
	} else {
		complain(talk, why, "");
	}

	return status;
}

int talk_stopped(struct talk *talk, int signal)
{
	struct json json;

	if (talk->as_json) {
		json_begin(&json);
		json_text(&json, "result", "stopped");
		json_bool(&json, "asked", talk->has_asked);
		json_finish(&json);
	} else {
		say(talk, "Stopped. The key is kept for the next time.");
		if (talk->has_asked)
			say(talk, "The car forgets the request within a "
				  "minute, unless a key card is tapped "
				  "before.");
	}

	return TALK_SIGNAL + signal;
}

void talk_next(struct talk *talk, const char *before, const char *command)
{
	struct json json;

	if (talk->as_json) {
		json_begin(&json);
		json_text(&json, "next", command);
		json_finish(&json);
		return;
	}

	(void)puts("");
	if (before != NULL)
		say(talk, before);
	(void)printf("Next: %s\n", command);
}
