/* SPDX-License-Identifier: MIT */

#include "vehicle/crypto.h"

#include <limits.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

/*
 * OpenSSL 3 looks an algorithm up by name each time a legacy getter such as
 * EVP_sha256() is used, which costs more than hashing a message of ours:
 * fetch once, reuse the contexts.
 */
struct crypto {
	EVP_MD *sha1;
	EVP_MD *sha256;
	EVP_MD_CTX *digest;
	EVP_MAC *hmac;
	EVP_MAC_CTX *mac;
};

struct gcm {
	EVP_CIPHER_CTX *seal;
	EVP_CIPHER_CTX *open;
};

DEFINE_CLEANUP(EVP_CIPHER *, EVP_CIPHER_free);

/* The little that can fail below is memory; nothing else is told apart. */
static int openssl_error(void)
{
	return -ENOMEM;
}

int crypto_new(struct crypto **ret)
{
	_cleanup_(crypto_freep) struct crypto *crypto = NULL;
	char digest[] = "SHA256";
	const OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(
			OSSL_MAC_PARAM_DIGEST, digest, 0),
		OSSL_PARAM_construct_end(),
	};

	crypto = calloc(1, sizeof(*crypto));
	if (crypto == NULL)
		return -ENOMEM;

	crypto->sha1 = EVP_MD_fetch(NULL, "SHA1", NULL);
	crypto->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	crypto->digest = EVP_MD_CTX_new();
	crypto->hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	if (crypto->sha1 == NULL || crypto->sha256 == NULL ||
		crypto->digest == NULL || crypto->hmac == NULL)
		return openssl_error();
	crypto->mac = EVP_MAC_CTX_new(crypto->hmac);
	if (crypto->mac == NULL ||
		EVP_MAC_CTX_set_params(crypto->mac, params) != 1)
		return openssl_error();

	*ret = steal_ptr(&crypto);
	return 0;
}

struct crypto *crypto_free(struct crypto *crypto)
{
	if (crypto == NULL)
		return NULL;

	EVP_MAC_CTX_free(crypto->mac);
	EVP_MAC_free(crypto->hmac);
	EVP_MD_CTX_free(crypto->digest);
	EVP_MD_free(crypto->sha256);
	EVP_MD_free(crypto->sha1);
	free(crypto);
	return NULL;
}

static int digest(struct crypto *crypto, const EVP_MD *md, const void *data,
	size_t len, uint8_t *ret)
{
	if (EVP_DigestInit_ex2(crypto->digest, md, NULL) != 1 ||
		EVP_DigestUpdate(crypto->digest, data, len) != 1 ||
		EVP_DigestFinal_ex(crypto->digest, ret, NULL) != 1)
		return openssl_error();

	return 0;
}

int crypto_sha1(struct crypto *crypto, const void *data, size_t len,
	uint8_t ret[static CRYPTO_SHA1_SIZE])
{
	return digest(crypto, crypto->sha1, data, len, ret);
}

int crypto_sha256(struct crypto *crypto, const void *data, size_t len,
	uint8_t ret[static CRYPTO_SHA256_SIZE])
{
	return digest(crypto, crypto->sha256, data, len, ret);
}

int crypto_hmac(struct crypto *crypto, const void *key, size_t key_len,
	const void *a, size_t a_len, const void *b, size_t b_len,
	uint8_t ret[static CRYPTO_SHA256_SIZE])
{
	size_t len;

	if (EVP_MAC_init(crypto->mac, key, key_len, NULL) != 1 ||
		EVP_MAC_update(crypto->mac, a, a_len) != 1 ||
		EVP_MAC_update(crypto->mac, b, b_len) != 1 ||
		EVP_MAC_final(crypto->mac, ret, &len, CRYPTO_SHA256_SIZE) != 1)
		return openssl_error();

	return 0;
}

/* Spec: vehicle-protocol 3.1. */
int crypto_derive(struct crypto *crypto, const struct secret32 *shared,
	struct secret16 *ret_key, struct secret32 *ret_info_key)
{
	static const char label[] = "session info";
	uint8_t hash[CRYPTO_SHA1_SIZE];
	int r;

