/* SPDX-License-Identifier: MIT */

/* What pairing asks the engine for, and what the car says to it. */

#include "vehicle/whitelist.h"

#include "fake-car.h"

TEST(whitelist, request_to_add_a_key_is_that_of_the_specification)
{
	uint8_t frame[VEHICLE_ADD_KEY_SIZE];
	size_t len;

	/* vehicle-protocol, appendix C: key C, owner, cloud key */
	world_begin();
	len = vehicle_add_key(
		world.vehicle, KEY_ROLE_OWNER, KEY_FORM_CLOUD_KEY, frame);
	assert_hex(frame, len,
		"00560a54125082014d2a470a430a4104b2b6bc68c2da0665ce656815594996"
		"c62394edd8bea905fe781a754fe6a845a714330902f225e9269d466e05b349"
		"981fda9d85cc23c6fb444aa73b629105dc6e2002320208091802");

	/* The two bytes that differ for another role and form. */
	len = vehicle_add_key(
		world.vehicle, KEY_ROLE_DRIVER, KEY_FORM_ANDROID_DEVICE, frame);
	cr_assert_eq(len, 88);
	cr_assert_eq(frame[len - 7], KEY_ROLE_DRIVER);
	cr_assert_eq(frame[len - 3], KEY_FORM_ANDROID_DEVICE);
	/* Nothing else is sent for it. */
	hear_nothing();
	world_end();
}

/* An answer without an envelope, as old firmware sends it. */
static void say_bare(const char *hex)
{
	uint8_t message[64], frame[FRAME_HEADER_SIZE + FRAME_MESSAGE_MAX];
	size_t len;

	len = unhex(hex, message, sizeof(message));
	cr_assert_eq(frame_write(message, len, frame, &len), 0);
	vehicle_bytes(world.vehicle, world.now_ms, frame, len);
}

static void expect_key(bool is_waiting, int information)
{
	struct vehicle_event event = { 0 };

	while (vehicle_take_event(world.vehicle, &event))
		if (event.type == VEHICLE_EVENT_KEY)
			break;
	cr_assert_eq(event.type, VEHICLE_EVENT_KEY);
	cr_assert_eq(event.is_waiting, is_waiting);
	cr_assert_eq(event.information, information);
}

static void expect_no_key(void)
{
	struct vehicle_event event;

	while (vehicle_take_event(world.vehicle, &event))
		cr_assert_neq(event.type, VEHICLE_EVENT_KEY);
}

TEST(whitelist, answers_come_with_an_envelope_and_without)
{
	static const struct {
		const char *hex;
		bool is_waiting;
		int information;
	} rows[] = {
		/* vehicle-protocol, appendix C */
		{ "22020801", true, 0 },
		{ "22021a00", false, 0 },
		{ "220808021a0408191802", false, 25 },
		/* An error of the whitelist that names none. */
		{ "220408021a00", false, 1 },
		/* From a future. */
		{ "220608021a02087f", false, 127 },
	};

	world_begin_linked();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		say_bare(rows[i].hex);
		expect_key(rows[i].is_waiting, rows[i].information);
		broadcast(VCSEC, rows[i].hex);
		expect_key(rows[i].is_waiting, rows[i].information);
	}
	world_end();
}

TEST(whitelist, nothing_else_is_taken_for_an_answer)
{
	world_begin_linked();
	/* Legacy status, plain errors, another message, none, garbage. */
	say_bare("220412020808");
	say_bare("22020802");
	say_bare("f202020807");
	say_bare("0a00");
	say_bare("22");
	broadcast(VCSEC, "220412020808");
	broadcast(VCSEC, "");
	/* Only VCSEC has that list. */
	broadcast(INFO, "22021a00");
	expect_no_key();

	/* What belongs to a request of ours is its answer alone. */
	cr_assert_eq(submit(COMMAND_LOCK, 5000), 0);
	hear_request("1001");
	SAY(.payload = "22020801");
	expect_no_key();
	world_end();
}

