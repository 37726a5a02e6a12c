/* SPDX-License-Identifier: MIT */

#include "deed.h"

#include <string.h>

#include "universal_message.pb-c.h"
#include "util/bytes.h"
#include "util/macro.h"

static const struct {
	const char *name;
	enum subject subject;
	enum right right;
} acts[_ACT_N] = {
	[ACT_UNLOCK] = { "unlock", SUBJECT_BODY, RIGHT_LOCK },
	[ACT_LOCK] = { "lock", SUBJECT_BODY, RIGHT_LOCK },
	[ACT_DRIVE] = { "drive", SUBJECT_BODY, RIGHT_DRIVE },
	[ACT_AUTOSECURE] = { "autosecure-modelx", SUBJECT_BODY, RIGHT_DRIVE },
	[ACT_WAKE] = { "wake", SUBJECT_BODY, RIGHT_DRIVE },
	[ACT_MOVE] = { NULL, SUBJECT_BODY, RIGHT_DRIVE },
	[ACT_AUTHENTICATE] = { "authenticate", SUBJECT_BODY, RIGHT_DRIVE },
	/* Who may change keys is answered by the whitelist, not by fault 7. */
	[ACT_ADD_KEY] = { "add-key", SUBJECT_KEYS, RIGHT_READ },
	[ACT_REMOVE_KEY] = { "remove-key", SUBJECT_KEYS, RIGHT_READ },
	[ACT_CHANGE_KEYS] = { "change-keys", SUBJECT_KEYS, RIGHT_READ },
	[ACT_REQUEST_KEY] = { "add-key-request", SUBJECT_KEYS, RIGHT_NONE },
	[ACT_READ_STATUS] = { "body-controller-state", SUBJECT_STATE,
		RIGHT_NONE },
	[ACT_LIST_KEYS] = { "list-keys", SUBJECT_STATE, RIGHT_NONE },
	[ACT_LIST_KEY] = { "list-key", SUBJECT_STATE, RIGHT_NONE },
	[ACT_PING] = { "ping", SUBJECT_COMFORT, RIGHT_READ },
	[ACT_HONK] = { "honk", SUBJECT_COMFORT, RIGHT_DRIVE },
	[ACT_FLASH_LIGHTS] = { "flash-lights", SUBJECT_COMFORT, RIGHT_DRIVE },
	[ACT_CLIMATE_ON] = { "climate-on", SUBJECT_COMFORT, RIGHT_DRIVE },
	[ACT_CLIMATE_OFF] = { "climate-off", SUBJECT_COMFORT, RIGHT_DRIVE },
	[ACT_MEDIA_TOGGLE] = { "media-toggle-playback", SUBJECT_COMFORT,
		RIGHT_DRIVE },
	[ACT_MEDIA_SET_VOLUME] = { "media-set-volume", SUBJECT_COMFORT,
		RIGHT_DRIVE },
	[ACT_MEDIA_VOLUME_UP] = { "media-volume-up", SUBJECT_COMFORT,
		RIGHT_DRIVE },
	[ACT_MEDIA_VOLUME_DOWN] = { "media-volume-down", SUBJECT_COMFORT,
		RIGHT_DRIVE },
	[ACT_MEDIA_NEXT] = { "media-next-track", SUBJECT_COMFORT, RIGHT_DRIVE },
	[ACT_MEDIA_PREVIOUS] = { "media-previous-track", SUBJECT_COMFORT,
		RIGHT_DRIVE },
	[ACT_MEDIA_NEXT_FAVORITE] = { "media-next-favorite", SUBJECT_COMFORT,
		RIGHT_DRIVE },
	[ACT_MEDIA_PREVIOUS_FAVORITE] = { "media-previous-favorite",
		SUBJECT_COMFORT, RIGHT_DRIVE },
	[ACT_CHARGING_START] = { "charging-start", SUBJECT_COMFORT,
		RIGHT_CHARGE },
	[ACT_CHARGING_STOP] = { "charging-stop", SUBJECT_COMFORT,
		RIGHT_CHARGE },
	[ACT_CHARGING_STANDARD] = { "charging-standard", SUBJECT_COMFORT,
		RIGHT_CHARGE },
	[ACT_CHARGING_MAX_RANGE] = { "charging-max-range", SUBJECT_COMFORT,
		RIGHT_CHARGE },
	/* Their names are those of their kind. */
	[ACT_SCHEDULE_ADD] = { NULL, SUBJECT_COMFORT, RIGHT_DRIVE },
	[ACT_SCHEDULE_REMOVE] = { NULL, SUBJECT_COMFORT, RIGHT_DRIVE },
	[ACT_SCHEDULE_BATCH_REMOVE] = { NULL, SUBJECT_COMFORT, RIGHT_DRIVE },
	[ACT_SOFTWARE_CANCEL] = { "software-update-cancel", SUBJECT_COMFORT,
		RIGHT_DRIVE },
	[ACT_SUNROOF] = { "sunroof", SUBJECT_COMFORT, RIGHT_DRIVE },
	[ACT_HOMELINK] = { "homelink", SUBJECT_COMFORT, RIGHT_DRIVE },
	[ACT_NAME] = { "set-vehicle-name", SUBJECT_COMFORT, RIGHT_DRIVE },
	[ACT_VALET_ON] = { "valet-mode-on", SUBJECT_ACCESS, RIGHT_OWN },
	[ACT_VALET_OFF] = { "valet-mode-off", SUBJECT_ACCESS, RIGHT_OWN },
	[ACT_VALET_RESET_PIN] = { "valet-mode-reset-pin", SUBJECT_ACCESS,
		RIGHT_OWN },
	[ACT_GUEST_ON] = { "guest-mode-on", SUBJECT_ACCESS, RIGHT_OWN },
	[ACT_GUEST_OFF] = { "guest-mode-off", SUBJECT_ACCESS, RIGHT_OWN },
	[ACT_ERASE_GUEST_DATA] = { "erase-guest-data", SUBJECT_ACCESS,
		RIGHT_OWN },
	[ACT_SPEED_LIMIT_ON] = { "speed-limit-activate", SUBJECT_ACCESS,
		RIGHT_DRIVE },
	[ACT_SPEED_LIMIT_OFF] = { "speed-limit-deactivate", SUBJECT_ACCESS,
		RIGHT_DRIVE },
	[ACT_SPEED_LIMIT_SET] = { "speed-limit-set", SUBJECT_ACCESS,
		RIGHT_DRIVE },
	[ACT_SPEED_LIMIT_CLEAR_PIN] = { "speed-limit-clear-pin", SUBJECT_ACCESS,
		RIGHT_OWN },
	[ACT_SPEED_LIMIT_CLEAR_PIN_ADMIN] = { "speed-limit-clear-pin-admin",
		SUBJECT_ACCESS, RIGHT_OWN },
	[ACT_PARENTAL_ON] = { "parental-controls-on", SUBJECT_ACCESS,
		RIGHT_OWN },
	[ACT_PARENTAL_OFF] = { "parental-controls-off", SUBJECT_ACCESS,
		RIGHT_OWN },
	[ACT_PARENTAL_SETTING] = { "parental-controls-enable-setting",
		SUBJECT_ACCESS, RIGHT_OWN },
	[ACT_PARENTAL_SPEED_LIMIT] = { "parental-controls-set-speed-limit",
		SUBJECT_ACCESS, RIGHT_OWN },
	[ACT_PARENTAL_CLEAR_PIN] = { "parental-controls-clear-pin",
		SUBJECT_ACCESS, RIGHT_OWN },
	[ACT_PIN_TO_DRIVE_ON] = { "pin-to-drive-on", SUBJECT_ACCESS,
		RIGHT_OWN },
	[ACT_PIN_TO_DRIVE_OFF] = { "pin-to-drive-off", SUBJECT_ACCESS,
		RIGHT_OWN },
	[ACT_PIN_TO_DRIVE_RESET] = { "pin-to-drive-reset", SUBJECT_ACCESS,
		RIGHT_OWN },
	[ACT_PIN_TO_DRIVE_RESET_ADMIN] = { "pin-to-drive-reset-admin",
		SUBJECT_ACCESS, RIGHT_OWN },
	[ACT_BOOMBOX] = { "boombox", SUBJECT_APP, RIGHT_DRIVE },
	[ACT_LIGHT_SHOW_START] = { "light-show-start", SUBJECT_APP,
		RIGHT_DRIVE },
	[ACT_LIGHT_SHOW_STOP] = { "light-show-stop", SUBJECT_APP, RIGHT_DRIVE },
	[ACT_DASHCAM_SAVE] = { "dashcam-save", SUBJECT_APP, RIGHT_DRIVE },
	[ACT_NAVIGATE] = { "navigate", SUBJECT_APP, RIGHT_DRIVE },
	[ACT_WINDOWS] = { "windows", SUBJECT_COMFORT, RIGHT_DRIVE },
	[ACT_SENTRY_MODE] = { "sentry-mode", SUBJECT_COMFORT, RIGHT_DRIVE },
	[ACT_CHARGING_LIMIT] = { "charging-set-limit", SUBJECT_COMFORT,
		RIGHT_CHARGE },
	[ACT_CHARGING_AMPS] = { "charging-set-amps", SUBJECT_COMFORT,
		RIGHT_CHARGE },
	[ACT_CHARGING_SCHEDULE] = { "charging-schedule", SUBJECT_COMFORT,
		RIGHT_CHARGE },
	[ACT_DEPARTURE] = { "scheduled-departure", SUBJECT_COMFORT,
		RIGHT_CHARGE },
	[ACT_LOW_POWER] = { "low-power-mode", SUBJECT_COMFORT, RIGHT_DRIVE },
	[ACT_ACCESSORY_POWER] = { "keep-accessory-power", SUBJECT_COMFORT,
		RIGHT_DRIVE },
	[ACT_CLIMATE_TEMP] = { "climate-set-temp", SUBJECT_COMFORT,
		RIGHT_DRIVE },
	[ACT_CLIMATE_KEEPER] = { "climate-keeper", SUBJECT_COMFORT,
		RIGHT_DRIVE },
	[ACT_AUTO_SEATS] = { "auto-seat-and-climate", SUBJECT_COMFORT,
		RIGHT_DRIVE },
	[ACT_SEAT_HEATER] = { "seat-heater", SUBJECT_COMFORT, RIGHT_DRIVE },
	[ACT_SEAT_COOLER] = { "seat-cooler", SUBJECT_COMFORT, RIGHT_DRIVE },
	[ACT_WHEEL_HEATER] = { "steering-wheel-heater", SUBJECT_COMFORT,
		RIGHT_DRIVE },
	[ACT_PRECONDITIONING_MAX] = { "preconditioning-max", SUBJECT_COMFORT,
		RIGHT_DRIVE },
	[ACT_BIOWEAPON] = { "bioweapon-mode", SUBJECT_COMFORT, RIGHT_DRIVE },
	[ACT_OVERHEAT] = { "cabin-overheat-protection", SUBJECT_COMFORT,
		RIGHT_DRIVE },
	[ACT_OVERHEAT_TEMP] = { "cabin-overheat-temp", SUBJECT_COMFORT,
		RIGHT_DRIVE },
	[ACT_SOFTWARE_START] = { "software-update-start", SUBJECT_COMFORT,
		RIGHT_DRIVE },
	[ACT_READ_CHARGE] = { "state-charge", SUBJECT_STATE, RIGHT_READ },
	[ACT_READ_CLIMATE] = { "state-climate", SUBJECT_STATE, RIGHT_READ },
	[ACT_READ_DRIVE] = { "state-drive", SUBJECT_STATE, RIGHT_READ },
	[ACT_READ_LOCATION] = { "state-location", SUBJECT_STATE, RIGHT_READ },
	[ACT_READ_CLOSURES] = { "state-closures", SUBJECT_STATE, RIGHT_READ },
	[ACT_READ_CHARGE_SCHEDULE] = { "state-charge-schedule", SUBJECT_STATE,
		RIGHT_READ },
	[ACT_READ_PRECONDITION_SCHEDULE] = { "state-precondition-schedule",
		SUBJECT_STATE, RIGHT_READ },
	[ACT_READ_TIRE_PRESSURE] = { "state-tire-pressure", SUBJECT_STATE,
		RIGHT_READ },
	[ACT_READ_MEDIA] = { "state-media", SUBJECT_STATE, RIGHT_READ },
	[ACT_READ_MEDIA_DETAIL] = { "state-media-detail", SUBJECT_STATE,
		RIGHT_READ },
	[ACT_READ_SOFTWARE_UPDATE] = { "state-software-update", SUBJECT_STATE,
		RIGHT_READ },
	[ACT_READ_PARENTAL_CONTROLS] = { "state-parental-controls",
		SUBJECT_STATE, RIGHT_READ },
	[ACT_READ_NEARBY] = { "nearby-charging-sites", SUBJECT_STATE,
		RIGHT_READ },
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

/* What the name of ACT_SCHEDULE_ADD and those after it is. */
static const char *const schedule_names[_SCHEDULE_N][3] = {
	[SCHEDULE_CHARGE] = { "charging-schedule-add",
		"charging-schedule-remove", "charging-schedule-remove" },
	[SCHEDULE_PRECONDITION] = { "precondition-schedule-add",
		"precondition-schedule-remove",
		"precondition-schedule-remove" },
};

const char *closure_deed_name(enum closure closure, bool open)
{
	return closure_names[closure][open];
}

int deed_change(
	struct deed *deed, enum act act, enum setting setting, float value)
{
	if (deed->n_changes == DEED_CHANGES_MAX)
		return UNIVERSAL_MESSAGE__MESSAGE_FAULT__E__MESSAGEFAULT_ERROR_BAD_PARAMETER;

	deed->act = act;
	deed->changes[deed->n_changes++] = (struct change){ setting, value };
	return 0;
}

bool text_take(const char *text, char *ret, size_t size)
{
	/* What is no UTF-8, or no text at all, is not what comes out. */
	text_printable(text, ret, size);
	return strcmp(text, ret) == 0;
}

bool deed_set_text(struct deed *deed, const char *text)
{
	return text_take(text, deed->text, sizeof(deed->text));
}

const char *deed_name(const struct deed *deed)
{
	switch (deed->act) {
	case ACT_MOVE:
		return closure_deed_name(
			deed->closure, deed->move != MOVE_CLOSE);
	case ACT_SCHEDULE_ADD:
	case ACT_SCHEDULE_REMOVE:
	case ACT_SCHEDULE_BATCH_REMOVE:
		return schedule_names[deed->kind][deed->act - ACT_SCHEDULE_ADD];
	default:
		return acts[deed->act].name;
	}
}

enum right deed_right(const struct deed *deed)
{
	if (deed->act == ACT_MOVE && deed->closure == CLOSURE_CHARGE_PORT)
		return RIGHT_CHARGE;
	if (deed->act >= ACT_SCHEDULE_ADD &&
		deed->act <= ACT_SCHEDULE_BATCH_REMOVE &&
		deed->kind == SCHEDULE_CHARGE)
		return RIGHT_CHARGE;

	return acts[deed->act].right;
}

enum subject deed_subject(const struct deed *deed)
{
	return acts[deed->act].subject;
}

bool deed_is_read(const struct deed *deed)
{
	return deed_subject(deed) == SUBJECT_STATE;
}

bool deed_is_of_keys(const struct deed *deed)
{
	return deed_subject(deed) == SUBJECT_KEYS;
}

bool deed_is_public(const struct deed *deed)
{
	return deed_right(deed) == RIGHT_NONE;
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
	case RIGHT_OWN:
		return role == KEYS__ROLE__ROLE_OWNER;
	case RIGHT_DRIVE:
		return role == KEYS__ROLE__ROLE_OWNER ||
		       role == KEYS__ROLE__ROLE_DRIVER ||
		       role == KEYS__ROLE__ROLE_GUEST;
	}

	return false;
}
