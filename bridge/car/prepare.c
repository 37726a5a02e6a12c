/* SPDX-License-Identifier: MIT */

/* What comes before a step or a read: link, wake, guards. */

#include "car/step.h"
#include "util/clock.h"
#include "util/duration.h"

/*
 * The first step is never sealed after start_by_ms, nor sealed anew, neither
 * by us nor by the engine.
 */
uint64_t step_limit(const struct job *job)
{
	if (job->phase == JOB_READ_BACK)
		return job->read_by_ms;
	if (job->is_undo || job->n_done > 0)
		return job->limit_ms;

	return clock_earlier(job->limit_ms, job->spec.start_by_ms);
}

bool step_submit(struct job *job, enum job_request request,
	const struct command *command, uint64_t deadline_ms,
	struct job_action *ret)
{
	job->request = request;
	ret->type = JOB_SUBMIT;
	ret->command = *command;
	ret->is_step = request == JOB_REQUEST_STEP;
	ret->seal_by_ms = CLOCK_NEVER;
	/* start_by_ms is for the sealing, not for the answer. */
	ret->until_ms = clock_earlier(
		deadline_ms, ret->is_step ? job->limit_ms : step_limit(job));
	job->request_by_ms = ret->until_ms;
	return true;
}

/* Reads infotainment; right after a wake it needs its time to boot. */
bool step_read(struct job *job, uint64_t now_ms, enum job_request request,
	enum command_id id, struct job_action *ret)
{
	/* If it is silent, a wake is still to be tried. */
	uint64_t deadline_ms =
		now_ms + (job->step.poke ? PROGRAM_COMMAND_MS : JOB_READ_MS);

	if (job->step.woken_ms != 0 && !job->step.warm)
		deadline_ms = job->step.woken_ms + CAR_WAKE_MS;
	if (deadline_ms <= now_ms) {
		step_fails(job, now_ms, "the car did not wake up in time");
		return false;
	}

	return step_submit(
		job, request, &(struct command){ .id = id }, deadline_ms, ret);
}

static enum car_sleep sleep_of(
	const struct job_view *view, uint64_t now_ms, uint64_t awake_ms)
{
	const struct car_body *body = &view->state->body;

	if (body->at_ms >= view->answered_ms &&
		car_state_is_asleep(view->state, now_ms))
		return CAR_SLEEP_ASLEEP;
	if (view->answered_ms != 0 && now_ms - view->answered_ms <= awake_ms)
		return CAR_SLEEP_AWAKE;
	if (body->at_ms != 0 && now_ms - body->at_ms <= CAR_PARKED_MAX_AGE_MS &&
		body->sleep == CAR_SLEEP_AWAKE)
		return CAR_SLEEP_AWAKE;

	return CAR_SLEEP_UNKNOWN;
}

/*
 * What has to be so of the car now.  Once something may have had an effect,
 * only that it is parked: who paid for unlocking has unlocked it by that.
 */
struct conditions step_guards(const struct job *job)
{
	struct conditions guards = job->spec.conditions;

	if (job->is_undo || job->phase != JOB_READY)
		guards.set = 0;
	else if (job->n_done > 0 || job->doubt || job->step.maybe)
		guards.set &= CONDITIONS_OF(CONDITION_PARKED).set;

	return guards;
}

static bool not_in_time(
	struct job *job, uint64_t now_ms, const struct job_view *view)
{
	char why[CAR_WHY_SIZE];

	if (view->link_up)
		say(why, "the car did not answer in time");
	else
		say(why, "the car was not reached: %s", view->link_why);
	step_fails(job, now_ms, why);
	return false;
}

static bool locked_out(
	struct job *job, uint64_t now_ms, const struct job_view *view)
{
	char text[DURATION_TEXT_SIZE], why[CAR_WHY_SIZE];

	duration_print(view->locked_until_ms - now_ms, text);
	say(why,
		"the car rejected signature after signature; nothing is sent "
		"to it for %s",
		text);
	step_fails(job, now_ms, why);
	return false;
}

static bool wake_up(struct job *job, uint64_t now_ms,
	const struct conditions *guards, struct job_action *ret)
{
	static const struct command wake = { .id = COMMAND_WAKE };

	if (conditions_has(guards, CONDITION_AWAKE)) {
		job->is_final = true;
		step_fails(job, now_ms,
			"the car sleeps, and this does not wake it");
		return false;
	}

	return step_submit(
		job, JOB_REQUEST_WAKE, &wake, now_ms + PROGRAM_COMMAND_MS, ret);
}

/*
 * A drive state follows each wake even without a guard: it may be repeated
 * while the car boots, so that the first toggle goes to a car that answers.
 * A guard that fails is read anew: what is known may be some seconds old.
 */
static bool wake_and_guard(struct job *job, uint64_t now_ms,
	const struct job_view *view, bool awake, struct job_action *ret)
{
	static const struct command status = {
		.id = COMMAND_BODY_CONTROLLER_STATE,
	};
	const struct conditions guards = step_guards(job);
	struct job_step *step = &job->step;
	struct condition_judgement judgement;
	bool is_met, may_guess, asks;
	enum car_sleep sleep;

	conditions_judge(&guards, view->state, now_ms, &judgement);
	is_met = judgement.verdict == CONDITION_HOLDS;
	if (!awake && is_met)
		return false;

	/* Where a read of infotainment follows, a wrong guess costs nothing. */
	may_guess = !is_met || job->phase == JOB_READ_BACK;
	sleep = sleep_of(
		view, now_ms, may_guess ? JOB_AWAKE_MS : CAR_PARKED_MAX_AGE_MS);
	asks = !is_met && judgement.read == status.id;
	if (step->woken_ms == 0) {
		if (step->poke || sleep == CAR_SLEEP_ASLEEP)
			return wake_up(job, now_ms, &guards, ret);
		if (asks || (sleep == CAR_SLEEP_UNKNOWN && !step->status_read))
			return step_submit(job, JOB_REQUEST_STATUS, &status,
				now_ms + JOB_STATUS_MS, ret);
	}
	if (!is_met)
		return step_read(
			job, now_ms, JOB_REQUEST_GUARD, judgement.read, ret);
	if (step->woken_ms != 0 && !step->warm)
		return step_read(job, now_ms, JOB_REQUEST_GUARD,
			COMMAND_STATE_DRIVE, ret);

	return false;
}

bool step_prepare(struct job *job, uint64_t now_ms, const struct job_view *view,
	bool awake, struct job_action *ret)
{
	if (now_ms >= step_limit(job))
		return not_in_time(job, now_ms, view);
	if (view->locked_until_ms > now_ms)
		return locked_out(job, now_ms, view);
	if (!view->link_up) {
		ret->type = JOB_CONNECT;
		ret->until_ms = step_limit(job);
		return true;
	}

	job->reached = true;
	return wake_and_guard(job, now_ms, view, awake, ret);
}

void step_check_guards(struct job *job, uint64_t now_ms,
	const struct job_view *view, enum command_id read)
{
	const struct conditions all = step_guards(job);
	const struct conditions shown = conditions_shown_by(&all, read);
	struct condition_judgement judgement;

	conditions_judge(&shown, view->state, now_ms, &judgement);
	if (judgement.verdict == CONDITION_HOLDS)
		return;

	job->is_final = true;
	step_fails(job, now_ms, judgement.why);
}
