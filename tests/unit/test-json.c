/* SPDX-License-Identifier: MIT */

#include "util/json.h"

#include <string.h>

#include "test.h"
#include "util/macro.h"

static char written[512];

static struct json begin(void)
{
	struct json json;

	memset(written, 0, sizeof(written));
	json_init(&json, fmemopen(written, sizeof(written), "w"));
	cr_assert_not_null(json.out);
	return json;
}

static const char *end(struct json *json)
{
	json_end(json);
	(void)fclose(json->out);
	return written;
}

TEST(json, commas_stand_between_items_only)
{
	struct json json = begin();

	json_open_object(&json, NULL);
	json_text(&json, "a", "x");
	json_open_array(&json, "b");
	json_unsigned(&json, NULL, 1);
	json_unsigned(&json, NULL, 2);
	json_close_array(&json);
	json_open_array(&json, "c");
	json_close_array(&json);
	json_bool(&json, "d", true);
	json_close_object(&json);
	cr_assert_str_eq(
		end(&json), "{\"a\":\"x\",\"b\":[1,2],\"c\":[],\"d\":true}\n");
}

TEST(json, extremes_of_numbers_are_exact)
{
	struct json json = begin();

	json_open_array(&json, NULL);
	json_unsigned(&json, NULL, UINT64_MAX);
	json_signed(&json, NULL, INT64_MIN);
	json_close_array(&json);
	cr_assert_str_eq(
		end(&json), "[18446744073709551615,-9223372036854775808]\n");
}

TEST(json, fractions_are_as_short_as_they_can_be)
{
	struct json json = begin();

	json_open_object(&json, NULL);
	json_number(&json, "a", 322.7);
	json_number(&json, "b", -5);
	json_number(&json, "c", 1700000000);
	json_nothing(&json, "d");
	json_close_object(&json);
	cr_assert_str_eq(end(&json),
		"{\"a\":322.7,\"b\":-5,\"c\":1700000000,\"d\":null}\n");
}

TEST(json, controls_and_quotes_are_escaped)
{
	struct json json = begin();

	json_text(&json, NULL, "a\"b\\c\n\x1b\x7f\xc3\xa4");
	cr_assert_str_eq(
		end(&json), "\"a\\\"b\\\\c\\u000a\\u001b\\u007f\xc3\xa4\"\n");
}

TEST(json, two_documents_are_two_lines)
{
	struct json json = begin();

	json_bool(&json, NULL, false);
	json_end(&json);
	json_bool(&json, NULL, true);
	cr_assert_str_eq(end(&json), "false\ntrue\n");
}
