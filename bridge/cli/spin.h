/* SPDX-License-Identifier: MIT */
#pragma once

/* Spin - a line that moves while something is waited for, and leaves nothing */

#include <stdbool.h>
#include <stdint.h>

struct spin {
	bool is_live; /* else nothing is printed */
	uint64_t since_ms;
	unsigned int frame;
};

/* On a terminal, and if a person is to read it. */
void spin_begin(struct spin *spin, bool as_json);

/* "| @who: @what, 3 s"; without the first, if @who is NULL. */
void spin_turn(struct spin *spin, const char *who, const char *what);

void spin_clear(const struct spin *spin);
