/* SPDX-License-Identifier: MIT */

#include "car/step.h"

#include "job-world.h"

TEST(step, warm_car_is_asked_and_commanded_at_once)
{
	struct world w;

	setup(&w, "flash-lights", NULL);
	knows_parked(&w);
	begin(&w);
	allow(&w, 0, false);
	expect_step(&w, COMMAND_FLASH_LIGHTS);
	cr_assert_eq(w.action.until_ms, w.now_ms + PROGRAM_COMMAND_MS);
	expect_wait(&w, CLOCK_NEVER);
	confirm(&w);
	expect_tell(&w, OUTCOME_CONFIRMED);
	expect_done(&w, OUTCOME_CONFIRMED, "");
	cr_assert_eq(w.job.result.n_confirmed, 1);
}

TEST(step, cold_car_is_reached_asked_whether_it_sleeps_and_parks)
{
	struct world w;

	setup(&w, "flash-lights", NULL);
	w.view.link_up = false;
	begin(&w);
	expect_connect(&w, START_BY_MS);
	w.view.link_up = true;
	status_is(&w, CAR_SLEEP_AWAKE);
	gear_is(&w, CAR_GEAR_P);
	first_confirmed(&w, COMMAND_FLASH_LIGHTS);
	expect_done(&w, OUTCOME_CONFIRMED, "");
}

TEST(step, sleeping_car_is_woken_and_must_answer_before_the_step)
{
	struct world w;

	setup(&w, "flash-lights", NULL);
	w.spec.conditions.set = 0;
	begin(&w);
	status_is(&w, CAR_SLEEP_ASLEEP);
	expect_submit(&w, COMMAND_WAKE);
	confirm(&w);
	expect_submit(&w, COMMAND_STATE_DRIVE);
	cr_assert_eq(w.action.until_ms, w.now_ms + CAR_WAKE_MS);
	/* Without a guard the gear does not matter. */
	confirm(&w);
	first_confirmed(&w, COMMAND_FLASH_LIGHTS);
	expect_done(&w, OUTCOME_CONFIRMED, "");
}

TEST(step, car_that_does_not_wake_up_refuses)
{
	struct world w;

	setup(&w, "flash-lights", NULL);
	begin(&w);
	status_is(&w, CAR_SLEEP_ASLEEP);
	expect_submit(&w, COMMAND_WAKE);
	confirm(&w);
	expect_submit(&w, COMMAND_STATE_DRIVE);
	w.now_ms = w.action.until_ms;
	stay_silent(&w);
	expect_done(&w, OUTCOME_REFUSED, "did not wake up");
}

TEST(step, link_that_flaps_while_the_car_wakes_does_not_extend_its_time)
{
	struct world w;

	setup(&w, "flash-lights", NULL);
	begin(&w);
	status_is(&w, CAR_SLEEP_ASLEEP);
	expect_submit(&w, COMMAND_WAKE);
	confirm(&w);
	expect_submit(&w, COMMAND_STATE_DRIVE);
	w.now_ms += CAR_WAKE_MS;
	lose_link(&w, OUTCOME_UNKNOWN);
	expect_connect(&w, START_BY_MS);
	w.view.link_up = true;
	expect_done(&w, OUTCOME_REFUSED, "did not wake up");
}

TEST(step, sleeping_car_counts_as_parked_and_sleeps_on)
{
	struct world w;

	setup(&w, "unlock", NULL);
	begin(&w);
	status_is(&w, CAR_SLEEP_ASLEEP);
	first_confirmed(&w, COMMAND_UNLOCK);
	expect_done(&w, OUTCOME_CONFIRMED, "");
}

TEST(step, awake_car_must_show_that_it_is_parked)
{
	struct world w;

	setup(&w, "unlock", NULL);
	begin(&w);
	status_is(&w, CAR_SLEEP_AWAKE);
	gear_is(&w, CAR_GEAR_P);
	first_confirmed(&w, COMMAND_UNLOCK);
	expect_done(&w, OUTCOME_CONFIRMED, "");
}

TEST(step, deep_sleeper_that_ignores_the_question_is_poked)
{
	struct world w;

	setup(&w, "flash-lights", NULL);
	begin(&w);
	expect_submit(&w, COMMAND_BODY_CONTROLLER_STATE);
	cr_assert_eq(w.action.until_ms, w.now_ms + JOB_STATUS_MS);
	stay_silent(&w);
	expect_submit(&w, COMMAND_WAKE);
	confirm(&w);
	gear_is(&w, CAR_GEAR_P);
	first_confirmed(&w, COMMAND_FLASH_LIGHTS);
	expect_done(&w, OUTCOME_CONFIRMED, "");
}

