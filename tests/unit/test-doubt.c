/* SPDX-License-Identifier: MIT */

/* How a step ends that may have had its effect, or has it already. */

#include "car/step.h"

#include "job-world.h"

TEST(doubt, toggle_in_doubt_is_unknown_and_never_sent_twice)
{
	struct world w;

	setup(&w, "flash-lights", NULL);
	knows_parked(&w);
	begin(&w);
	allow(&w, 0, false);
	expect_step(&w, COMMAND_FLASH_LIGHTS);
	stay_silent(&w);
	expect_tell(&w, OUTCOME_UNKNOWN);
	expect_done(&w, OUTCOME_UNKNOWN, "did not answer");

	knows_parked(&w);
	begin(&w);
	allow(&w, 0, false);
	expect_step(&w, COMMAND_FLASH_LIGHTS);
	lose_link(&w, OUTCOME_UNKNOWN);
	expect_tell(&w, OUTCOME_UNKNOWN);
	expect_done(&w, OUTCOME_UNKNOWN, "link was lost");
}

/* Up to a silent unlock, and to reading it back. */
static void doubt_unlock(struct world *w)
{
	setup(w, "unlock", NULL);
	knows_parked(w);
	begin(w);
	allow(w, 0, false);
	expect_step(w, COMMAND_UNLOCK);
	w->now_ms += PROGRAM_COMMAND_MS;
	stay_silent(w);
	expect_wait(w, w->now_ms + JOB_SETTLE_MS);
	w->now_ms += JOB_SETTLE_MS;
}

TEST(doubt, doubt_is_resolved_by_reading_back)
{
	struct world w;

	doubt_unlock(&w);
	locked_is(&w, CAR_NO);
	expect_tell(&w, OUTCOME_CONFIRMED);
	expect_done(&w, OUTCOME_CONFIRMED, "");

	doubt_unlock(&w);
	locked_is(&w, CAR_YES);
	expect_tell(&w, OUTCOME_REFUSED);
	expect_done(&w, OUTCOME_REFUSED, "the car shows no effect");

	doubt_unlock(&w);
	locked_is(&w, CAR_UNKNOWN);
	expect_tell(&w, OUTCOME_UNKNOWN);
	expect_done(&w, OUTCOME_UNKNOWN, "did not answer");
}

/* Up to a link lost behind the unlock, and to reading it back. */
static void cut_off_unlock(struct world *w)
{
	setup(w, "unlock", NULL);
	knows_parked(w);
	begin(w);
	allow(w, 0, false);
	expect_step(w, COMMAND_UNLOCK);
	w->valid_until_ms = w->now_ms + VEHICLE_VALID_MS;
	w->now_ms += 20;
	answer(w, OUTCOME_UNKNOWN, VEHICLE_SILENT, "the car did not answer");
	w->now_ms += JOB_SETTLE_MS;
}

TEST(doubt, absence_is_no_proof_while_the_command_may_still_come)
{
	struct world w;

	/* Held back in the car or on the way, it comes after the look. */
	cut_off_unlock(&w);
	locked_is(&w, CAR_YES);
	outlast(&w, w.valid_until_ms);
	locked_is(&w, CAR_NO);
	expect_tell(&w, OUTCOME_CONFIRMED);
	expect_done(&w, OUTCOME_CONFIRMED, "");

	/* It came no more. */
	cut_off_unlock(&w);
	locked_is(&w, CAR_YES);
	outlast(&w, w.valid_until_ms);
	locked_is(&w, CAR_YES);
	expect_tell(&w, OUTCOME_REFUSED);
	expect_done(&w, OUTCOME_REFUSED, "the car shows no effect");

	/* Presence is proof at any time. */
	cut_off_unlock(&w);
	locked_is(&w, CAR_NO);
	expect_tell(&w, OUTCOME_CONFIRMED);

	/* A question from before is answered by what is known from then. */
	cut_off_unlock(&w);
	w.now_ms = w.valid_until_ms;
	locked_is(&w, CAR_YES);
	expect_tell(&w, OUTCOME_REFUSED);
}

TEST(doubt, second_look_that_shows_nothing_leaves_it_unknown)
{
	struct world w;

	cut_off_unlock(&w);
	locked_is(&w, CAR_YES);
	outlast(&w, w.valid_until_ms);
	expect_submit(&w, COMMAND_STATE_CLOSURES);
	/* Answered, but without the part that was asked for. */
	confirm(&w);
	expect_tell(&w, OUTCOME_UNKNOWN);
	expect_done(&w, OUTCOME_UNKNOWN, "did not answer");
}

