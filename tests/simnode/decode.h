/* SPDX-License-Identifier: MIT */
#pragma once

/* Decode - what is in the texts of offers and invoices: lightning 4 */

#include "methods.h"
#include "params.h"

/* The method, as methods.c calls it. */
void decode_run(struct world *world, const struct params *params,
	struct methods_answer *ret);
