/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * State - the folder 1sat2flash beside lightningd's own files
 *
 * Plugin and guard share it, and whoever comes first makes it.
 */

#include "util/macro.h"

struct state {
	int fd;
	int cars_fd;
	int marks_fd;
};

#define STATE_NONE ((struct state){ -1, -1, -1 })

/*
 * Makes what is missing in @path and opens it: the folder, and in it cars and
 * marks.  Returns 0, or negative errno where it cannot be made or written.
 */
int state_open(const char *path, struct state *ret) _must_use_;
/* Fine for STATE_NONE. */
void state_close(struct state *state);
