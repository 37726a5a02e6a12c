/* SPDX-License-Identifier: MIT */

#include "node/offers.h"

#include "json-faults.h"
#include "offers-world.h"

TEST(offers, each_action_that_wants_one_has_one)
{
	json_t *list;
	size_t i;
	json_t *item;

	begin();
	cr_assert_eq(n_made, 2);
	cr_assert_eq(car->n_offers, 2);
	cr_assert(is_active("flash", 1000));
	cr_assert(is_active("honk", 21000));
	cr_assert_eq(n_enabled + n_disabled, 0);
	cr_assert_str_eq(
		json_string_value(json_object_get(world.params, "description")),
		"Honk");
	cr_assert_eq(
		json_integer_value(json_object_get(world.params, "amount")),
		21000);
	list = offers_list(car);
	cr_assert_eq(json_array_size(list), 2);
	json_array_foreach (list, i, item) {
		cr_assert(json_is_true(json_object_get(item, "active")));
		cr_assert(json_is_false(json_object_get(item, "retired")));
		cr_assert_str_eq(
			json_string_value(json_object_get(item, "bolt12")),
			"lno1qqq");
	}
	json_decref(list);
	cr_assert_geq(n_offers_changed, 2);
	end();
}

TEST(offers, a_text_that_is_empty_becomes_the_name)
{
	begin_empty();
	register_car("roadster", 1000, "", true);
	poll_with(true, true);
	cr_assert(serve());
	cr_assert_str_eq(
		json_string_value(json_object_get(world.params, "description")),
		"honk");
	end();
}

TEST(offers, they_are_in_the_file_before_anybody_hears_of_them)
{
	begin_empty();
	fails_at = "offer-stored";
	register_car("roadster", 1000, "Honk", true);
	poll_with(true, true);
	n_offers_changed = 0;
	cr_assert_not(serve());
	cr_assert_eq(n_offers_changed, 0);
	restart();
	poll_with(true, true);
	cr_assert(serve());
	cr_assert_eq(car->n_offers, 2);
	cr_assert_eq(n_made, 2);
	cr_assert_eq(n_disabled, 0);
	end();
}

TEST(offers, one_that_was_made_but_not_stored_is_disabled)
{
	begin_empty();
	fails_at = "offer-made";
	register_car("roadster", 1000, "Honk", true);
	poll_with(true, true);
	cr_assert_not(serve());
	cr_assert_eq(json_array_size(known), 1);
	restart();
	cr_assert_eq(n_disabled, 1);
	(void)strcpy(car->boot, "0123456789abcdef");
	poll_with(true, true);
	cr_assert(serve());
	cr_assert_eq(car->n_offers, 2);
	cr_assert_eq(n_made, 3);
	end();
}

TEST(offers, foreign_offers_are_left_alone)
{
	begin();
	(void)add_known(offer_a, "mug");
	(void)add_known(offer_b, "1sat2flash-roadster-flash");
	restart();
	poll_with(true, true);
	cr_assert(serve());
	cr_assert_eq(n_disabled, 0);
	end();
}

TEST(offers, what_is_not_on_sale_is_disabled)
{
	begin();
	poll_with(true, false);
	cr_assert(serve());
	cr_assert(is_active("flash", 1000));
	cr_assert_not(is_active("honk", 21000));
	poll_with(true, true);
	cr_assert(serve());
	cr_assert(is_active("honk", 21000));
	cr_assert_eq(n_disabled, 1);
	cr_assert_eq(n_enabled, 1);
	end();
}

/* lightningd asks again for what was held, and ends it with its offer. */
TEST(offers, nothing_is_disabled_right_after_a_start)
{
	begin();
	node.startup = true;
	car->paused = true;
	offers_update(offers, car);
	cr_assert(serve());
	cr_assert(is_active("flash", 1000));
	pass(CAR_AWAY_MS);
	cr_assert(serve());
	cr_assert_not(is_active("flash", 1000));
	end();
}

TEST(offers, a_paused_car_sells_nothing)
{
	begin();
	car->paused = true;
	offers_update(offers, car);
	cr_assert(serve());
	cr_assert_not(is_active("flash", 1000));
	cr_assert_not(is_active("honk", 21000));
	car->paused = false;
	offers_update(offers, car);
	cr_assert(serve());
	cr_assert(is_active("flash", 1000));
	end();
}

TEST(offers, a_car_is_away_after_ten_seconds)
{
	begin();
	end_poll();
	pass(9 * 1000);
	cr_assert(is_active("flash", 1000));
	poll_with(true, true);
	pass(30 * 1000);
	cr_assert(is_active("flash", 1000));
	end_poll();
	pass(10 * 1000);
	cr_assert_not(is_active("flash", 1000));
	cr_assert_not(is_active("honk", 21000));
	poll_with(true, true);
	cr_assert(serve());
	cr_assert(is_active("flash", 1000));
	cr_assert_eq(n_disabled, 2);
	end();
}

