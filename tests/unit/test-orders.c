/* SPDX-License-Identifier: MIT */

#include "faults.h"
#include "orders-world.h"
#include "util/clock.h"

TEST(orders, one_payment_makes_one_order)
{
	struct world w = enter();
	struct payment payment;
	struct orders_choice choice;
	char why[LEDGER_TEXT_SIZE];
	uint64_t id, wake_ms, position;
	struct order order;

	open_orders(&w);
	cr_expect_eq(orders_position(w.orders, NODE, &position), LEDGER_E_NONE);
	cr_assert_eq(orders_begin_node(w.orders, NODE, 0), 0);
	payment = payment_of(&w, 100);
	choice = choose(&w, &payment);
	cr_assert_eq(choice.verdict, ORDERS_TAKEN);
	cr_expect_str_eq(choice.action->name, "wave");
	cr_expect_eq(choice.start_by_ms, w.now.boot_ms + MENU_MAX_AGE_MS);
	cr_expect_eq(choice.start_at_ms, w.now.boot_ms);
	id = record(&w, &payment, &choice, false);
	cr_expect_eq(w.n_told, 1);
	cr_expect_eq(w.told.state, LEDGER_QUEUED);
	cr_expect_eq(choose(&w, &payment).verdict, ORDERS_KNOWN);

	cr_assert(next(&w, &order, &wake_ms));
	cr_expect_eq(order.id, id);
	cr_expect_eq(order.steps->n_steps, 3);
	cr_expect_eq(order.undo->n_steps, 1);
	cr_expect_eq(order.conditions.set, CONDITIONS_OF(CONDITION_PARKED).set);
	cr_expect(order.has_payment);
	cr_expect_not(next(&w, &order, &wake_ms), "it is handed out once");
	cr_expect_eq(wake_ms, CLOCK_NEVER);
	cr_assert(orders_may_begin(w.orders, id, &w.now, &w.car, why));
	for (size_t i = 0; i < 3; i++) {
		cr_assert_eq(orders_step_begun(w.orders, id, i, false,
				     &order.steps->steps[i], &w.now),
			0);
		cr_assert_eq(orders_step_ended(w.orders, id, i, false,
				     OUTCOME_CONFIRMED, &w.now),
			0);
	}
	cr_expect_eq(w.n_told, 2);
	cr_expect_eq(w.told.state, LEDGER_RUNNING);
	w.now.boot_ms += 2500;
	cr_assert_eq(
		orders_end(w.orders, id, OUTCOME_CONFIRMED, false, "", &w.now),
		0);
	cr_expect_eq(w.n_told, 3);
	cr_expect_eq(w.told.state, LEDGER_CONFIRMED);
	cr_expect_eq(w.told.money, LEDGER_EARNED);
	cr_expect_eq(w.told.took_ms, 2500);
	cr_expect_eq(
		orders_end(w.orders, id, OUTCOME_CONFIRMED, false, "", &w.now),
		-ENOENT);
	cr_expect_eq(orders_step_begun(w.orders, id, 0, false,
			     &w.menu->actions[0].steps.steps[0], &w.now),
		-ENOENT);
	cr_expect_eq(orders_step_ended(
			     w.orders, id, 0, false, OUTCOME_CONFIRMED, &w.now),
		-ENOENT);
	cr_expect_not(orders_may_begin(w.orders, id, &w.now, &w.car, why));
	cr_assert_eq(orders_position(w.orders, NODE, &position), 0);
	cr_expect_eq(position, 1);
	leave(&w);
}

TEST(orders, other_income_moves_the_position_only)
{
	struct world w = enter();
	struct orders_choice choice;
	struct payment payment;
	uint64_t position, wake_ms;
	struct order order;

	open_orders(&w);
	for (int i = 0; i < 20; i++) {
		payment = payment_of(&w, 1);
		payment.label = "mug";
		choice = choose(&w, &payment);
		cr_assert_eq(choice.verdict, ORDERS_NOT_OURS);
		cr_expect_eq(record(&w, &payment, &choice, true), 0);
	}
	cr_assert_eq(orders_position(w.orders, NODE, &position), 0);
	cr_expect_eq(position, 20);
	cr_expect_eq(w.n_told, 0);
	cr_expect_not(next(&w, &order, &wake_ms));
	leave(&w);
}

