/* SPDX-License-Identifier: MIT */

#include "vehicle/vehicle.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "util/bytes.h"
#include "util/clock.h"
#include "vehicle/engine.h"
#include "vehicle/fault.h"
#include "vehicle/report.h"
#include "vehicle/whitelist.h"

enum {
	/* Handshakes on link-up, if no request asks for more. */
	HANDSHAKES_UNASKED = 5,
};

static const enum domain domains[] = {
	DOMAIN_VEHICLE_SECURITY,
	DOMAIN_INFOTAINMENT,
};

struct lane *engine_lane(struct vehicle *vehicle, enum domain domain)
{
	return &vehicle->lanes[domain == DOMAIN_INFOTAINMENT];
}

struct lane *engine_request_lane(struct vehicle *vehicle)
{
	return engine_lane(vehicle, vehicle->request.domain);
}

static int upper_vin(const char *vin, char ret[static VEHICLE_VIN_SIZE])
{
	if (strlen(vin) != VEHICLE_VIN_SIZE - 1)
		return -EINVAL;
	for (size_t i = 0; i < VEHICLE_VIN_SIZE; i++)
		ret[i] = (char)toupper((unsigned char)vin[i]);

	return 0;
}

int vehicle_new(const char *vin, struct signer *signer, vehicle_random_t random,
	void *userdata, struct vehicle **ret)
{
	_cleanup_(vehicle_freep) struct vehicle *vehicle = NULL;
	int r;

	vehicle = calloc(1, sizeof(*vehicle));
	if (vehicle == NULL)
		return -ENOMEM;
	r = upper_vin(vin, vehicle->vin);
	if (r == 0)
		r = crypto_new(&vehicle->crypto);
	if (r < 0)
		return r;

	vehicle->signer = signer;
	vehicle->random = random;
	vehicle->userdata = userdata;
	frame_buffer_init(&vehicle->input);
	car_state_init(&vehicle->state);
	for (size_t i = 0; i < ARRAY_SIZE(domains); i++) {
		session_init(&vehicle->lanes[i].session, vehicle->crypto,
			signer, vehicle->vin, domains[i]);
		lane_stop_shaking(&vehicle->lanes[i]);
	}

	*ret = steal_ptr(&vehicle);
	return 0;
}

struct vehicle *vehicle_free(struct vehicle *vehicle)
{
	if (vehicle == NULL)
		return NULL;

	for (size_t i = 0; i < ARRAY_SIZE(vehicle->lanes); i++)
		session_deinit(&vehicle->lanes[i].session);
	(void)crypto_free(vehicle->crypto);
	secret_wipe(&vehicle->request, sizeof(vehicle->request));
	free(vehicle);
	return NULL;
}

int vehicle_name(const char *vin, char ret[static VEHICLE_NAME_SIZE])
{
	_cleanup_(crypto_freep) struct crypto *crypto = NULL;
	uint8_t hash[CRYPTO_SHA1_SIZE];
	char upper[VEHICLE_VIN_SIZE];
	int r;

	r = upper_vin(vin, upper);
	if (r == 0)
		r = crypto_new(&crypto);
	if (r == 0)
		r = crypto_sha1(crypto, upper, strlen(upper), hash);
	if (r < 0)
		return r;

	ret[0] = 'S';
	hex_encode(hash, 8, ret + 1);
	ret[17] = 'C';
	ret[18] = '\0';
	return 0;
}

/* Remembers what to say should the deadline come. */
void engine_note(
	struct vehicle *vehicle, enum vehicle_reason reason, const char *why)
{
	vehicle->request.reason = reason;
	(void)snprintf(
		vehicle->request.why, sizeof(vehicle->request.why), "%s", why);
}

