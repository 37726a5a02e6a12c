/* SPDX-License-Identifier: MIT */

#include "orders/orders.h"

#include <stdio.h>
#include <string.h>

#include "orders/orders_live.h"
#include "orders/rules.h"
#include "util/bytes.h"
#include "util/clock.h"

enum {
	/* How soon an order that could not be ended is tried again. */
	AGAIN_MS = 1000,
};

static void hand_out(struct orders *orders, struct live *live)
{
	live->is_handed = true;
	orders->n_waiting--;
}

static void forget(struct orders *orders, struct live *live)
{
	struct live **p = &orders->first;

	while (*p != live)
		p = &(*p)->next;
	*p = live->next;
	if (!live->is_handed)
		orders->n_waiting--;
	program_wipe(&live->steps);
	program_wipe(&live->undo);
	free(live);
}

static int add_crashed(void *userdata, const struct ledger_crashed *crashed)
{
	struct orders *orders = userdata;
	struct live *live = calloc(1, sizeof(*live));

	if (live == NULL)
		return -ENOMEM;

	orders_parse_program(crashed->steps, &live->steps);
	orders_parse_program(crashed->undo, &live->undo);
	live->order = (struct order){
		.id = crashed->id,
		.steps = &live->steps,
		.undo = &live->undo,
		.conditions.set = crashed->needs_parked
					  ? CONDITIONS_OF(CONDITION_PARKED).set
					  : 0,
		.has_payment = crashed->has_payment,
		.journal = crashed->journal,
	};
	(void)snprintf(live->order.action, sizeof(live->order.action), "%s",
		crashed->action);
	live->for_order = crashed->for_order;
	live->is_crashed = true;
	orders_append(orders, live);
	return 0;
}

int orders_open(const struct menu *menu, const char *state_dir,
	bool allow_volatile, const struct moment *now, bool *ret_broken,
	struct orders **ret)
{
	_cleanup_(orders_freep) struct orders *orders = NULL;
	bool broken = false;
	int r;

	orders = calloc(1, sizeof(*orders));
	if (orders == NULL)
		return -ENOMEM;
	orders->menu = menu;
	r = ledger_open(
		state_dir, allow_volatile, now, &broken, &orders->ledger);
	if (r == 0)
		r = ledger_end_queued(orders->ledger,
			"the bridge was restarted before the car was asked",
			now);
	if (r == 0)
		r = ledger_each_running(orders->ledger, add_crashed, orders);
	if (r == 0)
		r = orders_load_rental(orders, now);
	if (r == 0)
		r = ledger_is_paused(orders->ledger, &orders->is_paused);
	if (r != 0)
		return r;

	ledger_broken(orders->ledger, &orders->broken);
	*ret_broken = broken;
	*ret = steal_ptr(&orders);
	return 0;
}

struct orders *orders_free(struct orders *orders)
{
	if (orders == NULL)
		return NULL;

	while (orders->first != NULL)
		forget(orders, orders->first);
	program_wipe(&orders->rental.terms.warn);
	program_wipe(&orders->rental.terms.end);
	(void)ledger_free(orders->ledger);
	free(orders);

	return NULL;
}

int orders_position(
	struct orders *orders, const char *node_id, uint64_t *ret_pay_index)
{
	return ledger_position(orders->ledger, node_id, ret_pay_index);
}

int64_t orders_missing_since(struct orders *orders)
{
	const struct ledger_break *broken = &orders->broken;

	/* 0: the clock was not set, and still is not. */
	if (!broken->happened || broken->at_s == 0 ||
		ledger_has_position(orders->ledger) != LEDGER_E_NONE)
		return INT64_MAX;

	return broken->at_s - LEDGER_BROKEN_S;
}

int orders_begin_node(
	struct orders *orders, const char *node_id, uint64_t pay_index)
{
	return ledger_set_position(orders->ledger, node_id, pay_index);
}

bool orders_find(
	const struct orders *orders, uint64_t order_id, struct order *ret)
{
	const struct live *live = orders_find_live(orders, order_id);

	if (live == NULL)
		return false;

	*ret = live->order;
	return true;
}

/* Ends orders that have waited too long.  False if one could not be. */
static bool end_stale(struct orders *orders, const struct moment *now)
{
	struct live *live = orders->first, *next;

	for (; live != NULL; live = next) {
		next = live->next;
		if (live->is_handed || live->is_crashed ||
			now->boot_ms < live->order.start_by_ms)
			continue;
		if (orders_end(orders, live->order.id, OUTCOME_REFUSED, false,
			    "the car was not free in time", now) != 0)
			return false;
	}

	return true;
}

bool orders_next(struct orders *orders, const struct moment *now,
	struct order *ret, uint64_t *ret_wake_ms)
{
	uint64_t wake_ms = CLOCK_NEVER;

	if (!end_stale(orders, now)) {
		*ret_wake_ms = now->boot_ms + AGAIN_MS;
		return false;
	}

