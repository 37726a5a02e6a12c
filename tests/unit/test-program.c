/* SPDX-License-Identifier: MIT */

#include <string.h>

#include "model/program.h"
#include "test.h"

static struct program program_of(const char *first, const char *second)
{
	struct program program = { 0 };
	char why[WHY_SIZE] = "";

	cr_assert_eq(program_append(&program, first, why), 0, "%s", why);
	if (second != NULL)
		cr_assert_eq(
			program_append(&program, second, why), 0, "%s", why);
	return program;
}

static void assert_refused(
	struct program *program, const char *text, const char *why_has)
{
	struct program before = *program;
	char why[WHY_SIZE] = "";

	cr_assert_eq(program_append(program, text, why), PROGRAM_E_INVALID,
		"%s", text);
	cr_assert_not_null(strstr(why, why_has), "%s: \"%s\"", text, why);
	cr_assert_eq(memcmp(&before, program, sizeof(before)), 0, "%s", text);
}

TEST(program, steps_follow_one_another)
{
	struct program program = program_of("charge-port-open", "wait 2s");

	cr_assert_eq(program.n_steps, 2);
	cr_assert_not(program.steps[0].is_wait);
	cr_assert_eq(program.steps[0].command.id, COMMAND_CHARGE_PORT_OPEN);
	cr_assert(program.steps[1].is_wait);
	cr_assert_eq(program.steps[1].wait_ms, 2000);
	cr_assert_eq(program_budget_ms(&program), PROGRAM_COMMAND_MS + 2000);
}

TEST(program, times_unrolls_into_steps_of_their_own)
{
	struct program program = program_of("  flash-lights x 3", "honk  x 1");

	cr_assert_eq(program.n_steps, 4);
	cr_assert_eq(program.steps[2].command.id, COMMAND_FLASH_LIGHTS);
	cr_assert_eq(program.steps[3].command.id, COMMAND_HONK);
	program = program_of("media-volume 4 x 2", "wait 500ms x 2");
	cr_assert_eq(program.n_steps, 4);
	cr_assert_float_eq(program.steps[1].command.args[0], 4, 0);
	cr_assert_eq(program.steps[3].wait_ms, 500);
}

TEST(program, bad_steps_are_told_and_change_nothing)
{
	struct program program = program_of("honk", NULL);
	char longest[STEP_TEXT_SIZE + 1] = "";

	assert_refused(&program, "", "no step");
	assert_refused(&program, "   ", "no step");
	assert_refused(&program, "dance", "no command");
	assert_refused(&program, "honk x", "takes no argument");
	assert_refused(&program, "honk x 0", "1 to 32");
	assert_refused(&program, "honk x -1", "1 to 32");
	assert_refused(&program, "honk x 33", "1 to 32");
	assert_refused(&program, "honk x 3 x 2", "1 to 32");
	assert_refused(&program, "honk x 99999999999999999999", "1 to 32");
	assert_refused(&program, " x 3", "no command");
	assert_refused(&program, "media-volume", "from 0 to 10");
	assert_refused(&program, "media-volume 4 4", "takes no more");

	memset(longest, 'h', sizeof(longest) - 1);
	assert_refused(&program, longest, "no step");
	longest[STEP_TEXT_SIZE - 1] = '\0';
	assert_refused(&program, longest, "no command");
}

TEST(program, waits_are_short_and_not_nothing)
{
	struct program program = program_of("wait 60s", "wait 1ms");

	cr_assert_eq(program_budget_ms(&program), 60001);
	assert_refused(&program, "wait", "1ms to 60s");
	assert_refused(&program, "wait 0", "1ms to 60s");
	assert_refused(&program, "wait 61s", "1ms to 60s");
	assert_refused(&program, "wait 60001ms", "1ms to 60s");
	assert_refused(&program, "wait two", "1ms to 60s");
	assert_refused(&program, "waiting 2s", "no command");
}

