/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Frames - messages in a byte stream: 2-byte big-endian length, then bytes
 *
 * Pure; also used by the simulated car, as both sides share it by nature.
 *
 * Spec: vehicle-protocol 1.3.
 */

#include <stddef.h>
#include <stdint.h>

#include "util/macro.h"

enum {
	FRAME_HEADER_SIZE = 2,
	/* Longest message, length prefix not included. */
	FRAME_MESSAGE_MAX = 1024,
	/* A pause as long as this within a frame drops what was there. */
	FRAME_GAP_MS = 1000,
};

enum {
	_FRAME_E_SUCCESS,

	FRAME_E_TOO_BIG, /* declared or given length beyond the maximum */
	FRAME_E_AGAIN,   /* no whole message yet */
};

/* Assembles messages from chunks that are cut anywhere.  Embedded. */
struct frame_buffer {
	uint64_t last_ms;
	size_t len;
	size_t taken;
	uint8_t bytes[2 * (FRAME_HEADER_SIZE + FRAME_MESSAGE_MAX)];
};

/* Empty, as after a connect. */
void frame_buffer_init(struct frame_buffer *buffer);

/*
 * Appends what fits of @data, first dropping an unfinished frame older than
 * FRAME_GAP_MS.  Returns how many bytes were taken: call frame_take() until
 * FRAME_E_AGAIN, then push the rest.
 */
size_t frame_push(struct frame_buffer *buffer, uint64_t now_ms,
	const uint8_t *data, size_t len);

/*
 * Takes the next whole message, which stays valid until the next push.
 * Returns 0, FRAME_E_AGAIN, or FRAME_E_TOO_BIG: the stream is out of step
 * and the buffer has been emptied.
 */
int frame_take(struct frame_buffer *buffer, const uint8_t **ret_message,
	size_t *ret_len) _must_use_;

/*
 * Writes header and message.  Returns 0 and the frame's length, or
 * FRAME_E_TOO_BIG if the message is longer than FRAME_MESSAGE_MAX.
 */
int frame_write(const uint8_t *message, size_t len,
	uint8_t ret[static FRAME_HEADER_SIZE + FRAME_MESSAGE_MAX],
	size_t *ret_len) _must_use_;
