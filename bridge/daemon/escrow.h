/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Escrow - payments that the node holds until the car has answered, and
 * money that it gives back
 *
 * Joins lightning/holds and orders, as till joins the rest.  A held payment
 * becomes an order, synced; the node grants it; its outcome is the verdict,
 * given again and again until the node has shown who has the money.
 *
 * Spec: architecture 5; lightning 0.
 */

#include <systemd/sd-event.h>

#include "daemon/problem.h"
#include "orders/orders.h"
#include "util/macro.h"

struct escrow;
struct rpc;
struct runner;

enum {
	_ESCROW_E_SUCCESS,

	/* Above what orders_refund() returns. */
	ESCROW_E_OTHER_NODE = 101, /* it was paid to another one */
};

enum {
	/* What the node has not decided is asked later and later. */
	ESCROW_AGAIN_MIN_MS = 1000,
	ESCROW_AGAIN_MAX_MS = 30 * 1000,
	/* Orders looked after at a time. */
	ESCROW_ROWS = 32,
};

struct escrow_config {
	const struct menu *menu; /* plugin = yes */
	struct orders *orders;
	struct runner *runner;
	struct rpc *rpc;
	const char *node_id; /* "": the node has to be asked */
	/* Where it is kept that the ledger cannot be written. */
	struct problem *ledger;
	/* As of holds_ops. */
	void (*changed)(void *userdata, bool following, const char *why);
	/* escrow_is_idle() holds again. */
	void (*idle)(void *userdata);
	void *userdata;
};

/* Borrows what @config names.  Returns 0 or negative errno. */
int escrow_new(sd_event *event, const struct escrow_config *config,
	struct escrow **ret) _must_use_;
struct escrow *escrow_free(struct escrow *escrow);

/* An order has changed: there may be a verdict, or something owed. */
void escrow_on_order(struct escrow *escrow, const struct ledger_row *row);

/*
 * What is on sale may have changed, or whether the car is back; not from
 * inside of orders.
 */
void escrow_check(struct escrow *escrow);

/*
 * Has the node give back what is owed for @order_id, or its deposit: the row
 * tells what becomes of it.  As orders_refund(), or ESCROW_E_OTHER_NODE.
 */
int escrow_refund(struct escrow *escrow, uint64_t order_id) _must_use_;

/* Takes no more payments; verdicts still go out. */
void escrow_stop(struct escrow *escrow);
/* Is every verdict given, as far as the node says? */
bool escrow_is_idle(const struct escrow *escrow);

bool escrow_is_following(const struct escrow *escrow);
const char *escrow_node_id(const struct escrow *escrow);

DEFINE_CLEANUP(struct escrow *, escrow_free);
