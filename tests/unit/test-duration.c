/* SPDX-License-Identifier: MIT */

#include "test.h"
#include "util/duration.h"

TEST(duration, units_are_those_that_people_write)
{
	static const struct {
		const char *text;
		uint64_t ms;
	} cases[] = {
		{ "0", 0 },
		{ "7", 7000 },
		{ "500ms", 500 },
		{ "2s", 2000 },
		{ "2 s", 2000 },
		{ "30min", 30 * 60 * 1000 },
		{ "1h", 60 * 60 * 1000 },
		{ "7d", 7 * 24 * 60 * 60 * 1000 },
		{ "007s", 7000 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t ms = 1;

		cr_assert_eq(duration_parse(cases[i].text, UINT64_MAX, &ms), 0,
			"%s", cases[i].text);
		cr_assert_eq(ms, cases[i].ms, "%s", cases[i].text);
	}
}

TEST(duration, anything_else_is_refused_and_changes_nothing)
{
	static const char *const bad[] = { "", " ", "s", "-1s", "+1s", "1.5s",
		" 2s", "2  s", "2s ", "2 ", "2m", "2S", "2s2", "0x10", "1e3",
		"two" };

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		uint64_t ms = 42;

		cr_assert_eq(duration_parse(bad[i], UINT64_MAX, &ms), -EINVAL,
			"\"%s\"", bad[i]);
		cr_assert_eq(ms, 42, "\"%s\"", bad[i]);
	}
}

TEST(duration, the_maximum_is_the_last_that_passes)
{
	uint64_t ms;

	cr_assert_eq(duration_parse("60s", 60000, &ms), 0);
	cr_assert_eq(duration_parse("1min", 60000, &ms), 0);
	cr_assert_eq(duration_parse("60001ms", 60000, &ms), -EINVAL);
	cr_assert_eq(duration_parse("61", 60000, &ms), -EINVAL);
	cr_assert_eq(duration_parse("1h", 60000, &ms), -EINVAL);
	cr_assert_eq(duration_parse("1ms", 0, &ms), -EINVAL);
	cr_assert_eq(duration_parse("0", 0, &ms), 0);
}

TEST(duration, no_number_is_large_enough_to_wrap)
{
	uint64_t ms;

	cr_assert_eq(
		duration_parse("18446744073709551615ms", UINT64_MAX, &ms), 0);
	cr_assert_eq(ms, UINT64_MAX);
	cr_assert_eq(duration_parse("18446744073709551616ms", UINT64_MAX, &ms),
		-EINVAL);
	cr_assert_eq(
		duration_parse("18446744073709552s", UINT64_MAX, &ms), -EINVAL);
	cr_assert_eq(duration_parse("213503982335d", UINT64_MAX, &ms), -EINVAL);
	cr_assert_eq(
		duration_parse("99999999999999999999999999s", UINT64_MAX, &ms),
		-EINVAL);
}

TEST(duration, print_keeps_two_digits_or_more)
{
	static const struct {
		uint64_t ms;
		const char *text;
	} cases[] = {
		{ 0, "0 ms" },
		{ 999, "999 ms" },
		{ 1000, "1.0 s" },
		{ 9999, "9.9 s" },
		{ 10000, "10 s" },
		{ 119999, "119 s" },
		{ 120000, "2 min" },
		{ 7199999, "119 min" },
		{ 7200000, "2 h" },
		{ 172799999, "47 h" },
		{ 172800000, "2 days" },
		{ UINT64_MAX, "213503982334 days" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char text[DURATION_TEXT_SIZE];

		duration_print(cases[i].ms, text);
		cr_assert_str_eq(text, cases[i].text);
	}
}
