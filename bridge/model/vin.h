/* SPDX-License-Identifier: MIT */
#pragma once

/* VIN - the 17 characters that name a car: ISO 3779, 49 CFR 565.15(c) */

#include "util/macro.h"

enum {
	VIN_SIZE = 18, /* 17 characters and a NUL */
	VIN_WHY_SIZE = 160,
};

enum {
	_VIN_E_SUCCESS,

	VIN_E_INVALID, /* @why says what is wrong, in a sentence */
};

/* Digits and capital letters, but those that look like 1 and 0. */
#define VIN_LETTERS "0123456789ABCDEFGHJKLMNPRSTUVWXYZ"

/*
 * Reads what a person typed; small letters are taken as capitals.  The check
 * digit is not looked at.  Returns 0 or VIN_E_INVALID.
 */
int vin_parse(const char *text, char ret[static VIN_SIZE],
	char why[static VIN_WHY_SIZE]) _must_use_;

/*
 * What the ninth character of @vin has to be, '0' to '9' or 'X', where check
 * digits are used: in North America and China.  Cars of other markets may
 * have anything there.
 */
char vin_check_digit(const char vin[static VIN_SIZE]);
