/* SPDX-License-Identifier: MIT */

/* The bus: clients, calls, signals. */

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <systemd/sd-id128.h>

#include "fake-bluez-parts.h"
#include "test.h"
#include "util/macro.h"

#define MANAGER "org.freedesktop.DBus.ObjectManager"

void fake_bluez_find(struct fake_bluez *b, const char *format, ...)
{
	size_t n = strlen(b->findings);
	va_list ap;

	b->n_findings++;
	va_start(ap, format);
	(void)vsnprintf(b->findings + n, sizeof(b->findings) - n, format, ap);
	va_end(ap);
	n = strlen(b->findings);
	(void)snprintf(b->findings + n, sizeof(b->findings) - n, "; ");
}

void fake_send(struct fake_bluez *b, sd_bus_message *m)
{
	char owner[16];

	(void)snprintf(owner, sizeof(owner), ":1.%u", 6 + b->n_starts);
	cr_assert_geq(sd_bus_message_set_sender(
			      m, b->forger != NULL ? b->forger : owner),
		0);
	/* It may have left meanwhile. */
	(void)sd_bus_send(NULL, m, NULL);
	sd_bus_message_unref(m);
}

int fake_reply(sd_bus_message *call)
{
	sd_bus_message *m = NULL;

	if (sd_bus_message_get_expect_reply(call) <= 0)
		return 1;
	cr_assert_geq(sd_bus_message_new_method_return(call, &m), 0);
	(void)sd_bus_send(NULL, m, NULL);
	sd_bus_message_unref(m);
	return 1;
}

int fake_reply_error(sd_bus_message *call, const char *name, const char *text)
{
	const sd_bus_error error = SD_BUS_ERROR_MAKE_CONST(name, text);
	sd_bus_message *m = NULL;

	if (sd_bus_message_get_expect_reply(call) <= 0)
		return 1;
	cr_assert_geq(sd_bus_message_new_method_error(call, &m, &error), 0);
	(void)sd_bus_send(NULL, m, NULL);
	sd_bus_message_unref(m);
	return 1;
}

#define EACH_CLIENT(b, c)                                          \
	for (struct fake_client *c = (b)->clients;                 \
		c < (b)->clients + FAKE_CLIENTS; c++)              \
		if (c->bus != NULL && c->is_greeted && !c->left && \
			(b)->is_running)

void fake_emit_changed(struct fake_bluez *b, const struct fake_object *o,
	const char *const *names)
{
	char path[128];

	fake_path(b, o, path);
	EACH_CLIENT(b, client)
	{
		sd_bus_message *m = NULL;

		cr_assert_geq(sd_bus_message_new_signal(client->bus, &m, path,
				      PROPERTIES, "PropertiesChanged"),
			0);
		cr_assert_geq(
			sd_bus_message_append(m, "s", fake_interface(o->kind)),
			0);
		cr_assert_geq(sd_bus_message_open_container(m, 'a', "{sv}"), 0);
		for (size_t i = 0; names[i] != NULL; i++)
			if (fake_has_property(b, o, names[i]))
				fake_append_property(b, m, o, names[i]);
		cr_assert_geq(sd_bus_message_close_container(m), 0);
		cr_assert_geq(sd_bus_message_open_container(m, 'a', "s"), 0);
		for (size_t i = 0; names[i] != NULL; i++)
			if (!fake_has_property(b, o, names[i]))
				cr_assert_geq(
					sd_bus_message_append(m, "s", names[i]),
					0);
		cr_assert_geq(sd_bus_message_close_container(m), 0);
		fake_send(b, m);
	}
}

void fake_emit_value(struct fake_bluez *b, const struct fake_object *o,
	const void *data, size_t len)
{
	const bool mistyped =
		b->mistyped != NULL && strcmp(b->mistyped, "Value") == 0;
	char path[128];

	fake_path(b, o, path);
	EACH_CLIENT(b, client)
	{
		sd_bus_message *m = NULL;

		cr_assert_geq(sd_bus_message_new_signal(client->bus, &m, path,
				      PROPERTIES, "PropertiesChanged"),
			0);
		cr_assert_geq(
			sd_bus_message_append(m, "s", fake_interface(o->kind)),
			0);
		cr_assert_geq(sd_bus_message_open_container(m, 'a', "{sv}"), 0);
		cr_assert_geq(sd_bus_message_open_container(m, 'e', "sv"), 0);
		cr_assert_geq(sd_bus_message_append(m, "s", "Value"), 0);
		if (mistyped) {
			cr_assert_geq(fake_append_mistyped(m, 's'), 0);
		} else {
			cr_assert_geq(
				sd_bus_message_open_container(m, 'v', "ay"), 0);
			cr_assert_geq(
				sd_bus_message_append_array(m, 'y', data, len),
				0);
			cr_assert_geq(sd_bus_message_close_container(m), 0);
		}
		cr_assert_geq(sd_bus_message_close_container(m), 0);
		cr_assert_geq(sd_bus_message_close_container(m), 0);
		cr_assert_geq(sd_bus_message_append(m, "as", 0), 0);
		fake_send(b, m);
	}
}

