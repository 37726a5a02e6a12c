/* SPDX-License-Identifier: MIT */

#include "air.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapter.h"
#include "callsign.h"
#include "gatt.h"
#include "util/clock.h"

enum {
	/* Clients that have a link, or are on their way out. */
	LANES = 8,
	CALL_TIMEOUT_US = 10 * 1000 * 1000,
	RETRY_US = 1000 * 1000,
	WHY_SIZE = 400,
};

struct lane {
	struct air *air;
	char device[GATT_PATH_SIZE]; /* "": free */
	unsigned int mtu;
	struct links_link *link; /* NULL: it is to leave */
	bool gone;               /* the client has left by itself */
	sd_bus_slot *leaving;    /* the call that disconnects it */
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

struct air {
	struct carrier carrier;
	sd_event *event;
	sd_bus *bus;
	struct links *links;
	const struct say *say;
	const char *wanted;
	const char *name;
	struct gatt *gatt;
	sd_bus_slot *owner;
	sd_bus_slot *changed;
	sd_bus_slot *removed;
	sd_bus_slot *call;
	sd_event_source *retry;
	enum step step;
	bool was_up;
	bool subscribed;
	bool connectable; /* as advertised */
	struct adapter adapter;
	struct lane lanes[LANES];
};

static int begin(struct air *air);

/* --- links ---------------------------------------------------------------- */

/* What fits to every client: all of them hear each indication. */
static size_t block_max(const struct air *air)
{
	size_t max = GATT_VALUE_MAX;

	for (size_t i = 0; i < LANES; i++)
		if (air->lanes[i].link != NULL &&
			air->lanes[i].mtu - LINKS_ATT_HEADER < max)
			max = air->lanes[i].mtu - LINKS_ATT_HEADER;

	return max;
}

static ssize_t air_send(struct carrier *carrier, unsigned int i,
	const uint8_t *bytes, size_t len)
{
	struct air *air = (struct air *)carrier;
	int r;

	if (!air->subscribed) {
		say(air->say, "{s:s,s:s,s:s}", "ignored", "indication", "why",
			"nobody has subscribed to 0213", "device",
			air->lanes[i].device);
		return (ssize_t)len;
	}
	if (len > block_max(air))
		len = block_max(air);
	r = gatt_indicate(air->gatt, bytes, len);

	return r < 0 ? r : (ssize_t)len;
}

static void lane_free(struct lane *lane)
{
	lane->leaving = sd_bus_slot_unref(lane->leaving);
	lane->device[0] = '\0';
}

static int on_disconnected(sd_bus_message *m, void *userdata, sd_bus_error *e)
{
	(void)m;
	(void)e;
	lane_free(userdata);
	return 0;
}

/*
 * BlueZ takes two seconds to disconnect: bluez B.1 10.  Until then the client
 * is deaf and dumb to the car.
 */
static void air_close(struct carrier *carrier, unsigned int i)
{
	struct air *air = (struct air *)carrier;
	struct lane *lane = &air->lanes[i];

	lane->link = NULL;
	if (lane->gone ||
		sd_bus_call_method_async(air->bus, &lane->leaving, "org.bluez",
			lane->device, "org.bluez.Device1", "Disconnect",
			on_disconnected, lane, NULL) < 0)
		lane_free(lane);
}

static const struct carrier_ops air_ops = {
	.send = air_send,
	.close = air_close,
};

/* The client has left, or BlueZ has. */
static void lane_leave(struct lane *lane, const char *why)
{
	if (lane->device[0] == '\0')
		return;
	lane->gone = true;
	if (lane->link != NULL)
		links_close(lane->link, why);
	else
		lane_free(lane);
}

static void leave_all(struct air *air, const char *why)
{
	for (size_t i = 0; i < LANES; i++)
		lane_leave(&air->lanes[i], why);
}

static struct lane *find_lane(struct air *air, const char *device)
{
	for (size_t i = 0; i < LANES; i++)
		if (strcmp(air->lanes[i].device, device) == 0)
			return &air->lanes[i];

	return NULL;
}

/* A client writes for the first time. */
static struct lane *open_lane(struct air *air, const struct gatt_write *write)
{
	struct lane *lane = find_lane(air, "");
	char address[CALLSIGN_ADDRESS_SIZE];

	if (lane == NULL || !callsign_of_device(write->device, address))
		return NULL;

