/* SPDX-License-Identifier: MIT */

#include "node/calls.h"

#include "fake-clock.h"
#include "fake-node.h"
#include "faults.h"

static struct calls *calls;
static unsigned int n_down;

static struct seen {
	int n;
	int status;
} seen[64];

static void on_answer(void *userdata, const struct rpc_answer *answer)
{
	struct seen *s = userdata;

	s->n++;
	s->status = answer->status;
}

static void on_down(void *userdata, const char *why)
{
	(void)userdata;
	cr_assert_str_neq(why, "");
	n_down++;
}

static void begin(void)
{
	node_init();
	cr_assert_eq(calls_new(node_event, node_address.sun_path, on_down, NULL,
			     &calls),
		0);
}

static void begin_up(void)
{
	begin();
	node_listen();
	node_accept();
}

static void end(void)
{
	calls = calls_free(calls);
	node_deinit();
}

static struct call *make(size_t i, uint64_t timeout_ms)
{
	struct call *call;

	cr_assert_eq(calls_make(calls, "listinvoices", json_object(),
			     timeout_ms, on_answer, &seen[i], &call),
		0);
	cr_assert_eq(seen[i].n, 0);
	return call;
}

static void pass(uint64_t ms)
{
	fake_clock_set(fake_clock_now() + ms);
	node_run();
}

static size_t count_requests(void)
{
	json_t *request;
	size_t n = 0;

	while ((request = node_take()) != NULL) {
		json_decref(request);
		n++;
	}

	return n;
}

TEST(calls, wait_for_their_turn)
{
	json_t *request;
	size_t n = 0;

	begin_up();
	for (size_t i = 0; i < 40; i++)
		(void)make(i, 5000);
	while ((request = node_take()) != NULL) {
		node_answer(request, "result", json_object());
		n++;
	}
	cr_assert_eq(n, 40);
	for (size_t i = 0; i < 40; i++)
		cr_assert(seen[i].n == 1 && seen[i].status == 0);
	end();
}

TEST(calls, are_so_many_at_a_time)
{
	begin_up();
	for (size_t i = 0; i < 40; i++)
		(void)make(i, 5000);
	cr_assert_eq(count_requests(), RPC_CALLS_MAX);
	end();
}

TEST(calls, wait_for_the_socket)
{
	begin();
	(void)make(0, 5000);
	node_run();
	cr_assert_eq(n_down, 1);
	node_listen();
	pass(500);
	node_accept();
	node_answer(node_take(), "result", json_object());
	cr_assert(seen[0].n == 1 && seen[0].status == 0);
	end();
}

TEST(calls, have_a_deadline_each)
{
	begin_up();
	(void)make(0, 2000);
	(void)make(1, 1000);
	pass(999);
	cr_assert_eq(seen[1].n, 0);
	pass(1);
	cr_assert(seen[1].n == 1 && seen[1].status == RPC_E_LOST);
	cr_assert_eq(seen[0].n, 0);
	pass(1000);
	cr_assert(seen[0].n == 1 && seen[0].status == RPC_E_LOST);
	/* What comes late is heard by nobody. */
	node_answer(node_take(), "result", json_object());
	node_answer(node_take(), "result", json_object());
	cr_assert_eq(seen[0].n + seen[1].n, 2);
	end();
}

TEST(calls, are_lost_with_the_connection)
{
	begin_up();
	for (size_t i = 0; i < 20; i++)
		(void)make(i, 5000);
	cr_assert_eq(count_requests(), RPC_CALLS_MAX);
	node_close();
	node_run();
	for (size_t i = 0; i < 20; i++)
		cr_assert_eq(seen[i].n, i < RPC_CALLS_MAX);
	cr_assert_eq(seen[0].status, RPC_E_LOST);
	pass(500);
	node_accept();
	cr_assert_eq(count_requests(), 4);
	end();
}

TEST(calls, give_up_a_node_that_answers_nothing)
{
	begin_up();
	for (size_t i = 0; i < 8; i++)
		(void)make(i, 1000);
	cr_assert_eq(count_requests(), 8);
	pass(999);
	cr_assert_eq(n_down, 0);
	pass(1);
	cr_assert_eq(n_down, 1);
	for (size_t i = 0; i < 8; i++)
		cr_assert_eq(seen[i].n, 1);
	pass(500);
	node_close();
	node_accept();
	(void)make(9, 1000);
	node_answer(node_take(), "result", json_object());
	cr_assert(seen[9].n == 1 && seen[9].status == 0);
	end();
}

TEST(calls, that_were_dropped_are_not_heard)
{
	struct call *waiting, *flying;

	begin_up();
	flying = make(0, 5000);
	for (size_t i = 1; i < RPC_CALLS_MAX; i++)
		(void)make(i, 5000);
	waiting = make(20, 5000);
	cr_assert_null(call_drop(waiting));
	cr_assert_null(call_drop(flying));
	cr_assert_null(call_drop(NULL));
	node_answer(node_take(), "result", json_object());
	cr_assert_eq(seen[0].n, 0);
	cr_assert_eq(count_requests(), RPC_CALLS_MAX - 1);
	pass(5000);
	cr_assert_eq(seen[20].n, 0);
	cr_assert_eq(seen[1].n, 1);
	end();
}

static void on_again(void *userdata, const struct rpc_answer *answer)
{
	on_answer(userdata, answer);
	(void)make(1, 1000);
}

TEST(calls, may_follow_from_an_answer_or_its_absence)
{
	begin_up();
	cr_assert_eq(calls_make(calls, "a", json_object(), 1000, on_again,
			     &seen[0], NULL),
		0);
	pass(1000);
	cr_assert_eq(seen[0].n, 1);
	pass(1000);
	cr_assert_eq(seen[1].n, 1);
	end();
}

TEST(calls, have_a_bound)
{
	begin();
	for (int i = 0; i < CALLS_MAX; i++)
		cr_assert_eq(calls_make(calls, "a", json_object(), 1000,
				     on_answer, &seen[0], NULL),
			0);
	cr_assert_eq(calls_make(calls, "a", json_object(), 1000, on_answer,
			     &seen[0], NULL),
		RPC_E_FULL);
	pass(1000);
	cr_assert_eq(seen[0].n, CALLS_MAX);
	end();
}

TEST(calls, without_memory_are_not_made)
{
	int r = -ENOMEM;

	begin_up();
	cr_assert_eq(calls_make(calls, "a", NULL, 1000, on_answer, NULL, NULL),
		-ENOMEM);
	for (long n = 0; r != 0; n++) {
		json_t *params = json_object();

		faults_arm(n);
		r = calls_make(
			calls, "a", params, 1000, on_answer, &seen[0], NULL);
		faults_disarm();
		cr_assert(r == 0 || r == -ENOMEM);
	}
	pass(1000);
	cr_assert_eq(seen[0].n, 1);
	end();
}
