/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * A link over the fake org.bluez and a fake clock: for test-bluez-*.c, which
 * include it once each.
 */

#include "link/bluez.h"

#include <stdio.h>
#include <string.h>

#include "fake-bluez.h"
#include "fake-clock.h"
#include "test.h"
#include "util/macro.h"

enum {
	OPEN_MS = 60 * 1000,
	CAR = 0,
};

struct world {
	sd_event *event;
	struct fake_bluez bluez;
	struct fake_adapter *adapter; /* hci0 */
	struct fake_device *car;
	struct link_bluez_config config;
	struct link *link;

	/* A letter per event: U S B D, and H for any number of LINK_HEARD. */
	char told[256];
	unsigned int n_heard;
	int rssi;
	size_t mtu;
	enum link_reason reason;
	int error;
	bool issued;
	uint8_t bytes[8192];
	size_t n_bytes;
	void (*then)(struct world *w, const struct link_event *event);
	bool may_wait; /* for answers */
};

/* Nothing of the link may wait for an answer unasked: style, rule 6. */
static struct world *the_world;

int __wrap_sd_bus_wait(sd_bus *bus, uint64_t usec);
int __wrap_sd_bus_call(sd_bus *bus, sd_bus_message *m, uint64_t usec,
	sd_bus_error *error, sd_bus_message **reply);
int __wrap_sd_bus_call_method(sd_bus *bus, const char *destination,
	const char *path, const char *interface, const char *member,
	sd_bus_error *error, sd_bus_message **reply, const char *types, ...);
int __wrap_sd_bus_add_match(sd_bus *bus, sd_bus_slot **slot, const char *match,
	sd_bus_message_handler_t callback, void *userdata);
int __wrap_sd_bus_match_signal(sd_bus *bus, sd_bus_slot **ret,
	const char *sender, const char *path, const char *interface,
	const char *member, sd_bus_message_handler_t callback, void *userdata);

static inline int blocks(const char *function)
{
	fake_bluez_find(&the_world->bluez, "blocks in %s", function);
	return -EDEADLK;
}

/* The world goes on meanwhile, but not the loop of who waits. */
int __wrap_sd_bus_wait(sd_bus *bus, uint64_t usec)
{
	struct fake_bluez *bluez = &the_world->bluez;
	uint64_t end_ms = usec == UINT64_MAX ? UINT64_MAX
					     : fake_clock_now() + usec / 1000;

	(void)bus;
	if (!the_world->may_wait)
		return blocks("sd_bus_wait");
	if (fake_bluez_serve(bluez))
		return 1;
	if (fake_bluez_next(bluez) < end_ms)
		end_ms = fake_bluez_next(bluez);
	cr_assert_neq(end_ms, UINT64_MAX, "waits for ever");
	if (end_ms > fake_clock_now())
		fake_clock_set(end_ms);
	fake_bluez_run_due(bluez);
	return 1;
}

struct answer {
	sd_bus_message *reply;
};

static inline int on_answer(sd_bus_message *m, void *userdata, sd_bus_error *e)
{
	(void)e;
	((struct answer *)userdata)->reply = sd_bus_message_ref(m);
	return 0;
}

int __wrap_sd_bus_call(sd_bus *bus, sd_bus_message *m, uint64_t usec,
	sd_bus_error *error, sd_bus_message **reply)
{
	const uint64_t end_ms = fake_clock_now() + usec / 1000;
	struct answer answer = { 0 };
	sd_bus_slot *slot = NULL;
	int r;

	if (!the_world->may_wait)
		return blocks("sd_bus_call");
	cr_assert_neq(usec, 0, "for sd-bus, that is 25 s");
	r = sd_bus_call_async(bus, &slot, m, on_answer, &answer, UINT64_MAX);
	while (r >= 0 && answer.reply == NULL && fake_clock_now() < end_ms) {
		r = sd_bus_process(bus, NULL);
		if (r == 0)
			r = __wrap_sd_bus_wait(
				bus, (end_ms - fake_clock_now()) * 1000);
	}
	sd_bus_slot_unref(slot);
	if (r >= 0 && answer.reply == NULL)
		r = -ETIMEDOUT;
	if (r >= 0 && sd_bus_message_is_method_error(answer.reply, NULL) > 0)
		r = error == NULL
			    ? -sd_bus_message_get_errno(answer.reply)
			    : sd_bus_error_copy(error,
				      sd_bus_message_get_error(answer.reply));
	if (r >= 0 && reply != NULL)
		*reply = sd_bus_message_ref(answer.reply);
	sd_bus_message_unref(answer.reply);
	return r < 0 ? r : 1;
}

