/* SPDX-License-Identifier: MIT */

/* The plugin as cars and lightningd know it, but for its owner's methods. */

#include "node-world.h"

TEST(node, a_foreign_payment_goes_on_without_a_question)
{
	node_begin_guarded();
	pay("a", 1, "mug");
	assert_settled("a");
	cr_assert_eq(world_n_lookups, 0);
	cr_assert_not(has_mark(1, MARK_SETTLE));
	node_end();
}

TEST(node, a_payment_settles_when_the_car_has_acted)
{
	const json_t *hold;

	node_begin_car();
	assert_result("register",
		"{'car': 'roadster', 'holds': true, 'paused': false,"
		"'deadline_ms': 60000, 'take_ms': 5000, 'offers': []}");
	add_invoice(1, "flash-1", "Flash");
	pay("hook", 1, "flash-1");
	cr_assert_null(heard("hook"));
	cr_assert(has_mark(1, MARK_HELD));
	hold = hold_in("poll", 0);
	cr_assert_str_eq(text_in(hold, "payment_hash"), hash_of(1));
	cr_assert_str_eq(text_in(hold, "label"), "flash-1");
	cr_assert_str_eq(text_in(hold, "description"), "Flash");
	cr_assert_str_eq(text_in(hold, "payer_note"), "for fun");
	cr_assert_eq(json_integer_value(json_object_get(hold, "msat")), 1500);
	cr_assert(json_is_false(json_object_get(hold, "taken")));

	world_pass(1000);
	take("take", "roadster", boot_a, 1);
	assert_result("take", "{'left_ms': 59000}");
	cr_assert(has_mark(1, MARK_TAKEN_KEEP));
	done("done", "roadster", 1, "settle");
	assert_settled("hook");
	cr_assert(has_mark(1, MARK_SETTLE));
	assert_result("done", "{'mark': 'settle', 'state': 'pending'}");
	cr_assert_not_null(strstr(world_log, "confirmed"), "%s", world_log);
	set_paid("flash-1");
	done("again", "roadster", 1, "settle");
	assert_result("again", "{'mark': 'settle', 'state': 'paid'}");
	node_end();
}

TEST(node, a_payment_goes_back_when_the_car_refuses)
{
	node_begin_car();
	add_invoice(1, "flash-1", "Flash");
	pay("hook", 1, "flash-1");
	take("take", "roadster", boot_a, 1);
	done("done", "roadster", 1, "return");
	assert_rejected("hook");
	cr_assert(has_mark(1, MARK_RETURN));
	pay("again", 1, "flash-1");
	assert_rejected("again");
	assert_result("done", "{'mark': 'return', 'state': 'unpaid'}");
	node_end();
}

TEST(node, what_nobody_takes_goes_back)
{
	node_begin_car();
	add_invoice(1, "flash-1", "Flash");
	pay("hook", 1, "flash-1");
	world_pass(4999);
	cr_assert_null(heard("hook"));
	world_pass(1);
	assert_rejected("hook");
	take("late", "roadster", boot_a, 1);
	assert_error("late", 2103, "not held");
	node_end();
}

TEST(node, a_car_that_does_not_poll_is_away)
{
	node_begin_car();
	add_invoice(1, "flash-1", "Flash");
	world_pass(50 * 1000);
	cr_assert_eq(json_integer_value(
			     json_object_get(result_of("poll"), "serial")),
		1);
	cr_assert_null(hold_in("poll", 0));
	world_pass(9999);
	pay("a", 1, "flash-1");
	cr_assert_null(heard("a"));
	world_pass(5000);
	assert_rejected("a");
	world_pass(1);
	pay("b", 2, "flash-2");
	assert_rejected("b");
	cr_assert_not_null(strstr(world_log, "away"), "%s", world_log);
	cr_assert_not(has_mark(2, MARK_RETURN));
	node_end();
}

