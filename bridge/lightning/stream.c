/* SPDX-License-Identifier: MIT */

#include "lightning/stream.h"

#include <stdbool.h>
#include <string.h>

enum {
	/* Bytes that wait to be taken: whole objects, and part of one. */
	ROOM_MAX = 2 * STREAM_OBJECT_MAX,
	/* Memory kept between objects; what one big answer took is given back. */
	ROOM_KEPT = 16 * 1024,
};

/* Where in an object the looking is. */
struct scan {
	size_t depth;      /* open brackets; 0 between objects */
	size_t n_brackets; /* opened in this object */
	bool in_string;
	bool escaped; /* the last byte was a backslash in a string */
};

struct stream {
	char *data;
	size_t room;
	size_t start; /* of the object that is being looked at */
	size_t seen;  /* bytes before this one were examined */
	size_t end;
	struct scan scan;
};

int stream_new(struct stream **ret)
{
	struct stream *stream = calloc(1, sizeof(*stream));

	if (stream == NULL)
		return -ENOMEM;

	*ret = stream;
	return 0;
}

struct stream *stream_free(struct stream *stream)
{
	if (stream == NULL)
		return NULL;

	free(stream->data);
	free(stream);
	return NULL;
}

void stream_reset(struct stream *stream)
{
	free(stream->data);
	*stream = (struct stream){ 0 };
}

/* Moves what is left to the front, and grows to have @len bytes more. */
static int make_room(struct stream *stream, size_t len)
{
	size_t held = stream->end - stream->start;
	size_t room = stream->room == 0 ? ROOM_KEPT : stream->room;
	char *more;

	if (stream->start > 0)
		memmove(stream->data, stream->data + stream->start, held);
	stream->seen -= stream->start;
	stream->start = 0;
	stream->end = held;
	while (room < held + len)
		room *= 2;
	if (room == stream->room)
		return 0;

	more = realloc(stream->data, room);
	if (more == NULL)
		return -ENOMEM;
	stream->data = more;
	stream->room = room;
	return 0;
}

int stream_push(struct stream *stream, const void *data, size_t len)
{
	int r;

	if (len == 0)
		return 0;
	if (len > ROOM_MAX - (stream->end - stream->start))
		return STREAM_E_TOO_BIG;
	if (len > stream->room - stream->end) {
		r = make_room(stream, len);
		if (r < 0)
			return r;
	}

	memcpy(stream->data + stream->end, data, len);
	stream->end += len;
	return 0;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/*
 * Looks at one byte of an object.  Whether brackets match, and all else, is
 * for the parser to judge: here only its end counts.  Returns true at it.
 */
static bool look_at(struct scan *scan, char c)
{
	if (scan->escaped) {
		scan->escaped = false;
	} else if (scan->in_string) {
		scan->escaped = c == '\\';
		scan->in_string = c != '"';
	} else if (c == '"') {
		scan->in_string = true;
	} else if (c == '{' || c == '[') {
		scan->depth++;
		scan->n_brackets++;
	} else if (c == '}' || c == ']') {
		scan->depth--;
	}

	return scan->depth == 0;
}

/* Goes on to the end of an object.  Answers as stream_take() does. */
static int find_end(struct stream *stream)
{
	for (; stream->seen < stream->end; stream->seen++) {
		char c = stream->data[stream->seen];

		if (stream->scan.depth == 0 && is_space(c)) {
			stream->start = stream->seen + 1;
			continue;
		}
		if (stream->scan.depth == 0 && c != '{')
			return STREAM_E_INVALID;
		if (stream->seen - stream->start >= STREAM_OBJECT_MAX)
			return STREAM_E_TOO_BIG;
		if (look_at(&stream->scan, c)) {
			stream->seen++;
			return 0;
		}
		if (stream->scan.depth > STREAM_DEPTH_MAX ||
			stream->scan.n_brackets > STREAM_BRACKETS_MAX)
			return STREAM_E_INVALID;
	}

	return STREAM_E_AGAIN;
}

/*
 * A name twice would let two readers see two different answers.  A NUL in a
 * text is legal JSON, and a payer could send one: it must not end the stream.
 */
static int parse(const char *data, size_t len, json_t **ret)
{
	json_error_t error;
	json_t *object;

	object = json_loadb(
		data, len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
	if (object == NULL) {
		/* Where memory ran out, jansson may say nothing at all. */
		if (error.text[0] == '\0' ||
			json_error_code(&error) == json_error_out_of_memory)
			return -ENOMEM;
		return STREAM_E_INVALID;
	}

	*ret = object;
	return 0;
}

int stream_take(struct stream *stream, json_t **ret)
{
	int r;

	r = find_end(stream);
	if (r != 0)
		return r;
	r = parse(stream->data + stream->start, stream->seen - stream->start,
		ret);
	if (r != 0) {
		/* Asked again, it finds the same object. */
		stream->seen = stream->start;
		stream->scan.n_brackets = 0;
		return r;
	}

	stream->start = stream->seen;
	stream->scan.n_brackets = 0;
	if (stream->start == stream->end && stream->room > ROOM_KEPT)
		stream_reset(stream);
	return 0;
}

int stream_skip(struct stream *stream, const char **ret_text, size_t *ret_len)
{
	struct scan scan = { 0 };

	/* Why it could not be taken does not matter: it begins anew. */
	for (size_t i = stream->start; i < stream->end; i++) {
		if (i == stream->start && stream->data[i] != '{')
			return STREAM_E_INVALID;
		if (i - stream->start >= STREAM_OBJECT_MAX)
			return STREAM_E_TOO_BIG;
		if (!look_at(&scan, stream->data[i]))
			continue;
		*ret_text = stream->data + stream->start;
		*ret_len = i + 1 - stream->start;
		stream->start = stream->seen = i + 1;
		stream->scan = (struct scan){ 0 };
		return 0;
	}

	return STREAM_E_AGAIN;
}
