/* SPDX-License-Identifier: MIT */

/*
 * The table of commands: vehicle-protocol 7.1 and 7.2.  Experimental are those
 * marked [3P] there.
 */

#include "model/command_words.h"

#define ARGS(...)                                                       \
	.args = (const struct command_arg[]){ __VA_ARGS__ },            \
	.n_args = sizeof((const struct command_arg[]){ __VA_ARGS__ }) / \
		  sizeof(struct command_arg)
#define ARG(kind_, name_, example_, ...)                    \
	{                                                   \
		.kind = COMMAND_ARG_##kind_, .name = name_, \
		.example = example_, __VA_ARGS__            \
	}
#define RANGE(min_, max_) .min = (min_), .max = (max_)
#define OR(fallback_) .is_optional = true, .fallback = (fallback_)
#define WORD(name_, example_, words_) \
	ARG(WORD, name_, example_, .words = words_)
#define SWITCH WORD("switch", "on", words_switch)
#define OVERRIDE \
	ARG(WORD, "override", "override", .words = words_override, OR(0))
#define PIN ARG(PIN, "PIN", "file:/etc/1sat2flash/pin", .unit = "")
/* As its mode has it in the car's menu: from 80 km/h on. */
#define SPEED ARG(SPEED, "speed", "90km/h", RANGE(50, 120))
#define DAYS ARG(DAYS, "days", "weekdays", .unit = "")
#define TIME(name_, example_) ARG(TIME, name_, example_, .unit = "")
#define PLACE                                              \
	ARG(NUMBER, "latitude", "52.517", RANGE(-90, 90)), \
		ARG(NUMBER, "longitude", "13.3889", RANGE(-180, 180))
/* The same number means the same schedule, which is then replaced. */
#define SCHEDULE_ID_MAX 9007199254740992
#define SCHEDULE                                                         \
	ARG(WORD, "repeat", "once", .words = words_repeat, OR(0)),       \
		ARG(WHOLE, "id", "7", RANGE(1, SCHEDULE_ID_MAX), OR(1)), \
		ARG(WORD, "enabled", "true", .words = words_truth, OR(1))

#define ROW(domain_, role_, name_, help_, ...)                            \
	{                                                                 \
		.name = name_, .help = help_, .domain = DOMAIN_##domain_, \
		.role = KEY_ROLE_##role_, __VA_ARGS__                     \
	}
#define BODY(...) ROW(VEHICLE_SECURITY, DRIVER, __VA_ARGS__)
#define CABIN(...) ROW(INFOTAINMENT, DRIVER, __VA_ARGS__)
#define CHARGE(...) ROW(INFOTAINMENT, CHARGING_MANAGER, __VA_ARGS__)
#define OWNER(...) ROW(INFOTAINMENT, OWNER, __VA_ARGS__)
/* A part of the car's state, named as tesla-control's "state CATEGORY". */
#define STATE(name_, what_)                                               \
	ROW(INFOTAINMENT, VEHICLE_MONITOR, "state-" name_, "read " what_, \
		.traits = COMMAND_IDEMPOTENT | COMMAND_READS)

#define MANY .traits = COMMAND_IDEMPOTENT
#define OPENS .traits = COMMAND_IDEMPOTENT | COMMAND_OPENS
#define ONE .traits = 0
#define SHOWN(state) .read_back = COMMAND_STATE_##state

