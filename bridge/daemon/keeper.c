/* SPDX-License-Identifier: MIT */

#include "daemon/keeper.h"

#include <string.h>

#include "daemon/moment.h"
#include "daemon/runner.h"
#include "orders/orders_rental.h"
#include "util/log.h"

enum {
	/* 0 would mean a quarter of a second. */
	TIMER_ACCURACY_US = 1000,
};

struct keeper {
	struct keeper_config config;
	sd_event_source *timer;
	bool is_reading;
	enum command_id read; /* what was asked for */
	/* Nothing is asked of the car before; and how long the next time. */
	uint64_t not_before_ms;
	uint64_t again_ms;
};

static void schedule(struct keeper *keeper, uint64_t at_ms)
{
	int r;

	r = sd_event_source_set_time(keeper->timer, at_ms * 1000);
	if (r >= 0)
		r = sd_event_source_set_enabled(
			keeper->timer, SD_EVENT_ONESHOT);
	if (r < 0)
		log_error("cannot set a timer: %s", strerror(-r));
}

void keeper_check(struct keeper *keeper)
{
	schedule(keeper, 0);
}

static void back_off(struct keeper *keeper, uint64_t max_ms)
{
	uint64_t ms = keeper->again_ms;

	keeper->not_before_ms = clock_boottime_ms() + ms;
	keeper->again_ms = clock_earlier(2 * ms, max_ms);
}

static void go_on(struct keeper *keeper)
{
	keeper->not_before_ms = 0;
	keeper->again_ms = KEEPER_AGAIN_MS;
}

/* Only as long as somebody may get in or drive: vehicle-protocol 8.4. */
static void set_passive_entry(
	struct keeper *keeper, const struct rental *rental)
{
	bool is_on = rental != NULL && rental->terms.passive_entry &&
		     (rental->phase == RENTAL_OFFERED ||
			     rental->phase == RENTAL_OCCUPIED) &&
		     rental->until_ms > 0;

	runner_set_passive_entry(
		keeper->config.runner, is_on ? (uint64_t)rental->until_ms : 0);
}

static void read_car(struct keeper *keeper, const struct rental_task *task)
{
	int r;

	r = runner_read(keeper->config.runner, task->read, task->may_wake);
	if (r == 0) {
		keeper->is_reading = true;
		keeper->read = task->read;
	} else if (r == CAR_E_BUSY) {
		keeper->not_before_ms = clock_boottime_ms() + KEEPER_BUSY_MS;
	} else {
		back_off(keeper, KEEPER_READ_AGAIN_MAX_MS);
	}
}

static void run_order(struct keeper *keeper, enum rental_task_type type,
	const struct moment *now)
{
	int r;

	r = problem_set_ledger(keeper->config.ledger,
		orders_rental_run(keeper->config.orders, type, now));
	if (r < 0)
		back_off(keeper, KEEPER_READ_AGAIN_MAX_MS);
	else
		runner_wake(keeper->config.runner);
}

/* Does what is due, and says when something is due again. */
static uint64_t look_after(struct keeper *keeper, const struct moment *now)
{
	const struct car_state *state =
		car_state(runner_car(keeper->config.runner));
	const struct rental *rental = orders_rental(keeper->config.orders);
	uint64_t write_ms = now->boot_ms + RENTAL_WRITE_MS;
	struct rental_task task;

	rental_next(rental, now->boot_ms, state, &task);
	if (task.type == RENTAL_WAIT)
		return clock_earlier(task.at_ms, write_ms);
	if (now->boot_ms < keeper->not_before_ms)
		return clock_earlier(keeper->not_before_ms, write_ms);

	switch (task.type) {
	case RENTAL_READ:
		read_car(keeper, &task);
		break;
	case RENTAL_WARN:
	case RENTAL_END:
		run_order(keeper, task.type, now);
		break;
	case RENTAL_WAIT:
		break;
	}

	return keeper->not_before_ms > now->boot_ms ? keeper->not_before_ms
						    : write_ms;
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct keeper *keeper = userdata;
	struct orders *orders = keeper->config.orders;
	const struct moment now = moment_now();
	const struct rental *rental;
	int r;

	(void)source;
	(void)usec;
	if (orders_rental(orders) == NULL) {
		set_passive_entry(keeper, NULL);
		go_on(keeper);
		return 0;
	}

	r = problem_set_ledger(keeper->config.ledger,
		orders_rental_see(orders, &now,
			car_state(runner_car(keeper->config.runner))));
	/* It goes on by what it saw: closed is better than written down. */
	if (r < 0)
		log_debug("the rental is not written down: %s", strerror(-r));

	rental = orders_rental(orders);
	set_passive_entry(keeper, rental);
	if (keeper->is_reading || orders_rental_is_busy(orders))
		schedule(keeper, now.boot_ms + RENTAL_WRITE_MS);
	else
		schedule(keeper, look_after(keeper, &now));
	return 0;
}

void keeper_on_order(struct keeper *keeper, const struct ledger_row *row)
{
	bool is_end = strcmp(row->action, ORDERS_RENTAL_END) == 0;

	if (!is_end && strcmp(row->action, ORDERS_RENTAL_WARN) != 0)
		return;
	if (row->state == LEDGER_QUEUED || row->state == LEDGER_RUNNING)
		return;

	if (row->state == LEDGER_CONFIRMED)
		go_on(keeper);
	else
		back_off(keeper,
			is_end ? KEEPER_END_AGAIN_MAX_MS : RENTAL_OCCUPIED_MS);
	keeper_check(keeper);
}

void keeper_on_read(struct keeper *keeper, const struct car_reading *reading)
{
	if (!keeper->is_reading || reading->id != keeper->read)
		return;

	keeper->is_reading = false;
	switch (reading->result) {
	case CAR_READ_DONE:
		keeper->not_before_ms = 0;
		/* How often its end has failed is not forgotten. */
		if (orders_rental(keeper->config.orders) != NULL &&
			orders_rental(keeper->config.orders)->phase !=
				RENTAL_ENDING)
			go_on(keeper);
		break;
	case CAR_READ_ASLEEP:
		keeper->not_before_ms = clock_boottime_ms() + KEEPER_AGAIN_MS;
		break;
	case CAR_READ_DISPLACED:
		keeper->not_before_ms = clock_boottime_ms() + KEEPER_BUSY_MS;
		break;
	case CAR_READ_FAILED:
		back_off(keeper, KEEPER_READ_AGAIN_MAX_MS);
		break;
	}
	keeper_check(keeper);
}

int keeper_new(sd_event *event, const struct keeper_config *config,
	struct keeper **ret)
{
	_cleanup_(keeper_freep) struct keeper *keeper = NULL;
	int r;

	keeper = calloc(1, sizeof(*keeper));
	if (keeper == NULL)
		return -ENOMEM;
	keeper->config = *config;
	keeper->again_ms = KEEPER_AGAIN_MS;

	/* At once: an earlier run may have left a rental. */
	r = sd_event_add_time(event, &keeper->timer, CLOCK_BOOTTIME, 0,
		TIMER_ACCURACY_US, on_timer, keeper);
	if (r < 0)
		return r;

	*ret = steal_ptr(&keeper);
	return 0;
}

struct keeper *keeper_free(struct keeper *keeper)
{
	if (keeper == NULL)
		return NULL;

	(void)sd_event_source_unref(keeper->timer);
	free(keeper);
	return NULL;
}
