/* SPDX-License-Identifier: MIT */

#include "daemon/escrow.h"

#include <stdio.h>
#include <string.h>

#include "daemon/moment.h"
#include "daemon/purse.h"
#include "daemon/runner.h"
#include "daemon/shelf.h"
#include "lightning/holds.h"
#include "orders/orders_money.h"
#include "util/clock.h"
#include "util/log.h"
#include "util/point.h"

enum {
	/* 0 would mean a quarter of a second. */
	TIMER_ACCURACY_US = 1000,
	/* The rest of the list is for the next time; no answer of a ledger. */
	ROWS_END = 1000,
};

struct escrow {
	struct escrow_config config;
	struct shelf shelf;
	struct purse purse;
	struct holds *holds;
	sd_event_source *work; /* verdicts and refunds that are due */
	uint64_t again_ms;
	size_t n_rows; /* looked after this time */
	bool is_idle;  /* no verdict and no refund is on its way */
};

static void schedule(struct escrow *escrow, uint64_t at_ms)
{
	int r;

	r = sd_event_source_set_time(escrow->work, at_ms * 1000);
	if (r >= 0)
		r = sd_event_source_set_enabled(escrow->work, SD_EVENT_ONESHOT);
	if (r < 0)
		log_error("cannot set a timer: %s", strerror(-r));
}

/* Does an order wait or run, or has the node to be told something? */
static void say_busy(struct escrow *escrow)
{
	holds_set_busy(escrow->holds,
		!escrow->is_idle ||
			runner_order_id(escrow->config.runner) != 0 ||
			orders_has_waiting(escrow->config.orders));
}

/* From the loop, not from inside of orders: they must not be called back. */
static void work_soon(struct escrow *escrow)
{
	escrow->is_idle = false;
	escrow->again_ms = ESCROW_AGAIN_MIN_MS;
	schedule(escrow, 0);
	say_busy(escrow);
}

/* Settled is what the car did, or what is kept. */
static int give_verdict(struct escrow *escrow, const struct ledger_row *row)
{
	return holds_decide(escrow->holds, row->payment_hash,
		row->money == LEDGER_SETTLING, ledger_state_name(row->state),
		row->why);
}

static int on_unsettled(void *userdata, const struct ledger_row *row)
{
	struct escrow *escrow = userdata;

	/* Another node knows nothing of it, and is not asked. */
	if (!holds_is_node(escrow->holds, row->node_id))
		return 0;
	escrow->is_idle = false;
	if (escrow->n_rows++ == ESCROW_ROWS)
		return ROWS_END;
	/* What finds no room is given next time. */
	if (row->money == LEDGER_REFUNDING)
		(void)!holds_refund(escrow->holds, row->payment_hash, 0);
	else
		(void)!give_verdict(escrow, row);
	return 0;
}

static int on_work(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct escrow *escrow = userdata;
	const struct moment now = moment_now();
	bool more = false;
	int r;

	(void)source;
	(void)usec;
	escrow->is_idle = true;
	escrow->n_rows = 0;
	r = orders_unsettled(
		escrow->config.orders, SIZE_MAX, on_unsettled, escrow);
	if (r == 0 || r == ROWS_END)
		r = purse_work(&escrow->purse, &now, &more);
	if (problem_set_ledger(escrow->config.ledger, r) < 0 || more)
		escrow->is_idle = false;
	say_busy(escrow);
	if (escrow->is_idle) {
		escrow->config.idle(escrow->config.userdata);
		return 0;
	}

	schedule(escrow, now.boot_ms + escrow->again_ms);
	escrow->again_ms =
		clock_earlier(2 * escrow->again_ms, ESCROW_AGAIN_MAX_MS);
	return 0;
}

/* What the plugin says. */

static struct payment payment_of(const struct hold *hold)
{
	return (struct payment){
		.node_id = hold->node_id,
		.payment_hash = hold->payment_hash,
		.label = hold->label,
		.offer_id = hold->offer_id,
		.description = hold->description,
		.payer_note = hold->payer_note,
		.msat = hold->msat,
		.max_age_ms = hold->age_ms,
		.held = true,
		.taken = hold->taken,
	};
}

static bool action_keeps(const struct menu_action *action)
{
	return action->unknown == MENU_KEEP;
}

/* The order of a payment; false: there is none, or the ledger fails. */
static bool find_order(
	struct escrow *escrow, const char *payment_hash, struct ledger_row *ret)
{
	int r;

