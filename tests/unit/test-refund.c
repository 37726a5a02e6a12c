/* SPDX-License-Identifier: MIT */

#include "node/refund_job.h"

#include "refund-world.h"

static void pay_back(uint64_t msat)
{
	ask();
	cr_assert(serve());
	assert_paid(msat);
}

TEST(refund, what_was_received_goes_back_but_for_the_fee)
{
	json_t *paid;

	begin();
	pay_back(990000);
	cr_assert_eq(world.fetched_msat, 990000);
	cr_assert_eq(world.maxfee_msat, 9900);
	cr_assert_str_eq(
		json_string_value(json_object_get(request.result, "to")),
		"offer");
	assert_record("paid");
	cr_assert_null(strstr(get_record(), "lni1"));
	cr_assert_eq(n_changed, 1);
	cr_assert_eq(refunds_spent_msat(refunds), 990007);

	/* The car hears of it for a while. */
	paid = refunds_paid(refunds, "roadster");
	cr_assert_eq(json_array_size(paid), 1);
	cr_assert_str_eq(json_string_value(json_object_get(
				 json_array_get(paid, 0), "payment_hash")),
		PAID_HASH);
	json_decref(paid);
	cr_assert_null(refunds_paid(refunds, "other"));
	fake_time_pass(REFUND_TOLD_MS);
	cr_assert_null(refunds_paid(refunds, "roadster"));
	end();
}

TEST(refund, it_is_stored_before_it_is_paid)
{
	begin();
	ask();
	serve_until("xpay");
	assert_record("paying");
	cr_assert_not_null(strstr(get_record(), "lni11"));
	cr_assert_eq(request.n_answers, 0);
	cr_assert(serve());
	assert_paid(990000);
	end();
}

TEST(refund, a_car_is_not_kept_waiting)
{
	begin();
	ask_with(json_pack(
		"{s:s, s:s}", "payment_hash", PAID_HASH, "car", "roadster"));
	serve_until("xpay");
	fake_time_pass(REFUND_CAR_WAIT_MS);
	refunds_pump(refunds);
	cr_assert_eq(request.n_answers, 1);
	cr_assert_eq(request.code, REFUND_E_UNDER_WAY);
	/* It goes on all the same. */
	cr_assert(serve());
	assert_record("paid");
	end();
}

TEST(refund, one_whose_entry_was_deleted_ends_all_the_same)
{
	begin();
	ask();
	serve_until("xpay");
	(void)json_object_del(world.store, "1sat2flash,refund," PAID_HASH);
	cr_assert(serve());
	assert_paid(990000);
	assert_record("paid");
	refuse(REFUND_E_RETURNED, "returned before");
	end();
}

TEST(refund, nothing_goes_back_twice)
{
	begin();
	pay_back(990000);
	refuse(REFUND_E_RETURNED, "returned before");
	refunds_stop();
	refunds_start();
	cr_assert(serve());
	refuse(REFUND_E_RETURNED, "returned before");
	cr_assert_eq(world.n_xpay, 1);
	end();
}

TEST(refund, a_second_call_hears_that_it_is_under_way)
{
	struct plugin_request second = { 0 };
	json_t *params = json_pack("{s:s}", "payment_hash", PAID_HASH);
	json_t *list;

	begin();
	ask();
	serve_until("fetchinvoice");
	refunds_method(refunds, &second, params);
	cr_assert_eq(second.code, REFUND_E_UNDER_WAY);
	list = refunds_list(refunds, "roadster");
	cr_assert_eq(json_array_size(list), 1);
	json_decref(list);
	list = refunds_list(refunds, "other");
	cr_assert_eq(json_array_size(list), 0);
	json_decref(list);
	cr_assert(serve());
	assert_paid(990000);
	json_decref(params);
	end();
}

