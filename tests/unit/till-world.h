/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Till's world - a fake node, fake orders and a fake car, which write down
 * what they are told
 *
 * The clock stands at the beginning of time, so that every timer is due at
 * once.
 */

#include "daemon/till.h"

#include <stdio.h>
#include <string.h>

#include "car/car.h"
#include "daemon/escrow.h"
#include "daemon/intake.h"
#include "lightning/invoices.h"
#include "link/link.h"
#include "orders/orders_money.h"
#include "orders/orders_rental.h"
#include "test.h"
#include "util/clock.h"
#include "util/log.h"

enum {
	TOLD_SIZE = 4096,
};

static struct fake {
	char told[TOLD_SIZE];

	/* node */
	const struct invoices_ops *node;
	void *node_data;
	bool following;
	struct escrow_config escrow;
	bool escrow_idle;

	/* orders */
	enum orders_verdict verdict;
	uint64_t start_at_ms;
	int record_result, end_result, begun_result, begin_node_result;
	int n_end_failures;
	size_t n_waiting, n_crashed;
	bool forbidden;
	bool paused;
	void (*broken)(void *userdata);
	void *broken_data;

	/* car */
	const struct car_ops *car;
	void *car_data;
	bool ready;
	int begin_result;
	bool done_at_once;
	int look_result, lend_result;
	uint64_t entry_until_ms;
	const char *problem;
	struct car_state state;
} fake;

static const struct menu_action flash = {
	.name = "flash",
	.price_msat = 1000,
	.steps = { .n_steps = 1,
		.steps = { { .command = { .id = COMMAND_FLASH_LIGHTS } } } },
};

static void tell(const char *word)
{
	size_t len = strlen(fake.told);

	(void)snprintf(fake.told + len, sizeof(fake.told) - len, "%s%s",
		len == 0 ? "" : " ", word);
}

/* util/clock */

uint64_t clock_boottime_ms(void)
{
	return 1;
}

int64_t clock_wall_s(void)
{
	return 1000000000;
}

bool clock_wall_is_set(void)
{
	return true;
}

/* lightning/invoices */

int rpc_new(sd_event *event, const struct line_config *config,
	const struct rpc_ops *ops, void *userdata, struct rpc **ret)
{
	(void)event;
	(void)config;
	(void)ops;
	(void)userdata;
	*ret = (struct rpc *)&fake;
	return 0;
}

struct rpc *rpc_free(struct rpc *rpc)
{
	(void)rpc;
	return NULL;
}

int invoices_new(sd_event *event, struct rpc *rpc, uint64_t max_age_ms,
	const struct invoices_ops *ops, void *userdata, struct invoices **ret)
{
	(void)event;
	cr_assert_eq((const void *)rpc, &fake);
	(void)max_age_ms;
	fake.node = ops;
	fake.node_data = userdata;
	*ret = (struct invoices *)&fake;
	return 0;
}

struct invoices *invoices_free(struct invoices *invoices)
{
	if (invoices != NULL)
		tell("node-left");
	return NULL;
}

bool invoices_is_following(const struct invoices *invoices)
{
	(void)invoices;
	return fake.following;
}

const char *invoices_node_id(const struct invoices *invoices)
{
	(void)invoices;
	return "02ab";
}

const char *invoices_node_alias(const struct invoices *invoices)
{
	(void)invoices;
	return "alias";
}

uint64_t invoices_position(const struct invoices *invoices)
{
	(void)invoices;
	return 7;
}

/* daemon/escrow */

int escrow_new(sd_event *event, const struct escrow_config *config,
	struct escrow **ret)
{
	(void)event;
	cr_assert_eq((const void *)config->rpc, &fake);
	fake.escrow = *config;
	*ret = (struct escrow *)&fake;
	return 0;
}

struct escrow *escrow_free(struct escrow *escrow)
{
	if (escrow != NULL)
		tell("escrow-left");
	return NULL;
}

void escrow_on_order(struct escrow *escrow, const struct ledger_row *row)
{
	(void)escrow;
	(void)row;
	tell("verdict");
}

void escrow_check(struct escrow *escrow)
{
	(void)escrow;
}

int escrow_refund(struct escrow *escrow, uint64_t order_id)
{
	(void)escrow;
	return order_id == 1 ? 0 : LEDGER_E_NONE;
}

void escrow_stop(struct escrow *escrow)
{
	(void)escrow;
	tell("escrow-stop");
}

bool escrow_is_idle(const struct escrow *escrow)
{
	(void)escrow;
	return fake.escrow_idle;
}

bool escrow_is_following(const struct escrow *escrow)
{
	(void)escrow;
	return fake.following;
}

const char *escrow_node_id(const struct escrow *escrow)
{
	(void)escrow;
	return "02ab";
}

/* orders */

int orders_do(struct orders *orders, uint64_t order_id,
	const struct moment *now, uint64_t *ret_order_id)
{
	(void)orders;
	(void)now;
	if (order_id != 1)
		return LEDGER_E_NONE;
	fake.n_waiting++;
	*ret_order_id = 1;
	return 0;
}

