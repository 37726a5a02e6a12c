/* SPDX-License-Identifier: MIT */

/* The table of commands: vehicle-protocol 7.1 and 7.2. */

#include "model/command.h"

#define NUMBER(name_, min_, max_, unit_, example_)                           \
	{                                                                    \
		COMMAND_ARG_NUMBER, .name = name_, .min = min_, .max = max_, \
				    .unit = unit_, .example = example_       \
	}
#define WORD(name_, example_, words_)                                 \
	{                                                             \
		COMMAND_ARG_WORD, .name = name_, .example = example_, \
				  .words = words_                     \
	}
#define ARGS(...)                                                       \
	.args = (const struct command_arg[]){ __VA_ARGS__ },            \
	.n_args = sizeof((const struct command_arg[]){ __VA_ARGS__ }) / \
		  sizeof(struct command_arg)
#define SWITCH WORD("switch", "on", switches)
/* A part of the car's state, named as tesla-control's "state CATEGORY". */
#define STATE(name_, what_)                                    \
	{                                                      \
		.name = "state-" name_, .help = "read " what_, \
		.domain = DOMAIN_INFOTAINMENT,                 \
		.traits = COMMAND_IDEMPOTENT | COMMAND_READS,  \
		.role = KEY_ROLE_VEHICLE_MONITOR,              \
	}

static const struct command_word switches[] = {
	{ "off", 0 },
	{ "on", 1 },
	{ NULL, 0 },
};

/* A bit for the left seat, one for the right. */
static const struct command_word auto_seats[] = {
	{ "L", 1 },
	{ "R", 2 },
	{ "LR", 3 },
	{ NULL, 0 },
};

/* Values are the fields of HvacSeatHeaterAction. */
static const struct command_word heated_seats[] = {
	{ "front-left", 7 },
	{ "front-right", 8 },
	{ "2nd-row-left", 9 },
	{ "2nd-row-center", 11 },
	{ "2nd-row-right", 12 },
	{ "3rd-row-left", 14 },
	{ "3rd-row-right", 15 },
	{ NULL, 0 },
};

/* HvacSeatCoolerPosition_E. */
static const struct command_word cooled_seats[] = {
	{ "front-left", 1 },
	{ "front-right", 2 },
	{ NULL, 0 },
};

static const struct command_word seat_levels[] = {
	{ "off", 0 },
	{ "low", 1 },
	{ "medium", 2 },
	{ "high", 3 },
	{ NULL, 0 },
};

/* ClimateKeeperAction_E. */
static const struct command_word keeper_modes[] = {
	{ "off", 0 },
	{ "on", 1 },
	{ "dog", 2 },
	{ "camp", 3 },
	{ NULL, 0 },
};

static const struct command_word overheat_modes[] = {
	{ "off", 0 },
	{ "on", 1 },
	{ "fan-only", 2 },
	{ NULL, 0 },
};

