/* SPDX-License-Identifier: MIT */

/* What becomes of program and money when a step fails: "honk else keep". */

#include "car/step.h"

#include "job-world.h"

/* Three steps and an undo, on a warm car. */
static void plan(struct world *w, const char *second, const char *third)
{
	setup(w, "charge-port-open", second);
	add_steps(&w->steps, third);
	add_steps(&w->undo, "charge-port-close");
	knows_parked(w);
	begin(w);
}

static void step_refused(struct world *w, size_t index, enum command_id id)
{
	allow(w, index, false);
	expect_step(w, id);
	refuse(w);
	expect_tell(w, OUTCOME_REFUSED);
}

static void step_unknown(struct world *w, size_t index, enum command_id id)
{
	allow(w, index, false);
	expect_step(w, id);
	stay_silent(w);
	expect_tell(w, OUTCOME_UNKNOWN);
}

static void step_confirmed(struct world *w, size_t index, enum command_id id)
{
	allow(w, index, false);
	expect_step(w, id);
	confirm(w);
	expect_tell(w, OUTCOME_CONFIRMED);
}

static void undone(struct world *w, enum outcome outcome)
{
	allow(w, 0, true);
	expect_step(w, COMMAND_CHARGE_PORT_CLOSE);
	if (outcome == OUTCOME_CONFIRMED)
		confirm(w);
	else
		refuse(w);
	expect_tell(w, outcome);
}

TEST(orelse, skip_goes_on_and_says_what_was_left_out)
{
	struct world w;

	plan(&w, "honk else skip", "flash-lights");
	step_confirmed(&w, 0, COMMAND_CHARGE_PORT_OPEN);
	step_refused(&w, 1, COMMAND_HONK);
	step_confirmed(&w, 2, COMMAND_FLASH_LIGHTS);
	expect_done(&w, OUTCOME_CONFIRMED,
		"honk: the car says no; it was left out");
	cr_assert_eq(w.job.result.n_confirmed, 2);
	cr_assert_not(w.job.result.keeps);
}

TEST(orelse, doubt_about_what_may_be_left_out_does_not_stop_it)
{
	struct world w;

	plan(&w, "honk else skip", "flash-lights");
	step_confirmed(&w, 0, COMMAND_CHARGE_PORT_OPEN);
	step_unknown(&w, 1, COMMAND_HONK);
	step_confirmed(&w, 2, COMMAND_FLASH_LIGHTS);
	expect_done(&w, OUTCOME_CONFIRMED, "it was left out");

	/* But where the rest fails, nobody knows whether it had no effect. */
	plan(&w, "honk else skip", "flash-lights");
	step_confirmed(&w, 0, COMMAND_CHARGE_PORT_OPEN);
	step_unknown(&w, 1, COMMAND_HONK);
	step_refused(&w, 2, COMMAND_FLASH_LIGHTS);
	undone(&w, OUTCOME_CONFIRMED);
	expect_done(&w, OUTCOME_UNKNOWN, "flash-lights: the car says no");
	cr_assert_not(w.job.result.keeps);
}

TEST(orelse, doubt_of_what_was_left_out_is_not_that_of_what_stops_it)
{
	struct world w;

	plan(&w, "honk else skip", "flash-lights else keep");
	step_confirmed(&w, 0, COMMAND_CHARGE_PORT_OPEN);
	step_unknown(&w, 1, COMMAND_HONK);
	step_refused(&w, 2, COMMAND_FLASH_LIGHTS);
	undone(&w, OUTCOME_CONFIRMED);
	expect_done(&w, OUTCOME_CONFIRMED, "flash-lights: the car says no");
	cr_assert(w.job.result.keeps);
}

/* Who gets in by a step that stayed in doubt is inside by that. */
TEST(orelse, after_a_doubt_the_car_has_only_to_be_parked)
{
	struct world w;

	setup(&w, "honk else skip", "flash-lights");
	w.spec.conditions.set |= CONDITIONS_OF(CONDITION_NOBODY_INSIDE).set;
	knows_parked(&w);
	w.state.closures.at_ms = w.now_ms;
	w.state.closures.user_present = CAR_NO;
	begin(&w);
	step_unknown(&w, 0, COMMAND_HONK);
	w.state.closures.user_present = CAR_YES;
	step_confirmed(&w, 1, COMMAND_FLASH_LIGHTS);
	expect_done(&w, OUTCOME_CONFIRMED, "it was left out");
}

