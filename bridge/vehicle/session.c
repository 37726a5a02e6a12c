/* SPDX-License-Identifier: MIT */

#include "vehicle/session.h"

#include <string.h>

#include "signatures.pb-c.h"
#include "vehicle/metadata.h"

#define TAG(name) SIGNATURES__TAG__TAG_##name
#define TYPE(name) SIGNATURES__SIGNATURE_TYPE__SIGNATURE_TYPE_##name

/* The keys that the agreement with one public key of the car yields. */
struct agreed {
	struct gcm *gcm;
	struct secret32 info_key;
};

static void agreed_wipep(struct agreed *agreed)
{
	(void)gcm_free(agreed->gcm);
	secret32_wipep(&agreed->info_key);
}

void session_init(struct session *session, struct crypto *crypto,
	const struct signer *signer, const char *vin, enum domain domain)
{
	*session = (struct session){
		.crypto = crypto,
		.signer = signer,
		.vin = vin,
		.domain = domain,
	};
}

void session_deinit(struct session *session)
{
	session->gcm = gcm_free(session->gcm);
	session->is_up = false;
	secret32_wipep(&session->info_key);
}

static int agree(const struct session *session,
	const uint8_t car_public[static SIGNER_PUBLIC_SIZE], struct agreed *ret)
{
	_cleanup_(secret32_wipep) struct secret32 shared = { 0 };
	_cleanup_(secret16_wipep) struct secret16 key = { 0 };
	int r;

	r = signer_agree(session->signer, car_public, &shared);
	if (r == SIGNER_E_POINT)
		return SESSION_E_MALFORMED;
	if (r == 0)
		r = crypto_derive(
			session->crypto, &shared, &key, &ret->info_key);
	if (r == 0)
		r = gcm_new(&key, &ret->gcm);

	return err_fold(r);
}

/* Spec: vehicle-protocol 3.3, step 3. */
static int verify_info(const struct session *session,
	const struct secret32 *info_key,
	const uint8_t uuid[static ROUTABLE_ID_SIZE], struct view info,
	struct view tag)
{
	uint8_t expected[CRYPTO_SHA256_SIZE];
	struct metadata metadata;
	int r;

	metadata_init(&metadata);
	metadata_add_u8(&metadata, TAG(SIGNATURE_TYPE), TYPE(HMAC));
	metadata_add(&metadata, TAG(PERSONALIZATION), session->vin,
		strlen(session->vin));
	metadata_add(&metadata, TAG(CHALLENGE), uuid, ROUTABLE_ID_SIZE);
	metadata_end(&metadata);

	r = crypto_hmac(session->crypto, info_key->bytes,
		sizeof(info_key->bytes), metadata.bytes, metadata.len,
		info.data, info.len, expected);
	if (r < 0)
		return r;

	return tag.len == sizeof(expected) &&
			       secret_equal(tag.data, expected, tag.len)
		       ? 0
		       : SESSION_E_FORGED;
}

static void take_over(struct session *session, uint64_t now_ms,
	const Signatures__SessionInfo *info)
{
	memcpy(session->epoch, info->epoch.data, sizeof(session->epoch));
	/*
	 * Never down, not even in a new epoch: any larger counter will do,
	 * and a request that is still under way must not meet its like.
	 */
	if (info->counter > session->counter)
		session->counter = info->counter;
	session->clock_s = info->clock_time;
	session->zero_ms = (int64_t)now_ms - (int64_t)info->clock_time * 1000;
	session->told_ms = now_ms;
	session->is_up = true;
}

int session_update(struct session *session, struct arena *arena,
	uint64_t now_ms, uint64_t age_ms,
	const uint8_t uuid[static ROUTABLE_ID_SIZE], struct view info,
	struct view tag)
{
	_cleanup_(agreed_wipep) struct agreed agreed = { 0 };
	const struct secret32 *info_key = &session->info_key;
	const Signatures__SessionInfo *told;
	int r;

	told = unpack(arena, &signatures__session_info__descriptor, info.data,
		info.len);
	if (told == NULL)
		return SESSION_E_MALFORMED;
	/* Comes without a tag: there may be no key to make one with. */
	if (told->status !=
		SIGNATURES__SESSION__INFO__STATUS__SESSION_INFO_STATUS_OK)
		return SESSION_E_NOT_PAIRED;
	if (told->public_key.len != SIGNER_PUBLIC_SIZE ||
		told->epoch.len != ROUTABLE_EPOCH_SIZE)
		return SESSION_E_MALFORMED;
	if (age_ms > SESSION_INFO_MAX_AGE_MS)
		return SESSION_E_STALE;

	/*
	 * The key that verifies comes with what it verifies, so a first
	 * session trusts whoever answers; from then on, only that car.
	 */
	if (session->gcm == NULL) {
		r = agree(session, told->public_key.data, &agreed);
		if (r != 0)
			return r;
		info_key = &agreed.info_key;
	} else if (memcmp(told->public_key.data, session->car_public,
			   SIGNER_PUBLIC_SIZE) != 0) {
		return SESSION_E_OTHER_KEY;
	}