TEST(orders, payment_told_twice_is_recorded_once)
{
	struct world w = enter();
	struct payment payment;
	struct orders_choice choice;
	uint64_t id, position, wake_ms;
	struct order order;

	open_orders(&w);
	payment = payment_of(&w, 1);
	choice = choose(&w, &payment);
	id = record(&w, &payment, &choice, false);
	cr_expect_neq(id, 0);
	/* Chosen twice before it was recorded: the ledger sees it. */
	payment.pay_index = 9;
	cr_expect_eq(record(&w, &payment, &choice, false), 0);
	cr_assert_eq(orders_position(w.orders, NODE, &position), 0);
	cr_expect_eq(position, 9);
	cr_assert(next(&w, &order, &wake_ms));
	cr_expect_eq(order.id, id);
	cr_expect_not(next(&w, &order, &wake_ms));
	leave(&w);
}

TEST(orders, refusals_are_owed_and_say_why)
{
	struct world w = enter();
	struct payment payment;
	struct ledger_row row;
	struct orders_choice choice;

	open_orders(&w);
	payment = payment_of(&w, 7);
	row = declined(&w, &payment, "no action costs 7 sat");
	cr_expect_eq(row.state, LEDGER_REFUSED);
	cr_expect_eq(row.money, LEDGER_OWED);
	cr_expect_str_eq(row.action, "");

	payment = payment_of(&w, 5);
	payment.label = "1sat2flash-honk";
	row = declined(&w, &payment, "paid 5 sat, honk costs 21 sat");
	cr_expect_str_eq(row.action, "honk");

	payment = payment_of(&w, 1);
	payment.max_age_ms = UINT64_MAX;
	payment.paid_at_s -= 61;
	(void)declined(&w, &payment,
		"it was paid 61 s ago, and no longer counts after 60 s");

	payment = payment_of(&w, 1);
	payment.restored = true;
	(void)declined(&w, &payment,
		"the node was restored or exchanged; this may be an old "
		"payment");

	cr_assert_eq(orders_set_paused(w.orders, true), 0);
	cr_expect(orders_is_paused(w.orders));
	payment = payment_of(&w, 1);
	(void)declined(&w, &payment, "the bridge is paused");
	cr_assert_eq(orders_set_paused(w.orders, false), 0);

	w.menu->actions[0].open_from_min = 1;
	w.now.wall_is_set = false;
	payment = payment_of(&w, 1);
	(void)declined(&w, &payment,
		"flash has opening hours, and the clock is not set yet");

	payment.payment_hash = "no hash";
	cr_expect_eq(orders_choose(w.orders, &payment, &w.now, &w.car, &choice),
		-EINVAL);
	leave(&w);
}

TEST(orders, tip_is_recorded)
{
	struct world w = enter();
	struct payment payment;
	struct orders_choice choice;
	uint64_t id;

	open_orders(&w);
	payment = payment_of(&w, 30);
	payment.label = "1sat2flash-honk-17";
	payment.payer_note = "for the dog";
	choice = choose(&w, &payment);
	cr_expect_eq(choice.tip_msat, 9000);
	id = record(&w, &payment, &choice, false);
	cr_expect_eq(row_of(&w, id).tip_msat, 9000);
	cr_expect_str_eq(row_of(&w, id).payer_note, "for the dog");
	leave(&w);
}

