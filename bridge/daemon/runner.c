/* SPDX-License-Identifier: MIT */

#include "daemon/runner.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "daemon/moment.h"
#include "util/clock.h"
#include "util/log.h"

enum {
	/* 0 would mean a quarter of a second. */
	TIMER_ACCURACY_US = 1000,
};

struct runner {
	struct runner_config config;
	struct car *car;
	struct problem car_problem;
	/* Stores an outcome, or begins the next order; off while one runs. */
	sd_event_source *next;

	/* The order that runs; id 0: none. */
	struct order order;
	/* The rules are asked before the first step only. */
	bool rules_asked;
	/* orders_record() has journalled the first step already. */
	bool step_journalled;
	/* It has ended so, but the ledger does not take that yet. */
	bool has_result;
	struct car_result result;

	/* What was logged last of passive entry: the car asks every second. */
	enum key_level told_level;
	enum outcome told_outcome;

	bool is_stopping;
	bool is_lent; /* the link: nothing begins */
};

/* Arms the timer for @at_ms; CLOCK_NEVER: not at all. */
static void schedule(struct runner *runner, uint64_t at_ms)
{
	int r;

	if (at_ms == CLOCK_NEVER) {
		(void)sd_event_source_set_enabled(runner->next, SD_EVENT_OFF);
		return;
	}

	r = sd_event_source_set_time(runner->next, at_ms * 1000);
	if (r >= 0)
		r = sd_event_source_set_enabled(runner->next, SD_EVENT_ONESHOT);
	if (r < 0)
		log_error("cannot set a timer: %s", strerror(-r));
}

/*
 * By the timer and not from inside another order's end: many that are
 * refused at once would nest as deep as the queue is long.
 */
void runner_wake(struct runner *runner)
{
	if (runner->order.id == 0 && !runner->is_stopping && !runner->is_lent)
		schedule(runner, 0);
}

static void finish(struct runner *runner)
{
	const struct moment now = moment_now();
	int r;

	r = problem_set_ledger(runner->config.ledger,
		orders_end(runner->config.orders, runner->order.id,
			runner->result.outcome, runner->result.keeps,
			runner->result.why, &now));
	runner->has_result = r < 0;
	if (runner->has_result) {
		schedule(runner, now.boot_ms + RUNNER_STORE_AGAIN_MS);
	} else {
		runner->order = (struct order){ 0 };
		runner_wake(runner);
	}
	runner->config.changed(runner->config.userdata);
}

static struct car_job job_of(const struct order *order, enum car_job_kind kind)
{
	return (struct car_job){
		.kind = kind,
		.steps = order->steps,
		.undo = order->undo,
		.start_by_ms = order->start_by_ms,
		.conditions = order->conditions,
		.budget_ms = order->budget_ms,
		.journal = order->journal,
	};
}

static void begin(struct runner *runner, const struct order *order,
	enum car_job_kind kind, bool step_journalled)
{
	const struct car_job job = job_of(order, kind);
	int r;

	schedule(runner, CLOCK_NEVER);
	runner->order = *order;
	runner->rules_asked = false;
	runner->step_journalled = step_journalled;

	/* May ask for the first step, and may even end, before it returns. */
	r = car_begin(runner->car, &job);
	if (r == 0)
		return;

	runner->result = (struct car_result){
		.outcome = kind == CAR_JOB_RECOVER ? OUTCOME_UNKNOWN
						   : OUTCOME_REFUSED,
	};
	(void)snprintf(runner->result.why, sizeof(runner->result.why),
		"the car cannot be asked: %s", strerror(-err_fold(r)));
	finish(runner);
}

static int on_next(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct runner *runner = userdata;
	struct orders *orders = runner->config.orders;
	const struct moment now = moment_now();
	uint64_t wake_ms = CLOCK_NEVER;
	struct order order;

	(void)source;
	(void)usec;

	if (runner->has_result)
		finish(runner);
	else if (runner->order.id != 0 || runner->is_stopping ||
		 runner->is_lent)
		return 0;
	else if (orders_next_crashed(orders, &order))
		begin(runner, &order, CAR_JOB_RECOVER, false);
	else if (orders_next(orders, &now, &order, &wake_ms))
		begin(runner, &order, CAR_JOB_RUN, false);
	else
		schedule(runner, wake_ms);

	return 0;
}

static int on_before_step(void *userdata, const struct car_step *step,
	const struct car_state *state, char why[static CAR_WHY_SIZE])
{
	struct runner *runner = userdata;
	const struct moment now = moment_now();
	char reason[LEDGER_TEXT_SIZE];
	int r;

	if (!step->is_undo && !runner->rules_asked) {
		runner->rules_asked = true;
		if (!orders_may_begin(runner->config.orders, runner->order.id,
			    &now, state, reason)) {
			(void)snprintf(why, CAR_WHY_SIZE, "%.*s",
				CAR_WHY_SIZE - 1, reason);
			return CAR_E_REFUSED;
		}
		if (runner->step_journalled)
			return 0;
	}

	r = orders_step_begun(runner->config.orders, runner->order.id,
		step->index, step->is_undo, step->step, &now);
	/*
	 * What undoes only closes what was opened, and the journal says
	 * already that something was: better closed than written down.
	 */
	if (r == 0 || step->is_undo)
		return 0;

	(void)snprintf(why, CAR_WHY_SIZE, "it cannot be written down: %s",
		r == LEDGER_E_FULL ? "no room on the disk"
				   : strerror(-err_fold(r)));
	return CAR_E_REFUSED;
}

