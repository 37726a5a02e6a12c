/* SPDX-License-Identifier: MIT */
#pragma once

/* Link hold - how long the link to the car is kept: key "link-hold" */

enum link_hold {
	/* While there is work, and half a minute more. */
	LINK_HOLD_ON_DEMAND,
	/* As long as the car is awake; looked for now and then. */
	LINK_HOLD_WHILE_AWAKE,
	/* Taken up again whenever it is lost. */
	LINK_HOLD_ALWAYS,

	_LINK_HOLD_N,
};

/* "on-demand": as the configuration has it. */
const char *link_hold_name(enum link_hold hold);