TEST(step, car_that_ignores_even_the_poke_refuses)
{
	struct world w;

	setup(&w, "flash-lights", NULL);
	begin(&w);
	expect_submit(&w, COMMAND_BODY_CONTROLLER_STATE);
	stay_silent(&w);
	expect_submit(&w, COMMAND_WAKE);
	stay_silent(&w);
	expect_done(&w, OUTCOME_REFUSED, "did not answer");
}

TEST(step, car_that_fell_asleep_unseen_is_woken)
{
	struct world w;

	setup(&w, "flash-lights", NULL);
	knows_awake(&w);
	begin(&w);
	expect_submit(&w, COMMAND_STATE_DRIVE);
	cr_assert_eq(w.action.until_ms, w.now_ms + JOB_READ_MS);
	stay_silent(&w);
	expect_submit(&w, COMMAND_WAKE);
	confirm(&w);
	gear_is(&w, CAR_GEAR_P);
	first_confirmed(&w, COMMAND_FLASH_LIGHTS);
	expect_done(&w, OUTCOME_CONFIRMED, "");
}

TEST(step, status_that_tells_nothing_does_not_stop_it)
{
	struct world w;

	setup(&w, "flash-lights", NULL);
	begin(&w);
	status_is(&w, CAR_SLEEP_UNKNOWN);
	gear_is(&w, CAR_GEAR_P);
	first_confirmed(&w, COMMAND_FLASH_LIGHTS);
	expect_done(&w, OUTCOME_CONFIRMED, "");
}

TEST(step, moving_or_mute_car_is_not_commanded)
{
	struct world w;

	setup(&w, "unlock", NULL);
	begin(&w);
	status_is(&w, CAR_SLEEP_AWAKE);
	gear_is(&w, CAR_GEAR_D);
	expect_done(&w, OUTCOME_REFUSED, "is not parked");

	setup(&w, "unlock", NULL);
	begin(&w);
	status_is(&w, CAR_SLEEP_AWAKE);
	gear_is(&w, CAR_GEAR_UNKNOWN);
	expect_done(&w, OUTCOME_REFUSED, "does not say that it is parked");
}

TEST(step, fault_of_a_read_is_the_reason)
{
	static const enum command_id asleep[] = {
		COMMAND_BODY_CONTROLLER_STATE,
		COMMAND_WAKE,
		COMMAND_STATE_DRIVE,
	};

	for (size_t i = 0; i < ARRAY_SIZE(asleep); i++) {
		struct world w;

		setup(&w, "honk", NULL);
		begin(&w);
		if (i > 0)
			status_is(&w, CAR_SLEEP_ASLEEP);
		if (i > 1) {
			expect_submit(&w, COMMAND_WAKE);
			confirm(&w);
		}
		expect_submit(&w, asleep[i]);
		answer(&w, OUTCOME_REFUSED, VEHICLE_NOT_PAIRED,
			"the car does not know the key");
		expect_done(&w, OUTCOME_REFUSED, "does not know the key");
	}
}

TEST(step, unguarded_security_command_needs_no_read)
{
	struct world w;

	setup(&w, "lock", NULL);
	w.spec.conditions.set = 0;
	begin(&w);
	first_confirmed(&w, COMMAND_LOCK);
	expect_done(&w, OUTCOME_CONFIRMED, "");
}

TEST(step, without_a_guard_an_old_answer_is_no_sign_of_being_awake)
{
	struct world w;

	setup(&w, "flash-lights", NULL);
	w.spec.conditions.set = 0;
	knows_awake(&w);
	w.now_ms += CAR_PARKED_MAX_AGE_MS;
	begin(&w);
	expect_ask(&w, 0, false);
	w.now_ms++;
	begin(&w);
	status_is(&w, CAR_SLEEP_AWAKE);
	expect_ask(&w, 0, false);
}

TEST(step, lost_link_is_opened_again_for_a_read)
{
	struct world w;

	setup(&w, "flash-lights", NULL);
	knows_awake(&w);
	begin(&w);
	expect_submit(&w, COMMAND_STATE_DRIVE);
	lose_link(&w, OUTCOME_UNKNOWN);
	expect_connect(&w, START_BY_MS);
	w.view.link_up = true;
	gear_is(&w, CAR_GEAR_P);
	first_confirmed(&w, COMMAND_FLASH_LIGHTS);
	expect_done(&w, OUTCOME_CONFIRMED, "");
}

TEST(step, car_out_of_reach_refuses_with_the_reason)
{
	struct world w;

	setup(&w, "flash-lights", NULL);
	w.view.link_up = false;
	begin(&w);
	expect_connect(&w, START_BY_MS);
	w.now_ms = START_BY_MS;
	expect_done(&w, OUTCOME_REFUSED,
		"the car was not reached: no such car is in reach");
}

