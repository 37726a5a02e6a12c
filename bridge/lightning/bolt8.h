/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * BOLT 8 - messages to and from a node, in a byte stream that is cut anywhere
 *
 * The handshake comes first and by itself.  Pure: the owner carries bytes
 * between this and a socket.  Once anything has failed it is good for
 * bolt8_free() only.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lightning/noise.h"

enum {
	/* Bytes that wait for a node that does not read. */
	BOLT8_OUT_MAX = 2 * 1024 * 1024,
};

enum {
	_BOLT8_E_SUCCESS,

	BOLT8_E_AGAIN,   /* no whole message yet */
	BOLT8_E_KEY,     /* our key, or the node's id, is none */
	BOLT8_E_VERSION, /* the node speaks another handshake */
	BOLT8_E_FORGED,  /* a tag does not verify, or a key is none */
	BOLT8_E_FULL,    /* BOLT8_OUT_MAX bytes wait to be sent */
};

struct bolt8;

/* Returns 0, BOLT8_E_KEY, or negative errno.  Act one waits to be sent. */
int bolt8_new(const struct noise_keys *keys, struct bolt8 **ret) _must_use_;
struct bolt8 *bolt8_free(struct bolt8 *bolt8);

/* Has the node proven who it is?  Then messages can be sent. */
bool bolt8_is_open(const struct bolt8 *bolt8);

/*
 * Reads on in *@bytes, and moves *@bytes and *@len behind what it took.
 * Returns 0 and a message that is valid until the next call; BOLT8_E_AGAIN,
 * with *@len 0; BOLT8_E_VERSION, BOLT8_E_FORGED, or negative errno.
 */
int bolt8_take(struct bolt8 *bolt8, const uint8_t **bytes, size_t *len,
	const uint8_t **ret_message, size_t *ret_len) _must_use_;

/* Returns 0, BOLT8_E_FULL, or negative errno. */
int bolt8_send(
	struct bolt8 *bolt8, const uint8_t *message, size_t len) _must_use_;

/* What is to be written to the socket; and how much of it was. */
const uint8_t *bolt8_out(const struct bolt8 *bolt8, size_t *ret_len);
void bolt8_sent(struct bolt8 *bolt8, size_t len);

DEFINE_CLEANUP(struct bolt8 *, bolt8_free);
