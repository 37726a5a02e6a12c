/* SPDX-License-Identifier: MIT */

#include "util/clock.h"

#include <stdlib.h>
#include <sys/timex.h>
#include <time.h>

uint64_t clock_boottime_ms(void)
{
	struct timespec ts;

	/* Fails only for a bad pointer or a kernel older than 2.6.39. */
	if (clock_gettime(CLOCK_BOOTTIME, &ts) < 0)
		abort();

	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

int64_t clock_wall_s(void)
{
	return (int64_t)time(NULL);
}

bool clock_wall_is_set(void)
{
	struct timex t = { .modes = 0 };

	return adjtimex(&t) >= 0 && (t.status & STA_UNSYNC) == 0;
}
