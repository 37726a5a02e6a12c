/* SPDX-License-Identifier: MIT */
#pragma once

/* Comfort - what infotainment does: climate, charging, media, schedules */

#include "world.h"

/* Does @deed, one of SUBJECT_COMFORT. */
struct verdict comfort_do(
	struct world *world, uint64_t now_ms, const struct deed *deed);

/* All changes of @deed, or none. */
struct verdict comfort_change(struct world *world, const struct deed *deed);
