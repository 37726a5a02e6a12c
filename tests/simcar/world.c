/* SPDX-License-Identifier: MIT */

#include "world.h"

#include <math.h>
#include <string.h>

#include "errors.pb-c.h"
#include "setting.h"
#include "util/clock.h"
#include "util/macro.h"

#define GENERIC_ERROR(name) ERRORS__GENERIC_ERROR__E__GENERICERROR_##name

static const struct {
	const char *title;
	const char *artist;
} tracks[WORLD_TRACKS] = {
	{ "Paid in Full", "The Invoices" },
	{ "Lightning Strikes Twice", "The Preimages" },
	{ "Wave", "The Charge Ports" },
};

void world_init(struct world *world, uint64_t now_ms)
{
	*world = (struct world){
		.boot_ms = 2000,
		.sleep_after_ms = CLOCK_NEVER,
		.power = POWER_AWAKE,
		.last_use_ms = now_ms,
		.locked = true,
		.playback = PLAYBACK_STOPPED,
		.volume = 9 * WORLD_VOLUME_STEP,
		.plugged = true,
	};
	for (int i = 0; i < _SETTING_N; i++)
		world->settings[i] = setting_default((enum setting)i);
}

static struct verdict done(bool changed)
{
	return (struct verdict){ .changed = changed };
}

static struct verdict refused(int error, const char *why)
{
	return (struct verdict){ .error = error, .why = why };
}

/* Sets *@field; that is done, and news if it was another. */
static struct verdict set(bool *field, bool value)
{
	bool changed = *field != value;

	*field = value;
	return done(changed);
}

static struct verdict do_lock(struct world *world)
{
	if (world_door_is_open(world))
		return refused(GENERIC_ERROR(CLOSURES_OPEN), "a door is open");

	/* Whoever locks the car does not drive off in it. */
	if (!world->locked)
		world->drive_until_ms = 0;
	return set(&world->locked, true);
}

static struct verdict do_unlock(struct world *world, uint64_t now_ms)
{
	if (world->gear != GEAR_P)
		return refused(GENERIC_ERROR(VEHICLE_NOT_IN_PARK),
			"the car is not in park");

	/* A person comes: the screen lights up. */
	(void)world_wake(world, now_ms);
	return set(&world->locked, false);
}

static struct verdict do_drive(struct world *world, uint64_t now_ms)
{
	if (world->gear != GEAR_P)
		return refused(GENERIC_ERROR(VEHICLE_NOT_IN_PARK),
			"the car is not in park");
	if (world_is_started(world, now_ms))
		return refused(
			GENERIC_ERROR(ALREADY_ON), "it is started already");

	(void)world_wake(world, now_ms);
	world->drive_until_ms = now_ms + WORLD_DRIVE_MS;
	return done(true);
}

/* What this car has a motor for. */
static bool can_close(enum closure closure)
{
	return closure == CLOSURE_TRUNK || closure == CLOSURE_CHARGE_PORT;
}

/*
 * MOVE is a toggle where a motor can close: an open trunk closes on whoever
 * asks it to open.  It is what catches a client that repeats itself.
 */
static struct verdict do_move(
	struct world *world, uint64_t now_ms, const struct deed *deed)
{
	bool *open = &world->open[deed->closure];
	bool want = deed->move == MOVE_OPEN;
	struct verdict verdict;

	if (deed->closure == CLOSURE_TONNEAU)
		return refused(GENERIC_ERROR(DISABLED_FOR_USER_COMMAND),
			"this car has no tonneau");
	if (deed->move == MOVE_STOP)
		return done(false);
	if (deed->move == MOVE_TOGGLE)
		want = can_close(deed->closure) ? !*open : true;
	if (!want && !can_close(deed->closure))
		return refused(GENERIC_ERROR(DISABLED_FOR_USER_COMMAND),
			"only a person can close it");
	if (world->gear != GEAR_P)
		return refused(GENERIC_ERROR(VEHICLE_NOT_IN_PARK),
			"the car is not in park");

	if (want)
		(void)world_wake(world, now_ms);
	verdict = set(open, want);
	verdict.did = closure_deed_name(deed->closure, want);
	return verdict;
}

