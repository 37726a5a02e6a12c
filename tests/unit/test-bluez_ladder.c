/* SPDX-License-Identifier: MIT */

#include "link/bluez_ladder.h"

#include "test.h"

enum {
	PLENTY_MS = 45 * 1000,
	MINUTE_MS = 60 * 1000,
};

/* The next rung as a letter, in an attempt with time and an adapter of ours. */
static char next(struct bluez_ladder *ladder, unsigned int fault, uint64_t now)
{
	static const char letters[] = {
		[BLUEZ_RETRY] = 'r',
		[BLUEZ_FORGET] = 'f',
		[BLUEZ_POWER_CYCLE] = 'p',
		[BLUEZ_GIVE_UP] = '.',
	};

	return letters[bluez_ladder_next(ladder, fault, now, PLENTY_MS, true)
			       .rung];
}

/* All rungs from here to the end. */
static const char *climb(
	struct bluez_ladder *ladder, unsigned int fault, uint64_t now)
{
	static char rungs[16];
	size_t n = 0;

	do {
		cr_assert_lt(n, sizeof(rungs) - 1);
		rungs[n] = next(ladder, fault, now);
		rungs[n + 1] = '\0';
	} while (rungs[n++] != '.');

	return rungs;
}

TEST(bluez_ladder, each_fault_has_its_rungs)
{
	static const struct {
		unsigned int fault;
		const char *rungs;
	} cases[] = {
		{ BLUEZ_NO_LINK, "rrrfp." },
		{ BLUEZ_NO_SCAN, "rrp." },
		{ BLUEZ_NO_SERVICE, "fr." },
		{ BLUEZ_NO_ROOM, "rrr." },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bluez_ladder ladder = { 0 };

		cr_assert_str_eq(
			climb(&ladder, cases[i].fault, 1), cases[i].rungs);
	}
}

TEST(bluez_ladder, pauses_grow)
{
	struct bluez_ladder ladder = { 0 };
	const uint64_t pauses_ms[] = { 300, 1000, 3000 };

	for (size_t i = 0; i < 3; i++)
		cr_assert_eq(bluez_ladder_next(
				     &ladder, BLUEZ_NO_LINK, 1, PLENTY_MS, true)
				     .pause_ms,
			pauses_ms[i]);
}

TEST(bluez_ladder, limits_outlive_the_top_and_a_link)
{
	struct bluez_ladder ladder = { 0 };

	cr_assert_str_eq(climb(&ladder, BLUEZ_NO_LINK, 1), "rrrfp.");
	cr_assert_str_eq(climb(&ladder, BLUEZ_NO_LINK, 2), "rrr.");
	bluez_ladder_reset(&ladder);
	cr_assert_str_eq(climb(&ladder, BLUEZ_NO_LINK, MINUTE_MS), "rrr.");
	cr_assert_str_eq(climb(&ladder, BLUEZ_NO_LINK, MINUTE_MS + 1), "rrrf.");
	cr_assert_str_eq(
		climb(&ladder, BLUEZ_NO_LINK, 10 * MINUTE_MS), "rrrf.");
	cr_assert_str_eq(
		climb(&ladder, BLUEZ_NO_LINK, 11 * MINUTE_MS), "rrrfp.");
}

TEST(bluez_ladder, climb_goes_on_in_the_next_attempt)
{
	struct bluez_ladder ladder = { 0 };

	for (int i = 0; i < 3; i++)
		cr_assert_eq(next(&ladder, BLUEZ_NO_LINK, 1), 'r');
	/* Time is over: nothing is taken, nothing is forgotten. */
	for (int i = 0; i < 2; i++)
		cr_assert_eq(
			bluez_ladder_next(&ladder, BLUEZ_NO_LINK, 2, 1000, true)
				.rung,
			BLUEZ_GIVE_UP);
	cr_assert_str_eq(climb(&ladder, BLUEZ_NO_LINK, 3), "fp.");
}

TEST(bluez_ladder, link_that_came_up_begins_at_the_foot)
{
	struct bluez_ladder ladder = { 0 };

	cr_assert_eq(next(&ladder, BLUEZ_NO_LINK, 1), 'r');
	bluez_ladder_reset(&ladder);
	cr_assert_str_eq(climb(&ladder, BLUEZ_NO_LINK, 1), "rrrfp.");
}

TEST(bluez_ladder, shared_adapter_is_left_on)
{
	struct bluez_ladder ladder = { 0 };
	struct bluez_choice choice;

	for (int i = 0; i < 40; i++) {
		choice = bluez_ladder_next(&ladder, BLUEZ_NO_LINK,
			(uint64_t)(i + 1) * MINUTE_MS, PLENTY_MS, false);
		cr_assert_neq(choice.rung, BLUEZ_POWER_CYCLE);
	}
}

TEST(bluez_ladder, fault_that_changes_skips_no_rung)
{
	struct bluez_ladder ladder = { 0 };

	cr_assert_eq(next(&ladder, BLUEZ_NO_SERVICE, 1), 'f');
	cr_assert_str_eq(climb(&ladder, BLUEZ_NO_LINK, 1), "rrrp.");
}
