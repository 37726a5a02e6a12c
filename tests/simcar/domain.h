/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Domains - the two computers that a client talks to
 *
 * Each has a key pair, an epoch and a clock of its own: vehicle-protocol 2.3.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "keys/signer.h"
#include "universal_message.pb-c.h"
#include "util/macro.h"
#include "util/secret.h"
#include "vehicle/crypto.h"
#include "whitelist.h"

enum {
	EPOCH_SIZE = 16,
	SESSION_INFO_MAX = 160,
};

/* Fills @len random bytes.  Returns 0 or negative errno. */
typedef int (*random_t)(void *userdata, uint8_t *ret, size_t len);

struct domain {
	UniversalMessage__Domain id;
	struct signer *signer;
	uint8_t public[SIGNER_PUBLIC_SIZE];
	uint8_t epoch[EPOCH_SIZE];
	/* The clock shows @clock_s at @clock_ms of CLOCK_BOOTTIME. */
	uint64_t clock_ms;
	uint32_t clock_s;
};

/* The keys that a domain shares with a client's key. */
struct agreement {
	struct secret16 key;
	struct secret32 info_key;
	struct secret32 command_key;
};

/* Begins the first epoch.  Takes over @signer. */
int domain_init(struct domain *domain, UniversalMessage__Domain id,
	struct signer *signer, uint64_t now_ms, random_t random,
	void *userdata) _must_use_;

void domain_deinit(struct domain *domain);

/* Begins a new epoch, at a clock of a few random minutes. */
int domain_restart(struct domain *domain, uint64_t now_ms, random_t random,
	void *userdata) _must_use_;

/* "vcsec" or "infotainment" */
const char *domain_name(const struct domain *domain);

/* VCSEC wants counters in strict order, infotainment has a window. */
bool domain_is_vcsec(const struct domain *domain);

/* Seconds of the domain's clock. */
uint32_t domain_clock(const struct domain *domain, uint64_t now_ms);

/* What @key has counted in this domain. */
struct count *domain_count(const struct domain *domain, struct key *key);

/* Returns 0, SIGNER_E_POINT, or negative errno. */
int domain_agree(const struct domain *domain, struct crypto *crypto,
	const uint8_t peer[DEED_KEY_SIZE], struct agreement *ret) _must_use_;

/*
 * Writes Signatures.SessionInfo for the key in @slot, which has counted to
 * @counter.
 */
size_t domain_session_info(const struct domain *domain, uint64_t now_ms,
	uint32_t counter, uint32_t slot, uint8_t ret[SESSION_INFO_MAX]);

/* Writes the SessionInfo that a key gets which is not on the whitelist. */
size_t domain_no_session_info(uint8_t ret[SESSION_INFO_MAX]);

/* The tag over @info as the answer to @challenge: vehicle-protocol 3.3. */
int domain_tag_info(struct crypto *crypto, const struct agreement *agreement,
	const char *vin, const uint8_t *challenge, size_t challenge_len,
	const uint8_t *info, size_t info_len,
	uint8_t ret[CRYPTO_SHA256_SIZE]) _must_use_;

static inline void agreement_wipep(struct agreement *agreement)
{
	secret_wipe(agreement, sizeof(*agreement));
}
