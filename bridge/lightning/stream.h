/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Stream - JSON objects in a byte stream, cut anywhere
 *
 * Finds where each object ends, within bounds, and lets jansson parse it.
 * Incremental: each byte is looked at once.  Used by the RPC client, and by
 * the plugin for its standard input.
 *
 * Spec: lightning 1 ("Framing"), 3.
 */

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "util/macro.h"

enum {
	/* Longest object.  A paid invoice has a few thousand bytes. */
	STREAM_OBJECT_MAX = 1024 * 1024,
	STREAM_DEPTH_MAX = 64,
	/*
	 * Objects and arrays within one.  An empty one is 3 bytes here and up
	 * to 300 in memory; an invoice has a few.
	 */
	STREAM_BRACKETS_MAX = 10 * 1000,
};

enum {
	_STREAM_E_SUCCESS,

	STREAM_E_AGAIN,   /* no whole object yet */
	STREAM_E_TOO_BIG, /* longer than STREAM_OBJECT_MAX */
	STREAM_E_INVALID, /* no JSON object, nested too deep or too often */
};

struct stream;

int stream_new(struct stream **ret) _must_use_;
struct stream *stream_free(struct stream *stream);

/* Forgets all bytes, as after a reconnect. */
void stream_reset(struct stream *stream);

/* Appends a copy.  Returns 0, STREAM_E_TOO_BIG, or -ENOMEM. */
int stream_push(struct stream *stream, const void *data, size_t len) _must_use_;

/*
 * Takes the next object, which the caller owns.  Returns 0, STREAM_E_AGAIN,
 * _TOO_BIG or _INVALID (the stream is then good for stream_reset() only, or
 * stream_skip()), or -ENOMEM.  Where jansson cannot tell that memory ran out,
 * that is _INVALID.
 */
int stream_take(struct stream *stream, json_t **ret) _must_use_;

/*
 * After STREAM_E_INVALID: passes over the object that could not be taken, if
 * it has an end.  Returns 0 and its bytes, valid until the next push;
 * STREAM_E_AGAIN while its end has not come; STREAM_E_TOO_BIG; or
 * STREAM_E_INVALID if it is no object at all, and nothing can follow.
 */
int stream_skip(struct stream *stream, const char **ret_text,
	size_t *ret_len) _must_use_;

DEFINE_CLEANUP(struct stream *, stream_free);
