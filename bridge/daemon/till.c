/* SPDX-License-Identifier: MIT */

#include "daemon/till.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "daemon/keeper.h"
#include "daemon/moment.h"
#include "daemon/problem.h"
#include "daemon/runner.h"
#include "daemon/tell.h"
#include "lightning/invoices.h"
#include "orders/orders_rental.h"
#include "util/log.h"
#include "util/point.h"

struct till {
	sd_event *event;
	struct orders *orders;
	const struct till_ops *ops;
	void *userdata;
	const char *closed;

	struct runner *runner;
	struct keeper *keeper;
	struct rpc *rpc;
	struct invoices *invoices;
	sd_event_source *deadline; /* of a stop */
	sd_event_source *broken;   /* stops, where the ledger broke */
	int exit_code;

	/* How far the rental was when that was told. */
	enum rental_phase told_phase;
	uint32_t told_extended;

	struct problem ledger;
	struct problem node;
	bool is_settled;
	bool is_stopping;
	bool restored_told;
};

/* What the node tells. */

static int on_load(void *userdata, const char *node_id, uint64_t *ret_pay_index,
	int64_t *ret_since_s)
{
	struct till *till = userdata;
	int r;

	r = orders_position(till->orders, node_id, ret_pay_index);
	if (r == LEDGER_E_NONE) {
		*ret_since_s = orders_missing_since(till->orders);
		return 0;
	}

	return r == 0 ? 1 : err_fold(r);
}

static int on_begin_node(
	void *userdata, const char *node_id, uint64_t pay_index)
{
	struct till *till = userdata;
	int r;

	point("node-found");
	r = problem_set_ledger(&till->ledger,
		orders_begin_node(till->orders, node_id, pay_index));
	point("node-begun");
	if (r == 0)
		log_info("node %.8s... is new: nothing is acted on that was "
			 "paid before now",
			node_id);

	return r;
}

/* The order that @choice will be: to go to the car right after the write. */
static struct order order_of(
	const struct orders_choice *choice, const struct moment *now)
{
	const struct menu_action *action = choice->action;
	struct order order = {
		.steps = &choice->steps,
		.undo = &choice->undo,
		.conditions = action->when,
		.budget_ms = action->budget_ms,
		.has_payment = true,
		.start_by_ms = choice->start_by_ms,
		.taken_ms = now->boot_ms,
	};

	(void)snprintf(order.action, sizeof(order.action), "%s", action->name);
	return order;
}

static void tell_restored(struct till *till)
{
	if (till->restored_told)
		return;
	till->restored_told = true;
	log_warning("the node lists payments anew that it had listed before: "
		    "it was restored, or is another one; they are listed, not "
		    "acted on");
}

static int on_paid(void *userdata, const struct invoice *invoice)
{
	struct till *till = userdata;
	const struct payment payment = {
		.node_id = invoice->node_id,
		.payment_hash = invoice->payment_hash,
		.pay_index = invoice->pay_index,
		.label = invoice->label,
		.offer_id = invoice->offer_id,
		.description = invoice->description,
		.payer_note = invoice->payer_note,
		.msat = invoice->msat,
		.paid_at_s = invoice->paid_at_s,
		.max_age_ms = invoice->max_age_ms,
		.restored = invoice->restored,
	};
	const struct moment now = moment_now();
	_cleanup_(orders_choice_wipep) struct orders_choice choice = { 0 };
	struct order order = { 0 };
	bool at_once = false;
	int r;

	point("payment-received");
	if (invoice->restored)
		tell_restored(till);
	r = orders_choose(till->orders, &payment, &now,
		car_state(runner_car(till->runner)), &choice);
	if (r < 0)
		return r;
	if (choice.verdict == ORDERS_TAKEN) {
		order = order_of(&choice, &now);
		at_once = choice.start_at_ms <= now.boot_ms &&
			  !orders_has_waiting(till->orders) &&
			  runner_is_free(till->runner, &order);
	}

	r = problem_set_ledger(
		&till->ledger, orders_record(till->orders, &payment, &choice,
				       at_once, &now, &order.id));
	if (r < 0)
		return r;

	/* With the programs that outlive the choice. */
	if (at_once && orders_find(till->orders, order.id, &order))
		runner_begin(till->runner, &order);
	else if (choice.verdict == ORDERS_TAKEN)
		runner_wake(till->runner);
	return 0;
}

static void status_changed(struct till *till)
{
	till->ops->status_changed(till->userdata);
}

