/* SPDX-License-Identifier: MIT */

/* What the engine makes of the car's faults, and when it stops. */

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

TEST(fault, final_faults_refuse)
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

TEST(fault, faults_that_ask_for_a_new_session_are_signed_anew)
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

TEST(fault, without_the_session_information_hands_are_shaken_first)
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

TEST(fault, forged_session_information_of_a_fault_does_not_count)
{
	begin_honk();
	SAY(.fault = 17, .has_info = true, .bad_tag = 1);
	hear_handshake(INFO);
	SAY(.has_info = true);
	hear_request(HONK);
	confirm();
	world_end();
}

TEST(fault, a_new_epoch_comes_with_its_fault)
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

TEST(fault, the_second_new_session_waits)
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

TEST(fault, a_busy_car_is_asked_again)
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

TEST(fault, a_car_that_stays_busy_did_nothing)
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

TEST(fault, the_answer_to_what_was_called_busy_wins)
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

TEST(fault, faults_that_prove_nothing_leave_a_toggle_unknown)
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

TEST(fault, faults_that_prove_nothing_repeat_what_is_idempotent)
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

TEST(fault, a_refusal_after_a_doubt_is_no_refusal)
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

TEST(fault, three_authentication_failures_stop_everything)
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
	/* What is not signed cannot add to it. */
	cr_assert_eq(submit(COMMAND_BODY_CONTROLLER_STATE, 1000), 0);
	cr_assert(hear());
	cr_assert_not(world.heard.is_signed);

	wait_ms(1000);
	expect(OUTCOME_REFUSED, VEHICLE_SILENT);
	wait_ms(VEHICLE_LOCKOUT_MS);
	cr_assert_eq(vehicle_locked_until(world.vehicle), 0);
	cr_assert_eq(vehicle_deadline(world.vehicle), CLOCK_NEVER);
	cr_assert_eq(submit(COMMAND_HONK, 10000), 0);
	hear_request(HONK);
	confirm();
	world_end();
}

TEST(fault, an_answer_ends_the_row_of_failures)
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

TEST(fault, an_answer_in_the_clear_ends_the_row_with_old_firmware)
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

TEST(fault, status_in_the_clear_does_not_end_the_row_of_failures)
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
