/* SPDX-License-Identifier: MIT */

#include "lightning/invoices.h"

#include "invoices-world.h"
#include "json-faults.h"

TEST(invoices, a_new_node_delivers_nothing_old)
{
	json_t *waiting;

	node.newest = 10000;
	begin();
	waiting = serve();
	cr_assert_eq(get_param(waiting, "lastpay_index"), 10000);
	cr_assert_leq(node.n_calls, 50);
	cr_assert_eq(owner.n_begun, 1);
	cr_assert_eq(owner.position, 10000);
	cr_assert_eq(owner.n_paid, 0);
	cr_assert(owner.following);
	cr_assert(invoices_is_following(inv));
	cr_assert_eq(invoices_position(inv), 10000);
	cr_assert_str_eq(invoices_node_id(inv), ID_A);
	cr_assert_str_eq(invoices_node_alias(inv), "caf\xc3\xa9");
	end(waiting);
}

/* Architecture 6: after a broken ledger, what it may have known is listed. */
TEST(invoices, of_a_new_node_what_the_owner_misses_is_delivered)
{
	static const struct {
		uint64_t gap, since, position;
	} cases[] = {
		{ 1, 994, 993 },
		{ 1, 1, 0 },
		{ 1, 2, 1 },
		{ 1, 1001, 1000 },
		{ 77, 924, 847 },
		{ 77, 925, 924 },
	};

	node.newest = 1000;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int n = (int)((1000 - cases[i].position) / cases[i].gap);

		node.gap = cases[i].gap;
		owner.since_s = PAID_AT_S + (int64_t)cases[i].since;
		owner.n_paid = owner.n_begun = 0;
		owner.position = 7;
		begin();
		end(serve());
		cr_expect_eq(owner.n_begun, 1);
		cr_expect_eq(owner.n_paid, n);
		cr_expect_eq(owner.position, 1000 / node.gap * node.gap);
	}
}

/* The wait was cut short: nothing is known of what came after its begin. */
TEST(invoices, half_a_wait_is_no_proof_of_its_end)
{
	json_t *waiting = begin_at(3);

	fake_time_pass(40 * 1000);
	answer_none(waiting);
	waiting = serve();
	fake_time_pass(10 * 1000);
	node_answer(waiting, "result", payment(4));
	assert_paid(1, 4);
	cr_assert_eq(owner.last.max_age_ms, 50 * 1000);
	end(NULL);
}

TEST(invoices, gaps_are_no_end)
{
	json_t *waiting;

	node.newest = 10000;
	node.gap = 777;
	begin();
	waiting = serve();
	cr_assert_leq(node.n_calls, 50);
	cr_assert_eq(owner.position, 10000 / 777 * 777);
	cr_assert_eq(owner.n_paid, 0);
	end(waiting);
}

TEST(invoices, an_empty_node_begins_at_zero)
{
	json_t *waiting;

	begin();
	waiting = serve();
	cr_assert_eq(owner.n_begun, 1);
	cr_assert_eq(owner.position, 0);
	node.newest = 1;
	node_answer(waiting, "result", payment(1));
	assert_paid(1, 1);
	end(serve());
}

TEST(invoices, a_known_node_goes_on_in_order)
{
	json_t *waiting;

	node.newest = 12;
	waiting = begin_at(7);
	cr_assert_eq(owner.n_begun, 0);
	assert_paid(5, 12);
	cr_assert_eq(get_param(waiting, "lastpay_index"), 12);
	cr_assert_eq(get_param(waiting, "timeout"), WAIT_S);
	/* Nothing is known of when these were paid. */
	cr_assert_eq(owner.last.max_age_ms, UINT64_MAX);
	cr_assert_not(owner.last.restored);
	cr_assert_str_eq(owner.last_label, "label-12");
	end(waiting);
}

