/* SPDX-License-Identifier: MIT */

/*
 * simcar - a Model 3 in software
 *
 * The car's side of the vehicle-command protocol, done properly: it exists to
 * catch its clients, not to please them.  What is identical by nature on both
 * sides (messages, metadata, framing, primitives) is shared with the bridge;
 * what is judgement is written here anew.
 *
 * Spec: architecture 8, vehicle-protocol.
 */

#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "air.h"
#include "callsign.h"
#include "car.h"
#include "console.h"
#include "keyfile.h"
#include "links.h"
#include "options.h"
#include "util/bytes.h"
#include "util/clock.h"
#include "wire.h"

enum {
	EXIT_USAGE = 2,
};

struct sim {
	sd_event *event;
	sd_event_source *timer;
	sd_event_source *post;
	struct say say;
	struct car car;
	struct links *links;
	struct wire *wire;
	struct air *air;
	char name[CALLSIGN_NAME_SIZE];
	struct console *console;
};

static int random_bytes(void *userdata, uint8_t *ret, size_t len)
{
	(void)userdata;
	return getrandom(ret, len, 0) == (ssize_t)len ? 0 : -EIO;
}

static void outlet_send(void *userdata, int link, const uint8_t *bytes,
	size_t len, uint64_t delay_ms)
{
	struct sim *sim = userdata;

	links_send(sim->links, link, bytes, len, delay_ms);
}

static void outlet_drop(void *userdata, int link)
{
	struct sim *sim = userdata;

	links_drop(sim->links, link);
}

static int on_message(
	void *userdata, int link, const uint8_t *message, size_t len)
{
	struct sim *sim = userdata;

	return car_receive(&sim->car, clock_boottime_ms(), link, message, len);
}

static int on_broadcast(void *userdata)
{
	struct sim *sim = userdata;

	return car_broadcast(&sim->car);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct sim *sim = userdata;
	int r;

	(void)source;
	(void)usec;
	r = car_tick(&sim->car, clock_boottime_ms());
	if (r < 0)
		(void)sd_event_exit(sim->event, r);
	return 0;
}

/* After each event: what waits goes out, and the timer is set anew. */
static int on_post(sd_event_source *source, void *userdata)
{
	struct sim *sim = userdata;
	uint64_t deadline, at;

	(void)source;
	links_flush(sim->links);
	if (sim->air != NULL)
		air_settle(sim->air);
	deadline = car_deadline(&sim->car);
	at = links_deadline(sim->links);
	if (at < deadline)
		deadline = at;
	if (deadline == CLOCK_NEVER)
		return sd_event_source_set_enabled(sim->timer, SD_EVENT_OFF);

	/* Milliseconds here, microseconds there. */
	(void)sd_event_source_set_time(sim->timer, deadline * 1000);
	return sd_event_source_set_enabled(sim->timer, SD_EVENT_ONESHOT);
}

static int load_key(
	const struct options *options, size_t i, struct signer **ret)
{
	char why[KEYFILE_WHY_SIZE];

	if (i >= options->n_keys)
		return signer_generate(ret);
	if (keyfile_private(options->keys[i], ret, why))
		return 0;
	(void)fprintf(stderr, "simcar: --key: %s\n", why);
	return EXIT_USAGE;
}

/* Puts one key on the whitelist; its options have been checked. */
static int enrol(struct sim *sim, const char *text)
{
	_cleanup_(freep) char *path = strdup(text);
	char why[KEYFILE_WHY_SIZE];
	uint8_t public[SIGNER_PUBLIC_SIZE];
	Keys__Role role;
	char *colon;
	int r;

	if (path == NULL)
		return -ENOMEM;
	colon = strrchr(path, ':');
	*colon = '\0';
	(void)role_parse(colon + 1, &role);
	if (!keyfile_public(path, public, why)) {
		(void)fprintf(stderr, "simcar: --enrol: %s\n", why);
		return EXIT_USAGE;
	}

	r = car_enrol(&sim->car, clock_boottime_ms(), public, role, 0, true);
	if (r == -EEXIST) {
		(void)fprintf(stderr,
			"simcar: --enrol: the key in %s is given twice\n",
			path);
		return EXIT_USAGE;
	}

	return r < 0 ? r : 0;
}

