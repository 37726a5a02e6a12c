/* SPDX-License-Identifier: MIT */

#include "whitelist.h"

#include <string.h>

struct key *whitelist_find(
	struct whitelist *whitelist, const uint8_t public[DEED_KEY_SIZE])
{
	for (uint32_t i = 0; i < WHITELIST_MAX; i++) {
		struct key *key = &whitelist->keys[i];

		if (key->used &&
			memcmp(key->public, public, sizeof(key->public)) == 0)
			return key;
	}

	return NULL;
}

struct key *whitelist_find_id(
	struct whitelist *whitelist, const uint8_t id[KEY_ID_SIZE])
{
	for (uint32_t i = 0; i < WHITELIST_MAX; i++) {
		struct key *key = &whitelist->keys[i];

		if (key->used && memcmp(key->id, id, sizeof(key->id)) == 0)
			return key;
	}

	return NULL;
}

struct key *whitelist_slot(struct whitelist *whitelist, uint32_t slot)
{
	if (slot >= WHITELIST_MAX || !whitelist->keys[slot].used)
		return NULL;

	return &whitelist->keys[slot];
}

uint32_t key_slot(const struct whitelist *whitelist, const struct key *key)
{
	return (uint32_t)(key - whitelist->keys);
}

struct key *whitelist_add(struct whitelist *whitelist)
{
	for (uint32_t i = 0; i < WHITELIST_MAX; i++) {
		struct key *key = &whitelist->keys[i];

		if (key->used)
			continue;
		*key = (struct key){ .used = true };
		return key;
	}

	return NULL;
}

bool count_allows(const struct count *count, uint32_t counter, bool strict)
{
	uint32_t back;

	if (counter > count->last)
		return true;
	if (strict || counter == count->last)
		return false;

	/* Within the window, and not yet used. */
	back = count->last - counter - 1;
	return back < COUNT_WINDOW && (count->window >> back & 1) == 0;
}

void count_note(struct count *count, uint32_t counter)
{
	uint32_t step;

	if (counter < count->last) {
		count->window |= UINT32_C(1) << (count->last - counter - 1);
		return;
	}

	/*
	 * The window slides: what was last becomes bit step - 1.  In C a
	 * shift by the width of the type is undefined, not 0.
	 */
	step = counter - count->last;
	count->window = step < COUNT_WINDOW ? count->window << step : 0;
	if (step <= COUNT_WINDOW)
		count->window |= UINT32_C(1) << (step - 1);
	count->last = counter;
}
