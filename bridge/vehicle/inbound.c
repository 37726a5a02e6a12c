/* SPDX-License-Identifier: MIT */

#include "vehicle/engine.h"

#include <string.h>

#include "universal_message.pb-c.h"
#include "util/bytes.h"
#include "vehicle/answer.h"
#include "vehicle/fault.h"
#include "vehicle/whitelist.h"

#define STATUS(name) \
	UNIVERSAL_MESSAGE__OPERATION_STATUS__E__OPERATIONSTATUS_##name

enum {
	/* What follows an acknowledgement follows within this. */
	ACKNOWLEDGED_MS = 500,
};

/*
 * What is believed.  An answer is encrypted under the agreed key and bound to
 * its request; nothing else confirms a command, except that firmware before
 * 2024.38 never encrypts: a computer of the car that has not yet done so is
 * taken at its word, one that has is not (state is never believed in the
 * clear).  The two are judged apart, as Tesla's client judges each message.
 *
 * Faults always come in the clear.  Whoever hears the link and is quick can
 * forge one, and so make a request fail or be signed again; the protocol
 * offers no proof.  To bound that, the attempt that a fault is about stays
 * open until the next is signed, and its encrypted answer wins; and where
 * fresh session information belongs to a fault, nothing is signed without.
 */

/* Nothing is proven: repeat what may be repeated. */
static void on_unclear(struct vehicle *vehicle, uint64_t now_ms)
{
	if ((vehicle->request.traits & COMMAND_IDEMPOTENT) != 0)
		engine_retry(vehicle, now_ms + ENGINE_RETRY_MS);
	else
		engine_fail(vehicle);
}

static void on_fault(struct vehicle *vehicle, struct lane *lane, uint32_t fault,
	bool is_fresh, uint64_t now_ms)
{
	const struct fault_info *info = fault_info(fault);
	struct request *request = &vehicle->request;

	request->is_faulted = true;
	engine_note(vehicle, info->reason, info->why);
	if (info->kind != FAULT_UNCLEAR)
		request->in_doubt = false;

	if (info->is_auth && (request->traits & COMMAND_UNSIGNED) == 0 &&
		engine_count_failure(vehicle, info, now_ms))
		return;
	switch (info->kind) {
	case FAULT_RETRY:
		engine_retry(vehicle, now_ms + ENGINE_RETRY_MS);
		return;
	case FAULT_RESYNC:
		if (!is_fresh)
			engine_lose_session(vehicle, lane);
		/* The second time in a row it is no mere loss of step. */
		engine_retry(vehicle, request->n_resyncs++ == 0
					      ? now_ms
					      : now_ms + ENGINE_RETRY_MS);
		return;
	case FAULT_UNCLEAR:
		on_unclear(vehicle, now_ms);
		return;
	case FAULT_FINAL:
		engine_fail(vehicle);
		return;
	}
}

static void on_wait(struct vehicle *vehicle, uint64_t now_ms)
{
	vehicle->request.is_faulted = true;
	vehicle->request.in_doubt = false;
	engine_note(vehicle, VEHICLE_FAULT, "the car is busy");
	engine_retry(vehicle, now_ms + ENGINE_RETRY_MS);
}

/* Keeps what was read: to take it apart is work, and few ask for it. */
static void keep(struct vehicle *vehicle, struct view payload)
{
	vehicle->told_id = vehicle->request.command.id;
	vehicle->told_len = payload.len;
	/* No longer than the frame that it came in. */
	memcpy(vehicle->told, payload.data, payload.len);
}

