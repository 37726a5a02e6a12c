/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Call - one that a client made, until it has its answer
 *
 * Whoever answers owns it.  Its client may be gone by then: the answer goes
 * nowhere, as hanging up ends no command of the real node.
 *
 * Spec: lightning 3.
 */

#include "node.h"
#include "reply.h"

struct call {
	struct calls *of; /* NULL: its client has gone */
	struct call *next;
	struct call_id id; /* owned */
	json_t *filter;    /* owned, or NULL */
	json_t *request;   /* owned, as it came */
};

/* Those of one client, which have no answer yet. */
struct calls {
	struct reply *reply;
	struct call *first;
	size_t n;
};

/* Returns NULL if there is no memory.  @request has an id. */
struct call *call_new(struct calls *calls, uint64_t number, json_t *request);
struct call *call_free(struct call *call);

/* The client goes. */
void calls_deinit(struct calls *calls);

/*
 * These answer, and end @call, which may be NULL: a line of the console asked.
 * Of a result only what the filter names is sent.
 */
void call_succeed(struct call *call, json_t *result);
void call_refuse(struct call *call, const struct node_error *error);
/* @member, "result" or "error", as a plugin wrote it. */
void call_pass(struct call *call, const char *member, json_t *value);