	*lane = (struct lane){ .air = air, .mtu = write->mtu };
	(void)snprintf(lane->device, sizeof(lane->device), "%s", write->device);
	lane->link = links_add(air->links, &air->carrier,
		(unsigned int)(lane - air->lanes), address);
	if (lane->link == NULL)
		air_close(&air->carrier, (unsigned int)(lane - air->lanes));
	return lane;
}

static void on_written(void *userdata, const struct gatt_write *write)
{
	struct air *air = userdata;
	struct lane *lane = find_lane(air, write->device);
	int r;

	if (lane == NULL)
		lane = open_lane(air, write);
	if (lane == NULL || lane->link == NULL) {
		say(air->say, "{s:s,s:s}", "ignored", "write", "why",
			"the client is to leave");
		return;
	}

	lane->mtu = write->mtu;
	/* Prepare and execute; a car takes it: vehicle-protocol 1.2. */
	if (write->len > write->mtu - LINKS_ATT_HEADER)
		say(air->say, "{s:s,s:i,s:i}", "did", "long-write", "bytes",
			(int)write->len, "mtu", (int)write->mtu);
	r = links_take(lane->link, write->bytes, write->len);
	if (r < 0)
		(void)sd_event_exit(air->event, r);
}

static void on_subscribed(void *userdata, bool on)
{
	struct air *air = userdata;

	air->subscribed = on;
	say(air->say, "{s:b}", "subscribed", on);
}

/* --- on the air ----------------------------------------------------------- */

/*
 * A program that never came up ends with a sentence; one that was up goes on
 * trying, for bluetoothd and adapters come back.
 */
static _printf_(2, 3) void fail(struct air *air, const char *format, ...)
{
	char why[WHY_SIZE];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(why, sizeof(why), format, args);
	va_end(args);

	air->step = STEP_WAITING;
	air->call = sd_bus_slot_unref(air->call);
	leave_all(air, "Bluetooth is gone");
	if (!air->was_up) {
		(void)fprintf(stderr, "simcar: %s\n", why);
		(void)sd_event_exit(air->event, EXIT_FAILURE);
		return;
	}
	say(air->say, "{s:s,s:s}", "waiting", "bluetooth", "why", why);
	(void)sd_event_source_set_time_relative(air->retry, RETRY_US);
	(void)sd_event_source_set_enabled(air->retry, SD_EVENT_ONESHOT);
}

/* Calls @member of the adapter's @interface with @path and no options. */
static void call_manager(struct air *air, enum step step, const char *interface,
	const char *member, const char *path, sd_bus_message_handler_t then)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
	int r;

	air->step = step;
	air->call = sd_bus_slot_unref(air->call);
	r = sd_bus_message_new_method_call(air->bus, &m, "org.bluez",
		air->adapter.path, interface, member);
	if (r >= 0)
		r = sd_bus_message_append(m, "o", path);
	/* To take something back there are no options. */
	if (r >= 0 && step != STEP_SILENT)
		r = sd_bus_message_append(m, "a{sv}", 0);
	if (r >= 0)
		r = sd_bus_call_async(
			air->bus, &air->call, m, then, air, CALL_TIMEOUT_US);
	if (r < 0)
		fail(air, "cannot call BlueZ: %s", strerror(-r));
}

static int on_advertised(sd_bus_message *m, void *userdata, sd_bus_error *e)
{
	struct air *air = userdata;

	(void)e;
	if (sd_bus_message_is_method_error(m, NULL)) {
		fail(air, "%s does not advertise: %s",
			adapter_name(&air->adapter),
			sd_bus_message_get_error(m)->message);
		return 0;
	}

	air->step = STEP_UP;
	air->was_up = true;
	say(air->say, "{s:s,s:s,s:s,s:b}", "advertising", air->name, "adapter",
		adapter_name(&air->adapter), "address", air->adapter.address,
		"connectable", air->connectable);
	return 0;
}

