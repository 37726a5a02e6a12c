/* SPDX-License-Identifier: MIT */
#pragma once

/* Amounts - of bitcoin, msat inside, sat for people */

#include <stdint.h>

enum {
	AMOUNT_TEXT_SIZE = 32,
};

/* Writes "21 sat", or "1.5 sat" where it is no whole number. */
void amount_print(uint64_t msat, char ret[static AMOUNT_TEXT_SIZE]);
