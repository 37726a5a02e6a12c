/* SPDX-License-Identifier: MIT */
#pragma once

/* Endpoints - "host:port" as people write it: a name, IPv4, or "[IPv6]" */

#include <stdint.h>

#include "util/macro.h"

enum {
	ENDPOINT_HOST_SIZE = 254, /* longest name of DNS, and a NUL */
	ENDPOINT_TEXT_SIZE = ENDPOINT_HOST_SIZE + 8,
};

struct endpoint {
	char host[ENDPOINT_HOST_SIZE]; /* IPv6 without its brackets */
	uint16_t port;
};

/*
 * Reads @text; where it has no port, @port is it, unless that is 0.  Returns
 * 0, or -EINVAL with *@ret untouched.
 */
int endpoint_parse(
	const char *text, uint16_t port, struct endpoint *ret) _must_use_;

/* Writes it for a person. */
void endpoint_print(
	const struct endpoint *endpoint, char ret[static ENDPOINT_TEXT_SIZE]);
