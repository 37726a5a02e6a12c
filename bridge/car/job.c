/* SPDX-License-Identifier: MIT */

#include "car/job.h"

#include <string.h>

#include "car/step.h"
#include "util/clock.h"

static void go_to(struct job *job, size_t index, uint64_t now_ms)
{
	job->phase = JOB_READY;
	job->index = index;
	job->told = false;
	job->step = (struct job_step){ .look_from_ms = now_ms };
}

static void job_over(struct job *job, enum outcome outcome, const char *why)
{
	job->phase = JOB_OVER;
	job->result.outcome = outcome;
	say(job->result.why, "%s", why);
}

/*
 * The steps have ended before their time, for the reason in job->why: what
 * they did is undone, if anything was done at all.
 */
static void give_up(struct job *job, uint64_t now_ms)
{
	char why[CAR_WHY_SIZE];

	if (job->n_done == 0 && !job->doubt) {
		job_over(job, OUTCOME_REFUSED, job->why);
	} else if (job->spec.undo->n_steps > 0) {
		job->is_undo = true;
		job->limit_ms =
			now_ms + program_budget_ms(job->spec.undo) +
			(job->spec.kind == CAR_JOB_RECOVER ? JOB_RECOVER_MS
							   : JOB_UNDO_GRACE_MS);
		go_to(job, 0, now_ms);
	} else if (job->n_done > 0) {
		say(why, "%.150s; what came before it stays", job->why);
		job_over(job, OUTCOME_UNKNOWN, why);
	} else {
		job_over(job, OUTCOME_UNKNOWN, job->why);
	}
}

/* All steps of the program, or of undo, have had their turn. */
static void program_ended(struct job *job)
{
	char why[CAR_WHY_SIZE];

	if (!job->is_undo) {
		job_over(job, OUTCOME_CONFIRMED, "");
	} else if (job->undo_failed) {
		say(why, "%.140s; it was not undone for sure", job->why);
		job_over(job, OUTCOME_UNKNOWN, why);
	} else {
		/* A step in doubt stays so, even if its undo is certain. */
		say(why, "%.140s; what had begun was undone", job->why);
		job_over(job, job->doubt ? OUTCOME_UNKNOWN : OUTCOME_REFUSED,
			why);
	}
}

static bool next_wait(struct job *job, uint64_t now_ms, struct job_action *ret)
{
	struct job_step *step = &job->step;

	if (step->wait_until_ms == 0)
		step->wait_until_ms = now_ms + job_current(job)->wait_ms;
	if (now_ms < step->wait_until_ms) {
		ret->type = JOB_WAIT;
		ret->until_ms = step->wait_until_ms;
		return true;
	}

	if (!job->is_undo)
		job->result.n_confirmed++;
	go_to(job, job->index + 1, now_ms);
	return false;
}

/* Is the current step the last command of its program? */
static bool is_last_command(const struct job *job)
{
	const struct program *program = job_program(job);

	for (size_t i = job->index + 1; i < program->n_steps; i++)
		if (!program->steps[i].is_wait)
			return false;

	return true;
}

/* Keeps why the steps ended, with the name of the step if it is one of many. */
static void keep_why(struct job *job)
{
	char name[STEP_TEXT_SIZE];

	step_print(job_current(job), name);
	if (job->spec.steps->n_steps > 1)
		say(job->why, "%.56s: %.130s", name, job->step.why);
	else
		say(job->why, "%s", job->step.why);
}

static void after_crash(struct job *job, uint64_t now_ms)
{
	if (is_last_command(job)) {
		program_ended(job);
	} else {
		say(job->why, "the bridge stopped in the middle of it");
		give_up(job, now_ms);
	}
}

