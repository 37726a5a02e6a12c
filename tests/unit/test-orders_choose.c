/* SPDX-License-Identifier: MIT */

/* What is taken and what is not: conditions, rounds, limits, the owner's hand. */

#include "orders-world.h"

TEST(orders_choose, car_known_to_be_otherwise_declines_at_once)
{
	struct world w = enter();
	struct payment payment;

	w.menu->actions[1].when.set |=
		CONDITIONS_OF(CONDITION_NOBODY_INSIDE).set;
	open_orders(&w);
	/* Nobody knows who is in it: it will be looked at. */
	(void)pay(&w, 21);
	w.car.closures.at_ms = w.now.boot_ms;
	w.car.closures.user_present = CAR_YES;
	payment = payment_of(&w, 21);
	(void)declined(&w, &payment, "somebody is in the car");
	/* Of others it is not asked. */
	(void)pay(&w, 1);
	/* And that was a while ago. */
	w.now.boot_ms += CAR_PARKED_MAX_AGE_MS + 1;
	(void)pay(&w, 21);
	leave(&w);
}

TEST(orders_choose, rounds_that_were_paid_for_are_the_order_s_own)
{
	struct world w = enter();
	struct order order, same;
	uint64_t id, wake_ms;

	w.menu->actions[2].scale_msat = 50000;
	w.menu->actions[2].rounds_max = 4;
	open_orders(&w);
	id = pay(&w, 200);
	/* Whatever becomes of the menu's. */
	w.menu->actions[2].steps.n_steps = 0;
	cr_assert(next(&w, &order, &wake_ms));
	cr_assert_eq(order.steps->n_steps, 9);
	for (size_t i = 0; i < 9; i++)
		cr_expect_eq(order.steps->steps[i].is_wait, i % 3 == 1);
	cr_assert_eq(order.undo->n_steps, 1);
	cr_assert(orders_find(w.orders, id, &same));
	cr_expect_eq(same.steps, order.steps);
	cr_expect_not(orders_find(w.orders, id + 1, &same));
	cr_assert_eq(orders_step_begun(w.orders, id, 0, false,
			     &order.steps->steps[0], &w.now),
		0);
	(void)orders_free(w.orders);

	/* After a crash they are known from the ledger. */
	open_orders(&w);
	cr_assert(orders_next_crashed(w.orders, &order));
	cr_expect_eq(order.steps->n_steps, 9);
	leave(&w);
}

TEST(orders_choose, limits_count_orders_and_not_their_rounds)
{
	struct world w = enter();
	struct payment payment;
	struct order order;
	uint64_t wake_ms;

	w.menu->actions[1].scale_msat = 10000;
	w.menu->actions[1].rounds_max = 3;
	w.menu->actions[1].per_hour = 2;
	w.menu->actions[1].per_day = 3;
	open_orders(&w);
	for (int i = 0; i < 3; i++) {
		uint64_t id = pay(&w, 41);

		cr_assert(next(&w, &order, &wake_ms));
		cr_assert_eq(order.steps->n_steps, 3);
		for (size_t j = 0; j < 3; j++)
			cr_assert_eq(orders_step_begun(w.orders, id, j, false,
					     &order.steps->steps[j], &w.now),
				0);
		cr_assert_eq(orders_end(w.orders, id, OUTCOME_CONFIRMED, false,
				     "", &w.now),
			0);
		if (i == 1) {
			payment = payment_of(&w, 41);
			(void)declined(&w, &payment,
				"honk is done at most 2 times an hour");
			w.now.boot_ms += 60 * 60 * 1000;
			w.now.wall_s += 60 * 60;
		}
	}
	w.now.boot_ms += 60 * 60 * 1000;
	w.now.wall_s += 60 * 60;
	payment = payment_of(&w, 21);
	(void)declined(&w, &payment, "honk is done at most 3 times a day");
	w.now.boot_ms += 22 * 60 * 60 * 1000;
	w.now.wall_s += 22 * 60 * 60;
	(void)pay(&w, 21);
	leave(&w);
}

TEST(orders_choose, limits_count_what_the_car_is_being_woken_for)
{
	struct world w = enter();
	struct orders_choice choice;
	struct payment payment;
	struct order order;
	uint64_t id, wake_ms;

	w.menu->actions[1].per_day = 1;
	open_orders(&w);
	id = pay(&w, 21);
	cr_assert(next(&w, &order, &wake_ms));
	payment = payment_of(&w, 21);
	(void)declined(&w, &payment, "honk is done at most 1 times a day");
	/* What the car was never asked for does not count; */
	cr_assert_eq(
		orders_end(w.orders, id, OUTCOME_REFUSED, false, "", &w.now),
		0);
	/* what begins with its record counts once. */
	w.menu->actions[1].per_day = 2;
	payment = payment_of(&w, 21);
	choice = choose(&w, &payment);
	(void)record(&w, &payment, &choice, true);
	(void)pay(&w, 21);
	leave(&w);
}

TEST(orders_choose,
	program_by_hand_is_for_a_parked_car_and_counts_for_no_action)
{
	struct world w = enter();
	struct program steps = w.menu->actions[2].steps;
	struct program undo = w.menu->actions[2].undo;
	struct order order;
	uint64_t id, wake_ms;
	char why[LEDGER_TEXT_SIZE];

	open_orders(&w);
	cr_assert_eq(
		orders_try_program(w.orders, &steps, &undo, &w.now, &id), 0);
	cr_expect_str_eq(row_of(&w, id).action, ORDERS_PROGRAM);
	cr_expect_null(menu_find(w.menu, ORDERS_PROGRAM));
	steps.n_steps = undo.n_steps = 0;
	cr_assert(next(&w, &order, &wake_ms));
	cr_expect_eq(order.steps->n_steps, 3);
	cr_expect_eq(order.undo->n_steps, 1);
	cr_expect_not(order.has_payment);
	w.car.drive.gear = CAR_GEAR_D;
	cr_expect_not(orders_may_begin(w.orders, id, &w.now, &w.car, why));
	cr_expect_str_eq(why, "the car is not parked");
	park(&w);
	cr_expect(orders_may_begin(w.orders, id, &w.now, &w.car, why));
	cr_assert_eq(
		orders_end(w.orders, id, OUTCOME_CONFIRMED, false, "", &w.now),
		0);
	cr_expect_eq(row_of(&w, id).money, LEDGER_NO_MONEY);

	for (int i = 0; i < ORDERS_WAITING_MAX; i++)
		cr_assert_eq(orders_try_program(
				     w.orders, &steps, &undo, &w.now, &id),
			0);
	cr_expect_eq(orders_try_program(w.orders, &steps, &undo, &w.now, &id),
		-EBUSY);
	leave(&w);
}
