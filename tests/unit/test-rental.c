/* SPDX-License-Identifier: MIT */

#include "orders/rental.h"

#include <stdlib.h>
#include <string.h>

#include "test.h"
#include "util/clock.h"

enum {
	MIN = 60 * 1000,
	BEGUN = 1000 * 1000,
};

/* Half an hour, two minutes to get in, a warning five minutes ahead. */
struct world {
	struct rental rental;
	struct car_state car;
	struct moment now;
	struct rental_task task;
};

static struct world begun(enum outcome outcome)
{
	struct world w = { .rental = { .order_id = 7,
				   .action = "rent",
				   .phase = RENTAL_TAKEN },
		.now = { .boot_ms = BEGUN } };
	struct rental_terms *terms = &w.rental.terms;
	char why[WHY_SIZE];

	terms->length_ms = 30 * MIN;
	terms->get_in_ms = 2 * MIN;
	terms->warn_before_ms = 5 * MIN;
	cr_assert_eq(program_append(&terms->warn, "flash-lights", why), 0);
	cr_assert_eq(program_append(&terms->end, "lock", why), 0);
	car_state_init(&w.car);
	rental_begin(&w.rental, outcome, "the car refused", &w.now);
	return w;
}

static void at(struct world *w, uint64_t ms)
{
	w->now.boot_ms = BEGUN + ms;
}

static bool see(struct world *w)
{
	return rental_see(&w->rental, &w->now, &w->car);
}

static enum rental_task_type next(struct world *w)
{
	rental_next(&w->rental, w->now.boot_ms, &w->car, &w->task);
	return w->task.type;
}

static void answer_closures(struct world *w, enum car_truth present)
{
	w->car.closures = (struct car_closures){ .at_ms = w->now.boot_ms,
		.user_present = present,
		.any_door_open = CAR_NO,
		.trunk_open = CAR_NO,
		.frunk_open = CAR_NO };
}

static void answer_drive(struct world *w, enum car_gear gear)
{
	w->car.drive.at_ms = w->now.boot_ms;
	w->car.drive.gear = gear;
}

static struct world occupied(void)
{
	struct world w = begun(OUTCOME_CONFIRMED);

	at(&w, MIN);
	answer_closures(&w, CAR_YES);
	cr_assert(see(&w));
	cr_assert_eq(w.rental.phase, RENTAL_OCCUPIED);
	return w;
}

static void expect_read(struct world *w, enum command_id id, bool may_wake)
{
	cr_assert_eq(next(w), RENTAL_READ);
	cr_expect_eq(w->task.read, id);
	cr_expect_eq(w->task.may_wake, may_wake);
}

static void expect_wait(struct world *w, uint64_t ms)
{
	cr_assert_eq(next(w), RENTAL_WAIT);
	cr_expect_eq(w->task.at_ms, ms == CLOCK_NEVER ? ms : BEGUN + ms);
}

TEST(rental, refused_order_rents_nothing)
{
	struct world w = begun(OUTCOME_REFUSED);

	cr_expect_eq(w.rental.phase, RENTAL_ENDED);
	cr_expect_str_eq(w.rental.why, "the car refused");
	expect_wait(&w, CLOCK_NEVER);
	cr_expect_not(see(&w));
}

TEST(rental, unknown_order_is_closed_at_once)
{
	struct world w = begun(OUTCOME_UNKNOWN);

	cr_expect_eq(w.rental.phase, RENTAL_ENDING);
	cr_expect_eq(rental_overtime_ms(&w.rental, &w.now), 0);
	expect_read(&w, COMMAND_STATE_DRIVE, true);
	answer_drive(&w, CAR_GEAR_P);
	expect_read(&w, COMMAND_STATE_CLOSURES, true);
	answer_closures(&w, CAR_NO);
	cr_expect_eq(next(&w), RENTAL_END);
	rental_close(&w.rental, &w.now);
	cr_expect_eq(w.rental.phase, RENTAL_ENDED);
	cr_expect_eq(w.rental.overtime_ms, 0);
}

