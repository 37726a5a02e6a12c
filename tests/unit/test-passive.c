/* SPDX-License-Identifier: MIT */

/* When a car that asks for a key is answered, and what. */

#include "passive-world.h"

TEST(passive, unarmed_says_not_a_word)
{
	world_begin_warm();
	for (int i = 0; i < 20; i++) {
		broadcast(VCSEC, i % 2 == 0 ? ASK_UNLOCK : ASK_DRIVE);
		hear_nothing();
		cr_assert_eq(vehicle_deadline(world.vehicle), CLOCK_NEVER);
		wait_ms(1000);
	}
	/* What was asked before it was armed is not answered afterwards. */
	broadcast(VCSEC, ASK_DRIVE);
	arm(LONG_MS);
	hear_nothing();
	wait_ms(5000);
	hear_nothing();
	expect_told_nothing();
	world_end();
}

TEST(passive, armed_answers_at_the_level_that_is_asked_for)
{
	begin_armed();
	exchange(ASK_UNLOCK, SAY_UNLOCK);
	cr_assert_eq(world.heard.flags, 2);
	hear_nothing();
	acknowledge();
	expect_told(KEY_LEVEL_UNLOCK, OUTCOME_CONFIRMED);

	exchange(ASK_DRIVE, SAY_DRIVE);
	acknowledge();
	expect_told(KEY_LEVEL_DRIVE, OUTCOME_CONFIRMED);
	hear_nothing();
	expect_told_nothing();
	/* No more than its end is waited for. */
	cr_assert_eq(vehicle_deadline(world.vehicle),
		vehicle_passive_entry(world.vehicle));
	world_end();
}

TEST(passive, levels_that_are_none_are_not_answered)
{
	static const char *const questions[] = {
		/* NONE, as a number and left out; later than ours; negative. */
		ASK("00"),
		"1a1b12160a14" TOKEN "220101",
		"1a00",
		ASK("03"),
		"1a0318ff01",
		"1a0b18ffffffffffffffffff01",
		/* Cut; of another type; a level that is no number. */
		"1a1d1216",
		"1801",
		"1a031a0102",
		/* What kind of phone?  A handle was pulled. */
		"e00201",
		"ea0200",
		"ea02020a00",
	};

	begin_armed();
	for (size_t i = 0; i < ARRAY_SIZE(questions); i++) {
		broadcast(VCSEC, questions[i]);
		hear_nothing();
		wait_ms(1000);
		hear_nothing();
	}
	/* Nor what another computer asks. */
	broadcast(INFO, ASK_DRIVE);
	broadcast(0, ASK_DRIVE);
	wait_ms(1000);
	hear_nothing();
	expect_told_nothing();
	world_end();
}

TEST(passive, a_question_without_a_token_is_one)
{
	begin_armed();
	exchange("1a021801", SAY_UNLOCK);
	world_end();
}

TEST(passive, it_ends_on_the_millisecond)
{
	begin_armed();
	arm(5000);
	wait_ms(4999);
	broadcast(VCSEC, ASK_DRIVE);
	hear_request(SAY_DRIVE);
	acknowledge();
	expect_told(KEY_LEVEL_DRIVE, OUTCOME_CONFIRMED);

	arm(5000);
	wait_ms(4999);
	cr_assert_neq(vehicle_passive_entry(world.vehicle), 0);
	/* No timer has run yet. */
	world.now_ms++;
	broadcast(VCSEC, ASK_DRIVE);
	hear_nothing();
	cr_assert_eq(vehicle_passive_entry(world.vehicle), 0);
	cr_assert_eq(vehicle_deadline(world.vehicle), CLOCK_NEVER);
	world_end();
}

TEST(passive, the_timer_ends_it_as_well)
{
	begin_armed();
	arm(5000);
	wait_ms(5000);
	cr_assert_eq(vehicle_passive_entry(world.vehicle), 0);
	broadcast(VCSEC, ASK_DRIVE);
	hear_nothing();
	world_end();
}

TEST(passive, an_answer_that_the_link_had_no_room_for_is_taken_back)
{
	/* When time is over, when it is called off, when the link goes. */
	for (int way = 0; way < 3; way++) {
		begin_armed();
		arm(5000);
		wait_ms(4500);
		broadcast(VCSEC, ASK_DRIVE);
		if (way == 0)
			wait_ms(500);
		else if (way == 1)
			arm(0);
		else
			vehicle_link_down(world.vehicle, world.now_ms, true);
		hear_nothing();
		/* Nobody has heard it, so nothing became of it. */
		expect_told_nothing();
		world_end();
	}
}

