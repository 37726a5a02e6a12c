/* SPDX-License-Identifier: MIT */

#include "car/core.h"

#include <stdio.h>
#include <string.h>

#include "util/clock.h"
#include "util/point.h"

/* Switching a defer source on touches memory only: it cannot fail. */
void car_pump_later(struct car *car)
{
	(void)sd_event_source_set_enabled(car->defer, SD_EVENT_ONESHOT);
}

void car_set_changed(struct car *car)
{
	car->changed = true;
	car_pump_later(car);
}

static void set_problem(
	struct car *car, const char *trouble, const char *why, bool of_link)
{
	car->trouble = trouble;
	car->problem_of_link = of_link;
	(void)snprintf(car->problem, sizeof(car->problem), "%.160s", why);
	car_set_changed(car);
}

struct job_view car_view(const struct car *car)
{
	return (struct job_view){
		.link_up = car->wire.is_up,
		.link_why = wire_why(&car->wire),
		.state = vehicle_state(car->vehicle),
		.answered_ms = car->answered_ms,
		.locked_until_ms = vehicle_locked_until(car->vehicle),
	};
}

/* The link */

static void link_lost(struct car *car, enum link_reason reason, bool issued)
{
	uint64_t now_ms = clock_boottime_ms();
	bool was_up = car->wire.is_up;

	/* A link that ends before the car said a word is a problem with it. */
	if (!car->wire.is_heard && reason != LINK_CLOSED_BY_US)
		set_problem(car, link_reason_name(reason),
			link_reason_text(reason), true);
	hold_on_down(&car->hold, now_ms,
		car->wire.is_heard && reason != LINK_CLOSED_BY_US);
	wire_down(&car->wire, now_ms, reason);
	car->step_given = false;
	car->n_silent = 0;
	if (was_up)
		vehicle_link_down(car->vehicle, now_ms, issued);
	look_stop(car);
	read_on_down(car);
	car_set_changed(car);
}

void car_close_link(struct car *car)
{
	if (!car->wire.is_open)
		return;
	link_close(car->wire.link);
	link_lost(car, LINK_CLOSED_BY_US, true);
}

void car_hold_idle(struct car *car)
{
	if (car->wire.is_up)
		hold_on_idle(&car->hold, clock_boottime_ms());
	else if (car->hold.mode == LINK_HOLD_ON_DEMAND)
		car_close_link(car);
}

static void send_frame(struct car *car, const uint8_t *frame, size_t len)
{
	if (!wire_send(&car->wire, frame, len)) {
		/* Down, or as good as: nobody has heard the frame. */
		link_close(car->wire.link);
		link_lost(car, LINK_IO_ERROR, false);
		return;
	}

	hold_on_sent(&car->hold, clock_boottime_ms());
	if (car->step_domain != 0 &&
		vehicle_has_session(car->vehicle, car->step_domain)) {
		/* Without a session it is a handshake that went out. */
		car->step_given = true;
		point("step-sealed");
	}
}

static void on_sent(struct car *car)
{
	wire_sent(&car->wire);
	if (car->step_given)
		point("step-sent");
	car->step_given = false;
}

/* The engine */

int car_ask(struct car *car, uint64_t now_ms, enum flight flight,
	const struct command *command, uint64_t seal_by_ms, uint64_t until_ms)
{
	int r;

	r = vehicle_submit(car->vehicle, now_ms, command, seal_by_ms, until_ms);
	if (r == 0) {
		car->flight = flight;
		car->is_answering = false;
	}

	return r;
}

void car_stop_holding(struct car *car)
{
	if (car->flight == FLIGHT_HOLD)
		vehicle_cancel(car->vehicle, clock_boottime_ms());
}

/* The name of what stands in the way, as @event tells it. */
static const char *trouble_of(
	const struct car *car, const struct vehicle_event *event)
{
	switch (event->reason) {
	case VEHICLE_SILENT:
		return car->is_answering ? "" : "car-silent";
	case VEHICLE_LINK_LOST:
		return link_reason_name(car->wire.reason);
	case VEHICLE_NOT_PAIRED:
		/* A key that one computer knows is on its way to the other. */
		return command_info(event->command.id)->domain ==
					       DOMAIN_INFOTAINMENT &&
				       vehicle_has_session(car->vehicle,
					       DOMAIN_VEHICLE_SECURITY)
			       ? "half-enrolled"
			       : "key-not-enrolled";
	case VEHICLE_FORBIDDEN:
		return "not-permitted";
	case VEHICLE_DONE:
	case VEHICLE_NOT_PARKED:
	case VEHICLE_FAULT:
	case VEHICLE_FAILED:
	case VEHICLE_CANCELLED:
	case VEHICLE_AUTH_FAILED:
	case VEHICLE_KEY_CHANGED:
	case VEHICLE_LATE:
		break;
	}

	return "";
}

