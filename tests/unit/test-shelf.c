/* SPDX-License-Identifier: MIT */

/* The menu as the node's plugin is told it, and what of it is on sale. */

#include "daemon/shelf.h"

#include "escrow-world.h"

static struct shelf shelf;

TEST(shelf, menu_is_told_whole)
{
	static const struct menu_accept accept[] = {
		{ MENU_ACCEPT_LABEL, "1sat2flash-*" },
		{ MENU_ACCEPT_DESCRIPTION, "Flash" },
		{ MENU_ACCEPT_LIGHTNING_ADDRESS, "flash@shop.example" },
		{ MENU_ACCEPT_OFFERS, "" },
		{ MENU_ACCEPT_LABEL, "mug" },
	};
	const struct holds_action *action;

	w = enter();
	ask_deposit(&w);
	(void)strcpy(w.menu->car_name, "roadster");
	(void)strcpy(w.menu->actions[OPEN].offer_id, "ab");
	w.menu->hold = true;
	memcpy(w.menu->accept, accept, sizeof(accept));
	w.menu->n_accept = ARRAY_SIZE(accept);
	shelf_init(&shelf, w.menu, NODE);

	cr_expect_str_eq(shelf.holds.car, "roadster");
	cr_expect_str_eq(shelf.holds.node_id, NODE);
	cr_expect(shelf.holds.holds);
	cr_expect_str_eq(shelf.holds.labels[0], "1sat2flash-*");
	cr_expect_str_eq(shelf.holds.labels[1], "mug");
	cr_expect_null(shelf.holds.labels[2]);
	cr_expect_str_eq(shelf.holds.addresses[0], "flash@shop.example");
	cr_expect_null(shelf.holds.addresses[1]);
	cr_expect_str_eq(shelf.holds.descriptions[0], "Flash");
	cr_expect_null(shelf.holds.descriptions[1]);

	cr_assert_eq(shelf.holds.n_actions, 5);
	action = &shelf.holds.actions[RENT];
	cr_expect_str_eq(action->name, "rent");
	cr_expect_eq(action->price_msat, 59000000);
	cr_expect_eq(action->deposit_msat, 50000000);
	cr_expect_str_eq(action->text, "rent, roadster");
	cr_expect(action->keeps);
	cr_expect(action->has_offer);
	cr_expect_str_eq(action->offer_id, "");
	cr_expect_not(shelf.holds.actions[FLASH].keeps);
	cr_expect_str_eq(shelf.holds.actions[OPEN].offer_id, "ab");
	leave(&w);
}

TEST(shelf, without_offers_in_accept_none_is_made)
{
	w = enter();
	w.menu->accept[0].kind = MENU_ACCEPT_ANY;
	shelf_init(&shelf, w.menu, "");
	cr_expect_not(shelf.holds.holds);
	cr_expect_null(shelf.holds.labels[0]);
	cr_expect_not(shelf.holds.actions[FLASH].has_offer);
	leave(&w);
}

TEST(shelf, as_much_as_a_menu_may_hold_has_room)
{
	w = enter();
	w.menu->n_accept = MENU_ACCEPT_MAX;
	w.menu->n_actions = MENU_ACTIONS_MAX;
	for (size_t i = 0; i < MENU_ACCEPT_MAX; i++)
		w.menu->accept[i] = w.menu->accept[0];
	memset(w.menu->car_name, 'c', MENU_NAME_SIZE - 1);
	for (size_t i = 0; i < MENU_ACTIONS_MAX; i++)
		memset(w.menu->actions[i].name, 'a', MENU_NAME_SIZE - 1);
	shelf_init(&shelf, w.menu, "");
	cr_expect_null(shelf.holds.labels[MENU_ACCEPT_MAX]);
	cr_expect_eq(strlen(shelf.holds.actions[MENU_ACTIONS_MAX - 1].text),
		2 * (MENU_NAME_SIZE - 1) + strlen(", "));
	cr_expect_eq((int)HOLDS_ACTIONS_MAX, (int)MENU_ACTIONS_MAX);
	leave(&w);
}

static uint64_t open_now(bool *ret_is_otherwise)
{
	return shelf_open(&shelf, w.orders, &w.now, &w.car, ret_is_otherwise);
}

TEST(shelf, each_action_on_sale_has_its_bit)
{
	bool is_otherwise = true;

	w = enter();
	w.menu->actions[HONK].open_from_min = 1;
	w.menu->actions[HONK].open_to_min = 2;
	w.menu->actions[WAVE].when = CONDITIONS_OF(CONDITION_ANYTIME);
	open_orders(&w);
	shelf_init(&shelf, w.menu, "");
	cr_expect_eq(open_now(&is_otherwise), 0x1d);
	cr_expect_not(is_otherwise);
	w.car.drive.gear = CAR_GEAR_D;
	w.car.drive.speed_mph = 30;
	cr_expect_eq(open_now(&is_otherwise), 1 << WAVE);
	cr_expect(is_otherwise);
	cr_assert_eq(orders_set_paused(w.orders, true), 0);
	cr_expect_eq(open_now(&is_otherwise), 0);
	leave(&w);
}

TEST(shelf, node_is_told_what_is_on_sale_and_the_car_is_asked_again)
{
	begin();
	escrow_check(escrow);
	cr_expect_eq(fake.open, 0x1f);
	cr_expect_str_eq(asked(), "");
	w.car.drive.gear = CAR_GEAR_D;
	w.car.drive.speed_mph = 30;
	fake.ops->polled(fake.data);
	cr_expect_eq(fake.open, 0);
	/* Without waking it: a car that sleeps is parked. */
	cr_expect_str_eq(asked(), "look drive");
	pass(&w, SHELF_LOOK_MS - 1);
	fake.ops->polled(fake.data);
	cr_expect_str_eq(asked(), "");
	pass(&w, 1);
	fake.ops->polled(fake.data);
	cr_expect_str_eq(asked(), "look drive");
	/* It does not tell: then it may be parked. */
	pass(&w, ORDERS_KNOWN_MS);
	fake.ops->polled(fake.data);
	cr_expect_eq(fake.open, 0x1f);
	end();
}