TEST(offers, none_is_disabled_while_a_payment_of_it_is_held)
{
	begin();
	(void)strcpy(held_offer, car->offers[0].offer_id);
	car->paused = true;
	offers_update(offers, car);
	pass(OFFERS_GRACE_MS);
	cr_assert(is_active("flash", 1000));
	cr_assert_not(is_active("honk", 21000));
	held_offer[0] = '\0';
	offers_update(offers, car);
	cr_assert(serve());
	cr_assert_not(is_active("flash", 1000));
	end();
}

TEST(offers, none_is_disabled_before_what_was_held_has_settled)
{
	begin();
	(void)strcpy(held_offer, car->offers[0].offer_id);
	car->paused = true;
	offers_update(offers, car);
	cr_assert(serve());
	offers_settle(car, held_offer);
	held_offer[0] = '\0';
	offers_update(offers, car);
	pass(OFFERS_SETTLE_MS - 1);
	cr_assert(is_active("flash", 1000));
	pass(1);
	cr_assert_not(is_active("flash", 1000));
	end();
}

TEST(offers, an_old_price_is_honoured_for_a_moment)
{
	json_t *list;

	begin();
	register_car("roadster", 2000, "Honk", true);
	poll_with(true, true);
	cr_assert(serve());
	cr_assert_eq(n_made, 3);
	cr_assert(is_active("flash", 2000));
	cr_assert(is_active("flash", 1000));
	list = offers_list(car);
	cr_assert_eq(json_array_size(list), 3);
	json_decref(list);
	pass(OFFERS_GRACE_MS - 1);
	cr_assert(is_active("flash", 1000));
	pass(1);
	cr_assert_not(is_active("flash", 1000));
	cr_assert(is_active("flash", 2000));

	/* It is ours for ever, but nobody has to be told. */
	cr_assert_eq(car->n_offers, 3);
	list = offers_list(car);
	cr_assert_eq(json_array_size(list), 2);
	json_decref(list);
	end();
}

TEST(offers, a_held_payment_at_the_old_price_outlives_the_moment)
{
	begin();
	(void)strcpy(held_offer, car->offers[0].offer_id);
	register_car("roadster", 2000, "Honk", true);
	poll_with(true, true);
	pass(OFFERS_GRACE_MS);
	cr_assert(is_active("flash", 1000));
	held_offer[0] = '\0';
	offers_update(offers, car);
	cr_assert(serve());
	cr_assert_not(is_active("flash", 1000));
	end();
}

TEST(offers, a_price_that_comes_back_brings_its_offer_back)
{
	begin();
	register_car("roadster", 2000, "Honk", true);
	poll_with(true, true);
	pass(OFFERS_GRACE_MS);
	register_car("roadster", 1000, "Honk", true);
	poll_with(true, true);
	cr_assert(serve());
	cr_assert(is_active("flash", 1000));
	cr_assert_eq(n_made, 3);
	pass(OFFERS_GRACE_MS);
	cr_assert_not(is_active("flash", 2000));
	end();
}

TEST(offers, another_text_is_another_offer_even_after_a_restart)
{
	begin();
	restart();
	register_car("roadster", 1000, "Honk", true);
	poll_with(true, true);
	cr_assert(serve());
	cr_assert_eq(n_made, 2);
	register_car("roadster", 1000, "Honk twice", true);
	poll_with(true, true);
	cr_assert(serve());
	cr_assert_eq(n_made, 3);
	end();
}

TEST(offers, an_action_that_wants_none_any_more_is_retired)
{
	begin();
	register_car("roadster", 1000, "Honk", false);
	poll_with(true, true);
	cr_assert(serve());
	cr_assert_eq(n_made, 2);
	pass(OFFERS_GRACE_MS);
	cr_assert_not(is_active("honk", 21000));
	end();
}

TEST(offers, after_a_restart_a_car_has_a_moment_to_come_back)
{
	begin();
	restart();
	pass(9 * 1000);
	cr_assert(is_active("flash", 1000));
	cr_assert_eq(n_disabled, 0);
	poll_with(true, true);
	pass(60 * 1000);
	cr_assert_eq(n_disabled, 0);

	restart();
	pass(10 * 1000);
	cr_assert_eq(n_disabled, 2);
	end();
}

