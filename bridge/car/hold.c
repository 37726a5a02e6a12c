/* SPDX-License-Identifier: MIT */

#include "car/hold.h"

#include "car/car.h"
#include "util/clock.h"

void hold_init(struct hold *hold, enum link_hold mode)
{
	*hold = (struct hold){
		.mode = mode,
		.close_ms = CLOCK_NEVER,
		.keep_ms = CLOCK_NEVER,
		.look_ms = mode == LINK_HOLD_ON_DEMAND ? CLOCK_NEVER : 0,
	};
}

void hold_on_up(struct hold *hold, uint64_t now_ms)
{
	switch (hold->mode) {
	case LINK_HOLD_ON_DEMAND:
	case _LINK_HOLD_N:
		return;
	case LINK_HOLD_WHILE_AWAKE:
		/* Is it?  The first question of all. */
		hold->keep_ms = now_ms;
		return;
	case LINK_HOLD_ALWAYS:
		hold->keep_ms = now_ms + CAR_KEEP_MS;
		return;
	}
}

void hold_on_sent(struct hold *hold, uint64_t now_ms)
{
	if (hold->mode != LINK_HOLD_ON_DEMAND)
		hold->keep_ms = now_ms + CAR_KEEP_MS;
}

void hold_on_idle(struct hold *hold, uint64_t now_ms)
{
	if (hold->mode == LINK_HOLD_ON_DEMAND)
		hold->close_ms = now_ms + CAR_LINK_IDLE_MS;
}

void hold_on_down(struct hold *hold, uint64_t now_ms, bool lost)
{
	hold->close_ms = hold->keep_ms = CLOCK_NEVER;
	switch (hold->mode) {
	case LINK_HOLD_ON_DEMAND:
	case _LINK_HOLD_N:
		return;
	case LINK_HOLD_WHILE_AWAKE:
		/* Links drop in cars that are awake, too: bluez B.4. */
		hold->look_ms = lost ? now_ms : now_ms + CAR_LOOK_MS;
		return;
	case LINK_HOLD_ALWAYS:
		/* As soon as the back-off lets it. */
		hold->look_ms = now_ms;
		return;
	}
}

bool hold_is_over(const struct hold *hold, uint64_t now_ms,
	const struct car_state *state, uint64_t answered_ms)
{
	if (hold->mode == LINK_HOLD_WHILE_AWAKE)
		return state->body.at_ms >= answered_ms &&
		       car_state_is_asleep(state, now_ms);

	return now_ms >= hold->close_ms;
}

uint64_t hold_deadline(const struct hold *hold, bool up)
{
	return up ? clock_earlier(hold->close_ms, hold->keep_ms)
		  : hold->look_ms;
}
