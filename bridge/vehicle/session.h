/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Session - authenticated state shared with one domain of the car
 *
 * Holds the agreed keys, epoch, counter and clock offset; seals requests and
 * opens answers.  Embedded; time comes in as a parameter.
 *
 * Spec: vehicle-protocol 3.3 to 3.7.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "keys/signer.h"
#include "util/macro.h"
#include "vehicle/crypto.h"
#include "vehicle/routable.h"
#include "vehicle/unpack.h"

enum {
	/* How old the request may be that session information answers. */
	SESSION_INFO_MAX_AGE_MS = 4000,
	/* How long a request is valid, unless its deadline is nearer. */
	SESSION_LIFETIME_MS = 5000,
	SESSION_LIFETIME_MIN_MS = 1000,
	/*
	 * How old the car's clock as told may be: two quartz clocks part by
	 * half a second in three hours, which VEHICLE_VALID_MS has room for.
	 */
	SESSION_CLOCK_MAX_MS = 3 * 60 * 60 * 1000,
	/* Signature type, then the tag of the request. */
	SESSION_REQUEST_HASH_SIZE = 1 + CRYPTO_TAG_SIZE,
};

enum {
	_SESSION_E_SUCCESS,

	SESSION_E_MALFORMED,  /* a field is missing or has a wrong size */
	SESSION_E_FORGED,     /* the tag does not verify */
	SESSION_E_STALE,      /* an answer too late, or a clock gone back */
	SESSION_E_OTHER_KEY,  /* the car had another key before */
	SESSION_E_NOT_PAIRED, /* the car does not know our key */
	SESSION_E_EXHAUSTED,  /* no counter is left in this epoch */
};

struct session {
	/* Borrowed. */
	struct crypto *crypto;
	const struct signer *signer;
	const char *vin;
	enum domain domain;

	/*
	 * Requests can be sealed.  What is below outlives a session that went
	 * down: the car's key is compared, counters never go back.
	 */
	bool is_up;
	struct gcm *gcm; /* NULL until the car's key is known */
	struct secret32 info_key;
	uint8_t car_public[SIGNER_PUBLIC_SIZE];

	uint8_t epoch[ROUTABLE_EPOCH_SIZE];
	uint32_t counter; /* the last one used */
	uint32_t clock_s; /* the car's clock as last told, this epoch */
	int64_t zero_ms;  /* our time when the car's clock was 0 */
	uint64_t told_ms; /* our time when that was told */
};

void session_init(struct session *session, struct crypto *crypto,
	const struct signer *signer, const char *vin, enum domain domain);

/* Wipes the keys. */
void session_deinit(struct session *session);

/*
 * Takes over session information that answers the request with @uuid, sent
 * @age_ms ago.  Returns 0, and the session is up; SESSION_E_MALFORMED,
 * _FORGED, _STALE, _OTHER_KEY, _NOT_PAIRED (which may be unproven), or
 * negative errno, and nothing has changed.
 */
int session_update(struct session *session, struct arena *arena,
	uint64_t now_ms, uint64_t age_ms,
	const uint8_t uuid[static ROUTABLE_ID_SIZE], struct view info,
	struct view tag) _must_use_;

/*
 * Seals @plaintext in place with the next counter.  Returns 0,
 * SESSION_E_EXHAUSTED, or negative errno.
 */
int session_seal(struct session *session, uint64_t now_ms, uint64_t lifetime_ms,
	uint32_t flags, const uint8_t nonce[static CRYPTO_NONCE_SIZE],
	uint8_t *text, size_t len, struct seal *ret) _must_use_;

/*
 * Opens the sealed answer @message to the request whose seal was @request.
 * @ret has room for its payload.  Returns 0, SESSION_E_FORGED, or negative
 * errno.
 */
int session_open(struct session *session, const struct seal *request,
	const struct routable *message, uint8_t *ret) _must_use_;
