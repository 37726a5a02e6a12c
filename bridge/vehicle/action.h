/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Actions - what a command to infotainment looks like on the wire
 *
 * Private to request.c.  Spec: vehicle-protocol 7.1 to 7.3, appendix B.
 */

#include "vehicle/request.h"

/* As request_write(), for commands of DOMAIN_INFOTAINMENT. */
size_t action_write(
	const struct command *command, uint8_t ret[static REQUEST_SIZE]);
