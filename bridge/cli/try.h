/* SPDX-License-Identifier: MIT */
#pragma once

/* Try - runs an action or some steps by hand, and shows how it goes */

#include <stdbool.h>
#include <stddef.h>
#include <systemd/sd-bus.h>

#include "util/macro.h"

/*
 * Returns 0 if the car confirmed it.  Otherwise 1, after it was told why on
 * standard error.
 */
int try_words(sd_bus *bus, char *const *words, size_t n_words,
	bool as_json) _must_use_;
