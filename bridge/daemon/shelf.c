/* SPDX-License-Identifier: MIT */

#include "daemon/shelf.h"

#include <stdio.h>

#include "daemon/runner.h"
#include "orders/orders_money.h"

static void add_accept(struct shelf *shelf, const struct menu_accept *accept,
	bool *ret_offers, size_t n[static 3])
{
	switch (accept->kind) {
	case MENU_ACCEPT_OFFERS:
		*ret_offers = true;
		break;
	case MENU_ACCEPT_LABEL:
		shelf->labels[n[0]++] = accept->text;
		break;
	case MENU_ACCEPT_LIGHTNING_ADDRESS:
		shelf->addresses[n[1]++] = accept->text;
		break;
	case MENU_ACCEPT_DESCRIPTION:
		shelf->descriptions[n[2]++] = accept->text;
		break;
	case MENU_ACCEPT_ANY:
		/* Not with hold; otherwise nothing has to be claimed. */
		break;
	}
}

void shelf_init(
	struct shelf *shelf, const struct menu *menu, const char *node_id)
{
	bool offers = false;
	size_t n[3] = { 0 };

	*shelf = (struct shelf){ .menu = menu };
	for (size_t i = 0; i < menu->n_accept; i++)
		add_accept(shelf, &menu->accept[i], &offers, n);
	for (size_t i = 0; i < menu->n_actions; i++) {
		const struct menu_action *action = &menu->actions[i];

		(void)snprintf(shelf->texts[i], SHELF_TEXT_SIZE, "%s, %s",
			action->name, menu->car_name);
		shelf->actions[i] = (struct holds_action){
			.name = action->name,
			.price_msat = menu_asked_msat(action),
			.deposit_msat = action->deposit_msat,
			.text = shelf->texts[i],
			.keeps = action->unknown == MENU_KEEP,
			.offer_id = action->offer_id,
			.has_offer = offers,
		};
	}
	shelf->holds = (struct holds_config){
		.car = menu->car_name,
		.node_id = node_id,
		.holds = menu->hold,
		.labels = shelf->labels,
		.addresses = shelf->addresses,
		.descriptions = shelf->descriptions,
		.n_actions = menu->n_actions,
		.actions = shelf->actions,
	};
}

uint64_t shelf_open(const struct shelf *shelf, const struct orders *orders,
	const struct moment *now, const struct car_state *state,
	bool *ret_is_otherwise)
{
	uint64_t open = 0;

	*ret_is_otherwise = false;
	for (size_t i = 0; i < shelf->menu->n_actions; i++) {
		bool is_otherwise;

		if (orders_is_on_sale(orders, &shelf->menu->actions[i], now,
			    state, &is_otherwise))
			open |= UINT64_C(1) << i;
		*ret_is_otherwise |= is_otherwise;
	}

	return open;
}

/*
 * A read that is refused or fails is made up for by the next.  Nothing is
 * woken: a car that sleeps is parked.
 */
void shelf_look(
	struct shelf *shelf, struct runner *runner, const struct moment *now)
{
	if (now->boot_ms - shelf->looked_ms < SHELF_LOOK_MS)
		return;

	shelf->looked_ms = now->boot_ms;
	(void)!runner_read(runner, COMMAND_STATE_DRIVE, false);
}
