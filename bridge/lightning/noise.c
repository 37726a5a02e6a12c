/* SPDX-License-Identifier: MIT */

#include "lightning/noise.h"

#include <string.h>

#include "util/bytes.h"

enum {
	VERSION = 0,
	/* Two nonces a message: a new key every 500 of them, either way. */
	NONCES_PER_KEY = 1000,
};

/* One direction. */
struct half {
	struct secret32 chain;
	struct secret32 key;
	uint64_t nonce;
};

struct noise {
	struct cipher *cipher;
	struct noise_keys keys;
	uint8_t hash[CIPHER_HASH_SIZE]; /* h, of the handshake */
	struct secret32 chain;          /* ck */
	struct secret32 key;            /* temp_k of the act */
	struct half out, in;
};

static int mix_hash(struct noise *noise, const void *data, size_t len)
{
	return cipher_hash(noise->cipher, noise->hash, sizeof(noise->hash),
		data, len, noise->hash);
}

/* ECDH of one of our keys with @point goes into ck and temp_k. */
static int mix_key(struct noise *noise, const struct secret32 *own,
	const uint8_t point[static CIPHER_POINT_SIZE])
{
	_cleanup_(secret32_wipep) struct secret32 shared = { 0 };
	int r;

	r = cipher_agree(noise->cipher, own, point, &shared);
	if (r == CIPHER_E_POINT)
		return NOISE_E_POINT;
	if (r != 0)
		return NOISE_E_KEY;
	return cipher_derive(noise->cipher, &noise->chain, &shared,
		&noise->chain, &noise->key);
}

/* Seals @len bytes under temp_k, and takes note of what goes out. */
static int seal_and_mix(struct noise *noise, uint64_t nonce,
	const uint8_t *plain, size_t len, uint8_t *ret)
{
	int r;

	r = cipher_seal(noise->cipher, &noise->key, nonce, noise->hash,
		sizeof(noise->hash), plain, len, ret);
	return r == 0 ? mix_hash(noise, ret, len + CIPHER_TAG_SIZE) : r;
}

/* What both sides know before the first act. */
static int begin(struct noise *noise)
{
	static const char name[] = "Noise_XK_secp256k1_ChaChaPoly_SHA256";
	static const char prologue[] = "lightning";
	int r;

	r = cipher_hash(
		noise->cipher, name, strlen(name), NULL, 0, noise->hash);
	if (r != 0)
		return r;
	memcpy(noise->chain.bytes, noise->hash, sizeof(noise->chain.bytes));
	r = mix_hash(noise, prologue, strlen(prologue));
	if (r == 0)
		r = mix_hash(noise, noise->keys.node, sizeof(noise->keys.node));
	return r;
}

/* -> e, es */
static int write_act1(struct noise *noise, uint8_t ret[static NOISE_ACT1_SIZE])
{
	uint8_t *e = ret + 1, *tag = e + CIPHER_POINT_SIZE;
	int r;

	ret[0] = VERSION;
	if (cipher_public(noise->cipher, &noise->keys.ephemeral, e) != 0)
		return NOISE_E_KEY;
	r = mix_hash(noise, e, CIPHER_POINT_SIZE);
	if (r == 0)
		r = mix_key(noise, &noise->keys.ephemeral, noise->keys.node);
	if (r == NOISE_E_POINT)
		return NOISE_E_NODE;
	if (r == 0)
		r = seal_and_mix(noise, 0, NULL, 0, tag);
	return r;
}

int noise_new(const struct noise_keys *keys, struct noise **ret,
	uint8_t ret_act1[static NOISE_ACT1_SIZE])
{
	_cleanup_(noise_freep) struct noise *noise = NULL;
	uint8_t act1[NOISE_ACT1_SIZE];
	int r;

	noise = calloc(1, sizeof(*noise));
	if (noise == NULL)
		return -ENOMEM;
	noise->keys = *keys;
	r = cipher_new(&keys->seed, &noise->cipher);
	if (r == 0)
		r = begin(noise);
	if (r == 0)
		r = write_act1(noise, act1);
	if (r != 0)
		return r;

	memcpy(ret_act1, act1, sizeof(act1));
	*ret = steal_ptr(&noise);
	return 0;
}

struct noise *noise_free(struct noise *noise)
{
	if (noise == NULL)
		return NULL;

	(void)cipher_free(noise->cipher);
	secret_wipe(noise, sizeof(*noise));
	free(noise);
	return NULL;
}

/* <- e, ee */
static int read_act2(
	struct noise *noise, const uint8_t act2[static NOISE_ACT2_SIZE])
{
	const uint8_t *re = act2 + 1, *tag = re + CIPHER_POINT_SIZE;
	uint8_t none[1];
	int r;

