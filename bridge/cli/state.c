/* SPDX-License-Identifier: MIT */

#include "cli/state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/spin.h"
#include "cli/term.h"
#include "client/state.h"
#include "util/bytes.h"
#include "util/json.h"

enum {
	EXIT_USAGE = 2,
	VALUE_SIZE = REPORT_TEXT_SIZE + 16,
};

/* The end of 9999: later than that nobody sets a schedule. */
#define TIME_MAX_S 253402300799.0

struct waiting {
	const char *part;
	struct spin spin;
};

static void on_idle(void *userdata)
{
	struct waiting *waiting = userdata;

	spin_turn(&waiting->spin, waiting->part, "waiting for the car");
}

static void print_value(
	const struct report_fact *fact, char ret[static VALUE_SIZE])
{
	char unit[32];
	struct tm tm;
	time_t at;

	switch (fact->kind) {
	case REPORT_TRUTH:
		(void)snprintf(ret, VALUE_SIZE, "%s",
			fact->number != 0 ? "yes" : "no");
		return;
	case REPORT_TIME:
		if (!(fact->number >= 0 && fact->number <= TIME_MAX_S))
			break;
		at = (time_t)fact->number;
		if (localtime_r(&at, &tm) != NULL &&
			strftime(ret, VALUE_SIZE, "%Y-%m-%d %H:%M:%S", &tm) > 0)
			return;
		break;
	case REPORT_NUMBER:
		if (strcmp(fact->unit, REPORT_OF_DAY) == 0 &&
			fact->number >= 0 && fact->number < 24 * 60) {
			(void)snprintf(ret, VALUE_SIZE, "%02d:%02d",
				(int)fact->number / 60, (int)fact->number % 60);
			return;
		}
		break;
	case REPORT_ABSENT:
	case REPORT_WORD:
	case REPORT_TEXT:
		(void)snprintf(ret, VALUE_SIZE, "%s", fact->text);
		return;
	}

	/* Whoever has the bridge's name may be no bridge. */
	text_printable(fact->unit, unit, sizeof(unit));
	(void)snprintf(ret, VALUE_SIZE, "%.15g%s%s", fact->number,
		unit[0] == '\0' ? "" : " ", unit);
}

/* What the car left out, at the end: of some parts it is the most. */
static void print_absent(const struct report *report)
{
	const size_t size = REPORT_FACTS_MAX * (REPORT_NAME_SIZE + 8);
	_cleanup_(freep) char *names = malloc(size);
	size_t len = 0;

	if (names == NULL)
		return;
	for (size_t i = 0; i < report->n_facts; i++)
		if (report->facts[i].kind == REPORT_ABSENT)
			len += (size_t)snprintf(names + len, size - len, "%s%s",
				len == 0 ? "absent: " : ", ",
				report->facts[i].name);
	if (len == 0)
		return;
	(void)printf("  ");
	term_wrap(2, TERM_DIM, names);
}

void state_print(const char *part, const struct report *report)
{
	char value[VALUE_SIZE];
	int width = 0;

	for (size_t i = 0; i < report->n_facts; i++) {
		int len = (int)strlen(report->facts[i].name);

		if (report->facts[i].kind != REPORT_ABSENT && len > width)
			width = len;
	}

	(void)printf(
		"%s%s%s\n", term_style(TERM_BOLD), part, term_end(TERM_BOLD));
	for (size_t i = 0; i < report->n_facts; i++) {
		const struct report_fact *fact = &report->facts[i];

		if (fact->kind == REPORT_ABSENT)
			continue;
		print_value(fact, value);
		(void)printf("  %-*s  %s\n", width, fact->name, value);
	}
	print_absent(report);
	if (report->is_cut)
		(void)printf("  The car tells more than is shown here.\n");
}

static void write_value(struct json *json, const struct report_fact *fact)
{
	switch (fact->kind) {
	case REPORT_ABSENT:
		json_nothing(json, fact->name);
		return;
	case REPORT_TRUTH:
		json_bool(json, fact->name, fact->number != 0);
		return;
	case REPORT_NUMBER:
	case REPORT_TIME:
		json_number(json, fact->name, fact->number);
		return;
	case REPORT_WORD:
	case REPORT_TEXT:
		json_text(json, fact->name, fact->text);
		return;
	}
}

