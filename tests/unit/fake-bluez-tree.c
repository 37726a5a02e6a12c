/* SPDX-License-Identifier: MIT */

/* What there is: objects, and their properties on the wire. */

#include <stdio.h>
#include <string.h>

#include "fake-bluez-parts.h"
#include "test.h"
#include "util/macro.h"

static const struct {
	const char *interface;
	const char *properties[10];
} kinds[] = {
	[FAKE_ADAPTER] = { "org.bluez.Adapter1",
		{ "Address", "AddressType", "Name", "Alias", "Powered",
			"PowerState", "Discovering", "UUIDs", "Roles" } },
	[FAKE_DEVICE] = { "org.bluez.Device1",
		{ "Address", "AddressType", "Name", "Alias", "Paired",
			"Trusted", "RSSI", "Connected", "Adapter",
			"ServicesResolved" } },
	[FAKE_SERVICE] = { "org.bluez.GattService1",
		{ "UUID", "Device", "Primary", "Handle" } },
	[FAKE_CHAR] = { "org.bluez.GattCharacteristic1",
		{ "UUID", "Service", "Notifying", "Flags", "MTU", "Handle" } },
};

static const char *const uuids[FAKE_CHARS] = {
	[TO_CAR] = "00000212-b2d1-43f0-9b88-960cebf8b91e",
	[FROM_CAR] = "00000213-b2d1-43f0-9b88-960cebf8b91e",
	[VERSION] = "00000214-b2d1-43f0-9b88-960cebf8b91e",
};

static const char *const flags[FAKE_CHARS] = {
	[TO_CAR] = "write",
	[FROM_CAR] = "indicate",
	[VERSION] = "read",
};

const char *fake_interface(enum fake_kind kind)
{
	return kinds[kind].interface;
}

static void write_path(const char *address, char path[static 128])
{
	size_t n = strlen(path);

	(void)snprintf(path + n, 128 - n, "/dev_%s", address);
	for (char *p = path + n; *p != '\0'; p++)
		if (*p == ':')
			*p = '_';
}

void fake_path(const struct fake_bluez *b, const struct fake_object *o,
	char ret[static 128])
{
	const struct fake_adapter *a =
		o->device != NULL ? &b->adapters[o->device->adapter]
				  : o->adapter;
	unsigned int handle;
	size_t n;

	(void)snprintf(ret, 128, "/org/bluez/hci%u", a->index);
	if (o->device == NULL)
		return;

	write_path(o->device->address, ret);
	n = strlen(ret);
	handle = o->device->first_handle;
	if (o->kind == FAKE_SERVICE)
		(void)snprintf(ret + n, 128 - n, "/service%04x", handle);
	else if (o->kind == FAKE_CHAR)
		(void)snprintf(ret + n, 128 - n, "/service%04x/char%04x",
			handle, handle + 1 + 3 * o->n);
}

/* Calls @take for each object that there is; until it returns true. */
static bool each_object(struct fake_bluez *b,
	bool (*take)(struct fake_bluez *b, const struct fake_object *o,
		void *userdata),
	void *userdata)
{
	for (size_t i = 0; i < FAKE_ADAPTERS; i++) {
		struct fake_object o = { .kind = FAKE_ADAPTER,
			.adapter = &b->adapters[i] };

		if (b->adapters[i].present && take(b, &o, userdata))
			return true;
	}
	for (size_t i = 0; i < FAKE_DEVICES; i++) {
		struct fake_device *d = &b->devices[i];
		struct fake_object o = { .kind = FAKE_DEVICE, .device = d };

		if (!d->exists || !b->adapters[d->adapter].present)
			continue;
		if (take(b, &o, userdata))
			return true;
		if (!d->has_gatt)
			continue;
		o.kind = FAKE_SERVICE;
		if (take(b, &o, userdata))
			return true;
		o.kind = FAKE_CHAR;
		for (o.n = 0; o.n < FAKE_CHARS; o.n++)
			if (take(b, &o, userdata))
				return true;
	}

	return false;
}