void engine_end(struct vehicle *vehicle, enum outcome outcome)
{
	struct request *request = &vehicle->request;
	struct lane *lane = engine_request_lane(vehicle);

	vehicle->answer = (struct vehicle_event){
		.type = VEHICLE_EVENT_ANSWER,
		.command = request->command,
		.outcome = outcome,
	};
	secret_wipe(&request->command.pin, sizeof(request->command.pin));
	secret_wipe(&vehicle->answer.command.pin,
		sizeof(vehicle->answer.command.pin));
	if (outcome != OUTCOME_CONFIRMED) {
		vehicle->answer.reason = request->reason;
		memcpy(vehicle->answer.why, request->why, sizeof(request->why));
	}
	if (outcome == OUTCOME_UNKNOWN)
		vehicle->answer.valid_until_ms =
			request->sent_ms + VEHICLE_VALID_MS;
	vehicle->answer_news = true;
	request->is_active = false;
	if (lane->output_is_request)
		lane->has_output = false;
}

bool engine_is_untaken(struct vehicle *vehicle)
{
	const struct lane *lane = engine_request_lane(vehicle);

	return lane->has_output && lane->output_is_request;
}

/* Ends the request for what was noted, with what that proves. */
void engine_fail(struct vehicle *vehicle)
{
	struct request *request = &vehicle->request;

	if (engine_is_untaken(vehicle))
		request->in_doubt = false;
	engine_end(vehicle, request->in_doubt || request->was_in_doubt
				    ? OUTCOME_UNKNOWN
				    : OUTCOME_REFUSED);
}

/* Wrongly sealed messages, and the car locks out all its keys for long. */
bool engine_count_failure(
	struct vehicle *vehicle, const struct fault_info *info, uint64_t now_ms)
{
	if (++vehicle->n_auth_failures < VEHICLE_LOCKOUT_FAILURES)
		return false;

	vehicle->locked_until_ms = now_ms + VEHICLE_LOCKOUT_MS;
	vehicle->n_auth_failures = 0;
	vehicle->lockout_news = true;
	for (size_t i = 0; i < ARRAY_SIZE(vehicle->lanes); i++)
		lane_stop_shaking(&vehicle->lanes[i]);
	passive_disarm(vehicle);
	if (vehicle->request.is_active) {
		engine_note(vehicle, info->reason, info->why);
		engine_fail(vehicle);
	}
	return true;
}

void engine_lose_session(struct vehicle *vehicle, struct lane *lane)
{
	if (!lane->session.is_up)
		return;
	/* Keys and counter stay: nobody can forge those away. */
	lane->session.is_up = false;
	vehicle->session_news[lane - vehicle->lanes] = true;
}

void engine_retire_session(
	struct vehicle *vehicle, struct lane *lane, uint64_t now_ms)
{
	if (now_ms - lane->session.told_ms > SESSION_CLOCK_MAX_MS)
		engine_lose_session(vehicle, lane);
}

void engine_retry(struct vehicle *vehicle, uint64_t at_ms)
{
	vehicle->request.is_sent = false;
	vehicle->request.is_acknowledged = false;
	vehicle->request.timer_ms = at_ms;
}

void vehicle_bytes(struct vehicle *vehicle, uint64_t now_ms,
	const uint8_t *data, size_t len)
{
	while (vehicle->is_up && len > 0) {
		const uint8_t *message;
		size_t message_len;
		size_t taken;
		int r;

		taken = frame_push(&vehicle->input, now_ms, data, len);
		data += taken;
		len -= taken;
		while ((r = frame_take(&vehicle->input, &message,
				&message_len)) != FRAME_E_AGAIN) {
			if (r != 0)
				continue;
			inbound_message(vehicle, now_ms, message, message_len);
			engine_advance(vehicle, now_ms);
		}
	}
	engine_advance(vehicle, now_ms);
}

void vehicle_link_up(struct vehicle *vehicle, uint64_t now_ms)
{
	struct lane *lane = engine_lane(vehicle, DOMAIN_VEHICLE_SECURITY);

	vehicle->is_up = true;
	frame_buffer_init(&vehicle->input);
	engine_retire_session(vehicle, lane, now_ms);
	if (!lane->session.is_up && now_ms >= vehicle->locked_until_ms) {
		lane->unasked_left = HANDSHAKES_UNASKED - 1;
		engine_shake_hands(vehicle, lane, now_ms);
	}
	engine_advance(vehicle, now_ms);
}

