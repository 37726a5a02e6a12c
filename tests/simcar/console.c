/* SPDX-License-Identifier: MIT */

#include "console.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "hands.h"
#include "util/bytes.h"
#include "util/clock.h"

enum {
	LINE_MAX_LEN = 256,
	WORDS_MAX = HANDS_WORDS_MAX + 1, /* one too many shows */
};

const char console_help[] =
	"  reboot                        both computers: new epochs, counters "
	"from 0\n"
	"  epoch vcsec|infotainment      a new epoch of one of them\n"
	"  tap                           the key card is tapped on the "
	"console\n"
	"  broadcast                     a status goes out on all links\n"
	"  drop-link                     all links drop\n"
	"  full on|off                   no new links: phones hold all three\n"
	"  fault KIND[@TARGET][:N]       as --fault\n"
	"  help                          this list, on standard error\n";

struct console {
	sd_event *event;
	sd_event_source *io;
	struct car *car;
	struct links *links;
	size_t len;
	bool too_long;
	char line[LINE_MAX_LEN];
};

/* A command: returns 1 if it was done, 0 if its words are wrong, or -errno. */
typedef int (*command_t)(
	struct console *console, uint64_t now_ms, const char *word);

static int do_reboot(struct console *console, uint64_t now_ms, const char *word)
{
	int r;

	(void)word;
	r = car_reboot(console->car, now_ms);
	return r < 0 ? r : 1;
}

static int do_epoch(struct console *console, uint64_t now_ms, const char *word)
{
	struct domain *domain = &console->car->vcsec;
	int r;

	if (strcmp(word, "infotainment") == 0)
		domain = &console->car->infotainment;
	else if (strcmp(word, "vcsec") != 0)
		return 0;
	r = car_new_epoch(console->car, domain, now_ms);
	return r < 0 ? r : 1;
}

static int do_tap(struct console *console, uint64_t now_ms, const char *word)
{
	int r;

	(void)word;
	r = car_tap(console->car, now_ms);
	return r < 0 ? r : 1;
}

static int do_broadcast(
	struct console *console, uint64_t now_ms, const char *word)
{
	int r;

	(void)now_ms;
	(void)word;
	r = car_broadcast(console->car);
	return r < 0 ? r : 1;
}

static int do_drop_link(
	struct console *console, uint64_t now_ms, const char *word)
{
	(void)now_ms;
	(void)word;
	links_drop_all(console->links, "dropped by the car");
	return 1;
}

static int do_full(struct console *console, uint64_t now_ms, const char *word)
{
	bool on = strcmp(word, "on") == 0;

	(void)now_ms;
	if (!on && strcmp(word, "off") != 0)
		return 0;
	links_set_full(console->links, on);
	return 1;
}

static int do_help(struct console *console, uint64_t now_ms, const char *word)
{
	(void)console;
	(void)now_ms;
	(void)word;
	(void)fprintf(stderr, "%s%s", hands_help, console_help);
	return 1;
}

static const struct {
	const char *name;
	bool takes_word;
	command_t run;
} commands[] = {
	{ "reboot", false, do_reboot },
	{ "epoch", true, do_epoch },
	{ "tap", false, do_tap },
	{ "broadcast", false, do_broadcast },
	{ "drop-link", false, do_drop_link },
	{ "full", true, do_full },
	{ "help", false, do_help },
};

static void complain(struct console *console, const char *line, const char *why)
{
	say(console->car->say, "{s:s,s:s}", "misread", line, "why", why);
}

bool console_fault(
	struct car *car, struct links *links, const struct fault *fault)
{
	if (fault->kind != FAULT_MTU)
		return faults_arm(&car->faults, fault);

	links_set_mtu(links, (unsigned int)fault->number);
	return true;
}

static void arm(struct console *console, const char *line, const char *word)
{
	char why[FAULT_WHY_SIZE];
	struct fault fault;

	if (!fault_parse(word, &fault, why))
		complain(console, line, why);
	else if (!console_fault(console->car, console->links, &fault))
		complain(console, line, "too many faults wait already");
}

