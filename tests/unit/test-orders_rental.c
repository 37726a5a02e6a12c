/* SPDX-License-Identifier: MIT */

/* A rental as orders has it, also when the power fails at every point. */

#include "orders/orders_rental.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "orders-world.h"
#include "tests/crash/vfs.h"
#include "util/clock.h"
#include "util/point.h"

enum {
	RENT = 9000,
	MIN = 60 * 1000,
};

/* What a power cut does not touch: the car. */
struct outside {
	unsigned int n_opened;
	bool is_open;
};

static struct outside *outside;
static unsigned int cut_at; /* the nth point; 0: none */
static unsigned int cut_seed;
static unsigned int n_points;

/* Replaces util/point.c. */
void point(const char *name)
{
	(void)name;
	if (++n_points != cut_at)
		return;
	vfs_power_cut(cut_seed);
	_exit(0);
}

static void pass(struct world *w, uint64_t ms)
{
	w->now.boot_ms += ms;
	w->now.wall_s += (int64_t)(ms / 1000);
}

static void closures(struct world *w, enum car_truth present)
{
	w->car.closures = (struct car_closures){ .at_ms = w->now.boot_ms,
		.user_present = present,
		.any_door_open = CAR_NO,
		.trunk_open = CAR_NO,
		.frunk_open = CAR_NO };
}

static void see(struct world *w)
{
	cr_assert_eq(orders_rental_see(w->orders, &w->now, &w->car), 0);
}

/* Runs the next order as the runner would; false: none waits. */
static bool run_next(struct world *w, enum outcome outcome, const char *why)
{
	char reason[LEDGER_TEXT_SIZE];
	struct order order;
	uint64_t wake_ms;

	if (!orders_next(w->orders, &w->now, &order, &wake_ms))
		return false;
	cr_assert(
		orders_may_begin(w->orders, order.id, &w->now, &w->car, reason),
		"%s", reason);
	cr_assert_eq(orders_step_begun(w->orders, order.id, 0, false,
			     &order.steps->steps[0], &w->now),
		0);
	if (outcome == OUTCOME_CONFIRMED && outside != NULL) {
		outside->is_open =
			order.steps->steps[0].command.id == COMMAND_UNLOCK;
		outside->n_opened += outside->is_open;
	}
	cr_assert_eq(orders_step_ended(
			     w->orders, order.id, 0, false, outcome, &w->now),
		0);
	cr_assert_eq(
		orders_end(w->orders, order.id, outcome, false, why, &w->now),
		0);
	return true;
}

static enum rental_phase phase(const struct world *w)
{
	const struct rental *rental = orders_rental(w->orders);

	return rental == NULL ? RENTAL_ENDED : rental->phase;
}

static void rent(struct world *w, enum outcome outcome)
{
	(void)pay(w, RENT);
	cr_assert_eq(phase(w), RENTAL_TAKEN);
	cr_assert(orders_rental_is_busy(w->orders));
	cr_assert(run_next(w, outcome, "no"));
	cr_assert_not(orders_rental_is_busy(w->orders));
}

static void get_in(struct world *w)
{
	pass(w, MIN);
	park(w);
	closures(w, CAR_YES);
	see(w);
	cr_assert_eq(phase(w), RENTAL_OCCUPIED);
}

static void restart(struct world *w)
{
	w->orders = orders_free(w->orders);
	open_orders(w);
}

TEST(orders_rental, follows_what_became_of_its_order)
{
	struct world w = enter();

	(void)setenv("TZ", "UTC", 1);
	open_orders(&w);
	rent(&w, OUTCOME_REFUSED);
	cr_expect_null(orders_rental(w.orders));
	rent(&w, OUTCOME_CONFIRMED);
	cr_expect_eq(phase(&w), RENTAL_OFFERED);
	cr_expect_eq(rental_left_ms(orders_rental(w.orders), &w.now), 30 * MIN);
	cr_assert_eq(orders_rental_stop(w.orders, &w.now), 0);
	cr_assert_eq(orders_rental_run(w.orders, RENTAL_END, &w.now), 0);
	cr_assert(orders_rental_is_busy(w.orders));
	cr_assert(run_next(&w, OUTCOME_CONFIRMED, ""));
	cr_expect_eq(phase(&w), RENTAL_ENDED);
	rent(&w, OUTCOME_UNKNOWN);
	cr_expect_eq(phase(&w), RENTAL_ENDING);
	leave(&w);
}

