/* SPDX-License-Identifier: MIT */

#include "lightning/cipher.h"

#include <limits.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <secp256k1.h>
#include <secp256k1_ecdh.h>

enum {
	NONCE_SIZE = 12,
};

/* As in vehicle/crypto.c: fetched once, contexts reused. */
struct cipher {
	secp256k1_context *curve;
	EVP_MD *sha256;
	EVP_MD_CTX *digest;
	EVP_MAC *hmac;
	EVP_MAC_CTX *mac;
	EVP_CIPHER *chacha;
	EVP_CIPHER_CTX *aead;
};

/* The little that can fail below is memory; nothing else is told apart. */
static int openssl_error(void)
{
	return -ENOMEM;
}

int cipher_new(const struct secret32 *seed, struct cipher **ret)
{
	_cleanup_(cipher_freep) struct cipher *cipher = NULL;
	char digest[] = "SHA256";
	const OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(
			OSSL_MAC_PARAM_DIGEST, digest, 0),
		OSSL_PARAM_construct_end(),
	};

	cipher = calloc(1, sizeof(*cipher));
	if (cipher == NULL)
		return -ENOMEM;

	cipher->curve = secp256k1_context_create(SECP256K1_CONTEXT_NONE);
	cipher->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	cipher->digest = EVP_MD_CTX_new();
	cipher->hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	cipher->chacha = EVP_CIPHER_fetch(NULL, "ChaCha20-Poly1305", NULL);
	cipher->aead = EVP_CIPHER_CTX_new();
	if (cipher->curve == NULL || cipher->sha256 == NULL ||
		cipher->digest == NULL || cipher->hmac == NULL ||
		cipher->chacha == NULL || cipher->aead == NULL)
		return openssl_error();
	if (secp256k1_context_randomize(cipher->curve, seed->bytes) != 1)
		return openssl_error();
	cipher->mac = EVP_MAC_CTX_new(cipher->hmac);
	if (cipher->mac == NULL ||
		EVP_MAC_CTX_set_params(cipher->mac, params) != 1)
		return openssl_error();

	*ret = steal_ptr(&cipher);
	return 0;
}

/* OpenSSL wipes what its contexts hold of keys. */
struct cipher *cipher_free(struct cipher *cipher)
{
	if (cipher == NULL)
		return NULL;

	EVP_CIPHER_CTX_free(cipher->aead);
	EVP_CIPHER_free(cipher->chacha);
	EVP_MAC_CTX_free(cipher->mac);
	EVP_MAC_free(cipher->hmac);
	EVP_MD_CTX_free(cipher->digest);
	EVP_MD_free(cipher->sha256);
	if (cipher->curve != NULL)
		secp256k1_context_destroy(cipher->curve);
	free(cipher);
	return NULL;
}

int cipher_public(struct cipher *cipher, const struct secret32 *key,
	uint8_t ret[static CIPHER_POINT_SIZE])
{
	secp256k1_pubkey point;
	size_t len = CIPHER_POINT_SIZE;

	if (secp256k1_ec_pubkey_create(cipher->curve, &point, key->bytes) != 1)
		return CIPHER_E_KEY;
	(void)secp256k1_ec_pubkey_serialize(
		cipher->curve, ret, &len, &point, SECP256K1_EC_COMPRESSED);
	return 0;
}

int cipher_agree(struct cipher *cipher, const struct secret32 *key,
	const uint8_t point[static CIPHER_POINT_SIZE], struct secret32 *ret)
{
	secp256k1_pubkey parsed;

	if (secp256k1_ec_pubkey_parse(
		    cipher->curve, &parsed, point, CIPHER_POINT_SIZE) != 1)
		return CIPHER_E_POINT;
	/* Its default is what BOLT 8 asks for: SHA-256 of the compressed. */
	if (secp256k1_ecdh(cipher->curve, ret->bytes, &parsed, key->bytes, NULL,
		    NULL) != 1)
		return CIPHER_E_KEY;
	return 0;
}

int cipher_hash(struct cipher *cipher, const void *a, size_t a_len,
	const void *b, size_t b_len, uint8_t ret[static CIPHER_HASH_SIZE])
{
	if (EVP_DigestInit_ex2(cipher->digest, cipher->sha256, NULL) != 1 ||
		EVP_DigestUpdate(cipher->digest, a, a_len) != 1 ||
		EVP_DigestUpdate(cipher->digest, b, b_len) != 1 ||
		EVP_DigestFinal_ex(cipher->digest, ret, NULL) != 1)
		return openssl_error();

	return 0;
}

