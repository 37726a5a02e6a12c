/* SPDX-License-Identifier: MIT */

/* What becomes of money: every way from one word of the ledger to the next. */

#include "orders/ledger_money.h"

#include "ledger-money-world.h"
#include "orders/ledger_sql.h"

TEST(ledger_money, follows_the_outcome_and_who_has_it)
{
	begin();
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		for (int paid = -1; paid < 2; paid++) {
			uint64_t id = take_one(paid >= 0, LEDGER_QUEUED,
				ends[i].rule_keeps, 0);

			cr_expect_eq(money(id), LEDGER_PENDING);
			cr_expect_eq(ledger_settled(ledger, id, true),
				LEDGER_E_NONE);
			end_one(id, ends[i].outcome, ends[i].step_keeps);
			if (paid < 0) {
				cr_expect_eq(money(id), ends[i].settled_before);
				cr_expect_eq(ledger_settled(ledger, id, true),
					LEDGER_E_NONE);
				continue;
			}
			cr_expect_eq(money(id), ends[i].held);
			cr_expect(row_of(ledger, id).is_held);
			/* It survives the process. */
			restart();
			cr_assert_eq(ledger_settled(ledger, id, paid), 0);
			cr_expect_eq(money(id),
				paid ? ends[i].if_paid : ends[i].if_unpaid,
				"%zu, %d", i, paid);
			/* Once. */
			cr_expect_eq(ledger_settled(ledger, id, !paid),
				LEDGER_E_NONE);
		}
	end();
}

/* What ends by being recorded: declined, unknown, an extension. */
TEST(ledger_money, of_what_ends_at_once_is_the_same)
{
	static const struct {
		enum ledger_state state;
		enum outcome outcome;
	} states[] = {
		{ LEDGER_CONFIRMED, OUTCOME_CONFIRMED },
		{ LEDGER_REFUSED, OUTCOME_REFUSED },
		{ LEDGER_UNKNOWN, OUTCOME_UNKNOWN },
	};

	begin();
	for (size_t i = 0; i < ARRAY_SIZE(states); i++)
		for (int keeps = 0; keeps < 2; keeps++)
			for (int held = 0; held < 2; held++) {
				uint64_t queued = take_one(
					held, LEDGER_QUEUED, keeps, DEPOSIT);
				uint64_t id = take_one(
					held, states[i].state, keeps, DEPOSIT);

				end_one(queued, states[i].outcome, false);
				cr_expect_eq(money(id), money(queued));
				cr_expect_eq(deposit(id), deposit(queued),
					"%zu %d %d: %s, not %s", i, keeps, held,
					ledger_deposit_name(deposit(id)),
					ledger_deposit_name(deposit(queued)));
			}
	end();
}

TEST(ledger_money, of_what_a_restart_found_waiting_goes_back)
{
	uint64_t held, paid, running;

	begin();
	held = take_one(true, LEDGER_QUEUED, true, 0);
	paid = take_one(false, LEDGER_QUEUED, true, 0);
	running = take_one(true, LEDGER_RUNNING, true, 0);
	restart();
	cr_assert_eq(ledger_end_queued(ledger, "restarted", &now), 0);
	cr_expect_eq(money(held), LEDGER_RETURNING);
	cr_expect_eq(money(paid), LEDGER_OWED);
	cr_expect_eq(money(running), LEDGER_PENDING);
	end_one(running, OUTCOME_UNKNOWN, false);
	cr_expect_eq(money(running), LEDGER_SETTLING);
	end();
}

TEST(ledger_money, of_a_held_payment_is_found_by_its_hash)
{
	struct ledger_row row = { 0 };
	uint64_t id, position;

	begin();
	id = take_one(true, LEDGER_QUEUED, false, 0);
	cr_assert_eq(ledger_find(ledger, NODE,
			     "00000000000000000000000000000000000000000000"
			     "00000000000000000001",
			     &row),
		0);
	cr_expect_eq(row.order_id, id);
	cr_expect(row.is_held);
	cr_expect_eq(row.msat, MSAT);
	cr_expect_eq(ledger_find(ledger, NODE, HASH, &row), LEDGER_E_NONE);
	cr_expect_eq(ledger_find(ledger, "02bb", row.payment_hash, &row),
		LEDGER_E_NONE);
	/* It has no place in the node's list, and makes none. */
	cr_expect_eq(ledger_position(ledger, NODE, &position), LEDGER_E_NONE);
	cr_expect_eq(ledger_has_position(ledger), LEDGER_E_NONE);
	(void)take_one(false, LEDGER_QUEUED, false, 0);
	cr_assert_eq(ledger_position(ledger, NODE, &position), 0);
	cr_expect_eq(position, 2);
	(void)take_one(true, LEDGER_QUEUED, false, 0);
	cr_assert_eq(ledger_position(ledger, NODE, &position), 0);
	cr_expect_eq(position, 2);
	end();
}

