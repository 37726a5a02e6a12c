/* SPDX-License-Identifier: MIT */

#include "keys/signer.h"

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/store.h>
#include <openssl/ui.h>

#include "util/fd.h"
#include "util/file.h"

enum {
	/* A key is some 240 bytes; who points us at a disk wants an answer. */
	FILE_MAX = 64 * 1024,
	/* Objects looked at in one store: certificates, parameters. */
	OBJECTS_MAX = 16,
	POINT_UNCOMPRESSED = 4,
};

static const char group[] = "prime256v1";

struct signer {
	EVP_PKEY *key;
	uint8_t public[SIGNER_PUBLIC_SIZE];
	uint8_t id[SIGNER_ID_SIZE];
};

static void store_closep(OSSL_STORE_CTX **store)
{
	(void)OSSL_STORE_close(*store);
}

DEFINE_CLEANUP(BIO *, BIO_free);
DEFINE_CLEANUP(EVP_PKEY *, EVP_PKEY_free);
DEFINE_CLEANUP(EVP_PKEY_CTX *, EVP_PKEY_CTX_free);
DEFINE_CLEANUP(OSSL_STORE_INFO *, OSSL_STORE_INFO_free);

/*
 * OpenSSL says no more than "no"; its queue tells a lack of memory from what
 * is wrong with the input, which is @otherwise.
 */
static int openssl_error(int otherwise)
{
	bool memory =
		ERR_GET_REASON(ERR_peek_last_error()) == ERR_R_MALLOC_FAILURE;

	ERR_clear_error();
	return memory ? -ENOMEM : otherwise;
}

static bool is_p256(EVP_PKEY *key)
{
	char name[32];
	size_t len;

	/* Providers of tokens may say "P-256". */
	return EVP_PKEY_is_a(key, "EC") == 1 &&
	       EVP_PKEY_get_group_name(key, name, sizeof(name), &len) == 1 &&
	       (strcmp(name, group) == 0 || strcmp(name, "P-256") == 0);
}

/* Takes over @key, on success only. */
static int signer_new(EVP_PKEY *key, struct signer **ret)
{
	_cleanup_(signer_freep) struct signer *signer = NULL;
	uint8_t hash[EVP_MAX_MD_SIZE];
	size_t len = 0;

	if (!is_p256(key))
		return SIGNER_E_CURVE;
	signer = calloc(1, sizeof(*signer));
	if (signer == NULL)
		return -ENOMEM;

	/* A file may hold the point compressed; the car wants it whole. */
	if (EVP_PKEY_set_utf8_string_param(key,
		    OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT,
		    OSSL_PKEY_EC_POINT_CONVERSION_FORMAT_UNCOMPRESSED) != 1)
		ERR_clear_error();
	if (EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY,
		    signer->public, sizeof(signer->public), &len) != 1 ||
		len != sizeof(signer->public) ||
		EVP_Q_digest(NULL, "SHA1", NULL, signer->public, len, hash,
			NULL) != 1)
		return openssl_error(SIGNER_E_NO_KEY);

	memcpy(signer->id, hash, sizeof(signer->id));
	signer->key = key;
	*ret = steal_ptr(&signer);
	return 0;
}

int signer_generate(struct signer **ret)
{
	_cleanup_(EVP_PKEY_freep) EVP_PKEY *key = NULL;
	int r;

	key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", group);
	if (key == NULL)
		return openssl_error(-EIO);
	r = signer_new(key, ret);
	if (r != 0)
		return err_fold(r);

	(void)steal_ptr(&key);
	return 0;
}

/*
 * The forms are those of OpenSSL's own file loader, which does not decode
 * "%20" either.
 */
const char *signer_path(const char *uri)
{
	static const char scheme[] = "file:", local[] = "//localhost/";
	const char *colon = strchr(uri, ':');

	if (strncmp(uri, scheme, strlen(scheme)) != 0)
		return colon == NULL || strchr("/.", *uri) != NULL ? uri : NULL;

	uri += strlen(scheme);
	if (strncmp(uri, local, strlen(local)) == 0)
		return uri + strlen(local) - 1;
	if (strncmp(uri, "///", 3) == 0)
		return uri + 2;

	return uri;
}

/*
 * Opens the file, and judges what was opened: between a stat(2) of the path
 * and OpenSSL's open(2) it could be exchanged.
 */
