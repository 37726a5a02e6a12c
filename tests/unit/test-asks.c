/* SPDX-License-Identifier: MIT */

/* Takes, verdicts and refunds: what is asked of the plugin for one payment. */

#include "lightning/asks.h"

#include "holds-world.h"

enum {
	SENT_MAX = 8, /* at a time */
};

static const char *hash(unsigned int n)
{
	static char text[INVOICES_HASH_SIZE];

	(void)snprintf(text, sizeof(text), "%064x", n);
	return text;
}

static void answer_left(json_t *request, json_t *left)
{
	node_answer(request, "result", json_pack("{s:o}", "left_ms", left));
}

static void answer_state(json_t *request, const char *state)
{
	node_answer(request, "result",
		json_pack("{s:s, s:s}", "mark", "settle", "state", state));
}

TEST(asks, what_is_left_is_counted_from_the_question)
{
	json_t *waiting = begin_polling(), *request;
	uint64_t asked_ms = fake_now_ms;

	cr_assert_eq(holds_take(holds, HASH("01"), true), 0);
	request = take("1sat2flash-take");
	cr_assert_str_eq(text_param(request, "car"), "roadster");
	cr_assert_str_eq(
		text_param(request, "boot"), text_param(waiting, "boot"));
	cr_assert_str_eq(text_param(request, "payment_hash"), HASH("01"));
	cr_assert(json_is_true(param(request, "keeps")));
	fake_time_pass(1500);
	answer_left(request, json_integer(50000));
	cr_assert_eq(told.n_taken, 1);
	cr_assert_str_eq(told.taken, "01");
	cr_assert_eq(told.until_ms, asked_ms + 50000);

	cr_assert_eq(holds_take(holds, HASH("02"), false), 0);
	request = take("1sat2flash-take");
	cr_assert(json_is_false(param(request, "keeps")));
	json_decref(request);
	end(waiting);
}

TEST(asks, what_nobody_knows_is_not_held)
{
	static const char *const left[] = { "0", "-1", "null", "\"9\"", "1.5",
		"true" };
	json_t *waiting = begin_polling();

	for (size_t i = 0; i < ARRAY_SIZE(left); i++) {
		told.until_ms = 1;
		cr_assert_eq(holds_take(holds, HASH("01"), false), 0);
		answer_left(take("1sat2flash-take"),
			json_loads(left[i], JSON_DECODE_ANY, NULL));
		cr_assert_eq(told.until_ms, 0, "%s", left[i]);
	}
	told.until_ms = 1;
	cr_assert_eq(holds_take(holds, HASH("01"), false), 0);
	node_answer(take("1sat2flash-take"), "result", json_array());
	cr_assert_eq(told.until_ms, 0);
	told.until_ms = 1;
	cr_assert_eq(holds_take(holds, HASH("01"), false), 0);
	node_answer_error(take("1sat2flash-take"), 2103, "it is not held");
	cr_assert_eq(told.until_ms, 0);
	cr_assert_eq(told.n_taken, 8);
	/* As far as 64 bits reach: it is bounded by who is told. */
	cr_assert_eq(holds_take(holds, HASH("01"), false), 0);
	answer_left(take("1sat2flash-take"), json_integer(INT64_MAX));
	cr_assert_gt(told.until_ms, (uint64_t)INT64_MAX);
	end(waiting);
}

TEST(asks, verdicts_say_what_the_car_did)
{
	static const struct {
		const char *text;
		enum holds_state state;
	} states[] = {
		{ "pending", HOLDS_PENDING },
		{ "paid", HOLDS_PAID },
		{ "unpaid", HOLDS_UNPAID },
	};
	json_t *waiting = begin_polling(), *request;

	for (size_t i = 0; i < ARRAY_SIZE(states); i++) {
		cr_assert_eq(holds_decide(holds, HASH("0a"), i == 1,
				     i == 1 ? "confirmed" : "refused",
				     "the car drives"),
			0);
		request = take("1sat2flash-done");
		cr_assert_str_eq(text_param(request, "car"), "roadster");
		cr_assert_str_eq(
			text_param(request, "payment_hash"), HASH("0a"));
		cr_assert_str_eq(text_param(request, "verdict"),
			i == 1 ? "settle" : "return");
		cr_assert_str_eq(text_param(request, "outcome"),
			i == 1 ? "confirmed" : "refused");
		cr_assert_str_eq(text_param(request, "why"), "the car drives");
		answer_state(request, states[i].text);
		cr_assert_eq(told.n_decided, (int)i + 1);
		cr_assert_eq(told.state, states[i].state);
	}
	end(waiting);
}

