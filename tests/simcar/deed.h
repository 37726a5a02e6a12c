/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Deeds - what a car can be asked, apart from how it is asked
 *
 * vcsec.c and infotainment.c read deeds out of messages, world.c does them.
 * Their names are those of vehicle-protocol 7.1.
 */

#include <stdbool.h>
#include <stdint.h>

#include "keys.pb-c.h"

enum act {
	ACT_UNLOCK,
	ACT_LOCK,
	ACT_DRIVE,
	ACT_AUTOSECURE,
	ACT_WAKE,
	ACT_MOVE, /* of a closure */
	ACT_ADD_KEY,
	ACT_REMOVE_KEY,
	ACT_CHANGE_KEYS, /* any other operation on the whitelist */
	ACT_REQUEST_KEY, /* by tapping a key card: vehicle-protocol 6.1 */
	ACT_READ_STATUS,
	ACT_LIST_KEYS,
	ACT_LIST_KEY,
	ACT_PING,
	ACT_HONK,
	ACT_FLASH_LIGHTS,
	ACT_CLIMATE_ON,
	ACT_CLIMATE_OFF,
	ACT_MEDIA_TOGGLE,
	ACT_MEDIA_SET_VOLUME,
	ACT_MEDIA_VOLUME_UP,
	ACT_MEDIA_VOLUME_DOWN,
	ACT_MEDIA_NEXT,
	ACT_MEDIA_PREVIOUS,
	ACT_MEDIA_NEXT_FAVORITE,
	ACT_MEDIA_PREVIOUS_FAVORITE,
	ACT_CHARGING_START,
	ACT_CHARGING_STOP,
	ACT_SOFTWARE_CANCEL,
	/* Those that only change settings, as @changes has them. */
	ACT_WINDOWS,
	ACT_SENTRY_MODE,
	ACT_CHARGING_LIMIT,
	ACT_CHARGING_AMPS,
	ACT_CHARGING_SCHEDULE,
	ACT_LOW_POWER,
	ACT_ACCESSORY_POWER,
	ACT_CLIMATE_TEMP,
	ACT_CLIMATE_KEEPER,
	ACT_AUTO_SEATS,
	ACT_SEAT_HEATER,
	ACT_SEAT_COOLER,
	ACT_WHEEL_HEATER,
	ACT_PRECONDITIONING_MAX,
	ACT_BIOWEAPON,
	ACT_OVERHEAT,
	ACT_SOFTWARE_START,
	ACT_READ_DRIVE,
	ACT_READ_CLOSURES,
	ACT_READ_MEDIA,
	_ACT_N,
};

/* In the order of VCSEC.ClosureStatuses. */
enum closure {
	CLOSURE_DRIVER_DOOR,
	CLOSURE_PASSENGER_DOOR,
	CLOSURE_REAR_DRIVER_DOOR,
	CLOSURE_REAR_PASSENGER_DOOR,
	CLOSURE_TRUNK,
	CLOSURE_FRUNK,
	CLOSURE_CHARGE_PORT,
	CLOSURE_TONNEAU,
	_CLOSURE_N,
};

/* As VCSEC.ClosureMoveType_E. */
enum move {
	MOVE_NONE,
	MOVE_TOGGLE,
	MOVE_STOP,
	MOVE_OPEN,
	MOVE_CLOSE,
};

/* What a car remembers of its comforts, each as a number. */
enum setting {
	SETTING_WINDOWS, /* 1: vented */
	SETTING_SENTRY_MODE,
	SETTING_CHARGING_LIMIT,
	SETTING_CHARGING_AMPS,
	SETTING_CHARGING_SCHEDULE, /* minutes after midnight; -1: none */
	SETTING_LOW_POWER,
	SETTING_ACCESSORY_POWER,
	SETTING_TEMP_DRIVER,
	SETTING_TEMP_PASSENGER,
	SETTING_CLIMATE_KEEPER,
	SETTING_AUTO_LEFT,
	SETTING_AUTO_RIGHT,
	/* In the order of HvacSeatHeaterAction, from 7 on. */
	SETTING_HEATER_FRONT_LEFT,
	SETTING_HEATER_FRONT_RIGHT,
	SETTING_HEATER_REAR_LEFT,
	SETTING_HEATER_REAR_LEFT_BACK,
	SETTING_HEATER_REAR_CENTER,
	SETTING_HEATER_REAR_RIGHT,
	SETTING_HEATER_REAR_RIGHT_BACK,
	SETTING_HEATER_THIRD_LEFT,
	SETTING_HEATER_THIRD_RIGHT,
	SETTING_COOLER_LEFT,
	SETTING_COOLER_RIGHT,
	SETTING_WHEEL_HEATER,
	SETTING_PRECONDITIONING_MAX,
	SETTING_BIOWEAPON,
	SETTING_OVERHEAT, /* 2: fan only */
	SETTING_SOFTWARE, /* seconds until it is installed; -1: not */
	_SETTING_N,
};

struct change {
	enum setting setting;
	float value;
};

enum {
	DEED_KEY_SIZE = 65,
	/* One for each seat. */
	DEED_CHANGES_MAX = 9,
};

struct deed {
	enum act act;

	enum closure closure; /* ACT_MOVE */
	enum move move;

	float volume; /* ACT_MEDIA_SET_VOLUME */

	int32_t ping_id; /* ACT_PING */

	size_t n_changes;
	struct change changes[DEED_CHANGES_MAX];

	/* ACT_ADD_KEY, ACT_REMOVE_KEY, ACT_REQUEST_KEY, ACT_LIST_KEY. */
	uint8_t key[DEED_KEY_SIZE];
	size_t key_len; /* 65; 4 for its id; 0 for none or a slot */
	int32_t role;
	int32_t form;
	uint32_t slot;
};

/* What a key must be allowed for a deed; nothing for what all may ask. */
enum right {
	RIGHT_NONE,
	RIGHT_READ,
	RIGHT_LOCK,
	RIGHT_CHARGE,
	RIGHT_DRIVE,
};

/* What is asked for, "trunk-open". */
const char *deed_name(const struct deed *deed);

enum right deed_right(const struct deed *deed);

bool deed_is_read(const struct deed *deed);

/* Does it change the whitelist? */
bool deed_is_of_keys(const struct deed *deed);

/* May it come without a signature?  vehicle-protocol 3.4 */
bool deed_is_public(const struct deed *deed);

/* "trunk-open" or "trunk-close". */
const char *closure_deed_name(enum closure closure, bool open);

/* Roles by the names that --enrol takes. */
bool role_parse(const char *text, Keys__Role *ret);
const char *role_name(Keys__Role role);

/* Does @role carry @right?  vehicle-protocol 6.2 */
bool role_may(Keys__Role role, enum right right);