static struct verdict set_volume(struct world *world, float volume)
{
	bool changed;

	volume = fminf(fmaxf(volume, 0), WORLD_VOLUME_MAX);
	/* The car's own scale has steps. */
	volume = roundf(volume / WORLD_VOLUME_STEP) * WORLD_VOLUME_STEP;
	changed = fabsf(volume - world->volume) > WORLD_VOLUME_STEP / 2;
	world->volume = volume;
	return done(changed);
}

static struct verdict skip(struct world *world, unsigned int tracks_on)
{
	world->track = (world->track + tracks_on) % WORLD_TRACKS;
	return done(true);
}

static struct verdict do_charging(struct world *world, bool on)
{
	/* The words are the car's: vehicle-protocol, appendix C. */
	if (!world->plugged)
		return refused(GENERIC_ERROR(UNKNOWN), "disconnected");
	if (world->charging == on)
		return refused(GENERIC_ERROR(UNKNOWN),
			on ? "is_charging" : "not_charging");

	world->charging = on;
	return done(true);
}

/* All changes of @deed, or none. */
static struct verdict change(struct world *world, const struct deed *deed)
{
	bool changed = false;

	for (size_t i = 0; i < deed->n_changes; i++)
		if (!setting_takes(
			    deed->changes[i].setting, deed->changes[i].value))
			return refused(GENERIC_ERROR(UNKNOWN), "invalid value");
	for (size_t i = 0; i < deed->n_changes; i++) {
		float *value = &world->settings[deed->changes[i].setting];

		changed |= *value != deed->changes[i].value;
		*value = deed->changes[i].value;
	}

	return done(changed);
}

static struct verdict judge_and_do(
	struct world *world, uint64_t now_ms, const struct deed *deed)
{
	switch (deed->act) {
	case ACT_LOCK:
		return do_lock(world);
	case ACT_UNLOCK:
		return do_unlock(world, now_ms);
	case ACT_DRIVE:
		return do_drive(world, now_ms);
	case ACT_AUTOSECURE:
		return refused(GENERIC_ERROR(DISABLED_FOR_USER_COMMAND),
			"this car has no motors in its doors");
	case ACT_WAKE:
		return done(world_wake(world, now_ms));
	case ACT_MOVE:
		return do_move(world, now_ms, deed);
	case ACT_CLIMATE_ON:
		return set(&world->climate_on, true);
	case ACT_CLIMATE_OFF:
		return set(&world->climate_on, false);
	case ACT_MEDIA_TOGGLE:
		world->playback = world->playback == PLAYBACK_PLAYING
					  ? PLAYBACK_PAUSED
					  : PLAYBACK_PLAYING;
		return done(true);
	case ACT_MEDIA_SET_VOLUME:
		/* Written so that it refuses a NaN too. */
		if (!(deed->volume >= 0 && deed->volume <= WORLD_VOLUME_MAX))
			return refused(
				GENERIC_ERROR(UNKNOWN), "invalid volume");
		return set_volume(world, deed->volume);
	case ACT_MEDIA_VOLUME_UP:
		return set_volume(world, world->volume + WORLD_VOLUME_STEP);
	case ACT_MEDIA_VOLUME_DOWN:
		return set_volume(world, world->volume - WORLD_VOLUME_STEP);
	case ACT_MEDIA_NEXT:
	case ACT_MEDIA_NEXT_FAVORITE:
		return skip(world, 1);
	case ACT_MEDIA_PREVIOUS:
	case ACT_MEDIA_PREVIOUS_FAVORITE:
		return skip(world, WORLD_TRACKS - 1);
	case ACT_CHARGING_START:
	case ACT_CHARGING_STOP:
		return do_charging(world, deed->act == ACT_CHARGING_START);
	case ACT_SOFTWARE_CANCEL:
		if (world->settings[SETTING_SOFTWARE] < 0)
			return refused(
				GENERIC_ERROR(UNKNOWN), "nothing scheduled");
		world->settings[SETTING_SOFTWARE] = -1;
		return done(true);
	case ACT_WINDOWS:
	case ACT_SENTRY_MODE:
	case ACT_CHARGING_LIMIT:
	case ACT_CHARGING_AMPS:
	case ACT_CHARGING_SCHEDULE:
	case ACT_LOW_POWER:
	case ACT_ACCESSORY_POWER:
	case ACT_CLIMATE_TEMP:
	case ACT_CLIMATE_KEEPER:
	case ACT_AUTO_SEATS:
	case ACT_SEAT_HEATER:
	case ACT_SEAT_COOLER:
	case ACT_WHEEL_HEATER:
	case ACT_PRECONDITIONING_MAX:
	case ACT_BIOWEAPON:
	case ACT_OVERHEAT:
	case ACT_SOFTWARE_START:
		return change(world, deed);
	case ACT_PING:
	case ACT_HONK:
	case ACT_FLASH_LIGHTS:
		return done(true);
	case ACT_ADD_KEY:
	case ACT_REMOVE_KEY:
	case ACT_CHANGE_KEYS:
	case ACT_REQUEST_KEY:
	case ACT_READ_STATUS:
	case ACT_LIST_KEYS:
	case ACT_LIST_KEY:
	case ACT_READ_DRIVE:
	case ACT_READ_CLOSURES:
	case ACT_READ_MEDIA:
	case _ACT_N:
		break;
	}

