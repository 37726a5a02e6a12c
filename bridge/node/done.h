/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Done - a car's verdict on a payment, and what became of it at the node
 *
 * Of a payment that is held, the verdict is written at once.  Of one that is
 * not, the node says first whose it is; with what it says of every payment,
 * the car hears whether the money has come.
 */

#include <jansson.h>

struct done; /* a verdict that waits for what the node says */
struct node;
struct plugin_request;

enum {
	/* So long after it was decided a payment may yet settle. */
	DONE_PENDING_MS = 30 * 1000,
	DONE_LOOK_MS = 10 * 1000,
	DONE_TEXT_SIZE = 160,
};

/* The method 1sat2flash-done; a plugin_method's handler. */
void done_method(
	void *userdata, struct plugin_request *request, const json_t *params);

/* Forgets those that wait, without an answer. */
void done_end(struct node *node);
