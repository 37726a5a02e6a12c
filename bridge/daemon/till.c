/* SPDX-License-Identifier: MIT */

#include "daemon/till.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "daemon/intake.h"
#include "daemon/keeper.h"
#include "daemon/moment.h"
#include "daemon/problem.h"
#include "daemon/runner.h"
#include "daemon/tell.h"
#include "link/link.h"
#include "orders/orders_money.h"
#include "orders/orders_rental.h"
#include "util/log.h"

struct till {
	sd_event *event;
	struct orders *orders;
	const struct till_ops *ops;
	void *userdata;
	const char *closed;

	struct runner *runner;
	struct keeper *keeper;
	struct intake *intake;     /* NULL: no payments are taken */
	sd_event_source *deadline; /* of a stop */
	sd_event_source *broken;   /* stops, where the ledger broke */
	int exit_code;

	/* How far the rental was when that was told. */
	enum rental_phase told_phase;
	uint32_t told_extended;

	struct problem ledger;
	bool is_stopping;
};

static void status_changed(struct till *till)
{
	till->ops->status_changed(till->userdata);
}

static void on_order_changed(void *userdata, const struct ledger_row *row)
{
	struct till *till = userdata;

	tell_order(row);
	keeper_on_order(till->keeper, row);
	if (till->intake != NULL)
		intake_on_order(till->intake, row);
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

/* What the car has done is told to a node that waits for it. */
static void exit_if_stopped(struct till *till)
{
	if (till->is_stopping && runner_order_id(till->runner) == 0 &&
		(till->intake == NULL || intake_is_idle(till->intake)))
		(void)sd_event_exit(till->event, till->exit_code);
}

static void on_runner_changed(void *userdata)
{
	struct till *till = userdata;

	exit_if_stopped(till);
	if (till->intake != NULL)
		intake_check(till->intake);
	status_changed(till);
}

static void on_intake_changed(void *userdata)
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
	if (till->intake != NULL)
		intake_check(till->intake);
	till->ops->read(till->userdata, reading);
}

int till_new(sd_event *event, const struct till_config *config,
	const struct till_ops *ops, void *userdata, struct till **ret)
{
	_cleanup_(till_freep) struct till *till = NULL;
	_cleanup_(link_freep) struct link *link = config->link;
	int r;

	till = calloc(1, sizeof(*till));
	if (till == NULL)
		return -ENOMEM;
	till->event = sd_event_ref(event);
	till->orders = config->orders;
	till->ops = ops;
	till->userdata = userdata;
	till->closed = config->closed;
	till->ledger = (struct problem){ "the ledger", LOG_ERR, "" };

	r = sd_event_add_defer(event, &till->broken, on_broken, till);
	if (r >= 0)
		r = sd_event_source_set_enabled(till->broken, SD_EVENT_OFF);
	if (r < 0)
		return r;

	r = runner_new(event,
		&(const struct runner_config){
			.vin = config->menu->vin,
			.orders = config->orders,
			.signer = config->signer,
			.link = link,
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
	(void)steal_ptr(&link);
	if (config->closed == NULL) {
		r = intake_new(event,
			&(const struct intake_config){
				.menu = config->menu,
				.orders = config->orders,
				.runner = till->runner,
				.node = config->node,
				.ledger = &till->ledger,
				.changed = on_intake_changed,
				.userdata = till,
			},
			&till->intake);
		if (r < 0)
			return r;
	}
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
	(void)intake_free(till->intake);
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
	if (till->intake != NULL)
		intake_stop(till->intake);
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

	log_notice(
		"%s", paused ? "paused: payments are not acted on" : "resumed");
	if (till->intake != NULL)
		intake_check(till->intake);
	status_changed(till);
	return 0;
}

int till_refund(struct till *till, uint64_t order_id)
{
	return till->intake == NULL ? INTAKE_E_NO_PLUGIN
				    : intake_refund(till->intake, order_id);
}

int till_do_owed(struct till *till, uint64_t order_id, uint64_t *ret_order_id)
{
	const struct moment now = moment_now();
	int r;

	r = orders_do(till->orders, order_id, &now, ret_order_id);
	if (r == 0)
		runner_wake(till->runner);

	return r;
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
static const char *why_not(
	const struct till *till, const struct intake_status *intake)
{
	if (till->closed != NULL)
		return till->closed;
	if (till->is_stopping)
		return "the bridge is stopping";
	if (orders_is_paused(till->orders))
		return "paused by the owner";
	if (till->ledger.text[0] != '\0')
		return till->ledger.text;
	if (intake->problem[0] != '\0')
		return intake->problem;
	if (!intake->is_up)
		return "the node has not answered yet";
	return "";
}

void till_get_status(const struct till *till, struct till_status *ret)
{
	struct intake_status intake = {
		.is_settled = till->closed != NULL,
		.node_id = "",
		.alias = "",
		.problem = "",
		.plugin_problem = "",
	};

	if (till->intake != NULL)
		intake_get_status(till->intake, &intake);
	*ret = (struct till_status){
		.why_not = why_not(till, &intake),
		.is_settled = intake.is_settled,
		.node = {
			.is_up = intake.is_up,
			.id = intake.node_id,
			.alias = intake.alias,
			.problem = intake.problem,
		},
		.plugin_problem = intake.plugin_problem,
		.position = intake.position,
		.car = runner_car(till->runner),
		.order_id = runner_order_id(till->runner),
	};
	ret->taking_payments = ret->why_not[0] == '\0';
}
