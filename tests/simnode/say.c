/* SPDX-License-Identifier: MIT */

#include "say.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdarg.h>

#include "util/clock.h"
#include "util/macro.h"

void say(const struct say *say, const char *format, ...)
{
	uint64_t t = clock_boottime_ms() - say->start_ms;
	_cleanup_(freep) char *text = NULL;
	va_list args;
	json_t *json;

	va_start(args, format);
	json = json_vpack_ex(NULL, 0, format, args);
	va_end(args);
	/* Fails for text that is no UTF-8, or for want of memory. */
	if (json == NULL)
		return;
	text = json_dumps(json, JSON_COMPACT | JSON_REAL_PRECISION(6));
	json_decref(json);
	if (text == NULL)
		return;

	/* The time is written by hand: jansson has no fixed decimals. */
	(void)fprintf(say->out, "{\"t\":%" PRIu64 ".%03" PRIu64 ",%s\n",
		t / 1000, t % 1000, text + 1);
	(void)fflush(say->out);
}
