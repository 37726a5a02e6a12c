/* SPDX-License-Identifier: MIT */

#include "daemon/bus.h"

#include <string.h>
#include <time.h>

#include "model/api.h"
#include "util/clock.h"
#include "util/log.h"

struct bus {
	sd_event *event;
	struct api_config config;

	sd_bus *connection;
	struct api *api;
	/* Drops the connection if it is lost, else makes a new one. */
	sd_event_source *timer;
	bool is_lost;
	uint64_t backoff_ms;
	bool told;
};

static void arm(struct bus *bus, uint64_t ms)
{
	int r;

	r = sd_event_source_set_time_relative(bus->timer, ms * 1000);
	if (r >= 0)
		r = sd_event_source_set_enabled(bus->timer, SD_EVENT_ONESHOT);
	if (r < 0)
		log_error("cannot set a timer: %s", strerror(-r));
}

/* Not from here: this may be a callback of the very connection. */
static void lose(struct bus *bus, int error)
{
	if (bus->is_lost)
		return;
	bus->is_lost = true;
	arm(bus, 0);
	if (bus->told)
		return;
	bus->told = true;
	log_warning("not on D-Bus: %s; payments are taken all the same, but "
		    "1sat2flash does not find the bridge; trying again",
		error == -EEXIST     ? "another bridge is"
		: error == -ENOTCONN ? "it went away"
				     : strerror(-error));
}

static void settle(struct bus *bus)
{
	bus->backoff_ms = BUS_BACKOFF_MIN_MS;
	if (bus->told)
		log_notice("on D-Bus again");
	bus->told = false;
}

static int on_disconnected(
	sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	(void)m;
	(void)error;
	lose(userdata, -ENOTCONN);
	return 0;
}

static int on_name(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	enum {
		PRIMARY_OWNER = 1, /* D-Bus specification, RequestName */
	};
	struct bus *bus = userdata;
	uint32_t answer;
	int r;

	(void)error;
	if (sd_bus_message_is_method_error(m, NULL)) {
		lose(bus, -sd_bus_message_get_errno(m));
		return 0;
	}
	r = sd_bus_message_read(m, "u", &answer);
	if (r >= 0 && answer == PRIMARY_OWNER)
		settle(bus);
	else
		lose(bus, r < 0 ? r : -EEXIST);
	return 0;
}

static int connect_bus(struct bus *bus, bool may_wait)
{
	int r;

	r = sd_bus_open_system(&bus->connection);
	if (r >= 0)
		r = sd_bus_attach_event(
			bus->connection, bus->event, SD_EVENT_PRIORITY_NORMAL);
	if (r >= 0)
		r = sd_bus_match_signal(bus->connection, NULL, NULL, NULL,
			"org.freedesktop.DBus.Local", "Disconnected",
			on_disconnected, bus);
	if (r >= 0)
		r = api_new(bus->connection, &bus->config, &bus->api);
	if (r < 0)
		return r;

	if (!may_wait)
		return sd_bus_request_name_async(
			bus->connection, NULL, API_BUS_NAME, 0, on_name, bus);
	/* Who waits for READY finds the name taken. */
	r = sd_bus_request_name(bus->connection, API_BUS_NAME, 0);
	if (r >= 0)
		settle(bus);
	return r;
}

static void drop(struct bus *bus)
{
	bus->is_lost = false;
	bus->api = api_free(bus->api);
	bus->connection = sd_bus_close_unref(bus->connection);
	arm(bus, bus->backoff_ms);
	bus->backoff_ms =
		clock_earlier(2 * bus->backoff_ms, BUS_BACKOFF_MAX_MS);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct bus *bus = userdata;
	int r;

	(void)source;
	(void)usec;
	if (bus->is_lost) {
		drop(bus);
		return 0;
	}

	r = connect_bus(bus, false);
	if (r < 0)
		lose(bus, r);
	return 0;
}

int bus_new(sd_event *event, const struct api_config *config, struct bus **ret)
{
	_cleanup_(bus_freep) struct bus *bus = NULL;
	int r;

	bus = calloc(1, sizeof(*bus));
	if (bus == NULL)
		return -ENOMEM;
	bus->event = sd_event_ref(event);
	bus->config = *config;
	bus->backoff_ms = BUS_BACKOFF_MIN_MS;
	r = sd_event_add_time_relative(
		event, &bus->timer, CLOCK_MONOTONIC, 0, 0, on_timer, bus);
	if (r >= 0)
		r = sd_event_source_set_enabled(bus->timer, SD_EVENT_OFF);
	if (r < 0)
		return r;

	r = connect_bus(bus, true);
	if (r < 0)
		lose(bus, r);
	*ret = steal_ptr(&bus);
	return 0;
}

struct bus *bus_free(struct bus *bus)
{
	if (bus == NULL)
		return NULL;

	(void)sd_event_source_disable_unref(bus->timer);
	(void)api_free(bus->api);
	(void)sd_bus_flush_close_unref(bus->connection);
	(void)sd_event_unref(bus->event);
	free(bus);
	return NULL;
}

struct api *bus_api(const struct bus *bus)
{
	return bus == NULL ? NULL : bus->api;
}
