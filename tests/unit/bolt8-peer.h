/* SPDX-License-Identifier: MIT */
#pragma once

/* The node's end of a BOLT 8 connection, in memory: what it seals, and reads. */

#include <string.h>

#include "noise-vectors.h"
#include "simnode/xk.h"
#include "test.h"
#include "util/bytes.h"

/* Bytes that go to the bridge. */
struct peer_bytes {
	size_t len;
	uint8_t data[512 * 1024];
};

static struct xk peer_xk;

static inline struct secret32 peer_key(const char *hex)
{
	struct secret32 key;

	cr_assert_eq(hex_decode(hex, key.bytes, sizeof(key.bytes)), 0);
	return key;
}

static inline void peer_init(void)
{
	const struct secret32 own = peer_key(RS_PRIV);
	const struct secret32 ephemeral = peer_key(E_RESPONDER);

	cr_assert_eq(xk_init(&peer_xk, &own, &ephemeral), 0);
}

static inline void peer_deinit(void)
{
	xk_deinit(&peer_xk);
}

static inline void peer_say(
	struct peer_bytes *bytes, const void *message, size_t len)
{
	cr_assert_lt(bytes->len + len + 34, sizeof(bytes->data));
	cr_assert_eq(
		xk_seal(&peer_xk, message, len, bytes->data + bytes->len), 0);
	bytes->len += len + 34;
}