TEST(node, a_hold_is_told_until_it_has_arrived)
{
	node_begin_car();
	add_invoice(1, "flash-1", "Flash");
	pay("hook", 1, "flash-1");
	cr_assert_not_null(hold_in("poll", 0));
	poll_as("lost", "roadster", boot_a, 2, 0);
	cr_assert_not_null(hold_in("lost", 0));
	poll_as("wait", "roadster", boot_a, 3, 2);
	cr_assert_null(heard("wait"));
	/* Another process of the bridge knows nothing. */
	register_car("again", "roadster", boot_b, flash_claims);
	assert_error("wait", 2102, "anew");
	poll_as("new", "roadster", boot_b, 1, 0);
	cr_assert_not_null(hold_in("new", 0));
	take("take", "roadster", boot_b, 1);
	poll_as("taken", "roadster", boot_b, 2, 0);
	cr_assert_null(heard("taken"));
	/* One that died while it acted is asked what has become of it. */
	register_car("third", "roadster", boot_a, flash_claims);
	poll_as("third-poll", "roadster", boot_a, 1, 0);
	cr_assert(json_is_true(
		json_object_get(hold_in("third-poll", 0), "taken")));
	node_end();
}

TEST(node, polls_have_an_order)
{
	node_begin_car();
	poll_as("second", "roadster", boot_a, 2, 0);
	assert_error("poll", 2102, "newer");
	poll_as("first", "roadster", boot_a, 1, 0);
	assert_error("first", 2102, "newer");
	cr_assert_null(heard("second"));
	poll_as("other-boot", "roadster", boot_b, 3, 0);
	assert_error("other-boot", 2104, "not registered");
	poll_as("other-car", "truck", boot_a, 3, 0);
	assert_error("other-car", 2104, "not registered");
	take("take", "truck", boot_a, 1);
	assert_error("take", 2104, "not registered");
	node_end();
}

TEST(node, sixteen_at_a_time_are_told)
{
	char label[16], id[16];

	node_begin_car();
	poll_as("second", "roadster", boot_a, 2, 1);
	for (int i = 0; i < 20; i++) {
		(void)snprintf(label, sizeof(label), "flash-%d", i);
		(void)snprintf(id, sizeof(id), "hook-%d", i);
		add_invoice(i, label, "Flash");
		pay(id, i, label);
	}
	cr_assert_not_null(hold_in("second", 0));
	poll_as("third", "roadster", boot_a, 3, 0);
	cr_assert_not_null(hold_in("third", 15));
	cr_assert_null(hold_in("third", 16));
	poll_as("fourth", "roadster", boot_a, 4, 3);
	cr_assert_not_null(hold_in("fourth", 3));
	cr_assert_null(hold_in("fourth", 4));
	node_end();
}

TEST(node, no_claim_is_taken_without_a_guard)
{
	const struct guard_peer cases[] = {
		{ .lightningd = getppid() + 1, .startup = true },
		{ .lightningd = getppid(), .startup = false, .started_ms = 1 },
		{ .lightningd = getppid(),
			.startup = false,
			.started_ms = fake_clock_now() },
	};
	const char *const ids[] = { "a", "b", "c" };

	node_begin();
	node_init("{}");
	register_car("none", "roadster", boot_a, flash_claims);
	assert_error("none", 2100, "No 1sat2flash-guard");
	register_car("settles", "truck", boot_a,
		"'holds':false,'labels':[],"
		"'addresses':[],'descriptions':[],'actions':[]");
	(void)result_of("settles");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		world_start_guard(&cases[i]);
		register_car(ids[i], "roadster", boot_a, flash_claims);
		world_stop_guard();
	}
	assert_error("a", 2100, "No 1sat2flash-guard");
	assert_error("b", 2100, "restart the guard");
	(void)result_of("c");
	/* It was there, and is gone: nothing is promised. */
	poll_as("poll", "roadster", boot_a, 1, 0);
	add_invoice(1, "flash-1", "Flash");
	pay("hook", 1, "flash-1");
	assert_rejected("hook");
	cr_assert_not(has_mark(1, MARK_RETURN));
	node_end();
}

