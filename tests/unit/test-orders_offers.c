/* SPDX-License-Identifier: MIT */

/* Offers that the node's plugin keeps, and what is on sale. */

#include "orders-money-world.h"

#define OFFER "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define OTHER "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static void tell_offer(struct world *w, const char *id, const char *action,
	uint64_t sat, bool is_retired)
{
	struct ledger_offer offer = {
		.offer_id = id,
		.action = action,
		.price_msat = 1000 * sat,
		.bolt12 = "lno1qq",
		.is_retired = is_retired,
		.is_active = true,
	};

	cr_assert_eq(orders_set_offers(w->orders, &offer, 1), 0);
}

static struct payment by_offer(struct world *w, const char *id, uint64_t sat)
{
	struct payment payment = held_of(w, sat);

	payment.label = "x";
	payment.offer_id = id;
	return payment;
}

TEST(orders_offers, payment_by_one_of_ours_buys_its_action)
{
	struct world w = enter();
	struct payment payment;
	uint64_t id;

	open_orders(&w);
	payment = by_offer(&w, OFFER, 21);
	cr_expect_eq(choose(&w, &payment).verdict, ORDERS_NOT_OURS);
	tell_offer(&w, OFFER, "honk", 21, false);
	id = recorded(&w, &payment, ORDERS_TAKEN);
	cr_expect_str_eq(row_of(&w, id).action, "honk");
	cr_expect_eq(row_of(&w, id).tip_msat, 0);
	payment = by_offer(&w, OTHER, 21);
	cr_expect_eq(choose(&w, &payment).verdict, ORDERS_NOT_OURS);
	/* What is left over is a tip, and no other action is bought by it. */
	payment = by_offer(&w, OFFER, 100);
	id = recorded(&w, &payment, ORDERS_TAKEN);
	cr_expect_str_eq(row_of(&w, id).action, "honk");
	cr_expect_eq(row_of(&w, id).tip_msat, 79000);
	leave(&w);
}

TEST(orders_offers, retired_one_is_honoured_at_its_price)
{
	struct world w = enter();
	struct payment payment;
	uint64_t id;

	open_orders(&w);
	tell_offer(&w, OFFER, "honk", 21, false);
	restart(&w);
	w.menu->actions[HONK].price_msat = 50000;
	tell_offer(&w, OTHER, "honk", 50, false);
	payment = by_offer(&w, OFFER, 21);
	id = recorded(&w, &payment, ORDERS_TAKEN);
	cr_expect_eq(row_of(&w, id).tip_msat, 0);
	payment = by_offer(&w, OTHER, 21);
	(void)declined(&w, &payment, "paid 21 sat, honk costs 50 sat");
	payment = by_offer(&w, OFFER, 20);
	(void)declined(&w, &payment, "paid 20 sat, honk costs 21 sat");
	/* Dearer than now: it was its price. */
	w.menu->actions[HONK].price_msat = 1000;
	payment = by_offer(&w, OTHER, 50);
	id = recorded(&w, &payment, ORDERS_TAKEN);
	cr_expect_eq(row_of(&w, id).tip_msat, 0);
	leave(&w);
}

TEST(orders_offers, of_what_is_not_sold_any_more_the_money_goes_back)
{
	struct world w = enter();
	struct payment payment;
	struct ledger_row row;

	open_orders(&w);
	tell_offer(&w, OFFER, "honk", 21, false);
	restart(&w);
	(void)strcpy(w.menu->actions[HONK].name, "hoot");
	payment = by_offer(&w, OFFER, 21);
	row = declined(
		&w, &payment, "it was for something that is not sold any more");
	cr_expect_str_eq(row.action, "");
	cr_expect_eq(row.money, LEDGER_RETURNING);
	payment = by_offer(&w, OFFER, 21);
	payment.held = false;
	payment.pay_index = 7;
	row = declined(
		&w, &payment, "it was for something that is not sold any more");
	cr_expect_eq(row.money, LEDGER_OWED);
	leave(&w);
}

/* Who paid a deposit by it has one back, whatever the menu says now. */
TEST(orders_offers, deposit_is_the_one_of_the_offer)
{
	struct world w = enter();
	struct payment payment;
	uint64_t id;

	open_orders(&w);
	tell_offer(&w, OFFER, "rent", 9000, false);
	ask_deposit(&w);
	restart(&w);
	tell_offer(&w, OTHER, "rent", 59000, false);
	/* That one has none, so there is no need for a way back. */
	payment = by_offer(&w, OFFER, 9000);
	id = recorded(&w, &payment, ORDERS_TAKEN);
	cr_expect_eq(row_of(&w, id).deposit_msat, 0);
	cr_expect_eq(deposit(&w, id), LEDGER_NO_DEPOSIT);
	cr_assert_eq(
		orders_end(w.orders, id, OUTCOME_REFUSED, false, "", &w.now),
		0);
	/* This one has, though it is asked for no more. */
	w.menu->actions[RENT].deposit_msat = 0;
	w.menu->actions[RENT].inspect_ms = 0;
	payment = by_offer(&w, OTHER, 59000);
	cr_expect_eq(choose(&w, &payment).verdict, ORDERS_DECLINED);
	payment.payer_note = WAY_BACK;
	id = recorded(&w, &payment, ORDERS_TAKEN);
	cr_expect_eq(row_of(&w, id).deposit_msat, 50000000);
	cr_expect_eq(deposit(&w, id), LEDGER_DEPOSIT_HELD);
	leave(&w);
}

