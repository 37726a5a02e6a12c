/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Methods - what can be called, but for waitanyinvoice's waiting
 *
 * Spec: lightning 3, 4.
 */

#include <jansson.h>

#include "call.h"
#include "world.h"

/* What came of a call. */
struct methods_answer {
	struct call *call; /* that it is to, or NULL */
	bool is_later;     /* the call is answered by somebody else */
	json_t *result;    /* a new reference; NULL: @error */
	struct node_error error;
	/* Nothing to tell yet: wait so long for a payment (no end if < 0). */
	bool waits;
	int64_t wait_s;
};

/* @call may be NULL, and is the caller's unless *@ret is_later. */
void methods_call(struct world *world, const char *method, json_t *params,
	struct call *call, struct methods_answer *ret);

/* Is there such a method, but for those of plugins? */
bool methods_has(const char *method);
