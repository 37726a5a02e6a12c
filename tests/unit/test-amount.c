/* SPDX-License-Identifier: MIT */

#include "util/amount.h"

#include "test.h"

static const char *print(uint64_t msat)
{
	static char text[AMOUNT_TEXT_SIZE];

	amount_print(msat, text);
	return text;
}

TEST(amount, whole_sat_have_no_fraction)
{
	cr_assert_str_eq(print(0), "0 sat");
	cr_assert_str_eq(print(1000), "1 sat");
	cr_assert_str_eq(print(2100000000000000000), "2100000000000000 sat");
}

TEST(amount, msat_are_a_fraction_without_trailing_zeros)
{
	cr_assert_str_eq(print(1), "0.001 sat");
	cr_assert_str_eq(print(1500), "1.5 sat");
	cr_assert_str_eq(print(21010), "21.01 sat");
	cr_assert_str_eq(print(UINT64_MAX), "18446744073709551.615 sat");
}
