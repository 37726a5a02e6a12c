/* SPDX-License-Identifier: MIT */

#include "gatt.h"

#include <stdlib.h>
#include <string.h>

#define UUID(short) "0000" short "-b2d1-43f0-9b88-960cebf8b91e"
#define CHARACTERISTIC "org.bluez.GattCharacteristic1"
#define SERVICE_PATH GATT_APP_PATH "/service"
/* Not below the application: it is no part of the service. */
#define ADVERTISEMENT_PATH "/io/github/onesat2flash/simcar/advertisement"

enum {
	/* As a car that is awake: vehicle-protocol 1.1. */
	INTERVAL_MIN_MS = 20,
	INTERVAL_MAX_MS = 150,
};

/* sd-bus reads the members that are properties by their offsets. */
struct service {
	const char *uuid;
	int primary;
};

struct characteristic {
	struct gatt *gatt;
	const char *uuid;
	const char *service; /* path */
	char **flags;
	size_t len; /* of the value */
	uint8_t value[GATT_VALUE_MAX];
};

struct advertisement {
	const char *name;
	const char *type;
	int discoverable;
	uint32_t interval_min_ms;
	uint32_t interval_max_ms;
};

/* Their order is that of the handles. */
enum {
	CHARACTERISTIC_WRITE,
	CHARACTERISTIC_INDICATE,
	CHARACTERISTIC_VERSION,
	N_CHARACTERISTICS,

	/* And the manager, the service, two advertisements. */
	N_OBJECTS = N_CHARACTERISTICS + 4,
};

struct gatt {
	sd_bus *bus;
	struct gatt_handler handler;
	sd_bus_slot *slots[N_OBJECTS];
	struct service service;
	struct characteristic table[N_CHARACTERISTICS];
	struct advertisement connectable;
	struct advertisement full;
};

static const char *const uuids[N_CHARACTERISTICS] = {
	UUID("0212"),
	UUID("0213"),
	UUID("0214"),
};

static const char *const paths[N_CHARACTERISTICS] = {
	SERVICE_PATH "/char0212",
	SERVICE_PATH "/char0213",
	SERVICE_PATH "/char0214",
};

static const sd_bus_vtable service_vtable[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_PROPERTY("UUID", "s", NULL, offsetof(struct service, uuid),
		SD_BUS_VTABLE_PROPERTY_CONST),
	SD_BUS_PROPERTY("Primary", "b", NULL, offsetof(struct service, primary),
		SD_BUS_VTABLE_PROPERTY_CONST),
	SD_BUS_VTABLE_END,
};

static int get_value(sd_bus *bus, const char *path, const char *interface,
	const char *property, sd_bus_message *reply, void *userdata,
	sd_bus_error *error)
{
	const struct characteristic *c = userdata;

	(void)bus;
	(void)path;
	(void)interface;
	(void)property;
	(void)error;
	return sd_bus_message_append_array(reply, 'y', c->value, c->len);
}

