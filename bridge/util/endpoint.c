/* SPDX-License-Identifier: MIT */

#include "util/endpoint.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static const char name_letters[] = "abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789-_.";

/* ":9735", or nothing where @port is not 0. */
static int parse_port(const char *text, uint16_t port, uint16_t *ret)
{
	unsigned long n = 0;

	if (*text == '\0' && port != 0) {
		*ret = port;
		return 0;
	}
	if (*text++ != ':' || *text == '\0' || strlen(text) > 5 ||
		text[strspn(text, "0123456789")] != '\0')
		return -EINVAL;
	n = strtoul(text, NULL, 10);
	if (n < 1 || n > UINT16_MAX)
		return -EINVAL;

	*ret = (uint16_t)n;
	return 0;
}

int endpoint_parse(const char *text, uint16_t port, struct endpoint *ret)
{
	struct endpoint endpoint = { .host = "" };
	struct in6_addr v6;
	size_t len;

	if (*text == '[') {
		len = strcspn(++text, "]");
		if (text[len] == '\0' || len >= INET6_ADDRSTRLEN)
			return -EINVAL;
		memcpy(endpoint.host, text, len);
		if (inet_pton(AF_INET6, endpoint.host, &v6) != 1)
			return -EINVAL;
		text += len + 1;
	} else {
		len = strspn(text, name_letters);
		if (len == 0 || len >= sizeof(endpoint.host))
			return -EINVAL;
		memcpy(endpoint.host, text, len);
		text += len;
	}
	if (parse_port(text, port, &endpoint.port) < 0)
		return -EINVAL;

	*ret = endpoint;
	return 0;
}

void endpoint_print(
	const struct endpoint *endpoint, char ret[static ENDPOINT_TEXT_SIZE])
{
	bool is_v6 = strchr(endpoint->host, ':') != NULL;

	(void)snprintf(ret, ENDPOINT_TEXT_SIZE, "%s%s%s:%u", is_v6 ? "[" : "",
		endpoint->host, is_v6 ? "]" : "", (unsigned int)endpoint->port);
}