static int hmac(struct cipher *cipher, const struct secret32 *key,
	const void *a, size_t a_len, uint8_t b, size_t b_len,
	struct secret32 *ret)
{
	size_t len;

	if (EVP_MAC_init(cipher->mac, key->bytes, sizeof(key->bytes), NULL) !=
			1 ||
		EVP_MAC_update(cipher->mac, a, a_len) != 1 ||
		EVP_MAC_update(cipher->mac, &b, b_len) != 1 ||
		EVP_MAC_final(
			cipher->mac, ret->bytes, &len, sizeof(ret->bytes)) != 1)
		return openssl_error();

	return 0;
}

/* RFC 5869: extract, then two blocks of expand. */
int cipher_derive(struct cipher *cipher, const struct secret32 *salt,
	const struct secret32 *material, struct secret32 *ret_first,
	struct secret32 *ret_second)
{
	static const uint8_t none[1];
	_cleanup_(secret32_wipep) struct secret32 extracted = { 0 };
	int r;

	r = material == NULL
		    ? hmac(cipher, salt, none, 0, 0, 0, &extracted)
		    : hmac(cipher, salt, material->bytes,
			      sizeof(material->bytes), 0, 0, &extracted);
	if (r == 0)
		r = hmac(cipher, &extracted, none, 0, 1, 1, ret_first);
	if (r == 0)
		r = hmac(cipher, &extracted, ret_first->bytes,
			sizeof(ret_first->bytes), 2, 1, ret_second);
	return r;
}

/* BOLT 8: 32 zero bits, then the nonce in little-endian. */
static void write_nonce(uint64_t nonce, uint8_t ret[static NONCE_SIZE])
{
	memset(ret, 0, NONCE_SIZE);
	for (size_t i = 4; i < NONCE_SIZE; i++, nonce >>= 8)
		ret[i] = (uint8_t)nonce;
}

int cipher_seal(struct cipher *cipher, const struct secret32 *key,
	uint64_t nonce, const void *aad, size_t aad_len, const uint8_t *plain,
	size_t len, uint8_t *sealed)
{
	EVP_CIPHER_CTX *ctx = cipher->aead;
	uint8_t iv[NONCE_SIZE];
	int n;

	if (aad_len > INT_MAX || len > INT_MAX)
		return -EOVERFLOW;

	write_nonce(nonce, iv);
	/* An update without an output is taken as more AAD: never one of 0. */
	if (EVP_EncryptInit_ex2(ctx, cipher->chacha, key->bytes, iv, NULL) !=
			1 ||
		(aad_len > 0 && EVP_EncryptUpdate(ctx, NULL, &n, aad,
					(int)aad_len) != 1) ||
		(len > 0 && EVP_EncryptUpdate(
				    ctx, sealed, &n, plain, (int)len) != 1) ||
		EVP_EncryptFinal_ex(ctx, sealed + len, &n) != 1 ||
		EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, CIPHER_TAG_SIZE,
			sealed + len) != 1)
		return openssl_error();

	return 0;
}

int cipher_open(struct cipher *cipher, const struct secret32 *key,
	uint64_t nonce, const void *aad, size_t aad_len, const uint8_t *sealed,
	size_t len, uint8_t *plain)
{
	EVP_CIPHER_CTX *ctx = cipher->aead;
	uint8_t iv[NONCE_SIZE], tag[CIPHER_TAG_SIZE], none[CIPHER_TAG_SIZE];
	int n;

	if (len < CIPHER_TAG_SIZE)
		return CIPHER_E_FORGED;
	len -= CIPHER_TAG_SIZE;
	if (aad_len > INT_MAX || len > INT_MAX)
		return -EOVERFLOW;

	write_nonce(nonce, iv);
	memcpy(tag, sealed + len, sizeof(tag));
	if (EVP_DecryptInit_ex2(ctx, cipher->chacha, key->bytes, iv, NULL) !=
			1 ||
		(aad_len > 0 && EVP_DecryptUpdate(ctx, NULL, &n, aad,
					(int)aad_len) != 1) ||
		(len > 0 && EVP_DecryptUpdate(
				    ctx, plain, &n, sealed, (int)len) != 1) ||
		EVP_CIPHER_CTX_ctrl(
			ctx, EVP_CTRL_AEAD_SET_TAG, sizeof(tag), tag) != 1)
		return openssl_error();
	if (EVP_DecryptFinal_ex(ctx, none, &n) != 1) {
		if (len > 0)
			secret_wipe(plain, len);
		return CIPHER_E_FORGED;
	}

	return 0;
}
