/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Hands - what people, weather and roads do to the car, line by line
 *
 * None of it is a command: no key is asked for.
 */

#include "world.h"

enum {
	HANDS_WORDS_MAX = 4, /* the line's name and three more */
};

/*
 * Does the line of @n_words @words.  Returns 1; 0 if the words after its name
 * are wrong; -ENOENT if there is no such line; -EACCES if the car wants
 * a key for it, -EPERM if it wants a PIN.
 */
int hands_do(struct world *world, uint64_t now_ms,
	const char *const words[HANDS_WORDS_MAX], size_t n_words);

/* The grammar, for --help. */
extern const char hands_help[];
