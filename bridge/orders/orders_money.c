/* SPDX-License-Identifier: MIT */

#include "orders/orders_money.h"

#include <stdio.h>
#include <string.h>

#include "orders/orders_live.h"
#include "orders/rules.h"
#include "util/clock.h"

int orders_of_payment(struct orders *orders, const char *node_id,
	const char *payment_hash, struct ledger_row *ret)
{
	return ledger_find(orders->ledger, node_id, payment_hash, ret);
}

void orders_grant(struct orders *orders, uint64_t order_id, uint64_t until_ms)
{
	struct live *live = orders_find_live(orders, order_id);
	uint64_t needs_ms;

	if (live == NULL || !live->awaits_take)
		return;

	needs_ms = ORDERS_HOLD_MARGIN_MS +
		   (live->order.budget_ms != 0
				   ? live->order.budget_ms
				   : program_budget_ms(live->order.steps));
	until_ms = until_ms > needs_ms ? until_ms - needs_ms : 0;
	live->order.start_by_ms =
		clock_earlier(live->order.start_by_ms, until_ms);
	live->awaits_take = false;
}

int orders_unsettled(struct orders *orders, size_t limit,
	int (*row)(void *userdata, const struct ledger_row *row),
	void *userdata)
{
	return ledger_list(
		orders->ledger, LEDGER_UNSETTLED, limit, row, userdata);
}

int orders_settled(struct orders *orders, uint64_t order_id, bool paid)
{
	int r;

	r = ledger_settled(orders->ledger, order_id, paid);
	if (r == 0)
		orders_tell(orders, order_id);

	return r;
}

int orders_refund(struct orders *orders, uint64_t order_id, bool owner,
	uint64_t *ret_msat)
{
	struct ledger_row row;
	int r;

	r = ledger_get(orders->ledger, order_id, &row);
	if (r != 0)
		return r;

	switch (row.money) {
	case LEDGER_REFUNDING:
		*ret_msat = 0;
		return 0;
	case LEDGER_OWED:
		r = ledger_move(orders->ledger, order_id, LEDGER_OWED,
			LEDGER_REFUNDING, "");
		if (r != 0)
			return r;
		orders_tell(orders, order_id);
		*ret_msat = 0;
		return 0;
	default:
		break;
	}

	if (row.deposit == LEDGER_DEPOSIT_INSPECT
			? !owner || (row.money != LEDGER_EARNED &&
					    row.money != LEDGER_KEPT)
			: row.deposit != LEDGER_DEPOSIT_DUE)
		return LEDGER_E_NONE;
	/* Also where it is due: why it did not go back counts no more. */
	r = ledger_move_deposit(
		orders->ledger, order_id, row.deposit, LEDGER_DEPOSIT_DUE, "");
	if (r == 0)
		*ret_msat = row.deposit_msat;

	return r;
}

int orders_refunded(
	struct orders *orders, uint64_t order_id, bool paid, const char *why)
{
	int r;

	/* Of these at most one holds. */
	r = ledger_move(orders->ledger, order_id, LEDGER_REFUNDING,
		paid ? LEDGER_RETURNED : LEDGER_OWED, why);
	if (r == LEDGER_E_NONE && paid)
		r = ledger_move(orders->ledger, order_id, LEDGER_OWED,
			LEDGER_RETURNED, "");
	if (r == LEDGER_E_NONE)
		r = ledger_move_deposit(orders->ledger, order_id,
			LEDGER_DEPOSIT_DUE,
			paid ? LEDGER_DEPOSIT_RETURNED : LEDGER_DEPOSIT_DUE,
			why);
	if (r == 0)
		orders_tell(orders, order_id);

	return r;
}

