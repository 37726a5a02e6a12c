/* SPDX-License-Identifier: MIT */

/* What is owed is paid back, done after all, or written off. */

#include "faults.h"
#include "orders-money-world.h"

TEST(orders_refund, what_is_owed_goes_back)
{
	struct world w = enter();
	uint64_t id, msat = 7, n;

	open_orders(&w);
	id = owe(&w, 1);
	cr_assert_eq(orders_refund(w.orders, id, false, &msat), 0);
	/* All that fees leave. */
	cr_expect_eq(msat, 0);
	cr_expect_eq(w.told.money, LEDGER_REFUNDING);
	cr_assert_eq(orders_owed(w.orders, &n, &msat), 0);
	cr_expect_eq(n, 0);
	/* It is on its way: neither done nor written off meanwhile. */
	cr_expect_eq(orders_do(w.orders, id, &w.now, &n), LEDGER_E_NONE);
	cr_expect_eq(orders_write_off(w.orders, id), LEDGER_E_NONE);
	msat = 7;
	cr_assert_eq(orders_refund(w.orders, id, true, &msat), 0);
	cr_expect_eq(msat, 0);
	restart(&w);
	cr_expect_eq(money(&w, id), LEDGER_REFUNDING);
	cr_assert_eq(orders_refunded(w.orders, id, true, ""), 0);
	cr_expect_eq(w.told.money, LEDGER_RETURNED);
	cr_expect_eq(orders_refunded(w.orders, id, true, ""), LEDGER_E_NONE);
	cr_expect_eq(orders_refund(w.orders, id, true, &msat), LEDGER_E_NONE);
	leave(&w);
}

TEST(orders_refund, what_did_not_go_back_says_why)
{
	struct world w = enter();
	uint64_t id, msat;

	open_orders(&w);
	id = owe(&w, 1);
	cr_assert_eq(orders_refund(w.orders, id, false, &msat), 0);
	cr_assert_eq(orders_refunded(w.orders, id, false, "no route\x07"), 0);
	cr_expect_eq(w.told.money, LEDGER_OWED);
	cr_expect_str_eq(w.told.refund_why, "no route?");
	/* Told late and once more: it is owed already. */
	cr_expect_eq(
		orders_refunded(w.orders, id, false, "again"), LEDGER_E_NONE);
	cr_expect_str_eq(row_of(&w, id).refund_why, "no route?");
	cr_assert_eq(orders_refund(w.orders, id, true, &msat), 0);
	cr_expect_str_eq(row_of(&w, id).refund_why, "");
	leave(&w);
}

/* The owner did it at the node, where nobody asked the bridge. */
TEST(orders_refund, what_went_back_at_the_node_is_not_owed_any_more)
{
	struct world w = enter();
	uint64_t id, done;

	open_orders(&w);
	id = owe(&w, 1);
	cr_assert_eq(orders_refunded(w.orders, id, true, ""), 0);
	cr_expect_eq(money(&w, id), LEDGER_RETURNED);
	/* Of what was done nothing is to be had back: it says nothing. */
	done = pay(&w, 1);
	cr_assert(run(&w, OUTCOME_CONFIRMED));
	cr_expect_eq(orders_refunded(w.orders, done, true, ""), LEDGER_E_NONE);
	cr_expect_eq(money(&w, done), LEDGER_EARNED);
	cr_expect_eq(orders_refunded(w.orders, 99, true, ""), LEDGER_E_NONE);
	leave(&w);
}

TEST(orders_refund, only_what_is_owed_goes_back)
{
	struct world w = enter();
	uint64_t ids[5], by, msat = 7;

	open_orders(&w);
	ids[0] = pay(&w, 1);
	cr_assert(run(&w, OUTCOME_CONFIRMED));
	ids[1] = pay(&w, 5000);
	cr_assert(run(&w, OUTCOME_UNKNOWN)); /* kept */
	ids[2] = hold(&w, 1);
	ids[3] = owe(&w, 1);
	cr_assert_eq(orders_write_off(w.orders, ids[3]), 0);
	cr_expect_eq(w.told.money, LEDGER_WRITTEN_OFF);
	ids[4] = owe(&w, 1);
	cr_assert_eq(orders_do(w.orders, ids[4], &w.now, &by), 0);
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		enum ledger_money before = money(&w, ids[i]);

		cr_expect_eq(orders_refund(w.orders, ids[i], true, &msat),
			LEDGER_E_NONE, "%zu", i);
		cr_expect_eq(orders_write_off(w.orders, ids[i]), LEDGER_E_NONE);
		if (i != 4)
			cr_expect_eq(orders_do(w.orders, ids[i], &w.now, &by),
				LEDGER_E_NONE);
		cr_expect_eq(money(&w, ids[i]), before);
	}
	cr_expect_eq(msat, 7);
	cr_expect_eq(orders_refund(w.orders, 99, true, &msat), LEDGER_E_NONE);
	cr_expect_eq(orders_refund(w.orders, by, true, &msat), LEDGER_E_NONE);
	leave(&w);
}

