/* SPDX-License-Identifier: MIT */

#include "model/condition.h"

#include <string.h>

#include "test.h"
#include "util/clock.h"

enum {
	NOW_MS = 1000 * 1000,
};

static struct conditions conditions_of(const char *first, const char *second)
{
	struct conditions conditions = { 0 };
	char why[WHY_SIZE];

	cr_assert_eq(conditions_add(&conditions, first, why), 0, "%s", why);
	if (second != NULL)
		cr_assert_eq(
			conditions_add(&conditions, second, why), 0, "%s", why);
	return conditions;
}

static void refused(const char *first, const char *second, const char *phrase)
{
	struct conditions conditions = { 0 }, before;
	char why[WHY_SIZE] = "";

	if (second != NULL)
		conditions = conditions_of(first, NULL);
	before = conditions;
	cr_expect_eq(conditions_add(
			     &conditions, second == NULL ? first : second, why),
		CONDITION_E_INVALID);
	cr_expect_not_null(strstr(why, phrase), "%s", why);
	cr_expect_eq(memcmp(&conditions, &before, sizeof(before)), 0);
}

static struct condition_judgement judge(const char *first, const char *second,
	const struct car_state *state, uint64_t now_ms)
{
	const struct conditions conditions = conditions_of(first, second);
	struct condition_judgement judgement;

	conditions_judge(&conditions, state, now_ms, &judgement);
	return judgement;
}

static void expect(const char *text, const struct car_state *state,
	enum condition_verdict verdict, enum command_id read, const char *why)
{
	struct condition_judgement j = judge(text, NULL, state, NOW_MS);

	cr_expect_eq(j.verdict, verdict, "%s: %d, %s", text, j.verdict, j.why);
	cr_expect_str_eq(j.why, why);
	if (verdict == CONDITION_HOLDS)
		cr_expect_eq(j.until_ms, NOW_MS + CAR_PARKED_MAX_AGE_MS + 1);
	else
		cr_expect_eq(j.read, read);
}

static void open_then_fails(const char *text, const struct car_state *state,
	enum command_id read, const char *open, const char *fails)
{
	struct car_state nothing;

	car_state_init(&nothing);
	expect(text, &nothing, CONDITION_OPEN, read, open);
	expect(text, state, CONDITION_FAILS, read, fails);
}