static void on_node_changed(void *userdata, bool following, const char *why)
{
	struct till *till = userdata;
	bool is_news = !till->is_settled || till->node.text[0] != '\0';

	till->is_settled = true;
	/* While it is away, each attempt tells when the next one is. */
	if (!following && till->node.text[0] != '\0')
		(void)snprintf(
			till->node.text, sizeof(till->node.text), "%s", why);
	else
		(void)problem_set(&till->node, following ? "" : why);
	if (following && is_news)
		log_info("following node %s (%.8s...) from payment %" PRIu64,
			invoices_node_alias(till->invoices),
			invoices_node_id(till->invoices),
			invoices_position(till->invoices));
	status_changed(till);
}

static const struct invoices_ops invoices_ops = {
	.load = on_load,
	.begin = on_begin_node,
	.paid = on_paid,
	.changed = on_node_changed,
};

static void on_order_changed(void *userdata, const struct ledger_row *row)
{
	struct till *till = userdata;

	tell_order(row);
	keeper_on_order(till->keeper, row);
	till->ops->order_changed(till->userdata, row);
}

static void tell_if_news(struct till *till, const struct rental *rental)
{
	const struct moment now = moment_now();
	bool is_longer = rental->n_extended > till->told_extended;
	/* Of an order that rented nothing the order has told. */
	bool is_news = till->told_phase != rental->phase &&
		       (till->told_phase != RENTAL_TAKEN ||
			       rental->phase != RENTAL_ENDED);

	till->told_phase = rental->phase;
	till->told_extended = rental->n_extended;
	if (is_news || is_longer)
		tell_rental(rental, is_longer, &now);
}

static void on_rental(void *userdata, const struct rental *rental)
{
	struct till *till = userdata;

	tell_if_news(till, rental);
	keeper_check(till->keeper);
	till->ops->rental_changed(till->userdata, rental);
}

static void exit_if_stopped(struct till *till)
{
	if (till->is_stopping && runner_order_id(till->runner) == 0)
		(void)sd_event_exit(till->event, till->exit_code);
}

static void on_runner_changed(void *userdata)
{
	struct till *till = userdata;

	exit_if_stopped(till);
	status_changed(till);
}

static int on_stop_deadline(
	sd_event_source *source, uint64_t usec, void *userdata)
{
	struct till *till = userdata;

	(void)source;
	(void)usec;
	return sd_event_exit(till->event, till->exit_code);
}

static int on_broken(sd_event_source *source, void *userdata)
{
	struct till *till = userdata;

	(void)source;
	till->exit_code = -EUCLEAN;
	till_stop(till);
	return 0;
}

/* From inside of whatever asked the ledger: the stop itself comes later. */
static void on_ledger_broken(void *userdata)
{
	struct till *till = userdata;

	log_error("the ledger is broken: it was kept aside, and the bridge "
		  "stops, to be started with a new one; if the car is "
		  "rented, see that it is locked");
	if (sd_event_source_set_enabled(till->broken, SD_EVENT_ONESHOT) < 0)
		(void)sd_event_exit(till->event, -EUCLEAN);
}

static void on_looked(void *userdata)
{
	struct till *till = userdata;

	till->ops->looked(till->userdata);
}

static void on_read(void *userdata, const struct car_reading *reading)
{
	struct till *till = userdata;

	keeper_on_read(till->keeper, reading);
	till->ops->read(till->userdata, reading);
}

int till_new(sd_event *event, const struct till_config *config,
	const struct till_ops *ops, void *userdata, struct till **ret)
{
	_cleanup_(till_freep) struct till *till = NULL;
	int r;

	till = calloc(1, sizeof(*till));
	if (till == NULL)
		return -ENOMEM;
	till->event = sd_event_ref(event);
	till->orders = config->orders;
	till->ops = ops;
	till->userdata = userdata;
	till->closed = config->closed;
	till->is_settled = config->closed != NULL;
	till->ledger = (struct problem){ "the ledger", LOG_ERR, "" };
	till->node = (struct problem){ "the node", LOG_WARNING, "" };

	r = sd_event_add_defer(event, &till->broken, on_broken, till);
	if (r >= 0)
		r = sd_event_source_set_enabled(till->broken, SD_EVENT_OFF);
	if (r < 0)
		return r;

	if (config->closed == NULL) {
		r = rpc_new(event, config->node, NULL, NULL, &till->rpc);
		if (r == 0)
			r = invoices_new(event, till->rpc,
				menu_max_age_ms(config->menu), &invoices_ops,
				till, &till->invoices);
		if (r < 0)
			return r;
	}
	/* Last, since it takes the link over. */
	r = runner_new(event,
		&(const struct runner_config){
			.vin = config->menu->vin,
			.orders = config->orders,
			.signer = config->signer,
			.link = config->link,
			.hold = config->menu->link_hold,
			.ledger = &till->ledger,
			.changed = on_runner_changed,
			.looked = on_looked,
			.read = on_read,
			.userdata = till,
		},
		&till->runner);
	if (r < 0)
		return r;
	r = keeper_new(event,
		&(const struct keeper_config){
			.orders = config->orders,
			.runner = till->runner,
			.ledger = &till->ledger,
		},
		&till->keeper);
	if (r < 0)
		return r;
	orders_on_change(till->orders, on_order_changed, till);
	orders_on_broken(till->orders, on_ledger_broken, till);
	orders_on_rental(till->orders, on_rental, till);
	if (orders_rental(till->orders) != NULL)
		tell_if_news(till, orders_rental(till->orders));

	*ret = steal_ptr(&till);
	return 0;
}

