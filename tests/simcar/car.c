/* SPDX-License-Identifier: MIT */

#include "car.h"

#include <string.h>

#include "enrol.h"
#include "infotainment.h"
#include "perform.h"
#include "reply.h"
#include "signatures.pb-c.h"
#include "util/bytes.h"
#include "util/clock.h"
#include "vcsec.h"

#define PAYLOAD(name) UNIVERSAL_MESSAGE__ROUTABLE_MESSAGE__PAYLOAD_##name

enum {
	/* Tag of ToVCSECMessage's one field; RoutableMessage has no field 1. */
	TO_VCSEC_TAG = 0x0a,
};

static void routable_freep(UniversalMessage__RoutableMessage **m)
{
	if (*m != NULL)
		universal_message__routable_message__free_unpacked(*m, NULL);
}

int car_init(struct car *car, const char *vin, struct signer *vcsec_key,
	struct signer *infotainment_key, const struct outlet *outlet,
	const struct say *say_to, uint64_t now_ms)
{
	int r;

	*car = (struct car){
		.late_ms = 3000,
		.tap_after_ms = CLOCK_NEVER,
		.tap_timeout_ms = CAR_TAP_TIMEOUT_MS,
		.sync_ms = 3000,
		.say = say_to,
		.outlet = *outlet,
		.status_next_ms = CLOCK_NEVER,
	};
	(void)snprintf(car->vin, sizeof(car->vin), "%s", vin);
	world_init(&car->world, now_ms);

	r = domain_init(&car->vcsec,
		UNIVERSAL_MESSAGE__DOMAIN__DOMAIN_VEHICLE_SECURITY, vcsec_key,
		now_ms, outlet->random, outlet->userdata);
	if (r == 0)
		r = domain_init(&car->infotainment,
			UNIVERSAL_MESSAGE__DOMAIN__DOMAIN_INFOTAINMENT,
			infotainment_key, now_ms, outlet->random,
			outlet->userdata);
	else
		signer_free(infotainment_key);
	if (r == 0)
		r = crypto_new(&car->crypto);
	if (r < 0) {
		car_deinit(car);
		return r;
	}

	car->status_len = vcsec_status(&car->world, car->status);
	return 0;
}

void car_deinit(struct car *car)
{
	domain_deinit(&car->vcsec);
	domain_deinit(&car->infotainment);
	car->crypto = crypto_free(car->crypto);
	secret_wipe(&car->enrolment, sizeof(car->enrolment));
}

int car_enrol(struct car *car, uint64_t now_ms,
	const uint8_t public[DEED_KEY_SIZE], Keys__Role role, int32_t form,
	bool everywhere)
{
	_cleanup_(agreement_wipep) struct agreement agreement;
	uint8_t hash[CRYPTO_SHA1_SIZE];
	struct key *key;
	int r;

	/* The agreement is what notices bytes that are no point. */
	r = domain_agree(&car->vcsec, car->crypto, public, &agreement);
	if (r == SIGNER_E_POINT)
		return -EINVAL;
	if (r == 0)
		r = crypto_sha1(car->crypto, public, DEED_KEY_SIZE, hash);
	if (r != 0)
		return err_fold(r);
	if (whitelist_find(&car->whitelist, public) != NULL)
		return -EEXIST;
	key = whitelist_add(&car->whitelist);
	if (key == NULL)
		return -ENOSPC;

	memcpy(key->public, public, sizeof(key->public));
	memcpy(key->id, hash, sizeof(key->id));
	key->role = role;
	key->form = form;
	/* Keys of the command line have been there for long. */
	key->infotainment_knows = everywhere;
	key->infotainment_from_ms = now_ms + car->sync_ms;
	return (int)key_slot(&car->whitelist, key);
}

int car_new_epoch(struct car *car, struct domain *domain, uint64_t now_ms)
{
	for (uint32_t i = 0; i < WHITELIST_MAX; i++)
		*domain_count(domain, &car->whitelist.keys[i]) =
			(struct count){ .last = 0 };
	say(car->say, "{s:s}", "epoch", domain_name(domain));

	return domain_restart(
		domain, now_ms, car->outlet.random, car->outlet.userdata);
}