TEST(node, two_cars_share_a_node)
{
	node_begin_car();
	register_car("same", "truck", boot_b, flash_claims);
	assert_error("same", 2101, "The car roadster claims");
	register_car("other", "truck", boot_b,
		"'holds':true,'labels':['truck-*'],'addresses':[],"
		"'descriptions':[],'actions':[]");
	(void)result_of("other");
	poll_as("truck-poll", "truck", boot_b, 1, 0);
	add_invoice(1, "flash-1", "Flash");
	add_invoice(2, "truck-2", "Flash");
	pay("hook-2", 2, "truck-2");
	cr_assert_null(heard("poll"));
	cr_assert_str_eq(text_in(hold_in("truck-poll", 0), "label"), "truck-2");
	take("not-yours", "roadster", boot_a, 2);
	assert_error("not-yours", 2103, "roadster");
	done("not-yours-either", "roadster", 2, "settle");
	assert_error("not-yours-either", 2103, "another");
	/* Nor later, when it is held no more. */
	done("yours", "truck", 2, "return");
	done("never-yours", "roadster", 2, "settle");
	assert_error("never-yours", 2103, "another");
	cr_assert(has_mark(2, MARK_RETURN));
	node_end();
}

TEST(node, a_description_claims_by_one_question)
{
	node_begin_car();
	add_invoice(1, "shop-1", "honk twice");
	add_invoice(2, "shop-2", "a mug");
	pay("mug", 2, "shop-2");
	assert_settled("mug");
	pay("honk", 1, "shop-1");
	cr_assert_str_eq(text_in(hold_in("poll", 0), "label"), "shop-1");
	cr_assert_eq(world_n_lookups, 2);
	pay("nowhere", 3, "shop-3");
	world_pass(5000);
	assert_settled("nowhere"); /* the guard asks again */
	node_end();
}

TEST(node, a_silent_socket_returns_what_is_claimed)
{
	node_begin_car();
	world_is_silent = true;
	pay("ours", 1, "flash-1");
	pay("unknown", 2, "shop-2");
	world_pass(4999);
	cr_assert_null(heard("ours"));
	world_pass(1);
	assert_rejected("ours");
	assert_settled("unknown");
	cr_assert_not_null(strstr(world_log, "did not say"), "%s", world_log);
	node_end();
}

TEST(node, after_a_restart_it_goes_on)
{
	node_begin_car();
	add_invoice(1, "flash-1", "Flash");
	add_invoice(2, "flash-2", "Flash");
	pay("one", 1, "flash-1");
	pay("two", 2, "flash-2");
	take("take", "roadster", boot_a, 1);
	node_restart();
	cr_assert(has_mark(1, MARK_TAKEN_KEEP));
	cr_assert(has_mark(2, MARK_HELD));

	pay("one-again", 1, "flash-1");
	pay("two-again", 2, "flash-2");
	poll_as("poll", "roadster", boot_a, 7, 6);
	assert_error("poll", 2104, "not registered");
	register_car("register", "roadster", boot_a, flash_claims);
	poll_as("poll-again", "roadster", boot_a, 8, 6);
	cr_assert(json_is_true(
		json_object_get(hold_in("poll-again", 0), "taken")));
	cr_assert(json_is_false(
		json_object_get(hold_in("poll-again", 1), "taken")));
	done("done", "roadster", 1, "settle");
	assert_settled("one-again");
	world_pass(5000);
	assert_rejected("two-again");
	node_end();
}

TEST(node, a_verdict_on_what_no_car_claims_leaves_nothing_behind)
{
	node_begin_car();
	add_invoice(1, "shop-1", "a mug");
	done("done", "roadster", 1, "return");
	assert_result("done", "{'mark': 'return', 'state': 'unpaid'}");
	cr_assert_not(has_mark(1, MARK_RETURN));
	pay("mug", 1, "shop-1");
	assert_settled("mug");
	done("later", "roadster", 1, "return");
	cr_assert_not(has_mark(1, MARK_RETURN));
	node_end();
}

TEST(node, a_verdict_waits_while_nobody_knows_whose_it_is)
{
	node_begin_car();
	world_is_silent = true;
	pay("mug", 1, "shop-1");
	done("done", "roadster", 1, "return");
	cr_assert_null(heard("mug"));
	world_pass(5000);
	assert_settled("mug");
	cr_assert_not(has_mark(1, MARK_RETURN));
	pay("ours", 2, "flash-1");
	done("early", "roadster", 2, "return");
	assert_result("early", "{'mark': 'return', 'state': 'pending'}");
	cr_assert_not(has_mark(2, MARK_RETURN));
	node_end();
}

