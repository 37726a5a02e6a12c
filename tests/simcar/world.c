/* SPDX-License-Identifier: MIT */

#include "world.h"

#include <errno.h>

#include "app.h"
#include "body.h"
#include "comfort.h"
#include "setting.h"
#include "util/clock.h"

static const struct track tracks[WORLD_TRACKS] = {
	{ "Paid in Full", "The Invoices", "Settled", 201000 },
	{ "Lightning Strikes Twice", "The Preimages", "Hash", 184000 },
	{ "Wave", "The Charge Ports", "Open and Close", 240000 },
};

void world_init(struct world *world, uint64_t now_ms)
{
	*world = (struct world){
		.boot_ms = 2000,
		.drive_ms = WORLD_DRIVE_MS,
		.sleep_after_ms = CLOCK_NEVER,
		.power = POWER_AWAKE,
		.last_use_ms = now_ms,
		.locked = true,
		.playback = PLAYBACK_STOPPED,
		.volume = 9 * WORLD_VOLUME_STEP,
		.plugged = true,
		.battery = 72,
		.inside_c = 18.5f,
		.outside_c = 11,
		.latitude = HOME_LATITUDE,
		.longitude = HOME_LONGITUDE,
		.heading = 134,
		.has_gps = true,
		.homelink = true,
		.update = "2026.38.4",
		.tires_heard = true,
		.tires = { 2.9f, 2.9f, 2.9f, 2.9f },
		.name = "Model 3",
	};
	for (int i = 0; i < _SETTING_N; i++)
		world->settings[i] = setting_default((enum setting)i);
}

static struct verdict judge_and_do(
	struct world *world, uint64_t now_ms, const struct deed *deed)
{
	switch (deed_subject(deed)) {
	case SUBJECT_BODY:
		return body_do(world, now_ms, deed);
	case SUBJECT_COMFORT:
		return comfort_do(world, now_ms, deed);
	case SUBJECT_ACCESS:
		return access_do(world, deed);
	case SUBJECT_APP:
		return app_do(world, deed);
	case SUBJECT_KEYS:
	case SUBJECT_STATE:
		break;
	}

	return verdict_declined("no deed of the car");
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
	/* What runs on the battery ends, what is not heard is forgotten. */
	if (world->playback == PLAYBACK_PLAYING)
		world->playback = PLAYBACK_PAUSED;
	comfort_end_climate(world);
	world->tires_heard = false;
	world->drive_until_ms = 0;
	world->key_until_ms = 0;
}

void world_reboot(struct world *world, uint64_t now_ms)
{
	world->playback = PLAYBACK_STOPPED;
	comfort_end_climate(world);
	world->key_until_ms = 0;
	world->poisoned = false;
	boot(world, now_ms);
}

void world_use(struct world *world, uint64_t now_ms)
{
	world->last_use_ms = now_ms;
}

static uint64_t sleep_at(const struct world *world)
{
	/* Left alone it falls asleep, unless it has something to do. */
	if (world->power != POWER_AWAKE || world->present || world->brake ||
		world->gear != GEAR_P || world->climate_on || world->charging ||
		world->settings[SETTING_SENTRY_MODE] > 0 ||
		world->sleep_after_ms == CLOCK_NEVER)
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

enum level world_wants(const struct world *world, uint64_t now_ms)
{
	if (world->brake && world->gear == GEAR_P &&
		!world_is_started(world, now_ms) &&
		now_ms >= world->key_until_ms)
		return LEVEL_DRIVE;
	if (world->locked && now_ms < world->handle_until_ms)
		return LEVEL_UNLOCK;

	return LEVEL_NONE;
}

int world_shift(
	struct world *world, uint64_t now_ms, enum gear gear, enum told told)
{
	if (world->brake && world->gear == GEAR_P && gear != GEAR_P) {
		if (world_wants(world, now_ms) == LEVEL_DRIVE)
			return -EACCES;
		if (world->access.pin_to_drive.on)
			return -EPERM;
		if (world_is_started(world, now_ms))
			world->drive_until_ms = CLOCK_NEVER;
	}
	/* Parked, a drive may go on for as long as it may begin. */
	if (gear == GEAR_P && world->drive_until_ms == CLOCK_NEVER)
		world->drive_until_ms = now_ms + world->drive_ms;

	world->gear = gear;
	world->told = told;
	if (gear != GEAR_P)
		world->tires_heard = true;
	/* Only a standing car is in P. */
	if (gear == GEAR_P)
		world->speed_mph = 0;
	return 1;
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

const struct track *world_track(const struct world *world)
{
	return &tracks[world->track];
}

uint64_t world_played_ms(const struct world *world, uint64_t now_ms)
{
	return world->played_ms + (world->playback == PLAYBACK_PLAYING
						  ? now_ms - world->play_ms
						  : 0);
}