TEST(orelse, last_step_may_be_left_out)
{
	struct world w;

	plan(&w, "honk", "flash-lights else skip");
	step_confirmed(&w, 0, COMMAND_CHARGE_PORT_OPEN);
	step_confirmed(&w, 1, COMMAND_HONK);
	step_refused(&w, 2, COMMAND_FLASH_LIGHTS);
	expect_done(&w, OUTCOME_CONFIRMED, "it was left out");
}

TEST(orelse, keep_stops_and_undoes_and_is_paid_for_what_came_before)
{
	struct world w;

	plan(&w, "honk else keep", "flash-lights");
	step_confirmed(&w, 0, COMMAND_CHARGE_PORT_OPEN);
	step_refused(&w, 1, COMMAND_HONK);
	undone(&w, OUTCOME_CONFIRMED);
	expect_done(&w, OUTCOME_CONFIRMED,
		"honk: the car says no; what had begun was undone");
	cr_assert_eq(w.job.result.n_confirmed, 1);

	/* Without an undo what came before stays. */
	plan(&w, "honk else keep", "flash-lights");
	w.undo.n_steps = 0;
	step_confirmed(&w, 0, COMMAND_CHARGE_PORT_OPEN);
	step_refused(&w, 1, COMMAND_HONK);
	expect_done(&w, OUTCOME_CONFIRMED, "what came before it stays");
}

TEST(orelse, keep_in_doubt_is_unknown_and_kept)
{
	struct world w;

	plan(&w, "honk else keep", "flash-lights");
	step_confirmed(&w, 0, COMMAND_CHARGE_PORT_OPEN);
	step_unknown(&w, 1, COMMAND_HONK);
	undone(&w, OUTCOME_CONFIRMED);
	expect_done(&w, OUTCOME_UNKNOWN, "was undone");
	cr_assert(w.job.result.keeps);

	plan(&w, "honk else keep", "flash-lights");
	step_confirmed(&w, 0, COMMAND_CHARGE_PORT_OPEN);
	step_refused(&w, 1, COMMAND_HONK);
	undone(&w, OUTCOME_REFUSED);
	expect_done(&w, OUTCOME_UNKNOWN, "not undone for sure");
	cr_assert(w.job.result.keeps);
}

TEST(orelse, return_stops_and_gives_back)
{
	struct world w;

	plan(&w, "honk else return", "flash-lights else keep");
	step_confirmed(&w, 0, COMMAND_CHARGE_PORT_OPEN);
	step_refused(&w, 1, COMMAND_HONK);
	undone(&w, OUTCOME_CONFIRMED);
	expect_done(&w, OUTCOME_REFUSED, "was undone");
	cr_assert_not(w.job.result.keeps);
}

/* Else the rules, which are asked once, would bind the first step alone. */
TEST(orelse, what_the_owner_refuses_is_not_left_out)
{
	struct world w;

	setup(&w, "honk else skip", "flash-lights");
	knows_parked(&w);
	begin(&w);
	expect_ask(&w, 0, false);
	job_on_asked(&w.job, w.now_ms, CAR_E_REFUSED, "it is night");
	expect_done(&w, OUTCOME_REFUSED, "it is night");
}

TEST(orelse, car_that_is_not_as_it_has_to_be_is_not_left_out)
{
	struct world w;

	setup(&w, "honk else skip", "flash-lights");
	knows_awake(&w);
	begin(&w);
	gear_is(&w, CAR_GEAR_D);
	expect_done(&w, OUTCOME_REFUSED, "the car is not parked");
}

TEST(orelse, stop_decides_as_the_next_step_that_is_needed)
{
	struct world w;

	plan(&w, "honk else skip", "flash-lights else keep");
	step_confirmed(&w, 0, COMMAND_CHARGE_PORT_OPEN);
	(void)job_stop(&w.job, "the bridge was stopped");
	undone(&w, OUTCOME_CONFIRMED);
	expect_done(&w, OUTCOME_CONFIRMED, "the bridge was stopped");

	plan(&w, "honk else skip", "flash-lights else skip");
	step_confirmed(&w, 0, COMMAND_CHARGE_PORT_OPEN);
	(void)job_stop(&w.job, "the bridge was stopped");
	expect_done(&w, OUTCOME_CONFIRMED, "the bridge was stopped");
}

