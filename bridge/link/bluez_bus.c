/* SPDX-License-Identifier: MIT */

#include "link/bluez_bus.h"

#include <stdarg.h>
#include <string.h>

#define BLUEZ "org.bluez"

static bool is_from(sd_bus_message *m, const char *who)
{
	const char *sender = sd_bus_message_get_sender(m);

	return sender != NULL && strcmp(sender, who) == 0;
}

static int on_owner(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	struct bluez_bus *b = userdata;
	const char *name, *before, *after;
	int r;

	(void)error;

	if (!is_from(m, "org.freedesktop.DBus"))
		return 0;
	r = sd_bus_message_read(m, "sss", &name, &before, &after);
	if (r > 0) {
		*b->owner = '\0';
		b->ops->owner(b->userdata, *after != '\0');
	}
	return 0;
}

static int on_lost(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	struct bluez_bus *b = userdata;

	(void)error;

	if (is_from(m, "org.freedesktop.DBus.Local"))
		b->ops->lost(b->userdata);
	return 0;
}

static int on_added(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	struct bluez_bus *b = userdata;

	(void)error;

	if (is_from(m, b->owner))
		b->ops->added(b->userdata, m);
	return 0;
}

static int on_removed(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	struct bluez_bus *b = userdata;

	(void)error;

	if (is_from(m, b->owner))
		b->ops->removed(b->userdata, m);
	return 0;
}

static int on_changed(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	struct bluez_bus *b = userdata;

	(void)error;

	if (is_from(m, b->owner))
		b->ops->changed(b->userdata, m);
	return 0;
}

static const struct match {
	const char *rule;
	sd_bus_message_handler_t on_signal;
} matches[] = {
	{ "type='signal',sender='org.freedesktop.DBus',"
	  "path='/org/freedesktop/DBus',interface='org.freedesktop.DBus',"
	  "member='NameOwnerChanged',arg0='" BLUEZ "'",
		on_owner },
	{ "type='signal',sender='org.freedesktop.DBus.Local',"
	  "path='/org/freedesktop/DBus/Local',"
	  "interface='org.freedesktop.DBus.Local',member='Disconnected'",
		on_lost },
	{ "type='signal',sender='" BLUEZ "',path='/',"
	  "interface='org.freedesktop.DBus.ObjectManager',"
	  "member='InterfacesAdded'",
		on_added },
	{ "type='signal',sender='" BLUEZ "',path='/',"
	  "interface='org.freedesktop.DBus.ObjectManager',"
	  "member='InterfacesRemoved'",
		on_removed },
	{ "type='signal',sender='" BLUEZ "',path_namespace='/org/bluez',"
	  "interface='org.freedesktop.DBus.Properties',"
	  "member='PropertiesChanged'",
		on_changed },
};

int bluez_bus_attach(struct bluez_bus *b, sd_bus *bus, sd_event *event,
	const struct bluez_bus_ops *ops, void *userdata)
{
	int r;

	*b = (struct bluez_bus){ .bus = bus, .ops = ops, .userdata = userdata };
	r = sd_bus_set_exit_on_disconnect(bus, 0);
	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(matches); i++)
		r = sd_bus_add_match_async(bus, &b->matches[i], matches[i].rule,
			matches[i].on_signal, NULL, b);
	if (r >= 0)
		r = sd_bus_attach_event(bus, event, SD_EVENT_PRIORITY_NORMAL);
	if (r < 0) {
		bluez_bus_close(b);
		return r;
	}

	return 0;
}

int bluez_bus_trust(struct bluez_bus *b, sd_bus_message *reply)
{
	const char *sender = sd_bus_message_get_sender(reply);

	if (sender == NULL || strlen(sender) >= sizeof(b->owner))
		return -EBADMSG;
	(void)strcpy(b->owner, sender);
	return 0;
}

void bluez_bus_close(struct bluez_bus *b)
{
	for (size_t i = 0; i < ARRAY_SIZE(b->matches); i++)
		b->matches[i] = sd_bus_slot_unref(b->matches[i]);
	b->bus = sd_bus_close_unref(b->bus);
}

