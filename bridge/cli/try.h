/* SPDX-License-Identifier: MIT */
#pragma once

/* Try - runs an action by hand and shows how it goes */

#include <stdbool.h>
#include <systemd/sd-bus.h>

#include "util/macro.h"

/*
 * Returns 0 if the car confirmed it.  Otherwise 1, after it was told why on
 * standard error.
 */
int try_action(sd_bus *bus, const char *action, bool as_json) _must_use_;
