/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * A car for the tests of the engine: hears frames, checks them by itself, and
 * says what a test wants it to.  It owns the time and the engine, too.
 */

#include "scalar.h"
#include "universal_message.pb-c.h"
#include "util/clock.h"
#include "vehicle/crypto.h"
#include "vehicle/frame.h"
#include "vehicle/metadata.h"
#include "vehicle/vehicle.h"

#define VCSEC DOMAIN_VEHICLE_SECURITY
#define INFO DOMAIN_INFOTAINMENT

/* What the car heard last. */
struct heard {
	uint32_t domain;
	uint8_t address[16], uuid[16];
	bool is_handshake, is_signed;
	uint32_t counter, expires_at, flags;
	uint8_t hash[17];
	uint8_t text[80];
	size_t len;
};

static struct world {
	uint64_t now_ms;
	struct vehicle *vehicle;
	struct signer *key; /* the engine's */

	struct signer *car;
	struct crypto *crypto;
	struct gcm *gcm;
	struct secret32 info_key;
	/* By domain. */
	uint8_t epoch[4][16];
	uint32_t counter[4];
	uint64_t booted_ms;

	struct heard heard;
	uint32_t answers;   /* counter of what the car says */
	const char *prefix; /* what it says first, in the same chunk */
	unsigned int dice;
	bool dice_fail;
} world;

static inline int world_random(void *userdata, uint8_t *ret, size_t len)
{
	(void)userdata;
	if (world.dice_fail)
		return -EIO;
	for (size_t i = 0; i < len; i++)
		ret[i] = (uint8_t)(world.dice++ * 167 + 13);
	/* No two alike. */
	world.dice++;
	return 0;
}

static inline void world_begin(void)
{
	uint8_t public[SIGNER_PUBLIC_SIZE];
	struct secret32 shared;
	struct secret16 key;

	world = (struct world){ .now_ms = 10 * 1000 * 1000 };
	world.booted_ms = world.now_ms - 2650 * 1000;
	world.key = scalar_signer(A_KEY_SCALAR);
	world.car = scalar_signer(A_CAR_SCALAR);
	cr_assert_eq(crypto_new(&world.crypto), 0);
	signer_public(world.key, public);
	cr_assert_eq(signer_agree(world.car, public, &shared), 0);
	cr_assert_eq(
		crypto_derive(world.crypto, &shared, &key, &world.info_key), 0);
	cr_assert_eq(gcm_new(&key, &world.gcm), 0);
	memset(world.epoch[VCSEC], 0xa2, 16);
	memset(world.epoch[INFO], 0xa3, 16);
	world.counter[VCSEC] = 20;
	world.counter[INFO] = 30;
	cr_assert_eq(vehicle_new(A_VIN, world.key, world_random, NULL,
			     &world.vehicle),
		0);
}

static inline void world_end(void)
{
	vehicle_free(world.vehicle);
	gcm_free(world.gcm);
	crypto_free(world.crypto);
	signer_free(world.car);
	signer_free(world.key);
}

static inline uint32_t car_clock(void)
{
	return (uint32_t)((world.now_ms - world.booted_ms) / 1000);
}

/* --- hearing --------------------------------------------------------- */

static inline void hear_sealed(const UniversalMessage__RoutableMessage *m)
{
	const Signatures__AESGCMPersonalizedSignatureData *s =
		m->signature_data->aes_gcm_personalized_data;
	struct heard *h = &world.heard;
	struct metadata metadata;
	uint8_t aad[32];

	h->is_signed = true;
	h->counter = s->counter;
	h->expires_at = s->expires_at;
	h->hash[0] = 5;
	memcpy(h->hash + 1, s->tag.data, 16);

	metadata_init(&metadata);
	metadata_add_u8(&metadata, 0, 5);
	metadata_add_u8(&metadata, 1, (uint8_t)h->domain);
	metadata_add(&metadata, 2, A_VIN, 17);
	metadata_add(&metadata, 3, s->epoch.data, s->epoch.len);
	metadata_add_u32(&metadata, 4, s->expires_at);
	metadata_add_u32(&metadata, 5, s->counter);
	metadata_add_u32(&metadata, 7, m->flags);
	metadata_end(&metadata);
	cr_assert_eq(
		crypto_sha256(world.crypto, metadata.bytes, metadata.len, aad),
		0);
	cr_assert_eq(gcm_open(world.gcm, s->nonce.data, aad, sizeof(aad),
			     h->text, h->len, s->tag.data, h->text),
		0, "the engine's seal does not verify");
	/* As strict as VCSEC is. */
	cr_assert_gt(h->counter, world.counter[h->domain]);
	world.counter[h->domain] = h->counter;
	cr_assert_eq(memcmp(s->epoch.data, world.epoch[h->domain], 16), 0);
	cr_assert_geq(h->expires_at, car_clock());
	cr_assert_leq(h->expires_at, car_clock() + 6);
}

