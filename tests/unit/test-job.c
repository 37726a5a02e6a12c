/* SPDX-License-Identifier: MIT */

#include "car/job.h"

#include "job-world.h"

/* Charge port open, and its close refused. */
static void half_a_wave(struct world *w, const char *undo)
{
	setup(w, "charge-port-open", "charge-port-close");
	if (undo != NULL)
		add_steps(&w->undo, undo);
	knows_parked(w);
	begin(w);
	first_confirmed(w, COMMAND_CHARGE_PORT_OPEN);
	allow(w, 1, false);
	expect_step(w, COMMAND_CHARGE_PORT_CLOSE);
	refuse(w);
	expect_tell(w, OUTCOME_REFUSED);
}

TEST(job, later_step_refused_is_undone)
{
	struct world w;

	half_a_wave(&w, "charge-port-close");
	allow(&w, 0, true);
	expect_step(&w, COMMAND_CHARGE_PORT_CLOSE);
	confirm(&w);
	expect_tell(&w, OUTCOME_CONFIRMED);
	expect_done(&w, OUTCOME_REFUSED,
		"charge-port-close: the car says no; what had begun was "
		"undone");
	cr_assert_eq(w.job.result.n_confirmed, 1);
}

TEST(job, later_step_refused_without_a_sure_undo_is_unknown)
{
	struct world w;

	half_a_wave(&w, NULL);
	expect_done(&w, OUTCOME_UNKNOWN, "what came before it stays");

	half_a_wave(&w, "charge-port-close");
	add_steps(&w.undo, "lock");
	allow(&w, 0, true);
	expect_step(&w, COMMAND_CHARGE_PORT_CLOSE);
	refuse(&w);
	expect_tell(&w, OUTCOME_REFUSED);
	/* The rest of undo is worth it all the same. */
	allow(&w, 1, true);
	expect_step(&w, COMMAND_LOCK);
	confirm(&w);
	expect_tell(&w, OUTCOME_CONFIRMED);
	expect_done(&w, OUTCOME_UNKNOWN, "not undone for sure");

	half_a_wave(&w, "lock");
	expect_ask(&w, 0, true);
	job_on_asked(&w.job, w.now_ms, -EIO, "");
	expect_done(&w, OUTCOME_UNKNOWN, "not undone for sure");
}

TEST(job, undo_has_its_own_time_and_reconnects)
{
	struct world w;

	half_a_wave(&w, "charge-port-close");
	w.view.link_up = false;
	expect_connect(&w, w.now_ms + PROGRAM_COMMAND_MS + JOB_UNDO_GRACE_MS);
	w.now_ms += JOB_UNDO_GRACE_MS;
	w.view.link_up = true;
	knows_awake(&w);
	/* No guard: a port that stands open is worse in a moving car. */
	w.state.drive.gear = CAR_GEAR_D;
	allow(&w, 0, true);
	expect_step(&w, COMMAND_CHARGE_PORT_CLOSE);
	lose_link(&w, OUTCOME_UNKNOWN);
	w.view.link_up = true;
	expect_step(&w, COMMAND_CHARGE_PORT_CLOSE);
	confirm(&w);
	expect_tell(&w, OUTCOME_CONFIRMED);
	expect_done(&w, OUTCOME_REFUSED, "was undone");

	half_a_wave(&w, "charge-port-close");
	w.view.link_up = false;
	cr_assert_eq(next(&w), JOB_CONNECT);
	w.now_ms = w.action.until_ms;
	expect_done(&w, OUTCOME_UNKNOWN, "not undone for sure");
}

TEST(job, undo_of_a_doubt_does_not_make_it_certain)
{
	struct world w;

	setup(&w, "guest-mode-on", "guest-mode-off");
	add_steps(&w.undo, "guest-mode-off");
	knows_parked(&w);
	begin(&w);
	allow(&w, 0, false);
	expect_step(&w, COMMAND_GUEST_MODE_ON);
	stay_silent(&w);
	expect_tell(&w, OUTCOME_UNKNOWN);
	allow(&w, 0, true);
	expect_step(&w, COMMAND_GUEST_MODE_OFF);
	confirm(&w);
	expect_tell(&w, OUTCOME_CONFIRMED);
	expect_done(&w, OUTCOME_UNKNOWN, "what had begun was undone");
}

TEST(job, first_step_refused_leaves_nothing_to_undo)
{
	struct world w;

	setup(&w, "wait 1s", "charge-port-open");
	add_steps(&w.undo, "charge-port-close");
	knows_parked(&w);
	begin(&w);
	expect_wait(&w, w.now_ms + 1000);
	w.now_ms += 1000;
	allow(&w, 1, false);
	expect_step(&w, COMMAND_CHARGE_PORT_OPEN);
	refuse(&w);
	expect_tell(&w, OUTCOME_REFUSED);
	expect_done(&w, OUTCOME_REFUSED, "charge-port-open: the car says no");
}

