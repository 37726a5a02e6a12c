/* SPDX-License-Identifier: MIT */

/*
 * 1sat2flash-pair - makes the bridge's key and puts it on a car's list
 *
 * Exit status: see talk.h.
 */

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "pair/lend.h"
#include "pair/pair.h"
#include "util/duration.h"
#include "util/file.h"
#include "util/log.h"

enum {
	TIMEOUT_MS = 5 * 60 * 1000,
	TIMEOUT_MIN_MS = 5 * 1000,
	TIMEOUT_MAX_MS = 60 * 60 * 1000,
};

enum mode {
	MODE_PAIR,
	MODE_STATUS,
	MODE_FORGET,
};

struct options {
	enum mode mode;
	struct setup_options setup;
	char vin[VIN_SIZE]; /* "": not given */
	enum key_role role;
	enum key_form form;
	uint64_t timeout_ms;
	bool as_json;
	bool yes;
};

static void help(void)
{
	(void)printf(
		"Usage: sudo 1sat2flash-pair [OPTION]... [VIN]\n"
		"\n"
		"Makes a key for the bridge and puts it on the car's list. Do "
		"this in the car,\n"
		"with a key card at hand. The VIN is on the car's screen under "
		"Controls >\n"
		"Software; it is asked for once and kept in the "
		"configuration.\n"
		"\n"
		"  --status            only ask the car whether it knows the "
		"key\n"
		"  --forget            remove the key from this machine\n"
		"  --role ROLE         driver, owner, guest, charging-manager "
		"or\n"
		"                      vehicle-monitor [driver]\n"
		"  --form-factor FORM  what the car takes it for: cloud-key, "
		"nfc-card,\n"
		"                      ios-device or android-device "
		"[cloud-key]\n"
		"  --adapter ADAPTER   hci0, or the address of one [any]\n"
		"  --timeout TIME      30s, 2min: how long it is tried [5min]\n"
		"  --yes               ask nothing\n"
		"  --json              for programs\n"
		"  --config FILE       [" SETUP_CONFIG "]\n"
		"  --state-dir DIR     where the key is [" SETUP_STATE_DIR "]\n"
		"  --debug, --help, --version\n"
		"\n"
		"See 1sat2flash-pair(8).\n");
}

static _printf_(1, 2) int wrong(const char *format, ...)
{
	va_list args;

	(void)fputs("1sat2flash-pair: ", stderr);
	va_start(args, format);
	(void)vfprintf(stderr, format, args);
	va_end(args);
	(void)fputs("; see --help\n", stderr);
	return -EINVAL;
}

/* "hci0" or an address: it goes into a file and to BlueZ. */
static bool is_adapter(const char *text)
{
	static const char digits[] = "0123456789ABCDEFabcdef";

	if (strncmp(text, "hci", 3) == 0)
		return strlen(text) <= 6 && text[3] != '\0' &&
		       text[3 + strspn(text + 3, "0123456789")] == '\0';
	for (size_t i = 0; i < 17; i++)
		if (i % 3 == 2 ? text[i] != ':'
			       : text[i] == '\0' ||
					 strchr(digits, text[i]) == NULL)
			return false;

	return text[17] == '\0';
}

enum option_code {
	OPT_STATUS = 1,
	OPT_FORGET,
	OPT_ROLE,
	OPT_FORM,
	OPT_ADAPTER,
	OPT_TIMEOUT,
	OPT_YES,
	OPT_JSON,
	OPT_CONFIG,
	OPT_STATE_DIR,
	OPT_DEBUG,
	OPT_HELP,
	OPT_VERSION,
};

static const struct option table[] = {
	{ "status", no_argument, NULL, OPT_STATUS },
	{ "forget", no_argument, NULL, OPT_FORGET },
	{ "role", required_argument, NULL, OPT_ROLE },
	{ "form-factor", required_argument, NULL, OPT_FORM },
	{ "adapter", required_argument, NULL, OPT_ADAPTER },
	{ "timeout", required_argument, NULL, OPT_TIMEOUT },
	{ "yes", no_argument, NULL, OPT_YES },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "config", required_argument, NULL, OPT_CONFIG },
	{ "state-dir", required_argument, NULL, OPT_STATE_DIR },
	{ "debug", no_argument, NULL, OPT_DEBUG },
	{ "help", no_argument, NULL, OPT_HELP },
	{ "version", no_argument, NULL, OPT_VERSION },
	{ NULL, 0, NULL, 0 },
};