TEST(orders_rental, everything_else_is_declined_meanwhile)
{
	struct world w = enter();
	struct payment payment;
	uint64_t id;

	(void)setenv("TZ", "UTC", 1);
	w.now.wall_s = start.wall_s - start.wall_s % 86400;
	open_orders(&w);
	(void)pay(&w, RENT);
	payment = payment_of(&w, 1);
	cr_expect_eq(declined(&w, &payment,
			     "the car is being rented by somebody else")
			     .money,
		LEDGER_OWED);
	cr_assert(run_next(&w, OUTCOME_CONFIRMED, ""));
	payment = payment_of(&w, 1);
	(void)declined(&w, &payment, "the car is rented until 00:30");
	payment = payment_of(&w, RENT);
	(void)declined(&w, &payment, "the car is rented until 00:30");
	cr_expect_eq(
		orders_try(w.orders, "rent", &w.now, &id), LEDGER_E_RENTED);
	cr_expect_eq(orders_try(w.orders, "flash", &w.now, &id), 0);
	leave(&w);
}

TEST(orders_rental, what_waited_before_is_declined_too)
{
	struct world w = enter();
	char why[LEDGER_TEXT_SIZE];
	struct order order;
	uint64_t wake_ms;

	open_orders(&w);
	(void)pay(&w, 1);
	(void)pay(&w, RENT);
	cr_assert(next(&w, &order, &wake_ms));
	cr_expect_not(
		orders_may_begin(w.orders, order.id, &w.now, &w.car, why));
	cr_expect_str_eq(why, "the car is being rented by somebody else");
	leave(&w);
}

TEST(orders_rental, paying_again_extends_it)
{
	struct world w = enter();
	struct payment payment;
	struct orders_choice choice;
	struct ledger_row row;

	open_orders(&w);
	rent(&w, OUTCOME_CONFIRMED);
	get_in(&w);
	payment = payment_of(&w, RENT);
	choice = choose(&w, &payment);
	cr_assert_eq(choice.verdict, ORDERS_EXTENDS);
	row = row_of(&w, record(&w, &payment, &choice, false));
	cr_expect_eq(row.state, LEDGER_CONFIRMED);
	cr_expect_eq(row.money, LEDGER_EARNED);
	cr_expect_str_eq(row.action, "rent");
	cr_expect_eq(rental_left_ms(orders_rental(w.orders), &w.now), 59 * MIN);
	/* Nothing goes to the car, and it is not taken twice. */
	cr_expect_not(run_next(&w, OUTCOME_CONFIRMED, ""));
	cr_expect_eq(choose(&w, &payment).verdict, ORDERS_KNOWN);
	restart(&w);
	cr_expect_eq(orders_rental(w.orders)->n_extended, 1);
	cr_expect_eq(rental_left_ms(orders_rental(w.orders), &w.now), 59 * MIN);
	leave(&w);
}

TEST(orders_rental, overdue_one_is_extended_until_its_end_is_ordered)
{
	struct world w = enter();
	struct payment payment;

	open_orders(&w);
	rent(&w, OUTCOME_CONFIRMED);
	get_in(&w);
	pass(&w, 30 * MIN);
	park(&w);
	see(&w);
	cr_assert_eq(phase(&w), RENTAL_ENDING);
	payment = payment_of(&w, RENT);
	cr_expect_eq(choose(&w, &payment).verdict, ORDERS_EXTENDS);
	cr_assert_eq(orders_rental_run(w.orders, RENTAL_END, &w.now), 0);
	payment = payment_of(&w, RENT);
	(void)declined(
		&w, &payment, "the car is rented; it is about to be closed");
	/* Where that fails, it goes on. */
	cr_assert(run_next(&w, OUTCOME_REFUSED, "a door is open"));
	cr_expect_eq(phase(&w), RENTAL_ENDING);
	payment = payment_of(&w, RENT);
	cr_expect_eq(choose(&w, &payment).verdict, ORDERS_EXTENDS);
	leave(&w);
}

