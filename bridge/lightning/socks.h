/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * SOCKS - a SOCKS5 proxy is asked for a connection, by name: RFC 1928
 *
 * Pure.  Without a password, as Tor has it.  The name goes to the proxy, so
 * that .onion works and no DNS hears of the node.
 */

#include <stddef.h>
#include <stdint.h>

#include "util/endpoint.h"

enum {
	SOCKS_HELLO_SIZE = 3,
	SOCKS_REQUEST_MAX = 4 + 1 + ENDPOINT_HOST_SIZE + 2,
	SOCKS_ANSWER_MAX = 4 + 1 + 255 + 2,
};

enum {
	_SOCKS_E_SUCCESS,

	SOCKS_E_AGAIN,   /* more is to come */
	SOCKS_E_REQUEST, /* now socks_request() is to be sent */
	SOCKS_E_REFUSED, /* socks_why() says why */
	SOCKS_E_INVALID, /* this is no SOCKS5 proxy */
};

/* Begins as {0}. */
struct socks {
	int stage;
	size_t have;
	uint8_t answer[SOCKS_ANSWER_MAX];
};

/* What is sent first. */
void socks_hello(uint8_t ret[static SOCKS_HELLO_SIZE]);

/* Writes the request.  Returns its length. */
size_t socks_request(
	const struct endpoint *to, uint8_t ret[static SOCKS_REQUEST_MAX]);

/* How many bytes may be read next: what follows is not the proxy's. */
size_t socks_wants(const struct socks *socks);

/*
 * Takes at most so many bytes.  Returns 0 once there is a connection, or
 * SOCKS_E_...
 */
int socks_take(
	struct socks *socks, const uint8_t *bytes, size_t len) _must_use_;

const char *socks_why(const struct socks *socks);