	r = orders_of_payment(escrow->config.orders,
		holds_node_id(escrow->holds), payment_hash, ret);
	if (r == LEDGER_E_NONE)
		return false;

	return problem_set_ledger(escrow->config.ledger, r) == 0;
}

/*
 * The order is written before the node is told that it was taken: a mark
 * without an order is one that nobody knows of, and is never acted on.
 */
static void on_held(void *userdata, const struct hold *hold)
{
	struct escrow *escrow = userdata;
	struct orders *orders = escrow->config.orders;
	const struct payment payment = payment_of(hold);
	const struct moment now = moment_now();
	_cleanup_(orders_choice_wipep) struct orders_choice choice = { 0 };
	struct ledger_row row;
	uint64_t order_id = 0;
	int r;

	point("payment-received");
	r = orders_choose(orders, &payment, &now,
		car_state(runner_car(escrow->config.runner)), &choice);
	/*
	 * A replay: its order has a verdict, or will have one, also where the
	 * menu has changed since.
	 */
	if (r == 0 && (choice.verdict == ORDERS_KNOWN ||
			      (choice.verdict == ORDERS_NOT_OURS &&
				      find_order(escrow, hold->payment_hash,
					      &row)))) {
		work_soon(escrow);
		return;
	}
	/*
	 * Claimed, but by nothing that the menu still says.  What finds no room
	 * to be said runs out of time.
	 */
	if (r == 0 && choice.verdict == ORDERS_NOT_OURS) {
		(void)!holds_decide(escrow->holds, hold->payment_hash, false,
			"refused", "the car does not sell this");
		return;
	}
	if (r == 0)
		r = orders_record(
			orders, &payment, &choice, false, &now, &order_id);
	/* Not written, not taken: its time at the node runs out. */
	if (problem_set_ledger(escrow->config.ledger, r) < 0 ||
		choice.verdict != ORDERS_TAKEN)
		return;

	point("hold-recorded");
	say_busy(escrow);
	/* It ends by itself where it is never granted, which takes a timer. */
	runner_wake(escrow->config.runner);
	r = holds_take(
		escrow->holds, hold->payment_hash, action_keeps(choice.action));
	/* Nor would it ever be granted: others need its place in the queue. */
	if (r != 0)
		(void)!problem_set_ledger(escrow->config.ledger,
			orders_end(orders, order_id, OUTCOME_REFUSED, false,
				"too much is asked of the node already", &now));
}

static void on_taken(
	void *userdata, const char *payment_hash, uint64_t until_ms)
{
	struct escrow *escrow = userdata;
	const struct moment now = moment_now();
	struct ledger_row row;

	if (!find_order(escrow, payment_hash, &row) ||
		row.state != LEDGER_QUEUED)
		return;
	point("hold-taken");
	if (until_ms > now.boot_ms) {
		orders_grant(escrow->config.orders, row.order_id, until_ms);
		runner_wake(escrow->config.runner);
		return;
	}

	(void)!problem_set_ledger(escrow->config.ledger,
		orders_end(escrow->config.orders, row.order_id, OUTCOME_REFUSED,
			false, "the node does not hold the payment any more",
			&now));
}

static void on_decided(
	void *userdata, const char *payment_hash, enum holds_state state)
{
	struct escrow *escrow = userdata;
	struct ledger_row row;
	int r;

	/* It is asked again. */
	if (state == HOLDS_PENDING || !find_order(escrow, payment_hash, &row))
		return;

	point("verdict-answered");
	r = orders_settled(
		escrow->config.orders, row.order_id, state == HOLDS_PAID);
	if (r != LEDGER_E_NONE)
		(void)!problem_set_ledger(escrow->config.ledger, r);
}

static void on_refunded(void *userdata, const char *payment_hash, int status,
	uint64_t msat, const char *why)
{
	struct escrow *escrow = userdata;
	struct ledger_row row;

	(void)msat;
	if (status != HOLDS_E_UNKNOWN && find_order(escrow, payment_hash, &row))
		purse_refunded(&escrow->purse, row.order_id,
			status == 0 || status == HOLDS_E_RETURNED, why);
}

static void on_offers(
	void *userdata, const struct holds_offer *offers, size_t n)
{
	struct escrow *escrow = userdata;
	struct ledger_offer list[HOLDS_OFFERS_MAX];

	for (size_t i = 0; i < n; i++)
		list[i] = (struct ledger_offer){
			.offer_id = offers[i].offer_id,
			.action = offers[i].action,
			.price_msat = offers[i].price_msat,
			.bolt12 = offers[i].bolt12,
			.is_retired = offers[i].retired,
			.is_active = offers[i].active,
		};
	(void)!problem_set_ledger(escrow->config.ledger,
		orders_set_offers(escrow->config.orders, list, n));
}

