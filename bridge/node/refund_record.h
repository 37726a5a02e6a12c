/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Refund record - what the node's datastore keeps of refunds
 *
 * ["1sat2flash","refund",<payment hash>]: one refund, from before it is paid.
 * ["1sat2flash","refunds"]: which are under way, and what was spent in each
 * hour; written before each of the others, so that neither has to be looked
 * for among all that ever were.
 *
 * Spec: lightning 3 ("datastore").
 */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "node/cars.h"
#include "util/macro.h"
#include "util/way_back.h"

enum {
	REFUND_INVOICE_MAX = 16 * 1024,
	REFUND_HOURS = 25, /* the last 24, and the one that has begun */
};

enum refund_state {
	REFUND_PAYING, /* its invoice may be paid by now */
	REFUND_PAID,
	REFUND_FAILED, /* nothing was paid, and nothing is on its way */
};

struct refund_record {
	enum refund_state state;
	char car[CAR_NAME_SIZE];
	char payment_hash[CAR_HASH_SIZE]; /* of the refund's invoice */
	enum way_back_kind to;
	uint64_t amount_msat;
	uint64_t fee_msat; /* at most, until it is paid */
	int64_t at_s;
	int64_t expires_s; /* of the invoice; 0 when it is paid */
	char *invoice;     /* NULL when it is paid */
};

/*
 * Reads what refund_record_print() wrote.  Returns 0, -EINVAL for anything
 * else, or -ENOMEM.
 */
int refund_record_read(const char *text, struct refund_record *ret) _must_use_;
/* For free(3); NULL without memory. */
char *refund_record_print(const struct refund_record *record) _must_use_;
void refund_record_deinit(struct refund_record *record);

/* What refunds cost, by the hour since 1970. */
struct refund_spent {
	struct {
		int64_t hour;
		uint64_t msat;
	} hours[REFUND_HOURS];
	size_t n_hours;
};

/* Counts @msat more, or less, at @at_s. */
void refund_spent_add(struct refund_spent *spent, int64_t at_s, uint64_t msat);
void refund_spent_less(struct refund_spent *spent, int64_t at_s, uint64_t msat);
/* In the 24 hours before @now_s, or a little longer. */
uint64_t refund_spent_sum(const struct refund_spent *spent, int64_t now_s);

/* The index, with @open, an array of hashes, borrowed; for free(3). */
char *refund_index_print(
	const struct refund_spent *spent, json_t *open) _must_use_;
/*
 * Returns 0 with a new array of hashes in *@ret_open, -EINVAL, or -ENOMEM.
 */
int refund_index_read(const char *text, size_t max_open,
	struct refund_spent *ret_spent, json_t **ret_open) _must_use_;