	r = verify_info(session, info_key, uuid, info, tag);
	if (r != 0)
		return r;
	if (session->gcm != NULL && told->clock_time < session->clock_s &&
		memcmp(told->epoch.data, session->epoch, ROUTABLE_EPOCH_SIZE) ==
			0)
		return SESSION_E_STALE;

	if (session->gcm == NULL) {
		session->gcm = steal_ptr(&agreed.gcm);
		session->info_key = agreed.info_key;
		memcpy(session->car_public, told->public_key.data,
			SIGNER_PUBLIC_SIZE);
	}
	take_over(session, now_ms, told);
	return 0;
}

/* Seconds of the car's clock at which a request of now ends. */
static uint32_t expiry(
	const struct session *session, uint64_t now_ms, uint64_t lifetime_ms)
{
	int64_t clock_ms = (int64_t)now_ms - session->zero_ms;

	if (lifetime_ms > SESSION_LIFETIME_MS)
		lifetime_ms = SESSION_LIFETIME_MS;
	if (lifetime_ms < SESSION_LIFETIME_MIN_MS)
		lifetime_ms = SESSION_LIFETIME_MIN_MS;

	return (uint32_t)((clock_ms + (int64_t)lifetime_ms) / 1000);
}

static void seal_metadata(const struct session *session,
	const struct seal *seal, uint32_t flags, struct metadata *ret)
{
	metadata_init(ret);
	metadata_add_u8(ret, TAG(SIGNATURE_TYPE), TYPE(AES_GCM_PERSONALIZED));
	metadata_add_u8(ret, TAG(DOMAIN), (uint8_t)session->domain);
	metadata_add(
		ret, TAG(PERSONALIZATION), session->vin, strlen(session->vin));
	metadata_add(ret, TAG(EPOCH), seal->epoch, sizeof(seal->epoch));
	metadata_add_u32(ret, TAG(EXPIRES_AT), seal->expires_at);
	metadata_add_u32(ret, TAG(COUNTER), seal->counter);
	if (flags != 0)
		metadata_add_u32(ret, TAG(FLAGS), flags);
	metadata_end(ret);
}

/* Spec: vehicle-protocol 3.4. */
int session_seal(struct session *session, uint64_t now_ms, uint64_t lifetime_ms,
	uint32_t flags, const uint8_t nonce[static CRYPTO_NONCE_SIZE],
	uint8_t *text, size_t len, struct seal *ret)
{
	uint8_t aad[CRYPTO_SHA256_SIZE];
	struct metadata metadata;
	struct seal seal;
	int r;

	/* The highest number is never used. */
	if (session->counter >= UINT32_MAX - 1)
		return SESSION_E_EXHAUSTED;

	memcpy(seal.epoch, session->epoch, sizeof(seal.epoch));
	memcpy(seal.nonce, nonce, sizeof(seal.nonce));
	/* Used up even if sealing fails: a hole in the row does no harm. */
	seal.counter = ++session->counter;
	seal.expires_at = expiry(session, now_ms, lifetime_ms);

	seal_metadata(session, &seal, flags, &metadata);
	r = crypto_sha256(session->crypto, metadata.bytes, metadata.len, aad);
	if (r == 0)
		r = gcm_seal(session->gcm, nonce, aad, sizeof(aad), text, len,
			text, seal.tag);
	if (r < 0)
		return r;

	*ret = seal;
	return 0;
}

/* Spec: vehicle-protocol 3.6. */
int session_open(struct session *session, const struct seal *request,
	const struct routable *message, uint8_t *ret)
{
	uint8_t hash[SESSION_REQUEST_HASH_SIZE] = { TYPE(
		AES_GCM_PERSONALIZED) };
	uint8_t aad[CRYPTO_SHA256_SIZE];
	struct metadata metadata;
	int r;

	if (message->nonce.len != CRYPTO_NONCE_SIZE ||
		message->tag.len != CRYPTO_TAG_SIZE)
		return SESSION_E_FORGED;

	memcpy(hash + 1, request->tag, sizeof(request->tag));
	metadata_init(&metadata);
	metadata_add_u8(&metadata, TAG(SIGNATURE_TYPE), TYPE(AES_GCM_RESPONSE));
	metadata_add_u8(&metadata, TAG(DOMAIN), message->from);
	metadata_add(&metadata, TAG(PERSONALIZATION), session->vin,
		strlen(session->vin));
	metadata_add_u32(&metadata, TAG(COUNTER), message->counter);
	metadata_add_u32(&metadata, TAG(FLAGS), message->flags);
	metadata_add(&metadata, TAG(REQUEST_HASH), hash, sizeof(hash));
	metadata_add_u32(&metadata, TAG(FAULT), message->fault);
	metadata_end(&metadata);

	r = crypto_sha256(session->crypto, metadata.bytes, metadata.len, aad);
	if (r == 0)
		r = gcm_open(session->gcm, message->nonce.data, aad,
			sizeof(aad), message->payload.data,
			message->payload.len, message->tag.data, ret);

	return r == CRYPTO_E_FORGED ? SESSION_E_FORGED : r;
}