TEST(step, first_step_is_sealed_in_time_or_never)
{
	struct world w;

	setup(&w, "flash-lights", NULL);
	knows_parked(&w);
	begin(&w);
	allow(&w, 0, false);
	/* The journal took its time. */
	w.now_ms = START_BY_MS;
	knows_parked(&w);
	expect_tell(&w, OUTCOME_REFUSED);
	expect_done(&w, OUTCOME_REFUSED, "in time");
}

TEST(step, guard_that_went_stale_is_read_again_without_asking_again)
{
	struct world w;

	setup(&w, "flash-lights", NULL);
	knows_parked(&w);
	begin(&w);
	allow(&w, 0, false);
	w.now_ms += CAR_PARKED_MAX_AGE_MS + 1;
	gear_is(&w, CAR_GEAR_D);
	expect_tell(&w, OUTCOME_REFUSED);
	expect_done(&w, OUTCOME_REFUSED, "is not parked");
}

TEST(step, engine_seals_no_longer_than_the_guard_holds)
{
	struct world w;

	setup(&w, "flash-lights", NULL);
	knows_parked(&w);
	begin(&w);
	w.now_ms += 4000;
	allow(&w, 0, false);
	expect_step(&w, COMMAND_FLASH_LIGHTS);
	cr_assert_eq(w.action.seal_by_ms, START_MS + CAR_PARKED_MAX_AGE_MS + 1);
	/* The car was busy for so long: has it driven off? */
	w.now_ms = w.action.seal_by_ms;
	answer(&w, OUTCOME_REFUSED, VEHICLE_LATE, "the car is busy");
	gear_is(&w, CAR_GEAR_P);
	expect_step(&w, COMMAND_FLASH_LIGHTS);
	w.now_ms += 3000;
	answer(&w, OUTCOME_REFUSED, VEHICLE_LATE, "the car is busy");
	w.state.drive.at_ms = 0;
	gear_is(&w, CAR_GEAR_D);
	expect_tell(&w, OUTCOME_REFUSED);
	expect_done(&w, OUTCOME_REFUSED, "is not parked");
}

TEST(step, engine_seals_the_first_step_in_time_or_never)
{
	struct world w;

	setup(&w, "flash-lights", "honk");
	w.spec.conditions.set = 0;
	w.now_ms = START_BY_MS - 10;
	knows_awake(&w);
	begin(&w);
	allow(&w, 0, false);
	expect_step(&w, COMMAND_FLASH_LIGHTS);
	cr_assert_eq(w.action.seal_by_ms, START_BY_MS);
	w.now_ms += 1000;
	answer(&w, OUTCOME_REFUSED, VEHICLE_LATE, "the car is busy");
	expect_tell(&w, OUTCOME_REFUSED);
	expect_done(&w, OUTCOME_REFUSED, "the car is busy");

	/* The steps behind it have the program's time. */
	w.now_ms = START_BY_MS - 10;
	begin(&w);
	first_confirmed(&w, COMMAND_FLASH_LIGHTS);
	allow(&w, 1, false);
	expect_step(&w, COMMAND_HONK);
	cr_assert_eq(w.action.seal_by_ms, w.job.limit_ms);
}

TEST(step, toggle_that_comes_late_looks_again)
{
	struct world w;

	setup(&w, "trunk-open", NULL);
	knows_parked(&w);
	begin(&w);
	trunk_is(&w, CAR_NO);
	allow(&w, 0, false);
	expect_step(&w, COMMAND_TRUNK_OPEN);
	w.now_ms += CAR_PARKED_MAX_AGE_MS - 1000;
	answer(&w, OUTCOME_REFUSED, VEHICLE_LATE, "the car is busy");
	knows_parked(&w);
	/* Somebody has opened it meanwhile. */
	trunk_is(&w, CAR_YES);
	expect_tell(&w, OUTCOME_CONFIRMED);
	expect_done(&w, OUTCOME_CONFIRMED, "");
}

TEST(step, owner_may_refuse)
{
	struct world w;

	setup(&w, "flash-lights", NULL);
	knows_parked(&w);
	begin(&w);
	expect_ask(&w, 0, false);
	job_on_asked(&w.job, w.now_ms, CAR_E_REFUSED, "it is night");
	expect_done(&w, OUTCOME_REFUSED, "it is night");

	begin(&w);
	expect_ask(&w, 0, false);
	job_on_asked(&w.job, w.now_ms, -ENOSPC, "");
	expect_done(&w, OUTCOME_REFUSED, "No space left");
}
