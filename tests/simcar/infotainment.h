/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Infotainment - domain 3: lights, horn, media, climate, state
 *
 * How its deeds are asked and answered: vehicle-protocol 2.1, 5.4, 7.3.
 */

#include "car.h"

/*
 * Reads a CarServer.Action.  Returns 0 or the MessageFault_E that it
 * deserves.
 */
int infotainment_read(
	const uint8_t *payload, size_t len, struct deed *ret) _must_use_;

/* Answers a read. */
int infotainment_answer(struct car *car, struct request *request,
	const struct deed *deed) _must_use_;

/* Done, if @why is NULL, or not, for the reason @why. */
int infotainment_conclude(struct car *car, struct request *request,
	const struct deed *deed, const char *why) _must_use_;
