/* SPDX-License-Identifier: MIT */
#pragma once

/* Key - finds the bridge's key, and tells in sentences what is wrong with it */

#include "keys/signer.h"

/*
 * Loads the key at @uri, from the configuration.  Returns 0, or negative
 * errno after it told the log what is wrong and what to do.
 */
int key_load(const char *uri, struct signer **ret) _must_use_;

/*
 * Makes the key that @uri names, a file, unless there is one, and prints its
 * public half as PEM.  Returns 0, or negative errno after it told why.
 */
int key_make(const char *uri) _must_use_;