void fake_emit_added(struct fake_bluez *b, const struct fake_object *o)
{
	EACH_CLIENT(b, client)
	{
		sd_bus_message *m = NULL;

		cr_assert_geq(sd_bus_message_new_signal(client->bus, &m, "/",
				      MANAGER, "InterfacesAdded"),
			0);
		fake_append_object(b, m, o);
		fake_send(b, m);
	}
}

void fake_emit_removed(struct fake_bluez *b, const struct fake_object *o)
{
	char path[128];

	fake_path(b, o, path);
	EACH_CLIENT(b, client)
	{
		sd_bus_message *m = NULL;

		cr_assert_geq(sd_bus_message_new_signal(client->bus, &m, "/",
				      MANAGER, "InterfacesRemoved"),
			0);
		cr_assert_geq(
			sd_bus_message_append(m, "oas", path, 3, PROPERTIES,
				"org.freedesktop.DBus.Introspectable",
				fake_interface(o->kind)),
			0);
		fake_send(b, m);
	}
}

void fake_emit_owner(
	struct fake_bluez *b, const char *before, const char *after)
{
	for (size_t i = 0; i < FAKE_CLIENTS; i++) {
		sd_bus_message *m = NULL;

		if (!b->clients[i].is_greeted || b->clients[i].left)
			continue;
		cr_assert_geq(
			sd_bus_message_new_signal(b->clients[i].bus, &m,
				"/org/freedesktop/DBus", "org.freedesktop.DBus",
				"NameOwnerChanged"),
			0);
		cr_assert_geq(sd_bus_message_append(
				      m, "sss", "org.bluez", before, after),
			0);
		cr_assert_geq(
			sd_bus_message_set_sender(
				m, b->forger != NULL ? b->forger
						     : "org.freedesktop.DBus"),
			0);
		(void)sd_bus_send(NULL, m, NULL);
		sd_bus_message_unref(m);
	}
}

static int call_bus(
	struct fake_bluez *b, struct fake_client *client, sd_bus_message *call)
{
	const char *member = sd_bus_message_get_member(call);
	sd_bus_message *m = NULL;
	char name[16];

	if (strcmp(member, "Hello") == 0) {
		client->is_greeted = true;
		(void)snprintf(name, sizeof(name), ":1.%u", 100 + b->n_open);
		return sd_bus_reply_method_return(call, "s", name);
	}
	if (strcmp(member, "AddMatch") == 0)
		client->has_subscribed = true;
	if (strcmp(member, "AddMatch") == 0 ||
		strcmp(member, "RemoveMatch") == 0)
		return fake_reply(call);
	if (strcmp(member, "GetNameOwner") == 0) {
		if (!b->is_running)
			return fake_reply_error(call,
				ERROR_DBUS "NameHasNoOwner",
				"Could not get owner of name 'org.bluez'");
		cr_assert_geq(sd_bus_message_new_method_return(call, &m), 0);
		(void)snprintf(name, sizeof(name), ":1.%u", 6 + b->n_starts);
		cr_assert_geq(sd_bus_message_append(m, "s", name), 0);
		fake_send(b, m);
		return 1;
	}
	if (strcmp(member, "NameHasOwner") == 0)
		return sd_bus_reply_method_return(call, "b", b->is_running);
	if (strcmp(member, "StartServiceByName") == 0) {
		if (fake_bluez_is_started(b))
			return sd_bus_reply_method_return(call, "u", 1);
		return fake_reply_error(call, ERROR_DBUS "ServiceUnknown",
			"The name org.bluez was not provided by any .service "
			"files");
	}
	fake_bluez_find(b, "asked the bus for %s", member);
	return fake_reply_error(call, ERROR_DBUS "UnknownMethod", member);
}

static int call_bluez(
	struct fake_bluez *b, struct fake_client *client, sd_bus_message *call)
{
	const char *interface = sd_bus_message_get_interface(call);
	const char *member = sd_bus_message_get_member(call);
	const char *path = sd_bus_message_get_path(call);
	struct fake_object o;

