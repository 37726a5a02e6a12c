/* SPDX-License-Identifier: MIT */

#include "model/command_words.h"

const struct command_word words_switch[] = {
	{ "off", 0 },
	{ "on", 1 },
	{ NULL, 0 },
};

/* A bit for the left seat, one for the right. */
const struct command_word words_auto_seats[] = {
	{ "L", 1 },
	{ "R", 2 },
	{ "LR", 3 },
	{ NULL, 0 },
};

/* Values are the fields of HvacSeatHeaterAction. */
const struct command_word words_heated_seats[] = {
	{ "front-left", 7 },
	{ "front-right", 8 },
	{ "2nd-row-left", 9 },
	{ "2nd-row-left-back", 10 },
	{ "2nd-row-center", 11 },
	{ "2nd-row-right", 12 },
	{ "2nd-row-right-back", 13 },
	{ "3rd-row-left", 14 },
	{ "3rd-row-right", 15 },
	{ NULL, 0 },
};

/* HvacSeatCoolerPosition_E. */
const struct command_word words_cooled_seats[] = {
	{ "front-left", 1 },
	{ "front-right", 2 },
	{ NULL, 0 },
};

const struct command_word words_seat_levels[] = {
	{ "off", 0 },
	{ "low", 1 },
	{ "medium", 2 },
	{ "high", 3 },
	{ NULL, 0 },
};

/* ClimateKeeperAction_E. */
const struct command_word words_keeper[] = {
	{ "off", 0 },
	{ "on", 1 },
	{ "dog", 2 },
	{ "camp", 3 },
	{ NULL, 0 },
};

/* Whatever stands against it: a battery that is low, for one. */
const struct command_word words_override[] = {
	{ "if-able", 0 },
	{ "override", 1 },
	{ NULL, 0 },
};

const struct command_word words_overheat[] = {
	{ "off", 0 },
	{ "on", 1 },
	{ "fan-only", 2 },
	{ NULL, 0 },
};

/* ClimateState.CopActivationTemp. */
const struct command_word words_overheat_temp[] = {
	{ "low", 1 },
	{ "medium", 2 },
	{ "high", 3 },
	{ NULL, 0 },
};

const struct command_word words_repeat[] = {
	{ "weekly", 0 },
	{ "once", 1 },
	{ NULL, 0 },
};

const struct command_word words_truth[] = {
	{ "false", 0 },
	{ "true", 1 },
	{ NULL, 0 },
};

/* The fields of BatchRemoveChargeSchedulesAction, and of its like. */
const struct command_word words_remove[] = {
	{ "id", COMMAND_SCHEDULE_BY_ID },
	{ "home", 1 },
	{ "work", 2 },
	{ "other", 3 },
	{ NULL, 0 },
};

/* The fields of PreconditioningTimes and OffPeakChargingTimes; 0: neither. */
const struct command_word words_week[] = {
	{ "off", 0 },
	{ "all", 1 },
	{ "weekdays", 2 },
	{ NULL, 0 },
};

/* ParentalControlsSetting_E. */
const struct command_word words_parental[] = {
	{ "speed-limit", 0 },
	{ "acceleration", 1 },
	{ "safety-features", 2 },
	{ "curfew", 3 },
	{ "browser-blocked", 4 },
	{ "theater-blocked", 5 },
	{ "arcade-blocked", 6 },
	{ NULL, 0 },
};

/* The fields of ClosureMoveRequest. */
const struct command_word words_doors[] = {
	{ "driver", 1 },
	{ "passenger", 2 },
	{ "rear-driver", 3 },
	{ "rear-passenger", 4 },
	{ NULL, 0 },
};
