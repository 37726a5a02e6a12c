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
#include "schedule.h"

enum act {
	ACT_UNLOCK,
	ACT_LOCK,
	ACT_DRIVE,
	ACT_AUTOSECURE,
	ACT_WAKE,
	ACT_MOVE,         /* of a closure */
	ACT_AUTHENTICATE, /* as a phone key: vehicle-protocol 8.4 */
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
	ACT_CHARGING_STANDARD,
	ACT_CHARGING_MAX_RANGE,
	ACT_SCHEDULE_ADD,
	ACT_SCHEDULE_REMOVE,
	ACT_SCHEDULE_BATCH_REMOVE,
	ACT_SOFTWARE_CANCEL,
	ACT_SUNROOF,
	ACT_HOMELINK,
	ACT_NAME,
	/* Of access.h. */
	ACT_VALET_ON,
	ACT_VALET_OFF,
	ACT_VALET_RESET_PIN,
	ACT_GUEST_ON,
	ACT_GUEST_OFF,
	ACT_ERASE_GUEST_DATA,
	ACT_SPEED_LIMIT_ON,
	ACT_SPEED_LIMIT_OFF,
	ACT_SPEED_LIMIT_SET,
	ACT_SPEED_LIMIT_CLEAR_PIN,
	ACT_SPEED_LIMIT_CLEAR_PIN_ADMIN,
	ACT_PARENTAL_ON,
	ACT_PARENTAL_OFF,
	ACT_PARENTAL_SETTING,
	ACT_PARENTAL_SPEED_LIMIT,
	ACT_PARENTAL_CLEAR_PIN,
	ACT_PIN_TO_DRIVE_ON,
	ACT_PIN_TO_DRIVE_OFF,
	ACT_PIN_TO_DRIVE_RESET,
	ACT_PIN_TO_DRIVE_RESET_ADMIN,
	/* Of app.h. */
	ACT_BOOMBOX,
	ACT_LIGHT_SHOW_START,
	ACT_LIGHT_SHOW_STOP,
	ACT_DASHCAM_SAVE,
	ACT_NAVIGATE,
	/* Those that only change settings, as @changes has them. */
	ACT_WINDOWS,
	ACT_SENTRY_MODE,
	ACT_CHARGING_LIMIT,
	ACT_CHARGING_AMPS,
	ACT_CHARGING_SCHEDULE,
	ACT_DEPARTURE,
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
	ACT_OVERHEAT_TEMP,
	ACT_SOFTWARE_START,
	/* In the order of GetVehicleData. */
	ACT_READ_CHARGE,
	ACT_READ_CLIMATE,
	ACT_READ_DRIVE,
	ACT_READ_LOCATION,
	ACT_READ_CLOSURES,
	ACT_READ_CHARGE_SCHEDULE,
	ACT_READ_PRECONDITION_SCHEDULE,
	ACT_READ_TIRE_PRESSURE,
	ACT_READ_MEDIA,
	ACT_READ_MEDIA_DETAIL,
	ACT_READ_SOFTWARE_UPDATE,
	ACT_READ_PARENTAL_CONTROLS,
	ACT_READ_NEARBY,
	_ACT_N,
};

/* Which part of the car a deed is for. */
enum subject {
	SUBJECT_BODY,
	SUBJECT_KEYS,
	SUBJECT_COMFORT,
	SUBJECT_ACCESS,
	SUBJECT_APP,
	SUBJECT_STATE,
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
	SETTING_DEPARTURE,         /* likewise */
	SETTING_PRECONDITIONING,   /* 1: all week, 2: weekdays */
	SETTING_OFF_PEAK,          /* likewise */
	SETTING_OFF_PEAK_END,      /* minutes after midnight */
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
	SETTING_OVERHEAT,      /* 2: fan only */
	SETTING_OVERHEAT_TEMP, /* 1: low to 3: high */
	SETTING_SOFTWARE,      /* seconds until it is installed; -1: not */
	SETTING_SPEED_LIMIT,   /* mph */
	/* In the order of ParentalControlsSetting_E. */
	SETTING_PARENTAL_SPEED,
	SETTING_PARENTAL_ACCELERATION,
	SETTING_PARENTAL_SAFETY,
	SETTING_PARENTAL_CURFEW,
	SETTING_PARENTAL_BROWSER,
	SETTING_PARENTAL_THEATER,
	SETTING_PARENTAL_ARCADE,
	SETTING_PARENTAL_LIMIT, /* mph */
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
	DEED_TEXT_SIZE = 64,
};

struct deed {
	enum act act;

	enum closure closure; /* ACT_MOVE */
	enum move move;

	float volume; /* ACT_MEDIA_SET_VOLUME */

	int32_t ping_id; /* ACT_PING */

	uint32_t level; /* ACT_AUTHENTICATE: enum level of world.h */
	uint32_t rejection;

	/* A PIN, "" if none came with it; a name. */
	char text[DEED_TEXT_SIZE];

	/* ACT_SCHEDULE_…: with its id only, to be removed. */
	enum schedule_kind kind;
	struct schedule schedule;
	unsigned int places; /* a mask of SCHEDULE_PLACE_… */

	/* ACT_HOMELINK, where whoever asks is; ACT_NAVIGATE. */
	float latitude;
	float longitude;

	int32_t radius; /* ACT_READ_NEARBY */
	int32_t count;

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
	RIGHT_OWN, /* keys, PINs, and who drives how */
};

/*
 * Adds a change to @deed, which becomes @act.  Returns 0, or the
 * MessageFault_E for more of them than there is room for.
 */
int deed_change(
	struct deed *deed, enum act act, enum setting setting, float value);

/*
 * Takes foreign @text.  Returns false if there is no room for it, or if it is
 * not one line of UTF-8.
 */
bool text_take(const char *text, char *ret, size_t size);
bool deed_set_text(struct deed *deed, const char *text);

/* What is asked for, "trunk-open". */
const char *deed_name(const struct deed *deed);

enum subject deed_subject(const struct deed *deed);

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
