/* SPDX-License-Identifier: MIT */

/* What the engine makes of what the car says: faults, forgeries, answers. */

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

/* --- the fault table: vehicle-protocol 5.1 --------------------------- */

TEST(inbound, final_faults_refuse)
{
	static const struct {
		uint32_t fault;
		enum vehicle_reason reason;
	} rows[] = {
		{ 3, VEHICLE_NOT_PAIRED },
		{ 4, VEHICLE_FORBIDDEN },
		{ 7, VEHICLE_FORBIDDEN },
		{ 8, VEHICLE_FAULT },
		{ 9, VEHICLE_FAULT },
		{ 10, VEHICLE_FAULT },
		{ 12, VEHICLE_FAULT },
		{ 13, VEHICLE_FAULT },
		{ 14, VEHICLE_FAULT },
		{ 16, VEHICLE_FAULT },
		{ 18, VEHICLE_FAULT },
		{ 19, VEHICLE_FAULT },
		{ 21, VEHICLE_FORBIDDEN },
		{ 22, VEHICLE_FORBIDDEN },
		{ 23, VEHICLE_FORBIDDEN },
		{ 24, VEHICLE_FAULT },
		{ 27, VEHICLE_FAULT },
		{ 28, VEHICLE_FAULT },
	};

	begin_honk();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		SAY(.fault = rows[i].fault, .status = 2);
		expect(OUTCOME_REFUSED, rows[i].reason);
		cr_assert_eq(submit(COMMAND_HONK, 10000), 0);
		hear_request(HONK);
	}
	world_end();
}

TEST(inbound, faults_that_ask_for_a_new_session_are_signed_anew)
{
	static const uint32_t faults[] = { 5, 6, 15, 17, 20, 26 };

	begin_honk();
	for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
		uint32_t counter = world.heard.counter;

		SAY(.fault = faults[i], .has_info = true);
		hear_request(HONK);
		cr_assert_gt(world.heard.counter, counter);
		confirm();
		cr_assert_eq(submit(COMMAND_HONK, 10000), 0);
		hear_request(HONK);
	}
	world_end();
}

TEST(inbound, without_the_session_information_hands_are_shaken_first)
{
	static const uint32_t faults[] = { 5, 6, 15, 17, 20, 26 };

	begin_honk();
	for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
		SAY(.fault = faults[i]);
		hear_handshake(INFO);
		cr_assert_not(vehicle_has_session(world.vehicle, INFO));
		SAY(.has_info = true);
		hear_request(HONK);
		confirm();
		cr_assert_eq(submit(COMMAND_HONK, 10000), 0);
		hear_request(HONK);
	}
	world_end();
}

TEST(inbound, forged_session_information_of_a_fault_does_not_count)
{
	begin_honk();
	SAY(.fault = 17, .has_info = true, .bad_tag = 1);
	hear_handshake(INFO);
	SAY(.has_info = true);
	hear_request(HONK);
	confirm();
	world_end();
}

TEST(inbound, a_new_epoch_comes_with_its_fault)
{
	begin_honk();
	memset(world.epoch[INFO], 0xb3, 16);
	world.booted_ms = world.now_ms;
	world.counter[INFO] = 0;
	SAY(.fault = 15, .has_info = true);
	/* The car checks epoch and expiry as it hears. */
	hear_request(HONK);
	confirm();
	world_end();
}

TEST(inbound, the_second_new_session_waits)
{
	begin_honk();
	SAY(.fault = 15, .has_info = true);
	hear_request(HONK);
	SAY(.fault = 17, .has_info = true);
	hear_nothing();
	wait_ms(1000);
	hear_request(HONK);
	confirm();
	world_end();
}

TEST(inbound, a_busy_car_is_asked_again)
{
	begin_honk();
	SAY(.fault = 1);
	hear_nothing();
	wait_ms(999);
	hear_nothing();
	wait_ms(1);
	hear_request(HONK);
	/* operation_status WAIT */
	SAY(.status = 1);
	wait_ms(1000);
	hear_request(HONK);
	confirm();
	world_end();
}

TEST(inbound, a_car_that_stays_busy_did_nothing)
{
	begin_honk();
	while (world.heard.len != 0) {
		SAY(.fault = 1);
		wait_ms(1000);
		if (!hear())
			break;
	}
	expect(OUTCOME_REFUSED, VEHICLE_FAULT);
	world_end();
}

TEST(inbound, the_answer_to_what_was_called_busy_wins)
{
	begin_honk();
	SAY(.fault = 1);
	wait_ms(500);
	/* Else a forged BUSY would make it honk twice. */
	SAY(.payload = "0a00", .is_sealed = true);
	expect(OUTCOME_CONFIRMED, VEHICLE_DONE);
	wait_ms(5000);
	hear_nothing();
	world_end();
}

TEST(inbound, faults_that_prove_nothing_leave_a_toggle_unknown)
{
	static const uint32_t faults[] = { 2, 11, 25, 29, 4000000000 };

	begin_honk();
	for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
		SAY(.fault = faults[i]);
		expect(OUTCOME_UNKNOWN, VEHICLE_FAULT);
		cr_assert_eq(submit(COMMAND_HONK, 10000), 0);
		hear_request(HONK);
	}
	/* An error without a fault. */
	SAY(.status = 2);
	expect(OUTCOME_UNKNOWN, VEHICLE_FAULT);
	world_end();
}