static void on_payload(struct vehicle *vehicle, struct view payload,
	bool is_proven, uint64_t now_ms)
{
	struct request *request = &vehicle->request;
	struct answer answer;

	/*
	 * What it tells is as old as the question, for all we know: whoever
	 * holds the answer back must not make it look fresh.
	 */
	if (answer_read(&vehicle->arena, &request->command, payload, is_proven,
		    request->sent_ms, &vehicle->state, &answer))
		vehicle->state_news = true;
	/* In the clear from one that encrypts: no answer, but it may wait. */
	if (engine_request_lane(vehicle)->encrypts && !is_proven &&
		(request->traits & COMMAND_UNSIGNED) == 0 &&
		answer.type != ANSWER_WAIT)
		return;
	/* The car has taken the signature; old firmware says so in the clear */
	if (answer.type == ANSWER_DONE &&
		(request->traits & COMMAND_UNSIGNED) == 0)
		vehicle->n_auth_failures = 0;

	switch (answer.type) {
	case ANSWER_NONE:
		return;
	case ANSWER_DONE:
		if ((request->traits & COMMAND_READS) != 0)
			keep(vehicle, payload);
		engine_end(vehicle, OUTCOME_CONFIRMED);
		return;
	case ANSWER_WAIT:
		on_wait(vehicle, now_ms);
		return;
	case ANSWER_REFUSED:
		request->in_doubt = false;
		engine_note(vehicle, answer.reason, answer.why);
		engine_fail(vehicle);
		return;
	case ANSWER_UNCLEAR:
		engine_note(vehicle, answer.reason, answer.why);
		on_unclear(vehicle, now_ms);
		return;
	}
}

/*
 * A signature and nothing else.  In infotainment it goes ahead of the answer;
 * VCSEC may also mean by it its empty answer, success: vehicle-protocol 2.5.
 */
static void on_acknowledgement(struct request *request, uint64_t now_ms)
{
	request->is_acknowledged = true;
	request->timer_ms = now_ms + ACKNOWLEDGED_MS;
}

static void on_answer(struct vehicle *vehicle, struct lane *lane,
	const struct routable *message, uint64_t now_ms)
{
	struct request *request = &vehicle->request;
	uint8_t text[FRAME_MESSAGE_MAX];
	struct view payload = message->payload;
	bool is_proven = false, is_fresh = false;

	if (message->is_sealed) {
		if ((request->traits & COMMAND_UNSIGNED) != 0 ||
			session_open(&lane->session, &request->seal, message,
				text) != 0 ||
			!window_accept(&request->window, message->counter))
			return;
		payload.data = text;
		is_proven = true;
		lane->encrypts = true;
		vehicle->n_auth_failures = 0;
	} else if (request->is_faulted) {
		return;
	}

	if (message->info.len > 0)
		is_fresh =
			session_update(&lane->session, &vehicle->arena, now_ms,
				now_ms - request->sent_ms, request->ids.uuid,
				message->info, message->info_tag) == 0;
	if (message->fault != 0 || message->status == STATUS(ERROR))
		on_fault(vehicle, lane, message->fault, is_fresh, now_ms);
	else if (message->status == STATUS(WAIT))
		on_wait(vehicle, now_ms);
	else if (message->has_payload)
		on_payload(vehicle, payload, is_proven, now_ms);
	else if (lane->session.domain == DOMAIN_VEHICLE_SECURITY &&
		 (request->traits & COMMAND_UNSIGNED) == 0 &&
		 message->info.len == 0 && (is_proven || !lane->encrypts))
		on_acknowledgement(request, now_ms);
}

/*
 * The car refuses to shake hands.  A session that is up is better than that,
 * unless it is the handshake that was asked for.
 */
static void fail_handshake(struct vehicle *vehicle, struct lane *lane,
	enum vehicle_reason reason, const char *why)
{
	bool is_asked = (vehicle->request.traits & COMMAND_SHAKES) != 0;

	lane_stop_shaking(lane);
	if (!vehicle->request.is_active || engine_request_lane(vehicle) != lane)
		return;
	if (!is_asked &&
		(lane->session.is_up ||
			(vehicle->request.traits & COMMAND_UNSIGNED) != 0))
		return;

	engine_note(vehicle, reason, why);
	engine_fail(vehicle);
}

