/* SPDX-License-Identifier: MIT */

#include "link/bluez_ladder.h"

#include "util/macro.h"

/*
 * From the foot to the top.  Restarting services or the machine would come
 * next, but needs privilege: that is systemd's work, not ours.
 */
static const struct row {
	enum bluez_rung rung;
	uint32_t pause_ms; /* before it */
	uint32_t need_ms;  /* or it could not bear fruit in this attempt */
	uint32_t every_ms; /* at most once in this time */
	unsigned int against;
} rows[BLUEZ_N_RUNGS] = {
	{ BLUEZ_RETRY, 300, 2000, 0,
		BLUEZ_NO_LINK | BLUEZ_NO_SCAN | BLUEZ_NO_ROOM },
	{ BLUEZ_RETRY, 1000, 2000, 0,
		BLUEZ_NO_LINK | BLUEZ_NO_SCAN | BLUEZ_NO_ROOM },
	{ BLUEZ_RETRY, 3000, 2000, 0, BLUEZ_NO_LINK | BLUEZ_NO_ROOM },
	/* Handles or addresses that are no longer true: bluez B.3 8. */
	{ BLUEZ_FORGET, 0, 3000, 60 * 1000, BLUEZ_NO_LINK | BLUEZ_NO_SERVICE },
	/* It was as it should be, but BlueZ did not see all of it. */
	{ BLUEZ_RETRY, 1000, 2000, 0, BLUEZ_NO_SERVICE },
	/* A controller that hangs: bluez B.3 12. */
	{ BLUEZ_POWER_CYCLE, 0, 8000, 10 * 60 * 1000,
		BLUEZ_NO_LINK | BLUEZ_NO_SCAN },
};

static bool is_open(const struct bluez_ladder *ladder, size_t i,
	unsigned int fault, uint64_t now_ms, bool may_cycle)
{
	const struct row *row = &rows[i];

	if ((ladder->taken & 1u << i) != 0 || (row->against & fault) == 0)
		return false;
	if (row->rung == BLUEZ_POWER_CYCLE && !may_cycle)
		return false;
	return ladder->taken_ms[i] == 0 ||
	       now_ms - ladder->taken_ms[i] >= row->every_ms;
}

struct bluez_choice bluez_ladder_next(struct bluez_ladder *ladder,
	unsigned int fault, uint64_t now_ms, uint64_t left_ms, bool may_cycle)
{
	size_t i = 0;

	while (i < ARRAY_SIZE(rows) &&
		!is_open(ladder, i, fault, now_ms, may_cycle))
		i++;
	if (i == ARRAY_SIZE(rows)) {
		/* At the top: the next attempt begins at the foot. */
		bluez_ladder_reset(ladder);
		return (struct bluez_choice){ BLUEZ_GIVE_UP, 0 };
	}
	if (left_ms < rows[i].pause_ms + rows[i].need_ms)
		return (struct bluez_choice){ BLUEZ_GIVE_UP, 0 };

	ladder->taken |= 1u << i;
	ladder->taken_ms[i] = now_ms;
	return (struct bluez_choice){ rows[i].rung, rows[i].pause_ms };
}

void bluez_ladder_reset(struct bluez_ladder *ladder)
{
	ladder->taken = 0;
}
