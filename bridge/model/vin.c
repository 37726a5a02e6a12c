/* SPDX-License-Identifier: MIT */

#include "model/vin.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "util/bytes.h"

enum {
	LEN = VIN_SIZE - 1,
	/* Of a foreign text, in a sentence. */
	SHOWN_SIZE = 32,
};

static char upper(char c)
{
	return (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
}

static void say_illegal(const char *text, size_t at, const char *shown,
	char why[static VIN_WHY_SIZE])
{
	static const char asked[] = "IOQ", meant[] = "100";
	const char *p = strchr(asked, upper(text[at]));
	/* Not so half a character of UTF-8, whichever sign a char has. */
	bool is_shown = text[at] > ' ' && text[at] <= '~';

	if (p != NULL)
		(void)snprintf(why, VIN_WHY_SIZE,
			"\"%s\" is no VIN: character %zu is \"%c\", which no "
			"VIN has; is it a \"%c\"?",
			shown, at + 1, text[at], meant[p - asked]);
	else
		(void)snprintf(why, VIN_WHY_SIZE,
			"\"%s\" is no VIN: character %zu%s%.*s%s is neither a "
			"digit nor a letter",
			shown, at + 1, is_shown ? ", \"" : "", is_shown ? 1 : 0,
			&text[at], is_shown ? "\"," : "");
}

int vin_parse(const char *text, char ret[static VIN_SIZE],
	char why[static VIN_WHY_SIZE])
{
	char vin[VIN_SIZE] = "", shown[SHOWN_SIZE];
	size_t len = strlen(text);

	text_printable(text, shown, sizeof(shown));
	/* Before its length: who typed a letter O looks for that. */
	for (size_t i = 0; i < len && i < LEN; i++) {
		vin[i] = upper(text[i]);
		if (strchr(VIN_LETTERS, vin[i]) == NULL) {
			say_illegal(text, i, shown, why);
			return VIN_E_INVALID;
		}
	}
	if (len != LEN) {
		(void)snprintf(why, VIN_WHY_SIZE,
			"\"%s\" is no VIN: it has %zu characters, a VIN has "
			"%d",
			shown, len, LEN);
		return VIN_E_INVALID;
	}

	memcpy(ret, vin, sizeof(vin));
	return 0;
}

char vin_check_digit(const char vin[static VIN_SIZE])
{
	/* Of A to Z; those that no VIN has are 0. */
	static const unsigned int values[] = { 1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 2,
		3, 4, 5, 0, 7, 0, 9, 2, 3, 4, 5, 6, 7, 8, 9 };
	static const unsigned int weights[LEN] = { 8, 7, 6, 5, 4, 3, 2, 10, 0,
		9, 8, 7, 6, 5, 4, 3, 2 };
	unsigned int sum = 0;

	for (size_t i = 0; i < LEN; i++)
		sum += weights[i] *
		       (vin[i] <= '9' ? (unsigned int)(vin[i] - '0')
				      : values[vin[i] - 'A']);

	return "0123456789X"[sum % 11];
}
