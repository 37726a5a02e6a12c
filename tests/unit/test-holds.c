/* SPDX-License-Identifier: MIT */

/* Registering at the plugin, and polls: what is asked, and when again. */

#include "lightning/holds.h"

#include "holds-world.h"

TEST(holds, asks_who_the_node_is_and_registers)
{
	json_t *request;
	const json_t *action;

	begin();
	cr_assert_str_eq(holds_node_id(holds), "");
	answer_info(take("getinfo"));
	cr_assert_str_eq(holds_node_id(holds), ID_A);

	request = take("1sat2flash-register");
	cr_assert_str_eq(text_param(request, "car"), "roadster");
	cr_assert_eq(strlen(text_param(request, "boot")), 32);
	cr_assert(json_is_true(param(request, "holds")));
	cr_assert_str_eq(names_param(request, "labels"), "1sat2flash-*");
	cr_assert_str_eq(
		names_param(request, "addresses"), "flash@shop.example");
	cr_assert_str_eq(names_param(request, "descriptions"), "Flash Blitz");
	cr_assert_eq(json_array_size(param(request, "owed")), 0);
	cr_assert_eq(json_array_size(param(request, "actions")), 3);

	action = json_array_get(param(request, "actions"), 2);
	cr_assert_str_eq(
		json_string_value(json_object_get(action, "name")), "rent");
	cr_assert_eq(json_integer_value(json_object_get(action, "price_msat")),
		59000000);
	cr_assert_eq(
		json_integer_value(json_object_get(action, "deposit_msat")),
		50000000);
	cr_assert_str_eq(json_string_value(json_object_get(action, "text")),
		"rent, roadster");
	cr_assert(json_is_true(json_object_get(action, "keeps")));
	cr_assert(json_is_true(json_object_get(action, "offers")));
	cr_assert_null(json_object_get(action, "offer_id"));
	action = json_array_get(param(request, "actions"), 1);
	cr_assert(json_is_false(json_object_get(action, "offers")));
	cr_assert_str_eq(json_string_value(json_object_get(action, "offer_id")),
		OFFER_A);

	cr_assert_not(holds_is_following(holds));
	answer_registered(request);
	cr_assert(holds_is_following(holds));
	cr_assert_eq(told.n_changed, 1);
	cr_assert_eq(told.n_offers, 1);
	cr_assert_eq(told.n_listed, 0);
	end(take("1sat2flash-poll"));
}

TEST(holds, of_a_node_that_is_known_nothing_is_asked)
{
	config.node_id = ID_A;
	config.holds = false;
	begin();
	cr_assert_str_eq(holds_node_id(holds), ID_A);
	end(take("1sat2flash-register"));
}

/* By commando a node reads no verdict while a poll waits before it. */
TEST(holds, a_car_at_work_asks_often_where_the_node_is_far)
{
	json_t *waiting;

	config.node_id = ID_A;
	begin();
	answer_registered(take("1sat2flash-register"));
	waiting = take("1sat2flash-poll");
	cr_assert_eq(timeout_of(waiting), HOLDS_POLL_S);
	holds_set_busy(holds, true);
	answer_poll(waiting);
	waiting = take("1sat2flash-poll");
	cr_assert_eq(timeout_of(waiting), HOLDS_BUSY_POLL_MS / 1000.0);
	holds_set_busy(holds, false);
	answer_poll(waiting);
	waiting = take("1sat2flash-poll");
	cr_assert_eq(timeout_of(waiting), HOLDS_POLL_S);
	end(waiting);
}

TEST(holds, polls_share_a_line_with_paid_invoices)
{
	json_t *waiting;

	config.node_id = ID_A;
	config.holds = false;
	begin();
	answer_registered(take("1sat2flash-register"));
	waiting = take("1sat2flash-poll");
	cr_assert_eq(timeout_of(waiting), HOLDS_SHARED_POLL_MS / 1000.0);
	end(waiting);
}

TEST(holds, each_process_is_another)
{
	char boot[64];
	json_t *waiting = begin_polling();

	(void)snprintf(boot, sizeof(boot), "%s", text_param(waiting, "boot"));
	end(waiting);
	waiting = begin_polling();
	cr_assert_str_neq(boot, text_param(waiting, "boot"));
	end(waiting);
}

TEST(holds, a_node_without_an_id_is_left)
{
	static const char *const ids[] = { "\"02ab\"", "7", "null", "\"\"" };

	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		json_t *info = json_object();

		(void)json_object_set_new(
			info, "id", json_loads(ids[i], JSON_DECODE_ANY, NULL));
		begin();
		node_answer(take("getinfo"), "result", info);
		node_run();
		assert_why("the node says no id of its own, trying again");
		end(NULL);
		forget_told();
	}
}

