/* SPDX-License-Identifier: MIT */
#pragma once

/* Durations as people write them: 500ms, 2s, 30min, 1h; a bare number is s. */

#include <stddef.h>
#include <stdint.h>

#include "util/macro.h"

enum {
	DURATION_TEXT_SIZE = 24,
};

/*
 * Reads a duration of at most @max_ms.  Returns 0, or -EINVAL for anything
 * else, with *@ret_ms untouched.
 */
int duration_parse(
	const char *text, uint64_t max_ms, uint64_t *ret_ms) _must_use_;

/* Writes @ms for a person: "80 ms", "1.5 s", "12 min", "3 h", "2 days". */
void duration_print(uint64_t ms, char ret[static DURATION_TEXT_SIZE]);
