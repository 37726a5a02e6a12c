/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Payment - what the hook, and what listinvoices says.  Pure.
 *
 * Spec: lightning 2, 3.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "node/mark.h"

/* The member "payment" of the hook, without the preimage. */
struct payment {
	const char *label; /* in the object that was read */
	char hash[MARK_HASH_SIZE];
	uint64_t msat;
};

/*
 * Returns false, with the label alone or NULL in it, for one that is not as
 * lightningd sends it.
 */
bool payment_read(const json_t *object, struct payment *ret);

/* Texts are in the object that was read, or NULL. */
struct payment_invoice {
	const char *hash;
	const char *label;
	const char *offer_id;
	const char *description;
	const char *payer_note;
	int64_t expires_at_s;
	bool is_paid;
};

/* Does a result of listinvoices say that there is none? */
bool payment_has_no_invoice(const json_t *result);

/*
 * The one invoice in a result of listinvoices.  Returns false if there is
 * none, or it is not as lightningd writes it.
 */
bool payment_read_invoice(const json_t *result, struct payment_invoice *ret);
