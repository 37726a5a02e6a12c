/* SPDX-License-Identifier: MIT */

#include "keyfile.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/fd.h"
#include "util/file.h"

enum {
	PEM_MAX = 16 * 1024,
};

static void bio_freep(BIO **bio)
{
	(void)BIO_free(*bio);
}

static void pkey_freep(EVP_PKEY **pkey)
{
	EVP_PKEY_free(*pkey);
}

static bool read_pem(const char *path, char **ret_text, size_t *ret_len,
	char why[KEYFILE_WHY_SIZE])
{
	int r;

	r = file_read(path, PEM_MAX, ret_text, ret_len);
	if (r == 0)
		return true;
	(void)snprintf(why, KEYFILE_WHY_SIZE, "cannot read %s: %s", path,
		r < 0 ? strerror(-r) : "it is too long for a key");
	return false;
}

bool keyfile_private(
	const char *path, struct signer **ret, char why[KEYFILE_WHY_SIZE])
{
	_cleanup_(freep) char *text = NULL;
	_cleanup_(fd_closep) int fd = -1;
	char copy[64];
	size_t len;
	int r;

	if (!read_pem(path, &text, &len, why))
		return false;
	/*
	 * The key of a simulated car guards nothing and may come out of a
	 * repository, readable by all, which signer_load() rightly refuses:
	 * so it gets a private copy.
	 */
	fd = memfd_create("simcar-key", MFD_CLOEXEC);
	if (fd < 0 || fchmod(fd, 0600) < 0 ||
		write(fd, text, len) != (ssize_t)len) {
		(void)snprintf(why, KEYFILE_WHY_SIZE, "cannot copy %s: %s",
			path, strerror(errno));
		return false;
	}
	(void)snprintf(copy, sizeof(copy), "/proc/self/fd/%d", fd);

	r = signer_load(copy, ret);
	if (r == 0)
		return true;
	(void)snprintf(why, KEYFILE_WHY_SIZE,
		r == SIGNER_E_CURVE ? "%s holds a key that is not on P-256"
				    : "%s holds no private key in PEM form",
		path);
	return false;
}

bool keyfile_public(const char *path, uint8_t ret[SIGNER_PUBLIC_SIZE],
	char why[KEYFILE_WHY_SIZE])
{
	_cleanup_(freep) char *text = NULL;
	_cleanup_(bio_freep) BIO *bio = NULL;
	_cleanup_(pkey_freep) EVP_PKEY *pkey = NULL;
	uint8_t public[SIGNER_PUBLIC_SIZE];
	char group[32] = "";
	size_t len;

	if (!read_pem(path, &text, &len, why))
		return false;
	bio = BIO_new_mem_buf(text, (int)len);
	if (bio != NULL)
		pkey = PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
	if (pkey == NULL) {
		(void)snprintf(why, KEYFILE_WHY_SIZE,
			"%s holds no public key in PEM form", path);
		return false;
	}

	/* A compressed point is turned into the form of the wire. */
	if (EVP_PKEY_get_group_name(pkey, group, sizeof(group), NULL) != 1 ||
		strcmp(group, "prime256v1") != 0 ||
		EVP_PKEY_set_utf8_string_param(pkey,
			OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT,
			"uncompressed") != 1 ||
		EVP_PKEY_get_octet_string_param(pkey, OSSL_PKEY_PARAM_PUB_KEY,
			public, sizeof(public), &len) != 1 ||
		len != sizeof(public)) {
		(void)snprintf(why, KEYFILE_WHY_SIZE,
			"%s holds a key that is not on P-256", path);
		return false;
	}

	memcpy(ret, public, sizeof(public));
	return true;
}
