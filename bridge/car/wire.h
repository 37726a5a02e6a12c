/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Wire - a link with patience: one attempt at a time, and back-off
 *
 * Private to car.c, which owns the link's events and tells the wire of them.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "link/link.h"
#include "util/macro.h"

struct wire {
	struct link *link;
	bool is_open; /* an attempt is under way, or it is up */
	bool is_up;
	bool is_heard;   /* bytes came since it is up */
	bool is_sending; /* LINK_SENT is due */
	const char *why; /* why it went down last */

	uint64_t retry_ms; /* no attempt before; 0: at once */
	uint64_t backoff_ms;
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
 * Can a frame be sent?  If not, it waits where it is: in the engine, which
 * then knows that nobody has heard it.
 */
static inline bool wire_is_free(const struct wire *wire)
{
	return wire->is_up && !wire->is_sending;
}

/* Sends @frame, if wire_is_free().  Returns whether the link took it. */
bool wire_send(struct wire *wire, const uint8_t *frame, size_t len) _must_use_;

/* LINK_SENT. */
void wire_sent(struct wire *wire);

/* The link is down, because of @why (static). */
void wire_down(struct wire *wire, uint64_t now_ms, const char *why);
