/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Claims - is a payment for the car, and what does it buy?
 *
 * A node has other income: a shop's mug, a donation, a rebalance.  Only what
 * the menu claims counts.  Pure: looks at menu and payment only.
 *
 * Spec: architecture 4, lightning 1.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/command.h"
#include "orders/menu.h"
#include "orders/payment.h"

enum claim_verdict {
	CLAIM_NOT_OURS,
	CLAIM_NOTHING, /* claimed, but it buys nothing: @why */
	CLAIM_BUYS,    /* buys @action */
};

struct claim {
	enum claim_verdict verdict;
	const struct menu_action *action; /* as far as it is known, or NULL */
	uint32_t n_rounds;                /* CLAIM_BUYS: how many, 1 and up */
	uint64_t tip_msat;                /* more than was asked */
	uint64_t deposit_msat;            /* CLAIM_BUYS: of what was asked */
	char why[WHY_SIZE];               /* CLAIM_NOTHING: a sentence */
};

/* An offer that the node's plugin made for us, whatever the menu says now. */
struct claim_offer {
	const struct menu_action *action; /* NULL: it is not sold any more */
	uint64_t price_msat;              /* by which it was made */
	uint64_t deposit_msat;            /* of that */
};

/*
 * @offer is the one by which it came, if it is one of the plugin's; else NULL.
 * Offer and label name the action; then the price is the least to be paid and
 * more is a tip, as far as it buys no more rounds.  Else the amount alone
 * decides.
 */
void claim_judge(const struct menu *menu, const struct payment *payment,
	const struct claim_offer *offer, struct claim *ret);

/* What @msat buys where the amount alone decides, or NULL. */
const struct menu_action *claim_by_amount(
	const struct menu *menu, uint64_t msat);