TEST(invoices, what_arrives_on_a_waiting_call_is_proven_fresh)
{
	json_t *waiting = begin_at(3);

	fake_time_pass(40 * 1000);
	node.newest = 4;
	node_answer(waiting, "result", payment(4));
	assert_paid(1, 4);
	cr_assert_eq(owner.last.max_age_ms, 40 * 1000);

	/* Then the next proof is fetched at once. */
	waiting = serve();
	cr_assert_eq(get_param(waiting, "timeout"), WAIT_S);
	fake_time_pass(1000);
	node_answer(waiting, "result", payment(5));
	assert_paid(2, 5);
	cr_assert_eq(owner.last.max_age_ms, 1000);
	end(NULL);
}

TEST(invoices, the_end_of_a_wait_is_a_proof_too)
{
	json_t *waiting = begin_at(3);

	for (int i = 0; i < 3; i++) {
		fake_time_pass(WAIT_S * 1000 + 20);
		answer_none(waiting);
		waiting = serve();
		cr_assert_eq(get_param(waiting, "timeout"), WAIT_S);
	}
	fake_time_pass(54 * 1000);
	node_answer(waiting, "result", payment(4));
	/* The node looked for the last time 20 ms before we heard of it. */
	cr_assert_eq(owner.last.max_age_ms, 54 * 1000 + 20);
	cr_assert_lt(owner.last.max_age_ms, MAX_AGE_MS);
	end(NULL);
}

/*
 * The bridge was stopped while payments 4 and 5 arrived: neither is fresh,
 * the second although it comes right after the first.
 */
TEST(invoices, what_lay_in_the_socket_is_not_fresh)
{
	json_t *waiting = begin_at(3);

	fake_time_pass(1000 * 1000);
	node.newest = 5;
	node_answer(waiting, "result", payment(4));
	cr_assert_eq(owner.last.max_age_ms, 1000 * 1000);
	waiting = serve();
	assert_paid(2, 5);
	cr_assert_eq(owner.last.max_age_ms, 1000 * 1000);
	end(waiting);
}

TEST(invoices, nothing_is_proven_across_connections)
{
	json_t *waiting = begin_at(3);

	json_decref(waiting);
	reconnect();
	node.newest = 4;
	waiting = serve();
	assert_paid(1, 4);
	cr_assert_eq(owner.last.max_age_ms, UINT64_MAX);
	cr_assert(owner.following);
	end(waiting);
}

/* lightning 0, fact 12. */
TEST(invoices, a_restored_node_is_told_and_followed)
{
	json_t *waiting = begin_at(100);

	node.newest = 51;
	node_answer(waiting, "result", payment(51));
	assert_paid(1, 51);
	cr_assert(owner.last.restored);
	cr_assert_eq(owner.last.max_age_ms, UINT64_MAX);
	cr_assert_eq(invoices_position(inv), 51);

	waiting = serve();
	cr_assert_eq(get_param(waiting, "lastpay_index"), 51);
	fake_time_pass(2000);
	node_answer(waiting, "result", payment(52));
	assert_paid(2, 52);
	cr_assert_not(owner.last.restored);
	cr_assert_eq(owner.last.max_age_ms, 2000);
	end(NULL);
}

TEST(invoices, the_same_index_again_is_from_a_restored_node)
{
	json_t *waiting = begin_at(100);

	node_answer(waiting, "result", payment(100));
	assert_paid(1, 100);
	cr_assert(owner.last.restored);
	end(NULL);
}

TEST(invoices, a_list_that_goes_round_is_left)
{
	json_t *waiting = begin_at(100);

	node_answer(waiting, "result", payment(50));
	node_answer(node_take(), "result", payment(50));
	node_run();
	cr_assert_eq(owner.n_paid, 1);
	assert_complaint("round in circles, trying again in 500 ms");
	end(NULL);
}

TEST(invoices, an_exchanged_node_has_its_own_position)
{
	json_t *waiting = begin_at(100);

	json_decref(waiting);
	node.id = ID_B;
	node.newest = 9;
	owner.known = 0;
	reconnect();
	waiting = serve();
	cr_assert_str_eq(owner.loaded_id, ID_B);
	cr_assert_eq(owner.n_begun, 1);
	cr_assert_eq(owner.position, 9);
	cr_assert_eq(owner.n_paid, 0);
	cr_assert_str_eq(invoices_node_id(inv), ID_B);
	end(waiting);
}

