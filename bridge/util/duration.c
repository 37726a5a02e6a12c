/* SPDX-License-Identifier: MIT */

#include "util/duration.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct unit {
	const char *name;
	uint64_t ms;
} units[] = {
	{ "", 1000 },
	{ "ms", 1 },
	{ "s", 1000 },
	{ "min", 60 * 1000 },
	{ "h", 60 * 60 * 1000 },
	{ "d", 24 * 60 * 60 * 1000 },
};

int duration_parse(const char *text, uint64_t max_ms, uint64_t *ret_ms)
{
	uint64_t n = 0;

	if (*text < '0' || *text > '9')
		return -EINVAL;
	for (; *text >= '0' && *text <= '9'; text++) {
		uint64_t digit = (uint64_t)(*text - '0');

		if (digit > max_ms || n > (max_ms - digit) / 10)
			return -EINVAL;
		n = 10 * n + digit;
	}
	if (text[0] == ' ' && text[1] != '\0')
		text++;

	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		if (strcmp(text, units[i].name) != 0)
			continue;
		if (n > max_ms / units[i].ms)
			return -EINVAL;
		*ret_ms = n * units[i].ms;
		return 0;
	}

	return -EINVAL;
}

void duration_print(uint64_t ms, char ret[static DURATION_TEXT_SIZE])
{
	const uint64_t min = 60 * 1000, hour = 60 * min, day = 24 * hour;

	if (ms < 1000)
		(void)snprintf(ret, DURATION_TEXT_SIZE, "%" PRIu64 " ms", ms);
	else if (ms < 10 * 1000)
		(void)snprintf(ret, DURATION_TEXT_SIZE,
			"%" PRIu64 ".%" PRIu64 " s", ms / 1000,
			ms % 1000 / 100);
	else if (ms < 2 * min)
		(void)snprintf(
			ret, DURATION_TEXT_SIZE, "%" PRIu64 " s", ms / 1000);
	else if (ms < 2 * hour)
		(void)snprintf(
			ret, DURATION_TEXT_SIZE, "%" PRIu64 " min", ms / min);
	else if (ms < 2 * day)
		(void)snprintf(
			ret, DURATION_TEXT_SIZE, "%" PRIu64 " h", ms / hour);
	else
		(void)snprintf(
			ret, DURATION_TEXT_SIZE, "%" PRIu64 " days", ms / day);
}
