/* SPDX-License-Identifier: MIT */

#include "lightning/stream.h"

#include <string.h>

#include "json-faults.h"
#include "test.h"

static struct stream *new_stream(void)
{
	struct stream *stream;

	cr_assert_eq(stream_new(&stream), 0);
	return stream;
}

static void push(struct stream *stream, const char *text)
{
	cr_assert_eq(stream_push(stream, text, strlen(text)), 0);
}

/* The next object is @text, which has its keys in order. */
static void assert_object(struct stream *stream, const char *text)
{
	json_t *object;
	char *found;

	cr_assert_eq(
		stream_take(stream, &object), 0, "no object, not %s", text);
	found = json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS);
	cr_assert_str_eq(found, text);
	free(found);
	json_decref(object);
}

/* A take answers @r and leaves its output alone. */
static void assert_answer(struct stream *stream, int r)
{
	json_t *object = NULL;

	cr_assert_eq(stream_take(stream, &object), r);
	cr_assert_null(object);
}

TEST(stream, objects_come_out_one_by_one)
{
	_cleanup_(stream_freep) struct stream *stream = new_stream();

	assert_answer(stream, STREAM_E_AGAIN);
	push(stream, "{\"a\":1}\n\n{\"b\":[{}]} {}{\"c\"");
	assert_object(stream, "{\"a\":1}");
	assert_object(stream, "{\"b\":[{}]}");
	assert_object(stream, "{}");
	assert_answer(stream, STREAM_E_AGAIN);
	push(stream, ":null}");
	assert_object(stream, "{\"c\":null}");
	assert_answer(stream, STREAM_E_AGAIN);
}

/* Brackets and quotes in texts, and every escape, cut at every byte. */
TEST(stream, any_cut_gives_the_same_objects)
{
	static const char text[] =
		"\r\n {\"a\\\\\":\"}\\\"]{\\u00e9\",\"b\":[[\"\\\\\\\"\"]]}\t"
		"{\"\xc3\xa9\":\"\\\\\"}";

	for (size_t cut = 0; cut < sizeof(text); cut++) {
		_cleanup_(stream_freep) struct stream *stream = new_stream();

		cr_assert_eq(stream_push(stream, text, cut), 0);
		if (cut < sizeof(text) / 2)
			assert_answer(stream, STREAM_E_AGAIN);
		cr_assert_eq(
			stream_push(stream, text + cut, sizeof(text) - 1 - cut),
			0);
		assert_object(stream, "{\"a\\\\\":\"}\\\"]{\xc3\xa9\","
				      "\"b\":[[\"\\\\\\\"\"]]}");
		assert_object(stream, "{\"\xc3\xa9\":\"\\\\\"}");
		assert_answer(stream, STREAM_E_AGAIN);
	}
}

TEST(stream, what_is_no_object_is_invalid)
{
	static const char *const texts[] = {
		"[]",
		"1",
		"\"text\"",
		"null",
		"garbage",
		"\x00\x01",
		"}",
		"{]",
		"{\"a\":1]",
		"{\"a\":(}",
		"{\"a\" 1}",
		"{\"a\":1,}",
		"{\"a\":1,\"a\":1}",
		"{\"a\":\"\xff\"}",
		"{\"a\":\"\xc0\x80\"}",
		"{\"a\":\"\\ud800\"}",
		"{\"a\":\"\\x\"}",
		"{\"a\":\"\n\"}",
		"{\"a\\u0000\":1}",
		"{\"a\":01}",
		"{\"a\":1e999}",
		"{\"a\":18446744073709551616}",
		"{\"a\":NaN}",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		_cleanup_(stream_freep) struct stream *stream = new_stream();

		/* One byte at least, for the text that is a NUL. */
		cr_assert_eq(stream_push(stream, texts[i],
				     strlen(texts[i]) + (texts[i][0] == '\0')),
			0);
		assert_answer(stream, STREAM_E_INVALID);
		/* It stays so until it is reset. */
		push(stream, "{}");
		assert_answer(stream, STREAM_E_INVALID);
		stream_reset(stream);
		push(stream, "{}");
		assert_object(stream, "{}");
	}
}

