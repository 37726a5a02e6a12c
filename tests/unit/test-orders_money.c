/* SPDX-License-Identifier: MIT */

/* What a node holds, what is owed, and where it goes. */

#include "orders-money-world.h"

TEST(orders_money, held_payment_waits_until_the_node_grants_it)
{
	struct world w = enter();
	uint64_t id, wake_ms, granted_ms;
	struct order order;

	open_orders(&w);
	id = hold(&w, 1);
	cr_expect(row_of(&w, id).is_held);
	cr_expect_eq(money(&w, id), LEDGER_PENDING);
	cr_assert_not(next(&w, &order, &wake_ms));
	/* Then it is over, granted or not. */
	cr_assert(orders_find(w.orders, id, &order));
	cr_expect_eq(wake_ms, order.start_by_ms);
	cr_expect(orders_has_waiting(w.orders));

	granted_ms = w.now.boot_ms + HOLD_MS;
	orders_grant(w.orders, id, granted_ms);
	cr_assert(next(&w, &order, &wake_ms));
	cr_expect_eq(order.id, id);
	cr_expect_eq(order.start_by_ms, granted_ms - ORDERS_HOLD_MARGIN_MS -
						program_budget_ms(order.steps));
	leave(&w);
}

TEST(orders_money, what_is_granted_is_bounded_by_what_it_takes)
{
	static const struct {
		uint64_t held_ms, budget_ms, start_in_ms;
	} cases[] = {
		/* By the hold, less budget and margin. */
		{ 50000, 30000, 18000 },
		/* By the freshness of the payment. */
		{ 1000000, 30000, MENU_MAX_AGE_MS },
		{ UINT64_MAX, 1000, MENU_MAX_AGE_MS },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct world w = enter();
		struct order before, order;
		uint64_t id, wake_ms;

		w.menu->actions[FLASH].budget_ms = cases[i].budget_ms;
		open_orders(&w);
		id = hold(&w, 1);
		cr_assert(orders_find(w.orders, id, &before));
		orders_grant(w.orders, id,
			cases[i].held_ms == UINT64_MAX
				? UINT64_MAX
				: w.now.boot_ms + cases[i].held_ms);
		cr_assert(next(&w, &order, &wake_ms));
		cr_expect_eq(order.start_by_ms,
			clock_earlier(before.start_by_ms,
				w.now.boot_ms + cases[i].start_in_ms));
		leave(&w);
	}
}

/* Less than it takes is left, or was: not a byte goes to the car. */
TEST(orders_money, what_cannot_be_done_in_time_goes_back)
{
	static const uint64_t held_ms[] = { 0, 1, 32000 };

	for (size_t i = 0; i < ARRAY_SIZE(held_ms); i++) {
		struct world w = enter();
		struct order order;
		uint64_t id, wake_ms;

		w.menu->actions[FLASH].budget_ms = 30000;
		open_orders(&w);
		id = hold(&w, 1);
		orders_grant(
			w.orders, id, i == 0 ? 0 : w.now.boot_ms + held_ms[i]);
		cr_assert_not(next(&w, &order, &wake_ms));
		cr_expect_eq(row_of(&w, id).state, LEDGER_REFUSED);
		cr_expect_str_eq(
			row_of(&w, id).why, "the car was not free in time");
		cr_expect_eq(money(&w, id), LEDGER_RETURNING);
		leave(&w);
	}
}

TEST(orders_money, what_is_never_granted_ends_in_its_time)
{
	struct world w = enter();
	struct order order;
	uint64_t id, wake_ms;

	open_orders(&w);
	id = hold(&w, 1);
	cr_assert_not(next(&w, &order, &wake_ms));
	w.now.boot_ms = wake_ms;
	cr_assert_not(next(&w, &order, &wake_ms));
	cr_expect_eq(wake_ms, CLOCK_NEVER);
	cr_expect_eq(money(&w, id), LEDGER_RETURNING);
	cr_expect_not(orders_has_waiting(w.orders));
	leave(&w);
}

