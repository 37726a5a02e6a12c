/* SPDX-License-Identifier: MIT */

#include "guard.h"

#include <string.h>

#include "signatures.pb-c.h"
#include "util/secret.h"
#include "vehicle/metadata.h"

#define TAG(name) SIGNATURES__TAG__TAG_##name
#define SIGNATURE_TYPE(name) SIGNATURES__SIGNATURE_TYPE__SIGNATURE_TYPE_##name

/* What both kinds of signature say. */
struct claim {
	uint8_t type;
	uint32_t counter;
	uint32_t expires_at;
	const ProtobufCBinaryData *epoch;
	const ProtobufCBinaryData *tag;
	size_t tag_len;                   /* as it must be */
	const ProtobufCBinaryData *nonce; /* AES-GCM only */
};

static int read_claim(
	const UniversalMessage__RoutableMessage *message, struct claim *ret)
{
	const Signatures__SignatureData *data = message->signature_data;

	switch (data->sig_type_case) {
	case SIGNATURES__SIGNATURE_DATA__SIG_TYPE_AES_GCM_PERSONALIZED_DATA: {
		const Signatures__AESGCMPersonalizedSignatureData *gcm =
			data->aes_gcm_personalized_data;

		*ret = (struct claim){
			.type = SIGNATURE_TYPE(AES_GCM_PERSONALIZED),
			.counter = gcm->counter,
			.expires_at = gcm->expires_at,
			.epoch = &gcm->epoch,
			.tag = &gcm->tag,
			.tag_len = CRYPTO_TAG_SIZE,
			.nonce = &gcm->nonce,
		};
		return 0;
	}
	case SIGNATURES__SIGNATURE_DATA__SIG_TYPE_HMAC_PERSONALIZED_DATA: {
		const Signatures__HMACPersonalizedSignatureData *hmac =
			data->hmac_personalized_data;

		*ret = (struct claim){
			.type = SIGNATURE_TYPE(HMAC_PERSONALIZED),
			.counter = hmac->counter,
			.expires_at = hmac->expires_at,
			.epoch = &hmac->epoch,
			.tag = &hmac->tag,
			.tag_len = CRYPTO_SHA256_SIZE,
		};
		return 0;
	}
	default:
		/* Signatures that only a car makes, or none. */
		return MESSAGE_FAULT(BAD_PARAMETER);
	}
}

/* Epoch, expiry and the reach of an old counter, in this order. */
static int judge_time(const struct domain *domain, uint32_t now,
	const struct count *count, const struct claim *claim)
{
	/*
	 * The epoch may be left out of the message, not out of what is
	 * signed: a client with an old one then gets a signature fault.
	 */
	if (claim->epoch->len != 0 &&
		(claim->epoch->len != EPOCH_SIZE ||
			memcmp(claim->epoch->data, domain->epoch, EPOCH_SIZE) !=
				0))
		return MESSAGE_FAULT(INCORRECT_EPOCH);
	/* 0 never expires, and nothing may expire beyond the epoch's end. */
	if (claim->expires_at != 0 && claim->expires_at < now)
		return MESSAGE_FAULT(TIME_EXPIRED);
	if (claim->expires_at > GUARD_EPOCH_S)
		return MESSAGE_FAULT(BAD_PARAMETER);
	/* An old counter may only be late, by no more than this. */
	if ((claim->counter == 0 || claim->counter < count->last) &&
		claim->expires_at > now + GUARD_OLD_COUNTER_S)
		return MESSAGE_FAULT(TIME_TO_LIVE_TOO_LONG);

	return 0;
}

static void write_metadata(const struct guard *guard,
	const struct domain *domain, const struct claim *claim, uint32_t flags,
	struct metadata *m)
{
	metadata_init(m);
	metadata_add_u8(m, TAG(SIGNATURE_TYPE), claim->type);
	metadata_add_u8(m, TAG(DOMAIN), (uint8_t)domain->id);
	metadata_add(m, TAG(PERSONALIZATION), guard->vin, strlen(guard->vin));
	/* Our epoch and our VIN, whatever the message says. */
	metadata_add(m, TAG(EPOCH), domain->epoch, EPOCH_SIZE);
	metadata_add_u32(m, TAG(EXPIRES_AT), claim->expires_at);
	metadata_add_u32(m, TAG(COUNTER), claim->counter);
	/* Zero is left out here, but not in answers. */
	if (flags != 0)
		metadata_add_u32(m, TAG(FLAGS), flags);
	metadata_end(m);
}

