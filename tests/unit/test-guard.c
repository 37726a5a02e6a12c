/* SPDX-License-Identifier: MIT */

/* What has to be so of the car before a step. */

#include "car/step.h"

#include "job-world.h"

static void when(struct world *w, const char *text)
{
	char why[WHY_SIZE];

	cr_assert_eq(
		conditions_add(&w->spec.conditions, text, why), 0, "%s", why);
}

static void closures_are(
	struct world *w, enum car_truth locked, enum car_truth present)
{
	expect_submit(w, COMMAND_STATE_CLOSURES);
	w->state.closures.at_ms = w->now_ms;
	w->state.closures.locked = locked;
	w->state.closures.user_present = present;
	confirm(w);
}

static void battery_is(struct world *w, float percent)
{
	expect_submit(w, COMMAND_STATE_CHARGE);
	w->state.charge.at_ms = w->now_ms;
	w->state.charge.battery_level = percent;
	confirm(w);
}

TEST(guard, each_condition_is_proven_by_its_read_and_no_read_is_repeated)
{
	struct world w;

	setup(&w, "honk", NULL);
	when(&w, "nobody-inside");
	when(&w, "locked");
	when(&w, "battery >= 20");
	begin(&w);
	status_is(&w, CAR_SLEEP_AWAKE);
	gear_is(&w, CAR_GEAR_P);
	w.now_ms += 1000;
	closures_are(&w, CAR_YES, CAR_NO);
	w.now_ms += 1000;
	battery_is(&w, 20);
	allow(&w, 0, false);
	expect_step(&w, COMMAND_HONK);
	/* The engine seals no longer than the oldest proof holds. */
	cr_assert_eq(w.action.seal_by_ms, START_MS + CAR_PARKED_MAX_AGE_MS + 1);
	confirm(&w);
	expect_tell(&w, OUTCOME_CONFIRMED);
	expect_done(&w, OUTCOME_CONFIRMED, "");
}

TEST(guard, condition_that_fails_is_told_and_nothing_is_sent)
{
	struct world w;

	setup(&w, "honk", NULL);
	when(&w, "nobody-inside");
	knows_parked(&w);
	begin(&w);
	closures_are(&w, CAR_YES, CAR_YES);
	expect_done(&w, OUTCOME_REFUSED, "somebody is in the car");

	setup(&w, "honk", NULL);
	when(&w, "battery < 10");
	knows_parked(&w);
	begin(&w);
	battery_is(&w, 10);
	expect_done(&w, OUTCOME_REFUSED, "the battery is at 10 %");
}

TEST(guard, car_that_does_not_tell_is_not_commanded)
{
	struct world w;

	setup(&w, "honk", NULL);
	when(&w, "locked");
	knows_parked(&w);
	begin(&w);
	closures_are(&w, CAR_UNKNOWN, CAR_UNKNOWN);
	expect_done(&w, OUTCOME_REFUSED,
		"the car does not say whether it is locked");
}

TEST(guard, what_was_known_to_fail_is_looked_at_once_more)
{
	struct world w;

	setup(&w, "honk", NULL);
	when(&w, "nobody-inside");
	knows_parked(&w);
	w.state.closures.at_ms = w.now_ms - 5000;
	w.state.closures.user_present = CAR_YES;
	begin(&w);
	closures_are(&w, CAR_YES, CAR_NO);
	expect_ask(&w, 0, false);
}

TEST(guard, sleeping_car_is_woken_to_tell)
{
	struct world w;

	setup(&w, "unlock", NULL);
	when(&w, "nobody-inside");
	begin(&w);
	status_is(&w, CAR_SLEEP_ASLEEP);
	expect_submit(&w, COMMAND_WAKE);
	confirm(&w);
	closures_are(&w, CAR_YES, CAR_NO);
	/* Awake, it does not count as parked for having slept. */
	w.now_ms += CAR_PARKED_MAX_AGE_MS;
	w.state.closures.at_ms = w.now_ms;
	w.now_ms++;
	gear_is(&w, CAR_GEAR_P);
	first_confirmed(&w, COMMAND_UNLOCK);
	expect_done(&w, OUTCOME_CONFIRMED, "");
}

