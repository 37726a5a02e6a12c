/* SPDX-License-Identifier: MIT */

#include "domain.h"

#include <string.h>

#include "signatures.pb-c.h"
#include "vehicle/metadata.h"

#define TAG(name) SIGNATURES__TAG__TAG_##name

enum {
	/* A car has been up for some minutes when somebody comes along. */
	CLOCK_FIRST_MIN_S = 100,
	CLOCK_FIRST_SPAN_S = 4096,
};

int domain_restart(
	struct domain *domain, uint64_t now_ms, random_t random, void *userdata)
{
	uint8_t bytes[EPOCH_SIZE + 2];
	int r;

	/* The last two bytes are for the clock. */
	r = random(userdata, bytes, sizeof(bytes));
	if (r < 0)
		return r;

	memcpy(domain->epoch, bytes, EPOCH_SIZE);
	domain->clock_ms = now_ms;
	domain->clock_s =
		CLOCK_FIRST_MIN_S +
		(uint32_t)(bytes[EPOCH_SIZE] << 8 | bytes[EPOCH_SIZE + 1]) %
			CLOCK_FIRST_SPAN_S;
	return 0;
}

int domain_init(struct domain *domain, UniversalMessage__Domain id,
	struct signer *signer, uint64_t now_ms, random_t random, void *userdata)
{
	*domain = (struct domain){ .id = id, .signer = signer };
	signer_public(signer, domain->public);

	return domain_restart(domain, now_ms, random, userdata);
}

void domain_deinit(struct domain *domain)
{
	domain->signer = signer_free(domain->signer);
}

bool domain_is_vcsec(const struct domain *domain)
{
	return domain->id == UNIVERSAL_MESSAGE__DOMAIN__DOMAIN_VEHICLE_SECURITY;
}

const char *domain_name(const struct domain *domain)
{
	return domain_is_vcsec(domain) ? "vcsec" : "infotainment";
}

uint32_t domain_clock(const struct domain *domain, uint64_t now_ms)
{
	return domain->clock_s + (uint32_t)((now_ms - domain->clock_ms) / 1000);
}

struct count *domain_count(const struct domain *domain, struct key *key)
{
	return domain_is_vcsec(domain) ? &key->vcsec : &key->infotainment;
}

int domain_agree(const struct domain *domain, struct crypto *crypto,
	const uint8_t peer[DEED_KEY_SIZE], struct agreement *ret)
{
	static const char label[] = "authenticated command";
	_cleanup_(secret32_wipep) struct secret32 shared = { { 0 } };
	_cleanup_(agreement_wipep) struct agreement agreement = { 0 };
	int r;

	r = signer_agree(domain->signer, peer, &shared);
	if (r != 0)
		return r;
	r = crypto_derive(crypto, &shared, &agreement.key, &agreement.info_key);
	if (r < 0)
		return r;
	r = crypto_hmac(crypto, agreement.key.bytes,
		sizeof(agreement.key.bytes), label, strlen(label), NULL, 0,
		agreement.command_key.bytes);
	if (r < 0)
		return r;

	*ret = agreement;
	return 0;
}

size_t domain_session_info(const struct domain *domain, uint64_t now_ms,
	uint32_t counter, uint32_t slot, uint8_t ret[SESSION_INFO_MAX])
{
	Signatures__SessionInfo info = SIGNATURES__SESSION_INFO__INIT;
	uint8_t public[SIGNER_PUBLIC_SIZE], epoch[EPOCH_SIZE];

	/* protobuf-c has no const. */
	memcpy(public, domain->public, sizeof(public));
	memcpy(epoch, domain->epoch, sizeof(epoch));
	info.counter = counter;
	info.public_key = (ProtobufCBinaryData){ sizeof(public), public };
	info.epoch = (ProtobufCBinaryData){ sizeof(epoch), epoch };
	info.clock_time = domain_clock(domain, now_ms);
	/* Slot 0 is thereby left out, as appendix C has it. */
	info.handle = slot;

	return signatures__session_info__pack(&info, ret);
}

size_t domain_no_session_info(uint8_t ret[SESSION_INFO_MAX])
{
	Signatures__SessionInfo info = SIGNATURES__SESSION_INFO__INIT;

	info.status =
		SIGNATURES__SESSION__INFO__STATUS__SESSION_INFO_STATUS_KEY_NOT_ON_WHITELIST;

	return signatures__session_info__pack(&info, ret);
}

int domain_tag_info(struct crypto *crypto, const struct agreement *agreement,
	const char *vin, const uint8_t *challenge, size_t challenge_len,
	const uint8_t *info, size_t info_len, uint8_t ret[CRYPTO_SHA256_SIZE])
{
	struct metadata m;

	metadata_init(&m);
	metadata_add_u8(&m, TAG(SIGNATURE_TYPE),
		SIGNATURES__SIGNATURE_TYPE__SIGNATURE_TYPE_HMAC);
	metadata_add(&m, TAG(PERSONALIZATION), vin, strlen(vin));
	/* The uuid of the very request: an old answer does not verify. */
	metadata_add(&m, TAG(CHALLENGE), challenge, challenge_len);
	metadata_end(&m);

	return crypto_hmac(crypto, agreement->info_key.bytes,
		sizeof(agreement->info_key.bytes), m.bytes, m.len, info,
		info_len, ret);
}
