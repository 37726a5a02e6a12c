/* SPDX-License-Identifier: MIT */

/* What a payment buys, and whether it may: writes nothing. */

#include <stdio.h>
#include <string.h>

#include "orders/claims.h"
#include "orders/ledger_money.h"
#include "orders/orders_live.h"
#include "orders/rules.h"
#include "util/bytes.h"
#include "util/point.h"
#include "util/way_back.h"

/* Is it what the ledger can hold? */
static bool is_sound(const struct payment *payment)
{
	size_t node_len = strlen(payment->node_id);
	uint8_t hash[32];

	return node_len > 0 &&
	       node_len < sizeof(((struct ledger_row *)NULL)->node_id) &&
	       hex_decode(payment->payment_hash, hash, sizeof(hash)) == 0 &&
	       payment->pay_index <= INT64_MAX && payment->msat <= INT64_MAX;
}

/*
 * May @action be done once more in @period, behind those that have not begun,
 * be it only because the car is being woken for them?  An order counts once,
 * whatever its rounds.
 */
static int judge_limit(struct orders *orders, const struct menu_action *action,
	enum rules_period period, const struct moment *now, bool *ret_has_room,
	char why[static WHY_SIZE])
{
	uint32_t limit = rules_limit(action, period);
	uint64_t age_ms = UINT64_MAX;
	size_t n = 0;
	int r = 0;

	if (limit > 0)
		for (struct live *live = orders->first; live != NULL;
			live = live->next)
			n += live->action == action && !live->is_begun;
	if (n < limit)
		r = ledger_age(orders->ledger, action->name, limit - 1 - n, now,
			&age_ms);
	else if (limit > 0)
		age_ms = 0;
	if (r != 0 && r != LEDGER_E_NONE)
		return r;

	*ret_has_room = rules_has_room(action, period, age_ms, why);
	return 0;
}

int orders_start_at(struct orders *orders, const struct menu_action *action,
	const struct moment *now, uint64_t *ret_ms)
{
	uint64_t age_ms = UINT64_MAX;
	int r = 0;

	if (action->cooldown_ms > 0)
		r = ledger_age(orders->ledger, action->name, 0, now, &age_ms);
	if (r != 0 && r != LEDGER_E_NONE)
		return r;

	*ret_ms = rules_start_at(action, age_ms, now);
	return 0;
}

/*
 * The rules for a payment that buys @choice->action.  Leaves the reason in
 * @choice->why, or the times in @choice.
 */
static int judge(struct orders *orders, const struct payment *payment,
	const struct moment *now, const struct car_state *state,
	uint32_t n_rounds, struct orders_choice *choice)
{
	const struct menu_action *action = choice->action;
	struct way_back way_back;
	bool has_room;
	int r;

	if (orders->is_paused) {
		(void)snprintf(choice->why, sizeof(choice->why),
			"the bridge is paused");
		return 0;
	}
	if (choice->deposit_msat > 0 &&
		!way_back_find(payment->payer_note, &way_back)) {
		(void)snprintf(choice->why, sizeof(choice->why),
			"the note of the payment says no way back for the "
			"deposit: it takes a BOLT 12 offer or a name like "
			"you@wallet.example");
		return 0;
	}
	if (!rules_fresh_until(payment, action->max_age_ms, now,
		    &choice->start_by_ms, choice->why))
		return 0;
	if (orders_rental(orders) != NULL) {
		if (orders_extends(orders, action, now, choice->why))
			choice->verdict = ORDERS_EXTENDS;
		return 0;
	}
	if (!rules_is_open(action, now, choice->why) ||
		!rules_may_be_met(&action->when, state, now, choice->why))
		return 0;
	r = judge_limit(
		orders, action, RULES_PER_HOUR, now, &has_room, choice->why);
	if (r == 0 && has_room)
		r = judge_limit(orders, action, RULES_PER_DAY, now, &has_room,
			choice->why);
	if (r != 0 || !has_room)
		return r;
	r = orders_start_at(orders, action, now, &choice->start_at_ms);
	if (r != 0)
		return r;
	/* Waiting would only keep the payer waiting, too. */
	if (choice->start_at_ms >= choice->start_by_ms) {
		(void)snprintf(choice->why, sizeof(choice->why),
			"%s rests after each time, for longer than this "
			"payment counts",
			action->name);
		return 0;
	}
	if (orders->n_waiting >= ORDERS_WAITING_MAX) {
		(void)snprintf(choice->why, sizeof(choice->why),
			"too many orders are waiting already");
		return 0;
	}

	/* The menu has been checked for the most rounds that there are. */
	if (program_repeat(&action->steps, n_rounds, &choice->steps) != 0)
		return -EINVAL;
	choice->undo = action->undo;
	choice->verdict = ORDERS_TAKEN;
	return 0;
}

