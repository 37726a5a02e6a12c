/* SPDX-License-Identifier: MIT */

/* Holds whose line stalls, is lost, is full, or is not wanted any more. */

#include "holds-world.h"

TEST(holds_line, a_poll_that_is_never_answered_ends_the_line)
{
	json_t *waiting = begin_polling();

	fake_time_pass(POLL_MS + STALL_MS - 1);
	nothing_asked();
	cr_assert(told.following);
	fake_time_pass(1);
	node_run();
	assert_why("the node's plugin has stopped to answer, trying again in "
		   "500 ms");
	json_decref(waiting);
	reconnect();
	answer_registered(take("1sat2flash-register"));
	end(take("1sat2flash-poll"));
}

TEST(holds_line, whatever_is_never_answered_ends_the_line)
{
	for (int i = 0; i < 2; i++) {
		json_t *waiting;

		begin();
		waiting = take("getinfo");
		if (i == 1) {
			answer_info(waiting);
			waiting = take("1sat2flash-register");
		}
		fake_time_pass(STALL_MS - 1);
		nothing_asked();
		fake_time_pass(1);
		node_run();
		assert_why("the node's plugin has stopped to answer");
		end(waiting);
		forget_told();
	}
}

/* A new registration does not cut short what a poll that is out may take. */
TEST(holds_line, a_poll_has_its_time_though_we_register_meanwhile)
{
	json_t *first = begin_polling(), *second;
	struct holds_owed owed = { .payment_hash = HASH("01"), .msat = 1 };

	holds_set_open(holds, 1);
	second = take("1sat2flash-poll");
	holds_set_owed(holds, &owed, 1);
	answer_poll(first);
	answer_registered(take("1sat2flash-register"));
	nothing_asked();
	fake_time_pass(POLL_MS + STALL_MS - 1);
	node_run();
	cr_assert(told.following);
	answer_poll(second);
	end(take("1sat2flash-poll"));
}

/* While one poll is out, the refusal of another waits its time all the same. */
TEST(holds_line, a_refusal_beside_a_poll_does_not_end_the_line)
{
	json_t *first = begin_polling(), *second;

	holds_set_open(holds, 1);
	second = take("1sat2flash-poll");
	node_answer_error(first, -32602, "no");
	assert_why("refuses: no, trying again in 500 ms");
	fake_time_pass(500);
	answer_registered(take("1sat2flash-register"));
	cr_assert(told.following);
	answer_poll(second);
	end(take("1sat2flash-poll"));
}

TEST(holds_line, after_a_stop_nothing_is_taken_and_verdicts_go_out)
{
	json_t *waiting = begin_polling();
	json_t *last;

	/* The last poll ends soon, and tells that the car is going. */
	holds_stop(holds);
	last = take("1sat2flash-poll");
	cr_assert_eq(timeout_of(last), 1);
	node_answer(waiting, "result",
		poll_with(waiting, "holds",
			json_pack("[{s:s, s:s, s:i, s:i}]", "payment_hash",
				HASH("01"), "label", "l", "msat", 1, "age_ms",
				0)));
	answer_poll(last);
	cr_assert_eq(told.n_held, 0);
	holds_set_open(holds, 1);
	nothing_asked();
	cr_assert_eq(holds_decide(holds, HASH("02"), true, "confirmed", ""), 0);
	node_answer(take("1sat2flash-done"), "result",
		json_pack("{s:s}", "state", "paid"));
	cr_assert_eq(told.n_decided, 1);
	/* Nobody asks, so nobody has stopped to answer. */
	fake_time_pass(10 * 60 * 1000);
	nothing_asked();
	cr_assert(told.following);
	end(NULL);
}

TEST(holds_line, a_line_that_is_lost_is_picked_up)
{
	json_t *waiting = begin_polling();

	holds_set_open(holds, 1);
	node_answer_error(waiting, 2102, "a newer poll has come");
	answer_poll(take("1sat2flash-poll"));
	holds_set_open(holds, 3);
	json_decref(take("1sat2flash-poll"));
	json_decref(take("1sat2flash-poll"));
	reconnect();
	/* The same process as before; serials go on. */
	answer_registered(take("1sat2flash-register"));
	waiting = take("1sat2flash-poll");
	cr_assert_eq(number_param(waiting, "serial"), 5);
	cr_assert_eq(number_param(waiting, "got"), 2);
	cr_assert_str_eq(names_param(waiting, "open"), "flash open");
	nothing_asked();
	/* It was not told of any loss but that of the line. */
	cr_assert_eq(told.n_changed, 3);
	end(waiting);
}

TEST(holds_line, a_line_lost_while_a_refusal_waits_asks_once)
{
	begin();
	answer_info(take("getinfo"));
	node_answer_error(take("1sat2flash-register"), 2100, "no guard");
	reconnect();
	json_decref(take("1sat2flash-register"));
	nothing_asked();
	end(NULL);
}

/* Others may have filled the line with calls of their own. */
static void on_nothing(void *userdata, const struct rpc_answer *answer)
{
	(void)userdata;
	(void)answer;
}

TEST(holds_line, a_line_that_is_full_is_asked_later)
{
	json_t *waiting = begin_polling();

	for (int i = 1; i < RPC_CALLS_MAX; i++)
		cr_assert_eq(
			rpc_call(rpc, "other", json_object(), on_nothing, NULL),
			0);
	holds_set_open(holds, 1);
	assert_why("the node cannot be asked: too much is asked of it already, "
		   "trying again in 500 ms");
	json_decref(waiting);
	for (int i = 1; i < RPC_CALLS_MAX; i++)
		node_answer(take("other"), "result", json_object());
	fake_time_pass(500);
	answer_registered(take("1sat2flash-register"));
	cr_assert(told.following);
	waiting = take("1sat2flash-poll");
	cr_assert_str_eq(names_param(waiting, "open"), "flash");
	end(waiting);
}