TEST(guard, car_that_has_to_be_awake_is_not_woken)
{
	struct world w;

	setup(&w, "flash-lights", NULL);
	when(&w, "awake");
	begin(&w);
	status_is(&w, CAR_SLEEP_ASLEEP);
	expect_done(&w, OUTCOME_REFUSED,
		"the car sleeps, and this does not wake it");

	/* Deep asleep, it does not even answer. */
	setup(&w, "flash-lights", NULL);
	when(&w, "awake");
	begin(&w);
	expect_submit(&w, COMMAND_BODY_CONTROLLER_STATE);
	stay_silent(&w);
	expect_done(&w, OUTCOME_REFUSED,
		"the car sleeps, and this does not wake it");

	setup(&w, "flash-lights", NULL);
	when(&w, "awake");
	begin(&w);
	status_is(&w, CAR_SLEEP_UNKNOWN);
	expect_done(
		&w, OUTCOME_REFUSED, "the car does not say that it is awake");
}

TEST(guard, car_that_answered_a_while_ago_is_asked_whether_it_is_awake)
{
	struct world w;

	setup(&w, "lock", NULL);
	when(&w, "awake");
	knows_parked(&w);
	w.now_ms += CAR_PARKED_MAX_AGE_MS + 1;
	begin(&w);
	status_is(&w, CAR_SLEEP_AWAKE);
	gear_is(&w, CAR_GEAR_P);
	first_confirmed(&w, COMMAND_LOCK);
	expect_done(&w, OUTCOME_CONFIRMED, "");
}

TEST(guard, once_begun_only_parked_is_asked_for)
{
	struct world w;

	setup(&w, "unlock", "honk");
	when(&w, "locked");
	knows_parked(&w);
	begin(&w);
	closures_are(&w, CAR_YES, CAR_NO);
	first_confirmed(&w, COMMAND_UNLOCK);
	/* By the first step it is locked no more. */
	w.now_ms += CAR_PARKED_MAX_AGE_MS + 1;
	gear_is(&w, CAR_GEAR_P);
	allow(&w, 1, false);
	expect_step(&w, COMMAND_HONK);
}

TEST(guard, undo_asks_for_nothing)
{
	struct world w;

	setup(&w, "unlock", "honk");
	add_steps(&w.undo, "lock");
	knows_parked(&w);
	begin(&w);
	first_confirmed(&w, COMMAND_UNLOCK);
	w.now_ms += CAR_PARKED_MAX_AGE_MS + 1;
	gear_is(&w, CAR_GEAR_D);
	allow(&w, 0, true);
	expect_step(&w, COMMAND_LOCK);
	confirm(&w);
	expect_tell(&w, OUTCOME_CONFIRMED);
	expect_done(&w, OUTCOME_REFUSED, "the car is not parked");
}

TEST(guard, step_in_doubt_is_repeated_without_what_it_may_have_changed)
{
	struct world w;

	setup(&w, "unlock", NULL);
	when(&w, "locked");
	knows_parked(&w);
	begin(&w);
	closures_are(&w, CAR_YES, CAR_NO);
	allow(&w, 0, false);
	expect_step(&w, COMMAND_UNLOCK);
	lose_link(&w, OUTCOME_UNKNOWN);
	expect_connect(&w, w.job.limit_ms);
	w.view.link_up = true;
	w.state.closures.locked = CAR_NO;
	expect_step(&w, COMMAND_UNLOCK);
	confirm(&w);
	expect_tell(&w, OUTCOME_CONFIRMED);
	expect_done(&w, OUTCOME_CONFIRMED, "");
}
