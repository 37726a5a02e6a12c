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
	const struct conditions guards = step_guards(job);
	uint64_t seal_by_ms = step_limit(job);
	struct condition_judgement judgement;

	/* Nor by a proof that the engine's own attempts have outlived. */
	conditions_judge(&guards, view->state, now_ms, &judgement);
	seal_by_ms = clock_earlier(seal_by_ms, judgement.until_ms);
	/* One budget for all steps, from the first one's sealing on. */
	if (!job->sealed && !job->is_undo) {
		job->sealed = true;
		job->limit_ms =
			now_ms +
			(job->spec.budget_ms != 0
					? job->spec.budget_ms
					: program_budget_ms(job->spec.steps));
	}
	if (job->step.sent_ms == 0)
		job->step.sent_ms = now_ms;

	(void)step_submit(job, JOB_REQUEST_STEP, &job_current(job)->command,
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

	if (command->id == COMMAND_NONE) {
		step_fails(job, now_ms,
			"another version of the bridge wrote it, and this one "
			"does not know it");
		return false;
	}
	/* The whole program's need: better to fail before its first step. */
	if (step_prepare(job, now_ms, view,
		    program_needs_awake(job_program(job)), ret))
		return true;
	if (job->phase != JOB_READY)
		return false;

	if (reads_first && !job->step.looked)
		return step_read(
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
	if (step_prepare(job, now_ms, view,
		    command_info(id)->domain == DOMAIN_INFOTAINMENT, ret))
		return true;
	if (job->phase != JOB_READ_BACK)
		return false;

	return step_read(job, now_ms, JOB_REQUEST_READ_BACK, id, ret);
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
			EFFECT_ABSENT) {
			say(why, "%.140s; the car shows no effect",
				job->step.why);
			step_is(job, OUTCOME_REFUSED, why);
		} else if (job->read_from_ms < valid_until_ms) {
			job->read_from_ms = valid_until_ms;
		} else {
			/* It was asked once more, and told nothing newer. */
			step_is(job, OUTCOME_UNKNOWN, job->step.why);
		}
		break;
	case EFFECT_PRESENT:
		step_is(job, OUTCOME_CONFIRMED, "");
		break;
	}
}

static void on_confirmed(struct job *job, uint64_t now_ms,
	const struct job_view *view, enum job_request request,
	enum command_id id)
{
	struct job_step *step = &job->step;

	switch (request) {
	case JOB_REQUEST_NONE:
		break;
	case JOB_REQUEST_WAKE:
		step->woken_ms = now_ms;
		break;
	case JOB_REQUEST_STATUS:
	case JOB_REQUEST_GUARD:
		step_check_guards(job, now_ms, view, id);
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
		on_confirmed(job, now_ms, view, request, event->command.id);
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

	job->is_final = true;
	step_fails(job, now_ms, why);
}