TEST(orders, cooldown_lets_wait_while_fresh)
{
	struct world w = enter();
	struct payment payment;
	uint64_t first, second, wake_ms;
	struct order order;

	w.menu->actions[1].cooldown_ms = 10000;
	open_orders(&w);
	first = pay(&w, 21);
	second = pay(&w, 21);
	cr_assert(next(&w, &order, &wake_ms));
	cr_expect_eq(order.id, first);
	cr_assert_eq(orders_step_begun(w.orders, first, 0, false,
			     &order.steps->steps[0], &w.now),
		0);
	cr_expect_not(next(&w, &order, &wake_ms));
	cr_expect_eq(wake_ms, w.now.boot_ms + 10000);
	w.now.boot_ms = wake_ms;
	cr_assert(next(&w, &order, &wake_ms));
	cr_expect_eq(order.id, second);

	/* It could only be refused later: so it is at once. */
	w.menu->actions[1].cooldown_ms = 120000;
	payment = payment_of(&w, 21);
	(void)declined(&w, &payment,
		"honk rests after each time, for longer than this payment "
		"counts");
	leave(&w);
}

TEST(orders, what_waited_too_long_is_refused)
{
	struct world w = enter();
	uint64_t id, tried, wake_ms;
	struct order order;

	open_orders(&w);
	id = pay(&w, 1);
	cr_assert_eq(orders_try(w.orders, "honk", &w.now, &tried), 0);
	w.now.boot_ms += MENU_MAX_AGE_MS;
	w.n_told = 0;
	cr_expect_not(next(&w, &order, &wake_ms));
	cr_expect_eq(wake_ms, CLOCK_NEVER);
	cr_expect_eq(w.n_told, 2);
	cr_expect_eq(row_of(&w, id).state, LEDGER_REFUSED);
	cr_expect_eq(row_of(&w, id).money, LEDGER_OWED);
	cr_expect_str_eq(row_of(&w, id).why, "the car was not free in time");
	cr_expect_eq(row_of(&w, tried).money, LEDGER_NO_MONEY);
	leave(&w);
}

TEST(orders, per_hour_counts_those_that_wait)
{
	struct world w = enter();
	struct payment payment;
	uint64_t wake_ms;
	struct order order;

	w.menu->actions[1].per_hour = 2;
	open_orders(&w);
	(void)pay(&w, 21);
	(void)pay(&w, 21);
	payment = payment_of(&w, 21);
	(void)declined(&w, &payment, "honk is done at most 2 times an hour");
	for (int i = 0; i < 2; i++) {
		cr_assert(next(&w, &order, &wake_ms));
		cr_assert_eq(orders_step_begun(w.orders, order.id, 0, false,
				     &order.steps->steps[0], &w.now),
			0);
		cr_assert_eq(orders_end(w.orders, order.id, OUTCOME_CONFIRMED,
				     false, "", &w.now),
			0);
	}
	payment = payment_of(&w, 21);
	(void)declined(&w, &payment, "honk is done at most 2 times an hour");
	w.now.boot_ms += 60 * 60 * 1000;
	(void)pay(&w, 21);
	leave(&w);
}

TEST(orders, per_hour_counts_what_was_begun_and_what_waits)
{
	struct world w = enter();
	struct payment payment;
	struct order order;
	uint64_t begun, wake_ms;

	w.menu->actions[1].per_hour = 2;
	open_orders(&w);
	begun = pay(&w, 21);
	cr_assert(next(&w, &order, &wake_ms));
	cr_assert_eq(orders_step_begun(w.orders, begun, 0, false,
			     &order.steps->steps[0], &w.now),
		0);
	w.now.boot_ms += 10 * 60 * 1000;
	w.now.wall_s += 10 * 60;
	(void)pay(&w, 21);
	payment = payment_of(&w, 21);
	(void)declined(&w, &payment, "honk is done at most 2 times an hour");
	leave(&w);
}

TEST(orders, cooldown_as_long_as_a_payment_counts_refuses)
{
	struct world w = enter();
	struct payment payment;
	struct order order;
	uint64_t begun, wake_ms;

	w.menu->actions[1].cooldown_ms = MENU_MAX_AGE_MS;
	open_orders(&w);
	begun = pay(&w, 21);
	cr_assert(next(&w, &order, &wake_ms));
	cr_assert_eq(orders_step_begun(w.orders, begun, 0, false,
			     &order.steps->steps[0], &w.now),
		0);
	payment = payment_of(&w, 21);
	(void)declined(&w, &payment,
		"honk rests after each time, for longer than this payment "
		"counts");
	leave(&w);
}

