/* SPDX-License-Identifier: MIT */

#include <sys/stat.h>

#include "ledger-world.h"

TEST(ledger, keeps_what_was_written)
{
	struct payment payment = payment_of(HASH, 7);
	struct ledger *ledger;
	struct ledger_row row;
	uint64_t position, id;

	enter();
	ledger = opened(false);
	cr_expect_eq(ledger_position(ledger, NODE, &position), LEDGER_E_NONE);
	cr_expect_eq(ledger_set_position(ledger, NODE, 6), 0);
	cr_assert_eq(take(ledger, LEDGER_QUEUED, &payment, &id), 0);
	(void)ledger_free(ledger);

	ledger = opened(false);
	cr_assert_eq(ledger_position(ledger, NODE, &position), 0);
	cr_expect_eq(position, 7);
	cr_expect_eq(ledger_knows(ledger, NODE, HASH), LEDGER_E_KNOWN);
	cr_expect_eq(ledger_knows(ledger, NODE, HASH2), 0);
	cr_expect_eq(ledger_knows(ledger, "03", HASH), 0);
	row = row_of(ledger, id);
	cr_expect_eq(row.order_id, id);
	cr_expect_str_eq(row.action, "flash");
	cr_expect_eq(row.state, LEDGER_QUEUED);
	cr_expect_eq(row.money, LEDGER_PENDING);
	cr_expect_eq(row.taken_at_s, now.wall_s);
	cr_expect_eq(row.ended_at_s, 0);
	cr_expect_str_eq(row.payment_hash, HASH);
	cr_expect_str_eq(row.node_id, NODE);
	cr_expect_eq(row.pay_index, 7);
	cr_expect_eq(row.msat, 1500);
	cr_expect_eq(row.tip_msat, 500);
	cr_expect_str_eq(row.label, "1sat2flash-flash");
	cr_expect_str_eq(row.payer_note, "hello?[31m");
	cr_expect_eq(ledger_get(ledger, id + 1, &row), LEDGER_E_NONE);
	(void)ledger_free(ledger);
	leave();
}

TEST(ledger, belongs_to_its_owner_alone)
{
	struct ledger *ledger, *second = NULL;
	struct stat st;
	bool broken;

	enter();
	(void)umask(0);
	ledger = opened(false);
	cr_assert_eq(stat(path, &st), 0);
	cr_expect_eq(st.st_mode & 0777, 0600);
	cr_expect_eq(n_files("-shm"), 0);
	cr_expect_eq(open_at(&now, &broken, &second), LEDGER_E_IN_USE);
	cr_expect_null(second);
	cr_expect_eq(n_files("broken"), 0);
	(void)ledger_free(ledger);
	(void)ledger_free(opened(false));
	leave();
}

TEST(ledger, payment_is_taken_once)
{
	struct payment payment = payment_of(HASH, 7);
	struct ledger *ledger;
	uint64_t position, id = 0, other = 0;

	enter();
	ledger = opened(false);
	cr_assert_eq(take(ledger, LEDGER_QUEUED, &payment, &id), 0);
	payment.pay_index = 8;
	cr_expect_eq(
		take(ledger, LEDGER_QUEUED, &payment, &other), LEDGER_E_KNOWN);
	cr_expect_eq(other, 0);
	/* Nothing of it was written. */
	cr_assert_eq(ledger_position(ledger, NODE, &position), 0);
	cr_expect_eq(position, 7);
	cr_expect_eq(ledger_end(ledger, id + 1, OUTCOME_REFUSED, false, "",
			     NULL, &now),
		LEDGER_E_NONE);
	/* The same hash at another node is another payment. */
	payment.node_id = "03";
	cr_expect_eq(take(ledger, LEDGER_QUEUED, &payment, &other), 0);
	/* A held payment has no place yet. */
	payment = payment_of(HASH2, 0);
	payment.node_id = "04";
	cr_expect_eq(take(ledger, LEDGER_QUEUED, &payment, &other), 0);
	cr_expect_eq(ledger_position(ledger, "04", &position), LEDGER_E_NONE);
	(void)ledger_free(ledger);
	leave();
}

