/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Seek - where a node's list of payments ends, by doubling and bisecting
 *
 * The only question a node answers at once is "what is the first payment
 * after index i?".  Pure: the owner asks, and tells what the node answered.
 *
 *	while (seek_next(&seek, &index))
 *		seek_none(&seek) or seek_found(&seek, found)
 *
 * Spec: architecture 3 ("Position").
 */

#include <stdbool.h>
#include <stdint.h>

/* From 2^63 on a node answers with its oldest payment: lightning 0. */
#define SEEK_INDEX_MAX ((uint64_t)INT64_MAX)

/* Begins as {0}. */
struct seek {
	uint64_t low;   /* the newest payment is here or later */
	uint64_t high;  /* and here or before, once bounded */
	uint64_t asked; /* what seek_next() gave */
	bool bounded;
};

/* Returns true and the index to ask for, or false: seek->low is the end. */
bool seek_next(struct seek *seek, uint64_t *ret_index);

/* The node has nothing after the index asked for. */
void seek_none(struct seek *seek);

/*
 * The first payment after the index asked for is @index.  Returns false if
 * that is not after it, or beyond SEEK_INDEX_MAX: the node is broken.
 */
bool seek_found(struct seek *seek, uint64_t index);
