/* SPDX-License-Identifier: MIT */

/* Architecture 3: the power fails at every named point, promises hold. */

#include <sys/mman.h>
#include <sys/wait.h>

#include "orders-world.h"
#include "tests/crash/vfs.h"
#include "util/point.h"

/* What survives a power cut outside of the machine: what the car did. */
struct outside {
	unsigned int n_done;
	unsigned int n_undone;
};

static struct outside *outside;
static const char *cut_at;
static unsigned int cut_seed;

/* Replaces util/point.c: the power fails at the point that was named. */
void point(const char *name)
{
	if (cut_at == NULL || strcmp(name, cut_at) != 0)
		return;
	vfs_power_cut(cut_seed);
	_exit(0);
}

/* What daemon/till.c does for one payment that a node delivers. */
static int serve(struct world *w, bool begin_first)
{
	struct payment payment;
	struct orders_choice choice;
	char why[LEDGER_TEXT_SIZE];
	struct order order = { 0 };
	uint64_t id, wake_ms;
	int r;

	w->n_payments = 0;
	payment = payment_of(w, 1);
	r = orders_choose(w->orders, &payment, &w->now, &w->car, &choice);
	if (r == 0)
		r = orders_record(w->orders, &payment, &choice, begin_first,
			&w->now, &id);
	if (r != 0 || choice.verdict != ORDERS_TAKEN)
		return r;
	if (!begin_first) {
		if (!orders_next(w->orders, &w->now, &order, &wake_ms) ||
			!orders_may_begin(w->orders, id, &w->now, &w->car, why))
			return -1;
		r = orders_step_begun(w->orders, id, 0, false,
			&order.steps->steps[0], &w->now);
	}
	if (r != 0)
		return r;
	outside->n_done++;
	r = orders_step_ended(
		w->orders, id, 0, false, OUTCOME_CONFIRMED, &w->now);
	if (r == 0)
		r = orders_end(
			w->orders, id, OUTCOME_CONFIRMED, false, "", &w->now);

	return r;
}

static void run_until_cut(struct world *w, bool begin_first)
{
	bool broken;
	pid_t pid = fork();
	int status;

	cr_assert_geq(pid, 0);
	if (pid == 0) {
		if (vfs_install() < 0)
			_exit(1);
		if (orders_open(w->menu, folder, true, &w->now, &broken,
			    &w->orders) != 0)
			_exit(2);
		if (serve(w, begin_first) != 0)
			_exit(3);
		/* The point is not on this path: cut at the end. */
		vfs_power_cut(cut_seed);
		_exit(0);
	}
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_assert_eq(status, 0, "at %s: %d", cut_at, status);
}

static size_t n_ended, n_rows;

static int see_ended(void *userdata, const struct ledger_row *row)
{
	(void)userdata;
	n_rows++;
	n_ended += row->state != LEDGER_QUEUED && row->state != LEDGER_RUNNING;
	/* Done, but owed as if it had not been: that is a refund. */
	cr_expect(outside->n_done == 0 || row->state != LEDGER_REFUSED,
		"at %s, seed %u", cut_at, cut_seed);
	cr_expect(outside->n_done == 1 || row->state != LEDGER_CONFIRMED,
		"at %s, seed %u", cut_at, cut_seed);
	return 0;
}

static void cut_and_recover(const char *at, unsigned int seed, bool begin_first)
{
	struct world w = enter();
	struct order order;
	uint64_t position;
	bool broken;

	*outside = (struct outside){ 0 };
	cut_seed = seed;
	cut_at = at;
	/* The ledger is there: its making has a test of its own. */
	open_orders(&w);
	w.orders = orders_free(w.orders);
	run_until_cut(&w, begin_first);
	cut_at = NULL;

	cr_assert_eq(
		orders_open(w.menu, folder, true, &w.now, &broken, &w.orders),
		0);
	cr_expect_not(broken, "at %s, seed %u", at, seed);
	while (orders_next_crashed(w.orders, &order))
		cr_assert_eq(orders_end(w.orders, order.id,
				     order.journal.marks[0] == JOURNAL_CONFIRMED
					     ? OUTCOME_CONFIRMED
					     : OUTCOME_UNKNOWN,
				     false, "", &w.now),
			0);
	/* The node delivers what is behind the position, and once more. */
	cr_assert_eq(serve(&w, begin_first), 0);
	cr_assert_eq(serve(&w, begin_first), 0);

	cr_expect_leq(outside->n_done, 1, "at %s, seed %u: %u times", at, seed,
		outside->n_done);
	n_rows = n_ended = 0;
	cut_at = at;
	cr_assert_eq(
		orders_list(w.orders, ORDERS_PAYMENTS, 10, see_ended, NULL), 0);
	cut_at = NULL;
	cr_expect_eq(n_rows, 1, "at %s, seed %u", at, seed);
	cr_expect_eq(n_ended, 1, "at %s, seed %u", at, seed);
	cr_assert_eq(orders_position(w.orders, NODE, &position), 0);
	cr_expect_eq(position, 1);
	leave(&w);
}

TEST(promises, power_cut_at_any_point_keeps_the_promises)
{
	static const char *const points[] = { "payment-chosen",
		"order-before-commit", "order-committed", "step-before-commit",
		"step-committed", "end-before-commit", "end-committed",
		"none of them" };

	outside = mmap(NULL, sizeof(*outside), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	cr_assert_neq(outside, MAP_FAILED);
	for (size_t i = 0; i < ARRAY_SIZE(points); i++)
		for (unsigned int seed = 0; seed < 8; seed++) {
			cut_and_recover(points[i], seed, false);
			cut_and_recover(points[i], seed, true);
		}
	(void)munmap(outside, sizeof(*outside));
}

TEST(promises, power_cut_at_the_first_start_keeps_them_too)
{
	outside = mmap(NULL, sizeof(*outside), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	cr_assert_neq(outside, MAP_FAILED);
	for (unsigned int seed = 0; seed < 30; seed++) {
		struct world w = enter();
		struct order order;

		*outside = (struct outside){ 0 };
		cut_seed = seed;
		cut_at = seed % 2 == 0 ? "order-committed" : "step-committed";
		run_until_cut(&w, false);
		cut_at = NULL;
		open_orders(&w);
		while (orders_next_crashed(w.orders, &order))
			cr_assert_eq(
				orders_end(w.orders, order.id, OUTCOME_UNKNOWN,
					false, "", &w.now),
				0);
		/* It was recorded before the power failed. */
		cr_expect_eq(row_of(&w, 1).pay_index, 1);
		cr_assert_eq(serve(&w, false), 0);
		cr_expect_eq(outside->n_done, 0);
		leave(&w);
	}
	(void)munmap(outside, sizeof(*outside));
}
