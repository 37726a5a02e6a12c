/* SPDX-License-Identifier: MIT */
#pragma once

/* Pair - has the car to itself, and enrols the key, or asks about it */

#include <stdbool.h>
#include <stdint.h>

#include "model/key_role.h"
#include "pair/setup.h"
#include "pair/talk.h"
#include "util/macro.h"

struct pair_config {
	const struct setup *setup; /* with its signer */
	bool ask_only;             /* --status */
	enum key_role role;
	enum key_form form;
	uint64_t timeout_ms;
};

/* Runs until it has ended, which @talk tells.  Returns the exit status. */
int pair_run(const struct pair_config *config, struct talk *talk) _must_use_;
