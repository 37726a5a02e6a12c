/* SPDX-License-Identifier: MIT */

#include "schedule.h"

#include <math.h>
#include <string.h>

enum {
	MINUTES_A_DAY = 24 * 60,
};

/* About 200 m, on the meridian. */
#define NEAR_DEGREES 0.002f

bool place_is_near(float latitude, float longitude, float other_latitude,
	float other_longitude)
{
	/* Written so that a NaN is nowhere. */
	return fabsf(latitude - other_latitude) <= NEAR_DEGREES &&
	       fabsf(longitude - other_longitude) <= NEAR_DEGREES;
}

unsigned int schedule_place(float latitude, float longitude)
{
	if (place_is_near(latitude, longitude, HOME_LATITUDE, HOME_LONGITUDE))
		return SCHEDULE_PLACE_HOME;
	if (place_is_near(latitude, longitude, WORK_LATITUDE, WORK_LONGITUDE))
		return SCHEDULE_PLACE_WORK;

	return SCHEDULE_PLACE_OTHER;
}

static bool is_minute(int32_t minutes)
{
	return minutes >= 0 && minutes < MINUTES_A_DAY;
}

const char *schedule_judge(
	const struct schedule *schedule, enum schedule_kind kind)
{
	if (schedule->id == 0)
		return "invalid id";
	if (schedule->days < 1 || schedule->days > SCHEDULE_DAYS_ALL)
		return "invalid days";
	if (!is_minute(schedule->start) || !is_minute(schedule->end))
		return "invalid time";
	if (kind == SCHEDULE_CHARGE && !schedule->start_enabled &&
		!schedule->end_enabled)
		return "neither start nor end";
	if (!(fabsf(schedule->latitude) <= 90) ||
		!(fabsf(schedule->longitude) <= 180))
		return "invalid location";

	return NULL;
}

static struct schedule *find(struct schedules *schedules, uint64_t id)
{
	for (size_t i = 0; i < schedules->n; i++)
		if (schedules->list[i].id == id)
			return &schedules->list[i];

	return NULL;
}

static bool is_same(const struct schedule *a, const struct schedule *b)
{
	return strcmp(a->name, b->name) == 0 && a->days == b->days &&
	       a->start_enabled == b->start_enabled && a->start == b->start &&
	       a->end_enabled == b->end_enabled && a->end == b->end &&
	       a->one_time == b->one_time && a->enabled == b->enabled &&
	       a->latitude == b->latitude && a->longitude == b->longitude;
}

bool schedules_add(struct schedules *schedules, const struct schedule *schedule,
	bool *ret_changed)
{
	struct schedule *old = find(schedules, schedule->id);

	if (old == NULL) {
		if (schedules->n == SCHEDULES_MAX)
			return false;
		old = &schedules->list[schedules->n++];
		*ret_changed = true;
	} else {
		*ret_changed = !is_same(old, schedule);
	}
	*old = *schedule;

	return true;
}

static void remove_at(struct schedules *schedules, size_t i)
{
	schedules->n--;
	memmove(&schedules->list[i], &schedules->list[i + 1],
		(schedules->n - i) * sizeof(schedules->list[0]));
}

bool schedules_remove(struct schedules *schedules, uint64_t id)
{
	struct schedule *schedule = find(schedules, id);

	if (schedule == NULL)
		return false;

	remove_at(schedules, (size_t)(schedule - schedules->list));
	return true;
}

size_t schedules_clear(struct schedules *schedules, unsigned int places)
{
	size_t n = schedules->n;

	for (size_t i = n; i-- > 0;)
		if ((schedule_place(schedules->list[i].latitude,
			     schedules->list[i].longitude) &
			    places) != 0)
			remove_at(schedules, i);

	return n - schedules->n;
}