TEST(program, nobody_pays_for_a_read)
{
	struct program program = { 0 };

	assert_refused(&program, "state-drive", "only reads");
	assert_refused(&program, "body-controller-state", "only reads");
}

TEST(program, has_32_steps_at_most)
{
	struct program program = program_of("honk x 32", NULL);

	assert_refused(&program, "honk", "at most 32");
	program = program_of("honk x 31", NULL);
	assert_refused(&program, "honk x 2", "at most 32");
	program = program_of("honk x 31", "honk");
	cr_assert_eq(program.n_steps, PROGRAM_STEPS_MAX);
}

TEST(program, traits_and_needs_are_those_of_any_step)
{
	struct program program = program_of("wait 1s", "unlock");

	cr_assert(program_has(&program, COMMAND_OPENS));
	cr_assert_not(program_has(&program, COMMAND_READ_FIRST));
	/* VCSEC obeys while the rest of the car sleeps ... */
	cr_assert_not(program_needs_awake(&program));
	program = program_of("lock", "honk");
	cr_assert(program_needs_awake(&program));
	/* ... but what is looked for first is read from infotainment. */
	program = program_of("trunk", NULL);
	cr_assert(program_needs_awake(&program));
	program = program_of("wait 1s", NULL);
	cr_assert_not(program_has(&program, ~0u));
	cr_assert_not(program_needs_awake(&program));
}

TEST(program, steps_print_as_they_are_written)
{
	static const char *const texts[] = { "wait 2s", "wait 1500ms", "honk",
		"media-set-volume 4", "media-set-volume 3.5", "honk else keep",
		"media-set-volume 4 else skip" };

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct program program = program_of(texts[i], NULL);
		char text[STEP_TEXT_SIZE];

		step_print(&program.steps[0], text);
		cr_assert_str_eq(text, texts[i]);
	}
}

TEST(program, step_says_what_else)
{
	struct program program =
		program_of("honk x 2 else skip", "flash-lights  else  keep");
	char text[STEP_TEXT_SIZE];

	cr_assert_eq(program.n_steps, 3);
	cr_assert_eq(program.steps[0].or_else, STEP_ELSE_SKIP);
	cr_assert_eq(program.steps[1].or_else, STEP_ELSE_SKIP);
	cr_assert_eq(program.steps[2].or_else, STEP_ELSE_KEEP);
	cr_assert_eq(program.steps[2].command.id, COMMAND_FLASH_LIGHTS);
	program = program_of("honk else return", NULL);
	cr_assert_eq(program.steps[0].or_else, STEP_ELSE_RETURN);
	/* As it is printed it is read again, after a crash for one. */
	program = program_of("vehicle-name or else keep else return", NULL);
	cr_assert_eq(program.steps[0].or_else, STEP_ELSE_RETURN);
	step_print(&program.steps[0], text);
	cr_assert_str_eq(text, "vehicle-name or else keep else return");

	assert_refused(&program, "honk else", "no argument");
	assert_refused(&program, "honk else ", "return, keep or skip");
	assert_refused(&program, "honk else give", "return, keep or skip");
	assert_refused(&program, "honk else skip x 2", "return, keep or skip");
	assert_refused(&program, " else skip", "no command");
	assert_refused(&program, "wait 2s else skip", "a wait cannot fail");
	assert_refused(&program,
		"honk                                                         "
		"                                                             "
		"                                          else skip",
		"no step");
}

static void makes_no_sense(
	const char *first, const char *second, const char *phrase)
{
	struct program program = program_of(first, second);
	char why[WHY_SIZE];

	cr_expect_eq(program_check(&program, why), PROGRAM_E_INVALID);
	cr_expect_not_null(strstr(why, phrase), "%s", why);
}