	return refused(GENERIC_ERROR(UNKNOWN), "no deed of the body");
}

struct verdict world_do(
	struct world *world, uint64_t now_ms, const struct deed *deed)
{
	struct verdict verdict = judge_and_do(world, now_ms, deed);

	if (verdict.did == NULL)
		verdict.did = deed_name(deed);
	return verdict;
}

static void boot(struct world *world, uint64_t now_ms)
{
	world->power = POWER_BOOTING;
	world->boot_since_ms = now_ms;
	world->boot_until_ms = now_ms + world->boot_ms;
}

bool world_wake(struct world *world, uint64_t now_ms)
{
	if (world->power == POWER_AWAKE || world->power == POWER_BOOTING)
		return false;

	boot(world, now_ms);
	return true;
}

void world_sleep(struct world *world, bool deep)
{
	world->power = deep ? POWER_DEEP : POWER_ASLEEP;
	/* What runs on the battery ends. */
	if (world->playback == PLAYBACK_PLAYING)
		world->playback = PLAYBACK_PAUSED;
	world->climate_on = false;
	world->drive_until_ms = 0;
}

void world_reboot(struct world *world, uint64_t now_ms)
{
	world->playback = PLAYBACK_STOPPED;
	world->climate_on = false;
	boot(world, now_ms);
}

void world_use(struct world *world, uint64_t now_ms)
{
	world->last_use_ms = now_ms;
}

static uint64_t sleep_at(const struct world *world)
{
	/* A car falls asleep when it is left alone, not under its driver. */
	if (world->power != POWER_AWAKE || world->present ||
		world->gear != GEAR_P || world->sleep_after_ms == CLOCK_NEVER)
		return CLOCK_NEVER;

	return world->last_use_ms + world->sleep_after_ms;
}

void world_tick(struct world *world, uint64_t now_ms)
{
	if (world->power == POWER_BOOTING && now_ms >= world->boot_until_ms) {
		world->power = POWER_AWAKE;
		world->last_use_ms = now_ms;
	}
	if (now_ms >= sleep_at(world))
		world_sleep(world, false);
}

uint64_t world_deadline(const struct world *world)
{
	if (world->power == POWER_BOOTING)
		return world->boot_until_ms;

	return sleep_at(world);
}

bool world_is_started(const struct world *world, uint64_t now_ms)
{
	return now_ms < world->drive_until_ms;
}

bool world_door_is_open(const struct world *world)
{
	for (int i = CLOSURE_DRIVER_DOOR; i <= CLOSURE_REAR_PASSENGER_DOOR; i++)
		if (world->open[i])
			return true;

	return false;
}

const char *power_name(enum power power)
{
	static const char *const names[] = {
		[POWER_AWAKE] = "awake",
		[POWER_BOOTING] = "booting",
		[POWER_ASLEEP] = "asleep",
		[POWER_DEEP] = "deep-sleep",
	};

	return names[power];
}

const char *world_title(const struct world *world)
{
	return tracks[world->track].title;
}

const char *world_artist(const struct world *world)
{
	return tracks[world->track].artist;
}
