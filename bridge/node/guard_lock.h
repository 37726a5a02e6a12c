/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Guard lock - how the plugin knows that a guard stands behind it
 *
 * The guard holds a file locked for its life, so that its end is known at
 * once, however it ends.  The file says who it is: one of another lightningd,
 * or one that was started before the plugin and so comes before it in the
 * chain of the hook, guards nothing (lightning 0, 12).
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "util/macro.h"

enum {
	_GUARD_LOCK_E_SUCCESS,

	GUARD_LOCK_E_HELD, /* by another guard */
};

/* One of the two plugins, as lightningd has started it. */
struct guard_peer {
	pid_t lightningd;
	bool startup;        /* with lightningd, not later */
	uint64_t started_ms; /* CLOCK_BOOTTIME of init */
};

/*
 * For the guard: locks the file in @folder_fd until *@ret_fd is closed.
 * Returns 0, GUARD_LOCK_E_HELD, or negative errno.
 */
int guard_lock_take(
	int folder_fd, const struct guard_peer *guard, int *ret_fd) _must_use_;

/* For the plugin: NULL if a guard stands behind it, or a sentence. */
const char *guard_lock_why_not(int folder_fd, const struct guard_peer *plugin);