TEST(doubt, reading_back_wakes_connects_and_gives_up)
{
	struct world w;

	doubt_unlock(&w);
	expect_submit(&w, COMMAND_STATE_CLOSURES);
	lose_link(&w, OUTCOME_UNKNOWN);
	expect_connect(&w, w.job.read_by_ms);
	w.view.link_up = true;
	expect_submit(&w, COMMAND_STATE_CLOSURES);
	stay_silent(&w);
	expect_submit(&w, COMMAND_WAKE);
	confirm(&w);
	expect_submit(&w, COMMAND_STATE_DRIVE);
	confirm(&w);
	locked_is(&w, CAR_NO);
	expect_tell(&w, OUTCOME_CONFIRMED);
	expect_done(&w, OUTCOME_CONFIRMED, "");

	doubt_unlock(&w);
	w.view.link_up = false;
	expect_connect(&w, w.job.read_by_ms);
	w.now_ms = w.job.read_by_ms;
	expect_tell(&w, OUTCOME_UNKNOWN);
	expect_done(&w, OUTCOME_UNKNOWN, "did not answer");
}

TEST(doubt, what_is_there_already_is_not_sent)
{
	struct world w;

	setup(&w, "trunk-open", NULL);
	knows_parked(&w);
	begin(&w);
	trunk_is(&w, CAR_YES);
	allow(&w, 0, false);
	expect_tell(&w, OUTCOME_CONFIRMED);
	expect_done(&w, OUTCOME_CONFIRMED, "");
}

TEST(doubt, old_knowledge_is_no_look)
{
	struct world w;

	setup(&w, "trunk-open", NULL);
	knows_parked(&w);
	w.state.closures.at_ms = w.now_ms - 1;
	w.state.closures.trunk_open = CAR_YES;
	begin(&w);
	trunk_is(&w, CAR_NO);
	first_confirmed(&w, COMMAND_TRUNK_OPEN);
	expect_done(&w, OUTCOME_CONFIRMED, "");
}

TEST(doubt, toggle_into_the_unknown_is_refused)
{
	struct world w;

	setup(&w, "trunk-open", NULL);
	knows_parked(&w);
	begin(&w);
	trunk_is(&w, CAR_UNKNOWN);
	expect_done(&w, OUTCOME_REFUSED, "does not say whether");
}

TEST(doubt, toggle_with_a_look_is_read_back)
{
	struct world w;

	setup(&w, "trunk-open", NULL);
	knows_parked(&w);
	begin(&w);
	trunk_is(&w, CAR_NO);
	allow(&w, 0, false);
	expect_step(&w, COMMAND_TRUNK_OPEN);
	lose_link(&w, OUTCOME_UNKNOWN);
	expect_wait(&w, w.now_ms + JOB_SETTLE_MS);
	w.now_ms += JOB_SETTLE_MS;
	w.view.link_up = true;
	trunk_is(&w, CAR_YES);
	expect_tell(&w, OUTCOME_CONFIRMED);
	expect_done(&w, OUTCOME_CONFIRMED, "");
}

TEST(doubt, frame_that_was_never_heard_goes_out_again)
{
	struct world w;

	setup(&w, "flash-lights", NULL);
	knows_parked(&w);
	begin(&w);
	allow(&w, 0, false);
	expect_step(&w, COMMAND_FLASH_LIGHTS);
	lose_link(&w, OUTCOME_REFUSED);
	expect_connect(&w, w.now_ms + PROGRAM_COMMAND_MS);
	w.view.link_up = true;
	expect_step(&w, COMMAND_FLASH_LIGHTS);
	confirm(&w);
	expect_tell(&w, OUTCOME_CONFIRMED);
	expect_done(&w, OUTCOME_CONFIRMED, "");
}

TEST(doubt, what_was_looked_at_over_a_lost_link_is_looked_at_again)
{
	struct world w;

	setup(&w, "trunk-open", NULL);
	knows_parked(&w);
	begin(&w);
	trunk_is(&w, CAR_NO);
	allow(&w, 0, false);
	expect_step(&w, COMMAND_TRUNK_OPEN);
	lose_link(&w, OUTCOME_REFUSED);
	expect_connect(&w, w.now_ms + PROGRAM_COMMAND_MS);
	w.now_ms += 500;
	w.view.link_up = true;
	/* Somebody has opened it meanwhile: it must not be moved. */
	trunk_is(&w, CAR_YES);
	expect_tell(&w, OUTCOME_CONFIRMED);
	expect_done(&w, OUTCOME_CONFIRMED, "");
}