	r = crypto_sha1(crypto, shared->bytes, sizeof(shared->bytes), hash);
	if (r == 0)
		r = crypto_hmac(crypto, hash, sizeof(ret_key->bytes), label,
			strlen(label), NULL, 0, ret_info_key->bytes);
	if (r == 0)
		memcpy(ret_key->bytes, hash, sizeof(ret_key->bytes));

	secret_wipe(hash, sizeof(hash));
	return r;
}

int gcm_new(const struct secret16 *key, struct gcm **ret)
{
	_cleanup_(gcm_freep) struct gcm *gcm = NULL;
	_cleanup_(EVP_CIPHER_freep) EVP_CIPHER *cipher = NULL;

	gcm = calloc(1, sizeof(*gcm));
	if (gcm == NULL)
		return -ENOMEM;

	cipher = EVP_CIPHER_fetch(NULL, "AES-128-GCM", NULL);
	gcm->seal = EVP_CIPHER_CTX_new();
	gcm->open = EVP_CIPHER_CTX_new();
	if (cipher == NULL || gcm->seal == NULL || gcm->open == NULL ||
		EVP_EncryptInit_ex2(
			gcm->seal, cipher, key->bytes, NULL, NULL) != 1 ||
		EVP_DecryptInit_ex2(
			gcm->open, cipher, key->bytes, NULL, NULL) != 1)
		return openssl_error();

	*ret = steal_ptr(&gcm);
	return 0;
}

/* EVP_CIPHER_CTX_free() wipes the key schedules. */
struct gcm *gcm_free(struct gcm *gcm)
{
	if (gcm == NULL)
		return NULL;

	EVP_CIPHER_CTX_free(gcm->seal);
	EVP_CIPHER_CTX_free(gcm->open);
	free(gcm);
	return NULL;
}

int gcm_seal(struct gcm *gcm, const uint8_t nonce[static CRYPTO_NONCE_SIZE],
	const void *aad, size_t aad_len, const uint8_t *plaintext, size_t len,
	uint8_t *ciphertext, uint8_t ret_tag[static CRYPTO_TAG_SIZE])
{
	EVP_CIPHER_CTX *ctx = gcm->seal;
	int n;

	if (aad_len > INT_MAX || len > INT_MAX)
		return -EOVERFLOW;

	/* An update without an output is taken as more AAD: never one of 0. */
	if (EVP_EncryptInit_ex2(ctx, NULL, NULL, nonce, NULL) != 1 ||
		EVP_EncryptUpdate(ctx, NULL, &n, aad, (int)aad_len) != 1 ||
		(len > 0 && EVP_EncryptUpdate(ctx, ciphertext, &n, plaintext,
				    (int)len) != 1) ||
		EVP_EncryptFinal_ex(ctx, ret_tag, &n) != 1 ||
		EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, CRYPTO_TAG_SIZE,
			ret_tag) != 1)
		return openssl_error();

	return 0;
}

int gcm_open(struct gcm *gcm, const uint8_t nonce[static CRYPTO_NONCE_SIZE],
	const void *aad, size_t aad_len, const uint8_t *ciphertext, size_t len,
	const uint8_t tag[static CRYPTO_TAG_SIZE], uint8_t *plaintext)
{
	EVP_CIPHER_CTX *ctx = gcm->open;
	uint8_t expected[CRYPTO_TAG_SIZE];
	uint8_t none[CRYPTO_TAG_SIZE];
	int n;

	if (aad_len > INT_MAX || len > INT_MAX)
		return -EOVERFLOW;

	memcpy(expected, tag, sizeof(expected));
	if (EVP_DecryptInit_ex2(ctx, NULL, NULL, nonce, NULL) != 1 ||
		EVP_DecryptUpdate(ctx, NULL, &n, aad, (int)aad_len) != 1 ||
		(len > 0 && EVP_DecryptUpdate(ctx, plaintext, &n, ciphertext,
				    (int)len) != 1) ||
		EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG,
			sizeof(expected), expected) != 1)
		return openssl_error();

	if (EVP_DecryptFinal_ex(ctx, none, &n) != 1) {
		if (len > 0)
			secret_wipe(plaintext, len);
		return CRYPTO_E_FORGED;
	}

	return 0;
}