uint64_t menu_max_age_ms(const struct menu *m)
{
	(void)m;
	return MENU_MAX_AGE_MS;
}

int orders_position(
	struct orders *orders, const char *node_id, uint64_t *ret_pay_index)
{
	(void)orders;
	if (strcmp(node_id, "new") == 0)
		return LEDGER_E_NONE;
	*ret_pay_index = 7;
	return 0;
}

int64_t orders_missing_since(struct orders *orders)
{
	(void)orders;
	return 5;
}

int orders_begin_node(
	struct orders *orders, const char *node_id, uint64_t pay_index)
{
	(void)orders;
	(void)node_id;
	(void)pay_index;
	tell("begin-node");
	return fake.begin_node_result;
}

int orders_choose(struct orders *orders, const struct payment *payment,
	const struct moment *now, const struct car_state *state,
	struct orders_choice *ret)
{
	(void)orders;
	(void)payment;
	(void)now;
	cr_assert_eq(state, &fake.state);
	*ret = (struct orders_choice){
		.verdict = fake.verdict,
		.action = fake.verdict == ORDERS_TAKEN ? &flash : NULL,
		.start_at_ms = fake.start_at_ms,
		.start_by_ms = 60000,
		.steps = flash.steps,
	};
	return 0;
}

bool orders_find(
	const struct orders *orders, uint64_t order_id, struct order *ret)
{
	(void)orders;
	cr_assert_eq(order_id, 1);
	ret->id = order_id;
	ret->steps = &flash.steps;
	ret->undo = &flash.undo;
	return true;
}

int orders_record(struct orders *orders, const struct payment *payment,
	const struct orders_choice *choice, bool begin_first,
	const struct moment *now, uint64_t *ret_order_id)
{
	(void)orders;
	(void)payment;
	(void)now;
	tell(begin_first ? "record+begun" : "record");
	if (fake.record_result != 0)
		return fake.record_result;
	*ret_order_id = choice->verdict == ORDERS_TAKEN ? 1 : 0;
	if (choice->verdict == ORDERS_TAKEN && !begin_first)
		fake.n_waiting++;
	return 0;
}

int orders_try(struct orders *orders, const char *action,
	const struct moment *now, uint64_t *ret_order_id)
{
	(void)orders;
	(void)now;
	if (strcmp(action, "flash") != 0)
		return LEDGER_E_NONE;
	fake.n_waiting++;
	*ret_order_id = 1;
	return 0;
}

int orders_try_program(struct orders *orders, const struct program *steps,
	const struct program *undo, const struct moment *now,
	uint64_t *ret_order_id)
{
	(void)orders;
	(void)undo;
	(void)now;
	cr_assert_eq(steps->n_steps, 1);
	fake.n_waiting++;
	*ret_order_id = 1;
	return 0;
}

bool orders_next(struct orders *orders, const struct moment *now,
	struct order *ret, uint64_t *ret_wake_ms)
{
	(void)orders;
	(void)now;
	*ret_wake_ms = CLOCK_NEVER;
	if (fake.n_waiting == 0)
		return false;
	fake.n_waiting--;
	*ret = (struct order){
		.id = 1,
		.steps = &flash.steps,
		.undo = &flash.undo,
	};
	return true;
}

bool orders_has_waiting(const struct orders *orders)
{
	(void)orders;
	return fake.n_waiting + fake.n_crashed > 0;
}

bool orders_next_crashed(struct orders *orders, struct order *ret)
{
	(void)orders;
	if (fake.n_crashed == 0)
		return false;
	fake.n_crashed--;
	*ret = (struct order){
		.id = 2,
		.steps = &flash.steps,
		.undo = &flash.undo,
		.journal.marks = { JOURNAL_BEGUN },
	};
	return true;
}

bool orders_may_begin(struct orders *orders, uint64_t order_id,
	const struct moment *now, const struct car_state *state,
	char why[static LEDGER_TEXT_SIZE])
{
	(void)orders;
	(void)order_id;
	(void)now;
	(void)state;
	tell("rules");
	if (fake.forbidden)
		(void)snprintf(why, LEDGER_TEXT_SIZE, "the car drives");
	return !fake.forbidden;
}

int orders_step_begun(struct orders *orders, uint64_t order_id, size_t index,
	bool is_undo, const struct step *step, const struct moment *now)
{
	(void)orders;
	(void)order_id;
	(void)index;
	(void)step;
	(void)now;
	tell(is_undo ? "undo-begun" : "begun");
	return fake.begun_result;
}

int orders_step_ended(struct orders *orders, uint64_t order_id, size_t index,
	bool is_undo, enum outcome outcome, const struct moment *now)
{
	(void)orders;
	(void)order_id;
	(void)index;
	(void)is_undo;
	(void)outcome;
	(void)now;
	tell("ended");
	/* Lost journal entries only make a crash count as unknown. */
	return -EIO;
}

