/* SPDX-License-Identifier: MIT */

#include "vehicle/passive.h"

#include <stdio.h>

#include "phone_key.pb-c.h"
#include "universal_message.pb-c.h"
#include "util/clock.h"
#include "vcsec.pb-c.h"
#include "vehicle/engine.h"
#include "vehicle/fault.h"
#include "vehicle/request.h"

#define PHONE_KEY(name) PHONE_KEY__FROM_VCSECMESSAGE__SUB_MESSAGE_##name
#define LEVEL(name) \
	PHONE_KEY__AUTHENTICATION_LEVEL__E__AUTHENTICATION_LEVEL_##name
#define FROM_VCSEC(name) VCSEC__FROM_VCSECMESSAGE__SUB_MESSAGE_##name
#define STATUS(name) \
	UNIVERSAL_MESSAGE__OPERATION_STATUS__E__OPERATIONSTATUS_##name

static struct lane *passive_lane(struct vehicle *vehicle)
{
	return engine_lane(vehicle, DOMAIN_VEHICLE_SECURITY);
}

/* The answer has ended: what became of it, unless nobody has heard it. */
static void end(struct vehicle *vehicle, enum outcome outcome,
	enum vehicle_reason reason, const char *why)
{
	struct passive *passive = &vehicle->passive;
	struct lane *lane = passive_lane(vehicle);

	if (!passive->is_under_way)
		return;
	passive->is_under_way = false;
	/* Nothing else is written to the lane while it is held. */
	if (lane->has_output) {
		lane->has_output = passive->is_heard = false;
		return;
	}

	passive->has_news = true;
	passive->news = (struct vehicle_event){
		.type = VEHICLE_EVENT_AUTHENTICATED,
		.level = passive->level,
		.outcome = outcome,
		.reason = reason,
	};
	(void)snprintf(passive->news.why, sizeof(passive->news.why), "%s", why);
}

void passive_arm(struct vehicle *vehicle, uint64_t now_ms, uint64_t until_ms)
{
	if (until_ms <= now_ms)
		passive_disarm(vehicle);
	else if (now_ms >= vehicle->locked_until_ms)
		vehicle->passive.until_ms = until_ms;
}

void passive_disarm(struct vehicle *vehicle)
{
	struct passive *passive = &vehicle->passive;

	passive->until_ms = 0;
	passive->wanted = KEY_LEVEL_NONE;
	end(vehicle, OUTCOME_UNKNOWN, VEHICLE_CANCELLED,
		"the time was over before the car replied");
}

void passive_on_down(struct vehicle *vehicle)
{
	vehicle->passive.wanted = KEY_LEVEL_NONE;
	end(vehicle, OUTCOME_UNKNOWN, VEHICLE_LINK_LOST,
		"the link to the car was lost");
	vehicle->passive.is_heard = false;
}

/* Levels that are not known are none. */
static enum key_level level_of(PhoneKey__AuthenticationLevelE level)
{
	switch ((int)level) {
	case LEVEL(UNLOCK):
		return KEY_LEVEL_UNLOCK;
	case LEVEL(DRIVE):
		return KEY_LEVEL_DRIVE;
	default:
		return KEY_LEVEL_NONE;
	}
}

bool passive_take(struct vehicle *vehicle, struct view payload, uint64_t now_ms)
{
	struct passive *passive = &vehicle->passive;
	const PhoneKey__FromVCSECMessage *message;
	enum key_level level;

	message = unpack(&vehicle->arena,
		&phone_key__from_vcsecmessage__descriptor, payload.data,
		payload.len);
	if (message == NULL ||
		message->sub_message_case != PHONE_KEY(AUTHENTICATION_REQUEST))
		return false;

	/* An answer of level NONE may spoil the session: 8.4. */
	level = level_of(message->authentication_request->requested_level);
	if (passive->until_ms != 0 && level != KEY_LEVEL_NONE) {
		passive->wanted = level;
		passive->asked_ms = now_ms;
	}
	return true;
}

