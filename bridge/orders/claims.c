/* SPDX-License-Identifier: MIT */

#include "orders/claims.h"

#include <stdio.h>
#include <string.h>

#include "util/amount.h"
#include "util/claimed.h"

static const char label_prefix[] = "1sat2flash-";

/* The action that @rest of a label names: "flash" or "flash-anything". */
static const struct menu_action *named_by(
	const struct menu *menu, const char *rest)
{
	const struct menu_action *best = NULL;
	size_t best_len = 0;

	for (size_t i = 0; i < menu->n_actions; i++) {
		const struct menu_action *action = &menu->actions[i];
		size_t len = strlen(action->name);

		if (strncmp(rest, action->name, len) == 0 &&
			(rest[len] == '\0' || rest[len] == '-') &&
			len > best_len) {
			best = action;
			best_len = len;
		}
	}

	return best;
}

/*
 * Is a payment that came by no offer claimed?  *@ret_action is what its label
 * names, NULL if it names nothing.
 */
static bool is_claimed(const struct menu *menu, const struct payment *payment,
	const struct menu_action **ret_action)
{
	/*
	 * The sender of a keysend writes its description: it is no invoice of
	 * anybody who speaks for this node.
	 */
	bool is_keysend = claimed_is_keysend(payment->label);
	const char *description = payment->description == NULL || is_keysend
					  ? ""
					  : payment->description;
	bool claimed = false;

	*ret_action = NULL;
	for (size_t i = 0; i < menu->n_accept; i++) {
		const struct menu_accept *accept = &menu->accept[i];
		size_t prefix_len;

		switch (accept->kind) {
		case MENU_ACCEPT_OFFERS:
			break;
		case MENU_ACCEPT_LABEL:
			if (!claimed_by_label(
				    payment->label, accept->text, &prefix_len))
				break;
			claimed = true;
			if (*ret_action == NULL)
				*ret_action = named_by(
					menu, payment->label + prefix_len);
			break;
		case MENU_ACCEPT_LIGHTNING_ADDRESS:
			claimed = claimed ||
				  claimed_by_address(description, accept->text);
			break;
		case MENU_ACCEPT_DESCRIPTION:
			claimed = claimed ||
				  strstr(description, accept->text) != NULL;
			break;
		case MENU_ACCEPT_ANY:
			claimed = true;
			if (*ret_action == NULL &&
				strncmp(payment->label, label_prefix,
					strlen(label_prefix)) == 0)
				*ret_action = named_by(menu,
					payment->label + strlen(label_prefix));
			break;
		}
	}

	return claimed;
}

static const struct menu_action *by_offer(
	const struct menu *menu, const char *offer_id)
{
	bool accepted = false;

	for (size_t i = 0; i < menu->n_accept; i++)
		if (menu->accept[i].kind == MENU_ACCEPT_OFFERS)
			accepted = true;
	for (size_t i = 0; accepted && i < menu->n_actions; i++)
		if (*menu->actions[i].offer_id != '\0' &&
			strcmp(menu->actions[i].offer_id, offer_id) == 0)
			return &menu->actions[i];

	return NULL;
}

/* How many rounds @msat, no less than the price, pays for; the rest. */
static uint32_t rounds_for(
	const struct menu_action *action, uint64_t msat, uint64_t *ret_tip_msat)
{
	uint64_t more_msat = msat - action->price_msat, n_more = 0;

	if (action->scale_msat > 0 && action->rounds_max > 1)
		n_more = more_msat / action->scale_msat;
	if (n_more > 0 && n_more > action->rounds_max - 1)
		n_more = action->rounds_max - 1;

	*ret_tip_msat = more_msat - n_more * action->scale_msat;
	return (uint32_t)n_more + 1;
}

/*
 * The exact price first, then that of some rounds; else the dearest that the
 * amount reaches.
 */
const struct menu_action *claim_by_amount(
	const struct menu *menu, uint64_t msat)
{
	const struct menu_action *best = NULL, *rounds = NULL;
	uint64_t tip_msat;

	for (size_t i = 0; i < menu->n_actions; i++) {
		const struct menu_action *action = &menu->actions[i];

		if (action->price_msat == msat)
			return action;
		if (action->match == MENU_AT_LEAST &&
			action->price_msat < msat &&
			(best == NULL || action->price_msat > best->price_msat))
			best = action;
		if (rounds == NULL && action->price_msat < msat) {
			(void)rounds_for(action, msat, &tip_msat);
			if (tip_msat == 0)
				rounds = action;
		}
	}

	return rounds != NULL ? rounds : best;
}

void claim_judge(const struct menu *menu, const struct payment *payment,
	struct claim *ret)
{
	const struct menu_action *action;
	char paid[AMOUNT_TEXT_SIZE], price[AMOUNT_TEXT_SIZE];

	*ret = (struct claim){ .verdict = CLAIM_NOT_OURS };
	amount_print(payment->msat, paid);

	/* An unknown offer sells something else, whatever it costs. */
	if (payment->offer_id != NULL) {
		action = by_offer(menu, payment->offer_id);
		if (action == NULL)
			return;
	} else if (!is_claimed(menu, payment, &action)) {
		return;
	}

	if (action == NULL) {
		action = claim_by_amount(menu, payment->msat);
		if (action == NULL) {
			ret->verdict = CLAIM_NOTHING;
			(void)snprintf(ret->why, sizeof(ret->why),
				"no action costs %s", paid);
			return;
		}
	}
	ret->action = action;
	if (payment->msat < action->price_msat) {
		amount_print(action->price_msat, price);
		ret->verdict = CLAIM_NOTHING;
		(void)snprintf(ret->why, sizeof(ret->why),
			"paid %s, %s costs %s", paid, action->name, price);
		return;
	}
	ret->verdict = CLAIM_BUYS;
	ret->n_rounds = rounds_for(action, payment->msat, &ret->tip_msat);
}
