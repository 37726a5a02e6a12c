/* SPDX-License-Identifier: MIT */

#include "options.h"

#include <ctype.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "callsign.h"
#include "console.h"
#include "hands.h"
#include "util/clock.h"
#include "util/duration.h"

enum {
	DURATION_MAX_MS = 24 * 60 * 60 * 1000,
};

static const char desk_help[] =
	"A CAR ON THE DESK\n"
	"\n"
	"With --bluez any computer with Bluetooth is a car for the bridge's: "
	"it\n"
	"advertises S...C in the scan response and serves 0211 with 0212, 0213 "
	"and 0214.\n"
	"Where it differs from a real car:\n"
	"\n"
	"  a client has a link from its first write on; BlueZ tells of no one "
	"before\n"
	"  BlueZ indicates to all clients: of several, each hears all answers\n"
	"  a link that is dropped falls silent at once, and ends two seconds "
	"later\n"
	"  a write longer than the MTU is taken whole, as by a car, and told: "
	"long-write\n"
	"  a full car (three links, or \"full on\") is not connectable, and "
	"has another\n"
	"  address while it is; the fault links-full drops a client at its "
	"first write\n"
	"  advertisements come as often as main.conf says ([LE], in units of "
	"0.625 ms:\n"
	"  MinAdvertisementInterval = 32, MaxAdvertisementInterval = 240 is as "
	"a car)\n"
	"\n"
	"When bluetoothd or the adapter goes, all links drop; simcar waits for "
	"both.\n"
	"\n"
	"EXIT STATUS\n"
	"\n"
	"0 after SIGTERM or SIGINT; 1 if it cannot begin (a socket in use, no "
	"bus, no\n"
	"such adapter, one that cannot be switched on); 2 for a bad command "
	"line.\n"
	"\n";

static const char usage[] =
	"simcar --socket PATH|--bluez ADAPTER --vin VIN [OPTION]...\n"
	"\n"
	"A Model 3 in software: the car's side of the vehicle-command "
	"protocol, on a\n"
	"unix stream socket that carries the bytes of the two BLE "
	"characteristics with\n"
	"their 2-byte length, or on the air.  It is as strict as a car.  "
	"Everything it\n"
	"does is a line of JSON on standard output.\n"
	"\n"
	"  --socket PATH           listen there, for up to three links\n"
	"  --bluez ADAPTER         advertise through BlueZ on the adapter "
	"hci0, "
	"hci1 or\n"
	"                          AA:BB:CC:DD:EE:FF, which is switched on if "
	"need be;\n"
	"                          also beside --socket\n"
	"  --vin VIN               17 capital letters and digits\n"
	"  --key PEM               private key of VCSEC; a second one is of "
	"infotainment;\n"
	"                          without, new ones are made\n"
	"  --enrol PUBLIC.pem:ROLE put a key on the whitelist; ROLE is owner, "
	"driver,\n"
	"                          guest, charging-manager, vehicle-monitor, "
	"service or\n"
	"                          fm; may be repeated\n"
	"  --asleep                infotainment sleeps at first\n"
	"  --asleep-answers        while asleep it answers fault 2, instead of "
	"nothing\n"
	"  --boot-time 2s          from wake to awake: fault 1 at first, then "
	"11\n"
	"  --sleep-after TIME      it falls asleep so long after its last "
	"request\n"
	"  --tap-after TIME        a key card is tapped so long after an "
	"add-key-request;\n"
	"                          without, by the line \"tap\"\n"
	"  --tap-timeout 60s       how long the car waits for that\n"
	"  --sync-time 3s          until infotainment knows a key that was "
	"added\n"
	"  --drive accept|refuse   what it does when asked for remote drive: "
	"accept opens\n"
	"                          two minutes to drive off, refuse is error "
	"7; "
	"accept\n"
	"  --drive-time 2min       how long that is\n"
	"  --old-firmware          ignores the flag that asks for encrypted "
	"answers\n"
	"  --late 3s               how late a late answer is\n"
	"  --idle 30s              how long a link is silent that idle-drop "
	"drops\n"
	"  --fault KIND[@TARGET][:N]   a fault, see below; may be repeated\n"
	"  --help                  this text\n"
	"\n"
	"Times are 500ms, 2s, 1min, up to a day.\n"
	"\n"
	"FAULTS\n"
	"\n"
	"%s"
	"\n"
	"%s"
	"STANDARD INPUT\n"
	"\n"
	"%s%s"
	"\n"
	"STANDARD OUTPUT\n"
	"\n"
	"Objects with \"t\", seconds since the start, and one of these:\n"
	"\n"
	"  ready       the path; with vin, keys (public, of each domain) and "
	"enrolled\n"
	"  did         what was really done (a trunk that closes says "
	"trunk-close),\n"
	"              with changed: false if it was like that already\n"
	"  read        what state was given\n"
	"  refused     what was asked for and not done, with why\n"
	"  fault       the protocol fault that was sent, with name and domain\n"
	"  ignored     what got no answer, with why\n"
	"  session-info  the domain, with the id of the key that it was given "
	"to\n"
	"  connected, disconnected   the number of the link; over the air "
	"with link\n"
	"              (up or down) and device (the address)\n"
	"  advertising   the name, with adapter, address and whether "
	"connectable\n"
	"  subscribed  whether anybody hears indications\n"
	"  switching-on   the adapter that was off\n"
	"  asks        for a key to unlock or drive, once a second from then "
	"on\n"
	"  alert       nobody has answered\n"
	"  power       awake, booting, asleep or deep-sleep\n"
	"  epoch       the domain that began a new one\n"
	"  waiting, tapped   for a tap of a key card\n"
	"  waiting     for bluetooth, with why: bluetoothd or the adapter is "
	"gone\n"
	"  injected    a fault, as it strikes\n"
	"  told        a line of standard input, before what comes of it\n"
	"  misread     a line that is not understood, with why\n"
	"  stopped     the end, after SIGTERM or SIGINT\n";