void bluez_bus_flush(struct bluez_bus *b)
{
	enum {
		MESSAGES_MAX = 256,
	};

	for (size_t i = 0; i < ARRAY_SIZE(b->matches); i++)
		b->matches[i] = sd_bus_slot_unref(b->matches[i]);
	/*
	 * What is unread when a socket is closed resets it, and what was
	 * written to it may be lost.
	 */
	for (int i = 0; b->bus != NULL && i < MESSAGES_MAX; i++)
		if (sd_bus_process(b->bus, NULL) <= 0)
			break;
	bluez_bus_close(b);
}

static int new_call(struct bluez_bus *b, const char *path,
	const char *interface, const char *member, sd_bus_message **ret)
{
	if (b->bus == NULL)
		return -ENOTCONN;
	return sd_bus_message_new_method_call(
		b->bus, ret, BLUEZ, path, interface, member);
}

static int send_call(struct bluez_bus *b, sd_bus_slot **slot,
	sd_bus_message *call, sd_bus_message_handler_t on_reply, void *userdata)
{
	int r;

	if (slot == NULL) {
		r = sd_bus_message_set_expect_reply(call, 0);
		if (r >= 0)
			r = sd_bus_send(b->bus, call, NULL);
	} else {
		*slot = sd_bus_slot_unref(*slot);
		r = sd_bus_call_async(
			b->bus, slot, call, on_reply, userdata, UINT64_MAX);
	}

	return r < 0 ? r : 0;
}

int bluez_bus_call(struct bluez_bus *b, sd_bus_slot **slot, const char *path,
	const char *interface, const char *member,
	sd_bus_message_handler_t on_reply, void *userdata, const char *types,
	...)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL;
	va_list args;
	int r;

	r = new_call(b, path, interface, member, &call);
	if (r < 0)
		return r;
	va_start(args, types);
	r = types == NULL ? 0 : sd_bus_message_appendv(call, types, args);
	va_end(args);
	if (r < 0)
		return r;

	return send_call(b, slot, call, on_reply, userdata);
}

int bluez_bus_write(struct bluez_bus *b, sd_bus_slot **slot, const char *path,
	const void *data, size_t len, sd_bus_message_handler_t on_reply,
	void *userdata)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *call = NULL;
	int r;

	r = new_call(
		b, path, "org.bluez.GattCharacteristic1", "WriteValue", &call);
	if (r < 0)
		return r;
	r = sd_bus_message_append_array(call, 'y', data, len);
	if (r < 0)
		return r;
	/* With response: unanswered ones get lost: vehicle-protocol 1.2. */
	r = sd_bus_message_append(call, "a{sv}", 1, "type", "s", "request");
	if (r < 0)
		return r;

	return send_call(b, slot, call, on_reply, userdata);
}

/* The errors that are not just "it failed": bluez B.1, B.2. */
static const struct error {
	const char *name;
	enum bluez_answer answer;
} errors[] = {
	{ "org.bluez.Error.InProgress", BLUEZ_IN_PROGRESS },
	{ SD_BUS_ERROR_UNKNOWN_OBJECT, BLUEZ_NO_OBJECT },
	{ SD_BUS_ERROR_UNKNOWN_METHOD, BLUEZ_NO_OBJECT },
	{ "org.bluez.Error.DoesNotExist", BLUEZ_NO_OBJECT },
	{ SD_BUS_ERROR_SERVICE_UNKNOWN, BLUEZ_NOBODY },
	{ SD_BUS_ERROR_NAME_HAS_NO_OWNER, BLUEZ_NOBODY },
	{ SD_BUS_ERROR_NO_REPLY, BLUEZ_NOBODY },
	{ SD_BUS_ERROR_DISCONNECTED, BLUEZ_NOBODY },
};

enum bluez_answer bluez_bus_answer(sd_bus_message *reply, int *ret_error)
{
	const sd_bus_error *error = sd_bus_message_get_error(reply);

	*ret_error = 0;
	if (error == NULL)
		return BLUEZ_DONE;

	*ret_error = -sd_bus_error_get_errno(error);
	for (size_t i = 0; i < ARRAY_SIZE(errors); i++)
		if (sd_bus_error_has_name(error, errors[i].name))
			return errors[i].answer;
	return BLUEZ_REFUSED;
}
