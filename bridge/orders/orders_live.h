/* SPDX-License-Identifier: MIT */
#pragma once

/* Orders that live - what orders*.c share */

#include <stdbool.h>
#include <stddef.h>

#include "orders/orders.h"
#include "orders/orders_rental.h"

/* An order that has not ended. */
struct live {
	struct live *next;
	struct order order;
	const struct menu_action *action; /* NULL after a crash */
	uint64_t for_order;               /* does what that is owed for, or 0 */
	bool is_handed; /* given out, or begun as it was recorded */
	bool is_begun;  /* the ledger counts it */
	bool is_crashed;
	bool awaits_take; /* the node is asked whether it still holds it */
	/* As they were when it was taken, with all rounds. */
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
	struct rental rental; /* the last one */
	uint64_t rental_written_ms;
	void (*rental_handler)(void *userdata, const struct rental *rental);
	void *rental_userdata;
	void (*handler)(void *userdata, const struct ledger_row *row);
	void *userdata;
};

/* An order that lives, or NULL. */
struct live *orders_find_live(const struct orders *orders, uint64_t id);

/*
 * When may @action start, because of its cooldown?  Returns 0 or what
 * ledger_age() returns.
 */
int orders_start_at(struct orders *orders, const struct menu_action *action,
	const struct moment *now, uint64_t *ret_ms) _must_use_;

/* Behind all others; takes @live over. */
void orders_append(struct orders *orders, struct live *live);

/*
 * Takes an order without a payment and an action, for a parked car.  Returns
 * 0, LEDGER_E_FULL, or negative errno.
 */
int orders_take_own(struct orders *orders, const char *name,
	const struct program *steps, const struct program *undo,
	uint64_t start_by_ms, const struct moment *now,
	uint64_t *ret_id) _must_use_;

/* The handler of orders_on_change() gets the row of @id. */
void orders_tell(struct orders *orders, uint64_t id);

/* "honk; wait 2s" */
void orders_print_program(
	const struct program *program, char ret[static LEDGER_PROGRAM_SIZE]);
/* The reverse, with its PINs; what is not known is COMMAND_NONE. */
void orders_parse_program(const char *text, struct program *ret);

/* orders_rental.c */

/* Finds the rental that an earlier run left; also after its crashed orders. */
int orders_load_rental(
	struct orders *orders, const struct moment *now) _must_use_;

/* What @choice begins or extends: false, or a rental to be written. */
bool orders_rents(const struct orders *orders,
	const struct orders_choice *choice, const struct moment *now,
	struct rental *ret);

/*
 * May @action be paid for while the car is rented, because that extends it?
 * Otherwise the reason.
 */
bool orders_extends(const struct orders *orders,
	const struct menu_action *action, const struct moment *now,
	char why[static WHY_SIZE]);

/* Is the car nobody else's than of who paid for @live? */
bool orders_is_tenant(const struct orders *orders, const struct live *live,
	const struct moment *now, char why[static WHY_SIZE]);

/* What the end of @live makes of the rental: false, or one to be written. */
bool orders_rental_after(const struct orders *orders, const struct live *live,
	enum outcome outcome, const char *why, const struct moment *now,
	struct rental *ret);

/* It was written. */
void orders_set_rental(struct orders *orders, const struct rental *rental,
	const struct moment *now);
