/* SPDX-License-Identifier: MIT */

#include "car/step.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "util/clock.h"
#include "util/duration.h"

void say(char ret[static CAR_WHY_SIZE], const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(ret, CAR_WHY_SIZE, format, args);
	va_end(args);
}

const struct program *job_program(const struct job *job)
{
	return job->is_undo ? job->spec.undo : job->spec.steps;
}

const struct step *job_current(const struct job *job)
{
	return &job_program(job)->steps[job->index];
}

const struct command_info *job_info(const struct job *job)
{
	return command_info(job_current(job)->command.id);
}

static void step_is(struct job *job, enum outcome outcome, const char *why)
{
	char copy[CAR_WHY_SIZE]; /* @why may be step.why itself */

	say(copy, "%s", outcome == OUTCOME_CONFIRMED ? "" : why);
	say(job->step.why, "%s", copy);
	if (outcome == OUTCOME_UNKNOWN && !job->is_undo)
		job->undo_from_ms = job->step.valid_until_ms;
	job->step.outcome = outcome;
	job->phase = JOB_ENDED;
}

static void read_back(struct job *job, uint64_t now_ms)
{
	if (job_info(job)->read_back == COMMAND_NONE) {
		step_is(job, OUTCOME_UNKNOWN, job->step.why);
		return;
	}

	job->phase = JOB_READ_BACK;
	job->read_from_ms = now_ms + JOB_SETTLE_MS;
	job->read_by_ms = job->read_from_ms + JOB_READ_BACK_MS;
	job->step.status_read = false;
}

void step_recover(struct job *job, uint64_t now_ms)
{
	job->step.asked = true;
	job->step.maybe = true;
	job->step.sent_ms = now_ms;
	/* It was sealed just now at the latest. */
	job->step.valid_until_ms = now_ms + VEHICLE_VALID_MS;
	say(job->step.why, "the bridge stopped before the car had answered");
	read_back(job, now_ms);
	job->read_from_ms = now_ms;
	job->read_by_ms = now_ms + JOB_RECOVER_MS;
}

/* It cannot go on: refused, unless an earlier sending of it is in doubt. */
void step_fails(struct job *job, uint64_t now_ms, const char *why)
{
	char doubt[CAR_WHY_SIZE];

	if (job->phase == JOB_READ_BACK) {
		say(doubt, "%.90s; nor could it be read back: %.80s",
			job->step.why, why);
		step_is(job, OUTCOME_UNKNOWN, doubt);
	} else if (job->step.maybe) {
		read_back(job, now_ms);
	} else {
		step_is(job, OUTCOME_REFUSED, why);
	}
}

/*
 * The first step is never sealed after start_by_ms, nor sealed anew, neither
 * by us nor by the engine.
 */
static uint64_t step_limit(const struct job *job)
{
	if (job->phase == JOB_READ_BACK)
		return job->read_by_ms;
	if (job->is_undo || job->n_done > 0)
		return job->limit_ms;

	return clock_earlier(job->limit_ms, job->spec.start_by_ms);
}

