/* SPDX-License-Identifier: MIT */

#include "util/endpoint.h"

#include <string.h>

#include "test.h"

static void assert_reads(
	const char *text, const char *host, uint16_t port, const char *printed)
{
	struct endpoint endpoint;
	char said[ENDPOINT_TEXT_SIZE];

	cr_assert_eq(endpoint_parse(text, 9735, &endpoint), 0, "%s", text);
	cr_assert_str_eq(endpoint.host, host);
	cr_assert_eq(endpoint.port, port);
	endpoint_print(&endpoint, said);
	cr_assert_str_eq(said, printed);
}

TEST(endpoint, names_and_numbers_are_read)
{
	assert_reads("node.example:1", "node.example", 1, "node.example:1");
	assert_reads("node.local", "node.local", 9735, "node.local:9735");
	assert_reads("192.0.2.7:65535", "192.0.2.7", 65535, "192.0.2.7:65535");
	assert_reads("[2001:db8::7]:80", "2001:db8::7", 80, "[2001:db8::7]:80");
	assert_reads("[::1]", "::1", 9735, "[::1]:9735");
}

TEST(endpoint, all_else_is_refused)
{
	static const char *const texts[] = { "", ":", ":9735", "a:", "a:0",
		"a:65536", "a:123456", "a:-1", "a: 1", "a:1x", "a b:1", "a/b:1",
		"2001:db8::7:9735", "[::1", "[::1]9735", "[::1]:", "[]:1",
		"[node]:1", "[192.0.2.7]:1", "me@node:1", "n\xc3\xb6.example" };
	char longest[ENDPOINT_HOST_SIZE + 1];
	struct endpoint endpoint = { .port = 7 };

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		cr_assert_eq(endpoint_parse(texts[i], 9735, &endpoint), -EINVAL,
			"%s", texts[i]);
	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	cr_assert_eq(endpoint_parse(longest, 9735, &endpoint), -EINVAL);
	cr_assert_eq(endpoint.port, 7, "an output on failure");
	longest[sizeof(longest) - 2] = '\0';
	cr_assert_eq(endpoint_parse(longest, 9735, &endpoint), 0);
}

TEST(endpoint, a_port_may_be_required)
{
	struct endpoint endpoint;

	cr_assert_eq(endpoint_parse("127.0.0.1", 0, &endpoint), -EINVAL);
	cr_assert_eq(endpoint_parse("127.0.0.1:9050", 0, &endpoint), 0);
}
