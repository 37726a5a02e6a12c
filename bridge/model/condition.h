/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Conditions - what must be so of the car before anything is done to it
 *
 * Judged from what the car said.  Only encrypted answers of at most
 * CAR_PARKED_MAX_AGE_MS count, apart from sleep, which the status tells.
 *
 * Spec: architecture 4.
 */

#include <stdbool.h>
#include <stdint.h>

#include "model/car_state.h"
#include "model/command.h"

enum condition {
	/* Written by the owner where parked is not asked for. */
	CONDITION_ANYTIME,
	/* Proven first: proving another one may wake the car. */
	CONDITION_AWAKE,
	CONDITION_PARKED,
	CONDITION_NOBODY_INSIDE,
	CONDITION_SOMEBODY_INSIDE,
	CONDITION_LOCKED,
	CONDITION_UNLOCKED,
	CONDITION_BATTERY, /* its level is in a range */

	_CONDITION_N,
};

enum {
	/* Room for those that do not contradict each other. */
	CONDITIONS_TEXT_SIZE = 160,
	CONDITION_WHY_SIZE = 96,
};

struct conditions {
	unsigned int set; /* bits: 1 << enum condition */
	/* CONDITION_BATTERY: whole %, both included. */
	uint8_t battery_min;
	uint8_t battery_max;
};

/* Those that are one alone, which is not the battery. */
#define CONDITIONS_OF(condition_) \
	((struct conditions){ .set = 1u << (condition_) })

enum {
	_CONDITION_E_SUCCESS,

	CONDITION_E_INVALID, /* @why says what is wrong */
};

enum condition_verdict {
	CONDITION_HOLDS,
	CONDITION_OPEN, /* nobody knows */
	CONDITION_FAILS,
};

struct condition_judgement {
	enum condition_verdict verdict;
	/* HOLDS: when the first proof ends; CLOCK_NEVER: it needs none. */
	uint64_t until_ms;
	/* OPEN, FAILS: the read that shows how it is with the condition. */
	enum command_id read;
	/* OPEN, FAILS: a sentence. */
	char why[CONDITION_WHY_SIZE];
};

/*
 * Adds the one in @text, "nobody-inside" or "battery >= 20".  Returns 0, or
 * CONDITION_E_INVALID for what is none or contradicts those that are there.
 */
int conditions_add(struct conditions *conditions, const char *text,
	char why[static WHY_SIZE]) _must_use_;

static inline bool conditions_has(
	const struct conditions *conditions, enum condition condition)
{
	return (conditions->set & 1u << condition) != 0;
}

/* Those of @conditions that @read shows. */
struct conditions conditions_shown_by(
	const struct conditions *conditions, enum command_id read);

/* Writes one as it is written in the menu. */
void condition_print(const struct conditions *conditions,
	enum condition condition, char ret[static CONDITION_WHY_SIZE]);
/* The same for all: "parked, locked"; "" without any. */
void conditions_print(const struct conditions *conditions,
	char ret[static CONDITIONS_TEXT_SIZE]);

/* Judges all of them: by the first that fails, else by the first open one. */
void conditions_judge(const struct conditions *conditions,
	const struct car_state *state, uint64_t now_ms,
	struct condition_judgement *ret);