TEST(invoices, a_position_beyond_all_is_followed_downwards)
{
	json_t *waiting = begin_at(UINT64_MAX);

	cr_assert_eq(get_param(waiting, "lastpay_index"), INT64_MAX);
	node_answer(waiting, "result", payment(8));
	assert_paid(1, 8);
	cr_assert(owner.last.restored);
	end(NULL);
}

/* One wake-up per wait: the two timers are armed, and do not fire. */
TEST(invoices, idle_it_wakes_up_once_a_minute)
{
	json_t *waiting = begin_at(3);

	for (int i = 0; i < 55; i++) {
		fake_time_pass(1000);
		cr_assert_eq(sd_event_run(node_event, 0), 0);
	}
	answer_none(waiting);
	end(serve());
}

TEST(invoices, calls_wait_less_than_the_menu_allows)
{
	static const struct {
		uint64_t max_age_ms;
		uint64_t wait_s;
	} cases[] = {
		{ 0, 5 },
		{ 9999, 5 },
		{ 20 * 1000, 15 },
		{ 60 * 1000, 55 },
		{ 3600 * 1000, 55 },
	};

	owner.known = 1;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		json_t *waiting;

		strcpy(node_folder + strlen(node_folder) - 6, "XXXXXX");
		node_init();
		node_listen();
		follow(cases[i].max_age_ms);
		node_accept();
		waiting = serve();
		cr_assert_eq(get_param(waiting, "timeout"), cases[i].wait_s);
		end(waiting);
	}
}

TEST(invoices, two_share_a_line_and_one_may_leave)
{
	struct invoices *other = NULL, *third = NULL;
	json_t *waiting;

	owner.known = 1;
	node_init();
	node_listen();
	follow(MAX_AGE_MS);
	cr_assert_eq(
		invoices_new(node_event, rpc, MAX_AGE_MS, &ops, NULL, &other),
		0);
	cr_assert_lt(
		invoices_new(node_event, rpc, MAX_AGE_MS, &ops, NULL, &third),
		0);
	cr_assert_null(third);
	node_accept();
	/* What it has asked is answered, and nobody minds. */
	other = invoices_free(other);
	waiting = serve();
	cr_assert(rpc_is_up(rpc));
	cr_assert(owner.following);
	cr_assert_null(invoices_free(NULL));
	end(waiting);
}

TEST(invoices, no_memory_to_begin_leaves_nothing)
{
	int r = -ENOMEM;
	int n;

	node_init();
	cr_assert_eq(rpc_new(node_event, &node_line, NULL, NULL, &rpc), 0);
	for (n = 0; r != 0; n++) {
		fail_nth(n);
		r = invoices_new(node_event, rpc, MAX_AGE_MS, &ops, NULL, &inv);
		cr_assert_eq(fail_end(), r != 0);
		cr_assert(r == 0 || r == -ENOMEM);
	}
	cr_assert_gt(n, 1);
	end(NULL);
}

/* Whichever allocation fails, payment 4 comes in the end, and once. */
TEST(invoices, no_memory_on_the_way_loses_no_payment)
{
	bool failed = true;
	int n;

	for (n = 0; failed; n++) {
		json_t *waiting, *request;
		char *text;

		strcpy(node_folder + strlen(node_folder) - 6, "XXXXXX");
		owner.n_paid = 0;
		node.newest = 3;
		waiting = begin_at(3);
		node.newest = 4;
		request = json_pack("{s:O, s:o}", "id",
			json_object_get(waiting, "id"), "result", payment(4));
		text = json_dumps(request, 0);
		json_decref(request);
		json_decref(waiting);

		(void)send(node_fd, text, strlen(text), 0);
		fail_nth(n);
		node_run();
		failed = fail_end();
		free(text);
		/* Some break the connection, some what is done with it. */
		if (!owner.following) {
			fake_time_pass(500);
			node_run();
			node_accept_again();
		}
		json_decref(serve());
		assert_paid(1, 4);
		end(NULL);
		memset(fake_timers, 0, sizeof(fake_timers));
	}
	cr_assert_gt(n, 20);
}
