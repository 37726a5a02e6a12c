/* SPDX-License-Identifier: MIT */

#include "vehicle/engine.h"

#include "keys/signer.h"
#include "util/clock.h"
#include "vehicle/request.h"
#include "vehicle/whitelist.h"

enum {
	/* Silence after which what may be repeated is repeated. */
	REPLY_MS = 5000,
};

void engine_shake_hands(
	struct vehicle *vehicle, struct lane *lane, uint64_t now_ms)
{
	struct routable_ids ids;

	if (vehicle->random(vehicle->userdata, (uint8_t *)&ids, sizeof(ids)) <
		0) {
		lane->handshake_until_ms = now_ms + LANE_HANDSHAKE_MS;
		return;
	}
	lane_shake_hands(lane, now_ms, &ids);
}

/* Writes the request into its lane's output. */
static int write_request(
	struct vehicle *vehicle, struct lane *lane, uint64_t now_ms)
{
	struct request *request = &vehicle->request;
	bool is_signed = (request->traits & COMMAND_UNSIGNED) == 0;
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

	signer_public(vehicle->signer, public);
	if (request->command.id == COMMAND_KEY_ENTRY)
		len = whitelist_write_entry(public, text);
	else
		len = request_write(&request->command, text);
	if (is_signed) {
		r = session_seal(&lane->session, now_ms,
			request->deadline_ms - now_ms,
			ROUTABLE_ENCRYPT_RESPONSE, fresh.nonce, text, len,
			&request->seal);
		if (r != 0)
			return r;
	}
	request->ids = fresh.ids;
	routable_write_request(lane->session.domain, &request->ids,
		ROUTABLE_ENCRYPT_RESPONSE, (struct view){ text, len },
		is_signed ? &request->seal : NULL, public, &lane->output);
	lane->has_output = true;
	lane->output_is_request = true;
	return 0;
}

static void send_request(
	struct vehicle *vehicle, struct lane *lane, uint64_t now_ms)
{
	struct request *request = &vehicle->request;

	/* It takes the place of one that the link had no room for. */
	if (engine_is_untaken(vehicle))
		request->in_doubt = false;
	if (command_needs_pin(&request->command) &&
		request->command.pin.digits[0] == '\0') {
		engine_note(vehicle, VEHICLE_FAILED,
			"its PIN could not be read; nothing was sent");
		engine_fail(vehicle);
		return;
	}
	if (write_request(vehicle, lane, now_ms) != 0) {
		/* Out of memory, randomness or counters; nothing was sent. */
		engine_note(vehicle, VEHICLE_FAILED,
			"the command cannot be signed");
		engine_fail(vehicle);
		return;
	}

	request->is_sent = true;
	request->sent_ms = now_ms;
	request->timer_ms = (request->traits & COMMAND_IDEMPOTENT) != 0
				    ? now_ms + REPLY_MS
				    : CLOCK_NEVER;
	request->has_attempt = true;
	request->is_faulted = false;
	request->window = (struct window){ 0 };
	request->was_in_doubt |= request->in_doubt;
	request->in_doubt = (request->traits & COMMAND_READS) == 0;
}

/* No more of it is sealed; what is under way may still be answered. */
static void end_sealing(struct vehicle *vehicle)
{
	struct request *request = &vehicle->request;

	if (request->is_sent) {
		request->timer_ms = CLOCK_NEVER;
	} else {
		request->reason = VEHICLE_LATE;
		engine_fail(vehicle);
	}
}

static void advance_request(struct vehicle *vehicle, uint64_t now_ms)
{
	struct request *request = &vehicle->request;
	struct lane *lane = engine_request_lane(vehicle);
	bool is_over = now_ms >= request->deadline_ms;

	if (request->is_acknowledged &&
		(is_over || now_ms >= request->timer_ms)) {
		engine_end(vehicle, OUTCOME_CONFIRMED);
		return;
	}
	if (is_over) {
		engine_fail(vehicle);
		return;
	}
	if (!vehicle->is_up || now_ms < request->timer_ms)
		return;
	if (now_ms >= request->seal_by_ms) {
		end_sealing(vehicle);
		return;
	}

	request->is_sent = false;
	if (passive_holds(vehicle, lane))
		return;
	if (lane_is_shaking(lane) && now_ms < lane->handshake_until_ms)
		return;
	if ((request->traits & COMMAND_SHAKES) == 0 &&
		((request->traits & COMMAND_UNSIGNED) != 0 ||
			lane->session.is_up)) {
		lane_stop_shaking(lane);
		send_request(vehicle, lane, now_ms);
	} else {
		engine_shake_hands(vehicle, lane, now_ms);
	}
}

static void advance_lane(
	struct vehicle *vehicle, struct lane *lane, uint64_t now_ms)
{
	if (!lane_is_shaking(lane) || now_ms < lane->handshake_until_ms)
		return;

	if (lane->unasked_left == 0) {
		lane_stop_shaking(lane);
		return;
	}
	lane->unasked_left--;
	engine_shake_hands(vehicle, lane, now_ms);
}

void engine_advance(struct vehicle *vehicle, uint64_t now_ms)
{
	if (now_ms >= vehicle->locked_until_ms)
		vehicle->locked_until_ms = 0;
	passive_expire(vehicle, now_ms);
	/* Before the lanes: it may go on with a handshake, or without. */
	if (vehicle->request.is_active)
		advance_request(vehicle, now_ms);
	for (size_t i = 0; i < ARRAY_SIZE(vehicle->lanes); i++)
		advance_lane(vehicle, &vehicle->lanes[i], now_ms);
	/* A command goes first: the car asks again. */
	passive_advance(vehicle, now_ms);
}
