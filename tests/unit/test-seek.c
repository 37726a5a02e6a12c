/* SPDX-License-Identifier: MIT */

#include "lightning/seek.h"

#include "test.h"

enum {
	CALLS_MAX = 50,
};

/*
 * A node's list: every payment from 1 to @newest, but for those that were
 * deleted, which are all that @gap divides with a rest.
 */
struct list {
	uint64_t newest;
	uint64_t gap;
};

/* The first payment after @index, 0 if there is none. */
static uint64_t list_after(const struct list *list, uint64_t index)
{
	uint64_t next = (index / list->gap + 1) * list->gap;

	return next <= list->newest ? next : 0;
}

/* Returns where the list ends, within @max_calls. */
static uint64_t seek_end(const struct list *list, unsigned int max_calls)
{
	struct seek seek = { 0 };
	unsigned int n = 0;
	uint64_t index;

	while (seek_next(&seek, &index)) {
		uint64_t found = list_after(list, index);

		cr_assert_leq(index, SEEK_INDEX_MAX);
		cr_assert_leq(++n, max_calls);
		if (found == 0)
			seek_none(&seek);
		else
			cr_assert(seek_found(&seek, found));
	}

	return seek.low;
}

TEST(seek, an_empty_list_takes_one_call)
{
	struct list list = { .newest = 0, .gap = 1 };

	cr_assert_eq(seek_end(&list, 1), 0);
}

TEST(seek, every_short_list_is_found)
{
	for (uint64_t newest = 1; newest < 3000; newest++) {
		struct list list = { .newest = newest, .gap = 1 };

		cr_assert_eq(seek_end(&list, CALLS_MAX), newest);
	}
}

TEST(seek, ten_thousand_payments_take_few_calls)
{
	struct list list = { .newest = 10000, .gap = 1 };

	cr_assert_eq(seek_end(&list, 30), 10000);
}

TEST(seek, gaps_are_jumped_over)
{
	for (uint64_t gap = 2; gap < 3000; gap *= 3) {
		struct list list = { .newest = 10000, .gap = gap };

		cr_assert_eq(seek_end(&list, CALLS_MAX), 10000 / gap * gap);
	}
}

TEST(seek, the_highest_index_is_never_passed)
{
	struct list list = { .newest = SEEK_INDEX_MAX, .gap = 1 };

	cr_assert_eq(seek_end(&list, 200), SEEK_INDEX_MAX);
}

/* Newest is 5; while it is looked for, payment 9 comes in. */
TEST(seek, what_comes_meanwhile_is_after_the_end)
{
	struct seek seek = { 0 };
	struct list list = { .newest = 5, .gap = 1 };
	uint64_t index;

	while (seek_next(&seek, &index)) {
		uint64_t found = list_after(&list, index);

		if (seek.bounded && found == 0)
			found = 9;
		if (found == 0)
			seek_none(&seek);
		else
			cr_assert(seek_found(&seek, found));
	}
	cr_assert_eq(seek.low, 5);
}

TEST(seek, an_answer_that_goes_back_is_refused)
{
	struct seek seek = { 0 };
	uint64_t index;

	cr_assert(seek_next(&seek, &index));
	cr_assert_not(seek_found(&seek, 0));
	cr_assert(seek_found(&seek, 7));
	cr_assert(seek_next(&seek, &index));
	cr_assert_eq(index, 14);
	cr_assert_not(seek_found(&seek, 14));
	cr_assert_not(seek_found(&seek, SEEK_INDEX_MAX + 1));
	cr_assert_eq(seek.low, 7);
}