static void on_handshake(struct vehicle *vehicle, struct lane *lane,
	const struct handshake *handshake, const struct routable *message,
	uint64_t now_ms)
{
	bool is_wanted = vehicle->request.is_active &&
			 engine_request_lane(vehicle) == lane;
	const struct fault_info *info;
	int r;

	if (message->fault != 0) {
		info = fault_info(message->fault);
		if (info->kind == FAULT_FINAL)
			fail_handshake(vehicle, lane, info->reason, info->why);
		else if (is_wanted)
			engine_note(vehicle, info->reason, info->why);
		return;
	}
	if (message->info.len == 0)
		return;

	r = session_update(&lane->session, &vehicle->arena, now_ms,
		now_ms - handshake->sent_ms, handshake->ids.uuid, message->info,
		message->info_tag);
	if (r == 0) {
		lane_stop_shaking(lane);
		vehicle->session_news[lane - vehicle->lanes] = true;
		if (is_wanted &&
			(vehicle->request.traits & COMMAND_SHAKES) != 0)
			engine_end(vehicle, OUTCOME_CONFIRMED);
	} else if (r == SESSION_E_NOT_PAIRED) {
		fail_handshake(vehicle, lane, VEHICLE_NOT_PAIRED,
			"the car does not know the key");
	} else if (r == SESSION_E_OTHER_KEY) {
		fail_handshake(vehicle, lane, VEHICLE_KEY_CHANGED,
			"the car shows another key than before; it may be "
			"another car");
	} else if (r == SESSION_E_FORGED && is_wanted) {
		engine_note(vehicle, VEHICLE_AUTH_FAILED,
			"the car's session information does not verify; is "
			"the VIN right?");
	}
}

/*
 * After garbage: does what follows look like a frame?  If not, it is the
 * stream that is out of step, and only a fresh start helps.
 */
static bool is_in_step(const struct frame_buffer *input)
{
	const uint8_t *next = input->bytes + input->taken;
	size_t len = input->len - input->taken;

	return len <= FRAME_HEADER_SIZE ||
	       (get_be16(next) <= FRAME_MESSAGE_MAX &&
		       routable_may_begin(next[FRAME_HEADER_SIZE]));
}

/* Is it an answer to vehicle_add_key()?  That has no address to answer to. */
static bool take_key(struct vehicle *vehicle, struct view payload)
{
	if (!whitelist_read(&vehicle->arena, payload, &vehicle->key))
		return false;
	vehicle->key_news = true;
	return true;
}

static void on_broadcast(struct vehicle *vehicle,
	const struct routable *message, uint64_t now_ms)
{
	if (message->from != DOMAIN_VEHICLE_SECURITY || message->is_sealed ||
		!message->has_payload)
		return;
	if (answer_read_broadcast(
		    &vehicle->arena, message->payload, now_ms, &vehicle->state))
		vehicle->state_news = true;
	else if (!take_key(vehicle, message->payload))
		(void)passive_take(vehicle, message->payload, now_ms);
}

void inbound_message(struct vehicle *vehicle, uint64_t now_ms,
	const uint8_t *data, size_t len)
{
	const struct handshake *handshake;
	struct routable message;
	struct lane *lane;

	arena_reset(&vehicle->arena);
	if (routable_unpack(&vehicle->arena, data, len, &message) != 0) {
		/* Old firmware answers without an envelope: 2.1. */
		if (take_key(vehicle, (struct view){ data, len }))
			return;
		if (!is_in_step(&vehicle->input))
			frame_buffer_init(&vehicle->input);
		return;
	}
	if (message.from != DOMAIN_VEHICLE_SECURITY &&
		message.from != DOMAIN_INFOTAINMENT)
		return;
	lane = engine_lane(vehicle, (enum domain)message.from);

	if (message.to.len == 0) {
		on_broadcast(vehicle, &message, now_ms);
		return;
	}
	handshake = lane_find_handshake(lane, &message);
	if (handshake != NULL)
		on_handshake(vehicle, lane, handshake, &message, now_ms);
	else if (passive_on_message(vehicle, lane, &message, now_ms))
		return;
	else if (vehicle->request.is_active && vehicle->request.has_attempt &&
		 engine_request_lane(vehicle) == lane &&
		 routable_answers(&message, &vehicle->request.ids))
		on_answer(vehicle, lane, &message, now_ms);
}