	for (struct live *live = orders->first; live != NULL;
		live = live->next) {
		uint64_t at_ms = now->boot_ms;

		if (live->is_handed || live->is_crashed)
			continue;
		/*
		 * What the node does not grant in time ends then.  The owner's
		 * hand does not wait for a cooldown.
		 */
		if (live->awaits_take)
			at_ms = live->order.start_by_ms;
		else if (live->order.has_payment &&
			 orders_start_at(orders, live->action, now, &at_ms) !=
				 0)
			at_ms = now->boot_ms + AGAIN_MS;
		if (at_ms <= now->boot_ms) {
			hand_out(orders, live);
			*ret = live->order;
			return true;
		}
		if (at_ms > live->order.start_by_ms)
			at_ms = live->order.start_by_ms;
		if (at_ms < wake_ms)
			wake_ms = at_ms;
	}

	*ret_wake_ms = wake_ms;
	return false;
}

bool orders_next_crashed(struct orders *orders, struct order *ret)
{
	for (struct live *live = orders->first; live != NULL;
		live = live->next) {
		if (!live->is_crashed || live->is_handed)
			continue;
		hand_out(orders, live);
		*ret = live->order;
		return true;
	}

	return false;
}

bool orders_may_begin(struct orders *orders, uint64_t order_id,
	const struct moment *now, const struct car_state *state,
	char why[static LEDGER_TEXT_SIZE])
{
	const struct live *live = orders_find_live(orders, order_id);

	if (live == NULL) {
		(void)snprintf(why, LEDGER_TEXT_SIZE, "there is no such order");
		return false;
	}
	if (live->is_crashed)
		return true;
	if (now->boot_ms >= live->order.start_by_ms) {
		(void)snprintf(
			why, LEDGER_TEXT_SIZE, "the car was not ready in time");
		return false;
	}
	if (live->order.has_payment && orders->is_paused) {
		(void)snprintf(why, LEDGER_TEXT_SIZE, "the bridge is paused");
		return false;
	}
	if (live->order.has_payment &&
		!orders_is_tenant(orders, live, now, why))
		return false;
	if (live->order.has_payment && !rules_is_open(live->action, now, why))
		return false;

	return rules_are_met(&live->order.conditions, state, now, why);
}

int orders_step_begun(struct orders *orders, uint64_t order_id, size_t index,
	bool is_undo, const struct step *step, const struct moment *now)
{
	struct live *live = orders_find_live(orders, order_id);
	char text[STEP_TEXT_SIZE];
	int r;

	if (live == NULL)
		return -ENOENT;

	step_print(step, text);
	r = ledger_begin_step(
		orders->ledger, order_id, index, is_undo, text, now);
	if (r != 0)
		return r == LEDGER_E_NONE ? -ENOENT : r;
	live->is_begun = true;
	if (!live->is_handed)
		hand_out(orders, live);
	if (index == 0 && !is_undo)
		orders_tell(orders, order_id);

	return 0;
}

int orders_step_ended(struct orders *orders, uint64_t order_id, size_t index,
	bool is_undo, enum outcome outcome, const struct moment *now)
{
	(void)now;
	if (orders_find_live(orders, order_id) == NULL)
		return -ENOENT;

	return ledger_end_step(
		orders->ledger, order_id, index, is_undo, outcome);
}

int orders_end(struct orders *orders, uint64_t order_id, enum outcome outcome,
	bool keeps, const char *why, const struct moment *now)
{
	struct live *live = orders_find_live(orders, order_id);
	char safe[LEDGER_TEXT_SIZE];
	uint64_t for_order;
	struct rental rental;
	bool changes;
	int r;

	if (live == NULL)
		return -ENOENT;

	for_order = live->for_order;
	text_printable(why == NULL ? "" : why, safe, sizeof(safe));
	changes =
		orders_rental_after(orders, live, outcome, safe, now, &rental);
	r = ledger_end(orders->ledger, order_id, outcome, keeps, safe,
		changes ? &rental : NULL, now);
	if (r != 0)
		return r == LEDGER_E_NONE ? -ENOENT : r;
	forget(orders, live);
	orders_tell(orders, order_id);
	if (for_order != 0)
		orders_tell(orders, for_order);
	if (changes)
		orders_set_rental(orders, &rental, now);

	return 0;
}

void orders_on_change(struct orders *orders,
	void (*handler)(void *userdata, const struct ledger_row *row),
	void *userdata)
{
	orders->handler = handler;
	orders->userdata = userdata;
}

void orders_on_broken(
	struct orders *orders, void (*handler)(void *userdata), void *userdata)
{
	ledger_on_broken(orders->ledger, handler, userdata);
}

int orders_set_paused(struct orders *orders, bool paused)
{
	int r = ledger_set_paused(orders->ledger, paused);

	if (r == 0)
		orders->is_paused = paused;

	return r;
}

bool orders_has_waiting(const struct orders *orders)
{
	return orders->n_waiting > 0;
}

bool orders_is_paused(const struct orders *orders)
{
	return orders->is_paused;
}

int orders_list(struct orders *orders, enum orders_filter filter, size_t limit,
	int (*row)(void *userdata, const struct ledger_row *row),
	void *userdata)
{
	return ledger_list(orders->ledger,
		filter == ORDERS_OWED ? LEDGER_OPEN : LEDGER_ALL, limit, row,
		userdata);
}

int orders_owed(struct orders *orders, uint64_t *ret_n, uint64_t *ret_msat)
{
	return ledger_owed(orders->ledger, ret_n, ret_msat);
}

int orders_get(struct orders *orders, uint64_t order_id, struct ledger_row *ret)
{
	return ledger_get(orders->ledger, order_id, ret);
}
