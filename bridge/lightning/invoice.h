/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Invoice - one paid invoice, read from the node's JSON
 *
 * Texts are foreign: a payer writes the note, anybody the description.
 *
 * Spec: lightning 3 (waitanyinvoice).
 */

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "lightning/invoices.h"

/* What the pointers in struct invoice point to; but see invoice_read(). */
struct invoice_texts {
	char payment_hash[INVOICES_HASH_SIZE];
	char offer_id[INVOICES_HASH_SIZE];
	char label[INVOICES_TEXT_MAX + 1];
	char payer_note[INVOICES_TEXT_MAX + 1];
};

/* Reads pay_index, 1 to 2^63 - 1.  Returns false if there is none. */
bool invoice_read_index(const json_t *object, uint64_t *ret);

/* Reads when it was paid, by the node's clock; 0 if that is absent. */
int64_t invoice_read_paid_at(const json_t *object);

/* 32 bytes in hexadecimal, made lower-case: it is a key of the ledger. */
bool invoice_read_hash(
	const json_t *value, char ret[static INVOICES_HASH_SIZE]);

/*
 * Copies a text, cut between two characters if it is too long.  It ends at a
 * NUL, which no honest node has in it.
 */
bool invoice_read_text(
	const json_t *value, char ret[static INVOICES_TEXT_MAX + 1]);

/*
 * The description in @object, whole: LNURL metadata with a picture in it is
 * long, and half of it claims nothing (lightning 6).  One with a NUL in it is
 * not what it seems to be, and claims nothing either: NULL, as where there is
 * none.  Returns false if it is no text.
 */
bool invoice_read_description(const json_t *object, const char **ret);

/* A number, or "123msat" as nodes before 23.11 write it. */
bool invoice_read_msat(const json_t *value, uint64_t *ret);

/*
 * Reads a paid invoice.  Returns true and all of *@ret that comes from the
 * node, with texts in *@texts and the description in @object; or false and in
 * *@ret_problem what is wrong, as half a sentence.  *@texts is then
 * unspecified.
 */
bool invoice_read(const json_t *object, struct invoice_texts *texts,
	struct invoice *ret, const char **ret_problem);