static const struct command_info table[_COMMAND_N] = {
	[COMMAND_UNLOCK] = {
		.name = "unlock",
		.help = "unlock the doors",
		.domain = DOMAIN_VEHICLE_SECURITY,
		.traits = COMMAND_IDEMPOTENT | COMMAND_OPENS,
		.role = KEY_ROLE_DRIVER,
		.read_back = COMMAND_STATE_CLOSURES,
		.closer = COMMAND_LOCK,
	},
	[COMMAND_LOCK] = {
		.name = "lock",
		.help = "lock the doors",
		.domain = DOMAIN_VEHICLE_SECURITY,
		.traits = COMMAND_IDEMPOTENT,
		.role = KEY_ROLE_DRIVER,
		.read_back = COMMAND_STATE_CLOSURES,
	},
	/*
	 * Once more is no more: the car says that it is on already, or begins
	 * its two minutes anew, seconds later than the first time.
	 */
	[COMMAND_DRIVE] = {
		.name = "drive",
		.help = "let whoever sits in the car drive away, for two "
			"minutes",
		.domain = DOMAIN_VEHICLE_SECURITY,
		.traits = COMMAND_IDEMPOTENT | COMMAND_OPENS,
		.role = KEY_ROLE_DRIVER,
		.read_back = COMMAND_STATE_CLOSURES,
		.closer = COMMAND_LOCK,
	},
	[COMMAND_WAKE] = {
		.name = "wake",
		.help = "wake the car",
		.domain = DOMAIN_VEHICLE_SECURITY,
		.traits = COMMAND_IDEMPOTENT,
		.role = KEY_ROLE_DRIVER,
		.read_back = COMMAND_BODY_CONTROLLER_STATE,
	},
	[COMMAND_AUTOSECURE] = {
		.name = "autosecure-modelx",
		.help = "close the doors and lock them (Model X)",
		.domain = DOMAIN_VEHICLE_SECURITY,
		.traits = COMMAND_IDEMPOTENT,
		.role = KEY_ROLE_DRIVER,
		.read_back = COMMAND_STATE_CLOSURES,
	},
	/* MOVE closes an open powered trunk on whoever stands in it. */
	[COMMAND_TRUNK_OPEN] = {
		.name = "trunk-open",
		.alias = "trunk",
		.help = "open the trunk",
		.domain = DOMAIN_VEHICLE_SECURITY,
		.traits = COMMAND_OPENS | COMMAND_READ_FIRST,
		.role = KEY_ROLE_DRIVER,
		.read_back = COMMAND_STATE_CLOSURES,
	},
	[COMMAND_TRUNK_CLOSE] = {
		.name = "trunk-close",
		.help = "close the trunk (where it has a motor)",
		.domain = DOMAIN_VEHICLE_SECURITY,
		.traits = COMMAND_IDEMPOTENT,
		.role = KEY_ROLE_DRIVER,
		.read_back = COMMAND_STATE_CLOSURES,
	},
	[COMMAND_FRUNK_OPEN] = {
		.name = "frunk-open",
		.alias = "frunk",
		.help = "open the front trunk (only a person can close it)",
		.domain = DOMAIN_VEHICLE_SECURITY,
		.traits = COMMAND_OPENS | COMMAND_READ_FIRST,
		.role = KEY_ROLE_DRIVER,
		.read_back = COMMAND_STATE_CLOSURES,
	},
	[COMMAND_TONNEAU_OPEN] = {
		.name = "tonneau-open",
		.help = "open the tonneau (Cybertruck)",
		.domain = DOMAIN_VEHICLE_SECURITY,
		.traits = COMMAND_IDEMPOTENT | COMMAND_OPENS,
		.role = KEY_ROLE_DRIVER,
		.closer = COMMAND_TONNEAU_CLOSE,
	},
	[COMMAND_TONNEAU_CLOSE] = {
		.name = "tonneau-close",
		.help = "close the tonneau (Cybertruck)",
		.domain = DOMAIN_VEHICLE_SECURITY,
		.traits = COMMAND_IDEMPOTENT,
		.role = KEY_ROLE_DRIVER,
	},
	[COMMAND_TONNEAU_STOP] = {
		.name = "tonneau-stop",
		.help = "stop the tonneau (Cybertruck)",
		.domain = DOMAIN_VEHICLE_SECURITY,
		.traits = COMMAND_IDEMPOTENT,
		.role = KEY_ROLE_DRIVER,
	},
	[COMMAND_PING] = {
		.name = "ping",
		.help = "nothing, but the car confirms that it would obey",
		.domain = DOMAIN_INFOTAINMENT,
		.traits = COMMAND_IDEMPOTENT,
		.role = KEY_ROLE_VEHICLE_MONITOR,
	},
	/*
	 * Honk and flash are no toggles, but doing them twice is what a payer of
	 * one would call a bug: they are not repeated either.
	 */
	[COMMAND_HONK] = {
		.name = "honk",
		.help = "honk the horn",
		.domain = DOMAIN_INFOTAINMENT,
		.role = KEY_ROLE_DRIVER,
	},
	[COMMAND_FLASH_LIGHTS] = {
		.name = "flash-lights",
		.help = "flash the lights",
		.domain = DOMAIN_INFOTAINMENT,
		.role = KEY_ROLE_DRIVER,
	},
	[COMMAND_WINDOWS_VENT] = {
		.name = "windows-vent",
		.help = "open the windows a hand wide",
		.domain = DOMAIN_INFOTAINMENT,
		.traits = COMMAND_IDEMPOTENT | COMMAND_OPENS,
		.role = KEY_ROLE_DRIVER,
		.closer = COMMAND_WINDOWS_CLOSE,
	},
	[COMMAND_WINDOWS_CLOSE] = {
		.name = "windows-close",
		.help = "close the windows",
		.domain = DOMAIN_INFOTAINMENT,
		.traits = COMMAND_IDEMPOTENT,
		.role = KEY_ROLE_DRIVER,
	},
	[COMMAND_SENTRY_MODE] = {
		.name = "sentry-mode",
		.help = "switch sentry mode",
		.domain = DOMAIN_INFOTAINMENT,
		.traits = COMMAND_IDEMPOTENT,
		.role = KEY_ROLE_DRIVER,
		ARGS(SWITCH),
	},
	[COMMAND_CHARGE_PORT_OPEN] = {
		.name = "charge-port-open",
		.help = "open the charge port",
		.domain = DOMAIN_INFOTAINMENT,
		.traits = COMMAND_IDEMPOTENT,
		.role = KEY_ROLE_CHARGING_MANAGER,
		.closer = COMMAND_CHARGE_PORT_CLOSE,
	},
	[COMMAND_CHARGE_PORT_CLOSE] = {
		.name = "charge-port-close",
		.help = "close the charge port",
		.domain = DOMAIN_INFOTAINMENT,
		.traits = COMMAND_IDEMPOTENT,
		.role = KEY_ROLE_CHARGING_MANAGER,
	},
	[COMMAND_CHARGING_START] = {
		.name = "charging-start",
		.help = "start charging",
		.domain = DOMAIN_INFOTAINMENT,
		.traits = COMMAND_IDEMPOTENT,
		.role = KEY_ROLE_CHARGING_MANAGER,
	},
	[COMMAND_CHARGING_STOP] = {
		.name = "charging-stop",
		.help = "stop charging",
		.domain = DOMAIN_INFOTAINMENT,
		.traits = COMMAND_IDEMPOTENT,
		.role = KEY_ROLE_CHARGING_MANAGER,
	},
	[COMMAND_CHARGING_SET_LIMIT] = {
		.name = "charging-set-limit",
		.help = "set the charge limit",
		.domain = DOMAIN_INFOTAINMENT,
		.traits = COMMAND_IDEMPOTENT,
		.role = KEY_ROLE_CHARGING_MANAGER,
		ARGS(NUMBER("percent", 50, 100, "%", "80")),
	},
	[COMMAND_CHARGING_SET_AMPS] = {
		.name = "charging-set-amps",
		.help = "set the charging current",
		.domain = DOMAIN_INFOTAINMENT,
		.traits = COMMAND_IDEMPOTENT,
		.role = KEY_ROLE_CHARGING_MANAGER,
		ARGS(NUMBER("amperes", 0, 48, "A", "16")),
	},
	[COMMAND_CHARGING_SCHEDULE] = {
		.name = "charging-schedule",
		.help = "charge every day from a time on",
		.domain = DOMAIN_INFOTAINMENT,
		.traits = COMMAND_IDEMPOTENT,
		.role = KEY_ROLE_CHARGING_MANAGER,
		ARGS({ COMMAND_ARG_TIME, .name = "time", .example = "23:30" }),
	},
	[COMMAND_CHARGING_SCHEDULE_CANCEL] = {
		.name = "charging-schedule-cancel",
		.help = "charge at once again when plugged in",
		.domain = DOMAIN_INFOTAINMENT,
		.traits = COMMAND_IDEMPOTENT,
		.role = KEY_ROLE_CHARGING_MANAGER,
	},
	[COMMAND_LOW_POWER_MODE] = {
		.name = "low-power-mode",
		.help = "switch the saving of energy while parked",
		.domain = DOMAIN_INFOTAINMENT,
		.traits = COMMAND_IDEMPOTENT,
		.role = KEY_ROLE_DRIVER,
		ARGS(SWITCH),
	},
	[COMMAND_KEEP_ACCESSORY_POWER] = {
		.name = "keep-accessory-power",
		.help = "keep the sockets and ports powered",
		.domain = DOMAIN_INFOTAINMENT,
		.traits = COMMAND_IDEMPOTENT,
		.role = KEY_ROLE_DRIVER,
		ARGS(SWITCH),
	},
	[COMMAND_CLIMATE_ON] = {
		.name = "climate-on",
		.help = "switch climate on",
		.domain = DOMAIN_INFOTAINMENT,
		.traits = COMMAND_IDEMPOTENT,
		.role = KEY_ROLE_DRIVER,
	},
	[COMMAND_CLIMATE_OFF] = {
		.name = "climate-off",
		.help = "switch climate off",
		.domain = DOMAIN_INFOTAINMENT,
		.traits = COMMAND_IDEMPOTENT,
		.role = KEY_ROLE_DRIVER,
	},
	[COMMAND_CLIMATE_SET_TEMP] = {
		.name = "climate-set-temp",
		.help = "set the temperature of both front seats",
		.domain = DOMAIN_INFOTAINMENT,
		.traits = COMMAND_IDEMPOTENT,
		.role = KEY_ROLE_DRIVER,
		ARGS({ COMMAND_ARG_DEGREES, "temperature", 15, 28, "degrees C",
"21c", NULL, false, 0 }),
	},
	[COMMAND_CLIMATE_KEEPER] = {
		.name = "climate-keeper",
		.help = "keep the cabin comfortable while parked",
		.domain = DOMAIN_INFOTAINMENT,
		.traits = COMMAND_IDEMPOTENT,
		.role = KEY_ROLE_DRIVER,
		ARGS(WORD("mode", "dog", keeper_modes)),
	},
	[COMMAND_AUTO_SEAT_AND_CLIMATE] = {
		.name = "auto-seat-and-climate",
		.help = "let the car heat and cool the front seats by itself",
		.domain = DOMAIN_INFOTAINMENT,
		.traits = COMMAND_IDEMPOTENT,
		.role = KEY_ROLE_DRIVER,
		ARGS(WORD("seats", "LR", auto_seats), { COMMAND_ARG_WORD, "switch", .example = "on",
.words = switches, .is_optional = true, .fallback = 1 }),
	},
	[COMMAND_SEAT_HEATER] = {
		.name = "seat-heater",
		.help = "heat a seat",
		.domain = DOMAIN_INFOTAINMENT,
		.traits = COMMAND_IDEMPOTENT,
		.role = KEY_ROLE_DRIVER,
		ARGS(WORD("seat", "front-left", heated_seats), WORD("level", "high", seat_levels)),
	},
	[COMMAND_SEAT_COOLER] = {
		.name = "seat-cooler",
		.help = "cool a front seat",
		.domain = DOMAIN_INFOTAINMENT,
		.traits = COMMAND_IDEMPOTENT,
		.role = KEY_ROLE_DRIVER,
		ARGS(WORD("seat", "front-left", cooled_seats), WORD("level", "high", seat_levels)),
	},
	[COMMAND_STEERING_WHEEL_HEATER] = {
		.name = "steering-wheel-heater",
		.help = "heat the steering wheel",
		.domain = DOMAIN_INFOTAINMENT,
		.traits = COMMAND_IDEMPOTENT,
		.role = KEY_ROLE_DRIVER,
		ARGS(SWITCH),
	},
	[COMMAND_PRECONDITIONING_MAX] = {
		.name = "preconditioning-max",
		.help = "defrost at full power",
		.domain = DOMAIN_INFOTAINMENT,
		.traits = COMMAND_IDEMPOTENT,
		.role = KEY_ROLE_DRIVER,
		ARGS(SWITCH),
	},
	[COMMAND_BIOWEAPON_MODE] = {
		.name = "bioweapon-mode",
		.help = "filter the air at full power",
		.domain = DOMAIN_INFOTAINMENT,
		.traits = COMMAND_IDEMPOTENT,
		.role = KEY_ROLE_DRIVER,
		ARGS(SWITCH),
	},
	[COMMAND_CABIN_OVERHEAT_PROTECTION] = {
		.name = "cabin-overheat-protection",
		.help = "keep the parked cabin from overheating",
		.domain = DOMAIN_INFOTAINMENT,
		.traits = COMMAND_IDEMPOTENT,
		.role = KEY_ROLE_DRIVER,
		ARGS(WORD("mode", "fan-only", overheat_modes)),
	},
	/* The protocol knows only a toggle: architecture 7. */
	[COMMAND_MEDIA_PLAY] = {
		.name = "media-play",
		.help = "play music, if none plays",
		.domain = DOMAIN_INFOTAINMENT,
		.traits = COMMAND_READ_FIRST,
		.role = KEY_ROLE_DRIVER,
		.read_back = COMMAND_STATE_MEDIA,
	},
	[COMMAND_MEDIA_TOGGLE_PLAYBACK] = {
		.name = "media-toggle-playback",
		.help = "play or pause music",
		.domain = DOMAIN_INFOTAINMENT,
		.role = KEY_ROLE_DRIVER,
	},
	[COMMAND_MEDIA_SET_VOLUME] = {
		.name = "media-set-volume",
		.alias = "media-volume",
		.help = "set the volume",
		.domain = DOMAIN_INFOTAINMENT,
		.traits = COMMAND_IDEMPOTENT,
		.role = KEY_ROLE_DRIVER,
		.read_back = COMMAND_STATE_MEDIA,
		ARGS(NUMBER("volume", 0, 10, "", "4")),
	},
	[COMMAND_MEDIA_VOLUME_UP] = {
		.name = "media-volume-up",
		.help = "raise the volume by one step",
		.domain = DOMAIN_INFOTAINMENT,
		.role = KEY_ROLE_DRIVER,
	},
	[COMMAND_MEDIA_VOLUME_DOWN] = {
		.name = "media-volume-down",
		.help = "lower the volume by one step",
		.domain = DOMAIN_INFOTAINMENT,
		.role = KEY_ROLE_DRIVER,
	},
	[COMMAND_MEDIA_NEXT_TRACK] = {
		.name = "media-next-track",
		.alias = "media-next",
		.help = "skip to the next track",
		.domain = DOMAIN_INFOTAINMENT,
		.role = KEY_ROLE_DRIVER,
	},
	[COMMAND_MEDIA_PREVIOUS_TRACK] = {
		.name = "media-previous-track",
		.alias = "media-previous",
		.help = "go back one track",
		.domain = DOMAIN_INFOTAINMENT,
		.role = KEY_ROLE_DRIVER,
	},
	[COMMAND_MEDIA_NEXT_FAVORITE] = {
		.name = "media-next-favorite",
		.help = "play the next favourite",
		.domain = DOMAIN_INFOTAINMENT,
		.role = KEY_ROLE_DRIVER,
	},
	[COMMAND_MEDIA_PREVIOUS_FAVORITE] = {
		.name = "media-previous-favorite",
		.help = "play the previous favourite",
		.domain = DOMAIN_INFOTAINMENT,
		.role = KEY_ROLE_DRIVER,
	},
	[COMMAND_SOFTWARE_UPDATE_START] = {
		.name = "software-update-start",
		.help = "install new software after a delay",
		.domain = DOMAIN_INFOTAINMENT,
		.traits = COMMAND_IDEMPOTENT,
		.role = KEY_ROLE_DRIVER,
		ARGS({ COMMAND_ARG_DURATION, "delay", 0, 24 * 3600, "s", "2h",
NULL, false, 0 }),
	},
	[COMMAND_SOFTWARE_UPDATE_CANCEL] = {
		.name = "software-update-cancel",
		.help = "cancel an installation that has not begun",
		.domain = DOMAIN_INFOTAINMENT,
		.traits = COMMAND_IDEMPOTENT,
		.role = KEY_ROLE_DRIVER,
	},
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
