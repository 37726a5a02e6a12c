/* SPDX-License-Identifier: MIT */

/*
 * 1sat2flash - asks the bridge and shows what it says
 *
 * Exit status: 0 done; 1 refused, unknown or not possible; 2 wrong usage.
 */

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/doctor.h"
#include "cli/owed.h"
#include "cli/qr.h"
#include "cli/show.h"
#include "cli/state.h"
#include "cli/try.h"
#include "client/client.h"
#include "model/api.h"

enum {
	EXIT_USAGE = 2,
	PAYMENTS_DEFAULT = 20,
};

struct options {
	bool as_json;
	bool wake; /* of state */
	uint32_t limit;
	char *config, *state_dir; /* of doctor */
	bool all;                 /* of qr */
	char *svg;                /* of qr */
	const char *arg;
	char *const *words; /* all of them behind the command */
	size_t n_words;
};

static void help(FILE *out)
{
	(void)fprintf(out,
		"Usage: 1sat2flash COMMAND [--json]\n"
		"\n"
		"  status              is everything well, and if not, why\n"
		"  doctor              look for what is wrong, from Bluetooth "
		"to car and node,\n"
		"                      and say what to do; works without a "
		"bridge, too\n"
		"  menu [ACTION]       what can be bought; or what one action "
		"does, and what\n"
		"                      the payer gets if a step of it fails\n"
		"  commands            what an action of the menu can do\n"
		"  qr ACTION|--all [--svg FILE]\n"
		"                      draw what a wallet scans to buy it; "
		"--svg: stickers\n"
		"                      to print\n"
		"  payments [--limit N]\n"
		"                      what was paid and what became of it, "
		"newest first [20]\n"
		"  owed                payments without a service: yours to "
		"settle\n"
		"  owed refund|do|write-off ORDER\n"
		"                      settle one: pay it back, act on it "
		"now, or keep it\n"
		"  state [WHAT] [--wake]\n"
		"                      what the car tells of itself: body, "
		"charge, climate, ...,\n"
		"                      or all; wakes it only if told to\n"
		"  try ACTION, try STEP...\n"
		"                      do it now, without a payment\n"
		"  end                 end a rental now: the car is closed "
		"once it is\n"
		"                      parked and nothing is open\n"
		"  pause, resume       stop and go on acting on payments\n"
		"\n"
		"  --json              for programs\n"
		"  --all, --svg FILE   qr: every action; to a file, - is "
		"standard output\n"
		"  --config FILE, --state-dir DIR\n"
		"                      doctor: of a bridge that is not the "
		"usual one\n"
		"  --help, --version\n"
		"\n"
		"state, try, end, pause, resume and settling what is owed are "
		"for root and\nthe group " API_GROUP
		", and so is what doctor finds out beyond status.\n"
		"See 1sat2flash(1).\n");
}

static int complain(const char *why)
{
	(void)fprintf(stderr, "1sat2flash: %s\n", why);
	return EXIT_FAILURE;
}

static int broken_answer(int r)
{
	(void)fprintf(stderr,
		"1sat2flash: the bridge's answer cannot be read: %s\n",
		strerror(-r));
	return EXIT_FAILURE;
}

static int do_status(sd_bus *bus, const struct options *options)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
	char why[CLIENT_WHY_SIZE];
	struct record status;
	struct json json;
	int r;

	if (client_call(bus, why, &m, "GetStatus", "") != 0)
		return complain(why);
	r = record_read(m, &status);
	if (r <= 0)
		return broken_answer(r);

	if (options->as_json) {
		json_init(&json, stdout);
		record_write(&status, &json, NULL);
		json_end(&json);
	} else {
		show_status(&status);
	}

	return EXIT_SUCCESS;
}

/* An array of objects. */
static int write_records(sd_bus_message *m)
{
	struct record record;
	struct json json;
	int r;

	r = sd_bus_message_enter_container(m, 'a', "a{sv}");
	if (r < 0)
		return r;
	json_init(&json, stdout);
	json_open_array(&json, NULL);
	while ((r = record_read(m, &record)) > 0)
		record_write(&record, &json, NULL);
	json_close_array(&json);
	json_end(&json);
	return r;
}

