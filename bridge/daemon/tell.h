/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Tell - one line in the log for what happens to an order
 *
 * With the journal fields ORDER=, PAYMENT=, ACTION= and OUTCOME=, so that
 * `journalctl OUTCOME=unknown` finds what it says.
 */

#include "orders/ledger.h"
#include "orders/rental.h"

void tell_order(const struct ledger_row *row);

/* How it stands now; where it was extended, @is_longer. */
void tell_rental(
	const struct rental *rental, bool is_longer, const struct moment *now);
