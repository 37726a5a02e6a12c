/* SPDX-License-Identifier: MIT */

/* A deposit, from the payment to where it ends. */

#include "orders-money-world.h"

TEST(orders_deposits, without_a_way_back_nothing_is_rented)
{
	static const char *const notes[] = { NULL, "", "thanks",
		"a@wallet.example or b@wallet.example" };
	struct world w = enter();
	struct payment payment;

	ask_deposit(&w);
	open_orders(&w);
	for (size_t i = 0; i < ARRAY_SIZE(notes); i++) {
		struct ledger_row row;

		payment = payment_of(&w, 59000);
		payment.payer_note = notes[i];
		row = declined(&w, &payment,
			"the note of the payment says no way back for the "
			"deposit: it takes a BOLT 12 offer or a name like "
			"you@wallet.example");
		cr_expect_eq(row.money, LEDGER_OWED);
		cr_expect_eq(row.deposit, LEDGER_NO_DEPOSIT);
	}
	/* Held, it goes back whole. */
	payment = held_of(&w, 59000);
	cr_expect_eq(money(&w, recorded(&w, &payment, ORDERS_DECLINED)),
		LEDGER_RETURNING);
	leave(&w);
}

TEST(orders_deposits, are_asked_for_beside_the_price)
{
	struct world w = enter();
	struct payment payment;
	uint64_t id;

	ask_deposit(&w);
	open_orders(&w);
	payment = payment_of(&w, 9000);
	payment.payer_note = WAY_BACK;
	(void)declined(&w, &payment, "no action costs 9000 sat");
	payment = payment_of(&w, 9000);
	payment.label = "1sat2flash-rent";
	payment.payer_note = WAY_BACK;
	(void)declined(&w, &payment, "paid 9000 sat, rent costs 59000 sat");
	payment = payment_of(&w, 60000);
	payment.label = "1sat2flash-rent";
	payment.payer_note = WAY_BACK;
	id = recorded(&w, &payment, ORDERS_TAKEN);
	cr_expect_eq(row_of(&w, id).deposit_msat, 50000000);
	cr_expect_eq(row_of(&w, id).tip_msat, 1000000);
	cr_expect_eq(deposit(&w, id), LEDGER_DEPOSIT_HELD);
	leave(&w);
}

TEST(orders_deposits, wait_for_the_car_to_be_back)
{
	struct world w = enter();
	uint64_t id;

	ask_deposit(&w);
	open_orders(&w);
	id = rented_once(&w);
	show_back(&w);
	cr_expect_not(see(&w));
	cr_expect_eq(deposit(&w, id), LEDGER_DEPOSIT_INSPECT);
	cr_expect_eq(row_of(&w, id).deposit_due_s, w.now.wall_s + DAY_S);
	cr_expect_eq(n_due(&w, 10), 0);
	/* Nothing waits any more; the day passes. */
	cr_expect_not(see(&w));
	pass(&w, UINT64_C(1000) * DAY_S - 1000);
	cr_expect_eq(n_due(&w, 10), 0);
	pass(&w, 1000);
	cr_expect_eq(n_due(&w, 10), 1);
	cr_expect_eq(deposit(&w, id), LEDGER_DEPOSIT_DUE);
	leave(&w);
}

/* What the car showed, and what of it is no proof that it is back. */
static void not_back(struct world *w, int i)
{
	show_back(w);
	switch (i) {
	case 0:
		w->car.closures.any_door_open = CAR_YES;
		break;
	case 1:
		w->car.closures.any_door_open = CAR_UNKNOWN;
		break;
	case 2:
		w->car.closures.trunk_open = CAR_YES;
		break;
	case 3:
		w->car.closures.frunk_open = CAR_YES;
		break;
	case 4:
		w->car.closures.user_present = CAR_YES;
		break;
	case 5:
		w->car.closures.user_present = CAR_UNKNOWN;
		break;
	case 6:
		w->car.closures.at_ms = 0;
		break;
	case 7:
		w->car.closures.at_ms -= CAR_PARKED_MAX_AGE_MS + 1;
		break;
	case 8:
		w->car.closures.at_ms++;
		break;
	case 9:
		w->car.drive.gear = CAR_GEAR_D;
		w->car.drive.speed_mph = 3;
		break;
	case 10:
		w->car.drive.at_ms = 0;
		break;
	default:
		cr_assert_fail();
	}
}

static int see_nothing(void *userdata, const struct ledger_row *row)
{
	(void)userdata;
	(void)row;
	return 0;
}