TEST(program, money_is_paid_for_something_that_is_certain)
{
	struct program program = program_of("honk", "lock else keep");
	char why[WHY_SIZE];

	cr_expect_eq(program_check(&program, why), 0);
	program = program_of("honk else skip", "lock");
	cr_expect_eq(program_check(&program, why), 0);
	makes_no_sense("wait 1s", NULL, "it only waits");
	makes_no_sense(
		"honk else skip", "wait 1s", "all of it may be left out");
	makes_no_sense("honk else keep", NULL, "\"honk else keep\": nothing");
	makes_no_sense("honk else skip", "lock else keep", "nothing that is");
	makes_no_sense("wait 1s", "honk else keep", "nothing that is certain");
}

TEST(program, stops_at_the_first_step_that_is_needed)
{
	struct program program = program_of("honk else skip", "wait 1s");
	char why[WHY_SIZE];

	cr_assert_eq(program_append(&program, "lock else keep", why), 0);
	cr_assert_eq(program_append(&program, "honk else skip", why), 0);
	cr_expect_eq(program_stops_at(&program, 0), 2);
	cr_expect_eq(program_stops_at(&program, 2), 2);
	cr_expect_eq(program_stops_at(&program, 3), 4);
	cr_expect_eq(program_stops_at(&program, 4), 4);
}

TEST(program, rounds_are_repeated_steps)
{
	struct program program = program_of("honk", "wait 1s"), rounds = { 0 };

	cr_assert_eq(program_repeat(&program, 16, &rounds), 0);
	cr_assert_eq(rounds.n_steps, 32);
	cr_expect_eq(rounds.steps[30].command.id, COMMAND_HONK);
	cr_expect(rounds.steps[31].is_wait);
	cr_expect_eq(program_least_ms(&rounds),
		16 * (1000 + PROGRAM_COMMAND_LEAST_MS));
	cr_expect_eq(program_repeat(&program, 17, &rounds), PROGRAM_E_INVALID);
	cr_expect_eq(rounds.n_steps, 32);
	program.n_steps = 0;
	cr_assert_eq(program_repeat(&program, 5, &rounds), 0);
	cr_expect_eq(rounds.n_steps, 0);
}

TEST(program, what_it_opens_is_closed_the_last_first)
{
	struct program program = program_of("unlock", "wait 1s"), close;
	char why[WHY_SIZE];

	cr_assert_eq(program_append(&program, "charge-port-open", why), 0);
	cr_assert_eq(program_append(&program, "honk", why), 0);
	cr_assert_eq(program_close(&program, &close, why), 0);
	cr_assert_eq(close.n_steps, 2);
	cr_expect_eq(close.steps[0].command.id, COMMAND_CHARGE_PORT_CLOSE);
	cr_expect_eq(close.steps[1].command.id, COMMAND_LOCK);
	program = program_of("honk", "frunk-open");
	cr_assert_eq(program_close(&program, &close, why), 0);
	cr_expect_eq(close.n_steps, 0);
	program = program_of("frunk-open", "honk");
	cr_expect_eq(program_close(&program, &close, why), PROGRAM_E_INVALID);
	cr_expect_not_null(strstr(why, "\"frunk-open\": only a person"));
}

TEST(program, what_a_pin_begins_the_same_pin_ends)
{
	struct program program = program_of("valet-mode-on file:/p", NULL);
	struct program close;
	char why[WHY_SIZE];

	cr_assert_eq(
		program_append(&program, "speed-limit-activate file:/q", why),
		0);
	memcpy(program.steps[1].command.pin.digits, "8642", 5);
	cr_assert_eq(program_close(&program, &close, why), 0);
	cr_assert_eq(close.n_steps, 2);
	cr_expect_eq(close.steps[0].command.id, COMMAND_SPEED_LIMIT_DEACTIVATE);
	cr_expect_str_eq(close.steps[0].command.text, "file:/q");
	cr_expect_str_eq(close.steps[0].command.pin.digits, "8642");
	/* Needs none. */
	cr_expect_eq(close.steps[1].command.id, COMMAND_VALET_MODE_OFF);
	cr_expect_str_eq(close.steps[1].command.text, "");
	program_wipe(&close);
	cr_expect_str_eq(close.steps[0].command.pin.digits, "");
}
