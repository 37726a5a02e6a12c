/* SPDX-License-Identifier: MIT */

#include "util/json.h"

#include <inttypes.h>
#include <stdlib.h>

#include "util/macro.h"

void json_init(struct json *json, FILE *out)
{
	*json = (struct json){ .out = out };
}

static void write_text(FILE *out, const char *text)
{
	(void)fputc('"', out);
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			(void)fprintf(out, "\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			(void)fprintf(out, "\\u%04x", c);
		else
			(void)fputc(c, out);
	}
	(void)fputc('"', out);
}

/* The comma and the key that come before any value. */
static void begin_value(struct json *json, const char *key)
{
	if (json->has_item[json->depth])
		(void)fputc(',', json->out);
	json->has_item[json->depth] = true;
	if (key != NULL) {
		write_text(json->out, key);
		(void)fputc(':', json->out);
	}
}

static void open_level(struct json *json, const char *key, char bracket)
{
	begin_value(json, key);
	(void)fputc(bracket, json->out);
	if (json->depth == JSON_DEPTH_MAX)
		abort();
	json->has_item[++json->depth] = false;
}

static void close_level(struct json *json, char bracket)
{
	if (json->depth == 0)
		abort();
	json->depth--;
	(void)fputc(bracket, json->out);
}

void json_open_object(struct json *json, const char *key)
{
	open_level(json, key, '{');
}

void json_close_object(struct json *json)
{
	close_level(json, '}');
}

void json_open_array(struct json *json, const char *key)
{
	open_level(json, key, '[');
}

void json_close_array(struct json *json)
{
	close_level(json, ']');
}

void json_text(struct json *json, const char *key, const char *value)
{
	begin_value(json, key);
	write_text(json->out, value);
}

void json_unsigned(struct json *json, const char *key, uint64_t value)
{
	begin_value(json, key);
	(void)fprintf(json->out, "%" PRIu64, value);
}

void json_signed(struct json *json, const char *key, int64_t value)
{
	begin_value(json, key);
	(void)fprintf(json->out, "%" PRId64, value);
}

void json_number(struct json *json, const char *key, double value)
{
	begin_value(json, key);
	(void)fprintf(json->out, "%.15g", value);
}

void json_bool(struct json *json, const char *key, bool value)
{
	begin_value(json, key);
	(void)fputs(value ? "true" : "false", json->out);
}

void json_nothing(struct json *json, const char *key)
{
	begin_value(json, key);
	(void)fputs("null", json->out);
}

void json_end(struct json *json)
{
	json->has_item[0] = false;
	(void)fputc('\n', json->out);
}
