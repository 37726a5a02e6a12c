/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Till - joins node, orders and car: a payment comes in, the car acts
 *
 * Payments come from lightning/invoices, orders decides and remembers, the
 * runner takes the order to the car; none of the layers knows another.
 *
 * Spec: architecture 3 and 5.
 */

#include <systemd/sd-event.h>

#include "daemon/facts.h"
#include "orders/orders.h"
#include "util/macro.h"

struct car;
struct car_reading;
struct line_config;
struct link;
struct signer;
struct till;

enum {
	/* How long a stop waits for what has begun: an undo, mostly. */
	TILL_STOP_MS = 5 * 1000,
};

struct till_ops {
	/* An order was taken, has begun or ended. */
	void (*order_changed)(void *userdata, const struct ledger_row *row);
	/* till_status() has news. */
	void (*status_changed)(void *userdata);
	/* till_look() has ended. */
	void (*looked)(void *userdata);
	/* A rental has come further, or has ended. */
	void (*rental_changed)(void *userdata, const struct rental *rental);
	/* till_read() has ended, or a read for another's sake. */
	void (*read)(void *userdata, const struct car_reading *reading);
};

struct till_config {
	const struct menu *menu;
	struct orders *orders;
	struct signer *signer;
	struct link *link;
	const struct line_config *node;
	/* Why no payments are taken, a sentence; NULL: they are. */
	const char *closed;
};

/* Texts are printable, and valid until the till is freed or changes. */
struct till_status {
	bool taking_payments;
	const char *why_not; /* "" while payments are taken */
	/* The node has been reached, or turned out to be out of reach. */
	bool is_settled;
	struct fact_node node;      /* texts are "" before they are known */
	const char *plugin_problem; /* "" where all is well, or nobody asks */
	uint64_t position;
	const struct car *car;
	uint64_t order_id; /* the one that runs; 0: none */
};

/*
 * Begins: first what a crash interrupted, then payments.  Takes over
 * @config->link, also where it fails, and borrows all else.  Returns 0 or
 * negative errno.
 */
int till_new(sd_event *event, const struct till_config *config,
	const struct till_ops *ops, void *userdata,
	struct till **ret) _must_use_;
/* What runs is left to the recovery of the next start. */
struct till *till_free(struct till *till);

/*
 * Takes no more payments and begins nothing new; ends the event loop when
 * what has begun has its outcome, after TILL_STOP_MS at the latest.
 */
void till_stop(struct till *till);

/* As orders_try(), and the order runs when the car is free. */
int till_try(struct till *till, const char *action,
	uint64_t *ret_order_id) _must_use_;

/* As orders_try_program(), likewise. */
int till_try_program(struct till *till, const struct program *steps,
	const struct program *undo, uint64_t *ret_order_id) _must_use_;

/*
 * As orders_refund(), and the node pays; the order's row tells what becomes of
 * it.  Also INTAKE_E_NO_PLUGIN.
 */
int till_refund(struct till *till, uint64_t order_id) _must_use_;

/* As orders_do(), and the order runs when the car is free. */
int till_do_owed(struct till *till, uint64_t order_id,
	uint64_t *ret_order_id) _must_use_;

/* As orders_rental_stop(). */
int till_end_rental(struct till *till) _must_use_;

/* As orders_set_paused(). */
int till_set_paused(struct till *till, bool paused) _must_use_;

/* As car_look(), also CAR_E_BUSY while an order runs. */
int till_look(struct till *till) _must_use_;

/* As car_read(), likewise. */
int till_read(struct till *till, enum command_id id, bool may_wake) _must_use_;

/* As car_lend(), likewise; orders wait until till_take_back(). */
int till_lend(struct till *till) _must_use_;
void till_take_back(struct till *till);

void till_get_status(const struct till *till, struct till_status *ret);

DEFINE_CLEANUP(struct till *, till_free);
