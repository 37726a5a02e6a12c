/* SPDX-License-Identifier: MIT */
#pragma once

/* Key files - the keys that the command line names */

#include <stdbool.h>
#include <stdint.h>

#include "keys/signer.h"
#include "util/macro.h"

enum {
	KEYFILE_WHY_SIZE = 256,
};

/*
 * Loads the private key in the PEM file @path.  Returns false and a sentence
 * in @why if that fails.
 */
bool keyfile_private(const char *path, struct signer **ret,
	char why[KEYFILE_WHY_SIZE]) _must_use_;

/* Reads the public key in the PEM file @path, in the same way. */
bool keyfile_public(const char *path, uint8_t ret[SIGNER_PUBLIC_SIZE],
	char why[KEYFILE_WHY_SIZE]) _must_use_;