TEST(holds, a_node_that_does_not_say_who_it_is_is_asked_again)
{
	begin();
	node_answer_error(take("getinfo"), -1, "not today\x07");
	assert_why("does not say who it is: not today?, trying again in "
		   "500 ms");
	fake_time_pass(499);
	nothing_asked();
	fake_time_pass(1);
	end(take("getinfo"));
}

TEST(holds, polls_tell_what_has_come)
{
	json_t *waiting = begin_polling();

	cr_assert_eq(number_param(waiting, "serial"), 1);
	cr_assert_eq(number_param(waiting, "got"), 0);
	cr_assert_eq(timeout_of(waiting), HOLDS_POLL_S);
	cr_assert_str_eq(names_param(waiting, "open"), "");
	for (uint64_t i = 2; i < 10; i++) {
		fake_time_pass(POLL_MS);
		answer_poll(waiting);
		waiting = take("1sat2flash-poll");
		cr_assert_eq(number_param(waiting, "serial"), i);
		cr_assert_eq(number_param(waiting, "got"), i - 1);
	}
	cr_assert_eq(told.n_polled, 8);
	cr_assert_eq(told.n_changed, 1);
	end(waiting);
}

/* One wake-up a poll: the timer is armed, and does not fire. */
TEST(holds, idle_it_wakes_up_twice_a_minute)
{
	json_t *waiting = begin_polling();

	for (unsigned int i = 0; i < HOLDS_POLL_S; i++) {
		fake_time_pass(1000);
		cr_assert_eq(sd_event_run(node_event, 0), 0);
	}
	answer_poll(waiting);
	end(take("1sat2flash-poll"));
}

TEST(holds, what_is_held_is_delivered_whole)
{
	json_t *waiting = begin_polling();
	json_t *object = json_pack(
		"{s:s, s:s, s:I, s:s, s:s, s:i, s:s, s:s, s:i, s:i, s:b}",
		"payment_hash", HASH("aA"), "label", "1sat2flash-flash-1",
		"msat", (json_int_t)INT64_MAX, "offer_id", OFFER_A, "action",
		"flash", "price_msat", 1000, "description", "Flash",
		"payer_note", "me@wallet.example", "age_ms", 4321, "left_ms",
		59000, "taken", true);

	node_answer(waiting, "result",
		poll_with(waiting, "holds", json_pack("[o]", object)));
	cr_assert_eq(told.n_held, 1);
	cr_assert_str_eq(told.node_id, ID_A);
	cr_assert_str_eq(told.hash, HASH("aa"));
	cr_assert_str_eq(told.label, "1sat2flash-flash-1");
	cr_assert_str_eq(told.held.offer_id, OFFER_A);
	cr_assert_str_eq(told.held.description, "Flash");
	cr_assert_str_eq(told.held.payer_note, "me@wallet.example");
	cr_assert_eq(told.held.msat, INT64_MAX);
	cr_assert_eq(told.held.age_ms, 4321);
	cr_assert(told.held.taken);
	cr_assert_eq(told.n_polled, 1);
	end(take("1sat2flash-poll"));
}

TEST(holds, what_cannot_be_read_is_left_out)
{
	json_t *waiting = begin_polling();

	node_answer(waiting, "result",
		poll_with(waiting, "holds",
			json_pack("[s, n, {}, {s:s, s:s, s:i, s:i}, i]", "x",
				"payment_hash", HASH("01"), "label", "l",
				"msat", 1, "age_ms", 0, 7)));
	cr_assert_eq(told.n_held, 1);
	cr_assert_str_eq(told.hash, HASH("01"));
	cr_assert_null(told.held.offer_id);
	cr_assert_null(told.held.payer_note);
	cr_assert_null(told.held.description);
	cr_assert_not(told.held.taken);
	waiting = take("1sat2flash-poll");
	node_answer(waiting, "result",
		poll_with(waiting, "holds", json_string("none")));
	cr_assert_eq(told.n_held, 1);
	end(take("1sat2flash-poll"));
}

TEST(holds, an_answer_to_no_poll_ends_the_line)
{
	static const char *const serials[] = { "2", "-1", "\"1\"", "null",
		"1.0", "9223372036854775807" };

	for (size_t i = 0; i < ARRAY_SIZE(serials); i++) {
		json_t *waiting = begin_polling();

		node_answer(waiting, "result",
			poll_with(waiting, "serial",
				json_loads(serials[i], JSON_DECODE_ANY, NULL)));
		node_run();
		assert_why("answered a poll that nobody made, trying again in "
			   "500 ms");
		cr_assert_eq(told.n_polled, 0);
		end(NULL);
		forget_told();
	}
}

