/* SPDX-License-Identifier: MIT */

#include "vehicle/vehicle.h"

#include "fake-car.h"
#include "faults.h"
#include "vehicle/session.h"

#define HANDSHAKE_MS 1000

TEST(vehicle, the_vin_has_17_characters_in_any_case)
{
	_cleanup_(signer_freep) struct signer *signer =
		scalar_signer(A_KEY_SCALAR);
	struct vehicle *vehicle = NULL;
	char name[VEHICLE_NAME_SIZE];

	cr_assert_eq(vehicle_new("5YJ3", signer, world_random, NULL, &vehicle),
		-EINVAL);
	cr_assert_null(vehicle);
	cr_assert_eq(vehicle_name("5YJ3", name), -EINVAL);

	/* vehicle-protocol 1.1 */
	cr_assert_eq(vehicle_name("5YJS0000000000000", name), 0);
	cr_assert_str_eq(name, "S1a87a5a75f3df858C");
	cr_assert_eq(vehicle_name(A_VIN, name), 0);
	cr_assert_str_eq(name, "Sade9a822faa374f8C");
	cr_assert_eq(vehicle_name("5yj30123456789abc", name), 0);
	cr_assert_str_eq(name, "Sade9a822faa374f8C");
}

TEST(vehicle, nothing_begins_without_a_link)
{
	world_begin();
	cr_assert_eq(submit(COMMAND_LOCK, 5000), VEHICLE_E_DOWN);
	hear_nothing();
	cr_assert_eq(vehicle_deadline(world.vehicle), CLOCK_NEVER);
	world_end();
}

TEST(vehicle, one_request_is_in_flight)
{
	world_begin_linked();
	cr_assert_eq(submit(COMMAND_LOCK, 5000), 0);
	cr_assert_eq(submit(COMMAND_LOCK, 5000), VEHICLE_E_BUSY);
	hear_request("1001");
	SAY(.payload = "", .is_sealed = true);
	/* Its answer has not been taken yet. */
	cr_assert_eq(submit(COMMAND_LOCK, 5000), VEHICLE_E_BUSY);
	expect(OUTCOME_CONFIRMED, VEHICLE_DONE);
	cr_assert_eq(submit(COMMAND_LOCK, 5000), 0);
	world_end();
}

TEST(vehicle, a_warm_command_is_one_frame_each_way)
{
	world_begin_warm();
	cr_assert_eq(submit(COMMAND_HONK, 10000), 0);
	hear_request("1203da0100");
	cr_assert(world.heard.is_signed);
	cr_assert_eq(world.heard.flags, 2);
	hear_nothing();
	SAY(.payload = "0a00", .is_sealed = true);
	expect(OUTCOME_CONFIRMED, VEHICLE_DONE);
	hear_nothing();
	cr_assert_eq(vehicle_deadline(world.vehicle), CLOCK_NEVER);
	world_end();
}

/* The link went, and came back a good while later. */
static void come_back(void)
{
	vehicle_link_down(world.vehicle, world.now_ms, true);
	wait_ms(10 * 60 * 1000);
	vehicle_link_up(world.vehicle, world.now_ms);
}

TEST(vehicle, sessions_survive_a_link)
{
	uint32_t counter;

	world_begin_warm();
	come_back();
	hear_nothing();
	/* One frame each way, in both domains, and the counter goes on. */
	cr_assert_eq(submit(COMMAND_LOCK, 5000), 0);
	counter = world.counter[VCSEC];
	hear_request("1001");
	cr_assert_eq(world.heard.counter, counter + 1);
	SAY(.payload = "", .is_sealed = true);
	expect(OUTCOME_CONFIRMED, VEHICLE_DONE);
	cr_assert_eq(submit(COMMAND_HONK, 5000), 0);
	counter = world.counter[INFO];
	hear_request("1203da0100");
	cr_assert_eq(world.heard.counter, counter + 1);
	SAY(.payload = "0a00", .is_sealed = true);
	expect(OUTCOME_CONFIRMED, VEHICLE_DONE);
	hear_nothing();
	world_end();
}

