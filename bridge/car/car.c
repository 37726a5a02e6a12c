/* SPDX-License-Identifier: MIT */

#include "car/car.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "car/job.h"
#include "car/wire.h"
#include "link/link.h"
#include "util/clock.h"
#include "util/point.h"
#include "vehicle/vehicle.h"

struct car {
	struct vehicle *vehicle;
	struct wire wire;
	const struct car_ops *ops;
	void *userdata;

	sd_event_source *timer;
	uint64_t armed_ms; /* what the timer is set to; CLOCK_NEVER: off */
	sd_event_source *defer;

	uint64_t idle_ms; /* when the link is given up; CLOCK_NEVER */

	bool has_job;
	bool over; /* done() is due */
	struct job job;
	uint64_t job_until_ms;
	uint64_t connect_ms;
	enum domain step_domain; /* of the step in flight; 0: none */
	bool step_given;
	uint64_t answered_ms; /* infotainment's last answer */

	bool changed; /* changed() is due */
	char problem[CAR_WHY_SIZE];
};

static int random_bytes(void *userdata, uint8_t *ret, size_t len)
{
	ssize_t n;

	(void)userdata;

	/* Up to 256 bytes come whole or not at all: getrandom(2). */
	n = getrandom(ret, len, 0);
	if (n < 0)
		return -errno;

	return (size_t)n == len ? 0 : -EIO;
}

/* Switching a defer source on touches memory only: it cannot fail. */
static void run_later(struct car *car)
{
	(void)sd_event_source_set_enabled(car->defer, SD_EVENT_ONESHOT);
}

static void set_changed(struct car *car)
{
	car->changed = true;
	run_later(car);
}

static void set_problem(struct car *car, const char *what, const char *why)
{
	(void)snprintf(
		car->problem, sizeof(car->problem), "%s%.160s", what, why);
	set_changed(car);
}

static struct job_view view_of(const struct car *car)
{
	return (struct job_view){
		.link_up = car->wire.is_up,
		.link_why = car->wire.why,
		.state = vehicle_state(car->vehicle),
		.answered_ms = car->answered_ms,
		.locked_until_ms = vehicle_locked_until(car->vehicle),
	};
}

/* The link */

static void link_lost(
	struct car *car, uint64_t now_ms, const char *why, bool issued)
{
	bool was_up = car->wire.is_up;

	/* A link that ends before the car said a word is a problem with it. */
	if (car->has_job && !car->wire.is_heard)
		set_problem(car, "the car was not reached: ", why);
	wire_down(&car->wire, now_ms, why);
	car->step_given = false;
	car->idle_ms = CLOCK_NEVER;
	if (was_up)
		vehicle_link_down(car->vehicle, now_ms, issued);
	set_changed(car);
}

static void send_frame(struct car *car, const uint8_t *frame, size_t len)
{
	if (!wire_send(&car->wire, frame, len)) {
		/* Down, or as good as: nobody has heard the frame. */
		link_close(car->wire.link);
		link_lost(car, clock_boottime_ms(),
			link_reason_text(LINK_IO_ERROR), false);
	} else if (car->step_domain != 0 &&
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

/* The engine and the job */

static void on_answer(struct car *car, const struct vehicle_event *event)
{
	uint64_t now_ms = clock_boottime_ms();
	struct job_view view;

	if (event->outcome == OUTCOME_CONFIRMED) {
		if (command_info(event->command.id)->domain ==
			DOMAIN_INFOTAINMENT)
			car->answered_ms = now_ms;
		/* Its session may not have outlived its sleep: architecture 7 */
		if (event->command.id == COMMAND_WAKE)
			vehicle_forget(car->vehicle, DOMAIN_INFOTAINMENT);
		if (car->problem[0] != '\0')
			set_problem(car, "", "");
	} else if (event->reason != VEHICLE_CANCELLED) {
		set_problem(car, "", event->why);
	}

	if (car->step_domain != 0)
		point("step-answered");
	car->step_domain = 0;
	car->step_given = false;
	if (car->has_job) {
		view = view_of(car);
		job_on_answer(&car->job, now_ms, &view, event);
	}
}

static void submit(
	struct car *car, uint64_t now_ms, const struct job_action *action)
{
	struct vehicle_event event = {
		.type = VEHICLE_EVENT_ANSWER,
		.command = action->command,
		.outcome = OUTCOME_REFUSED,
		.reason = VEHICLE_FAULT,
	};
	int r;

	r = vehicle_submit(car->vehicle, now_ms, &action->command,
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
	on_answer(car, &event);
}

static void ask(struct car *car, const struct car_step *step)
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
	struct job_view view = view_of(car);
	struct job_action action;

	car->job_until_ms = car->connect_ms = CLOCK_NEVER;
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
		return true;
	case JOB_ASK:
		ask(car, &action.step);
		return true;
	case JOB_TELL:
		car->ops->after_step(car->userdata, &action.step,
			action.outcome, action.why);
		return true;
	case JOB_DONE:
		break;
	}

	car->over = true;
	run_later(car);
	return false;
}

static void set_timer(struct car *car)
{
	uint64_t at_ms = vehicle_deadline(car->vehicle);

	at_ms = clock_earlier(at_ms, car->job_until_ms);
	at_ms = clock_earlier(at_ms, car->connect_ms);
	at_ms = clock_earlier(at_ms, car->idle_ms);
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
 * to say is heard, and the job goes on, until all three have nothing more.  A
 * frame that the link has no room for waits in the engine, which so knows
 * that nobody has heard it.
 */
static void pump(struct car *car)
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
			else
				set_changed(car);
	} while (run_job(car));

	set_timer(car);
}