int car_reboot(struct car *car, uint64_t now_ms)
{
	int r;

	/* Nobody remembers over a restart who waited for a tap. */
	car->enrolment.waiting = false;
	world_reboot(&car->world, now_ms);
	r = car_new_epoch(car, &car->vcsec, now_ms);
	if (r == 0)
		r = car_new_epoch(car, &car->infotainment, now_ms);

	return r;
}

/* The key as @domain knows it: infotainment learns a new one while awake. */
static struct key *find_key(struct car *car, const struct domain *domain,
	uint64_t now_ms, struct key *key)
{
	if (key == NULL || domain_is_vcsec(domain))
		return key;
	if (car->world.power == POWER_AWAKE &&
		now_ms >= key->infotainment_from_ms)
		key->infotainment_knows = true;

	return key->infotainment_knows ? key : NULL;
}

/* Finds the signer's key.  Returns 0 or a MessageFault_E. */
static int find_signer(struct car *car, const Signatures__SignatureData *data,
	struct request *request)
{
	const Signatures__KeyIdentity *identity = data->signer_identity;
	struct key *key = NULL;

	switch (identity != NULL ? (int)identity->identity_type_case : 0) {
	case SIGNATURES__KEY_IDENTITY__IDENTITY_TYPE_PUBLIC_KEY:
		if (identity->public_key.len == DEED_KEY_SIZE)
			key = whitelist_find(
				&car->whitelist, identity->public_key.data);
		break;
	case SIGNATURES__KEY_IDENTITY__IDENTITY_TYPE_HANDLE:
		key = whitelist_slot(&car->whitelist, identity->handle);
		if (key == NULL)
			return MESSAGE_FAULT(INVALID_KEY_HANDLE);
		break;
	default:
		break;
	}

	request->key = find_key(car, request->domain, request->now_ms, key);
	return request->key != NULL ? 0 : MESSAGE_FAULT(UNKNOWN_KEY_ID);
}

static int agree(struct car *car, struct request *request)
{
	/* A point that is none was not enrolled. */
	return err_fold(domain_agree(request->domain, car->crypto,
		request->key->public, &request->agreement));
}

/* Is infotainment there?  If not, it says so, or nothing. */
static int knock(struct car *car, struct request *request, bool *ret_there)
{
	const struct world *world = &car->world;
	bool early;

	*ret_there = true;
	if (domain_is_vcsec(request->domain))
		return 0;

	switch (world->power) {
	case POWER_AWAKE:
		return 0;
	case POWER_BOOTING:
		*ret_there = false;
		early = request->now_ms - world->boot_since_ms <
			world->boot_ms / 2;
		return reply_fault(car, request,
			early ? MESSAGE_FAULT(BUSY) : MESSAGE_FAULT(INTERNAL),
			false);
	/* Some cars say that nobody is at home, others say nothing. */
	case POWER_ASLEEP:
	case POWER_DEEP:
		break;
	}
	*ret_there = false;
	say(car->say, "{s:s,s:s}", "refused", "infotainment", "why",
		power_name(world->power));
	if (car->asleep_answers)
		return reply_fault(car, request, MESSAGE_FAULT(TIMEOUT), false);

	return 0;
}

/* What the payload asks for, whatever it came in. */
static int read_deed(const struct request *request, struct deed *ret)
{
	const struct genuine *genuine = &request->genuine;
	int r;

	if (!domain_is_vcsec(request->domain))
		return infotainment_read(
			genuine->payload, genuine->payload_len, ret);

	r = vcsec_read(genuine->payload, genuine->payload_len, ret);
	if (request->key != NULL)
		return r;
	/* Some clients wrap an add-key-request after all. */
	if (r == 0 && ret->act == ACT_ADD_KEY)
		ret->act = ACT_REQUEST_KEY;
	else if (r != 0 && vcsec_read_raw(genuine->payload,
				   genuine->payload_len, ret) == 0)
		r = 0;

	return r;
}