TEST(orders, too_many_do_not_wait)
{
	struct world w = enter();
	struct payment payment;
	uint64_t tried;

	open_orders(&w);
	for (int i = 0; i < ORDERS_WAITING_MAX; i++)
		(void)pay(&w, 1);
	payment = payment_of(&w, 1);
	(void)declined(&w, &payment, "too many orders are waiting already");
	cr_expect_eq(orders_try(w.orders, "flash", &w.now, &tried), -EBUSY);
	leave(&w);
}

TEST(orders, rules_hold_once_more_before_the_first_step)
{
	struct world w = enter();
	uint64_t id, tried, wake_ms;
	char why[LEDGER_TEXT_SIZE];
	struct order order;

	open_orders(&w);
	id = pay(&w, 1);
	cr_assert(next(&w, &order, &wake_ms));
	w.car.drive.gear = CAR_GEAR_D;
	cr_expect_not(orders_may_begin(w.orders, id, &w.now, &w.car, why));
	cr_expect_str_eq(why, "the car is not parked");
	park(&w);
	cr_assert_eq(orders_set_paused(w.orders, true), 0);
	cr_expect_not(orders_may_begin(w.orders, id, &w.now, &w.car, why));
	cr_expect_str_eq(why, "the bridge is paused");

	/* The owner may try while it is paused, but not while it drives. */
	cr_assert_eq(orders_try(w.orders, "honk", &w.now, &tried), 0);
	cr_assert(next(&w, &order, &wake_ms));
	cr_expect_eq(order.id, tried);
	cr_expect_not(order.has_payment);
	cr_expect(orders_may_begin(w.orders, tried, &w.now, &w.car, why));
	w.car.drive.gear = CAR_GEAR_D;
	cr_expect_not(orders_may_begin(w.orders, tried, &w.now, &w.car, why));
	park(&w);
	cr_assert_eq(orders_set_paused(w.orders, false), 0);
	cr_expect(orders_may_begin(w.orders, id, &w.now, &w.car, why));
	w.menu->actions[0].open_from_min = 1;
	w.now.wall_is_set = false;
	cr_expect_not(orders_may_begin(w.orders, id, &w.now, &w.car, why));
	w.menu->actions[0].open_from_min = 0;
	w.now.boot_ms += MENU_MAX_AGE_MS;
	park(&w);
	cr_expect_not(orders_may_begin(w.orders, id, &w.now, &w.car, why));
	cr_expect_str_eq(why, "the car was not ready in time");
	cr_expect_eq(
		orders_try(w.orders, "fly", &w.now, &tried), LEDGER_E_NONE);
	leave(&w);
}

TEST(orders, begun_with_its_record_needs_no_second_write)
{
	struct world w = enter();
	struct payment payment;
	struct orders_choice choice;
	struct order order;
	uint64_t id, wake_ms;
	char why[LEDGER_TEXT_SIZE];

	open_orders(&w);
	payment = payment_of(&w, 5000);
	choice = choose(&w, &payment);
	id = record(&w, &payment, &choice, true);
	cr_expect_eq(w.told.state, LEDGER_RUNNING);
	cr_expect_not(next(&w, &order, &wake_ms));
	cr_expect(orders_may_begin(w.orders, id, &w.now, &w.car, why));
	cr_assert_eq(orders_step_ended(
			     w.orders, id, 0, false, OUTCOME_UNKNOWN, &w.now),
		0);
	cr_assert_eq(orders_end(w.orders, id, OUTCOME_UNKNOWN, false, "silence",
			     &w.now),
		0);
	cr_expect_eq(row_of(&w, id).money, LEDGER_KEPT);
	leave(&w);
}