TEST(orders_money, grants_count_once_and_for_what_waits)
{
	struct world w = enter();
	uint64_t ended, begun, wake_ms, start_by_ms;
	struct order order;

	open_orders(&w);
	ended = hold(&w, 1);
	cr_assert_eq(orders_end(w.orders, ended, OUTCOME_REFUSED, false, "no",
			     &w.now),
		0);
	orders_grant(w.orders, ended, w.now.boot_ms + HOLD_MS);
	cr_expect_not(next(&w, &order, &wake_ms));
	cr_expect_eq(money(&w, ended), LEDGER_RETURNING);
	orders_grant(w.orders, 99, w.now.boot_ms + HOLD_MS);

	begun = hold(&w, 1);
	orders_grant(w.orders, begun, w.now.boot_ms + HOLD_MS);
	cr_assert(next(&w, &order, &wake_ms));
	start_by_ms = order.start_by_ms;
	/* The answer comes once more: it neither waits again nor longer. */
	orders_grant(w.orders, begun, 0);
	cr_assert(orders_find(w.orders, begun, &order));
	cr_expect_eq(order.start_by_ms, start_by_ms);
	leave(&w);
}

TEST(orders_money, who_came_later_and_was_granted_goes_first)
{
	struct world w = enter();
	uint64_t first, second, wake_ms;
	struct order order;

	open_orders(&w);
	first = hold(&w, 1);
	second = hold(&w, 21);
	orders_grant(w.orders, second, w.now.boot_ms + HOLD_MS);
	cr_assert(next(&w, &order, &wake_ms));
	cr_expect_eq(order.id, second);
	cr_assert_not(next(&w, &order, &wake_ms));
	orders_grant(w.orders, first, w.now.boot_ms + HOLD_MS);
	cr_assert(next(&w, &order, &wake_ms));
	cr_expect_eq(order.id, first);
	leave(&w);
}

TEST(orders_money, held_payment_moves_no_position)
{
	struct world w = enter();
	struct payment payment;
	uint64_t position, id;

	open_orders(&w);
	payment = held_of(&w, 1);
	id = recorded(&w, &payment, ORDERS_TAKEN);
	cr_expect_eq(orders_position(w.orders, NODE, &position), LEDGER_E_NONE);
	/* Told once more, it is known, and makes no order. */
	cr_expect_eq(recorded(&w, &payment, ORDERS_KNOWN), 0);
	cr_expect_eq(orders_position(w.orders, NODE, &position), LEDGER_E_NONE);
	payment.label = "mug";
	payment.payment_hash = "000000000000000000000000000000000000000000000"
			       "00000000000000000ff";
	cr_expect_eq(recorded(&w, &payment, ORDERS_NOT_OURS), 0);
	cr_expect_eq(orders_position(w.orders, NODE, &position), LEDGER_E_NONE);
	cr_expect_eq(row_of(&w, id).pay_index, 0);
	leave(&w);
}

TEST(orders_money, order_of_a_payment_is_found)
{
	struct world w = enter();
	struct ledger_row row = { 0 };
	uint64_t id;

	open_orders(&w);
	id = hold(&w, 1);
	cr_assert_eq(orders_of_payment(w.orders, NODE, w.hash, &row), 0);
	cr_expect_eq(row.order_id, id);
	cr_expect_eq(
		orders_of_payment(w.orders, "", w.hash, &row), LEDGER_E_NONE);
	leave(&w);
}

/* A mark at the node, and no row here: it may have been done. */
TEST(orders_money, taken_before_and_not_known_is_never_acted_on)
{
	static const struct {
		uint64_t sat;
		enum ledger_money money;
	} cases[] = { { 1, LEDGER_RETURNING }, { 5000, LEDGER_SETTLING },
		{ 7, LEDGER_RETURNING } };
	struct world w = enter();
	struct order order;
	uint64_t wake_ms;

	open_orders(&w);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct payment payment = held_of(&w, cases[i].sat);
		uint64_t id;

		payment.taken = true;
		id = recorded(&w, &payment, ORDERS_DECLINED);
		cr_expect_eq(row_of(&w, id).state, LEDGER_UNKNOWN);
		cr_expect_eq(money(&w, id), cases[i].money);
		cr_expect_str_eq(row_of(&w, id).why,
			"the node says that it was taken before, and the "
			"ledger does not know of it");
		cr_expect_not(next(&w, &order, &wake_ms));
		/* Nor where it comes again, unmarked. */
		payment.taken = false;
		cr_expect_eq(recorded(&w, &payment, ORDERS_KNOWN), 0);
	}
	leave(&w);
}

