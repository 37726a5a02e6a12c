/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Problem - something that may be out of order, told once
 *
 * What fails is tried again and again, and fails again and again: the log
 * has one line when it begins, one when it changes, one when it is over.
 */

#include <stdbool.h>

#include "util/macro.h"

enum {
	PROBLEM_SIZE = 440, /* as long as lightning/rpc may say it */
};

struct problem {
	const char *who; /* "the ledger" */
	int priority;    /* of the line that tells of it */
	char text[PROBLEM_SIZE];
};

/* @text: what is wrong and what happens next, or "".  Returns if it is news. */
bool problem_set(struct problem *problem, const char *text);

/*
 * The same for what a call that writes to the ledger returned: 0, a
 * LEDGER_E_*, negative errno.  Returns 0 or negative errno.
 */
int problem_set_ledger(struct problem *problem, int r) _must_use_;
