/* SPDX-License-Identifier: MIT */

/*
 * Whatever the car asks: nothing is said unless it is armed, and then, not too
 * often, one of two things.
 *
 * Input: records of a kind, a length, and so many bytes.
 */

#include <string.h>

#include "universal_message.pb-c.h"
#include "util/bytes.h"
#include "vehicle/engine.h"

enum {
	BEGIN_MS = 1000000,
	STEP_MS = 50,
	MESSAGE_MAX = FRAME_HEADER_SIZE + 255 + 64,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const struct secret16 key = { .bytes = { 1, 2, 3 } };

struct world {
	struct vehicle *vehicle;
	uint64_t now_ms;
	uint64_t until_ms;
	uint64_t said_ms;
};

static int random_counter(void *userdata, uint8_t *ret, size_t len)
{
	static uint8_t counter;

	(void)userdata;
	memset(ret, ++counter, len);
	return 0;
}

/* A session as if a car had shaken hands, under a key that we know. */
static bool begin(struct world *world)
{
	static struct signer *signer;
	struct session *session;

	*world = (struct world){ .now_ms = BEGIN_MS };
	if (signer == NULL && signer_generate(&signer) != 0)
		return false;
	if (vehicle_new("5YJ30123456789ABC", signer, random_counter, NULL,
		    &world->vehicle) != 0)
		return false;

	session =
		&engine_lane(world->vehicle, DOMAIN_VEHICLE_SECURITY)->session;
	if (gcm_new(&key, &session->gcm) != 0)
		return false;
	session->is_up = true;
	session->told_ms = BEGIN_MS;
	vehicle_link_up(world->vehicle, world->now_ms);
	return true;
}

/* Of a stream cipher, the secret is what zeros are encrypted to. */
static void check_answer(const UniversalMessage__RoutableMessage *message)
{
	static const uint8_t unlock[] = { 0x1a, 0x02, 0x08, 0x01 };
	static const uint8_t drive[] = { 0x1a, 0x02, 0x08, 0x02 };
	const Signatures__AESGCMPersonalizedSignatureData *seal =
		message->signature_data->aes_gcm_personalized_data;
	uint8_t stream[sizeof(unlock)] = { 0 };
	uint8_t tag[CRYPTO_TAG_SIZE];
	struct gcm *gcm;

	if (message->protobuf_message_as_bytes.len != sizeof(stream))
		abort();
	if (gcm_new(&key, &gcm) != 0)
		return;
	if (gcm_seal(gcm, seal->nonce.data, NULL, 0, stream, sizeof(stream),
		    stream, tag) != 0)
		abort();
	gcm_free(gcm);
	for (size_t i = 0; i < sizeof(stream); i++)
		stream[i] ^= message->protobuf_message_as_bytes.data[i];
	if (memcmp(stream, unlock, sizeof(stream)) != 0 &&
		memcmp(stream, drive, sizeof(stream)) != 0)
		abort();
}

static void drain(struct world *world)
{
	struct vehicle_event event;
	const uint8_t *frame;
	size_t len;

	while (vehicle_take_output(world->vehicle, &frame, &len)) {
		UniversalMessage__RoutableMessage *message;

		if (world->now_ms >= world->until_ms)
			abort();
		if (world->said_ms != 0 &&
			world->now_ms - world->said_ms < PASSIVE_PAUSE_MS)
			abort();
		world->said_ms = world->now_ms;
		message = universal_message__routable_message__unpack(NULL,
			len - FRAME_HEADER_SIZE, frame + FRAME_HEADER_SIZE);
		if (message == NULL)
			abort();
		if (message->session_info_request == NULL)
			check_answer(message);
		universal_message__routable_message__free_unpacked(
			message, NULL);
	}
	while (vehicle_take_event(world->vehicle, &event))
		if (event.type == VEHICLE_EVENT_LOCKOUT)
			world->until_ms = 0;
	if (vehicle_deadline(world->vehicle) <= world->now_ms)
		abort();
}

static void send_message(struct world *world, const uint8_t *data, size_t len)
{
	uint8_t frame[MESSAGE_MAX];

	put_be16(frame, (uint16_t)len);
	memcpy(frame + FRAME_HEADER_SIZE, data, len);
	vehicle_bytes(
		world->vehicle, world->now_ms, frame, FRAME_HEADER_SIZE + len);
}

/* @payload from VCSEC, to all or to who sent the newest answer. */
static void say(
	struct world *world, bool to_all, const uint8_t *payload, uint8_t len)
{
	uint8_t message[MESSAGE_MAX] = { 0x32, 0x02, 0x08, 0x00 };
	size_t n = 4;

	if (!to_all) {
		message[1] = 18;
		message[2] = 0x12;
		message[3] = 16;
		memcpy(message + n, world->vehicle->passive.ids.address, 16);
		n += 16;
	}
	memcpy(message + n, (const uint8_t[]){ 0x3a, 0x02, 0x08, 0x02, 0x52 },
		5);
	n += 5;
	/* As a number of protobuf's. */
	message[n++] = (uint8_t)(len | 0x80);
	message[n++] = (uint8_t)(len >> 7);
	memcpy(message + n, payload, len);
	send_message(world, message, n + len);
}

static void arm(struct world *world, uint64_t ms)
{
	world->until_ms = 0;
	vehicle_set_passive_entry(
		world->vehicle, world->now_ms, world->now_ms + ms);
	if (vehicle_passive_entry(world->vehicle) != 0)
		world->until_ms = world->now_ms + ms;
}

static void play(
	struct world *world, uint8_t kind, const uint8_t *data, uint8_t len)
{
	switch (kind % 6) {
	case 0:
		say(world, true, data, len);
		break;
	case 1:
		say(world, false, data, len);
		break;
	case 2:
		send_message(world, data, len);
		break;
	case 3:
		world->now_ms += (uint64_t)len * STEP_MS;
		vehicle_tick(world->vehicle, world->now_ms);
		break;
	case 4:
		arm(world, (uint64_t)len * STEP_MS);
		break;
	case 5:
		vehicle_link_down(world->vehicle, world->now_ms, true);
		vehicle_link_up(world->vehicle, world->now_ms);
		/* That may shake hands by itself. */
		world->said_ms = 0;
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct world world;

	if (!begin(&world))
		return 0;
	while (len >= 2) {
		uint8_t kind = data[0];
		uint8_t n = len - 2 < data[1] ? (uint8_t)(len - 2) : data[1];

		play(&world, kind, data + 2, n);
		drain(&world);
		data += 2 + n;
		len -= 2 + (size_t)n;
	}
	vehicle_free(world.vehicle);
	return 0;
}
