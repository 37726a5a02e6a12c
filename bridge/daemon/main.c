/* SPDX-License-Identifier: MIT */

/*
 * 1sat2flashd - payments in, signed commands out
 *
 * Reads the menu, opens the ledger, loads the key, and lets till.c work.
 */

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "daemon/api.h"
#include "daemon/key.h"
#include "daemon/moment.h"
#include "daemon/till.h"
#include "link/link.h"
#include "link/socket.h"
#include "util/log.h"

#define CONFIG_PATH "/etc/1sat2flash/1sat2flash.conf"
#define STATE_DIR "/var/lib/1sat2flash"

enum mode {
	MODE_RUN,
	MODE_CHECK,
	MODE_MAKE_KEY,
};

struct options {
	enum mode mode;
	const char *config;
	const char *state_dir;
	bool allow_volatile;
};

struct bridge {
	struct menu *menu;
	sd_event *event;
	sd_bus *bus;
	struct orders *orders;
	struct signer *signer;
	struct till *till;
	struct api *api;
	bool is_ready;
	char closed[TILL_WHY_SIZE]; /* see till_config */
};

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
		"  --allow-volatile-state\n"
		"                   take payments although the state is "
		"forgotten at\n"
		"                   power-off: for demos and tests\n"
		"  --debug          log more\n"
		"  --help, --version\n"
		"\n"
		"See 1sat2flashd(8), 1sat2flash.conf(5).\n");
}

