/* SPDX-License-Identifier: MIT */

#include "lightning/commando.h"

#include <string.h>

#include "test.h"
#include "util/bytes.h"

enum {
	PART = 0x594b,
	LAST = 0x594d,
};

static struct commando commando;
static uint8_t message[COMMANDO_HEAD_SIZE + 70000];

static int take(unsigned int type, uint64_t number, const char *text,
	size_t len, const char **ret, size_t *ret_len)
{
	uint64_t got = 0;
	int r;

	put_be16(message, (uint16_t)type);
	put_be32(message + 2, (uint32_t)(number >> 32));
	put_be32(message + 6, (uint32_t)number);
	memcpy(message + COMMANDO_HEAD_SIZE, text, len);
	r = commando_take(&commando, message, COMMANDO_HEAD_SIZE + len, &got,
		ret, ret_len);
	if (r == 0)
		cr_assert_eq(got, number);
	return r;
}

static int take_text(unsigned int type, uint64_t number, const char *text)
{
	const char *whole;
	size_t len;

	return take(type, number, text, strlen(text), &whole, &len);
}

static void assert_whole(uint64_t number, const char *text, const char *whole)
{
	const char *got;
	size_t len;

	cr_assert_eq(take(LAST, number, text, strlen(text), &got, &len), 0);
	cr_assert_eq(len, strlen(whole));
	cr_assert_eq(memcmp(got, whole, len), 0);
}

TEST(commando, a_request_is_cut_into_parts)
{
	static char text[2 * COMMANDO_CHUNK_MAX + 5];
	static uint8_t part[COMMANDO_PART_MAX];
	size_t len, at = 0, n = 0;

	memset(text, 'x', sizeof(text));
	while (at < sizeof(text)) {
		bool is_last = n++ == 2;

		at += commando_part(UINT64_C(0x0123456789abcdef), text + at,
			sizeof(text) - at, part, &len);
		cr_assert_eq(get_be16(part), is_last ? 0x4c4f : 0x4c4d);
		cr_assert_eq(
			memcmp(part + 2, "\x01\x23\x45\x67\x89\xab\xcd\xef", 8),
			0);
		cr_assert_eq(len, COMMANDO_HEAD_SIZE +
					  (is_last ? 5 : COMMANDO_CHUNK_MAX));
	}
	cr_assert_eq(n, 3);
	/* As much as fits is one part. */
	cr_assert_eq(commando_part(1, text, COMMANDO_CHUNK_MAX, part, &len),
		COMMANDO_CHUNK_MAX);
	cr_assert_eq(get_be16(part), 0x4c4f);
}

TEST(commando, parts_of_two_replies_may_come_mixed)
{
	cr_assert_eq(commando_expect(&commando, 7), 0);
	cr_assert_eq(commando_expect(&commando, UINT64_MAX), 0);
	cr_assert_eq(take_text(PART, 7, "se"), COMMANDO_E_AGAIN);
	cr_assert_eq(take_text(PART, UINT64_MAX, "mo"), COMMANDO_E_AGAIN);
	assert_whole(7, "ven", "seven");
	assert_whole(UINT64_MAX, "st", "most");
	cr_assert_eq(commando.held, 0);
	commando_deinit(&commando);
}

TEST(commando, what_nobody_waits_for_is_passed_over)
{
	cr_assert_eq(take_text(LAST, 1, "{}"), COMMANDO_E_AGAIN);
	cr_assert_eq(commando_expect(&commando, 7), 0);
	cr_assert_eq(take_text(PART, 6, "old"), COMMANDO_E_AGAIN);
	assert_whole(7, "new", "new");
	cr_assert_eq(take_text(LAST, 7, "twice"), COMMANDO_E_AGAIN);
	cr_assert_eq(commando.held, 0);
	commando_deinit(&commando);
}

TEST(commando, a_message_without_a_number_is_invalid)
{
	const char *text;
	uint64_t number;
	size_t len;

	put_be16(message, LAST);
	for (size_t i = 2; i < COMMANDO_HEAD_SIZE; i++)
		cr_assert_eq(commando_take(&commando, message, i, &number,
				     &text, &len),
			COMMANDO_E_INVALID);
}

TEST(commando, an_empty_reply_is_one)
{
	cr_assert_eq(commando_expect(&commando, 7), 0);
	assert_whole(7, "", "");
	commando_deinit(&commando);
}

TEST(commando, calls_have_a_bound)
{
	for (uint64_t i = 0; i < COMMANDO_CALLS_MAX; i++)
		cr_assert_eq(commando_expect(&commando, i), 0);
	cr_assert_eq(commando_expect(&commando, 99), COMMANDO_E_FULL);
	assert_whole(3, "x", "x");
	cr_assert_eq(commando_expect(&commando, 99), 0);
	commando_deinit(&commando);
}

TEST(commando, a_reply_has_a_bound)
{
	static char text[COMMANDO_CHUNK_MAX];
	const char *whole;
	size_t len, n = 0;
	int r;

	cr_assert_eq(commando_expect(&commando, 7), 0);
	do {
		r = take(PART, 7, text, sizeof(text), &whole, &len);
		n++;
	} while (r == COMMANDO_E_AGAIN);
	cr_assert_eq(r, COMMANDO_E_TOO_BIG);
	cr_assert_eq(n, COMMANDO_REPLY_MAX / sizeof(text) + 1);
	commando_deinit(&commando);
}

TEST(commando, all_replies_together_have_a_bound)
{
	static char text[COMMANDO_CHUNK_MAX];
	const char *whole;
	size_t len, n = 0;
	int r;

	for (uint64_t i = 0; i < COMMANDO_CALLS_MAX; i++)
		cr_assert_eq(commando_expect(&commando, i), 0);
	do {
		r = take(PART, n++ % COMMANDO_CALLS_MAX, text, sizeof(text),
			&whole, &len);
	} while (r == COMMANDO_E_AGAIN);
	cr_assert_eq(r, COMMANDO_E_TOO_BIG);
	cr_assert_eq(n, 2 * COMMANDO_REPLY_MAX / sizeof(text) + 1);
	commando_deinit(&commando);
}