static void change_menu(struct world *w, uint64_t length_ms)
{
	w->orders = orders_free(w->orders);
	for (size_t i = 0; i < w->menu->n_actions; i++)
		if (strcmp(w->menu->actions[i].name, "rent") == 0)
			w->menu->actions[i].rental.length_ms = length_ms;
	open_orders(w);
}

TEST(orders_rental, is_extended_by_what_is_on_the_menu_now)
{
	struct world w = enter();
	struct payment payment;
	struct orders_choice choice;

	(void)setenv("TZ", "UTC", 1);
	w.now.wall_s = start.wall_s - start.wall_s % 86400;
	open_orders(&w);
	rent(&w, OUTCOME_CONFIRMED);
	get_in(&w);
	change_menu(&w, 10 * MIN);
	payment = payment_of(&w, RENT);
	choice = choose(&w, &payment);
	cr_assert_eq(choice.verdict, ORDERS_EXTENDS);
	(void)record(&w, &payment, &choice, false);
	cr_expect_eq(rental_left_ms(orders_rental(w.orders), &w.now), 39 * MIN);
	/* Another thing of the same name buys no time. */
	change_menu(&w, 0);
	payment = payment_of(&w, RENT);
	(void)declined(&w, &payment, "the car is rented until 00:40");
	leave(&w);
}

TEST(orders_rental, its_own_orders_have_names_that_no_action_has)
{
	struct world w = enter();

	open_orders(&w);
	rent(&w, OUTCOME_CONFIRMED);
	get_in(&w);
	pass(&w, 24 * MIN);
	park(&w);
	cr_assert_eq(orders_rental_run(w.orders, RENTAL_WARN, &w.now), 0);
	cr_expect_str_eq(w.told.action, ORDERS_RENTAL_WARN);
	cr_expect_eq(w.told.money, LEDGER_NO_MONEY);
	/* A pause is for payments. */
	cr_assert_eq(orders_set_paused(w.orders, true), 0);
	cr_assert(run_next(&w, OUTCOME_CONFIRMED, ""));
	cr_expect(orders_rental(w.orders)->is_warned);
	restart(&w);
	cr_expect(orders_rental(w.orders)->is_warned);
	cr_expect_eq(orders_rental(w.orders)->terms.end.n_steps, 1);
	leave(&w);
}

TEST(orders_rental, end_is_proven_when_it_is_sealed)
{
	struct world w = enter();
	char why[LEDGER_TEXT_SIZE];
	struct order order;
	uint64_t wake_ms;

	open_orders(&w);
	rent(&w, OUTCOME_UNKNOWN);
	cr_assert_eq(orders_rental_run(w.orders, RENTAL_END, &w.now), 0);
	cr_assert(next(&w, &order, &wake_ms));
	w.car.drive.gear = CAR_GEAR_D;
	cr_expect_not(
		orders_may_begin(w.orders, order.id, &w.now, &w.car, why));
	park(&w);
	pass(&w, ORDERS_RENTAL_START_MS);
	park(&w);
	cr_expect_not(
		orders_may_begin(w.orders, order.id, &w.now, &w.car, why));
	leave(&w);
}

TEST(orders_rental, owner_ends_what_there_is)
{
	struct world w = enter();

	open_orders(&w);
	cr_expect_eq(orders_rental_stop(w.orders, &w.now), LEDGER_E_NONE);
	(void)pay(&w, RENT);
	cr_expect_eq(orders_rental_stop(w.orders, &w.now), -EBUSY);
	cr_assert(run_next(&w, OUTCOME_CONFIRMED, ""));
	cr_expect_eq(orders_rental_stop(w.orders, &w.now), 0);
	restart(&w);
	cr_expect_eq(phase(&w), RENTAL_ENDING);
	cr_expect_str_eq(orders_rental(w.orders)->why, "the owner ended it");
	leave(&w);
}

