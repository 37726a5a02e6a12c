/* SPDX-License-Identifier: MIT */

#include "util/claimed.h"

#include <string.h>

static const char *skip_space(const char *p)
{
	return p + strspn(p, " \t\r\n");
}

/* Four hexadecimal digits, or -1. */
static int read_hex4(const char *p)
{
	int value = 0;

	for (int i = 0; i < 4; i++) {
		static const char digits[] = "0123456789abcdef";
		/* For letters this is tolower(3), without its locale. */
		char c = (char)(p[i] | 0x20);
		const char *digit = p[i] == '\0' ? NULL : strchr(digits, c);

		if (digit == NULL || (p[i] < 'A' && p[i] != c))
			return -1;
		value = 16 * value + (int)(digit - digits);
	}

	return value;
}

/*
 * Reads a JSON string at @p and compares what it means with each of @wanted.
 * Returns what follows it, or NULL if it is none.  An escape beyond ASCII
 * matches nothing that we look for.
 */
static const char *read_string(
	const char *p, const char *const *wanted, bool *ret_is, size_t n_wanted)
{
	size_t n = 0;

	for (size_t i = 0; i < n_wanted; i++)
		ret_is[i] = true;
	if (*p++ != '"')
		return NULL;
	while (*p != '"') {
		static const char escapes[] = "\"\\/bfnrt";
		static const char meanings[] = "\"\\/\b\f\n\r\t";
		int c = (unsigned char)*p++;

		if (c < ' ')
			return NULL; /* the end of the text among them */
		if (c == '\\' && *p == 'u') {
			c = read_hex4(p + 1);
			if (c < 0)
				return NULL;
			p += 5;
			if (c == 0 || c > 0x7f)
				c = -1;
		} else if (c == '\\') {
			const char *escape =
				*p == '\0' ? NULL : strchr(escapes, *p);

			if (escape == NULL)
				return NULL;
			c = meanings[escape - escapes];
			p++;
		}
		for (size_t i = 0; i < n_wanted; i++)
			if (ret_is[i] && (unsigned char)wanted[i][n] != c)
				ret_is[i] = false;
		/* Nothing wanted is left to be compared beyond its NUL. */
		n++;
	}
	for (size_t i = 0; i < n_wanted; i++)
		ret_is[i] = ret_is[i] && wanted[i][n] == '\0';

	return p + 1;
}

bool claimed_by_address(const char *json, const char *address)
{
	const char *const wanted[] = { "text/identifier", address };
	const char *p = skip_space(json);
	size_t n_identifiers = 0, n_ours = 0;

	/* LUD-06: an array of arrays of strings, kind first. */
	if (*p != '[')
		return false;
	do {
		bool is_identifier = false;
		size_t n = 0;

		p = skip_space(p + 1);
		if (*p != '[')
			return false;
		do {
			bool is[2];

			p = read_string(skip_space(p + 1), wanted, is, 2);
			if (p == NULL)
				return false;
			p = skip_space(p);
			if (n == 0)
				is_identifier = is[0];
			if (n == 1 && is_identifier && is[1])
				n_ours++;
			n++;
		} while (*p == ',');
		if (*p != ']' || (is_identifier && n != 2))
			return false;
		n_identifiers += is_identifier;
		p = skip_space(p + 1);
	} while (*p == ',');

	return *p == ']' && *skip_space(p + 1) == '\0' && n_identifiers == 1 &&
	       n_ours == 1;
}

bool claimed_by_label(
	const char *label, const char *text, size_t *ret_prefix_len)
{
	size_t len = strlen(text);

	*ret_prefix_len = len;
	if (len > 0 && text[len - 1] == '*') {
		*ret_prefix_len = len - 1;
		return strncmp(label, text, len - 1) == 0;
	}

	return strcmp(label, text) == 0;
}

bool claimed_is_keysend(const char *label)
{
	static const char prefix[] = "keysend-";

	return strncmp(label, prefix, strlen(prefix)) == 0;
}