TEST(asks, verdict_that_was_not_understood_is_to_be_given_again)
{
	json_t *waiting = begin_polling();

	cr_assert_eq(holds_decide(holds, HASH("01"), true, "", ""), 0);
	node_answer_error(take("1sat2flash-done"), -32602, "no");
	cr_assert_eq(holds_decide(holds, HASH("01"), true, "", ""), 0);
	answer_state(take("1sat2flash-done"), "perhaps");
	cr_assert_eq(holds_decide(holds, HASH("01"), true, "", ""), 0);
	node_answer(take("1sat2flash-done"), "result",
		json_pack("{s:i}", "state", 1));
	cr_assert_eq(told.n_decided, 0);
	end(waiting);
}

TEST(asks, refund_of_all_or_a_part)
{
	json_t *waiting = begin_polling(), *request;

	cr_assert_eq(holds_refund(holds, HASH("01"), 0), 0);
	request = take("1sat2flash-refund");
	cr_assert_str_eq(text_param(request, "car"), "roadster");
	cr_assert_str_eq(text_param(request, "payment_hash"), HASH("01"));
	cr_assert_null(json_object_get(
		json_object_get(request, "params"), "amount_msat"));
	node_answer(request, "result",
		json_pack("{s:s, s:i}", "state", "paid", "amount_msat", 990));
	cr_assert_eq(told.n_refunded, 1);
	cr_assert_eq(told.status, 0);
	cr_assert_eq(told.msat, 990);
	cr_assert_str_eq(told.refund_why, "");

	cr_assert_eq(holds_refund(holds, HASH("02"), 50000000), 0);
	request = take("1sat2flash-refund");
	cr_assert_eq(number_param(request, "amount_msat"), 50000000);
	/* What was paid is a figure for the log only. */
	node_answer(request, "result", json_pack("{s:s}", "state", "paid"));
	cr_assert_eq(told.n_refunded, 2);
	cr_assert_eq(told.status, 0);
	cr_assert_eq(told.msat, 0);
	cr_assert_str_eq(told.refunded, "01 02");
	end(waiting);
}

TEST(asks, refund_that_was_refused_says_why)
{
	static const struct {
		int code, status;
	} cases[] = {
		{ 2110, HOLDS_E_REFUSED },
		{ 2111, HOLDS_E_REFUSED },
		{ 2112, HOLDS_E_REFUSED },
		{ 2113, HOLDS_E_RETURNED },
		{ 2114, HOLDS_E_REFUSED },
		{ 2115, HOLDS_E_REFUSED },
		/* It may have been paid, or will be. */
		{ 2116, HOLDS_E_UNKNOWN },
		{ -4, HOLDS_E_UNKNOWN },
		{ -32601, HOLDS_E_UNKNOWN },
		{ 2118, HOLDS_E_UNKNOWN },
		{ 0, HOLDS_E_UNKNOWN },
		{ 2117, HOLDS_E_REFUSED },
		{ -32602, HOLDS_E_REFUSED },
	};
	json_t *waiting = begin_polling();

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cr_assert_eq(holds_refund(holds, HASH("01"), 0), 0);
		node_answer_error(
			take("1sat2flash-refund"), cases[i].code, "because");
		cr_assert_eq(told.n_refunded, (int)i + 1);
		cr_assert_eq(told.status, cases[i].status, "%d", cases[i].code);
		cr_assert_str_eq(told.refund_why, "because");
	}
	end(waiting);
}