struct search {
	const char *path;
	struct fake_object found;
};

static bool is_at(
	struct fake_bluez *b, const struct fake_object *o, void *userdata)
{
	struct search *search = userdata;
	char path[128];

	fake_path(b, o, path);
	if (strcmp(path, search->path) != 0)
		return false;

	search->found = *o;
	return true;
}

/* > 0, as opposed to a property that is not there. */
#define put(m, ...) (sd_bus_message_append(m, __VA_ARGS__) < 0 ? -EIO : 1)

/* What another program of that name might send: D-Bus is outside. */
int fake_append_mistyped(sd_bus_message *m, char type)
{
	if (type == 's' || type == 'o')
		return put(m, "v", "u", 0x41414141U);
	if (type == 'a')
		return put(m, "v", "a{sv}", 1, "x", "v", "s", "AAAA");
	return put(m, "v", "s", "AAAAAAAAAAAAAAAA");
}

static int append_adapter(struct fake_bluez *b, sd_bus_message *m,
	const struct fake_adapter *a, const char *name)
{
	/* Experimental until 5.73. */
	if (strcmp(name, "PowerState") == 0)
		return b->version == BLUEZ_5_66
			       ? 0
			       : put(m, "v", "s",
					 a->blocked   ? "off-blocked"
					 : a->powered ? "on"
						      : "off");
	if (strcmp(name, "Address") == 0)
		return put(m, "v", "s", a->address);
	if (strcmp(name, "AddressType") == 0)
		return put(m, "v", "s", "public");
	if (strcmp(name, "Powered") == 0)
		return put(m, "v", "b", a->powered);
	if (strcmp(name, "Discovering") == 0)
		return put(m, "v", "b", a->discovering);
	if (strcmp(name, "Roles") == 0)
		return a->is_classic
			       ? put(m, "v", "as", 0)
			       : put(m, "v", "as", 2, "central", "peripheral");
	if (strcmp(name, "UUIDs") == 0)
		return put(m, "v", "as", 1,
			"00001800-0000-1000-8000-00805f9b34fb");
	return put(m, "v", "s", "raspberrypi");
}

static int append_device(struct fake_bluez *b, sd_bus_message *m,
	struct fake_device *d, const char *name)
{
	const struct fake_object adapter = { .kind = FAKE_ADAPTER,
		.adapter = &b->adapters[d->adapter] };
	char path[128] = "";

	if (strcmp(name, "Address") == 0)
		return put(m, "v", "s", d->address);
	if (strcmp(name, "AddressType") == 0)
		return put(m, "v", "s", d->is_random ? "random" : "public");
	if (strcmp(name, "Name") == 0 && d->has_gap_name)
		return put(m, "v", "s", d->gap_name);
	if (strcmp(name, "Name") == 0)
		return d->name == NULL || !d->is_named
			       ? 0
			       : put(m, "v", "s", d->name);
	if (strcmp(name, "Alias") == 0) {
		write_path(d->address, path);
		for (char *p = path; *p != '\0'; p++)
			if (*p == '_')
				*p = '-';
		return put(m, "v", "s",
			d->alias != NULL                 ? d->alias
			: d->has_gap_name                ? d->gap_name
			: d->name != NULL && d->is_named ? d->name
							 : path + 5);
	}
	if (strcmp(name, "RSSI") == 0)
		return d->rssi == 0 || !d->is_found ? 0
						    : put(m, "v", "n", d->rssi);
	if (strcmp(name, "Connected") == 0)
		return put(m, "v", "b", d->connected);
	if (strcmp(name, "ServicesResolved") == 0)
		return put(m, "v", "b", d->resolved);
	if (strcmp(name, "Adapter") == 0) {
		fake_path(b, &adapter, path);
		return put(m, "v", "o", path);
	}
	return put(m, "v", "b", 0);
}

