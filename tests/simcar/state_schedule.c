/* SPDX-License-Identifier: MIT */

#include <string.h>

#include "state.h"
#include "tell.h"

static void fill_charge(CarServer__ChargeSchedule *to,
	const struct schedule *schedule, char *name)
{
	car_server__charge_schedule__init(to);
	to->id = schedule->id;
	to->name = name;
	to->days_of_week = schedule->days;
	to->start_enabled = schedule->start_enabled;
	to->start_time = schedule->start;
	to->end_enabled = schedule->end_enabled;
	to->end_time = schedule->end;
	to->one_time = schedule->one_time;
	to->enabled = schedule->enabled;
	to->latitude = schedule->latitude;
	to->longitude = schedule->longitude;
}

static void fill_precondition(CarServer__PreconditionSchedule *to,
	const struct schedule *schedule, char *name)
{
	car_server__precondition_schedule__init(to);
	to->id = schedule->id;
	to->name = name;
	to->days_of_week = schedule->days;
	to->precondition_time = schedule->start;
	to->one_time = schedule->one_time;
	to->enabled = schedule->enabled;
	to->latitude = schedule->latitude;
	to->longitude = schedule->longitude;
}

/* Is one of them due some time? */
static bool is_any_enabled(const struct schedules *schedules)
{
	for (size_t i = 0; i < schedules->n; i++)
		if (schedules->list[i].enabled)
			return true;

	return false;
}

void charge_schedule_state_tell(
	struct charge_schedule_state *ret, const struct world *world)
{
	const struct schedules *from = &world->schedules[SCHEDULE_CHARGE];

	car_server__charge_schedule_state__init(&ret->state);
	for (size_t i = 0; i < from->n; i++) {
		memcpy(ret->names[i], from->list[i].name, SCHEDULE_NAME_SIZE);
		fill_charge(&ret->list[i], &from->list[i], ret->names[i]);
		ret->pointers[i] = &ret->list[i];
	}
	ret->state.n_charge_schedules = from->n;
	ret->state.charge_schedules = ret->pointers;
	tell(&ret->state.base,
		(const struct fact[]){
			{ "max_num_charge_schedules", SCHEDULES_MAX },
			{ "next_schedule", is_any_enabled(from) },
			{ "show_schedule_complete_state", 0 },
			{ NULL, 0 },
		});
}

void precondition_schedule_state_tell(
	struct precondition_schedule_state *ret, const struct world *world)
{
	const struct schedules *from = &world->schedules[SCHEDULE_PRECONDITION];

	car_server__preconditioning_schedule_state__init(&ret->state);
	for (size_t i = 0; i < from->n; i++) {
		memcpy(ret->names[i], from->list[i].name, SCHEDULE_NAME_SIZE);
		fill_precondition(&ret->list[i], &from->list[i], ret->names[i]);
		ret->pointers[i] = &ret->list[i];
	}
	ret->state.n_precondition_schedules = from->n;
	ret->state.precondition_schedules = ret->pointers;
	tell(&ret->state.base,
		(const struct fact[]){
			{ "max_num_precondition_schedules", SCHEDULES_MAX },
			{ "next_schedule", is_any_enabled(from) },
			{ NULL, 0 },
		});
}
