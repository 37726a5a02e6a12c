/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Record - one dictionary of the bridge's answer: a status, an action, an order
 *
 * Keys that are absent read as "", 0 or false, and those that a newer bridge
 * may add are kept for JSON if their type is known.  Texts belong to the
 * message and live as long as it does.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

#include "util/json.h"
#include "util/macro.h"

enum {
	RECORD_FIELDS_MAX = 48,
	RECORD_ITEMS_MAX = 128,
};

struct record {
	size_t n_fields;
	struct record_field {
		const char *name;
		char type; /* as in D-Bus: s, t, x, b; 'a' for a list */
		const char *text;
		uint64_t number; /* t, u and b */
		int64_t time;
		size_t first_item, n_items;
	} fields[RECORD_FIELDS_MAX];
	size_t n_items;
	const char *items[RECORD_ITEMS_MAX];
};

/*
 * Reads the next a{sv}.  Returns 1 and the record, 0 at the end of an array
 * of them, -E2BIG if it is larger than a record, or another negative errno.
 */
int record_read(sd_bus_message *m, struct record *ret) _must_use_;

/* Is there a @name of that @type: s, t, x, b or a? */
bool record_has(const struct record *record, const char *name, char type);

const char *record_text(const struct record *record, const char *name);
uint64_t record_number(const struct record *record, const char *name);
int64_t record_time(const struct record *record, const char *name);
bool record_flag(const struct record *record, const char *name);
/* The items of a list, *@ret_n of them. */
const char *const *record_list(
	const struct record *record, const char *name, size_t *ret_n);

/* Writes all of it as one object. */
void record_write(
	const struct record *record, struct json *json, const char *key);
