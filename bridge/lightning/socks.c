/* SPDX-License-Identifier: MIT */

#include "lightning/socks.h"

#include <string.h>

#include "util/bytes.h"

enum {
	VERSION = 5,
	NO_PASSWORD = 0,
	CONNECT = 1,
	BY_IPV4 = 1,
	BY_NAME = 3,
	BY_IPV6 = 4,
	METHOD_SIZE = 2,
	HEAD_SIZE = 5, /* up to the length of a name */
};

enum stage {
	STAGE_METHOD,
	STAGE_ANSWER,
};

void socks_hello(uint8_t ret[static SOCKS_HELLO_SIZE])
{
	ret[0] = VERSION;
	ret[1] = 1; /* method */
	ret[2] = NO_PASSWORD;
}

size_t socks_request(
	const struct endpoint *to, uint8_t ret[static SOCKS_REQUEST_MAX])
{
	size_t len = strlen(to->host);

	ret[0] = VERSION;
	ret[1] = CONNECT;
	ret[2] = 0;
	ret[3] = BY_NAME;
	ret[4] = (uint8_t)len;
	memcpy(ret + 5, to->host, len);
	put_be16(ret + 5 + len, to->port);
	return 5 + len + 2;
}

/* The whole answer ends in an address that nobody needs; 0: no such kind. */
static size_t answer_size(const struct socks *socks)
{
	switch (socks->answer[3]) {
	case BY_IPV4:
		return 4 + 4 + 2;
	case BY_IPV6:
		return 4 + 16 + 2;
	case BY_NAME:
		return 4 + 1 + socks->answer[4] + 2U;
	default:
		return 0;
	}
}

size_t socks_wants(const struct socks *socks)
{
	if (socks->stage == STAGE_METHOD)
		return METHOD_SIZE - socks->have;
	if (socks->have < HEAD_SIZE)
		return HEAD_SIZE - socks->have;
	return answer_size(socks) - socks->have;
}

static int on_method(struct socks *socks)
{
	if (socks->have < METHOD_SIZE)
		return SOCKS_E_AGAIN;
	if (socks->answer[0] != VERSION || socks->answer[1] != NO_PASSWORD)
		return SOCKS_E_INVALID;

	socks->stage = STAGE_ANSWER;
	socks->have = 0;
	return SOCKS_E_REQUEST;
}

static int on_answer(struct socks *socks)
{
	if (socks->have < HEAD_SIZE)
		return SOCKS_E_AGAIN;
	if (socks->answer[0] != VERSION || answer_size(socks) == 0)
		return SOCKS_E_INVALID;
	if (socks->answer[1] != 0)
		return SOCKS_E_REFUSED;

	return socks->have < answer_size(socks) ? SOCKS_E_AGAIN : 0;
}

int socks_take(struct socks *socks, const uint8_t *bytes, size_t len)
{
	if (len > socks_wants(socks))
		return SOCKS_E_INVALID;

	memcpy(socks->answer + socks->have, bytes, len);
	socks->have += len;
	return socks->stage == STAGE_METHOD ? on_method(socks)
					    : on_answer(socks);
}

const char *socks_why(const struct socks *socks)
{
	static const char *const whys[] = {
		[1] = "it failed",
		[2] = "it may not",
		[3] = "no such network",
		[4] = "no such host, or it is down",
		[5] = "nobody answers there",
		[6] = "it took too long",
		[7] = "it cannot connect",
		[8] = "it does not take names",
	};
	uint8_t reply = socks->answer[1];

	return reply < ARRAY_SIZE(whys) && whys[reply] != NULL
		       ? whys[reply]
		       : "it does not say why";
}
