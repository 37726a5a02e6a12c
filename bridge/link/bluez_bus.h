/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * BlueZ on the bus - a connection of its own, what is said there, and calls
 *
 * Nothing waits: messages go out when the connection is up, replies and
 * signals come from the event loop.  No call has a timeout of its own, as
 * each belongs to a step of the link, which has a deadline and drops the slot
 * of the call with it.
 *
 * Any user of the machine may send us a signal, past our matches, and call it
 * whatever org.bluez would.  So the sender counts, which the bus itself sets.
 * Replies need no such care: the bus lets through only those of who was asked.
 *
 * Spec: bluez B.1.
 */

#include <stdbool.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "util/macro.h"

struct bluez_bus_ops {
	/* org.bluez has come (@is_there) or gone. */
	void (*owner)(void *userdata, bool is_there);
	/* The connection is gone: nothing more will come. */
	void (*lost)(void *userdata);
	void (*added)(void *userdata, sd_bus_message *signal);
	void (*removed)(void *userdata, sd_bus_message *signal);
	void (*changed)(void *userdata, sd_bus_message *signal);
};

enum {
	BLUEZ_OWNER_SIZE = 32,
};

struct bluez_bus {
	sd_bus *bus;                  /* NULL: closed */
	char owner[BLUEZ_OWNER_SIZE]; /* of org.bluez, ":1.7"; "": not known */
	sd_bus_slot *matches[5];
	const struct bluez_bus_ops *ops;
	void *userdata;
};

/* What a reply says, as far as it matters. */
enum bluez_answer {
	BLUEZ_DONE,
	/* Another call is in the way: bluez B.2, B.3 4. */
	BLUEZ_IN_PROGRESS,
	/* There is no such object (any more). */
	BLUEZ_NO_OBJECT,
	/* There is no org.bluez, or no bus. */
	BLUEZ_NOBODY,
	BLUEZ_REFUSED, /* any other error */
};

/*
 * Begins to listen on @bus, which is taken over also on failure: matches are
 * there before anything is asked.  Returns 0 or negative errno.
 */
int bluez_bus_attach(struct bluez_bus *b, sd_bus *bus, sd_event *event,
	const struct bluez_bus_ops *ops, void *userdata) _must_use_;

/*
 * Who has sent @reply owns org.bluez: from now on its signals are passed on,
 * and no others.  Returns 0 or -EBADMSG.
 */
int bluez_bus_trust(struct bluez_bus *b, sd_bus_message *reply) _must_use_;

/* Not from inside a callback of the bus.  Fine if it is closed. */
void bluez_bus_close(struct bluez_bus *b);

/* Hands out what was sent just now, without waiting; then it is closed. */
void bluez_bus_flush(struct bluez_bus *b);

/*
 * Calls.  The reply goes to @on_reply until *@slot is unreferenced; a slot
 * that is there already is dropped.  Without a slot no reply is asked for.
 * @types: of the arguments, or NULL.  Returns 0 or negative errno.
 */
int bluez_bus_call(struct bluez_bus *b, sd_bus_slot **slot, const char *path,
	const char *interface, const char *member,
	sd_bus_message_handler_t on_reply, void *userdata, const char *types,
	...) _must_use_;

int bluez_bus_write(struct bluez_bus *b, sd_bus_slot **slot, const char *path,
	const void *data, size_t len, sd_bus_message_handler_t on_reply,
	void *userdata) _must_use_;

/* @ret_error: negative errno, or 0. */
enum bluez_answer bluez_bus_answer(sd_bus_message *reply, int *ret_error);