TEST(orders_deposits, are_dated_when_the_clock_is_set)
{
	struct world w = enter();
	uint64_t id;

	ask_deposit(&w);
	open_orders(&w);
	id = rented_once(&w);
	show_back(&w);
	w.now.wall_is_set = false;
	cr_expect_not(see(&w));
	cr_expect_eq(deposit(&w, id), LEDGER_DEPOSIT_INSPECT);
	cr_assert_eq(
		orders_due_deposits(w.orders, &w.now, 9, see_nothing, NULL), 0);
	cr_expect_eq(deposit(&w, id), LEDGER_DEPOSIT_INSPECT);
	w.now.wall_is_set = true;
	cr_assert_eq(
		orders_due_deposits(w.orders, &w.now, 9, see_nothing, NULL), 0);
	cr_expect_eq(deposit(&w, id), LEDGER_DEPOSIT_INSPECT);
	w.now.wall_s += 31 * 24 * 60 * 60;
	cr_assert_eq(
		orders_due_deposits(w.orders, &w.now, 9, see_nothing, NULL), 0);
	cr_expect_eq(deposit(&w, id), LEDGER_DEPOSIT_DUE);
	leave(&w);
}

TEST(orders_deposits, wait_where_the_car_is_not_proven_to_be_back)
{
	struct world w = enter();
	uint64_t id;

	ask_deposit(&w);
	open_orders(&w);
	id = rented_once(&w);
	for (int i = 0; i < 11; i++) {
		not_back(&w, i);
		cr_expect(see(&w), "%d", i);
		cr_expect_eq(deposit(&w, id), LEDGER_DEPOSIT_HELD, "%d", i);
	}
	/* Who sleeps is empty, whatever it said before. */
	show_back(&w);
	w.car.closures.user_present = CAR_UNKNOWN;
	w.car.body.at_ms = w.now.boot_ms;
	w.car.body.sleep = CAR_SLEEP_ASLEEP;
	cr_expect_not(see(&w));
	cr_expect_eq(deposit(&w, id), LEDGER_DEPOSIT_INSPECT);
	leave(&w);
}

TEST(orders_deposits, wait_as_long_as_somebody_has_the_car)
{
	struct world w = enter();
	uint64_t first;

	ask_deposit(&w);
	open_orders(&w);
	first = rented_once(&w);
	w.menu->actions[RENT].deposit_msat = 0;
	(void)pay(&w, 9000);
	cr_assert(run(&w, OUTCOME_CONFIRMED));
	show_back(&w);
	cr_expect(see(&w));
	cr_expect_eq(deposit(&w, first), LEDGER_DEPOSIT_HELD);
	cr_assert_eq(orders_rental_stop(w.orders, &w.now), 0);
	cr_assert_eq(orders_rental_run(w.orders, RENTAL_END, &w.now), 0);
	cr_assert(run(&w, OUTCOME_CONFIRMED));
	cr_expect_not(see(&w));
	cr_expect_eq(deposit(&w, first), LEDGER_DEPOSIT_INSPECT);
	leave(&w);
}

TEST(orders_deposits, of_a_rental_that_never_began_goes_back_with_it)
{
	struct world w = enter();
	struct payment payment;
	uint64_t id;

	ask_deposit(&w);
	open_orders(&w);
	payment = payment_of(&w, 59000);
	payment.payer_note = WAY_BACK;
	id = recorded(&w, &payment, ORDERS_TAKEN);
	cr_assert(run(&w, OUTCOME_REFUSED));
	cr_expect_eq(money(&w, id), LEDGER_OWED);
	cr_expect_eq(deposit(&w, id), LEDGER_NO_DEPOSIT);
	show_back(&w);
	cr_expect_not(see(&w));
	leave(&w);
}

/* Nobody knows whether it began: the price is kept, the deposit is not. */
TEST(orders_deposits, of_what_is_kept_goes_back_like_any_other)
{
	struct world w = enter();
	struct payment payment;
	uint64_t id;

	ask_deposit(&w);
	open_orders(&w);
	payment = held_of(&w, 59000);
	payment.payer_note = WAY_BACK;
	id = recorded(&w, &payment, ORDERS_TAKEN);
	orders_grant(w.orders, id, w.now.boot_ms + HOLD_MS);
	cr_assert(run(&w, OUTCOME_UNKNOWN));
	cr_expect_eq(money(&w, id), LEDGER_SETTLING);
	cr_assert_eq(orders_rental_run(w.orders, RENTAL_END, &w.now), 0);
	cr_assert(run(&w, OUTCOME_CONFIRMED));
	show_back(&w);
	cr_expect_not(see(&w));
	pass(&w, UINT64_C(1000) * DAY_S);
	/* Not before the node has shown who has it. */
	cr_expect_eq(n_due(&w, 10), 0);
	cr_assert_eq(orders_settled(w.orders, id, true), 0);
	cr_expect_eq(money(&w, id), LEDGER_KEPT);
	cr_expect_eq(n_due(&w, 10), 1);
	leave(&w);
}

