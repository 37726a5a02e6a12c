/* SPDX-License-Identifier: MIT */

#include "orders/claims.h"

#include <stdarg.h>
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

/* How many rounds @msat, no less than @price_msat, pays for; the rest. */
static uint32_t rounds_for(const struct menu_action *action,
	uint64_t price_msat, uint64_t msat, uint64_t *ret_tip_msat)
{
	uint64_t more_msat = msat - price_msat, n_more = 0;

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
		uint64_t asked_msat = menu_asked_msat(action);

		if (asked_msat == msat)
			return action;
		if (action->match == MENU_AT_LEAST && asked_msat < msat &&
			(best == NULL || asked_msat > menu_asked_msat(best)))
			best = action;
		if (rounds == NULL && asked_msat < msat) {
			(void)rounds_for(action, asked_msat, msat, &tip_msat);
			if (tip_msat == 0)
				rounds = action;
		}
	}

	return rounds != NULL ? rounds : best;
}

static void buys_nothing(struct claim *ret, const char *format, ...)
	_printf_(2, 3);

static void buys_nothing(struct claim *ret, const char *format, ...)
{
	va_list args;

	ret->verdict = CLAIM_NOTHING;
	va_start(args, format);
	(void)vsnprintf(ret->why, sizeof(ret->why), format, args);
	va_end(args);
}

void claim_judge(const struct menu *menu, const struct payment *payment,
	const struct claim_offer *offer, struct claim *ret)
{
	const struct menu_action *action;
	uint64_t asked_msat;
	char paid[AMOUNT_TEXT_SIZE], price[AMOUNT_TEXT_SIZE];

	*ret = (struct claim){ .verdict = CLAIM_NOT_OURS };
	amount_print(payment->msat, paid);

	/* An unknown offer sells something else, whatever it costs. */
	if (offer != NULL) {
		action = offer->action;
		if (action == NULL) {
			buys_nothing(ret,
				"it was for something that is not sold any "
				"more");
			return;
		}
	} else if (payment->offer_id != NULL) {
		action = by_offer(menu, payment->offer_id);
		if (action == NULL)
			return;
	} else if (!is_claimed(menu, payment, &action)) {
		return;
	}

	if (action == NULL) {
		action = claim_by_amount(menu, payment->msat);
		if (action == NULL) {
			buys_nothing(ret, "no action costs %s", paid);
			return;
		}
	}
	ret->action = action;
	asked_msat =
		offer != NULL ? offer->price_msat : menu_asked_msat(action);
	if (payment->msat < asked_msat) {
		amount_print(asked_msat, price);
		buys_nothing(
			ret, "paid %s, %s costs %s", paid, action->name, price);
		return;
	}
	ret->verdict = CLAIM_BUYS;
	ret->deposit_msat =
		offer != NULL ? offer->deposit_msat : action->deposit_msat;
	ret->n_rounds =
		rounds_for(action, asked_msat, payment->msat, &ret->tip_msat);
}
