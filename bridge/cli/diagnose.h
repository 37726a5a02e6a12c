/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Diagnose - has the bridge's program look, where no bridge is running
 *
 * Runs `1sat2flashd --diagnose`, without a shell, and reads what it prints
 * line by line: bounded in size and in time.
 */

#include "util/macro.h"

enum {
	DIAGNOSE_WHY_SIZE = 256,
	DIAGNOSE_IDLE_MS = 100,
	DIAGNOSE_MS = 90 * 1000,
	/* How long it may tidy up after it was told to stop. */
	DIAGNOSE_STOP_MS = 3 * 1000,
	DIAGNOSE_LINE_MAX = 600, /* what is longer is left out */
	DIAGNOSE_LINES_MAX = 200,
};

enum {
	_DIAGNOSE_E_SUCCESS,

	DIAGNOSE_E_FAILED, /* @why says why */
};

struct diagnose_ops {
	/* One line, without its end; may be cut up. */
	void (*line)(void *userdata, char *line);
	/* Nothing new for DIAGNOSE_IDLE_MS. */
	void (*idle)(void *userdata);
};

/*
 * @argv: the program's path, its arguments, NULL.  Returns 0 if it said
 * something and ended, or DIAGNOSE_E_FAILED.
 */
int diagnose_run(char *const *argv, const struct diagnose_ops *ops,
	void *userdata, char why[static DIAGNOSE_WHY_SIZE]) _must_use_;