TEST(orelse, budget_bounds_all_steps_from_the_first_one_on)
{
	struct world w;

	setup(&w, "honk", "flash-lights");
	w.spec.budget_ms = 3000;
	knows_parked(&w);
	begin(&w);
	allow(&w, 0, false);
	expect_step(&w, COMMAND_HONK);
	cr_assert_eq(w.action.until_ms, w.now_ms + 3000);
	w.now_ms += 2000;
	confirm(&w);
	expect_tell(&w, OUTCOME_CONFIRMED);
	allow(&w, 1, false);
	expect_step(&w, COMMAND_FLASH_LIGHTS);
	cr_assert_eq(w.action.until_ms, w.now_ms + 1000);
}

/*
 * The same steps, cut off by a crash: at each point the outcome and the money
 * are as they would have been.
 */
static void crashed(struct world *w, const char *second, const char *third,
	const enum journal_mark marks[3], bool undo_begun)
{
	plan(w, second, third);
	w->spec.kind = CAR_JOB_RECOVER;
	w->spec.start_by_ms = 0;
	memcpy(w->spec.journal.marks, marks, 3 * sizeof(marks[0]));
	w->spec.journal.undo_begun = undo_begun;
	begin(w);
}

TEST(orelse, crash_is_recovered_by_what_the_next_step_says)
{
	static const enum journal_mark one[] = { JOURNAL_CONFIRMED,
		JOURNAL_NONE, JOURNAL_NONE };
	struct world w;

	crashed(&w, "honk else keep", "flash-lights", one, false);
	undone(&w, OUTCOME_CONFIRMED);
	expect_done(&w, OUTCOME_CONFIRMED, "stopped in the middle");

	crashed(&w, "honk else skip", "flash-lights else keep", one, false);
	undone(&w, OUTCOME_CONFIRMED);
	expect_done(&w, OUTCOME_CONFIRMED, "stopped in the middle");

	crashed(&w, "honk else skip", "flash-lights else skip", one, false);
	expect_done(&w, OUTCOME_CONFIRMED, "stopped in the middle");

	crashed(&w, "honk else skip", "flash-lights", one, false);
	undone(&w, OUTCOME_CONFIRMED);
	expect_done(&w, OUTCOME_REFUSED, "stopped in the middle");
}

