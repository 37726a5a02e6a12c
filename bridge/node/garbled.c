/* SPDX-License-Identifier: MIT */

#include "node/garbled.h"

#include <string.h>

struct span {
	const char *text;
	size_t len;
};

static bool span_is(struct span span, const char *quoted)
{
	return span.len == strlen(quoted) &&
	       memcmp(span.text, quoted, span.len) == 0;
}

/* The string that begins at @i, with its quotes; to the end, if it has none. */
static struct span read_string(const char *text, size_t len, size_t i)
{
	size_t start = i++;

	while (i < len && text[i] != '"')
		i += text[i] == '\\' ? 2 : 1;
	i = i < len ? i + 1 : len;
	return (struct span){ text + start, i - start };
}

/* The value that begins at @i: up to a comma or bracket that is not in it. */
static struct span read_value(const char *text, size_t len, size_t i)
{
	size_t start = i, depth = 0;

	for (; i < len; i++) {
		char c = text[i];

		if (depth == 0 && (c == ',' || c == '}' || c == ']'))
			break;
		if (c == '"')
			i += read_string(text, len, i).len - 1;
		else if (c == '{' || c == '[')
			depth++;
		else if (c == '}' || c == ']')
			depth--;
	}

	return (struct span){ text + start, i - start };
}

/* The value of the outermost member @quoted; empty if there is none. */
static struct span find(const char *text, size_t len, const char *quoted)
{
	for (size_t i = 1; i < len; i++) {
		struct span key, value;

		if (text[i] != '"')
			continue;
		key = read_string(text, len, i);
		i += key.len;
		while (i < len && text[i] != ':')
			i++;
		if (i >= len)
			break;
		value = read_value(text, len, i + 1);
		if (span_is(key, quoted))
			return value;
		i += value.len;
	}

	return (struct span){ text, 0 };
}

static json_t *parse(struct span span)
{
	return json_loadb(span.text, span.len,
		JSON_DECODE_ANY | JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL,
		NULL);
}

bool garbled_read(const char *text, size_t len, const char *hook,
	json_t **ret_id, bool *ret_is_hook)
{
	json_t *id = parse(find(text, len, "\"id\"")), *method;
	const char *name;

	if (id == NULL)
		return false;

	method = parse(find(text, len, "\"method\""));
	name = json_string_value(method);
	*ret_is_hook = name != NULL && strcmp(name, hook) == 0;
	json_decref(method);
	*ret_id = id;
	return true;
}
