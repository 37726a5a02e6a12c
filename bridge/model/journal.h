/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Journal - how far a program had come when the bridge stopped
 *
 * All that recovery after a crash knows, so that outcome and money are what
 * they would have been.
 */

#include <stdbool.h>

#include "model/program.h"

enum journal_mark {
	JOURNAL_NONE,  /* not begun */
	JOURNAL_BEGUN, /* begun, its outcome was not written */
	JOURNAL_CONFIRMED,
	JOURNAL_REFUSED,
	JOURNAL_UNKNOWN,
};

struct journal {
	enum journal_mark marks[PROGRAM_STEPS_MAX]; /* of the steps */
	/* The steps had ended before their time. */
	bool undo_begun;
};
