/* SPDX-License-Identifier: MIT */

#include <string.h>

#include "test.h"
#include "util/macro.h"
#include "util/secret.h"

TEST(secret, equal_is_equal_in_every_byte)
{
	uint8_t a[32] = { 1, 2, 3 }, b[32] = { 1, 2, 3 };

	cr_assert(secret_equal(a, b, sizeof(a)));
	cr_assert(secret_equal(a, b, 0));
	for (size_t i = 0; i < 8 * sizeof(b); i++) {
		b[i / 8] ^= (uint8_t)(1 << i % 8);
		cr_assert_not(secret_equal(a, b, sizeof(a)), "bit %zu", i);
		b[i / 8] ^= (uint8_t)(1 << i % 8);
	}
}

TEST(secret, wiped_is_zero_and_no_more_than_asked)
{
	struct secret32 secret;
	uint8_t zero[32] = { 0 };

	memset(&secret, 0xaa, sizeof(secret));
	secret_wipe(&secret, 31);
	cr_assert_arr_eq(secret.bytes, zero, 31);
	cr_assert_eq(secret.bytes[31], 0xaa);
}

TEST(secret, types_wipe_all_of_themselves)
{
	struct secret16 key;
	struct secret32 shared;
	uint8_t zero[32] = { 0 };

	memset(&key, 0xaa, sizeof(key));
	memset(&shared, 0xaa, sizeof(shared));
	secret16_wipep(&key);
	secret32_wipep(&shared);
	cr_assert_arr_eq(key.bytes, zero, sizeof(key));
	cr_assert_arr_eq(shared.bytes, zero, sizeof(shared));
}
