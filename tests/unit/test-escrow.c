/* SPDX-License-Identifier: MIT */

/* What the node holds: recorded, taken, acted on, and who has the money. */

#include "escrow-world.h"
#include "faults.h"
#include "tests/crash/vfs.h"

TEST(escrow, payment_is_recorded_then_taken_then_settled)
{
	uint64_t id;

	begin();
	id = deliver_and_grant(1);
	cr_expect_str_eq(asked(), "wake, take 01, wake");
	cr_expect_eq(row_of(&w, id).state, LEDGER_QUEUED);
	cr_assert(run(&w, OUTCOME_CONFIRMED));
	cr_expect_not(escrow_is_idle(escrow));
	cr_expect_str_eq(asked(), "settle 01 confirmed");
	cr_expect_eq(money(&w, id), LEDGER_SETTLING);
	decided(hash_of(1), HOLDS_PAID);
	cr_expect_eq(money(&w, id), LEDGER_EARNED);
	cr_expect_eq(fake.n_idle, 0);
	cr_expect_str_eq(asked(), "");
	cr_expect(escrow_is_idle(escrow));
	cr_expect_eq(fake.n_idle, 1);
	end();
}

TEST(escrow, what_the_rule_keeps_is_said_when_it_is_taken)
{
	struct hold hold;

	begin();
	hold = hold_of(5000);
	deliver(&hold);
	cr_expect_str_eq(asked(), "wake, take+keep 01");
	end();
}

TEST(escrow, what_the_car_refuses_goes_back)
{
	uint64_t id;

	begin();
	id = deliver_and_grant(1);
	(void)asked();
	cr_assert(run(&w, OUTCOME_REFUSED));
	cr_expect_str_eq(asked(), "return 01 refused");
	decided(hash_of(1), HOLDS_UNPAID);
	cr_expect_eq(money(&w, id), LEDGER_RETURNED);
	end();
}

TEST(escrow, what_nobody_knows_follows_the_rule)
{
	begin();
	(void)deliver_and_grant(1);
	(void)asked();
	cr_assert(run(&w, OUTCOME_UNKNOWN));
	cr_expect_str_eq(asked(), "return 01 unknown");
	decided(hash_of(1), HOLDS_UNPAID);
	(void)deliver_and_grant(5000);
	(void)asked();
	cr_assert(run(&w, OUTCOME_UNKNOWN));
	cr_expect_str_eq(asked(), "settle 02 unknown");
	end();
}

TEST(escrow, verdict_that_came_too_late_gives_the_money_away)
{
	uint64_t id;

	begin();
	id = deliver_and_grant(1);
	cr_assert(run(&w, OUTCOME_CONFIRMED));
	decided(hash_of(1), HOLDS_UNPAID);
	cr_expect_eq(money(&w, id), LEDGER_GIVEN);
	end();
}

TEST(escrow, what_is_not_held_any_more_is_not_done)
{
	static const uint64_t until_ms[] = { 0, 1 };

	begin();
	for (size_t i = 0; i < ARRAY_SIZE(until_ms); i++) {
		struct hold hold = hold_of(1);

		deliver(&hold);
		(void)asked();
		fake.ops->taken(fake.data, hold.payment_hash, until_ms[i]);
		cr_expect_eq(w.told.state, LEDGER_REFUSED);
		cr_expect_str_eq(w.told.why,
			"the node does not hold the payment any more");
		cr_expect_eq(w.told.money, LEDGER_RETURNING);
		cr_expect_not(run(&w, OUTCOME_CONFIRMED));
	}
	cr_expect_str_eq(asked(), "return 01 refused: the node does not hold "
				  "the payment any more, return 02 refused: "
				  "the node does not hold the payment any "
				  "more");
	end();
}

