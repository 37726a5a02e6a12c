/* SPDX-License-Identifier: MIT */

#include "lightning/bolt8.h"

#include <string.h>

enum stage {
	STAGE_ACT2,
	STAGE_HEAD,
	STAGE_BODY,
};

struct bolt8 {
	struct noise *noise;
	enum stage stage;

	/* What is being read has @want bytes, of which @have came. */
	uint8_t first[NOISE_ACT2_SIZE]; /* act two, or a head */
	uint8_t *body;                  /* with its tag; the last one stays */
	size_t want;
	size_t have;

	uint8_t *out;
	size_t out_len;
};

_Static_assert(NOISE_HEAD_SIZE <= NOISE_ACT2_SIZE, "a head has its room");

static int queue(struct bolt8 *bolt8, size_t len, uint8_t **ret)
{
	uint8_t *out;

	if (len > BOLT8_OUT_MAX - bolt8->out_len)
		return BOLT8_E_FULL;
	out = realloc(bolt8->out, bolt8->out_len + len);
	if (out == NULL)
		return -ENOMEM;

	bolt8->out = out;
	*ret = out + bolt8->out_len;
	return 0;
}

int bolt8_new(const struct noise_keys *keys, struct bolt8 **ret)
{
	_cleanup_(bolt8_freep) struct bolt8 *bolt8 = NULL;
	uint8_t *act1;
	int r;

	bolt8 = calloc(1, sizeof(*bolt8));
	if (bolt8 == NULL)
		return -ENOMEM;
	r = queue(bolt8, NOISE_ACT1_SIZE, &act1);
	if (r == 0)
		r = noise_new(keys, &bolt8->noise, act1);
	if (r != 0)
		return r > 0 ? BOLT8_E_KEY : r;

	bolt8->out_len = NOISE_ACT1_SIZE;
	bolt8->stage = STAGE_ACT2;
	bolt8->want = NOISE_ACT2_SIZE;
	*ret = steal_ptr(&bolt8);
	return 0;
}

struct bolt8 *bolt8_free(struct bolt8 *bolt8)
{
	if (bolt8 == NULL)
		return NULL;

	(void)noise_free(bolt8->noise);
	free(bolt8->body);
	free(bolt8->out);
	free(bolt8);
	return NULL;
}

bool bolt8_is_open(const struct bolt8 *bolt8)
{
	return bolt8->stage != STAGE_ACT2;
}

static void expect(struct bolt8 *bolt8, enum stage stage, size_t want)
{
	bolt8->stage = stage;
	bolt8->want = want;
	bolt8->have = 0;
}

static int on_act2(struct bolt8 *bolt8)
{
	uint8_t *act3;
	int r;

	r = queue(bolt8, NOISE_ACT3_SIZE, &act3);
	if (r == 0)
		r = noise_answer(bolt8->noise, bolt8->first, act3);
	if (r < 0)
		return r;
	if (r != 0)
		return r == NOISE_E_VERSION ? BOLT8_E_VERSION : BOLT8_E_FORGED;

	bolt8->out_len += NOISE_ACT3_SIZE;
	expect(bolt8, STAGE_HEAD, NOISE_HEAD_SIZE);
	return BOLT8_E_AGAIN;
}

/* No more is ever held than the one message that is announced. */
static int on_head(struct bolt8 *bolt8)
{
	size_t len;
	int r;

	r = noise_open_head(bolt8->noise, bolt8->first, &len);
	if (r != 0)
		return r < 0 ? r : BOLT8_E_FORGED;
	free(bolt8->body);
	bolt8->body = malloc(len + CIPHER_TAG_SIZE);
	if (bolt8->body == NULL)
		return -ENOMEM;

	expect(bolt8, STAGE_BODY, len + CIPHER_TAG_SIZE);
	return BOLT8_E_AGAIN;
}

static int on_body(
	struct bolt8 *bolt8, const uint8_t **ret_message, size_t *ret_len)
{
	size_t len = bolt8->want - CIPHER_TAG_SIZE;
	int r;

	r = noise_open_body(bolt8->noise, bolt8->body, len, bolt8->body);
	if (r != 0)
		return r < 0 ? r : BOLT8_E_FORGED;

	expect(bolt8, STAGE_HEAD, NOISE_HEAD_SIZE);
	*ret_message = bolt8->body;
	*ret_len = len;
	return 0;
}

/* @have is @want.  Returns as bolt8_take() does. */
static int on_whole(
	struct bolt8 *bolt8, const uint8_t **ret_message, size_t *ret_len)
{
	switch (bolt8->stage) {
	case STAGE_ACT2:
		return on_act2(bolt8);
	case STAGE_HEAD:
		return on_head(bolt8);
	case STAGE_BODY:
		return on_body(bolt8, ret_message, ret_len);
	}

	return -ENOTRECOVERABLE;
}

int bolt8_take(struct bolt8 *bolt8, const uint8_t **bytes, size_t *len,
	const uint8_t **ret_message, size_t *ret_len)
{
	int r = BOLT8_E_AGAIN;

	while (r == BOLT8_E_AGAIN && *len > 0) {
		uint8_t *at =
			bolt8->stage == STAGE_BODY ? bolt8->body : bolt8->first;
		size_t n = bolt8->want - bolt8->have;

		if (n > *len)
			n = *len;
		memcpy(at + bolt8->have, *bytes, n);
		bolt8->have += n;
		*bytes += n;
		*len -= n;
		if (bolt8->have == bolt8->want)
			r = on_whole(bolt8, ret_message, ret_len);
	}

	return r;
}

int bolt8_send(struct bolt8 *bolt8, const uint8_t *message, size_t len)
{
	uint8_t *sealed;
	int r;

	r = queue(bolt8, len + NOISE_OVERHEAD, &sealed);
	if (r == 0)
		r = noise_seal(bolt8->noise, message, len, sealed);
	if (r == 0)
		bolt8->out_len += len + NOISE_OVERHEAD;
	return r;
}

const uint8_t *bolt8_out(const struct bolt8 *bolt8, size_t *ret_len)
{
	*ret_len = bolt8->out_len;
	return bolt8->out;
}

void bolt8_sent(struct bolt8 *bolt8, size_t len)
{
	bolt8->out_len -= len;
	memmove(bolt8->out, bolt8->out + len, bolt8->out_len);
}
