/* SPDX-License-Identifier: MIT */

#include <string.h>

#include "test.h"
#include "util/bytes.h"

TEST(bytes, big_endian_goes_both_ways)
{
	uint8_t b[4];

	put_be16(b, 0xfe01);
	cr_assert_arr_eq(b, "\xfe\x01", 2);
	cr_assert_eq(get_be16(b), 0xfe01);
	put_be32(b, 0x80000201);
	cr_assert_arr_eq(b, "\x80\x00\x02\x01", 4);
}

TEST(bytes, hex_goes_both_ways)
{
	static const uint8_t bytes[] = { 0x00, 0x09, 0xaf, 0xff };
	char text[HEX_SIZE(4)];
	uint8_t back[4];

	hex_encode(bytes, 4, text);
	cr_assert_str_eq(text, "0009afff");
	cr_assert_eq(hex_decode("0009AFff", back, 4), 0);
	cr_assert_arr_eq(back, bytes, 4);
	hex_encode(bytes, 0, text);
	cr_assert_str_eq(text, "");
	cr_assert_eq(hex_decode("", back, 0), 0);
}

TEST(bytes, hex_of_another_length_or_kind_is_refused)
{
	static const char *const bad[] = { "", "0", "00", "000", "00000",
		"000g", "00 0", "0x00", "00\xff\x30", ":000", "/000", "@000",
		"G000", "`000" };
	uint8_t b[2];

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		cr_assert_eq(hex_decode(bad[i], b, 2), -EINVAL, "%s", bad[i]);
}

/* What text_printable() makes of @text in a buffer of exactly @size. */
static void assert_printable(const char *text, size_t size, const char *want)
{
	/* On the heap, so that ASan sees a byte too many. */
	_cleanup_(freep) char *got = malloc(size);

	cr_assert_not_null(got);
	memset(got, 'X', size);
	text_printable(text, got, size);
	cr_assert_str_eq(got, want, "\"%s\" in %zu: \"%s\", not \"%s\"", text,
		size, got, want);
}

TEST(text, harmless_text_stays)
{
	assert_printable("", 1, "");
	assert_printable("one sat, ~!", 12, "one sat, ~!");
	assert_printable(
		"\u00e9 \u20bf \U0001f697", 32, "\u00e9 \u20bf \U0001f697");
	/* First and last of each length. */
	assert_printable("\u00a0\u07ff\u0800\uffef\U00010000\U0010ffff", 32,
		"\u00a0\u07ff\u0800\uffef\U00010000\U0010ffff");
}

TEST(text, what_steers_a_terminal_becomes_a_question_mark)
{
	assert_printable("\x1b[2J\r\n\t\x7f", 32, "?[2J????");
	/* C1: CSI as U+009B. */
	assert_printable("\xc2\x9b", 32, "??");
	/* Right-to-left override, isolate, mark; zero width; line separator. */
	assert_printable("a\u202e"
			 "b\u2066"
			 "c\u061c"
			 "d",
		32, "a???b???c??d");
	assert_printable("\u200b\u2028\ufeff", 32, "?????????");
}

TEST(text, what_is_no_utf8_becomes_question_marks)
{
	assert_printable("\x80", 8, "?");
	assert_printable("\xc3", 8, "?");
	assert_printable("\xc3(", 8, "?(");
	assert_printable("\xe2\x82", 8, "??");
	assert_printable("\xf0\x9f\x9a", 8, "???");
	assert_printable("\xff\xfe", 8, "??");
	/* Overlong slash and NUL, a surrogate, beyond the last plane. */
	assert_printable("\xc0\xaf", 8, "??");
	assert_printable("\xc1\xbf", 8, "??");
	assert_printable("\xe0\x80\xaf", 8, "???");
	assert_printable("\xf0\x80\x80\xaf", 8, "????");
	assert_printable("\xed\xa0\x80", 8, "???");
	assert_printable("\xf4\x90\x80\x80", 8, "????");
	assert_printable("\xf5\x80\x80\x80", 8, "????");
}

TEST(text, what_is_too_long_ends_in_dots)
{
	assert_printable("123456", 7, "123456");
	assert_printable("1234567", 7, "123...");
	assert_printable("12345678901234567890", 7, "123...");
	assert_printable("\x01\x02\x03\x04\x05\x06\x07", 7, "???...");
}

TEST(text, no_character_is_cut_in_half)
{
	/* "12\u00e9" is 4 bytes: with the dots there is no room for \u00e9. */
	assert_printable("12\u00e9"
			 "4567",
		7, "12...");
	assert_printable("1\u00e9"
			 "4567",
		7, "1\u00e9...");
	assert_printable("\U0001f697\U0001f697", 8, "\U0001f697...");
	assert_printable("\U0001f697\U0001f697", 7, "...");
	assert_printable("\U0001f697\U0001f697", 9, "\U0001f697\U0001f697");
	assert_printable("123\U0001f697", 7, "123...");
}

TEST(text, tiny_buffers_hold_what_they_can)
{
	assert_printable("12345", 1, "");
	assert_printable("12345", 2, ".");
	assert_printable("12345", 3, "..");
	assert_printable("12345", 4, "...");
	assert_printable("12345", 5, "1...");
	assert_printable("\u20bf", 3, "..");
}

TEST(text, utf8_is_told_from_what_is_none)
{
	static const char *const good[] = { "", "flash", "\t\x1b\x7f",
		"Gr\u00fc\u00dfe", "\u20bf", "\U0001f697",
		/* Not to be printed, and UTF-8 all the same. */
		"\u202e\u200d\ufeff", "\xf4\x8f\xbf\xbf" };
	static const char *const bad[] = { "\x80", "a\xc3", "\xc3(", "\xe2\x82",
		"\xf0\x9f\x9a", "\xff", "\xc0\xaf", "\xe0\x80\xaf",
		"\xf0\x80\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80",
		"\xf5\x80\x80\x80", "Gr\xfc\xdf" };

	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		cr_expect(text_is_utf8(good[i]), "%zu", i);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		cr_expect_not(text_is_utf8(bad[i]), "%zu", i);
}