static size_t write_answer(
	enum key_level level, uint8_t ret[static REQUEST_SIZE])
{
	PhoneKey__UnsignedMessage message = PHONE_KEY__UNSIGNED_MESSAGE__INIT;
	PhoneKey__AuthenticationResponse response =
		PHONE_KEY__AUTHENTICATION_RESPONSE__INIT;

	response.authentication_level =
		level == KEY_LEVEL_DRIVE ? LEVEL(DRIVE) : LEVEL(UNLOCK);
	message.sub_message_case =
		PHONE_KEY__UNSIGNED_MESSAGE__SUB_MESSAGE_AUTHENTICATION_RESPONSE;
	message.authentication_response = &response;

	return request_pack(&message.base, ret);
}

/* Seals the answer into the output. */
static int send_answer(
	struct vehicle *vehicle, struct lane *lane, uint64_t now_ms)
{
	struct passive *passive = &vehicle->passive;
	uint8_t public[SIGNER_PUBLIC_SIZE];
	uint8_t text[REQUEST_SIZE];
	struct {
		struct routable_ids ids;
		uint8_t nonce[CRYPTO_NONCE_SIZE];
	} fresh;
	size_t len;
	int r;

	r = vehicle->random(
		vehicle->userdata, (uint8_t *)&fresh, sizeof(fresh));
	if (r < 0)
		return r;

	len = write_answer(passive->wanted, text);
	r = session_seal(&lane->session, now_ms,
		clock_earlier(PASSIVE_VALID_MS, passive->until_ms - now_ms),
		ROUTABLE_ENCRYPT_RESPONSE, fresh.nonce, text, len,
		&passive->seal);
	if (r != 0)
		return r;

	passive->ids = fresh.ids;
	signer_public(vehicle->signer, public);
	routable_write_request(lane->session.domain, &passive->ids,
		ROUTABLE_ENCRYPT_RESPONSE, (struct view){ text, len },
		&passive->seal, public, &lane->output);
	lane->has_output = true;
	lane->output_is_request = false;
	return 0;
}

bool passive_holds(const struct vehicle *vehicle, const struct lane *lane)
{
	return vehicle->passive.is_under_way &&
	       lane->session.domain == DOMAIN_VEHICLE_SECURITY;
}

void passive_expire(struct vehicle *vehicle, uint64_t now_ms)
{
	struct passive *passive = &vehicle->passive;

	if (passive->until_ms != 0 && now_ms >= passive->until_ms)
		passive_disarm(vehicle);
	if (passive->is_under_way &&
		now_ms - passive->sent_ms >= PASSIVE_REPLY_MS)
		end(vehicle, OUTCOME_UNKNOWN, VEHICLE_SILENT,
			"the car did not answer");
	if (now_ms - passive->asked_ms >= PASSIVE_FRESH_MS)
		passive->wanted = KEY_LEVEL_NONE;
}

/* VCSEC wants its counters in order, and one exchange at a time: 2.5. */
static bool is_free(struct vehicle *vehicle, const struct lane *lane)
{
	const struct request *request = &vehicle->request;

	return vehicle->is_up && !vehicle->passive.is_under_way &&
	       !lane->has_output && !lane_is_shaking(lane) &&
	       !(request->is_active && request->is_sent &&
		       engine_request_lane(vehicle) == lane);
}

void passive_advance(struct vehicle *vehicle, uint64_t now_ms)
{
	struct passive *passive = &vehicle->passive;
	struct lane *lane = passive_lane(vehicle);

	passive->turn_ms = CLOCK_NEVER;
	if (passive->wanted == KEY_LEVEL_NONE || !is_free(vehicle, lane))
		return;
	if (now_ms < passive->pause_ms) {
		passive->turn_ms = passive->pause_ms;
		return;
	}

	passive->pause_ms = now_ms + PASSIVE_PAUSE_MS;
	engine_retire_session(vehicle, lane, now_ms);
	if (!lane->session.is_up) {
		engine_shake_hands(vehicle, lane, now_ms);
		return;
	}
	/* Out of memory, randomness or counters: the car will ask again. */
	if (send_answer(vehicle, lane, now_ms) == 0) {
		passive->is_under_way = passive->is_heard = true;
		passive->level = passive->wanted;
		passive->sent_ms = now_ms;
	}
	passive->wanted = KEY_LEVEL_NONE;
}

