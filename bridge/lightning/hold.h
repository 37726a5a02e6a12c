/* SPDX-License-Identifier: MIT */
#pragma once

/* Hold - what 1sat2flash-node says, read from its JSON; for holds.c */

#include <jansson.h>
#include <stdbool.h>

#include "lightning/holds.h"
#include "lightning/invoice.h"

/* The codes of the plugin's errors: 1sat2flash-node(8). */
enum {
	HOLD_NO_GUARD = 2100,
	HOLD_CLAIMED = 2101,
	HOLD_STALE = 2102,
	HOLD_NOT_HELD = 2103,
	HOLD_NOT_REGISTERED = 2104,
	HOLD_NOT_OURS = 2110,
	HOLD_NOT_RECEIVED = 2111,
	HOLD_HAD = 2112, /* earned or kept */
	HOLD_RETURNED = 2113,
	HOLD_NO_WAY_BACK = 2114,
	HOLD_DAILY_LIMIT = 2115,
	HOLD_UNDER_WAY = 2116,
	HOLD_FAILED = 2117,           /* and nothing was paid */
	HOLD_UNKNOWN_METHOD = -32601, /* JSON-RPC: there is no plugin */
	HOLD_BAD_PARAMS = -32602,
};

/*
 * Reads a payment that is held: all of it but node_id.  Its texts are those in
 * *@texts, its description that in @object.  Returns false if it is none;
 * *@texts is then unspecified.
 */
bool hold_read(
	const json_t *object, struct invoice_texts *texts, struct hold *ret);

/*
 * Reads offers, whose texts live as long as @array.  What is none is left out.
 * Returns how many there are.
 */
size_t hold_read_offers(
	const json_t *array, struct holds_offer ret[static HOLDS_OFFERS_MAX]);

/* "pending", "paid" or "unpaid". */
bool hold_read_state(const json_t *value, enum holds_state *ret);

/* The parameters of 1sat2flash-register; NULL: no memory. */
json_t *hold_registration(const struct holds_config *config, const char *boot,
	const struct holds_owed *owed, size_t n_owed);

/* The names of the actions whose bits are set in @open; NULL: no memory. */
json_t *hold_open_names(const struct holds_config *config, uint64_t open);
