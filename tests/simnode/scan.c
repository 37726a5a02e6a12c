/* SPDX-License-Identifier: MIT */

#include "scan.h"

#include <stdbool.h>
#include <string.h>

size_t scan_object(const char *text, size_t len)
{
	unsigned int depth = 0;
	bool quoted = false;

	if (text[0] != '{')
		return len;
	for (size_t i = 0; i < len; i++) {
		switch (text[i]) {
		case '\\':
			if (quoted)
				i++;
			break;
		case '"':
			quoted = !quoted;
			break;
		case '{':
		case '[':
			depth += !quoted;
			break;
		case '}':
		case ']':
			depth -= !quoted;
			if (depth == 0)
				return i + 1;
			break;
		}
	}

	return 0;
}

size_t scan_space(const char *text, size_t len)
{
	size_t n = 0;

	while (n < len && text[n] != '\0' && strchr(" \t\r\n", text[n]) != NULL)
		n++;
	return n;
}