static void note_confirmed(struct car *car, const struct command *command)
{
	const struct command_info *info = command_info(command->id);
	bool is_told_to_anyone = (info->traits & COMMAND_UNSIGNED) != 0 &&
				 (info->traits & COMMAND_SHAKES) == 0;

	/* Its session may not have outlived its sleep: architecture 7 */
	if (command->id == COMMAND_WAKE)
		vehicle_forget(car->vehicle, DOMAIN_INFOTAINMENT);
	if (info->domain == DOMAIN_INFOTAINMENT)
		car->answered_ms = clock_boottime_ms();
	if (car->problem[0] != '\0' &&
		(car->problem_of_link || !is_told_to_anyone))
		set_problem(car, "", "", false);
}

/*
 * A link may be up and dead, as where the car's controller has forgotten it;
 * under a steady stream of requests nothing else would notice.
 */
static void note_silence(struct car *car)
{
	if (!car->is_answering && ++car->n_silent >= CAR_SILENT_MAX)
		car_close_link(car);
}

static void on_answer(struct car *car, const struct vehicle_event *event)
{
	enum flight flight = car->flight;
	struct job_view view;

	car->flight = FLIGHT_NONE;
	if (event->outcome == OUTCOME_CONFIRMED)
		note_confirmed(car, &event->command);
	else if (event->reason != VEHICLE_CANCELLED)
		set_problem(car, trouble_of(car, event), event->why,
			event->reason == VEHICLE_SILENT ||
				event->reason == VEHICLE_LINK_LOST);

	if (car->step_domain != 0)
		point("step-answered");
	car->step_domain = 0;
	car->step_given = false;
	if (flight == FLIGHT_LOOK)
		look_on_answer(car, event);
	if (flight == FLIGHT_READ)
		read_on_answer(car, event);
	if (event->reason == VEHICLE_SILENT)
		note_silence(car);
	if (flight == FLIGHT_JOB && car->has_job) {
		view = car_view(car);
		job_on_answer(&car->job, clock_boottime_ms(), &view, event);
	}
}

/* The job */

static void submit(
	struct car *car, uint64_t now_ms, const struct job_action *action)
{
	struct vehicle_event event = {
		.type = VEHICLE_EVENT_ANSWER,
		.command = { .id = action->command.id },
		.outcome = OUTCOME_REFUSED,
		.reason = VEHICLE_FAULT,
	};
	int r;

	r = car_ask(car, now_ms, FLIGHT_JOB, &action->command,
		action->seal_by_ms, action->until_ms);
	if (r == 0) {
		if (action->is_step)
			car->step_domain =
				command_info(action->command.id)->domain;
		return;
	}

	(void)snprintf(event.why, sizeof(event.why),
		"nothing was sent to the car: %s",
		r < 0                       ? strerror(-r)
		: r == VEHICLE_E_LOCKED_OUT ? "it rejected our signatures"
		: r == VEHICLE_E_DOWN       ? "there is no link"
					    : "a request is in flight");
	car->flight = FLIGHT_JOB;
	on_answer(car, &event);
}

static void ask_owner(struct car *car, const struct car_step *step)
{
	char why[CAR_WHY_SIZE] = "";
	int r;

	r = car->ops->before_step(
		car->userdata, step, vehicle_state(car->vehicle), why);
	/* It may have synced a file: what is fresh is judged anew. */
	job_on_asked(&car->job, clock_boottime_ms(), r, why);
}

/* Does the job's next action.  Returns whether there may be another. */
static bool run_job(struct car *car)
{
	uint64_t now_ms = clock_boottime_ms();
	struct job_view view = car_view(car);
	struct job_action action;

	if (!car->has_job || car->over)
		return false;

	job_next(&car->job, now_ms, &view, &action);
	switch (action.type) {
	case JOB_WAIT:
		car->job_until_ms = action.until_ms;
		return false;
	case JOB_CONNECT:
		car->job_until_ms = action.until_ms;
		car->connect_ms =
			wire_connect(&car->wire, now_ms, action.until_ms);
		return false;
	case JOB_SUBMIT:
		submit(car, now_ms, &action);
		secret_wipe(&action.command.pin, sizeof(action.command.pin));
		return true;
	case JOB_ASK:
		ask_owner(car, &action.step);
		return true;
	case JOB_TELL:
		car->ops->after_step(car->userdata, &action.step,
			action.outcome, action.why);
		return true;
	case JOB_DONE:
		break;
	}

	car->over = true;
	car_pump_later(car);
	return false;
}

/* Holding */

static bool run_hold(struct car *car)
{
	static const struct command status = {
		.id = COMMAND_BODY_CONTROLLER_STATE,
	};
	uint64_t now_ms = clock_boottime_ms();

	if (car_is_busy(car) || car->is_lent || car->flight != FLIGHT_NONE)
		return false;
	if (!car->wire.is_up) {
		if (now_ms >= car->hold.look_ms)
			car->connect_ms =
				wire_connect(&car->wire, now_ms, CLOCK_NEVER);
		return false;
	}
	if (hold_is_over(&car->hold, now_ms, vehicle_state(car->vehicle),
		    car->answered_ms)) {
		car_close_link(car);
		return true;
	}
	if (now_ms < car->hold.keep_ms)
		return false;

	hold_on_sent(&car->hold, now_ms);
	return car_ask(car, now_ms, FLIGHT_HOLD, &status, CLOCK_NEVER,
		       now_ms + JOB_STATUS_MS) == 0;
}

