/* SPDX-License-Identifier: MIT */

#include "lightning/socks.h"

#include <string.h>

#include "test.h"

static const struct endpoint onion = { "abc.onion", 9735 };

/* Feeds @len bytes one by one.  Returns the last answer. */
static int feed(struct socks *socks, const char *bytes, size_t len)
{
	int r = SOCKS_E_AGAIN;

	for (size_t i = 0; i < len && r == SOCKS_E_AGAIN; i++) {
		cr_assert_gt(socks_wants(socks), 0);
		r = socks_take(socks, (const uint8_t *)bytes + i, 1);
	}
	return r;
}

TEST(socks, the_name_goes_to_the_proxy)
{
	uint8_t request[SOCKS_REQUEST_MAX], hello[SOCKS_HELLO_SIZE];

	socks_hello(hello);
	cr_assert_arr_eq(hello, "\x05\x01\x00", 3);
	cr_assert_eq(socks_request(&onion, request), 16);
	cr_assert_arr_eq(request,
		"\x05\x01\x00\x03\x09"
		"abc.onion\x26\x07",
		16);
}

TEST(socks, each_kind_of_answer_is_read_to_its_end)
{
	static const struct {
		const char *bytes;
		size_t len;
	} answers[] = {
		{ "\5\0\0\1\0\0\0\0\0\0", 10 },
		{ "\5\0\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 22 },
		{ "\5\0\0\3\3xyz\0\0", 10 },
		{ "\5\0\0\3\0\0\0", 7 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
		struct socks socks = { 0 };

		cr_assert_eq(feed(&socks, "\5\0", 2), SOCKS_E_REQUEST);
		cr_assert_eq(feed(&socks, answers[i].bytes, answers[i].len - 1),
			SOCKS_E_AGAIN);
		cr_assert_eq(socks_wants(&socks), 1);
		cr_assert_eq(feed(&socks, "", 1), 0);
	}
}

TEST(socks, a_refusal_is_told_in_words)
{
	static const struct {
		const char *answer;
		const char *why;
	} cases[] = {
		{ "\5\1\0\1\0", "failed" },
		{ "\5\4\0\1\0", "no such host" },
		{ "\5\5\0\1\0", "nobody answers" },
		{ "\5\x63\0\1\0", "does not say" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct socks socks = { 0 };

		cr_assert_eq(feed(&socks, "\5\0", 2), SOCKS_E_REQUEST);
		cr_assert_eq(feed(&socks, cases[i].answer, 5), SOCKS_E_REFUSED);
		cr_assert_not_null(strstr(socks_why(&socks), cases[i].why));
	}
}

TEST(socks, what_is_no_socks5_is_noticed)
{
	struct socks socks = { 0 };

	cr_assert_eq(feed(&socks, "HT", 2), SOCKS_E_INVALID);
	socks = (struct socks){ 0 };
	/* It wants a password. */
	cr_assert_eq(feed(&socks, "\5\xff", 2), SOCKS_E_INVALID);
	socks = (struct socks){ 0 };
	cr_assert_eq(feed(&socks, "\5\0", 2), SOCKS_E_REQUEST);
	cr_assert_eq(feed(&socks, "\5\0\0\2\0", 5), SOCKS_E_INVALID);
	socks = (struct socks){ 0 };
	cr_assert_eq(socks_take(&socks, (const uint8_t *)"\5\0x", 3),
		SOCKS_E_INVALID);
}
