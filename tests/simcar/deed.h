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

enum {
	DEED_KEY_SIZE = 65,
};

struct deed {
	enum act act;

	enum closure closure; /* ACT_MOVE */
	enum move move;

	float volume; /* ACT_MEDIA_SET_VOLUME */

	int32_t ping_id; /* ACT_PING */

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
