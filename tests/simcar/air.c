/* SPDX-License-Identifier: MIT */

#include "air.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapter.h"
#include "beacon.h"
#include "callsign.h"
#include "gatt.h"

enum {
	/* Clients that have a link, or are on their way out. */
	LANES = 8,
};

struct lane {
	struct air *air;
	char device[GATT_PATH_SIZE]; /* "": free */
	unsigned int mtu;
	struct links_link *link; /* NULL: it is to leave */
	bool gone;               /* the client has left by itself */
	sd_bus_slot *leaving;    /* the call that disconnects it */
};

struct air {
	struct carrier carrier;
	sd_event *event;
	sd_bus *bus;
	struct links *links;
	const struct say *say;
	struct gatt *gatt;
	struct beacon *beacon;
	sd_bus_slot *changed;
	sd_bus_slot *removed;
	bool subscribed;
	struct lane lanes[LANES];
};

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

static void on_gone(void *userdata)
{
	struct air *air = userdata;

	air->subscribed = false;
	for (size_t i = 0; i < LANES; i++)
		lane_leave(&air->lanes[i], "Bluetooth is gone");
}

static int on_changed(sd_bus_message *m, void *userdata, sd_bus_error *e)
{
	struct air *air = userdata;
	struct lane *lane = find_lane(air, sd_bus_message_get_path(m));
	const char *interface;
	bool connected = true;

	(void)e;
	if (lane != NULL && sd_bus_message_read(m, "s", &interface) > 0 &&
		strcmp(interface, "org.bluez.Device1") == 0 &&
		adapter_read_flag(m, "Connected", &connected) > 0 && !connected)
		lane_leave(lane, "the client disconnected");

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

	return 0;
}

void air_settle(struct air *air)
{
	/* Not connectable is how a full car looks: vehicle-protocol 1.1. */
	beacon_set_connectable(air->beacon, links_have_room(air->links));
}

/* Once the bus is open: the objects first, then who announces them. */
static int start(struct air *air, const char *adapter, const char *name)
{
	const struct gatt_handler handler = {
		.written = on_written,
		.subscribed = on_subscribed,
		.userdata = air,
	};
	const struct beacon_config config = {
		.adapter = adapter,
		.name = name,
		.gone = on_gone,
		.userdata = air,
	};
	int r;

	(void)sd_bus_set_exit_on_disconnect(air->bus, true);
	r = sd_bus_attach_event(air->bus, air->event, SD_EVENT_PRIORITY_NORMAL);
	if (r >= 0)
		r = gatt_new(air->bus, name, &handler, &air->gatt);
	if (r >= 0)
		r = sd_bus_match_signal_async(air->bus, &air->changed,
			"org.bluez", NULL, "org.freedesktop.DBus.Properties",
			"PropertiesChanged", on_changed, NULL, air);
	if (r >= 0)
		r = sd_bus_match_signal_async(air->bus, &air->removed,
			"org.bluez", "/", "org.freedesktop.DBus.ObjectManager",
			"InterfacesRemoved", on_removed, NULL, air);
	if (r >= 0)
		r = beacon_open(
			air->event, air->bus, &config, air->say, &air->beacon);

	return r;
}

int air_open(sd_event *event, const char *adapter, const char *name,
	struct links *links, const struct say *say_to, struct air **ret)
{
	_cleanup_(air_freep) struct air *air = NULL;
	int r;

	air = calloc(1, sizeof(*air));
	if (air == NULL)
		return -ENOMEM;
	air->carrier.ops = &air_ops;
	air->event = sd_event_ref(event);
	air->links = links;
	air->say = say_to;

	r = sd_bus_open_system(&air->bus);
	if (r >= 0)
		r = start(air, adapter, name);
	if (r < 0) {
		(void)fprintf(stderr,
			"simcar: cannot reach the system bus: %s\n",
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

	beacon_free(air->beacon);
	for (size_t i = 0; i < LANES; i++) {
		if (air->lanes[i].link != NULL)
			links_close(air->lanes[i].link, "the car stops");
		lane_free(&air->lanes[i]);
	}
	sd_bus_slot_unref(air->removed);
	sd_bus_slot_unref(air->changed);
	gatt_free(air->gatt);
	/* What disconnects the clients is to arrive. */
	sd_bus_flush_close_unref(air->bus);
	sd_event_unref(air->event);
	free(air);
	return NULL;
}