TEST(job, car_that_drives_off_between_steps_gets_no_more_of_them)
{
	struct world w;

	setup(&w, "charge-port-open", "wait 20s");
	add_steps(&w.steps, "honk");
	add_steps(&w.undo, "charge-port-close");
	knows_parked(&w);
	begin(&w);
	first_confirmed(&w, COMMAND_CHARGE_PORT_OPEN);
	expect_wait(&w, w.now_ms + 20000);
	w.now_ms += 20000;
	gear_is(&w, CAR_GEAR_D);
	/* honk was never asked for, and is not told of. */
	allow(&w, 0, true);
	expect_step(&w, COMMAND_CHARGE_PORT_CLOSE);
	confirm(&w);
	expect_tell(&w, OUTCOME_CONFIRMED);
	expect_done(&w, OUTCOME_REFUSED, "honk: the car is not parked");
}

TEST(job, all_steps_share_one_budget)
{
	struct world w;

	setup(&w, "charge-port-open", "charge-port-close");
	knows_parked(&w);
	begin(&w);
	allow(&w, 0, false);
	expect_step(&w, COMMAND_CHARGE_PORT_OPEN);
	w.now_ms += 9000;
	confirm(&w);
	expect_tell(&w, OUTCOME_CONFIRMED);
	w.now_ms += 2000;
	knows_parked(&w);
	allow(&w, 1, false);
	expect_step(&w, COMMAND_CHARGE_PORT_CLOSE);
	cr_assert_eq(w.action.until_ms, START_MS + 2 * PROGRAM_COMMAND_MS);
	confirm(&w);
	expect_tell(&w, OUTCOME_CONFIRMED);
	expect_done(&w, OUTCOME_CONFIRMED, "");
	cr_assert_eq(w.job.result.n_confirmed, 2);
}

TEST(job, stopping_lets_nothing_new_begin)
{
	struct world w;

	/* Before the first step: at once, whatever is being read. */
	setup(&w, "flash-lights", NULL);
	begin(&w);
	expect_submit(&w, COMMAND_BODY_CONTROLLER_STATE);
	cr_assert(job_stop(&w.job, "the bridge stops"));
	answer(&w, OUTCOME_REFUSED, VEHICLE_CANCELLED, "");
	expect_done(&w, OUTCOME_REFUSED, "the bridge stops");

	/* In a step: its answer counts. */
	knows_parked(&w);
	begin(&w);
	allow(&w, 0, false);
	expect_step(&w, COMMAND_FLASH_LIGHTS);
	cr_assert_not(job_stop(&w.job, "the bridge stops"));
	confirm(&w);
	expect_tell(&w, OUTCOME_CONFIRMED);
	expect_done(&w, OUTCOME_CONFIRMED, "");

	/* In a wait: what came before it is undone. */
	setup(&w, "charge-port-open", "wait 20s");
	add_steps(&w.steps, "charge-port-close");
	add_steps(&w.undo, "charge-port-close");
	knows_parked(&w);
	begin(&w);
	first_confirmed(&w, COMMAND_CHARGE_PORT_OPEN);
	expect_wait(&w, w.now_ms + 20000);
	cr_assert_not(job_stop(&w.job, "the bridge stops"));
	allow(&w, 0, true);
	expect_step(&w, COMMAND_CHARGE_PORT_CLOSE);
	cr_assert_not(job_stop(&w.job, "the bridge stops"));
	confirm(&w);
	expect_tell(&w, OUTCOME_CONFIRMED);
	expect_done(&w, OUTCOME_REFUSED, "the bridge stops");
}

TEST(job, locked_out_says_for_how_long)
{
	struct world w;

	setup(&w, "flash-lights", NULL);
	knows_parked(&w);
	w.view.locked_until_ms = w.now_ms + VEHICLE_LOCKOUT_MS;
	begin(&w);
	expect_done(&w, OUTCOME_REFUSED, "for 5 min");
}

static void crashed(
	struct world *w, size_t n_begun, bool last_confirmed, const char *undo)
{
	setup(w, "unlock", "wait 1s");
	add_steps(&w->steps, "lock");
	if (undo != NULL)
		add_steps(&w->undo, undo);
	w->spec.kind = CAR_JOB_RECOVER;
	if (n_begun > 0)
		w->spec.journal.marks[n_begun == 1 ? 0 : 2] =
			last_confirmed ? JOURNAL_CONFIRMED : JOURNAL_BEGUN;
	if (n_begun > 1)
		w->spec.journal.marks[0] = JOURNAL_CONFIRMED;
	w->spec.start_by_ms = 0;
	knows_awake(w);
	begin(w);
}

TEST(recovery, what_had_not_begun_is_refused)
{
	struct world w;

	crashed(&w, 0, false, NULL);
	expect_done(&w, OUTCOME_REFUSED, "nothing of it had begun");
}