/* Returns 0, or the exit status plus one: done already. */
static int parse_options(int argc, char **argv, struct options *ret)
{
	enum {
		OPT_CONFIG = 1,
		OPT_STATE_DIR,
		OPT_CHECK,
		OPT_MAKE_KEY,
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

static void on_mistake(void *userdata, const char *mistake)
{
	(void)userdata;
	log_error("%s", mistake);
}

static int load_menu(const char *path, struct menu **ret)
{
	int r;

	r = menu_load(path, on_mistake, NULL, ret);
	if (r < 0)
		log_error("cannot read %s: %s", path, strerror(-r));
	else if (r == MENU_E_INVALID)
		log_error("%s has mistakes: nothing was started", path);

	return r == 0 ? 0 : -EINVAL;
}

static int open_ledger(struct bridge *bridge, const struct options *options)
{
	const struct moment now = moment_now();
	const char *dir = options->state_dir;
	bool broken = false;
	int r;

	r = orders_open(bridge->menu, dir, options->allow_volatile, &now,
		&broken, &bridge->orders);
	if (r == LEDGER_E_VOLATILE) {
		/* Trying actions by hand is harmless, so run for that. */
		(void)snprintf(bridge->closed, sizeof(bridge->closed),
			"%.100s is forgotten at power-off (tmpfs or overlay), "
			"and with it what was paid: put it on a disk",
			dir);
		log_error("no payments are taken: %s", bridge->closed);
		r = orders_open(bridge->menu, dir, true, &now, &broken,
			&bridge->orders);
	}
	if (broken)
		log_error("the ledger in %s was broken: it was kept aside, a "
			  "new one begun, and nothing of the last seven days "
			  "is acted on",
			dir);

	switch (r) {
	case 0:
		return 0;
	case LEDGER_E_NEWER:
		log_error("the ledger in %s is from a newer version: install "
			  "that one again, this one leaves it alone",
			dir);
		return -EINVAL;
	case LEDGER_E_IN_USE:
		log_error("the ledger in %s is in use: another 1sat2flashd "
			  "runs",
			dir);
		return -EBUSY;
	case LEDGER_E_FULL:
		log_error("there is no room on the disk for the ledger in %s",
			dir);
		return -ENOSPC;
	default:
		log_error("cannot open the ledger in %s: %s", dir,
			strerror(-err_fold(r)));
		return err_fold(r);
	}
}

/* What `systemctl status` shows; and READY, once. */
static void notify(struct bridge *bridge)
{
	struct till_status status;

	till_get_status(bridge->till, &status);
	if (!status.is_settled)
		return;

	(void)sd_notifyf(0, "%sSTATUS=%s%s",
		bridge->is_ready ? "" : "READY=1\n",
		status.taking_payments ? "Taking payments"
				       : "Not taking payments: ",
		status.why_not);
	bridge->is_ready = true;
}

static void on_status_changed(void *userdata)
{
	struct bridge *bridge = userdata;

	/* The till reports before it is handed out. */
	if (bridge->till == NULL)
		return;
	notify(bridge);
	api_status_changed(bridge->api);
}

static void on_order_changed(void *userdata, const struct ledger_row *row)
{
	struct bridge *bridge = userdata;

	api_order_changed(bridge->api, row);
}

static const struct till_ops till_ops = {
	.order_changed = on_order_changed,
	.status_changed = on_status_changed,
};

static int open_till(struct bridge *bridge)
{
	_cleanup_(link_freep) struct link *link = NULL;
	const char *where = bridge->menu->link;
	int r;

	if (strncmp(where, "socket:", strlen("socket:")) != 0) {
		log_error("link = \"%s\": this version reaches a car only by "
			  "\"socket:/path\"",
			where);
		return -EOPNOTSUPP;
	}
	r = link_socket_new(bridge->event, where + strlen("socket:"), &link);
	if (r == 0)
		r = till_new(bridge->event,
			&(const struct till_config){
				.menu = bridge->menu,
				.orders = bridge->orders,
				.signer = bridge->signer,
				.link = link,
				.closed = bridge->closed[0] == '\0'
						  ? NULL
						  : bridge->closed,
			},
			&till_ops, bridge, &bridge->till);
	if (r != 0) {
		log_error("cannot start: %s", strerror(-err_fold(r)));
		return err_fold(r);
	}

	(void)steal_ptr(&link);
	return 0;
}

static int on_disconnected(
	sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	(void)m;
	(void)userdata;
	(void)error;
	log_warning("D-Bus went away: payments are taken all the same, but "
		    "1sat2flash will not find the bridge before it is started "
		    "again");
	return 0;
}

/* Payments are taken without a bus too: it is for people. */
static void open_bus(struct bridge *bridge)
{
	int r;

	r = sd_bus_open_system(&bridge->bus);
	if (r >= 0)
		r = sd_bus_attach_event(
			bridge->bus, bridge->event, SD_EVENT_PRIORITY_NORMAL);
	if (r >= 0)
		r = sd_bus_match_signal(bridge->bus, NULL, NULL, NULL,
			"org.freedesktop.DBus.Local", "Disconnected",
			on_disconnected, NULL);
	if (r >= 0)
		r = api_new(bridge->bus,
			&(const struct api_config){
				.menu = bridge->menu,
				.orders = bridge->orders,
				.till = bridge->till,
			},
			&bridge->api);
	if (r >= 0)
		return;

	log_warning("not on D-Bus: %s; payments are taken all the same, but "
		    "1sat2flash will not find the bridge",
		r == -EEXIST ? "another bridge is" : strerror(-r));
	bridge->bus = sd_bus_flush_close_unref(bridge->bus);
}

static int on_signal(sd_event_source *source,
	const struct signalfd_siginfo *info, void *userdata)
{
	struct bridge *bridge = userdata;

	(void)source;
	(void)info;
	(void)sd_notify(0, "STOPPING=1");
	till_stop(bridge->till);
	return 0;
}

static int open_event(struct bridge *bridge)
{
	sigset_t signals;
	int r;

	(void)sigemptyset(&signals);
	(void)sigaddset(&signals, SIGTERM);
	(void)sigaddset(&signals, SIGINT);
	(void)sigprocmask(SIG_BLOCK, &signals, NULL);
	/* A peer that closes its socket is told by EPIPE. */
	(void)signal(SIGPIPE, SIG_IGN);

	r = sd_event_new(&bridge->event);
	if (r >= 0)
		r = sd_event_set_watchdog(bridge->event, 1);
	if (r >= 0)
		r = sd_event_add_signal(
			bridge->event, NULL, SIGTERM, on_signal, bridge);
	if (r >= 0)
		r = sd_event_add_signal(
			bridge->event, NULL, SIGINT, on_signal, bridge);
	if (r < 0)
		log_error("cannot start: %s", strerror(-r));

	return r < 0 ? r : 0;
}

static int run(struct bridge *bridge, const struct options *options)
{
	int r;

	r = open_event(bridge);
	if (r == 0)
		r = open_ledger(bridge, options);
	if (r == 0)
		r = key_load(bridge->menu->key_uri, &bridge->signer);
	if (r == 0)
		r = open_till(bridge);
	if (r < 0) {
		(void)sd_notifyf(0, "STATUS=Cannot start: %s", strerror(-r));
		return r;
	}
	open_bus(bridge);

	log_info("1sat2flashd " PROJECT_VERSION ": %zu actions for the car "
		 "...%s",
		bridge->menu->n_actions,
		bridge->menu->vin + strlen(bridge->menu->vin) - 4);
	notify(bridge);
	r = sd_event_loop(bridge->event);
	if (r < 0)
		log_error("the event loop failed: %s", strerror(-r));
	else
		log_info("stopped");

	return r;
}

static void bridge_deinit(struct bridge *bridge)
{
	(void)api_free(bridge->api);
	(void)sd_bus_flush_close_unref(bridge->bus);
	(void)till_free(bridge->till);
	(void)orders_free(bridge->orders);
	(void)signer_free(bridge->signer);
	(void)sd_event_unref(bridge->event);
	(void)menu_free(bridge->menu);
	/* The key is wiped: leak checkers may attach again. */
	(void)prctl(PR_SET_DUMPABLE, 1);
}

int main(int argc, char **argv)
{
	_cleanup_(bridge_deinit) struct bridge bridge = { 0 };
	struct options options;
	int r;

	r = parse_options(argc, argv, &options);
	if (r > 0)
		return r - 1;

	r = load_menu(options.config, &bridge.menu);
	if (r < 0)
		return EXIT_FAILURE;
	if (options.mode == MODE_CHECK) {
		(void)printf("%s is fine: %zu action%s\n", options.config,
			bridge.menu->n_actions,
			bridge.menu->n_actions == 1 ? "" : "s");
		return EXIT_SUCCESS;
	}

	if (geteuid() == 0) {
		log_error("1sat2flashd never runs as root: it needs no such "
			  "power; as a service it is the user _1sat2flash");
		return EXIT_FAILURE;
	}
	/* No core dump and no debugger gets at the key. */
	if (prctl(PR_SET_DUMPABLE, 0) < 0)
		return EXIT_FAILURE;
	(void)umask(0077);

	if (options.mode == MODE_MAKE_KEY)
		r = key_make(bridge.menu->key_uri);
	else
		r = run(&bridge, &options);

	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
