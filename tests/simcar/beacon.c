/* SPDX-License-Identifier: MIT */

#include "beacon.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapter.h"
#include "gatt.h"

enum {
	CALL_TIMEOUT_US = 10 * 1000 * 1000,
	RETRY_US = 1000 * 1000,
	WHY_SIZE = 400,
};

/* What has been reached; each step waits for the answer to one call. */
enum step {
	STEP_WAITING, /* for bluetoothd, or for the next attempt */
	STEP_LOOKING, /* for the adapter */
	STEP_POWERING,
	STEP_SERVING, /* registering the service */
	STEP_SILENT,  /* taking an advertisement back */
	STEP_ADVERTISING,
	STEP_UP,
};

struct beacon {
	sd_event *event;
	sd_bus *bus;
	struct beacon_config config;
	const struct say *say;
	sd_bus_slot *owner;
	sd_bus_slot *changed;
	sd_bus_slot *removed;
	sd_bus_slot *call;
	sd_event_source *retry;
	enum step step;
	bool was_up;
	bool connectable; /* as wanted */
	bool advertised;  /* as it was, connectable or not */
	struct adapter adapter;
};

/*
 * A program that never came up ends with a sentence; one that was up goes on
 * trying, for bluetoothd and adapters come back.
 */
static _printf_(2, 3) void fail(struct beacon *beacon, const char *format, ...)
{
	char why[WHY_SIZE];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(why, sizeof(why), format, args);
	va_end(args);

	beacon->step = STEP_WAITING;
	beacon->call = sd_bus_slot_unref(beacon->call);
	beacon->config.gone(beacon->config.userdata);
	if (!beacon->was_up) {
		(void)fprintf(stderr, "simcar: %s\n", why);
		(void)sd_event_exit(beacon->event, EXIT_FAILURE);
		return;
	}
	say(beacon->say, "{s:s,s:s}", "waiting", "bluetooth", "why", why);
	(void)sd_event_source_set_time_relative(beacon->retry, RETRY_US);
	(void)sd_event_source_set_enabled(beacon->retry, SD_EVENT_ONESHOT);
}

/* Calls @member of the adapter's @interface with @path and no options. */
static void call_manager(struct beacon *beacon, enum step step,
	const char *interface, const char *member, const char *path,
	sd_bus_message_handler_t then)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
	int r;

	beacon->step = step;
	beacon->call = sd_bus_slot_unref(beacon->call);
	r = sd_bus_message_new_method_call(beacon->bus, &m, "org.bluez",
		beacon->adapter.path, interface, member);
	if (r >= 0)
		r = sd_bus_message_append(m, "o", path);
	/* To take something back there are no options. */
	if (r >= 0 && step != STEP_SILENT)
		r = sd_bus_message_append(m, "a{sv}", 0);
	if (r >= 0)
		r = sd_bus_call_async(beacon->bus, &beacon->call, m, then,
			beacon, CALL_TIMEOUT_US);
	if (r < 0)
		fail(beacon, "cannot call BlueZ: %s", strerror(-r));
}

static int on_advertised(sd_bus_message *m, void *userdata, sd_bus_error *e)
{
	struct beacon *beacon = userdata;

	(void)e;
	if (sd_bus_message_is_method_error(m, NULL)) {
		fail(beacon, "%s does not advertise: %s",
			adapter_name(&beacon->adapter),
			sd_bus_message_get_error(m)->message);
		return 0;
	}

	beacon->step = STEP_UP;
	beacon->was_up = true;
	say(beacon->say, "{s:s,s:s,s:s,s:b}", "advertising",
		beacon->config.name, "adapter", adapter_name(&beacon->adapter),
		"address", beacon->adapter.address, "connectable",
		beacon->advertised);
	return 0;
}

static void advertise(struct beacon *beacon)
{
	/* Not connectable is how a full car looks: vehicle-protocol 1.1. */
	beacon->advertised = beacon->connectable;
	call_manager(beacon, STEP_ADVERTISING,
		"org.bluez.LEAdvertisingManager1", "RegisterAdvertisement",
		gatt_advertisement(beacon->advertised), on_advertised);
}

static int on_silent(sd_bus_message *m, void *userdata, sd_bus_error *e)
{
	/* An error: it was not there, which is as good. */
	(void)m;
	(void)e;
	advertise(userdata);
	return 0;
}

