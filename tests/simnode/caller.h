/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Caller - a client that dialled: BOLT 8, greetings, pings, commando, rune
 *
 * No fd: bytes come in, bytes to send and requests come out.  As strict as the
 * real node, and as talkative: it greets, gossips and pings at once.
 *
 * Spec: BOLT 1, 8; lightning 5.
 */

#include <jansson.h>
#include <stdbool.h>

#include "node.h"
#include "reply.h"
#include "util/secret.h"

enum {
	CALLER_REQUEST_MAX = 1024 * 1024,
	CALLER_HALVES_MAX = 16, /* of all callers */
};

struct caller;

/* Those whose request has not come whole: too many, and the oldest loses. */
struct caller_halves {
	struct caller *callers[CALLER_HALVES_MAX];
	size_t n;
};

struct caller_config {
	struct secret32 key;
	struct caller_halves *halves;
	const char *rune;    /* NULL: any is good */
	const char *methods; /* that it permits, "a,b"; NULL: all */
};

/* Borrows @config. */
int caller_new(
	const struct caller_config *config, struct caller **ret) _must_use_;
struct caller *caller_free(struct caller *caller);

/*
 * Takes bytes, and appends what is to be sent to *@out.  Returns false if the
 * connection is to be closed.
 */
bool caller_take(struct caller *caller, const uint8_t *bytes, size_t len,
	struct text *out);

/*
 * The next request that came whole, a new reference, and its number; NULL if
 * there is none.
 */
json_t *caller_next(struct caller *caller, uint64_t *ret_number);

/* May @request be done?  If not, @text is the answer, without an id. */
bool caller_permits(
	const struct caller *caller, const json_t *request, struct text *text);

/* Seals an answer as commando sends it, in place. */
bool caller_seal(struct caller *caller, struct text *text);

/* The id of who owns @key. */
int caller_id(const struct secret32 *key, char ret[static NODE_ID_SIZE]);