TEST(ledger_money, moves_from_where_it_is_only)
{
	uint64_t id;

	begin();
	id = owed_one();
	cr_expect_eq(ledger_move(ledger, id, LEDGER_EARNED, LEDGER_REFUNDING,
			     "never written"),
		LEDGER_E_NONE);
	cr_expect_eq(
		ledger_move(ledger, id + 1, LEDGER_OWED, LEDGER_REFUNDING, ""),
		LEDGER_E_NONE);
	cr_expect_eq(money(id), LEDGER_OWED);
	cr_expect_str_eq(row_of(ledger, id).refund_why, "");
	cr_assert_eq(
		ledger_move(ledger, id, LEDGER_OWED, LEDGER_REFUNDING, ""), 0);
	cr_assert_eq(ledger_move(ledger, id, LEDGER_REFUNDING, LEDGER_OWED,
			     "no\x1b[31m route"),
		0);
	cr_expect_str_eq(row_of(ledger, id).refund_why, "no?[31m route");
	restart();
	cr_expect_eq(money(id), LEDGER_OWED);
	cr_expect_str_eq(row_of(ledger, id).refund_why, "no?[31m route");
	cr_assert_eq(
		ledger_move(ledger, id, LEDGER_OWED, LEDGER_WRITTEN_OFF, ""),
		0);
	cr_expect_str_eq(row_of(ledger, id).refund_why, "");
	end();
}

TEST(ledger_money, what_is_owed_may_be_done_after_all)
{
	uint64_t id, by, n, msat;

	begin();
	id = owed_one();
	cr_assert_eq(redo(id, &by), 0);
	cr_expect_eq(money(id), LEDGER_PENDING);
	cr_expect_eq(money(by), LEDGER_NO_MONEY);
	cr_assert_eq(ledger_owed(ledger, &n, &msat), 0);
	cr_expect_eq(n, 0);
	/* Not twice at a time; nothing is written of that. */
	cr_expect_eq(redo(id, &n), LEDGER_E_NONE);
	cr_expect_eq(row_of(ledger, by).order_id, by);
	cr_expect_eq(ledger_get(ledger, by + 1, &(struct ledger_row){ 0 }),
		LEDGER_E_NONE);
	/* It was not done: owed, as before. */
	end_one(by, OUTCOME_REFUSED, false);
	cr_expect_eq(money(id), LEDGER_OWED);
	/* Nobody knows: owed, too, whatever the rule says. */
	cr_assert_eq(redo(id, &by), 0);
	end_one(by, OUTCOME_UNKNOWN, true);
	cr_expect_eq(money(id), LEDGER_OWED);
	/* And so it does not go back unasked any more. */
	cr_expect_eq(row_of(ledger, id).state, LEDGER_UNKNOWN);
	cr_assert_eq(redo(id, &by), 0);
	end_one(by, OUTCOME_CONFIRMED, false);
	cr_expect_eq(money(id), LEDGER_EARNED);
	cr_expect_eq(redo(id, &by), LEDGER_E_NONE);
	end();
}

TEST(ledger_money, what_was_to_be_done_is_owed_after_a_restart)
{
	uint64_t queued, running, other, by_queued, by_running, by_other;

	begin();
	queued = owed_one();
	running = owed_one();
	other = owed_one();
	cr_assert_eq(redo(queued, &by_queued), 0);
	cr_assert_eq(redo(running, &by_running), 0);
	cr_assert_eq(redo(other, &by_other), 0);
	cr_assert_eq(ledger_begin_step(ledger, by_running, 0, false,
			     "flash-lights", &now),
		0);
	cr_assert_eq(ledger_begin_step(
			     ledger, by_other, 0, false, "flash-lights", &now),
		0);
	restart();
	cr_assert_eq(ledger_end_queued(ledger, "restarted", &now), 0);
	cr_expect_eq(money(queued), LEDGER_OWED);
	cr_expect_eq(money(running), LEDGER_PENDING);
	end_one(by_running, OUTCOME_UNKNOWN, false);
	cr_expect_eq(money(running), LEDGER_OWED);
	cr_expect_eq(money(other), LEDGER_PENDING);
	end_one(by_other, OUTCOME_CONFIRMED, false);
	cr_expect_eq(money(other), LEDGER_EARNED);
	end();
}