TEST(refund, only_a_cars_payment_goes_back)
{
	begin();
	set_invoice(NULL);
	refuse(REFUND_E_NOT_OURS, "no invoice");
	set_invoice("{'label': 'mug', 'payment_hash': '" PAID_HASH
		    "', 'status': 'paid', 'amount_received_msat': 1000,"
		    " 'description': 'a mug'}");
	refuse(REFUND_E_NOT_OURS, "no car");
	set_member("label", json_string("1sat2flash-flash-7"));
	refuse(REFUND_E_NO_WAY, "note");
	set_member("label", json_string("mug"));
	set_member("description", json_string("flash me"));
	refuse(REFUND_E_NO_WAY, "note");
	set_member("label", json_string("keysend-1"));
	refuse(REFUND_E_NOT_OURS, "no car");
	end();
}

TEST(refund, a_car_gets_back_only_its_own)
{
	begin();
	(void)add_car("other", "{'holds': true, 'labels': [], 'addresses': [],"
			       " 'descriptions': [], 'actions': []}");
	ask_with(json_pack(
		"{s:s, s:s}", "payment_hash", PAID_HASH, "car", "other"));
	cr_assert(serve());
	assert_refused(REFUND_E_NOT_OURS, "other");
	cr_assert_null(strstr(request.message, "roadster"));
	ask_with(json_pack(
		"{s:s, s:s}", "payment_hash", PAID_HASH, "car", "roadster"));
	cr_assert(serve());
	assert_paid(990000);
	end();
}

TEST(refund, an_offer_that_was_dropped_is_known_by_its_label)
{
	static const char unknown[] =
		"cccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
		"cccccccc";
	json_t *offer =
		json_pack("{s:s, s:b, s:s}", "offer_id", unknown, "active", 0,
			"label", "1sat2flash-roadster-x-rent-0123456789abcdef");

	begin();
	(void)add_car("roadster-x",
		"{'holds': true, 'labels': [], 'addresses': [],"
		" 'descriptions': [], 'actions': ["
		"{'name': 'rent', 'price_msat': 100000, 'text': '',"
		" 'keeps': true, 'deposit_msat': 30000, 'offers': true}]}");
	set_member("local_offer_id", json_string(unknown));
	refuse(REFUND_E_NOT_OURS, "no car");
	(void)json_array_append(world.offers, offer);
	cr_assert_eq(
		mark_write(node.state.marks_fd, PAID_HASH, MARK_SETTLE), 0);
	pay_back(30000);
	assert_record("paid");
	cr_assert_not_null(strstr(get_record(), "\"roadster-x\""));
	json_decref(offer);
	end();
}

TEST(refund, what_was_not_received_is_not_sent)
{
	begin();
	set_member("status", json_string("unpaid"));
	refuse(REFUND_E_NOT_RECEIVED, "not paid");
	set_member("status", json_string("expired"));
	refuse(REFUND_E_NOT_RECEIVED, "not paid");
	set_member("status", json_string("paid"));
	set_member("amount_received_msat", json_string("1000msat"));
	refuse(REFUND_E_NOT_RECEIVED, "not paid");
	set_member("amount_received_msat", json_integer(-5));
	refuse(REFUND_E_NOT_RECEIVED, "not paid");
	set_member("amount_received_msat", json_integer(1));
	refuse(REFUND_E_FAILED, "too little");
	end();
}

TEST(refund, what_was_earned_or_is_not_known_stays)
{
	begin();
	cr_assert_eq(mark_write(node.state.marks_fd, PAID_HASH, MARK_HELD), 0);
	cr_assert_eq(
		mark_write(node.state.marks_fd, PAID_HASH, MARK_TAKEN_RETURN),
		0);
	refuse(REFUND_E_EARNED, "has not said");
	cr_assert_eq(
		mark_write(node.state.marks_fd, PAID_HASH, MARK_SETTLE), 0);
	refuse(REFUND_E_EARNED, "did what was paid for");
	cr_assert_eq(
		mark_write(node.state.marks_fd, PAID_HASH, MARK_RETURN), 0);
	pay_back(990000);
	end();
}

