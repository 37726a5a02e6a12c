/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Runner - takes one order after the other to the car
 *
 * First what a crash interrupted, then what waits.  The next order begins
 * when the outcome of the last is stored; while the disk does not take that,
 * nothing begins, and a crash would find the order interrupted, as it is.
 *
 * Spec: architecture 3.
 */

#include <systemd/sd-event.h>

#include "car/car.h"
#include "daemon/problem.h"
#include "orders/orders.h"

struct runner;

enum {
	/* When to try again to store an outcome. */
	RUNNER_STORE_AGAIN_MS = 5 * 1000,
};

struct runner_config {
	const char *vin;
	struct orders *orders;
	struct signer *signer;
	struct link *link;
	enum link_hold hold;
	/* Where it is kept that the ledger cannot be written. */
	struct problem *ledger;
	/* The car or what runs has changed. */
	void (*changed)(void *userdata);
	/* See till_ops. */
	void (*looked)(void *userdata);
	void (*read)(void *userdata, const struct car_reading *reading);
	void *userdata;
};

/*
 * Takes over @config->link on success and borrows all else.  Begins when the
 * event loop runs.  Returns 0 or negative errno.
 */
int runner_new(sd_event *event, const struct runner_config *config,
	struct runner **ret) _must_use_;
struct runner *runner_free(struct runner *runner);

/* An order was recorded: look for it. */
void runner_wake(struct runner *runner);

/* Would @order go to the car at once, so that its first step can be journalled
 * with the order in one write? */
bool runner_is_free(const struct runner *runner, const struct order *order);

/* Begins @order, whose first step is journalled; after runner_is_free(). */
void runner_begin(struct runner *runner, const struct order *order);

/* Begins nothing new, and cuts short what runs. */
void runner_stop(struct runner *runner);

/* As car_set_passive_entry(): while a rental lasts that says so, and no longer.
 * A bridge that stops ends it. */
void runner_set_passive_entry(struct runner *runner, uint64_t until_ms);

/*
 * As car_look(), car_read(), car_lend() and car_take_back().  Orders wait while
 * the link is lent; a look and a read make way for them.
 */
int runner_look(struct runner *runner) _must_use_;
int runner_read(
	struct runner *runner, enum command_id id, bool may_wake) _must_use_;
int runner_lend(struct runner *runner) _must_use_;
void runner_take_back(struct runner *runner);

/* The order that runs; 0: none. */
uint64_t runner_order_id(const struct runner *runner);
const struct car *runner_car(const struct runner *runner);

DEFINE_CLEANUP(struct runner *, runner_free);
