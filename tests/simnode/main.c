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
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "ask.h"
#include "call.h"
#include "console.h"
#include "htlc.h"
#include "options.h"
#include "payee.h"
#include "plugins.h"
#include "server.h"
#include "util/bytes.h"
#include "util/clock.h"

enum {
	EXIT_USAGE = 2,
};

struct sim {
	sd_event *event;
	sd_event_source *post;
	sd_event_source *last; /* after all answers have gone out */
	const struct options *options;
	struct node node;
	struct faults faults;
	struct say say;
	struct caller_config callers;
	struct caller_halves halves;
	char address[NODE_ID_SIZE + 32]; /* of --bolt8 */
	struct plugins_config config;
	struct world world;
	struct call *stopper; /* asked for the stop, or NULL */
	bool stops;
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
	r = node_save(&sim->node, sim->options->state);
	if (r < 0)
		(void)sd_event_exit(sim->event, r);
	return 0;
}

static int on_last(sd_event_source *source, void *userdata)
{
	struct sim *sim = userdata;

	(void)source;
	return sd_event_exit(sim->event, 0);
}

/* All plugins are gone. */
static void on_stopped(void *userdata)
{
	struct sim *sim = userdata;
	json_t *done = json_string("Shutdown complete");

	call_succeed(steal_ptr(&sim->stopper), done);
	json_decref(done);
	if (sd_event_add_defer(sim->event, &sim->last, on_last, sim) < 0 ||
		sd_event_source_set_priority(
			sim->last, SD_EVENT_PRIORITY_IDLE) < 0)
		(void)sd_event_exit(sim->event, 0);
}

static void stop(struct world *world, struct call *call)
{
	struct sim *sim = (struct sim *)world->owner;

	/* Who asks twice does not want to wait. */
	if (sim->stops) {
		(void)call_free(call);
		(void)sd_event_exit(sim->event, 0);
		return;
	}
	sim->stops = true;
	sim->stopper = call;
	server_close(world->server);
	plugins_stop(world->plugins);
}

static int on_signal(sd_event_source *source,
	const struct signalfd_siginfo *info, void *userdata)
{
	struct sim *sim = userdata;

	(void)source;
	(void)info;
	stop(&sim->world, NULL);
	return 0;
}

