/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Passive - the car asks whether a key is near, once a second
 *
 * In the clear, to all links, while a handle is pulled or a foot is on the
 * brake.  Unofficial.  Spec: vehicle-protocol 8.4
 */

#include <stddef.h>
#include <stdint.h>

struct car;
struct deed;

enum {
	PASSIVE_PERIOD_MS = 1000,
	PASSIVE_TOKEN_SIZE = 20,
	PASSIVE_TOKEN_MS = 5000,
};

struct passive {
	uint32_t asked; /* enum level; 0: nothing, as last said */
	uint64_t next_ms;
	uint64_t token_until_ms;
	uint8_t token[PASSIVE_TOKEN_SIZE];
};

/*
 * Reads what a phone key says in a VCSEC.UnsignedMessage.  Returns 0 or the
 * MessageFault_E that it deserves: INVALID_COMMAND if it is nothing of that.
 */
int passive_read(const uint8_t *payload, size_t len, struct deed *deed);

/* Asks, where it is time to.  Returns 0 or negative errno. */
int passive_settle(struct car *car, uint64_t now_ms);

/* When to call it again, or CLOCK_NEVER. */
uint64_t passive_deadline(const struct car *car);

/* "drive" */
const char *passive_level_name(uint32_t level);
