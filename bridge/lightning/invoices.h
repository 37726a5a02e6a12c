/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Invoices - paid invoices of one node, in order, each once
 *
 * Follows `waitanyinvoice` from a position that its owner stores.  On an
 * unknown node it first finds the newest pay_index by doubling and bisecting,
 * so that nothing old is delivered, or nothing older than its owner asks for.  One invoice is delivered at a time: the
 * next call goes out after the handler has stored the position.
 *
 * How old can a delivered payment be?  The client knows a moment at which
 * nothing newer existed: an error 904 to a call sent then, or at the end of
 * the wait of such a call.  What comes next was paid after that moment:
 * @max_age_ms, on CLOCK_BOOTTIME.  After each invoice a call that does not
 * wait brings the next proof; then calls wait for less than the menu's
 * max-age, so that an invoice which arrives on a waiting call is proven fresh
 * without any wall clock.
 *
 * An invoice that cannot be read, and not a second time either, is left out;
 * changed() says so.
 *
 * Spec: architecture 3; lightning 0 (fact 12), 3.
 */

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "lightning/rpc.h"
#include "util/macro.h"

struct invoices;

enum {
	INVOICES_ID_SIZE = 67,   /* node id: 66 hexadecimal digits, NUL */
	INVOICES_HASH_SIZE = 65, /* payment hash, offer id: 64 digits, NUL */
	INVOICES_WHY_SIZE = 440,
	/* Longest label and note kept; the rest is cut off. */
	INVOICES_TEXT_MAX = 4096,
};

/* A paid invoice.  All texts are valid during the handler only. */
struct invoice {
	const char *node_id;
	const char *payment_hash; /* 64 lower-case hexadecimal digits */
	uint64_t pay_index;
	const char *label;
	const char *offer_id;    /* NULL if it came by no offer */
	const char *description; /* whole; NULL if there is none */
	const char *payer_note;  /* NULL if there is none */
	uint64_t msat;           /* received */
	int64_t paid_at_s;       /* the node's wall clock; 0 if absent */
	/* Paid at most so long ago; UINT64_MAX if nothing is known. */
	uint64_t max_age_ms;
	/*
	 * pay_index is at or below the stored position: another or a restored
	 * node answers.  List it, never act on it.
	 */
	bool restored;
};

struct invoices_ops {
	/*
	 * The node is @node_id.  Returns 1 and its stored position, 0 if the
	 * node is new, or negative errno (then it is asked again later).  Of a
	 * new node what was paid from *@ret_since_s on, by its clock, is
	 * delivered still; left untouched: nothing.
	 */
	int (*load)(void *userdata, const char *node_id,
		uint64_t *ret_pay_index, int64_t *ret_since_s);
	/* First position of a new node: store it synced, 0 or -errno. */
	int (*begin)(void *userdata, const char *node_id, uint64_t pay_index);
	/*
	 * An invoice.  Store payment and position synced.  Returns 0, or
	 * negative errno: it is then delivered again after a back-off.
	 */
	int (*paid)(void *userdata, const struct invoice *invoice);
	/* Up and following (why is ""), or not (a sentence says why). */
	void (*changed)(void *userdata, bool following, const char *why);
};

/*
 * @max_age_ms: the menu's longest max-age; calls wait a little less.
 * Joins @rpc, which outlives it; borrows @ops.  Returns 0 or negative errno.
 */
int invoices_new(sd_event *event, struct rpc *rpc, uint64_t max_age_ms,
	const struct invoices_ops *ops, void *userdata,
	struct invoices **ret) _must_use_;
struct invoices *invoices_free(struct invoices *invoices);

bool invoices_is_following(const struct invoices *invoices);
/* Node id, "" before it is known; alias as printable text, likewise. */
const char *invoices_node_id(const struct invoices *invoices);
const char *invoices_node_alias(const struct invoices *invoices);
uint64_t invoices_position(const struct invoices *invoices);

DEFINE_CLEANUP(struct invoices *, invoices_free);