TEST(rental, offered_car_is_looked_at_without_waking_it)
{
	struct world w = begun(OUTCOME_CONFIRMED);

	cr_expect_eq(w.rental.phase, RENTAL_OFFERED);
	expect_read(&w, COMMAND_STATE_CLOSURES, false);
	answer_closures(&w, CAR_NO);
	cr_expect_not(see(&w));
	expect_wait(&w, 10 * 1000);
	at(&w, 10 * 1000);
	expect_read(&w, COMMAND_STATE_CLOSURES, false);
	at(&w, 2 * MIN - 1);
	answer_closures(&w, CAR_NO);
	expect_wait(&w, 2 * MIN);
}

TEST(rental, nobody_inside_in_time_ends_it)
{
	struct world w = begun(OUTCOME_CONFIRMED);

	at(&w, 2 * MIN - 1);
	answer_closures(&w, CAR_NO);
	at(&w, 2 * MIN);
	/* What was seen before the time was up is no proof. */
	cr_expect_not(see(&w));
	expect_read(&w, COMMAND_STATE_CLOSURES, true);
	answer_closures(&w, CAR_NO);
	cr_expect(see(&w));
	cr_expect_eq(w.rental.phase, RENTAL_ENDING);
	cr_expect_str_eq(w.rental.why, "nobody got in in time");
}

TEST(rental, somebody_who_gets_in_at_the_last_moment_may_stay)
{
	struct world w = begun(OUTCOME_CONFIRMED);

	at(&w, 2 * MIN + 500);
	answer_closures(&w, CAR_YES);
	cr_expect(see(&w));
	cr_expect_eq(w.rental.phase, RENTAL_OCCUPIED);
}

TEST(rental, silent_car_that_drives_is_taken_up)
{
	struct world w = begun(OUTCOME_CONFIRMED);

	at(&w, MIN);
	answer_closures(&w, CAR_UNKNOWN);
	cr_expect_not(see(&w));
	answer_drive(&w, CAR_GEAR_D);
	cr_expect(see(&w));
	cr_expect_eq(w.rental.phase, RENTAL_OCCUPIED);
}

TEST(rental, who_sat_there_before_does_not_count)
{
	struct world w = begun(OUTCOME_CONFIRMED);

	w.car.closures.at_ms = BEGUN - 1;
	w.car.closures.user_present = CAR_YES;
	w.car.drive.at_ms = BEGUN - 1;
	w.car.drive.gear = CAR_GEAR_D;
	cr_expect_not(see(&w));
	cr_expect_eq(w.rental.phase, RENTAL_OFFERED);
}

TEST(rental, unreachable_car_keeps_what_was_promised_until_the_end)
{
	struct world w = begun(OUTCOME_CONFIRMED);

	at(&w, 30 * MIN - 1);
	cr_expect_not(see(&w));
	at(&w, 30 * MIN);
	cr_expect(see(&w));
	cr_expect_eq(w.rental.phase, RENTAL_ENDING);
	cr_expect_not(w.rental.is_occupied);
}

TEST(rental, occupied_car_is_left_alone_until_the_warning)
{
	struct world w = occupied();

	expect_wait(&w, 25 * MIN);
	at(&w, 25 * MIN);
	expect_read(&w, COMMAND_STATE_DRIVE, false);
	/* Nobody at the wheel is disturbed. */
	answer_drive(&w, CAR_GEAR_D);
	expect_wait(&w, 25 * MIN + 30 * 1000);
	at(&w, 25 * MIN + 30 * 1000);
	expect_read(&w, COMMAND_STATE_DRIVE, false);
	answer_drive(&w, CAR_GEAR_P);
	cr_expect_eq(next(&w), RENTAL_WARN);
	w.rental.is_warned = true;
	expect_wait(&w, 30 * MIN);
	at(&w, 30 * MIN);
	cr_expect(see(&w));
	cr_expect_str_eq(w.rental.why, "its time is over");
}

