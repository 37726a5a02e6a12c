/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Payee - the outside world that the node pays: fetchinvoice, xpay, listpays
 *
 * Offers that begin with PAYEE_OFFER belong to it, for any amount, and so does
 * every name at PAYEE_DOMAIN.  What it was asked and paid is part of the
 * node's state, and a payment on its way goes on without the node.
 *
 * Spec: lightning 4 ("Payer side").
 */

#include "methods.h"
#include "params.h"

#define PAYEE_OFFER "lno1spayee"
#define PAYEE_DOMAIN "payee.example"

enum {
	PAYEE_DELAY_MAX_S = 3600,
};

struct payee;

/* Payments that were on their way go on. */
int payee_new(struct world *world, struct payee **ret) _must_use_;
struct payee *payee_free(struct payee *payee);

/*
 * How it behaves from now on.  Returns false if there is no such @name, or no
 * such @value for it: payee_help.
 */
bool payee_set(struct payee *payee, const char *name, const char *value);
extern const char payee_help[];

/* Methods, as methods.c calls them. */
void payee_fetchinvoice(struct world *world, const struct params *params,
	struct methods_answer *ret);
void payee_fetchbip353(struct world *world, const struct params *params,
	struct methods_answer *ret);
void payee_xpay(struct world *world, const struct params *params,
	struct methods_answer *ret);
void payee_listpays(struct world *world, const struct params *params,
	struct methods_answer *ret);
void payee_listsendpays(struct world *world, const struct params *params,
	struct methods_answer *ret);
