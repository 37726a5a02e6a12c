/* SPDX-License-Identifier: MIT */

/* A PIN goes into its request, and nowhere else. */

#include "fake-car.h"

static const struct command valet = {
	.id = COMMAND_VALET_MODE_ON,
	.text = "file:/etc/1sat2flash/valet.pin",
	.pin = { "8642" },
};

static int submit_command(const struct command *command)
{
	return vehicle_submit(world.vehicle, world.now_ms, command,
		world.now_ms + 5000, world.now_ms + 5000);
}

TEST(secrecy, a_pin_is_in_its_request_and_forgotten_with_it)
{
	struct vehicle_event event;

	world_begin_warm();
	cr_assert_eq(submit_command(&valet), 0);
	hear_request("120bfa01080801120438363432");
	SAY(.payload = "0a00", .is_sealed = true);
	event = take_answer();
	cr_assert_eq(event.outcome, OUTCOME_CONFIRMED);
	cr_assert_eq(event.command.id, COMMAND_VALET_MODE_ON);
	cr_assert_str_eq(event.command.text, valet.text);
	cr_assert_str_eq(event.command.pin.digits, "");
	world_end();
}

TEST(secrecy, without_its_pin_nothing_is_asked)
{
	struct command command = valet;
	struct vehicle_event event;

	world_begin_warm();
	secret_wipe(&command.pin, sizeof(command.pin));
	cr_assert_eq(submit_command(&command), 0);
	hear_nothing();
	event = take_answer();
	cr_assert_eq(event.outcome, OUTCOME_REFUSED);
	cr_assert_not_null(strstr(event.why, "its PIN could not be read"));
	world_end();
}