TEST(rental, without_a_warning_only_the_end_is_waited_for)
{
	struct world w = occupied();

	w.rental.terms.warn.n_steps = 0;
	expect_wait(&w, 30 * MIN);
}

static struct world overdue(void)
{
	struct world w = occupied();

	at(&w, 31 * MIN);
	cr_assert(see(&w));
	cr_assert_eq(w.rental.phase, RENTAL_ENDING);
	return w;
}

TEST(rental, end_waits_for_a_car_that_moves)
{
	static const enum car_gear gears[] = { CAR_GEAR_D, CAR_GEAR_R,
		CAR_GEAR_N, CAR_GEAR_UNKNOWN };
	struct world w = overdue();

	for (size_t i = 0; i < ARRAY_SIZE(gears); i++) {
		answer_drive(&w, gears[i]);
		answer_closures(&w, CAR_YES);
		expect_wait(&w, 31 * MIN + 10 * 1000);
		cr_expect_neq(
			*rental_waits_for(&w.rental, w.now.boot_ms, &w.car),
			'\0');
	}
	answer_drive(&w, CAR_GEAR_NONE);
	w.car.drive.speed_mph = 3;
	expect_wait(&w, 31 * MIN + 10 * 1000);
	cr_expect_eq(rental_overtime_ms(&w.rental, &w.now), MIN);
}

TEST(rental, end_waits_for_what_is_open)
{
	struct world w = overdue();
	enum car_truth *parts[] = { &w.car.closures.any_door_open,
		&w.car.closures.trunk_open, &w.car.closures.frunk_open };

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		answer_drive(&w, CAR_GEAR_P);
		answer_closures(&w, CAR_NO);
		*parts[i] = CAR_YES;
		expect_wait(&w, 31 * MIN + 10 * 1000);
		/* What is not told is not closed. */
		*parts[i] = CAR_UNKNOWN;
		expect_wait(&w, 31 * MIN + 10 * 1000);
		cr_expect_str_eq(
			rental_waits_for(&w.rental, w.now.boot_ms, &w.car),
			"the car does not say that it is closed");
	}
}

TEST(rental, car_that_stood_there_before_the_end_is_asked_anew)
{
	struct world w = occupied();

	at(&w, 30 * MIN - 1);
	answer_drive(&w, CAR_GEAR_P);
	answer_closures(&w, CAR_NO);
	at(&w, 30 * MIN);
	cr_assert(see(&w));
	expect_read(&w, COMMAND_STATE_DRIVE, true);
	answer_drive(&w, CAR_GEAR_P);
	expect_read(&w, COMMAND_STATE_CLOSURES, true);
	answer_closures(&w, CAR_NO);
	cr_expect_eq(next(&w), RENTAL_END);
	/* The same for a warning. */
	w = occupied();
	at(&w, 25 * MIN - 1);
	answer_drive(&w, CAR_GEAR_P);
	at(&w, 25 * MIN);
	expect_read(&w, COMMAND_STATE_DRIVE, false);
}

TEST(rental, who_sits_there_with_closed_doors_does_not_keep_it)
{
	struct world w = overdue();

	answer_drive(&w, CAR_GEAR_P);
	answer_closures(&w, CAR_YES);
	cr_expect_eq(next(&w), RENTAL_END);
	/* A proof is as old as its answer. */
	at(&w, 31 * MIN + 5001);
	expect_read(&w, COMMAND_STATE_DRIVE, true);
}

