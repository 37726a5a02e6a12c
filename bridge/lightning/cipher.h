/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Cipher - what BOLT 8 is made of: secp256k1, SHA-256, HKDF, ChaCha20-Poly1305
 *
 * The only file of bridge/lightning that knows libsecp256k1 and OpenSSL; also
 * used by the simulated node.  Negative errno from any of these means that
 * OpenSSL is out of memory or broken; the outputs are then unspecified.
 *
 * Spec: lightning 5 ("BOLT8").
 */

#include <stddef.h>
#include <stdint.h>

#include "util/macro.h"
#include "util/secret.h"

enum {
	CIPHER_POINT_SIZE = 33, /* compressed */
	CIPHER_HASH_SIZE = 32,
	CIPHER_TAG_SIZE = 16,
};

enum {
	_CIPHER_E_SUCCESS,

	CIPHER_E_KEY,    /* zero, or beyond the order of the curve */
	CIPHER_E_POINT,  /* these bytes are no point of the curve */
	CIPHER_E_FORGED, /* the tag does not verify */
};

/* Fetched algorithms and reusable contexts; one per connection. */
struct cipher;

/* @seed: random, blinds what is computed with private keys. */
int cipher_new(const struct secret32 *seed, struct cipher **ret) _must_use_;
struct cipher *cipher_free(struct cipher *cipher);

/* The public half of @key.  Returns 0 or CIPHER_E_KEY. */
int cipher_public(struct cipher *cipher, const struct secret32 *key,
	uint8_t ret[static CIPHER_POINT_SIZE]) _must_use_;

/* SHA-256 of the shared point.  Returns 0, CIPHER_E_POINT, CIPHER_E_KEY. */
int cipher_agree(struct cipher *cipher, const struct secret32 *key,
	const uint8_t point[static CIPHER_POINT_SIZE],
	struct secret32 *ret) _must_use_;

/* SHA-256 over @a, then @b (which may be empty). */
int cipher_hash(struct cipher *cipher, const void *a, size_t a_len,
	const void *b, size_t b_len,
	uint8_t ret[static CIPHER_HASH_SIZE]) _must_use_;

/*
 * HKDF-SHA-256 with an empty info: 64 bytes, in halves.  @salt may be one of
 * the outputs; @material may be NULL, for none.
 */
int cipher_derive(struct cipher *cipher, const struct secret32 *salt,
	const struct secret32 *material, struct secret32 *ret_first,
	struct secret32 *ret_second) _must_use_;

/*
 * Encrypts @len bytes; @sealed has room for @len and CIPHER_TAG_SIZE more.
 */
int cipher_seal(struct cipher *cipher, const struct secret32 *key,
	uint64_t nonce, const void *aad, size_t aad_len, const uint8_t *plain,
	size_t len, uint8_t *sealed) _must_use_;

/*
 * Decrypts @len bytes, of which the last CIPHER_TAG_SIZE are the tag; @plain
 * has room for the rest.  Returns 0, CIPHER_E_FORGED (then @plain is wiped),
 * or negative errno.
 */
int cipher_open(struct cipher *cipher, const struct secret32 *key,
	uint64_t nonce, const void *aad, size_t aad_len, const uint8_t *sealed,
	size_t len, uint8_t *plain) _must_use_;

DEFINE_CLEANUP(struct cipher *, cipher_free);