static enum ledger_money money_after(struct ledger *ledger, int n,
	bool has_payment, bool keeps, enum outcome outcome)
{
	char hash[65];
	struct payment payment;
	struct ledger_order order = { .action = "flash",
		.steps = "",
		.undo = "",
		.keeps_unknown = keeps,
		.why = "",
		.payment = has_payment ? &payment : NULL };
	struct moment end = now;
	struct ledger_row row;
	uint64_t id;

	(void)snprintf(hash, sizeof(hash), "%064d", n);
	payment = payment_of(hash, (uint64_t)n);
	end.boot_ms += 1234;
	cr_assert_eq(ledger_take(ledger, &order, &now, &id), 0);
	cr_assert_eq(
		ledger_end(ledger, id, outcome, false, "so it is", NULL, &end),
		0);
	cr_expect_eq(ledger_end(ledger, id, outcome, false, "", NULL, &end),
		LEDGER_E_NONE);
	row = row_of(ledger, id);
	cr_expect_str_eq(ledger_state_name(row.state), outcome_name(outcome));
	cr_expect_str_eq(row.why, "so it is");
	cr_expect_eq(row.took_ms, 1234);
	cr_expect_eq(row.ended_at_s, now.wall_s);
	return row.money;
}

TEST(ledger, money_follows_the_outcome)
{
	struct ledger *ledger;

	enter();
	ledger = opened(false);
	cr_expect_eq(money_after(ledger, 1, true, false, OUTCOME_CONFIRMED),
		LEDGER_EARNED);
	cr_expect_eq(money_after(ledger, 2, true, true, OUTCOME_REFUSED),
		LEDGER_OWED);
	cr_expect_eq(money_after(ledger, 3, true, false, OUTCOME_UNKNOWN),
		LEDGER_OWED);
	cr_expect_eq(money_after(ledger, 4, true, true, OUTCOME_UNKNOWN),
		LEDGER_KEPT);
	cr_expect_eq(money_after(ledger, 5, false, true, OUTCOME_UNKNOWN),
		LEDGER_NO_MONEY);
	cr_expect_eq(money_after(ledger, 6, false, true, OUTCOME_REFUSED),
		LEDGER_NO_MONEY);
	(void)ledger_free(ledger);
	leave();
}

struct seen {
	size_t n;
	uint64_t ids[8];
	size_t stop_after;
};

static int see_row(void *userdata, const struct ledger_row *row)
{
	struct seen *seen = userdata;

	cr_assert_lt(seen->n, ARRAY_SIZE(seen->ids));
	seen->ids[seen->n++] = row->order_id;
	return seen->n == seen->stop_after ? -ECANCELED : 0;
}

TEST(ledger, lists_are_newest_first)
{
	struct payment one = payment_of(HASH, 1), two = payment_of(HASH2, 2);
	struct seen all = { 0 }, owed = { 0 }, first = { 0 },
		    stopped = { .stop_after = 1 };
	struct ledger *ledger;
	uint64_t ids[3];

	enter();
	ledger = opened(false);
	cr_assert_eq(take(ledger, LEDGER_REFUSED, &one, &ids[0]), 0);
	cr_assert_eq(take(ledger, LEDGER_QUEUED, &two, &ids[1]), 0);
	cr_assert_eq(take(ledger, LEDGER_QUEUED, NULL, &ids[2]), 0);
	cr_assert_eq(ledger_list(ledger, false, SIZE_MAX, see_row, &all), 0);
	cr_expect_eq(all.n, 2);
	cr_expect_eq(all.ids[0], ids[1]);
	cr_expect_eq(all.ids[1], ids[0]);
	cr_assert_eq(ledger_list(ledger, true, 10, see_row, &owed), 0);
	cr_expect_eq(owed.n, 1);
	cr_expect_eq(owed.ids[0], ids[0]);
	cr_assert_eq(ledger_list(ledger, false, 1, see_row, &first), 0);
	cr_expect_eq(first.n, 1);
	cr_expect_eq(
		ledger_list(ledger, false, 9, see_row, &stopped), -ECANCELED);
	cr_expect_str_eq(row_of(ledger, ids[0]).why, "because");
	(void)ledger_free(ledger);
	leave();
}

