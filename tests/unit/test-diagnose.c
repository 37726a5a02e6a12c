/* SPDX-License-Identifier: MIT */

#include "cli/diagnose.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "test.h"

struct heard {
	size_t n_lines;
	size_t n_idle;
	size_t longest;
	char last[DIAGNOSE_LINE_MAX + 1];
};

static void on_line(void *userdata, char *line)
{
	struct heard *heard = userdata;
	size_t len = strlen(line);

	heard->n_lines++;
	if (len > heard->longest)
		heard->longest = len;
	(void)snprintf(heard->last, sizeof(heard->last), "%s", line);
}

static void on_idle(void *userdata)
{
	struct heard *heard = userdata;

	heard->n_idle++;
}

static const struct diagnose_ops ops = { .line = on_line, .idle = on_idle };

static char why[DIAGNOSE_WHY_SIZE];

/* Runs @script as the program would be. */
static int run(const char *script, struct heard *ret)
{
	char shell[] = "/bin/sh", option[] = "-c", text[512];
	char *argv[] = { shell, option, text, NULL };

	*ret = (struct heard){ 0 };
	(void)snprintf(text, sizeof(text), "%s", script);
	return diagnose_run(argv, &ops, ret, why);
}

TEST(diagnose, each_line_is_told)
{
	struct heard heard;

	cr_assert_eq(run("printf 'a\\tb\\n\\nlast'", &heard), 0);
	cr_assert_eq(heard.n_lines, 2);
	cr_assert_str_eq(heard.last, "last");
}

TEST(diagnose, status_counts_only_where_nothing_was_said)
{
	struct heard heard;

	cr_assert_eq(run("echo a; exit 3", &heard), 0);
	cr_assert_eq(run("echo told >&2; exit 3", &heard), DIAGNOSE_E_FAILED);
	cr_assert_str_eq(why,
		"/bin/sh --diagnose told nothing (status 3); run it to see "
		"why");
	cr_assert_eq(run("kill -SEGV $$", &heard), DIAGNOSE_E_FAILED);
	cr_assert(strstr(why, "status 139") != NULL);
}

TEST(diagnose, program_that_is_not_there_is_told)
{
	char path[] = "/nowhere/1sat2flashd";
	char *argv[] = { path, NULL };
	struct heard heard = { 0 };

	cr_assert_eq(diagnose_run(argv, &ops, &heard, why), DIAGNOSE_E_FAILED);
	cr_assert_str_eq(why,
		"/nowhere/1sat2flashd cannot be run: No such file or "
		"directory");
}

TEST(diagnose, what_it_says_is_bounded)
{
	struct heard heard;

	cr_assert_eq(run("yes 'a	b' | head -n 100000", &heard), 0);
	cr_assert_eq(heard.n_lines, DIAGNOSE_LINES_MAX);
	/* One line of a megabyte, then one of zeros and a word. */
	cr_assert_eq(run("yes x | tr -d '\\n' | head -c 1000000; echo; "
			 "head -c 100000 /dev/zero; echo word",
			     &heard),
		0);
	cr_assert_eq(heard.n_lines, 1);
	cr_assert_str_eq(heard.last, "word");
	cr_assert_eq(run("printf %0600d\\\\n 7", &heard), 0);
	cr_assert_eq(heard.longest, DIAGNOSE_LINE_MAX);
	cr_assert_eq(run("printf %0601d\\\\n 7; echo b", &heard), 0);
	cr_assert_str_eq(heard.last, "b");
}

TEST(diagnose, it_hears_nothing_and_leaves_no_child)
{
	struct heard heard;

	cr_assert_eq(run("cat; echo end", &heard), 0);
	cr_assert_str_eq(heard.last, "end");
	cr_assert_eq(waitpid(-1, NULL, WNOHANG), -1);
}

TEST(diagnose, idle_times_are_told)
{
	struct heard heard;

	cr_assert_eq(run("sleep 0.4; echo a", &heard), 0);
	cr_assert_gt(heard.n_idle, 0);
}

/* The clock that it sees: after the first look at it, all time is over. */
static bool is_late;
static uint64_t n_asked;

uint64_t __real_clock_boottime_ms(void);
uint64_t __wrap_clock_boottime_ms(void);
uint64_t __wrap_clock_boottime_ms(void)
{
	return is_late ? n_asked++ * DIAGNOSE_MS : __real_clock_boottime_ms();
}

TEST(diagnose, program_that_does_not_end_is_ended)
{
	struct heard heard;

	is_late = true;
	cr_assert_eq(run("trap '' TERM; echo a; while :; do sleep 0.1; done",
			     &heard),
		DIAGNOSE_E_FAILED);
	cr_assert_str_eq(why, "/bin/sh --diagnose did not end in time");
	cr_assert_eq(waitpid(-1, NULL, WNOHANG), -1);
}
