/* SPDX-License-Identifier: MIT */

/*
 * 1sat2flashd - payments in, signed commands out
 *
 * Reads the menu, opens the ledger, loads the key, and lets till.c work.
 */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "daemon/bus.h"
#include "daemon/diagnose.h"
#include "daemon/key.h"
#include "daemon/options.h"
#include "daemon/parts.h"
#include "daemon/till.h"
#include "link/link.h"
#include "util/log.h"
#include "util/privilege.h"

struct bridge {
	struct menu *menu;
	sd_event *event;
	struct orders *orders;
	struct line_config *node;
	struct signer *signer;
	struct till *till;
	struct bus *bus;
	bool is_ready;
	char closed[PARTS_WHY_SIZE]; /* see till_config */
};

static void on_mistake(void *userdata, const char *mistake)
{
	(void)userdata;
	log_error("%s", mistake);
}

/* Where the state is forgotten, actions can be tried by hand all the same. */
static int open_ledger(struct bridge *bridge, const struct options *options)
{
	char why[PARTS_WHY_SIZE];
	int r = 0;

	if (!options->allow_volatile)
		r = parts_state(options->state_dir, why);
	if (r == LEDGER_E_VOLATILE) {
		(void)snprintf(
			bridge->closed, sizeof(bridge->closed), "%s", why);
		log_error("no payments are taken: %s", why);
		r = 0;
	}
	if (r == 0)
		r = parts_ledger(
			bridge->menu, options->state_dir, why, &bridge->orders);
	if (r < 0)
		log_error("%s", why);

	return r;
}

static int open_key(struct bridge *bridge)
{
	char why[KEY_WHY_SIZE];
	int r;

	r = key_load(bridge->menu->key_uri, why, &bridge->signer);
	if (r < 0)
		log_error("%s", why);

	return r;
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
	api_status_changed(bus_api(bridge->bus));
}

static void on_order_changed(void *userdata, const struct ledger_row *row)
{
	struct bridge *bridge = userdata;

	api_order_changed(bus_api(bridge->bus), row);
}

static void on_rental_changed(void *userdata, const struct rental *rental)
{
	struct bridge *bridge = userdata;

	api_rental_changed(bus_api(bridge->bus), rental);
}

static void on_looked(void *userdata)
{
	struct bridge *bridge = userdata;

	api_looked(bus_api(bridge->bus));
}

static void on_read(void *userdata, const struct car_reading *reading)
{
	struct bridge *bridge = userdata;

	api_read(bus_api(bridge->bus), reading);
}

static const struct till_ops till_ops = {
	.order_changed = on_order_changed,
	.status_changed = on_status_changed,
	.rental_changed = on_rental_changed,
	.looked = on_looked,
	.read = on_read,
};

static int open_till(struct bridge *bridge)
{
	_cleanup_(link_freep) struct link *link = NULL;
	char why[PARTS_WHY_SIZE];
	int r;

	r = parts_link(bridge->event, bridge->menu, why, &link);
	if (r < 0) {
		log_error("%s", why);
		return r;
	}
	r = till_new(bridge->event,
		&(const struct till_config){
			.menu = bridge->menu,
			.orders = bridge->orders,
			.signer = bridge->signer,
			.link = steal_ptr(&link),
			.node = bridge->node,
			.closed = bridge->closed[0] == '\0' ? NULL
							    : bridge->closed,
		},
		&till_ops, bridge, &bridge->till);
	if (r != 0) {
		log_error("cannot start: %s", strerror(-err_fold(r)));
		return err_fold(r);
	}

	return 0;
}

static int open_bus(struct bridge *bridge)
{
	int r;

	r = bus_new(bridge->event,
		&(const struct api_config){
			.menu = bridge->menu,
			.orders = bridge->orders,
			.till = bridge->till,
		},
		&bridge->bus);
	if (r < 0)
		log_error("cannot start: %s", strerror(-r));

	return r;
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
		r = open_key(bridge);
	if (r == 0)
		r = parts_node(bridge->menu, options->state_dir, &bridge->node);
	if (r == 0)
		r = open_till(bridge);
	if (r == 0)
		r = open_bus(bridge);
	if (r < 0) {
		(void)sd_notifyf(0, "STATUS=Cannot start: %s", strerror(-r));
		return r;
	}

	log_info("1sat2flashd " PROJECT_VERSION ": %zu actions for the car "
		 "...%s",
		bridge->menu->n_actions,
		bridge->menu->vin + strlen(bridge->menu->vin) - 4);
	notify(bridge);
	r = sd_event_loop(bridge->event);
	if (r < 0)
		log_error("stopped: %s", strerror(-r));
	else
		log_info("stopped");

	return r;
}

static void bridge_deinit(struct bridge *bridge)
{
	(void)bus_free(bridge->bus);
	(void)till_free(bridge->till);
	(void)parts_node_free(bridge->node);
	(void)orders_free(bridge->orders);
	(void)signer_free(bridge->signer);
	(void)sd_event_unref(bridge->event);
	(void)menu_free(bridge->menu);
	/* The key is wiped: leak checkers may attach again. */
	(void)prctl(PR_SET_DUMPABLE, 1);
}

/*
 * systemd tells what it saw of the service, systemd.exec(5).  A bridge that
 * ended by itself gave its link up, so what is there is somebody else's: of
 * 1sat2flash-pair, which is to make the key for want of which we ended.
 */
static bool is_nothing_left(void)
{
	const char *result = getenv("SERVICE_RESULT");

	return result != NULL && (strcmp(result, "success") == 0 ||
					 strcmp(result, "exit-code") == 0);
}

static int release(const struct menu *menu)
{
	char why[PARTS_WHY_SIZE];
	int r;

	r = parts_release(menu, why);
	if (r < 0)
		log_error("%s", why);

	return r;
}

static int print_node_id(const char *state_dir)
{
	char why[PARTS_WHY_SIZE], id[67];
	int r;

	r = parts_node_id(state_dir, why, id);
	if (r < 0)
		log_error("%s", why);
	else if (puts(id) == EOF || fflush(stdout) == EOF)
		r = -errno;

	return r;
}

int main(int argc, char **argv)
{
	_cleanup_(bridge_deinit) struct bridge bridge = { 0 };
	struct options options;
	char why[PARTS_WHY_SIZE];
	int r;

	r = options_parse(argc, argv, &options);
	if (r > 0)
		return r - 1;

	/* It tells what is wrong with the menu in its own way. */
	if (options.mode == MODE_DIAGNOSE)
		return diagnose(&options) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
	if (options.mode == MODE_RELEASE && is_nothing_left())
		return EXIT_SUCCESS;
	/* Before there is a rune the menu cannot be whole. */
	r = options.mode == MODE_NODE_ID
		    ? 0
		    : parts_menu(
			      options.config, on_mistake, NULL, &bridge.menu);
	if (r < 0)
		return EXIT_FAILURE;
	if (options.mode == MODE_CHECK) {
		if (parts_check_rune(bridge.menu, why) < 0) {
			log_error("%s", why);
			return EXIT_FAILURE;
		}
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
	if (privilege_hide() < 0)
		return EXIT_FAILURE;
	(void)umask(0077);

	switch (options.mode) {
	case MODE_RELEASE:
		r = release(bridge.menu);
		break;
	case MODE_MAKE_KEY:
		r = key_make(bridge.menu->key_uri);
		break;
	case MODE_NODE_ID:
		r = print_node_id(options.state_dir);
		break;
	case MODE_RUN:
	case MODE_CHECK:
	case MODE_DIAGNOSE:
		r = run(&bridge, &options);
		break;
	}

	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
