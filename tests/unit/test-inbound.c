/* SPDX-License-Identifier: MIT */

/* What the engine makes of what the car says: answers, forgeries, handshakes. */

#include "fake-car.h"

#define HONK "1203da0100"
#define LOCK "1001"

static void begin_honk(void)
{
	world_begin_warm();
	cr_assert_eq(submit(COMMAND_HONK, 10000), 0);
	hear_request(HONK);
}

static void begin_lock(void)
{
	world_begin_linked();
	cr_assert_eq(submit(COMMAND_LOCK, 12000), 0);
	hear_request(LOCK);
}

/* Confirms the request that the car has just heard. */
static void confirm(void)
{
	SAY(.payload = "0a00", .is_sealed = true);
	expect(OUTCOME_CONFIRMED, VEHICLE_DONE);
}

/* --- whose answer it is: vehicle-protocol 2.5, 3.6 ------------------- */

TEST(inbound, an_answer_to_something_else_is_dropped)
{
	begin_honk();
	SAY(.payload = "0a00", .is_sealed = true, .bad_address = 1);
	SAY(.payload = "0a00", .is_sealed = true, .bad_uuid = 1);
	SAY(.payload = "0a00", .is_sealed = true, .from = VCSEC);
	SAY(.payload = "0a00", .is_sealed = true, .from = 5);
	SAY(.payload = "0a00", .is_sealed = true, .bad_tag = 1);
	SAY(.fault = 7, .bad_address = 1);
	SAY(.fault = 7, .bad_uuid = 1);
	SAY(.fault = 7, .from = VCSEC);
	expect_pending();
	SAY(.payload = "0a00", .is_sealed = true, .no_uuid = true);
	expect(OUTCOME_CONFIRMED, VEHICLE_DONE);
	world_end();
}

TEST(inbound, a_late_answer_is_not_the_next_ones)
{
	struct heard first;

	world_begin_linked();
	cr_assert_eq(submit(COMMAND_LOCK, 12000), 0);
	hear_request(LOCK);
	first = world.heard;
	wait_ms(5000);
	hear_request(LOCK);
	world.heard = first;
	SAY(.payload = "", .is_sealed = true);
	expect_pending();
	world_end();
}

TEST(inbound, a_doubled_answer_changes_nothing)
{
	/* commandStatus OK is not the last word; its copy is none at all. */
	begin_lock();
	SAY(.payload = "2200", .is_sealed = true, .counter = 7);
	SAY(.payload = "", .is_sealed = true, .counter = 7);
	expect_pending();
	SAY(.payload = "", .is_sealed = true, .counter = 8);
	expect(OUTCOME_CONFIRMED, VEHICLE_DONE);
	SAY(.payload = "", .is_sealed = true, .counter = 8);
	cr_assert_not(vehicle_take_event(
		world.vehicle, &(struct vehicle_event){ 0 }));
	world_end();
}

TEST(inbound, the_first_frame_may_be_an_acknowledgement)
{
	begin_honk();
	SAY(.payload = NULL);
	SAY(.payload = NULL, .is_sealed = true);
	wait_ms(1000);
	expect_pending();
	confirm();
	world_end();
}

TEST(inbound, an_empty_answer_of_vcsec_is_success)
{
	begin_lock();
	SAY(.payload = "", .is_sealed = true);
	expect(OUTCOME_CONFIRMED, VEHICLE_DONE);

	/* With its field left out, if nothing follows. */
	cr_assert_eq(submit(COMMAND_LOCK, 12000), 0);
	hear_request(LOCK);
	SAY(.payload = NULL, .is_sealed = true);
	expect_pending();
	wait_ms(500);
	expect(OUTCOME_CONFIRMED, VEHICLE_DONE);
	world_end();
}

TEST(inbound, an_acknowledgement_in_the_clear_proves_nothing)
{
	begin_lock();
	SAY(.payload = "", .is_sealed = true);
	expect(OUTCOME_CONFIRMED, VEHICLE_DONE);

	/* From a computer that encrypts. */
	cr_assert_eq(submit(COMMAND_LOCK, 5000), 0);
	hear_request(LOCK);
	SAY(.payload = NULL);
	wait_ms(1000);
	expect_pending();
	world_end();
}

TEST(inbound, an_acknowledgement_is_enough_at_the_deadline)
{
	world_begin_linked();
	cr_assert_eq(submit(COMMAND_LOCK, 300), 0);
	hear_request(LOCK);
	SAY(.payload = NULL, .is_sealed = true);
	wait_ms(300);
	expect(OUTCOME_CONFIRMED, VEHICLE_DONE);
	world_end();
}