/* Hears one frame; false if the engine has none. */
static inline bool hear(void)
{
	struct heard previous = world.heard, *h = &world.heard;
	UniversalMessage__RoutableMessage *m;
	const uint8_t *data;
	size_t len;

	if (!vehicle_take_output(world.vehicle, &data, &len))
		return false;
	cr_assert_eq(get_be16(data), len - 2);
	m = universal_message__routable_message__unpack(
		NULL, len - 2, data + 2);
	cr_assert_not_null(m);
	*h = (struct heard){ 0 };
	h->domain = (uint32_t)m->to_destination->domain;
	memcpy(h->address, m->from_destination->routing_address.data, 16);
	memcpy(h->uuid, m->uuid.data, 16);
	cr_assert_neq(memcmp(h->address, previous.address, 16), 0);
	cr_assert_neq(memcmp(h->uuid, previous.uuid, 16), 0);
	h->flags = m->flags;
	h->is_handshake =
		m->session_info_request != NULL && m->payload_case == 14;
	if (!h->is_handshake) {
		h->len = m->protobuf_message_as_bytes.len;
		cr_assert_leq(h->len, sizeof(h->text));
		memcpy(h->text, m->protobuf_message_as_bytes.data, h->len);
		if (m->signature_data != NULL)
			hear_sealed(m);
	}
	universal_message__routable_message__free_unpacked(m, NULL);
	return true;
}

static inline void hear_handshake(uint32_t domain)
{
	cr_assert(hear());
	cr_assert(world.heard.is_handshake);
	cr_assert_eq(world.heard.domain, domain);
}

static inline void hear_request(const char *hex)
{
	cr_assert(hear());
	cr_assert_not(world.heard.is_handshake);
	assert_hex(world.heard.text, world.heard.len, hex);
}

static inline void hear_nothing(void)
{
	cr_assert_not(hear());
}

/* --- saying ---------------------------------------------------------- */

/* What to say, and how to get it wrong. */
struct say {
	const char *payload; /* hexadecimal; NULL: no payload */
	uint32_t fault;
	uint32_t status;
	bool is_sealed;
	bool has_info;
	/* To be xored onto what is right. */
	uint8_t bad_tag, bad_address, bad_uuid, bad_challenge;
	bool no_uuid;
	uint32_t from;    /* another domain, if not 0 */
	uint32_t counter; /* of the answer, if not 0 */
	/* Session information. */
	bool no_info_tag;
	uint32_t info_status;
	uint32_t info_clock;           /* if not 0 */
	const struct signer *info_key; /* another car's */
	uint32_t info_counter;         /* if not 0 */
};

struct said {
	Signatures__SessionInfo info;
	Signatures__SignatureData signature;
	Signatures__HMACSignatureData info_tag;
	Signatures__AESGCMResponseSignatureData sealed;
	uint8_t public[65], packed[256], tag[32], nonce[12], text[256];
	size_t packed_len, text_len;
};

static inline ProtobufCBinaryData bin(uint8_t *data, size_t len)
{
	return (ProtobufCBinaryData){ len, data };
}

static inline void tag_info(const struct say *say, struct said *said)
{
	struct metadata metadata;
	uint8_t uuid[16];

	memcpy(uuid, world.heard.uuid, 16);
	uuid[0] ^= say->bad_challenge;
	metadata_init(&metadata);
	metadata_add_u8(&metadata, 0, 6);
	metadata_add(&metadata, 2, A_VIN, 17);
	metadata_add(&metadata, 6, uuid, 16);
	metadata_end(&metadata);
	cr_assert_eq(crypto_hmac(world.crypto, world.info_key.bytes, 32,
			     metadata.bytes, metadata.len, said->packed,
			     said->packed_len, said->tag),
		0);
	said->tag[0] ^= say->bad_tag;
}