TEST(orders_deposits, are_refunded_in_part)
{
	struct world w = enter();
	uint64_t id, msat = 7;

	ask_deposit(&w);
	open_orders(&w);
	id = rented_once(&w);
	cr_expect_eq(orders_refund(w.orders, id, true, &msat), LEDGER_E_NONE);
	show_back(&w);
	(void)see(&w);
	/* The owner may say that it may go back at once; nobody else. */
	cr_expect_eq(orders_refund(w.orders, id, false, &msat), LEDGER_E_NONE);
	cr_expect_eq(msat, 7);
	cr_assert_eq(orders_refund(w.orders, id, true, &msat), 0);
	cr_expect_eq(msat, 50000000);
	cr_expect_eq(deposit(&w, id), LEDGER_DEPOSIT_DUE);
	cr_expect_eq(n_due(&w, 10), 1);

	w.n_told = 0;
	cr_assert_eq(orders_refunded(w.orders, id, false, "no route"), 0);
	cr_expect_eq(w.n_told, 1);
	cr_expect_eq(w.told.deposit, LEDGER_DEPOSIT_DUE);
	cr_expect_str_eq(w.told.refund_why, "no route");
	/* Tried once more, it has no reason yet. */
	cr_assert_eq(orders_refund(w.orders, id, false, &msat), 0);
	cr_expect_str_eq(row_of(&w, id).refund_why, "");
	cr_assert_eq(orders_refunded(w.orders, id, true, ""), 0);
	cr_expect_eq(w.told.deposit, LEDGER_DEPOSIT_RETURNED);
	cr_expect_eq(w.told.money, LEDGER_EARNED);
	cr_expect_eq(orders_refund(w.orders, id, true, &msat), LEDGER_E_NONE);
	cr_expect_eq(orders_write_off(w.orders, id), LEDGER_E_NONE);
	cr_expect_eq(n_due(&w, 10), 0);
	leave(&w);
}

TEST(orders_deposits, may_be_kept_by_the_owner_until_they_are_back)
{
	struct world w = enter();
	uint64_t id;

	ask_deposit(&w);
	open_orders(&w);
	for (int is_due = 0; is_due < 2; is_due++) {
		id = rented_once(&w);
		/* As long as nobody could look at the car, it is too early. */
		cr_expect_eq(orders_write_off(w.orders, id), LEDGER_E_NONE);
		show_back(&w);
		(void)see(&w);
		if (is_due) {
			pass(&w, UINT64_C(1000) * DAY_S);
			cr_expect_eq(n_due(&w, 10), 1);
		}
		cr_assert_eq(orders_write_off(w.orders, id), 0);
		cr_expect_eq(w.told.deposit, LEDGER_DEPOSIT_KEPT);
		cr_expect_eq(w.told.money, LEDGER_EARNED);
		cr_expect_eq(n_due(&w, 10), 0);
		pass(&w, UINT64_C(1000) * DAY_S);
		cr_expect_eq(n_due(&w, 10), 0);
	}
	leave(&w);
}

TEST(orders_deposits, are_due_by_a_clock_that_is_set)
{
	struct world w = enter();
	uint64_t id;

	ask_deposit(&w);
	open_orders(&w);
	id = rented_once(&w);
	show_back(&w);
	(void)see(&w);
	pass(&w, UINT64_C(2000) * DAY_S);
	w.now.wall_is_set = false;
	cr_expect_eq(n_due(&w, 10), 0);
	restart(&w);
	w.now.wall_is_set = true;
	cr_expect_eq(n_due(&w, 10), 1);
	/* Once it is due, no clock undoes it. */
	w.now.wall_s = 0;
	cr_expect_eq(n_due(&w, 10), 1);
	cr_expect_eq(deposit(&w, id), LEDGER_DEPOSIT_DUE);
	leave(&w);
}

static int see_id(void *userdata, const struct ledger_row *row)
{
	*(uint64_t *)userdata = row->order_id;
	return 0;
}

/* What is owed, or could not go back, is in nobody's way. */
TEST(orders_deposits, those_that_are_due_are_found_behind_all_others)
{
	struct world w = enter();
	uint64_t id, other, seen = 0;

	ask_deposit(&w);
	open_orders(&w);
	id = rented_once(&w);
	other = rented_once(&w);
	show_back(&w);
	(void)see(&w);
	pass(&w, UINT64_C(1000) * DAY_S);
	cr_expect_eq(n_due(&w, 10), 2);
	cr_assert_eq(orders_refunded(w.orders, other, false, "no route"), 0);
	for (int i = 0; i < 5; i++)
		(void)owe(&w, 1);
	cr_assert_eq(
		orders_due_deposits(w.orders, &w.now, 1, see_id, &seen), 0);
	cr_expect_eq(seen, id);
	leave(&w);
}