TEST(holds, news_of_the_sale_goes_out_at_once)
{
	json_t *first = begin_polling(), *second;

	holds_set_open(holds, 5);
	second = take("1sat2flash-poll");
	cr_assert_eq(number_param(second, "serial"), 2);
	cr_assert_str_eq(names_param(second, "open"), "flash rent");
	node_answer_error(first, 2102, "a newer poll has come");
	nothing_asked();
	cr_assert(told.following);

	/* The same once more is no news. */
	holds_set_open(holds, 5);
	nothing_asked();
	answer_poll(second);
	second = take("1sat2flash-poll");
	cr_assert_eq(number_param(second, "serial"), 3);
	cr_assert_eq(number_param(second, "got"), 2);
	cr_assert_str_eq(names_param(second, "open"), "flash rent");
	end(second);
}

TEST(holds, no_more_than_two_polls_are_out)
{
	json_t *first = begin_polling(), *second;

	holds_set_open(holds, 1);
	second = take("1sat2flash-poll");
	holds_set_open(holds, 2);
	holds_set_open(holds, 4);
	nothing_asked();
	node_answer_error(first, 2102, "a newer poll has come");
	first = take("1sat2flash-poll");
	cr_assert_str_eq(names_param(first, "open"), "rent");
	node_answer_error(second, 2102, "a newer poll has come");
	nothing_asked();
	/* Answers may come in any order, and count once. */
	holds_set_open(holds, 0);
	second = take("1sat2flash-poll");
	answer_poll(second);
	answer_poll(first);
	first = take("1sat2flash-poll");
	cr_assert_eq(number_param(first, "serial"), 5);
	cr_assert_eq(number_param(first, "got"), 4);
	nothing_asked();
	end(first);
}

TEST(holds, what_changes_before_the_first_poll_is_told_by_it)
{
	begin();
	holds_set_open(holds, 2);
	answer_info(take("getinfo"));
	answer_registered(take("1sat2flash-register"));
	{
		json_t *waiting = take("1sat2flash-poll");

		cr_assert_str_eq(names_param(waiting, "open"), "open");
		nothing_asked();
		end(waiting);
	}
}

TEST(holds, another_bridge_for_this_car_is_told)
{
	json_t *waiting = begin_polling();

	node_answer_error(waiting, 2102, "a newer poll has come");
	assert_why("another bridge is at work for this car at the node; give "
		   "each car a name of its own, trying again in 500 ms");
	nothing_asked();
	fake_time_pass(500);
	end(take("1sat2flash-register"));
}

TEST(holds, a_plugin_that_has_forgotten_us_is_told_anew)
{
	json_t *waiting = begin_polling();

	node_answer_error(waiting, 2104, "this car has not registered");
	answer_registered(take("1sat2flash-register"));
	waiting = take("1sat2flash-poll");
	cr_assert_eq(number_param(waiting, "serial"), 2);
	/* The node settled nothing by that. */
	cr_assert_eq(told.n_changed, 1);
	end(waiting);
}

TEST(holds, two_polls_that_are_not_known_end_in_one)
{
	json_t *first = begin_polling(), *second;

	holds_set_open(holds, 1);
	second = take("1sat2flash-poll");
	node_answer_error(first, 2104, "this car has not registered");
	first = take("1sat2flash-register");
	node_answer_error(second, 2104, "this car has not registered");
	second = take("1sat2flash-register");
	answer_registered(first);
	first = take("1sat2flash-poll");
	answer_registered(second);
	nothing_asked();
	end(first);
}

TEST(holds, what_the_plugin_refuses_is_asked_later_and_later)
{
	static const struct {
		int code;
		const char *message, *why;
	} cases[] = {
		{ 2100, "no guard stands behind",
			"the node's plugin refuses: no guard stands behind" },
		{ 2101, "car \"s\" claims it",
			"the node's plugin refuses: car \"s\" claims it" },
		{ -32602, "no\x1b[31m", "the node's plugin refuses: no?[31m" },
		{ -32601, "Unknown command",
			"the node has no plugin 1sat2flash-node, which the "
			"menu asks for: see 1sat2flash-node(8)" },
	};
	static const struct {
		uint64_t ms;
		const char *text;
	} delays[] = { { 500, "500 ms" }, { 1000, "1.0 s" }, { 2000, "2.0 s" },
		{ 4000, "4.0 s" }, { 8000, "8.0 s" }, { 16000, "16 s" },
		{ 30000, "30 s" }, { 30000, "30 s" } };

	begin();
	answer_info(take("getinfo"));
	for (size_t i = 0; i < ARRAY_SIZE(delays); i++) {
		char sentence[200];

		node_answer_error(take("1sat2flash-register"),
			cases[i % 4].code, cases[i % 4].message);
		(void)snprintf(sentence, sizeof(sentence),
			"%s, trying again in %s", cases[i % 4].why,
			delays[i].text);
		assert_why(sentence);
		fake_time_pass(delays[i].ms - 1);
		nothing_asked();
		fake_time_pass(1);
	}

	/* A poll that is answered makes up for all of it. */
	answer_registered(take("1sat2flash-register"));
	answer_poll(take("1sat2flash-poll"));
	cr_assert(told.following);
	node_answer_error(take("1sat2flash-poll"), 2100, "no guard");
	assert_why("trying again in 500 ms");
	end(NULL);
}