TEST(inbound, answers_are_counted_anew_for_each_attempt)
{
	begin_lock();
	SAY(.payload = "2200", .is_sealed = true, .counter = 7);
	SAY(.fault = 1);
	wait_ms(1000);
	hear_request(LOCK);
	SAY(.payload = "", .is_sealed = true, .counter = 7);
	expect(OUTCOME_CONFIRMED, VEHICLE_DONE);
	world_end();
}

TEST(inbound, an_acknowledgement_of_vcsec_is_not_its_answer)
{
	begin_lock();
	SAY(.payload = NULL, .is_sealed = true);
	wait_ms(100);
	SAY(.payload = "f202020805", .is_sealed = true);
	expect(OUTCOME_REFUSED, VEHICLE_NOT_PARKED);

	cr_assert_eq(submit(COMMAND_LOCK, 12000), 0);
	hear_request(LOCK);
	SAY(.payload = NULL, .is_sealed = true);
	SAY(.payload = "22020801", .is_sealed = true);
	wait_ms(1000);
	hear_request(LOCK);
	/* With the link, the answer may be lost, too. */
	SAY(.payload = NULL, .is_sealed = true);
	vehicle_link_down(world.vehicle, world.now_ms, true);
	wait_ms(12000);
	expect(OUTCOME_UNKNOWN, VEHICLE_LINK_LOST);
	world_end();
}

/* --- in the clear ---------------------------------------------------- */

TEST(inbound, old_firmware_answers_in_the_clear)
{
	world_begin_linked();
	cr_assert_eq(submit(COMMAND_LOCK, 5000), 0);
	hear_request(LOCK);
	SAY(.payload = "");
	expect(OUTCOME_CONFIRMED, VEHICLE_DONE);
	/* An empty payload may be left out: vehicle-protocol 2.5. */
	cr_assert_eq(submit(COMMAND_LOCK, 5000), 0);
	hear_request(LOCK);
	/* Session information takes its place, and says nothing of it. */
	SAY(.has_info = true);
	wait_ms(500);
	expect_pending();
	SAY(.payload = NULL);
	expect_pending();
	wait_ms(500);
	expect(OUTCOME_CONFIRMED, VEHICLE_DONE);

	cr_assert_eq(submit(COMMAND_HONK, 5000), 0);
	hear_handshake(INFO);
	SAY(.has_info = true);
	hear_request(HONK);
	SAY(.payload = "0a00");
	expect(OUTCOME_CONFIRMED, VEHICLE_DONE);

	/* But what it tells of itself is no proof. */
	cr_assert_eq(submit(COMMAND_STATE_DRIVE, 5000), 0);
	hear_request("12040a022200");
	SAY(.payload = "0a0012062a040a021200");
	expect(OUTCOME_REFUSED, VEHICLE_FAILED);
	cr_assert_eq(vehicle_state(world.vehicle)->drive.at_ms, 0);
	world_end();
}

TEST(inbound, a_car_that_encrypts_does_so_for_ever)
{
	begin_honk();
	SAY(.payload = "0a00");
	SAY(.payload = "0a0408011200");
	expect_pending();
	confirm();

	/* The other computer speaks for itself. */
	cr_assert_eq(submit(COMMAND_LOCK, 10000), 0);
	hear_request(LOCK);
	SAY(.payload = "");
	expect(OUTCOME_CONFIRMED, VEHICLE_DONE);
	cr_assert_eq(submit(COMMAND_LOCK, 10000), 0);
	hear_request(LOCK);
	SAY(.payload = "", .is_sealed = true);
	expect(OUTCOME_CONFIRMED, VEHICLE_DONE);
	cr_assert_eq(submit(COMMAND_LOCK, 10000), 0);
	hear_request(LOCK);
	SAY(.payload = "");
	SAY(.payload = NULL);
	SAY(.payload = "f202020807");
	expect_pending();
	/* WAIT needs no proof, as BUSY has none. */
	SAY(.payload = "22020801");
	wait_ms(1000);
	hear_request(LOCK);
	SAY(.payload = "", .is_sealed = true);
	expect(OUTCOME_CONFIRMED, VEHICLE_DONE);
	world_end();
}

TEST(inbound, an_encrypted_drive_state_is_proof)
{
	world_begin_warm();
	cr_assert_eq(submit(COMMAND_STATE_DRIVE, 5000), 0);
	hear_request("12040a022200");
	SAY(.payload = "0a0012062a040a021200", .is_sealed = true);
	expect(OUTCOME_CONFIRMED, VEHICLE_DONE);
	cr_assert(car_state_is_parked(
		vehicle_state(world.vehicle), world.now_ms));
	world_end();
}

