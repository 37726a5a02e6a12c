/* SPDX-License-Identifier: MIT */
#pragma once

/* Recent - how the last payments ended, for the log and the owner */

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "node/done.h"
#include "node/holds.h"

struct node;

enum {
	RECENT_MAX = 64,
};

struct recent_payment {
	char hash[MARK_HASH_SIZE]; /* "": none */
	char car[CAR_NAME_SIZE];
	char action[CAR_NAME_SIZE];
	uint64_t msat;
	uint64_t ended_ms;
	bool settles;
	bool is_paid; /* lightningd has said so */
	char outcome[DONE_TEXT_SIZE];
	char why[DONE_TEXT_SIZE];
};

struct recent {
	struct recent_payment payments[RECENT_MAX];
	size_t next; /* the oldest, to be overwritten */
};

/* One has ended: remembered, and logged where nobody else says why. */
void recent_end(struct node *node, const struct hold_end *end);

/* The car's own words, with its verdict. */
void recent_say(struct node *node, const char *hash, const char *car,
	bool settles, const char *outcome, const char *why);

/* lightningd has the money. */
void recent_paid(struct node *node, const char *hash);

/* Those of @car, or all with NULL, the latest first; NULL without memory. */
json_t *recent_print(const struct node *node, const char *car);
