/* SPDX-License-Identifier: MIT */

#include "vehicle/passive.h"

#include "fake-car.h"

#define TOKEN "00112233445566778899aabbccddeeff00112233"
/* As captured: vehicle-protocol 8.4. */
#define ASK(level) "1a1d12160a14" TOKEN "18" level "220101"
#define ASK_UNLOCK ASK("01")
#define ASK_DRIVE ASK("02")
#define SAY_UNLOCK "1a020801"
#define SAY_DRIVE "1a020802"
#define LOCK "1001"

#define LONG_MS (60 * 60 * 1000)

static void arm(uint64_t ms)
{
	vehicle_set_passive_entry(
		world.vehicle, world.now_ms, world.now_ms + ms);
}

static void begin_armed(void)
{
	struct vehicle_event event;

	world_begin_warm();
	while (vehicle_take_event(world.vehicle, &event))
		continue;
	arm(LONG_MS);
}

static bool take(enum vehicle_event_type type, struct vehicle_event *ret)
{
	while (vehicle_take_event(world.vehicle, ret))
		if (ret->type == type)
			return true;

	return false;
}

static void expect_told(enum key_level level, enum outcome outcome)
{
	struct vehicle_event event;

	cr_assert(take(VEHICLE_EVENT_AUTHENTICATED, &event));
	cr_assert_eq(event.level, level);
	cr_assert_eq(event.outcome, outcome, "%s", event.why);
	cr_assert_eq(event.why[0] == '\0', outcome == OUTCOME_CONFIRMED);
}

static void expect_told_nothing(void)
{
	struct vehicle_event event;

	cr_assert_not(take(VEHICLE_EVENT_AUTHENTICATED, &event));
}

static void acknowledge(void)
{
	SAY(.payload = "", .is_sealed = true);
}

/* The car asks, a good while after it did last, and is answered. */
static void exchange(const char *question, const char *answer)
{
	wait_ms(PASSIVE_PAUSE_MS);
	broadcast(VCSEC, question);
	hear_request(answer);
	cr_assert(world.heard.is_signed);
}

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