static void on_link(void *userdata, const struct link_event *event)
{
	struct car *car = userdata;
	uint64_t now_ms = clock_boottime_ms();

	switch (event->type) {
	case LINK_HEARD:
		return;
	case LINK_UP:
		car->wire.is_up = true;
		vehicle_link_up(car->vehicle, now_ms);
		set_changed(car);
		break;
	case LINK_SENT:
		on_sent(car);
		break;
	case LINK_BYTES:
		car->wire.is_heard = true;
		vehicle_bytes(car->vehicle, now_ms, event->data, event->len);
		break;
	case LINK_DOWN:
		link_lost(car, now_ms, link_reason_text(event->reason),
			event->issued);
		break;
	}
	pump(car);
}

static void close_idle(struct car *car, uint64_t now_ms)
{
	link_close(car->wire.link);
	link_lost(car, now_ms, link_reason_text(LINK_CLOSED_BY_US), true);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct car *car = userdata;
	uint64_t now_ms = clock_boottime_ms();

	(void)source;
	(void)usec;

	car->armed_ms = CLOCK_NEVER;
	if (now_ms >= vehicle_deadline(car->vehicle))
		vehicle_tick(car->vehicle, now_ms);
	if (now_ms >= car->idle_ms)
		close_idle(car, now_ms);
	pump(car);

	return 0;
}

static void end_job(struct car *car)
{
	struct car_result result = car->job.result;
	uint64_t now_ms = clock_boottime_ms();

	car->has_job = car->over = false;
	if (car->wire.is_up)
		car->idle_ms = now_ms + CAR_LINK_IDLE_MS;
	else if (car->wire.is_open)
		close_idle(car, now_ms);
	car->ops->done(car->userdata, &result);
}

static int on_defer(sd_event_source *source, void *userdata)
{
	struct car *car = userdata;

	(void)source;

	if (car->changed) {
		car->changed = false;
		car->ops->changed(car->userdata);
	}
	if (car->over)
		end_job(car);
	pump(car);

	return 0;
}

/* The owner */

static int add_sources(struct car *car, sd_event *event)
{
	int r;

	/* Without the 1 ms, sd-event would take 250 to save wake-ups. */
	r = sd_event_add_time(
		event, &car->timer, CLOCK_BOOTTIME, 0, 1000, on_timer, car);
	if (r < 0)
		return r;
	r = sd_event_source_set_enabled(car->timer, SD_EVENT_OFF);
	if (r < 0)
		return r;
	r = sd_event_add_defer(event, &car->defer, on_defer, car);
	if (r < 0)
		return r;

	return sd_event_source_set_enabled(car->defer, SD_EVENT_OFF);
}

int car_new(sd_event *event, const struct car_config *config,
	const struct car_ops *ops, void *userdata, struct car **ret)
{
	_cleanup_(car_freep) struct car *car = NULL;
	int r;

	car = calloc(1, sizeof(*car));
	if (car == NULL)
		return -ENOMEM;

	car->ops = ops;
	car->userdata = userdata;
	car->armed_ms = car->idle_ms = CLOCK_NEVER;
	car->job_until_ms = car->connect_ms = CLOCK_NEVER;

	r = vehicle_new(
		config->vin, config->signer, random_bytes, NULL, &car->vehicle);
	if (r != 0)
		return r;
	r = add_sources(car, event);
	if (r < 0)
		return r;

	wire_init(&car->wire, config->link);
	link_set_handler(config->link, on_link, car);
	*ret = steal_ptr(&car);
	return 0;
}

struct car *car_free(struct car *car)
{
	if (car == NULL)
		return NULL;

	sd_event_source_disable_unref(car->timer);
	sd_event_source_disable_unref(car->defer);
	link_free(car->wire.link);
	vehicle_free(car->vehicle);
	free(car);
	return NULL;
}

int car_begin(struct car *car, const struct car_job *job)
{
	if (car->has_job)
		return CAR_E_BUSY;

	job_init(&car->job, job, clock_boottime_ms());
	car->has_job = true;
	car->idle_ms = CLOCK_NEVER;
	wire_hurry(&car->wire);
	pump(car);

	return 0;
}

void car_stop(struct car *car, const char *why)
{
	if (!car->has_job)
		return;

	if (job_stop(&car->job, why))
		vehicle_cancel(car->vehicle, clock_boottime_ms());
	run_later(car);
}

bool car_is_ready(const struct car *car, const struct car_job *job)
{
	struct job_view view = view_of(car);
	struct job_action action;
	struct job probe;
	uint64_t now_ms = clock_boottime_ms();

	if (car->has_job || car->wire.is_sending || job->kind != CAR_JOB_RUN)
		return false;

	/* What car_begin() would do first, on a copy. */
	job_init(&probe, job, now_ms);
	job_next(&probe, now_ms, &view, &action);

	return action.type == JOB_ASK &&
	       vehicle_has_session(car->vehicle, DOMAIN_VEHICLE_SECURITY) &&
	       vehicle_has_session(car->vehicle,
		       command_info(action.step.step->command.id)->domain);
}

bool car_is_busy(const struct car *car)
{
	return car->has_job;
}

bool car_is_connected(const struct car *car)
{
	return car->wire.is_up;
}

bool car_has_session(const struct car *car, enum domain domain)
{
	return vehicle_has_session(car->vehicle, domain);
}

const struct car_state *car_state(const struct car *car)
{
	return vehicle_state(car->vehicle);
}

const char *car_problem(const struct car *car)
{
	return car->problem;
}

void car_get_info(const struct car *car, struct car_info *ret)
{
	*ret = (struct car_info){ .trouble = "" };
	link_get_info(car->wire.link, &ret->link);
}
