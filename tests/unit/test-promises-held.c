/* SPDX-License-Identifier: MIT */

/*
 * The power fails at every named point while a node holds a payment, or pays
 * one back: who has the money in the end is who the ledger says has it.
 */

#include <sys/mman.h>
#include <sys/wait.h>

#include "orders-money-world.h"
#include "tests/crash/vfs.h"
#include "util/point.h"

/* What a power cut of the bridge does not touch: the car, and the node. */
struct outside {
	unsigned int n_done;
	/* The node's mark: 1sat2flash-node(8). */
	enum {
		MARK_HELD,
		MARK_TAKEN,
		MARK_SETTLE,
		MARK_RETURN,
	} mark;
	unsigned int n_paid_back;
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

/* The car does what was granted, and says how that went. */
static int act(struct world *w, uint64_t id)
{
	char why[LEDGER_TEXT_SIZE];
	struct order order = { 0 };
	uint64_t wake_ms;
	int r;

	if (!orders_next(w->orders, &w->now, &order, &wake_ms) ||
		order.id != id ||
		!orders_may_begin(w->orders, id, &w->now, &w->car, why))
		return -1;
	r = orders_step_begun(
		w->orders, id, 0, false, &order.steps->steps[0], &w->now);
	if (r != 0)
		return r;
	outside->n_done++;
	point("car-did-it");
	r = orders_step_ended(
		w->orders, id, 0, false, OUTCOME_CONFIRMED, &w->now);
	if (r == 0)
		r = orders_end(
			w->orders, id, OUTCOME_CONFIRMED, false, "", &w->now);
	return r;
}

/* A payment that the node holds is delivered. */
static int serve(struct world *w, uint64_t sat)
{
	struct payment payment;
	struct orders_choice choice;
	uint64_t id;
	int r;

	w->n_payments = 0;
	payment = held_of(w, sat);
	payment.taken = outside->mark == MARK_TAKEN;
	r = orders_choose(w->orders, &payment, &w->now, &w->car, &choice);
	if (r == 0)
		r = orders_record(
			w->orders, &payment, &choice, false, &w->now, &id);
	if (r != 0 || choice.verdict != ORDERS_TAKEN)
		return r;
	point("hold-recorded");
	outside->mark = MARK_TAKEN;
	point("hold-taken");
	orders_grant(w->orders, id, w->now.boot_ms + HOLD_MS);
	return act(w, id);
}

struct unsettled {
	size_t n;
	struct ledger_row row;
};

static int see_unsettled(void *userdata, const struct ledger_row *row)
{
	struct unsettled *unsettled = userdata;

	unsettled->n++;
	unsettled->row = *row;
	return 0;
}

/* Each verdict goes to the node, which keeps the first "settle" of them. */
static int settle(struct world *w)
{
	struct unsettled unsettled = { 0 };
	int r;

	r = orders_unsettled(w->orders, 10, see_unsettled, &unsettled);
	if (r != 0 || unsettled.n == 0)
		return r;
	if (unsettled.row.money == LEDGER_SETTLING)
		outside->mark = MARK_SETTLE;
	else if (outside->mark != MARK_SETTLE)
		outside->mark = MARK_RETURN;
	point("verdict-given");
	return orders_settled(w->orders, unsettled.row.order_id,
		outside->mark == MARK_SETTLE);
}

/* What is owed goes back, once, however often it is asked for. */
static int pay_back(struct world *w)
{
	struct unsettled unsettled = { 0 };
	uint64_t msat;
	int r;

	r = orders_refund(w->orders, 1, true, &msat);
	if (r != 0)
		return r == LEDGER_E_NONE ? 0 : r;
	point("refund-asked");
	r = orders_unsettled(w->orders, 10, see_unsettled, &unsettled);
	if (r != 0 || unsettled.n != 1 ||
		unsettled.row.money != LEDGER_REFUNDING)
		return -1;
	outside->n_paid_back = 1;
	point("refund-paid");
	return orders_refunded(w->orders, 1, true, "");
}

static int hold_and_settle(struct world *w, uint64_t sat)
{
	int r = serve(w, sat);

	return r == 0 ? settle(w) : r;
}

static int refund(struct world *w, uint64_t sat)
{
	(void)sat;
	return pay_back(w);
}

typedef int (*deed_t)(struct world *w, uint64_t sat);

static void run_until_cut(struct world *w, deed_t deed, uint64_t sat)
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
		if (deed(w, sat) != 0)
			_exit(3);
		/* The point is not on this path: cut at the end. */
		vfs_power_cut(cut_seed);
		_exit(0);
	}
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_assert_eq(status, 0, "at %s: %d", cut_at, status);
}

static void recover(struct world *w)
{
	struct order order;
	bool broken;

	cut_at = NULL;
	cr_assert_eq(orders_open(w->menu, folder, true, &w->now, &broken,
			     &w->orders),
		0);
	cr_expect_not(broken);
	while (orders_next_crashed(w->orders, &order))
		cr_assert_eq(orders_end(w->orders, order.id,
				     order.journal.marks[0] == JOURNAL_CONFIRMED
					     ? OUTCOME_CONFIRMED
					     : OUTCOME_UNKNOWN,
				     false, "", &w->now),
			0);
}