static bool submit(struct job *job, enum job_request request,
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
static bool submit_read(struct job *job, uint64_t now_ms,
	enum job_request request, enum command_id id, struct job_action *ret)
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

	return submit(
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

static bool is_guarded(const struct job *job)
{
	return job->spec.needs_parked && !job->is_undo &&
	       job->phase == JOB_READY;
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

/*
 * Link, wake, guard: what must be there before a command that needs the car
 * awake if @awake.  Returns true if an action is due first; false if not, or
 * if the step has ended, which job->phase tells.
 *
 * A drive state follows each wake even without a guard: it may be repeated
 * while the car boots, so that the first toggle goes to a car that answers.
 */
static bool prepare(struct job *job, uint64_t now_ms,
	const struct job_view *view, bool awake, struct job_action *ret)
{
	static const struct command status = {
		.id = COMMAND_BODY_CONTROLLER_STATE,
	};
	static const struct command wake = { .id = COMMAND_WAKE };
	struct job_step *step = &job->step;
	bool parked =
		!is_guarded(job) || car_state_is_parked(view->state, now_ms);
	/* Where a read of infotainment follows, a wrong guess costs nothing. */
	bool may_guess = !parked || job->phase == JOB_READ_BACK;
	enum car_sleep sleep = sleep_of(
		view, now_ms, may_guess ? JOB_AWAKE_MS : CAR_PARKED_MAX_AGE_MS);
	char why[CAR_WHY_SIZE];

	if (now_ms >= step_limit(job))
		return not_in_time(job, now_ms, view);
	if (view->locked_until_ms > now_ms) {
		char text[DURATION_TEXT_SIZE];

		duration_print(view->locked_until_ms - now_ms, text);
		say(why,
			"the car rejected signature after signature; "
			"nothing is sent to it for %s",
			text);
		step_fails(job, now_ms, why);
		return false;
	}
	if (!view->link_up) {
		ret->type = JOB_CONNECT;
		ret->until_ms = step_limit(job);
		return true;
	}
	job->reached = true;

	if (!awake && parked)
		return false;
	if (step->woken_ms == 0) {
		if (step->poke || (awake && sleep == CAR_SLEEP_ASLEEP))
			return submit(job, JOB_REQUEST_WAKE, &wake,
				now_ms + PROGRAM_COMMAND_MS, ret);
		if (sleep == CAR_SLEEP_UNKNOWN && !step->status_read)
			return submit(job, JOB_REQUEST_STATUS, &status,
				now_ms + JOB_STATUS_MS, ret);
	}
	if (!parked || (step->woken_ms != 0 && !step->warm))
		return submit_read(job, now_ms, JOB_REQUEST_DRIVE,
			COMMAND_STATE_DRIVE, ret);

	return false;
}

bool step_ask(struct job *job, struct job_action *ret)
{
	ret->type = JOB_ASK;
	ret->step = (struct car_step){
		.index = job->index,
		.is_undo = job->is_undo,
		.step = job_current(job),
	};
	return true;
}

static bool seal(struct job *job, uint64_t now_ms, const struct job_view *view,
	struct job_action *ret)
{
	uint64_t seal_by_ms = step_limit(job);

	/* Nor by a proof that the engine's own attempts have outlived. */
	if (is_guarded(job))
		seal_by_ms = clock_earlier(seal_by_ms,
			car_state_parked_until(view->state, now_ms));
	/* One budget for all steps, from the first one's sealing on. */
	if (!job->sealed && !job->is_undo) {
		job->sealed = true;
		job->limit_ms = now_ms + program_budget_ms(job->spec.steps);
	}
	if (job->step.sent_ms == 0)
		job->step.sent_ms = now_ms;

	(void)submit(job, JOB_REQUEST_STEP, &job_current(job)->command,
		now_ms + PROGRAM_COMMAND_MS, ret);
	ret->seal_by_ms = seal_by_ms;
	return true;
}

bool step_next(struct job *job, uint64_t now_ms, const struct job_view *view,
	struct job_action *ret)
{
	const struct command *command = &job_current(job)->command;
	const struct command_info *info = job_info(job);
	bool reads_first = (info->traits & COMMAND_READ_FIRST) != 0;
	enum effect effect = EFFECT_ABSENT;

	/* The whole program's need: better to fail before its first step. */
	if (prepare(job, now_ms, view, program_needs_awake(job_program(job)),
		    ret))
		return true;
	if (job->phase != JOB_READY)
		return false;

	if (reads_first && !job->step.looked)
		return submit_read(
			job, now_ms, JOB_REQUEST_LOOK, info->read_back, ret);
	if (reads_first)
		effect = command_effect(
			command, view->state, job->step.look_from_ms);
	if (effect == EFFECT_UNKNOWN) {
		/* A toggle might do the opposite: architecture 7. */
		step_fails(job, now_ms,
			"the car does not say whether that is done already");
		return false;
	}
	/* Asked even if nothing will be sent: rules and journal see it. */
	if (!job->step.asked)
		return step_ask(job, ret);
	if (effect == EFFECT_PRESENT) {
		step_is(job, OUTCOME_CONFIRMED, "");
		return false;
	}

	return seal(job, now_ms, view, ret);
}

bool step_next_read_back(struct job *job, uint64_t now_ms,
	const struct job_view *view, struct job_action *ret)
{
	enum command_id id = job_info(job)->read_back;

	if (now_ms < job->read_from_ms) {
		ret->type = JOB_WAIT;
		ret->until_ms = job->read_from_ms;
		return true;
	}
	if (prepare(job, now_ms, view,
		    command_info(id)->domain == DOMAIN_INFOTAINMENT, ret))
		return true;
	if (job->phase != JOB_READ_BACK)
		return false;

	return submit_read(job, now_ms, JOB_REQUEST_READ_BACK, id, ret);
}

/*
 * That an effect is there is seen at any time.  That it is not is proven only
 * once the car takes the command no more: a car may be slow, and whoever
 * relays the link could hold the command back, see it refunded, and then let
 * it through.
 */
static void on_read_back(struct job *job, const struct job_view *view)
{
	const struct command *command = &job_current(job)->command;
	uint64_t valid_until_ms = job->step.valid_until_ms;
	char why[CAR_WHY_SIZE];

	switch (command_effect(command, view->state, job->step.sent_ms)) {
	case EFFECT_UNKNOWN:
		step_is(job, OUTCOME_UNKNOWN, job->step.why);
		break;
	case EFFECT_ABSENT:
		if (command_effect(command, view->state, valid_until_ms) ==
				EFFECT_UNKNOWN &&
			job->read_from_ms < valid_until_ms) {
			job->read_from_ms = valid_until_ms;
			break;
		}
		say(why, "%.140s; the car shows no effect", job->step.why);
		step_is(job, OUTCOME_REFUSED, why);
		break;
	case EFFECT_PRESENT:
		step_is(job, OUTCOME_CONFIRMED, "");
		break;
	}
}

static void on_confirmed(struct job *job, uint64_t now_ms,
	const struct job_view *view, enum job_request request)
{
	struct job_step *step = &job->step;

	switch (request) {
	case JOB_REQUEST_NONE:
	case JOB_REQUEST_STATUS:
		break;
	case JOB_REQUEST_WAKE:
		step->woken_ms = now_ms;
		break;
	case JOB_REQUEST_DRIVE:
		if (!is_guarded(job) ||
			car_state_is_parked(view->state, now_ms))
			break;
		step_fails(job, now_ms,
			view->state->drive.gear == CAR_GEAR_UNKNOWN
				? "the car does not say that it is parked"
				: "the car is not parked");
		break;
	case JOB_REQUEST_LOOK:
		step->looked = true;
		break;
	case JOB_REQUEST_STEP:
		step_is(job, OUTCOME_CONFIRMED, "");
		break;
	case JOB_REQUEST_READ_BACK:
		on_read_back(job, view);
		break;
	}
}

/* Could a car asleep explain it, so that waking it is worth a try? */
static bool may_be_asleep(const struct job_step *step, enum job_request request,
	enum command_id id)
{
	if (step->poke || step->woken_ms != 0)
		return false;

	return request == JOB_REQUEST_STATUS ||
	       command_info(id)->domain == DOMAIN_INFOTAINMENT;
}

static void look_anew(struct job_step *step, uint64_t now_ms)
{
	step->looked = false;
	step->look_from_ms = now_ms;
}

/*
 * A request that had no effect failed.  Returns whether it is worth another
 * attempt, for which step_next() looks at the time: on a new link, or after a
 * wake.
 */
static bool is_worth_another(struct job *job, uint64_t now_ms,
	enum job_request request, const struct vehicle_event *event)
{
	struct job_step *step = &job->step;

	switch (event->reason) {
	case VEHICLE_LATE:
		/* What was known went stale; or it is too late for good. */
		look_anew(step, now_ms);
		return now_ms < step_limit(job);
	case VEHICLE_LINK_LOST:
		look_anew(step, now_ms);
		return true;
	case VEHICLE_SILENT:
		step->poke = may_be_asleep(step, request, event->command.id);
		return step->poke;
	case VEHICLE_FAULT:
		/* Among them 2 and 11: infotainment asleep, or booting. */
		step->poke = request != JOB_REQUEST_STEP &&
			     may_be_asleep(step, request, event->command.id);
		return step->poke;
	case VEHICLE_CANCELLED:
		return job->stop_why[0] != '\0';
	case VEHICLE_DONE:
	case VEHICLE_NOT_PAIRED:
	case VEHICLE_FORBIDDEN:
	case VEHICLE_NOT_PARKED:
	case VEHICLE_FAILED:
	case VEHICLE_AUTH_FAILED:
	case VEHICLE_KEY_CHANGED:
		break;
	}

	return false;
}

void job_on_answer(struct job *job, uint64_t now_ms,
	const struct job_view *view, const struct vehicle_event *event)
{
	const struct command_info *info = command_info(event->command.id);
	enum job_request request = job->request;
	struct job_step *step = &job->step;

	job->request = JOB_REQUEST_NONE;
	if (request == JOB_REQUEST_STATUS)
		step->status_read = true;
	if (event->outcome == OUTCOME_CONFIRMED) {
		if (info->domain == DOMAIN_INFOTAINMENT)
			step->warm = true;
		on_confirmed(job, now_ms, view, request);
		return;
	}

	if (request == JOB_REQUEST_STEP && event->outcome == OUTCOME_UNKNOWN) {
		step->maybe = true;
		step->valid_until_ms = event->valid_until_ms;
		say(step->why, "%s", event->why);
		/* The engine repeats within a link, this over a new one. */
		if (event->reason != VEHICLE_LINK_LOST ||
			(info->traits & COMMAND_IDEMPOTENT) == 0)
			read_back(job, now_ms);
		return;
	}

	if (!is_worth_another(job, now_ms, request, event))
		step_fails(job, now_ms,
			event->reason == VEHICLE_SILENT && step->woken_ms != 0
				? "the car did not wake up in time"
				: event->why);
}

void job_on_asked(struct job *job, uint64_t now_ms, int r, const char *why)
{
	char text[CAR_WHY_SIZE];

	if (r == 0) {
		job->step.asked = true;
		return;
	}
	if (r != CAR_E_REFUSED) {
		say(text, "the step could not be journalled: %s", strerror(-r));
		why = text;
	}

	step_fails(job, now_ms, why);
}
