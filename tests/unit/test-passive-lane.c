/* SPDX-License-Identifier: MIT */

/*
 * Answers to a car that asks for a key, among commands, lost links and sessions,
 * and authentication failures.
 */

#include "passive-world.h"

TEST(passive_lane, the_newest_question_counts)
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

TEST(passive_lane, a_flood_is_answered_now_and_then)
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

TEST(passive_lane, a_command_in_flight_goes_first)
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

TEST(passive_lane, a_command_waits_for_the_answer_under_way)
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

TEST(passive_lane, a_command_that_cannot_wait_is_refused)
{
	begin_armed();
	exchange(ASK_UNLOCK, SAY_UNLOCK);
	cr_assert_eq(submit_by(COMMAND_LOCK, 200, 5000), 0);
	wait_ms(PASSIVE_REPLY_MS);
	hear_nothing();
	expect(OUTCOME_REFUSED, VEHICLE_LATE);
	world_end();
}

TEST(passive_lane, the_other_computer_is_another_lane)
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

TEST(passive_lane, a_busy_car_has_time_for_an_answer)
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

TEST(passive_lane, a_link_that_comes_back_finds_it_armed)
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

TEST(passive_lane, a_session_that_the_car_forgot_is_made_anew)
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

TEST(passive_lane,
	a_car_that_does_not_know_the_key_is_asked_no_more_than_it_asks)
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

TEST(passive_lane, authentication_failures_in_a_row_end_it)
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

TEST(passive_lane, a_lockout_ends_the_command_in_flight)
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

TEST(passive_lane, a_yes_ends_the_row_of_failures)
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
