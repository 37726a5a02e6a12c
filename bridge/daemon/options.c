/* SPDX-License-Identifier: MIT */

#include "daemon/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "util/log.h"

#define CONFIG_PATH "/etc/1sat2flash/1sat2flash.conf"
#define STATE_DIR "/var/lib/1sat2flash"

static void help(void)
{
	(void)printf(
		"Usage: 1sat2flashd [OPTION]...\n"
		"\n"
		"Takes payments from a Core Lightning node and makes a car "
		"act on them.\n"
		"\n"
		"  --config FILE    the menu [" CONFIG_PATH "]\n"
		"  --state-dir DIR  where the ledger is [" STATE_DIR "]\n"
		"  --check          only check the menu; names every "
		"mistake\n"
		"  --make-key       only make the key that the menu names, "
		"unless there is\n"
		"                   one, and print its public half\n"
		"  --node-id        only print by which id a node elsewhere "
		"knows us; makes\n"
		"                   that key, unless there is one\n"
		"  --diagnose       only look at menu, key, car and node, for "
		"1sat2flash doctor\n"
		"  --release        only end a Bluetooth link that a crash "
		"left "
		"behind\n"
		"  --allow-volatile-state\n"
		"                   take payments although the state is "
		"forgotten at\n"
		"                   power-off: for demos and tests\n"
		"  --debug          log more\n"
		"  --help, --version\n"
		"\n"
		"See 1sat2flashd(8), 1sat2flash.conf(5).\n");
}

int options_parse(int argc, char **argv, struct options *ret)
{
	enum {
		OPT_CONFIG = 1,
		OPT_STATE_DIR,
		OPT_CHECK,
		OPT_MAKE_KEY,
		OPT_NODE_ID,
		OPT_DIAGNOSE,
		OPT_RELEASE,
		OPT_ALLOW_VOLATILE,
		OPT_DEBUG,
		OPT_HELP,
		OPT_VERSION,
	};
	static const struct option table[] = {
		{ "config", required_argument, NULL, OPT_CONFIG },
		{ "state-dir", required_argument, NULL, OPT_STATE_DIR },
		{ "check", no_argument, NULL, OPT_CHECK },
		{ "make-key", no_argument, NULL, OPT_MAKE_KEY },
		{ "node-id", no_argument, NULL, OPT_NODE_ID },
		{ "diagnose", no_argument, NULL, OPT_DIAGNOSE },
		{ "release", no_argument, NULL, OPT_RELEASE },
		{ "allow-volatile-state", no_argument, NULL,
			OPT_ALLOW_VOLATILE },
		{ "debug", no_argument, NULL, OPT_DEBUG },
		{ "help", no_argument, NULL, OPT_HELP },
		{ "version", no_argument, NULL, OPT_VERSION },
		{ NULL, 0, NULL, 0 },
	};
	struct options options = {
		.config = CONFIG_PATH,
		.state_dir = STATE_DIR,
	};
	int c;

	while ((c = getopt_long(argc, argv, "", table, NULL)) >= 0) {
		switch (c) {
		case OPT_CONFIG:
			options.config = optarg;
			break;
		case OPT_STATE_DIR:
			options.state_dir = optarg;
			break;
		case OPT_CHECK:
			options.mode = MODE_CHECK;
			break;
		case OPT_MAKE_KEY:
			options.mode = MODE_MAKE_KEY;
			break;
		case OPT_NODE_ID:
			options.mode = MODE_NODE_ID;
			break;
		case OPT_DIAGNOSE:
			options.mode = MODE_DIAGNOSE;
			break;
		case OPT_RELEASE:
			options.mode = MODE_RELEASE;
			break;
		case OPT_ALLOW_VOLATILE:
			options.allow_volatile = true;
			break;
		case OPT_DEBUG:
			log_set_level(LOG_DEBUG);
			break;
		case OPT_HELP:
			help();
			return 1 + EXIT_SUCCESS;
		case OPT_VERSION:
			(void)printf("1sat2flashd " PROJECT_VERSION "\n");
			return 1 + EXIT_SUCCESS;
		default:
			return 1 + 2;
		}
	}
	if (optind < argc) {
		(void)fprintf(stderr,
			"1sat2flashd: what is \"%s\"? It takes "
			"options only, see --help\n",
			argv[optind]);
		return 1 + 2;
	}

	*ret = options;
	return 0;
}
