/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Offers - one BOLT 12 offer an action, in step with what the cars sell
 *
 * Looks at what a car has registered and makes the node follow, call by call:
 * an offer for each action that wants one, a new one where price or text have
 * changed, enabled while the action is on sale.  The old one is retired: it is
 * honoured for a moment, for invoices that were fetched just before.
 *
 * Disabling an offer ends its unpaid invoices, those whose payment is held
 * among them; so that waits until nothing of it is held, and what was to
 * settle has had the time for it.
 *
 * Spec: lightning 0 (12), 4.
 */

#include <jansson.h>
#include <stdbool.h>

#include "node/cars.h"
#include "util/macro.h"

struct node;
struct offers;

enum {
	/* From the last word on a payment until the node has settled it. */
	OFFERS_SETTLE_MS = 5 * 1000,
	/* An old price holds so much longer. */
	OFFERS_GRACE_MS = 2 * 60 * 1000,
	/* Of a car, the retired ones among them; then the oldest are dropped. */
	OFFERS_KEPT = 96,
};

/*
 * Borrows @node, whose cars are loaded, and asks lightningd what is enabled.
 * Returns 0 or negative errno.
 */
int offers_new(struct node *node, struct offers **ret) _must_use_;
struct offers *offers_free(struct offers *offers);

/*
 * To be told when what @car has registered, sells, polls or holds has changed;
 * the time is looked after here.
 */
void offers_update(struct offers *offers, struct car_entry *car);

/* A payment of the offer @offer_id, of @car, is to settle, from now on. */
void offers_settle(struct car_entry *car, const char *offer_id);

/*
 * May an offer of @car be paid, as far as is known: is one enabled, or is one
 * being made, enabled or disabled?
 */
bool offers_may_be_paid(
	const struct offers *offers, const struct car_entry *car);

/* @car will be gone: its offers are disabled, whatever is held. */
void offers_forget(struct offers *offers, struct car_entry *car);

/* For the car: a new array, NULL without memory. */
json_t *offers_list(const struct car_entry *car) _must_use_;

/*
 * Is @label one that offers of @car have at the node?  The name of the action,
 * which need not exist any more, goes to @ret_action.
 */
bool offers_read_label(const char *label, const char *car,
	char ret_action[static CAR_NAME_SIZE]);

DEFINE_CLEANUP(struct offers *, offers_free);