TEST(vehicle, what_the_car_forgot_meanwhile_is_signed_anew)
{
	static const enum command_id ids[] = { COMMAND_LOCK, COMMAND_HONK };

	/* It was rebooted: new epochs, counters from 0, clocks, too. */
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		enum domain domain = command_info(ids[i])->domain;

		world_begin_warm();
		come_back();
		cr_assert_eq(submit(ids[i], 5000), 0);
		cr_assert(hear());
		memset(world.epoch[domain], 0xb7, 16);
		world.counter[domain] = 0;
		world.booted_ms = world.now_ms - 3000;
		SAY(.fault = 15, .has_info = true);
		/* Nothing happened, so that even a toggle goes out again. */
		cr_assert(hear());
		cr_assert(world.heard.is_signed);
		SAY(.payload = domain == VCSEC ? "" : "0a00",
			.is_sealed = true);
		expect(OUTCOME_CONFIRMED, VEHICLE_DONE);
		hear_nothing();
		world_end();
	}
}

TEST(vehicle, a_clock_told_long_ago_is_asked_for_anew)
{
	world_begin_warm();
	vehicle_link_down(world.vehicle, world.now_ms, true);
	wait_ms(SESSION_CLOCK_MAX_MS + 1);
	vehicle_link_up(world.vehicle, world.now_ms);
	hear_handshake(VCSEC);
	SAY(.has_info = true);
	cr_assert_eq(submit(COMMAND_HONK, 5000), 0);
	hear_handshake(INFO);
	SAY(.has_info = true);
	hear_request("1203da0100");
	SAY(.payload = "0a00", .is_sealed = true);
	expect(OUTCOME_CONFIRMED, VEHICLE_DONE);
	/* Once, and then it is new again. */
	come_back();
	hear_nothing();
	cr_assert(vehicle_has_session(world.vehicle, INFO));

	/* On a link that is held, too. */
	wait_ms(SESSION_CLOCK_MAX_MS + 1);
	cr_assert_eq(submit(COMMAND_LOCK, 5000), 0);
	hear_handshake(VCSEC);
	SAY(.has_info = true);
	hear_request("1001");
	world_end();
}

TEST(vehicle, doubt_has_an_end)
{
	struct vehicle_event event;

	/* VEHICLE_VALID_MS after the last sealing, whatever the deadline. */
	world_begin_warm();
	cr_assert_eq(submit(COMMAND_LOCK, 6000), 0);
	hear_request("1001");
	wait_ms(5000);
	hear_request("1001");
	wait_ms(1000);
	event = take_answer();
	cr_assert_eq(event.outcome, OUTCOME_UNKNOWN);
	cr_assert_eq(
		event.valid_until_ms, world.now_ms - 1000 + VEHICLE_VALID_MS);
	cr_assert_geq(VEHICLE_VALID_MS, SESSION_LIFETIME_MS + 2000);
	world_end();
}

TEST(vehicle, what_nobody_took_goes_with_its_link)
{
	world_begin();
	vehicle_link_up(world.vehicle, world.now_ms);
	vehicle_link_down(world.vehicle, world.now_ms, false);
	hear_nothing();
	world_end();
}

TEST(vehicle, an_unanswered_handshake_ends_some_time)
{
	world_begin();
	vehicle_link_up(world.vehicle, world.now_ms);
	for (int i = 0; i < 5; i++) {
		hear_handshake(VCSEC);
		wait_ms(HANDSHAKE_MS);
	}
	hear_nothing();
	cr_assert_eq(vehicle_deadline(world.vehicle), CLOCK_NEVER);
	world_end();
}

TEST(vehicle, a_sleeping_infotainment_is_asked_until_the_deadline)
{
	world_begin_linked();
	cr_assert_eq(submit(COMMAND_FLASH_LIGHTS, 10500), 0);
	for (int i = 0; i < 10; i++) {
		static const uint32_t faults[] = { 0, 1, 2, 11 };

		hear_handshake(INFO);
		if (faults[i % 4] != 0)
			SAY(.fault = faults[i % 4]);
		hear_nothing();
		wait_ms(HANDSHAKE_MS);
	}
	hear_handshake(INFO);
	SAY(.has_info = true);
	hear_request("1203d20100");
	/* Valid until the deadline, not longer, but a second at least. */
	cr_assert_leq(world.heard.expires_at, car_clock() + 1);
	wait_ms(500);
	expect(OUTCOME_UNKNOWN, VEHICLE_FAULT);
	world_end();
}

TEST(vehicle, silence_before_anything_was_sent_is_refused)
{
	world_begin_linked();
	cr_assert_eq(submit(COMMAND_FLASH_LIGHTS, 3500), 0);
	wait_ms(3500);
	expect(OUTCOME_REFUSED, VEHICLE_SILENT);
	world_end();
}

