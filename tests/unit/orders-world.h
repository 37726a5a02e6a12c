/* SPDX-License-Identifier: MIT */
#pragma once

/* What the tests of orders share: a menu, a folder, a car, payments. */

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "orders/orders.h"
#include "test.h"

#define NODE \
	"02aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const struct moment start = {
	.boot_ms = 5000000, .wall_s = 1795348800, .wall_is_set = true
};

static char folder[] = "/tmp/test-orders.XXXXXX";

/* flash 1 sat; honk 21 sat; wave 100 sat, with an undo; open 5000 sat;
 * rent 9000 sat, for half an hour. */
static inline struct menu *menu_of(void)
{
	struct menu *menu = calloc(1, sizeof(*menu));
	static const struct {
		const char *name, *steps[3], *undo;
		uint64_t sat;
	} actions[] = {
		{ "flash", { "flash-lights" }, NULL, 1 },
		{ "honk", { "honk" }, NULL, 21 },
		{ "wave",
			{ "charge-port-open", "wait 2s", "charge-port-close" },
			"charge-port-close", 100 },
		{ "open", { "unlock" }, NULL, 5000 },
		{ "rent", { "unlock" }, "lock", 9000 },
	};
	char why[WHY_SIZE];

	cr_assert_not_null(menu);
	menu->n_accept = 1;
	menu->accept[0].kind = MENU_ACCEPT_LABEL;
	(void)strcpy(menu->accept[0].text, "1sat2flash-*");
	menu->n_actions = ARRAY_SIZE(actions);
	for (size_t i = 0; i < menu->n_actions; i++) {
		struct menu_action *action = &menu->actions[i];

		(void)strcpy(action->name, actions[i].name);
		action->price_msat = 1000 * actions[i].sat;
		action->max_age_ms = MENU_MAX_AGE_MS;
		action->when = CONDITIONS_OF(CONDITION_PARKED);
		for (size_t j = 0; j < 3 && actions[i].steps[j] != NULL; j++)
			cr_assert_eq(program_append(&action->steps,
					     actions[i].steps[j], why),
				0);
		if (actions[i].undo != NULL)
			cr_assert_eq(program_append(&action->undo,
					     actions[i].undo, why),
				0);
	}
	menu->actions[3].unknown = MENU_KEEP;
	menu->actions[4].unknown = MENU_KEEP;
	menu->actions[4].rental = (struct rental_terms){
		.length_ms = 30 * 60 * 1000,
		.get_in_ms = 2 * 60 * 1000,
		.warn_before_ms = 5 * 60 * 1000,
	};
	cr_assert_eq(program_append(&menu->actions[4].rental.warn,
			     "flash-lights", why),
		0);
	cr_assert_eq(
		program_append(&menu->actions[4].rental.end, "lock", why), 0);
	return menu;
}

struct world {
	struct menu *menu;
	struct orders *orders;
	struct moment now;
	struct car_state car;
	size_t n_told;
	struct ledger_row told;
	unsigned int n_payments;
	char hash[65];
};

static inline void on_change(void *userdata, const struct ledger_row *row)
{
	struct world *w = userdata;

	w->n_told++;
	w->told = *row;
}

static inline void park(struct world *w)
{
	car_state_init(&w->car);
	w->car.drive.at_ms = w->now.boot_ms;
	w->car.drive.gear = CAR_GEAR_P;
}

static inline void open_orders(struct world *w)
{
	bool broken;

	cr_assert_eq(orders_open(w->menu, folder, true, &w->now, &broken,
			     &w->orders),
		0);
	orders_on_change(w->orders, on_change, w);
}

static inline struct world enter(void)
{
	struct world w = { .menu = menu_of(), .now = start };

	(void)strcpy(folder, "/tmp/test-orders.XXXXXX");
	cr_assert_not_null(mkdtemp(folder));
	park(&w);
	return w;
}

static inline void leave(struct world *w)
{
	char command[64];

	(void)orders_free(w->orders);
	(void)menu_free(w->menu);
	(void)snprintf(command, sizeof(command), "rm -r %s", folder);
	cr_assert_eq(system(command), 0);
}

/* A payment that has just arrived; each is another one. */
static inline struct payment payment_of(struct world *w, uint64_t sat)
{
	(void)snprintf(w->hash, sizeof(w->hash), "%064u", ++w->n_payments);

	return (struct payment){ .node_id = NODE,
		.payment_hash = w->hash,
		.pay_index = w->n_payments,
		.label = "1sat2flash-",
		.msat = 1000 * sat,
		.paid_at_s = w->now.wall_s };
}

static inline struct orders_choice choose(
	struct world *w, const struct payment *payment)
{
	struct orders_choice choice;

	cr_assert_eq(
		orders_choose(w->orders, payment, &w->now, &w->car, &choice),
		0);
	return choice;
}

static inline uint64_t record(struct world *w, const struct payment *payment,
	const struct orders_choice *choice, bool begin_first)
{
	uint64_t id = UINT64_MAX;

	cr_assert_eq(orders_record(w->orders, payment, choice, begin_first,
			     &w->now, &id),
		0);
	return id;
}

/* Pays and takes; returns the order's id. */
static inline uint64_t pay(struct world *w, uint64_t sat)
{
	struct payment payment = payment_of(w, sat);
	struct orders_choice choice = choose(w, &payment);

	cr_assert_eq(choice.verdict, ORDERS_TAKEN, "%s", choice.why);
	return record(w, &payment, &choice, false);
}

/* Pays, and expects to be declined with @why. */
static inline struct ledger_row declined(
	struct world *w, const struct payment *payment, const char *why)
{
	struct orders_choice choice = choose(w, payment);
	struct ledger_row row = { 0 };
	uint64_t id;

	cr_assert_eq(choice.verdict, ORDERS_DECLINED);
	cr_expect_str_eq(choice.why, why);
	id = record(w, payment, &choice, false);
	cr_assert_eq(orders_get(w->orders, id, &row), 0);
	cr_expect_str_eq(row.why, why);
	return row;
}

static inline bool next(
	struct world *w, struct order *ret, uint64_t *ret_wake_ms)
{
	*ret_wake_ms = 0;

	return orders_next(w->orders, &w->now, ret, ret_wake_ms);
}

static inline struct ledger_row row_of(struct world *w, uint64_t id)
{
	struct ledger_row row = { 0 };

	cr_assert_eq(orders_get(w->orders, id, &row), 0);
	return row;
}