TEST(ledger, steps_tell_how_far_it_got)
{
	struct payment payment = payment_of(HASH, 1);
	struct ledger_crashed crashed = { 0 };
	struct ledger *ledger;
	uint64_t id, queued;

	enter();
	ledger = opened(false);
	cr_assert_eq(take(ledger, LEDGER_RUNNING, &payment, &id), 0);
	cr_assert_eq(take(ledger, LEDGER_QUEUED, NULL, &queued), 0);
	cr_assert_eq(
		ledger_end_step(ledger, id, 0, false, OUTCOME_CONFIRMED), 0);
	(void)ledger_free(ledger);

	ledger = opened(false);
	cr_assert_eq(ledger_end_queued(ledger, "restarted", &now), 0);
	cr_expect_eq(row_of(ledger, queued).state, LEDGER_REFUSED);
	cr_expect_eq(row_of(ledger, queued).money, LEDGER_NO_MONEY);
	cr_assert_eq(ledger_each_running(ledger, see_crashed, &crashed), 0);
	cr_expect_eq(crashed.id, id);
	cr_expect_eq(crashed.journal.marks[0], JOURNAL_CONFIRMED);
	cr_expect_eq(crashed.journal.marks[1], JOURNAL_NONE);
	cr_expect_not(crashed.journal.undo_begun);
	cr_expect(crashed.has_payment);

	/* A second step, and an undo, which is told apart from them. */
	cr_assert_eq(ledger_begin_step(ledger, id, 1, false, "honk", &now), 0);
	cr_assert_eq(ledger_begin_step(ledger, id, 0, true, "lock", &now), 0);
	crashed = (struct ledger_crashed){ 0 };
	cr_assert_eq(ledger_each_running(ledger, see_crashed, &crashed), 0);
	cr_expect_eq(crashed.journal.marks[0], JOURNAL_CONFIRMED);
	cr_expect_eq(crashed.journal.marks[1], JOURNAL_BEGUN);
	cr_expect(crashed.journal.undo_begun);
	cr_assert_eq(ledger_end_step(ledger, id, 1, false, OUTCOME_REFUSED), 0);
	crashed = (struct ledger_crashed){ 0 };
	cr_assert_eq(ledger_each_running(ledger, see_crashed, &crashed), 0);
	cr_expect_eq(crashed.journal.marks[1], JOURNAL_REFUSED);
	cr_assert_eq(ledger_end_step(ledger, id, 1, false, OUTCOME_UNKNOWN), 0);
	crashed = (struct ledger_crashed){ 0 };
	cr_assert_eq(ledger_each_running(ledger, see_crashed, &crashed), 0);
	cr_expect_eq(crashed.journal.marks[1], JOURNAL_UNKNOWN);
	cr_assert_eq(
		ledger_end(ledger, id, OUTCOME_UNKNOWN, false, "", NULL, &now),
		0);
	cr_expect_eq(ledger_begin_step(ledger, id, 1, true, "lock", &now),
		LEDGER_E_NONE);
	(void)ledger_free(ledger);
	leave();
}

