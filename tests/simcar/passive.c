/* SPDX-License-Identifier: MIT */

#include "passive.h"

#include <string.h>

#include "car.h"
#include "phone_key.pb-c.h"
#include "reply.h"
#include "util/clock.h"

#define UNSIGNED(name) PHONE_KEY__UNSIGNED_MESSAGE__SUB_MESSAGE_##name

static void unsigned_freep(PhoneKey__UnsignedMessage **m)
{
	if (*m != NULL)
		phone_key__unsigned_message__free_unpacked(*m, NULL);
}

const char *passive_level_name(uint32_t level)
{
	static const char *const names[_LEVEL_N] = { "none", "unlock",
		"drive" };

	return names[level];
}

int passive_read(const uint8_t *payload, size_t len, struct deed *deed)
{
	_cleanup_(unsigned_freep) PhoneKey__UnsignedMessage *m = NULL;
	const PhoneKey__AuthenticationResponse *response;

	m = phone_key__unsigned_message__unpack(NULL, len, payload);
	if (m == NULL)
		return MESSAGE_FAULT(DECODING);
	if (m->sub_message_case != UNSIGNED(AUTHENTICATION_RESPONSE))
		return MESSAGE_FAULT(INVALID_COMMAND);

	response = m->authentication_response;
	/* As unsigned: proto3 lets numbers through that the enum has not. */
	deed->act = ACT_AUTHENTICATE;
	deed->level = (uint32_t)response->authentication_level;
	deed->rejection = (uint32_t)response->rejection;
	return deed->level < _LEVEL_N &&
			       deed->rejection <=
				       PHONE_KEY__AUTHENTICATION_REJECTION__E__AUTHENTICATION_REJECTION_NO_TOKEN
		       ? 0
		       : MESSAGE_FAULT(BAD_PARAMETER);
}

/* The bytes as they were captured, with this token, level and reason. */
static int ask(struct car *car, uint64_t now_ms, enum level level)
{
	static const uint8_t head[] = { 0x1a, 0x1d, 0x12, 0x16, 0x0a,
		PASSIVE_TOKEN_SIZE };
	/* A pulled handle has a reason of its own, a brake was seen without. */
	const uint8_t reason =
		level == LEVEL_UNLOCK
			? PHONE_KEY__AUTHENTICATION_REASON__E__AUTHENTICATION_REASON_EXTERIOR_HANDLE_PULL
			: PHONE_KEY__AUTHENTICATION_REASON__E__AUTHENTICATION_REASON_IDENTIFICATION;
	const uint8_t tail[] = { 0x18, (uint8_t)level, 0x22, 1, reason };
	uint8_t payload[sizeof(head) + PASSIVE_TOKEN_SIZE + sizeof(tail)];
	struct passive *passive = &car->passive;
	int r;

	if (now_ms >= passive->token_until_ms) {
		r = car->outlet.random(car->outlet.userdata, passive->token,
			sizeof(passive->token));
		if (r < 0)
			return r;
		passive->token_until_ms = now_ms + PASSIVE_TOKEN_MS;
	}

	memcpy(payload, head, sizeof(head));
	memcpy(payload + sizeof(head), passive->token, PASSIVE_TOKEN_SIZE);
	memcpy(payload + sizeof(head) + PASSIVE_TOKEN_SIZE, tail, sizeof(tail));
	return reply_to_all(car, LINK_ALL, payload, sizeof(payload));
}

/* An alert, of which nothing but its number is known. */
static int warn(struct car *car)
{
	static const uint8_t alert[] = { 0xea, 0x02, 0x00 };

	say(car->say, "{s:s}", "alert", "a handle was pulled without a key");
	return reply_to_all(car, LINK_ALL, alert, sizeof(alert));
}

int passive_settle(struct car *car, uint64_t now_ms)
{
	struct passive *passive = &car->passive;
	enum level wants = world_wants(&car->world, now_ms);
	int r = 0;

	if (wants != passive->asked) {
		if (wants != LEVEL_NONE)
			say(car->say, "{s:s}", "asks",
				passive_level_name(wants));
		else if (passive->asked == LEVEL_UNLOCK && car->world.locked)
			r = warn(car);
		passive->asked = wants;
		passive->next_ms = now_ms;
	}
	if (r < 0 || wants == LEVEL_NONE || now_ms < passive->next_ms)
		return r;

	passive->next_ms = now_ms + PASSIVE_PERIOD_MS;
	return ask(car, now_ms, wants);
}

uint64_t passive_deadline(const struct car *car)
{
	const struct world *world = &car->world;
	uint64_t deadline = CLOCK_NEVER;

	if (car->passive.asked != LEVEL_NONE)
		deadline = car->passive.next_ms;
	/* The key is to be asked for again. */
	else if (world->brake && world->gear == GEAR_P)
		deadline = world->key_until_ms > world->drive_until_ms
				   ? world->key_until_ms
				   : world->drive_until_ms;
	if (car->passive.asked == LEVEL_UNLOCK &&
		world->handle_until_ms < deadline)
		deadline = world->handle_until_ms;

	return deadline;
}