TEST(inbound, what_was_read_is_told_once)
{
	static struct report report;

	world_begin_warm();
	cr_assert_eq(submit(COMMAND_STATE_DRIVE, 5000), 0);
	hear_request("12040a022200");
	SAY(.payload = "0a0012062a040a021200", .is_sealed = true);
	expect(OUTCOME_CONFIRMED, VEHICLE_DONE);

	/* Asked for another part, it does not tell this one, nor keep it. */
	cr_assert_not(
		vehicle_report(world.vehicle, COMMAND_STATE_CLOSURES, &report));
	cr_assert_not(
		vehicle_report(world.vehicle, COMMAND_STATE_DRIVE, &report));

	cr_assert_eq(submit(COMMAND_STATE_DRIVE, 5000), 0);
	hear_request("12040a022200");
	SAY(.payload = "0a0012062a040a021200", .is_sealed = true);
	expect(OUTCOME_CONFIRMED, VEHICLE_DONE);
	cr_assert(vehicle_report(world.vehicle, COMMAND_STATE_DRIVE, &report));
	cr_assert_str_eq(report.facts[0].name, "shift_state");
	cr_assert_str_eq(report.facts[0].text, "p");
	cr_assert_not(
		vehicle_report(world.vehicle, COMMAND_STATE_DRIVE, &report));
	world_end();
}

TEST(inbound, a_state_is_as_old_as_its_question)
{
	uint64_t asked_ms;

	world_begin_warm();
	asked_ms = world.now_ms;
	cr_assert_eq(submit(COMMAND_STATE_DRIVE, 5000), 0);
	hear_request("12040a022200");
	wait_ms(4000);
	SAY(.payload = "0a0012062a040a021200", .is_sealed = true);
	expect(OUTCOME_CONFIRMED, VEHICLE_DONE);
	cr_assert_eq(vehicle_state(world.vehicle)->drive.at_ms, asked_ms);
	cr_assert(car_state_is_parked(
		vehicle_state(world.vehicle), asked_ms + 10000));
	cr_assert_not(car_state_is_parked(
		vehicle_state(world.vehicle), asked_ms + 10001));
	world_end();
}

TEST(inbound, an_encrypted_answer_to_what_was_not_signed_is_none)
{
	world_begin();
	vehicle_link_up(world.vehicle, world.now_ms);
	hear_handshake(VCSEC);
	cr_assert_eq(submit(COMMAND_BODY_CONTROLLER_STATE, 5000), 0);
	wait_ms(1000);
	hear_request("0a00");
	/* There is no key yet that could open it. */
	SAY(.payload = "0a080a00100118022001", .is_sealed = true);
	expect_pending();
	SAY(.payload = "0a080a00100118022001");
	expect(OUTCOME_CONFIRMED, VEHICLE_DONE);
	world_end();
}

TEST(inbound, broadcasts_are_hints)
{
	struct vehicle_event event;

	begin_honk();
	/* Only VCSEC tells of locks. */
	broadcast(INFO, "0a080a00100118022001");
	cr_assert_eq(vehicle_state(world.vehicle)->body.at_ms, 0);
	/* locked, asleep, nobody there */
	broadcast(VCSEC, "0a080a00100118022001");
	cr_assert(vehicle_take_event(world.vehicle, &event));
	while (event.type == VEHICLE_EVENT_SESSION)
		cr_assert(vehicle_take_event(world.vehicle, &event));
	cr_assert_eq(event.type, VEHICLE_EVENT_STATE);
	cr_assert_eq(vehicle_state(world.vehicle)->body.lock, CAR_LOCK_LOCKED);
	/* A car asleep counts as parked: not on anyone's word. */
	cr_assert_not(car_state_is_parked(
		vehicle_state(world.vehicle), world.now_ms));

	broadcast(INFO, "0a00");
	broadcast(VCSEC, "f202020807");
	broadcast(VCSEC, "ff");
	expect_pending();
	confirm();
	world_end();
}

/* --- handshakes ------------------------------------------------------ */

static void begin_handshake(void)
{
	world_begin_linked();
	cr_assert_eq(submit(COMMAND_HONK, 10000), 0);
	hear_handshake(INFO);
}

TEST(inbound, forged_session_information_is_not_taken)
{
	begin_handshake();
	SAY(.has_info = true, .bad_tag = 1);
	SAY(.has_info = true, .bad_challenge = 1);
	SAY(.has_info = true, .no_info_tag = true);
	SAY(.has_info = true, .bad_uuid = 1);
	SAY(.has_info = true, .bad_address = 1);
	cr_assert_not(vehicle_has_session(world.vehicle, INFO));
	hear_nothing();
	wait_ms(10000);
	/* More than silence: with another VIN it looks like this. */
	expect(OUTCOME_REFUSED, VEHICLE_AUTH_FAILED);
	world_end();
}

