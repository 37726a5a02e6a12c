/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * PINs - four digits in a file, for the commands that need them
 *
 * A program, and whatever is shown or journalled of it, names the file; the
 * digits are put beside it here and nowhere else.
 */

#include <stddef.h>

#include "model/program.h"
#include "util/macro.h"

enum {
	_PIN_E_SUCCESS,

	PIN_E_INVALID, /* @why says what is wrong */
};

/*
 * Loads the PINs of @program's steps from step @from on, each from its file:
 * four digits, and perhaps an end of line, in a file that not everybody can
 * read.  Returns 0 or PIN_E_INVALID; a step whose PIN could not be loaded has
 * none, and the car is never asked to do it.
 */
int pin_load(struct program *program, size_t from,
	char why[static WHY_SIZE]) _must_use_;