/* Finds the options that matter, in an "a{sv}". */
static int read_options(
	sd_bus_message *m, struct gatt_write *write, uint16_t *ret_offset)
{
	const char *key;
	uint16_t mtu;
	int r;

	r = sd_bus_message_enter_container(m, 'a', "{sv}");
	while (r >= 0 &&
		(r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
		r = sd_bus_message_read(m, "s", &key);
		if (r < 0)
			break;
		if (strcmp(key, "device") == 0) {
			r = sd_bus_message_read(m, "v", "o", &write->device);
		} else if (strcmp(key, "mtu") == 0) {
			r = sd_bus_message_read(m, "v", "q", &mtu);
			if (r >= 0 && mtu > GATT_MTU_MIN)
				write->mtu = mtu;
		} else if (strcmp(key, "offset") == 0) {
			r = sd_bus_message_read(m, "v", "q", ret_offset);
		} else {
			r = sd_bus_message_skip(m, "v");
		}
		if (r >= 0)
			r = sd_bus_message_exit_container(m);
	}
	if (r < 0)
		return r;

	return sd_bus_message_exit_container(m);
}

static int on_read(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
	struct gatt_write options = { .mtu = GATT_MTU_MIN };
	const struct characteristic *c = userdata;
	uint16_t offset = 0;
	int r;

	r = read_options(m, &options, &offset);
	if (r < 0)
		return r;
	if (offset > c->len)
		return sd_bus_error_set(
			error, "org.bluez.Error.InvalidOffset", NULL);

	r = sd_bus_message_new_method_return(m, &reply);
	if (r >= 0)
		r = sd_bus_message_append_array(
			reply, 'y', c->value + offset, c->len - offset);
	if (r >= 0)
		r = sd_bus_send(NULL, reply, NULL);

	return r;
}

static int on_write(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	struct gatt_write write = { .device = "", .mtu = GATT_MTU_MIN };
	const struct characteristic *c = userdata;
	const struct gatt *gatt = c->gatt;
	const void *bytes;
	uint16_t offset = 0;
	int r;

	r = sd_bus_message_read_array(m, 'y', &bytes, &write.len);
	if (r >= 0)
		r = read_options(m, &write, &offset);
	if (r < 0)
		return r;
	if (c != &gatt->table[CHARACTERISTIC_WRITE])
		return sd_bus_error_set(
			error, "org.bluez.Error.NotPermitted", NULL);
	/* Nothing comes before the first byte of what is written at once. */
	if (offset != 0)
		return sd_bus_error_set(
			error, "org.bluez.Error.InvalidOffset", NULL);

	write.bytes = bytes;
	gatt->handler.written(gatt->handler.userdata, &write);
	return sd_bus_reply_method_return(m, "");
}

static int on_notify(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	const struct characteristic *c = userdata;
	const struct gatt *gatt = c->gatt;

	(void)error;
	gatt->handler.subscribed(gatt->handler.userdata,
		strcmp(sd_bus_message_get_member(m), "StartNotify") == 0);
	return sd_bus_reply_method_return(m, "");
}

/* A client has confirmed an indication: BlueZ keeps their order itself. */
static int on_confirm(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	(void)userdata;
	(void)error;
	return sd_bus_reply_method_return(m, "");
}

static const sd_bus_vtable characteristic_vtable[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_PROPERTY("UUID", "s", NULL,
		offsetof(struct characteristic, uuid),
		SD_BUS_VTABLE_PROPERTY_CONST),
	SD_BUS_PROPERTY("Service", "o", NULL,
		offsetof(struct characteristic, service),
		SD_BUS_VTABLE_PROPERTY_CONST),
	SD_BUS_PROPERTY("Flags", "as", NULL,
		offsetof(struct characteristic, flags),
		SD_BUS_VTABLE_PROPERTY_CONST),
	SD_BUS_PROPERTY("Value", "ay", get_value, 0,
		SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
	SD_BUS_METHOD("ReadValue", "a{sv}", "ay", on_read,
		SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD("WriteValue", "aya{sv}", "", on_write,
		SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD(
		"StartNotify", "", "", on_notify, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD(
		"StopNotify", "", "", on_notify, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD(
		"Confirm", "", "", on_confirm, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_VTABLE_END,
};

static int on_release(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	(void)userdata;
	(void)error;
	return sd_bus_reply_method_return(m, "");
}

#define CONST(name, signature, member)                  \
	SD_BUS_PROPERTY(name, signature, NULL,          \
		offsetof(struct advertisement, member), \
		SD_BUS_VTABLE_PROPERTY_CONST)

/* BlueZ puts LocalName into the scan response, where a car has it. */
#define ADVERTISEMENT                                            \
	CONST("Type", "s", type), CONST("LocalName", "s", name), \
		CONST("MinInterval", "u", interval_min_ms),      \
		CONST("MaxInterval", "u", interval_max_ms),      \
		SD_BUS_METHOD("Release", "", "", on_release,     \
			SD_BUS_VTABLE_UNPRIVILEGED |             \
				SD_BUS_VTABLE_METHOD_NO_REPLY)

static const sd_bus_vtable connectable_vtable[] = {
	SD_BUS_VTABLE_START(0),
	ADVERTISEMENT,
	/* Without it, BlueZ before 5.78 shows a car to nobody: bluez B.2. */
	CONST("Discoverable", "b", discoverable),
	SD_BUS_VTABLE_END,
};

/* A broadcast that has "Discoverable" is refused. */
static const sd_bus_vtable full_vtable[] = {
	SD_BUS_VTABLE_START(0),
	ADVERTISEMENT,
	SD_BUS_VTABLE_END,
};

const char *gatt_advertisement(bool connectable)
{
	return connectable ? ADVERTISEMENT_PATH "/connectable"
			   : ADVERTISEMENT_PATH "/full";
}

int gatt_indicate(struct gatt *gatt, const uint8_t *bytes, size_t len)
{
	struct characteristic *c = &gatt->table[CHARACTERISTIC_INDICATE];

	if (len > sizeof(c->value))
		return -EMSGSIZE;
	memcpy(c->value, bytes, len);
	c->len = len;

	return sd_bus_emit_properties_changed(gatt->bus,
		paths[CHARACTERISTIC_INDICATE], CHARACTERISTIC, "Value", NULL);
}

static int add_objects(struct gatt *gatt)
{
	const struct {
		const char *path;
		const char *interface;
		const sd_bus_vtable *vtable;
		void *userdata;
	} rows[] = {
		{ SERVICE_PATH, "org.bluez.GattService1", service_vtable,
			&gatt->service },
		{ paths[0], CHARACTERISTIC, characteristic_vtable,
			&gatt->table[0] },
		{ paths[1], CHARACTERISTIC, characteristic_vtable,
			&gatt->table[1] },
		{ paths[2], CHARACTERISTIC, characteristic_vtable,
			&gatt->table[2] },
		{ gatt_advertisement(true), "org.bluez.LEAdvertisement1",
			connectable_vtable, &gatt->connectable },
		{ gatt_advertisement(false), "org.bluez.LEAdvertisement1",
			full_vtable, &gatt->full },
	};
	int r;

	r = sd_bus_add_object_manager(
		gatt->bus, &gatt->slots[0], GATT_APP_PATH);
	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(rows); i++)
		r = sd_bus_add_object_vtable(gatt->bus, &gatt->slots[i + 1],
			rows[i].path, rows[i].interface, rows[i].vtable,
			rows[i].userdata);

	return r < 0 ? r : 0;
}

int gatt_new(sd_bus *bus, const char *name, const struct gatt_handler *handler,
	struct gatt **ret)
{
	/* The two ways to write: vehicle-protocol 1.2. */
	static char request[] = "write", command[] = "write-without-response";
	static char indicate[] = "indicate", read[] = "read";
	static char *flags[N_CHARACTERISTICS][3] = {
		{ request, command },
		{ indicate },
		{ read },
	};
	_cleanup_(gatt_freep) struct gatt *gatt = NULL;
	int r;

	gatt = calloc(1, sizeof(*gatt));
	if (gatt == NULL)
		return -ENOMEM;
	gatt->bus = sd_bus_ref(bus);
	gatt->handler = *handler;
	gatt->connectable = (struct advertisement){
		.name = name,
		.type = "peripheral",
		.discoverable = true,
		.interval_min_ms = INTERVAL_MIN_MS,
		.interval_max_ms = INTERVAL_MAX_MS,
	};
	gatt->full = gatt->connectable;
	gatt->full.type = "broadcast";
	gatt->service = (struct service){ UUID("0211"), true };
	for (size_t i = 0; i < N_CHARACTERISTICS; i++) {
		gatt->table[i].gatt = gatt;
		gatt->table[i].uuid = uuids[i];
		gatt->table[i].service = SERVICE_PATH;
		gatt->table[i].flags = flags[i];
	}
	/* What is in there is nobody's business: one byte will do. */
	gatt->table[CHARACTERISTIC_VERSION].len = 1;
	r = add_objects(gatt);
	if (r < 0)
		return r;

	*ret = steal_ptr(&gatt);
	return 0;
}

struct gatt *gatt_free(struct gatt *gatt)
{
	if (gatt == NULL)
		return NULL;

	for (size_t i = 0; i < N_OBJECTS; i++)
		sd_bus_slot_unref(gatt->slots[i]);
	sd_bus_unref(gatt->bus);
	free(gatt);
	return NULL;
}
