/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Intake - payments from the node into orders, by whichever way they come
 *
 * Those that the node has settled come from its list of paid invoices; those
 * that it holds, from its plugin, which also keeps offers and gives money back.
 * Both go over one connection.
 *
 * Spec: architecture 3, 5.
 */

#include <systemd/sd-event.h>

#include "daemon/problem.h"
#include "orders/orders.h"
#include "util/macro.h"

struct intake;
struct line_config;
struct runner;

enum {
	_INTAKE_E_SUCCESS,

	/* Above what orders_refund() returns. */
	INTAKE_E_NO_PLUGIN = 100, /* the menu says that there is none */
};

struct intake_config {
	const struct menu *menu;
	struct orders *orders;
	struct runner *runner;
	const struct line_config *node;
	/* Where it is kept that the ledger cannot be written. */
	struct problem *ledger;
	/* intake_get_status() has news. */
	void (*changed)(void *userdata);
	void *userdata;
};

/* Texts are valid until something changes. */
struct intake_status {
	bool is_settled; /* the node was reached, or is out of reach */
	bool is_up;
	const char *node_id;        /* "" before it is known */
	const char *alias;          /* the same; "" also where nobody asked */
	const char *problem;        /* why no payments are taken, or "" */
	const char *plugin_problem; /* a sentence, or "" */
	uint64_t position;
};

/* Borrows what @config names.  Returns 0 or negative errno. */
int intake_new(sd_event *event, const struct intake_config *config,
	struct intake **ret) _must_use_;
struct intake *intake_free(struct intake *intake);

/* Takes no more payments.  What has to be told the node still is. */
void intake_stop(struct intake *intake);
/* Is nothing left to tell, or nobody to be told? */
bool intake_is_idle(const struct intake *intake);

/* An order has changed. */
void intake_on_order(struct intake *intake, const struct ledger_row *row);
/* The car has told something, or the bridge was paused, or it goes on. */
void intake_check(struct intake *intake);

/* As escrow_refund(); or INTAKE_E_NO_PLUGIN. */
int intake_refund(struct intake *intake, uint64_t order_id) _must_use_;

void intake_get_status(const struct intake *intake, struct intake_status *ret);

DEFINE_CLEANUP(struct intake *, intake_free);
