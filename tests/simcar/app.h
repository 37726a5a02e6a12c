/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * App - what the car maker's app can have done besides all else
 *
 * Boombox, light show, dashcam, navigation.  Unofficial.
 * Spec: vehicle-protocol 7.2
 */

#include "world.h"

/*
 * Reads a CarServer.Action.  Returns 0 or the MessageFault_E that it deserves:
 * INVALID_COMMAND if it is none of these.
 */
int app_read(const uint8_t *payload, size_t len, struct deed *deed);

/* Does @deed, one of SUBJECT_APP. */
struct verdict app_do(struct world *world, const struct deed *deed);
