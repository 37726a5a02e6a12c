/* SPDX-License-Identifier: MIT */

#include "car/core.h"

#include "util/clock.h"

static void look_over(struct car *car)
{
	car->look = LOOK_OVER;
	car_pump_later(car);
}

void look_stop(struct car *car)
{
	if (car->look == LOOK_NONE || car->look == LOOK_OVER)
		return;
	/* First: the answer of what is cancelled finds the look over. */
	look_over(car);
	if (car->flight == FLIGHT_LOOK)
		vehicle_cancel(car->vehicle, clock_boottime_ms());
}

bool look_run(struct car *car)
{
	static const struct {
		enum command_id id;
		uint64_t patience_ms;
	} questions[] = {
		[LOOK_VCSEC] = { COMMAND_SESSION_VCSEC, LOOK_SESSION_MS },
		[LOOK_STATUS] = { COMMAND_BODY_CONTROLLER_STATE,
			JOB_STATUS_MS },
		[LOOK_INFOTAINMENT] = { COMMAND_SESSION_INFOTAINMENT,
			LOOK_SESSION_MS },
	};
	uint64_t now_ms = clock_boottime_ms();

	if (car->look == LOOK_NONE || car->look == LOOK_OVER ||
		car->flight != FLIGHT_NONE)
		return false;
	if (!car->wire.is_up) {
		car->connect_ms = clock_earlier(car->connect_ms,
			wire_connect(&car->wire, now_ms, CLOCK_NEVER));
		/* It cannot even be tried. */
		if (!car->wire.is_open)
			look_over(car);
		return false;
	}

	if (car_ask(car, now_ms, FLIGHT_LOOK,
		    &(struct command){ .id = questions[car->look].id },
		    CLOCK_NEVER,
		    now_ms + questions[car->look].patience_ms) != 0)
		look_over(car);
	return true;
}

void look_on_answer(struct car *car, const struct vehicle_event *event)
{
	bool confirmed = event->outcome == OUTCOME_CONFIRMED;

	switch (car->look) {
	case LOOK_VCSEC:
		car->look_knows = confirmed;
		/* The status is told to anyone, but not by the deaf. */
		car->look = LOOK_STATUS;
		if (!car->is_answering)
			look_over(car);
		return;
	case LOOK_STATUS:
		car->look = LOOK_INFOTAINMENT;
		if (!confirmed || !car->look_knows ||
			vehicle_state(car->vehicle)->body.sleep !=
				CAR_SLEEP_AWAKE)
			look_over(car);
		return;
	case LOOK_INFOTAINMENT:
		look_over(car);
		return;
	case LOOK_NONE:
	case LOOK_OVER:
		return;
	}
}