/* Advertises anew, whatever BlueZ still has of the last time. */
static void readvertise(struct beacon *beacon)
{
	call_manager(beacon, STEP_SILENT, "org.bluez.LEAdvertisingManager1",
		"UnregisterAdvertisement",
		gatt_advertisement(beacon->advertised), on_silent);
}

void beacon_set_connectable(struct beacon *beacon, bool connectable)
{
	beacon->connectable = connectable;
	if (beacon->step == STEP_UP && beacon->advertised != connectable)
		readvertise(beacon);
}

static int on_served(sd_bus_message *m, void *userdata, sd_bus_error *e)
{
	struct beacon *beacon = userdata;

	(void)e;
	/* Registered already: BlueZ stayed, the adapter was away. */
	if (sd_bus_message_is_method_error(m, NULL) &&
		!sd_bus_message_is_method_error(
			m, "org.bluez.Error.AlreadyExists"))
		fail(beacon,
			"BlueZ does not serve the car's characteristics: %s",
			sd_bus_message_get_error(m)->message);
	else
		readvertise(beacon);
	return 0;
}

static void serve(struct beacon *beacon)
{
	call_manager(beacon, STEP_SERVING, "org.bluez.GattManager1",
		"RegisterApplication", GATT_APP_PATH, on_served);
}

static int on_powered(sd_bus_message *m, void *userdata, sd_bus_error *e)
{
	struct beacon *beacon = userdata;

	(void)e;
	if (sd_bus_message_is_method_error(m, NULL))
		fail(beacon,
			"%s is off and cannot be switched on: %s (if it is "
			"blocked: rfkill unblock bluetooth)",
			adapter_name(&beacon->adapter),
			sd_bus_message_get_error(m)->message);
	else
		serve(beacon);
	return 0;
}

static void power_on(struct beacon *beacon)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
	int r;

	/* Later on, whoever has switched it off knows why. */
	if (beacon->was_up) {
		fail(beacon, "%s is off", adapter_name(&beacon->adapter));
		return;
	}

	say(beacon->say, "{s:s}", "switching-on",
		adapter_name(&beacon->adapter));
	beacon->step = STEP_POWERING;
	beacon->call = sd_bus_slot_unref(beacon->call);
	r = sd_bus_message_new_method_call(beacon->bus, &m, "org.bluez",
		beacon->adapter.path, "org.freedesktop.DBus.Properties", "Set");
	if (r >= 0)
		r = sd_bus_message_append(
			m, "ssv", "org.bluez.Adapter1", "Powered", "b", true);
	if (r >= 0)
		r = sd_bus_call_async(beacon->bus, &beacon->call, m, on_powered,
			beacon, CALL_TIMEOUT_US);
	if (r < 0)
		fail(beacon, "cannot call BlueZ: %s", strerror(-r));
}

static int on_objects(sd_bus_message *m, void *userdata, sd_bus_error *e)
{
	struct beacon *beacon = userdata;
	struct adapters adapters = { .all = "" };
	const struct adapter *adapter = &adapters.chosen;
	int r;

	(void)e;
	if (sd_bus_message_is_method_error(m, NULL)) {
		fail(beacon,
			"BlueZ does not answer on the system bus: %s (is it "
			"running? systemctl start bluetooth)",
			sd_bus_message_get_error(m)->message);
		return 0;
	}
	r = adapters_read(m, beacon->config.adapter, &adapters);
	beacon->adapter = *adapter;
	if (r < 0)
		fail(beacon, "BlueZ says what cannot be read: %s",
			strerror(-r));
	else if (adapters.all[0] == '\0')
		fail(beacon, "there is no Bluetooth adapter");
	else if (adapter->path[0] == '\0')
		fail(beacon, "there is no Bluetooth adapter %s, but %s",
			beacon->config.adapter, adapters.all);
	else if (!adapter->advertises)
		fail(beacon, "%s cannot be a peripheral, as a car is",
			adapter_name(adapter));
	else if (!adapter->powered)
		power_on(beacon);
	else
		serve(beacon);

	return 0;
}