static void advertise(struct air *air)
{
	/* Not connectable is how a full car looks: vehicle-protocol 1.1. */
	air->connectable = links_have_room(air->links);
	call_manager(air, STEP_ADVERTISING, "org.bluez.LEAdvertisingManager1",
		"RegisterAdvertisement", gatt_advertisement(air->connectable),
		on_advertised);
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
static void readvertise(struct air *air)
{
	call_manager(air, STEP_SILENT, "org.bluez.LEAdvertisingManager1",
		"UnregisterAdvertisement", gatt_advertisement(air->connectable),
		on_silent);
}

void air_settle(struct air *air)
{
	if (air->step == STEP_UP &&
		air->connectable != links_have_room(air->links))
		readvertise(air);
}

static int on_served(sd_bus_message *m, void *userdata, sd_bus_error *e)
{
	struct air *air = userdata;

	(void)e;
	/* Registered already: BlueZ stayed, the adapter was away. */
	if (sd_bus_message_is_method_error(m, NULL) &&
		!sd_bus_message_is_method_error(
			m, "org.bluez.Error.AlreadyExists"))
		fail(air, "BlueZ does not serve the car's characteristics: %s",
			sd_bus_message_get_error(m)->message);
	else
		readvertise(air);
	return 0;
}

static void serve(struct air *air)
{
	call_manager(air, STEP_SERVING, "org.bluez.GattManager1",
		"RegisterApplication", GATT_APP_PATH, on_served);
}

static int on_powered(sd_bus_message *m, void *userdata, sd_bus_error *e)
{
	struct air *air = userdata;

	(void)e;
	if (sd_bus_message_is_method_error(m, NULL))
		fail(air,
			"%s is off and cannot be switched on: %s (if it is "
			"blocked: rfkill unblock bluetooth)",
			adapter_name(&air->adapter),
			sd_bus_message_get_error(m)->message);
	else
		serve(air);
	return 0;
}

static void power_on(struct air *air)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
	int r;

	/* Later on, whoever has switched it off knows why. */
	if (air->was_up) {
		fail(air, "%s is off", adapter_name(&air->adapter));
		return;
	}

	say(air->say, "{s:s}", "switching-on", adapter_name(&air->adapter));
	air->step = STEP_POWERING;
	air->call = sd_bus_slot_unref(air->call);
	r = sd_bus_message_new_method_call(air->bus, &m, "org.bluez",
		air->adapter.path, "org.freedesktop.DBus.Properties", "Set");
	if (r >= 0)
		r = sd_bus_message_append(
			m, "ssv", "org.bluez.Adapter1", "Powered", "b", true);
	if (r >= 0)
		r = sd_bus_call_async(air->bus, &air->call, m, on_powered, air,
			CALL_TIMEOUT_US);
	if (r < 0)
		fail(air, "cannot call BlueZ: %s", strerror(-r));
}

static int on_objects(sd_bus_message *m, void *userdata, sd_bus_error *e)
{
	struct air *air = userdata;
	struct adapters adapters = { .all = "" };
	const struct adapter *adapter = &adapters.chosen;
	int r;

	(void)e;
	if (sd_bus_message_is_method_error(m, NULL)) {
		fail(air,
			"BlueZ does not answer on the system bus: %s (is it "
			"running? systemctl start bluetooth)",
			sd_bus_message_get_error(m)->message);
		return 0;
	}
	r = adapters_read(m, air->wanted, &adapters);
	air->adapter = *adapter;
	if (r < 0)
		fail(air, "BlueZ says what cannot be read: %s", strerror(-r));
	else if (adapters.all[0] == '\0')
		fail(air, "there is no Bluetooth adapter");
	else if (adapter->path[0] == '\0')
		fail(air, "there is no Bluetooth adapter %s, but %s",
			air->wanted, adapters.all);
	else if (!adapter->advertises)
		fail(air, "%s cannot be a peripheral, as a car is",
			adapter_name(adapter));
	else if (!adapter->powered)
		power_on(air);
	else
		serve(air);

	return 0;
}

static int begin(struct air *air)
{
	(void)sd_event_source_set_enabled(air->retry, SD_EVENT_OFF);
	air->step = STEP_LOOKING;
	air->call = sd_bus_slot_unref(air->call);
	return sd_bus_call_method_async(air->bus, &air->call, "org.bluez", "/",
		"org.freedesktop.DBus.ObjectManager", "GetManagedObjects",
		on_objects, air, NULL);
}

static int on_retry(sd_event_source *source, uint64_t usec, void *userdata)
{
	(void)source;
	(void)usec;
	return begin(userdata);
}

/* --- what BlueZ tells ----------------------------------------------------- */

static int on_owner(sd_bus_message *m, void *userdata, sd_bus_error *e)
{
	const char *name, *before, *now;
	struct air *air = userdata;
	int r;

	(void)e;
	r = sd_bus_message_read(m, "sss", &name, &before, &now);
	if (r < 0 || !air->was_up)
		return 0;

	/* Nothing of ours has outlived it. */
	air->subscribed = false;
	if (now[0] == '\0')
		fail(air, "bluetoothd is gone");
	else
		(void)begin(air);
	return 0;
}

