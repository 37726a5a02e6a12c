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
		{ 1, 9994, 9993 },
		{ 1, 1, 0 },
		{ 1, 2, 1 },
		{ 1, 10001, 10000 },
		{ 777, 9324, 8547 },
		{ 777, 9325, 9324 },
	};

	node.newest = 10000;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t n = (10000 - cases[i].position) / cases[i].gap;

		node.gap = cases[i].gap;
		owner.since_s = PAID_AT_S + (int64_t)cases[i].since;
		owner.n_paid = owner.n_begun = 0;
		owner.position = 7;
		begin();
		end(serve());
		cr_expect_eq(owner.n_begun, 1);
		cr_expect_eq(owner.n_paid, (int)n);
		cr_expect_eq(owner.position, 10000 / node.gap * node.gap);
	}
}

/* A shop's description of megabytes stops nobody who pays after it. */
TEST(invoices, what_is_too_long_is_asked_for_without_its_texts)
{
	json_t *waiting = begin_at(3), *huge = payment(4), *request, *filter;
	char *text = calloc(1, 2 * STREAM_OBJECT_MAX);

	cr_assert_not_null(text);
	memset(text, 'x', 2 * STREAM_OBJECT_MAX - 1);
	(void)json_object_set_new(huge, "description", json_string(text));
	free(text);
	cr_assert_null(json_object_get(waiting, "filter"));
	node_answer(waiting, "result", huge);
	node_run();
	assert_complaint("more than 1 MiB");
	node_close();
	fake_time_pass(60 * 1000);
	node_accept();

	answer_info(node_take());
	request = node_take();
	filter = json_object_get(request, "filter");
	cr_assert(json_is_true(json_object_get(filter, "local_offer_id")));
	cr_assert_null(json_object_get(filter, "description"));
	cr_assert_null(json_object_get(filter, "invreq_payer_note"));
	cr_assert_eq(get_param(request, "lastpay_index"), 3);
	node_answer(request, "result", payment(4));
	assert_paid(1, 4);

	/* And only that one. */
	request = node_take();
	cr_assert_null(json_object_get(request, "filter"));
	cr_assert_eq(get_param(request, "lastpay_index"), 4);
	end(request);
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

TEST(invoices, a_full_disk_delivers_again)
{
	json_t *waiting = begin_at(3);

	owner.paid_error = -ENOSPC;
	node_answer(waiting, "result", payment(4));
	for (int i = 0; i < 4; i++) {
		assert_paid(1 + i, 4);
		cr_assert_not(owner.following);
		cr_assert_null(node_take());
		fake_time_pass((uint64_t)500 << i);
		node_run();
	}
	assert_complaint("a payment cannot be stored (No space left on "
			 "device), trying again in 8.0 s");
	cr_assert_eq(invoices_position(inv), 3);

	owner.paid_error = 0;
	fake_time_pass(8000);
	waiting = serve();
	assert_paid(6, 4);
	cr_assert_eq(owner.last.max_age_ms, 500 + 1000 + 2000 + 4000 + 8000);
	cr_assert(owner.following);
	cr_assert_eq(get_param(waiting, "lastpay_index"), 4);
	end(waiting);
}

TEST(invoices, a_break_while_the_disk_is_full_loses_nothing)
{
	json_t *waiting = begin_at(3);

	owner.paid_error = -ENOSPC;
	node.newest = 4;
	node_answer(waiting, "result", payment(4));
	reconnect();
	owner.paid_error = 0;
	waiting = serve();
	assert_paid(2, 4);
	end(waiting);
}

TEST(invoices, a_first_position_that_cannot_be_stored_is_sought_again)
{
	json_t *waiting;

	node.newest = 5;
	owner.begin_error = -EROFS;
	begin();
	cr_assert_null(serve());
	cr_assert_eq(owner.n_begun, 1);
	cr_assert_not(owner.following);
	assert_complaint("position cannot be stored (Read-only file system)");

	owner.begin_error = 0;
	fake_time_pass(500);
	waiting = serve();
	cr_assert_eq(owner.n_begun, 2);
	cr_assert_eq(owner.position, 5);
	cr_assert(owner.following);
	end(waiting);
}

TEST(invoices, a_position_that_cannot_be_read_is_read_again)
{
	json_t *waiting;

	owner.known = -EIO;
	begin();
	cr_assert_null(serve());
	assert_complaint("position cannot be read (Input/output error)");
	owner.known = 1;
	owner.position = 7;
	fake_time_pass(500);
	waiting = serve();
	cr_assert_eq(get_param(waiting, "lastpay_index"), 7);
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

static json_t *unreadable(uint64_t pay_index)
{
	json_t *object = payment(pay_index);

	(void)json_object_del(object, "label");
	return object;
}

TEST(invoices, what_cannot_be_read_twice_is_left_out_and_told)
{
	json_t *waiting = begin_at(3);

	node_answer(waiting, "result", unreadable(4));
	node_run();
	assert_complaint("payment 4 cannot be read (no label), trying again");
	fake_time_pass(500);
	node_accept();
	answer_info(node_take());
	node_answer(node_take(), "result", unreadable(4));
	cr_assert_eq(owner.n_paid, 0);
	assert_complaint("payment 4 cannot be read (no label) and is left out");
	cr_assert(owner.following);
	waiting = serve();
	cr_assert_eq(get_param(waiting, "lastpay_index"), 4);
	node_answer(waiting, "result", payment(5));
	assert_paid(1, 5);
	end(NULL);
}

TEST(invoices, what_can_be_read_the_second_time_is_delivered)
{
	json_t *waiting = begin_at(3);

	node_answer(waiting, "result", unreadable(4));
	node_run();
	fake_time_pass(500);
	node.newest = 4;
	node_accept();
	waiting = serve();
	assert_paid(1, 4);
	end(waiting);
}

TEST(invoices, a_payment_without_index_breaks_the_connection)
{
	json_t *waiting = begin_at(3), *broken = payment(4);

	(void)json_object_del(broken, "pay_index");
	node_answer(waiting, "result", broken);
	node_run();
	cr_assert_eq(owner.n_paid, 0);
	assert_complaint("without pay_index, trying again");
	end(NULL);
}

TEST(invoices, a_list_without_order_has_no_end)
{
	begin();
	answer_info(node_take());
	node_answer(node_take(), "result", payment(5));
	node_answer(node_take(), "result", payment(5));
	node_run();
	cr_assert_eq(owner.n_begun, 0);
	assert_complaint("no order, trying again");
	end(NULL);
}

TEST(invoices, a_node_that_says_no_id_is_left)
{
	static const char *const ids[] = { "", "02aa", ID_A "00", NULL };

	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		strcpy(node_folder + strlen(node_folder) - 6, "XXXXXX");
		owner.complaint[0] = '\0';
		begin();
		node_answer(node_take(), "result",
			json_pack("{s:s*}", "id", ids[i]));
		node_run();
		assert_complaint("no id");
		cr_assert_str_eq(owner.loaded_id, "");
		cr_assert_str_eq(invoices_node_id(inv), "");
		end(NULL);
		memset(fake_timers, 0, sizeof(fake_timers));
	}
}

TEST(invoices, errors_of_the_node_are_tried_again)
{
	json_t *waiting;

	owner.known = 1;
	begin();
	node_answer_error(node_take(), -1, "starting\x1b[2J up");
	assert_complaint("who it is (starting?[2J up), trying again in 500 ms");
	fake_time_pass(500);
	answer_info(node_take());
	node_answer_error(node_take(), -32601, "Unknown command");
	assert_complaint("(Unknown command), trying again in 1.0 s");
	cr_assert_not(owner.following);
	fake_time_pass(1000);
	waiting = serve();
	cr_assert(owner.following);

	/* That worked, so the next delay is short again. */
	node_answer_error(waiting, -1, "oh");
	assert_complaint("trying again in 500 ms");
	end(NULL);
}

TEST(invoices, a_node_that_does_not_wait_is_not_asked_all_the_time)
{
	json_t *waiting = begin_at(3);

	fake_time_pass(10);
	answer_none(waiting);
	cr_assert_null(node_take());
	cr_assert_not(owner.following);
	assert_complaint("does not wait");
	fake_time_pass(500);
	waiting = serve();
	cr_assert(owner.following);
	end(waiting);
}

TEST(invoices, a_node_that_stalls_is_left)
{
	json_t *waiting = begin_at(3);

	fake_time_pass((WAIT_S + 30) * 1000 - 1);
	node_run();
	cr_assert(owner.following);
	fake_time_pass(1);
	node_run();
	cr_assert_not(owner.following);
	assert_complaint("stopped to answer, trying again");
	end(waiting);
}

TEST(invoices, a_close_in_mid_object_is_asked_again)
{
	json_t *waiting = begin_at(3);

	node.newest = 4;
	json_decref(waiting);
	node_send("{\"jsonrpc\":\"2.0\",\"result\":{\"label\":\"la");
	reconnect();
	assert_complaint("hung up without an answer");
	waiting = serve();
	assert_paid(1, 4);
	end(waiting);
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
		cr_assert_eq(invoices_new(node_event, node_address.sun_path,
				     cases[i].max_age_ms, &ops, NULL, &inv),
			0);
		node_accept();
		waiting = serve();
		cr_assert_eq(get_param(waiting, "timeout"), cases[i].wait_s);
		end(waiting);
		memset(fake_timers, 0, sizeof(fake_timers));
	}
}