/* Whoever answers so has perhaps paid: nobody knows. */
TEST(asks, refund_that_is_not_understood_is_unknown)
{
	static const char *const states[] = { "\"pending\"", "1", "null" };
	json_t *waiting = begin_polling();

	for (size_t i = 0; i < ARRAY_SIZE(states); i++) {
		cr_assert_eq(holds_refund(holds, HASH("01"), 0), 0);
		node_answer(take("1sat2flash-refund"), "result",
			json_pack("{s:o}", "state",
				json_loads(states[i], JSON_DECODE_ANY, NULL)));
		cr_assert_eq(told.status, HOLDS_E_UNKNOWN);
		cr_assert_eq(told.msat, 0);
		cr_assert_str_neq(told.refund_why, "");
	}
	end(waiting);
}

TEST(asks, the_same_is_not_asked_twice)
{
	json_t *waiting = begin_polling(), *request;

	for (int i = 0; i < 3; i++) {
		cr_assert_eq(holds_take(holds, HASH("01"), true), 0);
		cr_assert_eq(holds_refund(holds, HASH("01"), 0), 0);
		cr_assert_eq(
			holds_decide(holds, HASH("01"), true, "confirmed", ""),
			0);
	}
	request = take("1sat2flash-take");
	json_decref(take("1sat2flash-refund"));
	json_decref(take("1sat2flash-done"));
	nothing_asked();
	answer_left(request, json_integer(1));
	cr_assert_eq(told.n_taken, 1);
	cr_assert_eq(holds_take(holds, HASH("01"), true), 0);
	json_decref(take("1sat2flash-take"));
	end(waiting);
}

TEST(asks, first_come_first_sent_and_some_at_a_time)
{
	json_t *waiting = begin_polling(), *out[SENT_MAX];

	for (unsigned int i = 0; i < 20; i++)
		cr_assert_eq(
			holds_decide(holds, hash(i), false, "refused", ""), 0);
	for (unsigned int i = 0; i < SENT_MAX; i++) {
		out[i] = take("1sat2flash-done");
		cr_assert_str_eq(text_param(out[i], "payment_hash"), hash(i));
	}
	nothing_asked();
	/* Answered in any order, the next one in line goes out. */
	for (unsigned int i = 0; i < 12; i++) {
		unsigned int at = (7 * i + 3) % SENT_MAX;

		answer_state(out[at], "unpaid");
		out[at] = take("1sat2flash-done");
		cr_assert_str_eq(text_param(out[at], "payment_hash"),
			hash(SENT_MAX + i));
		nothing_asked();
	}
	for (unsigned int i = 0; i < SENT_MAX; i++)
		answer_state(out[i], "unpaid");
	nothing_asked();
	cr_assert_eq(told.n_decided, 20);
	/* The line's other places are free for polls. */
	holds_set_open(holds, 1);
	json_decref(take("1sat2flash-poll"));
	end(waiting);
}

TEST(asks, too_many_are_not_taken)
{
	json_t *waiting = begin_polling();

	for (unsigned int i = 0; i < HOLDS_ASKS_MAX; i++)
		cr_assert_eq(holds_take(holds, hash(i), false), 0);
	cr_assert_eq(
		holds_take(holds, hash(HOLDS_ASKS_MAX), false), HOLDS_E_FULL);
	cr_assert_eq(holds_decide(holds, hash(0), false, "", ""), HOLDS_E_FULL);
	cr_assert_eq(holds_refund(holds, hash(0), 0), HOLDS_E_FULL);
	/* It is one of those. */
	cr_assert_eq(holds_take(holds, hash(5), false), 0);
	answer_left(take("1sat2flash-take"), json_integer(1));
	cr_assert_eq(holds_take(holds, hash(HOLDS_ASKS_MAX), false), 0);
	end(waiting);
}