void vehicle_link_down(struct vehicle *vehicle, uint64_t now_ms, bool issued)
{
	struct request *request = &vehicle->request;

	vehicle->is_up = false;
	passive_on_down(vehicle);
	/* Still in the output, or cut off on its way: never heard. */
	if (request->is_active && request->is_sent &&
		(engine_is_untaken(vehicle) ||
			(vehicle->last_taken_is_request && !issued)))
		request->in_doubt = false;
	for (size_t i = 0; i < ARRAY_SIZE(vehicle->lanes); i++) {
		lane_stop_shaking(&vehicle->lanes[i]);
		vehicle->lanes[i].has_output = false;
	}

	if (request->is_active) {
		engine_note(vehicle, VEHICLE_LINK_LOST,
			"the link to the car was lost");
		request->has_attempt = false;
		request->was_in_doubt |= request->in_doubt;
		request->in_doubt = false;
		engine_retry(vehicle, now_ms);
		/* In doubt it may be repeated, should the link come back. */
		if (!request->was_in_doubt ||
			(request->traits & COMMAND_IDEMPOTENT) == 0)
			engine_fail(vehicle);
	}
	engine_advance(vehicle, now_ms);
}

int vehicle_submit(struct vehicle *vehicle, uint64_t now_ms,
	const struct command *command, uint64_t seal_by_ms,
	uint64_t deadline_ms)
{
	const struct command_info *info = command_info(command->id);

	if (vehicle->request.is_active || vehicle->answer_news)
		return VEHICLE_E_BUSY;
	if (!vehicle->is_up)
		return VEHICLE_E_DOWN;
	if ((info->traits & COMMAND_UNSIGNED) == 0) {
		if (now_ms < vehicle->locked_until_ms)
			return VEHICLE_E_LOCKED_OUT;
		engine_retire_session(
			vehicle, engine_lane(vehicle, info->domain), now_ms);
	}

	vehicle->request = (struct request){
		.is_active = true,
		.command = *command,
		.traits = info->traits,
		.domain = info->domain,
		.seal_by_ms = seal_by_ms,
		.deadline_ms = deadline_ms,
		.timer_ms = now_ms,
	};
	engine_note(vehicle, VEHICLE_SILENT, "the car did not answer");
	engine_advance(vehicle, now_ms);
	return 0;
}

void vehicle_cancel(struct vehicle *vehicle, uint64_t now_ms)
{
	if (!vehicle->request.is_active)
		return;
	engine_note(vehicle, VEHICLE_CANCELLED, "cancelled");
	engine_fail(vehicle);
	engine_advance(vehicle, now_ms);
}

size_t vehicle_add_key(const struct vehicle *vehicle, enum key_role role,
	enum key_form form, uint8_t ret[static VEHICLE_ADD_KEY_SIZE])
{
	uint8_t public[SIGNER_PUBLIC_SIZE];

	signer_public(vehicle->signer, public);
	return whitelist_write_add(public, role, form, ret);
}

void vehicle_set_passive_entry(
	struct vehicle *vehicle, uint64_t now_ms, uint64_t until_ms)
{
	passive_arm(vehicle, now_ms, until_ms);
	engine_advance(vehicle, now_ms);
}

uint64_t vehicle_passive_entry(const struct vehicle *vehicle)
{
	return vehicle->passive.until_ms;
}

void vehicle_tick(struct vehicle *vehicle, uint64_t now_ms)
{
	engine_advance(vehicle, now_ms);
}

