/* SPDX-License-Identifier: MIT */

#include "daemon/purse.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/runner.h"
#include "orders/orders_money.h"
#include "orders/orders_rental.h"
#include "util/clock.h"
#include "util/log.h"

/* What is gathered of the ledger's open rows, before it is written again. */
struct gathering {
	const struct holds *holds;
	struct holds_owed owed[HOLDS_OWED_MAX];
	size_t n_owed;
	uint64_t refund[HOLDS_OWED_MAX]; /* orders to be paid back unasked */
	size_t n_refund;
};

/*
 * Unasked goes back only what had no effect for sure, was not refused by the
 * node before, and comes with a note that may say where to.
 */
static bool goes_by_itself(const struct ledger_row *row)
{
	return row->money == LEDGER_OWED && row->state == LEDGER_REFUSED &&
	       row->refund_why[0] == '\0' && row->payer_note[0] != '\0';
}

static int gather(void *userdata, const struct ledger_row *row)
{
	struct gathering *gathering = userdata;
	struct holds_owed *owed;

	/* What another node received this one cannot pay back. */
	if (!holds_is_node(gathering->holds, row->node_id))
		return 0;
	if (goes_by_itself(row))
		gathering->refund[gathering->n_refund++] = row->order_id;
	if (row->money != LEDGER_OWED)
		return 0;
	owed = &gathering->owed[gathering->n_owed++];
	owed->msat = row->msat;
	(void)snprintf(owed->payment_hash, sizeof(owed->payment_hash), "%s",
		row->payment_hash);
	(void)snprintf(owed->action, sizeof(owed->action), "%s", row->action);
	(void)snprintf(owed->why, sizeof(owed->why), "%s", row->why);
	return 0;
}

/* Tells the node what is owed, if that has changed. */
static void tell_owed(struct purse *purse, const struct gathering *gathering)
{
	if (purse->n_owed == gathering->n_owed &&
		memcmp(purse->owed, gathering->owed,
			gathering->n_owed * sizeof(*purse->owed)) == 0)
		return;

	purse->n_owed = gathering->n_owed;
	memcpy(purse->owed, gathering->owed, sizeof(purse->owed));
	holds_set_owed(purse->holds, purse->owed, purse->n_owed);
}

struct due {
	struct purse *purse;
	bool more;
};

static int return_deposit(void *userdata, const struct ledger_row *row)
{
	struct due *due = userdata;
	struct holds *holds = due->purse->holds;

	if (!holds_is_node(holds, row->node_id))
		return 0;
	due->more = true;
	(void)!holds_refund(holds, row->payment_hash, row->deposit_msat);
	return 0;
}

int purse_work(struct purse *purse, const struct moment *now, bool *ret_more)
{
	/* All bytes are compared. */
	struct gathering gathering;
	struct due due = { .purse = purse };
	uint64_t msat;
	int r;

	memset(&gathering, 0, sizeof(gathering));
	gathering.holds = purse->holds;
	r = orders_list(
		purse->orders, ORDERS_OWED, HOLDS_OWED_MAX, gather, &gathering);
	if (r != 0)
		return r;
	tell_owed(purse, &gathering);
	for (size_t i = 0; purse->menu->refunds && i < gathering.n_refund;
		i++) {
		r = orders_refund(
			purse->orders, gathering.refund[i], false, &msat);
		if (r != 0 && r != LEDGER_E_NONE)
			return r;
		due.more = true;
	}
	r = orders_due_deposits(
		purse->orders, now, HOLDS_OWED_MAX, return_deposit, &due);
	if (r != 0)
		return r;

	*ret_more = due.more;
	return 0;
}

static bool is_fresh(uint64_t at_ms, uint64_t now_ms)
{
	return at_ms != 0 && at_ms <= now_ms &&
	       now_ms - at_ms < CAR_PARKED_MAX_AGE_MS;
}

/*
 * A deposit waits until the car is back.  It was looked at when the rental
 * ended; where somebody sat in it then, it is looked at again: what is open or
 * occupied, and right after it, whether the car is parked.
 */
static void look_for_deposits(struct purse *purse, const struct moment *now)
{
	const struct car_state *state = car_state(runner_car(purse->runner));
	bool waits = false;

	if (orders_see_deposits(purse->orders, now, state, &waits) != 0 ||
		!waits || orders_rental(purse->orders) != NULL) {
		purse->look_again_ms = 0;
		return;
	}
	if (is_fresh(state->closures.at_ms, now->boot_ms)) {
		if (!is_fresh(state->drive.at_ms, now->boot_ms))
			(void)!runner_read(
				purse->runner, COMMAND_STATE_DRIVE, true);
		return;
	}
	if (purse->look_again_ms != 0 && now->boot_ms < purse->look_at_ms)
		return;

	purse->look_again_ms = purse->look_again_ms == 0
				       ? PURSE_LOOK_MIN_MS
				       : clock_earlier(2 * purse->look_again_ms,
						 PURSE_LOOK_MAX_MS);
	purse->look_at_ms = now->boot_ms + purse->look_again_ms;
	(void)!runner_read(purse->runner, COMMAND_STATE_CLOSURES, true);
}

static int see_due(void *userdata, const struct ledger_row *row)
{
	struct due *due = userdata;

	due->more |= holds_is_node(due->purse->holds, row->node_id);
	return 0;
}

bool purse_look(struct purse *purse, const struct moment *now)
{
	struct due due = { .purse = purse };

	look_for_deposits(purse, now);
	return orders_due_deposits(purse->orders, now, HOLDS_OWED_MAX, see_due,
		       &due) == 0 &&
	       due.more;
}

void purse_refunded(
	struct purse *purse, uint64_t order_id, bool paid, const char *why)
{
	int r;

	r = orders_refunded(purse->orders, order_id, paid, why);
	if (r != 0 && r != LEDGER_E_NONE)
		log_warning("order %" PRIu64 ": that it was paid back cannot "
			    "be written down; the node is asked again",
			order_id);
}
