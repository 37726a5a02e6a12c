/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Rune - what a node lets us do, and the key by which it knows us
 *
 * Both are files.  A rune is made by `lightning-cli createrune` at the node;
 * the key is made here, at the first start.
 *
 * Spec: lightning 5 ("Runes").
 */

#include "util/macro.h"
#include "util/secret.h"

enum {
	RUNE_SIZE = 1024, /* a few restrictions have a few hundred bytes */
	RUNE_WHY_SIZE = 400,
};

struct rune {
	char text[RUNE_SIZE];
};

/*
 * Reads the rune in @path, which its user's group may read and nobody else.
 * Returns 0, or negative errno and a sentence.
 */
int rune_load(const char *path, struct rune *ret,
	char why[static RUNE_WHY_SIZE]) _must_use_;

/*
 * Reads the key in @path, mode 0600; where there is none it is made, and
 * synced.  Returns 0, or negative errno and a sentence.
 */
int rune_load_key(const char *path, struct secret32 *ret,
	char why[static RUNE_WHY_SIZE]) _must_use_;

/* The id of who owns @key, as the node sees it: 66 digits and a NUL. */
int rune_key_id(const struct secret32 *key, char ret[static 67]) _must_use_;

/*
 * Is this answer the node's "no" to a rune, and not to a call?  Then a
 * sentence says which method or parameter it does not permit.
 */
int rune_explain(int code, const char *message, const char *path,
	const char *method, char ret[static RUNE_WHY_SIZE]) _must_use_;

/* For _cleanup_(). */
static inline void rune_wipep(struct rune *rune)
{
	secret_wipe(rune, sizeof(*rune));
}
