/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Wire - a link with patience: back-off, and room for one frame
 *
 * Private to car.c, which owns the link's events and tells the wire of them.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "link/link.h"
#include "util/macro.h"

enum {
	/* The longest frame that a car takes: vehicle-protocol 1.3. */
	WIRE_FRAME_MAX = 2 + 1024,
};

struct wire {
	struct link *link;
	bool is_open;    /* an attempt is under way, or it is up */
	bool is_up;      /* frames can be sent */
	bool is_heard;   /* bytes came since it is up */
	bool is_sending; /* LINK_SENT is due */
	const char *why; /* why it went down last */

	uint64_t retry_ms; /* no attempt before; 0: at once */
	uint64_t backoff_ms;

	size_t queued_len; /* 0: no frame waits */
	uint8_t queued[WIRE_FRAME_MAX];
};

enum {
	_WIRE_E_SUCCESS,

	WIRE_E_QUEUED, /* goes out when the frame before it has */
};

void wire_init(struct wire *wire, struct link *link);

/* New work: the next attempt is made at once. */
void wire_hurry(struct wire *wire);

/*
 * Makes an attempt that ends by @until_ms, unless one is under way.  Returns
 * when to ask again: CLOCK_NEVER, as an event will come, or the end of the
 * back-off.
 */
uint64_t wire_connect(struct wire *wire, uint64_t now_ms, uint64_t until_ms);

/*
 * Sends @frame, or keeps it until the one before it is sent; then a newer one
 * replaces it.  Returns 0, WIRE_E_QUEUED, or negative errno.
 */
int wire_send(struct wire *wire, const uint8_t *frame, size_t len) _must_use_;

/* LINK_SENT: sends the frame that waits.  0 also if there is none. */
int wire_sent(struct wire *wire) _must_use_;

/*
 * The link is down, because of @why (static).  Returns whether the frame that
 * was given last may have been heard, if its link says that it was @issued.
 */
bool wire_down(
	struct wire *wire, uint64_t now_ms, const char *why, bool issued);