TEST(orders, restart_settles_what_was_left_behind)
{
	struct world w = enter();
	uint64_t queued, running, wake_ms;
	struct order order;
	char why[LEDGER_TEXT_SIZE];

	open_orders(&w);
	running = pay(&w, 100);
	queued = pay(&w, 1);
	cr_assert(next(&w, &order, &wake_ms));
	cr_assert_eq(orders_step_begun(w.orders, running, 0, false,
			     &order.steps->steps[0], &w.now),
		0);
	cr_assert_eq(orders_step_ended(w.orders, running, 0, false,
			     OUTCOME_CONFIRMED, &w.now),
		0);
	cr_assert_eq(orders_step_begun(w.orders, running, 1, false,
			     &order.steps->steps[1], &w.now),
		0);
	cr_assert_eq(orders_set_paused(w.orders, true), 0);
	(void)orders_free(w.orders);

	/* The menu may have changed since. */
	w.menu->n_actions = 1;
	open_orders(&w);
	cr_expect(orders_is_paused(w.orders));
	cr_expect_eq(row_of(&w, queued).state, LEDGER_REFUSED);
	cr_expect_eq(row_of(&w, queued).money, LEDGER_OWED);
	cr_expect_str_eq(row_of(&w, queued).why,
		"the bridge was restarted before the car was asked");
	cr_expect_not(next(&w, &order, &wake_ms));
	cr_assert(orders_next_crashed(w.orders, &order));
	cr_expect_eq(order.id, running);
	cr_expect_str_eq(order.action, "wave");
	cr_expect_eq(order.steps->n_steps, 3);
	cr_expect_eq(order.steps->steps[1].wait_ms, 2000);
	cr_expect_eq(
		order.undo->steps[0].command.id, COMMAND_CHARGE_PORT_CLOSE);
	cr_expect_eq(order.journal.marks[0], JOURNAL_CONFIRMED);
	cr_expect_eq(order.journal.marks[1], JOURNAL_BEGUN);
	cr_expect_not(order.journal.undo_begun);
	cr_expect(orders_may_begin(w.orders, running, &w.now, &w.car, why));
	cr_assert_eq(orders_step_begun(w.orders, running, 0, true,
			     &order.undo->steps[0], &w.now),
		0);
	cr_assert_eq(orders_end(w.orders, running, OUTCOME_REFUSED, false,
			     "undone", &w.now),
		0);
	cr_expect_eq(row_of(&w, running).money, LEDGER_OWED);
	cr_expect_not(orders_next_crashed(w.orders, &order));
	leave(&w);
}

TEST(orders, step_of_another_version_keeps_its_place_and_is_not_known)
{
	struct world w = enter();
	struct program steps = w.menu->actions[2].steps;
	const struct program *undo = &w.menu->actions[2].undo;
	struct order order;
	uint64_t id, wake_ms;

	/* Printed as what nobody can read. */
	steps.steps[1] = (struct step){ .command.id = COMMAND_NONE };
	open_orders(&w);
	cr_assert_eq(
		orders_try_program(w.orders, &steps, undo, &w.now, &id), 0);
	cr_assert(next(&w, &order, &wake_ms));
	cr_assert_eq(orders_step_begun(w.orders, id, 0, false,
			     &order.steps->steps[0], &w.now),
		0);
	(void)orders_free(w.orders);

	open_orders(&w);
	cr_assert(orders_next_crashed(w.orders, &order));
	cr_assert_eq(order.steps->n_steps, 3);
	cr_expect_not(order.steps->steps[1].is_wait);
	cr_expect_eq(order.steps->steps[1].command.id, COMMAND_NONE);
	cr_expect_eq(
		order.steps->steps[2].command.id, COMMAND_CHARGE_PORT_CLOSE);
	leave(&w);
}

