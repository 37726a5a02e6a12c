/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Programs - what one payment buys: a list of steps, and what undoes it
 *
 * A step is a command or a wait.  "flash-lights x 3" is three steps, so that
 * each of them is journalled and answered for by itself.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/command.h"

enum {
	PROGRAM_STEPS_MAX = 32,
	/* Longest single wait. */
	PROGRAM_WAIT_MAX_MS = 60 * 1000,
	/* Time that one command may take, wake-up not included. */
	PROGRAM_COMMAND_MS = 10 * 1000,
	/* Time that one command takes at least: vehicle-protocol 8.5. */
	PROGRAM_COMMAND_LEAST_MS = 120,
	STEP_TEXT_SIZE = 160,
};

/*
 * What becomes of the program, and of the money, when a step fails.  Whatever
 * it is, undo runs where the program stops.
 */
enum step_else {
	STEP_ELSE_RETURN, /* it stops; the payer has the money back */
	STEP_ELSE_KEEP,   /* it stops; what came before was worth it */
	STEP_ELSE_SKIP,   /* it goes on without this step */
};

struct step {
	bool is_wait;
	uint32_t wait_ms; /* if is_wait */
	/* Otherwise; COMMAND_NONE: written by a version that knew it. */
	struct command command;
	enum step_else or_else; /* the same */
};

struct program {
	size_t n_steps;
	struct step steps[PROGRAM_STEPS_MAX];
};

enum {
	_PROGRAM_E_SUCCESS,

	PROGRAM_E_INVALID, /* @why says what is wrong */
};

/*
 * Appends the step or steps in @text: "wait 2s", "honk", "flash-lights x 3",
 * "media-volume 4", "media-play else skip".  Reads (COMMAND_READS) are refused.  Returns 0, or
 * PROGRAM_E_INVALID with a sentence in @why and @program unchanged.
 */
int program_append(struct program *program, const char *text,
	char why[static WHY_SIZE]) _must_use_;

/*
 * Does it make sense as a whole?  Something has to be done that is not left
 * out, and before money is kept something has to have been done for it.
 * Returns 0, or PROGRAM_E_INVALID with a sentence in @why.
 */
int program_check(
	const struct program *program, char why[static WHY_SIZE]) _must_use_;

/*
 * The step by which the program ends where nothing is done from @from on: the
 * first one there that may not be left out; n_steps if it is complete.
 */
size_t program_stops_at(const struct program *program, size_t from);

/*
 * What closes again what @program opens, the last one first.  Returns 0 and
 * *@ret, or PROGRAM_E_INVALID with a sentence where a command follows one that
 * only a person can close.
 */
int program_close(const struct program *program, struct program *ret,
	char why[static WHY_SIZE]) _must_use_;

/* Has any step one of these @traits? */
bool program_has(const struct program *program, unsigned int traits);

/* Does any step need the car awake (infotainment, or a read-back first)? */
bool program_needs_awake(const struct program *program);

/* The longest that all steps may take once the first one has begun. */
uint64_t program_budget_ms(const struct program *program);
/* The shortest: the waits, and a round trip for each command. */
uint64_t program_least_ms(const struct program *program);

/*
 * Writes all steps of @program @n_rounds times to *@ret, which is not
 * @program.  Returns 0, or PROGRAM_E_INVALID if they are too many.
 */
int program_repeat(const struct program *program, size_t n_rounds,
	struct program *ret) _must_use_;

/* Forgets the PINs in it. */
void program_wipe(struct program *program);

/* Writes "wait 2s", or the command and what else. */
void step_print(const struct step *step, char ret[static STEP_TEXT_SIZE]);