TEST(orders_offers, deposit_is_remembered_while_it_is_sold)
{
	struct world w = enter();
	struct payment payment;

	ask_deposit(&w);
	open_orders(&w);
	tell_offer(&w, OFFER, "rent", 59000, false);
	/* As dear as before, and another part of it is the deposit. */
	w.menu->actions[RENT].price_msat += 10000000;
	w.menu->actions[RENT].deposit_msat -= 10000000;
	tell_offer(&w, OFFER, "rent", 59000, false);
	/* Retired it stays as it was. */
	w.menu->actions[RENT].price_msat += 5000000;
	w.menu->actions[RENT].deposit_msat -= 5000000;
	tell_offer(&w, OFFER, "rent", 59000, true);
	payment = by_offer(&w, OFFER, 59000);
	payment.payer_note = WAY_BACK;
	cr_expect_eq(
		row_of(&w, recorded(&w, &payment, ORDERS_TAKEN)).deposit_msat,
		40000000);
	leave(&w);
}

TEST(orders_offers, one_that_sells_an_action_is_found)
{
	struct world w = enter();
	char bolt12[LEDGER_BOLT12_SIZE] = "";
	bool active = false;

	open_orders(&w);
	cr_expect_eq(orders_offer_of(w.orders, "honk", bolt12, &active),
		LEDGER_E_NONE);
	tell_offer(&w, OFFER, "honk", 21, false);
	cr_assert_eq(orders_offer_of(w.orders, "honk", bolt12, &active), 0);
	cr_expect_str_eq(bolt12, "lno1qq");
	cr_expect(active);
	tell_offer(&w, OFFER, "honk", 21, true);
	cr_expect_eq(orders_offer_of(w.orders, "honk", bolt12, &active),
		LEDGER_E_NONE);
	leave(&w);
}

/* On sale?  As "+", or "-", with "?" where the car is the reason. */
static const char *sale(struct world *w, int action)
{
	static char text[3];
	bool is_otherwise = false;

	text[0] = orders_is_on_sale(w->orders, &w->menu->actions[action],
			  &w->now, &w->car, &is_otherwise)
			  ? '+'
			  : '-';
	text[1] = is_otherwise ? '?' : '\0';
	return text;
}

TEST(orders_offers, car_that_is_as_it_has_to_be_sells)
{
	struct world w = enter();

	open_orders(&w);
	cr_expect_str_eq(sale(&w, FLASH), "+");
	/* Of a car of which nobody knows, it may be. */
	car_state_init(&w.car);
	cr_expect_str_eq(sale(&w, FLASH), "+");
	leave(&w);
}

TEST(orders_offers, car_that_drives_sells_nothing_for_a_while)
{
	struct world w = enter();

	open_orders(&w);
	w.car.drive.gear = CAR_GEAR_D;
	w.car.drive.speed_mph = 30;
	cr_expect_str_eq(sale(&w, FLASH), "-?");
	w.now.boot_ms += ORDERS_KNOWN_MS;
	cr_expect_str_eq(sale(&w, FLASH), "-?");
	w.now.boot_ms++;
	cr_expect_str_eq(sale(&w, FLASH), "+");
	/* What was told in the future is no news. */
	w.now.boot_ms -= ORDERS_KNOWN_MS + 2;
	cr_expect_str_eq(sale(&w, FLASH), "+");
	leave(&w);
}

TEST(orders_offers, who_is_inside_counts_where_it_matters)
{
	struct world w = enter();

	w.menu->actions[HONK].when.set |=
		CONDITIONS_OF(CONDITION_NOBODY_INSIDE).set;
	open_orders(&w);
	show_back(&w);
	cr_expect_str_eq(sale(&w, HONK), "+");
	w.car.closures.user_present = CAR_YES;
	cr_expect_str_eq(sale(&w, HONK), "-?");
	cr_expect_str_eq(sale(&w, FLASH), "+");
	w.now.boot_ms += ORDERS_KNOWN_MS + 1;
	cr_expect_str_eq(sale(&w, HONK), "+");
	leave(&w);
}

TEST(orders_offers, what_is_closed_or_paused_is_not_sold)
{
	struct world w = enter();

	w.menu->actions[HONK].open_from_min = 1;
	w.menu->actions[HONK].open_to_min = 2;
	open_orders(&w);
	cr_expect_str_eq(sale(&w, HONK), "-");
	w.now.wall_is_set = false;
	cr_expect_str_eq(sale(&w, HONK), "-");
	cr_expect_str_eq(sale(&w, FLASH), "+");
	cr_assert_eq(orders_set_paused(w.orders, true), 0);
	cr_expect_str_eq(sale(&w, FLASH), "-");
	w.car.drive.gear = CAR_GEAR_D;
	cr_expect_str_eq(sale(&w, FLASH), "-?");
	leave(&w);
}

TEST(orders_offers, rented_car_sells_its_extension_only)
{
	struct world w = enter();

	open_orders(&w);
	(void)pay(&w, 9000);
	cr_expect_str_eq(sale(&w, FLASH), "-");
	cr_expect_str_eq(sale(&w, RENT), "-");
	cr_assert(run(&w, OUTCOME_CONFIRMED));
	cr_expect_str_eq(sale(&w, RENT), "-");
	pass(&w, 30 * 1000);
	show_back(&w);
	w.car.closures.user_present = CAR_YES;
	cr_assert_eq(orders_rental_see(w.orders, &w.now, &w.car), 0);
	cr_expect_str_eq(sale(&w, RENT), "+");
	cr_expect_str_eq(sale(&w, FLASH), "-");
	/* It is driven, which is what it is rented for. */
	w.car.drive.gear = CAR_GEAR_D;
	cr_expect_eq(sale(&w, RENT)[0], '+');
	cr_assert_eq(orders_set_paused(w.orders, true), 0);
	cr_expect_eq(sale(&w, RENT)[0], '-');
	leave(&w);
}
