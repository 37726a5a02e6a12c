/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * World - the car's body, and the people around it
 *
 * Pure: deeds and wishes come in with the time, verdicts go out.  Times are
 * milliseconds of CLOCK_BOOTTIME.
 */

#include <stdbool.h>
#include <stdint.h>

#include "access.h"
#include "deed.h"
#include "verdict.h"

enum gear {
	GEAR_P,
	GEAR_R,
	GEAR_N,
	GEAR_D,
};

/* What the drive computer says of the gear; off, a parked car says none. */
enum told {
	TOLD_GEAR,
	TOLD_NONE, /* leaves it out */
	TOLD_INVALID,
	TOLD_SNA,
};

/* Of infotainment; VCSEC never sleeps: vehicle-protocol 8.1. */
enum power {
	POWER_AWAKE,
	POWER_BOOTING,
	POWER_ASLEEP,
	POWER_DEEP, /* VCSEC dozes too: no status before it is poked */
};

enum playback {
	PLAYBACK_STOPPED,
	PLAYBACK_PLAYING,
	PLAYBACK_PAUSED,
};

enum {
	WORLD_TRACKS = 3,
	WORLD_LIMIT_STANDARD = 90, /* percent, of charging_limit_soc_std */
	/* The Owner's manual on the app's "Start": vehicle-protocol 8.3. */
	WORLD_DRIVE_MS = 2 * 60 * 1000,
	/* How long a key that has answered counts as near. */
	WORLD_KEY_MS = 30 * 1000,
	/* How long the car looks for a key after a pull at its handle. */
	WORLD_HANDLE_MS = 5 * 1000,
};

#define WORLD_VOLUME_STEP (1.0f / 3)
#define WORLD_VOLUME_MAX (31 * WORLD_VOLUME_STEP)

struct track {
	const char *title;
	const char *artist;
	const char *album;
	uint32_t duration_ms;
};

struct world {
	/* Settings. */
	uint64_t boot_ms;
	uint64_t sleep_after_ms; /* CLOCK_NEVER: stays awake */
	uint64_t drive_ms;       /* from remote start to its end */
	bool drive_refused;      /* one of the two kinds: 8.3 */

	enum power power;
	uint64_t boot_since_ms; /* POWER_BOOTING */
	uint64_t boot_until_ms;
	uint64_t last_use_ms; /* of infotainment, by a signed request */

	bool locked;
	bool open[_CLOSURE_N];
	enum gear gear;
	enum told told;
	float speed_mph;
	bool present;
	/* Remote start; 0 if not started, CLOCK_NEVER while it is driven. */
	uint64_t drive_until_ms;

	/* As to a phone key: vehicle-protocol 8.4. */
	bool brake;               /* a foot is on it */
	uint64_t handle_until_ms; /* it looks for a key to unlock for */
	uint64_t key_until_ms;    /* a key has answered: it may be driven */
	bool poisoned;            /* by an answer of the level NONE */

	bool climate_on;
	bool plugged;
	bool charging;
	float settings[_SETTING_N];
	enum playback playback;
	float volume;
	unsigned int track;
	uint64_t play_ms;   /* PLAYBACK_PLAYING: since when */
	uint64_t played_ms; /* before that */
	struct schedules schedules[_SCHEDULE_N];
	struct access access;
	char name[DEED_TEXT_SIZE];
	bool homelink; /* a garage door near the car listens to it */
	char update[DEED_TEXT_SIZE]; /* new software that waits; "": none */
	uint64_t update_at_ms;       /* with SETTING_SOFTWARE: when */

	bool light_show;
	bool has_route; /* to a place that somebody has asked for */
	float route_latitude;
	float route_longitude;

	/* What nobody can command. */
	float battery; /* percent */
	float inside_c;
	float outside_c;
	bool has_gps;
	float latitude;
	float longitude;
	uint32_t heading; /* degrees */
	float tires[4];   /* bar: FL, FR, RL, RR; 0: not known */
	bool tires_heard; /* they speak up while the car drives */
};

/* A parked, locked, closed car with nobody in it, awake. */
void world_init(struct world *world, uint64_t now_ms);

/* Does @deed, which is neither a read nor about keys. */
struct verdict world_do(
	struct world *world, uint64_t now_ms, const struct deed *deed);

/* Wakes infotainment, which then boots.  Returns false if it was awake. */
bool world_wake(struct world *world, uint64_t now_ms);

/* Puts infotainment to sleep. */
void world_sleep(struct world *world, bool deep);

/* Restarts both computers. */
void world_reboot(struct world *world, uint64_t now_ms);

/* A signed request has reached infotainment: it stays awake for it. */
void world_use(struct world *world, uint64_t now_ms);

/* To be called at world_deadline(). */
void world_tick(struct world *world, uint64_t now_ms);
uint64_t world_deadline(const struct world *world);

/* What a key is asked for, as PhoneKey.AuthenticationLevel_E. */
enum level {
	LEVEL_NONE,
	LEVEL_UNLOCK,
	LEVEL_DRIVE,
	_LEVEL_N,
};

/* Which the car asks for now; LEVEL_NONE if it asks for none. */
enum level world_wants(const struct world *world, uint64_t now_ms);

/*
 * Somebody in the car shifts; without a foot on the brake it is somebody with
 * a key card.  Returns 1, -EACCES if the car wants a key first, -EPERM if it
 * wants a PIN.
 */
int world_shift(
	struct world *world, uint64_t now_ms, enum gear gear, enum told told);

bool world_is_started(const struct world *world, uint64_t now_ms);
bool world_door_is_open(const struct world *world);

/* "awake", "booting", "asleep", "deep-sleep" */
const char *power_name(enum power power);

const struct track *world_track(const struct world *world);

/* How long its track has played. */
uint64_t world_played_ms(const struct world *world, uint64_t now_ms);