TEST(inbound, an_answer_to_an_earlier_handshake_will_do)
{
	struct heard first;

	begin_handshake();
	first = world.heard;
	wait_ms(1000);
	hear_handshake(INFO);
	wait_ms(1000);
	hear_handshake(INFO);
	world.heard = first;
	SAY(.has_info = true);
	hear_request(HONK);
	world_end();
}

TEST(inbound, an_answer_after_four_seconds_will_not)
{
	struct heard first;

	begin_handshake();
	first = world.heard;
	for (int i = 0; i < 4; i++) {
		wait_ms(1000);
		hear_handshake(INFO);
	}
	wait_ms(100);
	world.heard = first;
	SAY(.has_info = true);
	cr_assert_not(vehicle_has_session(world.vehicle, INFO));
	world_end();
}

TEST(inbound, a_key_that_is_not_paired_is_refused_at_once)
{
	begin_handshake();
	SAY(.has_info = true, .info_status = 1, .no_info_tag = true);
	expect(OUTCOME_REFUSED, VEHICLE_NOT_PAIRED);
	cr_assert_eq(submit(COMMAND_HONK, 10000), 0);
	hear_handshake(INFO);
	SAY(.fault = 3);
	expect(OUTCOME_REFUSED, VEHICLE_NOT_PAIRED);
	cr_assert_eq(submit(COMMAND_HONK, 10000), 0);
	hear_handshake(INFO);
	SAY(.fault = 7);
	expect(OUTCOME_REFUSED, VEHICLE_FORBIDDEN);
	world_end();
}

TEST(inbound, a_refused_handshake_is_no_answer_to_the_other_domain)
{
	struct heard vcsec;

	world_begin();
	vehicle_link_up(world.vehicle, world.now_ms);
	hear_handshake(VCSEC);
	vcsec = world.heard;
	cr_assert_eq(submit(COMMAND_HONK, 5000), 0);
	hear_handshake(INFO);
	world.heard = vcsec;
	SAY(.fault = 3);
	expect_pending();
	world_end();
}

TEST(inbound, an_unproven_word_does_not_take_a_session_down)
{
	world_begin_linked();
	cr_assert_eq(submit(COMMAND_SESSION_VCSEC, 5000), 0);
	hear_handshake(VCSEC);
	SAY(.has_info = true, .info_status = 1, .no_info_tag = true);
	/* Whoever asked is told, */
	expect(OUTCOME_REFUSED, VEHICLE_NOT_PAIRED);
	/* but nobody is stopped from trying. */
	cr_assert(vehicle_has_session(world.vehicle, VCSEC));
	cr_assert_eq(submit(COMMAND_LOCK, 5000), 0);
	hear_request(LOCK);
	SAY(.payload = "", .is_sealed = true);
	expect(OUTCOME_CONFIRMED, VEHICLE_DONE);
	world_end();
}

TEST(inbound, another_key_of_the_car_is_refused)
{
	world_begin_warm();
	vehicle_forget(world.vehicle, INFO);
	cr_assert_eq(submit(COMMAND_HONK, 5000), 0);
	hear_handshake(INFO);
	/* Whatever key it is. */
	SAY(.has_info = true, .info_key = world.key);
	expect(OUTCOME_REFUSED, VEHICLE_KEY_CHANGED);
	cr_assert_not(vehicle_has_session(world.vehicle, INFO));

	/* The right one still works. */
	cr_assert_eq(submit(COMMAND_HONK, 5000), 0);
	hear_handshake(INFO);
	SAY(.has_info = true);
	hear_request(HONK);
	confirm();
	world_end();
}

TEST(inbound, session_information_with_a_clock_gone_back_is_refused)
{
	world_begin_warm();
	vehicle_forget(world.vehicle, INFO);
	cr_assert_eq(submit(COMMAND_HONK, 5000), 0);
	hear_handshake(INFO);
	SAY(.has_info = true, .info_clock = 2000);
	cr_assert_not(vehicle_has_session(world.vehicle, INFO));
	wait_ms(5000);
	expect(OUTCOME_REFUSED, VEHICLE_SILENT);
	world_end();
}

TEST(inbound, every_cut_of_an_answer_is_survived)
{
	begin_honk();
	for (size_t len = 0; len < 64; len++) {
		uint8_t frame[2 + 64] = { 0, (uint8_t)len, 0x32, 0x12 };

		for (size_t i = 4; i < sizeof(frame); i++)
			frame[i] = (uint8_t)(i * 37);
		vehicle_bytes(world.vehicle, world.now_ms, frame, 2 + len);
	}
	expect_pending();
	confirm();
	world_end();
}