static void on_after_step(void *userdata, const struct car_step *step,
	enum outcome outcome, const char *why)
{
	struct runner *runner = userdata;
	const struct moment now = moment_now();
	int r;

	log_debug("order %" PRIu64 ": %sstep %zu %s %s", runner->order.id,
		step->is_undo ? "undo " : "", step->index + 1,
		outcome_name(outcome), why);
	/* A step without an end counts as unknown after a crash. */
	r = orders_step_ended(runner->config.orders, runner->order.id,
		step->index, step->is_undo, outcome, &now);
	if (r != 0)
		log_debug("order %" PRIu64 ": step %zu is not written: %d",
			runner->order.id, step->index + 1, r);
}

static void on_done(void *userdata, const struct car_result *result)
{
	struct runner *runner = userdata;

	runner->result = *result;
	finish(runner);
}

static void on_changed(void *userdata)
{
	struct runner *runner = userdata;

	(void)problem_set(&runner->car_problem, car_problem(runner->car));
	runner->config.changed(runner->config.userdata);
}

static void on_looked(void *userdata)
{
	struct runner *runner = userdata;

	runner->config.looked(runner->config.userdata);
}

static void on_read(void *userdata, const struct car_reading *reading)
{
	struct runner *runner = userdata;

	runner->config.read(runner->config.userdata, reading);
}

static void on_authenticated(void *userdata, enum key_level level,
	enum outcome outcome, const char *why)
{
	struct runner *runner = userdata;

	if (level == runner->told_level && outcome == runner->told_outcome)
		return;
	runner->told_level = level;
	runner->told_outcome = outcome;
	if (outcome == OUTCOME_CONFIRMED)
		log_notice("the car asks for its key, to %s; it is told that "
			   "the key is here",
			key_level_name(level));
	else
		log_notice("the car asks for its key, to %s, but may not have "
			   "taken the answer: %s",
			key_level_name(level), why);
}

static const struct car_ops car_ops = {
	.before_step = on_before_step,
	.after_step = on_after_step,
	.done = on_done,
	.changed = on_changed,
	.looked = on_looked,
	.read = on_read,
	.authenticated = on_authenticated,
};

int runner_new(sd_event *event, const struct runner_config *config,
	struct runner **ret)
{
	_cleanup_(runner_freep) struct runner *runner = NULL;
	int r;

	runner = calloc(1, sizeof(*runner));
	if (runner == NULL)
		return -ENOMEM;
	runner->config = *config;
	runner->car_problem = (struct problem){
		.who = "the car",
		.priority = LOG_NOTICE,
	};

	r = sd_event_add_time(event, &runner->next, CLOCK_BOOTTIME, 0,
		TIMER_ACCURACY_US, on_next, runner);
	if (r < 0)
		return r;
	/* Last, since it takes the link over. */
	r = car_new(event,
		&(const struct car_config){
			.vin = config->vin,
			.signer = config->signer,
			.link = config->link,
			.hold = config->hold,
		},
		&car_ops, runner, &runner->car);
	if (r < 0)
		return r;

	*ret = steal_ptr(&runner);
	return 0;
}

struct runner *runner_free(struct runner *runner)
{
	if (runner == NULL)
		return NULL;

	(void)car_free(runner->car);
	(void)sd_event_source_unref(runner->next);
	free(runner);
	return NULL;
}

bool runner_is_free(const struct runner *runner, const struct order *order)
{
	const struct car_job job = job_of(order, CAR_JOB_RUN);

	/* A first step that is a wait is not journalled. */
	return runner->order.id == 0 && !runner->is_stopping &&
	       !runner->is_lent && !order->steps->steps[0].is_wait &&
	       car_is_ready(runner->car, &job);
}

void runner_begin(struct runner *runner, const struct order *order)
{
	begin(runner, order, CAR_JOB_RUN, true);
}

void runner_stop(struct runner *runner)
{
	runner->is_stopping = true;
	car_set_passive_entry(runner->car, 0);
	/* May end the order right here. */
	if (runner->order.id != 0 && !runner->has_result)
		car_stop(runner->car, "the bridge was stopped");
}

void runner_set_passive_entry(struct runner *runner, uint64_t until_ms)
{
	if (runner->is_stopping)
		return;
	if (car_passive_entry(runner->car) == 0)
		runner->told_level = KEY_LEVEL_NONE;
	car_set_passive_entry(runner->car, until_ms);
}

int runner_look(struct runner *runner)
{
	return runner->order.id != 0 || runner->is_stopping
		       ? CAR_E_BUSY
		       : car_look(runner->car);
}

int runner_read(struct runner *runner, enum command_id id, bool may_wake)
{
	return runner->order.id != 0 || runner->is_stopping
		       ? CAR_E_BUSY
		       : car_read(runner->car, id, may_wake);
}

int runner_lend(struct runner *runner)
{
	int r;

	/* Also while an outcome waits for room on the disk. */
	if (runner->order.id != 0 || runner->is_stopping)
		return CAR_E_BUSY;
	r = car_lend(runner->car);
	if (r != 0)
		return r;

	runner->is_lent = true;
	return 0;
}

void runner_take_back(struct runner *runner)
{
	if (!runner->is_lent)
		return;

	runner->is_lent = false;
	car_take_back(runner->car);
	runner_wake(runner);
}

uint64_t runner_order_id(const struct runner *runner)
{
	return runner->order.id;
}

const struct car *runner_car(const struct runner *runner)
{
	return runner->car;
}
