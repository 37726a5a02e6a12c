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
 * What stopped it is over, and undone if there is an undo.  A step in doubt
 * stays so, even if its undo is certain; but one that may be left out leaves
 * no doubt where the money is kept.
 */
static void conclude(struct job *job, bool has_undo)
{
	const char *rest = job->undo_failed ? "it was not undone for sure"
			   : has_undo       ? "what had begun was undone"
					    : "what came before it stays";
	enum outcome outcome = OUTCOME_REFUSED;
	char why[CAR_WHY_SIZE];

	if (job->keeps && !job->undo_failed && !job->in_doubt)
		outcome = OUTCOME_CONFIRMED;
	else if (job->undo_failed || job->doubt || !has_undo)
		outcome = OUTCOME_UNKNOWN;

	job->result.keeps = job->keeps;
	if (job->n_done > 0 || has_undo)
		say(why, "%.140s; %s", job->why, rest);
	else
		say(why, "%s", job->why);
	job_over(job, outcome, why);
}

/* Has it been looked for long enough, to read back what a crash left open? */
static bool was_not_found(const struct job *job)
{
	return job->spec.kind == CAR_JOB_RECOVER && !job->reached &&
	       job->step.outcome == OUTCOME_UNKNOWN &&
	       job_info(job)->read_back != COMMAND_NONE;
}

/*
 * The steps have ended before their time, for the reason in job->why: what
 * they did is undone, if anything was done at all.  @stop is the step by
 * which they did.
 */
static void give_up(struct job *job, uint64_t now_ms, size_t stop)
{
	job->keeps = job->n_done > 0 &&
		     job->spec.steps->steps[stop].or_else == STEP_ELSE_KEEP;
	if (job->n_done == 0 && !job->doubt) {
		job_over(job, OUTCOME_REFUSED, job->why);
	} else if (was_not_found(job)) {
		job->result.keeps = job->keeps;
		job_over(job, OUTCOME_UNKNOWN, job->why);
	} else if (job->spec.undo->n_steps > 0) {
		job->is_undo = true;
		job->limit_ms =
			now_ms + program_budget_ms(job->spec.undo) +
			(job->spec.kind == CAR_JOB_RECOVER ? JOB_RECOVER_MS
							   : JOB_UNDO_GRACE_MS);
		go_to(job, 0, now_ms);
	} else {
		conclude(job, false);
	}
}

/* All steps of the program, or of undo, have had their turn. */
static void program_ended(struct job *job)
{
	if (job->is_undo)
		conclude(job, true);
	else
		job_over(job, OUTCOME_CONFIRMED, job->left_out);
}

/*
 * Nothing is done from step @from on.  That is the end of a program whose
 * other steps may be left out, and stops any other: the same whether the step
 * failed, or a crash or the owner came before it.
 */
static void stop_at(struct job *job, uint64_t now_ms, size_t from)
{
	const struct program *steps = job->spec.steps;
	size_t stop = program_stops_at(steps, from);

	if (stop < steps->n_steps) {
		give_up(job, now_ms, stop);
		return;
	}
	for (size_t i = from; i < stop; i++)
		if (!steps->steps[i].is_wait && job->left_out[0] == '\0')
			say(job->left_out, "%s", job->why);
	program_ended(job);
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

/*
 * Keeps why the steps ended, with the name of the step if it is one of many and
 * not all of them were forbidden.
 */
static void keep_why(struct job *job)
{
	char name[STEP_TEXT_SIZE];

	command_print(&job_current(job)->command, name, sizeof(name));
	if (job->spec.steps->n_steps > 1 &&
		!(job->is_final && job->n_done == 0))
		say(job->why, "%.56s: %.130s", name, job->step.why);
	else
		say(job->why, "%s", job->step.why);
}

/* The step at hand was confirmed, and the bridge stopped behind it. */
static void after_crash(struct job *job, uint64_t now_ms)
{
	say(job->why, "the bridge stopped in the middle of it");
	stop_at(job, now_ms, job->index + 1);
}

/* The step at hand has failed, for the reason in job->why. */
static void after_failure(struct job *job, uint64_t now_ms)
{
	bool is_skip = job_current(job)->or_else == STEP_ELSE_SKIP;

	if (job->step.outcome == OUTCOME_UNKNOWN) {
		job->doubt = true;
		job->in_doubt = !is_skip;
	}
	if (is_skip && job->left_out[0] == '\0')
		say(job->left_out, "%.150s; it was left out", job->why);

	if (is_skip && !job->is_final && job->spec.kind == CAR_JOB_RUN) {
		go_to(job, job->index + 1, now_ms);
	} else {
		stop_at(job, now_ms, job->index);
	}
}

static void next_after_step(struct job *job, uint64_t now_ms)
{
	bool confirmed = job->step.outcome == OUTCOME_CONFIRMED;

	if (job->is_undo) {
		/* Each step of undo is worth trying, whatever became of others */
		job->undo_failed = job->undo_failed || !confirmed;
		go_to(job, job->index + 1, now_ms);
	} else if (!confirmed) {
		keep_why(job);
		after_failure(job, now_ms);
	} else {
		job->n_done++;
		job->result.n_confirmed++;
		if (job->spec.kind == CAR_JOB_RECOVER)
			after_crash(job, now_ms);
		else
			go_to(job, job->index + 1, now_ms);
	}
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

/* Takes over what was written down; returns the last step begun. */
static size_t read_journal(struct job *job)
{
	const struct program *steps = job->spec.steps;
	size_t last = steps->n_steps;

	for (size_t i = 0; i < steps->n_steps; i++)
		if (job->spec.journal.marks[i] != JOURNAL_NONE)
			last = i;
	for (size_t i = 0; i < last && last < steps->n_steps; i++) {
		enum journal_mark mark = job->spec.journal.marks[i];

		if (mark == JOURNAL_CONFIRMED)
			job->n_done++;
		if (mark == JOURNAL_CONFIRMED || steps->steps[i].is_wait)
			job->result.n_confirmed++;
		if (mark == JOURNAL_BEGUN || mark == JOURNAL_UNKNOWN)
			job->doubt = true;
	}

	return last;
}

/*
 * Once undo has begun, the car shows what that did: to look for the step in
 * doubt would take it for one that had no effect.
 */
static void begin_recovery(struct job *job, uint64_t now_ms)
{
	size_t last = read_journal(job);
	enum journal_mark mark;

	if (last == job->spec.steps->n_steps) {
		job_over(job, OUTCOME_REFUSED, "nothing of it had begun");
		return;
	}

	mark = job->spec.journal.marks[last];
	go_to(job, last, now_ms);
	if (mark == JOURNAL_CONFIRMED) {
		job->n_done++;
		job->result.n_confirmed++;
		after_crash(job, now_ms);
	} else if (mark == JOURNAL_REFUSED || job->spec.journal.undo_begun ||
		   job_current(job)->is_wait) {
		job->step.outcome = mark == JOURNAL_REFUSED ? OUTCOME_REFUSED
							    : OUTCOME_UNKNOWN;
		job->reached = true;
		say(job->why, "the bridge stopped before the end of it was "
			      "written down");
		after_failure(job, now_ms);
	} else {
		step_recover(job, now_ms);
	}
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
	job->is_final = true;

	return job->phase == JOB_READY && !job->is_undo && !job->step.maybe &&
	       job->request != JOB_REQUEST_NONE &&
	       job->request != JOB_REQUEST_STEP;
}