/* The offer of the plugin by which @payment came; false: by no such. */
static int find_offer(struct orders *orders, const struct payment *payment,
	struct claim_offer *ret, bool *ret_is_there)
{
	char action[MENU_NAME_SIZE];
	int r;

	*ret_is_there = false;
	if (payment->offer_id == NULL)
		return 0;
	r = ledger_offer(orders->ledger, payment->offer_id, action,
		&ret->price_msat, &ret->deposit_msat);
	if (r == LEDGER_E_NONE)
		return 0;
	if (r != 0)
		return r;

	ret->action = menu_find(orders->menu, action);
	*ret_is_there = true;
	return 0;
}

/*
 * May @payment have been acted on, with nothing in the ledger that tells?  Of
 * one that is held the node knows whether we took it.
 */
static bool may_be_done(struct orders *orders, const struct payment *payment,
	const struct moment *now, char why[static LEDGER_TEXT_SIZE])
{
	if (payment->held && payment->taken)
		(void)snprintf(why, LEDGER_TEXT_SIZE,
			"the node says that it was taken before, and the "
			"ledger does not know of it");
	else if (!payment->held &&
		 rules_may_be_done(&orders->broken, payment, now))
		(void)snprintf(why, LEDGER_TEXT_SIZE,
			"the ledger was broken; this may have been done "
			"before");
	else
		return false;

	return true;
}

int orders_choose(struct orders *orders, const struct payment *payment,
	const struct moment *now, const struct car_state *state,
	struct orders_choice *ret)
{
	_cleanup_(orders_choice_wipep) struct orders_choice choice = {
		.verdict = ORDERS_NOT_OURS,
	};
	struct claim_offer offer;
	struct claim claim;
	bool has_offer;
	int r;

	if (!is_sound(payment))
		return -EINVAL;

	r = find_offer(orders, payment, &offer, &has_offer);
	if (r != 0)
		return err_fold(r);
	claim_judge(orders->menu, payment, has_offer ? &offer : NULL, &claim);
	if (claim.verdict == CLAIM_NOT_OURS) {
		*ret = choice;
		return 0;
	}
	r = ledger_knows(
		orders->ledger, payment->node_id, payment->payment_hash);
	if (r == LEDGER_E_KNOWN) {
		choice.verdict = ORDERS_KNOWN;
		*ret = choice;
		return 0;
	}
	if (r != 0)
		return err_fold(r);

	choice.verdict = ORDERS_DECLINED;
	choice.action = claim.action;
	choice.tip_msat = claim.tip_msat;
	choice.deposit_msat = claim.deposit_msat;
	choice.may_be_done = may_be_done(orders, payment, now, choice.why);
	if (choice.may_be_done) {
		;
	} else if (payment->restored) {
		(void)snprintf(choice.why, sizeof(choice.why),
			"the node was restored or exchanged; this may be an "
			"old payment");
	} else if (claim.verdict == CLAIM_NOTHING) {
		(void)snprintf(choice.why, sizeof(choice.why), "%s", claim.why);
	} else {
		r = judge(orders, payment, now, state, claim.n_rounds, &choice);
		if (r != 0)
			return err_fold(r);
	}

	point("payment-chosen");
	*ret = choice;
	return 0;
}