static int begin(struct beacon *beacon)
{
	(void)sd_event_source_set_enabled(beacon->retry, SD_EVENT_OFF);
	beacon->step = STEP_LOOKING;
	beacon->call = sd_bus_slot_unref(beacon->call);
	return sd_bus_call_method_async(beacon->bus, &beacon->call, "org.bluez",
		"/", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects",
		on_objects, beacon, NULL);
}

static int on_retry(sd_event_source *source, uint64_t usec, void *userdata)
{
	(void)source;
	(void)usec;
	return begin(userdata);
}

static int on_owner(sd_bus_message *m, void *userdata, sd_bus_error *e)
{
	const char *name, *before, *now;
	struct beacon *beacon = userdata;
	int r;

	(void)e;
	r = sd_bus_message_read(m, "sss", &name, &before, &now);
	if (r < 0 || !beacon->was_up)
		return 0;

	if (now[0] == '\0')
		fail(beacon, "bluetoothd is gone");
	else
		(void)begin(beacon);
	return 0;
}

static int on_changed(sd_bus_message *m, void *userdata, sd_bus_error *e)
{
	struct beacon *beacon = userdata;
	const char *interface;
	bool powered = true;

	(void)e;
	if (beacon->step == STEP_UP &&
		strcmp(sd_bus_message_get_path(m), beacon->adapter.path) == 0 &&
		sd_bus_message_read(m, "s", &interface) > 0 &&
		strcmp(interface, "org.bluez.Adapter1") == 0 &&
		adapter_read_flag(m, "Powered", &powered) > 0 && !powered)
		fail(beacon, "%s was switched off",
			adapter_name(&beacon->adapter));

	return 0;
}

static int on_removed(sd_bus_message *m, void *userdata, sd_bus_error *e)
{
	struct beacon *beacon = userdata;
	const char *path;

	(void)e;
	if (beacon->step == STEP_UP && sd_bus_message_read(m, "o", &path) > 0 &&
		strcmp(path, beacon->adapter.path) == 0)
		fail(beacon, "%s is gone", adapter_name(&beacon->adapter));

	return 0;
}

static int listen_to_bluez(struct beacon *beacon)
{
	int r;

	r = sd_bus_add_match_async(beacon->bus, &beacon->owner,
		"type='signal',sender='org.freedesktop.DBus',"
		"member='NameOwnerChanged',arg0='org.bluez'",
		on_owner, NULL, beacon);
	if (r >= 0)
		r = sd_bus_match_signal_async(beacon->bus, &beacon->changed,
			"org.bluez", NULL, "org.freedesktop.DBus.Properties",
			"PropertiesChanged", on_changed, NULL, beacon);
	if (r >= 0)
		r = sd_bus_match_signal_async(beacon->bus, &beacon->removed,
			"org.bluez", "/", "org.freedesktop.DBus.ObjectManager",
			"InterfacesRemoved", on_removed, NULL, beacon);

	return r;
}

int beacon_open(sd_event *event, sd_bus *bus,
	const struct beacon_config *config, const struct say *say_to,
	struct beacon **ret)
{
	_cleanup_(beacon_freep) struct beacon *beacon = NULL;
	int r;

	beacon = calloc(1, sizeof(*beacon));
	if (beacon == NULL)
		return -ENOMEM;
	beacon->event = sd_event_ref(event);
	beacon->bus = sd_bus_ref(bus);
	beacon->config = *config;
	beacon->say = say_to;
	beacon->connectable = true;

	r = sd_event_add_time(
		event, &beacon->retry, CLOCK_BOOTTIME, 0, 0, on_retry, beacon);
	if (r >= 0)
		r = sd_event_source_set_enabled(beacon->retry, SD_EVENT_OFF);
	if (r >= 0)
		r = listen_to_bluez(beacon);
	if (r >= 0)
		r = begin(beacon);
	if (r < 0)
		return r;

	*ret = steal_ptr(&beacon);
	return 0;
}

struct beacon *beacon_free(struct beacon *beacon)
{
	if (beacon == NULL)
		return NULL;

	sd_bus_slot_unref(beacon->call);
	sd_bus_slot_unref(beacon->removed);
	sd_bus_slot_unref(beacon->changed);
	sd_bus_slot_unref(beacon->owner);
	sd_event_source_disable_unref(beacon->retry);
	sd_bus_unref(beacon->bus);
	sd_event_unref(beacon->event);
	free(beacon);
	return NULL;
}
