/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Claim - whose payment is it?
 *
 * Plugin and guard both judge by this, each in its own process, so that what
 * the one would have held the other does not let through.  An offer says
 * whose it is before a label does, a label before a text; and a car that
 * holds before one that does not, by whatever but an offer.  Pure.
 *
 * Spec: architecture 4; lightning 4 (labels), 6 (LUD-06, LUD-16).
 */

#include <stdbool.h>

#include "node/cars.h"

enum {
	/* Longer texts are not looked at. */
	CLAIM_DESCRIPTION_MAX = 64 * 1024,
};

/*
 * The offer whose invoice has @label, "<offer id>-<payer id>-<number>" as the
 * node writes it.  Returns false for all other labels.
 */
bool claim_read_label(const char *label, char ret[static CAR_HASH_SIZE]);

/*
 * The car that claims an invoice by its @label alone; NULL if none does, or
 * if one that holds might claim it by its description.
 */
struct car_entry *claim_by_label(const struct cars *cars, const char *label);

/*
 * Where no car claims it by its @label: might one that holds claim it by its
 * description?
 */
bool claim_needs_text(const struct cars *cars, const char *label);

/*
 * The car that claims @description, where none did by @label alone; NULL if
 * none does.
 */
struct car_entry *claim_by_text(
	const struct cars *cars, const char *label, const char *description);

/*
 * Would @claims of the car @name claim what another car does?  Then @ret_why
 * says what and which, as a sentence.
 */
bool claim_overlaps(const struct cars *cars, const char *name,
	const struct car_claims *claims, char ret_why[static CAR_WHY_SIZE]);
