/* SPDX-License-Identifier: MIT */

#include "link/bluez_echo.h"

#include <stdio.h>
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

/* The next of some numbers that are the same each time. */
static unsigned int pick(uint32_t *state, unsigned int n)
{
	*state = *state * 1664525u + 1013904223u;
	return (*state >> 16) % n;
}

/* Takes the pauses out of @values, and what only repeats the one before. */
static void reduce(char *values)
{
	size_t n = 0;

	for (const char *v = values; *v != '\0'; v++)
		if (*v != ' ' && (n == 0 || values[n - 1] != *v))
			values[n++] = *v;
	values[n] = '\0';
}

/* Whoever else listens, was thought to listen, comes or goes. */
TEST(bluez_echo, nothing_but_repeats_is_ever_lost)
{
	uint32_t state = 1;

	for (int i = 0; i < 20000; i++) {
		struct bluez_echo echo;
		char values[33], said[33];

		for (size_t n = 0; n < sizeof(values) - 1; n++)
			values[n] = " abc"[pick(&state, 4)];
		values[sizeof(values) - 1] = '\0';
		bluez_echo_init(&echo, pick(&state, 2) == 1);
		(void)snprintf(said, sizeof(said), "%s", passed(&echo, values));
		reduce(said);
		reduce(values);
		cr_assert_str_eq(said, values);
	}
}

/* What is encrypted repeats nothing: it is whole, with or without others. */
TEST(bluez_echo, values_that_differ_from_the_last_all_pass)
{
	uint32_t state = 1;

	for (int i = 0; i < 20000; i++) {
		bool is_shared = pick(&state, 2) == 1;
		char once[17], twice[33];
		struct bluez_echo echo;

		for (size_t n = 0; n < sizeof(once) - 1; n++) {
			once[n] = "abcd"[pick(&state, 4)];
			if (n > 0 && once[n] == once[n - 1])
				once[n] = (char)(once[n] + 4);
			twice[2 * n] = twice[2 * n + 1] = once[n];
		}
		once[sizeof(once) - 1] = twice[sizeof(twice) - 1] = '\0';
		bluez_echo_init(&echo, is_shared);
		cr_assert_str_eq(passed(&echo, once), once);
		bluez_echo_init(&echo, true);
		cr_assert_str_eq(passed(&echo, twice), once);
	}
}