TEST(rental, car_that_takes_four_seconds_for_an_answer_is_closed_too)
{
	struct world w = overdue();

	expect_read(&w, COMMAND_STATE_DRIVE, true);
	answer_drive(&w, CAR_GEAR_P);
	at(&w, 31 * MIN + 4000);
	expect_read(&w, COMMAND_STATE_CLOSURES, true);
	answer_closures(&w, CAR_NO);
	at(&w, 31 * MIN + 8000);
	expect_read(&w, COMMAND_STATE_DRIVE, true);
	answer_drive(&w, CAR_GEAR_P);
	at(&w, 31 * MIN + 12000);
	cr_expect_eq(next(&w), RENTAL_END);
	/* But not if it drove off meanwhile, or somebody got out. */
	w.car.drive.gear = CAR_GEAR_D;
	expect_wait(&w, 31 * MIN + 18000);
	w.car.drive.gear = CAR_GEAR_P;
	w.car.closures.any_door_open = CAR_YES;
	expect_wait(&w, 31 * MIN + 14000);
	at(&w, 31 * MIN + 14000);
	expect_read(&w, COMMAND_STATE_CLOSURES, true);
}

TEST(rental, overtime_is_what_came_after_the_end)
{
	struct world w = overdue();

	at(&w, 37 * MIN);
	cr_expect_eq(rental_overtime_ms(&w.rental, &w.now), 7 * MIN);
	cr_expect_eq(rental_left_ms(&w.rental, &w.now), -7 * MIN);
	rental_close(&w.rental, &w.now);
	at(&w, 90 * MIN);
	cr_expect_eq(rental_overtime_ms(&w.rental, &w.now), 7 * MIN);
}

TEST(rental, is_extended_by_who_pays_for_the_same)
{
	struct world w = occupied();
	char why[WHY_SIZE];

	cr_expect(rental_may_extend(&w.rental, "rent", &w.now, why));
	cr_expect_not(rental_may_extend(&w.rental, "flash", &w.now, why));
	cr_expect_str_eq(why, "the car is rented for another 29 min");
	w.rental.is_warned = true;
	rental_extend(&w.rental, 30 * MIN, &w.now);
	cr_expect_eq(w.rental.n_extended, 1);
	cr_expect_not(w.rental.is_warned);
	cr_expect_eq(rental_left_ms(&w.rental, &w.now), 59 * MIN);
	expect_wait(&w, 55 * MIN);
}

TEST(rental, extension_of_an_overdue_one_counts_from_now)
{
	struct world w = overdue();
	char why[WHY_SIZE];

	cr_assert(rental_may_extend(&w.rental, "rent", &w.now, why));
	rental_extend(&w.rental, 30 * MIN, &w.now);
	cr_expect_eq(w.rental.phase, RENTAL_OCCUPIED);
	cr_expect_str_eq(w.rental.why, "");
	cr_expect_eq(rental_left_ms(&w.rental, &w.now), 30 * MIN);
	/* Those minutes are not forgotten. */
	cr_expect_eq(rental_overtime_ms(&w.rental, &w.now), MIN);
	at(&w, 63 * MIN);
	cr_assert(see(&w));
	rental_close(&w.rental, &w.now);
	cr_expect_eq(w.rental.overtime_ms, 3 * MIN);
}

TEST(rental, clock_that_is_set_takes_nothing_from_an_extension)
{
	struct world w = overdue();

	w.rental.until_s = 5000;
	rental_extend(&w.rental, 30 * MIN, &w.now);
	w.now.wall_is_set = true;
	w.now.wall_s = 5000 + 20 * 60;
	cr_expect_not(see(&w));
	cr_expect_eq(rental_left_ms(&w.rental, &w.now), 30 * MIN);
}

TEST(rental, is_not_extended_before_anyone_got_in_or_once_stopped)
{
	struct world w = begun(OUTCOME_CONFIRMED);
	char why[WHY_SIZE];

	(void)setenv("TZ", "UTC", 1);
	w.now.wall_is_set = true;
	w.now.wall_s = 14 * 3600;
	cr_expect_not(rental_may_extend(&w.rental, "rent", &w.now, why));
	cr_expect_str_eq(why, "the car is rented until 14:30");
	w = occupied();
	rental_stop(&w.rental, "the owner ended it");
	cr_expect_not(rental_may_extend(&w.rental, "rent", &w.now, why));
	cr_expect_str_eq(why, "the car is rented; it is about to be closed");
	cr_expect_eq(rental_overtime_ms(&w.rental, &w.now), 0);
	cr_expect_not(see(&w));
	expect_read(&w, COMMAND_STATE_DRIVE, true);
	w.rental.phase = RENTAL_TAKEN;
	cr_expect_not(rental_may_extend(&w.rental, "rent", &w.now, why));
	cr_expect_str_eq(why, "the car is being rented by somebody else");
}