TEST(holds, a_pause_is_told_when_it_changes)
{
	json_t *waiting = begin_polling();

	cr_assert_eq(told.n_paused, 0);
	for (int i = 0; i < 4; i++) {
		node_answer(waiting, "result",
			poll_with(waiting, "paused", json_boolean(i < 2)));
		waiting = take("1sat2flash-poll");
		cr_assert_eq(told.n_paused, i < 2 ? 1 : 2);
		cr_assert_eq(told.paused, i < 2);
	}
	node_answer(waiting, "result",
		poll_with(waiting, "paused", json_string("yes")));
	cr_assert_eq(told.n_paused, 2);
	end(take("1sat2flash-poll"));
}

static json_t *offer(const char *action, json_int_t price)
{
	return json_pack("{s:s, s:I, s:s, s:s, s:b, s:b}", "action", action,
		"price_msat", price, "offer_id", OFFER_A, "bolt12", "lno1qq",
		"retired", true, "active", true);
}

TEST(holds, offers_are_told_whole_and_bounded)
{
	json_t *waiting = begin_polling(), *array = json_array();

	answer_poll(waiting);
	cr_assert_eq(told.n_offers, 1);
	for (int i = 0; i < HOLDS_OFFERS_MAX + 5; i++)
		(void)json_array_append_new(array, offer("rent", 1000 + i));
	waiting = take("1sat2flash-poll");
	node_answer(waiting, "result", poll_with(waiting, "offers", array));
	cr_assert_eq(told.n_offers, 2);
	cr_assert_eq(told.n_listed, HOLDS_OFFERS_MAX);
	cr_assert_str_eq(told.offer.action, "rent");
	cr_assert_str_eq(told.offer.bolt12, "lno1qq");
	cr_assert_eq(told.offer.price_msat, 1000 + HOLDS_OFFERS_MAX - 1);
	cr_assert(told.offer.retired);
	cr_assert(told.offer.active);
	end(take("1sat2flash-poll"));
}

TEST(holds, what_the_owner_gave_back_at_the_node_is_told)
{
	json_t *waiting = begin_polling();

	node_answer(waiting, "result",
		poll_with(waiting, "refunded",
			json_pack("[{s:s, s:s}, {s:s, s:s}, {s:s}, {s:s, s:s},"
				  " i, {s:s, s:i}]",
				"payment_hash", HASH("01"), "state", "pending",
				"payment_hash", HASH("02"), "state", "paid",
				"payment_hash", HASH("03"), "payment_hash",
				"04", "state", "paid", 5, "payment_hash",
				HASH("06"), "state", 1)));
	cr_assert_eq(told.n_refunded, 1);
	cr_assert_str_eq(told.refunded, "02");
	cr_assert_eq(told.status, 0);
	end(take("1sat2flash-poll"));
}

TEST(holds, what_is_owed_is_told_with_the_next_registration)
{
	static struct holds_owed owed[HOLDS_OWED_MAX + 1];
	json_t *waiting = begin_polling(), *request;
	const json_t *one;

	owed[0] = (struct holds_owed){
		.payment_hash = HASH("01"),
		.msat = 21000,
		.action = "honk",
		.why = "the car drives",
	};
	holds_set_owed(holds, owed, 1);
	nothing_asked();
	answer_poll(waiting);
	request = take("1sat2flash-register");
	cr_assert_eq(json_array_size(param(request, "owed")), 1);
	one = json_array_get(param(request, "owed"), 0);
	cr_assert_str_eq(
		json_string_value(json_object_get(one, "payment_hash")),
		HASH("01"));
	cr_assert_eq(json_integer_value(json_object_get(one, "msat")), 21000);
	cr_assert_str_eq(
		json_string_value(json_object_get(one, "action")), "honk");
	cr_assert_str_eq(json_string_value(json_object_get(one, "why")),
		"the car drives");
	answer_registered(request);
	waiting = take("1sat2flash-poll");
	cr_assert_eq(told.n_changed, 1);

	holds_set_owed(holds, owed, ARRAY_SIZE(owed));
	answer_poll(waiting);
	request = take("1sat2flash-register");
	cr_assert_eq(json_array_size(param(request, "owed")), HOLDS_OWED_MAX);
	/* What comes while it registers is told with the next one again. */
	holds_set_owed(holds, NULL, 0);
	answer_registered(request);
	answer_poll(take("1sat2flash-poll"));
	request = take("1sat2flash-register");
	cr_assert_eq(json_array_size(param(request, "owed")), 0);
	end(request);
}