static int set_mode(struct options *options, enum mode mode)
{
	if (options->mode != MODE_PAIR && options->mode != mode)
		return wrong("--status and --forget do not go together");

	options->mode = mode;
	return 0;
}

static int read_timeout(const char *text, uint64_t *ret_ms)
{
	uint64_t ms;

	if (duration_parse(text, TIMEOUT_MAX_MS, &ms) < 0 ||
		ms < TIMEOUT_MIN_MS)
		return wrong("--timeout %s: a time from 5s to 1h", text);

	*ret_ms = ms;
	return 0;
}

/* Returns 0, or -EINVAL after it said why. */
static int read_option(struct options *options, int code)
{
	switch (code) {
	case OPT_STATUS:
		return set_mode(options, MODE_STATUS);
	case OPT_FORGET:
		return set_mode(options, MODE_FORGET);
	case OPT_ROLE:
		if (key_role_parse(optarg, &options->role) < 0)
			return wrong(
				"--role %s: there is no such role", optarg);
		break;
	case OPT_FORM:
		if (key_form_parse(optarg, &options->form) < 0)
			return wrong("--form-factor %s: there is no such form",
				optarg);
		break;
	case OPT_ADAPTER:
		if (!is_adapter(optarg))
			return wrong("--adapter %s: write hci0, or an address "
				     "like B8:27:EB:12:34:56",
				optarg);
		options->setup.adapter = optarg;
		break;
	case OPT_TIMEOUT:
		return read_timeout(optarg, &options->timeout_ms);
	case OPT_YES:
		options->yes = true;
		break;
	case OPT_JSON:
		options->as_json = true;
		break;
	case OPT_CONFIG:
		options->setup.config = optarg;
		break;
	case OPT_STATE_DIR:
		options->setup.state_dir = optarg;
		break;
	case OPT_DEBUG:
		log_set_level(LOG_DEBUG);
		break;
	default:
		return -EINVAL;
	}

	return 0;
}

static int read_vin(struct options *options, int n, char **words)
{
	char why[VIN_WHY_SIZE];

	if (n > 1)
		return wrong("what is \"%s\"? It takes one VIN", words[1]);
	if (n == 1 && vin_parse(words[0], options->vin, why) != 0) {
		(void)fprintf(stderr, "1sat2flash-pair: %s\n", why);
		return -EINVAL;
	}

	options->setup.vin = options->vin;
	return 0;
}

/* Returns 0, or the exit status plus one: done already. */
static int parse_options(int argc, char **argv, struct options *options)
{
	int c;

	*options = (struct options){
		.role = KEY_ROLE_DRIVER,
		.form = KEY_FORM_CLOUD_KEY,
		.timeout_ms = TIMEOUT_MS,
	};
	while ((c = getopt_long(argc, argv, "", table, NULL)) >= 0) {
		if (c == OPT_HELP) {
			help();
			return 1 + TALK_DONE;
		}
		if (c == OPT_VERSION) {
			(void)printf("1sat2flash-pair " PROJECT_VERSION "\n");
			return 1 + TALK_DONE;
		}
		if (read_option(options, c) < 0)
			return 1 + TALK_USAGE;
	}

	return read_vin(options, argc - optind, argv + optind) < 0
		       ? 1 + TALK_USAGE
		       : 0;
}

/* --- what it does -------------------------------------------------------- */

/*
 * The VIN is about to be written down: is it the right one?  Cars outside of
 * North America and China have any character where the check digit is, so
 * only the owner knows.
 */
static int check_vin(const struct options *options, struct talk *talk)
{
	char text[320], digit;

	if (options->vin[0] == '\0')
		return talk_failed(talk, TALK_USAGE,
			"which car? Give its VIN: sudo 1sat2flash-pair VIN. It "
			"is on the car's screen under Controls > Software, and "
			"behind the windscreen.");

	digit = vin_check_digit(options->vin);
	if (options->yes || options->vin[8] == digit)
		return 0;
	(void)snprintf(text, sizeof(text),
		"The check digit of %s does not fit: character 9 is %c, and %c "
		"would fit. It does so if a character is mistyped; but cars "
		"that were not built for North America may have anything "
		"there.",
		options->vin, options->vin[8], digit);
	if (!talk_can_ask()) {
		(void)strcat(text, " If it is right, say so with --yes.");
		return talk_failed(talk, TALK_USAGE, text);
	}

	(void)strcat(text, " Is it right?");
	return talk_ask(text)
		       ? 0
		       : talk_failed(talk, TALK_USAGE, "nothing was changed");
}