static size_t n_of(struct world *w)
{
	size_t n = 0;

	cr_assert_eq(
		orders_list(w->orders, ORDERS_PAYMENTS, 10, count_row, &n), 0);
	return n;
}

static void cut_and_recover(const char *at, unsigned int seed, uint64_t sat)
{
	struct world w = enter();
	struct ledger_row row;

	*outside = (struct outside){ 0 };
	open_orders(&w);
	w.orders = orders_free(w.orders);
	cut_seed = seed;
	cut_at = at;
	run_until_cut(&w, hold_and_settle, sat);
	recover(&w);
	/* The node delivers what has no verdict, and once more. */
	for (int i = 0; i < 2; i++) {
		if (outside->mark < MARK_SETTLE)
			cr_assert_eq(serve(&w, sat), 0);
		cr_assert_eq(settle(&w), 0);
	}

	cr_expect_leq(outside->n_done, 1, "at %s, seed %u", at, seed);
	cr_assert_eq(n_of(&w), 1, "at %s, seed %u", at, seed);
	row = row_of(&w, 1);
	cr_expect_geq(row.state, LEDGER_CONFIRMED);
	if (outside->mark == MARK_SETTLE)
		cr_expect(
			row.money == LEDGER_EARNED || row.money == LEDGER_KEPT,
			"at %s, seed %u: %s", at, seed,
			ledger_money_name(row.money));
	else
		cr_expect_eq(row.money, LEDGER_RETURNED, "at %s, seed %u: %s",
			at, seed, ledger_money_name(row.money));
	/* Nobody pays for what was not done, but where the rule keeps it. */
	cr_expect(outside->n_done == 1 || outside->mark == MARK_RETURN ||
			  row.state == LEDGER_UNKNOWN,
		"at %s, seed %u", at, seed);
	cr_expect(outside->n_done == 1 || row.money != LEDGER_EARNED);
	leave(&w);
}

static void share(void)
{
	outside = mmap(NULL, sizeof(*outside), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	cr_assert_neq(outside, MAP_FAILED);
}

TEST(promises_held, power_cut_at_any_point_leaves_the_money_where_it_says)
{
	static const char *const points[] = { "payment-chosen",
		"order-before-commit", "order-committed", "hold-recorded",
		"hold-taken", "step-before-commit", "step-committed",
		"car-did-it", "end-before-commit", "end-committed",
		"verdict-given", "money-before-commit", "money-settled",
		"none of them" };

	share();
	for (size_t i = 0; i < ARRAY_SIZE(points); i++)
		for (unsigned int seed = 0; seed < 5; seed++) {
			cut_and_recover(points[i], seed, 1);
			/* unknown = keep */
			cut_and_recover(points[i], seed, 5000);
		}
	(void)munmap(outside, sizeof(*outside));
}

/* The ledger is gone, the node's mark is not: nothing is done once more. */
TEST(promises_held, ledger_that_is_lost_acts_on_nothing_twice)
{
	static const char *const points[] = { "hold-taken", "step-committed",
		"car-did-it", "end-committed" };

	share();
	for (size_t i = 0; i < ARRAY_SIZE(points); i++) {
		struct world w = enter();
		char command[64];

		*outside = (struct outside){ 0 };
		cut_seed = 0;
		cut_at = points[i];
		run_until_cut(&w, hold_and_settle, 1);
		(void)snprintf(command, sizeof(command), "rm %s/*", folder);
		cr_assert_eq(system(command), 0);
		recover(&w);
		cr_assert_eq(serve(&w, 1), 0);
		cr_assert_eq(settle(&w), 0);
		cr_expect_eq(outside->n_done, i < 2 ? 0 : 1);
		cr_expect_eq(row_of(&w, 1).state, LEDGER_UNKNOWN);
		cr_expect_eq(money(&w, 1), LEDGER_RETURNED);
		leave(&w);
	}
	(void)munmap(outside, sizeof(*outside));
}

TEST(promises_held, power_cut_while_paying_back_pays_once)
{
	static const char *const points[] = { "money-before-commit",
		"money-moved", "refund-asked", "refund-paid", "none of them" };

	share();
	for (size_t i = 0; i < ARRAY_SIZE(points); i++)
		for (unsigned int seed = 0; seed < 8; seed++) {
			struct world w = enter();

			*outside = (struct outside){ 0 };
			open_orders(&w);
			cr_assert_eq(owe(&w, 1), 1);
			w.orders = orders_free(w.orders);
			cut_seed = seed;
			cut_at = points[i];
			run_until_cut(&w, refund, 1);
			recover(&w);
			/* What the node has paid is never owed again. */
			cr_expect(outside->n_paid_back == 0 ||
					  money(&w, 1) != LEDGER_OWED,
				"at %s, seed %u", points[i], seed);
			cr_assert_eq(pay_back(&w), 0);
			cr_expect_eq(outside->n_paid_back, 1);
			cr_expect_eq(money(&w, 1), LEDGER_RETURNED);
			leave(&w);
		}
	(void)munmap(outside, sizeof(*outside));
}