TEST(escrow, late_answers_change_nothing)
{
	uint64_t id;

	begin();
	id = deliver_and_grant(1);
	(void)asked();
	cr_assert(run(&w, OUTCOME_CONFIRMED));
	(void)asked();
	/* Of an order that has ended. */
	fake.ops->taken(fake.data, hash_of(1), 0);
	cr_expect_eq(money(&w, id), LEDGER_SETTLING);
	decided(hash_of(1), HOLDS_PENDING);
	cr_expect_eq(money(&w, id), LEDGER_SETTLING);
	decided(hash_of(1), HOLDS_PAID);
	decided(hash_of(1), HOLDS_UNPAID);
	cr_expect_eq(money(&w, id), LEDGER_EARNED);
	/* Of payments that nobody knows. */
	fake.ops->taken(fake.data, hash_of(9), w.now.boot_ms + HOLD_MS);
	decided(hash_of(9), HOLDS_PAID);
	refunded(hash_of(9), 0, "");
	cr_expect_str_eq(ledger_problem.text, "");
	(void)asked();
	cr_expect(escrow_is_idle(escrow));
	end();
}

TEST(escrow, what_is_declined_goes_back_untaken)
{
	struct hold hold;

	begin();
	hold = hold_of(7);
	deliver(&hold);
	cr_expect_eq(w.told.state, LEDGER_REFUSED);
	cr_expect_str_eq(asked(), "return 01 refused: no action costs 7 sat");
	/* Marked, and not known here: never acted on. */
	hold = hold_of(1);
	hold.taken = true;
	deliver(&hold);
	cr_expect_eq(w.told.state, LEDGER_UNKNOWN);
	decided(hash_of(1), HOLDS_UNPAID);
	cr_expect_str_eq(asked(),
		"return 02 unknown: the node says that it was taken before, "
		"and the ledger does not know of it");
	end();
}

/* The plugin claims what it was told before the menu changed. */
TEST(escrow, what_is_not_ours_goes_back_without_an_order)
{
	struct hold hold;
	size_t n = 0;

	begin();
	hold = hold_of(1);
	hold.label = "mug";
	deliver(&hold);
	cr_expect_str_eq(
		asked(), "return 01 refused: the car does not sell this");
	/* Where there is no room for that, the ledger is not to blame. */
	fake.result = HOLDS_E_FULL;
	deliver(&hold);
	cr_expect_str_eq(ledger_problem.text, "");
	cr_assert_eq(
		orders_list(w.orders, ORDERS_PAYMENTS, 10, count_row, &n), 0);
	cr_expect_eq(n, 0);
	end();
}

TEST(escrow, payment_delivered_once_more_is_one_order)
{
	struct hold hold;
	size_t n = 0;

	begin();
	hold = hold_of(1);
	deliver(&hold);
	(void)asked();
	/* Its answer is on the way. */
	deliver(&hold);
	cr_expect_str_eq(asked(), "");
	fake.ops->taken(fake.data, hold.payment_hash, w.now.boot_ms + HOLD_MS);
	cr_assert(run(&w, OUTCOME_CONFIRMED));
	cr_expect_str_eq(asked(), "wake, settle 01 confirmed");
	/* The node was restarted over it, and asks again. */
	hold.taken = true;
	deliver(&hold);
	cr_expect_str_eq(asked(), "settle 01 confirmed");
	cr_assert_eq(
		orders_list(w.orders, ORDERS_PAYMENTS, 10, count_row, &n), 0);
	cr_expect_eq(n, 1);
	end();
}

/* Nobody will grant it: others need its place in the queue. */
TEST(escrow, where_too_much_is_asked_nothing_is_left_behind)
{
	struct hold hold;

	begin();
	fake.result = HOLDS_E_FULL;
	hold = hold_of(1);
	deliver(&hold);
	cr_expect_str_eq(asked(),
		"wake, take 01, return 01 refused: too much is asked of the "
		"node already");
	cr_expect_str_eq(ledger_problem.text, "");
	cr_expect(!orders_has_waiting(w.orders));
	cr_expect_eq(w.told.money, LEDGER_RETURNING);
	end();
}

TEST(escrow, extension_is_settled_without_being_taken)
{
	struct hold hold;

	begin();
	(void)deliver_and_grant(9000);
	cr_assert(run(&w, OUTCOME_CONFIRMED));
	decided(hash_of(1), HOLDS_PAID);
	pass(&w, 30 * 1000);
	show_back(&w);
	w.car.closures.user_present = CAR_YES;
	cr_assert_eq(orders_rental_see(w.orders, &w.now, &w.car), 0);
	(void)asked();
	hold = hold_of(9000);
	deliver(&hold);
	cr_expect_str_eq(asked(), "settle 02 confirmed");
	end();
}