TEST(inbound, faults_that_prove_nothing_repeat_what_is_idempotent)
{
	static const uint32_t faults[] = { 2, 11, 25, 29 };

	begin_lock();
	for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
		SAY(.fault = faults[i]);
		hear_nothing();
		wait_ms(1000);
		hear_request(LOCK);
	}
	SAY(.payload = "", .is_sealed = true);
	expect(OUTCOME_CONFIRMED, VEHICLE_DONE);
	world_end();
}

TEST(inbound, a_refusal_after_a_doubt_is_no_refusal)
{
	begin_lock();
	SAY(.fault = 11);
	wait_ms(1000);
	hear_request(LOCK);
	SAY(.fault = 7);
	expect(OUTCOME_UNKNOWN, VEHICLE_FORBIDDEN);
	world_end();
}

/* --- lockout: vehicle-protocol 8.4 ----------------------------------- */

TEST(inbound, three_authentication_failures_stop_everything)
{
	struct vehicle_event event;

	begin_honk();
	SAY(.fault = 5, .has_info = true);
	hear_request(HONK);
	/* A doubled fault is one fault. */
	SAY(.fault = 6, .has_info = true);
	SAY(.fault = 6, .has_info = true);
	wait_ms(1000);
	hear_request(HONK);
	SAY(.fault = 5, .has_info = true);
	hear_nothing();

	do
		cr_assert(vehicle_take_event(world.vehicle, &event));
	while (event.type != VEHICLE_EVENT_LOCKOUT);
	expect(OUTCOME_REFUSED, VEHICLE_AUTH_FAILED);
	cr_assert_eq(vehicle_locked_until(world.vehicle),
		world.now_ms + VEHICLE_LOCKOUT_MS);
	cr_assert_eq(submit(COMMAND_HONK, 10000), VEHICLE_E_LOCKED_OUT);
	vehicle_link_up(world.vehicle, world.now_ms);
	hear_nothing();

	wait_ms(VEHICLE_LOCKOUT_MS);
	cr_assert_eq(vehicle_locked_until(world.vehicle), 0);
	cr_assert_eq(vehicle_deadline(world.vehicle), CLOCK_NEVER);
	cr_assert_eq(submit(COMMAND_HONK, 10000), 0);
	hear_request(HONK);
	confirm();
	world_end();
}

TEST(inbound, an_answer_ends_the_row_of_failures)
{
	begin_honk();
	for (int i = 0; i < 5; i++) {
		SAY(.fault = 5, .has_info = true);
		hear_request(HONK);
		confirm();
		cr_assert_eq(submit(COMMAND_HONK, 10000), 0);
		hear_request(HONK);
	}
	cr_assert_eq(vehicle_locked_until(world.vehicle), 0);
	world_end();
}

TEST(inbound, an_answer_in_the_clear_ends_the_row_with_old_firmware)
{
	world_begin_linked();
	for (int i = 0; i < 5; i++) {
		cr_assert_eq(submit(COMMAND_LOCK, 5000), 0);
		hear_request(LOCK);
		SAY(.fault = 5, .has_info = true);
		hear_request(LOCK);
		SAY(.payload = "");
		expect(OUTCOME_CONFIRMED, VEHICLE_DONE);
	}
	cr_assert_eq(vehicle_locked_until(world.vehicle), 0);
	world_end();
}

TEST(inbound, status_in_the_clear_does_not_end_the_row_of_failures)
{
	begin_lock();
	for (int i = 0; i < 2; i++) {
		SAY(.fault = 5, .has_info = true);
		wait_ms(1000);
		hear_request(LOCK);
	}
	vehicle_cancel(world.vehicle, world.now_ms);
	expect(OUTCOME_UNKNOWN, VEHICLE_CANCELLED);
	cr_assert_eq(submit(COMMAND_BODY_CONTROLLER_STATE, 5000), 0);
	hear_request("0a00");
	/* Nor is a fault about what was not signed one of them. */
	SAY(.fault = 5, .has_info = true);
	hear_request("0a00");
	SAY(.payload = "0a080a00100118022001");
	expect(OUTCOME_CONFIRMED, VEHICLE_DONE);
	cr_assert_eq(vehicle_locked_until(world.vehicle), 0);

	cr_assert_eq(submit(COMMAND_LOCK, 5000), 0);
	hear_request(LOCK);
	SAY(.fault = 5, .has_info = true);
	expect(OUTCOME_REFUSED, VEHICLE_AUTH_FAILED);
	cr_assert_neq(vehicle_locked_until(world.vehicle), 0);
	world_end();
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

TEST(inbound, broadcasts_are_hints)
{
	struct vehicle_event event;

	begin_honk();
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

TEST(inbound, an_unproven_word_does_not_take_a_session_down)
{
	world_begin_linked();
	vehicle_link_down(world.vehicle, world.now_ms, true);
	vehicle_link_up(world.vehicle, world.now_ms);
	hear_handshake(VCSEC);
	cr_assert_eq(submit(COMMAND_LOCK, 5000), 0);
	SAY(.has_info = true, .info_status = 1, .no_info_tag = true);
	cr_assert(vehicle_has_session(world.vehicle, VCSEC));
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
