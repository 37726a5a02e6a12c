/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * XK - BOLT 8 as who is dialled
 *
 * The bridge's lightning/noise is the other side.  The algorithms are shared;
 * what is checked, and when a key is used up, is written anew.
 *
 * Spec: BOLT 8.
 */

#include <stddef.h>
#include <stdint.h>

#include "lightning/cipher.h"

enum {
	XK_ACT1_SIZE = 50,
	XK_ACT2_SIZE = 50,
	XK_ACT3_SIZE = 66,
	XK_HEAD_SIZE = 18,
	XK_BODY_MAX = 65535 + 16,
	XK_SEALED_MAX = XK_HEAD_SIZE + XK_BODY_MAX,
};

enum {
	_XK_E_SUCCESS,

	XK_E_VERSION,
	XK_E_POINT,
	XK_E_TAG,
};

struct xk {
	struct cipher *cipher;
	struct secret32 own;
	struct secret32 ephemeral;
	uint8_t h[32];
	struct secret32 ck, temp;
	uint8_t caller[CIPHER_POINT_SIZE]; /* first its ephemeral key */
	/* Of the messages: sent is ours, received the caller's. */
	struct secret32 sent_key, sent_chain, received_key, received_chain;
	unsigned int n_sent, n_received; /* under this key, heads and bodies */
};

/* Returns 0 or negative errno, also for keys that are none. */
int xk_init(struct xk *xk, const struct secret32 *own,
	const struct secret32 *ephemeral) _must_use_;
void xk_deinit(struct xk *xk);

/* Answers an act.  Returns 0, XK_E_..., or negative errno. */
int xk_act1(struct xk *xk, const uint8_t act1[static XK_ACT1_SIZE],
	uint8_t ret_act2[static XK_ACT2_SIZE]) _must_use_;
int xk_act3(struct xk *xk, const uint8_t act3[static XK_ACT3_SIZE]) _must_use_;

/* Seals a message into @ret, of @len and 34 bytes. */
int xk_seal(struct xk *xk, const uint8_t *message, size_t len,
	uint8_t *ret) _must_use_;

/* Opens a head, and then so many bytes and 16 more, in place. */
int xk_open_head(struct xk *xk, const uint8_t head[static XK_HEAD_SIZE],
	size_t *ret_len) _must_use_;
int xk_open_body(struct xk *xk, uint8_t *body, size_t len) _must_use_;