TEST(recovery, what_was_complete_is_confirmed)
{
	struct world w;

	crashed(&w, 2, true, "lock");
	expect_done(&w, OUTCOME_CONFIRMED, "");
	cr_assert_eq(w.job.result.n_confirmed, 3);
}

TEST(recovery, waits_behind_the_last_command_leave_nothing_to_do)
{
	struct world w;

	setup(&w, "lock", "wait 2s");
	add_steps(&w.undo, "unlock");
	w.spec.kind = CAR_JOB_RECOVER;
	w.spec.journal.marks[0] = JOURNAL_CONFIRMED;
	begin(&w);
	expect_done(&w, OUTCOME_CONFIRMED, "");
}

TEST(recovery, last_step_is_read_back)
{
	struct world w;

	crashed(&w, 2, false, NULL);
	locked_is(&w, CAR_YES);
	cr_assert_eq(w.job.index, 2);
	expect_tell(&w, OUTCOME_CONFIRMED);
	expect_done(&w, OUTCOME_CONFIRMED, "");
	cr_assert_eq(w.job.result.n_confirmed, 3);
}

TEST(recovery, half_a_program_is_undone)
{
	struct world w;

	/* Step 1 confirmed, step 2 not begun. */
	crashed(&w, 1, true, "lock");
	allow(&w, 0, true);
	expect_step(&w, COMMAND_LOCK);
	confirm(&w);
	expect_tell(&w, OUTCOME_CONFIRMED);
	expect_done(&w, OUTCOME_REFUSED, "stopped in the middle");

	/* Step 1 in doubt, but done. */
	crashed(&w, 1, false, "lock");
	locked_is(&w, CAR_NO);
	expect_tell(&w, OUTCOME_CONFIRMED);
	allow(&w, 0, true);
	expect_step(&w, COMMAND_LOCK);
	confirm(&w);
	expect_tell(&w, OUTCOME_CONFIRMED);
	expect_done(&w, OUTCOME_REFUSED, "was undone");

	/* Step 2 in doubt, and not done. */
	crashed(&w, 2, false, "lock");
	locked_is(&w, CAR_NO);
	outlast(&w, w.now_ms + VEHICLE_VALID_MS);
	locked_is(&w, CAR_NO);
	expect_tell(&w, OUTCOME_REFUSED);
	allow(&w, 0, true);
	expect_step(&w, COMMAND_LOCK);
	confirm(&w);
	expect_tell(&w, OUTCOME_CONFIRMED);
	expect_done(&w, OUTCOME_REFUSED, "was undone");
}

TEST(recovery, half_a_program_without_undo_is_unknown)
{
	struct world w;

	crashed(&w, 1, true, NULL);
	expect_done(&w, OUTCOME_UNKNOWN, "stays");
}

TEST(recovery, first_step_that_shows_no_effect_is_refused)
{
	struct world w;

	crashed(&w, 1, false, "lock");
	locked_is(&w, CAR_YES);
	outlast(&w, w.now_ms + VEHICLE_VALID_MS);
	locked_is(&w, CAR_YES);
	expect_tell(&w, OUTCOME_REFUSED);
	expect_done(&w, OUTCOME_REFUSED, "shows no effect");
}

TEST(recovery, doubt_that_stays_is_undone_and_unknown)
{
	struct world w;

	crashed(&w, 1, false, "lock");
	locked_is(&w, CAR_UNKNOWN);
	expect_tell(&w, OUTCOME_UNKNOWN);
	/* What came after its undoing would stay. */
	outlast(&w, w.now_ms + VEHICLE_VALID_MS);
	allow(&w, 0, true);
	expect_step(&w, COMMAND_LOCK);
	confirm(&w);
	expect_tell(&w, OUTCOME_CONFIRMED);
	expect_done(&w, OUTCOME_UNKNOWN, "had begun was undone");
}

TEST(recovery, toggle_that_cannot_be_read_back_is_unknown)
{
	struct world w;

	setup(&w, "flash-lights", NULL);
	w.spec.kind = CAR_JOB_RECOVER;
	w.spec.journal.marks[0] = JOURNAL_BEGUN;
	begin(&w);
	expect_tell(&w, OUTCOME_UNKNOWN);
	expect_done(&w, OUTCOME_UNKNOWN, "stopped before");
}

TEST(recovery, car_out_of_reach_is_unknown_and_says_so)
{
	struct world w;

	crashed(&w, 1, false, "lock");
	w.view.link_up = false;
	expect_connect(&w, w.now_ms + JOB_RECOVER_MS);
	w.now_ms += JOB_RECOVER_MS;
	expect_tell(&w, OUTCOME_UNKNOWN);
	expect_done(&w, OUTCOME_UNKNOWN, "not reached");
}
