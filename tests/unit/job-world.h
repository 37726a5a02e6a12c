/* SPDX-License-Identifier: MIT */
#pragma once

/* A car, a clock and an owner around a job: for test-step.c and test-job.c. */

#include "car/job.h"

#include <string.h>

#include "test.h"
#include "util/clock.h"

enum {
	START_MS = 1000 * 1000,
	START_BY_MS = START_MS + 60 * 1000,
};

/* A car, a clock and the owner, as the job sees them. */
struct world {
	uint64_t now_ms;
	struct car_state state;
	struct job_view view;
	struct program steps;
	struct program undo;
	struct car_job spec;
	struct job job;
	struct job_action action;
	uint64_t valid_until_ms; /* of the next answer */
};

static inline void add_steps(struct program *program, const char *text)
{
	char why[WHY_SIZE];

	cr_assert_eq(program_append(program, text, why), 0, "%s", why);
}

/* A guarded program of up to two steps, on a link that is up. */
static inline void setup(struct world *w, const char *first, const char *second)
{
	*w = (struct world){ .now_ms = START_MS };
	car_state_init(&w->state);
	w->view = (struct job_view){
		.link_up = true,
		.link_why = "no such car is in reach",
		.state = &w->state,
	};
	add_steps(&w->steps, first);
	if (second != NULL)
		add_steps(&w->steps, second);
	w->spec = (struct car_job){
		.kind = CAR_JOB_RUN,
		.steps = &w->steps,
		.undo = &w->undo,
		.start_by_ms = START_BY_MS,
		.conditions = CONDITIONS_OF(CONDITION_PARKED),
	};
}

static inline void begin(struct world *w)
{
	job_init(&w->job, &w->spec, w->now_ms);
}

static inline void knows_awake(struct world *w)
{
	w->view.answered_ms = w->now_ms;
}

static inline void knows_parked(struct world *w)
{
	w->state.drive.at_ms = w->now_ms;
	w->state.drive.gear = CAR_GEAR_P;
	knows_awake(w);
}

static inline enum job_action_type next(struct world *w)
{
	job_next(&w->job, w->now_ms, &w->view, &w->action);
	return w->action.type;
}

static inline void expect_wait(struct world *w, uint64_t until_ms)
{
	cr_assert_eq(next(w), JOB_WAIT);
	cr_assert_eq(w->action.until_ms, until_ms);
}

static inline void expect_connect(struct world *w, uint64_t until_ms)
{
	cr_assert_eq(next(w), JOB_CONNECT);
	cr_assert_eq(w->action.until_ms, until_ms);
}

static inline void expect_submit(struct world *w, enum command_id id)
{
	cr_assert_eq(next(w), JOB_SUBMIT, "action %d, %s", w->action.type,
		w->job.result.why);
	cr_assert_eq(w->action.command.id, id, "%s, not %s",
		command_info(w->action.command.id)->name,
		command_info(id)->name);
	/* While it is in flight there is nothing else to do. */
	cr_assert_gt(w->action.until_ms, w->now_ms);
}

static inline void answer(struct world *w, enum outcome outcome,
	enum vehicle_reason reason, const char *why)
{
	struct vehicle_event event = {
		.type = VEHICLE_EVENT_ANSWER,
		.command = w->action.command,
		.outcome = outcome,
		.reason = reason,
		.valid_until_ms = w->valid_until_ms,
	};

	(void)strcpy(event.why, why);
	if (outcome == OUTCOME_CONFIRMED &&
		command_info(event.command.id)->domain == DOMAIN_INFOTAINMENT)
		w->view.answered_ms = w->now_ms;
	job_on_answer(&w->job, w->now_ms, &w->view, &event);
}

static inline void confirm(struct world *w)
{
	answer(w, OUTCOME_CONFIRMED, VEHICLE_DONE, "");
}

static inline void refuse(struct world *w)
{
	answer(w, OUTCOME_REFUSED, VEHICLE_FAILED, "the car says no");
}

static inline void stay_silent(struct world *w)
{
	answer(w, OUTCOME_UNKNOWN, VEHICLE_SILENT, "the car did not answer");
}

static inline void lose_link(struct world *w, enum outcome outcome)
{
	answer(w, outcome, VEHICLE_LINK_LOST, "the link was lost");
	w->view.link_up = false;
}

/* What was sealed may come true until then: waits for the end of that. */
static inline void outlast(struct world *w, uint64_t valid_until_ms)
{
	expect_wait(w, valid_until_ms);
	w->now_ms = valid_until_ms;
}

static inline void status_is(struct world *w, enum car_sleep sleep)
{
	expect_submit(w, COMMAND_BODY_CONTROLLER_STATE);
	w->state.body.at_ms = w->now_ms;
	w->state.body.sleep = sleep;
	confirm(w);
}

static inline void gear_is(struct world *w, enum car_gear gear)
{
	expect_submit(w, COMMAND_STATE_DRIVE);
	w->state.drive.at_ms = w->now_ms;
	w->state.drive.gear = gear;
	confirm(w);
}

static inline void locked_is(struct world *w, enum car_truth locked)
{
	expect_submit(w, COMMAND_STATE_CLOSURES);
	w->state.closures.at_ms = w->now_ms;
	w->state.closures.locked = locked;
	confirm(w);
}

static inline void trunk_is(struct world *w, enum car_truth open)
{
	expect_submit(w, COMMAND_STATE_CLOSURES);
	w->state.closures.at_ms = w->now_ms;
	w->state.closures.trunk_open = open;
	confirm(w);
}

static inline void expect_ask(struct world *w, size_t index, bool is_undo)
{
	cr_assert_eq(next(w), JOB_ASK, "action %d, %s", w->action.type,
		w->job.result.why);
	cr_assert_eq(w->action.step.index, index);
	cr_assert_eq(w->action.step.is_undo, is_undo);
}

static inline void allow(struct world *w, size_t index, bool is_undo)
{
	expect_ask(w, index, is_undo);
	job_on_asked(&w->job, w->now_ms, 0, "");
}

static inline void expect_step(struct world *w, enum command_id id)
{
	expect_submit(w, id);
	cr_assert(w->action.is_step);
}

static inline void expect_tell(struct world *w, enum outcome outcome)
{
	cr_assert_eq(next(w), JOB_TELL, "action %d, %s", w->action.type,
		w->job.result.why);
	cr_assert_eq(w->action.outcome, outcome);
	cr_assert_eq(w->action.why[0] == '\0', outcome == OUTCOME_CONFIRMED);
}

static inline void expect_done(
	struct world *w, enum outcome outcome, const char *why)
{
	cr_assert_eq(next(w), JOB_DONE, "action %d", w->action.type);
	cr_assert_eq(w->job.result.outcome, outcome, "%s", w->job.result.why);
	if (why[0] == '\0')
		cr_assert_str_empty(w->job.result.why);
	else
		cr_assert_not_null(strstr(w->job.result.why, why), "%s",
			w->job.result.why);
	cr_assert_eq(next(w), JOB_DONE);
}

/* The first step, from question to confirmation. */
static inline void first_confirmed(struct world *w, enum command_id id)
{
	allow(w, 0, false);
	expect_step(w, id);
	confirm(w);
	expect_tell(w, OUTCOME_CONFIRMED);
}
