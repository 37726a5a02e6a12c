/* SPDX-License-Identifier: MIT */

#include "vehicle/lane.h"

#include <string.h>

void lane_shake_hands(
	struct lane *lane, uint64_t now_ms, const struct routable_ids *ids)
{
	uint8_t public[SIGNER_PUBLIC_SIZE];
	unsigned int slot = lane->n_handshakes++ % LANE_HANDSHAKES;

	lane->handshakes[slot] = (struct handshake){ true, now_ms, *ids };
	lane->handshake_until_ms = now_ms + LANE_HANDSHAKE_MS;

	signer_public(lane->session.signer, public);
	routable_write_handshake(
		lane->session.domain, ids, public, &lane->output);
	lane->has_output = true;
	lane->output_is_request = false;
}

const struct handshake *lane_find_handshake(
	const struct lane *lane, const struct routable *message)
{
	for (size_t i = 0; i < LANE_HANDSHAKES; i++)
		if (lane->handshakes[i].is_pending &&
			routable_answers(message, &lane->handshakes[i].ids))
			return &lane->handshakes[i];

	return NULL;
}

void lane_stop_shaking(struct lane *lane)
{
	memset(lane->handshakes, 0, sizeof(lane->handshakes));
	lane->handshake_until_ms = CLOCK_NEVER;
	lane->unasked_left = 0;
}