TEST(refund, of_what_was_earned_the_deposit_goes_back)
{
	begin();
	set_member("local_offer_id", json_string(offer_b));
	set_member("amount_received_msat", json_integer(150000));
	cr_assert_eq(
		mark_write(node.state.marks_fd, PAID_HASH, MARK_SETTLE), 0);
	ask_with(json_pack(
		"{s:s, s:i}", "payment_hash", PAID_HASH, "amount_msat", 50001));
	cr_assert(serve());
	assert_refused(REFUND_E_EARNED, "50 sat");
	pay_back(50000);
	cr_assert_eq(world.maxfee_msat, 5000);
	end();
}

static const char *const menus_of_today[] = {
	"{'holds': true, 'actions': [{'name': 'rent', 'price_msat': 100000,"
	" 'text': 'Rent', 'deposit_msat': 10000, 'offers': true}]}",
	"{'holds': true, 'actions': [{'name': 'rent', 'price_msat': 100000,"
	" 'text': 'Rent', 'offers': true}]}",
	"{'holds': true, 'actions': [{'name': 'lend', 'price_msat': 100000,"
	" 'text': 'Rent', 'deposit_msat': 50000, 'offers': true}]}",
};

TEST(refund, a_deposit_is_due_whatever_is_sold_today)
{
	begin();
	set_member("local_offer_id", json_string(offer_b));
	set_member("amount_received_msat", json_integer(150000));
	cr_assert_eq(
		mark_write(node.state.marks_fd, PAID_HASH, MARK_SETTLE), 0);
	for (size_t i = 0; i < ARRAY_SIZE(menus_of_today); i++) {
		(void)add_car("roadster", menus_of_today[i]);
		world.n_paid = 0;
		pay_back(50000);
		json_object_clear(world.store);
	}
	end();
}

TEST(refund, amount_and_fee_are_no_more_than_was_received)
{
	begin();
	ask_with(json_pack("{s:s, s:i}", "payment_hash", PAID_HASH,
		"amount_msat", 1000001));
	cr_assert(serve());
	assert_refused(PLUGIN_E_PARAMS, "only 1000 sat");
	ask_with(json_pack("{s:s, s:i}", "payment_hash", PAID_HASH,
		"amount_msat", 999000));
	cr_assert(serve());
	assert_paid(999000);
	cr_assert_eq(world.maxfee_msat, 1000);
	end();
}

TEST(refund, without_a_way_back_there_is_none)
{
	begin();
	set_member("invreq_payer_note", json_string("thank you"));
	refuse(REFUND_E_NO_WAY, "note");
	set_member("invreq_payer_note",
		json_string(NOTE_OFFER " or bob@example.com"));
	refuse(REFUND_E_NO_WAY, "more than one");
	set_member("invreq_payer_note", json_integer(5));
	refuse(REFUND_E_NO_WAY, "note");
	(void)json_object_del(world.invoice, "invreq_payer_note");
	refuse(REFUND_E_NO_WAY, "note");
	end();
}

TEST(refund, a_name_is_looked_up)
{
	begin();
	set_member("invreq_payer_note", json_string("Bob@Example.com"));
	ask();
	serve_until("fetchbip353");
	cr_assert_str_eq(get_param(calls_first, "address"), "bob@example.com");
	serve_until("fetchinvoice");
	cr_assert_str_eq(get_param(calls_first, "bip353"), "bob@example.com");
	cr_assert(serve());
	assert_paid(990000);
	cr_assert_str_eq(
		json_string_value(json_object_get(request.result, "to")),
		"name");
	end();
}

TEST(refund, a_name_without_an_offer_is_no_way)
{
	begin();
	set_member("invreq_payer_note", json_string("bob@example.com"));
	world.fails = "fetchbip353";
	world.fails_with = -32700;
	refuse(REFUND_E_FAILED, "bob@example.com: the node says no");
	world.fails_with = 0;
	refuse(REFUND_E_FAILED, "has no BOLT 12 offer");
	cr_assert_null(get_record());
	cr_assert_eq(refunds_spent_msat(refunds), 0);
	end();
}

