/* SPDX-License-Identifier: MIT */

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "orders/pin.h"
#include "test.h"
#include "util/fd.h"

/* A file that holds a PIN, or ought to. */
struct world {
	char path[40];
	struct program program;
	char why[WHY_SIZE];
};

static void setup(struct world *w, const char *text, size_t len, mode_t mode)
{
	_cleanup_(fd_closep) int fd = -1;
	char step[80];

	*w = (struct world){ .path = "/tmp/test-pin.XXXXXX" };
	fd = mkstemp(w->path);
	cr_assert_geq(fd, 0);
	cr_assert_eq(write(fd, text, len), (ssize_t)len);
	cr_assert_eq(fchmod(fd, mode), 0);
	(void)snprintf(step, sizeof(step), "valet-mode-on file:%s", w->path);
	cr_assert_eq(program_append(&w->program, "honk", w->why), 0);
	cr_assert_eq(program_append(&w->program, step, w->why), 0);
	cr_assert_eq(program_append(&w->program, "wait 1s", w->why), 0);
}

static void teardown(struct world *w)
{
	program_wipe(&w->program);
	cr_assert_eq(unlink(w->path), 0);
}

static const char *digits(const struct world *w)
{
	return w->program.steps[1].command.pin.digits;
}

static void assert_refused(const char *text, size_t len, const char *why_has)
{
	struct world w;

	setup(&w, text, len, 0600);
	cr_assert_eq(pin_load(&w.program, 0, w.why), PIN_E_INVALID);
	cr_assert_not_null(strstr(w.why, why_has), "%s", w.why);
	cr_assert_not_null(strstr(w.why, w.path), "%s", w.why);
	cr_assert_str_eq(digits(&w), "");
	teardown(&w);
}

TEST(pin, is_loaded_from_its_file)
{
	static const char *const texts[] = { "0042", "0042\n" };

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct world w;

		setup(&w, texts[i], strlen(texts[i]), 0640);
		cr_assert_eq(pin_load(&w.program, 0, w.why), 0, "%s", w.why);
		cr_assert_str_eq(digits(&w), "0042");
		program_wipe(&w.program);
		cr_assert_str_eq(digits(&w), "");
		/* What comes before is not read again. */
		cr_assert_eq(pin_load(&w.program, 2, w.why), 0);
		cr_assert_str_eq(digits(&w), "");
		teardown(&w);
	}
}

TEST(pin, is_never_printed)
{
	char text[STEP_TEXT_SIZE];
	struct world w;

	setup(&w, "8642", 4, 0600);
	cr_assert_eq(pin_load(&w.program, 0, w.why), 0);
	step_print(&w.program.steps[1], text);
	cr_assert_null(strstr(text, "8642"), "%s", text);
	cr_assert_not_null(strstr(text, w.path));
	teardown(&w);
}

TEST(pin, other_than_four_digits_is_told_but_not_shown)
{
	assert_refused("", 0, "four digits");
	assert_refused("123", 3, "four digits");
	assert_refused("12345", 5, "four digits");
	assert_refused("12a4", 4, "four digits");
	assert_refused(" 1234", 5, "four digits");
	assert_refused("\n1234", 5, "four digits");
	assert_refused("1234\n\n", 6, "nothing may stand behind");
	assert_refused("1234\n5678\n", 10, "nothing may stand behind");
	assert_refused("1234\0", 5, "nothing may stand behind");
	assert_refused("123\0", 4, "four digits");
	assert_refused("1234 ", 5, "nothing may stand behind");
}

TEST(pin, that_everybody_can_read_is_refused)
{
	static const mode_t modes[] = { 0644, 0604, 0602 };

	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		struct world w;

		setup(&w, "1234", 4, modes[i]);
		cr_assert_eq(pin_load(&w.program, 0, w.why), PIN_E_INVALID);
		cr_assert_not_null(strstr(w.why, "chmod o="), "%s", w.why);
		cr_assert_str_eq(digits(&w), "");
		teardown(&w);
	}
}

TEST(pin, needs_a_file)
{
	struct world w;

	setup(&w, "1234", 4, 0600);
	cr_assert_eq(unlink(w.path), 0);
	cr_assert_eq(pin_load(&w.program, 0, w.why), PIN_E_INVALID);
	cr_assert_not_null(strstr(w.why, "No such file"), "%s", w.why);
	cr_assert_eq(mkdir(w.path, 0700), 0);
	cr_assert_eq(pin_load(&w.program, 0, w.why), PIN_E_INVALID);
	cr_assert_not_null(strstr(w.why, "this is no file"), "%s", w.why);
	cr_assert_eq(rmdir(w.path), 0);
	/* Nobody writes into it, and nobody waits for that. */
	cr_assert_eq(mkfifo(w.path, 0600), 0);
	cr_assert_eq(pin_load(&w.program, 0, w.why), PIN_E_INVALID);
	cr_assert_not_null(strstr(w.why, "this is no file"), "%s", w.why);
	teardown(&w);
}
