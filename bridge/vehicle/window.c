/* SPDX-License-Identifier: MIT */

#include "vehicle/window.h"

static bool accept_higher(struct window *window, uint32_t counter)
{
	uint32_t ahead = counter - window->highest;

	/* The old highest becomes bit ahead - 1, if it stays in at all. */
	if (ahead > WINDOW_SIZE)
		window->seen = 0;
	else
		/* By 64 bits: a shift by 32 of 32 is undefined. */
		window->seen = (uint32_t)(((uint64_t)window->seen << ahead) |
					  (uint64_t)1 << (ahead - 1));
	window->highest = counter;
	return true;
}

bool window_accept(struct window *window, uint32_t counter)
{
	uint32_t behind, bit;

	if (!window->is_begun) {
		*window = (struct window){ true, counter, 0 };
		return true;
	}
	if (counter > window->highest)
		return accept_higher(window, counter);

	behind = window->highest - counter;
	if (behind == 0 || behind > WINDOW_SIZE)
		return false;
	bit = (uint32_t)1 << (behind - 1);
	if ((window->seen & bit) != 0)
		return false;
	window->seen |= bit;
	return true;
}
