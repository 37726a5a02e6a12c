/* SPDX-License-Identifier: MIT */

/* Session information without the car's key changes nothing. */

#include <string.h>

#include "vehicle/session.h"

enum {
	NOW_MS = 1000000,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* A fresh session must stay as it is. */
static void try_info(struct crypto *crypto, struct signer *signer,
	const uint8_t *data, size_t len, struct view tag)
{
	static struct arena arena;
	static const uint8_t uuid[ROUTABLE_ID_SIZE];
	struct session session;

	session_init(&session, crypto, signer, "5YJ30123456789ABC",
		DOMAIN_INFOTAINMENT);
	arena_reset(&arena);
	if (session_update(&session, &arena, NOW_MS, 0, uuid,
		    (struct view){ data, len }, tag) == 0 ||
		session.is_up || session.gcm != NULL || session.counter != 0)
		abort();
	session_deinit(&session);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const uint8_t zeros[CRYPTO_SHA256_SIZE];
	static struct crypto *crypto;
	static struct signer *signer;

	if (signer == NULL && signer_generate(&signer) != 0)
		return 0;
	if (crypto == NULL && crypto_new(&crypto) != 0)
		return 0;

	try_info(crypto, signer, data, len, (struct view){ 0 });
	try_info(crypto, signer, data, len,
		(struct view){ zeros, sizeof(zeros) });
	/* The last bytes as the tag. */
	if (len >= CRYPTO_SHA256_SIZE)
		try_info(crypto, signer, data, len - CRYPTO_SHA256_SIZE,
			(struct view){ data + len - CRYPTO_SHA256_SIZE,
				CRYPTO_SHA256_SIZE });
	return 0;
}
