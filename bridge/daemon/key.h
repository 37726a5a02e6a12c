/* SPDX-License-Identifier: MIT */
#pragma once

/* Key - finds the bridge's key, and tells in sentences what is wrong with it */

#include "keys/signer.h"

enum {
	KEY_WHY_SIZE = 400,
};

/*
 * Loads the key at @uri, from the configuration.  Returns 0, or negative
 * errno and in @why a sentence: what is wrong and what to do.
 */
int key_load(const char *uri, char why[static KEY_WHY_SIZE],
	struct signer **ret) _must_use_;

/*
 * Makes the key that @uri names, a file, unless there is one, and prints its
 * public half as PEM.  Returns 0, or negative errno after it told the log why.
 */
int key_make(const char *uri) _must_use_;
