/* SPDX-License-Identifier: MIT */

#include "model/vin.h"

#include <string.h>

#include "test.h"

static void assert_refused(const char *text, const char *why_has)
{
	char vin[VIN_SIZE] = "untouched", why[VIN_WHY_SIZE] = "";

	cr_assert_eq(vin_parse(text, vin, why), VIN_E_INVALID, "%s", text);
	cr_assert_not_null(strstr(why, why_has), "%s: \"%s\"", text, why);
	cr_assert_str_eq(vin, "untouched");
}

TEST(vin, seventeen_characters_are_taken_small_letters_too)
{
	char vin[VIN_SIZE], why[VIN_WHY_SIZE];

	cr_assert_eq(vin_parse("5YJ3E1EA6KF000000", vin, why), 0);
	cr_assert_str_eq(vin, "5YJ3E1EA6KF000000");
	cr_assert_eq(vin_parse("5yj3e1ea6kf00000z", vin, why), 0);
	cr_assert_str_eq(vin, "5YJ3E1EA6KF00000Z");
}

TEST(vin, wrong_length_is_told)
{
	assert_refused("", "\"\" is no VIN: it has 0 characters, a VIN has 17");
	assert_refused("5YJ3E1EA6KF00000", "it has 16 characters");
	assert_refused("5YJ3E1EA6KF0000000", "it has 18 characters");
	assert_refused("5YJ3E1EA6KF00000000000000000000000000000000000000000000"
		       "000000000000000000000000000000000000000000000000000000"
		       "0000000000000000000000000000000000000",
		"it has ");
}

TEST(vin, character_that_no_vin_has_is_shown_with_its_place)
{
	assert_refused("5YJ3E1EA6KFO00000",
		"character 12 is \"O\", which no VIN has; is it a \"0\"?");
	assert_refused("5YJ3EiEA6KF000000", "character 6 is \"i\", which no "
					    "VIN has; is it a \"1\"?");
	assert_refused("QYJ3E1EA6KF000000", "character 1 is \"Q\"");
	assert_refused("5YJ3E1EA6KF-00000",
		"character 12, \"-\", is neither a digit nor a letter");
	assert_refused("5YJ 3E1EA6KF000000",
		"character 4 is neither a digit nor a letter");
	/* Which may be half of a character that is none of ASCII. */
	assert_refused("5YJ\xc3\xa4", "character 4 is neither");
	assert_refused("5YJ\x7f", "character 4 is neither");
	assert_refused("5YJ\x1b[31m", "\"5YJ?[31m\" is no VIN: character 4 is");
}

TEST(vin, check_digit_is_that_of_the_standard)
{
	/* The example of 49 CFR 565.15, and the well-known all ones. */
	static const char *const right[] = { "1M8GDM9AXKP042788",
		"11111111111111111", "5YJ3E1EA7HF000337", "5GZCZ43D13S812715" };

	for (size_t i = 0; i < ARRAY_SIZE(right); i++)
		cr_assert_eq(
			vin_check_digit(right[i]), right[i][8], "%s", right[i]);
	/* Any single character that is mistyped is seen. */
	for (size_t i = 0; i < VIN_SIZE - 1; i++) {
		char vin[VIN_SIZE] = "11111111111111111";

		vin[i] = '2';
		cr_assert_neq(vin_check_digit(vin), vin[8], "%zu", i);
	}
}
