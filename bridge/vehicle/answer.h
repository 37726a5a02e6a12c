/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Answers - what the application layer of a domain says to a command
 *
 * Spec: vehicle-protocol 5.3, 5.4.
 */

#include <stdbool.h>
#include <stdint.h>

#include "vehicle/routable.h"
#include "vehicle/unpack.h"
#include "vehicle/vehicle.h"

struct answer {
	enum {
		ANSWER_NONE, /* not the answer: wait for the next frame */
		ANSWER_DONE,
		ANSWER_WAIT,    /* nothing happened: try again later */
		ANSWER_REFUSED, /* nothing happened */
		ANSWER_UNCLEAR, /* cannot be read: something may have */
	} type;

	/* ANSWER_REFUSED, _WAIT, _UNCLEAR */
	enum vehicle_reason reason;
	char why[VEHICLE_WHY_SIZE];
};

/*
 * Reads the @payload that answers @command.  @is_proven: it was encrypted, so
 * the car has said it; only then infotainment's state is believed.  State
 * that came with it goes to @state, as of @asked_ms, when the command was
 * sent; returns whether some did.
 */
bool answer_read(struct arena *arena, const struct command *command,
	struct view payload, bool is_proven, uint64_t asked_ms,
	struct car_state *state, struct answer *ret);

/* Takes a broadcast of VCSEC, which proves nothing.  Was it a status? */
bool answer_read_broadcast(struct arena *arena, struct view payload,
	uint64_t now_ms, struct car_state *state);
