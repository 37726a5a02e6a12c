/* SPDX-License-Identifier: MIT */

#include "vehicle/window.h"

#include "test.h"

/* Highest 100, bits 0 and 5: vehicle-protocol 4.5. */
static const struct window start = { true, 100, 1u << 0 | 1u << 5 };

static void assert_step(
	uint32_t counter, bool is_new, uint32_t highest, uint32_t seen)
{
	struct window window = start;

	cr_assert_eq(window_accept(&window, counter), is_new);
	cr_assert_eq(window.highest, highest);
	cr_assert_eq(window.seen, seen);
}

TEST(window, steps_are_those_of_the_specification)
{
	assert_step(101, true, 101, 1u << 0 | 1u << 1 | 1u << 6);
	assert_step(103, true, 103, 1u << 2 | 1u << 3 | 1u << 8);
	assert_step(500, true, 500, 0);
	assert_step(98, true, 100, 1u << 0 | 1u << 1 | 1u << 5);
	assert_step(99, false, 100, start.seen);
	assert_step(3, false, 100, start.seen);
	assert_step(100, false, 100, start.seen);
}

TEST(window, every_jump_ahead_keeps_what_stays_in_reach)
{
	for (uint32_t ahead = 1; ahead <= 70; ahead++) {
		struct window window = start;

		cr_assert(window_accept(&window, 100 + ahead));
		cr_assert_not(window_accept(&window, 100));
		cr_assert_not(window_accept(&window, 100 + ahead));
		/* 99 was there, 98 was not. */
		cr_assert_not(window_accept(&window, 99));
		cr_assert_eq(
			window_accept(&window, 98), ahead + 2 <= WINDOW_SIZE);
	}
}

TEST(window, the_first_counter_is_taken_whatever_it_is)
{
	static const uint32_t counters[] = { 0, 1, 100, UINT32_MAX };

	for (size_t i = 0; i < 4; i++) {
		struct window window = { 0 };

		cr_assert(window_accept(&window, counters[i]));
		cr_assert_not(window_accept(&window, counters[i]));
	}
}

TEST(window, the_whole_range_of_counters_is_usable)
{
	struct window window = { 0 };

	cr_assert(window_accept(&window, 0));
	cr_assert(window_accept(&window, UINT32_MAX));
	cr_assert_not(window_accept(&window, 0));
	cr_assert(window_accept(&window, UINT32_MAX - WINDOW_SIZE));
	cr_assert_not(window_accept(&window, UINT32_MAX - WINDOW_SIZE - 1));
}
