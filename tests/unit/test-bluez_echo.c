/* SPDX-License-Identifier: MIT */

#include "link/bluez_echo.h"

#include <string.h>

#include "test.h"

static uint64_t serial;
static uint64_t now_ms;

/* Which of @values, a letter each, pass?  A space is a pause of a second. */
static const char *passed(struct bluez_echo *echo, const char *values)
{
	static char ret[64];
	size_t n = 0;

	for (const char *v = values; *v != '\0'; v++) {
		if (*v == ' ')
			now_ms += 1000;
		else if (!bluez_echo_is_copy(
				 echo, (const uint8_t *)v, 1, ++serial, now_ms))
			ret[n++] = *v;
	}
	ret[n] = '\0';
	return ret;
}

TEST(bluez_echo, equal_chunks_pass_where_nobody_else_listens)
{
	struct bluez_echo echo;

	bluez_echo_init(&echo, false);
	cr_assert_str_eq(passed(&echo, "aab"), "aab");
	cr_assert_str_eq(passed(&echo, "cbb"), "cbb");
	cr_assert_str_eq(passed(&echo, "cdddd"), "cdddd");
}

TEST(bluez_echo, copies_are_dropped_where_somebody_else_listens)
{
	struct bluez_echo echo;

	bluez_echo_init(&echo, true);
	cr_assert_str_eq(passed(&echo, "aabbcc"), "abc");
	/* Also of two that are really equal. */
	cr_assert_str_eq(passed(&echo, "ddddee"), "dde");
}

TEST(bluez_echo, listener_that_comes_costs_one_chunk)
{
	struct bluez_echo echo;

	bluez_echo_init(&echo, false);
	cr_assert_str_eq(passed(&echo, "abccddeeff"), "abccdef");
}

TEST(bluez_echo, listener_that_goes_costs_nothing)
{
	struct bluez_echo echo;

	bluez_echo_init(&echo, true);
	cr_assert_str_eq(passed(&echo, "aabbcdeef"), "abcdeef");
}

TEST(bluez_echo, third_listener_is_noticed)
{
	struct bluez_echo echo;

	bluez_echo_init(&echo, true);
	cr_assert_str_eq(passed(&echo, "aabbbcccddd"), "abbcd");
}

/* As a car does that repeats its state every second. */
TEST(bluez_echo, values_apart_in_time_are_no_copies)
{
	struct bluez_echo echo;

	bluez_echo_init(&echo, true);
	cr_assert_str_eq(passed(&echo, "a a a a"), "aaaa");
	cr_assert_str_eq(passed(&echo, " aa aa aa b"), "aaaab");
}

TEST(bluez_echo, messages_in_between_make_no_copy)
{
	struct bluez_echo echo;

	bluez_echo_init(&echo, true);
	cr_assert_str_eq(passed(&echo, "a"), "a");
	serial++;
	cr_assert_str_eq(passed(&echo, "a"), "a");
}

TEST(bluez_echo, values_of_any_length_are_compared_whole)
{
	static uint8_t value[BLUEZ_VALUE_MAX];
	struct bluez_echo echo;

	bluez_echo_init(&echo, true);
	cr_assert_not(bluez_echo_is_copy(&echo, value, sizeof(value), 1, 0));
	cr_assert(bluez_echo_is_copy(&echo, value, sizeof(value), 2, 0));
	value[BLUEZ_VALUE_MAX - 1] = 1;
	cr_assert_not(bluez_echo_is_copy(&echo, value, sizeof(value), 3, 0));
	cr_assert(bluez_echo_is_copy(&echo, value, sizeof(value), 4, 0));
	cr_assert_not(bluez_echo_is_copy(&echo, value, 0, 5, 0));
	cr_assert(bluez_echo_is_copy(&echo, value, 0, 6, 0));
}
