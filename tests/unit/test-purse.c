/* SPDX-License-Identifier: MIT */

/* What goes back: refunds asked for or unasked, deposits, the list of debts. */

#include "daemon/purse.h"

#include "escrow-world.h"

#define OTHER_NODE \
	"03bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

/* The menu says refunds = automatic. */
static void begin_automatic(void)
{
	w = enter();
	w.menu->refunds = true;
	begin_entered();
}

/* A payment that the node has settled, with a note, refused or unknown. */
static uint64_t owe_with(const char *note, enum outcome outcome)
{
	struct payment payment = payment_of(&w, 1);
	uint64_t id;

	payment.payer_note = note;
	id = recorded(&w, &payment, ORDERS_TAKEN);
	cr_assert_eq(orders_end(w.orders, id, outcome, false, "no", &w.now), 0);
	return id;
}

TEST(purse, owner_has_paid_back_what_is_owed)
{
	uint64_t id;

	begin();
	id = owe(&w, 1);
	cr_expect_str_eq(asked(), "owed 1");
	cr_assert_eq(escrow_refund(escrow, id), 0);
	cr_expect_eq(money(&w, id), LEDGER_REFUNDING);
	cr_expect_not(escrow_is_idle(escrow));
	cr_expect_str_eq(asked(), "refund 01 0, owed 0");
	/* Nobody knows yet: it is asked again. */
	refunded(hash_of(1), HOLDS_E_UNKNOWN, "under way");
	cr_expect_eq(money(&w, id), LEDGER_REFUNDING);
	cr_expect_str_eq(row_of(&w, id).refund_why, "");
	(void)wait_for_timer();
	cr_expect_str_eq(asked(), "refund 01 0");
	refunded(hash_of(1), 0, "");
	cr_expect_eq(money(&w, id), LEDGER_RETURNED);
	cr_expect_str_eq(asked(), "");
	cr_expect(escrow_is_idle(escrow));
	cr_expect_eq(escrow_refund(escrow, id), LEDGER_E_NONE);
	cr_expect_eq(escrow_refund(escrow, 99), LEDGER_E_NONE);
	end();
}

TEST(purse, refund_of_before_is_one_too)
{
	uint64_t id;

	begin();
	id = owe(&w, 1);
	cr_assert_eq(escrow_refund(escrow, id), 0);
	refunded(hash_of(1), HOLDS_E_RETURNED, "returned before");
	cr_expect_eq(money(&w, id), LEDGER_RETURNED);
	end();
}

TEST(purse, refund_that_the_node_refuses_is_owed_and_says_why)
{
	uint64_t id;

	begin_automatic();
	id = owe_with(WAY_BACK, OUTCOME_REFUSED);
	cr_expect_str_eq(asked(), "owed 1");
	(void)wait_for_timer();
	cr_expect_str_eq(asked(), "refund 01 0, owed 0");
	refunded(hash_of(1), HOLDS_E_REFUSED, "the daily limit");
	cr_expect_eq(money(&w, id), LEDGER_OWED);
	cr_expect_str_eq(row_of(&w, id).refund_why, "the daily limit");
	/* It is not asked for again unasked. */
	cr_expect_str_eq(asked(), "owed 1");
	fake.ops->changed(fake.data, true, "");
	cr_expect_str_eq(asked(), "");
	/* But by the owner. */
	cr_assert_eq(escrow_refund(escrow, id), 0);
	cr_expect_str_eq(asked(), "refund 01 0, owed 0");
	end();
}

TEST(purse, unasked_goes_back_what_had_no_effect)
{
	static const struct {
		const char *note;
		enum outcome outcome;
		bool goes;
	} cases[] = {
		{ WAY_BACK, OUTCOME_REFUSED, true },
		/* The node looks whether that says where to. */
		{ "thanks", OUTCOME_REFUSED, true },
		{ "", OUTCOME_REFUSED, false },
		{ NULL, OUTCOME_REFUSED, false },
		/* It may have been done. */
		{ WAY_BACK, OUTCOME_UNKNOWN, false },
		{ WAY_BACK, OUTCOME_CONFIRMED, false },
	};

	begin_automatic();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t id = owe_with(cases[i].note, cases[i].outcome);

		(void)asked();
		cr_expect_eq(money(&w, id) == LEDGER_REFUNDING, cases[i].goes,
			"%zu", i);
	}
	end();
}