static int on_payload(struct car *car, struct request *request,
	const UniversalMessage__RoutableMessage *message)
{
	const ProtobufCBinaryData *payload =
		&message->protobuf_message_as_bytes;
	struct guard guard = { .crypto = car->crypto, .vin = car->vin };
	struct deed deed;
	int r;

	if (message->signature_data != NULL) {
		/*
		 * Who, then whether, then what: nothing of a payload is
		 * looked at before its signature holds.
		 */
		r = find_signer(car, message->signature_data, request);
		if (r == 0) {
			r = agree(car, request);
			if (r < 0)
				return r;
			r = guard_judge(&guard, request->domain,
				request->now_ms,
				domain_count(request->domain, request->key),
				&request->agreement, message,
				&request->genuine);
		}
	} else if (payload->len <= sizeof(request->genuine.payload)) {
		r = 0;
		request->genuine.payload_len = payload->len;
		if (payload->len > 0)
			memcpy(request->genuine.payload, payload->data,
				payload->len);
	} else {
		r = MESSAGE_FAULT(REQUEST_MTU_EXCEEDED);
	}
	if (r == 0)
		r = read_deed(request, &deed);
	if (r < 0)
		return r;
	if (r == 0)
		return perform(car, request, &deed);

	/* Genuine and senseless: it counts all the same. */
	perform_count(car, request);
	return reply_fault(car, request, r, fault_is_of_session(r));
}

static int on_session_info_request(struct car *car, struct request *request,
	const UniversalMessage__SessionInfoRequest *info)
{
	char hex[HEX_SIZE(KEY_ID_SIZE)] = "unknown";
	bool hindered;
	int r;

	/* The uuid is the challenge: without it there is nothing to sign. */
	if (info->public_key.len != DEED_KEY_SIZE || request->uuid_len == 0)
		return reply_fault(
			car, request, MESSAGE_FAULT(BAD_PARAMETER), false);

	request->key = find_key(car, request->domain, request->now_ms,
		whitelist_find(&car->whitelist, info->public_key.data));
	if (request->key != NULL) {
		r = agree(car, request);
		if (r < 0)
			return r;
		hex_encode(request->key->id, KEY_ID_SIZE, hex);
	}
	r = perform_fault(car, request, NULL, &hindered);
	if (r < 0 || hindered)
		return r;

	/* The two ways in which cars have been seen to say "unknown". */
	if (request->key == NULL && !domain_is_vcsec(request->domain))
		return reply_fault(
			car, request, MESSAGE_FAULT(UNKNOWN_KEY_ID), false);
	say(car->say, "{s:s,s:s}", "session-info", domain_name(request->domain),
		"key", hex);
	return reply_session_info(car, request);
}

/* Who asks whom?  False if it cannot be answered; @ret_why then says why. */
static bool open_request(struct car *car,
	const UniversalMessage__RoutableMessage *message,
	struct request *request, const char **ret_why)
{
	const UniversalMessage__Destination *to = message->to_destination;
	const UniversalMessage__Destination *from = message->from_destination;

	if (from == NULL ||
		from->sub_destination_case !=
			UNIVERSAL_MESSAGE__DESTINATION__SUB_DESTINATION_ROUTING_ADDRESS ||
		from->routing_address.len == 0 ||
		from->routing_address.len > ADDRESS_MAX) {
		*ret_why = "it has no address to answer to";
		return false;
	}
	request->address_len = from->routing_address.len;
	memcpy(request->address, from->routing_address.data,
		request->address_len);
	if (message->uuid.len > 0 && message->uuid.len <= UUID_MAX) {
		request->uuid_len = message->uuid.len;
		memcpy(request->uuid, message->uuid.data, request->uuid_len);
	}
	request->flags = message->flags;

	if (to == NULL ||
		to->sub_destination_case !=
			UNIVERSAL_MESSAGE__DESTINATION__SUB_DESTINATION_DOMAIN) {
		*ret_why = "it is for nobody here";
		return false;
	}
	/* VCSEC is what holds the antenna: it answers for the others. */
	request->domain =
		to->domain == UNIVERSAL_MESSAGE__DOMAIN__DOMAIN_INFOTAINMENT
			? &car->infotainment
			: &car->vcsec;
	return true;
}