/* Time */

static uint64_t next_ms(const struct car *car)
{
	uint64_t at_ms = vehicle_deadline(car->vehicle);
	uint64_t hold_ms = hold_deadline(&car->hold, car->wire.is_up);

	at_ms = clock_earlier(at_ms, car->job_until_ms);
	at_ms = clock_earlier(at_ms, car->connect_ms);
	/* An attempt under way ends in an event, work in itself. */
	if (!car_is_busy(car) && !car->is_lent && car->flight == FLIGHT_NONE &&
		car->connect_ms == CLOCK_NEVER &&
		(car->wire.is_up || !car->wire.is_open))
		at_ms = clock_earlier(at_ms, hold_ms);

	return at_ms;
}

static void set_timer(struct car *car)
{
	uint64_t at_ms = next_ms(car);

	if (at_ms > UINT64_MAX / 1000)
		at_ms = CLOCK_NEVER;
	if (at_ms == car->armed_ms)
		return;

	/* Fails only where the timerfd, made at the start, does. */
	car->armed_ms = at_ms;
	if (at_ms != CLOCK_NEVER)
		(void)sd_event_source_set_time(car->timer, at_ms * 1000);
	(void)sd_event_source_set_enabled(car->timer,
		at_ms == CLOCK_NEVER ? SD_EVENT_OFF : SD_EVENT_ONESHOT);
}

/*
 * After whatever happened: what the engine wants to send goes out, what it has
 * to say is heard, and the work goes on, until all have nothing more.  A frame
 * that the link has no room for waits in the engine, which so knows that
 * nobody has heard it.
 */
void car_pump(struct car *car)
{
	struct vehicle_event event;
	const uint8_t *frame;
	size_t len;

	do {
		while (wire_is_free(&car->wire) &&
			vehicle_take_output(car->vehicle, &frame, &len))
			send_frame(car, frame, len);
		while (vehicle_take_event(car->vehicle, &event))
			if (event.type == VEHICLE_EVENT_ANSWER)
				on_answer(car, &event);
			else if (event.type == VEHICLE_EVENT_AUTHENTICATED)
				entry_on_event(car, &event);
			else
				car_set_changed(car);
		entry_follow(car);
		car->job_until_ms = car->connect_ms = CLOCK_NEVER;
	} while (run_job(car) || look_run(car) || read_run(car) ||
		 run_hold(car));

	set_timer(car);
}

int car_on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct car *car = userdata;
	uint64_t now_ms = clock_boottime_ms();

	(void)source;
	(void)usec;

	car->armed_ms = CLOCK_NEVER;
	if (now_ms >= vehicle_deadline(car->vehicle))
		vehicle_tick(car->vehicle, now_ms);
	car_pump(car);

	return 0;
}

/* Events */

void car_on_link(void *userdata, const struct link_event *event)
{
	struct car *car = userdata;
	uint64_t now_ms = clock_boottime_ms();

	switch (event->type) {
	case LINK_HEARD:
		return;
	case LINK_UP:
		car->wire.is_up = true;
		hold_on_up(&car->hold, now_ms);
		vehicle_link_up(car->vehicle, now_ms);
		car_set_changed(car);
		break;
	case LINK_SENT:
		on_sent(car);
		break;
	case LINK_BYTES:
		car->wire.is_heard = car->is_answering = true;
		car->n_silent = 0;
		vehicle_bytes(car->vehicle, now_ms, event->data, event->len);
		break;
	case LINK_DOWN:
		link_lost(car, event->reason, event->issued);
		break;
	}
	car_pump(car);
}

static void end_job(struct car *car)
{
	struct car_result result = car->job.result;

	car->has_job = car->over = false;
	car_hold_idle(car);
	car->ops->done(car->userdata, &result);
}

static void end_look(struct car *car)
{
	car->look = LOOK_NONE;
	if (!car->has_job)
		car_hold_idle(car);
	car->ops->looked(car->userdata);
}

static void end_read(struct car *car)
{
	if (!car->has_job)
		car_hold_idle(car);
	read_end(car);
}

int car_on_defer(sd_event_source *source, void *userdata)
{
	struct car *car = userdata;

	(void)source;

	if (car->changed) {
		car->changed = false;
		car->ops->changed(car->userdata);
	}
	entry_tell(car);
	if (car->look == LOOK_OVER)
		end_look(car);
	if (car->read.phase == READ_OVER)
		end_read(car);
	if (car->over)
		end_job(car);
	car_pump(car);

	return 0;
}