TEST(purse, by_hand_nothing_goes_back_unasked)
{
	uint64_t id;

	begin();
	w.menu->hold = false;
	id = owe_with(WAY_BACK, OUTCOME_REFUSED);
	cr_expect_str_eq(asked(), "owed 1");
	cr_expect_eq(money(&w, id), LEDGER_OWED);
	end();
}

/* In the middle of it a crash; and where the ledger is asked all at once. */
TEST(purse, what_was_on_its_way_is_asked_for_after_a_restart)
{
	uint64_t id;

	begin();
	id = owe(&w, 1);
	cr_assert_eq(escrow_refund(escrow, id), 0);
	escrow = escrow_free(escrow);
	restart(&w);
	orders_on_change(w.orders, on_row, &w);
	cr_assert_eq(open_escrow(), 0);
	fake.told[0] = '\0';
	fake.ops->changed(fake.data, true, "");
	cr_expect_str_eq(asked(), "refund 01 0");
	refunded(hash_of(1), HOLDS_E_RETURNED, "returned before");
	cr_expect_eq(money(&w, id), LEDGER_RETURNED);
	end();
}

TEST(purse, node_is_told_what_is_owed_when_that_changes)
{
	begin();
	fake.ops->changed(fake.data, true, "");
	cr_expect_str_eq(asked(), "");
	(void)owe(&w, 21);
	cr_expect_str_eq(asked(), "owed 1");
	cr_expect_str_eq(fake.owed[0].payment_hash, hash_of(1));
	cr_expect_eq(fake.owed[0].msat, 21000);
	cr_expect_str_eq(fake.owed[0].action, "honk");
	cr_expect_str_eq(fake.owed[0].why, "no");
	fake.ops->changed(fake.data, true, "");
	cr_expect_str_eq(asked(), "");
	cr_assert_eq(orders_write_off(w.orders, 1), 0);
	cr_expect_str_eq(asked(), "owed 0");
	for (int i = 0; i < HOLDS_OWED_MAX + 3; i++)
		(void)owe(&w, 1);
	(void)asked();
	cr_expect_eq(fake.n_owed, HOLDS_OWED_MAX);
	end();
}

/* Nobody there could pay them back, and they would be stuck half way. */
TEST(purse, payments_of_another_node_stay_owed)
{
	uint64_t id;

	begin_automatic();
	fake.node_id = OTHER_NODE;
	id = owe_with(WAY_BACK, OUTCOME_REFUSED);
	cr_expect_str_eq(asked(), "");
	cr_expect_eq(money(&w, id), LEDGER_OWED);
	cr_expect_eq(escrow_refund(escrow, id), ESCROW_E_OTHER_NODE);
	cr_expect_eq(money(&w, id), LEDGER_OWED);
	/* Nor where nobody knows which one it is. */
	fake.node_id = "";
	cr_expect_eq(escrow_refund(escrow, id), ESCROW_E_OTHER_NODE);
	fake.node_id = NODE;
	fake.ops->changed(fake.data, true, "");
	cr_expect_str_eq(asked(), "owed 1");
	(void)wait_for_timer();
	cr_expect_str_eq(asked(), "refund 01 0, owed 0");
	end();
}

/* The owner gave it back by lightning-cli. */
TEST(purse, what_the_node_gave_back_by_itself_is_returned)
{
	uint64_t id;

	begin();
	id = owe(&w, 1);
	(void)asked();
	refunded(hash_of(1), 0, "");
	cr_expect_eq(money(&w, id), LEDGER_RETURNED);
	cr_expect_str_eq(asked(), "owed 0");
	end();
}

/* A rental with a deposit has ended, and the car is somewhere. */
static uint64_t begin_deposit(void)
{
	uint64_t id;

	w = enter();
	ask_deposit(&w);
	begin_entered();
	w.menu->hold = false;
	id = rented_once(&w);
	(void)asked();
	return id;
}

static const char *look(void)
{
	escrow_check(escrow);
	return asked();
}

