/* SPDX-License-Identifier: MIT */

#include "deed.h"

#include <string.h>

#include "util/macro.h"

static const struct {
	const char *name;
	enum right right;
	bool reads;
	bool public;
} acts[_ACT_N] = {
	[ACT_UNLOCK] = { "unlock", RIGHT_LOCK, false, false },
	[ACT_LOCK] = { "lock", RIGHT_LOCK, false, false },
	[ACT_DRIVE] = { "drive", RIGHT_DRIVE, false, false },
	[ACT_AUTOSECURE] = { "autosecure-modelx", RIGHT_DRIVE, false, false },
	[ACT_WAKE] = { "wake", RIGHT_DRIVE, false, false },
	[ACT_MOVE] = { NULL, RIGHT_DRIVE, false, false },
	/* Who may change keys is answered by the whitelist, not by fault 7. */
	[ACT_ADD_KEY] = { "add-key", RIGHT_READ, false, false },
	[ACT_REMOVE_KEY] = { "remove-key", RIGHT_READ, false, false },
	[ACT_CHANGE_KEYS] = { "change-keys", RIGHT_READ, false, false },
	[ACT_REQUEST_KEY] = { "add-key-request", RIGHT_NONE, false, true },
	[ACT_READ_STATUS] = { "body-controller-state", RIGHT_NONE, true, true },
	[ACT_LIST_KEYS] = { "list-keys", RIGHT_NONE, true, true },
	[ACT_LIST_KEY] = { "list-key", RIGHT_NONE, true, true },
	[ACT_PING] = { "ping", RIGHT_READ, false, false },
	[ACT_HONK] = { "honk", RIGHT_DRIVE, false, false },
	[ACT_FLASH_LIGHTS] = { "flash-lights", RIGHT_DRIVE, false, false },
	[ACT_CLIMATE_ON] = { "climate-on", RIGHT_DRIVE, false, false },
	[ACT_CLIMATE_OFF] = { "climate-off", RIGHT_DRIVE, false, false },
	[ACT_MEDIA_TOGGLE] = { "media-toggle-playback", RIGHT_DRIVE, false,
		false },
	[ACT_MEDIA_SET_VOLUME] = { "media-set-volume", RIGHT_DRIVE, false,
		false },
	[ACT_MEDIA_VOLUME_UP] = { "media-volume-up", RIGHT_DRIVE, false,
		false },
	[ACT_MEDIA_VOLUME_DOWN] = { "media-volume-down", RIGHT_DRIVE, false,
		false },
	[ACT_MEDIA_NEXT] = { "media-next-track", RIGHT_DRIVE, false, false },
	[ACT_MEDIA_PREVIOUS] = { "media-previous-track", RIGHT_DRIVE, false,
		false },
	[ACT_MEDIA_NEXT_FAVORITE] = { "media-next-favorite", RIGHT_DRIVE, false,
		false },
	[ACT_MEDIA_PREVIOUS_FAVORITE] = { "media-previous-favorite",
		RIGHT_DRIVE, false, false },
	[ACT_CHARGING_START] = { "charging-start", RIGHT_CHARGE, false, false },
	[ACT_CHARGING_STOP] = { "charging-stop", RIGHT_CHARGE, false, false },
	[ACT_SOFTWARE_CANCEL] = { "software-update-cancel", RIGHT_DRIVE, false,
		false },
	[ACT_WINDOWS] = { "windows", RIGHT_DRIVE, false, false },
	[ACT_SENTRY_MODE] = { "sentry-mode", RIGHT_DRIVE, false, false },
	[ACT_CHARGING_LIMIT] = { "charging-set-limit", RIGHT_CHARGE, false,
		false },
	[ACT_CHARGING_AMPS] = { "charging-set-amps", RIGHT_CHARGE, false,
		false },
	[ACT_CHARGING_SCHEDULE] = { "charging-schedule", RIGHT_CHARGE, false,
		false },
	[ACT_LOW_POWER] = { "low-power-mode", RIGHT_DRIVE, false, false },
	[ACT_ACCESSORY_POWER] = { "keep-accessory-power", RIGHT_DRIVE, false,
		false },
	[ACT_CLIMATE_TEMP] = { "climate-set-temp", RIGHT_DRIVE, false, false },
	[ACT_CLIMATE_KEEPER] = { "climate-keeper", RIGHT_DRIVE, false, false },
	[ACT_AUTO_SEATS] = { "auto-seat-and-climate", RIGHT_DRIVE, false,
		false },
	[ACT_SEAT_HEATER] = { "seat-heater", RIGHT_DRIVE, false, false },
	[ACT_SEAT_COOLER] = { "seat-cooler", RIGHT_DRIVE, false, false },
	[ACT_WHEEL_HEATER] = { "steering-wheel-heater", RIGHT_DRIVE, false,
		false },
	[ACT_PRECONDITIONING_MAX] = { "preconditioning-max", RIGHT_DRIVE, false,
		false },
	[ACT_BIOWEAPON] = { "bioweapon-mode", RIGHT_DRIVE, false, false },
	[ACT_OVERHEAT] = { "cabin-overheat-protection", RIGHT_DRIVE, false,
		false },
	[ACT_SOFTWARE_START] = { "software-update-start", RIGHT_DRIVE, false,
		false },
	[ACT_READ_DRIVE] = { "state-drive", RIGHT_READ, true, false },
	[ACT_READ_CLOSURES] = { "state-closures", RIGHT_READ, true, false },
	[ACT_READ_MEDIA] = { "state-media", RIGHT_READ, true, false },
};

