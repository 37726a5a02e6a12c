/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Echo - tells an indication that came twice from two equal indications
 *
 * bluetoothd emits a value once for each program on this machine that has
 * subscribed, so that with a second one every value comes twice: bluez B.1.
 * What can be known of two equal values in a row:
 *
 * - Copies are emitted in one go.  They have consecutive serials, and come
 *   within moments.  Anything else is not a copy.
 * - With n subscribers, n copies come of every value, not only of one.  So
 *   the values before tell how many copies to expect, and before the first
 *   value Notifying does: it is true if there is a subscriber already.
 *
 * Thus two really equal chunks pass as long as there is no second subscriber.
 * When one comes, its first copy passes, too; so two pairs of equal chunks in
 * a row look as if one had come, and the second pair counts once.
 *
 * What that may cost: only a repeat of what was passed on just before is ever
 * dropped.  Where a frame is one value, as a car's states in the clear are,
 * its repeat says nothing new.  Where it is several, it is encrypted, and no
 * two of them are equal.  To pass on copies would cost more: a second
 * subscriber would break every frame of several values.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	/* The longest value that an attribute can have. */
	BLUEZ_VALUE_MAX = 512,
};

struct bluez_echo {
	unsigned int copies; /* of each value, as far as is known */
	unsigned int run;    /* equal values up to now */
	uint64_t serial;
	uint64_t at_ms;
	size_t len;
	uint8_t value[BLUEZ_VALUE_MAX];
};

/* @is_shared: somebody else had subscribed before us. */
void bluez_echo_init(struct bluez_echo *echo, bool is_shared);

/*
 * Is the value that came at @now_ms with the message @serial a copy of the
 * one before?  @len is at most BLUEZ_VALUE_MAX.
 */
bool bluez_echo_is_copy(struct bluez_echo *echo, const uint8_t *value,
	size_t len, uint64_t serial, uint64_t now_ms);
