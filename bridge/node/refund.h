/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Refund - pays back what a car got for nothing, at most once
 *
 * The payer's note says where to.  What the node says of the payment is
 * believed, and not what the caller says: it is ours, it was received, it was
 * not earned, and it was not returned before.
 *
 * The fetched invoice is in the node's datastore before it is paid, under a
 * key that nobody can make twice.  After a crash that invoice is found paid,
 * or paid again, which the node does once only; another one is fetched only
 * when no attempt at the old one can be on its way.
 *
 * Spec: lightning 3, 4 ("Refund ways").
 */

#include <jansson.h>
#include <stdint.h>

#include "util/macro.h"

struct node;
struct plugin_request;
struct refunds;

/* What a refund is refused with; lightningd passes them on. */
enum {
	REFUND_E_NOT_OURS = 2110,
	REFUND_E_NOT_RECEIVED = 2111,
	REFUND_E_EARNED = 2112, /* or kept, or nobody knows */
	REFUND_E_RETURNED = 2113,
	REFUND_E_NO_WAY = 2114,
	REFUND_E_LIMIT = 2115,
	REFUND_E_UNDER_WAY = 2116,
	REFUND_E_FAILED = 2117, /* nothing was paid */
};

enum {
	REFUND_MAX = 64, /* under way at a time */
	/*
	 * A car that asks by commando hears of nothing else until it has its
	 * answer: lightningd reads the next message of a peer once it has
	 * written to it.
	 */
	REFUND_CAR_WAIT_MS = 4 * 1000,
	/* For so long, the car is told of one that is paid. */
	REFUND_TOLD_MS = 10 * 60 * 1000,
};

/*
 * Borrows @node, whose cars are loaded, and takes up what an earlier process
 * had begun.  Returns 0 or negative errno.
 */
int refunds_new(struct node *node, struct refunds **ret) _must_use_;
struct refunds *refunds_free(struct refunds *refunds);

/*
 * The method 1sat2flash-refund: payment_hash [amount_msat] [car], as a
 * plugin_method's handler has them.  Answers @request, perhaps at once.
 */
void refunds_method(struct refunds *refunds, struct plugin_request *request,
	const json_t *params);

/*
 * Those of @car that were paid lately, for its poll: [{ payment_hash, state }];
 * a new array, or NULL where there are none, or no memory.  When one comes in,
 * node_car_changed() says so.
 */
json_t *refunds_paid(const struct refunds *refunds, const char *car);

/*
 * What is under way, of @car or of all with NULL: [{ payment_hash, car,
 * amount_msat, state }]; a new array, or NULL without memory.
 */
json_t *refunds_list(const struct refunds *refunds, const char *car) _must_use_;

/* What the refunds of the last 24 hours have cost, or may cost yet. */
uint64_t refunds_spent_msat(const struct refunds *refunds);

DEFINE_CLEANUP(struct refunds *, refunds_free);
