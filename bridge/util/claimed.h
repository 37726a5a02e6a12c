/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Claimed - does an invoice carry the text by which it was claimed?
 *
 * Bridge and plugin judge by the same words: what one holds for a car, the
 * other has to know for its own.  Pure.
 *
 * Spec: architecture 4; lightning 6 (LUD-06, LUD-16).
 */

#include <stdbool.h>
#include <stddef.h>

/*
 * Is @label the accepted @text, whole, or as "prefix*"?  *@ret_prefix_len is
 * how much of it stands before what the label names.
 */
bool claimed_by_label(
	const char *label, const char *text, size_t *ret_prefix_len);

/*
 * Does the LNURL metadata @json, [["text/plain","..."],["text/identifier",
 * "name@domain"]], name exactly @address and no other?  False for anything
 * that is not such metadata, to the last byte.
 */
bool claimed_by_address(const char *json, const char *address);

/*
 * Is @label one that the node gives to a keysend?  Its sender writes the
 * description: it is no invoice of anybody who speaks for this node.
 */
bool claimed_is_keysend(const char *label);
