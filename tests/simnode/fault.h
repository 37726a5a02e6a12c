/* SPDX-License-Identifier: MIT */
#pragma once

/* Faults - how the node misbehaves, until told otherwise */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	FAULT_FLOOD_MAX = 200 * 1000 * 1000,
	FAULT_SLOW_MAX_MS = 10 * 60 * 1000,
};

/* What strikes the next answer, once. */
enum fault_kind {
	FAULT_NONE,
	FAULT_CLOSE_MID_OBJECT,
	FAULT_FLOOD,
	FAULT_GARBAGE,
	FAULT_WRONG_ID,
	FAULT_TWICE,
};

struct faults {
	enum fault_kind next;
	size_t flood; /* bytes of FAULT_FLOOD */
	/* What lasts. */
	bool out_of_order;
	bool stall;
	uint64_t slow_ms;
};