TEST(invoices, no_socket_is_said_in_plain_words)
{
	node_init();
	cr_assert_eq(invoices_new(node_event, node_address.sun_path, MAX_AGE_MS,
			     &ops, NULL, &inv),
		0);
	cr_assert_str_eq(invoices_node_id(inv), "");
	cr_assert_str_eq(invoices_node_alias(inv), "");
	node_run();
	cr_assert_not(invoices_is_following(inv));
	assert_complaint(node_address.sun_path);
	assert_complaint("is lightningd running?, trying again in 500 ms");
	end(NULL);
}

TEST(invoices, a_path_has_a_bound)
{
	char path[200] = { 0 };
	struct invoices *none = NULL;

	node_init();
	memset(path, 'x', sizeof(path) - 1);
	cr_assert_eq(
		invoices_new(node_event, path, MAX_AGE_MS, &ops, NULL, &none),
		-ENAMETOOLONG);
	cr_assert_null(none);
	cr_assert_null(invoices_free(NULL));
	node_deinit();
}

TEST(invoices, no_memory_to_begin_leaves_nothing)
{
	int r = -ENOMEM;
	int n;

	node_init();
	for (n = 0; r != 0; n++) {
		fail_nth(n);
		r = invoices_new(node_event, node_address.sun_path, MAX_AGE_MS,
			&ops, NULL, &inv);
		cr_assert_eq(fail_end(), r != 0);
		cr_assert(r == 0 || r == -ENOMEM);
	}
	cr_assert_gt(n, 3);
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
