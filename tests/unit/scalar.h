/* SPDX-License-Identifier: MIT */
#pragma once

/* A signer from the bare scalar of a vector, by way of a key file. */

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "keys/signer.h"
#include "vectors.h"

/* Writes @text with @mode to a new file, whose name goes to @ret_path. */
static inline void write_file(
	const char *text, size_t len, mode_t mode, char ret_path[static 32])
{
	int fd;

	strcpy(ret_path, "/tmp/test-key-XXXXXX");
	fd = mkstemp(ret_path);
	cr_assert_geq(fd, 0);
	cr_assert_eq(write(fd, text, len), (ssize_t)len);
	cr_assert_eq(fchmod(fd, mode), 0);
	cr_assert_eq(close(fd), 0);
}

/* SEC1 PEM of @scalar on P-256, without the point, which is optional. */
static inline void scalar_pem(const char *scalar_hex, char ret[static 256])
{
	/* ECPrivateKey { 1, scalar, [0] prime256v1 } */
	uint8_t der[51];
	char base64[128];

	unhex("303102010104"
	      "20",
		der, sizeof(der));
	cr_assert_eq(strlen(scalar_hex), 64);
	unhex(scalar_hex, der + 7, 32);
	unhex("a00a06082a8648ce3d030107", der + 39, 12);
	EVP_EncodeBlock((unsigned char *)base64, der, sizeof(der));
	(void)snprintf(ret, 256,
		"-----BEGIN EC PRIVATE KEY-----\n%.64s\n%s\n"
		"-----END EC PRIVATE KEY-----\n",
		base64, base64 + 64);
}

static inline struct signer *scalar_signer(const char *scalar_hex)
{
	struct signer *signer;
	char pem[256], path[32];

	scalar_pem(scalar_hex, pem);
	write_file(pem, strlen(pem), 0600, path);
	cr_assert_eq(signer_load(path, &signer), 0);
	cr_assert_eq(unlink(path), 0);
	return signer;
}
