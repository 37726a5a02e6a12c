/* SPDX-License-Identifier: MIT */
#pragma once

/* Orders whose payments a node holds, and cars that are rented for a deposit. */

#include "orders-world.h"
#include "orders/orders_money.h"
#include "orders/orders_rental.h"
#include "util/clock.h"

#define WAY_BACK "back to me@wallet.example"

enum {
	FLASH,
	HONK,
	WAVE,
	OPEN, /* unknown = keep, as is the next */
	RENT,

	DAY_S = 24 * 60 * 60,
	HOLD_MS = 60 * 1000, /* how long a node holds */
};

static inline void pass(struct world *w, uint64_t ms)
{
	w->now.boot_ms += ms;
	w->now.wall_s += (int64_t)(ms / 1000);
}

static inline void restart(struct world *w)
{
	w->orders = orders_free(w->orders);
	open_orders(w);
}

/* As payment_of(), held since just now. */
static inline struct payment held_of(struct world *w, uint64_t sat)
{
	struct payment payment = payment_of(w, sat);

	payment.pay_index = 0;
	payment.paid_at_s = 0;
	payment.max_age_ms = 100;
	payment.held = true;
	return payment;
}

/* Chosen and recorded, whatever becomes of it. */
static inline uint64_t recorded(struct world *w, const struct payment *payment,
	enum orders_verdict verdict)
{
	struct orders_choice choice = choose(w, payment);

	cr_assert_eq(choice.verdict, verdict, "%s", choice.why);
	return record(w, payment, &choice, false);
}

static inline uint64_t hold(struct world *w, uint64_t sat)
{
	struct payment payment = held_of(w, sat);

	return recorded(w, &payment, ORDERS_TAKEN);
}

/* A payment for this action that could not be done; the money is owed. */
static inline uint64_t owe(struct world *w, uint64_t sat)
{
	uint64_t id = pay(w, sat);

	cr_assert_eq(orders_end(w->orders, id, OUTCOME_REFUSED, false, "no",
			     &w->now),
		0);
	return id;
}

/* The car does what waits next; false: nothing may begin now. */
static inline bool run(struct world *w, enum outcome outcome)
{
	char why[LEDGER_TEXT_SIZE];
	struct order order;
	uint64_t wake_ms;

	if (!next(w, &order, &wake_ms))
		return false;
	cr_assert(orders_may_begin(w->orders, order.id, &w->now, &w->car, why),
		"%s", why);
	cr_assert_eq(orders_step_begun(w->orders, order.id, 0, false,
			     &order.steps->steps[0], &w->now),
		0);
	cr_assert_eq(
		orders_end(w->orders, order.id, outcome, false, "", &w->now),
		0);
	return true;
}

static inline enum ledger_money money(struct world *w, uint64_t id)
{
	return row_of(w, id).money;
}

static inline enum ledger_deposit deposit(struct world *w, uint64_t id)
{
	return row_of(w, id).deposit;
}

/* The menu asks for a deposit of 50000 sat with its rental of 9000 sat. */
static inline void ask_deposit(struct world *w)
{
	w->menu->actions[RENT].deposit_msat = 50000000;
	w->menu->actions[RENT].inspect_ms = UINT64_C(1000) * DAY_S;
}

/* A rental with a deposit, begun; then it has ended. */
static inline uint64_t rented_once(struct world *w)
{
	struct payment payment = payment_of(w, 59000);
	uint64_t id;

	park(w);
	payment.payer_note = WAY_BACK;
	id = recorded(w, &payment, ORDERS_TAKEN);
	cr_assert(run(w, OUTCOME_CONFIRMED));
	cr_assert_eq(orders_rental_stop(w->orders, &w->now), 0);
	cr_assert_eq(orders_rental_run(w->orders, RENTAL_END, &w->now), 0);
	cr_assert(run(w, OUTCOME_CONFIRMED));
	cr_assert_null(orders_rental(w->orders));
	return id;
}

/* What the car shows when it is back: parked, closed, empty. */
static inline void show_back(struct world *w)
{
	park(w);
	w->car.closures = (struct car_closures){ .at_ms = w->now.boot_ms,
		.user_present = CAR_NO,
		.any_door_open = CAR_NO,
		.trunk_open = CAR_NO,
		.frunk_open = CAR_NO };
}

/* Returns whether a deposit waits on. */
static inline bool see(struct world *w)
{
	bool waits = false;

	cr_assert_eq(
		orders_see_deposits(w->orders, &w->now, &w->car, &waits), 0);
	return waits;
}

static inline int count_row(void *userdata, const struct ledger_row *row)
{
	(void)row;
	++*(size_t *)userdata;
	return 0;
}

static inline size_t n_due(struct world *w, size_t limit)
{
	size_t n = 0;

	cr_assert_eq(
		orders_due_deposits(w->orders, &w->now, limit, count_row, &n),
		0);
	return n;
}