TEST(stream, a_nul_in_a_text_is_no_harm)
{
	_cleanup_(stream_freep) struct stream *stream = new_stream();

	push(stream, "{\"note\":\"a\\u0000b\"}");
	assert_object(stream, "{\"note\":\"a\\u0000b\"}");
}

/* @depth brackets that open, with the object's own. */
/* {"a":[{},{},...]}: @n brackets in all. */
static void push_many(struct stream *stream, unsigned int n)
{
	cr_assert_eq(stream_push(stream, "{\"a\":[{}", 8), 0);
	for (unsigned int i = 3; i < n; i++)
		cr_assert_eq(stream_push(stream, ",{}", 3), 0);
	cr_assert_eq(stream_push(stream, "]}", 2), 0);
}

TEST(stream, brackets_are_counted_for_each_object)
{
	struct stream *stream;
	json_t *object;

	cr_assert_eq(stream_new(&stream), 0);
	for (int i = 0; i < 3; i++) {
		push_many(stream, STREAM_BRACKETS_MAX);
		cr_assert_eq(stream_take(stream, &object), 0);
		json_decref(object);
	}
	push_many(stream, STREAM_BRACKETS_MAX + 1);
	cr_expect_eq(stream_take(stream, &object), STREAM_E_INVALID);
	(void)stream_free(stream);
}

static void push_deep(struct stream *stream, unsigned int depth)
{
	push(stream, "{\"a\":");
	for (unsigned int i = 1; i < depth; i++)
		push(stream, "[");
}

TEST(stream, depth_has_a_bound)
{
	_cleanup_(stream_freep) struct stream *stream = new_stream();
	json_t *object;

	push_deep(stream, STREAM_DEPTH_MAX);
	assert_answer(stream, STREAM_E_AGAIN);
	for (unsigned int i = 1; i < STREAM_DEPTH_MAX; i++)
		push(stream, "]");
	push(stream, "}");
	cr_assert_eq(stream_take(stream, &object), 0);
	json_decref(object);

	push_deep(stream, STREAM_DEPTH_MAX + 1);
	assert_answer(stream, STREAM_E_INVALID);
	assert_answer(stream, STREAM_E_INVALID);
}

/* Pushes an object of @len bytes in pieces, as long as they are taken. */
static int push_long(struct stream *stream, size_t len, size_t *ret_pushed)
{
	static char piece[64 * 1024];
	size_t left = len - strlen("{\"a\":\"\"}");
	int r;

	memset(piece, 'x', sizeof(piece));
	push(stream, "{\"a\":\"");
	*ret_pushed = 0;
	while (left > 0) {
		size_t n = left < sizeof(piece) ? left : sizeof(piece);
		json_t *object = NULL;

		r = stream_push(stream, piece, n);
		if (r != 0)
			return r;
		*ret_pushed += n;
		r = stream_take(stream, &object);
		cr_assert_null(object);
		if (r != STREAM_E_AGAIN)
			return r;
		left -= n;
	}
	push(stream, "\"}");
	return 0;
}

TEST(stream, the_longest_object_is_taken_and_its_memory_given_back)
{
	_cleanup_(stream_freep) struct stream *stream = new_stream();
	json_t *object;
	size_t pushed;

	for (int i = 0; i < 2; i++) {
		cr_assert_eq(push_long(stream, STREAM_OBJECT_MAX, &pushed), 0);
		cr_assert_eq(stream_take(stream, &object), 0);
		json_decref(object);
	}
	cr_assert_eq(push_long(stream, STREAM_OBJECT_MAX + 1, &pushed), 0);
	assert_answer(stream, STREAM_E_TOO_BIG);
	assert_answer(stream, STREAM_E_TOO_BIG);
}

TEST(stream, fifty_megabytes_stop_after_the_first)
{
	_cleanup_(stream_freep) struct stream *stream = new_stream();
	size_t pushed;

	cr_assert_eq(push_long(stream, 50000000, &pushed), STREAM_E_TOO_BIG);
	cr_assert_lt(pushed, 2 * STREAM_OBJECT_MAX);
}

/* All at once it is refused unseen, and what was there is still good. */
TEST(stream, a_huge_push_changes_nothing)
{
	_cleanup_(stream_freep) struct stream *stream = new_stream();
	char *huge = calloc(1, 50000000);

	cr_assert_not_null(huge);
	push(stream, "{");
	cr_assert_eq(stream_push(stream, huge, 50000000), STREAM_E_TOO_BIG);
	free(huge);
	push(stream, "}");
	assert_object(stream, "{}");
}