static int64_t left_after(const struct rental_mark *mark, uint64_t boot_ms,
	int64_t wall_s, struct rental *rental)
{
	const struct moment now = { boot_ms, wall_s, wall_s != 0 };

	rental_place(rental, mark, &now);
	return rental_left_ms(rental, &now);
}

TEST(rental, end_is_found_again_after_a_restart)
{
	struct rental rental = { .phase = RENTAL_OCCUPIED };
	struct rental_mark mark = { .is_same_boot = true,
		.until_ms = 500000,
		.until_s = 2000,
		.left_ms = 300000 };

	/* Of the bridge alone: nothing stood still. */
	cr_expect_eq(left_after(&mark, 400000, 0, &rental), 100000);
	cr_expect_eq(left_after(&mark, 400000, 1, &rental), 100000);
	/* Of the machine, with a clock. */
	mark.is_same_boot = false;
	cr_expect_eq(left_after(&mark, 5000, 1900, &rental), 100000);
	cr_expect_eq(left_after(&mark, 5000, 2100, &rental), -100000);
	cr_expect_eq(rental.until_ms, -95000);
	/* A clock that was put back gives nothing. */
	cr_expect_eq(left_after(&mark, 5000, 10, &rental), 300000);
	/* Without one, what was left. */
	mark.until_s = 0;
	cr_expect_eq(left_after(&mark, 5000, 1900, &rental), 300000);
	cr_expect_eq(rental.until_s, 0);
}

TEST(rental, clock_that_is_set_later_tells_the_end)
{
	struct rental rental = { .phase = RENTAL_OCCUPIED };
	const struct rental_mark mark = { .until_s = 2000, .left_ms = 300000 };
	struct moment now = { 65000, 1900, true };
	struct car_state car;

	car_state_init(&car);
	cr_expect_eq(left_after(&mark, 5000, 0, &rental), 300000);
	now.wall_is_set = false;
	cr_expect_not(rental_see(&rental, &now, &car));
	now.wall_is_set = true;
	cr_expect(rental_see(&rental, &now, &car));
	cr_expect_eq(rental_left_ms(&rental, &now), 100000);
	cr_expect_not(rental_see(&rental, &now, &car));
}

TEST(rental, one_that_ended_before_the_machine_started_is_overdue)
{
	struct world w = occupied();
	const struct rental_mark mark = { .until_s = 2000, .left_ms = 1000 };

	w.now = (struct moment){ 20000, 2000 + 3600, true };
	car_state_init(&w.car);
	rental_place(&w.rental, &mark, &w.now);
	cr_expect(see(&w));
	cr_expect_eq(w.rental.phase, RENTAL_ENDING);
	cr_expect_eq(rental_overtime_ms(&w.rental, &w.now), 3600 * 1000);
	expect_read(&w, COMMAND_STATE_DRIVE, true);
}

TEST(rental, nobody_inside_is_found_after_a_restart_too)
{
	struct world w = begun(OUTCOME_CONFIRMED);
	const struct rental_mark mark = { .left_ms = 27 * MIN };

	w.now.boot_ms = 20000;
	rental_place(&w.rental, &mark, &w.now);
	cr_expect_not(see(&w));
	expect_read(&w, COMMAND_STATE_CLOSURES, true);
	answer_closures(&w, CAR_NO);
	cr_expect(see(&w));
	cr_expect_eq(w.rental.phase, RENTAL_ENDING);
}