static int start_car(struct sim *sim, const struct options *options)
{
	_cleanup_(signer_freep) struct signer *vcsec = NULL;
	_cleanup_(signer_freep) struct signer *infotainment = NULL;
	const struct outlet outlet = {
		.send = outlet_send,
		.drop = outlet_drop,
		.random = random_bytes,
		.userdata = sim,
	};
	int r;

	r = load_key(options, 0, &vcsec);
	if (r == 0)
		r = load_key(options, 1, &infotainment);
	if (r != 0)
		return r;
	r = car_init(&sim->car, options->vin, steal_ptr(&vcsec),
		steal_ptr(&infotainment), &outlet, &sim->say,
		clock_boottime_ms());
	if (r < 0)
		return r;

	for (size_t i = 0; i < options->n_enrolments; i++) {
		r = enrol(sim, options->enrolments[i]);
		if (r != 0)
			return r;
	}
	sim->car.world.drive_refused = options->drive_refused;
	sim->car.world.drive_ms = options->drive_ms;
	sim->car.old_firmware = options->old_firmware;
	sim->car.asleep_answers = options->asleep_answers;
	sim->car.late_ms = options->late_ms;
	sim->car.tap_after_ms = options->tap_after_ms;
	sim->car.tap_timeout_ms = options->tap_timeout_ms;
	sim->car.sync_ms = options->sync_ms;
	sim->car.faults = options->faults;
	sim->car.world.boot_ms = options->boot_ms;
	sim->car.world.sleep_after_ms = options->sleep_after_ms;
	if (options->asleep)
		world_sleep(&sim->car.world, false);

	return 0;
}

static int start_links(struct sim *sim, const struct options *options)
{
	const struct links_handler handler = {
		.message = on_message,
		.broadcast = on_broadcast,
		.userdata = sim,
	};
	int r;

	r = links_new(&handler, &sim->say, &sim->car.faults, &sim->links);
	if (r < 0)
		return r;
	links_set_mtu(sim->links, options->mtu);
	links_set_idle(sim->links, options->idle_ms);
	return 0;
}

static int start_wire(struct sim *sim, const struct options *options)
{
	int r;

	if (options->socket == NULL)
		return 0;
	r = wire_open(sim->event, options->socket, sim->links, &sim->wire);
	if (r == 0)
		return 0;

	(void)fprintf(stderr, "simcar: cannot listen at %s: %s\n",
		options->socket,
		r == WIRE_E_IN_USE ? "another program answers there"
				   : strerror(-r));
	return EXIT_FAILURE;
}

static int start_air(struct sim *sim, const struct options *options)
{
	int r;

	if (options->bluez == NULL)
		return 0;
	r = callsign_of_vin(sim->car.crypto, options->vin, sim->name);
	if (r < 0)
		return r;
	r = air_open(sim->event, options->bluez, sim->name, sim->links,
		&sim->say, &sim->air);

	/* It has said what is wrong. */
	return r < 0 ? EXIT_FAILURE : 0;
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
	if (r >= 0)
		r = sd_event_add_time(sim->event, &sim->timer, CLOCK_BOOTTIME,
			0, 1000, on_timer, sim);
	if (r >= 0)
		r = sd_event_add_post(sim->event, &sim->post, on_post, sim);

	return r < 0 ? r : 0;
}

static void say_ready(const struct sim *sim, const struct options *options)
{
	char vcsec[HEX_SIZE(SIGNER_PUBLIC_SIZE)];
	char infotainment[HEX_SIZE(SIGNER_PUBLIC_SIZE)];

	hex_encode(sim->car.vcsec.public, SIGNER_PUBLIC_SIZE, vcsec);
	hex_encode(
		sim->car.infotainment.public, SIGNER_PUBLIC_SIZE, infotainment);
	say(&sim->say, "{s:s,s:s,s:{s:s,s:s},s:i}", "ready",
		options->socket != NULL ? options->socket : options->bluez,
		"vin", options->vin, "keys", "vcsec", vcsec, "infotainment",
		infotainment, "enrolled", (int)options->n_enrolments);
}

static int run(struct sim *sim, const struct options *options)
{
	int r;

	r = start_loop(sim);
	if (r == 0)
		r = start_car(sim, options);
	if (r == 0)
		r = start_links(sim, options);
	if (r == 0)
		r = start_wire(sim, options);
	if (r != 0)
		return r;

	sim->say.start_ms = clock_boottime_ms();
	r = start_air(sim, options);
	if (r != 0)
		return r;
	say_ready(sim, options);
	r = car_settle(&sim->car, clock_boottime_ms());
	if (r == 0)
		r = console_open(sim->event, STDIN_FILENO, &sim->car,
			sim->links, &sim->console);
	if (r == 0)
		r = sd_event_loop(sim->event);

	return r;
}

int main(int argc, char **argv)
{
	struct sim sim = {
		.say = { .out = stdout },
	};
	struct options options;
	int r;

	r = options_read(argc, argv, &options);
	if (r != 0)
		return r == OPTIONS_E_HELP ? EXIT_SUCCESS : EXIT_USAGE;

	r = run(&sim, &options);
	/* First is said which links end; then the car may go. */
	sim.console = console_free(sim.console);
	sim.air = air_free(sim.air);
	sim.wire = wire_free(sim.wire);
	sim.links = links_free(sim.links);
	if (sim.car.say != NULL)
		car_deinit(&sim.car);
	sd_event_source_disable_unref(sim.timer);
	sd_event_source_disable_unref(sim.post);
	sd_event_unref(sim.event);
	if (r == 0)
		say(&sim.say, "{s:s}", "stopped", "on request");
	if (r < 0)
		(void)fprintf(stderr, "simcar: %s\n", strerror(-r));

	return r < 0 ? EXIT_FAILURE : r;
}