TEST(escrow, verdict_is_given_later_and_later_until_it_is_known)
{
	static const uint64_t waits[] = { 1000, 2000, 4000, 8000, 16000, 30000,
		30000 };

	begin();
	(void)deliver_and_grant(1);
	(void)asked();
	cr_assert(run(&w, OUTCOME_CONFIRMED));
	cr_expect_str_eq(asked(), "settle 01 confirmed");
	for (size_t i = 0; i < ARRAY_SIZE(waits); i++) {
		cr_expect_eq(wait_for_timer(), waits[i]);
		decided(hash_of(1), HOLDS_PENDING);
		cr_expect_str_eq(asked(), "settle 01 confirmed");
		cr_expect_not(escrow_is_idle(escrow));
	}
	/* The node is back: at once, and soon again. */
	fake.ops->changed(fake.data, false, "the node hung up");
	cr_expect_str_eq(fake.why, "the node hung up");
	cr_expect_str_eq(asked(), "");
	fake.ops->changed(fake.data, true, "");
	cr_expect(fake.is_following);
	cr_expect_str_eq(asked(), "settle 01 confirmed");
	cr_expect_eq(wait_for_timer(), 1000);
	decided(hash_of(1), HOLDS_PAID);
	cr_expect_str_eq(asked(), "");
	cr_expect(escrow_is_idle(escrow));
	end();
}

/* More than are looked after at a time: none is forgotten. */
TEST(escrow, many_verdicts_are_given_in_turn)
{
	unsigned int n = ESCROW_ROWS + 5;

	begin();
	for (unsigned int i = 0; i < n; i++) {
		struct hold hold = hold_of(7);

		deliver(&hold);
	}
	turn();
	for (unsigned int i = 1; i <= ESCROW_ROWS; i++)
		decided(hash_of(i), HOLDS_UNPAID);
	(void)asked();
	(void)wait_for_timer();
	cr_expect_str_eq(asked(), "return 33 refused: no action costs 7 sat, "
				  "return 34 refused: no action costs 7 sat, "
				  "return 35 refused: no action costs 7 sat, "
				  "return 36 refused: no action costs 7 sat, "
				  "return 37 refused: no action costs 7 sat");
	end();
}

/* A verdict of before the restart is given by the next process. */
TEST(escrow, what_was_left_behind_is_settled_after_a_restart)
{
	uint64_t id;

	begin();
	id = deliver_and_grant(1);
	cr_assert(run(&w, OUTCOME_CONFIRMED));
	escrow = escrow_free(escrow);
	restart(&w);
	orders_on_change(w.orders, on_row, &w);
	cr_assert_eq(open_escrow(), 0);
	fake.told[0] = '\0';
	cr_expect_str_eq(asked(), "");
	fake.ops->changed(fake.data, true, "");
	cr_expect_str_eq(asked(), "settle 01 confirmed");
	decided(hash_of(1), HOLDS_PAID);
	cr_expect_eq(money(&w, id), LEDGER_EARNED);
	end();
}

/* Another node knows nothing of them, and is not asked. */
TEST(escrow, payments_of_another_node_are_left_to_that)
{
	uint64_t id;

	begin();
	id = deliver_and_grant(1);
	cr_assert(run(&w, OUTCOME_CONFIRMED));
	(void)asked();
	fake.node_id = "03bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
		       "bbbbbbbbbbbbb";
	fake.ops->changed(fake.data, true, "");
	cr_expect_str_eq(asked(), "");
	cr_expect(escrow_is_idle(escrow));
	cr_expect_eq(money(&w, id), LEDGER_SETTLING);
	end();
}

TEST(escrow, stop_is_passed_on_and_verdicts_still_go_out)
{
	begin();
	(void)deliver_and_grant(1);
	(void)asked();
	escrow_stop(escrow);
	cr_assert(run(&w, OUTCOME_CONFIRMED));
	cr_expect_str_eq(asked(), "stop, settle 01 confirmed");
	cr_expect(escrow_is_following(escrow));
	cr_expect_str_eq(escrow_node_id(escrow), NODE);
	end();
}

TEST(escrow, pause_at_the_node_is_only_told)
{
	begin();
	fake.ops->paused(fake.data, true);
	fake.ops->paused(fake.data, false);
	cr_expect_not(orders_is_paused(w.orders));
	cr_expect_str_eq(asked(), "");
	end();
}