static inline void put_info(const struct say *say, struct said *said,
	UniversalMessage__RoutableMessage *m)
{
	uint32_t domain = world.heard.domain;

	signatures__session_info__init(&said->info);
	signer_public(say->info_key != NULL ? say->info_key : world.car,
		said->public);
	said->info.public_key = bin(said->public, 65);
	said->info.epoch = bin(world.epoch[domain], 16);
	said->info.counter = say->info_counter != 0 ? say->info_counter
						    : world.counter[domain];
	said->info.clock_time =
		say->info_clock != 0 ? say->info_clock : car_clock();
	said->info.status = (Signatures__SessionInfoStatus)say->info_status;
	said->packed_len =
		signatures__session_info__pack(&said->info, said->packed);
	tag_info(say, said);

	m->payload_case = 15;
	m->session_info = bin(said->packed, said->packed_len);
	if (say->no_info_tag)
		return;
	signatures__hmac__signature__data__init(&said->info_tag);
	said->info_tag.tag = bin(said->tag, 32);
	said->signature.sig_type_case = 6;
	said->signature.session_info_tag = &said->info_tag;
}

static inline void put_sealed(const struct say *say, struct said *said,
	uint32_t from, UniversalMessage__RoutableMessage *m)
{
	struct metadata metadata;
	uint8_t aad[32];

	signatures__aes__gcm__response__signature__data__init(&said->sealed);
	said->sealed.counter =
		say->counter != 0 ? say->counter : ++world.answers;
	memset(said->nonce, (int)said->sealed.counter, 12);
	metadata_init(&metadata);
	metadata_add_u8(&metadata, 0, 9);
	metadata_add_u8(&metadata, 1, (uint8_t)from);
	metadata_add(&metadata, 2, A_VIN, 17);
	metadata_add_u32(&metadata, 5, said->sealed.counter);
	metadata_add_u32(&metadata, 7, 0);
	metadata_add(&metadata, 8, world.heard.hash, 17);
	metadata_add_u32(&metadata, 9, say->fault);
	metadata_end(&metadata);
	cr_assert_eq(
		crypto_sha256(world.crypto, metadata.bytes, metadata.len, aad),
		0);
	cr_assert_eq(gcm_seal(world.gcm, said->nonce, aad, 32, said->text,
			     said->text_len, said->text, said->tag),
		0);
	said->tag[0] ^= say->bad_tag;
	said->sealed.nonce = bin(said->nonce, 12);
	said->sealed.tag = bin(said->tag, 16);
	said->signature.sig_type_case = 9;
	said->signature.aes_gcm_response_data = &said->sealed;
	(void)m;
}

static inline void send_message(UniversalMessage__RoutableMessage *m)
{
	uint8_t message[1024], bytes[64 + 1026];
	size_t len, prefix_len = 0;

	if (world.prefix != NULL)
		prefix_len = unhex(world.prefix, bytes, 64);
	len = universal_message__routable_message__pack(m, message);
	cr_assert_eq(frame_write(message, len, bytes + prefix_len, &len), 0);
	vehicle_bytes(world.vehicle, world.now_ms, bytes, prefix_len + len);
}

static inline void say(const struct say *say)
{
	UniversalMessage__RoutableMessage m =
		UNIVERSAL_MESSAGE__ROUTABLE_MESSAGE__INIT;
	UniversalMessage__Destination to = UNIVERSAL_MESSAGE__DESTINATION__INIT;
	UniversalMessage__Destination from =
		UNIVERSAL_MESSAGE__DESTINATION__INIT;
	UniversalMessage__MessageStatus status =
		UNIVERSAL_MESSAGE__MESSAGE_STATUS__INIT;
	uint32_t domain = say->from != 0 ? say->from : world.heard.domain;
	struct said said = { 0 };
	uint8_t address[16], uuid[16];

	memcpy(address, world.heard.address, 16);
	memcpy(uuid, world.heard.uuid, 16);
	address[0] ^= say->bad_address;
	uuid[0] ^= say->bad_uuid;
	to.sub_destination_case = 2;
	to.routing_address = bin(address, 16);
	from.sub_destination_case = 1;
	from.domain = (UniversalMessage__Domain)domain;
	m.to_destination = &to;
	m.from_destination = &from;
	if (!say->no_uuid)
		m.request_uuid = bin(uuid, 16);
	if (say->fault != 0 || say->status != 0) {
		status.operation_status =
			(UniversalMessage__OperationStatusE)say->status;
		status.signed_message_fault =
			(UniversalMessage__MessageFaultE)say->fault;
		m.signed_message_status = &status;
	}

	signatures__signature_data__init(&said.signature);
	if (say->payload != NULL)
		said.text_len = unhex(say->payload, said.text, 256);
	if (say->is_sealed)
		put_sealed(say, &said, domain, &m);
	if (say->payload != NULL) {
		m.payload_case = 10;
		m.protobuf_message_as_bytes = bin(said.text, said.text_len);
	} else if (say->has_info) {
		put_info(say, &said, &m);
	}
	if (said.signature.sig_type_case != 0) {
		m.sub_sig_data_case = 13;
		m.signature_data = &said.signature;
	}
	send_message(&m);
}

