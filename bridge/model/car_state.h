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
 * are UNKNOWN or NAN.  Where the car is, and what was last played, is not kept.
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

/*
 * Choices below have the values of the wire's oneofs, with 0 for one that is
 * absent, "unknown" or not known here.
 */
enum car_charging {
	CAR_CHARGING_UNKNOWN,
	CAR_CHARGING_DISCONNECTED = 2,
	CAR_CHARGING_NO_POWER = 3,
	CAR_CHARGING_STARTING = 4,
	CAR_CHARGING_CHARGING = 5,
	CAR_CHARGING_COMPLETE = 6,
	CAR_CHARGING_STOPPED = 7,
	CAR_CHARGING_CALIBRATING = 8,
};

enum car_keeper {
	CAR_KEEPER_UNKNOWN,
	CAR_KEEPER_OFF = 2,
	CAR_KEEPER_ON = 3,
	CAR_KEEPER_DOG = 4,
	CAR_KEEPER_CAMP = 5, /* "party" on the wire */
};

enum car_defrost {
	CAR_DEFROST_UNKNOWN,
	CAR_DEFROST_OFF = 1,
	CAR_DEFROST_NORMAL = 2,
	CAR_DEFROST_MAX = 3,
};

enum car_sentry {
	CAR_SENTRY_UNKNOWN,
	CAR_SENTRY_OFF = 1,
	CAR_SENTRY_IDLE = 2,
	CAR_SENTRY_ARMED = 3,
	CAR_SENTRY_AWARE = 4,
	CAR_SENTRY_PANIC = 5,
	CAR_SENTRY_QUIET = 6,
};

enum car_display {
	CAR_DISPLAY_UNKNOWN,
	CAR_DISPLAY_OFF = 1,
	CAR_DISPLAY_DIM = 2,
	CAR_DISPLAY_ACCESSORY = 3,
	CAR_DISPLAY_ON = 4,
	CAR_DISPLAY_DRIVING = 5,
	CAR_DISPLAY_CHARGING = 6,
	CAR_DISPLAY_LOCK = 7,
	CAR_DISPLAY_SENTRY = 8,
	CAR_DISPLAY_DOG = 9,
	CAR_DISPLAY_ENTERTAINMENT = 10,
};

enum car_sun_roof {
	CAR_SUN_ROOF_UNKNOWN,
	CAR_SUN_ROOF_CALIBRATING = 2,
	CAR_SUN_ROOF_CLOSED = 3,
	CAR_SUN_ROOF_OPEN = 4,
	CAR_SUN_ROOF_MOVING = 5,
	CAR_SUN_ROOF_VENT = 6,
};

enum car_update {
	CAR_UPDATE_UNKNOWN,
	CAR_UPDATE_INSTALLING = 2,
	CAR_UPDATE_SCHEDULED = 3,
	CAR_UPDATE_AVAILABLE = 4,
	CAR_UPDATE_DOWNLOADING_WIFI_WAIT = 5,
	CAR_UPDATE_DOWNLOADING = 6,
};

enum car_overheat {
	CAR_OVERHEAT_UNKNOWN,
	CAR_OVERHEAT_OFF,
	CAR_OVERHEAT_ON,
	CAR_OVERHEAT_FAN_ONLY,
};

enum car_seat {
	CAR_SEAT_FRONT_LEFT,
	CAR_SEAT_FRONT_RIGHT,
	CAR_SEAT_REAR_LEFT,
	CAR_SEAT_REAR_LEFT_BACK,
	CAR_SEAT_REAR_CENTER,
	CAR_SEAT_REAR_RIGHT,
	CAR_SEAT_REAR_RIGHT_BACK,
	CAR_SEAT_THIRD_LEFT,
	CAR_SEAT_THIRD_RIGHT,

	_CAR_SEAT_N,
};

/* Numbers are NAN where the car left them out. */
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
		float speed_mph; /* as the car has it */
	} drive;

	/* CarServer ClosuresState. */
	struct car_closures {
		uint64_t at_ms;
		enum car_truth locked;
		enum car_truth user_present;
		enum car_truth any_door_open;
		enum car_truth trunk_open;
		enum car_truth frunk_open;
		enum car_truth any_window_open; /* of the four windows */
		enum car_truth all_windows_open;
		enum car_truth tonneau_open;
		enum car_sun_roof sun_roof;
		/* Is it ready to be driven without a key: 8.3? */
		enum car_truth remote_start;
		enum car_truth valet_mode;
		enum car_truth speed_limit_active;
		float speed_limit_mph; /* of the speed limit mode */
		enum car_sentry sentry;
		enum car_display display;
	} closures;

	/* CarServer ChargeState. */
	struct car_charge {
		uint64_t at_ms;
		float battery_level; /* % */
		float limit;         /* %, what charging-set-limit sets */
		float amps;          /* what charging-set-amps sets */
		enum car_charging charging;
		enum car_truth charge_port_open;
		/* Charges every day from schedule_min on, after midnight. */
		enum car_truth scheduled;
		float schedule_min;
		/* Leaves every day at departure_min. */
		enum car_truth departing;
		float departure_min;
		/* Warm by then: 0 never, 1 on all days, 2 on weekdays. */
		float departure_warm;
	} charge;

	/* CarServer ClimateState.  Temperatures are degrees Celsius. */
	struct car_climate {
		uint64_t at_ms;
		enum car_truth on;
		float inside_c;
		float outside_c;
		float driver_c; /* what climate-set-temp sets */
		float passenger_c;
		enum car_keeper keeper;
		enum car_defrost defrost;
		enum car_truth wheel_heater;
		enum car_truth bioweapon;
		enum car_overheat overheat;
		float overheat_temp; /* 1 low, 2 medium, 3 high */
		/* Levels, from 0 for off to 3. */
		float seat_heaters[_CAR_SEAT_N];
		float seat_coolers[2]; /* front left, front right */
		enum car_truth auto_seats[2];
	} climate;

	/* CarServer MediaState.  Volumes are steps of the car's own scale. */
	struct car_media {
		uint64_t at_ms;
		enum car_playback playback;
		float volume;
		float volume_max;
	} media;

	/* CarServer SoftwareUpdateState. */
	struct car_software {
		uint64_t at_ms;
		enum car_update update;
	} software;

	/* CarServer ParentalControlsState. */
	struct car_parental {
		uint64_t at_ms;
		enum car_truth active;
		enum car_truth speed_limit; /* enforced, while active */
		float speed_limit_mph;
		enum car_truth chill_acceleration;
		enum car_truth safety_settings;
		enum car_truth curfew;
	} parental;

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