	if (act2[0] != VERSION)
		return NOISE_E_VERSION;
	r = mix_hash(noise, re, CIPHER_POINT_SIZE);
	if (r == 0)
		r = mix_key(noise, &noise->keys.ephemeral, re);
	if (r != 0)
		return r;
	r = cipher_open(noise->cipher, &noise->key, 0, noise->hash,
		sizeof(noise->hash), tag, CIPHER_TAG_SIZE, none);
	if (r != 0)
		return r == CIPHER_E_FORGED ? NOISE_E_FORGED : r;
	return mix_hash(noise, tag, CIPHER_TAG_SIZE);
}

/* -> s, se */
static int write_act3(struct noise *noise, const uint8_t *re,
	uint8_t ret[static NOISE_ACT3_SIZE])
{
	uint8_t own[CIPHER_POINT_SIZE];
	uint8_t *sealed = ret + 1;
	uint8_t *tag = sealed + sizeof(own) + CIPHER_TAG_SIZE;
	int r;

	ret[0] = VERSION;
	if (cipher_public(noise->cipher, &noise->keys.own, own) != 0)
		return NOISE_E_KEY;
	r = seal_and_mix(noise, 1, own, sizeof(own), sealed);
	if (r == 0)
		r = mix_key(noise, &noise->keys.own, re);
	if (r == 0)
		r = seal_and_mix(noise, 0, NULL, 0, tag);
	return r;
}

int noise_answer(struct noise *noise,
	const uint8_t act2[static NOISE_ACT2_SIZE],
	uint8_t ret_act3[static NOISE_ACT3_SIZE])
{
	uint8_t act3[NOISE_ACT3_SIZE];
	int r;

	r = read_act2(noise, act2);
	if (r == 0)
		r = write_act3(noise, act2 + 1, act3);
	if (r == 0)
		r = cipher_derive(noise->cipher, &noise->chain, NULL,
			&noise->out.key, &noise->in.key);
	if (r != 0)
		return r;

	noise->out.chain = noise->in.chain = noise->chain;
	/* Nothing of the handshake is needed any more. */
	secret_wipe(&noise->keys, sizeof(noise->keys));
	secret_wipe(&noise->chain, sizeof(noise->chain));
	secret_wipe(&noise->key, sizeof(noise->key));
	memcpy(ret_act3, act3, sizeof(act3));
	return 0;
}

/* The nonce to use next, under a new key where the old one is used up. */
static int next_nonce(struct noise *noise, struct half *half, uint64_t *ret)
{
	int r;

	if (half->nonce == NONCES_PER_KEY) {
		r = cipher_derive(noise->cipher, &half->chain, &half->key,
			&half->chain, &half->key);
		if (r != 0)
			return r;
		half->nonce = 0;
	}

	*ret = half->nonce++;
	return 0;
}

static int seal(
	struct noise *noise, const uint8_t *plain, size_t len, uint8_t *ret)
{
	uint64_t nonce;
	int r;

	r = next_nonce(noise, &noise->out, &nonce);
	if (r != 0)
		return r;
	return cipher_seal(noise->cipher, &noise->out.key, nonce, NULL, 0,
		plain, len, ret);
}

int noise_seal(
	struct noise *noise, const uint8_t *message, size_t len, uint8_t *ret)
{
	uint8_t head[2];
	int r;

	if (len > NOISE_MESSAGE_MAX)
		return -EMSGSIZE;

	put_be16(head, (uint16_t)len);
	r = seal(noise, head, sizeof(head), ret);
	return r == 0 ? seal(noise, message, len, ret + NOISE_HEAD_SIZE) : r;
}

static int unseal(
	struct noise *noise, const uint8_t *sealed, size_t len, uint8_t *ret)
{
	uint64_t nonce;
	int r;

	r = next_nonce(noise, &noise->in, &nonce);
	if (r != 0)
		return r;
	r = cipher_open(noise->cipher, &noise->in.key, nonce, NULL, 0, sealed,
		len, ret);
	return r == CIPHER_E_FORGED ? NOISE_E_FORGED : r;
}

int noise_open_head(struct noise *noise,
	const uint8_t head[static NOISE_HEAD_SIZE], size_t *ret_len)
{
	uint8_t plain[2];
	int r;

	r = unseal(noise, head, NOISE_HEAD_SIZE, plain);
	if (r == 0)
		*ret_len = get_be16(plain);
	return r;
}

int noise_open_body(
	struct noise *noise, const uint8_t *sealed, size_t len, uint8_t *ret)
{
	return unseal(noise, sealed, len + CIPHER_TAG_SIZE, ret);
}
