/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Window - which counters of a peer have been seen
 *
 * Counters may come out of order within WINDOW_SIZE of the highest; each is
 * accepted once.  A window that is all zero has seen nothing and takes any
 * first counter.
 *
 * Spec: vehicle-protocol 3.6, 4.5.
 */

#include <stdbool.h>
#include <stdint.h>

enum {
	WINDOW_SIZE = 32,
};

struct window {
	bool is_begun;
	uint32_t highest;
	uint32_t seen; /* bit k: highest - 1 - k was there */
};

/* Is @counter new?  If so it is remembered; if not, nothing changes. */
bool window_accept(struct window *window, uint32_t counter);
