/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Commands - what a car can be asked, as one table
 *
 * Menu, command line, protocol and tests all read this table; what a command
 * looks like on the wire is known to vehicle/request.c alone.
 *
 * Source: vehicle-protocol 7.1; names are tesla-control's, with the menu's
 * shorter ones as aliases.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/car_state.h"
#include "model/key_role.h"
#include "util/macro.h"
#include "util/secret.h"

enum domain {
	DOMAIN_VEHICLE_SECURITY = 2, /* VCSEC: answers while the car sleeps */
	DOMAIN_INFOTAINMENT = 3,     /* needs the car awake */
};

enum command_id {
	COMMAND_NONE,

	/* The body controller: locks, doors */
	COMMAND_UNLOCK,
	COMMAND_LOCK,
	COMMAND_DRIVE,
	COMMAND_WAKE,
	COMMAND_AUTOSECURE,
	COMMAND_TRUNK_OPEN,
	COMMAND_TRUNK_CLOSE,
	COMMAND_TRUNK_MOVE,
	COMMAND_FRUNK_OPEN,
	COMMAND_TONNEAU_OPEN,
	COMMAND_TONNEAU_CLOSE,
	COMMAND_TONNEAU_STOP,
	COMMAND_CHARGE_DOOR_OPEN,
	COMMAND_CHARGE_DOOR_CLOSE,

	/* Infotainment: seen and heard */
	COMMAND_PING,
	COMMAND_HONK,
	COMMAND_FLASH_LIGHTS,
	COMMAND_WINDOWS_VENT,
	COMMAND_WINDOWS_CLOSE,
	COMMAND_SUNROOF_VENT,
	COMMAND_SUNROOF_OPEN,
	COMMAND_SUNROOF_CLOSE,
	COMMAND_HOMELINK,
	COMMAND_SENTRY_MODE,
	COMMAND_VEHICLE_NAME,

	/* Charging */
	COMMAND_CHARGE_PORT_OPEN,
	COMMAND_CHARGE_PORT_CLOSE,
	COMMAND_CHARGING_START,
	COMMAND_CHARGING_STOP,
	COMMAND_CHARGING_STANDARD,
	COMMAND_CHARGING_MAX_RANGE,
	COMMAND_CHARGING_SET_LIMIT,
	COMMAND_CHARGING_SET_AMPS,
	COMMAND_CHARGING_SCHEDULE,
	COMMAND_CHARGING_SCHEDULE_CANCEL,
	COMMAND_CHARGING_SCHEDULE_ADD,
	COMMAND_CHARGING_SCHEDULE_REMOVE,
	COMMAND_SCHEDULED_DEPARTURE,
	COMMAND_SCHEDULED_DEPARTURE_CANCEL,
	COMMAND_LOW_POWER_MODE,
	COMMAND_KEEP_ACCESSORY_POWER,

	/* Climate */
	COMMAND_CLIMATE_ON,
	COMMAND_CLIMATE_OFF,
	COMMAND_CLIMATE_SET_TEMP,
	COMMAND_CLIMATE_KEEPER,
	COMMAND_AUTO_SEAT_AND_CLIMATE,
	COMMAND_SEAT_HEATER,
	COMMAND_SEAT_COOLER,
	COMMAND_STEERING_WHEEL_HEATER,
	COMMAND_PRECONDITIONING_MAX,
	COMMAND_BIOWEAPON_MODE,
	COMMAND_CABIN_OVERHEAT_PROTECTION,
	COMMAND_CABIN_OVERHEAT_TEMP,
	COMMAND_PRECONDITION_SCHEDULE_ADD,
	COMMAND_PRECONDITION_SCHEDULE_REMOVE,

	/* Media */
	COMMAND_MEDIA_PLAY, /* toggles only if nothing plays */
	COMMAND_MEDIA_TOGGLE_PLAYBACK,
	COMMAND_MEDIA_SET_VOLUME,
	COMMAND_MEDIA_VOLUME_UP,
	COMMAND_MEDIA_VOLUME_DOWN,
	COMMAND_MEDIA_NEXT_TRACK,
	COMMAND_MEDIA_PREVIOUS_TRACK,
	COMMAND_MEDIA_NEXT_FAVORITE,
	COMMAND_MEDIA_PREVIOUS_FAVORITE,