TEST(offers, what_was_retired_before_a_restart_is_disabled_after_it)
{
	begin();
	register_car("roadster", 2000, "Honk", true);
	poll_with(true, true);
	cr_assert(serve());
	restart();
	poll_with(true, true);
	cr_assert(serve());
	cr_assert(is_active("flash", 1000));
	pass(OFFERS_GRACE_MS);
	cr_assert_not(is_active("flash", 1000));
	cr_assert(is_active("flash", 2000));
	end();
}

TEST(offers, what_the_owner_switched_by_hand_is_no_error)
{
	begin();
	(void)json_object_set_new(
		find_known(car->offers[0].offer_id), "active", json_false());
	poll_with(false, true);
	cr_assert(serve());
	cr_assert_not(is_active("flash", 1000));
	cr_assert_eq(n_disabled, 0);
	end();
}

TEST(offers, one_that_the_node_does_not_know_is_made_anew)
{
	begin();
	(void)json_array_clear(known);
	poll_with(false, true);
	cr_assert(serve());
	pass(1000);
	cr_assert_eq(n_made, 3);
	cr_assert_not_null(strstr(last_log, "does not know"));
	cr_assert_not(is_active("flash", 1000));
	end();
}

TEST(offers, a_node_that_refuses_one_is_asked_again_later)
{
	begin_empty();
	world.code = -32602;
	register_car("roadster", 1000, "Honk", true);
	poll_with(true, true);
	cr_assert(serve());
	cr_assert_not_null(strstr(last_log, "the node says no"));
	world.code = 0;
	cr_assert_eq(n_made, 0);
	pass(999);
	cr_assert_eq(n_made, 0);
	pass(1);
	cr_assert_eq(n_made, 2);
	end();
}

TEST(offers, one_that_reads_as_another_gets_an_end_of_its_own)
{
	begin();
	world.code = 1000;
	register_car("roadster", 2000, "Honk", true);
	poll_with(true, true);
	serve_one(take_call());
	world.code = 0;
	cr_assert(serve());
	cr_assert_eq(n_made, 3);
	cr_assert_gt(json_integer_value(
			     json_object_get(world.params, "absolute_expiry")),
		4102444800);

	/* Only that one. */
	register_car("roadster", 3000, "Honk", true);
	cr_assert(serve());
	cr_assert_null(json_object_get(world.params, "absolute_expiry"));
	end();
}

TEST(offers, two_cars_have_no_offer_in_common)
{
	char id[CAR_HASH_SIZE];
	struct car_entry *first;

	begin();
	first = car;
	(void)strcpy(id, first->offers[0].offer_id);
	world.id = id;
	register_car("other", 1000, "Honk", true);
	poll_with(true, true);
	cr_assert(serve());
	cr_assert_eq(car->n_offers, 2);
	for (size_t i = 0; i < 2; i++)
		cr_assert_str_neq(car->offers[i].offer_id, id);
	end();
}

TEST(offers, an_offer_whose_making_was_lost_is_disabled)
{
	begin_empty();
	world.is_lost = true;
	register_car("roadster", 1000, "Honk", true);
	poll_with(true, true);
	serve_one(take_call());
	world.is_lost = false;
	cr_assert(serve());
	pass(1000);
	cr_assert_eq(n_disabled, 1);
	cr_assert_eq(car->n_offers, 2);
	cr_assert(is_active("flash", 1000));
	cr_assert(is_active("honk", 21000));
	end();
}

TEST(offers, nothing_is_done_before_the_list_is_there)
{
	begin();
	world.is_listing_lost = true;
	restart();
	poll_with(false, false);
	pass(5 * 1000);
	cr_assert_eq(n_disabled, 0);
	world.is_listing_lost = false;
	pass(60 * 1000);
	cr_assert_eq(n_disabled, 2);
	end();
}

TEST(offers, a_line_that_is_full_is_tried_again)
{
	begin();
	calls_are_full = true;
	poll_with(false, true);
	register_car("roadster", 2000, "Honk", true);
	cr_assert_eq(count_calls(NULL), 0);
	calls_are_full = false;
	pass(1000);
	cr_assert_eq(n_made, 3);
	cr_assert_eq(n_disabled, 2);
	end();
}

TEST(offers, one_remembers_the_highest_deposit)
{
	begin();
	cr_assert_eq(car->offers[0].deposit_msat, 0);
	car_find_action(car, "flash")->deposit_msat = 500;
	update();
	cr_assert_eq(car->offers[0].deposit_msat, 500);
	car_find_action(car, "flash")->deposit_msat = 100;
	update();
	restart();
	cr_assert_str_eq(car->offers[0].action, "flash");
	cr_assert_eq(car->offers[0].deposit_msat, 500);
	cr_assert_eq(n_made, 2);
	end();
}