struct till *till_free(struct till *till)
{
	if (till == NULL)
		return NULL;

	orders_on_change(till->orders, NULL, NULL);
	orders_on_broken(till->orders, NULL, NULL);
	orders_on_rental(till->orders, NULL, NULL);
	(void)keeper_free(till->keeper);
	(void)invoices_free(till->invoices);
	(void)rpc_free(till->rpc);
	(void)runner_free(till->runner);
	(void)sd_event_source_unref(till->deadline);
	(void)sd_event_source_unref(till->broken);
	(void)sd_event_unref(till->event);
	free(till);
	return NULL;
}

void till_stop(struct till *till)
{
	if (till->is_stopping)
		return;
	till->is_stopping = true;
	till->invoices = invoices_free(till->invoices);
	if (sd_event_add_time_relative(till->event, &till->deadline,
		    CLOCK_BOOTTIME, TILL_STOP_MS * UINT64_C(1000), 0,
		    on_stop_deadline, till) < 0)
		(void)sd_event_exit(till->event, till->exit_code);
	runner_stop(till->runner);
	exit_if_stopped(till);
}

int till_try(struct till *till, const char *action, uint64_t *ret_order_id)
{
	const struct moment now = moment_now();
	int r;

	r = orders_try(till->orders, action, &now, ret_order_id);
	if (r == 0)
		runner_wake(till->runner);

	return r;
}

int till_try_program(struct till *till, const struct program *steps,
	const struct program *undo, uint64_t *ret_order_id)
{
	const struct moment now = moment_now();
	int r;

	r = orders_try_program(till->orders, steps, undo, &now, ret_order_id);
	if (r == 0)
		runner_wake(till->runner);

	return r;
}

int till_end_rental(struct till *till)
{
	const struct moment now = moment_now();

	return orders_rental_stop(till->orders, &now);
}

int till_set_paused(struct till *till, bool paused)
{
	int r;

	if (orders_is_paused(till->orders) == paused)
		return 0;
	r = orders_set_paused(till->orders, paused);
	if (r != 0)
		return r;

	log_notice("%s",
		paused ? "paused: payments are owed, not acted on" : "resumed");
	status_changed(till);
	return 0;
}

int till_look(struct till *till)
{
	return runner_look(till->runner);
}

int till_read(struct till *till, enum command_id id, bool may_wake)
{
	return runner_read(till->runner, id, may_wake);
}

int till_lend(struct till *till)
{
	return runner_lend(till->runner);
}

void till_take_back(struct till *till)
{
	runner_take_back(till->runner);
}

/* The first of the reasons that a person would want to know. */
static const char *why_not(const struct till *till)
{
	if (till->closed != NULL)
		return till->closed;
	if (till->is_stopping)
		return "the bridge is stopping";
	if (orders_is_paused(till->orders))
		return "paused by the owner";
	if (till->ledger.text[0] != '\0')
		return till->ledger.text;
	if (till->node.text[0] != '\0')
		return till->node.text;
	if (!invoices_is_following(till->invoices))
		return "the node has not answered yet";
	return "";
}

void till_get_status(const struct till *till, struct till_status *ret)
{
	const struct invoices *invoices = till->invoices;

	*ret = (struct till_status){
		.why_not = why_not(till),
		.is_settled = till->is_settled,
		.node = { .id = "", .alias = "", .problem = till->node.text },
		.car = runner_car(till->runner),
		.order_id = runner_order_id(till->runner),
	};
	ret->taking_payments = ret->why_not[0] == '\0';
	if (invoices == NULL)
		return;
	ret->node.is_up = invoices_is_following(invoices);
	ret->node.id = invoices_node_id(invoices);
	ret->node.alias = invoices_node_alias(invoices);
	ret->position = invoices_position(invoices);
}