static int do_menu(sd_bus *bus, const struct options *options)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
	char why[CLIENT_WHY_SIZE];
	int r;

	if (client_call(bus, why, &m, "GetMenu", "") != 0)
		return complain(why);
	if (options->arg != NULL)
		r = show_action(m, options->arg, options->as_json);
	else
		r = options->as_json ? write_records(m) : show_menu(m);
	if (r == SHOW_E_NONE)
		return complain("there is no such action in the menu; see them "
				"with: 1sat2flash menu");

	return r < 0 ? broken_answer(r) : EXIT_SUCCESS;
}

static int do_qr(sd_bus *bus, const struct options *options)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
	char why[CLIENT_WHY_SIZE];
	int r;

	if ((options->arg != NULL) == options->all ||
		(options->svg != NULL && options->as_json)) {
		(void)complain("use it as: 1sat2flash qr ACTION|--all "
			       "[--svg FILE|--json]");
		return EXIT_USAGE;
	}
	if (client_call(bus, why, &m, "GetMenu", "") != 0)
		return complain(why);
	r = qr_show(m, &(const struct qr_ask){
			       .action = options->arg,
			       .svg = options->svg,
			       .as_json = options->as_json,
		       });
	if (r < 0)
		return broken_answer(r);

	return r == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int do_payments(sd_bus *bus, const struct options *options)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
	char why[CLIENT_WHY_SIZE];
	int r;

	if (client_call(bus, why, &m, "GetPayments", "u", options->limit) != 0)
		return complain(why);
	r = options->as_json ? write_records(m) : show_payments(m);

	return r < 0 ? broken_answer(r) : EXIT_SUCCESS;
}

static int do_owed(sd_bus *bus, const struct options *options)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
	char why[CLIENT_WHY_SIZE];
	int r;

	if (options->n_words > 0)
		return owed_settle(bus, options->words, options->n_words,
			options->as_json);
	if (client_call(bus, why, &m, "GetOwed", "u", UINT32_C(0)) != 0)
		return complain(why);
	r = options->as_json ? write_records(m) : show_owed(m);

	return r < 0 ? broken_answer(r) : EXIT_SUCCESS;
}

static int do_try(sd_bus *bus, const struct options *options)
{
	return try_words(
		bus, options->words, options->n_words, options->as_json);
}

static int do_state(sd_bus *bus, const struct options *options)
{
	return state_show(bus, &(const struct state_ask){
				       .what = options->arg,
				       .wake = options->wake,
				       .as_json = options->as_json,
			       });
}

static int set_paused(sd_bus *bus, const struct options *options, bool paused)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
	char why[CLIENT_WHY_SIZE];

	if (client_call(bus, why, &m, paused ? "Pause" : "Resume", "") != 0)
		return complain(why);
	if (options->as_json)
		(void)printf("{\"paused\":%s}\n", paused ? "true" : "false");
	else
		(void)printf("%s\n",
			paused ? "Paused: payments are not acted on. Go "
				 "on with: 1sat2flash resume"
			       : "Resumed.");

	return EXIT_SUCCESS;
}

static int do_pause(sd_bus *bus, const struct options *options)
{
	return set_paused(bus, options, true);
}

static int do_resume(sd_bus *bus, const struct options *options)
{
	return set_paused(bus, options, false);
}

static int do_end(sd_bus *bus, const struct options *options)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
	char why[CLIENT_WHY_SIZE];

	if (client_call(bus, why, &m, "EndRental", "") != 0)
		return complain(why);
	if (options->as_json)
		(void)printf("{\"ending\":true}\n");
	else
		(void)printf("The rental ends: the car is closed once it is "
			     "parked and nothing is open. See: 1sat2flash "
			     "status\n");

	return EXIT_SUCCESS;
}

/* Goes on where there is no bus, and says so itself. */
static int do_doctor(sd_bus *bus, const struct options *options)
{
	(void)bus;
	return doctor_run(&(const struct doctor){
		.config = options->config,
		.state_dir = options->state_dir,
		.as_json = options->as_json,
	});
}

static int do_commands(sd_bus *bus, const struct options *options)
{
	(void)bus;
	return commands_show(options->as_json);
}