/* A message with the addresses of @request: to a domain that there is? */
static int route(struct car *car, struct request *request,
	const UniversalMessage__RoutableMessage *message)
{
	bool there;
	int r;

	/* Broadcast is for cars; 4 and 5 are computers that do not talk here. */
	if (message->to_destination->domain != request->domain->id)
		return reply_fault(
			car, request, MESSAGE_FAULT(INVALID_DOMAINS), false);
	if (message->uuid.len > UUID_MAX)
		return reply_fault(
			car, request, MESSAGE_FAULT(BAD_PARAMETER), false);
	r = knock(car, request, &there);
	if (r < 0 || !there)
		return r;

	switch (message->payload_case) {
	case PAYLOAD(SESSION_INFO_REQUEST):
		return on_session_info_request(
			car, request, message->session_info_request);
	case PAYLOAD(PROTOBUF_MESSAGE_AS_BYTES):
		return on_payload(car, request, message);
	default:
		return reply_fault(
			car, request, MESSAGE_FAULT(BAD_PARAMETER), false);
	}
}

static int ignore(struct car *car, const char *why)
{
	say(car->say, "{s:s,s:s}", "ignored", "message", "why", why);
	return 0;
}

/* A ToVCSECMessage without addresses around it. */
static int receive_raw(struct car *car, struct request *request,
	const uint8_t *message, size_t len)
{
	struct deed deed;

	request->domain = &car->vcsec;
	if (vcsec_read_raw(message, len, &deed) != 0)
		return ignore(car, "it is no request to add a key");

	return perform(car, request, &deed);
}

int car_receive(struct car *car, uint64_t now_ms, int link,
	const uint8_t *message, size_t len)
{
	_cleanup_(routable_freep) UniversalMessage__RoutableMessage *m = NULL;
	struct request request = { .link = link, .now_ms = now_ms };
	const char *why = NULL;
	int r;

	/* The two kinds differ in their first byte: vehicle-protocol 2.1. */
	if (len > 0 && message[0] == TO_VCSEC_TAG)
		r = receive_raw(car, &request, message, len);
	else if ((m = universal_message__routable_message__unpack(
			  NULL, len, message)) == NULL)
		r = ignore(car, "it is no RoutableMessage");
	else if (!open_request(car, m, &request, &why))
		r = ignore(car, why);
	else
		r = route(car, &request, m);
	secret_wipe(&request, sizeof(request));
	if (r < 0)
		return r;

	return car_settle(car, now_ms);
}

int car_broadcast(struct car *car)
{
	car->status_len = vcsec_status(&car->world, car->status);
	return reply_to_all(car, LINK_ALL, car->status, car->status_len);
}

int car_settle(struct car *car, uint64_t now_ms)
{
	uint8_t status[STATUS_MAX];
	size_t len;
	int r;

	if (car->power_said != car->world.power)
		say(car->say, "{s:s}", "power", power_name(car->world.power));
	car->power_said = car->world.power;

	/* An open door makes the car repeat itself: vehicle-protocol 8.2. */
	if (!world_door_is_open(&car->world))
		car->status_next_ms = CLOCK_NEVER;
	else if (car->status_next_ms == CLOCK_NEVER)
		car->status_next_ms = now_ms + STATUS_PERIOD_MS;

	r = passive_settle(car, now_ms);
	if (r < 0)
		return r;

	len = vcsec_status(&car->world, status);
	if (len == car->status_len && memcmp(status, car->status, len) == 0)
		return 0;

	return car_broadcast(car);
}

int car_tap(struct car *car, uint64_t now_ms)
{
	return enrol_tap(car, now_ms);
}

int car_tick(struct car *car, uint64_t now_ms)
{
	int r;

	world_tick(&car->world, now_ms);
	r = enrol_tick(car, now_ms);
	if (r < 0)
		return r;
	if (now_ms >= car->status_next_ms) {
		car->status_next_ms = now_ms + STATUS_PERIOD_MS;
		r = car_broadcast(car);
		if (r < 0)
			return r;
	}

	return car_settle(car, now_ms);
}

uint64_t car_deadline(const struct car *car)
{
	uint64_t deadline = world_deadline(&car->world);

	if (enrol_deadline(car) < deadline)
		deadline = enrol_deadline(car);
	if (car->status_next_ms < deadline)
		deadline = car->status_next_ms;
	if (passive_deadline(car) < deadline)
		deadline = passive_deadline(car);

	return deadline;
}
