/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Orders of a rental - what its keeper asks and tells
 *
 * A rental is begun and extended by payments (orders.h).  Its warning and its
 * end are orders of their own, without a payment, journalled like all others,
 * and named as no action of a menu can be.
 *
 * Spec: architecture 3.
 */

#include <stdbool.h>
#include <stdint.h>

#include "model/car_state.h"
#include "orders/payment.h"
#include "orders/rental.h"
#include "util/macro.h"

struct orders;

#define ORDERS_RENTAL_WARN "rental:warn"
#define ORDERS_RENTAL_END "rental:end"

enum {
	/*
	 * What was proven before its end has to be true when that is sealed:
	 * no later than this after.
	 */
	ORDERS_RENTAL_START_MS = 5 * 1000,
};

/* The rental that has not ended; NULL: there is none. */
const struct rental *orders_rental(const struct orders *orders);

/* Does an order of it wait or run: what began it, its warning, its end? */
bool orders_rental_is_busy(const struct orders *orders);

/*
 * Takes the time and what the car shows into account, and writes down, synced,
 * what changed by it; or once in a while, where its end stands.  Returns 0,
 * LEDGER_E_FULL, or negative errno: it has changed all the same, for what
 * changed it will be seen again.
 */
int orders_rental_see(struct orders *orders, const struct moment *now,
	const struct car_state *state) _must_use_;

/*
 * Takes RENTAL_WARN or RENTAL_END as an order.  Returns 0, LEDGER_E_FULL, or
 * negative errno.
 */
int orders_rental_run(struct orders *orders, enum rental_task_type task,
	const struct moment *now) _must_use_;

/*
 * The owner ends it, synced: the car is closed as soon as that hurts nobody.
 * Returns 0, LEDGER_E_NONE if there is no rental, LEDGER_E_FULL, or negative
 * errno (-EBUSY: it is about to begin).
 */
int orders_rental_stop(
	struct orders *orders, const struct moment *now) _must_use_;

/*
 * Called after it has changed, with the rental, also when it has ended.  The
 * handler must not call back into orders.
 */
void orders_on_rental(struct orders *orders,
	void (*handler)(void *userdata, const struct rental *rental),
	void *userdata);
