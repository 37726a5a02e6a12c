/* SPDX-License-Identifier: MIT */

/*
 * The engine survives whatever follows a handshake and a command, and none
 * of it confirms the command: nobody here has the car's key.
 */

#include <string.h>

#include "keys/signer.h"
#include "util/clock.h"
#include "vehicle/answer.h"
#include "vehicle/frame.h"
#include "vehicle/routable.h"
#include "vehicle/vehicle.h"
#include "vehicle/whitelist.h"

enum {
	NOW_MS = 1000000,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* The addresses of vehicle-protocol 4.1, so that inputs can use them. */
static int random_fixed(void *userdata, uint8_t *ret, size_t len)
{
	static const uint8_t address[16] = { 0x2c, 0x90, 0x7b, 0xd7, 0x6c, 0x64,
		0x0d, 0x36, 0x0b, 0x30, 0x27, 0xdc, 0x74, 0x04, 0xef, 0xde };
	static const uint8_t uuid[16] = { 0x15, 0x88, 0xd5, 0xa3, 0x0e, 0xab,
		0xc6, 0xf8, 0xfc, 0x9a, 0x95, 0x1b, 0x11, 0xf6, 0xfd, 0x11 };

	(void)userdata;
	memset(ret, 0, len);
	memcpy(ret, address, sizeof(address));
	memcpy(ret + sizeof(address), uuid, sizeof(uuid));
	return 0;
}

/* What the parsers say of the bytes themselves. */
static void parse(const uint8_t *data, size_t len)
{
	static struct arena arena;
	struct car_state state;
	struct routable message;
	struct vehicle_event key;
	struct answer answer;

	car_state_init(&state);
	arena_reset(&arena);
	(void)whitelist_read(&arena, (struct view){ data, len }, &key);
	arena_reset(&arena);
	if (routable_unpack(&arena, data, len, &message) != 0)
		return;
	for (int id = 0; id < _COMMAND_N; id++) {
		const struct command command = { .id = (enum command_id)id };

		arena_reset(&arena);
		if (routable_unpack(&arena, data, len, &message) != 0)
			abort();
		(void)answer_read(&arena, &command, message.payload, true,
			NOW_MS, &state, &answer);
	}
}

static void drive(struct signer *signer, enum command_id id,
	const uint8_t *data, size_t len)
{
	_cleanup_(vehicle_freep) struct vehicle *vehicle = NULL;
	const struct command command = { .id = id };
	uint8_t frame[FRAME_HEADER_SIZE + FRAME_MESSAGE_MAX];
	struct vehicle_event event;
	const uint8_t *output;
	size_t output_len;

	if (vehicle_new("5YJ30123456789ABC", signer, random_fixed, NULL,
		    &vehicle) != 0)
		return;
	vehicle_link_up(vehicle, NOW_MS);
	if (vehicle_submit(vehicle, NOW_MS, &command, CLOCK_NEVER,
		    NOW_MS + 10000) != 0)
		abort();
	/* As it is, and as the message of a frame. */
	vehicle_bytes(vehicle, NOW_MS, data, len);
	if (frame_write(data, len, frame, &output_len) == 0)
		vehicle_bytes(vehicle, NOW_MS + 2000, frame, output_len);
	while (vehicle_take_output(vehicle, &output, &output_len))
		if (output_len > sizeof(frame))
			abort();
	vehicle_tick(vehicle, NOW_MS + 10000);

	while (vehicle_take_event(vehicle, &event))
		if (event.type == VEHICLE_EVENT_ANSWER &&
			event.outcome == OUTCOME_CONFIRMED)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct signer *signer;

	if (signer == NULL && signer_generate(&signer) != 0)
		return 0;
	parse(data, len);
	drive(signer, COMMAND_HONK, data, len);
	drive(signer, COMMAND_LOCK, data, len);
	return 0;
}