TEST(orders_rental, order_that_never_began_rents_nothing)
{
	struct world w = enter();

	open_orders(&w);
	(void)pay(&w, RENT);
	restart(&w);
	cr_expect_null(orders_rental(w.orders));
	(void)pay(&w, RENT);
	leave(&w);
}

TEST(orders_rental, menu_without_it_still_ends_it)
{
	struct world w = enter();

	open_orders(&w);
	rent(&w, OUTCOME_CONFIRMED);
	w.orders = orders_free(w.orders);
	w.menu->n_actions--;
	open_orders(&w);
	cr_assert_eq(orders_rental_stop(w.orders, &w.now), 0);
	cr_assert_eq(orders_rental_run(w.orders, RENTAL_END, &w.now), 0);
	cr_assert(run_next(&w, OUTCOME_CONFIRMED, ""));
	cr_expect_null(orders_rental(w.orders));
	leave(&w);
}

/* Until the rental is over, as the keeper would; then nothing is open. */
static void keep(struct world *w)
{
	for (int i = 0; i < 50 && orders_rental(w->orders) != NULL; i++) {
		struct rental_task task;

		pass(w, 5 * MIN);
		park(w);
		closures(w, CAR_NO);
		see(w);
		if (orders_rental(w->orders) == NULL)
			break;
		rental_next(orders_rental(w->orders), w->now.boot_ms, &w->car,
			&task);
		if (task.type != RENTAL_WARN && task.type != RENTAL_END)
			continue;
		cr_assert_eq(
			orders_rental_run(w->orders, task.type, &w->now), 0);
		cr_assert(run_next(w, OUTCOME_CONFIRMED, ""));
	}
	cr_expect_null(
		orders_rental(w->orders), "%s", rental_phase_name(phase(w)));
}

static void live(struct world *w)
{
	struct payment payment;
	struct orders_choice choice;

	rent(w, OUTCOME_CONFIRMED);
	get_in(w);
	payment = payment_of(w, RENT);
	choice = choose(w, &payment);
	cr_assert_eq(choice.verdict, ORDERS_EXTENDS);
	(void)record(w, &payment, &choice, false);
	keep(w);
}

static unsigned int live_until_cut(struct world *w)
{
	pid_t pid = fork();
	int status;

	cr_assert_geq(pid, 0);
	if (pid == 0) {
		if (vfs_install() < 0)
			_exit(1);
		open_orders(w);
		live(w);
		_exit(42);
	}
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_assert(WIFEXITED(status));
	return (unsigned int)WEXITSTATUS(status);
}

TEST(orders_rental, power_cut_at_any_point_leaves_nothing_open)
{
	unsigned int status = 0;

	outside = mmap(NULL, sizeof(*outside), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	cr_assert_neq(outside, MAP_FAILED);
	for (unsigned int at = 1; status != 42; at++) {
		for (unsigned int seed = 0; seed < 3; seed++) {
			struct world w = enter();
			struct order order;

			*outside = (struct outside){ 0 };
			cut_at = 0;
			open_orders(&w);
			w.orders = orders_free(w.orders);
			n_points = 0;
			cut_at = at;
			cut_seed = seed;
			status = live_until_cut(&w);
			cut_at = 0;
			cr_assert(status == 0 || status == 42, "%u", status);

			pass(&w, 5 * MIN);
			park(&w);
			open_orders(&w);
			while (orders_next_crashed(w.orders, &order))
				cr_assert_eq(
					orders_end(w.orders, order.id,
						order.journal.marks[0] ==
								JOURNAL_CONFIRMED
							? OUTCOME_CONFIRMED
							: OUTCOME_UNKNOWN,
						false, "", &w.now),
					0);
			keep(&w);
			cr_expect_not(
				outside->is_open, "at %u, seed %u", at, seed);
			cr_expect_leq(outside->n_opened, 1);
			leave(&w);
		}
		cr_assert_lt(at, 100);
	}
	(void)munmap(outside, sizeof(*outside));
}