TEST(vehicle, a_deadline_that_has_passed_sends_nothing)
{
	world_begin_warm();
	cr_assert_eq(submit(COMMAND_HONK, 0), 0);
	hear_nothing();
	expect(OUTCOME_REFUSED, VEHICLE_SILENT);
	world_end();
}

TEST(vehicle, silence_repeats_what_is_idempotent)
{
	uint32_t counter;

	world_begin_linked();
	cr_assert_eq(submit(COMMAND_LOCK, 12000), 0);
	hear_request("1001");
	counter = world.heard.counter;
	wait_ms(4999);
	hear_nothing();
	wait_ms(1);
	hear_request("1001");
	cr_assert_eq(world.heard.counter, counter + 1);
	wait_ms(5000);
	hear_request("1001");
	wait_ms(2000);
	expect(OUTCOME_UNKNOWN, VEHICLE_SILENT);
	world_end();
}

TEST(vehicle, silence_leaves_a_toggle_unknown)
{
	world_begin_warm();
	cr_assert_eq(submit(COMMAND_MEDIA_TOGGLE_PLAYBACK, 30000), 0);
	hear_request("12027a00");
	wait_ms(29999);
	hear_nothing();
	expect_pending();
	wait_ms(1);
	expect(OUTCOME_UNKNOWN, VEHICLE_SILENT);
	world_end();
}

TEST(vehicle, a_read_that_gets_no_answer_had_no_effect)
{
	world_begin_warm();
	cr_assert_eq(submit(COMMAND_STATE_DRIVE, 3000), 0);
	hear_request("12040a022200");
	wait_ms(3000);
	expect(OUTCOME_REFUSED, VEHICLE_SILENT);
	world_end();
}

TEST(vehicle, a_link_lost_before_the_last_block_means_not_done)
{
	world_begin_warm();
	cr_assert_eq(submit(COMMAND_HONK, 10000), 0);
	/* Not even taken. */
	vehicle_link_down(world.vehicle, world.now_ms, true);
	expect(OUTCOME_REFUSED, VEHICLE_LINK_LOST);
	hear_nothing();

	vehicle_link_up(world.vehicle, world.now_ms);
	cr_assert_eq(submit(COMMAND_HONK, 10000), 0);
	hear_request("1203da0100");
	vehicle_link_down(world.vehicle, world.now_ms, false);
	expect(OUTCOME_REFUSED, VEHICLE_LINK_LOST);
	world_end();
}

TEST(vehicle, a_handshake_that_was_cut_off_says_nothing_of_the_request)
{
	world_begin_warm();
	vehicle_link_down(world.vehicle, world.now_ms, true);
	vehicle_forget(world.vehicle, VCSEC);
	vehicle_link_up(world.vehicle, world.now_ms);
	hear_handshake(VCSEC);
	cr_assert_eq(submit(COMMAND_HONK, 10000), 0);
	hear_request("1203da0100");
	wait_ms(HANDSHAKE_MS);
	hear_handshake(VCSEC);
	vehicle_link_down(world.vehicle, world.now_ms, false);
	expect(OUTCOME_UNKNOWN, VEHICLE_LINK_LOST);
	world_end();
}

TEST(vehicle, a_new_link_begins_with_a_new_frame)
{
	static const uint8_t half[] = { 0x00, 0x70, 0x32, 0x02 };

	world_begin();
	vehicle_link_up(world.vehicle, world.now_ms);
	hear_handshake(VCSEC);
	vehicle_bytes(world.vehicle, world.now_ms, half, sizeof(half));
	vehicle_link_down(world.vehicle, world.now_ms, true);
	vehicle_link_up(world.vehicle, world.now_ms);
	hear_handshake(VCSEC);
	SAY(.has_info = true);
	cr_assert(vehicle_has_session(world.vehicle, VCSEC));
	world_end();
}

TEST(vehicle, a_link_lost_later_leaves_a_toggle_unknown)
{
	world_begin_warm();
	cr_assert_eq(submit(COMMAND_HONK, 10000), 0);
	hear_request("1203da0100");
	vehicle_link_down(world.vehicle, world.now_ms, true);
	expect(OUTCOME_UNKNOWN, VEHICLE_LINK_LOST);
	world_end();
}