/* Splits @text at spaces.  Returns the number of words, WORDS_MAX if more. */
static size_t split(char *text, const char *words[WORDS_MAX])
{
	char *state = NULL;
	size_t n = 0;

	for (char *word = strtok_r(text, " \t\r", &state);
		word != NULL && n < WORDS_MAX;
		word = strtok_r(NULL, " \t\r", &state))
		words[n++] = word;

	return n;
}

static int run(struct console *console, uint64_t now_ms, const char *text)
{
	char line[LINE_MAX_LEN], copy[LINE_MAX_LEN];
	const char *words[WORDS_MAX];
	size_t n;
	int r;

	text_printable(text, line, sizeof(line));
	memcpy(copy, line, sizeof(copy));
	n = split(copy, words);
	if (n == 0)
		return 0;
	/* First, so that what comes of it follows. */
	say(console->car->say, "{s:s}", "told", line);
	/* The one whose argument has a grammar of its own. */
	if (n == 2 && strcmp(words[0], "fault") == 0) {
		arm(console, line, words[1]);
		return 0;
	}

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		if (strcmp(words[0], commands[i].name) != 0 ||
			n != (commands[i].takes_word ? 2u : 1u))
			continue;
		r = commands[i].run(console, now_ms, n == 2 ? words[1] : "");
		if (r == 0)
			complain(console, line, "help lists what there is");
		return r < 0 ? r : car_settle(console->car, now_ms);
	}

	r = n <= HANDS_WORDS_MAX
		    ? hands_do(&console->car->world, now_ms, words, n)
		    : 0;
	if (r == -EACCES || r == -EPERM)
		say(console->car->say, "{s:s,s:s}", "refused", line, "why",
			r == -EPERM ? "it wants the PIN on its screen"
				    : "no key has answered");
	else if (r <= 0)
		complain(console, line, "help lists what there is");
	return car_settle(console->car, now_ms);
}

/* Takes lines out of @bytes; a longer one than LINE_MAX_LEN is no command. */
static int feed(struct console *console, const char *bytes, size_t len)
{
	int r;

	for (size_t i = 0; i < len; i++) {
		if (bytes[i] != '\n') {
			if (console->len < sizeof(console->line) - 1)
				console->line[console->len++] = bytes[i];
			else
				console->too_long = true;
			continue;
		}
		console->line[console->len] = '\0';
		console->len = 0;
		if (console->too_long) {
			console->too_long = false;
			complain(console, "", "the line is too long");
			continue;
		}
		r = run(console, clock_boottime_ms(), console->line);
		if (r < 0)
			return r;
	}

	return 0;
}

/* Returns 1, 0 at the end of the input, or negative errno. */
static int read_some(struct console *console, int fd)
{
	char bytes[512];
	ssize_t n;
	int r;

	n = read(fd, bytes, sizeof(bytes));
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 1 : 0;
	if (n == 0)
		/* What has no newline at the end is a line too. */
		return console->len > 0 ? feed(console, "\n", 1) : 0;
	r = feed(console, bytes, (size_t)n);

	return r < 0 ? r : 1;
}

static int on_input(
	sd_event_source *source, int fd, uint32_t events, void *data)
{
	struct console *console = data;
	int r;

	(void)events;
	r = read_some(console, fd);
	if (r == 0)
		(void)sd_event_source_set_enabled(source, SD_EVENT_OFF);
	if (r < 0)
		(void)sd_event_exit(console->event, r);
	return 0;
}

int console_open(sd_event *event, int fd, struct car *car, struct links *links,
	struct console **ret)
{
	_cleanup_(console_freep) struct console *console = NULL;
	int r;

	console = calloc(1, sizeof(*console));
	if (console == NULL)
		return -ENOMEM;
	console->event = sd_event_ref(event);
	console->car = car;
	console->links = links;

	r = sd_event_add_io(
		event, &console->io, fd, EPOLLIN, on_input, console);
	if (r == -EPERM) {
		/* A file, or /dev/null: all of it is there already. */
		do
			r = read_some(console, fd);
		while (r > 0);
	} else if (r == -EBADF) {
		/* Closed: nobody has anything to say. */
		r = 0;
	}
	if (r < 0)
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
