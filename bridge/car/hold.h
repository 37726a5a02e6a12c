/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Hold - when the link is wanted without work, and when it is given up
 *
 * The judgement of car.h's link-hold, without its world.  What is sent for
 * holding is the unsigned question for the status: VCSEC answers it, and the
 * car may fall asleep as if nobody asked.
 */

#include <stdbool.h>
#include <stdint.h>

#include "model/car_state.h"
#include "model/link_hold.h"

struct hold {
	enum link_hold mode;
	uint64_t close_ms; /* up: given up; CLOCK_NEVER */
	uint64_t keep_ms;  /* up: the status is due; CLOCK_NEVER */
	uint64_t look_ms;  /* down: taken up; CLOCK_NEVER */
};

void hold_init(struct hold *hold, enum link_hold mode);

/* The link came up. */
void hold_on_up(struct hold *hold, uint64_t now_ms);

/* A frame went to the car: it is not silent. */
void hold_on_sent(struct hold *hold, uint64_t now_ms);

/* Work has ended.  While it lasts, nobody asks whether it is to be given up. */
void hold_on_idle(struct hold *hold, uint64_t now_ms);

/*
 * The link went down, or an attempt did.  @lost: it carried something, and was
 * not given up by us.
 */
void hold_on_down(struct hold *hold, uint64_t now_ms, bool lost);

/*
 * Is a link without work to be given up?  @answered_ms: infotainment's last
 * answer, which is from a car that is awake.
 */
bool hold_is_over(const struct hold *hold, uint64_t now_ms,
	const struct car_state *state, uint64_t answered_ms);

/* When one of the times above comes, for a link that is @up or down. */
uint64_t hold_deadline(const struct hold *hold, bool up);