TEST(condition, what_was_written_is_printed)
{
	static const struct {
		const char *first, *second, *text;
	} cases[] = {
		{ "parked", NULL, "parked" },
		{ "anytime", "locked", "anytime, locked" },
		{ "unlocked", "awake", "awake, unlocked" },
		{ "nobody-inside", "parked", "parked, nobody-inside" },
		{ "somebody-inside", NULL, "somebody-inside" },
		{ "battery >= 20", NULL, "battery >= 20" },
		{ "battery > 20", NULL, "battery >= 21" },
		{ "battery<80%", NULL, "battery <= 79" },
		{ "battery <= 80", "battery >= 20",
			"battery >= 20, battery <= 80" },
		/* The narrower one of each. */
		{ "battery >= 50", "battery >= 20", "battery >= 50" },
		{ "battery <= 50", "battery <= 60 %", "battery <= 50" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct conditions conditions =
			conditions_of(cases[i].first, cases[i].second);
		char text[CONDITIONS_TEXT_SIZE];

		conditions_print(&conditions, text);
		cr_expect_str_eq(text, cases[i].text);
	}
}

TEST(condition, all_of_them_have_room_as_text)
{
	struct conditions conditions = { .set = (1u << _CONDITION_N) - 1,
		.battery_min = 10,
		.battery_max = 90 };
	char text[CONDITIONS_TEXT_SIZE];

	conditions_print(&conditions, text);
	cr_expect_not_null(strstr(text, "battery <= 90"), "%s", text);
}

TEST(condition, nonsense_is_told_and_changes_nothing)
{
	refused("parkt", NULL,
		"\"parkt\" is no condition; write anytime, awake, parked, "
		"nobody-inside, somebody-inside, locked, unlocked, or as in "
		"\"battery >= 20\"");
	refused("", NULL, "is no condition");
	refused("battery", NULL, "as in \"battery >= 20\"");
	refused("battery = 20", NULL, "is no condition");
	refused("battery >= x", NULL, "is no condition");
	refused("battery >= 101", NULL, "0 to 100");
	refused("battery >= 2000000000000", NULL, "0 to 100");
	refused("battery >= 20 V", NULL, "is no condition");
	refused("battery >", NULL, "is no condition");
	refused("battery > 100", NULL, "no battery is like that");
	refused("battery < 0", NULL, "no battery is like that");
	refused("battery < 20", "battery > 30", "as the other condition says");
}

TEST(condition, those_that_contradict_are_told)
{
	refused("parked", "anytime", "contradict each other");
	refused("anytime", "parked", "\"parked\" and \"anytime\"");
	refused("locked", "unlocked", "contradict");
	refused("nobody-inside", "somebody-inside", "contradict");
}

TEST(condition, none_and_anytime_need_no_proof)
{
	const struct conditions none = { 0 };
	struct condition_judgement judgement;
	struct car_state state;

	car_state_init(&state);
	conditions_judge(&none, &state, NOW_MS, &judgement);
	cr_expect_eq(judgement.verdict, CONDITION_HOLDS);
	cr_expect_eq(judgement.until_ms, CLOCK_NEVER);
	judgement = judge("anytime", NULL, &state, NOW_MS);
	cr_expect_eq(judgement.verdict, CONDITION_HOLDS);
	cr_expect_eq(judgement.until_ms, CLOCK_NEVER);
}

TEST(condition, parked_is_shown_by_the_drive_state)
{
	struct car_state state;

	car_state_init(&state);
	state.drive.at_ms = NOW_MS;
	state.drive.gear = CAR_GEAR_R;
	open_then_fails("parked", &state, COMMAND_STATE_DRIVE,
		"the car does not say that it is parked",
		"the car is not parked");
	state.drive.gear = CAR_GEAR_UNKNOWN;
	expect("parked", &state, CONDITION_OPEN, COMMAND_STATE_DRIVE,
		"the car does not say that it is parked");
	state.drive.gear = CAR_GEAR_P;
	expect("parked", &state, CONDITION_HOLDS, COMMAND_NONE, "");
}

TEST(condition, who_is_inside_and_locks_are_shown_by_the_closures)
{
	struct car_state state;

	car_state_init(&state);
	state.closures.at_ms = NOW_MS;
	state.closures.user_present = CAR_YES;
	state.closures.locked = CAR_NO;
	open_then_fails("nobody-inside", &state, COMMAND_STATE_CLOSURES,
		"the car does not say whether anybody is in it",
		"somebody is in the car");
	open_then_fails("locked", &state, COMMAND_STATE_CLOSURES,
		"the car does not say whether it is locked",
		"the car is not locked");
	expect("somebody-inside", &state, CONDITION_HOLDS, COMMAND_NONE, "");
	expect("unlocked", &state, CONDITION_HOLDS, COMMAND_NONE, "");
	state.closures.user_present = CAR_NO;
	state.closures.locked = CAR_YES;
	open_then_fails("somebody-inside", &state, COMMAND_STATE_CLOSURES,
		"the car does not say whether anybody is in it",
		"nobody is in the car");
	open_then_fails("unlocked", &state, COMMAND_STATE_CLOSURES,
		"the car does not say whether it is locked",
		"the car is locked");
	expect("nobody-inside", &state, CONDITION_HOLDS, COMMAND_NONE, "");
	expect("locked", &state, CONDITION_HOLDS, COMMAND_NONE, "");
}

/* The status comes in the clear: whoever forges it must not open a car. */
TEST(condition, status_proves_nothing_but_sleep)
{
	struct car_state state;

	car_state_init(&state);
	state.body.at_ms = NOW_MS;
	state.body.lock = CAR_LOCK_LOCKED;
	state.body.user_present = CAR_NO;
	expect("locked", &state, CONDITION_OPEN, COMMAND_STATE_CLOSURES,
		"the car does not say whether it is locked");
	expect("nobody-inside", &state, CONDITION_OPEN, COMMAND_STATE_CLOSURES,
		"the car does not say whether anybody is in it");
	state.body.sleep = CAR_SLEEP_AWAKE;
	expect("awake", &state, CONDITION_HOLDS, COMMAND_NONE, "");
	state.body.sleep = CAR_SLEEP_ASLEEP;
	open_then_fails("awake", &state, COMMAND_BODY_CONTROLLER_STATE,
		"the car does not say that it is awake",
		"the car sleeps, and this does not wake it");
	/* Infotainment answered later than that. */
	state.body.at_ms = NOW_MS - 1;
	state.closures.at_ms = NOW_MS;
	expect("awake", &state, CONDITION_HOLDS, COMMAND_NONE, "");
	state.closures.at_ms = 0;
	state.drive.at_ms = NOW_MS;
	expect("awake", &state, CONDITION_HOLDS, COMMAND_NONE, "");
}

TEST(condition, battery_has_to_be_in_its_range)
{
	struct car_state state;

	car_state_init(&state);
	state.charge.at_ms = NOW_MS;
	expect("battery >= 20", &state, CONDITION_OPEN, COMMAND_STATE_CHARGE,
		"the car does not say how full its battery is");
	state.charge.battery_level = 20;
	open_then_fails("battery > 20", &state, COMMAND_STATE_CHARGE,
		"the car does not say how full its battery is",
		"the battery is at 20 %, and the menu says battery >= 21");
	expect("battery >= 20", &state, CONDITION_HOLDS, COMMAND_NONE, "");
	expect("battery <= 20", &state, CONDITION_HOLDS, COMMAND_NONE, "");
	expect("battery < 20", &state, CONDITION_FAILS, COMMAND_STATE_CHARGE,
		"the battery is at 20 %, and the menu says battery <= 19");
}

TEST(condition, proof_ends_after_ten_seconds)
{
	struct condition_judgement j;
	struct car_state state;

	car_state_init(&state);
	state.closures.at_ms = NOW_MS;
	state.closures.locked = CAR_YES;
	state.charge.at_ms = NOW_MS + 3000;
	state.charge.battery_level = 50;
	/* What both prove ends with the first. */
	j = judge("locked", "battery > 10", &state, NOW_MS + 3000);
	cr_expect_eq(j.verdict, CONDITION_HOLDS);
	cr_expect_eq(j.until_ms, NOW_MS + CAR_PARKED_MAX_AGE_MS + 1);
	j = judge("locked", "battery > 10", &state, j.until_ms - 1);
	cr_expect_eq(j.verdict, CONDITION_HOLDS);
	j = judge("locked", "battery > 10", &state, j.until_ms);
	cr_expect_eq(j.verdict, CONDITION_OPEN);
	cr_expect_eq(j.read, COMMAND_STATE_CLOSURES);
	/* An answer from the future proves nothing. */
	j = judge("locked", NULL, &state, NOW_MS - 1);
	cr_expect_eq(j.verdict, CONDITION_OPEN);
}

TEST(condition, what_fails_comes_before_what_is_open)
{
	struct condition_judgement j;
	struct car_state state;

	car_state_init(&state);
	state.closures.at_ms = NOW_MS;
	state.closures.locked = CAR_NO;
	j = judge("parked", "locked", &state, NOW_MS);
	cr_expect_eq(j.verdict, CONDITION_FAILS);
	cr_expect_str_eq(j.why, "the car is not locked");
	/* Two that fail: the first one is told. */
	state.drive.at_ms = NOW_MS;
	state.drive.gear = CAR_GEAR_D;
	j = judge("parked", "locked", &state, NOW_MS);
	cr_expect_str_eq(j.why, "the car is not parked");
}

TEST(condition, each_read_shows_its_own)
{
	struct conditions all = conditions_of("nobody-inside", "battery > 5");
	struct conditions shown;

	shown = conditions_shown_by(&all, COMMAND_STATE_CLOSURES);
	cr_expect_eq(shown.set, CONDITIONS_OF(CONDITION_NOBODY_INSIDE).set);
	shown = conditions_shown_by(&all, COMMAND_STATE_CHARGE);
	cr_expect_eq(shown.set, CONDITIONS_OF(CONDITION_BATTERY).set);
	shown = conditions_shown_by(&all, COMMAND_STATE_MEDIA);
	cr_expect_eq(shown.set, 0);
}
