/* SPDX-License-Identifier: MIT */

#include "daemon/key.h"

#include <stdio.h>
#include <string.h>

#include "util/log.h"

int key_load(
	const char *uri, char why[static KEY_WHY_SIZE], struct signer **ret)
{
	int r = signer_load(uri, ret);

	switch (r) {
	case 0:
		return 0;
	case SIGNER_E_MISSING:
		(void)snprintf(why, KEY_WHY_SIZE,
			"%s: there is no key; 1sat2flash-pair makes one and "
			"enrols it in the car",
			uri);
		return -ENOENT;
	case SIGNER_E_TOO_OPEN:
		(void)snprintf(why, KEY_WHY_SIZE,
			"%s: others can read the key; chmod 600 it, and if "
			"others may have, make and enrol a new one",
			uri);
		return -EPERM;
	case SIGNER_E_NO_KEY:
		(void)snprintf(why, KEY_WHY_SIZE,
			"%s: no private key in it (PEM, without a passphrase)",
			uri);
		return -EINVAL;
	case SIGNER_E_CURVE:
		(void)snprintf(why, KEY_WHY_SIZE,
			"%s: the key is not on the curve P-256, which is all "
			"that cars take; 1sat2flash-pair makes one",
			uri);
		return -EINVAL;
	default:
		(void)snprintf(why, KEY_WHY_SIZE, "%s: cannot load the key: %s",
			uri, strerror(-err_fold(r)));
		return err_fold(r);
	}
}

static int print_public(const struct signer *signer)
{
	_cleanup_(freep) char *pem = NULL;
	int r;

	r = signer_public_pem(signer, &pem);
	if (r != 0) {
		log_error("cannot print the public half: %s",
			strerror(-err_fold(r)));
		return err_fold(r);
	}
	if (fputs(pem, stdout) == EOF || fflush(stdout) == EOF)
		return -errno;

	return 0;
}

int key_make(const char *uri)
{
	_cleanup_(signer_freep) struct signer *signer = NULL;
	const char *path = signer_path(uri);
	char why[KEY_WHY_SIZE];
	int r;

	if (path == NULL) {
		log_error("%s: only a key in a file can be made here; make it "
			  "with the tool of its token",
			uri);
		return -EINVAL;
	}

	r = signer_generate(&signer);
	if (r == 0)
		r = signer_save(signer, path);
	if (r == 0) {
		log_info("%s: a new key", path);
		return print_public(signer);
	}
	if (r != SIGNER_E_EXISTS) {
		log_error("%s: cannot make a key: %s", path,
			strerror(-err_fold(r)));
		return err_fold(r);
	}

	/* Never overwritten: the car trusts it. */
	log_info("%s: there is a key already, it is kept", path);
	signer = signer_free(signer);
	r = key_load(uri, why, &signer);
	if (r < 0) {
		log_error("%s", why);
		return r;
	}
	return print_public(signer);
}