TEST(node, a_verdict_needs_no_registration)
{
	node_begin_car();
	node_restart();
	add_invoice(1, "flash-1", "Flash");
	done("before", "roadster", 1, "settle");
	assert_result("before", "{'mark': 'settle', 'state': 'pending'}");
	cr_assert(has_mark(1, MARK_SETTLE));
	done("no", "roadster", 1, "return");
	assert_result("no", "{'mark': 'settle', 'state': 'pending'}");
	pay("hook", 1, "flash-1");
	assert_settled("hook");
	/* Nobody can pay what is not there: it leaves nothing behind. */
	done("nowhere", "roadster", 2, "settle");
	assert_result("nowhere", "{'mark': 'settle', 'state': 'unpaid'}");
	cr_assert_not(has_mark(2, MARK_SETTLE));
	node_end();
}

TEST(node, an_invoice_that_cannot_be_read_is_not_unpaid)
{
	static const char *const odd[] = { "null", "7", "[]" };

	node_begin_car();
	for (size_t i = 0; i < ARRAY_SIZE(odd); i++) {
		int number = (int)i + 1;
		char name[16];

		(void)snprintf(name, sizeof(name), "flash-%d", number);
		add_invoice(number, name, "Flash");
		pay(name, number, name);
		(void)json_object_set_new(json_object_get(world_invoices, name),
			"label", world_json(odd[i]));
		(void)strcat(name, "-done");
		done(name, "roadster", number, "return");
		assert_result(name, "{'mark': 'return', 'state': 'pending'}");
	}
	done("again", "roadster", 1, "return");
	assert_error("again", -32603, "whose payment");
	(void)json_object_clear(world_invoices);
	done("gone", "roadster", 1, "return");
	assert_result("gone", "{'mark': 'return', 'state': 'unpaid'}");
	node_end();
}

TEST(node, a_verdict_waits_for_a_node_that_is_silent)
{
	node_begin_car();
	add_invoice(1, "flash-1", "Flash");
	pay("hook", 1, "flash-1");
	world_is_silent = true;
	done("held", "roadster", 1, "settle");
	assert_settled("hook");
	done("unknown", "roadster", 2, "settle");
	cr_assert_null(heard("held"));
	world_pass(10 * 1000);
	assert_result("held", "{'mark': 'settle', 'state': 'pending'}");
	assert_error("unknown", -32603, "whose payment");
	cr_assert_not(has_mark(2, MARK_SETTLE));
	node_end();
}

TEST(node, a_full_disk_returns_the_payment)
{
	node_begin_car();
	add_invoice(1, "flash-1", "Flash");
	add_invoice(2, "flash-2", "Flash");
	pay("one", 1, "flash-1");
	cr_assert_eq(system("rm -r 1sat2flash/marks"), 0);
	take("take", "roadster", boot_a, 1);
	assert_error("take", -32603, "disk");
	done("done", "roadster", 1, "settle");
	assert_error("done", -32603, "disk");
	world_pass(5000);
	assert_rejected("one");
	poll_as("second", "roadster", boot_a, 2, 1);
	pay("two", 2, "flash-2");
	assert_rejected("two");
	cr_assert_null(heard("second"));
	node_end();
}

TEST(node, a_thousand_payments_are_on_their_way)
{
	enum { N = 1000 };
	char label[16], id[16];
	int n_told = 0;

	node_begin_car();
	for (int i = 0; i < N; i++) {
		(void)snprintf(label, sizeof(label), "flash-%d", i);
		(void)snprintf(id, sizeof(id), "hook-%d", i);
		add_invoice(i, label, "Flash");
		pay(id, i, label);
	}
	for (int serial = 2; n_told < N; serial++) {
		const json_t *holds;
		const char *id_of = serial == 2 ? "poll" : id;

		holds = json_object_get(result_of(id_of), "holds");
		cr_assert_gt(json_array_size(holds), 0);
		n_told += (int)json_array_size(holds);
		(void)snprintf(id, sizeof(id), "poll-%d", serial);
		if (n_told < N)
			poll_as(id, "roadster", boot_a, serial, serial - 1);
	}
	for (int i = 0; i < N; i++) {
		(void)snprintf(id, sizeof(id), "done-%d", i);
		done(id, "roadster", i, i % 2 == 0 ? "settle" : "return");
	}
	for (int i = 0; i < N; i++) {
		(void)snprintf(id, sizeof(id), "hook-%d", i);
		if (i % 2 == 0)
			assert_settled(id);
		else
			assert_rejected(id);
	}
	node_end();
}
