/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Faults - what the protocol layer's errors prove, and what helps
 *
 * Spec: vehicle-protocol 5.1, 5.2; architecture 2 ("Who retries").
 */

#include <stdint.h>

#include "vehicle/vehicle.h"

enum fault_kind {
	FAULT_RETRY,   /* nothing happened: sign anew after a pause */
	FAULT_RESYNC,  /* nothing happened: fresh session, sign anew */
	FAULT_UNCLEAR, /* proves nothing */
	FAULT_FINAL,   /* nothing happened, nor will it */
};

struct fault_info {
	enum fault_kind kind;
	/* Does the car doubt who we are?  Then too many are a danger. */
	bool is_auth;
	enum vehicle_reason reason;
	const char *why; /* a sentence for the owner */
};

/* About MessageFault_E @fault; a number from the future is unclear. */
const struct fault_info *fault_info(uint32_t fault);
