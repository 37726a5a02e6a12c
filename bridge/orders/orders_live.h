/* SPDX-License-Identifier: MIT */
#pragma once

/* Orders that live - what orders*.c share */

#include <stdbool.h>
#include <stddef.h>

#include "orders/orders.h"

/* An order that has not ended. */
struct live {
	struct live *next;
	struct order order;
	const struct menu_action *action; /* NULL after a crash */
	bool is_handed; /* given out, or begun as it was recorded */
	bool is_crashed;
	/* After a crash: programs as they were when it was taken. */
	struct program steps;
	struct program undo;
};

struct orders {
	const struct menu *menu;
	struct ledger *ledger;
	struct live *first; /* oldest first */
	size_t n_waiting;
	bool is_paused;
	struct ledger_break broken;
	void (*handler)(void *userdata, const struct ledger_row *row);
	void *userdata;
};

/*
 * When may @action start, because of its cooldown?  Returns 0 or what
 * ledger_age() returns.
 */
int orders_start_at(struct orders *orders, const struct menu_action *action,
	const struct moment *now, uint64_t *ret_ms) _must_use_;
