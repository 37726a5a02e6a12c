/* SPDX-License-Identifier: MIT */

#include "util/bytes.h"

#include <string.h>

void hex_encode(const uint8_t *bytes, size_t len, char *ret)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		ret[2 * i] = digits[bytes[i] >> 4];
		ret[2 * i + 1] = digits[bytes[i] & 15];
	}
	ret[2 * len] = '\0';
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int hex_decode(const char *text, uint8_t *ret, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		int hi = hex_digit(text[2 * i]);
		int lo = hi < 0 ? -1 : hex_digit(text[2 * i + 1]);

		if (lo < 0)
			return -EINVAL;
		ret[i] = (uint8_t)(hi << 4 | lo);
	}

	return text[2 * len] == '\0' ? 0 : -EINVAL;
}

/*
 * Length of the UTF-8 character at @s, which is no NUL, and what it is; 0 if
 * there is none: overlong forms and surrogates are no UTF-8.
 */
static size_t utf8_len(const unsigned char *s, uint32_t *ret)
{
	size_t len;
	uint32_t c;

	if (s[0] < 0x80) {
		*ret = s[0];
		return 1;
	}
	if (s[0] >= 0xc2 && s[0] < 0xe0)
		len = 2;
	else if (s[0] >= 0xe0 && s[0] < 0xf0)
		len = 3;
	else if (s[0] >= 0xf0 && s[0] < 0xf5)
		len = 4;
	else
		return 0;

	c = s[0] & (0xffU >> (len + 1));
	for (size_t i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3fU);
	}
	if ((len == 3 && c < 0x800) || (len == 4 && c < 0x10000) ||
		(c >= 0xd800 && c < 0xe000) || c > 0x10ffff)
		return 0;

	*ret = c;
	return len;
}

/*
 * The same for one that can be printed, which controls cannot (C1, U+0080 to
 * U+009F, steer terminals as C0 do), nor what shows nothing but breaks lines
 * or turns the direction of writing.
 */
static size_t printable_len(const unsigned char *s)
{
	uint32_t c;
	size_t len = utf8_len(s, &c);

	if (len == 0 || c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x61c ||
		(c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
		(c >= 0x2066 && c <= 0x2069) || c == 0xfeff)
		return 0;

	return len;
}

bool text_is_utf8(const char *text)
{
	const unsigned char *s = (const unsigned char *)text;

	while (*s != '\0') {
		uint32_t c;
		size_t len = utf8_len(s, &c);

		if (len == 0)
			return false;
		s += len;
	}

	return true;
}

void text_printable(const char *text, char *ret, size_t size)
{
	static const char dots[] = "...";
	const unsigned char *s = (const unsigned char *)text;
	/* @cut: the last end of a character that leaves room for the dots. */
	size_t n = 0, cut = 0;

	while (*s != '\0') {
		size_t len = printable_len(s);
		size_t out = len > 0 ? len : 1;

		if (n + sizeof(dots) <= size)
			cut = n;
		if (n + out >= size) {
			n = size - cut < sizeof(dots) ? size - cut - 1
						      : sizeof(dots) - 1;
			memcpy(ret + cut, dots, n);
			n += cut;
			break;
		}
		if (len > 0)
			memcpy(ret + n, s, len);
		else
			ret[n] = '?';
		s += out;
		n += out;
	}
	ret[n] = '\0';
}
