/* SPDX-License-Identifier: MIT */

/*
 * However a byte stream is cut, frames come out whole, within their maximum,
 * and the same.
 */

#include <string.h>

#include "vehicle/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* All messages of @data, pushed in chunks of @chunk, as one hash. */
static uint64_t digest(const uint8_t *data, size_t len, size_t chunk)
{
	static struct frame_buffer buffer;
	uint64_t hash = 14695981039346656037u;

	frame_buffer_init(&buffer);
	while (len > 0) {
		size_t taken =
			frame_push(&buffer, 1, data, len < chunk ? len : chunk);
		const uint8_t *message;
		size_t message_len;
		int r;

		data += taken;
		len -= taken;
		while ((r = frame_take(&buffer, &message, &message_len)) !=
			FRAME_E_AGAIN) {
			/* From here on the cut decides what is dropped. */
			if (r != 0)
				return hash;
			if (message_len > FRAME_MESSAGE_MAX)
				abort();
			for (size_t i = 0; i < message_len; i++)
				hash = (hash ^ message[i]) * 1099511628211u;
			hash = (hash ^ message_len) * 1099511628211u;
		}
	}

	return hash;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint64_t whole = digest(data, len, len);

	if (digest(data, len, 1) != whole || digest(data, len, 20) != whole ||
		digest(data, len, 112) != whole)
		abort();
	return 0;
}
