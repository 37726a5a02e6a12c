/* SPDX-License-Identifier: MIT */

#include "vehicle/frame.h"

#include <string.h>

#include "test.h"

enum {
	FRAME_MAX = FRAME_HEADER_SIZE + FRAME_MESSAGE_MAX,
};

static struct frame_buffer buffer;

static void push(uint64_t now_ms, const char *bytes, size_t len)
{
	cr_assert_eq(
		frame_push(&buffer, now_ms, (const uint8_t *)bytes, len), len);
}

static void assert_message(const char *text)
{
	const uint8_t *message;
	size_t len;

	cr_assert_eq(frame_take(&buffer, &message, &len), 0);
	cr_assert_eq(len, strlen(text));
	cr_assert_eq(memcmp(message, text, len), 0);
}

static void assert_again(void)
{
	const uint8_t *message;
	size_t len;

	cr_assert_eq(frame_take(&buffer, &message, &len), FRAME_E_AGAIN);
}

TEST(frame, a_message_has_its_length_in_front)
{
	uint8_t frame[FRAME_MAX];
	size_t len;

	cr_assert_eq(frame_write((const uint8_t *)"2abc", 4, frame, &len), 0);
	cr_assert_eq(len, 6);
	cr_assert_eq(memcmp(frame,
			     "\0\4"
			     "2abc",
			     6),
		0);
}

TEST(frame, an_empty_message_is_a_bare_header)
{
	uint8_t frame[FRAME_MAX];
	size_t len;

	frame_buffer_init(&buffer);
	cr_assert_eq(frame_write(NULL, 0, frame, &len), 0);
	cr_assert_eq(len, FRAME_HEADER_SIZE);
	cr_assert_eq(frame_push(&buffer, 5, frame, len), len);
	assert_message("");
	assert_again();
}

TEST(frame, a_message_beyond_the_maximum_is_not_written)
{
	static const uint8_t message[FRAME_MESSAGE_MAX + 1];
	uint8_t frame[FRAME_MAX];
	size_t len = 7;

	cr_assert_eq(frame_write(message, sizeof(message), frame, &len),
		FRAME_E_TOO_BIG);
	cr_assert_eq(len, 7);
	cr_assert_eq(frame_write(message, sizeof(message) - 1, frame, &len), 0);
	cr_assert_eq(len, FRAME_MAX);
}

TEST(frame, messages_are_found_wherever_the_stream_is_cut)
{
	static const char stream[] = "\0\3"
				     "abc"
				     "\0\0"
				     "\0\5"
				     "defgh";
	const size_t stream_len = sizeof(stream) - 1;

	for (size_t cut = 0; cut <= stream_len; cut++) {
		const uint8_t *message;
		size_t len, total = 0;

		frame_buffer_init(&buffer);
		push(1, stream, cut);
		while (frame_take(&buffer, &message, &len) == 0)
			total += FRAME_HEADER_SIZE + len;
		push(2, stream + cut, stream_len - cut);
		while (frame_take(&buffer, &message, &len) == 0)
			total += FRAME_HEADER_SIZE + len;
		cr_assert_eq(total, stream_len);
	}
}

TEST(frame, glued_messages_come_one_by_one)
{
	frame_buffer_init(&buffer);
	push(1, "\0\1a\0\2bc\0", 8);
	assert_message("a");
	assert_message("bc");
	assert_again();
	push(2, "\1d", 2);
	assert_message("d");
	assert_again();
}

TEST(frame, a_pause_drops_the_unfinished_frame)
{
	frame_buffer_init(&buffer);
	push(100, "\0\3ab", 4);
	push(100 + FRAME_GAP_MS - 1, "c", 1);
	assert_message("abc");

	push(5000, "\0\3ab", 4);
	push(5000 + FRAME_GAP_MS, "\0\1x", 3);
	assert_message("x");
	assert_again();
}

TEST(frame, a_pause_between_frames_drops_nothing)
{
	frame_buffer_init(&buffer);
	push(100, "\0\1a", 3);
	assert_message("a");
	push(100000, "\0\1b", 3);
	assert_message("b");
}

TEST(frame, a_declared_length_beyond_the_maximum_empties_the_buffer)
{
	const uint8_t *message;
	size_t len;

	frame_buffer_init(&buffer);
	push(1,
		"\x04\x01"
		"abc",
		5);
	cr_assert_eq(frame_take(&buffer, &message, &len), FRAME_E_TOO_BIG);
	assert_again();
	push(2, "\0\1x", 3);
	assert_message("x");
}

TEST(frame, a_flood_is_taken_in_parts)
{
	static uint8_t flood[5 * FRAME_MAX];
	size_t pushed = 0, n = 0;

	for (size_t at = 0; at < sizeof(flood); at += FRAME_MAX)
		flood[at] = FRAME_MESSAGE_MAX >> 8;

	frame_buffer_init(&buffer);
	while (pushed < sizeof(flood)) {
		const uint8_t *message;
		size_t len, took;

		took = frame_push(
			&buffer, 9, flood + pushed, sizeof(flood) - pushed);
		cr_assert_gt(took, 0);
		pushed += took;
		for (; frame_take(&buffer, &message, &len) == 0; n++)
			cr_assert_eq(len, FRAME_MESSAGE_MAX);
	}
	cr_assert_eq(n, 5);
}
