/* SPDX-License-Identifier: MIT */

#include "daemon/intake.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/escrow.h"
#include "daemon/moment.h"
#include "daemon/runner.h"
#include "lightning/invoices.h"
#include "util/clock.h"
#include "util/log.h"
#include "util/point.h"

enum {
	INTAKE_SHARED_MS = 5 * 1000,
};

struct intake {
	struct intake_config config;
	struct rpc *rpc;
	/* Of these at least one: what is paid, what is held. */
	struct invoices *invoices;
	struct escrow *escrow;

	struct problem node;
	struct problem plugin;
	bool is_settled; /* ->invoices */
	bool plugin_is_settled;
	bool restored_told;
};

/* What the node tells. */

static int on_load(void *userdata, const char *node_id, uint64_t *ret_pay_index,
	int64_t *ret_since_s)
{
	struct intake *intake = userdata;
	int r;

	r = orders_position(intake->config.orders, node_id, ret_pay_index);
	if (r == LEDGER_E_NONE) {
		*ret_since_s = orders_missing_since(intake->config.orders);
		return 0;
	}

	return r == 0 ? 1 : err_fold(r);
}

static int on_begin_node(
	void *userdata, const char *node_id, uint64_t pay_index)
{
	struct intake *intake = userdata;
	int r;

	point("node-found");
	r = problem_set_ledger(intake->config.ledger,
		orders_begin_node(intake->config.orders, node_id, pay_index));
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

static void tell_restored(struct intake *intake)
{
	if (intake->restored_told)
		return;
	intake->restored_told = true;
	log_warning("the node lists payments anew that it had listed before: "
		    "it was restored, or is another one; they are listed, not "
		    "acted on");
}

static int on_paid(void *userdata, const struct invoice *invoice)
{
	struct intake *intake = userdata;
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
		tell_restored(intake);
	r = orders_choose(intake->config.orders, &payment, &now,
		car_state(runner_car(intake->config.runner)), &choice);
	if (r < 0)
		return r;
	if (choice.verdict == ORDERS_TAKEN) {
		order = order_of(&choice, &now);
		at_once = choice.start_at_ms <= now.boot_ms &&
			  !orders_has_waiting(intake->config.orders) &&
			  runner_is_free(intake->config.runner, &order);
	}

	r = problem_set_ledger(intake->config.ledger,
		orders_record(intake->config.orders, &payment, &choice, at_once,
			&now, &order.id));
	if (r < 0)
		return r;

	/* With the programs that outlive the choice. */
	if (at_once && orders_find(intake->config.orders, order.id, &order))
		runner_begin(intake->config.runner, &order);
	else if (choice.verdict == ORDERS_TAKEN)
		runner_wake(intake->config.runner);
	return 0;
}

/* Up to when the next attempt is, which changes each time. */
static size_t reason_len(const char *why)
{
	const char *again = strstr(why, ", trying again in ");

	return again == NULL ? strlen(why) : (size_t)(again - why);
}

/*
 * Of one way to the node: what is wrong with it.  While it is away for the same
 * reason, when the next attempt is is no news for the log.
 */
static void set_problem(
	struct problem *problem, bool following, const char *why)
{
	size_t len = reason_len(why);

	if (!following && len == reason_len(problem->text) &&
		strncmp(problem->text, why, len) == 0)
		(void)snprintf(problem->text, sizeof(problem->text), "%s", why);
	else
		(void)problem_set(problem, following ? "" : why);
}

static void on_node_changed(void *userdata, bool following, const char *why)
{
	struct intake *intake = userdata;
	bool is_news = !intake->is_settled || intake->node.text[0] != '\0';

	intake->is_settled = true;
	set_problem(&intake->node, following, why);
	if (following && is_news)
		log_info("following node %s (%.8s...) from payment %" PRIu64,
			invoices_node_alias(intake->invoices),
			invoices_node_id(intake->invoices),
			invoices_position(intake->invoices));
	intake->config.changed(intake->config.userdata);
}

static const struct invoices_ops invoices_ops = {
	.load = on_load,
	.begin = on_begin_node,
	.paid = on_paid,
	.changed = on_node_changed,
};

/* What the node's plugin tells. */

static void on_plugin_changed(void *userdata, bool following, const char *why)
{
	struct intake *intake = userdata;
	bool is_news =
		!intake->plugin_is_settled || intake->plugin.text[0] != '\0';

	intake->plugin_is_settled = true;
	set_problem(&intake->plugin, following, why);
	if (following && is_news)
		log_info("the plugin of node %.8s... %s",
			escrow_node_id(intake->escrow),
			intake->config.menu->hold
				? "holds payments until the car has acted"
				: "keeps offers and gives money back");
	intake->config.changed(intake->config.userdata);
}

static void on_plugin_idle(void *userdata)
{
	const struct intake *intake = userdata;

	intake->config.changed(intake->config.userdata);
}

/*
 * How long a call for the next payment may wait.  By commando it keeps the polls
 * of the plugin from being read, and a car that does not poll is away.
 */
static uint64_t longest_wait_ms(const struct intake_config *config)
{
	uint64_t max_ms = menu_max_age_ms(config->menu);

	return config->menu->plugin && config->node->node_id[0] != '\0'
		       ? clock_earlier(max_ms, INTAKE_SHARED_MS)
		       : max_ms;
}

int intake_new(sd_event *event, const struct intake_config *config,
	struct intake **ret)
{
	_cleanup_(intake_freep) struct intake *intake = NULL;
	int r;

	intake = calloc(1, sizeof(*intake));
	if (intake == NULL)
		return -ENOMEM;
	intake->config = *config;
	intake->node = (struct problem){ "the node", LOG_WARNING, "" };
	intake->plugin =
		(struct problem){ "the node's plugin", LOG_WARNING, "" };

	r = rpc_new(event, config->node, NULL, NULL, &intake->rpc);
	if (r < 0)
		return r;
	if (!config->menu->hold) {
		r = invoices_new(event, intake->rpc, longest_wait_ms(config),
			&invoices_ops, intake, &intake->invoices);
		if (r < 0)
			return r;
	}
	if (config->menu->plugin) {
		r = escrow_new(event,
			&(const struct escrow_config){
				.menu = config->menu,
				.orders = config->orders,
				.runner = config->runner,
				.rpc = intake->rpc,
				.node_id = config->node->node_id,
				.ledger = config->ledger,
				.changed = on_plugin_changed,
				.idle = on_plugin_idle,
				.userdata = intake,
			},
			&intake->escrow);
		if (r < 0)
			return r;
	}

	*ret = steal_ptr(&intake);
	return 0;
}

struct intake *intake_free(struct intake *intake)
{
	if (intake == NULL)
		return NULL;

	(void)escrow_free(intake->escrow);
	(void)invoices_free(intake->invoices);
	(void)rpc_free(intake->rpc);
	free(intake);
	return NULL;
}

void intake_stop(struct intake *intake)
{
	intake->invoices = invoices_free(intake->invoices);
	if (intake->escrow != NULL)
		escrow_stop(intake->escrow);
}

bool intake_is_idle(const struct intake *intake)
{
	return intake->escrow == NULL || escrow_is_idle(intake->escrow) ||
	       !escrow_is_following(intake->escrow);
}

void intake_on_order(struct intake *intake, const struct ledger_row *row)
{
	if (intake->escrow != NULL)
		escrow_on_order(intake->escrow, row);
}

void intake_check(struct intake *intake)
{
	if (intake->escrow != NULL)
		escrow_check(intake->escrow);
}

int intake_refund(struct intake *intake, uint64_t order_id)
{
	return intake->escrow == NULL ? INTAKE_E_NO_PLUGIN
				      : escrow_refund(intake->escrow, order_id);
}

void intake_get_status(const struct intake *intake, struct intake_status *ret)
{
	const struct invoices *invoices = intake->invoices;
	const struct escrow *escrow = intake->escrow;
	bool holds = intake->config.menu->hold;
	bool is_up =
		holds ? escrow_is_following(escrow)
		      : invoices != NULL && invoices_is_following(invoices);

	*ret = (struct intake_status){
		.is_settled =
			holds ? intake->plugin_is_settled : intake->is_settled,
		.is_up = is_up,
		.node_id = invoices != NULL ? invoices_node_id(invoices)
			   : holds          ? escrow_node_id(escrow)
					    : "",
		.alias = invoices != NULL ? invoices_node_alias(invoices) : "",
		/* Without hold, payments are taken all the same. */
		.problem = intake->node.text[0] != '\0' || !holds
				   ? intake->node.text
				   : intake->plugin.text,
		.plugin_problem = intake->plugin.text,
		.position = invoices != NULL ? invoices_position(invoices) : 0,
	};
}