TEST(escrow, what_is_told_of_offers_is_kept)
{
	static const struct holds_offer offer = {
		.action = "honk",
		.offer_id = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
			    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		.bolt12 = "lno1h",
		.price_msat = 21000,
		.active = true,
	};
	char bolt12[LEDGER_BOLT12_SIZE];
	struct hold hold;
	bool active;

	begin();
	fake.ops->offers(fake.data, &offer, 1);
	cr_assert_eq(orders_offer_of(w.orders, "honk", bolt12, &active), 0);
	cr_expect_str_eq(bolt12, "lno1h");
	cr_expect(active);
	/* What is not listed any more is paid for all the same. */
	fake.ops->offers(fake.data, NULL, 0);
	cr_expect_eq(orders_offer_of(w.orders, "honk", bolt12, &active),
		LEDGER_E_NONE);
	hold = hold_of(21);
	hold.label = "x";
	hold.offer_id = offer.offer_id;
	deliver(&hold);
	cr_expect_str_eq(w.told.action, "honk");
	cr_expect_eq(w.told.state, LEDGER_QUEUED);
	end();
}

/* Not written, not taken: the node gives it back by itself. */
TEST(escrow, what_cannot_be_written_is_not_taken)
{
	struct hold hold;
	uint64_t id;

	cr_assert_eq(vfs_install(), 0);
	begin();
	hold = hold_of(1);
	vfs_set_room(0);
	deliver(&hold);
	cr_expect_str_eq(asked(), "");
	cr_expect_not_null(strstr(ledger_problem.text, "No space left"));
	vfs_set_room(-1);
	deliver(&hold);
	id = w.told.order_id;
	cr_expect_str_eq(ledger_problem.text, "");
	fake.ops->taken(fake.data, hold.payment_hash, w.now.boot_ms + HOLD_MS);
	(void)asked();
	cr_assert(run(&w, OUTCOME_CONFIRMED));
	cr_expect_str_eq(asked(), "settle 01 confirmed");
	/* Who has it cannot be written: it is asked for again. */
	vfs_set_room(0);
	decided(hash_of(1), HOLDS_PAID);
	cr_expect_not_null(strstr(ledger_problem.text, "No space left"));
	cr_expect_eq(money(&w, id), LEDGER_SETTLING);
	vfs_set_room(-1);
	(void)wait_for_timer();
	cr_expect_str_eq(asked(), "settle 01 confirmed");
	decided(hash_of(1), HOLDS_PAID);
	cr_expect_eq(money(&w, id), LEDGER_EARNED);
	cr_expect_str_eq(ledger_problem.text, "");
	end();
}

/* So it is with what goes back. */
TEST(escrow, refund_that_cannot_be_written_is_asked_for_again)
{
	uint64_t id;

	cr_assert_eq(vfs_install(), 0);
	begin();
	id = owe(&w, 1);
	(void)asked();
	vfs_set_room(0);
	cr_expect_eq(escrow_refund(escrow, id), LEDGER_E_FULL);
	cr_expect_eq(money(&w, id), LEDGER_OWED);
	vfs_set_room(-1);
	cr_assert_eq(escrow_refund(escrow, id), 0);
	cr_expect_str_eq(asked(), "refund 01 0, owed 0");
	vfs_set_room(0);
	refunded(hash_of(1), 0, "");
	cr_expect_eq(money(&w, id), LEDGER_REFUNDING);
	vfs_set_room(-1);
	(void)wait_for_timer();
	cr_expect_str_eq(asked(), "refund 01 0");
	refunded(hash_of(1), HOLDS_E_RETURNED, "returned before");
	cr_expect_eq(money(&w, id), LEDGER_RETURNED);
	end();
}

TEST(escrow, begins_or_says_why_not)
{
	int r = -ENOMEM;
	long n;

	w = enter();
	begin_entered();
	escrow = escrow_free(escrow);
	fake.new_result = -EIO;
	cr_expect_eq(open_escrow(), -EIO);
	fake.new_result = 0;
	for (n = 0; r != 0; n++) {
		faults_arm(n);
		r = open_escrow();
		faults_disarm();
		cr_assert(r == 0 || r == -ENOMEM);
	}
	cr_expect_gt(n, 1);
	cr_expect_null(escrow_free(NULL));
	end();
}