TEST(refund, the_refunds_of_a_day_have_a_limit)
{
	begin();
	node.refund_daily_sat = 999;
	refuse(REFUND_E_LIMIT, "999 sat");
	cr_assert_null(get_record());
	node.refund_daily_sat = 0;
	refuse(REFUND_E_LIMIT, "0 sat");
	node.refund_daily_sat = INT64_MAX;
	pay_back(990000);
	end();
}

TEST(refund, a_day_later_the_limit_is_free_again)
{
	begin();
	node.refund_daily_sat = 1000;
	pay_back(990000);
	json_object_clear(world.store);
	refuse(REFUND_E_LIMIT, "1000 sat");
	fake_time_pass(25ull * 60 * 60 * 1000);
	world.n_paid = 0;
	pay_back(990000);
	end();
}

TEST(refund, the_limit_is_known_after_a_restart)
{
	begin();
	node.refund_daily_sat = 1500;
	pay_back(990000);
	(void)json_object_del(world.store, "1sat2flash,refund," PAID_HASH);
	refunds_stop();
	refunds_start();
	cr_assert(serve());
	refuse(REFUND_E_LIMIT, "1500 sat");
	end();
}

TEST(refund, one_that_the_index_does_not_list_counts_for_the_limit)
{
	uint64_t spent_msat;

	begin();
	world.xpay = XPAY_PENDS_AND_IS_LOST;
	refuse(REFUND_E_UNDER_WAY, "on its way");
	spent_msat = refunds_spent_msat(refunds);
	cr_assert_gt(spent_msat, 990000);
	refunds_stop();
	refunds_start();
	cr_assert(serve());
	cr_assert_eq(refunds_spent_msat(refunds), spent_msat, "not twice");

	(void)json_object_del(world.store, "1sat2flash,refunds");
	refunds_stop();
	refunds_start();
	cr_assert(serve());
	cr_assert_eq(refunds_spent_msat(refunds), 0);
	ask();
	cr_assert(serve());
	cr_assert_eq(refunds_spent_msat(refunds), spent_msat);
	end();
}

TEST(refund, an_invoice_for_more_is_not_paid)
{
	begin();
	(void)json_object_set_new(
		world.decoded, "invoice_amount_msat", json_integer(990001));
	refuse(REFUND_E_FAILED, "990001 msat");
	(void)json_object_set_new(
		world.decoded, "invoice_amount_msat", json_integer(-1));
	refuse(REFUND_E_FAILED, "nothing was paid");
	(void)json_object_set_new(
		world.decoded, "invoice_amount_msat", json_string("5msat"));
	refuse(REFUND_E_FAILED, "nothing was paid");
	cr_assert_eq(world.n_xpay, 0);
	cr_assert_null(get_record());
	(void)json_object_set_new(
		world.decoded, "invoice_amount_msat", json_integer(989000));
	ask();
	cr_assert(serve());
	cr_assert_eq(json_integer_value(
			     json_object_get(request.result, "amount_msat")),
		989000);
	end();
}

TEST(refund, an_invoice_that_is_not_understood_is_not_paid)
{
	static const struct {
		const char *member;
		const char *value;
	} wrong[] = {
		{ "type", "'bolt11 invoice'" },
		{ "type", "null" },
		{ "valid", "false" },
		{ "valid", "1" },
		{ "invoice_payment_hash", "'12'" },
		{ "invoice_payment_hash", "'" PAID_HASH "'" },
		{ "invoice_payment_hash", "null" },
		{ "invoice_created_at", "null" },
		{ "invoice_created_at", "9223372036854775807" },
		{ "invoice_created_at", "1" },
		{ "invoice_relative_expiry", "'x'" },
		{ "invoice_relative_expiry", "0" },
	};

	begin();
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		json_object_clear(world.decoded);
		(void)json_object_set_new(world.decoded, wrong[i].member,
			read_json(wrong[i].value));
		refuse(REFUND_E_FAILED, "nothing was paid");
	}
	cr_assert_eq(world.n_xpay, 0);
	cr_assert_null(get_record());
	cr_assert_eq(refunds_spent_msat(refunds), 0);
	end();
}

