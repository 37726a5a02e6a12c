/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Crypto - hashes, HMAC and AES-128-GCM by OpenSSL, contexts reused
 *
 * The only file of bridge/vehicle that knows OpenSSL; also used by the
 * simulated car.  Negative errno from any of these means that OpenSSL is out
 * of memory or broken; the outputs are then unspecified.
 */

#include <stddef.h>
#include <stdint.h>

#include "util/macro.h"
#include "util/secret.h"

enum {
	CRYPTO_SHA1_SIZE = 20,
	CRYPTO_SHA256_SIZE = 32,
	CRYPTO_NONCE_SIZE = 12,
	CRYPTO_TAG_SIZE = 16,
};

enum {
	_CRYPTO_E_SUCCESS,

	CRYPTO_E_FORGED, /* the tag does not verify */
};

/* Fetched algorithms and reusable contexts; one per engine. */
struct crypto;

int crypto_new(struct crypto **ret) _must_use_;
struct crypto *crypto_free(struct crypto *crypto);

int crypto_sha1(struct crypto *crypto, const void *data, size_t len,
	uint8_t ret[static CRYPTO_SHA1_SIZE]) _must_use_;

int crypto_sha256(struct crypto *crypto, const void *data, size_t len,
	uint8_t ret[static CRYPTO_SHA256_SIZE]) _must_use_;

/* HMAC-SHA256 over @a, then @b (which may be empty). */
int crypto_hmac(struct crypto *crypto, const void *key, size_t key_len,
	const void *a, size_t a_len, const void *b, size_t b_len,
	uint8_t ret[static CRYPTO_SHA256_SIZE]) _must_use_;

/*
 * The keys that one agreement yields: K = SHA-1(S)[0:16] encrypts commands,
 * HMAC-SHA256(K, "session info") authenticates session info.
 */
int crypto_derive(struct crypto *crypto, const struct secret32 *shared,
	struct secret16 *ret_key, struct secret32 *ret_info_key) _must_use_;

/* AES-128-GCM under one key, its schedule computed once. */
struct gcm;

int gcm_new(const struct secret16 *key, struct gcm **ret) _must_use_;
struct gcm *gcm_free(struct gcm *gcm);

/* @ciphertext has room for @len bytes and may be @plaintext. */
int gcm_seal(struct gcm *gcm, const uint8_t nonce[static CRYPTO_NONCE_SIZE],
	const void *aad, size_t aad_len, const uint8_t *plaintext, size_t len,
	uint8_t *ciphertext,
	uint8_t ret_tag[static CRYPTO_TAG_SIZE]) _must_use_;

/* Returns 0, CRYPTO_E_FORGED (then @plaintext is wiped), negative errno. */
int gcm_open(struct gcm *gcm, const uint8_t nonce[static CRYPTO_NONCE_SIZE],
	const void *aad, size_t aad_len, const uint8_t *ciphertext, size_t len,
	const uint8_t tag[static CRYPTO_TAG_SIZE],
	uint8_t *plaintext) _must_use_;

DEFINE_CLEANUP(struct crypto *, crypto_free);
DEFINE_CLEANUP(struct gcm *, gcm_free);
