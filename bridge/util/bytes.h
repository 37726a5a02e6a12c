/* SPDX-License-Identifier: MIT */
#pragma once

/* Bytes - big-endian integers, hexadecimal text, foreign text made safe */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/macro.h"

static inline uint16_t get_be16(const uint8_t p[static 2])
{
	return (uint16_t)((unsigned int)p[0] << 8 | p[1]);
}

static inline void put_be16(uint8_t p[static 2], uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static inline void put_be32(uint8_t p[static 4], uint32_t v)
{
	p[0] = (uint8_t)(v >> 24);
	p[1] = (uint8_t)(v >> 16);
	p[2] = (uint8_t)(v >> 8);
	p[3] = (uint8_t)v;
}

/* Room for the hexadecimal text of @n bytes, with its NUL. */
#define HEX_SIZE(n) (2 * (n) + 1)

/* Writes 2 * @len lower-case digits and a NUL to @ret. */
void hex_encode(const uint8_t *bytes, size_t len, char *ret);

/*
 * Reads exactly @len bytes from the 2 * @len digits of @text.  Returns 0, or
 * -EINVAL if @text is longer, shorter or no hexadecimal; @ret is then
 * unspecified.
 */
int hex_decode(const char *text, uint8_t *ret, size_t len) _must_use_;

/*
 * Copies foreign text into @ret (of @size > 0 bytes, always terminated) so
 * that it can go to a terminal or a log: control characters and bytes that
 * are no UTF-8 become '?'; what does not fit ends in "...".
 */
void text_printable(const char *text, char *ret, size_t size);

/* Is all of it UTF-8, as JSON wants its texts? */
bool text_is_utf8(const char *text);
