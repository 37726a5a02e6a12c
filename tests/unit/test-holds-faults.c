/* SPDX-License-Identifier: MIT */

/* Without memory, or left in the middle of everything. */

#include "holds-world.h"
#include "json-faults.h"

TEST(holds_faults, no_memory_to_begin_leaves_nothing)
{
	int r = -ENOMEM;
	int n;

	node_init();
	cr_assert_eq(rpc_new(node_event, &node_line, NULL, NULL, &rpc), 0);
	for (n = 0; r != 0; n++) {
		fail_nth(n);
		r = holds_new(node_event, rpc, &config, &ops, NULL, &holds);
		cr_assert_eq(fail_end(), r != 0);
		cr_assert(r == 0 || r == -ENOMEM);
	}
	cr_assert_gt(n, 1);
	cr_assert_null(holds_free(NULL));
	end(NULL);
}

TEST(holds_faults, there_is_room_for_two_on_a_line)
{
	struct holds *other = NULL, *third = NULL;

	node_init();
	node_listen();
	join();
	cr_assert_eq(
		holds_new(node_event, rpc, &config, &ops, NULL, &other), 0);
	cr_assert_lt(
		holds_new(node_event, rpc, &config, &ops, NULL, &third), 0);
	cr_assert_null(third);
	node_accept();
	/* What it has asked is answered, and nobody minds. */
	other = holds_free(other);
	answer_info(take("getinfo"));
	answer_info(take("getinfo"));
	cr_assert(rpc_is_up(rpc));
	end(take("1sat2flash-register"));
}

/* Serves what is asked until a poll waits, which the caller owns. */
static json_t *serve(void)
{
	for (int i = 0; i < 60; i++) {
		json_t *request = node_take();
		const char *method;

		if (request == NULL) {
			/*
			 * Back-offs; and jansson may have sent less than all,
			 * to which there is no answer.
			 */
			fake_time_pass(1000);
			node_run();
			node_accept_again();
			continue;
		}
		method = json_string_value(json_object_get(request, "method"));
		if (strcmp(method, "getinfo") == 0)
			answer_info(request);
		else if (strcmp(method, "1sat2flash-register") == 0)
			answer_registered(request);
		else if (strcmp(method, "1sat2flash-poll") == 0)
			return request;
		else if (strcmp(method, "1sat2flash-take") == 0)
			node_answer(request, "result",
				json_pack("{s:i}", "left_ms", 50000));
		else if (strcmp(method, "1sat2flash-done") == 0)
			node_answer(request, "result",
				json_pack("{s:s}", "state", "paid"));
		else
			cr_assert_fail("asked: %s", method);
	}
	cr_assert_fail("no poll comes");
	return NULL;
}

/* Answers @request with @result, which both end here, and fails at @n. */
static bool answer_without_memory(json_t *request, json_t *result, int n)
{
	json_t *answer = json_pack("{s:O, s:o}", "id",
		json_object_get(request, "id"), "result", result);
	char *text = json_dumps(answer, 0);

	json_decref(answer);
	json_decref(request);
	(void)send(node_fd, text, strlen(text), 0);
	fail_nth(n);
	node_run();
	free(text);
	return fail_end();
}

/* Whichever allocation fails on the way up, the first poll comes. */
TEST(holds_faults, no_memory_to_register_is_made_up_for)
{
	struct holds_owed owed = { .payment_hash = HASH("01"), .msat = 1 };
	bool failed = true;
	int n;

	for (n = 0; failed; n++) {
		json_t *waiting;

		node_init();
		node_listen();
		join();
		holds_set_open(holds, 7);
		holds_set_owed(holds, &owed, 1);
		node_accept();
		failed = answer_without_memory(
			take("getinfo"), json_pack("{s:s}", "id", ID_A), n);
		waiting = serve();
		cr_assert_str_eq(
			names_param(waiting, "open"), "flash open rent");
		cr_assert(told.following);
		end(waiting);
	}
	cr_assert_gt(n, 20);
}

/*
 * The same on the way to the next poll.  Where jansson drops a letter for want
 * of memory, the payment cannot be read, and its time runs out.
 */
TEST(holds_faults, no_memory_for_what_is_held_makes_nothing_else_of_it)
{
	bool failed = true;
	int n, n_left_out = 0;

	for (n = 0; failed; n++) {
		json_t *waiting = begin_polling(), *held;

		held = json_pack("[{s:s, s:s, s:i, s:i, s:s}]", "payment_hash",
			HASH("01"), "label", "l", "msat", 1, "age_ms", 0,
			"description", "d");
		failed = answer_without_memory(waiting,
			poll_with(waiting, "holds", json_incref(held)), n);
		waiting = serve();
		/* Not acknowledged, so it is delivered once more. */
		if (number_param(waiting, "got") == 0) {
			node_answer(waiting, "result",
				poll_with(waiting, "holds", json_incref(held)));
			waiting = serve();
		}
		n_left_out += told.n_held == 0;
		cr_assert_leq(told.n_held, 2);
		if (told.n_held > 0)
			cr_assert_str_eq(told.hash, HASH("01"));
		json_decref(held);
		end(waiting);
		forget_told();
	}
	cr_assert_gt(n, 20);
	cr_assert_leq(n_left_out, 2);
}

/*
 * Whichever fails, what is asked is answered, or was not taken: and never is
 * more given back than was said.
 */
TEST(holds_faults, no_memory_to_ask_is_made_up_for)
{
	bool failed = true;
	int n;

	for (n = 0; failed; n++) {
		json_t *waiting = begin_polling(), *request;
		bool is_full;

		fail_nth(n);
		is_full =
			holds_refund(holds, HASH("01"), 50000) == HOLDS_E_FULL;
		failed = fail_end();
		if (is_full)
			cr_assert_eq(holds_refund(holds, HASH("01"), 50000), 0);
		/* What could not be sent is sent with the next. */
		cr_assert_eq(holds_take(holds, HASH("02"), true), 0);
		request = take("1sat2flash-refund");
		cr_assert_eq(number_param(request, "amount_msat"), 50000,
			"at %d", n);
		json_decref(request);
		json_decref(take("1sat2flash-take"));
		end(waiting);
	}
	cr_assert_gt(n, 8);
}

TEST(holds_faults, may_be_left_at_any_moment)
{
	for (int at = 0; at < 6; at++) {
		json_t *waiting = NULL;

		node_init();
		node_listen();
		join();
		if (at > 0)
			node_accept();
		if (at > 1)
			answer_info(take("getinfo"));
		if (at > 2)
			answer_registered(take("1sat2flash-register"));
		if (at > 3)
			holds_set_open(holds, 1);
		if (at > 4)
			waiting = take("1sat2flash-poll");
		for (unsigned int i = 0; i < 12; i++) {
			char hash[INVOICES_HASH_SIZE];

			(void)snprintf(hash, sizeof(hash), "%064x", i);
			cr_assert_eq(holds_take(holds, hash, false), 0);
		}
		holds = holds_free(holds);
		/* All that is out is answered later, to nobody. */
		if (waiting != NULL)
			answer_poll(waiting);
		while (at > 0 && (waiting = node_take()) != NULL)
			node_answer(waiting, "result", json_object());
		cr_assert_eq(at > 0, rpc_is_up(rpc));
		cr_assert_eq(told.n_taken, 0);
		end(NULL);
	}
}
