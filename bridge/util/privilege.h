/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Privilege - from root to the bridge's user, with no way back
 *
 * Root is needed for what the user may not write, and for no byte from the
 * radio or the bus.
 */

#include <sys/types.h>

#include "util/macro.h"

struct account {
	const char *name; /* borrowed */
	uid_t uid;
	gid_t gid;
};

enum {
	_PRIVILEGE_E_SUCCESS,

	PRIVILEGE_E_NO_USER,
};

/* Returns 0, PRIVILEGE_E_NO_USER, or negative errno. */
int privilege_find(const char *name, struct account *ret) _must_use_;

/*
 * Becomes @account, with its groups, for good: user and groups in all their
 * kinds, no capability, and nothing that is executed gets more.  Returns 0, or
 * negative errno, with which a program can only end.
 */
int privilege_drop(const struct account *account) _must_use_;

/*
 * Keeps core dumps and debuggers from the memory of this process.  To be
 * called again after privilege_drop(), since the kernel resets it then.
 * Returns 0 or negative errno.
 */
int privilege_hide(void) _must_use_;
