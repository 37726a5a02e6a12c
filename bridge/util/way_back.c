/* SPDX-License-Identifier: MIT */

#include "util/way_back.h"

#include <stddef.h>
#include <string.h>

static const char prefix[] = "lno1";

enum {
	PREFIX_LEN = sizeof(prefix) - 1,
	/* Shorter ones name nobody who could be asked for an invoice. */
	OFFER_DATA_MIN = 16,
	LABEL_MAX = 63,
	DOMAIN_MAX = 253,
};

/* The locale has no say in what a name is made of. */
static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_alnum(char c)
{
	return is_upper(c) || is_lower(c) || (c >= '0' && c <= '9');
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_name_char(char c)
{
	return is_alnum(c) || (c != '\0' && strchr("._-", c) != NULL);
}

static bool is_bech32(char c)
{
	return c != '\0' &&
	       strchr("qpzry9x8gf2tvdw0s3jn54khce6mua7l", lower(c)) != NULL;
}

/*
 * Reads the offer at @text into @ret.  BOLT 12 lets a writer break one with
 * "+" and white space, and knows no mixed case.
 */
static bool read_offer(const char *text, struct way_back *ret)
{
	bool has_upper = false, has_lower = false;
	struct way_back found = { .kind = WAY_BACK_OFFER };
	size_t len = 0;

	for (;;) {
		const char *next = text;

		if (*next == '+' && len >= PREFIX_LEN) {
			do
				next++;
			while (is_space(*next));
			if (!is_bech32(*next))
				return false;
		}
		if (len < PREFIX_LEN ? lower(*next) != prefix[len]
				     : !is_bech32(*next))
			break;
		if (len == sizeof(found.text) - 1)
			return false;
		has_upper |= is_upper(*next);
		has_lower |= is_lower(*next);
		found.text[len++] = lower(*next);
		text = next + 1;
	}
	if (len < PREFIX_LEN + OFFER_DATA_MIN || (has_upper && has_lower) ||
		(*text == '.' && is_name_char(text[1])) ||
		(*text != '.' && is_name_char(*text)) || *text == '@')
		return false;

	*ret = found;
	return true;
}

/* Are these @len bytes labels of at most LABEL_MAX, with dots between? */
static bool is_dotted(
	const char *text, size_t len, bool underscore, size_t *ret_n_labels)
{
	size_t start = 0, n = 0;

	for (size_t i = 0; i <= len; i++) {
		if (i < len && text[i] != '.') {
			if (!is_alnum(text[i]) && text[i] != '-' &&
				!(underscore && text[i] == '_'))
				return false;
			continue;
		}
		if (i == start || i - start > LABEL_MAX || text[start] == '-' ||
			text[i - 1] == '-')
			return false;
		start = i + 1;
		n++;
	}

	*ret_n_labels = n;
	return true;
}

static bool is_user(const char *text, size_t len)
{
	size_t n;

	return len <= LABEL_MAX && is_dotted(text, len, true, &n);
}

static bool is_domain(const char *text, size_t len)
{
	size_t n;

	/* The last label of an address in figures is a number. */
	return len <= DOMAIN_MAX && is_dotted(text, len, false, &n) && n >= 2 &&
	       (is_lower(lower(text[len - 1])) ||
		       is_lower(lower(text[len - 2])));
}

/* May a name begin behind the byte before @text, or behind the sign? */
static bool begins(const char *note, const char *text)
{
	static const char sign[] = "\xe2\x82\xbf"; /* U+20BF */
	size_t len = (size_t)(text - note);

	if (len == 0 || is_space(text[-1]) ||
		strchr("([<\"'=:,;", text[-1]) != NULL)
		return true;
	return len >= sizeof(sign) - 1 &&
	       memcmp(text - (sizeof(sign) - 1), sign, sizeof(sign) - 1) == 0;
}

/*
 * Reads the name around the "@" at @at into @ret.  What touches it must not
 * be a part of it that is not understood: the rest could be somebody else.
 */
static bool read_name(const char *note, const char *at, struct way_back *ret)
{
	const char *start = at, *end = at + 1;
	struct way_back found = { .kind = WAY_BACK_NAME };

	while (start > note && is_name_char(start[-1]))
		start--;
	while (is_name_char(*end))
		end++;
	if (*end != '\0' && !is_space(*end) &&
		strchr(")]>\"',;:!?", *end) == NULL)
		return false;
	if (end[-1] == '.') /* of the sentence */
		end--;
	if (!begins(note, start) || !is_user(start, (size_t)(at - start)) ||
		!is_domain(at + 1, (size_t)(end - at - 1)))
		return false;

	for (size_t i = 0; start + i < end; i++)
		found.text[i] = lower(start[i]);
	*ret = found;
	return true;
}

/* The way back that stands, or has its "@", at @text. */
static bool read_at(const char *note, const char *text, struct way_back *ret)
{
	if (*text == '@')
		return read_name(note, text, ret);
	/* Not what may be a part of a name. */
	return (text == note || (!is_name_char(text[-1]) && text[-1] != '@')) &&
	       read_offer(text, ret);
}

bool way_back_find(const char *note, struct way_back *ret)
{
	struct way_back found, other;
	bool is_found = false;

	if (note == NULL ||
		strnlen(note, WAY_BACK_NOTE_MAX + 1) > WAY_BACK_NOTE_MAX)
		return false;

	for (const char *text = note; *text != '\0'; text++) {
		if (!read_at(note, text, is_found ? &other : &found))
			continue;
		if (is_found && (other.kind != found.kind ||
					strcmp(other.text, found.text) != 0))
			return false;
		is_found = true;
	}
	if (is_found)
		*ret = found;
	return is_found;
}
