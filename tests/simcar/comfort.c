/* SPDX-License-Identifier: MIT */

#include "comfort.h"

#include <math.h>
#include <string.h>

#include "setting.h"

static struct verdict set_volume(struct world *world, float volume)
{
	bool changed;

	volume = fminf(fmaxf(volume, 0), WORLD_VOLUME_MAX);
	/* The car's own scale has steps. */
	volume = roundf(volume / WORLD_VOLUME_STEP) * WORLD_VOLUME_STEP;
	changed = fabsf(volume - world->volume) > WORLD_VOLUME_STEP / 2;
	world->volume = volume;
	return verdict_done(changed);
}

static struct verdict toggle(struct world *world, uint64_t now_ms)
{
	world->played_ms = world_played_ms(world, now_ms);
	world->play_ms = now_ms;
	world->playback = world->playback == PLAYBACK_PLAYING
				  ? PLAYBACK_PAUSED
				  : PLAYBACK_PLAYING;
	return verdict_done(true);
}

static struct verdict skip(
	struct world *world, uint64_t now_ms, unsigned int tracks_on)
{
	world->played_ms = 0;
	world->play_ms = now_ms;
	world->track = (world->track + tracks_on) % WORLD_TRACKS;
	return verdict_done(true);
}

static struct verdict do_charging(struct world *world, bool on)
{
	float limit = world->settings[SETTING_CHARGING_LIMIT];

	/* The words are the car's: vehicle-protocol 5.4. */
	if (!world->plugged)
		return verdict_declined("disconnected");
	if (world->charging == on)
		return verdict_declined(on ? "is_charging" : "not_charging");
	if (on && world->battery >= limit)
		return verdict_declined("complete");

	world->charging = on;
	return verdict_done(true);
}

/* "Standard" and "max range" are limits with names. */
static struct verdict set_limit(
	struct world *world, float percent, const char *already)
{
	float *limit = &world->settings[SETTING_CHARGING_LIMIT];

	if (*limit == percent)
		return verdict_declined(already);

	*limit = percent;
	return verdict_done(true);
}

struct verdict comfort_change(struct world *world, const struct deed *deed)
{
	bool changed = false;

	for (size_t i = 0; i < deed->n_changes; i++)
		if (!setting_takes(
			    deed->changes[i].setting, deed->changes[i].value))
			return verdict_declined("invalid value");
	for (size_t i = 0; i < deed->n_changes; i++) {
		float *value = &world->settings[deed->changes[i].setting];

		changed |= *value != deed->changes[i].value;
		*value = deed->changes[i].value;
	}

	return verdict_done(changed);
}

/* What else changes with a setting. */
static void follow(
	struct world *world, uint64_t now_ms, const struct deed *deed)
{
	float *settings = world->settings;
	float value = deed->changes[0].value;

	switch (deed->act) {
	case ACT_CHARGING_LIMIT:
		if (world->battery >= value)
			world->charging = false;
		break;
	/* The car knows one of the two: ScheduledChargingMode. */
	case ACT_CHARGING_SCHEDULE:
		if (value >= 0)
			settings[SETTING_DEPARTURE] = -1;
		break;
	case ACT_DEPARTURE:
		if (value >= 0)
			settings[SETTING_CHARGING_SCHEDULE] = -1;
		break;
	/* None of these works without the climate. */
	case ACT_CLIMATE_KEEPER:
	case ACT_PRECONDITIONING_MAX:
	case ACT_BIOWEAPON:
		if (value > 0)
			world->climate_on = true;
		break;
	case ACT_SOFTWARE_START:
		world->update_at_ms = now_ms + (uint64_t)value * 1000;
		break;
	default:
		break;
	}
}

void comfort_end_climate(struct world *world)
{
	world->climate_on = false;
	world->settings[SETTING_CLIMATE_KEEPER] = 0;
	world->settings[SETTING_PRECONDITIONING_MAX] = 0;
	world->settings[SETTING_BIOWEAPON] = 0;
}

static struct verdict do_climate(struct world *world, bool on)
{
	bool changed = world->climate_on != on;

	if (on)
		world->climate_on = true;
	else
		comfort_end_climate(world);
	return verdict_done(changed);
}