TEST(passive, an_answer_on_its_way_is_in_doubt_when_it_is_called_off)
{
	begin_armed();
	exchange(ASK_DRIVE, SAY_DRIVE);
	arm(0);
	expect_told(KEY_LEVEL_DRIVE, OUTCOME_UNKNOWN);
	acknowledge();
	expect_told_nothing();
	cr_assert_eq(vehicle_deadline(world.vehicle), CLOCK_NEVER);
	/* The next command makes it worthless: its counter is higher. */
	cr_assert_eq(submit(COMMAND_LOCK, 5000), 0);
	hear_request(LOCK);
	world_end();
}

TEST(passive, an_answer_is_worth_little_for_long)
{
	begin_armed();
	exchange(ASK_UNLOCK, SAY_UNLOCK);
	cr_assert_leq(
		world.heard.expires_at, car_clock() + PASSIVE_VALID_MS / 1000);
	acknowledge();
	wait_ms(1000);
	/* Least of all at the end. */
	arm(100);
	broadcast(VCSEC, ASK_UNLOCK);
	hear_request(SAY_UNLOCK);
	cr_assert_leq(world.heard.expires_at, car_clock() + 1);
	world_end();
}

TEST(passive, arming_again_moves_the_end)
{
	begin_armed();
	arm(1000);
	arm(9000);
	wait_ms(8000);
	exchange(ASK_UNLOCK, SAY_UNLOCK);
	acknowledge();
	arm(1000);
	wait_ms(1000);
	broadcast(VCSEC, ASK_UNLOCK);
	hear_nothing();
	world_end();
}

TEST(passive, a_no_is_told)
{
	static const struct {
		struct say say;
		enum outcome outcome;
	} rows[] = {
		{ { .fault = 7 }, OUTCOME_REFUSED },
		{ { .fault = 1 }, OUTCOME_REFUSED },
		{ { .status = 1 }, OUTCOME_REFUSED },
		{ { .fault = 11 }, OUTCOME_UNKNOWN },
		{ { .status = 2 }, OUTCOME_UNKNOWN },
		{ { .payload = "f202020806", .is_sealed = true },
			OUTCOME_REFUSED },
	};

	begin_armed();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		exchange(ASK_DRIVE, SAY_DRIVE);
		say(&rows[i].say);
		expect_told(KEY_LEVEL_DRIVE, rows[i].outcome);
	}
	world_end();
}

TEST(passive, what_is_no_reply_is_dropped)
{
	static const struct say rows[] = {
		{ .payload = "" }, /* in the clear: this car encrypts */
		{ .payload = "", .is_sealed = true, .bad_tag = 1 },
		{ .payload = "", .is_sealed = true, .bad_address = 1 },
		{ .payload = "", .is_sealed = true, .bad_uuid = 1 },
		{ .payload = "", .is_sealed = true, .from = INFO },
		{ .payload = "1a", .is_sealed = true },
		{ .payload = "22020801", .is_sealed = true },
		{ .payload = "0a00", .is_sealed = true },
		{ .has_info = true },
	};

	begin_armed();
	exchange(ASK_DRIVE, SAY_DRIVE);
	/* It encrypts, says the lane. */
	acknowledge();
	expect_told(KEY_LEVEL_DRIVE, OUTCOME_CONFIRMED);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		exchange(ASK_DRIVE, SAY_DRIVE);
		say(&rows[i]);
		expect_told_nothing();
		SAY(.payload = NULL, .is_sealed = true);
		expect_told(KEY_LEVEL_DRIVE, OUTCOME_CONFIRMED);
		SAY(.payload = NULL, .is_sealed = true);
		expect_told_nothing();
	}
	world_end();
}

TEST(passive, old_firmware_replies_in_the_clear)
{
	world_begin_linked();
	arm(LONG_MS);
	for (int i = 0; i < 5; i++) {
		exchange(ASK_UNLOCK, SAY_UNLOCK);
		SAY(.payload = "");
		expect_told(KEY_LEVEL_UNLOCK, OUTCOME_CONFIRMED);
	}
	world_end();
}

TEST(passive, without_randomness_nothing_is_said)
{
	begin_armed();
	world.dice_fail = true;
	broadcast(VCSEC, ASK_DRIVE);
	hear_nothing();
	world.dice_fail = false;
	wait_ms(1000);
	hear_nothing();
	exchange(ASK_DRIVE, SAY_DRIVE);
	world_end();
}

TEST(passive, levels_have_names)
{
	cr_assert_str_eq(key_level_name(KEY_LEVEL_UNLOCK), "unlock");
	cr_assert_str_eq(key_level_name(KEY_LEVEL_DRIVE), "drive");
	cr_assert_str_eq(key_level_name(KEY_LEVEL_NONE), "nothing");
}
