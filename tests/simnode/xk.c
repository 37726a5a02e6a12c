/* SPDX-License-Identifier: MIT */

#include "xk.h"

#include <string.h>

/* h = SHA-256(h || data) */
static int hash_in(struct xk *xk, const uint8_t *data, size_t len)
{
	return cipher_hash(xk->cipher, xk->h, 32, data, len, xk->h);
}

/* ck, temp_k = HKDF(ck, ECDH(key, point)) */
static int agree(struct xk *xk, const struct secret32 *key,
	const uint8_t point[static CIPHER_POINT_SIZE])
{
	struct secret32 shared;
	int r;

	r = cipher_agree(xk->cipher, key, point, &shared);
	if (r != 0)
		return XK_E_POINT;
	r = cipher_derive(xk->cipher, &xk->ck, &shared, &xk->ck, &xk->temp);
	secret_wipe(&shared, sizeof(shared));
	return r;
}

/* Checks @len sealed bytes, the last thing of an act or before it. */
static int check(struct xk *xk, uint64_t nonce, const uint8_t *sealed,
	size_t len, uint8_t *plain)
{
	int r;

	r = cipher_open(
		xk->cipher, &xk->temp, nonce, xk->h, 32, sealed, len, plain);
	if (r != 0)
		return r < 0 ? r : XK_E_TAG;
	return hash_in(xk, sealed, len);
}

int xk_init(struct xk *xk, const struct secret32 *own,
	const struct secret32 *ephemeral)
{
	uint8_t point[CIPHER_POINT_SIZE];
	int r;

	*xk = (struct xk){ .own = *own, .ephemeral = *ephemeral };
	/* What is blinded here is not worth a seed. */
	r = cipher_new(ephemeral, &xk->cipher);
	if (r == 0 && cipher_public(xk->cipher, own, point) != 0)
		r = -EINVAL;
	if (r == 0)
		r = cipher_hash(xk->cipher,
			"Noise_XK_secp256k1_ChaChaPoly_SHA256", 36, "", 0,
			xk->h);
	if (r != 0)
		return r;

	memcpy(xk->ck.bytes, xk->h, 32);
	r = hash_in(xk, (const uint8_t *)"lightning", 9);
	return r == 0 ? hash_in(xk, point, sizeof(point)) : r;
}

void xk_deinit(struct xk *xk)
{
	(void)cipher_free(xk->cipher);
	secret_wipe(xk, sizeof(*xk));
}

int xk_act1(struct xk *xk, const uint8_t act1[static XK_ACT1_SIZE],
	uint8_t ret_act2[static XK_ACT2_SIZE])
{
	uint8_t nothing[1];
	int r;

	if (act1[0] != 0)
		return XK_E_VERSION;
	memcpy(xk->caller, act1 + 1, sizeof(xk->caller));
	r = hash_in(xk, act1 + 1, 33);
	if (r == 0)
		r = agree(xk, &xk->own, xk->caller);
	if (r == 0)
		r = check(xk, 0, act1 + 34, 16, nothing);
	if (r != 0)
		return r;

	ret_act2[0] = 0;
	r = cipher_public(xk->cipher, &xk->ephemeral, ret_act2 + 1);
	if (r != 0)
		return -EINVAL;
	r = hash_in(xk, ret_act2 + 1, 33);
	if (r == 0)
		r = agree(xk, &xk->ephemeral, xk->caller);
	if (r == 0)
		r = cipher_seal(xk->cipher, &xk->temp, 0, xk->h, 32, NULL, 0,
			ret_act2 + 34);
	return r == 0 ? hash_in(xk, ret_act2 + 34, 16) : r;
}

int xk_act3(struct xk *xk, const uint8_t act3[static XK_ACT3_SIZE])
{
	uint8_t nothing[1];
	int r;

	if (act3[0] != 0)
		return XK_E_VERSION;
	r = check(xk, 1, act3 + 1, 49, xk->caller);
	if (r == 0)
		r = agree(xk, &xk->ephemeral, xk->caller);
	if (r == 0)
		r = check(xk, 0, act3 + 50, 16, nothing);
	if (r == 0)
		r = cipher_derive(xk->cipher, &xk->ck, NULL, &xk->received_key,
			&xk->sent_key);
	xk->sent_chain = xk->received_chain = xk->ck;
	return r;
}

/* Takes a key anew after its thousandth use. */
static int rotate(struct xk *xk, struct secret32 *chain, struct secret32 *key,
	unsigned int *n)
{
	if (*n < 1000)
		return 0;
	*n = 0;
	return cipher_derive(xk->cipher, chain, key, chain, key);
}

static int seal_one(
	struct xk *xk, const uint8_t *plain, size_t len, uint8_t *ret)
{
	int r = rotate(xk, &xk->sent_chain, &xk->sent_key, &xk->n_sent);

	return r == 0 ? cipher_seal(xk->cipher, &xk->sent_key, xk->n_sent++,
				NULL, 0, plain, len, ret)
		      : r;
}

int xk_seal(struct xk *xk, const uint8_t *message, size_t len, uint8_t *ret)
{
	const uint8_t head[] = { (uint8_t)(len >> 8), (uint8_t)len };
	int r;

	r = seal_one(xk, head, sizeof(head), ret);
	return r == 0 ? seal_one(xk, message, len, ret + XK_HEAD_SIZE) : r;
}

static int open_one(
	struct xk *xk, const uint8_t *sealed, size_t len, uint8_t *plain)
{
	int r = rotate(
		xk, &xk->received_chain, &xk->received_key, &xk->n_received);

	if (r == 0)
		r = cipher_open(xk->cipher, &xk->received_key, xk->n_received++,
			NULL, 0, sealed, len, plain);
	return r > 0 ? XK_E_TAG : r;
}

int xk_open_head(
	struct xk *xk, const uint8_t head[static XK_HEAD_SIZE], size_t *ret_len)
{
	uint8_t plain[2];
	int r;

	r = open_one(xk, head, XK_HEAD_SIZE, plain);
	if (r == 0)
		*ret_len = (size_t)plain[0] << 8 | plain[1];
	return r;
}

int xk_open_body(struct xk *xk, uint8_t *body, size_t len)
{
	return open_one(xk, body, len + 16, body);
}