static struct verdict do_schedule(struct world *world, const struct deed *deed)
{
	struct schedules *schedules = &world->schedules[deed->kind];
	const char *why;
	bool changed;

	if (deed->act == ACT_SCHEDULE_REMOVE)
		return schedules_remove(schedules, deed->schedule.id)
			       ? verdict_done(true)
			       : verdict_declined("no such schedule");
	if (deed->act == ACT_SCHEDULE_BATCH_REMOVE)
		return verdict_done(
			schedules_clear(schedules, deed->places) > 0);

	why = schedule_judge(&deed->schedule, deed->kind);
	if (why != NULL)
		return verdict_declined(why);
	if (!schedules_add(schedules, &deed->schedule, &changed))
		return verdict_declined("too many schedules");

	return verdict_done(changed);
}

static struct verdict do_homelink(
	const struct world *world, const struct deed *deed)
{
	if (!world->homelink || !place_is_near(deed->latitude, deed->longitude,
					world->latitude, world->longitude))
		return verdict_declined("homelink not nearby");

	return verdict_done(true);
}

static struct verdict do_name(struct world *world, const struct deed *deed)
{
	bool changed = strcmp(world->name, deed->text) != 0;

	if (*deed->text == '\0')
		return verdict_declined("invalid name");

	memcpy(world->name, deed->text, sizeof(world->name));
	return verdict_done(changed);
}

struct verdict comfort_do(
	struct world *world, uint64_t now_ms, const struct deed *deed)
{
	struct verdict verdict;

	switch (deed->act) {
	case ACT_CLIMATE_ON:
	case ACT_CLIMATE_OFF:
		return do_climate(world, deed->act == ACT_CLIMATE_ON);
	case ACT_MEDIA_TOGGLE:
		return toggle(world, now_ms);
	case ACT_MEDIA_SET_VOLUME:
		/* Written so that it refuses a NaN too. */
		if (!(deed->volume >= 0 && deed->volume <= WORLD_VOLUME_MAX))
			return verdict_declined("invalid volume");
		return set_volume(world, deed->volume);
	case ACT_MEDIA_VOLUME_UP:
		return set_volume(world, world->volume + WORLD_VOLUME_STEP);
	case ACT_MEDIA_VOLUME_DOWN:
		return set_volume(world, world->volume - WORLD_VOLUME_STEP);
	case ACT_MEDIA_NEXT:
	case ACT_MEDIA_NEXT_FAVORITE:
		return skip(world, now_ms, 1);
	case ACT_MEDIA_PREVIOUS:
	case ACT_MEDIA_PREVIOUS_FAVORITE:
		return skip(world, now_ms, WORLD_TRACKS - 1);
	case ACT_CHARGING_START:
	case ACT_CHARGING_STOP:
		return do_charging(world, deed->act == ACT_CHARGING_START);
	case ACT_CHARGING_STANDARD:
		return set_limit(
			world, WORLD_LIMIT_STANDARD, "already_standard");
	case ACT_CHARGING_MAX_RANGE:
		return set_limit(world, 100, "already_max_range");
	case ACT_SCHEDULE_ADD:
	case ACT_SCHEDULE_REMOVE:
	case ACT_SCHEDULE_BATCH_REMOVE:
		return do_schedule(world, deed);
	case ACT_SOFTWARE_CANCEL:
		if (world->settings[SETTING_SOFTWARE] < 0)
			return verdict_declined("nothing scheduled");
		world->settings[SETTING_SOFTWARE] = -1;
		return verdict_done(true);
	case ACT_SUNROOF:
		return verdict_declined("no sunroof");
	case ACT_HOMELINK:
		return do_homelink(world, deed);
	case ACT_NAME:
		return do_name(world, deed);
	case ACT_PING:
	case ACT_HONK:
	case ACT_FLASH_LIGHTS:
		return verdict_done(true);
	default:
		if (deed->act == ACT_SOFTWARE_START && *world->update == '\0')
			return verdict_declined("no update available");
		/* What only changes settings. */
		verdict = comfort_change(world, deed);
		if (verdict.why == NULL)
			follow(world, now_ms, deed);
		return verdict;
	}
}
