/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Keeper - sees a rental through: looks at the car, warns, closes
 *
 * Does what rental_next() says, by reads and by orders without a payment.
 * Nothing at all while the car is not rented.
 *
 * Spec: architecture 3; vehicle-protocol 8.3, 8.4.
 */

#include <systemd/sd-event.h>

#include "daemon/problem.h"
#include "orders/orders.h"
#include "util/macro.h"

struct car_reading;
struct keeper;
struct runner;

enum {
	/* Something else has the car: soon again. */
	KEEPER_BUSY_MS = 1000,
	/* It did not answer, or was not closed: later and later. */
	KEEPER_AGAIN_MS = 10 * 1000,
	KEEPER_READ_AGAIN_MAX_MS = 60 * 1000,
	KEEPER_END_AGAIN_MAX_MS = 5 * 60 * 1000,
};

struct keeper_config {
	struct orders *orders;
	struct runner *runner;
	/* Where it is kept that the ledger cannot be written. */
	struct problem *ledger;
};

/* Borrows what @config names.  Returns 0 or negative errno. */
int keeper_new(sd_event *event, const struct keeper_config *config,
	struct keeper **ret) _must_use_;
struct keeper *keeper_free(struct keeper *keeper);

/* The rental may have changed: it is looked after from the loop. */
void keeper_check(struct keeper *keeper);

/* An order has changed; a read has ended, its own or another's. */
void keeper_on_order(struct keeper *keeper, const struct ledger_row *row);
void keeper_on_read(struct keeper *keeper, const struct car_reading *reading);

DEFINE_CLEANUP(struct keeper *, keeper_free);
