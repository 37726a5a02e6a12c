/* SPDX-License-Identifier: MIT */

#include "callsign.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "util/bytes.h"
#include "vehicle/crypto.h"

enum {
	HASHED = 8,
};

int callsign_of_vin(struct crypto *crypto, const char *vin,
	char ret[static CALLSIGN_NAME_SIZE])
{
	uint8_t hash[CRYPTO_SHA1_SIZE];
	char hex[HEX_SIZE(HASHED)];
	int r;

	r = crypto_sha1(crypto, vin, strlen(vin), hash);
	if (r < 0)
		return r;

	hex_encode(hash, HASHED, hex);
	(void)snprintf(ret, CALLSIGN_NAME_SIZE, "S%sC", hex);
	return 0;
}

/* Six bytes in hex, with @mark between them. */
static bool is_address(const char *text, char mark)
{
	size_t len = strlen(text);

	if (len != CALLSIGN_ADDRESS_SIZE - 1)
		return false;
	for (size_t i = 0; i < len; i++)
		if (i % 3 == 2 ? text[i] != mark
			       : !isxdigit((unsigned char)text[i]))
			return false;

	return true;
}

bool callsign_of_device(
	const char *path, char ret[static CALLSIGN_ADDRESS_SIZE])
{
	const char *at = strstr(path, "/dev_");

	if (at == NULL || !is_address(at + strlen("/dev_"), '_'))
		return false;

	(void)snprintf(ret, CALLSIGN_ADDRESS_SIZE, "%s", at + strlen("/dev_"));
	for (char *c = ret; *c != '\0'; c++)
		if (*c == '_')
			*c = ':';
	return true;
}

bool callsign_is_adapter(const char *text)
{
	size_t len = strlen(text);

	if (strncmp(text, "hci", 3) == 0)
		return len > 3 && len <= 6 &&
		       strspn(text + 3, "0123456789") == len - 3;

	return is_address(text, ':');
}

bool callsign_matches(const char *text, const char *path, const char *address)
{
	const char *slash = strrchr(path, '/');

	return strcasecmp(text, address) == 0 ||
	       (slash != NULL && strcmp(slash + 1, text) == 0);
}
