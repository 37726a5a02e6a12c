/* SPDX-License-Identifier: MIT */
#pragma once

/* A ledger with payments in it, held and settled, and what becomes of them. */

#include "ledger-world.h"
#include "orders/ledger_money.h"

enum {
	MSAT = 60000,
	DEPOSIT = 50000,
	DAY_S = 24 * 60 * 60,
};

static struct ledger *ledger;
static unsigned int n_payments;

static inline struct payment another(bool held)
{
	static char hash[65];
	struct payment payment;

	(void)snprintf(hash, sizeof(hash), "%064x", ++n_payments);
	payment = payment_of(hash, held ? 0 : n_payments);
	payment.held = held;
	payment.msat = MSAT;
	return payment;
}

static inline uint64_t take_one(
	bool held, enum ledger_state state, bool keeps, uint64_t deposit_msat)
{
	const struct payment payment = another(held);
	const struct ledger_order order = {
		.action = "flash",
		.steps = "flash-lights",
		.undo = "",
		.keeps_unknown = keeps,
		.state = state,
		.why = "",
		.payment = &payment,
		.deposit_msat = deposit_msat,
		.inspect_ms = 1000 * DAY_S,
	};
	uint64_t id = 0;

	cr_assert_eq(ledger_take(ledger, &order, &now, &id), 0);
	return id;
}

static inline void end_one(uint64_t id, enum outcome outcome, bool keeps)
{
	cr_assert_eq(ledger_end(ledger, id, outcome, keeps, "", NULL, &now), 0);
}

static inline enum ledger_money money(uint64_t id)
{
	return row_of(ledger, id).money;
}

static inline enum ledger_deposit deposit(uint64_t id)
{
	return row_of(ledger, id).deposit;
}

static inline void begin(void)
{
	enter();
	ledger = opened(false);
}

static inline void restart(void)
{
	ledger = ledger_free(ledger);
	ledger = opened(false);
}

static inline void end(void)
{
	ledger = ledger_free(ledger);
	leave();
}

/* What is owed for @id is done by another order, which is returned. */
static inline int redo(uint64_t id, uint64_t *ret_id)
{
	const struct ledger_order order = {
		.action = "flash",
		.steps = "flash-lights",
		.undo = "",
		.state = LEDGER_QUEUED,
		.why = "",
		.for_order = id,
	};

	return ledger_take(ledger, &order, &now, ret_id);
}

static inline uint64_t owed_one(void)
{
	return take_one(false, LEDGER_REFUSED, false, 0);
}

/* Architecture 5. */
static const struct {
	enum outcome outcome;
	bool rule_keeps, step_keeps;
	enum ledger_money settled_before, held, if_paid, if_unpaid;
} ends[] = {
	{ OUTCOME_CONFIRMED, false, false, LEDGER_EARNED, LEDGER_SETTLING,
		LEDGER_EARNED, LEDGER_GIVEN },
	{ OUTCOME_CONFIRMED, true, true, LEDGER_EARNED, LEDGER_SETTLING,
		LEDGER_EARNED, LEDGER_GIVEN },
	{ OUTCOME_REFUSED, false, false, LEDGER_OWED, LEDGER_RETURNING,
		LEDGER_OWED, LEDGER_RETURNED },
	{ OUTCOME_REFUSED, true, true, LEDGER_OWED, LEDGER_RETURNING,
		LEDGER_OWED, LEDGER_RETURNED },
	{ OUTCOME_UNKNOWN, false, false, LEDGER_OWED, LEDGER_RETURNING,
		LEDGER_OWED, LEDGER_RETURNED },
	{ OUTCOME_UNKNOWN, true, false, LEDGER_KEPT, LEDGER_SETTLING,
		LEDGER_KEPT, LEDGER_RETURNED },
	{ OUTCOME_UNKNOWN, false, true, LEDGER_KEPT, LEDGER_SETTLING,
		LEDGER_KEPT, LEDGER_RETURNED },
};
