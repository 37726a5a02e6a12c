/* SPDX-License-Identifier: MIT */
#pragma once

/* Body - what VCSEC does: locks, closures, drive.  Spec: vehicle-protocol 5.3 */

#include "world.h"

/* Does @deed, one of ACT_UNLOCK to ACT_MOVE. */
struct verdict body_do(
	struct world *world, uint64_t now_ms, const struct deed *deed);