uint64_t passive_deadline(const struct passive *passive)
{
	uint64_t at_ms = CLOCK_NEVER;

	if (passive->until_ms != 0)
		at_ms = passive->until_ms;
	if (passive->is_under_way)
		at_ms = clock_earlier(
			at_ms, passive->sent_ms + PASSIVE_REPLY_MS);
	if (passive->wanted != KEY_LEVEL_NONE)
		at_ms = clock_earlier(
			at_ms, clock_earlier(passive->turn_ms,
				       passive->asked_ms + PASSIVE_FRESH_MS));

	return at_ms;
}

/* What the car says to an answer */

static void on_fault(struct vehicle *vehicle, struct lane *lane, uint32_t fault,
	bool is_fresh, uint64_t now_ms)
{
	const struct fault_info *info = fault_info(fault);

	vehicle->passive.is_heard = false;
	if (info->kind == FAULT_RESYNC && !is_fresh)
		engine_lose_session(vehicle, lane);
	end(vehicle,
		info->kind == FAULT_UNCLEAR ? OUTCOME_UNKNOWN : OUTCOME_REFUSED,
		info->reason, info->why);
	if (info->is_auth)
		(void)engine_count_failure(vehicle, info, now_ms);
}

/* Nothing is how it says yes. */
static void on_payload(struct vehicle *vehicle, struct view payload)
{
	const VCSEC__FromVCSECMessage *message;

	message = unpack(&vehicle->arena, &vcsec__from_vcsecmessage__descriptor,
		payload.data, payload.len);
	if (message == NULL)
		return;
	if (message->sub_message_case == FROM_VCSEC(_NOT_SET)) {
		vehicle->n_auth_failures = 0;
		end(vehicle, OUTCOME_CONFIRMED, VEHICLE_DONE, "");
	} else if (message->sub_message_case == FROM_VCSEC(NOMINAL_ERROR)) {
		end(vehicle, OUTCOME_REFUSED, VEHICLE_FAILED,
			"the car does not take the bridge for a key that is "
			"near");
	}
	/* Else it is not the last word: 5.3. */
}

bool passive_on_message(struct vehicle *vehicle, struct lane *lane,
	const struct routable *message, uint64_t now_ms)
{
	struct passive *passive = &vehicle->passive;
	struct view payload = message->payload;
	uint8_t text[FRAME_MESSAGE_MAX];
	bool is_fresh = false;

	/* A fault counts even if it comes late, but once. */
	if (!passive->is_heard ||
		lane->session.domain != DOMAIN_VEHICLE_SECURITY ||
		!routable_answers(message, &passive->ids))
		return false;

	if (message->is_sealed) {
		if (session_open(
			    &lane->session, &passive->seal, message, text) != 0)
			return true;
		payload.data = text;
		lane->encrypts = true;
		vehicle->n_auth_failures = 0;
	}
	if (message->info.len > 0)
		is_fresh =
			session_update(&lane->session, &vehicle->arena, now_ms,
				now_ms - passive->sent_ms, passive->ids.uuid,
				message->info, message->info_tag) == 0;
	if (message->fault != 0 || message->status == STATUS(ERROR))
		on_fault(vehicle, lane, message->fault, is_fresh, now_ms);
	else if (message->status == STATUS(WAIT))
		end(vehicle, OUTCOME_REFUSED, VEHICLE_FAULT, "the car is busy");
	/* In the clear from one that encrypts: no answer. */
	else if (message->info.len == 0 &&
		 (message->is_sealed || !lane->encrypts))
		on_payload(vehicle, payload);
	return true;
}
