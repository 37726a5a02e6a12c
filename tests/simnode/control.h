/* SPDX-License-Identifier: MIT */
#pragma once

/* Control - the call "plugin": start, stop, list */

#include "call.h"
#include "plugins.h"

/*
 * Runs it.  @call is answered now or later; returns false, with nothing
 * answered, and *@ret_error if it is refused.
 */
bool control_run(struct plugins *plugins, json_t *params, struct call *call,
	struct node_error *ret_error);