/* Of what is held, and not marked, no broken ledger has acted on anything. */
TEST(orders_money, after_a_broken_ledger_what_is_held_is_acted_on)
{
	struct world w = enter();
	char path[64];
	FILE *file;
	bool broken = false;
	struct payment payment;

	(void)snprintf(path, sizeof(path), "%s/ledger.sqlite", folder);
	file = fopen(path, "w");
	cr_assert_not_null(file);
	(void)fputs("this is no database, and long enough to be seen", file);
	(void)fclose(file);
	cr_assert_eq(
		orders_open(w.menu, folder, true, &w.now, &broken, &w.orders),
		0);
	cr_assert(broken);
	payment = payment_of(&w, 1);
	payment.max_age_ms = UINT64_MAX;
	(void)declined(&w, &payment,
		"the ledger was broken; this may have been done before");
	(void)hold(&w, 1);
	payment = held_of(&w, 1);
	payment.taken = true;
	cr_expect_eq(row_of(&w, recorded(&w, &payment, ORDERS_DECLINED)).state,
		LEDGER_UNKNOWN);
	leave(&w);
}

TEST(orders_money, restart_returns_what_the_car_was_not_asked_for)
{
	struct world w = enter();
	uint64_t waiting, granted, running;
	struct order order;

	open_orders(&w);
	running = hold(&w, 5000);
	orders_grant(w.orders, running, w.now.boot_ms + HOLD_MS);
	cr_assert(next(&w, &order, &(uint64_t){ 0 }));
	cr_assert_eq(orders_step_begun(w.orders, running, 0, false,
			     &order.steps->steps[0], &w.now),
		0);
	waiting = hold(&w, 1);
	granted = hold(&w, 5000);
	orders_grant(w.orders, granted, w.now.boot_ms + HOLD_MS);
	restart(&w);
	cr_expect_eq(money(&w, waiting), LEDGER_RETURNING);
	cr_expect_eq(money(&w, granted), LEDGER_RETURNING);
	cr_expect_eq(money(&w, running), LEDGER_PENDING);
	cr_assert(orders_next_crashed(w.orders, &order));
	cr_expect_eq(order.id, running);
	cr_assert_eq(orders_end(w.orders, running, OUTCOME_UNKNOWN, false, "",
			     &w.now),
		0);
	cr_expect_eq(money(&w, running), LEDGER_SETTLING);
	leave(&w);
}

TEST(orders_money, verdicts_are_listed_until_the_node_has_shown)
{
	struct world w = enter();
	uint64_t done, refused;
	size_t n = 0;

	open_orders(&w);
	done = hold(&w, 1);
	orders_grant(w.orders, done, w.now.boot_ms + HOLD_MS);
	cr_assert(run(&w, OUTCOME_CONFIRMED));
	cr_expect_eq(w.told.money, LEDGER_SETTLING);
	refused = hold(&w, 1);
	orders_grant(w.orders, refused, w.now.boot_ms + HOLD_MS);
	cr_assert(run(&w, OUTCOME_REFUSED));
	cr_expect_eq(w.told.money, LEDGER_RETURNING);
	cr_assert_eq(orders_unsettled(w.orders, 10, count_row, &n), 0);
	cr_expect_eq(n, 2);

	w.n_told = 0;
	cr_assert_eq(orders_settled(w.orders, done, true), 0);
	cr_expect_eq(w.told.order_id, done);
	cr_expect_eq(w.told.money, LEDGER_EARNED);
	cr_expect_eq(orders_settled(w.orders, done, false), LEDGER_E_NONE);
	cr_assert_eq(orders_settled(w.orders, refused, false), 0);
	cr_expect_eq(w.told.money, LEDGER_RETURNED);
	cr_expect_eq(w.n_told, 2);
	cr_expect_eq(orders_settled(w.orders, 99, true), LEDGER_E_NONE);
	n = 0;
	cr_assert_eq(orders_unsettled(w.orders, 10, count_row, &n), 0);
	cr_expect_eq(n, 0);
	leave(&w);
}

TEST(orders_money, extension_is_done_by_being_recorded)
{
	struct world w = enter();
	struct payment payment;
	uint64_t id;

	open_orders(&w);
	id = hold(&w, 9000);
	orders_grant(w.orders, id, w.now.boot_ms + HOLD_MS);
	cr_assert(run(&w, OUTCOME_CONFIRMED));
	pass(&w, 30 * 1000);
	show_back(&w);
	w.car.closures.user_present = CAR_YES;
	cr_assert_eq(orders_rental_see(w.orders, &w.now, &w.car), 0);
	payment = held_of(&w, 9000);
	id = recorded(&w, &payment, ORDERS_EXTENDS);
	cr_expect_eq(row_of(&w, id).state, LEDGER_CONFIRMED);
	cr_expect_eq(money(&w, id), LEDGER_SETTLING);
	cr_assert_eq(orders_settled(w.orders, id, false), 0);
	cr_expect_eq(money(&w, id), LEDGER_GIVEN);
	leave(&w);
}