static void on_polled(void *userdata)
{
	escrow_check(userdata);
}

static void on_paused(void *userdata, bool paused)
{
	(void)userdata;
	log_notice("%s", paused ? "paused by the owner at the node: payments "
				  "are turned away there"
				: "no longer paused at the node");
}

static void on_changed(void *userdata, bool following, const char *why)
{
	struct escrow *escrow = userdata;

	/*
	 * What the node did not hear before is told now; and before the first
	 * poll, what is on sale, or its offers would go off and on again.
	 */
	if (following) {
		work_soon(escrow);
		escrow_check(escrow);
	}
	escrow->config.changed(escrow->config.userdata, following, why);
}

static const struct holds_ops holds_ops = {
	.held = on_held,
	.offers = on_offers,
	.taken = on_taken,
	.decided = on_decided,
	.refunded = on_refunded,
	.polled = on_polled,
	.paused = on_paused,
	.changed = on_changed,
};

int escrow_new(sd_event *event, const struct escrow_config *config,
	struct escrow **ret)
{
	_cleanup_(escrow_freep) struct escrow *escrow = NULL;
	int r;

	escrow = calloc(1, sizeof(*escrow));
	if (escrow == NULL)
		return -ENOMEM;
	escrow->config = *config;
	escrow->is_idle = true;
	escrow->again_ms = ESCROW_AGAIN_MIN_MS;
	shelf_init(&escrow->shelf, config->menu, config->node_id);

	r = sd_event_add_time(event, &escrow->work, CLOCK_BOOTTIME, 0,
		TIMER_ACCURACY_US, on_work, escrow);
	if (r >= 0)
		r = sd_event_source_set_enabled(escrow->work, SD_EVENT_OFF);
	if (r < 0)
		return r;
	r = holds_new(event, config->rpc, &escrow->shelf.holds, &holds_ops,
		escrow, &escrow->holds);
	if (r < 0)
		return r;
	escrow->purse = (struct purse){
		.menu = config->menu,
		.orders = config->orders,
		.runner = config->runner,
		.holds = escrow->holds,
	};

	*ret = steal_ptr(&escrow);
	return 0;
}

struct escrow *escrow_free(struct escrow *escrow)
{
	if (escrow == NULL)
		return NULL;

	(void)holds_free(escrow->holds);
	(void)sd_event_source_unref(escrow->work);
	free(escrow);
	return NULL;
}

void escrow_on_order(struct escrow *escrow, const struct ledger_row *row)
{
	/* A list of what is owed goes to the node, too. */
	if (row->state >= LEDGER_CONFIRMED && row->money != LEDGER_NO_MONEY)
		work_soon(escrow);
}

void escrow_check(struct escrow *escrow)
{
	const struct moment now = moment_now();
	bool is_otherwise = false;
	uint64_t open;

	open = shelf_open(&escrow->shelf, escrow->config.orders, &now,
		car_state(runner_car(escrow->config.runner)), &is_otherwise);
	holds_set_open(escrow->holds, open);
	say_busy(escrow);
	if (is_otherwise)
		shelf_look(&escrow->shelf, escrow->config.runner, &now);
	if (purse_look(&escrow->purse, &now))
		work_soon(escrow);
}

int escrow_refund(struct escrow *escrow, uint64_t order_id)
{
	struct orders *orders = escrow->config.orders;
	struct ledger_row row;
	uint64_t msat;
	int r;

	r = orders_get(orders, order_id, &row);
	if (r == 0 && !holds_is_node(escrow->holds, row.node_id))
		r = row.node_id[0] == '\0' ? LEDGER_E_NONE
					   : ESCROW_E_OTHER_NODE;
	if (r == 0)
		r = orders_refund(orders, order_id, true, &msat);
	if (r == 0)
		work_soon(escrow);

	return r;
}

void escrow_stop(struct escrow *escrow)
{
	holds_stop(escrow->holds);
}

bool escrow_is_idle(const struct escrow *escrow)
{
	return escrow->is_idle;
}

bool escrow_is_following(const struct escrow *escrow)
{
	return holds_is_following(escrow->holds);
}

const char *escrow_node_id(const struct escrow *escrow)
{
	return holds_node_id(escrow->holds);
}
