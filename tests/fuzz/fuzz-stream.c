/* SPDX-License-Identifier: MIT */

/*
 * Foreign bytes to the stream, cut where the first byte says: whole and cut,
 * they must give the same objects and end in the same way.
 */

#include <stdlib.h>

#include "lightning/stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Pushes @data in pieces of @piece bytes.  Returns the last answer. */
static int read_all(
	const uint8_t *data, size_t size, size_t piece, json_t *objects)
{
	_cleanup_(stream_freep) struct stream *stream = NULL;
	int r;

	if (stream_new(&stream) < 0)
		abort();
	r = STREAM_E_AGAIN;
	while (size > 0 && r == STREAM_E_AGAIN) {
		size_t n = piece < size ? piece : size;

		r = stream_push(stream, data, n);
		data += n;
		size -= n;
		while (r == 0) {
			json_t *object = NULL;

			r = stream_take(stream, &object);
			if (r == 0 && json_array_append_new(objects, object))
				abort();
		}
	}

	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	json_t *whole, *cut;

	/* A push of its own size is never too big below this. */
	if (size < 1 || size > STREAM_OBJECT_MAX)
		return 0;

	whole = json_array();
	cut = json_array();
	if (whole == NULL || cut == NULL)
		abort();
	if (read_all(data + 1, size - 1, size, whole) !=
		read_all(data + 1, size - 1, 1U + data[0] % 64U, cut))
		abort();
	if (!json_equal(whole, cut))
		abort();
	json_decref(whole);
	json_decref(cut);
	return 0;
}