static void write_part(
	struct json *json, const char *part, const struct report *report)
{
	json_open_object(json, part);
	json_open_object(json, "facts");
	for (size_t i = 0; i < report->n_facts; i++)
		write_value(json, &report->facts[i]);
	json_close_object(json);
	json_open_object(json, "units");
	for (size_t i = 0; i < report->n_facts; i++)
		if (report->facts[i].unit[0] != '\0')
			json_text(json, report->facts[i].name,
				report->facts[i].unit);
	json_close_object(json);
	json_bool(json, "cut", report->is_cut);
	json_close_object(json);
}

/* Asks for one part and shows it, or says why not. */
static int show_part(sd_bus *bus, const struct state_ask *ask, const char *part,
	struct json *json)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
	_cleanup_(freep) struct report *report = malloc(sizeof(*report));
	struct waiting waiting = { .part = part };
	const struct client_ask question = {
		.what = part,
		.wake = ask->wake,
		.idle = on_idle,
		.userdata = &waiting,
	};
	char why[CLIENT_WHY_SIZE] = "out of memory";
	int r = CLIENT_E_FAILED;

	spin_begin(&waiting.spin, ask->as_json);
	if (report != NULL)
		r = client_state(bus, &question, why, report, &m);
	spin_clear(&waiting.spin);
	if (r == 0 && ask->as_json) {
		write_part(json, part, report);
	} else if (r == 0) {
		state_print(part, report);
	} else if (ask->as_json) {
		json_open_object(json, part);
		json_text(json, "error", why);
		json_close_object(json);
	}
	(void)fflush(stdout);
	if (r != 0)
		(void)fprintf(stderr, "1sat2flash: %s: %s%s\n", part, why,
			r == CLIENT_E_ASLEEP ? "; wake it with --wake" : "");

	return r;
}

/* Is it one of the parts that all together are the car's state? */
static bool is_of_state(enum command_id id)
{
	return strncmp(command_info(id)->name, "state-", 6) == 0;
}

/*
 * The body first: it tells whether the rest can be asked, and costs a sleeping
 * car nothing.  What the car declines to tell does not keep it from the others.
 */
static int show_all(sd_bus *bus, const struct state_ask *ask, struct json *json)
{
	int status = EXIT_SUCCESS;
	int r;

	r = show_part(
		bus, ask, report_part(COMMAND_BODY_CONTROLLER_STATE), json);
	if (r != 0)
		return EXIT_FAILURE;
	for (int i = COMMAND_NONE + 1; i < _COMMAND_N; i++) {
		enum command_id id = (enum command_id)i;

		if (!is_of_state(id))
			continue;
		if (!ask->as_json)
			(void)printf("\n");
		r = show_part(bus, ask, report_part(id), json);
		if (r == CLIENT_E_ASLEEP)
			return EXIT_FAILURE;
		if (r != 0)
			status = EXIT_FAILURE;
	}

	return status;
}

static int complain(const char *what)
{
	(void)fprintf(stderr,
		"1sat2flash: the car has no state \"%s\"; there are: body",
		what);
	for (int i = COMMAND_NONE + 1; i < _COMMAND_N; i++) {
		enum command_id id = (enum command_id)i;
		const char *part = report_part(id);

		if (part != NULL && id != COMMAND_BODY_CONTROLLER_STATE)
			(void)fprintf(stderr, ", %s", part);
	}
	(void)fprintf(stderr, "\n");
	return EXIT_USAGE;
}

int state_show(sd_bus *bus, const struct state_ask *ask)
{
	struct json json;
	int status;

	if (ask->what != NULL && report_command(ask->what) == COMMAND_NONE)
		return complain(ask->what);

	json_init(&json, stdout);
	if (ask->as_json)
		json_open_object(&json, NULL);
	if (ask->what == NULL)
		status = show_all(bus, ask, &json);
	else
		status = show_part(bus, ask, ask->what, &json) == 0
				 ? EXIT_SUCCESS
				 : EXIT_FAILURE;
	if (ask->as_json) {
		json_close_object(&json);
		json_end(&json);
	}

	return status;
}