TEST(whitelist, entry_of_our_key_tells_its_role)
{
	const struct car_state *state;

	world_begin_linked();
	state = vehicle_state(world.vehicle);
	cr_assert_eq(submit(COMMAND_KEY_ENTRY, 3000), 0);
	cr_assert(hear());
	cr_assert_not(world.heard.is_signed);
	cr_assert_eq(world.heard.len, 71);
	assert_hex(world.heard.text, 8, "0a4508061a4104b2");
	/* A status between is none. */
	SAY(.payload = "0a00");
	cr_assert_eq((int)state->key_role, 0);
	expect_pending();
	SAY(.payload = "8a010430013803");
	expect(OUTCOME_CONFIRMED, VEHICLE_DONE);
	cr_assert_eq(state->key_role, KEY_ROLE_DRIVER);

	/* Of whatever else was asked, it proves nothing. */
	cr_assert_eq(submit(COMMAND_LOCK, 3000), 0);
	hear_request("1001");
	SAY(.payload = "8a010430013802");
	expect_pending();
	cr_assert_eq(state->key_role, KEY_ROLE_DRIVER);
	vehicle_cancel(world.vehicle, world.now_ms);
	expect(OUTCOME_UNKNOWN, VEHICLE_CANCELLED);

	/* It is not on the list. */
	cr_assert_eq(submit(COMMAND_KEY_ENTRY, 3000), 0);
	cr_assert(hear());
	SAY(.payload = "220808021a04080c1802");
	expect(OUTCOME_REFUSED, VEHICLE_FAILED);
	world_end();
}

TEST(whitelist, asking_for_a_session_tells_whether_the_key_is_known)
{
	static const enum command_id ids[] = { COMMAND_SESSION_VCSEC,
		COMMAND_SESSION_INFOTAINMENT };

	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		enum domain domain = command_info(ids[i])->domain;

		world_begin_warm();
		/* By a handshake, although there is a session. */
		cr_assert_eq(submit(ids[i], 5000), 0);
		hear_handshake(domain);
		SAY(.has_info = true);
		expect(OUTCOME_CONFIRMED, VEHICLE_DONE);
		hear_nothing();

		cr_assert_eq(submit(ids[i], 5000), 0);
		hear_handshake(domain);
		SAY(.has_info = true, .info_status = 1, .no_info_tag = true);
		expect(OUTCOME_REFUSED, VEHICLE_NOT_PAIRED);
		cr_assert_eq(submit(ids[i], 5000), 0);
		hear_handshake(domain);
		SAY(.fault = 3);
		expect(OUTCOME_REFUSED, VEHICLE_NOT_PAIRED);

		/* Silence, in which it is asked again and again. */
		cr_assert_eq(submit(ids[i], 2500), 0);
		for (int n = 0; n < 3; n++) {
			hear_handshake(domain);
			wait_ms(n < 2 ? 1000 : 500);
		}
		expect(OUTCOME_REFUSED, VEHICLE_SILENT);
		wait_ms(500);

		/* And a link that goes. */
		cr_assert_eq(submit(ids[i], 2500), 0);
		hear_handshake(domain);
		vehicle_link_down(world.vehicle, world.now_ms, true);
		expect(OUTCOME_REFUSED, VEHICLE_LINK_LOST);
		cr_assert_eq(vehicle_deadline(world.vehicle), CLOCK_NEVER);
		world_end();
	}
}

TEST(whitelist, handshake_of_link_up_answers_who_asks_meanwhile)
{
	world_begin();
	vehicle_link_up(world.vehicle, world.now_ms);
	cr_assert_eq(submit(COMMAND_SESSION_VCSEC, 5000), 0);
	hear_handshake(VCSEC);
	hear_nothing();
	SAY(.has_info = true, .info_status = 1, .no_info_tag = true);
	expect(OUTCOME_REFUSED, VEHICLE_NOT_PAIRED);
	hear_nothing();
	world_end();
}
