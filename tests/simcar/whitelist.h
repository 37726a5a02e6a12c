/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Whitelist - the keys that the car obeys, and how far each has counted
 *
 * One list for both domains.  A key added later is known to VCSEC at once, to
 * infotainment some time after: vehicle-protocol 6.1.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "deed.h"

enum {
	/* The sources state no capacity; slotMask has 32 bits. */
	WHITELIST_MAX = 20,
	KEY_ID_SIZE = 4,

	COUNT_WINDOW = 32, /* vehicle-protocol 3.5 */
};

/* The counters seen from one key in one domain, in one epoch. */
struct count {
	uint32_t last;
	uint32_t window; /* bit k: last - 1 - k was used */
};

struct key {
	bool used;
	uint8_t public[DEED_KEY_SIZE];
	uint8_t id[KEY_ID_SIZE];
	Keys__Role role;
	int32_t form; /* VCSEC.KeyFormFactor */
	uint64_t infotainment_from_ms;
	bool infotainment_knows;
	struct count vcsec;
	struct count infotainment;
};

struct whitelist {
	struct key keys[WHITELIST_MAX]; /* by slot */
};

/* The key with @public, or NULL. */
struct key *whitelist_find(
	struct whitelist *whitelist, const uint8_t public[DEED_KEY_SIZE]);

/* The key with @id, or NULL. */
struct key *whitelist_find_id(
	struct whitelist *whitelist, const uint8_t id[KEY_ID_SIZE]);

/* The key in @slot, or NULL. */
struct key *whitelist_slot(struct whitelist *whitelist, uint32_t slot);

uint32_t key_slot(const struct whitelist *whitelist, const struct key *key);

/* A free slot, marked as used and zeroed; NULL if there is none. */
struct key *whitelist_add(struct whitelist *whitelist);

/* Does @count allow @counter: strictly increasing, or by the window? */
bool count_allows(const struct count *count, uint32_t counter, bool strict);

/* Notes a @counter that is allowed. */
void count_note(struct count *count, uint32_t counter);