static int append_gatt(struct fake_bluez *b, sd_bus_message *m,
	const struct fake_object *o, const char *name)
{
	struct fake_object parent = *o;
	char path[128];

	parent.kind = o->kind == FAKE_CHAR ? FAKE_SERVICE : FAKE_DEVICE;
	fake_path(b, &parent, path);
	if (strcmp(name, "UUID") == 0 && o->device->is_other)
		return put(m, "v", "s", "0000180f-0000-1000-8000-00805f9b34fb");
	if (strcmp(name, "UUID") == 0) {
		if (o->kind == FAKE_CHAR)
			return put(m, "v", "s", uuids[o->n]);
		return put(m, "v", "s", "00000211-b2d1-43f0-9b88-960cebf8b91e");
	}
	if (strcmp(name, "Service") == 0 || strcmp(name, "Device") == 0)
		return put(m, "v", "o", path);
	if (strcmp(name, "Primary") == 0)
		return put(m, "v", "b", 1);
	/* Since 5.69. */
	if (strcmp(name, "Handle") == 0)
		return b->version == BLUEZ_5_66
			       ? 0
			       : put(m, "v", "q",
					 (uint16_t)o->device->first_handle);
	if (strcmp(name, "Flags") == 0)
		return put(m, "v", "as", 1, flags[o->n]);
	if (strcmp(name, "Notifying") == 0)
		return o->n != FROM_CAR
			       ? 0
			       : put(m, "v", "b", o->device->notifying);
	/* MTU */
	if (b->told_mtu != 0)
		return put(m, "v", "q", (uint16_t)b->told_mtu);
	return b->mtu == 0 || !o->device->connected
		       ? 0
		       : put(m, "v", "q", (uint16_t)b->mtu);
}

/* Returns > 0 if the object has the property, else 0. */
static int append_value(struct fake_bluez *b, sd_bus_message *m,
	const struct fake_object *o, const char *name)
{
	static const char lists[] = "UUIDs Flags";
	static const char others[] =
		"RSSI Connected ServicesResolved Powered Discovering MTU "
		"Notifying Primary Paired Trusted Handle";

	if (b->mistyped != NULL && strcmp(b->mistyped, name) == 0)
		return fake_append_mistyped(m, strstr(lists, name) != NULL ? 'a'
					       : strstr(others, name) != NULL
						       ? 'n'
						       : 's');
	if (o->kind == FAKE_ADAPTER)
		return append_adapter(b, m, o->adapter, name);
	if (o->kind == FAKE_DEVICE)
		return append_device(b, m, o->device, name);
	return append_gatt(b, m, o, name);
}

void fake_append_property(struct fake_bluez *b, sd_bus_message *m,
	const struct fake_object *o, const char *name)
{
	cr_assert_geq(sd_bus_message_open_container(m, 'e', "sv"), 0);
	cr_assert_geq(sd_bus_message_append(m, "s", name), 0);
	cr_assert_gt(append_value(b, m, o, name), 0);
	cr_assert_geq(sd_bus_message_close_container(m), 0);
}

/* Does it have it? An entry cannot be taken back once it is begun. */
bool fake_has_property(
	struct fake_bluez *b, const struct fake_object *o, const char *name)
{
	sd_bus_message *m = NULL;
	bool has;

	for (size_t i = 0; i < FAKE_CLIENTS; i++)
		if (b->clients[i].bus != NULL && m == NULL)
			(void)sd_bus_message_new_signal(b->clients[i].bus, &m,
				"/x", "org.bluez.X", "X");
	has = m != NULL && append_value(b, m, o, name) > 0;
	sd_bus_message_unref(m);

	return has;
}

/* a{sv} */
static void append_properties(
	struct fake_bluez *b, sd_bus_message *m, const struct fake_object *o)
{
	const char *const *names = kinds[o->kind].properties;

	cr_assert_geq(sd_bus_message_open_container(m, 'a', "{sv}"), 0);
	for (size_t i = 0; i < 10 && names[i] != NULL; i++)
		if (fake_has_property(b, o, names[i]))
			fake_append_property(b, m, o, names[i]);
	cr_assert_geq(sd_bus_message_close_container(m), 0);
}