TEST(orelse, crash_within_the_undo_has_the_same_end)
{
	static const struct {
		const char *second, *third;
		enum journal_mark marks[3];
		enum outcome outcome;
		bool keeps;
	} cases[] = {
		{ "honk else keep", "flash-lights",
			{ JOURNAL_CONFIRMED, JOURNAL_REFUSED },
			OUTCOME_CONFIRMED, true },
		{ "honk else keep", "flash-lights",
			{ JOURNAL_CONFIRMED, JOURNAL_UNKNOWN }, OUTCOME_UNKNOWN,
			true },
		/* Nobody reached the car for the second step. */
		{ "honk else keep", "flash-lights", { JOURNAL_CONFIRMED },
			OUTCOME_CONFIRMED, true },
		{ "honk", "flash-lights",
			{ JOURNAL_CONFIRMED, JOURNAL_REFUSED }, OUTCOME_REFUSED,
			false },
		{ "honk", "flash-lights",
			{ JOURNAL_CONFIRMED, JOURNAL_UNKNOWN }, OUTCOME_UNKNOWN,
			false },
		/* A step that was left out leaves its doubt. */
		{ "honk else skip", "flash-lights",
			{ JOURNAL_CONFIRMED, JOURNAL_UNKNOWN, JOURNAL_REFUSED },
			OUTCOME_UNKNOWN, false },
		{ "honk else skip", "flash-lights",
			{ JOURNAL_CONFIRMED, JOURNAL_REFUSED, JOURNAL_REFUSED },
			OUTCOME_REFUSED, false },
		{ "honk else skip", "flash-lights else keep",
			{ JOURNAL_CONFIRMED, JOURNAL_UNKNOWN, JOURNAL_REFUSED },
			OUTCOME_CONFIRMED, true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct world w;

		crashed(&w, cases[i].second, cases[i].third, cases[i].marks,
			true);
		undone(&w, OUTCOME_CONFIRMED);
		expect_done(&w, cases[i].outcome, "was undone");
		cr_expect_eq(w.job.result.keeps, cases[i].keeps, "case %zu", i);
	}
}

/* Undo has locked it: that the car is locked says nothing of the unlock. */
TEST(orelse, what_undo_has_changed_is_not_read_back)
{
	struct world w;

	setup(&w, "unlock", "honk");
	add_steps(&w.undo, "lock");
	knows_parked(&w);
	w.spec.kind = CAR_JOB_RECOVER;
	w.spec.journal.marks[0] = JOURNAL_UNKNOWN;
	w.spec.journal.undo_begun = true;
	begin(&w);
	allow(&w, 0, true);
	expect_step(&w, COMMAND_LOCK);
	confirm(&w);
	expect_tell(&w, OUTCOME_CONFIRMED);
	expect_done(&w, OUTCOME_UNKNOWN, "was undone");
}

TEST(orelse, step_left_out_before_the_crash_does_not_shift_the_others)
{
	struct world w;

	setup(&w, "honk else skip", "unlock");
	add_steps(&w.steps, "flash-lights else skip");
	knows_parked(&w);
	w.spec.kind = CAR_JOB_RECOVER;
	w.spec.journal.marks[0] = JOURNAL_REFUSED;
	w.spec.journal.marks[1] = JOURNAL_BEGUN;
	begin(&w);
	locked_is(&w, CAR_NO);
	cr_assert_eq(w.job.index, 1);
	expect_tell(&w, OUTCOME_CONFIRMED);
	expect_done(&w, OUTCOME_CONFIRMED, "stopped in the middle");
}

TEST(orelse, car_that_is_not_found_again_is_unknown_and_kept)
{
	struct world w;

	setup(&w, "honk", "unlock else keep");
	w.spec.kind = CAR_JOB_RECOVER;
	w.spec.journal.marks[0] = JOURNAL_CONFIRMED;
	w.spec.journal.marks[1] = JOURNAL_BEGUN;
	w.view.link_up = false;
	begin(&w);
	expect_connect(&w, w.now_ms + JOB_RECOVER_MS);
	w.now_ms += JOB_RECOVER_MS;
	expect_tell(&w, OUTCOME_UNKNOWN);
	expect_done(&w, OUTCOME_UNKNOWN, "not reached");
	cr_assert(w.job.result.keeps);
}

/* A step that a newer version wrote, and this one cannot read. */
TEST(orelse, step_that_cannot_be_read_is_in_doubt)
{
	struct world w;

	setup(&w, "honk", "flash-lights");
	w.steps.steps[0] = (struct step){ .command.id = COMMAND_NONE };
	w.spec.kind = CAR_JOB_RECOVER;
	w.spec.journal.marks[0] = JOURNAL_BEGUN;
	begin(&w);
	expect_tell(&w, OUTCOME_UNKNOWN);
	expect_done(&w, OUTCOME_UNKNOWN, "stopped before the car had answered");
}

TEST(orelse, step_that_cannot_be_read_was_not_done)
{
	struct world w;

	setup(&w, "charge-port-open", "honk");
	add_steps(&w.undo, "charge-port-close");
	knows_parked(&w);
	w.steps.steps[1] = (struct step){ .command.id = COMMAND_NONE };
	w.spec.kind = CAR_JOB_RECOVER;
	w.spec.journal.marks[0] = JOURNAL_CONFIRMED;
	begin(&w);
	undone(&w, OUTCOME_CONFIRMED);
	expect_done(&w, OUTCOME_REFUSED, "stopped in the middle");

	/* Nor is anything undone by a step that is not known. */
	setup(&w, "charge-port-open", "honk");
	w.undo.n_steps = 1;
	w.spec.kind = CAR_JOB_RECOVER;
	w.spec.journal.marks[0] = JOURNAL_CONFIRMED;
	begin(&w);
	expect_done(&w, OUTCOME_UNKNOWN, "it was not undone for sure");
}
