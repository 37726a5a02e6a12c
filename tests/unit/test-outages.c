/* SPDX-License-Identifier: MIT */

/* Invoices, while the owner's disk or the node is in trouble. */

#include "lightning/invoices.h"

#include "invoices-world.h"

TEST(outages, a_full_disk_delivers_again)
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

TEST(outages, a_break_while_the_disk_is_full_loses_nothing)
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

TEST(outages, a_first_position_that_cannot_be_stored_is_sought_again)
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

TEST(outages, a_position_that_cannot_be_read_is_read_again)
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

static json_t *unreadable(uint64_t pay_index)
{
	json_t *object = payment(pay_index);

	(void)json_object_del(object, "label");
	return object;
}

TEST(outages, what_cannot_be_read_twice_is_left_out_and_told)
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

TEST(outages, what_can_be_read_the_second_time_is_delivered)
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

TEST(outages, a_payment_without_index_breaks_the_connection)
{
	json_t *waiting = begin_at(3), *broken = payment(4);

	(void)json_object_del(broken, "pay_index");
	node_answer(waiting, "result", broken);
	node_run();
	cr_assert_eq(owner.n_paid, 0);
	assert_complaint("without pay_index, trying again");
	end(NULL);
}

TEST(outages, a_list_without_order_has_no_end)
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

TEST(outages, a_node_that_says_no_id_is_left)
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

TEST(outages, errors_of_the_node_are_tried_again)
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

TEST(outages, a_node_that_does_not_wait_is_not_asked_all_the_time)
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

TEST(outages, a_node_that_stalls_is_left)
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

TEST(outages, a_close_in_mid_object_is_asked_again)
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

/* A shop's description of megabytes stops nobody who pays after it. */
TEST(outages, what_is_too_long_is_asked_for_without_its_texts)
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

TEST(outages, no_socket_is_said_in_plain_words)
{
	node_init();
	follow(MAX_AGE_MS);
	cr_assert_str_eq(invoices_node_id(inv), "");
	cr_assert_str_eq(invoices_node_alias(inv), "");
	node_run();
	cr_assert_not(invoices_is_following(inv));
	assert_complaint(node_address.sun_path);
	assert_complaint("is not there: lightningd does not run, or has it "
			 "elsewhere, trying again in 500 ms");
	end(NULL);
}
