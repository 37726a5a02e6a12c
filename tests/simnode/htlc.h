/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Htlc - payments on their way, held while plugins decide
 *
 * They are part of the node's state: one that was held when the node ended is
 * replayed when it is there again.  Without a plugin in the chain they are
 * settled at once.
 *
 * Spec: lightning 0 (facts 1 to 7), 2.
 */

#include "call.h"
#include "world.h"

struct htlcs;

int htlcs_new(struct world *world, struct htlcs **ret) _must_use_;
struct htlcs *htlcs_free(struct htlcs *htlcs);

/*
 * Pays.  @call, which may be NULL, is answered when it is settled or comes
 * back.  Returns false and *@ret_error if it never leaves the payer; @call is
 * then the caller's.
 */
bool htlcs_pay(struct htlcs *htlcs, const struct node_payment *payment,
	struct call *call, struct node_error *ret_error);

/* Those of the node's state come again: once, after its start. */
void htlcs_replay(struct htlcs *htlcs);

/* The node's state knows of none any more: it was exchanged. */
void htlcs_forget(struct htlcs *htlcs);
