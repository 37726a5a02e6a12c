/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Shelf - what the car sells, as the node's plugin is told
 *
 * The menu as the plugin wants it, and which of its actions are on sale now:
 * an offer that cannot be served is switched off, so that nobody pays for it.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lightning/holds.h"
#include "model/car_state.h"
#include "orders/menu.h"
#include "orders/payment.h"

struct orders;
struct runner;

enum {
	/* How often a car that is not as it has to be is looked at again. */
	SHELF_LOOK_MS = 60 * 1000,
	SHELF_TEXT_SIZE = 2 * MENU_NAME_SIZE + 4,
};

struct shelf {
	const struct menu *menu;
	struct holds_config holds; /* points into the rest */
	const char *labels[MENU_ACCEPT_MAX + 1];
	const char *addresses[MENU_ACCEPT_MAX + 1];
	const char *descriptions[MENU_ACCEPT_MAX + 1];
	struct holds_action actions[MENU_ACTIONS_MAX];
	char texts[MENU_ACTIONS_MAX][SHELF_TEXT_SIZE];
	uint64_t looked_ms;
};

/* Borrows @menu and @node_id.  @shelf must not be moved afterwards. */
void shelf_init(
	struct shelf *shelf, const struct menu *menu, const char *node_id);

/*
 * A bit for each action that is on sale.  *@ret_is_otherwise: some are not,
 * because of what the car told last.
 */
uint64_t shelf_open(const struct shelf *shelf, const struct orders *orders,
	const struct moment *now, const struct car_state *state,
	bool *ret_is_otherwise);

/* Looks whether the car is as it has to be again, once in a while. */
void shelf_look(
	struct shelf *shelf, struct runner *runner, const struct moment *now);