int __wrap_sd_bus_call_method(sd_bus *bus, const char *destination,
	const char *path, const char *interface, const char *member,
	sd_bus_error *error, sd_bus_message **reply, const char *types, ...)
{
	(void)bus, (void)destination, (void)path, (void)interface;
	(void)member, (void)error, (void)reply, (void)types;
	return blocks("sd_bus_call_method");
}

int __wrap_sd_bus_add_match(sd_bus *bus, sd_bus_slot **slot, const char *match,
	sd_bus_message_handler_t callback, void *userdata)
{
	(void)bus, (void)slot, (void)match, (void)callback, (void)userdata;
	return blocks("sd_bus_add_match");
}

int __wrap_sd_bus_match_signal(sd_bus *bus, sd_bus_slot **ret,
	const char *sender, const char *path, const char *interface,
	const char *member, sd_bus_message_handler_t callback, void *userdata)
{
	(void)bus, (void)ret, (void)sender, (void)path, (void)interface;
	(void)member, (void)callback, (void)userdata;
	return blocks("sd_bus_match_signal");
}

static inline void on_link(void *userdata, const struct link_event *event)
{
	static const char letters[] = "HUSBD";
	struct world *w = userdata;
	size_t n = strlen(w->told);

	cr_assert_lt(n, sizeof(w->told) - 1);
	switch (event->type) {
	case LINK_HEARD:
		w->n_heard++;
		w->rssi = event->rssi;
		if (n > 0 && w->told[n - 1] == 'H')
			n--;
		break;
	case LINK_UP:
		w->mtu = event->mtu;
		break;
	case LINK_SENT:
		break;
	case LINK_BYTES:
		cr_assert_leq(event->len, sizeof(w->bytes) - w->n_bytes);
		memcpy(w->bytes + w->n_bytes, event->data, event->len);
		w->n_bytes += event->len;
		break;
	case LINK_DOWN:
		w->reason = event->reason;
		w->error = event->error;
		w->issued = event->issued;
		break;
	}
	w->told[n] = letters[event->type];
	if (w->then != NULL)
		w->then(w, event);
}

static inline void settle(struct world *w)
{
	unsigned int n = 0;

	do {
		fake_bluez_run_due(&w->bluez);
		while (sd_event_run(w->event, 0) > 0)
			cr_assert_lt(++n, 100 * 1000, "runs in a circle");
	} while (fake_bluez_next(&w->bluez) <= fake_clock_now());
}

/* Goes on to what happens next, by at most until @end_ms. */
static inline void step(struct world *w, uint64_t end_ms)
{
	uint64_t next_ms = fake_clock_next();

	if (fake_bluez_next(&w->bluez) < next_ms)
		next_ms = fake_bluez_next(&w->bluez);
	if (next_ms < fake_clock_now())
		next_ms = fake_clock_now();
	fake_clock_set(next_ms < end_ms ? next_ms : end_ms);
	settle(w);
}

static inline void pass(struct world *w, uint64_t ms)
{
	const uint64_t end_ms = fake_clock_now() + ms;

	settle(w);
	while (fake_clock_now() < end_ms)
		step(w, end_ms);
}

/* Until @letter is told; fails if it is not within @ms. */
static inline void pass_until(struct world *w, char letter, uint64_t ms)
{
	const uint64_t end_ms = fake_clock_now() + ms;

	settle(w);
	while (strchr(w->told, letter) == NULL) {
		cr_assert_lt(fake_clock_now(), end_ms,
			"no %c but '%s' (%d) after %s", letter, w->told,
			w->error, w->bluez.calls);
		step(w, end_ms);
	}
}