uint64_t vehicle_deadline(const struct vehicle *vehicle)
{
	const struct request *request = &vehicle->request;
	const struct lane *lane;
	uint64_t at_ms = passive_deadline(&vehicle->passive);

	if (vehicle->locked_until_ms != 0)
		at_ms = clock_earlier(at_ms, vehicle->locked_until_ms);
	for (size_t i = 0; i < ARRAY_SIZE(vehicle->lanes); i++)
		at_ms = clock_earlier(
			at_ms, vehicle->lanes[i].handshake_until_ms);
	if (!request->is_active)
		return at_ms;

	at_ms = clock_earlier(at_ms, request->deadline_ms);
	/* What is due but waits for its lane goes by the lane's time. */
	lane = &vehicle->lanes[request->domain == DOMAIN_INFOTAINMENT];
	if (vehicle->is_up &&
		(request->is_sent || (!lane_is_shaking(lane) &&
					     !passive_holds(vehicle, lane))))
		at_ms = clock_earlier(at_ms, request->timer_ms);
	return at_ms;
}

bool vehicle_take_output(
	struct vehicle *vehicle, const uint8_t **ret_data, size_t *ret_len)
{
	for (size_t i = 0; i < ARRAY_SIZE(vehicle->lanes); i++) {
		struct lane *lane = &vehicle->lanes[i];

		if (!lane->has_output)
			continue;
		lane->has_output = false;
		vehicle->last_taken_is_request = lane->output_is_request;
		*ret_data = lane->output.bytes;
		*ret_len = lane->output.len;
		return true;
	}

	return false;
}

/* Makes an event of @type of @news, if there are any. */
static bool take_news(
	bool *news, enum vehicle_event_type type, struct vehicle_event *ret)
{
	if (!*news)
		return false;
	*news = false;
	*ret = (struct vehicle_event){ .type = type };
	return true;
}

bool vehicle_take_event(struct vehicle *vehicle, struct vehicle_event *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(vehicle->session_news); i++) {
		if (take_news(&vehicle->session_news[i], VEHICLE_EVENT_SESSION,
			    ret)) {
			ret->domain = vehicle->lanes[i].session.domain;
			return true;
		}
	}
	if (take_news(&vehicle->state_news, VEHICLE_EVENT_STATE, ret) ||
		take_news(&vehicle->lockout_news, VEHICLE_EVENT_LOCKOUT, ret))
		return true;
	if (take_news(&vehicle->key_news, VEHICLE_EVENT_KEY, ret)) {
		*ret = vehicle->key;
		return true;
	}
	if (take_news(&vehicle->passive.has_news, VEHICLE_EVENT_AUTHENTICATED,
		    ret)) {
		*ret = vehicle->passive.news;
		return true;
	}
	if (!take_news(&vehicle->answer_news, VEHICLE_EVENT_ANSWER, ret))
		return false;

	*ret = vehicle->answer;
	return true;
}

const struct car_state *vehicle_state(const struct vehicle *vehicle)
{
	return &vehicle->state;
}

bool vehicle_report(
	struct vehicle *vehicle, enum command_id id, struct report *ret)
{
	bool is_told;

	arena_reset(&vehicle->arena);
	is_told =
		vehicle->told_id == id &&
		report_read(&vehicle->arena, id,
			(struct view){ vehicle->told, vehicle->told_len }, ret);
	/* Where the car was, or what played, is nothing to keep. */
	arena_reset(&vehicle->arena);
	memset(vehicle->arena.bytes, 0, sizeof(vehicle->arena.bytes));
	memset(vehicle->told, 0, sizeof(vehicle->told));
	vehicle->told_id = COMMAND_NONE;

	return is_told;
}

bool vehicle_has_session(const struct vehicle *vehicle, enum domain domain)
{
	return vehicle->lanes[domain == DOMAIN_INFOTAINMENT].session.is_up;
}

void vehicle_forget(struct vehicle *vehicle, enum domain domain)
{
	engine_lose_session(vehicle, engine_lane(vehicle, domain));
}

uint64_t vehicle_locked_until(const struct vehicle *vehicle)
{
	return vehicle->locked_until_ms;
}