TEST(orders, after_a_broken_ledger_payments_are_unknown)
{
	struct world w = enter();
	struct payment payment;
	struct ledger_row row;
	bool broken = false;
	char path[64];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/ledger.sqlite", folder);
	file = fopen(path, "w");
	cr_assert_not_null(file);
	(void)fputs("this was a ledger once, but now it is only text that is "
		    "long enough to be looked at as if it were one.......",
		file);
	(void)fclose(file);
	cr_assert_eq(
		orders_open(w.menu, folder, true, &w.now, &broken, &w.orders),
		0);
	cr_expect(broken);

	cr_expect_eq(
		orders_missing_since(w.orders), w.now.wall_s - LEDGER_BROKEN_S);

	payment = payment_of(&w, 1);
	payment.max_age_ms = UINT64_MAX;
	row = declined(&w, &payment,
		"the ledger was broken; this may have been done before");
	/* It knows a node: from now on nothing is missing. */
	cr_expect_eq(orders_missing_since(w.orders), INT64_MAX);
	cr_expect_eq(row.state, LEDGER_UNKNOWN);
	cr_expect_eq(row.money, LEDGER_OWED);
	payment = payment_of(&w, 5000);
	payment.max_age_ms = UINT64_MAX;
	payment.paid_at_s -= 6 * 24 * 3600;
	row = declined(&w, &payment,
		"the ledger was broken; this may have been done before");
	cr_expect_eq(row.money, LEDGER_KEPT);
	/* What arrives from now on is as good as ever. */
	w.now.boot_ms += 1000;
	(void)pay(&w, 1);
	leave(&w);
}

static int count_row(void *userdata, const struct ledger_row *row)
{
	size_t *n = userdata;

	(void)row;
	(*n)++;
	return 0;
}

TEST(orders, lists_payments_and_what_is_owed)
{
	struct world w = enter();
	struct payment payment;
	size_t n = 0, n_owed = 0;
	uint64_t tried, n_all = 9, msat = 9;

	open_orders(&w);
	(void)pay(&w, 1);
	cr_assert_eq(orders_owed(w.orders, &n_all, &msat), 0);
	cr_expect_eq(n_all, 0);
	cr_expect_eq(msat, 0);
	payment = payment_of(&w, 7);
	(void)declined(&w, &payment, "no action costs 7 sat");
	cr_assert_eq(orders_try(w.orders, "honk", &w.now, &tried), 0);
	cr_assert_eq(
		orders_list(w.orders, ORDERS_PAYMENTS, 10, count_row, &n), 0);
	cr_expect_eq(n, 2);
	cr_assert_eq(
		orders_list(w.orders, ORDERS_OWED, 10, count_row, &n_owed), 0);
	cr_expect_eq(n_owed, 1);
	cr_assert_eq(orders_owed(w.orders, &n_all, &msat), 0);
	cr_expect_eq(n_all, 1);
	cr_expect_eq(msat, 7000);
	leave(&w);
}

TEST(orders, every_allocation_may_fail)
{
	struct world w = enter();
	struct payment payment;
	struct orders_choice choice;
	struct order order;
	uint64_t id = 0, wake_ms;
	bool broken;
	int r = -1;
	long n;

	/* Something to be found by the next start. */
	open_orders(&w);
	payment = payment_of(&w, 1);
	choice = choose(&w, &payment);
	(void)record(&w, &payment, &choice, true);
	w.orders = orders_free(w.orders);

	for (n = 0; r != 0 && n < 1000; n++) {
		faults_arm(n);
		r = orders_open(
			w.menu, folder, true, &w.now, &broken, &w.orders);
		faults_disarm();
		cr_assert(r == 0 || (r == -ENOMEM && w.orders == NULL),
			"allocation %ld: %d", n, r);
	}
	cr_assert_eq(r, 0);
	cr_expect_gt(n, 3);
	cr_expect(orders_next_crashed(w.orders, &order));

	payment = payment_of(&w, 1);
	choice = choose(&w, &payment);
	faults_arm(0);
	r = orders_record(w.orders, &payment, &choice, false, &w.now, &id);
	faults_disarm();
	cr_expect_eq(r, -ENOMEM);
	/* Nothing was written: it can be offered again. */
	cr_expect_eq(choose(&w, &payment).verdict, ORDERS_TAKEN);
	(void)record(&w, &payment, &choice, false);
	cr_expect(next(&w, &order, &wake_ms));
	leave(&w);
}