static _printf_(1, 2) int complain(const char *format, ...)
{
	va_list args;

	(void)fprintf(stderr, "simcar: ");
	va_start(args, format);
	(void)vfprintf(stderr, format, args);
	va_end(args);
	(void)fprintf(stderr, "\n");

	return OPTIONS_E_USAGE;
}

static int read_vin(const char *text, struct options *options)
{
	size_t n = 0;

	/* Case counts: the VIN is hashed and signed: vehicle-protocol 1.1. */
	while (isdigit((unsigned char)text[n]) ||
		isupper((unsigned char)text[n]))
		n++;
	if (n != CAR_VIN_SIZE - 1 || text[n] != '\0')
		return complain("--vin has 17 capital letters and digits, not "
				"\"%s\"",
			text);

	options->vin = text;
	return 0;
}

static int read_key(const char *path, struct options *options)
{
	if (options->n_keys == OPTIONS_KEYS)
		return complain("--key is given at most twice: for VCSEC, then "
				"for infotainment");

	options->keys[options->n_keys++] = path;
	return 0;
}

static int read_enrolment(const char *text, struct options *options)
{
	const char *colon = strrchr(text, ':');
	Keys__Role role;

	if (colon == NULL || colon == text)
		return complain(
			"--enrol takes PUBLIC.pem:ROLE, not \"%s\"", text);
	if (!role_parse(colon + 1, &role))
		return complain("--enrol: \"%s\" is no role (--help lists "
				"them)",
			colon + 1);
	if (options->n_enrolments == WHITELIST_MAX)
		return complain(
			"--enrol is given at most %d times", WHITELIST_MAX);

	options->enrolments[options->n_enrolments++] = text;
	return 0;
}

static int read_adapter(const char *text, struct options *options)
{
	if (!callsign_is_adapter(text))
		return complain("--bluez takes an adapter such as hci0 or "
				"AA:BB:CC:DD:EE:FF, not \"%s\"",
			text);

	options->bluez = text;
	return 0;
}

static int read_drive(const char *text, struct options *options)
{
	options->drive_refused = strcmp(text, "refuse") == 0;
	if (!options->drive_refused && strcmp(text, "accept") != 0)
		return complain(
			"--drive is accept or refuse, not \"%s\"", text);

	return 0;
}

static int read_fault(const char *text, struct options *options)
{
	char why[FAULT_WHY_SIZE];
	struct fault fault;

	if (!fault_parse(text, &fault, why))
		return complain("--fault: %s", why);
	if (fault.kind == FAULT_MTU)
		options->mtu = (unsigned int)fault.number;
	else if (!faults_arm(&options->faults, &fault))
		return complain(
			"--fault is given at most %d times", FAULTS_MAX);

	return 0;
}

static int read_time(const char *name, const char *text, uint64_t *ret_ms)
{
	if (duration_parse(text, DURATION_MAX_MS, ret_ms) == 0)
		return 0;

	return complain("--%s takes a time such as 500ms or 2s, at most a day, "
			"not \"%s\"",
		name, text);
}

enum {
	OPTION_SOCKET = 256,
	OPTION_BLUEZ,
	OPTION_VIN,
	OPTION_KEY,
	OPTION_ENROL,
	OPTION_ASLEEP,
	OPTION_ASLEEP_ANSWERS,
	OPTION_BOOT_TIME,
	OPTION_SLEEP_AFTER,
	OPTION_TAP_AFTER,
	OPTION_TAP_TIMEOUT,
	OPTION_SYNC_TIME,
	OPTION_DRIVE,
	OPTION_DRIVE_TIME,
	OPTION_OLD_FIRMWARE,
	OPTION_LATE,
	OPTION_IDLE,
	OPTION_FAULT,
	OPTION_HELP,
};