TEST(offers, they_may_be_paid_until_the_node_says_otherwise)
{
	begin();
	cr_assert(offers_may_be_paid(offers, car));
	car->paused = true;
	update();
	cr_assert_eq(count_calls("disableoffer"), 1);
	cr_assert(offers_may_be_paid(offers, car));
	cr_assert(serve());
	cr_assert_not(offers_may_be_paid(offers, car));
	stop();
	start();
	cr_assert(offers_may_be_paid(offers, car));
	cr_assert(serve());
	cr_assert_not(offers_may_be_paid(offers, car));
	end();
}

TEST(offers, those_of_a_car_that_is_forgotten_are_disabled)
{
	begin();
	offers_forget(offers, car);
	cr_assert_eq(cars_forget(cars, car), 0);
	pass(0);
	cr_assert_eq(n_disabled, 2);
	end();
}

TEST(offers, one_that_is_being_made_for_a_car_that_goes_is_disabled)
{
	begin_empty();
	register_car("roadster", 1000, "Honk", true);
	poll_with(true, true);
	cr_assert_eq(count_calls("offer"), 1);
	offers_forget(offers, car);
	cr_assert_eq(cars_forget(cars, car), 0);
	cr_assert(serve());
	pass(0);
	cr_assert_eq(n_made, 1);
	cr_assert_eq(n_disabled, 1);
	end();
}

TEST(offers, the_oldest_prices_are_dropped_in_the_end)
{
	char first[CAR_HASH_SIZE];

	begin();
	(void)strcpy(first, car->offers[0].offer_id);
	for (int i = 0; i < OFFERS_KEPT + 5; i++) {
		register_car("roadster", 2000 + i, "Honk", true);
		poll_with(true, true);
		pass(OFFERS_GRACE_MS);
	}
	cr_assert_leq(car->n_offers, OFFERS_KEPT);
	cr_assert_null(cars_find_offer(cars, first, NULL, NULL));
	cr_assert(is_active("flash", 2000 + OFFERS_KEPT + 4));
	cr_assert(is_active("honk", 21000));
	end();
}

TEST(offers, many_cars_use_a_few_calls_at_a_time)
{
	begin_empty();
	for (int i = 0; i < 100; i++) {
		char name[CAR_NAME_SIZE];

		(void)snprintf(name, sizeof(name), "car-%d", i);
		register_car(name, 1000, "Honk", true);
		poll_with(true, true);
	}
	cr_assert(serve());
	cr_assert_eq(n_made, 200);
	cr_assert_eq(n_disabled, 0);
	end();
}

static long failing;

static void run_short(bool runs)
{
	faults_at = runs ? failing : -1;
}

TEST(offers, without_memory_they_come_into_step_later)
{
	bool failed = true;

	json_set_alloc_funcs(__wrap_malloc, free);
	for (failing = 0; failed; failing++) {
		json_t *active;

		begin_empty();
		faults_calls = 0;
		on_our_code = run_short;
		register_car("roadster", 1000, "Honk", true);
		poll_with(true, true);
		cr_assert(serve());
		pass(1000);
		on_our_code = NULL;
		failed = faults_calls > failing;
		offers_update(offers, car);
		for (int i = 0; i < 5; i++)
			pass(60 * 1000);
		cr_assert_eq(car->n_offers, 2, "at %ld", failing);
		active = list_active();
		cr_assert_eq(json_array_size(json_object_get(active, "offers")),
			2, "at %ld", failing);
		json_decref(active);
		end();
	}
	cr_assert_gt(failing, 20);
}

TEST(offers, labels_say_whose_they_are)
{
	char action[CAR_NAME_SIZE] = "";

	cr_assert(offers_read_label(
		"1sat2flash-a-b-c-0123456789abcdef", "a", action));
	cr_assert_str_eq(action, "b-c");
	cr_assert(offers_read_label(
		"1sat2flash-a-b-c-0123456789abcdef", "a-b", action));
	cr_assert_str_eq(action, "c");
	cr_assert_not(offers_read_label(
		"1sat2flash-a-b-c-0123456789abcdef", "a-b-c", action));
	cr_assert_not(offers_read_label(
		"1sat2flash-a-b-c-0123456789abcde", "a", action));
	cr_assert_not(offers_read_label(
		"1sat2flash-a-b-c-0123456789abcdeg", "a", action));
	cr_assert_not(offers_read_label(
		"2sat2flash-a-b-c-0123456789abcdef", "a", action));
	cr_assert_not(offers_read_label(
		"1sat2flash-a-B-0123456789abcdef", "a", action));
	cr_assert_not(
		offers_read_label("1sat2flash-0123456789abcdef", "", action));
	cr_assert_not(offers_read_label("", "a", action));
	cr_assert_str_eq(action, "c");
}
