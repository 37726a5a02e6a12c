/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Signer - the bridge's private key, and all that needs it
 *
 * A P-256 key pair that the car trusts.  The private half never leaves this
 * library; it is loaded through OSSL_STORE, so that a file, a TPM or a
 * PKCS#11 token is one line of configuration.
 *
 * Spec: vehicle-protocol 3.1.
 */

#include <stddef.h>
#include <stdint.h>

#include "util/macro.h"
#include "util/secret.h"

enum {
	/* Uncompressed point, 04 || X || Y. */
	SIGNER_PUBLIC_SIZE = 65,
	/* SHA-1 of the public point, cut: what the car and tools show. */
	SIGNER_ID_SIZE = 4,
};

enum {
	_SIGNER_E_SUCCESS,

	SIGNER_E_MISSING,  /* nothing at that URI */
	SIGNER_E_TOO_OPEN, /* group or others can read or write the file */
	SIGNER_E_NO_KEY,   /* no private key in it, or not readable as one */
	SIGNER_E_CURVE,    /* a key, but not on P-256 */
	SIGNER_E_EXISTS,   /* never overwritten */
	SIGNER_E_POINT,    /* the peer's bytes are no point of P-256 */
};

struct signer;

/* The path of the file that @uri names, inside of it; NULL: it is no file. */
const char *signer_path(const char *uri);

/* Makes a new key.  Returns 0 or negative errno. */
int signer_generate(struct signer **ret) _must_use_;

/*
 * Loads the key at @uri, a path or an OSSL_STORE URI ("file:/…",
 * "handle:…", "pkcs11:…").  PEM as SEC1 or PKCS#8, not encrypted: it never
 * asks for a passphrase.  Returns 0, SIGNER_E_MISSING, _TOO_OPEN (regular
 * files only), _NO_KEY, _CURVE, or negative errno.
 */
int signer_load(const char *uri, struct signer **ret) _must_use_;

/*
 * Writes the key to a new file, PKCS#8 PEM, mode 0600, synced with its
 * folder.  Returns 0, SIGNER_E_EXISTS, or negative errno; then there is no
 * file.
 */
int signer_save(const struct signer *signer, const char *path) _must_use_;

/* Wipes and frees.  Accepts NULL.  Always returns NULL. */
struct signer *signer_free(struct signer *signer);

/* The public half, as it goes on the wire. */
void signer_public(
	const struct signer *signer, uint8_t ret[static SIGNER_PUBLIC_SIZE]);

/* The public half as SubjectPublicKeyInfo PEM, for free(3). */
int signer_public_pem(const struct signer *signer, char **ret) _must_use_;

void signer_id(const struct signer *signer, uint8_t ret[static SIGNER_ID_SIZE]);

/*
 * ECDH with the peer's public point: the x-coordinate, 32 bytes with leading
 * zeros.  Returns 0, SIGNER_E_POINT, or negative errno.
 */
int signer_agree(const struct signer *signer,
	const uint8_t peer[static SIGNER_PUBLIC_SIZE],
	struct secret32 *ret) _must_use_;

DEFINE_CLEANUP(struct signer *, signer_free);