	if (strcmp(path, "/") == 0 && strcmp(interface, MANAGER) == 0 &&
		strcmp(member, "GetManagedObjects") == 0)
		return fake_get_managed_objects(b, client, call);
	if (!fake_find_object(b, path, &o))
		return fake_reply_error(call, ERROR_DBUS "UnknownObject",
			"Method with that signature doesn't exist");
	if (strcmp(interface, PROPERTIES) == 0 && strcmp(member, "Get") == 0)
		return fake_get_property(b, &o, call);
	if (strcmp(interface, PROPERTIES) == 0 && strcmp(member, "GetAll") == 0)
		return fake_get_properties(b, &o, call);
	if (strcmp(interface, PROPERTIES) != 0 &&
		strcmp(interface, fake_interface(o.kind)) != 0)
		return fake_reply_error(call, ERROR_DBUS "UnknownMethod",
			"Method with that signature doesn't exist");

	return fake_call(b, client, &o, call);
}

static int on_message(
	sd_bus_message *call, void *userdata, sd_bus_error *ret_error)
{
	struct fake_client *client = userdata;
	struct fake_bluez *b = client->bluez;
	const char *destination = sd_bus_message_get_destination(call);

	(void)ret_error;
	if (sd_bus_message_is_signal(
		    call, "org.freedesktop.DBus.Local", "Disconnected") > 0) {
		fake_client_left(b, client);
		return 1;
	}
	if (sd_bus_message_is_method_call(call, NULL, NULL) <= 0)
		return 1;
	if (b->bus_is_hung)
		return 1;
	if (destination != NULL &&
		strcmp(destination, "org.freedesktop.DBus") == 0)
		return call_bus(b, client, call);
	if (destination == NULL || (strcmp(destination, "org.bluez") != 0 &&
					   destination[0] != ':'))
		fake_bluez_find(b, "called %s", destination);
	if (b->is_hung)
		return 1;
	if (sd_bus_message_get_auto_start(call) > 0 ? !fake_bluez_is_started(b)
						    : !b->is_running)
		return fake_reply_error(call, ERROR_DBUS "ServiceUnknown",
			"The name org.bluez was not provided by any .service "
			"files");

	return call_bluez(b, client, call);
}

int fake_bluez_open_bus(void *userdata, sd_bus **ret)
{
	struct fake_bluez *b = userdata;
	struct fake_client *client = b->clients;
	sd_bus *bus = NULL;
	sd_id128_t id;
	int fds[2];

	b->n_open++;
	if (b->bus_is_gone)
		return -ENOENT;
	while (client->bus != NULL)
		cr_assert_lt(++client - b->clients, FAKE_CLIENTS);
	*client = (struct fake_client){ .bluez = b };

	cr_assert_eq(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
			0, fds),
		0);
	cr_assert_geq(sd_id128_randomize(&id), 0);
	cr_assert_geq(sd_bus_new(&client->bus), 0);
	cr_assert_geq(sd_bus_set_fd(client->bus, fds[0], fds[0]), 0);
	cr_assert_geq(sd_bus_set_server(client->bus, 1, id), 0);
	cr_assert_geq(sd_bus_set_anonymous(client->bus, 1), 0);
	cr_assert_geq(
		sd_bus_add_filter(client->bus, NULL, on_message, client), 0);
	cr_assert_geq(sd_bus_start(client->bus), 0);
	cr_assert_geq(sd_bus_attach_event(client->bus, b->event, 0), 0);

	cr_assert_geq(sd_bus_new(&bus), 0);
	cr_assert_geq(sd_bus_set_fd(bus, fds[1], fds[1]), 0);
	cr_assert_geq(sd_bus_set_anonymous(bus, 1), 0);
	cr_assert_geq(sd_bus_set_bus_client(bus, 1), 0);
	cr_assert_geq(sd_bus_start(bus), 0);
	*ret = bus;
	return 0;
}

bool fake_bluez_serve(struct fake_bluez *b)
{
	bool was = false;

	for (size_t i = 0; i < FAKE_CLIENTS; i++)
		while (b->clients[i].bus != NULL && !b->clients[i].left &&
			sd_bus_process(b->clients[i].bus, NULL) > 0)
			was = true;

	return was;
}

unsigned int fake_bluez_n_clients(const struct fake_bluez *b)
{
	unsigned int n = 0;

	for (size_t i = 0; i < FAKE_CLIENTS; i++)
		n += b->clients[i].bus != NULL && !b->clients[i].left;

	return n;
}