TEST(doubt, first_step_is_not_sealed_anew_when_it_is_too_late)
{
	struct world w;

	setup(&w, "flash-lights", NULL);
	w.now_ms = START_BY_MS - 10;
	knows_parked(&w);
	begin(&w);
	allow(&w, 0, false);
	expect_step(&w, COMMAND_FLASH_LIGHTS);
	cr_assert_eq(w.action.until_ms, w.now_ms + PROGRAM_COMMAND_MS);
	w.now_ms += 20;
	lose_link(&w, OUTCOME_REFUSED);
	expect_tell(&w, OUTCOME_REFUSED);
	expect_done(&w, OUTCOME_REFUSED, "was not reached");
}

TEST(doubt, idempotent_step_goes_out_again_but_its_doubt_stays)
{
	struct world w;

	setup(&w, "unlock", NULL);
	knows_parked(&w);
	begin(&w);
	allow(&w, 0, false);
	expect_step(&w, COMMAND_UNLOCK);
	lose_link(&w, OUTCOME_UNKNOWN);
	expect_connect(&w, w.job.limit_ms);
	w.view.link_up = true;
	expect_step(&w, COMMAND_UNLOCK);
	/* That one was not heard, but the first may have been. */
	lose_link(&w, OUTCOME_REFUSED);
	w.now_ms = w.job.limit_ms;
	expect_wait(&w, w.now_ms + JOB_SETTLE_MS);
	w.now_ms += JOB_SETTLE_MS;
	w.view.link_up = true;
	knows_awake(&w);
	locked_is(&w, CAR_NO);
	expect_tell(&w, OUTCOME_CONFIRMED);
	expect_done(&w, OUTCOME_CONFIRMED, "");
}

TEST(doubt, idempotent_step_in_doubt_without_read_back_is_unknown)
{
	struct world w;

	setup(&w, "low-power-mode on", NULL);
	knows_parked(&w);
	begin(&w);
	allow(&w, 0, false);
	expect_step(&w, COMMAND_LOW_POWER_MODE);
	lose_link(&w, OUTCOME_UNKNOWN);
	w.view.link_up = true;
	expect_step(&w, COMMAND_LOW_POWER_MODE);
	refuse(&w);
	expect_tell(&w, OUTCOME_UNKNOWN);
	expect_done(&w, OUTCOME_UNKNOWN, "link was lost");
}

TEST(doubt, link_is_opened_again_for_a_request_that_lives_on)
{
	struct world w;
	uint64_t by_ms;

	setup(&w, "unlock", NULL);
	knows_parked(&w);
	begin(&w);
	allow(&w, 0, false);
	expect_step(&w, COMMAND_UNLOCK);
	by_ms = w.action.until_ms;
	w.view.link_up = false;
	/* The engine has not ended it: it repeats what it may. */
	cr_assert_eq(next(&w), JOB_CONNECT);
	cr_assert_eq(w.action.until_ms, by_ms);
	w.now_ms = by_ms;
	cr_assert_eq(next(&w), JOB_WAIT);
	w.view.link_up = true;
	cr_assert_eq(next(&w), JOB_WAIT);
	w.action.command.id = COMMAND_UNLOCK;
	confirm(&w);
	expect_tell(&w, OUTCOME_CONFIRMED);
	expect_done(&w, OUTCOME_CONFIRMED, "");
}

TEST(doubt, fault_of_infotainment_may_mean_that_it_sleeps)
{
	struct world w;

	setup(&w, "flash-lights", NULL);
	knows_awake(&w);
	begin(&w);
	expect_submit(&w, COMMAND_STATE_DRIVE);
	answer(&w, OUTCOME_REFUSED, VEHICLE_FAULT, "fault 2");
	expect_submit(&w, COMMAND_WAKE);
	confirm(&w);
	expect_submit(&w, COMMAND_STATE_DRIVE);
	answer(&w, OUTCOME_REFUSED, VEHICLE_FAULT, "fault 2");
	expect_done(&w, OUTCOME_REFUSED, "fault 2");
}

TEST(doubt, step_that_the_car_refuses_is_not_tried_behind_a_wake)
{
	struct world w;

	setup(&w, "flash-lights", NULL);
	knows_parked(&w);
	begin(&w);
	allow(&w, 0, false);
	expect_step(&w, COMMAND_FLASH_LIGHTS);
	answer(&w, OUTCOME_REFUSED, VEHICLE_FAULT, "the command is too long");
	expect_tell(&w, OUTCOME_REFUSED);
	expect_done(&w, OUTCOME_REFUSED, "too long");
}
