/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Methods - what can be called, but for waitanyinvoice's waiting
 *
 * Spec: lightning 3, 4.
 */

#include <jansson.h>

#include "node.h"

/* What came of a call. */
struct methods_answer {
	json_t *result; /* a new reference; NULL: @error */
	struct node_error error;
	json_t *paid; /* was just paid; borrowed, or NULL */
	/* Nothing to tell yet: wait so long for a payment (no end if < 0). */
	bool waits;
	int64_t wait_s;
};

void methods_call(struct node *node, const char *method, json_t *params,
	struct methods_answer *ret);
