/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Asks - what is asked of the plugin for single payments; for holds.c
 *
 * First come, first sent, a few at a time: what the node takes at once is
 * little, and polls need their place.  Each is answered once, by the plugin or
 * by the loss of the line.
 */

#include "lightning/holds.h"

struct ask;

/* Texts and operations are borrowed. */
struct asks {
	struct rpc *rpc;
	const char *car;
	const char *boot;
	const struct holds_ops *ops;
	void *userdata;

	struct ask *first;           /* the oldest */
	size_t n, n_sent, n_refunds; /* in all; that are out; of those */
};

/* See holds.h. */
int asks_take(
	struct asks *asks, const char *payment_hash, bool keeps) _must_use_;
int asks_decide(struct asks *asks, const char *payment_hash, bool settle,
	const char *outcome, const char *why) _must_use_;
int asks_refund(
	struct asks *asks, const char *payment_hash, uint64_t msat) _must_use_;

/* Sends what waits, as far as there is room; while the line is up. */
void asks_flush(struct asks *asks);

/* The line is lost: so is all that waits. */
void asks_lose(struct asks *asks);

void asks_deinit(struct asks *asks);
