/* SPDX-License-Identifier: MIT */
#pragma once

/* Options - what the command line of 1sat2flashd asks for */

#include <stdbool.h>

#include "util/macro.h"

enum mode {
	MODE_RUN,
	MODE_CHECK,
	MODE_MAKE_KEY,
	MODE_NODE_ID,
	MODE_DIAGNOSE,
	MODE_RELEASE,
};

struct options {
	enum mode mode;
	const char *config;
	const char *state_dir;
	bool allow_volatile;
};

/* Returns 0, or the exit status plus one: all is said. */
int options_parse(int argc, char **argv, struct options *ret) _must_use_;
