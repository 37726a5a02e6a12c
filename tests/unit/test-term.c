/* SPDX-License-Identifier: MIT */

#include "cli/term.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "test.h"

static const char *print(int64_t at_s, int64_t now_s)
{
	static char text[TERM_TIME_SIZE];

	term_time(at_s, now_s, text);
	return text;
}

TEST(term, times_are_told_as_people_tell_them)
{
	const int64_t now_s = 1700000000;

	(void)setenv("TZ", "UTC", 1);
	cr_assert_str_eq(print(now_s, now_s), "just now");
	cr_assert_str_eq(print(now_s - 9, now_s), "just now");
	cr_assert_str_eq(print(now_s - 10, now_s), "10 s ago");
	cr_assert_str_eq(print(now_s - 600, now_s), "10 min ago");
	cr_assert_str_eq(print(now_s - 47 * 3600, now_s), "47 h ago");
	cr_assert_str_eq(print(now_s - 48 * 3600, now_s), "2023-11-12 22:13");
}

TEST(term, time_that_was_not_known_is_a_dash)
{
	cr_assert_str_eq(print(0, 1700000000), "-");
	cr_assert_str_eq(print(-1, 1700000000), "-");
	cr_assert_str_eq(print(INT64_MAX, 1700000000), "-");
}

TEST(term, time_to_come_is_a_date)
{
	(void)setenv("TZ", "UTC", 1);
	cr_assert_str_eq(print(1700000100, 1700000000), "2023-11-14 22:15");
}

/* What @show prints, which goes to standard output. */
static const char *capture(void (*show)(const void *of), const void *of)
{
	static char text[1024];
	FILE *file = tmpfile();
	int saved = dup(STDOUT_FILENO);
	size_t n;

	cr_assert_not_null(file);
	(void)fflush(stdout);
	cr_assert_geq(dup2(fileno(file), STDOUT_FILENO), 0);
	show(of);
	(void)fflush(stdout);
	cr_assert_geq(dup2(saved, STDOUT_FILENO), 0);
	(void)close(saved);
	rewind(file);
	n = fread(text, 1, sizeof(text) - 1, file);
	text[n] = '\0';
	(void)fclose(file);
	return text;
}

static void print_table(const void *table)
{
	term_table_print(table);
}

static const char *render(const struct term_table *table)
{
	return capture(print_table, table);
}

static void print_wrapped(const void *text)
{
	term_wrap(70, TERM_BOLD, text);
}

static const char *wrap(const char *text)
{
	return capture(print_wrapped, text);
}

/* clang-format off */
#define NEXT "\n                                   " \
	"                                   "
/* clang-format on */

TEST(term, text_is_broken_between_words)
{
	cr_assert_str_eq(wrap(""), "\n");
	cr_assert_str_eq(wrap("one two"), "one two\n");
	cr_assert_str_eq(wrap("123 56789"), "123 56789\n");
	cr_assert_str_eq(wrap("123 567890"), "123" NEXT "567890\n");
	/* Characters count, not bytes. */
	cr_assert_str_eq(wrap("\xc3\xa4\xc3\xa4\xc3\xa4 56789"),
		"\xc3\xa4\xc3\xa4\xc3\xa4 56789\n");
	/* What is too long for any line has one of its own. */
	cr_assert_str_eq(
		wrap("a 1234567890123 b"), "a" NEXT "1234567890123" NEXT "b\n");
}

TEST(term, columns_line_up_by_characters)
{
	static const char *const heads[] = { "A", "LONG", "C", NULL };
	struct term_table *table = term_table_new(heads);

	term_table_add(table, TERM_BOLD, "\xc3\xa4\xc3\xb6");
	term_table_add(table, TERM_PLAIN, "x");
	term_table_add(table, TERM_DIM, "end");
	term_table_add(table, TERM_PLAIN, "abc");
	term_table_add(table, TERM_PLAIN, "");
	term_table_add(table, TERM_PLAIN, "");
	cr_assert_str_eq(render(table), "A    LONG  C\n"
					"\xc3\xa4\xc3\xb6   x     end\n"
					"abc\n");
	(void)term_table_free(table);
}

TEST(term, foreign_text_cannot_steer)
{
	static const char *const heads[] = { "A", NULL };
	struct term_table *table = term_table_new(heads);

	term_table_add(table, TERM_PLAIN, "a\x1b[2Jb\n");
	cr_assert_str_eq(render(table), "A\na?[2Jb?\n");
	(void)term_table_free(table);
}

TEST(term, table_grows_with_its_rows)
{
	static const char *const heads[] = { "A", NULL };
	struct term_table *table = term_table_new(heads);

	for (int i = 0; i < 300; i++)
		term_table_add(table, TERM_PLAIN, "x");
	cr_assert_eq(strlen(render(table)), 2 + 300 * 2);
	(void)term_table_free(table);
}
