/* SPDX-License-Identifier: MIT */
#pragma once

/* Comfort - what infotainment does: climate, charging, media, schedules */

#include "world.h"

/* Does @deed, one of SUBJECT_COMFORT. */
struct verdict comfort_do(
	struct world *world, uint64_t now_ms, const struct deed *deed);

/* Ends it, with all that needs it. */
void comfort_end_climate(struct world *world);

/* All changes of @deed, or none. */
struct verdict comfort_change(struct world *world, const struct deed *deed);
