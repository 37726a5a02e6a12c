/* SPDX-License-Identifier: MIT */

#include "car/core.h"

#include <stdio.h>
#include <string.h>

#include "util/clock.h"

static void read_over(
	struct car *car, enum car_read_result result, const char *why)
{
	struct read *read = &car->read;

	read->phase = READ_OVER;
	read->result = result;
	(void)snprintf(read->why, sizeof(read->why), "%s", why);
	car_pump_later(car);
}

bool read_is_on(const struct car *car)
{
	return car->read.phase != READ_NONE && car->read.phase != READ_OVER;
}

void read_begin(struct car *car, enum command_id id, bool may_wake,
	struct report *report)
{
	const struct command_info *info = command_info(id);
	uint64_t now_ms = clock_boottime_ms();
	/* Infotainment that has just answered is awake. */
	bool is_warm = car->answered_ms != 0 &&
		       now_ms - car->answered_ms < JOB_AWAKE_MS;

	car->read = (struct read){
		.phase = info->domain == DOMAIN_INFOTAINMENT && !is_warm
				 ? READ_STATUS
				 : READ_PART,
		.id = id,
		.is_guess = is_warm,
		.may_wake = may_wake,
		.report = report,
	};
}

void read_stop(struct car *car, enum car_read_result result, const char *why)
{
	if (!read_is_on(car))
		return;
	/* First: the answer of what is cancelled finds the read over. */
	read_over(car, result, why);
	if (car->flight == FLIGHT_READ)
		vehicle_cancel(car->vehicle, clock_boottime_ms());
}

void read_on_down(struct car *car)
{
	char why[CAR_WHY_SIZE];

	(void)snprintf(why, sizeof(why), "the car was not reached: %.150s",
		wire_why(&car->wire));
	read_stop(car, CAR_READ_FAILED, why);
}

/* What is asked now, and how long the car may take for it. */
static enum command_id question(const struct read *read, uint64_t *ret_ms)
{
	switch (read->phase) {
	case READ_STATUS:
		*ret_ms = JOB_STATUS_MS;
		return COMMAND_BODY_CONTROLLER_STATE;
	case READ_WAKE:
		*ret_ms = PROGRAM_COMMAND_MS;
		return COMMAND_WAKE;
	case READ_NONE:
	case READ_PART:
	case READ_OVER:
		break;
	}

	/* A computer that boots is asked until it has. */
	*ret_ms = command_info(read->id)->domain == DOMAIN_VEHICLE_SECURITY
			  ? JOB_STATUS_MS
		  : read->is_woken ? CAR_WAKE_MS
		  : read->is_guess ? JOB_READ_MS
				   : PROGRAM_COMMAND_MS;
	return read->id;
}

bool read_run(struct car *car)
{
	uint64_t now_ms = clock_boottime_ms();
	struct command command = { 0 };
	uint64_t patience_ms;
	int r;

	if (!read_is_on(car) || car->flight != FLIGHT_NONE)
		return false;
	if (!car->wire.is_up) {
		car->connect_ms = clock_earlier(car->connect_ms,
			wire_connect(&car->wire, now_ms, CLOCK_NEVER));
		/* It cannot even be tried. */
		if (!car->wire.is_open)
			read_on_down(car);
		return false;
	}

	command.id = question(&car->read, &patience_ms);
	r = car_ask(car, now_ms, FLIGHT_READ, &command, CLOCK_NEVER,
		now_ms + patience_ms);
	if (r != 0)
		read_over(car, CAR_READ_FAILED,
			r == VEHICLE_E_LOCKED_OUT
				? "the car rejected signature after "
				  "signature; nothing is sent to it for "
				  "some minutes"
				: "nothing was sent to the car");
	return true;
}

/* VCSEC has said whether the rest of the car sleeps, or it dozes itself. */
static void on_status(struct car *car, const struct vehicle_event *event)
{
	struct read *read = &car->read;
	bool is_told = event->outcome == OUTCOME_CONFIRMED;
	enum car_sleep sleep = vehicle_state(car->vehicle)->body.sleep;

	if (is_told && sleep != CAR_SLEEP_ASLEEP)
		read->phase = READ_PART;
	else if (read->may_wake)
		read->phase = READ_WAKE;
	else if (is_told)
		read_over(car, CAR_READ_ASLEEP, "the car sleeps");
	else
		read_over(car, CAR_READ_FAILED, event->why);
}

static void on_part(struct car *car, const struct vehicle_event *event)
{
	struct read *read = &car->read;

	if (event->reason == VEHICLE_SILENT && read->is_guess) {
		read->is_guess = false;
		read->phase = READ_STATUS;
	} else if (event->outcome != OUTCOME_CONFIRMED) {
		/* A car that dozes deeply says nothing before it is woken. */
		if (event->reason == VEHICLE_SILENT && read->may_wake &&
			!read->is_woken)
			read->phase = READ_WAKE;
		else
			read_over(car, CAR_READ_FAILED, event->why);
	} else if (vehicle_report(car->vehicle, read->id, read->report)) {
		read_over(car, CAR_READ_DONE, "");
	} else {
		read_over(car, CAR_READ_FAILED,
			"the car's answer cannot be read");
	}
}

void read_on_answer(struct car *car, const struct vehicle_event *event)
{
	switch (car->read.phase) {
	case READ_STATUS:
		on_status(car, event);
		return;
	case READ_WAKE:
		car->read.is_woken = true;
		car->read.phase = READ_PART;
		if (event->outcome != OUTCOME_CONFIRMED)
			read_over(car, CAR_READ_FAILED, event->why);
		return;
	case READ_PART:
		on_part(car, event);
		return;
	case READ_NONE:
	case READ_OVER:
		return;
	}
}

void read_end(struct car *car)
{
	struct read read = car->read;
	const struct car_reading reading = {
		.id = read.id,
		.result = read.result,
		.why = read.why,
		.report = read.result == CAR_READ_DONE ? read.report : NULL,
	};

	/* Another may be begun from inside the callback. */
	car->read = (struct read){ .phase = READ_NONE };
	car->ops->read(car->userdata, &reading);
	free(read.report);
}
