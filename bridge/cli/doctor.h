/* SPDX-License-Identifier: MIT */
#pragma once

/* Doctor - finds out what is wrong and what to do, and shows it */

#include <stdbool.h>

#include "util/macro.h"

struct doctor {
	/* NULL: the usual ones.  Named, they are for a bridge of one's own. */
	char *config;
	char *state_dir;
	bool as_json;
};

/* Returns the exit status: 0 if no problem was found, else 1. */
int doctor_run(const struct doctor *doctor) _must_use_;
