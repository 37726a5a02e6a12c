/* SPDX-License-Identifier: MIT */

/*
 * Power fails, or the plugin alone, at each point of a refund: the payer gets
 * his money back once, and nobody waits for ever.
 */

#include "json-faults.h"
#include "refund-world.h"

enum {
	HOURS_3_MS = 3 * 60 * 60 * 1000,
};

static const char *const points[] = { "refund-fetched", "refund-stored",
	"refund-sent", "refund-paid", "refund-recorded" };

/*
 * A new process on the same node.  What was on its way to lightningd still
 * arrives there, if @arrives, though nobody hears the answer.
 */
static void restart(bool arrives)
{
	struct call *call;

	refunds_stop();
	while (arrives && (call = take_call()) != NULL) {
		json_t *result = NULL;

		if (strcmp(call->method, "datastore") == 0) {
			(void)write_store(call, &result);
		} else if (strcmp(call->method, "xpay") == 0) {
			char hash[65];

			hash_of(get_param(call, "invstring"), hash);
			if (json_object_get(world.pays, hash) == NULL)
				world.n_paid++;
			set_pay(hash, "complete");
		}
		json_decref(result);
		json_decref(call->params);
		free(call);
	}
	drop_calls();
	refunds_start();
	run_loop();
}

static bool is_recorded_as_paid(void)
{
	return get_record() != NULL && strstr(get_record(), "\"paid\"") != NULL;
}

/* Whoever wants it asks until he has it. */
static void ask_until_paid(void)
{
	for (int i = 0; i < 10 && !is_recorded_as_paid(); i++) {
		ask();
		cr_assert(serve());
		pass_and_serve(60 * 1000);
		cr_assert_eq(request.n_answers, 1);
	}
	cr_assert(is_recorded_as_paid());
	cr_assert_eq(world.n_paid, 1);
}

TEST(refund_crash, at_each_point_it_is_paid_once)
{
	for (size_t i = 0; i < ARRAY_SIZE(points); i++)
		for (int arrives = 0; arrives <= 1; arrives++) {
			memset(&world, 0, sizeof(world));
			memset(&request, 0, sizeof(request));
			begin();
			fails_at = points[i];
			ask();
			cr_assert_not(serve(), "%s was not met", points[i]);
			restart(arrives == 1);
			cr_assert(serve());
			ask_until_paid();
			refuse(REFUND_E_RETURNED, "returned before");
			end();
		}
}

TEST(refund_crash, what_is_stored_is_paid_without_being_asked_for)
{
	begin();
	fails_at = "refund-stored";
	ask();
	cr_assert_not(serve());
	assert_record("paying");
	restart(false);
	cr_assert(serve());
	/* Not before anything of the earlier process can be on its way. */
	pass_and_serve(119 * 1000);
	cr_assert_eq(world.n_xpay, 0);
	pass_and_serve(60 * 1000);
	cr_assert_eq(world.n_paid, 1);
	cr_assert_str_eq(world.paid_invoice, "lni11");
	assert_record("paid");
	cr_assert_eq(n_changed, 1);
	cr_assert_not_null(strstr(last_log, "went back"));
	end();
}

TEST(refund_crash, what_is_paid_is_found_paid)
{
	begin();
	fails_at = "refund-paid";
	ask();
	cr_assert_not(serve());
	assert_record("paying");
	restart(false);
	cr_assert(serve());
	assert_record("paid");
	cr_assert_eq(world.n_xpay, 1);
	end();
}

TEST(refund_crash, a_lost_answer_is_looked_up)
{
	begin();
	world.xpay = XPAY_PAYS_AND_IS_LOST;
	ask();
	cr_assert(serve());
	assert_paid(990000);
	assert_record("paid");
	end();
}

TEST(refund_crash, what_is_pending_is_waited_for)
{
	char hash[65];

	begin();
	world.xpay = XPAY_PENDS_AND_IS_LOST;
	refuse(REFUND_E_UNDER_WAY, "on its way");
	refuse(REFUND_E_UNDER_WAY, "under way");
	pass_and_serve(HOURS_3_MS);
	refuse(REFUND_E_UNDER_WAY, "under way");
	assert_record("paying");
	cr_assert_eq(world.n_xpay, 1);

	restart(true);
	cr_assert(serve());
	pass_and_serve(HOURS_3_MS);
	cr_assert_eq(world.n_xpay, 1);
	hash_of("lni11", hash);
	set_pay(hash, "complete");
	pass_and_serve(60 * 1000);
	assert_record("paid");
	end();
}

TEST(refund_crash, what_was_pending_and_failed_is_tried_anew)
{
	char hash[65];

	begin();
	world.xpay = XPAY_PENDS_AND_IS_LOST;
	refuse(REFUND_E_UNDER_WAY, "on its way");
	hash_of("lni11", hash);
	set_pay(hash, "failed");
	world.xpay = XPAY_PAYS;
	pass_and_serve(4 * 60 * 1000);
	assert_record("paid");
	cr_assert_str_eq(world.paid_invoice, "lni11");
	cr_assert_eq(world.n_paid, 1);
	end();
}

