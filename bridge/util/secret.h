/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Secrets - fixed size, wiped by scope, compared in constant time
 *
 * A secret lives in a struct of its own so that no printf takes it and
 * sizeof says what there is to wipe.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Shared secret of a key agreement, or an HMAC-SHA256 key. */
struct secret32 {
	uint8_t bytes[32];
};

/* AES-128 key. */
struct secret16 {
	uint8_t bytes[16];
};

/* Overwrites @len bytes at @p; the compiler may not leave it out. */
void secret_wipe(void *p, size_t len);

/* Compares @len bytes in a time that does not depend on their values. */
bool secret_equal(const void *a, const void *b, size_t len);

/* Digits that a person would type into the car, as text; "" for none. */
struct pin {
	char digits[5];
};

/* For _cleanup_(). */
static inline void secret32_wipep(struct secret32 *s)
{
	secret_wipe(s, sizeof(*s));
}

static inline void secret16_wipep(struct secret16 *s)
{
	secret_wipe(s, sizeof(*s));
}