/* From here on as the bridge's user, with its key. */
static int prepare(struct setup *setup, bool may_make, struct talk *talk)
{
	char why[SETUP_WHY_SIZE];

	if (setup_drop(setup, why) != 0 || setup_key(setup, may_make, why) != 0)
		return talk_failed(talk, TALK_NOT_READY, why);

	if (setup->made_key)
		talk_note(talk, "made-key", "Made a key: %s",
			setup_key_path(setup));
	return 0;
}

static int enrol(const struct options *options, struct setup *setup,
	struct talk *talk, bool ask_only)
{
	return pair_run(
		&(const struct pair_config){
			.setup = setup,
			.ask_only = ask_only,
			.role = options->role,
			.form = options->form,
			.timeout_ms = options->timeout_ms,
		},
		talk);
}

static int do_pair(
	const struct options *options, struct setup *setup, struct talk *talk)
{
	char why[SETUP_WHY_SIZE];
	int status;

	if (!setup->has_config) {
		status = check_vin(options, talk);
		if (status != 0)
			return status;
	}
	status = setup_write(setup, why);
	if (setup->made_config)
		talk_note(talk, "made-config", "Wrote a configuration: %s",
			setup_config_path(setup));
	if (status != 0)
		return talk_failed(talk, TALK_NOT_READY, why);
	status = prepare(setup, true, talk);
	if (status != 0)
		return status;
	if (file_is_durable(setup->state_dir) == FILE_E_VOLATILE)
		talk_note(talk, "volatile",
			"Note: %s is forgotten at power-off (tmpfs or "
			"overlay), and the key with it; put it on a disk.",
			setup->state_dir);

	return enrol(options, setup, talk, false);
}

static int do_status(
	const struct options *options, struct setup *setup, struct talk *talk)
{
	int status;

	if (setup->vin[0] == '\0')
		return check_vin(options, talk);
	status = prepare(setup, false, talk);
	return status == 0 ? enrol(options, setup, talk, true) : status;
}

static int do_forget(
	const struct options *options, struct setup *setup, struct talk *talk)
{
	static const char question[] =
		"This removes the bridge's key from this machine for good; to "
		"use the car again, pair a new one. Remove it?";
	char why[SETUP_WHY_SIZE];

	if (setup_drop(setup, why) != 0)
		return talk_failed(talk, TALK_NOT_READY, why);
	if (lend_finds_bridge())
		return talk_failed(talk, TALK_NOT_READY,
			"the bridge runs, and has the key in its memory; stop "
			"it first: sudo systemctl disable --now 1sat2flash");
	if (!options->yes && !talk_can_ask())
		return talk_failed(talk, TALK_USAGE,
			"nobody can be asked here; say that you mean it with "
			"--yes");
	if (!options->yes && !talk_ask(question))
		return talk_failed(talk, TALK_USAGE, "nothing was changed");

	if (setup_forget(setup, why) != 0)
		return talk_failed(talk, TALK_NOT_READY, why);
	talk_note(talk, "forgot-key", "Removed %s.", setup_key_path(setup));
	talk_note(talk, "delete-on-screen",
		"The car still lists the key, as a key cannot remove itself. "
		"Delete it on the car's screen: Controls > Locks, the bin "
		"beside the key (an unknown key, or the name that you gave "
		"it), then tap your key card.");
	return TALK_DONE;
}

static int run(const struct options *options, struct talk *talk)
{
	_cleanup_(setup_deinit) struct setup setup = { 0 };
	char why[SETUP_WHY_SIZE];

	if (setup_read(&setup, &options->setup, why) != 0)
		return talk_failed(talk, TALK_NOT_READY, why);

	switch (options->mode) {
	case MODE_PAIR:
		return do_pair(options, &setup, talk);
	case MODE_STATUS:
		return do_status(options, &setup, talk);
	case MODE_FORGET:
		return do_forget(options, &setup, talk);
	}

	return TALK_USAGE;
}

int main(int argc, char **argv)
{
	struct options options;
	struct talk talk;
	int status;

	status = parse_options(argc, argv, &options);
	if (status > 0)
		return status - 1;

	(void)umask(0077);
	talk_init(&talk, options.as_json);
	status = run(&options, &talk);
	/* The key is wiped: leak checkers may attach again. */
	(void)prctl(PR_SET_DUMPABLE, 1);
	return status;
}