static int open_gcm(const struct guard *guard,
	const struct agreement *agreement, const struct claim *claim,
	const struct metadata *m, const ProtobufCBinaryData *payload,
	struct genuine *genuine)
{
	_cleanup_(gcm_freep) struct gcm *gcm = NULL;
	uint8_t aad[CRYPTO_SHA256_SIZE];
	int r;

	r = crypto_sha256(guard->crypto, m->bytes, m->len, aad);
	if (r < 0)
		return r;
	r = gcm_new(&agreement->key, &gcm);
	if (r < 0)
		return r;
	r = gcm_open(gcm, claim->nonce->data, aad, sizeof(aad), payload->data,
		payload->len, claim->tag->data, genuine->payload);

	return r == CRYPTO_E_FORGED ? MESSAGE_FAULT(INVALID_SIGNATURE) : r;
}

static int check_hmac(const struct guard *guard,
	const struct agreement *agreement, const struct claim *claim,
	const struct metadata *m, const ProtobufCBinaryData *payload,
	struct genuine *genuine)
{
	uint8_t tag[CRYPTO_SHA256_SIZE];
	int r;

	r = crypto_hmac(guard->crypto, agreement->command_key.bytes,
		sizeof(agreement->command_key.bytes), m->bytes, m->len,
		payload->data, payload->len, tag);
	if (r < 0)
		return r;
	if (!secret_equal(tag, claim->tag->data, sizeof(tag)))
		return MESSAGE_FAULT(INVALID_SIGNATURE);

	if (payload->len > 0)
		memcpy(genuine->payload, payload->data, payload->len);
	return 0;
}

int guard_judge(const struct guard *guard, const struct domain *domain,
	uint64_t now_ms, const struct count *count,
	const struct agreement *agreement,
	const UniversalMessage__RoutableMessage *message, struct genuine *ret)
{
	const ProtobufCBinaryData *payload =
		&message->protobuf_message_as_bytes;
	struct genuine genuine = { 0 };
	struct metadata m;
	struct claim claim;
	size_t hash_len;
	int r;

	r = read_claim(message, &claim);
	if (r != 0)
		return r;
	if (message->payload_case !=
			UNIVERSAL_MESSAGE__ROUTABLE_MESSAGE__PAYLOAD_PROTOBUF_MESSAGE_AS_BYTES ||
		payload->len > sizeof(genuine.payload))
		return MESSAGE_FAULT(BAD_PARAMETER);
	if (claim.nonce != NULL && claim.nonce->len != CRYPTO_NONCE_SIZE)
		return MESSAGE_FAULT(IV_INCORRECT_LENGTH);

	r = judge_time(domain, domain_clock(domain, now_ms), count, &claim);
	if (r != 0)
		return r;

	if (claim.tag->len != claim.tag_len)
		return MESSAGE_FAULT(INVALID_SIGNATURE);
	write_metadata(guard, domain, &claim, message->flags, &m);
	r = claim.nonce != NULL
		    ? open_gcm(guard, agreement, &claim, &m, payload, &genuine)
		    : check_hmac(
			      guard, agreement, &claim, &m, payload, &genuine);
	if (r != 0)
		return r;

	/* Last, so that only the key's owner learns where the count is. */
	if (!count_allows(count, claim.counter, domain_is_vcsec(domain)))
		return MESSAGE_FAULT(INVALID_TOKEN_OR_COUNTER);

	/* What its answers are tied to: vehicle-protocol 3.6. */
	hash_len = 1 + claim.tag_len;
	if (domain_is_vcsec(domain) && hash_len > REQUEST_HASH_VCSEC)
		hash_len = REQUEST_HASH_VCSEC;
	genuine.request_hash[0] = claim.type;
	memcpy(genuine.request_hash + 1, claim.tag->data, hash_len - 1);
	genuine.request_hash_len = hash_len;
	genuine.counter = claim.counter;
	genuine.payload_len = payload->len;
	*ret = genuine;
	return 0;
}
