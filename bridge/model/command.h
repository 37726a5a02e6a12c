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
#include "util/macro.h"

enum domain {
	DOMAIN_VEHICLE_SECURITY = 2, /* VCSEC: answers while the car sleeps */
	DOMAIN_INFOTAINMENT = 3,     /* needs the car awake */
};

enum command_id {
	COMMAND_UNLOCK,
	COMMAND_LOCK,
	COMMAND_WAKE,
	COMMAND_TRUNK_OPEN,
	COMMAND_FRUNK_OPEN,
	COMMAND_PING,
	COMMAND_HONK,
	COMMAND_FLASH_LIGHTS,
	COMMAND_CHARGE_PORT_OPEN,
	COMMAND_CHARGE_PORT_CLOSE,
	COMMAND_CLIMATE_ON,
	COMMAND_CLIMATE_OFF,
	COMMAND_MEDIA_PLAY, /* toggles only if nothing plays */
	COMMAND_MEDIA_TOGGLE_PLAYBACK,
	COMMAND_MEDIA_SET_VOLUME, /* argument: 0 to 10 */
	COMMAND_MEDIA_VOLUME_UP,
	COMMAND_MEDIA_VOLUME_DOWN,
	COMMAND_MEDIA_NEXT_TRACK,
	COMMAND_MEDIA_PREVIOUS_TRACK,
	COMMAND_BODY_CONTROLLER_STATE,
	COMMAND_STATE_DRIVE,
	COMMAND_STATE_CLOSURES,
	COMMAND_STATE_MEDIA,

	_COMMAND_N,
	COMMAND_NONE = -1,
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
};

struct command_info {
	const char *name;
	const char *alias; /* NULL if there is none */
	const char *help;  /* one line for a person */
	enum domain domain;
	unsigned int traits;
	/* The read that shows the effect, COMMAND_NONE if nothing does. */
	enum command_id read_back;
	/* Argument: name and range, with NULL for a command without. */
	const char *arg_name;
	float arg_min;
	float arg_max;
};

struct command {
	enum command_id id;
	float arg; /* within the range of its row; 0 without one */
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

/* The row of @id, which is static. */
const struct command_info *command_info(enum command_id id);

/*
 * Reads "name" or "name argument".  Returns 0 and the command in *@ret, or
 * COMMAND_E_INVALID and a sentence for the owner in @why.
 */
int command_parse(const char *text, struct command *ret,
	char why[static WHY_SIZE]) _must_use_;

/* Writes the canonical text of @command, "media-set-volume 4". */
void command_print(const struct command *command, char *ret, size_t size);

/*
 * Does @state show the effect of @command?  Looks only at the part that the
 * command's read-back reads, and only if that was read at or after
 * @since_ms.
 */
enum effect command_effect(const struct command *command,
	const struct car_state *state, uint64_t since_ms);
