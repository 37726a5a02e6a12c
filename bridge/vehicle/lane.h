/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Lanes - one domain's side of the engine: its session, the handshakes that
 * are under way, and room for one frame
 *
 * At most one exchange is under way in a lane: VCSEC wants its counters in
 * strict order.
 */

#include <stdbool.h>
#include <stdint.h>

#include "util/clock.h"
#include "vehicle/routable.h"
#include "vehicle/session.h"

enum {
	/* After this a handshake is repeated, or given up. */
	LANE_HANDSHAKE_MS = 1000,
	/* Answers to earlier ones count for SESSION_INFO_MAX_AGE_MS. */
	LANE_HANDSHAKES = SESSION_INFO_MAX_AGE_MS / LANE_HANDSHAKE_MS,
};

struct handshake {
	bool is_pending;
	uint64_t sent_ms;
	struct routable_ids ids;
};

struct lane {
	struct session session;
	bool encrypts; /* it has, once: so it always will */

	/* The latest, in a ring. */
	unsigned int n_handshakes;
	struct handshake handshakes[LANE_HANDSHAKES];
	/* Until then an answer is waited for; CLOCK_NEVER: for none. */
	uint64_t handshake_until_ms;
	/* How often to go on without a request that needs the session. */
	unsigned int unasked_left;

	bool has_output;
	bool output_is_request;
	struct routable_frame output;
};

/* Puts a handshake with @ids into the output. */
void lane_shake_hands(
	struct lane *lane, uint64_t now_ms, const struct routable_ids *ids);

static inline bool lane_is_shaking(const struct lane *lane)
{
	return lane->handshake_until_ms != CLOCK_NEVER;
}

/* The handshake that @message answers, NULL if it answers none. */
const struct handshake *lane_find_handshake(
	const struct lane *lane, const struct routable *message);

/* No more answers to handshakes are waited for, nor taken. */
void lane_stop_shaking(struct lane *lane);
