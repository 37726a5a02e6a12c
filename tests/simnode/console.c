/* SPDX-License-Identifier: MIT */

#include "console.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "htlc.h"
#include "methods.h"
#include "payee.h"
#include "server.h"
#include "util/bytes.h"

enum {
	WORDS_MAX = 10,
};

const char console_help[] =
	"  pay MSAT [label=L] [offer=ID] [description=D] [note=N] "
	"[paid_at=S]\n"
	"      [expiry=S] [keysend]\n"
	"                       pays an invoice that is there by its label, "
	"or makes one;\n"
	"                       a label that ends in - or * gets a number; "
	"\"quotes\" keep\n"
	"                       spaces together\n"
	"  close-mid-object     the next answer ends in its middle, with the "
	"connection\n"
	"  flood BYTES          the next answer is so long\n"
	"  garbage              the next answer is no JSON\n"
	"  wrong-id             the next answer is to a call nobody made\n"
	"  twice                the next answer comes twice\n"
	"  out-of-order on|off  an answer is overtaken by the one after it\n"
	"  stall on|off         no answer at all\n"
	"  slow MS              each answer comes so late; 0 ends that\n"
	"  drop                 all connections drop, as in a restart\n"
	"  restore N            the node as it was when payment N was its "
	"newest; drops\n"
	"  exchange             another node: new id, nothing in it; drops\n"
	"  help                 this list, on standard error\n";

struct console {
	sd_event *event;
	sd_event_source *io;
	struct world *world;
	size_t len;
	bool too_long;
	char line[CONSOLE_LINE_MAX];
};

static _printf_(2, 3) bool problem(char *ret_why, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(ret_why, CONSOLE_WHY_SIZE, format, args);
	va_end(args);
	return false;
}

/*
 * Splits @line, in place, at spaces outside of quotes, which go away.
 * Returns the number of words, WORDS_MAX + 1 if there are more.
 */
static size_t split(char *line, char *words[WORDS_MAX])
{
	size_t n = 0;

	for (;;) {
		bool quoted = false;
		char *to;

		line += strspn(line, " \t\r");
		if (*line == '\0' || n == WORDS_MAX)
			return n + (*line != '\0');
		words[n++] = to = line;
		for (; *line != '\0'; line++) {
			if (*line == '"')
				quoted = !quoted;
			else if (!quoted && strchr(" \t\r", *line) != NULL)
				break;
			else
				*to++ = *line;
		}
		if (*line != '\0')
			line++;
		*to = '\0';
	}
}

static bool read_number(const char *text, uint64_t max, uint64_t *ret)
{
	uint64_t n = 0;

	if (*text == '\0')
		return false;
	for (; *text != '\0'; text++) {
		if (*text < '0' || *text > '9')
			return false;
		n = 10 * n + (uint64_t)(*text - '0');
		if (n > max)
			return false;
	}

	*ret = n;
	return true;
}

/* Puts NAME=VALUE into the parameters of simnode-pay. */
static bool add_param(json_t *params, char *word, char *ret_why)
{
	static const struct {
		const char *word;
		const char *param;
	} names[] = {
		{ "label", "label" },
		{ "offer", "offer_id" },
		{ "description", "description" },
		{ "note", "payer_note" },
		{ "paid_at", "paid_at" },
		{ "expiry", "expiry" },
	};
	char *value = strchr(word, '=');

	if (strcmp(word, "keysend") == 0)
		return json_object_set_new(params, word, json_true()) == 0;
	if (value == NULL)
		return problem(ret_why, "\"%s\" is not NAME=VALUE", word);
	*value++ = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(word, names[i].word) == 0)
			return json_object_set_new(params, names[i].param,
				       json_string(value)) == 0 ||
			       problem(ret_why, "%s is no UTF-8", word);

	return problem(ret_why,
		"\"%s\" is none of label, offer, description, note, paid_at, "
		"expiry",
		word);
}

static bool pay(struct world *world, char **words, size_t n, char *ret_why)
{
	struct methods_answer answer;
	json_t *params = json_object();

	(void)json_object_set_new(params, "amount_msat", json_string(words[1]));
	for (size_t i = 2; i < n; i++) {
		if (!add_param(params, words[i], ret_why)) {
			json_decref(params);
			return false;
		}
	}
	methods_call(world, "simnode-pay", params, NULL, &answer);
	json_decref(params);
	return answer.is_later || problem(ret_why, "%s", answer.error.message);
}

static bool set_switch(const char *word, bool *ret, char *ret_why)
{
	if (strcmp(word, "on") != 0 && strcmp(word, "off") != 0)
		return problem(ret_why, "it is on or off, not \"%s\"", word);

	*ret = strcmp(word, "on") == 0;
	return true;
}

/* What takes one word.  Returns whether it was understood. */
static bool run_with(
	struct world *world, const char *name, const char *word, char *ret_why)
{
	uint64_t n = 0;