/* Until @what becomes true. */
#define pass_until_true(w, what, ms)                                   \
	do {                                                           \
		const uint64_t end_ = fake_clock_now() + (ms);         \
		settle(w);                                             \
		while (!(what)) {                                      \
			cr_assert_lt(fake_clock_now(), end_,           \
				#what " does not come, '%s' after %s", \
				(w)->told, (w)->bluez.calls);          \
			step(w, end_);                                 \
		}                                                      \
	} while (0)

static inline void setup(struct world *w, enum fake_version version)
{
	memset(w, 0, sizeof(*w));
	the_world = w;
	cr_assert_geq(sd_event_new(&w->event), 0);
	fake_bluez_init(&w->bluez, w->event, version);
	w->adapter = &w->bluez.adapters[0];
	w->car = &w->bluez.devices[CAR];
	w->config = (struct link_bluez_config){
		.name = "S1a87a5a75f3df858C",
		.adapter = "",
		.open_bus = fake_bluez_open_bus,
		.userdata = &w->bluez,
	};
}

static inline void open_within(struct world *w, uint64_t timeout_ms)
{
	if (w->link == NULL) {
		cr_assert_eq(link_bluez_new(w->event, &w->config, &w->link), 0);
		link_set_handler(w->link, on_link, w);
	}
	memset(w->told, 0, sizeof(w->told));
	cr_assert_eq(link_open(w->link, timeout_ms), 0);
}

/* Opens it, and goes on until it is up. */
static inline void open_up(struct world *w)
{
	open_within(w, OPEN_MS);
	pass_until(w, 'U', OPEN_MS);
}

/* Opens it, and goes on until it is down for @reason. */
static inline void open_fails(
	struct world *w, uint64_t timeout_ms, enum link_reason reason)
{
	open_within(w, timeout_ms);
	pass_until(w, 'D', timeout_ms + 1);
	cr_assert_eq(w->reason, reason, "down as %s, after %s",
		link_reason_name(w->reason), w->bluez.calls);
}

static inline void setup_up(struct world *w, enum fake_version version)
{
	setup(w, version);
	open_up(w);
	cr_assert_str_eq(w->told, "HU");
}

/* The link is closed and has come to rest: nothing of it is left behind. */
static inline void expect_rest(struct world *w)
{
	cr_assert_eq(fake_bluez_n_clients(&w->bluez), 0, "a bus is left");
	cr_assert_eq(fake_clock_n_armed(), 0, "a timer is left");
	cr_assert_not(w->car->connected, "the car is left connected");
	cr_assert_not(w->car->connecting, "the car is left connecting");
}

static inline void expect_no_findings(struct world *w)
{
	cr_assert_eq(w->bluez.n_findings, 0, "%safter %s", w->bluez.findings,
		w->bluez.calls);
}

/* Whatever state it is in: frees all, and nothing wrong was asked. */
static inline void teardown(struct world *w)
{
	w->link = link_free(w->link);
	settle(w);
	expect_no_findings(w);
	cr_assert_eq(fake_clock_n_armed(), 0, "a timer is left");
	fake_bluez_deinit(&w->bluez);
	w->event = sd_event_unref(w->event);
}

/* It works again, in whichever way it ended. */
static inline void expect_usable(struct world *w)
{
	link_close(w->link);
	w->bluez.n_heard = 0;
	open_up(w);
	cr_assert_eq(link_send(w->link, (const uint8_t *)"abc", 3), 0);
	pass_until(w, 'S', 1000);
	cr_assert_eq(w->bluez.n_heard, 3);
	teardown(w);
}

static const enum fake_version versions[] = { BLUEZ_5_66, BLUEZ_5_82 };

/* The body is run against each version of BlueZ. */
#define TEST_VERSIONS(suite, name)                                    \
	static void suite##_##name##_with(enum fake_version version); \
	TEST(suite, name)                                             \
	{                                                             \
		for (size_t i = 0; i < ARRAY_SIZE(versions); i++)     \
			suite##_##name##_with(versions[i]);           \
	}                                                             \
	static void suite##_##name##_with(enum fake_version version)
