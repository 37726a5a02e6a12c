/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Link - bytes to and from one car
 *
 * One interface over the ways to reach a car: BlueZ (link/bluez.h), or a unix
 * stream socket (link/socket.h).  A link knows nothing of what it carries.
 *
 * Events come from the event loop, never from inside a call.  The link must
 * not be freed inside its handler; link_close() there is fine.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/macro.h"

struct link;

enum link_event_type {
	LINK_HEARD, /* the car is in reach; @rssi */
	LINK_UP,    /* ready for link_send(); @mtu */
	LINK_SENT,  /* the last block of the frame was acknowledged */
	LINK_BYTES, /* @data, @len, valid in the handler only */
	LINK_DOWN,  /* the attempt or the link ended; @reason, @issued */
};

enum link_reason {
	LINK_CLOSED_BY_US,
	LINK_CLOSED_BY_CAR,
	LINK_NOT_FOUND, /* no such car in reach, no such socket */
	LINK_FULL,      /* heard, but it holds all the links it can */
	LINK_TIMEOUT,
	LINK_IO_ERROR, /* @error */

	LINK_NO_BLUETOOTH, /* no D-Bus, or bluetoothd is not on it */
	LINK_NO_ADAPTER,   /* none, or not the one that was asked for */
	LINK_ADAPTER_OFF,
	LINK_BLOCKED,    /* by rfkill */
	LINK_NO_SERVICE, /* something of that name, but it is no car */

	_LINK_REASON_N,
};

/* How far the link has come. */
enum link_stage {
	LINK_CLOSED,
	LINK_SEARCHING,
	LINK_CONNECTING,
	LINK_READY,
};

enum {
	LINK_ADAPTER_SIZE = 40,
};

/* For status. */
struct link_info {
	enum link_stage stage;
	/* "hci0 (B8:27:EB:12:34:56)"; "" before one was seen, or without */
	char adapter[LINK_ADAPTER_SIZE];
	uint64_t heard_ms; /* the car, last, on CLOCK_BOOTTIME; 0: never */
	int rssi;          /* dBm, at that time; 0: not told */
};

struct link_event {
	enum link_event_type type;
	int rssi; /* dBm; 0 where the link has none */
	size_t mtu;
	const uint8_t *data;
	size_t len;
	enum link_reason reason;
	int error; /* negative errno behind the reason, or 0 */
	/*
	 * Was the last block of the frame last sent given to the transport?
	 * If not, the car cannot have seen the whole of it.
	 */
	bool issued;
};

typedef void (*link_handler_t)(void *userdata, const struct link_event *event);

enum {
	_LINK_E_SUCCESS,

	LINK_E_BUSY, /* the previous frame is not yet sent, or already open */
	LINK_E_DOWN, /* not up */
};

/* What an implementation provides; see the functions below. */
struct link_ops {
	int (*open)(struct link *link, uint64_t timeout_ms);
	void (*close)(struct link *link);
	int (*send)(struct link *link, const uint8_t *frame, size_t len);
	void (*free)(struct link *link);
	void (*get_info)(const struct link *link, struct link_info *ret);
};

/* First member of each implementation. */
struct link {
	const struct link_ops *ops;
	link_handler_t handler;
	void *userdata;
};

/* Who hears the events.  To be set before the first link_open(). */
void link_set_handler(
	struct link *link, link_handler_t handler, void *userdata);

/*
 * Begins to look for the car and to connect.  Ends in LINK_UP, or in
 * LINK_DOWN within @timeout_ms.  Returns 0, LINK_E_BUSY, or negative errno.
 */
int link_open(struct link *link, uint64_t timeout_ms) _must_use_;

/* Takes the link down; no LINK_DOWN follows.  Fine if it is down. */
void link_close(struct link *link);

/* Sends a copy of @frame.  Returns 0, LINK_E_BUSY, LINK_E_DOWN, -errno. */
int link_send(struct link *link, const uint8_t *frame, size_t len) _must_use_;

/* Closes and frees.  Accepts NULL.  Always returns NULL. */
struct link *link_free(struct link *link);

void link_get_info(const struct link *link, struct link_info *ret);

/* "the car closed the link": a part of a sentence. */
const char *link_reason_text(enum link_reason reason);

/* "car-not-heard": its row in model/trouble.c. */
const char *link_reason_name(enum link_reason reason);

DEFINE_CLEANUP(struct link *, link_free);
