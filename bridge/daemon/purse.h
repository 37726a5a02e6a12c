/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Purse - what goes back to payers: what is owed, and deposits
 *
 * The node pays, and checks for itself what it may pay.  What is unknown never
 * goes back by itself.
 *
 * Spec: architecture 5.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lightning/holds.h"
#include "orders/orders.h"

struct runner;

enum {
	/* How soon the car is looked at for a deposit; then later and later. */
	PURSE_LOOK_MIN_MS = 60 * 1000,
	PURSE_LOOK_MAX_MS = 60 * 60 * 1000,
};

/* Borrows all that it points to. */
struct purse {
	const struct menu *menu;
	struct orders *orders;
	struct runner *runner;
	struct holds *holds;
	uint64_t look_at_ms; /* for a deposit */
	uint64_t look_again_ms;
	struct holds_owed owed[HOLDS_OWED_MAX]; /* as the node was told */
	size_t n_owed;
};

/*
 * Has the node pay back what is due, and tells it what is owed.  *@ret_more:
 * something is on its way.  Returns 0, LEDGER_E_FULL or negative errno.
 */
int purse_work(struct purse *purse, const struct moment *now,
	bool *ret_more) _must_use_;

/*
 * Once in a while, and when the car has told something.  Returns whether there
 * is something for purse_work().
 */
bool purse_look(struct purse *purse, const struct moment *now);

/* The node has paid @order_id back, or says why not. */
void purse_refunded(
	struct purse *purse, uint64_t order_id, bool paid, const char *why);