TEST(refund_crash, a_call_that_was_lost_is_made_again_when_it_is_quiet)
{
	begin();
	world.xpay = XPAY_IS_LOST;
	refuse(REFUND_E_UNDER_WAY, "may be on its way");
	world.xpay = XPAY_PAYS;
	pass_and_serve(100 * 1000);
	cr_assert_eq(world.n_xpay, 1);
	pass_and_serve(60 * 1000);
	cr_assert_eq(world.n_xpay, 2);
	cr_assert_eq(world.fetched, 1);
	assert_record("paid");
	end();
}

TEST(refund_crash, an_error_that_proves_nothing_is_no_end)
{
	begin();
	world.xpay = XPAY_FAILS_ODDLY;
	refuse(REFUND_E_UNDER_WAY, "may be on its way");
	assert_record("paying");
	world.xpay = XPAY_SAYS_NOTHING_OF_IT;
	pass_and_serve(4 * 60 * 1000);
	cr_assert_geq(world.n_xpay, 2);
	assert_record("paying");
	world.xpay = XPAY_PAYS;
	pass_and_serve(4 * 60 * 1000);
	assert_record("paid");
	cr_assert_eq(world.n_paid, 1);
	end();
}

TEST(refund_crash, another_invoice_waits_until_the_first_is_dead)
{
	begin();
	world.xpay = XPAY_IS_LOST;
	refuse(REFUND_E_UNDER_WAY, "may be on its way");
	pass_and_serve(7200 * 1000 - 60 * 1000);
	assert_record("paying");
	refuse(REFUND_E_UNDER_WAY, "under way");
	/* It has expired, and time enough has gone by since. */
	pass_and_serve(5 * 60 * 1000);
	assert_record("failed");
	cr_assert_not_null(strstr(last_log, "nothing was paid"));
	cr_assert_eq(world.fetched, 1);
	cr_assert_eq(refunds_spent_msat(refunds), 0);

	world.xpay = XPAY_PAYS;
	ask_until_paid();
	cr_assert_str_eq(world.paid_invoice, "lni12");
	end();
}

TEST(refund_crash, a_record_whose_storing_was_lost_is_looked_for)
{
	begin();
	ask();
	serve_until("datastore"); /* the index */
	serve_one(take_call());
	world.loses = "datastore"; /* but it is there */
	serve_one(take_call());
	world.loses = NULL;
	assert_refused(REFUND_E_UNDER_WAY, "did not say");
	pass_and_serve(4 * 60 * 1000);
	assert_record("paid");
	cr_assert_eq(world.n_paid, 1);
	end();
}

TEST(refund_crash, a_record_that_never_arrived_leaves_nothing)
{
	struct call *call;

	begin();
	ask();
	serve_until("datastore");
	serve_one(take_call());
	call = take_call();
	cr_assert_str_eq(call->method, "datastore");
	answer_call(call, RPC_E_LOST, NULL, 0);
	assert_refused(REFUND_E_UNDER_WAY, "did not say");
	pass_and_serve(60 * 1000);
	cr_assert_null(get_record());
	cr_assert_eq(refunds_spent_msat(refunds), 0);
	ask_until_paid();
	end();
}

TEST(refund_crash, what_is_paid_is_recorded_however_often_that_fails)
{
	begin();
	ask();
	serve_until("xpay");
	serve_one(take_call());
	world.loses = "datastore";
	pass_and_serve(10 * 60 * 1000);
	cr_assert_eq(request.n_answers, 0);
	world.loses = NULL;
	pass_and_serve(60 * 1000);
	assert_paid(990000);
	assert_record("paid");
	end();
}

TEST(refund_crash, what_was_taken_up_counts_for_the_day)
{
	begin();
	node.refund_daily_sat = 1000;
	fails_at = "refund-stored";
	ask();
	cr_assert_not(serve());
	restart(false);
	cr_assert(serve());
	cr_assert_eq(refunds_spent_msat(refunds), 999900);
	pass_and_serve(4 * 60 * 1000);
	assert_record("paid");
	cr_assert_eq(refunds_spent_msat(refunds), 990007);
	end();
}

TEST(refund_crash, an_end_while_it_is_asked_forgets_the_call)
{
	begin();
	ask();
	serve_until("fetchinvoice");
	restart(false);
	cr_assert(serve());
	cr_assert_eq(request.n_answers, 0);
	ask_until_paid();
	end();
}

static long failing;

static void run_short(bool runs)
{
	faults_at = runs ? failing : -1;
}

TEST(refund_crash, without_memory_it_is_paid_once)
{
	bool failed = true;

	for (failing = 0; failed; failing++) {
		memset(&world, 0, sizeof(world));
		memset(&request, 0, sizeof(request));
		json_set_alloc_funcs(__wrap_malloc, free);
		begin();
		cr_assert(serve());
		faults_calls = 0;
		on_our_code = run_short;
		ask();
		cr_assert(serve());
		pass_and_serve(60 * 1000);
		on_our_code = NULL;
		failed = faults_calls > failing;
		cr_assert_eq(request.n_answers, 1);
		ask_until_paid();
		end();
	}
	cr_assert_gt(failing, 50);
}
