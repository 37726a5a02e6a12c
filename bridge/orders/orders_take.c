/* SPDX-License-Identifier: MIT */

/* How an order comes to be: from a payment, or by the owner's hand. */

#include <stdio.h>

#include "orders/orders_live.h"
#include "orders/orders_money.h"

/*
 * Writes an order, and remembers it unless it has ended by that.  @for_order is
 * what it does after all, or 0.
 */
static int take(struct orders *orders, const struct payment *payment,
	const struct orders_choice *choice, uint64_t for_order,
	bool begin_first, const struct moment *now, uint64_t *ret_order_id)
{
	const struct menu_action *action = choice->action;
	bool is_taken = choice->verdict == ORDERS_TAKEN;
	bool extends = choice->verdict == ORDERS_EXTENDS;
	_cleanup_(freep) struct live *live = NULL;
	char steps[LEDGER_PROGRAM_SIZE] = "", undo[LEDGER_PROGRAM_SIZE] = "";
	char warn[LEDGER_PROGRAM_SIZE], end[LEDGER_PROGRAM_SIZE];
	char first[STEP_TEXT_SIZE];
	struct rental rental;
	struct ledger_order order = {
		.action = action == NULL ? "" : action->name,
		.steps = steps,
		.undo = undo,
		.needs_parked = action != NULL &&
				conditions_has(&action->when, CONDITION_PARKED),
		.keeps_unknown = action != NULL && action->unknown == MENU_KEEP,
		.state = extends       ? LEDGER_CONFIRMED
			 : !is_taken   ? choice->may_be_done ? LEDGER_UNKNOWN
							     : LEDGER_REFUSED
			 : begin_first ? LEDGER_RUNNING
				       : LEDGER_QUEUED,
		.why = choice->why,
		.payment = payment,
		.tip_msat = choice->tip_msat,
		.deposit_msat = choice->deposit_msat,
		.inspect_ms = action != NULL ? action->inspect_ms : 0,
		.for_order = for_order,
	};
	uint64_t id;
	int r;

	/* Before the write: what is written must not be forgotten here. */
	live = calloc(1, sizeof(*live));
	if (live == NULL)
		return -ENOMEM;
	if (is_taken) {
		orders_print_program(&choice->steps, steps);
		orders_print_program(&choice->undo, undo);
	}
	if (is_taken && begin_first) {
		step_print(&choice->steps.steps[0], first);
		order.first_step = first;
	}
	if (orders_rents(orders, choice, now, &rental)) {
		orders_print_program(&rental.terms.warn, warn);
		orders_print_program(&rental.terms.end, end);
		order.rental = &rental;
		order.rental_warn = warn;
		order.rental_end = end;
	}
	r = ledger_take(orders->ledger, &order, now, &id);
	if (r != 0)
		return r;

	if (order.rental != NULL && rental.order_id == 0)
		rental.order_id = id;
	if (is_taken) {
		live->steps = choice->steps;
		live->undo = choice->undo;
		live->order = (struct order){
			.id = id,
			.steps = &live->steps,
			.undo = &live->undo,
			.conditions = action->when,
			.budget_ms = action->budget_ms,
			.has_payment = payment != NULL,
			.start_by_ms = choice->start_by_ms,
			.taken_ms = now->boot_ms,
		};
		(void)snprintf(live->order.action, sizeof(live->order.action),
			"%s", action->name);
		live->action = action;
		live->for_order = for_order;
		live->is_handed = begin_first;
		live->is_begun = begin_first;
		live->awaits_take = payment != NULL && payment->held;
		orders_append(orders, steal_ptr(&live));
	}
	*ret_order_id = id;
	orders_tell(orders, id);
	if (order.rental != NULL)
		orders_set_rental(orders, &rental, now);
	return 0;
}

int orders_record(struct orders *orders, const struct payment *payment,
	const struct orders_choice *choice, bool begin_first,
	const struct moment *now, uint64_t *ret_order_id)
{
	int r = LEDGER_E_KNOWN;

	if (choice->verdict != ORDERS_NOT_OURS &&
		choice->verdict != ORDERS_KNOWN)
		r = take(orders, payment, choice, 0, begin_first, now,
			ret_order_id);
	if (r != LEDGER_E_KNOWN)
		return r;

	/* Nothing to do for it, but not to be told of it again. */
	r = payment->pay_index == 0
		    ? 0
		    : ledger_set_position(orders->ledger, payment->node_id,
			      payment->pay_index);
	if (r == 0)
		*ret_order_id = 0;

	return r;
}

/* By the owner's hand: for nobody, or for the order @for_order. */
static int take_by_hand(struct orders *orders, const char *action,
	uint64_t for_order, const struct moment *now, uint64_t *ret_order_id)
{
	_cleanup_(orders_choice_wipep) struct orders_choice choice = {
		.verdict = ORDERS_TAKEN,
	};

	choice.action = menu_find(orders->menu, action);
	if (choice.action == NULL)
		return LEDGER_E_NONE;
	if (orders->n_waiting >= ORDERS_WAITING_MAX)
		return -EBUSY;
	/* One at a time, even by the owner's hand. */
	if (choice.action->rental.length_ms > 0 &&
		orders_rental(orders) != NULL)
		return LEDGER_E_RENTED;

	choice.steps = choice.action->steps;
	choice.undo = choice.action->undo;
	choice.start_at_ms = now->boot_ms;
	choice.start_by_ms = now->boot_ms + choice.action->max_age_ms;
	return take(orders, NULL, &choice, for_order, false, now, ret_order_id);
}

int orders_try(struct orders *orders, const char *action,
	const struct moment *now, uint64_t *ret_order_id)
{
	return take_by_hand(orders, action, 0, now, ret_order_id);
}

int orders_do(struct orders *orders, uint64_t order_id,
	const struct moment *now, uint64_t *ret_order_id)
{
	struct ledger_row row;
	int r;

	r = ledger_get(orders->ledger, order_id, &row);
	if (r != 0)
		return r;
	if (row.money != LEDGER_OWED)
		return LEDGER_E_NONE;

	r = take_by_hand(orders, row.action, order_id, now, ret_order_id);
	if (r == 0)
		orders_tell(orders, order_id);
	return r;
}

int orders_try_program(struct orders *orders, const struct program *steps,
	const struct program *undo, const struct moment *now,
	uint64_t *ret_order_id)
{
	if (orders->n_waiting >= ORDERS_WAITING_MAX)
		return -EBUSY;

	return orders_take_own(orders, ORDERS_PROGRAM, steps, undo,
		now->boot_ms + MENU_MAX_AGE_MS, now, ret_order_id);
}