#define SAY(...) say(&(const struct say){ __VA_ARGS__ })

/* A broadcast of @payload_hex by @from. */
static inline void broadcast(uint32_t domain, const char *payload_hex)
{
	UniversalMessage__RoutableMessage m =
		UNIVERSAL_MESSAGE__ROUTABLE_MESSAGE__INIT;
	UniversalMessage__Destination to = UNIVERSAL_MESSAGE__DESTINATION__INIT;
	UniversalMessage__Destination from =
		UNIVERSAL_MESSAGE__DESTINATION__INIT;
	uint8_t text[128];

	to.sub_destination_case = 1;
	from.sub_destination_case = 1;
	from.domain = (UniversalMessage__Domain)domain;
	m.to_destination = &to;
	m.from_destination = &from;
	m.payload_case = 10;
	m.protobuf_message_as_bytes =
		bin(text, unhex(payload_hex, text, sizeof(text)));
	send_message(&m);
}

/* --- the owner ------------------------------------------------------- */

static inline void wait_ms(uint64_t ms)
{
	uint64_t until_ms = world.now_ms + ms;

	/* As an owner with a timer does; late timers would hide mistakes. */
	while (vehicle_deadline(world.vehicle) <= until_ms) {
		uint64_t at_ms = vehicle_deadline(world.vehicle);

		cr_assert_gt(at_ms, world.now_ms, "a timer in the past");
		world.now_ms = at_ms;
		vehicle_tick(world.vehicle, at_ms);
	}
	world.now_ms = until_ms;
}

static inline int submit_by(
	enum command_id id, uint64_t seal_within_ms, uint64_t within_ms)
{
	const struct command command = { .id = id };

	return vehicle_submit(world.vehicle, world.now_ms, &command,
		world.now_ms + seal_within_ms, world.now_ms + within_ms);
}

static inline int submit(enum command_id id, uint64_t within_ms)
{
	return submit_by(id, within_ms, within_ms);
}

/* Takes events up to the answer, which must be there. */
static inline struct vehicle_event take_answer(void)
{
	struct vehicle_event event = { 0 };

	do
		cr_assert(
			vehicle_take_event(world.vehicle, &event), "no answer");
	while (event.type != VEHICLE_EVENT_ANSWER);
	return event;
}

static inline void expect(enum outcome outcome, enum vehicle_reason reason)
{
	struct vehicle_event event = take_answer();

	cr_assert_eq(event.outcome, outcome, "%s: %s",
		outcome_name(event.outcome), event.why);
	cr_assert_eq(
		event.reason, reason, "%d: %s", (int)event.reason, event.why);
	cr_assert_eq(event.why[0] == '\0', outcome == OUTCOME_CONFIRMED);
}

static inline void expect_pending(void)
{
	struct vehicle_event event;

	while (vehicle_take_event(world.vehicle, &event))
		cr_assert_neq(event.type, VEHICLE_EVENT_ANSWER);
	cr_assert_eq(submit(COMMAND_PING, 1), VEHICLE_E_BUSY);
}

/* Link and VCSEC session are up. */
static inline void world_begin_linked(void)
{
	world_begin();
	vehicle_link_up(world.vehicle, world.now_ms);
	hear_handshake(VCSEC);
	SAY(.has_info = true);
	cr_assert(vehicle_has_session(world.vehicle, VCSEC));
}

/* Both sessions are up, and the car has encrypted an answer. */
static inline void world_begin_warm(void)
{
	world_begin_linked();
	cr_assert_eq(submit(COMMAND_PING, 10000), 0);
	hear_handshake(INFO);
	SAY(.has_info = true);
	hear_request("1205f202020801");
	SAY(.payload = "0a00", .is_sealed = true);
	expect(OUTCOME_CONFIRMED, VEHICLE_DONE);
	cr_assert(vehicle_has_session(world.vehicle, INFO));
}
