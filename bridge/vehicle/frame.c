/* SPDX-License-Identifier: MIT */

#include "vehicle/frame.h"

#include <string.h>

#include "util/bytes.h"

void frame_buffer_init(struct frame_buffer *buffer)
{
	buffer->last_ms = 0;
	buffer->len = 0;
	buffer->taken = 0;
}

/* Moves what nobody has taken yet to the front. */
static void compact(struct frame_buffer *buffer)
{
	buffer->len -= buffer->taken;
	memmove(buffer->bytes, buffer->bytes + buffer->taken, buffer->len);
	buffer->taken = 0;
}

size_t frame_push(struct frame_buffer *buffer, uint64_t now_ms,
	const uint8_t *data, size_t len)
{
	size_t room;

	compact(buffer);
	/*
	 * Nothing marks the start of a frame, so after a lost block only
	 * silence brings the two sides back in step.
	 */
	if (now_ms - buffer->last_ms >= FRAME_GAP_MS)
		buffer->len = 0;
	buffer->last_ms = now_ms;

	room = sizeof(buffer->bytes) - buffer->len;
	if (len > room)
		len = room;
	if (len > 0)
		memcpy(buffer->bytes + buffer->len, data, len);
	buffer->len += len;
	return len;
}

int frame_take(struct frame_buffer *buffer, const uint8_t **ret_message,
	size_t *ret_len)
{
	const uint8_t *frame = buffer->bytes + buffer->taken;
	size_t have = buffer->len - buffer->taken;
	size_t len;

	if (have < FRAME_HEADER_SIZE)
		return FRAME_E_AGAIN;
	len = get_be16(frame);
	if (len > FRAME_MESSAGE_MAX) {
		/* What follows is no header either: vehicle-protocol 1.3. */
		buffer->len = 0;
		buffer->taken = 0;
		return FRAME_E_TOO_BIG;
	}
	if (have - FRAME_HEADER_SIZE < len)
		return FRAME_E_AGAIN;

	buffer->taken += FRAME_HEADER_SIZE + len;
	*ret_message = frame + FRAME_HEADER_SIZE;
	*ret_len = len;
	return 0;
}

int frame_write(const uint8_t *message, size_t len,
	uint8_t ret[static FRAME_HEADER_SIZE + FRAME_MESSAGE_MAX],
	size_t *ret_len)
{
	if (len > FRAME_MESSAGE_MAX)
		return FRAME_E_TOO_BIG;

	put_be16(ret, (uint16_t)len);
	if (len > 0)
		memcpy(ret + FRAME_HEADER_SIZE, message, len);
	*ret_len = FRAME_HEADER_SIZE + len;
	return 0;
}