TEST(stream, ten_thousand_objects_in_one_push)
{
	_cleanup_(stream_freep) struct stream *stream = new_stream();
	static char text[10000 * 7 + 1];

	for (size_t i = 0; i < 10000; i++)
		memcpy(text + 7 * i, "{\"a\":1}", 7);
	push(stream, text);
	for (size_t i = 0; i < 10000; i++)
		assert_object(stream, "{\"a\":1}");
	assert_answer(stream, STREAM_E_AGAIN);
}

TEST(stream, no_memory_is_told_and_asked_again_it_goes_on)
{
	static const char text[] = "{\"a\":[1,\"two\",{\"b\":3.5,\"c\":null}]}";
	int n = 0;

	for (bool failed = true; failed; n++) {
		struct stream *stream = NULL;
		json_t *object = NULL;
		int r, pushed, taken;

		fail_nth(n);
		r = stream_new(&stream);
		pushed = r == 0 ? stream_push(stream, text, strlen(text)) : -1;
		taken = pushed == 0 ? stream_take(stream, &object) : -1;
		failed = fail_end();
		cr_assert_eq(r == 0 && pushed == 0 && taken == 0, !failed);

		if (r != 0) {
			cr_assert_eq(r, -ENOMEM);
			cr_assert_null(stream);
			continue;
		}
		if (pushed != 0) {
			cr_assert_eq(pushed, -ENOMEM);
			push(stream, text);
		}
		if (taken != 0) {
			cr_assert(pushed != 0 || taken == -ENOMEM ||
				  taken == STREAM_E_INVALID);
			cr_assert_null(object);
			cr_assert_eq(stream_take(stream, &object), 0);
		}
		json_decref(object);
		stream_free(stream);
	}
	cr_assert_gt(n, 10);
}

TEST(stream, what_is_invalid_may_be_passed_over)
{
	_cleanup_(stream_freep) struct stream *stream = new_stream();
	const char *text = NULL;
	size_t len = 0;

	push(stream, " {\"a\":1e999,\"b\":\"}\"} {\"n\":[");
	assert_answer(stream, STREAM_E_INVALID);
	cr_assert_eq(stream_skip(stream, &text, &len), 0);
	cr_assert_eq(len, strlen("{\"a\":1e999,\"b\":\"}\"}"));
	cr_assert_eq(memcmp(text, "{\"a\":1e999", 10), 0);
	assert_answer(stream, STREAM_E_AGAIN);
	push_many(stream, STREAM_BRACKETS_MAX + 1);
	assert_answer(stream, STREAM_E_INVALID);
	cr_assert_eq(stream_skip(stream, &text, &len), STREAM_E_AGAIN);
	push(stream, "]}{}");
	cr_assert_eq(stream_skip(stream, &text, &len), 0);
	assert_object(stream, "{}");
	push(stream, "garbage");
	assert_answer(stream, STREAM_E_INVALID);
	cr_assert_eq(stream_skip(stream, &text, &len), STREAM_E_INVALID);
}

TEST(stream, an_endless_object_cannot_be_passed_over)
{
	static char piece[STREAM_OBJECT_MAX / 2];
	_cleanup_(stream_freep) struct stream *stream = new_stream();
	const char *text;
	size_t len;

	memset(piece, '[', sizeof(piece));
	piece[0] = '{';
	cr_assert_eq(stream_push(stream, piece, sizeof(piece)), 0);
	assert_answer(stream, STREAM_E_INVALID);
	cr_assert_eq(stream_skip(stream, &text, &len), STREAM_E_AGAIN);
	cr_assert_eq(stream_push(stream, piece, sizeof(piece)), 0);
	cr_assert_eq(stream_skip(stream, &text, &len), STREAM_E_AGAIN);
	cr_assert_eq(stream_push(stream, piece, 1), 0);
	cr_assert_eq(stream_skip(stream, &text, &len), STREAM_E_TOO_BIG);
}

TEST(stream, free_takes_null)
{
	cr_assert_null(stream_free(NULL));
}