TEST(vehicle, a_link_that_comes_back_repeats_what_is_idempotent)
{
	world_begin_linked();
	cr_assert_eq(submit(COMMAND_LOCK, 10000), 0);
	hear_request("1001");
	vehicle_link_down(world.vehicle, world.now_ms, true);
	expect_pending();
	cr_assert_eq(vehicle_deadline(world.vehicle), world.now_ms + 10000);
	wait_ms(3000);
	hear_nothing();
	vehicle_link_up(world.vehicle, world.now_ms);
	hear_request("1001");
	SAY(.payload = "", .is_sealed = true);
	expect(OUTCOME_CONFIRMED, VEHICLE_DONE);

	/* And if it does not: */
	cr_assert_eq(submit(COMMAND_LOCK, 10000), 0);
	hear_request("1001");
	vehicle_link_down(world.vehicle, world.now_ms, true);
	wait_ms(10000);
	expect(OUTCOME_UNKNOWN, VEHICLE_LINK_LOST);
	world_end();
}

TEST(vehicle, cancelling_tells_what_may_have_been_heard)
{
	world_begin_warm();
	vehicle_cancel(world.vehicle, world.now_ms);
	cr_assert_eq(submit(COMMAND_HONK, 10000), 0);
	vehicle_cancel(world.vehicle, world.now_ms);
	expect(OUTCOME_REFUSED, VEHICLE_CANCELLED);
	hear_nothing();
	cr_assert_eq(submit(COMMAND_HONK, 10000), 0);
	hear_request("1203da0100");
	vehicle_cancel(world.vehicle, world.now_ms);
	expect(OUTCOME_UNKNOWN, VEHICLE_CANCELLED);
	/* The answer comes too late and concerns nobody. */
	SAY(.payload = "0a00", .is_sealed = true);
	cr_assert_eq(submit(COMMAND_HONK, 10000), 0);
	expect_pending();
	world_end();
}

TEST(vehicle, nothing_is_sealed_too_late)
{
	world_begin_warm();
	/* Neither a toggle that the car was too busy for */
	cr_assert_eq(submit_by(COMMAND_HONK, 2500, 10000), 0);
	for (int i = 0; i < 3; i++) {
		hear_request("1203da0100");
		SAY(.fault = 1);
		wait_ms(1000);
	}
	hear_nothing();
	expect(OUTCOME_REFUSED, VEHICLE_LATE);

	/* nor what is repeated in silence, but it may still be answered. */
	cr_assert_eq(submit_by(COMMAND_LOCK, 4000, 10000), 0);
	hear_request("1001");
	wait_ms(9000);
	hear_nothing();
	SAY(.payload = "", .is_sealed = true);
	expect(OUTCOME_CONFIRMED, VEHICLE_DONE);

	/* Nor what a link took with it, be it a command that may be repeated */
	cr_assert_eq(submit_by(COMMAND_LOCK, 4000, 10000), 0);
	hear_request("1001");
	vehicle_link_down(world.vehicle, world.now_ms, true);
	wait_ms(4000);
	vehicle_link_up(world.vehicle, world.now_ms);
	hear_nothing();
	expect(OUTCOME_UNKNOWN, VEHICLE_LATE);

	/* Nor after a handshake that took too long. */
	vehicle_forget(world.vehicle, INFO);
	cr_assert_eq(submit_by(COMMAND_HONK, 1500, 10000), 0);
	hear_handshake(INFO);
	wait_ms(1000);
	hear_handshake(INFO);
	wait_ms(600);
	SAY(.has_info = true);
	hear_nothing();
	expect(OUTCOME_REFUSED, VEHICLE_LATE);
	world_end();
}

TEST(vehicle, a_frame_that_nobody_took_was_not_heard)
{
	world_begin_warm();
	cr_assert_eq(submit(COMMAND_HONK, 3000), 0);
	wait_ms(3000);
	expect(OUTCOME_REFUSED, VEHICLE_SILENT);
	hear_nothing();

	/* Nor was one in whose place another came. */
	cr_assert_eq(submit(COMMAND_LOCK, 7000), 0);
	wait_ms(7000);
	expect(OUTCOME_REFUSED, VEHICLE_SILENT);

	/* But one that was taken before may have been. */
	cr_assert_eq(submit(COMMAND_LOCK, 7000), 0);
	hear_request("1001");
	wait_ms(7000);
	expect(OUTCOME_UNKNOWN, VEHICLE_SILENT);
	world_end();
}