TEST(purse, deposit_goes_back_when_the_car_is_back_and_time_is_over)
{
	uint64_t id = begin_deposit();

	/* What is open first, right after it whether it is parked. */
	cr_expect_str_eq(look(), "look closures+wake");
	w.car.drive.at_ms = 0;
	w.car.closures = (struct car_closures){ .at_ms = w.now.boot_ms,
		.user_present = CAR_NO,
		.any_door_open = CAR_NO,
		.trunk_open = CAR_NO,
		.frunk_open = CAR_NO };
	cr_expect_str_eq(look(), "look drive+wake");
	cr_expect_eq(deposit(&w, id), LEDGER_DEPOSIT_HELD);
	park(&w);
	show_back(&w);
	cr_expect_str_eq(look(), "");
	cr_expect_eq(deposit(&w, id), LEDGER_DEPOSIT_INSPECT);
	pass(&w, UINT64_C(1000) * DAY_S - 1000);
	cr_expect_str_eq(look(), "");
	pass(&w, 1000);
	cr_expect_str_eq(look(), "refund 01 50000000");
	cr_expect_not(escrow_is_idle(escrow));
	refunded(hash_of(1), 0, "");
	cr_expect_eq(deposit(&w, id), LEDGER_DEPOSIT_RETURNED);
	cr_expect_eq(money(&w, id), LEDGER_EARNED);
	cr_expect_str_eq(look(), "");
	cr_expect(escrow_is_idle(escrow));
	end();
}

TEST(purse, car_is_looked_at_later_and_later)
{
	static const uint64_t minutes[] = { 1, 2, 4, 8, 16, 32, 60, 60 };
	uint64_t id = begin_deposit();

	for (size_t i = 0; i < ARRAY_SIZE(minutes); i++) {
		cr_expect_str_eq(look(), "look closures+wake", "%zu", i);
		pass(&w, minutes[i] * 60 * 1000 - 1);
		cr_expect_str_eq(look(), "");
		pass(&w, 1);
	}
	/* Somebody rents it meanwhile: nobody looks for that. */
	w.menu->actions[RENT].deposit_msat = 0;
	park(&w);
	(void)pay(&w, 9000);
	cr_assert(run(&w, OUTCOME_CONFIRMED));
	cr_expect_str_eq(look(), "");
	cr_expect_eq(deposit(&w, id), LEDGER_DEPOSIT_HELD);
	end();
}

TEST(purse, without_deposits_nobody_wakes_the_car)
{
	begin();
	(void)pay(&w, 9000);
	cr_assert(run(&w, OUTCOME_CONFIRMED));
	cr_expect_str_eq(look(), "");
	end();
}

TEST(purse, owner_gives_a_deposit_back_at_once)
{
	uint64_t id = begin_deposit();

	cr_expect_eq(escrow_refund(escrow, id), LEDGER_E_NONE);
	show_back(&w);
	(void)look();
	cr_assert_eq(escrow_refund(escrow, id), 0);
	cr_expect_str_eq(asked(), "refund 01 50000000");
	refunded(hash_of(1), HOLDS_E_REFUSED, "no way back in the note");
	cr_expect_eq(deposit(&w, id), LEDGER_DEPOSIT_DUE);
	cr_expect_str_eq(row_of(&w, id).refund_why, "no way back in the note");
	/* That is for the owner. */
	cr_expect_str_eq(look(), "");
	(void)asked();
	cr_expect(escrow_is_idle(escrow));
	cr_assert_eq(escrow_refund(escrow, id), 0);
	cr_expect_str_eq(asked(), "refund 01 50000000");
	end();
}

TEST(purse, deposit_of_another_node_waits_for_that)
{
	uint64_t id = begin_deposit();

	show_back(&w);
	(void)look();
	pass(&w, UINT64_C(1000) * DAY_S);
	fake.node_id = OTHER_NODE;
	cr_expect_str_eq(look(), "");
	cr_expect_eq(escrow_refund(escrow, id), ESCROW_E_OTHER_NODE);
	cr_expect(escrow_is_idle(escrow));
	fake.node_id = NODE;
	cr_expect_str_eq(look(), "refund 01 50000000");
	end();
}
