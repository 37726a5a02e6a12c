/* SPDX-License-Identifier: MIT */
#pragma once

/* Menu values - what each key of the menu means and may hold */

#include <stdbool.h>
#include <stddef.h>

#include "orders/menu.h"
#include "orders/menu_text.h"

#define MENU_RPC_EXAMPLE "/var/lib/lightning/bitcoin/lightning-rpc"

/* One value of a key, and where it stands. */
struct menu_value {
	struct menu_mistakes *mistakes;
	const char *key;
	const char *text;
	unsigned int line;
};

struct menu_key {
	const char *name; /* NULL ends a table */
	bool is_list;
	/* What to write where the key may not be left out, or NULL. */
	const char *example;
	/* @action is NULL in car and node. */
	void (*read)(const struct menu_value *value, struct menu *menu,
		struct menu_action *action);
};

/* Tells "KEY: ...", at the value's line. */
void menu_wrong(const struct menu_value *value, const char *format, ...)
	_printf_(2, 3);

/* Copies a text that has to fit; none is empty. */
void menu_read_text(const struct menu_value *value, char *ret, size_t size);

/* One of two words: true for @yes. */
bool menu_read_choice(
	const struct menu_value *value, const char *yes, const char *no);

extern const struct menu_key menu_car_keys[];
extern const struct menu_key menu_node_keys[];
extern const struct menu_key menu_action_keys[];

/* A time from @min_ms to @max_ms. */
uint64_t menu_read_duration(
	const struct menu_value *value, uint64_t min_ms, uint64_t max_ms);

/* A whole number from 1 to @max; @what it is stands in the mistake. */
uint64_t menu_read_number(
	const struct menu_value *value, uint64_t max, const char *what);

/* Appends the step or steps. */
void menu_read_step(const struct menu_value *value, struct program *program);

/* What an action is without any key. */
void menu_action_init(struct menu_action *action);

/* How an action was written, beside what it means. */
struct menu_written {
	unsigned int line;    /* of the section */
	unsigned int do_line; /* where its steps begin */
	bool is_begun;        /* they are a rental's */
	bool is_sound;        /* no key of it was wrong */
	bool unknown_is_set;
};

/*
 * Judges a whole action once its keys are read, and fills in what follows
 * from them.
 */
void menu_action_check(struct menu_action *action,
	const struct menu_written *written, struct menu_mistakes *mistakes);

/* Which keys the section node has, right or wrong. */
struct menu_node_written {
	unsigned int line; /* of the section */
	bool rpc, address, rune, proxy, plugin;
};

/* Judges it, and fills in what follows. */
void menu_node_check(struct menu *menu, struct menu_mistakes *mistakes,
	const struct menu_node_written *written);

/* menu_rental.c: the keys of a rental. */
void menu_read_rental(const struct menu_value *value, struct menu *menu,
	struct menu_action *action);
void menu_read_get_in(const struct menu_value *value, struct menu *menu,
	struct menu_action *action);
void menu_read_warn(const struct menu_value *value, struct menu *menu,
	struct menu_action *action);
void menu_read_warn_before(const struct menu_value *value, struct menu *menu,
	struct menu_action *action);
void menu_read_end(const struct menu_value *value, struct menu *menu,
	struct menu_action *action);
void menu_read_passive_entry(const struct menu_value *value, struct menu *menu,
	struct menu_action *action);
void menu_read_deposit(const struct menu_value *value, struct menu *menu,
	struct menu_action *action);
void menu_read_inspect(const struct menu_value *value, struct menu *menu,
	struct menu_action *action);

/* The same as menu_action_check(), of what makes it a rental. */
void menu_rental_check(struct menu_action *action,
	const struct menu_written *written, struct menu_mistakes *mistakes);

/* Judges the menu as a whole; @lines are those of its actions. */
void menu_check(const struct menu *menu, struct menu_mistakes *mistakes,
	const unsigned int *lines);
