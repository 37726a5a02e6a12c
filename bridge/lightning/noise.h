/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Noise - BOLT 8 as who dials: three acts, then sealed messages
 *
 * Noise_XK_secp256k1_ChaChaPoly_SHA256.  Pure: randomness comes in.  A node
 * that does not own the key of the id that was asked for cannot answer act
 * one, and one that does not know ours cannot be fooled by act three.
 *
 * Spec: BOLT 8; lightning 5.
 */

#include <stddef.h>
#include <stdint.h>

#include "lightning/cipher.h"

enum {
	NOISE_ACT1_SIZE = 50,
	NOISE_ACT2_SIZE = 50,
	NOISE_ACT3_SIZE = 66,
	NOISE_MESSAGE_MAX = 65535,
	/* A message goes as its length and its body, each with a tag. */
	NOISE_HEAD_SIZE = 2 + CIPHER_TAG_SIZE,
	NOISE_OVERHEAD = NOISE_HEAD_SIZE + CIPHER_TAG_SIZE,
};

enum {
	_NOISE_E_SUCCESS,

	NOISE_E_KEY,     /* one of our own keys is none */
	NOISE_E_NODE,    /* the node's id is no point of the curve */
	NOISE_E_VERSION, /* of the handshake */
	NOISE_E_POINT,   /* the node's ephemeral key is none */
	NOISE_E_FORGED,  /* a tag does not verify */
};

/* Random, and of one connection alone: @ephemeral; @seed as cipher_new(). */
struct noise_keys {
	struct secret32 own; /* by which the node knows us */
	struct secret32 ephemeral;
	struct secret32 seed;
	uint8_t node[CIPHER_POINT_SIZE]; /* the node's id */
};

struct noise;

/* Returns 0, NOISE_E_KEY, NOISE_E_NODE, or negative errno. */
int noise_new(const struct noise_keys *keys, struct noise **ret,
	uint8_t ret_act1[static NOISE_ACT1_SIZE]) _must_use_;
/* Wipes and frees. */
struct noise *noise_free(struct noise *noise);

/*
 * Takes the node's answer.  Returns 0, NOISE_E_VERSION, NOISE_E_POINT,
 * NOISE_E_FORGED, or negative errno: nothing more may then be sent.
 */
int noise_answer(struct noise *noise,
	const uint8_t act2[static NOISE_ACT2_SIZE],
	uint8_t ret_act3[static NOISE_ACT3_SIZE]) _must_use_;

/*
 * Seals a message of at most NOISE_MESSAGE_MAX bytes; @ret has room for @len
 * and NOISE_OVERHEAD more.  Returns 0 or negative errno.
 */
int noise_seal(struct noise *noise, const uint8_t *message, size_t len,
	uint8_t *ret) _must_use_;

/*
 * Opens the length of the next message, then the body: @len bytes, and the
 * tag behind them.  Returns 0, NOISE_E_FORGED, or negative errno.
 */
int noise_open_head(struct noise *noise,
	const uint8_t head[static NOISE_HEAD_SIZE], size_t *ret_len) _must_use_;
int noise_open_body(struct noise *noise, const uint8_t *sealed, size_t len,
	uint8_t *ret) _must_use_;

DEFINE_CLEANUP(struct noise *, noise_free);
