/* SPDX-License-Identifier: MIT */

/* What the owner of the node calls. */

#include "node-world.h"

static const json_t *car_in(const char *id, size_t n)
{
	return json_array_get(json_object_get(result_of(id), "cars"), n);
}

TEST(owner, sees_cars_and_payments)
{
	const json_t *car, *payment;

	node_begin_car();
	add_invoice(1, "flash-1", "Flash");
	add_invoice(2, "flash-2", "Flash");
	pay("one", 1, "flash-1");
	pay("two", 2, "flash-2");
	take("take", "roadster", boot_a, 1);
	done("done", "roadster", 2, "return");
	call("status", "1sat2flash-status", "{}");
	cr_assert(
		json_is_true(json_object_get(result_of("status"), "guarded")));
	car = car_in("status", 0);
	cr_assert_str_eq(text_in(car, "car"), "roadster");
	cr_assert(json_is_true(json_object_get(car, "here")));
	cr_assert_eq(json_array_size(json_object_get(car, "held")), 1);
	payment = json_array_get(json_object_get(car, "held"), 0);
	cr_assert_str_eq(text_in(payment, "payment_hash"), hash_of(1));
	cr_assert(json_is_true(json_object_get(payment, "taken")));
	payment = json_array_get(
		json_object_get(result_of("status"), "payments"), 0);
	cr_assert_str_eq(text_in(payment, "payment_hash"), hash_of(2));
	cr_assert_str_eq(text_in(payment, "verdict"), "return");
	cr_assert_str_eq(text_in(payment, "outcome"), "confirmed");

	call("by-place", "1sat2flash-status", "['roadster']");
	cr_assert_not_null(car_in("by-place", 0));
	call("none", "1sat2flash-status", "['truck']");
	assert_error("none", -32602, "no car \"truck\"");
	call("number", "1sat2flash-status", "[7]");
	assert_error("number", -32602, "no car");
	node_end();
}

TEST(owner, hears_that_the_money_came)
{
	const json_t *payment;

	node_begin_car();
	add_invoice(1, "flash-1", "Flash");
	pay("hook", 1, "flash-1");
	done("done", "roadster", 1, "settle");
	say("{'jsonrpc':'2.0','method':'invoice_payment','params':{"
	    "'invoice_payment':{'label':'flash-1','preimage':'%064d','msat':"
	    "1500}}}\n\n",
		1);
	call("status", "1sat2flash-status", "{}");
	payment = json_array_get(
		json_object_get(result_of("status"), "payments"), 0);
	cr_assert(json_is_true(json_object_get(payment, "paid")));
	node_end();
}

TEST(owner, sees_what_is_owed)
{
	char owed[512];

	node_begin_car();
	(void)snprintf(owed, sizeof(owed),
		"%s,'owed':[{'payment_hash':'%s','msat':1000,'action':'flash',"
		"'why':'the car slept'}]",
		flash_claims, hash_of(9));
	register_car("again", "roadster", boot_a, owed);
	(void)result_of("again");
	call("owed", "1sat2flash-owed", "{}");
	(void)snprintf(owed, sizeof(owed),
		"{'owed':[{'payment_hash':'%s','msat':1000,'action':'flash',"
		"'why':'the car slept','car':'roadster'}]}",
		hash_of(9));
	assert_result("owed", owed);
	(void)snprintf(owed, sizeof(owed), "%s,'owed':[{'payment_hash':'x'}]",
		flash_claims);
	register_car("bad", "roadster", boot_a, owed);
	assert_error("bad", -32602, "owed");
	node_end();
}

TEST(owner, a_pause_lasts_and_returns_what_waits)
{
	node_begin_car();
	add_invoice(1, "flash-1", "Flash");
	pay("one", 1, "flash-1");
	poll_as("second", "roadster", boot_a, 2, 1);
	call("pause", "1sat2flash-pause", "{}");
	assert_result("pause", "{'paused': true, 'cars': ['roadster']}");
	assert_rejected("one");
	cr_assert(json_is_true(json_object_get(result_of("second"), "paused")));
	poll_as("third", "roadster", boot_a, 3, 2);
	cr_assert_null(heard("third"));
	pay("two", 2, "flash-2");
	assert_rejected("two");
	cr_assert_not(has_mark(2, MARK_RETURN));

	node_restart();
	register_car("register", "roadster", boot_a, flash_claims);
	cr_assert(
		json_is_true(json_object_get(result_of("register"), "paused")));
	poll_as("fourth", "roadster", boot_a, 4, 3);
	call("resume", "1sat2flash-resume", "['roadster']");
	assert_result("resume", "{'paused': false, 'cars': ['roadster']}");
	cr_assert(
		json_is_false(json_object_get(result_of("fourth"), "paused")));
	node_end();
}

TEST(owner, a_pause_that_cannot_be_written_is_none)
{
	node_begin_car();
	cr_assert_eq(system("rm -r 1sat2flash/cars"), 0);
	call("pause", "1sat2flash-pause", "{}");
	assert_error("pause", -32603, "disk");
	add_invoice(1, "flash-1", "Flash");
	pay("one", 1, "flash-1");
	cr_assert_not_null(hold_in("poll", 0));
	node_end();
}

TEST(owner, forgets_no_car_whose_offers_can_be_paid)
{
	node_begin_guarded();
	register_car("register", "roadster", boot_a,
		"'holds':true,'labels':[],'addresses':[],'descriptions':[],"
		"'actions':[{'name':'flash','price_msat':1000,'text':'Flash',"
		"'keeps':true,'offers':true}]");
	poll_as("poll", "roadster", boot_a, 1, 0);
	call("sold", "1sat2flash-forget", "['roadster']");
	assert_error("sold", 2103, "pause it");
	cr_assert_eq(access("1sat2flash/cars/roadster.json", F_OK), 0);

	world_is_silent = true;
	call("pause", "1sat2flash-pause", "['roadster']");
	call("asked", "1sat2flash-forget", "['roadster']");
	assert_error("asked", 2103, "can still be paid");

	world_is_silent = false;
	node_restart();
	call("forget", "1sat2flash-forget", "['roadster']");
	assert_result("forget", "{'forgotten': true}");
	cr_assert_neq(access("1sat2flash/cars/roadster.json", F_OK), 0);
	node_end();
}

TEST(owner, forgets_a_car_that_is_gone)
{
	node_begin_car();
	add_invoice(1, "flash-1", "Flash");
	pay("one", 1, "flash-1");
	call("busy", "1sat2flash-forget", "['roadster']");
	assert_error("busy", 2103, "held now");
	done("done", "roadster", 1, "return");
	poll_as("second", "roadster", boot_a, 2, 1);
	call("forget", "1sat2flash-forget", "['roadster']");
	assert_result("forget", "{'forgotten': true}");
	assert_error("second", 2102, "forgotten");
	cr_assert_neq(access("1sat2flash/cars/roadster.json", F_OK), 0);
	poll_as("third", "roadster", boot_a, 3, 1);
	assert_error("third", 2104, "not registered");
	pay("two", 2, "flash-2");
	assert_settled("two");
	call("again", "1sat2flash-forget", "['roadster']");
	assert_error("again", -32602, "no car");
	node_end();
}
