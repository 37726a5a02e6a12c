/* SPDX-License-Identifier: MIT */

/*
 * Preloaded, it is a clock that the network has set: where a machine has none,
 * the owner's time to look at a car that is back would never begin.
 */

#include <sys/timex.h>

int adjtimex(struct timex *buf)
{
	buf->status = 0;
	return TIME_OK;
}