static int on_changed(sd_bus_message *m, void *userdata, sd_bus_error *e)
{
	const char *path = sd_bus_message_get_path(m), *interface;
	struct air *air = userdata;
	struct lane *lane;
	bool flag = true;

	(void)e;
	if (sd_bus_message_read(m, "s", &interface) < 0)
		return 0;
	if (strcmp(interface, "org.bluez.Device1") == 0) {
		lane = find_lane(air, path);
		if (lane != NULL &&
			adapter_read_flag(m, "Connected", &flag) > 0 && !flag)
			lane_leave(lane, "the client disconnected");
	} else if (strcmp(interface, "org.bluez.Adapter1") == 0 &&
		   air->step == STEP_UP &&
		   strcmp(path, air->adapter.path) == 0 &&
		   adapter_read_flag(m, "Powered", &flag) > 0 && !flag) {
		fail(air, "%s was switched off", adapter_name(&air->adapter));
	}

	return 0;
}

static int on_removed(sd_bus_message *m, void *userdata, sd_bus_error *e)
{
	struct air *air = userdata;
	struct lane *lane;
	const char *path;

	(void)e;
	if (sd_bus_message_read(m, "o", &path) < 0)
		return 0;
	lane = find_lane(air, path);
	if (lane != NULL)
		lane_leave(lane, "the client is forgotten");
	else if (air->step == STEP_UP && strcmp(path, air->adapter.path) == 0)
		fail(air, "%s is gone", adapter_name(&air->adapter));

	return 0;
}

/* --------------------------------------------------------------------------- */

static int listen_to_bluez(struct air *air)
{
	int r;

	r = sd_bus_add_match_async(air->bus, &air->owner,
		"type='signal',sender='org.freedesktop.DBus',"
		"member='NameOwnerChanged',arg0='org.bluez'",
		on_owner, NULL, air);
	if (r >= 0)
		r = sd_bus_match_signal_async(air->bus, &air->changed,
			"org.bluez", NULL, "org.freedesktop.DBus.Properties",
			"PropertiesChanged", on_changed, NULL, air);
	if (r >= 0)
		r = sd_bus_match_signal_async(air->bus, &air->removed,
			"org.bluez", "/", "org.freedesktop.DBus.ObjectManager",
			"InterfacesRemoved", on_removed, NULL, air);

	return r < 0 ? r : 0;
}

int air_open(sd_event *event, const char *adapter, const char *name,
	struct links *links, const struct say *say_to, struct air **ret)
{
	_cleanup_(air_freep) struct air *air = NULL;
	struct gatt_handler handler = {
		.written = on_written,
		.subscribed = on_subscribed,
	};
	int r;

	air = calloc(1, sizeof(*air));
	if (air == NULL)
		return -ENOMEM;
	air->carrier.ops = &air_ops;
	air->event = sd_event_ref(event);
	air->links = links;
	air->say = say_to;
	air->wanted = adapter;
	air->name = name;
	handler.userdata = air;

	r = sd_bus_open_system(&air->bus);
	if (r < 0) {
		(void)fprintf(stderr,
			"simcar: cannot reach the system bus: %s\n",
			strerror(-r));
		return r;
	}
	(void)sd_bus_set_exit_on_disconnect(air->bus, true);
	r = sd_bus_attach_event(air->bus, event, SD_EVENT_PRIORITY_NORMAL);
	if (r >= 0)
		r = sd_event_add_time(event, &air->retry, CLOCK_BOOTTIME, 0, 0,
			on_retry, air);
	if (r >= 0)
		r = sd_event_source_set_enabled(air->retry, SD_EVENT_OFF);
	if (r >= 0)
		r = gatt_new(air->bus, name, &handler, &air->gatt);
	if (r >= 0)
		r = listen_to_bluez(air);
	if (r >= 0)
		r = begin(air);
	if (r < 0) {
		(void)fprintf(stderr, "simcar: cannot use the system bus: %s\n",
			strerror(-r));
		return r;
	}

	*ret = steal_ptr(&air);
	return 0;
}

struct air *air_free(struct air *air)
{
	if (air == NULL)
		return NULL;

	for (size_t i = 0; i < LANES; i++) {
		if (air->lanes[i].link != NULL)
			links_close(air->lanes[i].link, "the car stops");
		lane_free(&air->lanes[i]);
	}
	sd_bus_slot_unref(air->call);
	sd_bus_slot_unref(air->removed);
	sd_bus_slot_unref(air->changed);
	sd_bus_slot_unref(air->owner);
	gatt_free(air->gatt);
	sd_event_source_disable_unref(air->retry);
	/* What disconnects the clients is to arrive. */
	sd_bus_flush_close_unref(air->bus);
	sd_event_unref(air->event);
	free(air);
	return NULL;
}
