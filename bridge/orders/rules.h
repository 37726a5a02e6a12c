/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Rules - may an action run now?
 *
 * Pure.  Each refusal comes with a sentence in plain words.
 *
 * Spec: architecture 3 (fresh), 4.
 */

#include <stdbool.h>
#include <stdint.h>

#include "model/car_state.h"
#include "model/command.h"
#include "orders/ledger.h"
#include "orders/menu.h"
#include "orders/payment.h"

enum {
	/* A clock at the node that is ahead by more than this is wrong. */
	RULES_AHEAD_MAX_S = 5,
	RULES_HOUR_MS = 60 * 60 * 1000,
	/* So long no payment asks the car anew what it has just denied. */
	RULES_KNOWN_MS = 2 * 1000,
	RULES_DAY_MS = 24 * RULES_HOUR_MS,
};

/*
 * Until when is @payment fresh for something that takes up to @max_age_ms?
 * Returns true and the moment of BOOTTIME, or false and the reason.
 */
bool rules_fresh_until(const struct payment *payment, uint64_t max_age_ms,
	const struct moment *now, uint64_t *ret_until_ms,
	char why[static WHY_SIZE]);

/* Is it within @action's opening hours? */
bool rules_is_open(const struct menu_action *action, const struct moment *now,
	char why[static WHY_SIZE]);

/* What a limit counts in: the last hour, the last 24 hours. */
enum rules_period {
	RULES_PER_HOUR,
	RULES_PER_DAY,
};

/* How often @action may be done in @period; 0: there is no limit. */
uint32_t rules_limit(
	const struct menu_action *action, enum rules_period period);

/*
 * Is there room under that limit?  @nth_age_ms is how long ago the order was
 * begun that is as many places back, UINT64_MAX if there is none.
 */
bool rules_has_room(const struct menu_action *action, enum rules_period period,
	uint64_t nth_age_ms, char why[static WHY_SIZE]);

/*
 * When may @action start, because of its cooldown?  @last_age_ms is how long
 * ago its last order was begun, UINT64_MAX if there is none.
 */
uint64_t rules_start_at(const struct menu_action *action, uint64_t last_age_ms,
	const struct moment *now);

/* Is the car proven to be as @conditions say? */
bool rules_are_met(const struct conditions *conditions,
	const struct car_state *state, const struct moment *now,
	char why[static WHY_SIZE]);

/*
 * May it be so, as far as the car told of it within RULES_KNOWN_MS?  What is not
 * known may.
 */
bool rules_may_be_met(const struct conditions *conditions,
	const struct car_state *state, const struct moment *now,
	char why[static WHY_SIZE]);

/*
 * Could @payment have been acted on before the ledger broke, with nothing left
 * that tells?  Architecture 6: what was paid in the seven days before.
 */
bool rules_may_be_done(const struct ledger_break *broken,
	const struct payment *payment, const struct moment *now);
