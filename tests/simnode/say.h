/* SPDX-License-Identifier: MIT */
#pragma once

/* Say - what happens at the node, one JSON object per line, flushed */

#include <stdint.h>
#include <stdio.h>

struct say {
	FILE *out;
	uint64_t start_ms; /* where "t" is 0 */
};

/*
 * Writes {"t":SECONDS, …} with the members that jansson's json_pack()
 * @format describes, an object: say(s, "{s:s}", "called", method).
 */
void say(const struct say *say, const char *format, ...);
