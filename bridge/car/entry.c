/* SPDX-License-Identifier: MIT */

#include "car/core.h"

#include "util/clock.h"

void car_set_passive_entry(struct car *car, uint64_t until_ms)
{
	vehicle_set_passive_entry(car->vehicle, clock_boottime_ms(), until_ms);
	/* What follows from it calls back, which is the loop's to do. */
	car_pump_later(car);
}

uint64_t car_passive_entry(const struct car *car)
{
	return vehicle_passive_entry(car->vehicle);
}

/* It also ends by time, and by a lockout: the engine says what is so. */
void entry_follow(struct car *car)
{
	bool is_on = vehicle_passive_entry(car->vehicle) != 0;

	if (is_on == car->has_entry)
		return;

	car->has_entry = is_on;
	hold_init(&car->hold, is_on ? LINK_HOLD_ALWAYS : car->link_hold);
	if (is_on)
		wire_hurry(&car->wire);
	if (car->wire.is_up)
		hold_on_up(&car->hold, clock_boottime_ms());
	if (!car_is_busy(car))
		car_hold_idle(car);
	car_set_changed(car);
}

void entry_on_event(struct car *car, const struct vehicle_event *event)
{
	car->told = *event;
	car->has_told = true;
	car_pump_later(car);
}

void entry_tell(struct car *car)
{
	if (!car->has_told)
		return;
	car->has_told = false;
	car->ops->authenticated(car->userdata, car->told.level,
		car->told.outcome, car->told.why);
}