TEST(orders_refund, what_is_owed_is_done_after_all)
{
	static const struct {
		enum outcome outcome;
		enum ledger_money money;
	} cases[] = { { OUTCOME_REFUSED, LEDGER_OWED },
		{ OUTCOME_UNKNOWN, LEDGER_OWED },
		{ OUTCOME_CONFIRMED, LEDGER_EARNED } };
	struct world w = enter();
	uint64_t id, by = 0;

	open_orders(&w);
	id = owe(&w, 5000);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cr_assert_eq(orders_do(w.orders, id, &w.now, &by), 0);
		/* Both are told, with the one that was owed last. */
		cr_expect_eq(w.told.order_id, id);
		cr_expect_eq(w.told.money, LEDGER_PENDING);
		cr_expect_eq(
			orders_do(w.orders, id, &w.now, &by), LEDGER_E_NONE);
		cr_assert(run(&w, cases[i].outcome));
		cr_expect_eq(money(&w, id), cases[i].money);
		cr_expect_eq(money(&w, by), LEDGER_NO_MONEY);
	}
	cr_expect_eq(orders_do(w.orders, id, &w.now, &by), LEDGER_E_NONE);
	cr_expect_eq(orders_do(w.orders, 99, &w.now, &by), LEDGER_E_NONE);
	leave(&w);
}

/* Else it would seem to have failed, and a deposit would not go back. */
TEST(orders_refund, why_it_did_not_go_back_is_forgotten_by_doing_it)
{
	struct world w = enter();
	uint64_t id, by, msat;

	open_orders(&w);
	id = owe(&w, 1);
	cr_assert_eq(orders_refund(w.orders, id, true, &msat), 0);
	cr_assert_eq(orders_refunded(w.orders, id, false, "no route"), 0);
	cr_assert_eq(orders_do(w.orders, id, &w.now, &by), 0);
	cr_expect_str_eq(row_of(&w, id).refund_why, "");
	cr_assert(run(&w, OUTCOME_CONFIRMED));
	cr_expect_str_eq(w.told.refund_why, "");
	leave(&w);
}

/* Who waits for it is told of the end, too. */
TEST(orders_refund, end_of_what_does_it_is_told_for_both)
{
	struct world w = enter();
	uint64_t id, by;

	open_orders(&w);
	id = owe(&w, 1);
	cr_assert_eq(orders_do(w.orders, id, &w.now, &by), 0);
	cr_assert(run(&w, OUTCOME_CONFIRMED));
	cr_expect_eq(w.told.order_id, id);
	cr_expect_eq(w.told.money, LEDGER_EARNED);
	leave(&w);
}

TEST(orders_refund, restart_before_it_was_done_leaves_it_owed)
{
	struct world w = enter();
	uint64_t waiting, crashed, by;
	struct order order;

	open_orders(&w);
	crashed = owe(&w, 1);
	cr_assert_eq(orders_do(w.orders, crashed, &w.now, &by), 0);
	cr_assert(next(&w, &order, &(uint64_t){ 0 }));
	cr_assert_eq(orders_step_begun(w.orders, by, 0, false,
			     &order.steps->steps[0], &w.now),
		0);
	waiting = owe(&w, 1);
	cr_assert_eq(orders_do(w.orders, waiting, &w.now, &by), 0);
	restart(&w);
	cr_expect_eq(money(&w, waiting), LEDGER_OWED);
	cr_expect_eq(money(&w, crashed), LEDGER_PENDING);
	cr_assert(orders_next_crashed(w.orders, &order));
	cr_assert_eq(orders_end(w.orders, order.id, OUTCOME_UNKNOWN, false, "",
			     &w.now),
		0);
	cr_expect_eq(money(&w, crashed), LEDGER_OWED);
	leave(&w);
}

TEST(orders_refund, what_cannot_be_done_stays_owed)
{
	struct world w = enter();
	struct payment payment;
	uint64_t gone, nothing, rental, by = 7;

	open_orders(&w);
	gone = owe(&w, 21);
	payment = payment_of(&w, 7);
	nothing = recorded(&w, &payment, ORDERS_DECLINED);
	rental = owe(&w, 9000);
	(void)strcpy(w.menu->actions[HONK].name, "hoot");
	cr_expect_eq(orders_do(w.orders, gone, &w.now, &by), LEDGER_E_NONE);
	cr_expect_eq(orders_do(w.orders, nothing, &w.now, &by), LEDGER_E_NONE);
	(void)pay(&w, 9000);
	cr_expect_eq(orders_do(w.orders, rental, &w.now, &by), LEDGER_E_RENTED);
	(void)strcpy(w.menu->actions[HONK].name, "honk");
	for (int i = 1; i < ORDERS_WAITING_MAX; i++)
		cr_assert_eq(orders_try(w.orders, "flash", &w.now, &by), 0);
	by = 7;
	cr_expect_eq(orders_do(w.orders, gone, &w.now, &by), -EBUSY);
	cr_expect_eq(by, 7);
	cr_expect_eq(money(&w, gone), LEDGER_OWED);
	cr_expect_eq(money(&w, nothing), LEDGER_OWED);
	cr_expect_eq(money(&w, rental), LEDGER_OWED);
	leave(&w);
}

TEST(orders_refund, every_allocation_may_fail)
{
	struct world w = enter();
	uint64_t id, by = 7;
	int r = -ENOMEM;
	long n;

	open_orders(&w);
	id = owe(&w, 1);
	for (n = 0; r != 0; n++) {
		cr_expect_eq(money(&w, id), LEDGER_OWED);
		faults_arm(n);
		r = orders_do(w.orders, id, &w.now, &by);
		faults_disarm();
		cr_assert(r == 0 || r == -ENOMEM);
	}
	cr_expect_gt(n, 1);
	cr_expect_eq(money(&w, id), LEDGER_PENDING);
	cr_expect(run(&w, OUTCOME_CONFIRMED));
	leave(&w);
}