TEST(ledger, ages_are_counted_across_restarts)
{
	struct moment later = now;
	struct ledger *ledger;
	uint64_t id, age_ms;

	enter();
	ledger = opened(false);
	cr_expect_eq(
		ledger_age(ledger, "flash", 0, &now, &age_ms), LEDGER_E_NONE);
	cr_assert_eq(take(ledger, LEDGER_QUEUED, NULL, &id), 0);
	cr_expect_eq(ledger_age(ledger, "flash", 0, &now, &age_ms),
		LEDGER_E_NONE, "it has not begun");
	cr_assert_eq(ledger_begin_step(ledger, id, 0, false, "honk", &now), 0);
	later.boot_ms += 700;
	cr_assert_eq(ledger_age(ledger, "flash", 0, &later, &age_ms), 0);
	cr_expect_eq(age_ms, 700);
	/* It is as old as its first step. */
	cr_assert_eq(
		ledger_begin_step(ledger, id, 1, false, "honk", &later), 0);
	cr_assert_eq(ledger_age(ledger, "flash", 0, &later, &age_ms), 0);
	cr_expect_eq(age_ms, 700);
	cr_expect_eq(
		ledger_age(ledger, "flash", 1, &later, &age_ms), LEDGER_E_NONE);
	cr_expect_eq(
		ledger_age(ledger, "honk", 0, &later, &age_ms), LEDGER_E_NONE);
	(void)ledger_free(ledger);

	/* In another boot it is as old as that boot, or as the clock says. */
	exec("UPDATE orders SET boot_id = 'another'");
	ledger = opened(false);
	later.boot_ms = 3000;
	cr_assert_eq(ledger_age(ledger, "flash", 0, &later, &age_ms), 0);
	cr_expect_eq(age_ms, 3000);
	later.wall_s += 60;
	cr_assert_eq(ledger_age(ledger, "flash", 0, &later, &age_ms), 0);
	cr_expect_eq(age_ms, 60000);
	later.wall_is_set = false;
	cr_assert_eq(ledger_age(ledger, "flash", 0, &later, &age_ms), 0);
	cr_expect_eq(age_ms, 3000);
	(void)ledger_free(ledger);
	leave();
}

TEST(ledger, pause_survives)
{
	struct ledger *ledger;
	bool paused = true;

	enter();
	ledger = opened(false);
	cr_assert_eq(ledger_is_paused(ledger, &paused), 0);
	cr_expect_not(paused);
	cr_assert_eq(ledger_set_paused(ledger, true), 0);
	(void)ledger_free(ledger);
	ledger = opened(false);
	cr_assert_eq(ledger_is_paused(ledger, &paused), 0);
	cr_expect(paused);
	(void)ledger_free(ledger);
	leave();
}

TEST(ledger, newer_one_is_refused_and_left_alone)
{
	struct ledger *ledger = NULL;
	bool broken;

	enter();
	(void)ledger_free(opened(false));
	exec("PRAGMA user_version = 4");
	cr_expect_eq(open_at(&now, &broken, &ledger), LEDGER_E_NEWER);
	cr_expect_null(ledger);
	cr_expect_eq(n_files("broken"), 0);
	leave();
}

TEST(ledger, volatile_folder_is_refused)
{
	struct ledger *ledger = NULL;
	bool broken;

	if (access("/dev/shm", W_OK) < 0)
		return;
	(void)strcpy(folder, "/dev/shm/test-l.XXXXXX");
	cr_assert_not_null(mkdtemp(folder));
	cr_expect_eq(ledger_open(folder, false, &now, &broken, &ledger),
		LEDGER_E_VOLATILE);
	cr_assert_eq(ledger_open(folder, true, &now, &broken, &ledger), 0);
	(void)ledger_free(ledger);
	leave();
}

TEST(ledger, missing_folder_is_an_error)
{
	struct ledger *ledger = NULL;
	bool broken;

	cr_expect_eq(
		ledger_open("/nonexistent/x", true, &now, &broken, &ledger),
		-ENOENT);
	cr_expect_eq(
		ledger_open("/nonexistent/x", false, &now, &broken, &ledger),
		-ENOENT);
}

TEST(ledger, step_that_keeps_is_kept_where_it_is_unknown)
{
	static const struct {
		enum outcome outcome;
		enum ledger_money money;
	} cases[] = {
		{ OUTCOME_CONFIRMED, LEDGER_EARNED },
		{ OUTCOME_REFUSED, LEDGER_OWED },
		{ OUTCOME_UNKNOWN, LEDGER_KEPT },
	};
	struct ledger *ledger;

	enter();
	ledger = opened(false);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct payment payment;
		char hash[65];
		uint64_t id;

		(void)snprintf(hash, sizeof(hash), "%064zu", i + 1);
		payment = payment_of(hash, i + 1);
		cr_assert_eq(take(ledger, LEDGER_RUNNING, &payment, &id), 0);
		cr_assert_eq(ledger_end(ledger, id, cases[i].outcome, true, "",
				     NULL, &now),
			0);
		cr_expect_eq(row_of(ledger, id).money, cases[i].money);
	}
	(void)ledger_free(ledger);
	leave();
}