	if (strcmp(name, "out-of-order") == 0)
		return set_switch(word, &world->faults->out_of_order, ret_why);
	if (strcmp(name, "stall") == 0)
		return set_switch(word, &world->faults->stall, ret_why);
	if (strcmp(name, "flood") == 0) {
		if (!read_number(word, FAULT_FLOOD_MAX, &n) || n < 100)
			return problem(ret_why, "flood takes 100 to %d bytes",
				FAULT_FLOOD_MAX);
		world->faults->next = FAULT_FLOOD;
		world->faults->flood = n;
		return true;
	}
	if (strcmp(name, "slow") == 0)
		return read_number(word, FAULT_SLOW_MAX_MS,
			       &world->faults->slow_ms) ||
		       problem(ret_why, "slow takes 0 to %d ms",
			       FAULT_SLOW_MAX_MS);
	if (strcmp(name, "restore") == 0) {
		if (!read_number(word, world->node->pay_index, &n))
			return problem(ret_why,
				"restore takes a number up to that of the "
				"newest payment");
		node_restore(world->node, n);
		server_drop(world->server);
		return true;
	}

	return problem(ret_why, "help lists what there is");
}

/* What stands alone. */
static bool run_alone(struct world *world, const char *name, char *ret_why)
{
	static const struct {
		const char *name;
		enum fault_kind kind;
	} kinds[] = {
		{ "close-mid-object", FAULT_CLOSE_MID_OBJECT },
		{ "garbage", FAULT_GARBAGE },
		{ "wrong-id", FAULT_WRONG_ID },
		{ "twice", FAULT_TWICE },
	};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (strcmp(name, kinds[i].name) == 0) {
			world->faults->next = kinds[i].kind;
			return true;
		}
	}
	if (strcmp(name, "drop") == 0) {
		server_drop(world->server);
		return true;
	}
	if (strcmp(name, "exchange") == 0) {
		htlcs_forget(world->htlcs);
		if (node_exchange(world->node) < 0)
			return problem(ret_why, "out of memory");
		server_drop(world->server);
		return true;
	}
	if (strcmp(name, "help") == 0) {
		(void)fputs(console_help, stderr);
		(void)fputs(payee_help, stderr);
		return true;
	}

	return problem(ret_why, "help lists what there is");
}

bool console_run(struct world *world, const char *line,
	char ret_why[static CONSOLE_WHY_SIZE])
{
	char copy[CONSOLE_LINE_MAX];
	char *words[WORDS_MAX];
	size_t n;

	(void)snprintf(copy, sizeof(copy), "%s", line);
	n = split(copy, words);
	if (n == 0)
		return true;
	if (n > WORDS_MAX)
		return problem(ret_why, "more than %d words", WORDS_MAX);
	if (strcmp(words[0], "pay") == 0 && n >= 2)
		return pay(world, words, n, ret_why);
	if (n == 1)
		return run_alone(world, words[0], ret_why);
	if (n == 2)
		return run_with(world, words[0], words[1], ret_why);

	if (n == 3 && strcmp(words[0], "payee") == 0)
		return payee_set(world->payee, words[1], words[2]) ||
		       problem(ret_why, "help lists what the payee can do");

	return problem(ret_why, "help lists what there is");
}

static void run_line(struct console *console)
{
	const struct say *say_to = console->world->say;
	char line[CONSOLE_LINE_MAX], why[CONSOLE_WHY_SIZE];

	console->line[console->len] = '\0';
	console->len = 0;
	text_printable(console->line, line, sizeof(line));
	if (console->too_long)
		say(say_to, "{s:s, s:s}", "misread", line, "why",
			"the line is too long");
	else if (!console_run(console->world, console->line, why))
		say(say_to, "{s:s, s:s}", "misread", line, "why", why);
	else if (line[0] != '\0')
		say(say_to, "{s:s}", "told", line);
	console->too_long = false;
}

/* Returns whether there may be more. */
static bool read_some(struct console *console, int fd)
{
	char bytes[512];
	ssize_t n;

	n = read(fd, bytes, sizeof(bytes));
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	for (ssize_t i = 0; i < n; i++) {
		if (bytes[i] == '\n')
			run_line(console);
		else if (console->len < sizeof(console->line) - 1)
			console->line[console->len++] = bytes[i];
		else
			console->too_long = true;
	}
	/* What has no newline at the end is a line too. */
	if (n == 0 && console->len > 0)
		run_line(console);
	return n > 0;
}

static int on_input(
	sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	(void)events;
	if (!read_some(userdata, fd))
		(void)sd_event_source_set_enabled(source, SD_EVENT_OFF);
	return 0;
}

int console_open(
	sd_event *event, int fd, struct world *world, struct console **ret)
{
	_cleanup_(console_freep) struct console *console = NULL;
	int r;

	console = calloc(1, sizeof(*console));
	if (console == NULL)
		return -ENOMEM;
	console->event = sd_event_ref(event);
	console->world = world;
	r = sd_event_add_io(
		event, &console->io, fd, EPOLLIN, on_input, console);
	/* A file is always ready: epoll(7) does not take it. */
	if (r == -EPERM)
		while (read_some(console, fd))
			;
	/* Standard input may be closed altogether. */
	else if (r < 0 && r != -EBADF)
		return r;

	*ret = steal_ptr(&console);
	return 0;
}

struct console *console_free(struct console *console)
{
	if (console == NULL)
		return NULL;

	sd_event_source_disable_unref(console->io);
	sd_event_unref(console->event);
	free(console);
	return NULL;
}
