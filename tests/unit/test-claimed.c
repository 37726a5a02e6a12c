/* SPDX-License-Identifier: MIT */

#include "test.h"
#include "util/claimed.h"

TEST(claimed, label_is_whole_or_begins_as_written)
{
	size_t len = 0;

	cr_expect(claimed_by_label("1sat2flash-honk", "1sat2flash-*", &len));
	cr_expect_eq(len, 11);
	cr_expect(claimed_by_label("1sat2flash-", "1sat2flash-*", &len));
	cr_expect(claimed_by_label("honk", "honk", &len));
	cr_expect_eq(len, 4);
	cr_expect_not(claimed_by_label("honk-1", "honk", &len));
	cr_expect_not(claimed_by_label("1sat2flas", "1sat2flash-*", &len));
	cr_expect_not(claimed_by_label("", "1sat2flash-*", &len));
}

TEST(claimed, keysend_is_known_by_its_label)
{
	cr_expect(claimed_is_keysend("keysend-1700000000.123"));
	cr_expect_not(claimed_is_keysend("keysen"));
	cr_expect_not(claimed_is_keysend("1sat2flash-keysend-1"));
}
