/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Car state - what is known of the car, as data
 *
 * Each part says when it was asked for, or broadcast (milliseconds of
 * CLOCK_BOOTTIME, 0 for never) and how far it can be trusted: @body comes in
 * the clear (GET_STATUS, broadcasts) and is a hint that anyone in radio range
 * can forge, except that a car that sleeps is told from one that does not; the
 * others are encrypted answers and thus proof.  Fields that the car left out
 * are UNKNOWN or NAN.
 *
 * Source: vehicle-protocol 7.3.
 */

#include <stdbool.h>
#include <stdint.h>

#include "model/key_role.h"

enum car_truth {
	CAR_UNKNOWN,
	CAR_NO,
	CAR_YES,
};

enum car_lock {
	CAR_LOCK_UNKNOWN,
	CAR_LOCK_UNLOCKED,
	CAR_LOCK_LOCKED,
	CAR_LOCK_INTERNAL,  /* locked from inside */
	CAR_LOCK_SELECTIVE, /* the driver's door only is unlocked */
};

enum car_sleep {
	CAR_SLEEP_UNKNOWN,
	CAR_SLEEP_AWAKE,
	CAR_SLEEP_ASLEEP,
};

enum car_gear {
	CAR_GEAR_UNKNOWN, /* never read, or a gear that is not known here */
	/*
	 * Absent, Invalid or SNA: the drive computer is off, as in a car that
	 * was parked a while ago, and in one just woken.
	 */
	CAR_GEAR_NONE,
	CAR_GEAR_P,
	CAR_GEAR_R,
	CAR_GEAR_N,
	CAR_GEAR_D,
};

enum car_playback {
	CAR_PLAYBACK_UNKNOWN,
	CAR_PLAYBACK_STOPPED,
	CAR_PLAYBACK_PLAYING,
	CAR_PLAYBACK_PAUSED,
};

struct car_state {
	/* VCSEC VehicleStatus: a hint. */
	struct car_body {
		uint64_t at_ms;
		enum car_sleep sleep;
		enum car_lock lock;
		enum car_truth user_present;
		enum car_truth any_door_open; /* the four doors */
		enum car_truth trunk_open;
		enum car_truth frunk_open;
		enum car_truth charge_port_open;
	} body;

	/* CarServer DriveState. */
	struct car_drive {
		uint64_t at_ms;
		enum car_gear gear;
		float speed_mph; /* as the car has it; NAN if absent */
	} drive;

	/* CarServer ClosuresState. */
	struct car_closures {
		uint64_t at_ms;
		enum car_truth locked;
		enum car_truth user_present;
		enum car_truth any_door_open;
		enum car_truth trunk_open;
		enum car_truth frunk_open;
	} closures;

	/* CarServer MediaState.  Volumes are steps of the car's own scale. */
	struct car_media {
		uint64_t at_ms;
		enum car_playback playback;
		float volume;     /* NAN if absent */
		float volume_max; /* NAN if absent */
	} media;

	/* What the car's list says of our key, a hint; 0: never told. */
	enum key_role key_role;
};

enum {
	/* How old a proof that the car is parked may be: architecture 4. */
	CAR_PARKED_MAX_AGE_MS = 10 * 1000,
};

/*
 * Is the car proven to be parked at @now_ms?  By an encrypted drive state of
 * at most CAR_PARKED_MAX_AGE_MS with gear P, or with no gear and no speed; or
 * because it sleeps, by a status no older than that.
 */
bool car_state_is_parked(const struct car_state *state, uint64_t now_ms);

/* When the proof that the car is parked ends; 0 if there is none. */
uint64_t car_state_parked_until(const struct car_state *state, uint64_t now_ms);

/* Does the newest status, at most CAR_PARKED_MAX_AGE_MS old, say asleep? */
bool car_state_is_asleep(const struct car_state *state, uint64_t now_ms);

/* Nothing known: all parts never read, all numbers NAN. */
void car_state_init(struct car_state *state);