	/* What others may do with the car */
	COMMAND_VALET_MODE_ON,
	COMMAND_VALET_MODE_OFF,
	COMMAND_VALET_MODE_RESET_PIN,
	COMMAND_GUEST_MODE_ON,
	COMMAND_GUEST_MODE_OFF,
	COMMAND_ERASE_GUEST_DATA,
	COMMAND_SPEED_LIMIT_SET,
	COMMAND_SPEED_LIMIT_ACTIVATE,
	COMMAND_SPEED_LIMIT_DEACTIVATE,
	COMMAND_SPEED_LIMIT_CLEAR_PIN,
	COMMAND_SPEED_LIMIT_CLEAR_PIN_ADMIN,
	COMMAND_PARENTAL_CONTROLS_ON,
	COMMAND_PARENTAL_CONTROLS_OFF,
	COMMAND_PARENTAL_CONTROLS_SET_SPEED_LIMIT,
	COMMAND_PARENTAL_CONTROLS_ENABLE_SETTING,
	COMMAND_PARENTAL_CONTROLS_CLEAR_PIN,
	COMMAND_PARENTAL_CONTROLS_CLEAR_PIN_ADMIN,
	COMMAND_PIN_TO_DRIVE_RESET,
	COMMAND_PIN_TO_DRIVE_RESET_ADMIN,

	/* Software */
	COMMAND_SOFTWARE_UPDATE_START,
	COMMAND_SOFTWARE_UPDATE_CANCEL,

	/* Experimental */
	COMMAND_DOOR_OPEN,
	COMMAND_DOOR_CLOSE,
	COMMAND_BOOMBOX,
	COMMAND_LIGHT_SHOW_START,
	COMMAND_LIGHT_SHOW_STOP,
	COMMAND_DASHCAM_SAVE,
	COMMAND_NAVIGATE,

	/* Reads */
	COMMAND_BODY_CONTROLLER_STATE,
	COMMAND_STATE_CHARGE,
	COMMAND_STATE_CLIMATE,
	COMMAND_STATE_DRIVE,
	COMMAND_STATE_LOCATION,
	COMMAND_STATE_CLOSURES,
	COMMAND_STATE_CHARGE_SCHEDULE,
	COMMAND_STATE_PRECONDITION_SCHEDULE,
	COMMAND_STATE_TIRE_PRESSURE,
	COMMAND_STATE_MEDIA,
	COMMAND_STATE_MEDIA_DETAIL,
	COMMAND_STATE_SOFTWARE_UPDATE,
	COMMAND_STATE_PARENTAL_CONTROLS,
	COMMAND_NEARBY_CHARGING,
	COMMAND_LIST_KEYS,
	COMMAND_SESSION_VCSEC, /* a handshake, whether there is one or not */
	COMMAND_SESSION_INFOTAINMENT,
	COMMAND_KEY_ENTRY,

	_COMMAND_N,
};

/* Traits, a bit mask. */
enum {
	/*
	 * Doing it twice is doing it once: may be repeated when silence or a
	 * fault proves nothing.  All others become unknown.
	 */
	COMMAND_IDEMPOTENT = 1 << 0,
	/* Lets a person into the car or into a part of it. */
	COMMAND_OPENS = 1 << 1,
	/* Only reads; may not stand in a menu. */
	COMMAND_READS = 1 << 2,
	/*
	 * The effect is looked for before it is sent; where it is there
	 * already, the command is done without being sent.
	 */
	COMMAND_READ_FIRST = 1 << 3,
	/* Goes out without a signature: the car answers it to anyone. */
	COMMAND_UNSIGNED = 1 << 4,
	/* Is a handshake and nothing else: does the car know the key? */
	COMMAND_SHAKES = 1 << 5,
	/*
	 * Not in what the car maker publishes; known from those who tried, and
	 * may do nothing.  Refused unless the menu allows it.
	 */
	COMMAND_EXPERIMENTAL = 1 << 6,
};

enum {
	COMMAND_ARGS_MAX = 8,
	COMMAND_TEXT_SIZE = 64,
};

