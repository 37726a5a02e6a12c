/* SPDX-License-Identifier: MIT */

/*
 * simnode - the node RPCs that the bridge uses, to try it without a node
 *
 * As strict as Core Lightning, and with its quirks; it can be told to fail in
 * the ways that nodes fail.
 *
 * Spec: architecture 1, lightning 0, 3, 4.
 */

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "ask.h"
#include "console.h"
#include "options.h"
#include "server.h"
#include "util/bytes.h"
#include "util/clock.h"

enum {
	EXIT_USAGE = 2,
};

struct sim {
	sd_event *event;
	sd_event_source *post;
	const char *state;
	struct node node;
	struct faults faults;
	struct say say;
	struct caller_config callers;
	char address[NODE_ID_SIZE + 32]; /* of --bolt8 */
	struct server *server;
	struct console_world world;
	struct console *console;
};

/* After each event, so that many payments at once are saved once. */
static int on_post(sd_event_source *source, void *userdata)
{
	struct sim *sim = userdata;
	int r;

	(void)source;
	if (!sim->node.changed)
		return 0;
	r = node_save(&sim->node, sim->state);
	if (r < 0)
		(void)sd_event_exit(sim->event, r);
	return 0;
}

static int start_loop(struct sim *sim)
{
	sigset_t signals;
	int r;

	(void)sigemptyset(&signals);
	(void)sigaddset(&signals, SIGTERM);
	(void)sigaddset(&signals, SIGINT);
	if (sigprocmask(SIG_BLOCK, &signals, NULL) < 0)
		return -errno;
	r = sd_event_new(&sim->event);
	if (r >= 0)
		r = sd_event_add_signal(sim->event, NULL, SIGTERM, NULL, NULL);
	if (r >= 0)
		r = sd_event_add_signal(sim->event, NULL, SIGINT, NULL, NULL);
	if (r >= 0 && sim->state != NULL)
		r = sd_event_add_post(sim->event, &sim->post, on_post, sim);

	return r < 0 ? r : 0;
}

static int start_node(struct sim *sim, const struct options *options)
{
	int r;

	r = node_init(&sim->node, options->id);
	if (r < 0)
		return r;
	if (options->state != NULL) {
		r = node_load(&sim->node, options->state);
		if (r == 0)
			return 0;
		if (r != -ENOENT) {
			(void)fprintf(stderr,
				"simnode: %s is no state of a simnode\n",
				options->state);
			return EXIT_FAILURE;
		}
		sim->node.changed = true;
	}

	return node_preload(&sim->node, options->preload);
}

static int start_server(struct sim *sim, const struct options *options)
{
	int r;

	r = server_open(sim->event, options->socket, &sim->node, &sim->faults,
		&sim->say, &sim->server);
	if (r == 0)
		return 0;

	(void)fprintf(stderr, "simnode: cannot listen at %s: %s\n",
		options->socket,
		r == SERVER_E_IN_USE ? "another program answers there"
				     : strerror(-r));
	return EXIT_FAILURE;
}

static int start_bolt8(struct sim *sim, const struct options *options)
{
	struct secret32 *key = &sim->callers.key;
	uint16_t port;
	int r;

	if (!options->bolt8)
		return 0;
	if (options->key != NULL)
		(void)!hex_decode(options->key, key->bytes, sizeof(key->bytes));
	else
		(void)!getrandom(key->bytes, sizeof(key->bytes), 0);
	sim->callers.rune = options->rune;
	sim->callers.methods = options->methods;
	r = caller_id(key, sim->node.id);
	if (r == 0)
		r = server_listen(
			sim->server, options->port, &sim->callers, &port);
	if (r < 0) {
		(void)fprintf(stderr, "simnode: cannot listen for BOLT 8: %s\n",
			strerror(-r));
		return EXIT_FAILURE;
	}

	(void)snprintf(sim->address, sizeof(sim->address), "%s@127.0.0.1:%u",
		sim->node.id, (unsigned int)port);
	return 0;
}

static int start_console(struct sim *sim, const struct options *options)
{
	char why[CONSOLE_WHY_SIZE];

	sim->world = (struct console_world){
		.node = &sim->node,
		.faults = &sim->faults,
		.server = sim->server,
		.say = &sim->say,
	};
	for (size_t i = 0; i < options->n_faults; i++) {
		if (console_run(&sim->world, options->faults[i], why))
			continue;
		(void)fprintf(stderr, "simnode: --fault \"%s\": %s\n",
			options->faults[i], why);
		return EXIT_USAGE;
	}

	return console_open(
		sim->event, STDIN_FILENO, &sim->world, &sim->console);
}

static int run(struct sim *sim, const struct options *options)
{
	int r;

	sim->state = options->state;
	sim->say = (struct say){ stdout, clock_boottime_ms() };
	r = start_loop(sim);
	if (r == 0)
		r = start_node(sim, options);
	if (r == 0)
		r = start_server(sim, options);
	if (r == 0)
		r = start_bolt8(sim, options);
	if (r != 0)
		return r;

	say(&sim->say, "{s:s, s:s, s:s*}", "ready", options->socket, "id",
		sim->node.id, "bolt8", options->bolt8 ? sim->address : NULL);
	r = start_console(sim, options);
	if (r != 0)
		return r;
	r = sd_event_loop(sim->event);
	/* What no event came after. */
	if (r == 0 && sim->state != NULL && sim->node.changed)
		r = node_save(&sim->node, sim->state);

	return r;
}

static int serve(const struct options *options)
{
	struct sim sim = { 0 };
	int r;

	r = run(&sim, options);
	sim.console = console_free(sim.console);
	sim.server = server_free(sim.server);
	sd_event_source_disable_unref(sim.post);
	sd_event_unref(sim.event);
	node_deinit(&sim.node);
	if (r == 0)
		say(&sim.say, "{s:s}", "stopped", "on request");
	if (r < 0) {
		(void)fprintf(stderr, "simnode: %s\n", strerror(-r));
		return EXIT_FAILURE;
	}

	return r;
}

int main(int argc, char **argv)
{
	struct options options;
	int r;

	r = options_read(argc, argv, &options);
	if (r != 0)
		return r == OPTIONS_E_HELP ? EXIT_SUCCESS : EXIT_USAGE;

	if (options.method != NULL)
		r = ask(options.socket, options.method, options.params);
	else
		r = serve(&options);
	options_deinit(&options);
	return r;
}