TEST(refund, a_node_that_says_no_or_nonsense_pays_nothing)
{
	static const char *const methods[] = { "listinvoices", "fetchinvoice",
		"decode", "datastore" };

	begin();
	for (size_t i = 0; i < ARRAY_SIZE(methods); i++) {
		world.fails = methods[i];
		world.fails_with = 1005;
		refuse(REFUND_E_FAILED, "the node says no");
		if (strcmp(methods[i], "datastore") == 0)
			continue;
		world.fails_with = 0;
		refuse(REFUND_E_FAILED, "understood");
		world.fails = NULL;
		world.loses = methods[i];
		refuse(REFUND_E_FAILED, "nothing was paid");
		world.loses = NULL;
	}
	world.fails = "listdatastore";
	world.fails_with = 0;
	refuse(REFUND_E_FAILED, "understood");
	cr_assert_eq(world.n_xpay, 0);
	end();
}

TEST(refund, foreign_words_are_made_printable)
{
	begin();
	ask();
	serve_until("fetchinvoice");
	(void)json_object_set_new(world.invoice, "x", json_null());
	world.fails = "fetchinvoice";
	world.fails_with = 1004;
	cr_assert(serve());
	for (const char *p = request.message; *p != '\0'; p++)
		cr_assert((unsigned char)*p >= ' ');
	end();
}

TEST(refund, a_payment_that_fails_leaves_nothing_paid)
{
	begin();
	world.xpay = XPAY_FAILS;
	refuse(REFUND_E_FAILED, "the node says no; nothing was paid");
	assert_record("failed");
	cr_assert_eq(refunds_spent_msat(refunds), 0);

	/* The same invoice, as long as it can be paid. */
	world.xpay = XPAY_PAYS;
	pay_back(990000);
	cr_assert_eq(world.fetched, 1);
	assert_record("paid");
	end();
}

TEST(refund, one_that_failed_gets_another_invoice_when_that_has_expired)
{
	begin();
	world.xpay = XPAY_FAILS;
	refuse(REFUND_E_FAILED, "nothing was paid");
	fake_time_pass(7200 * 1000);
	world.xpay = XPAY_PAYS;
	pay_back(990000);
	cr_assert_str_eq(world.paid_invoice, "lni12");
	end();
}

TEST(refund, one_that_failed_gets_no_other_invoice_while_it_is_pending)
{
	char hash[65];

	begin();
	world.xpay = XPAY_FAILS;
	refuse(REFUND_E_FAILED, "nothing was paid");
	fake_time_pass(7200 * 1000);
	hash_of("lni11", hash);
	set_pay(hash, "pending");
	refuse(REFUND_E_UNDER_WAY, "on its way");
	set_pay(hash, "held by who knows whom");
	refuse(REFUND_E_UNDER_WAY, "on its way");
	world.fails = "listpays";
	world.fails_with = 0;
	refuse(REFUND_E_UNDER_WAY, "on its way");
	world.fails_with = -1;
	refuse(REFUND_E_FAILED, "nothing was paid");
	world.fails = NULL;
	set_pay(hash, "complete");
	ask();
	cr_assert(serve());
	cr_assert_eq(request.code, 0);
	assert_record("paid");
	cr_assert_eq(world.n_xpay, 1);
	end();
}

