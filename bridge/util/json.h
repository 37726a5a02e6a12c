/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * JSON - written to a stream, object by object, without a tree in memory
 *
 * For what programs print with --json.  A key is given inside an object, and
 * NULL inside an array or at the top.  Texts are UTF-8.  Reading JSON is
 * lightning/stream's matter.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum {
	/* Deepest nesting; more is a bug of the caller. */
	JSON_DEPTH_MAX = 8,
};

struct json {
	FILE *out;
	unsigned int depth;
	/* Has something been written at this depth, so that a comma is due? */
	bool has_item[JSON_DEPTH_MAX + 1];
};

void json_init(struct json *json, FILE *out);

void json_open_object(struct json *json, const char *key);
void json_close_object(struct json *json);
void json_open_array(struct json *json, const char *key);
void json_close_array(struct json *json);

void json_text(struct json *json, const char *key, const char *value);
void json_unsigned(struct json *json, const char *key, uint64_t value);
void json_signed(struct json *json, const char *key, int64_t value);
/* To 15 digits; @value is finite, as JSON knows no other numbers. */
void json_number(struct json *json, const char *key, double value);
void json_bool(struct json *json, const char *key, bool value);
/* null; jansson, which some programs link as well, has a json_null(). */
void json_nothing(struct json *json, const char *key);

/* A newline after the outermost value: one document per line. */
void json_end(struct json *json);
