/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Polls - how a car hears of what is held for it
 *
 * A car has one poll waiting at most.  What an answer carried is told again
 * until a later poll says that the answer has arrived.
 */

#include <stdint.h>

#include "node/cars.h"

struct node;
struct plugin_request;

enum {
	POLLS_E_NEWER = 2102, /* for lightningd to pass on */

	POLLS_HOLDS_MAX = 16, /* in an answer */
	/* And no more bytes of them, unless the first has. */
	POLLS_HOLDS_BYTES = 512 * 1024,
	POLLS_TIMEOUT_MAX_S = 55,
};

/* A car at work asks often, so that its verdict is not behind a poll. */
#define POLLS_TIMEOUT_MIN_S 0.1

/*
 * A poll of @car, whose boot is right, is answered or waits.  @got is the
 * serial of the last one whose answer arrived.
 */
void polls_begin(struct node *node, struct car_entry *car,
	struct plugin_request *request, uint64_t serial, uint64_t got,
	uint64_t timeout_ms);

/* Answers the poll that waits, if there is something to tell. */
void polls_wake(struct node *node, struct car_entry *car);

/* Another process of the bridge has registered: it was told nothing. */
void polls_restart(struct node *node, struct car_entry *car);

/* The answer to registering tells pause and offers. */
void polls_told_offers(struct car_entry *car);

/* Refuses the poll that waits, if one does. */
void polls_end(struct car_entry *car, int code, const char *why);

/* When polls_tick() is due, CLOCK_NEVER if it is not. */
uint64_t polls_next_ms(const struct node *node);
void polls_tick(struct node *node, uint64_t now_ms);
