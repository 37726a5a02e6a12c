/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Orders of money - payments that a node holds, what is owed, deposits
 *
 * A payment that is held is recorded as any other, but waits until the node
 * has granted it: marked it as taken, and said for how long.  Its verdict is
 * the money of the order's row, settling or returning, until the node has
 * shown who has it.
 *
 * Everything that writes returns 0, LEDGER_E_FULL, or negative errno, or what
 * is named beside it; unless it is 0, nothing was written.
 *
 * Spec: architecture 5.
 */

#include "orders/ledger_money.h"
#include "orders/orders.h"

enum {
	/* Between the last byte to the car and the end of what is held. */
	ORDERS_HOLD_MARGIN_MS = 2 * 1000,
	/* What the car told keeps something off sale for so long. */
	ORDERS_KNOWN_MS = 90 * 1000,
};

/* The order of a payment.  Also LEDGER_E_NONE. */
int orders_of_payment(struct orders *orders, const char *node_id,
	const char *payment_hash, struct ledger_row *ret) _must_use_;

/*
 * The node holds the payment of @order_id until @until_ms of BOOTTIME: it may
 * begin, as long as what it needs is left of that.  Nothing happens to an order
 * that has ended, or begun.
 */
void orders_grant(struct orders *orders, uint64_t order_id, uint64_t until_ms);

/*
 * Orders whose money is settling, returning or refunding: verdicts first, then
 * the oldest.  Stops at what @row returns but 0.
 */
int orders_unsettled(struct orders *orders, size_t limit,
	int (*row)(void *userdata, const struct ledger_row *row),
	void *userdata) _must_use_;

/* Who has the money.  Also LEDGER_E_NONE: that is known already. */
int orders_settled(
	struct orders *orders, uint64_t order_id, bool paid) _must_use_;

/*
 * Begins to pay back: what is owed, or a deposit that is due, or with @owner,
 * who says so, one that he may still look at the car for.  *@ret_msat is how
 * much; 0: all that fees leave.  Also LEDGER_E_NONE: there is nothing to be
 * paid back.
 */
int orders_refund(struct orders *orders, uint64_t order_id, bool owner,
	uint64_t *ret_msat) _must_use_;
/* It was paid back; or not, and why.  Also LEDGER_E_NONE. */
int orders_refunded(struct orders *orders, uint64_t order_id, bool paid,
	const char *why) _must_use_;

/*
 * The owner keeps what is owed, or a deposit.  Also LEDGER_E_NONE: there is
 * neither.
 */
int orders_write_off(struct orders *orders, uint64_t order_id) _must_use_;

/*
 * Does now what the order @order_id is owed for; *@ret_order_id is the one that
 * does it.  Also LEDGER_E_NONE: nothing is owed for it, or the menu does not
 * have it any more; LEDGER_E_RENTED; -EBUSY as orders_try().
 */
int orders_do(struct orders *orders, uint64_t order_id,
	const struct moment *now, uint64_t *ret_order_id) _must_use_;

/*
 * A deposit waits for the car to be back: @state says that it is parked,
 * closed and empty.  Then the owner's time begins, or as soon as the clock is set.
 * *@ret_waits: one waits on.
 */
int orders_see_deposits(struct orders *orders, const struct moment *now,
	const struct car_state *state, bool *ret_waits) _must_use_;

/*
 * Deposits that are due, at most @limit orders; but not one that the node has
 * refused to pay back, which is for the owner to look at.
 */
int orders_due_deposits(struct orders *orders, const struct moment *now,
	size_t limit, int (*row)(void *userdata, const struct ledger_row *row),
	void *userdata) _must_use_;

/*
 * See ledger_money.h.  What is a deposit of each the menu tells, as long as it
 * asks for as much.
 */
int orders_set_offers(struct orders *orders, struct ledger_offer *offers,
	size_t n) _must_use_;
int orders_offer_of(struct orders *orders, const char *action,
	char ret_bolt12[static LEDGER_BOLT12_SIZE],
	bool *ret_is_active) _must_use_;

/*
 * Is @action on sale now, as far as anybody knows without asking the car?
 * Not paused, not rented, within its hours, and the car not known to be
 * otherwise than it has to be (*@ret_is_otherwise).
 */
bool orders_is_on_sale(const struct orders *orders,
	const struct menu_action *action, const struct moment *now,
	const struct car_state *state, bool *ret_is_otherwise);