enum command_arg_kind {
	COMMAND_ARG_NUMBER,
	COMMAND_ARG_WHOLE,    /* a number without a fraction */
	COMMAND_ARG_WORD,     /* one of @words, by its value */
	COMMAND_ARG_DEGREES,  /* "21c" or "70f", kept as degrees Celsius */
	COMMAND_ARG_SPEED,    /* "90km/h" or "55mph", kept as mph */
	COMMAND_ARG_TIME,     /* "23:30", kept as minutes after midnight */
	COMMAND_ARG_SPAN,     /* "23:30-06:00": two times, NAN if left out */
	COMMAND_ARG_SPAN_END, /* the second, which is no word of its own */
	COMMAND_ARG_DURATION, /* "2h", kept as seconds */
	COMMAND_ARG_DAYS,     /* "mon,tue", kept as bits from Sunday on */
	/* The last only, and kept in @text: */
	COMMAND_ARG_TEXT, /* of at most @max bytes, blanks and all */
	COMMAND_ARG_PIN,  /* "file:/path" of a file with the digits */
};

enum {
	/* "id" as the first argument of -schedule-remove. */
	COMMAND_SCHEDULE_BY_ID = 0,
};

struct command_word {
	const char *word; /* NULL ends a list */
	int value;
};

struct command_arg {
	enum command_arg_kind kind;
	const char *name;
	/* In the unit in which it is kept; not for words and times. */
	double min;
	double max;
	const char *unit;    /* "%", "" */
	const char *example; /* as it is written */
	const struct command_word *words;
	bool is_optional; /* the last ones only: @fallback, if left out */
	double fallback;
};

struct command_info {
	const char *name;
	const char *alias; /* NULL if there is none */
	const char *help;  /* one line for a person */
	enum domain domain;
	unsigned int traits;
	/* The smallest role that may do it; 0: nobody is asked for one. */
	enum key_role role;
	/* The read that shows the effect, COMMAND_NONE if nothing does. */
	enum command_id read_back;
	/* What closes again what it opens; COMMAND_NONE: only a person. */
	enum command_id closer;
	const struct command_arg *args;
	size_t n_args;
};

struct command {
	enum command_id id;
	double args[COMMAND_ARGS_MAX]; /* as its row says; 0 without */
	/* Its argument of a kind of text, as it is written; "" without. */
	char text[COMMAND_TEXT_SIZE];
	/* What stands in the file that @text names, where that is a PIN. */
	struct pin pin;
};

enum effect {
	EFFECT_UNKNOWN, /* the state does not tell */
	EFFECT_ABSENT,
	EFFECT_PRESENT,
};

enum {
	_COMMAND_E_SUCCESS,

	COMMAND_E_INVALID, /* @why says what is wrong */
};

enum {
	/* Room for one sentence about what is wrong. */
	WHY_SIZE = 256,
};

/* The row of @id, which is static; that of COMMAND_NONE only has a name. */
const struct command_info *command_info(enum command_id id);

/*
 * Reads "name" or "name argument...", as in "seat-heater front-left high".
 * Returns 0 and the command in *@ret, or COMMAND_E_INVALID and a sentence for
 * the owner in @why.
 */
int command_parse(const char *text, struct command *ret,
	char why[static WHY_SIZE]) _must_use_;

/* What stands behind the name: "seat level", "seats [switch]", "". */
void command_usage(enum command_id id, char *ret, size_t size);

/* What an argument may be: "a number from 50 to 100 %". */
void command_describe(const struct command_arg *arg, char ret[static WHY_SIZE]);

/* Does it name the file of a PIN, whose digits somebody must load? */
bool command_needs_pin(const struct command *command);

/* What closes again what @command opens, by the same PIN; false: nothing. */
bool command_closer(const struct command *command, struct command *ret);

/* Writes the canonical text of @command, "media-set-volume 4". */
void command_print(const struct command *command, char *ret, size_t size);

/*
 * Does @state show the effect of @command?  Looks only at the part that the
 * command's read-back reads, and only if that was read at or after
 * @since_ms.
 */
enum effect command_effect(const struct command *command,
	const struct car_state *state, uint64_t since_ms);
