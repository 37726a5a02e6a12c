/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Commando - JSON-RPC in custom messages of BOLT 1, cut and put together
 *
 * Pure.  A request is cut into parts; the parts of its reply, between which
 * those of others may come, become one text.
 *
 * A node runs on what was asked over a connection that is gone, and sends the
 * reply over the next one: what nobody waits for is passed over.  Numbers
 * must therefore differ from those of a process before.
 *
 * Spec: lightning 5 ("commando").
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/macro.h"

enum {
	COMMANDO_CALLS_MAX = 16, /* in flight */
	/* Longest reply; all that are not whole yet together: twice that. */
	COMMANDO_REPLY_MAX = 1024 * 1024,
	COMMANDO_CHUNK_MAX = 65000,
	COMMANDO_HEAD_SIZE = 2 + 8, /* type and number */
	COMMANDO_PART_MAX = COMMANDO_HEAD_SIZE + COMMANDO_CHUNK_MAX,
};

enum {
	_COMMANDO_E_SUCCESS,

	COMMANDO_E_AGAIN,   /* nothing yet, or nothing for us */
	COMMANDO_E_TOO_BIG, /* a reply is longer than it may be */
	COMMANDO_E_INVALID, /* it has no number */
	COMMANDO_E_FULL,    /* COMMANDO_CALLS_MAX are in flight */
};

struct commando_call {
	bool waits;
	uint64_t number;
	char *text;
	size_t len;
};

/* Begins as {0}. */
struct commando {
	struct commando_call calls[COMMANDO_CALLS_MAX];
	char *whole; /* what commando_take() gave last */
	size_t held; /* bytes of all parts */
};

void commando_deinit(struct commando *commando);

/* Is @type one of a reply? */
bool commando_is_reply(uint16_t type);

/* A reply to @number is waited for.  Returns 0 or COMMANDO_E_FULL. */
int commando_expect(struct commando *commando, uint64_t number) _must_use_;

/* It could not be asked after all. */
void commando_cancel(struct commando *commando, uint64_t number);

/*
 * Writes the message that carries the first part of @text.  Returns how many
 * bytes of @text are in it: all, with the last.
 */
size_t commando_part(uint64_t number, const char *text, size_t len,
	uint8_t ret[static COMMANDO_PART_MAX], size_t *ret_len);

/*
 * Takes a message whose type is one of a reply.  Returns 0 and a whole reply,
 * valid until the next call, COMMANDO_E_AGAIN, COMMANDO_E_TOO_BIG,
 * COMMANDO_E_INVALID or -ENOMEM.
 */
int commando_take(struct commando *commando, const uint8_t *message, size_t len,
	uint64_t *ret_number, const char **ret_text,
	size_t *ret_len) _must_use_;