TEST(asks, verdicts_leave_room_for_takes)
{
	json_t *waiting = begin_polling();

	for (unsigned int i = 0; i < HOLDS_VERDICTS_MAX; i++)
		cr_assert_eq(holds_decide(holds, hash(i), false, "", ""), 0);
	cr_assert_eq(
		holds_decide(holds, hash(HOLDS_VERDICTS_MAX), false, "", ""),
		HOLDS_E_FULL);
	cr_assert_eq(
		holds_refund(holds, hash(HOLDS_VERDICTS_MAX), 0), HOLDS_E_FULL);
	for (unsigned int i = HOLDS_VERDICTS_MAX; i < HOLDS_ASKS_MAX; i++)
		cr_assert_eq(holds_take(holds, hash(i), false), 0);
	end(waiting);
}

TEST(asks, a_lost_line_answers_what_was_asked)
{
	json_t *waiting = begin_polling();

	told.until_ms = 1;
	for (unsigned int i = 0; i < 10; i++)
		cr_assert_eq(holds_take(holds, hash(i), false), 0);
	cr_assert_eq(holds_decide(holds, hash(10), true, "", ""), 0);
	cr_assert_eq(holds_refund(holds, hash(11), 0), 0);
	json_decref(waiting);
	reconnect();
	cr_assert_eq(told.n_taken, 10);
	cr_assert_str_eq(told.taken, "00 01 02 03 04 05 06 07 08 09");
	cr_assert_eq(told.until_ms, 0);
	cr_assert_eq(told.n_decided, 0);
	cr_assert_eq(told.n_refunded, 1);
	cr_assert_eq(told.status, HOLDS_E_UNKNOWN);
	cr_assert_str_neq(told.refund_why, "");
	answer_registered(take("1sat2flash-register"));
	waiting = take("1sat2flash-poll");
	nothing_asked();
	end(waiting);
}

TEST(asks, what_is_asked_without_a_line_waits_for_it)
{
	json_t *request;

	node_init();
	node_listen();
	join();
	cr_assert_eq(holds_decide(holds, HASH("01"), true, "confirmed", ""), 0);
	cr_assert_eq(holds_refund(holds, HASH("02"), 0), 0);
	node_accept();
	json_decref(take("getinfo"));
	request = take("1sat2flash-done");
	cr_assert_str_eq(text_param(request, "payment_hash"), HASH("01"));
	json_decref(request);
	json_decref(take("1sat2flash-refund"));
	nothing_asked();
	end(NULL);
}

/* A take counts for who has registered: that comes first. */
TEST(asks, take_goes_behind_the_registration)
{
	json_t *waiting = begin_polling();

	json_decref(waiting);
	node_close();
	node_run();
	cr_assert_eq(holds_take(holds, HASH("01"), true), 0);
	fake_time_pass(60 * 1000);
	node_accept();
	json_decref(take("1sat2flash-register"));
	answer_left(take("1sat2flash-take"), json_integer(7));
	cr_assert_eq(told.until_ms, fake_now_ms + 7);
	end(NULL);
}

static void ask_more(const char *payment_hash)
{
	cr_assert_eq(
		holds_decide(holds, payment_hash, false, "refused", ""), 0);
}

TEST(asks, who_is_told_may_ask_more)
{
	json_t *waiting = begin_polling();

	on_told = ask_more;
	cr_assert_eq(holds_take(holds, HASH("01"), false), 0);
	node_answer_error(take("1sat2flash-take"), 2103, "it is not held");
	answer_state(take("1sat2flash-done"), "unpaid");
	cr_assert_eq(told.n_decided, 1);
	json_decref(take("1sat2flash-done"));
	on_told = NULL;
	end(waiting);
}

/* What is asked while the loss is told waits for the next line. */
TEST(asks, who_is_told_of_a_loss_may_ask_more)
{
	json_t *waiting = begin_polling();

	on_told = ask_more;
	for (unsigned int i = 0; i < 10; i++)
		cr_assert_eq(holds_take(holds, hash(i), false), 0);
	json_decref(waiting);
	reconnect();
	on_told = NULL;
	cr_assert_eq(told.n_taken, 10);
	answer_registered(take("1sat2flash-register"));
	json_decref(take("1sat2flash-poll"));
	end(NULL);
}