TEST(refund, one_that_somebody_else_has_begun_is_left_alone)
{
	begin();
	ask();
	serve_until("xpay");
	json_object_clear(world.pays);
	refunds_stop();
	drop_calls();
	refunds_start();
	cr_assert(serve());
	/* The record says paying; its process is gone, or is it? */
	refuse(REFUND_E_UNDER_WAY, "under way");
	cr_assert_eq(world.n_paid, 0);
	end();
}

TEST(refund, params_are_checked)
{
	begin();
	ask_with(json_pack("{s:s}", "payment_hash", "12"));
	assert_refused(PLUGIN_E_PARAMS, "payment_hash");
	ask_with(json_pack("{s:i}", "payment_hash", 12));
	assert_refused(PLUGIN_E_PARAMS, "payment_hash");
	ask_with(json_pack(
		"{s:s, s:i}", "payment_hash", PAID_HASH, "amount_msat", 0));
	assert_refused(PLUGIN_E_PARAMS, "amount_msat");
	ask_with(json_pack(
		"{s:s, s:s}", "payment_hash", PAID_HASH, "amount_msat", "all"));
	assert_refused(PLUGIN_E_PARAMS, "amount_msat");
	ask_with(json_pack(
		"{s:s, s:s}", "payment_hash", PAID_HASH, "car", "My Car"));
	assert_refused(PLUGIN_E_PARAMS, "car");
	cr_assert(serve());
	ask_with(json_pack("{s:s, s:n, s:n}", "payment_hash", PAID_HASH,
		"amount_msat", "car"));
	cr_assert(serve());
	assert_paid(990000);
	end();
}

TEST(refund, so_many_are_under_way_at_a_time)
{
	static struct plugin_request requests[REFUND_MAX + 1];
	char hash[65];

	begin();
	cr_assert(serve());
	for (unsigned int i = 0; i <= REFUND_MAX; i++) {
		json_t *params;

		(void)snprintf(hash, sizeof(hash), "%064x", i + 1);
		params = json_pack("{s:s}", "payment_hash", hash);
		refunds_method(refunds, &requests[i], params);
		json_decref(params);
	}
	cr_assert_eq(requests[REFUND_MAX].code, REFUND_E_UNDER_WAY);
	/* Others use the line, too. */
	cr_assert_leq(count_calls(NULL), 6);
	cr_assert(serve());
	for (unsigned int i = 0; i < REFUND_MAX; i++)
		cr_assert_eq(requests[i].n_answers, 1);
	end();
}

TEST(refund, nothing_goes_on_before_the_index_is_read)
{
	begin();
	ask();
	cr_assert_eq(count_calls(NULL), 1);
	answer_call(take_call(), RPC_E_LOST, NULL, 0);
	cr_assert_eq(count_calls(NULL), 0);
	pass(1000);
	cr_assert_eq(count_calls(NULL), 1);
	cr_assert(serve());
	assert_paid(990000);
	end();
}

TEST(refund, a_line_that_is_full_is_tried_again)
{
	begin();
	cr_assert(serve());
	calls_are_full = true;
	ask();
	cr_assert_eq(count_calls(NULL), 0);
	calls_are_full = false;
	pass(1000);
	cr_assert(serve());
	assert_paid(990000);
	end();
}

TEST(refund, an_index_of_somebody_elses_stops_all)
{
	begin();
	(void)json_object_set_new(world.store, "1sat2flash,refunds",
		json_pack("{s:s, s:i}", "string", "mine", "generation", 0));
	cr_assert(serve());
	cr_assert_not_null(strstr(last_log, "nothing is paid back"));
	refuse(REFUND_E_FAILED, "nothing was paid");
	end();
}

TEST(refund, a_record_of_somebody_elses_is_not_paid)
{
	begin();
	(void)json_object_set_new(world.store, "1sat2flash,refund," PAID_HASH,
		json_pack("{s:s, s:i}", "string", "{}", "generation", 0));
	refuse(REFUND_E_UNDER_WAY, "not what this plugin wrote");
	cr_assert_eq(world.n_xpay, 0);
	end();
}
