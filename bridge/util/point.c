/* SPDX-License-Identifier: MIT */

#include "util/point.h"

__attribute__((__weak__)) void point(const char *name)
{
	(void)name;
}