int orders_write_off(struct orders *orders, uint64_t order_id)
{
	int r;

	r = ledger_move(
		orders->ledger, order_id, LEDGER_OWED, LEDGER_WRITTEN_OFF, "");
	if (r == LEDGER_E_NONE)
		r = ledger_move_deposit(orders->ledger, order_id,
			LEDGER_DEPOSIT_INSPECT, LEDGER_DEPOSIT_KEPT, "");
	if (r == LEDGER_E_NONE)
		r = ledger_move_deposit(orders->ledger, order_id,
			LEDGER_DEPOSIT_DUE, LEDGER_DEPOSIT_KEPT, "");
	if (r == 0)
		orders_tell(orders, order_id);

	return r;
}

int orders_see_deposits(struct orders *orders, const struct moment *now,
	const struct car_state *state, bool *ret_waits)
{
	const struct car_closures *closures = &state->closures;
	bool is_asleep = state->body.sleep == CAR_SLEEP_ASLEEP;
	bool is_seen = closures->at_ms != 0 &&
		       closures->at_ms <= now->boot_ms &&
		       now->boot_ms - closures->at_ms <= CAR_PARKED_MAX_AGE_MS;
	bool is_back = orders_rental(orders) == NULL && is_seen &&
		       car_state_is_parked(state, now->boot_ms) &&
		       closures->any_door_open == CAR_NO &&
		       closures->trunk_open == CAR_NO &&
		       closures->frunk_open == CAR_NO &&
		       (closures->user_present == CAR_NO || is_asleep);
	int r;

	r = ledger_has_deposits(orders->ledger, ret_waits);
	if (r != 0 || !*ret_waits || !is_back)
		return r;
	r = ledger_inspect_deposits(
		orders->ledger, now->wall_is_set ? now->wall_s : 0);
	if (r == 0)
		*ret_waits = false;

	return r;
}

int orders_due_deposits(struct orders *orders, const struct moment *now,
	size_t limit, int (*row)(void *userdata, const struct ledger_row *row),
	void *userdata)
{
	int r;

	r = ledger_due_deposits(
		orders->ledger, now->wall_is_set ? now->wall_s : 0);
	if (r != 0)
		return r;

	return ledger_list(orders->ledger, LEDGER_DUE, limit, row, userdata);
}

int orders_set_offers(
	struct orders *orders, struct ledger_offer *offers, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct menu_action *action =
			menu_find(orders->menu, offers[i].action);

		offers[i].deposit_msat =
			action != NULL && !offers[i].is_retired &&
					menu_asked_msat(action) ==
						offers[i].price_msat
				? (int64_t)action->deposit_msat
				: -1;
	}

	return ledger_set_offers(orders->ledger, offers, n);
}

int orders_offer_of(struct orders *orders, const char *action,
	char ret_bolt12[static LEDGER_BOLT12_SIZE], bool *ret_is_active)
{
	return ledger_offer_of(
		orders->ledger, action, ret_bolt12, ret_is_active);
}

/* Fails one of @conditions by what the car told at @at_ms, and lately? */
static bool was_otherwise(const struct conditions *conditions,
	const struct car_state *state, uint64_t at_ms, uint64_t now_ms)
{
	struct condition_judgement judgement;

	if (at_ms == 0 || at_ms > now_ms || now_ms - at_ms > ORDERS_KNOWN_MS)
		return false;

	conditions_judge(conditions, state, at_ms, &judgement);
	return judgement.verdict == CONDITION_FAILS;
}

bool orders_is_on_sale(const struct orders *orders,
	const struct menu_action *action, const struct moment *now,
	const struct car_state *state, bool *ret_is_otherwise)
{
	char why[WHY_SIZE];
	bool is_otherwise = was_otherwise(&action->when, state,
				    state->drive.at_ms, now->boot_ms) ||
			    was_otherwise(&action->when, state,
				    state->closures.at_ms, now->boot_ms);

	*ret_is_otherwise = is_otherwise;
	if (orders->is_paused)
		return false;
	if (orders_rental(orders) != NULL)
		return orders_extends(orders, action, now, why);

	return rules_is_open(action, now, why) && !is_otherwise;
}
