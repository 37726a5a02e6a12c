/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Ledger of money - what becomes of it after an order has ended
 *
 * A verdict that was given to the node, what is owed, deposits, and the offers
 * by which payments come.  Each call is one synced transaction, and returns as
 * those in ledger.h do.
 *
 * Spec: architecture 5.
 */

#include "orders/ledger.h"

/* An offer that the node has for an action. */
struct ledger_offer {
	const char *offer_id;
	const char *action;
	uint64_t price_msat;  /* deposit included */
	int64_t deposit_msat; /* of it; less than 0: as it was told before */
	const char *bolt12;
	bool is_retired;
	bool is_active;
};

enum {
	LEDGER_BOLT12_SIZE = 1024,
};

/* The order of this payment.  LEDGER_E_NONE if there is none. */
int ledger_find(struct ledger *ledger, const char *node_id,
	const char *payment_hash, struct ledger_row *ret) _must_use_;

/*
 * The node has shown who has the money of an order that is settling or
 * returning.  LEDGER_E_NONE if it is neither.
 */
int ledger_settled(struct ledger *ledger, uint64_t id, bool paid) _must_use_;

/*
 * Moves the money of an order, and says why it is not paid back yet (or "").
 * LEDGER_E_NONE if it is not @from.
 */
int ledger_move(struct ledger *ledger, uint64_t id, enum ledger_money from,
	enum ledger_money to, const char *refund_why) _must_use_;

/* The same for its deposit. */
int ledger_move_deposit(struct ledger *ledger, uint64_t id,
	enum ledger_deposit from, enum ledger_deposit to,
	const char *refund_why) _must_use_;

/* Of orders that have ended, whose rental may last. */
int ledger_has_deposits(struct ledger *ledger, bool *ret) _must_use_;

/*
 * The car is back: the owner has his time to look at it, from @now_s on.  0: the
 * clock is not set; then from when it is.
 */
int ledger_inspect_deposits(struct ledger *ledger, int64_t now_s) _must_use_;
/* That time is over for some: they are due.  @now_s as above. */
int ledger_due_deposits(struct ledger *ledger, int64_t now_s) _must_use_;

/*
 * The offers as they are now.  One that was ever told is ours for good: a
 * payment by it may come late.
 */
int ledger_set_offers(struct ledger *ledger, const struct ledger_offer *offers,
	size_t n) _must_use_;

/*
 * What @offer_id sells, for how much, and how much of that is a deposit.
 * LEDGER_E_NONE if it is not ours.
 */
int ledger_offer(struct ledger *ledger, const char *offer_id,
	char ret_action[static 33], uint64_t *ret_price_msat,
	uint64_t *ret_deposit_msat) _must_use_;

/*
 * The offer that sells @action now.  LEDGER_E_NONE if there is none, or it is
 * too long.
 */
int ledger_offer_of(struct ledger *ledger, const char *action,
	char ret_bolt12[static LEDGER_BOLT12_SIZE],
	bool *ret_is_active) _must_use_;