static void next_after_step(struct job *job, uint64_t now_ms)
{
	bool confirmed = job->step.outcome == OUTCOME_CONFIRMED;

	if (job->is_undo) {
		/* Each step of undo is worth trying, whatever became of others */
		job->undo_failed = job->undo_failed || !confirmed;
		go_to(job, job->index + 1, now_ms);
		return;
	}
	if (confirmed) {
		job->n_done++;
		job->result.n_confirmed++;
		if (job->spec.kind == CAR_JOB_RECOVER)
			after_crash(job, now_ms);
		else
			go_to(job, job->index + 1, now_ms);
		return;
	}

	keep_why(job);
	if (job->step.outcome == OUTCOME_UNKNOWN)
		job->doubt = true;
	if (job->spec.kind == CAR_JOB_RECOVER && job->doubt && !job->reached &&
		job_info(job)->read_back != COMMAND_NONE)
		/* It has been looked for long enough. */
		job_over(job, OUTCOME_UNKNOWN, job->why);
	else
		give_up(job, now_ms);
}

/* Returns true with an action, or false if job->phase or the step changed. */
static bool advance(struct job *job, uint64_t now_ms,
	const struct job_view *view, struct job_action *ret)
{
	switch (job->phase) {
	case JOB_READY:
		if (job->index == job_program(job)->n_steps) {
			program_ended(job);
			return false;
		}
		if (job->is_undo && now_ms < job->undo_from_ms) {
			ret->until_ms = job->undo_from_ms;
			return true;
		}
		if (job->stop_why[0] != '\0' && !job->is_undo) {
			step_fails(job, now_ms, job->stop_why);
			return false;
		}
		if (job_current(job)->is_wait)
			return next_wait(job, now_ms, ret);
		return step_next(job, now_ms, view, ret);
	case JOB_READ_BACK:
		return step_next_read_back(job, now_ms, view, ret);
	case JOB_ENDED:
		if (!job->step.asked || job->told) {
			next_after_step(job, now_ms);
			return false;
		}
		job->told = true;
		(void)step_ask(job, ret);
		ret->type = JOB_TELL;
		ret->outcome = job->step.outcome;
		ret->why = job->step.why;
		return true;
	case JOB_OVER:
		break;
	}

	ret->type = JOB_DONE;
	return true;
}

void job_next(struct job *job, uint64_t now_ms, const struct job_view *view,
	struct job_action *ret)
{
	*ret = (struct job_action){ .type = JOB_WAIT, .until_ms = CLOCK_NEVER };
	if (job->request != JOB_REQUEST_NONE) {
		/* The engine repeats what it may as soon as the link is back */
		if (!view->link_up && now_ms < job->request_by_ms) {
			ret->type = JOB_CONNECT;
			ret->until_ms = job->request_by_ms;
		}
		return;
	}

	while (!advance(job, now_ms, view, ret))
		continue;
}

static void begin_recovery(struct job *job, uint64_t now_ms)
{
	const struct program *steps = job->spec.steps;
	size_t n = 0;
	size_t last = 0;

	for (size_t i = 0; i < steps->n_steps && n < job->spec.n_begun; i++) {
		if (steps->steps[i].is_wait)
			continue;
		last = i;
		n++;
	}
	if (n == 0) {
		job_over(job, OUTCOME_REFUSED, "nothing of it had begun");
		return;
	}

	go_to(job, last, now_ms);
	job->n_done = n - (job->spec.last_confirmed ? 0 : 1);
	job->result.n_confirmed = last + (job->spec.last_confirmed ? 1 : 0);
	if (job->spec.last_confirmed)
		after_crash(job, now_ms);
	else
		step_recover(job, now_ms);
}

void job_init(struct job *job, const struct car_job *spec, uint64_t now_ms)
{
	*job = (struct job){ .spec = *spec };
	switch (spec->kind) {
	case CAR_JOB_RUN:
		job->limit_ms = spec->start_by_ms;
		go_to(job, 0, now_ms);
		break;
	case CAR_JOB_RECOVER:
		begin_recovery(job, now_ms);
		break;
	}
}

bool job_stop(struct job *job, const char *why)
{
	say(job->stop_why, "%s", why);

	return job->phase == JOB_READY && !job->is_undo && !job->step.maybe &&
	       job->request != JOB_REQUEST_NONE &&
	       job->request != JOB_REQUEST_STEP;
}