static int start_loop(struct sim *sim)
{
	sigset_t signals;
	int r;

	(void)sigemptyset(&signals);
	(void)sigaddset(&signals, SIGTERM);
	(void)sigaddset(&signals, SIGINT);
	if (sigprocmask(SIG_BLOCK, &signals, NULL) < 0 ||
		signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		return -errno;
	r = sd_event_new(&sim->event);
	if (r >= 0)
		r = sd_event_add_signal(
			sim->event, NULL, SIGTERM, on_signal, sim);
	if (r >= 0)
		r = sd_event_add_signal(
			sim->event, NULL, SIGINT, on_signal, sim);
	if (r >= 0 && sim->options->state != NULL)
		r = sd_event_add_post(sim->event, &sim->post, on_post, sim);
	/* Saved before anything of it is told. */
	if (r >= 0 && sim->post != NULL)
		r = sd_event_source_set_priority(
			sim->post, SD_EVENT_PRIORITY_IMPORTANT);

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

	r = server_open(options->socket, &sim->world, &sim->world.server);
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
	sim->callers.halves = &sim->halves;
	sim->callers.rune = options->rune;
	sim->callers.methods = options->methods;
	r = caller_id(key, sim->node.id);
	if (r == 0)
		r = server_listen(
			sim->world.server, options->port, &sim->callers, &port);
	if (r < 0) {
		(void)fprintf(stderr, "simnode: cannot listen for BOLT 8: %s\n",
			strerror(-r));
		return EXIT_FAILURE;
	}

	(void)snprintf(sim->address, sizeof(sim->address), "%s@127.0.0.1:%u",
		sim->node.id, (unsigned int)port);
	return 0;
}

/* Lines of --fault, and then those of standard input. */
static int start_console(struct sim *sim)
{
	const struct options *options = sim->options;
	char why[CONSOLE_WHY_SIZE];

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

/* All plugins are initialised: what was held comes again. */
static void on_ready(void *userdata)
{
	struct sim *sim = userdata;
	int r;

	say(&sim->say, "{s:s, s:s, s:s*}", "ready", sim->options->socket, "id",
		sim->node.id, "bolt8",
		sim->options->bolt8 ? sim->address : NULL);
	htlcs_replay(sim->world.htlcs);
	r = start_console(sim);
	if (r != 0)
		(void)sd_event_exit(sim->event, r);
}

/* @path from the root, without looking at it. */
static char *from_root(const char *path)
{
	_cleanup_(freep) char *here = getcwd(NULL, 0);
	char *full;

	if (*path == '/')
		return strdup(path);
	return here == NULL || asprintf(&full, "%s/%s", here, path) < 0 ? NULL
									: full;
}

/* Where plugins run, and how they find the socket from there. */
static int configure(struct sim *sim, const struct options *options)
{
	struct plugins_config *config = &sim->config;
	_cleanup_(freep) char *folder = NULL;
	_cleanup_(freep) char *socket = from_root(options->socket);
	size_t len;
	int r;

	if (options->folder != NULL)
		r = asprintf(&folder, "%s", options->folder);
	else if (options->state != NULL)
		r = asprintf(&folder, "%s.d", options->state);
	else
		r = asprintf(&folder, "/tmp/simnode-%d", (int)getpid());
	if (r < 0)
		return -ENOMEM;
	config->root = from_root(folder);
	if (socket == NULL || config->root == NULL ||
		asprintf(&config->folder, "%s/regtest", config->root) < 0)
		return -ENOMEM;

	/* In the folder itself it has no other name there. */
	len = strlen(config->folder);
	if (strncmp(socket, config->folder, len) == 0 && socket[len] == '/')
		config->rpc_file = strdup(socket + len + 1);
	else
		config->rpc_file = steal_ptr(&socket);
	if (config->rpc_file == NULL)
		return -ENOMEM;
	config->settings = options->settings;
	config->on_ready = on_ready;
	config->on_stopped = on_stopped;
	config->userdata = sim;
	sim->world.folder = config->folder;
	return 0;
}

static int start_plugins(struct sim *sim, const struct options *options)
{
	int r;

	if (setenv("LIGHTNINGD_PLUGIN", "1", 1) < 0 ||
		setenv("LIGHTNINGD_VERSION", PLUGINS_VERSION, 1) < 0)
		return -errno;
	r = plugins_new(&sim->world, &sim->config, &sim->world.plugins);
	if (r == 0)
		r = htlcs_new(&sim->world, &sim->world.htlcs);
	if (r == 0)
		r = payee_new(&sim->world, &sim->world.payee);
	if (r < 0)
		return r;
	for (size_t i = 0; i < options->n_plugins; i++) {
		r = plugins_start(
			sim->world.plugins, options->plugins[i], NULL, NULL);
		if (r == 0)
			continue;
		(void)fprintf(stderr, "simnode: cannot start %s: %s\n",
			options->plugins[i],
			r == -EALREADY ? "it is given twice" : strerror(-r));
		return EXIT_FAILURE;
	}

	plugins_begin(sim->world.plugins);
	return 0;
}

static int run(struct sim *sim)
{
	const struct options *options = sim->options;
	int r;

	sim->say = (struct say){ stdout, clock_boottime_ms() };
	r = start_loop(sim);
	sim->world = (struct world){
		.event = sim->event,
		.node = &sim->node,
		.faults = &sim->faults,
		.say = &sim->say,
		.stop = stop,
		.owner = sim,
	};
	if (r == 0)
		r = start_node(sim, options);
	if (r == 0)
		r = configure(sim, options);
	if (r == 0)
		r = start_server(sim, options);
	if (r == 0)
		r = start_bolt8(sim, options);
	if (r == 0)
		r = start_plugins(sim, options);
	if (r != 0)
		return r;

	r = sd_event_loop(sim->event);
	/* What no event came after. */
	if (r == 0 && options->state != NULL && sim->node.changed)
		r = node_save(&sim->node, options->state);

	return r;
}

/* A thousand cars are a thousand connections. */
static void raise_limits(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

static int serve(const struct options *options)
{
	struct sim sim = { .options = options };
	int r;

	raise_limits();
	r = run(&sim);
	sim.console = console_free(sim.console);
	sim.world.server = server_free(sim.world.server);
	sim.world.plugins = plugins_free(sim.world.plugins);
	sim.world.htlcs = htlcs_free(sim.world.htlcs);
	sim.world.payee = payee_free(sim.world.payee);
	(void)call_free(sim.stopper);
	sd_event_source_disable_unref(sim.last);
	sd_event_source_disable_unref(sim.post);
	sd_event_unref(sim.event);
	node_deinit(&sim.node);
	free(sim.config.root);
	free(sim.config.folder);
	free(sim.config.rpc_file);
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