static const struct command_line {
	const char *name;
	/* NULL: takes none; "[X]", "[X Y]": may be left out; "X...": many */
	const char *arg;
	bool without_bridge;
	int (*run)(sd_bus *bus, const struct options *options);
} commands[] = {
	{ "status", NULL, false, do_status },
	{ "doctor", NULL, true, do_doctor },
	{ "menu", "[ACTION]", false, do_menu },
	{ "commands", NULL, true, do_commands },
	{ "qr", "[ACTION]", false, do_qr },
	{ "payments", NULL, false, do_payments },
	{ "owed", "[refund|do|write-off ORDER]", false, do_owed },
	{ "state", "[WHAT]", false, do_state },
	{ "try", "ACTION|STEP...", false, do_try },
	{ "end", NULL, false, do_end },
	{ "pause", NULL, false, do_pause },
	{ "resume", NULL, false, do_resume },
};

static const struct command_line *find_command(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];

	return NULL;
}

/* Finds the command in the words that are no options, and its argument. */
static const struct command_line *parse_words(
	int n, char **words, struct options *options)
{
	const struct command_line *command;
	int least, most;

	if (n == 0) {
		help(stderr);
		return NULL;
	}
	command = find_command(words[0]);
	if (command == NULL) {
		(void)fprintf(stderr,
			"1sat2flash: there is no command \"%s\", see --help\n",
			words[0]);
		return NULL;
	}
	most = command->arg == NULL                  ? 1
	       : strstr(command->arg, "...") != NULL ? n
	       : strchr(command->arg, ' ') != NULL   ? 3
						     : 2;
	least = command->arg == NULL || command->arg[0] == '[' ? 1 : 2;
	if (n < least || n > most) {
		(void)fprintf(stderr,
			"1sat2flash: use it as: 1sat2flash %s%s%s\n",
			command->name, command->arg == NULL ? "" : " ",
			command->arg == NULL ? "" : command->arg);
		return NULL;
	}

	options->arg = words[1];
	options->words = words + 1;
	options->n_words = (size_t)n - 1;
	return command;
}

static int parse_limit(const char *text, uint32_t *ret)
{
	unsigned long n;
	char *end;

	errno = 0;
	n = strtoul(text, &end, 10);
	if (errno != 0 || *text < '0' || *text > '9' || *end != '\0' ||
		n == 0 || n > API_ROWS_MAX) {
		(void)fprintf(stderr,
			"1sat2flash: --limit takes a number from 1 to %d\n",
			API_ROWS_MAX);
		return -EINVAL;
	}

	*ret = (uint32_t)n;
	return 0;
}

int main(int argc, char **argv)
{
	static const struct option table[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "limit", required_argument, NULL, 'l' },
		{ "config", required_argument, NULL, 'c' },
		{ "state-dir", required_argument, NULL, 's' },
		{ "wake", no_argument, NULL, 'w' },
		{ "all", no_argument, NULL, 'a' },
		{ "svg", required_argument, NULL, 'q' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'v' },
		{ NULL, 0, NULL, 0 },
	};
	_cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
	struct options options = { .limit = PAYMENTS_DEFAULT };
	const struct command_line *command;
	char why[CLIENT_WHY_SIZE];
	int c;

	while ((c = getopt_long(argc, argv, "", table, NULL)) >= 0) {
		switch (c) {
		case 'j':
			options.as_json = true;
			break;
		case 'l':
			if (parse_limit(optarg, &options.limit) < 0)
				return EXIT_USAGE;
			break;
		case 'c':
			options.config = optarg;
			break;
		case 's':
			options.state_dir = optarg;
			break;
		case 'w':
			options.wake = true;
			break;
		case 'a':
			options.all = true;
			break;
		case 'q':
			options.svg = optarg;
			break;
		case 'h':
			help(stdout);
			return EXIT_SUCCESS;
		case 'v':
			(void)printf("1sat2flash " PROJECT_VERSION "\n");
			return EXIT_SUCCESS;
		default:
			return EXIT_USAGE;
		}
	}
	command = parse_words(argc - optind, argv + optind, &options);
	if (command == NULL)
		return EXIT_USAGE;

	if (!command->without_bridge && client_open(&bus, why) != 0)
		return complain(why);
	return command->run(bus, &options);
}