TEST(passive, the_newest_question_counts)
{
	begin_armed();
	cr_assert_eq(submit(COMMAND_LOCK, 5000), 0);
	hear_request(LOCK);
	broadcast(VCSEC, ASK_DRIVE);
	broadcast(VCSEC, ASK_UNLOCK);
	/* One that asks for nothing takes nothing back. */
	broadcast(VCSEC, ASK("00"));
	hear_nothing();
	acknowledge();
	hear_request(SAY_UNLOCK);
	hear_nothing();
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

/* How many answers a flood of questions for 10 s gets. */
static unsigned int flood(bool says_yes)
{
	unsigned int n = 0;

	for (int i = 0; i < 1000; i++) {
		broadcast(VCSEC, i % 3 == 0 ? ASK_UNLOCK : ASK_DRIVE);
		while (hear()) {
			n++;
			if (says_yes)
				acknowledge();
		}
		wait_ms(10);
	}
	return n;
}

TEST(passive, a_flood_is_answered_now_and_then)
{
	unsigned int n;

	begin_armed();
	n = flood(true);
	cr_assert_eq(n, 10 * 1000 / PASSIVE_PAUSE_MS, "%u", n);
	/* A car that is silent gets one at a time. */
	n = flood(false);
	cr_assert_leq(n, 10 * 1000 / PASSIVE_REPLY_MS, "%u", n);
	cr_assert_geq(n, 9, "%u", n);
	/* And no command starves. */
	broadcast(VCSEC, ASK_DRIVE);
	cr_assert_eq(submit(COMMAND_LOCK, 5000), 0);
	wait_ms(PASSIVE_REPLY_MS);
	while (hear() && world.heard.text[0] != 0x10)
		continue;
	assert_hex(world.heard.text, world.heard.len, LOCK);
	world_end();
}

TEST(passive, a_command_in_flight_goes_first)
{
	begin_armed();
	cr_assert_eq(submit(COMMAND_LOCK, 5000), 0);
	hear_request(LOCK);
	broadcast(VCSEC, ASK_UNLOCK);
	hear_nothing();
	wait_ms(1000);
	hear_nothing();
	acknowledge();
	expect(OUTCOME_CONFIRMED, VEHICLE_DONE);
	/* The car checks that the counters come in order. */
	hear_request(SAY_UNLOCK);
	acknowledge();
	expect_told(KEY_LEVEL_UNLOCK, OUTCOME_CONFIRMED);

	/* What waited for too long, the car has asked anew. */
	cr_assert_eq(submit(COMMAND_LOCK, 5000), 0);
	hear_request(LOCK);
	broadcast(VCSEC, ASK_UNLOCK);
	wait_ms(PASSIVE_FRESH_MS);
	acknowledge();
	expect(OUTCOME_CONFIRMED, VEHICLE_DONE);
	hear_nothing();
	world_end();
}

TEST(passive, a_command_waits_for_the_answer_under_way)
{
	begin_armed();
	exchange(ASK_UNLOCK, SAY_UNLOCK);
	cr_assert_eq(submit(COMMAND_LOCK, 5000), 0);
	hear_nothing();
	broadcast(VCSEC, ASK_DRIVE);
	acknowledge();
	/* It goes before the next answer, too. */
	hear_request(LOCK);
	hear_nothing();
	acknowledge();
	expect(OUTCOME_CONFIRMED, VEHICLE_DONE);
	wait_ms(PASSIVE_PAUSE_MS);
	hear_request(SAY_DRIVE);

	/* But not for ever. */
	cr_assert_eq(submit(COMMAND_LOCK, 5000), 0);
	wait_ms(PASSIVE_REPLY_MS - 1);
	hear_nothing();
	wait_ms(1);
	hear_request(LOCK);
	expect_told(KEY_LEVEL_DRIVE, OUTCOME_UNKNOWN);
	acknowledge();
	expect(OUTCOME_CONFIRMED, VEHICLE_DONE);
	world_end();
}

TEST(passive, a_command_that_cannot_wait_is_refused)
{
	begin_armed();
	exchange(ASK_UNLOCK, SAY_UNLOCK);
	cr_assert_eq(submit_by(COMMAND_LOCK, 200, 5000), 0);
	wait_ms(PASSIVE_REPLY_MS);
	hear_nothing();
	expect(OUTCOME_REFUSED, VEHICLE_LATE);
	world_end();
}

TEST(passive, the_other_computer_is_another_lane)
{
	struct heard honk;

	begin_armed();
	cr_assert_eq(submit(COMMAND_HONK, 5000), 0);
	hear_request("1203da0100");
	honk = world.heard;
	exchange(ASK_DRIVE, SAY_DRIVE);
	acknowledge();
	expect_told(KEY_LEVEL_DRIVE, OUTCOME_CONFIRMED);
	world.heard = honk;
	SAY(.payload = "0a00", .is_sealed = true);
	expect(OUTCOME_CONFIRMED, VEHICLE_DONE);

	/* The other way round. */
	exchange(ASK_DRIVE, SAY_DRIVE);
	cr_assert_eq(submit(COMMAND_HONK, 5000), 0);
	hear_request("1203da0100");
	world_end();
}

TEST(passive, a_busy_car_has_time_for_an_answer)
{
	begin_armed();
	cr_assert_eq(submit(COMMAND_LOCK, 9000), 0);
	hear_request(LOCK);
	SAY(.fault = 1);
	broadcast(VCSEC, ASK_UNLOCK);
	hear_request(SAY_UNLOCK);
	wait_ms(900);
	acknowledge();
	expect_told(KEY_LEVEL_UNLOCK, OUTCOME_CONFIRMED);
	wait_ms(100);
	hear_request(LOCK);
	acknowledge();
	expect(OUTCOME_CONFIRMED, VEHICLE_DONE);
	world_end();
}

TEST(passive, a_link_that_comes_back_finds_it_armed)
{
	begin_armed();
	exchange(ASK_DRIVE, SAY_DRIVE);
	vehicle_link_down(world.vehicle, world.now_ms, true);
	expect_told(KEY_LEVEL_DRIVE, OUTCOME_UNKNOWN);
	wait_ms(60 * 1000);
	vehicle_link_up(world.vehicle, world.now_ms);
	hear_nothing();
	exchange(ASK_DRIVE, SAY_DRIVE);
	acknowledge();
	expect_told(KEY_LEVEL_DRIVE, OUTCOME_CONFIRMED);

	/* What was asked before is of another day. */
	cr_assert_eq(submit(COMMAND_LOCK, 5000), 0);
	hear_request(LOCK);
	broadcast(VCSEC, ASK_DRIVE);
	vehicle_link_down(world.vehicle, world.now_ms, true);
	vehicle_cancel(world.vehicle, world.now_ms);
	vehicle_link_up(world.vehicle, world.now_ms);
	hear_nothing();
	world_end();
}

TEST(passive, a_session_that_the_car_forgot_is_made_anew)
{
	begin_armed();
	exchange(ASK_DRIVE, SAY_DRIVE);
	memset(world.epoch[VCSEC], 0xb7, 16);
	world.counter[VCSEC] = 0;
	SAY(.fault = 15, .has_info = true);
	expect_told(KEY_LEVEL_DRIVE, OUTCOME_REFUSED);
	/* The car asks again, a second later: no sooner is it answered. */
	hear_nothing();
	exchange(ASK_DRIVE, SAY_DRIVE);
	acknowledge();
	expect_told(KEY_LEVEL_DRIVE, OUTCOME_CONFIRMED);

	/* Without session information, hands are shaken first. */
	exchange(ASK_DRIVE, SAY_DRIVE);
	SAY(.fault = 15);
	expect_told(KEY_LEVEL_DRIVE, OUTCOME_REFUSED);
	wait_ms(1000);
	broadcast(VCSEC, ASK_DRIVE);
	hear_handshake(VCSEC);
	wait_ms(100);
	SAY(.has_info = true);
	wait_ms(PASSIVE_PAUSE_MS);
	hear_request(SAY_DRIVE);
	world_end();
}

TEST(passive, a_car_that_does_not_know_the_key_is_asked_no_more_than_it_asks)
{
	unsigned int n = 0;

	world_begin();
	vehicle_link_up(world.vehicle, world.now_ms);
	hear_handshake(VCSEC);
	SAY(.has_info = true, .info_status = 1, .no_info_tag = true);
	arm(LONG_MS);
	for (int i = 0; i < 100; i++) {
		broadcast(VCSEC, ASK_DRIVE);
		while (hear()) {
			cr_assert(world.heard.is_handshake);
			n++;
			SAY(.has_info = true, .info_status = 1,
				.no_info_tag = true);
		}
		wait_ms(100);
	}
	cr_assert_leq(n, 10 * 1000 / PASSIVE_PAUSE_MS, "%u", n);
	world_end();
}

TEST(passive, authentication_failures_in_a_row_end_it)
{
	struct vehicle_event event;

	begin_armed();
	for (int i = 0; i < VEHICLE_LOCKOUT_FAILURES; i++) {
		cr_assert_neq(vehicle_passive_entry(world.vehicle), 0);
		exchange(ASK_DRIVE, SAY_DRIVE);
		/* Late, when no answer is under way any more: it counts. */
		if (i == 1) {
			wait_ms(PASSIVE_REPLY_MS);
			expect_told(KEY_LEVEL_DRIVE, OUTCOME_UNKNOWN);
		}
		SAY(.fault = 5, .has_info = true);
		/* Doubled, it is one. */
		SAY(.fault = 5, .has_info = true);
		if (i == 0)
			expect_told(KEY_LEVEL_DRIVE, OUTCOME_REFUSED);
	}
	cr_assert(take(VEHICLE_EVENT_LOCKOUT, &event));
	cr_assert_eq(vehicle_passive_entry(world.vehicle), 0);
	cr_assert_eq(vehicle_locked_until(world.vehicle),
		world.now_ms + VEHICLE_LOCKOUT_MS);

	/* It cannot be begun, and does not come back by itself. */
	arm(LONG_MS);
	cr_assert_eq(vehicle_passive_entry(world.vehicle), 0);
	broadcast(VCSEC, ASK_DRIVE);
	hear_nothing();
	wait_ms(VEHICLE_LOCKOUT_MS);
	broadcast(VCSEC, ASK_DRIVE);
	hear_nothing();
	arm(LONG_MS);
	exchange(ASK_DRIVE, SAY_DRIVE);
	world_end();
}

TEST(passive, a_lockout_ends_the_command_in_flight)
{
	begin_armed();
	for (int i = 0; i < VEHICLE_LOCKOUT_FAILURES - 1; i++) {
		exchange(ASK_DRIVE, SAY_DRIVE);
		SAY(.fault = 6, .has_info = true);
	}
	exchange(ASK_DRIVE, SAY_DRIVE);
	cr_assert_eq(submit(COMMAND_LOCK, 5000), 0);
	SAY(.fault = 6, .has_info = true);
	hear_nothing();
	expect(OUTCOME_REFUSED, VEHICLE_AUTH_FAILED);
	world_end();
}

TEST(passive, a_yes_ends_the_row_of_failures)
{
	begin_armed();
	for (int i = 0; i < 3 * VEHICLE_LOCKOUT_FAILURES; i++) {
		exchange(ASK_DRIVE, SAY_DRIVE);
		if (i % VEHICLE_LOCKOUT_FAILURES == 0)
			acknowledge();
		else
			SAY(.fault = 5, .has_info = true);
	}
	cr_assert_eq(vehicle_locked_until(world.vehicle), 0);
	cr_assert_neq(vehicle_passive_entry(world.vehicle), 0);
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
