/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Ladder - what is tried next when the radio does not do what it should
 *
 * Pure: whoever climbs does what a rung says, and tells when a link came up.
 * Rungs already taken are remembered over several attempts to open a link,
 * as one attempt is too short for all of them; so are their rate limits.
 *
 * Spec: bluez B.3 12, B.4.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum bluez_rung {
	BLUEZ_RETRY,       /* wait a moment, connect again */
	BLUEZ_FORGET,      /* RemoveDevice, and look for the car anew */
	BLUEZ_POWER_CYCLE, /* the adapter, off and on */
	BLUEZ_GIVE_UP,
};

/* What has failed: bits. */
enum {
	BLUEZ_NO_SCAN = 1 << 0,
	BLUEZ_NO_LINK = 1 << 1,
	/* The link is there, but the car's characteristics are not. */
	BLUEZ_NO_SERVICE = 1 << 2,
	/* The car holds all the links it can: nothing here is broken. */
	BLUEZ_NO_ROOM = 1 << 3,
};

enum {
	BLUEZ_N_RUNGS = 6,
};

struct bluez_ladder {
	unsigned int taken; /* bit per row, since a link last came up */
	uint64_t taken_ms[BLUEZ_N_RUNGS]; /* 0: never */
};

struct bluez_choice {
	enum bluez_rung rung;
	uint64_t pause_ms; /* before it */
};

/*
 * The next rung against @fault, and takes it.  @left_ms: what is left of the
 * attempt; a rung that needs more is left for the next attempt.  @may_cycle:
 * the adapter is ours alone, or may be reset all the same.
 */
struct bluez_choice bluez_ladder_next(struct bluez_ladder *ladder,
	unsigned int fault, uint64_t now_ms, uint64_t left_ms, bool may_cycle);

/* A link has come up: the next fault begins at the foot. */
void bluez_ladder_reset(struct bluez_ladder *ladder);