int orders_end(struct orders *orders, uint64_t order_id, enum outcome outcome,
	bool keeps, const char *why, const struct moment *now)
{
	(void)keeps;
	char word[64];

	(void)orders;
	(void)why;
	(void)now;
	if (fake.n_end_failures > 0) {
		fake.n_end_failures--;
		tell("end-failed");
		return LEDGER_E_FULL;
	}
	if (strlen(fake.told) < sizeof(fake.told) / 2) {
		(void)snprintf(word, sizeof(word), "%d-%s", (int)order_id,
			outcome_name(outcome));
		tell(word);
	}
	return 0;
}

void orders_on_change(struct orders *orders,
	void (*handler)(void *userdata, const struct ledger_row *row),
	void *userdata)
{
	(void)orders;
	(void)handler;
	(void)userdata;
}

void orders_on_broken(
	struct orders *orders, void (*handler)(void *userdata), void *userdata)
{
	(void)orders;
	fake.broken = handler;
	fake.broken_data = userdata;
}

int orders_set_paused(struct orders *orders, bool paused)
{
	(void)orders;
	fake.paused = paused;
	return 0;
}

bool orders_is_paused(const struct orders *orders)
{
	(void)orders;
	return fake.paused;
}

/* No rental here: test-keeper.c has one. */

const struct rental *orders_rental(const struct orders *orders)
{
	(void)orders;
	return NULL;
}

bool orders_rental_is_busy(const struct orders *orders)
{
	(void)orders;
	return false;
}

int orders_rental_see(struct orders *orders, const struct moment *now,
	const struct car_state *state)
{
	(void)orders;
	(void)now;
	(void)state;
	return 0;
}

int orders_rental_run(struct orders *orders, enum rental_task_type task,
	const struct moment *now)
{
	(void)orders;
	(void)task;
	(void)now;
	return 0;
}

int orders_rental_stop(struct orders *orders, const struct moment *now)
{
	(void)orders;
	(void)now;
	return LEDGER_E_NONE;
}

void orders_on_rental(struct orders *orders,
	void (*handler)(void *userdata, const struct rental *rental),
	void *userdata)
{
	(void)orders;
	(void)handler;
	(void)userdata;
}

const char *ledger_state_name(enum ledger_state state)
{
	(void)state;
	return "";
}

/* car */

int car_new(sd_event *event, const struct car_config *config,
	const struct car_ops *ops, void *userdata, struct car **ret)
{
	(void)event;
	(void)config;
	fake.car = ops;
	fake.car_data = userdata;
	*ret = (struct car *)&fake;
	return 0;
}

struct car *car_free(struct car *car)
{
	(void)car;
	return NULL;
}

static void done(enum outcome outcome)
{
	const struct car_result result = { .outcome = outcome };

	fake.car->done(fake.car_data, &result);
}

int car_begin(struct car *car, const struct car_job *job)
{
	(void)car;
	if (strlen(fake.told) < sizeof(fake.told) / 2)
		tell(job->kind == CAR_JOB_RECOVER ? "recover" : "run");
	if (fake.begin_result == 0 && fake.done_at_once)
		done(OUTCOME_REFUSED);
	return fake.begin_result;
}

void car_stop(struct car *car, const char *why)
{
	(void)car;
	(void)why;
	tell("car-stop");
}

bool car_is_ready(const struct car *car, const struct car_job *job)
{
	(void)car;
	(void)job;
	return fake.ready;
}

int car_look(struct car *car)
{
	(void)car;
	tell("look");
	return fake.look_result;
}

int car_read(struct car *car, enum command_id id, bool may_wake)
{
	(void)car;
	(void)id;
	tell(may_wake ? "wake-and-read" : "read");
	return fake.look_result;
}

int car_lend(struct car *car)
{
	(void)car;
	tell("lend");
	return fake.lend_result;
}

void car_take_back(struct car *car)
{
	(void)car;
	tell("take-back");
}

void car_set_passive_entry(struct car *car, uint64_t until_ms)
{
	(void)car;
	if (until_ms == fake.entry_until_ms)
		return;
	fake.entry_until_ms = until_ms;
	tell(until_ms != 0 ? "entry" : "entry-off");
}

uint64_t car_passive_entry(const struct car *car)
{
	(void)car;
	return fake.entry_until_ms;
}

bool car_is_connected(const struct car *car)
{
	(void)car;
	return false;
}

const struct car_state *car_state(const struct car *car)
{
	(void)car;
	return &fake.state;
}

const char *car_problem(const struct car *car)
{
	(void)car;
	return fake.problem;
}

static void on_order_changed(void *userdata, const struct ledger_row *row)
{
	(void)userdata;
	(void)row;
}

static void on_rental_changed(void *userdata, const struct rental *rental)
{
	(void)userdata;
	(void)rental;
}

static void on_status_changed(void *userdata)
{
	(void)userdata;
}

static void on_looked(void *userdata)
{
	(void)userdata;
	tell("looked");
}

static void on_read(void *userdata, const struct car_reading *reading)
{
	(void)userdata;
	cr_assert_eq(reading->id, COMMAND_STATE_CHARGE);
	tell("was-read");
}

static const struct till_ops ops = {
	.order_changed = on_order_changed,
	.status_changed = on_status_changed,
	.rental_changed = on_rental_changed,
	.looked = on_looked,
	.read = on_read,
};