TEST(vehicle, get_status_needs_no_session)
{
	world_begin();
	vehicle_link_up(world.vehicle, world.now_ms);
	hear_handshake(VCSEC);
	cr_assert_eq(submit(COMMAND_BODY_CONTROLLER_STATE, 5000), 0);
	wait_ms(HANDSHAKE_MS);
	hear_request("0a00");
	cr_assert_not(world.heard.is_signed);
	cr_assert_eq(world.heard.flags, 2);
	SAY(.payload = "0a080a00100118022001");
	expect(OUTCOME_CONFIRMED, VEHICLE_DONE);
	cr_assert_eq(vehicle_state(world.vehicle)->body.lock, CAR_LOCK_LOCKED);
	cr_assert(car_state_is_asleep(
		vehicle_state(world.vehicle), world.now_ms));
	world_end();
}

TEST(vehicle, a_forgotten_session_is_made_anew)
{
	struct vehicle_event event;

	world_begin_warm();
	vehicle_forget(world.vehicle, DOMAIN_INFOTAINMENT);
	cr_assert_not(vehicle_has_session(world.vehicle, DOMAIN_INFOTAINMENT));
	cr_assert(vehicle_take_event(world.vehicle, &event));
	cr_assert_eq(event.type, VEHICLE_EVENT_SESSION);
	cr_assert_eq(event.domain, DOMAIN_INFOTAINMENT);
	cr_assert_eq(submit(COMMAND_PING, 5000), 0);
	hear_handshake(INFO);
	/* The car has forgotten the counter; the engine has not. */
	SAY(.has_info = true, .info_counter = 1);
	hear_request("1205f202020801");
	world_end();
}

static void feed(const char *hex)
{
	uint8_t bytes[128];
	size_t len = unhex(hex, bytes, sizeof(bytes));

	vehicle_bytes(world.vehicle, world.now_ms, bytes, len);
}

TEST(vehicle, garbage_before_an_answer_does_not_hide_it)
{
	/* A frame that is no message; a stream out of step; both at once. */
	static const char *const garbage[] = {
		"0003ffeedd",
		"0003ffeedd0501",
		"0002ffee000332ffff0000",
		"0003ffeedd010203",
	};

	world_begin_warm();
	for (size_t i = 0; i < ARRAY_SIZE(garbage); i++) {
		cr_assert_eq(submit(COMMAND_HONK, 10000), 0);
		hear_request("1203da0100");
		feed(garbage[i]);
		if (i == 1)
			wait_ms(1000);
		SAY(.payload = "0a00", .is_sealed = true);
		expect(OUTCOME_CONFIRMED, VEHICLE_DONE);
	}

	/* In one chunk with it. */
	cr_assert_eq(submit(COMMAND_HONK, 10000), 0);
	hear_request("1203da0100");
	world.prefix = "0003ffeedd";
	SAY(.payload = "0a00", .is_sealed = true);
	expect(OUTCOME_CONFIRMED, VEHICLE_DONE);
	world_end();
}

TEST(vehicle, without_randomness_nothing_is_sent)
{
	world_begin_warm();
	world.dice_fail = true;
	cr_assert_eq(submit(COMMAND_HONK, 10000), 0);
	hear_nothing();
	expect(OUTCOME_REFUSED, VEHICLE_FAILED);

	/* A handshake is tried again. */
	vehicle_forget(world.vehicle, DOMAIN_INFOTAINMENT);
	cr_assert_eq(submit(COMMAND_HONK, 10000), 0);
	hear_nothing();
	world.dice_fail = false;
	wait_ms(HANDSHAKE_MS);
	hear_handshake(INFO);
	world_end();
}

TEST(vehicle, without_memory_there_is_no_engine)
{
	_cleanup_(signer_freep) struct signer *signer =
		scalar_signer(A_KEY_SCALAR);
	char name[VEHICLE_NAME_SIZE];
	int r = -1;

	for (long n = 0; r != 0; n++) {
		_cleanup_(vehicle_freep) struct vehicle *vehicle = NULL;

		faults_arm(n);
		r = vehicle_new(A_VIN, signer, world_random, NULL, &vehicle);
		if (r == 0)
			r = vehicle_name(A_VIN, name);
		faults_disarm();
		cr_assert(r == 0 || r == -ENOMEM);
	}
}

TEST(vehicle, without_memory_a_handshake_is_tried_again)
{
	world_begin();
	vehicle_link_up(world.vehicle, world.now_ms);
	hear_handshake(VCSEC);
	faults_arm(0);
	SAY(.has_info = true);
	faults_disarm();
	cr_assert_not(vehicle_has_session(world.vehicle, VCSEC));
	wait_ms(HANDSHAKE_MS);
	hear_handshake(VCSEC);
	SAY(.has_info = true);
	cr_assert(vehicle_has_session(world.vehicle, VCSEC));
	world_end();
}
