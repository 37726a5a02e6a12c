/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Clocks - the two that count
 *
 * Everything that measures a span uses CLOCK_BOOTTIME, which goes on while
 * the machine sleeps and is never set.  The wall clock of a Pi is wrong until
 * the network has set it: what needs it asks first whether it is right.
 */

#include <stdbool.h>
#include <stdint.h>

/* "No deadline." */
#define CLOCK_NEVER UINT64_MAX

/* Milliseconds of CLOCK_BOOTTIME. */
uint64_t clock_boottime_ms(void);

static inline uint64_t clock_earlier(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Seconds since 1970. */
int64_t clock_wall_s(void);

/* Has something (NTP, GPS) set the wall clock?  adjtimex(2), STA_UNSYNC. */
bool clock_wall_is_set(void);