static int open_file(const char *path, BIO **ret)
{
	_cleanup_(fd_closep) int fd = -1;
	struct stat st;

	/* O_NONBLOCK: a FIFO would wait for its other end. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return SIGNER_E_MISSING;
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;

	if (!S_ISREG(st.st_mode) || st.st_size > FILE_MAX)
		return SIGNER_E_NO_KEY;
	if ((st.st_mode & (S_IRGRP | S_IWGRP | S_IROTH | S_IWOTH)) != 0)
		return SIGNER_E_TOO_OPEN;

	*ret = BIO_new_fd(fd, BIO_CLOSE);
	if (*ret == NULL)
		return openssl_error(-EIO);
	(void)fd_steal(&fd);
	return 0;
}

/* Takes the first private key of @store. */
static int take_key(OSSL_STORE_CTX *store, EVP_PKEY **ret)
{
	if (OSSL_STORE_expect(store, OSSL_STORE_INFO_PKEY) != 1)
		return openssl_error(SIGNER_E_NO_KEY);

	for (int i = 0; i < OBJECTS_MAX && OSSL_STORE_eof(store) == 0; i++) {
		_cleanup_(OSSL_STORE_INFO_freep) OSSL_STORE_INFO *info = NULL;

		info = OSSL_STORE_load(store);
		if (info == NULL ||
			OSSL_STORE_INFO_get_type(info) != OSSL_STORE_INFO_PKEY)
			continue;
		*ret = OSSL_STORE_INFO_get1_PKEY(info);
		return *ret == NULL ? openssl_error(SIGNER_E_NO_KEY) : 0;
	}

	return openssl_error(SIGNER_E_NO_KEY);
}

int signer_load(const char *uri, struct signer **ret)
{
	_cleanup_(EVP_PKEY_freep) EVP_PKEY *key = NULL;
	/* Closed in reverse order: the store reads from the BIO. */
	_cleanup_(BIO_freep) BIO *bio = NULL;
	_cleanup_(store_closep) OSSL_STORE_CTX *store = NULL;
	const char *path = signer_path(uri);
	int r;

	/* UI_null() has no answer to a question for a passphrase. */
	if (path != NULL) {
		r = open_file(path, &bio);
		if (r != 0)
			return r;
		store = OSSL_STORE_attach(bio, "file", NULL, NULL, UI_null(),
			NULL, NULL, NULL, NULL);
		if (store == NULL)
			return openssl_error(SIGNER_E_NO_KEY);
	} else {
		store = OSSL_STORE_open(uri, UI_null(), NULL, NULL, NULL);
		if (store == NULL)
			return openssl_error(SIGNER_E_MISSING);
	}

	r = take_key(store, &key);
	if (r != 0)
		return r;
	r = signer_new(key, ret);
	if (r != 0)
		return r;

	(void)steal_ptr(&key);
	return 0;
}

int signer_save(const struct signer *signer, const char *path)
{
	/* Its memory is wiped when freed. */
	_cleanup_(BIO_freep) BIO *bio = BIO_new(BIO_s_secmem());
	char *pem = NULL;
	long len;
	int r;

	if (bio == NULL || PEM_write_bio_PrivateKey(bio, signer->key, NULL,
				   NULL, 0, NULL, NULL) != 1)
		return openssl_error(-EIO);

	len = BIO_get_mem_data(bio, &pem);
	r = file_create(path, S_IRUSR | S_IWUSR, pem, (size_t)len);
	return r == FILE_E_EXISTS ? SIGNER_E_EXISTS : err_fold(r);
}

struct signer *signer_free(struct signer *signer)
{
	if (signer == NULL)
		return NULL;

	EVP_PKEY_free(signer->key);
	free(signer);
	return NULL;
}

void signer_public(
	const struct signer *signer, uint8_t ret[static SIGNER_PUBLIC_SIZE])
{
	memcpy(ret, signer->public, SIGNER_PUBLIC_SIZE);
}

int signer_public_pem(const struct signer *signer, char **ret)
{
	_cleanup_(BIO_freep) BIO *bio = BIO_new(BIO_s_mem());
	char *pem = NULL;
	long len;

	if (bio == NULL || PEM_write_bio_PUBKEY(bio, signer->key) != 1)
		return openssl_error(-EIO);

	len = BIO_get_mem_data(bio, &pem);
	pem = strndup(pem, (size_t)len);
	if (pem == NULL)
		return -ENOMEM;
	*ret = pem;
	return 0;
}

void signer_id(const struct signer *signer, uint8_t ret[static SIGNER_ID_SIZE])
{
	memcpy(ret, signer->id, SIGNER_ID_SIZE);
}

/*
 * P-256 has cofactor 1: each point on the curve but the neutral one, which
 * has no such form, is of the right order.  OpenSSL checks the curve.
 */
static int import_point(
	const uint8_t point[static SIGNER_PUBLIC_SIZE], EVP_PKEY **ret)
{
	_cleanup_(EVP_PKEY_CTX_freep) EVP_PKEY_CTX *ctx = NULL;
	char name[] = "prime256v1";
	uint8_t copy[SIGNER_PUBLIC_SIZE];
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(
			OSSL_PKEY_PARAM_GROUP_NAME, name, 0),
		OSSL_PARAM_construct_octet_string(
			OSSL_PKEY_PARAM_PUB_KEY, copy, sizeof(copy)),
		OSSL_PARAM_construct_end(),
	};

	if (point[0] != POINT_UNCOMPRESSED)
		return SIGNER_E_POINT;
	memcpy(copy, point, sizeof(copy));

	ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	if (ctx == NULL || EVP_PKEY_fromdata_init(ctx) != 1)
		return openssl_error(-EIO);
	if (EVP_PKEY_fromdata(ctx, ret, EVP_PKEY_PUBLIC_KEY, params) != 1)
		return openssl_error(SIGNER_E_POINT);

	return 0;
}

int signer_agree(const struct signer *signer,
	const uint8_t peer[static SIGNER_PUBLIC_SIZE], struct secret32 *ret)
{
	_cleanup_(EVP_PKEY_freep) EVP_PKEY *point = NULL;
	_cleanup_(EVP_PKEY_CTX_freep) EVP_PKEY_CTX *ctx = NULL;
	_cleanup_(secret32_wipep) struct secret32 shared = { 0 };
	size_t len = sizeof(shared.bytes);
	int r;

	r = import_point(peer, &point);
	if (r != 0)
		return r;

	/* Not validated again: that is one more multiplication. */
	ctx = EVP_PKEY_CTX_new_from_pkey(NULL, signer->key, NULL);
	if (ctx == NULL || EVP_PKEY_derive_init(ctx) != 1 ||
		EVP_PKEY_derive_set_peer_ex(ctx, point, 0) != 1 ||
		EVP_PKEY_derive(ctx, shared.bytes, &len) != 1 ||
		len != sizeof(shared.bytes))
		return openssl_error(-EIO);

	*ret = shared;
	return 0;
}