static const struct command_info table[_COMMAND_N] = {
	[COMMAND_NONE] = { .name = "what this version does not know" },

	[COMMAND_UNLOCK] = BODY("unlock", "unlock the doors",
		OPENS, SHOWN(CLOSURES), .closer = COMMAND_LOCK),
	[COMMAND_LOCK] = BODY("lock", "lock the doors", MANY, SHOWN(CLOSURES)),
	[COMMAND_DRIVE] = BODY("drive",
		"let whoever sits in the car drive away, for two minutes",
		OPENS, SHOWN(CLOSURES), .closer = COMMAND_LOCK),
	[COMMAND_WAKE] = BODY("wake", "wake the car", MANY,
		.read_back = COMMAND_BODY_CONTROLLER_STATE),
	[COMMAND_AUTOSECURE] = BODY("autosecure-modelx",
		"close the doors and lock them (Model X)",
		MANY, SHOWN(CLOSURES)),
	/* MOVE closes an open powered trunk on whoever stands in it. */
	[COMMAND_TRUNK_OPEN] = BODY("trunk-open", "open the trunk",
		.alias = "trunk", SHOWN(CLOSURES),
		.traits = COMMAND_OPENS | COMMAND_READ_FIRST),
	[COMMAND_TRUNK_CLOSE] = BODY("trunk-close",
		"close the trunk (where it has a motor)",
		MANY, SHOWN(CLOSURES)),
	/* Which of both it did, nobody can tell afterwards. */
	[COMMAND_TRUNK_MOVE] = BODY("trunk-move",
		"open the trunk, or close it (where it has a motor)",
		.traits = COMMAND_OPENS),
	[COMMAND_FRUNK_OPEN] = BODY("frunk-open",
		"open the front trunk (only a person can close it)",
		.alias = "frunk", SHOWN(CLOSURES),
		.traits = COMMAND_OPENS | COMMAND_READ_FIRST),
	[COMMAND_TONNEAU_OPEN] = BODY("tonneau-open",
		"open the tonneau (Cybertruck)",
		OPENS, SHOWN(CLOSURES), .closer = COMMAND_TONNEAU_CLOSE),
	[COMMAND_TONNEAU_CLOSE] = BODY("tonneau-close",
		"close the tonneau (Cybertruck)", MANY, SHOWN(CLOSURES)),
	[COMMAND_TONNEAU_STOP] = BODY("tonneau-stop",
		"stop the tonneau (Cybertruck)", MANY),
	[COMMAND_CHARGE_DOOR_OPEN] = ROW(VEHICLE_SECURITY, CHARGING_MANAGER,
		"charge-door-open", "open the charge port of a car that sleeps",
		MANY, SHOWN(CHARGE), .closer = COMMAND_CHARGE_DOOR_CLOSE),
	[COMMAND_CHARGE_DOOR_CLOSE] = ROW(VEHICLE_SECURITY, CHARGING_MANAGER,
		"charge-door-close", "close the charge port of a car that sleeps",
		MANY, SHOWN(CHARGE)),

	[COMMAND_PING] = ROW(INFOTAINMENT, VEHICLE_MONITOR, "ping",
		"nothing, but the car confirms that it would obey", MANY),
	/*
	 * Honk and flash are no toggles, but doing them twice is what a payer of
	 * one would call a bug: they are not repeated either.
	 */
	[COMMAND_HONK] = CABIN("honk", "honk the horn", ONE),
	[COMMAND_FLASH_LIGHTS] = CABIN("flash-lights", "flash the lights", ONE),
	[COMMAND_WINDOWS_VENT] = CABIN("windows-vent",
		"open the windows a hand wide",
		OPENS, SHOWN(CLOSURES), .closer = COMMAND_WINDOWS_CLOSE),
	[COMMAND_WINDOWS_CLOSE] = CABIN("windows-close", "close the windows",
		MANY, SHOWN(CLOSURES)),
	[COMMAND_SUNROOF_VENT] = CABIN("sunroof-vent", "tilt the sunroof",
		OPENS, SHOWN(CLOSURES), .closer = COMMAND_SUNROOF_CLOSE),
	[COMMAND_SUNROOF_OPEN] = CABIN("sunroof-open", "open the sunroof",
		OPENS, SHOWN(CLOSURES), .closer = COMMAND_SUNROOF_CLOSE,
		ARGS(ARG(WHOLE, "percent", "100", RANGE(1, 100), .unit = "%"))),
	[COMMAND_SUNROOF_CLOSE] = CABIN("sunroof-close", "close the sunroof",
		MANY, SHOWN(CLOSURES)),
	/* It opens a house, and the next one closes it again. */
	[COMMAND_HOMELINK] = CABIN("homelink",
		"open or close the garage that the car knows at a place",
		.traits = COMMAND_OPENS, ARGS(PLACE)),
	[COMMAND_SENTRY_MODE] = CABIN("sentry-mode", "switch sentry mode",
		MANY, SHOWN(CLOSURES), ARGS(SWITCH)),
	[COMMAND_VEHICLE_NAME] = CABIN("vehicle-name", "give the car a name",
		.alias = "set-vehicle-name", MANY,
		ARGS(ARG(TEXT, "name", "Lightning McCar", .max = 50))),

	[COMMAND_CHARGE_PORT_OPEN] = CHARGE("charge-port-open",
		"open the charge port",
		MANY, SHOWN(CHARGE), .closer = COMMAND_CHARGE_PORT_CLOSE),
	[COMMAND_CHARGE_PORT_CLOSE] = CHARGE("charge-port-close",
		"close the charge port", MANY, SHOWN(CHARGE)),
	[COMMAND_CHARGING_START] = CHARGE("charging-start", "start charging",
		MANY, SHOWN(CHARGE)),
	[COMMAND_CHARGING_STOP] = CHARGE("charging-stop", "stop charging",
		MANY, SHOWN(CHARGE)),
	[COMMAND_CHARGING_STANDARD] = CHARGE("charging-standard",
		"set the charge limit that is good for every day", MANY),
	[COMMAND_CHARGING_MAX_RANGE] = CHARGE("charging-max-range",
		"set the charge limit for a long trip", MANY),
	[COMMAND_CHARGING_SET_LIMIT] = CHARGE("charging-set-limit",
		"set the charge limit", MANY, SHOWN(CHARGE),
		ARGS(ARG(WHOLE, "percent", "80", RANGE(50, 100), .unit = "%"))),
	[COMMAND_CHARGING_SET_AMPS] = CHARGE("charging-set-amps",
		"set the charging current", MANY, SHOWN(CHARGE),
		ARGS(ARG(WHOLE, "amperes", "16", RANGE(0, 48), .unit = "A"))),
	[COMMAND_CHARGING_SCHEDULE] = CHARGE("charging-schedule",
		"charge every day from a time on", MANY, SHOWN(CHARGE),
		ARGS(TIME("time", "23:30"))),
	[COMMAND_CHARGING_SCHEDULE_CANCEL] = CHARGE("charging-schedule-cancel",
		"charge at once again when plugged in", MANY, SHOWN(CHARGE)),
	[COMMAND_CHARGING_SCHEDULE_ADD] = CHARGE("charging-schedule-add",
		"charge on some days at a place, within a span of time", MANY,
		ARGS(DAYS, ARG(SPAN, "span", "23:30-06:00", .unit = ""),
			ARG(SPAN_END, "", "", .unit = ""), PLACE, SCHEDULE)),
	[COMMAND_CHARGING_SCHEDULE_REMOVE] = CHARGE("charging-schedule-remove",
		"forget a charging schedule, or all of a place", MANY,
		ARGS(WORD("which", "id", words_remove),
			ARG(WHOLE, "id", "7", RANGE(1, SCHEDULE_ID_MAX), OR(0)))),
	[COMMAND_SCHEDULED_DEPARTURE] = CHARGE("scheduled-departure",
		"be ready to leave every day at a time", MANY, SHOWN(CHARGE),
		ARGS(TIME("time", "07:30"),
			ARG(WORD, "preconditioning", "weekdays",
				.words = words_week, OR(0)),
			ARG(WORD, "off-peak", "all", .words = words_week, OR(0)),
			ARG(TIME, "off-peak-end", "06:00", OR(0)))),
	[COMMAND_SCHEDULED_DEPARTURE_CANCEL] = CHARGE(
		"scheduled-departure-cancel", "forget when to be ready",
		MANY, SHOWN(CHARGE)),
	[COMMAND_LOW_POWER_MODE] = CABIN("low-power-mode",
		"switch the saving of energy while parked", MANY, ARGS(SWITCH)),
	[COMMAND_KEEP_ACCESSORY_POWER] = CABIN("keep-accessory-power",
		"keep the sockets and ports powered", MANY, ARGS(SWITCH)),

	[COMMAND_CLIMATE_ON] = CABIN("climate-on", "switch climate on",
		MANY, SHOWN(CLIMATE)),
	[COMMAND_CLIMATE_OFF] = CABIN("climate-off", "switch climate off",
		MANY, SHOWN(CLIMATE)),
	[COMMAND_CLIMATE_SET_TEMP] = CABIN("climate-set-temp",
		"set the temperature of both front seats", MANY, SHOWN(CLIMATE),
		ARGS(ARG(DEGREES, "temperature", "21c", RANGE(15, 28)))),
	[COMMAND_CLIMATE_KEEPER] = CABIN("climate-keeper",
		"keep the cabin comfortable while parked", MANY, SHOWN(CLIMATE),
		ARGS(WORD("mode", "dog", words_keeper), OVERRIDE)),
	[COMMAND_AUTO_SEAT_AND_CLIMATE] = CABIN("auto-seat-and-climate",
		"let the car heat and cool the front seats by itself",
		MANY, SHOWN(CLIMATE),
		ARGS(WORD("seats", "LR", words_auto_seats),
			ARG(WORD, "switch", "on", .words = words_switch, OR(1)))),
	[COMMAND_SEAT_HEATER] = CABIN("seat-heater", "heat a seat",
		MANY, SHOWN(CLIMATE),
		ARGS(WORD("seat", "front-left", words_heated_seats),
			WORD("level", "high", words_seat_levels))),
	[COMMAND_SEAT_COOLER] = CABIN("seat-cooler", "cool a front seat",
		MANY, SHOWN(CLIMATE),
		ARGS(WORD("seat", "front-left", words_cooled_seats),
			WORD("level", "high", words_seat_levels))),
	[COMMAND_STEERING_WHEEL_HEATER] = CABIN("steering-wheel-heater",
		"heat the steering wheel", MANY, SHOWN(CLIMATE), ARGS(SWITCH)),
	[COMMAND_PRECONDITIONING_MAX] = CABIN("preconditioning-max",
		"defrost at full power", MANY, SHOWN(CLIMATE),
		ARGS(SWITCH, OVERRIDE)),
	[COMMAND_BIOWEAPON_MODE] = CABIN("bioweapon-mode",
		"filter the air at full power", MANY, SHOWN(CLIMATE),
		ARGS(SWITCH, OVERRIDE)),
	[COMMAND_CABIN_OVERHEAT_PROTECTION] = CABIN("cabin-overheat-protection",
		"keep the parked cabin from overheating", MANY, SHOWN(CLIMATE),
		ARGS(WORD("mode", "fan-only", words_overheat))),
	[COMMAND_CABIN_OVERHEAT_TEMP] = CABIN("cabin-overheat-temp",
		"set from which heat on the parked cabin is kept cool",
		MANY, SHOWN(CLIMATE),
		ARGS(WORD("level", "medium", words_overheat_temp))),
	[COMMAND_PRECONDITION_SCHEDULE_ADD] = CABIN("precondition-schedule-add",
		"have the cabin ready on some days at a place and a time", MANY,
		ARGS(DAYS, TIME("time", "07:30"), PLACE, SCHEDULE)),
	[COMMAND_PRECONDITION_SCHEDULE_REMOVE] = CABIN(
		"precondition-schedule-remove",
		"forget when to have the cabin ready, or all of a place", MANY,
		ARGS(WORD("which", "id", words_remove),
			ARG(WHOLE, "id", "7", RANGE(1, SCHEDULE_ID_MAX), OR(0)))),

	/* The protocol knows only a toggle: architecture 7. */
	[COMMAND_MEDIA_PLAY] = CABIN("media-play", "play music, if none plays",
		.traits = COMMAND_READ_FIRST, SHOWN(MEDIA)),
	[COMMAND_MEDIA_TOGGLE_PLAYBACK] = CABIN("media-toggle-playback",
		"play or pause music", ONE),
	[COMMAND_MEDIA_SET_VOLUME] = CABIN("media-set-volume", "set the volume",
		.alias = "media-volume", MANY, SHOWN(MEDIA),
		ARGS(ARG(NUMBER, "volume", "4", RANGE(0, 10)))),
	[COMMAND_MEDIA_VOLUME_UP] = CABIN("media-volume-up",
		"raise the volume by one step", ONE),
	[COMMAND_MEDIA_VOLUME_DOWN] = CABIN("media-volume-down",
		"lower the volume by one step", ONE),
	[COMMAND_MEDIA_NEXT_TRACK] = CABIN("media-next-track",
		"skip to the next track", .alias = "media-next", ONE),
	[COMMAND_MEDIA_PREVIOUS_TRACK] = CABIN("media-previous-track",
		"go back one track", .alias = "media-previous", ONE),
	[COMMAND_MEDIA_NEXT_FAVORITE] = CABIN("media-next-favorite",
		"play the next favourite", ONE),
	[COMMAND_MEDIA_PREVIOUS_FAVORITE] = CABIN("media-previous-favorite",
		"play the previous favourite", ONE),

	[COMMAND_VALET_MODE_ON] = OWNER("valet-mode-on",
		"limit speed, acceleration and what can be seen of the owner",
		MANY, SHOWN(CLOSURES), .closer = COMMAND_VALET_MODE_OFF,
		ARGS(PIN)),
	[COMMAND_VALET_MODE_OFF] = OWNER("valet-mode-off", "end valet mode",
		MANY, SHOWN(CLOSURES)),
	[COMMAND_VALET_MODE_RESET_PIN] = OWNER("valet-mode-reset-pin",
		"forget the PIN of valet mode", MANY),
	[COMMAND_GUEST_MODE_ON] = OWNER("guest-mode-on",
		"let a guest use the car without what it knows of the owner",
		MANY, .closer = COMMAND_GUEST_MODE_OFF),
	[COMMAND_GUEST_MODE_OFF] = OWNER("guest-mode-off", "end guest mode",
		MANY),
	[COMMAND_ERASE_GUEST_DATA] = OWNER("erase-guest-data",
		"forget what a guest has left in the car", MANY),
	[COMMAND_SPEED_LIMIT_SET] = CABIN("speed-limit-set",
		"set the speed that is never exceeded while limited",
		MANY, SHOWN(CLOSURES), ARGS(SPEED)),
	[COMMAND_SPEED_LIMIT_ACTIVATE] = CABIN("speed-limit-activate",
		"limit the speed", MANY, SHOWN(CLOSURES),
		.closer = COMMAND_SPEED_LIMIT_DEACTIVATE, ARGS(PIN)),
	[COMMAND_SPEED_LIMIT_DEACTIVATE] = CABIN("speed-limit-deactivate",
		"limit the speed no longer", MANY, SHOWN(CLOSURES), ARGS(PIN)),
	[COMMAND_SPEED_LIMIT_CLEAR_PIN] = OWNER("speed-limit-clear-pin",
		"forget the PIN of the speed limit, which proves it",
		MANY, ARGS(PIN)),
	[COMMAND_SPEED_LIMIT_CLEAR_PIN_ADMIN] = OWNER(
		"speed-limit-clear-pin-admin",
		"forget the PIN of the speed limit without it", MANY),
	[COMMAND_PARENTAL_CONTROLS_ON] = OWNER("parental-controls-on",
		"keep young drivers to what was set",
		MANY, SHOWN(PARENTAL_CONTROLS),
		.closer = COMMAND_PARENTAL_CONTROLS_OFF, ARGS(PIN)),
	[COMMAND_PARENTAL_CONTROLS_OFF] = OWNER("parental-controls-off",
		"end parental controls",
		MANY, SHOWN(PARENTAL_CONTROLS), ARGS(PIN)),
	[COMMAND_PARENTAL_CONTROLS_SET_SPEED_LIMIT] = OWNER(
		"parental-controls-set-speed-limit",
		"set how fast young drivers may be",
		MANY, SHOWN(PARENTAL_CONTROLS), ARGS(SPEED)),
	[COMMAND_PARENTAL_CONTROLS_ENABLE_SETTING] = OWNER(
		"parental-controls-enable-setting",
		"set what parental controls are about",
		MANY, SHOWN(PARENTAL_CONTROLS),
		ARGS(WORD("setting", "curfew", words_parental), SWITCH)),
	[COMMAND_PARENTAL_CONTROLS_CLEAR_PIN] = OWNER(
		"parental-controls-clear-pin",
		"forget the PIN of parental controls, which proves it",
		MANY, ARGS(PIN)),
	[COMMAND_PARENTAL_CONTROLS_CLEAR_PIN_ADMIN] = OWNER(
		"parental-controls-clear-pin-admin",
		"forget the PIN of parental controls without it (cars refuse "
		"this over Bluetooth)", MANY),
	[COMMAND_PIN_TO_DRIVE_RESET] = OWNER("pin-to-drive-reset",
		"forget the PIN that is asked for before driving", MANY),
	[COMMAND_PIN_TO_DRIVE_RESET_ADMIN] = OWNER("pin-to-drive-reset-admin",
		"forget the PIN that is asked for before driving, as its owner",
		MANY),

	[COMMAND_SOFTWARE_UPDATE_START] = CABIN("software-update-start",
		"install new software after a delay",
		MANY, SHOWN(SOFTWARE_UPDATE),
		ARGS(ARG(DURATION, "delay", "2h", RANGE(0, 24 * 3600)))),
	[COMMAND_SOFTWARE_UPDATE_CANCEL] = CABIN("software-update-cancel",
		"cancel an installation that has not begun",
		MANY, SHOWN(SOFTWARE_UPDATE)),

	[COMMAND_DOOR_OPEN] = BODY("door-open",
		"open a door that has no handle outside",
		.traits = COMMAND_OPENS | COMMAND_EXPERIMENTAL,
		ARGS(WORD("door", "driver", words_doors))),
	[COMMAND_DOOR_CLOSE] = BODY("door-close",
		"close a door that has a motor (Model X)",
		.traits = COMMAND_IDEMPOTENT | COMMAND_EXPERIMENTAL,
		ARGS(WORD("door", "driver", words_doors))),
	[COMMAND_BOOMBOX] = CABIN("boombox", "play a sound outside the car",
		.traits = COMMAND_EXPERIMENTAL,
		ARGS(ARG(WHOLE, "sound", "2000", RANGE(0, 65535)))),
	[COMMAND_LIGHT_SHOW_START] = CABIN("light-show-start",
		"begin a light show",
		.traits = COMMAND_EXPERIMENTAL,
		ARGS(ARG(WHOLE, "show", "0", RANGE(0, 255)),
			ARG(NUMBER, "volume", "5", RANGE(0, 10), OR(5)),
			ARG(WORD, "dance", "on", .words = words_switch, OR(0)))),
	[COMMAND_LIGHT_SHOW_STOP] = CABIN("light-show-stop",
		"end a light show",
		.traits = COMMAND_IDEMPOTENT | COMMAND_EXPERIMENTAL),
	[COMMAND_DASHCAM_SAVE] = CABIN("dashcam-save",
		"keep what the cameras saw in the last minutes",
		.traits = COMMAND_EXPERIMENTAL),
	[COMMAND_NAVIGATE] = CABIN("navigate", "show the way to a place",
		.traits = COMMAND_IDEMPOTENT | COMMAND_EXPERIMENTAL, ARGS(PLACE)),

	[COMMAND_BODY_CONTROLLER_STATE] = {
		.name = "body-controller-state",
		.alias = "body",
		.help = "read locks, doors and sleep",
		.domain = DOMAIN_VEHICLE_SECURITY,
		.traits = COMMAND_IDEMPOTENT | COMMAND_READS | COMMAND_UNSIGNED,
	},
	[COMMAND_STATE_CHARGE] = STATE("charge", "battery and charging"),
	[COMMAND_STATE_CLIMATE] = STATE("climate", "temperatures, seats, fans"),
	[COMMAND_STATE_DRIVE] = STATE("drive", "gear, speed and odometer"),
	[COMMAND_STATE_LOCATION] = STATE("location", "where the car is"),
	[COMMAND_STATE_CLOSURES] =
		STATE("closures", "locks, doors, windows and presence"),
	[COMMAND_STATE_CHARGE_SCHEDULE] =
		STATE("charge-schedule", "when it charges"),
	[COMMAND_STATE_PRECONDITION_SCHEDULE] =
		STATE("precondition-schedule", "when it warms up"),
	[COMMAND_STATE_TIRE_PRESSURE] =
		STATE("tire-pressure", "the pressure of the tires"),
	[COMMAND_STATE_MEDIA] = STATE("media", "what plays, and how loud"),
	[COMMAND_STATE_MEDIA_DETAIL] =
		STATE("media-detail", "album, station and time of what plays"),
	[COMMAND_STATE_SOFTWARE_UPDATE] =
		STATE("software-update", "whether new software waits"),
	[COMMAND_STATE_PARENTAL_CONTROLS] =
		STATE("parental-controls", "what young drivers may do"),
	[COMMAND_NEARBY_CHARGING] = {
		.name = "nearby-charging-sites",
		.alias = "nearby-charging",
		.help = "read which chargers are near",
		.domain = DOMAIN_INFOTAINMENT,
		.traits = COMMAND_IDEMPOTENT | COMMAND_READS,
		.role = KEY_ROLE_VEHICLE_MONITOR,
	},
	[COMMAND_LIST_KEYS] = {
		.name = "list-keys",
		.alias = "keys",
		.help = "read which keys are on the car's list",
		.domain = DOMAIN_VEHICLE_SECURITY,
		.traits = COMMAND_IDEMPOTENT | COMMAND_READS | COMMAND_UNSIGNED,
	},
	[COMMAND_SESSION_VCSEC] = {
		.name = "session-vcsec",
		.help = "ask the body controller whether it knows the key",
		.domain = DOMAIN_VEHICLE_SECURITY,
		.traits = COMMAND_READS | COMMAND_UNSIGNED | COMMAND_SHAKES,
	},
	[COMMAND_SESSION_INFOTAINMENT] = {
		.name = "session-infotainment",
		.help = "ask infotainment whether it knows the key",
		.domain = DOMAIN_INFOTAINMENT,
		.traits = COMMAND_READS | COMMAND_UNSIGNED | COMMAND_SHAKES,
	},
	[COMMAND_KEY_ENTRY] = {
		.name = "key-entry",
		.help = "read what the car's list says of the key",
		.domain = DOMAIN_VEHICLE_SECURITY,
		.traits = COMMAND_IDEMPOTENT | COMMAND_READS | COMMAND_UNSIGNED,
	},
};

const struct command_info *command_info(enum command_id id)
{
	return &table[id];
}