/* oa{sa{sv}} */
void fake_append_object(
	struct fake_bluez *b, sd_bus_message *m, const struct fake_object *o)
{
	char path[128];

	fake_path(b, o, path);
	cr_assert_geq(sd_bus_message_append(m, "o", path), 0);
	cr_assert_geq(sd_bus_message_open_container(m, 'a', "{sa{sv}}"), 0);
	cr_assert_geq(sd_bus_message_open_container(m, 'e', "sa{sv}"), 0);
	cr_assert_geq(
		sd_bus_message_append(m, "s", fake_interface(o->kind)), 0);
	append_properties(b, m, o);
	cr_assert_geq(sd_bus_message_close_container(m), 0);
	cr_assert_geq(sd_bus_message_close_container(m), 0);
}

bool fake_find_object(
	struct fake_bluez *b, const char *path, struct fake_object *ret)
{
	struct search search = { .path = path };

	if (!each_object(b, is_at, &search))
		return false;
	*ret = search.found;
	return true;
}

static bool take_object(
	struct fake_bluez *b, const struct fake_object *o, void *userdata)
{
	sd_bus_message *m = userdata;

	cr_assert_geq(sd_bus_message_open_container(m, 'e', "oa{sa{sv}}"), 0);
	fake_append_object(b, m, o);
	cr_assert_geq(sd_bus_message_close_container(m), 0);
	return false;
}

/* Neighbours' televisions, for a crowded place. */
static void append_neighbours(struct fake_bluez *b, sd_bus_message *m)
{
	for (unsigned int i = 0; i < b->n_neighbours; i++) {
		char path[64];

		(void)snprintf(path, sizeof(path),
			"/org/bluez/hci0/dev_11_22_33_44_%02X_%02X", i >> 8,
			i & 0xff);
		cr_assert_geq(sd_bus_message_append(m, "{oa{sa{sv}}}", path, 1,
				      "org.bluez.Device1", 2, "Name", "s",
				      "television", "RSSI", "n", -90),
			0);
	}
}

int fake_get_managed_objects(
	struct fake_bluez *b, struct fake_client *client, sd_bus_message *call)
{
	sd_bus_message *m = NULL;

	if (!client->has_subscribed && !b->may_look_once)
		fake_bluez_find(b, "asked what there is before subscribing");
	cr_assert_geq(sd_bus_message_new_method_return(call, &m), 0);
	cr_assert_geq(sd_bus_message_open_container(m, 'a', "{oa{sa{sv}}}"), 0);
	cr_assert_geq(sd_bus_message_append(m, "{oa{sa{sv}}}", "/org/bluez", 1,
			      "org.bluez.AgentManager1", 0),
		0);
	append_neighbours(b, m);
	(void)each_object(b, take_object, m);
	cr_assert_geq(sd_bus_message_close_container(m), 0);
	fake_send(b, m);
	return 1;
}

int fake_get_property(
	struct fake_bluez *b, const struct fake_object *o, sd_bus_message *call)
{
	const char *interface, *name;
	sd_bus_message *m = NULL;

	cr_assert_gt(sd_bus_message_read(call, "ss", &interface, &name), 0);
	if (!fake_has_property(b, o, name))
		return fake_reply_error(
			call, ERROR_DBUS "InvalidArgs", "No such property");
	cr_assert_geq(sd_bus_message_new_method_return(call, &m), 0);
	cr_assert_gt(append_value(b, m, o, name), 0);
	fake_send(b, m);
	return 1;
}

int fake_get_properties(
	struct fake_bluez *b, const struct fake_object *o, sd_bus_message *call)
{
	sd_bus_message *m = NULL;

	cr_assert_geq(sd_bus_message_new_method_return(call, &m), 0);
	append_properties(b, m, o);
	fake_send(b, m);
	return 1;
}
