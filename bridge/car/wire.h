/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Wire - a link with patience: one attempt at a time, and back-off
 *
 * Private to car and enrol, which own the link's events and tell the wire of
 * them.
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
	bool has_failed; /* an attempt or a link has ended, for this reason */
	enum link_reason reason;

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

/* The link is down. */
void wire_down(struct wire *wire, uint64_t now_ms, enum link_reason reason);

/* Why it is not up, part of a sentence. */
const char *wire_why(const struct wire *wire);

/* Randomness for the engine on it: vehicle_random_t. */
int wire_random(void *userdata, uint8_t *ret, size_t len);
