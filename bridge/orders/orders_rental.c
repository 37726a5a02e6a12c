/* SPDX-License-Identifier: MIT */

/* One rental at a time: begun, extended and ended by orders. */

#include "orders/orders_rental.h"

#include <stdio.h>
#include <string.h>

#include "orders/orders_live.h"

static bool is_named(const struct live *live, const char *name)
{
	return strcmp(live->order.action, name) == 0;
}

/* The order of @name that lives, or NULL. */
static const struct live *find_order(
	const struct orders *orders, const char *name)
{
	const struct live *live = orders->first;

	while (live != NULL && !is_named(live, name))
		live = live->next;

	return live;
}

const struct rental *orders_rental(const struct orders *orders)
{
	const struct rental *rental = &orders->rental;

	return rental->phase == RENTAL_ENDED ? NULL : rental;
}

bool orders_rental_is_busy(const struct orders *orders)
{
	return orders->rental.phase == RENTAL_TAKEN ||
	       find_order(orders, ORDERS_RENTAL_WARN) != NULL ||
	       find_order(orders, ORDERS_RENTAL_END) != NULL;
}

void orders_set_rental(struct orders *orders, const struct rental *rental,
	const struct moment *now)
{
	orders->rental = *rental;
	orders->rental_written_ms = now->boot_ms;
	if (orders->rental_handler != NULL)
		orders->rental_handler(
			orders->rental_userdata, &orders->rental);
}

/* Its order ended while nobody could write both: the order says how. */
static int settle_taken(struct orders *orders, const struct moment *now)
{
	struct rental *rental = &orders->rental;
	struct ledger_row row;
	int r;

	r = ledger_get(orders->ledger, rental->order_id, &row);
	if (r != 0)
		return r == LEDGER_E_NONE ? -EUCLEAN : r;
	if (row.state == LEDGER_QUEUED || row.state == LEDGER_RUNNING)
		return 0;

	rental_begin(rental,
		row.state == LEDGER_CONFIRMED ? OUTCOME_CONFIRMED
		: row.state == LEDGER_REFUSED ? OUTCOME_REFUSED
					      : OUTCOME_UNKNOWN,
		row.why, now);
	return ledger_set_rental(orders->ledger, rental, now);
}

int orders_load_rental(struct orders *orders, const struct moment *now)
{
	char warn[LEDGER_PROGRAM_SIZE], end[LEDGER_PROGRAM_SIZE];
	struct rental *rental = &orders->rental;
	int r;

	r = ledger_rental(orders->ledger, now, rental, warn, end);
	if (r == LEDGER_E_NONE)
		return 0;
	if (r != 0)
		return r;

	orders_parse_program(warn, &rental->terms.warn);
	orders_parse_program(end, &rental->terms.end);
	orders->rental_written_ms = now->boot_ms;
	return rental->phase == RENTAL_TAKEN ? settle_taken(orders, now) : 0;
}

bool orders_rents(const struct orders *orders,
	const struct orders_choice *choice, const struct moment *now,
	struct rental *ret)
{
	const struct menu_action *action = choice->action;

	if (choice->verdict == ORDERS_EXTENDS) {
		*ret = orders->rental;
		rental_extend(ret, action->rental.length_ms, now);
		return true;
	}
	if (choice->verdict != ORDERS_TAKEN || action->rental.length_ms == 0)
		return false;

	*ret = (struct rental){
		.terms = action->rental,
		.phase = RENTAL_TAKEN,
		.until_ms = (int64_t)now->boot_ms +
			    (int64_t)action->rental.length_ms,
	};
	(void)snprintf(ret->action, sizeof(ret->action), "%s", action->name);
	return true;
}

/*
 * Once its end has been ordered, the car is as good as closed.  And by a menu
 * that has changed meanwhile, @action may be something else.
 */
bool orders_extends(const struct orders *orders,
	const struct menu_action *action, const struct moment *now,
	char why[static WHY_SIZE])
{
	const struct rental *rental = &orders->rental;

	if (action->rental.length_ms == 0 ||
		find_order(orders, ORDERS_RENTAL_END) != NULL) {
		rental_decline(rental, now, why);
		return false;
	}

	return rental_may_extend(rental, action->name, now, why);
}

bool orders_is_tenant(const struct orders *orders, const struct live *live,
	const struct moment *now, char why[static WHY_SIZE])
{
	const struct rental *rental = orders_rental(orders);

	if (rental == NULL || rental->order_id == live->order.id)
		return true;

	rental_decline(rental, now, why);
	return false;
}

bool orders_rental_after(const struct orders *orders, const struct live *live,
	enum outcome outcome, const char *why, const struct moment *now,
	struct rental *ret)
{
	const struct rental *rental = orders_rental(orders);

	if (rental == NULL)
		return false;

	*ret = *rental;
	if (rental->phase == RENTAL_TAKEN &&
		rental->order_id == live->order.id) {
		rental_begin(ret, outcome, why, now);
		return true;
	}
	if (is_named(live, ORDERS_RENTAL_WARN) && outcome != OUTCOME_REFUSED)
		return rental_warned(ret, now);
	if (is_named(live, ORDERS_RENTAL_END) && outcome == OUTCOME_CONFIRMED &&
		rental->phase == RENTAL_ENDING) {
		rental_close(ret, now);
		return true;
	}

	return false;
}

int orders_rental_see(struct orders *orders, const struct moment *now,
	const struct car_state *state)
{
	struct rental rental = orders->rental;
	bool is_due =
		now->boot_ms - orders->rental_written_ms >= RENTAL_WRITE_MS;
	bool changed;
	int r;

	if (orders_rental(orders) == NULL)
		return 0;
	changed = rental_see(&rental, now, state);
	if (!changed && !is_due)
		return 0;

	r = ledger_set_rental(orders->ledger, &rental, now);
	if (changed)
		orders_set_rental(orders, &rental, now);
	else if (r == 0)
		orders->rental_written_ms = now->boot_ms;

	return r;
}

int orders_rental_run(struct orders *orders, enum rental_task_type task,
	const struct moment *now)
{
	const struct rental_terms *terms = &orders->rental.terms;
	const struct program no_undo = { 0 };
	bool is_end = task == RENTAL_END;
	uint64_t id;

	return orders_take_own(orders,
		is_end ? ORDERS_RENTAL_END : ORDERS_RENTAL_WARN,
		is_end ? &terms->end : &terms->warn, &no_undo,
		now->boot_ms + ORDERS_RENTAL_START_MS, now, &id);
}

int orders_rental_stop(struct orders *orders, const struct moment *now)
{
	struct rental rental = orders->rental;
	int r;

	switch (rental.phase) {
	case RENTAL_ENDED:
		return LEDGER_E_NONE;
	case RENTAL_TAKEN:
		return -EBUSY;
	case RENTAL_OFFERED:
	case RENTAL_OCCUPIED:
	case RENTAL_ENDING:
		break;
	}

	rental_stop(&rental, "the owner ended it");
	r = ledger_set_rental(orders->ledger, &rental, now);
	if (r == 0)
		orders_set_rental(orders, &rental, now);

	return r;
}

void orders_on_rental(struct orders *orders,
	void (*handler)(void *userdata, const struct rental *rental),
	void *userdata)
{
	orders->rental_handler = handler;
	orders->rental_userdata = userdata;
}