static const struct option table[] = {
	{ "socket", required_argument, NULL, OPTION_SOCKET },
	{ "bluez", required_argument, NULL, OPTION_BLUEZ },
	{ "vin", required_argument, NULL, OPTION_VIN },
	{ "key", required_argument, NULL, OPTION_KEY },
	{ "enrol", required_argument, NULL, OPTION_ENROL },
	{ "asleep", no_argument, NULL, OPTION_ASLEEP },
	{ "asleep-answers", no_argument, NULL, OPTION_ASLEEP_ANSWERS },
	{ "boot-time", required_argument, NULL, OPTION_BOOT_TIME },
	{ "sleep-after", required_argument, NULL, OPTION_SLEEP_AFTER },
	{ "tap-after", required_argument, NULL, OPTION_TAP_AFTER },
	{ "tap-timeout", required_argument, NULL, OPTION_TAP_TIMEOUT },
	{ "sync-time", required_argument, NULL, OPTION_SYNC_TIME },
	{ "drive", required_argument, NULL, OPTION_DRIVE },
	{ "drive-time", required_argument, NULL, OPTION_DRIVE_TIME },
	{ "old-firmware", no_argument, NULL, OPTION_OLD_FIRMWARE },
	{ "late", required_argument, NULL, OPTION_LATE },
	{ "idle", required_argument, NULL, OPTION_IDLE },
	{ "fault", required_argument, NULL, OPTION_FAULT },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ NULL, 0, NULL, 0 },
};

static int read_option(int c, const char *name, struct options *options)
{
	switch (c) {
	case OPTION_SOCKET:
		options->socket = optarg;
		return 0;
	case OPTION_BLUEZ:
		return read_adapter(optarg, options);
	case OPTION_VIN:
		return read_vin(optarg, options);
	case OPTION_KEY:
		return read_key(optarg, options);
	case OPTION_ENROL:
		return read_enrolment(optarg, options);
	case OPTION_ASLEEP:
		options->asleep = true;
		return 0;
	case OPTION_ASLEEP_ANSWERS:
		options->asleep_answers = true;
		return 0;
	case OPTION_BOOT_TIME:
		return read_time(name, optarg, &options->boot_ms);
	case OPTION_SLEEP_AFTER:
		return read_time(name, optarg, &options->sleep_after_ms);
	case OPTION_TAP_AFTER:
		return read_time(name, optarg, &options->tap_after_ms);
	case OPTION_TAP_TIMEOUT:
		return read_time(name, optarg, &options->tap_timeout_ms);
	case OPTION_SYNC_TIME:
		return read_time(name, optarg, &options->sync_ms);
	case OPTION_DRIVE:
		return read_drive(optarg, options);
	case OPTION_DRIVE_TIME:
		return read_time(name, optarg, &options->drive_ms);
	case OPTION_OLD_FIRMWARE:
		options->old_firmware = true;
		return 0;
	case OPTION_LATE:
		return read_time(name, optarg, &options->late_ms);
	case OPTION_IDLE:
		return read_time(name, optarg, &options->idle_ms);
	case OPTION_FAULT:
		return read_fault(optarg, options);
	case OPTION_HELP:
		(void)printf(
			usage, fault_help, desk_help, hands_help, console_help);
		return OPTIONS_E_HELP;
	default:
		/* getopt_long(3) has said what is wrong. */
		(void)fprintf(stderr, "simcar: --help lists the options\n");
		return OPTIONS_E_USAGE;
	}
}

int options_read(int argc, char **argv, struct options *ret)
{
	struct options options = {
		.boot_ms = 2000,
		.drive_ms = WORLD_DRIVE_MS,
		.sleep_after_ms = CLOCK_NEVER,
		.tap_after_ms = CLOCK_NEVER,
		.tap_timeout_ms = CAR_TAP_TIMEOUT_MS,
		.sync_ms = 3000,
		.late_ms = 3000,
		.idle_ms = LINKS_IDLE_MS,
	};
	int c, r, index = 0;

	while ((c = getopt_long(argc, argv, "", table, &index)) != -1) {
		r = read_option(c, table[index].name, &options);
		if (r != 0)
			return r;
	}
	if (optind < argc)
		return complain("\"%s\" is no option", argv[optind]);
	if (options.socket == NULL && options.bluez == NULL)
		return complain("--socket PATH or --bluez ADAPTER is missing: "
				"where to listen");
	if (options.vin == NULL)
		return complain("--vin VIN is missing: which car this is");

	*ret = options;
	return 0;
}
