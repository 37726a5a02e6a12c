/* SPDX-License-Identifier: MIT */

#include "lightning/rune.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test.h"

#define GOOD "tU-RLjMiDpY2U0o3W1oFowar36RFGpWloPbW9-RuZdo9MyZpZD0wMjRi"

static char folder[] = "/tmp/test-rune-XXXXXX";
static char path[64], key_path[64];
static char why[RUNE_WHY_SIZE];

static void write_file(const char *to, const char *text, mode_t mode)
{
	FILE *file = fopen(to, "we");

	cr_assert_not_null(file);
	cr_assert_geq(fputs(text, file), 0);
	cr_assert_eq(fclose(file), 0);
	cr_assert_eq(chmod(to, mode), 0);
}

static void begin(void)
{
	cr_assert_not_null(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/rune", folder);
	(void)snprintf(key_path, sizeof(key_path), "%s/node.key", folder);
}

static void end(void)
{
	(void)unlink(path);
	(void)unlink(key_path);
	cr_assert_eq(rmdir(folder), 0);
}

TEST(rune, a_file_of_one_line_is_read)
{
	struct rune rune;

	begin();
	write_file(path, GOOD "\n", 0640);
	cr_assert_eq(rune_load(path, &rune, why), 0);
	cr_assert_str_eq(rune.text, GOOD);
	write_file(path, GOOD, 0600);
	cr_assert_eq(rune_load(path, &rune, why), 0);
	end();
}

static void assert_bad(const char *text, mode_t mode, const char *expected)
{
	struct rune rune = { "untouched" };

	write_file(path, text, mode);
	cr_assert_lt(rune_load(path, &rune, why), 0);
	cr_assert_not_null(strstr(why, expected), "%s", why);
	cr_assert_not_null(strstr(why, path), "%s", why);
	cr_assert_null(strstr(why, "tU-RL"), "the rune is told");
	cr_assert_str_eq(rune.text, "untouched");
}

TEST(rune, what_is_wrong_with_a_file_is_told)
{
	static char big[RUNE_SIZE + 1];
	struct rune rune;

	begin();
	cr_assert_eq(rune_load(path, &rune, why), -ENOENT);
	cr_assert_not_null(strstr(why, "is not there"));
	assert_bad(GOOD "\n", 0644, "may be read by everybody");
	assert_bad(GOOD "\n", 0660, "written by its group");
	assert_bad("", 0600, "is none");
	assert_bad("lightning-cli\n", 0600, "is none");
	assert_bad("{\"rune\":\"" GOOD "\"}", 0600, "is none");
	assert_bad(GOOD "\n" GOOD "\n", 0600, "is none");
	memset(big, 'A', sizeof(big) - 1);
	assert_bad(big, 0600, "too long");
	cr_assert_lt(rune_load(folder, &rune, why), 0);
	cr_assert_not_null(strstr(why, "cannot be read"));
	end();
}

TEST(rune, a_key_is_made_once)
{
	struct secret32 first, second;
	char id[67], other[67];
	struct stat st;

	begin();
	cr_assert_eq(rune_load_key(key_path, &first, why), 0);
	cr_assert_eq(stat(key_path, &st), 0);
	cr_assert_eq(st.st_mode & 0777, 0600);
	cr_assert_eq(rune_load_key(key_path, &second, why), 0);
	cr_assert_arr_eq(first.bytes, second.bytes, 32);
	cr_assert_eq(rune_key_id(&first, id), 0);
	cr_assert_eq(strlen(id), 66);

	cr_assert_eq(unlink(key_path), 0);
	cr_assert_eq(rune_load_key(key_path, &second, why), 0);
	cr_assert_eq(rune_key_id(&second, other), 0);
	cr_assert_str_neq(id, other);
	end();
}

static void assert_bad_key(const char *text, mode_t mode, const char *expected)
{
	struct secret32 key = { { 7 } };

	write_file(key_path, text, mode);
	cr_assert_lt(rune_load_key(key_path, &key, why), 0);
	cr_assert_not_null(strstr(why, expected), "%s", why);
	cr_assert_eq(key.bytes[0], 7);
}

TEST(rune, what_is_wrong_with_a_key_is_told)
{
	struct secret32 key;

	begin();
	assert_bad_key(
		"1111111111111111111111111111111111111111111111111111111111111"
		"111\n",
		0640, "may be used by others: chmod 600");
	assert_bad_key("", 0600, "is none");
	assert_bad_key("11\n", 0600, "is none");
	assert_bad_key(
		"0000000000000000000000000000000000000000000000000000000000000"
		"000\n",
		0600, "is none");
	assert_bad_key(
		"fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
		"fff\n",
		0600, "is none");
	cr_assert_lt(rune_load_key("/nowhere/node.key", &key, why), 0);
	cr_assert_not_null(strstr(why, "cannot be made"), "%s", why);
	end();
}

TEST(rune, no_of_a_node_is_told_in_words)
{
	static const struct {
		int code;
		const char *message;
		const char *expected; /* NULL: it is not about the rune */
	} cases[] = {
		{ 0x4c51,
			"Invalid rune: Not permitted: method is not equal to "
			"getinfo AND method does not start with list",
			"the rune in /r does not permit the method "
			"waitanyinvoice (method is not equal to getinfo AND "
			"method does not start with list)" },
		{ 0x4c51,
			"Invalid rune: Not permitted: parameter timeout is "
			"greater or equal to 5",
			"the rune in /r does not permit waitanyinvoice like "
			"this: parameter timeout is greater or equal to 5" },
		{ 0x4c51,
			"Invalid rune: Not permitted: id is not equal to 02ab",
			"the rune in /r is for another key than ours (id is "
			"not equal to 02ab)" },
		{ 0x4c51, "Invalid rune: Not authorized: Blacklisted rune",
			"the node does not take the rune in /r: Not "
			"authorized: Blacklisted rune" },
		{ 0x4c50, "Invalid rune",
			"the node does not take the rune in /r: Invalid rune" },
		{ 0x4c51, "\x1b[31m",
			"the node does not take the rune in "
			"/r: ?[31m" },
		{ 0x4c50, "Invalid JSON", NULL },
		{ 904, "Timed out, no rune", NULL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int r = rune_explain(cases[i].code, cases[i].message, "/r",
			"waitanyinvoice", why);

		cr_assert_eq(r == 0, cases[i].expected != NULL);
		if (r == 0)
			cr_assert_str_eq(why, cases[i].expected);
	}
}