static const char *const closure_names[_CLOSURE_N][2] = {
	[CLOSURE_DRIVER_DOOR] = { "driver-door-close", "driver-door-open" },
	[CLOSURE_PASSENGER_DOOR] = { "passenger-door-close",
		"passenger-door-open" },
	[CLOSURE_REAR_DRIVER_DOOR] = { "rear-driver-door-close",
		"rear-driver-door-open" },
	[CLOSURE_REAR_PASSENGER_DOOR] = { "rear-passenger-door-close",
		"rear-passenger-door-open" },
	[CLOSURE_TRUNK] = { "trunk-close", "trunk-open" },
	[CLOSURE_FRUNK] = { "frunk-close", "frunk-open" },
	[CLOSURE_CHARGE_PORT] = { "charge-port-close", "charge-port-open" },
	[CLOSURE_TONNEAU] = { "tonneau-close", "tonneau-open" },
};

const char *closure_deed_name(enum closure closure, bool open)
{
	return closure_names[closure][open];
}

const char *deed_name(const struct deed *deed)
{
	if (deed->act != ACT_MOVE)
		return acts[deed->act].name;

	return closure_deed_name(deed->closure, deed->move != MOVE_CLOSE);
}

enum right deed_right(const struct deed *deed)
{
	if (deed->act == ACT_MOVE && deed->closure == CLOSURE_CHARGE_PORT)
		return RIGHT_CHARGE;

	return acts[deed->act].right;
}

bool deed_is_read(const struct deed *deed)
{
	return acts[deed->act].reads;
}

bool deed_is_of_keys(const struct deed *deed)
{
	return deed->act == ACT_REQUEST_KEY || deed->act == ACT_ADD_KEY ||
	       deed->act == ACT_REMOVE_KEY || deed->act == ACT_CHANGE_KEYS;
}

bool deed_is_public(const struct deed *deed)
{
	return acts[deed->act].public;
}

static const struct {
	const char *name;
	Keys__Role role;
} roles[] = {
	{ "owner", KEYS__ROLE__ROLE_OWNER },
	{ "driver", KEYS__ROLE__ROLE_DRIVER },
	{ "fm", KEYS__ROLE__ROLE_FM },
	{ "vehicle-monitor", KEYS__ROLE__ROLE_VEHICLE_MONITOR },
	{ "charging-manager", KEYS__ROLE__ROLE_CHARGING_MANAGER },
	{ "guest", KEYS__ROLE__ROLE_GUEST },
	{ "service", KEYS__ROLE__ROLE_SERVICE },
};

bool role_parse(const char *text, Keys__Role *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(roles); i++) {
		if (strcmp(text, roles[i].name) != 0)
			continue;
		*ret = roles[i].role;
		return true;
	}

	return false;
}

const char *role_name(Keys__Role role)
{
	for (size_t i = 0; i < ARRAY_SIZE(roles); i++)
		if (roles[i].role == role)
			return roles[i].name;

	return "none";
}

bool role_may(Keys__Role role, enum right right)
{
	/* Cloud keys are refused over BLE since 2023.38, whatever they ask. */
	if (role == KEYS__ROLE__ROLE_FM || role == KEYS__ROLE__ROLE_NONE)
		return false;

	switch (right) {
	case RIGHT_NONE:
	case RIGHT_READ:
		return true;
	case RIGHT_LOCK:
		return role == KEYS__ROLE__ROLE_SERVICE ||
		       role_may(role, RIGHT_DRIVE);
	case RIGHT_CHARGE:
		return role == KEYS__ROLE__ROLE_CHARGING_MANAGER ||
		       role_may(role, RIGHT_DRIVE);
	case RIGHT_DRIVE:
		return role == KEYS__ROLE__ROLE_OWNER ||
		       role == KEYS__ROLE__ROLE_DRIVER ||
		       role == KEYS__ROLE__ROLE_GUEST;
	}

	return false;
}