/* An order of its own that waits is pending, too, and stays so. */
TEST(ledger_money, healing_leaves_others_alone)
{
	uint64_t waiting, id, by;

	begin();
	waiting = take_one(true, LEDGER_QUEUED, false, 0);
	id = owed_one();
	cr_assert_eq(redo(id, &by), 0);
	end_one(by, OUTCOME_CONFIRMED, false);
	cr_expect_eq(money(waiting), LEDGER_PENDING);
	cr_expect_eq(row_of(ledger, waiting).state, LEDGER_QUEUED);
	end();
}

static int see_money(void *userdata, const struct ledger_row *row)
{
	char *text = userdata;

	(void)strcat(text, ledger_money_name(row->money));
	(void)strcat(text, ", ");
	return 0;
}

TEST(ledger_money, lists_what_is_unsettled_and_what_is_open)
{
	static const enum ledger_money moneys[] = { LEDGER_PENDING,
		LEDGER_EARNED, LEDGER_OWED, LEDGER_KEPT, LEDGER_SETTLING,
		LEDGER_RETURNING, LEDGER_RETURNED, LEDGER_GIVEN,
		LEDGER_REFUNDING, LEDGER_WRITTEN_OFF };
	static const struct {
		enum ledger_filter filter;
		const char *text;
	} lists[] = {
		{ LEDGER_ALL,
			"written off, refunding, given away, returned, "
			"returning, settling, kept, owed, earned, pending, " },
		{ LEDGER_OPEN, "refunding, owed, " },
		{ LEDGER_UNSETTLED, "settling, returning, refunding, " },
	};
	uint64_t n, msat;

	begin();
	for (size_t i = 0; i < ARRAY_SIZE(moneys); i++) {
		uint64_t id = owed_one();

		if (moneys[i] == LEDGER_OWED)
			continue;
		cr_assert_eq(
			ledger_move(ledger, id, LEDGER_OWED, moneys[i], ""), 0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		char text[200] = "", first[200] = "";

		cr_assert_eq(ledger_list(ledger, lists[i].filter, 100,
				     see_money, text),
			0);
		cr_expect_str_eq(text, lists[i].text);
		cr_assert_eq(ledger_list(ledger, lists[i].filter, 1, see_money,
				     first),
			0);
		cr_expect_eq(strncmp(first, text, strlen(first)), 0);
	}
	cr_assert_eq(ledger_owed(ledger, &n, &msat), 0);
	cr_expect_eq(n, 1);
	cr_expect_eq(msat, MSAT);
	end();
}

/* A ledger of years is not read whole whenever something happens. */
TEST(ledger_money, no_row_is_sought_through_all_of_them)
{
	static const enum ledger_sql statements[] = { SQL_LIST_OPEN,
		SQL_LIST_UNSETTLED, SQL_LIST_DUE, SQL_OWED, SQL_FIND,
		SQL_SETTLED, SQL_HEAL_REDONE, SQL_DEPOSITS_HELD,
		SQL_HOLD_DEPOSITS, SQL_DROP_DEPOSITS, SQL_INSPECT_DEPOSITS,
		SQL_DATE_DEPOSITS, SQL_DUE_DEPOSITS };

	begin();
	for (size_t i = 0; i < ARRAY_SIZE(statements); i++) {
		_cleanup_(freep) char *explain = NULL;
		sqlite3_stmt *plan = NULL;

		cr_assert_gt(
			asprintf(&explain, "EXPLAIN QUERY PLAN %s",
				sqlite3_sql(ledger->statements[statements[i]])),
			0);
		cr_assert_eq(sqlite3_prepare_v2(
				     ledger->db, explain, -1, &plan, NULL),
			SQLITE_OK);
		while (sqlite3_step(plan) == SQLITE_ROW) {
			const char *step =
				(const char *)sqlite3_column_text(plan, 3);

			cr_expect(strcmp(step, "SCAN o") != 0 &&
					  strcmp(step, "SCAN p") != 0 &&
					  strcmp(step, "SCAN orders") != 0 &&
					  strcmp(step, "SCAN payments") != 0,
				"%s: %s", explain, step);
		}
		(void)sqlite3_finalize(plan);
	}
	end();
}
