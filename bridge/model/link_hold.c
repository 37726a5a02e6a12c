/* SPDX-License-Identifier: MIT */

#include "model/link_hold.h"

const char *link_hold_name(enum link_hold hold)
{
	static const char *const names[_LINK_HOLD_N] = {
		[LINK_HOLD_ON_DEMAND] = "on-demand",
		[LINK_HOLD_WHILE_AWAKE] = "while-awake",
		[LINK_HOLD_ALWAYS] = "always",
	};

	return names[hold];
}
