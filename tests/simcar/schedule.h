/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Schedules - when the car charges, and when it is warm, by weekday and place
 *
 * Spec: vehicle-protocol 7.1 and appendix A, ChargeSchedule and
 * PreconditionSchedule.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum schedule_kind {
	SCHEDULE_CHARGE,
	SCHEDULE_PRECONDITION,
	_SCHEDULE_N,
};

enum {
	/* So many, with names, fit into one answer. */
	SCHEDULES_MAX = 10,
	SCHEDULE_NAME_SIZE = 32,
	SCHEDULE_DAYS_ALL = 0x7f, /* Sunday is bit 0 */

	SCHEDULE_PLACE_HOME = 1,
	SCHEDULE_PLACE_WORK = 2,
	SCHEDULE_PLACE_OTHER = 4,
};

struct schedule {
	uint64_t id;
	char name[SCHEDULE_NAME_SIZE];
	int32_t days;
	/* Minutes after midnight; to precondition has a start only. */
	bool start_enabled;
	int32_t start;
	bool end_enabled;
	int32_t end;
	bool one_time;
	bool enabled;
	float latitude;
	float longitude;
};

struct schedules {
	size_t n;
	struct schedule list[SCHEDULES_MAX];
};

/* NULL if the car would take @schedule, else why not. */
const char *schedule_judge(
	const struct schedule *schedule, enum schedule_kind kind);

/*
 * Adds @schedule, or puts it in the place of the one with its id.  Returns
 * false if there is no room.  *@ret_changed: it is not as it was.
 */
bool schedules_add(struct schedules *schedules, const struct schedule *schedule,
	bool *ret_changed);

/* Returns false if there is none with @id. */
bool schedules_remove(struct schedules *schedules, uint64_t id);

/* Removes those at @places, a mask.  Returns how many. */
size_t schedules_clear(struct schedules *schedules, unsigned int places);

/* Which place of the car's owner that is. */
unsigned int schedule_place(float latitude, float longitude);

/* Are both within a walk of each other? */
bool place_is_near(float latitude, float longitude, float other_latitude,
	float other_longitude);

/* Where the owner lives, and where the car stands at first. */
#define HOME_LATITUDE 52.5170f
#define HOME_LONGITUDE 13.3889f
#define WORK_LATITUDE 52.5096f
#define WORK_LONGITUDE 13.3759f
