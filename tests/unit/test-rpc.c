/* SPDX-License-Identifier: MIT */

#include "lightning/rpc.h"

#include <sys/stat.h>

#include "fake-node.h"
#include "fake-time.h"
#include "json-faults.h"

static unsigned int n_up, n_down;
static char last_why[RPC_WHY_SIZE];

static void on_up(void *userdata)
{
	(void)userdata;
	n_up++;
}

static void on_down(void *userdata, const char *why)
{
	(void)userdata;
	n_down++;
	(void)snprintf(last_why, sizeof(last_why), "%s", why);
}

static const struct rpc_ops ops = { .up = on_up, .down = on_down };

/* What a call was answered with. */
struct seen {
	int n;
	int status;
	int code;
	char text[64];
};

static void on_answer(void *userdata, const struct rpc_answer *answer)
{
	struct seen *seen = userdata;
	const char *text = answer->status == 0
				   ? json_string_value(json_object_get(
					     answer->result, "text"))
				   : answer->message;

	seen->n++;
	seen->status = answer->status;
	seen->code = answer->code;
	(void)snprintf(
		seen->text, sizeof(seen->text), "%s", text == NULL ? "" : text);
}

static struct rpc *rpc;

static void begin(void)
{
	node_init();
	cr_assert_eq(rpc_new(node_event, &node_line, &ops, NULL, &rpc), 0);
}

static void begin_up(void)
{
	begin();
	node_listen();
	node_accept();
	cr_assert(rpc_is_up(rpc));
}

static void end(void)
{
	rpc = rpc_free(rpc);
	node_deinit();
}

static void call(const char *method, struct seen *seen)
{
	cr_assert_eq(rpc_call(rpc, method, json_object(), on_answer, seen), 0);
}

static void assert_method(const json_t *request, const char *method)
{
	cr_assert_not_null(request, "no request, not %s", method);
	cr_assert_str_eq(
		json_string_value(json_object_get(request, "method")), method);
}

static json_t *text(const char *s)
{
	return json_pack("{s:s}", "text", s);
}

/* The connection was given up, and everything was told. */
static void assert_broken_as(
	const struct seen *seen, int status, const char *why)
{
	cr_assert_not(rpc_is_up(rpc));
	cr_assert_eq(n_down, 1);
	cr_assert_not_null(
		strstr(last_why, why), "\"%s\", not %s", last_why, why);
	cr_assert_not_null(strstr(last_why, "trying again in 500 ms"));
	cr_assert_eq(seen->n, 1);
	cr_assert_eq(seen->status, status);
}

static void assert_broken(const struct seen *seen, const char *why)
{
	assert_broken_as(seen, RPC_E_LOST, why);
}

TEST(rpc, a_call_is_answered_with_its_result)
{
	struct seen seen = { 0 };
	json_t *request;

	begin_up();
	cr_assert_eq(n_up, 1);
	call("getinfo", &seen);
	cr_assert_eq(seen.n, 0);
	request = node_take();
	assert_method(request, "getinfo");
	cr_assert_str_eq(json_string_value(json_object_get(request, "id")),
		"1sat2flash:getinfo#1");
	node_answer(request, "result", text("it is me"));
	cr_assert_eq(seen.n, 1);
	cr_assert_eq(seen.status, 0);
	cr_assert_str_eq(seen.text, "it is me");
	cr_assert_eq(n_down, 0);
	end();
}

TEST(rpc, answers_come_in_any_order)
{
	struct seen seen[3] = { 0 };
	json_t *requests[3];

	begin_up();
	for (int i = 0; i < 3; i++)
		call("waitanyinvoice", &seen[i]);
	for (int i = 0; i < 3; i++)
		requests[i] = node_take();
	node_answer(requests[2], "result", text("third"));
	node_answer(requests[0], "result", text("first"));
	node_answer_error(requests[1], 904, "Timed out");
	cr_assert_str_eq(seen[0].text, "first");
	cr_assert_str_eq(seen[1].text, "Timed out");
	cr_assert_eq(seen[1].status, RPC_E_NODE);
	cr_assert_eq(seen[1].code, 904);
	cr_assert_str_eq(seen[2].text, "third");
	end();
}

TEST(rpc, an_answer_may_come_byte_by_byte)
{
	static const char answer[] =
		"{\"id\":\"1sat2flash:getinfo#1\",\"result\":{\"text\":\"x\"}}";
	struct seen seen = { 0 };

	begin_up();
	call("getinfo", &seen);
	json_decref(node_take());
	for (size_t i = 0; i < strlen(answer); i++) {
		cr_assert_eq(seen.n, 0);
		node_send_bytes(answer + i, 1);
	}
	cr_assert_eq(seen.n, 1);
	cr_assert_str_eq(seen.text, "x");
	end();
}

TEST(rpc, notifications_are_passed_over)
{
	struct seen seen = { 0 };
	json_t *request;

	begin_up();
	call("getinfo", &seen);
	request = node_take();
	node_send("{\"jsonrpc\":\"2.0\",\"method\":\"message\",\"params\":{"
		  "\"id\":\"1sat2flash:getinfo#1\",\"message\":\"wait\"}}");
	cr_assert_eq(seen.n, 0);
	node_answer(request, "result", text("done"));
	cr_assert_str_eq(seen.text, "done");
	end();
}

static struct seen chained;

static void call_again(void *userdata, const struct rpc_answer *answer)
{
	on_answer(userdata, answer);
	if (answer->status == 0)
		call("second", &chained);
}

TEST(rpc, a_handler_may_call_again)
{
	struct seen seen = { 0 };
	json_t *request;

	begin_up();
	cr_assert_eq(
		rpc_call(rpc, "first", json_object(), call_again, &seen), 0);
	node_answer(node_take(), "result", text("one"));
	request = node_take();
	assert_method(request, "second");
	node_answer(request, "result", text("two"));
	cr_assert_str_eq(seen.text, "one");
	cr_assert_str_eq(chained.text, "two");
	end();
}

TEST(rpc, calls_have_a_bound)
{
	struct seen seen = { 0 };

	begin_up();
	for (int i = 0; i < RPC_CALLS_MAX; i++)
		call("wait", &seen);
	cr_assert_eq(rpc_call(rpc, "wait", json_object(), on_answer, &seen),
		RPC_E_FULL);
	node_answer(node_take(), "result", text(""));
	call("wait", &seen);
	node_close();
	node_run();
	cr_assert_eq(seen.n, RPC_CALLS_MAX + 1);
	cr_assert_eq(seen.status, RPC_E_LOST);
	end();
}

TEST(rpc, without_a_connection_nothing_is_called)
{
	struct seen seen = { 0 };

	begin();
	cr_assert_eq(rpc_call(rpc, "getinfo", json_object(), on_answer, &seen),
		RPC_E_DOWN);
	rpc_fail(rpc, "it was not there at all");
	node_run();
	cr_assert_eq(n_up, 0);
	cr_assert_eq(n_down, 1);
	cr_assert_not_null(strstr(last_why, node_address.sun_path));
	cr_assert_not_null(
		strstr(last_why, "is not there: lightningd does not run, or "
				 "has it elsewhere, trying again in 500 ms"));
	cr_assert_eq(seen.n, 0);
	end();
}

TEST(rpc, no_memory_for_params_is_an_error)
{
	struct seen seen = { 0 };

	begin_up();
	cr_assert_eq(rpc_call(rpc, "getinfo", NULL, on_answer, &seen), -ENOMEM);
	cr_assert_eq(seen.n, 0);
	end();
}

TEST(rpc, attempts_back_off_to_a_minute)
{
	static const uint64_t delays_ms[] = { 500, 1000, 2000, 4000, 8000,
		16000, 32000, 60000, 60000 };

	begin();
	node_run();
	for (unsigned int i = 0; i < ARRAY_SIZE(delays_ms); i++) {
		cr_assert_eq(n_down, i + 1);
		fake_time_pass(delays_ms[i] - 1);
		node_run();
		cr_assert_eq(n_down, i + 1);
		fake_time_pass(1);
		node_run();
	}
	node_listen();
	fake_time_pass(60000);
	node_accept();
	cr_assert(rpc_is_up(rpc));
	cr_assert_eq(n_up, 1);
	end();
}

TEST(rpc, only_a_connection_that_lasts_ends_the_back_off)
{
	begin_up();
	node_close();
	node_run();
	cr_assert_not_null(strstr(last_why, "the node hung up, trying again "
					    "in 500 ms"));
	fake_time_pass(500);
	node_accept();
	node_close();
	node_run();
	cr_assert_not_null(strstr(last_why, "in 1.0 s"));
	fake_time_pass(1000);
	node_accept();
	fake_time_pass(RPC_BACKOFF_MAX_MS);
	node_close();
	node_run();
	cr_assert_not_null(strstr(last_why, "in 500 ms"));
	cr_assert_eq(n_up, 3);
	cr_assert_eq(n_down, 3);
	end();
}

TEST(rpc, a_socket_nobody_listens_on_is_named)
{
	begin();
	node_listen();
	fd_closep(&node_listen_fd);
	node_run();
	cr_assert_not_null(strstr(last_why, "nobody answers"));
	end();
}

TEST(rpc, what_is_no_socket_is_named)
{
	begin();
	cr_assert_eq(mkdir(node_address.sun_path, 0700), 0);
	node_run();
	cr_assert_eq(n_down, 1);
	cr_assert_eq(rmdir(node_address.sun_path), 0);
	end();
}

TEST(rpc, a_close_in_mid_object_loses_the_calls)
{
	struct seen seen = { 0 };

	begin_up();
	call("getinfo", &seen);
	json_decref(node_take());
	node_send("{\"id\":\"1sat2flash:getinfo#1\",\"result\":{\"te");
	cr_assert_eq(seen.n, 0);
	node_close();
	node_run();
	assert_broken(&seen, "hung up without an answer");
	end();
}

TEST(rpc, after_a_break_it_starts_afresh)
{
	struct seen seen = { 0 }, again = { 0 };
	json_t *request;

	begin_up();
	call("getinfo", &seen);
	json_decref(node_take());
	node_send("{\"half\":");
	node_close();
	node_run();
	fake_time_pass(RPC_BACKOFF_MIN_MS);
	node_accept();
	cr_assert_eq(n_up, 2);
	call("getinfo", &again);
	request = node_take();
	cr_assert_str_eq(json_string_value(json_object_get(request, "id")),
		"1sat2flash:getinfo#2");
	node_answer(request, "result", text("new"));
	cr_assert_str_eq(again.text, "new");
	cr_assert_eq(seen.n, 1);
	end();
}

TEST(rpc, fifty_megabytes_break_the_connection)
{
	static char piece[100 * 1000];
	struct seen seen = { 0 };

	begin_up();
	call("getinfo", &seen);
	json_decref(node_take());
	memset(piece, 'x', sizeof(piece));
	node_send("{\"id\":\"1sat2flash:getinfo#1\",\"result\":{\"text\":\"");
	for (int i = 0; i < 500; i++)
		node_send_bytes(piece, sizeof(piece));
	assert_broken_as(&seen, RPC_E_TOO_BIG, "more than 1 MiB");
	end();
}

TEST(rpc, rubbish_breaks_the_connection)
{
	static const struct {
		const char *sent;
		const char *why;
	} cases[] = {
		{ "HTTP/1.1 400 Bad Request\r\n", "no JSON" },
		{ "{\"a\":1,\"a\":2}", "no JSON" },
		{ "{}", "no answer" },
		{ "{\"id\":1,\"result\":{}}", "no answer" },
		{ "{\"id\":null,\"error\":{\"code\":-32700,\"message\":\"\"}}",
			"no answer" },
		{ "{\"id\":\"1sat2flash:getinfo#2\",\"result\":{}}",
			"nobody made" },
		{ "{\"id\":\"1sat2flash:getinfo#1\"}", "no result" },
		{ "{\"id\":\"1sat2flash:getinfo#1\",\"result\":{},"
		  "\"error\":{\"code\":1,\"message\":\"\"}}",
			"no result" },
		{ "{\"id\":\"1sat2flash:getinfo#1\",\"error\":\"no\"}",
			"no result" },
		{ "{\"id\":\"1sat2flash:getinfo#1\",\"error\":{\"code\":\"1\","
		  "\"message\":\"\"}}",
			"no result" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct seen seen = { 0 };

		strcpy(node_folder + strlen(node_folder) - 6, "XXXXXX");
		n_down = 0;
		begin_up();
		call("getinfo", &seen);
		json_decref(node_take());
		node_send(cases[i].sent);
		assert_broken(&seen, cases[i].why);
		end();
		memset(fake_timers, 0, sizeof(fake_timers));
	}
}

TEST(rpc, an_answer_twice_breaks_the_connection)
{
	static const char answer[] =
		"{\"id\":\"1sat2flash:getinfo#1\",\"result\":{}}";
	struct seen seen = { 0 };

	begin_up();
	call("getinfo", &seen);
	json_decref(node_take());
	node_send(answer);
	cr_assert_eq(n_down, 0);
	node_send(answer);
	cr_assert_eq(n_down, 1);
	cr_assert_eq(seen.n, 1);
	cr_assert_eq(seen.status, 0);
	end();
}

/* What came behind the object that made it fail is not looked at. */
static void fail_on_answer(void *userdata, const struct rpc_answer *answer)
{
	on_answer(userdata, answer);
	rpc_fail(rpc, "the owner is not content");
	cr_assert_not(rpc_is_up(rpc));
	cr_assert_eq(n_down, 0, "a callback from inside a call");
}

TEST(rpc, the_owner_may_fail_the_connection)
{
	struct seen first = { 0 }, second = { 0 };

	begin_up();
	cr_assert_eq(
		rpc_call(rpc, "getinfo", json_object(), fail_on_answer, &first),
		0);
	call("getinfo", &second);
	json_decref(node_take());
	node_send("{\"id\":\"1sat2flash:getinfo#1\",\"result\":{}}"
		  "{\"id\":\"1sat2flash:getinfo#2\",\"result\":{}}");
	node_run();
	cr_assert_eq(first.status, 0);
	assert_broken(&second, "the owner is not content, trying");
	end();
}

TEST(rpc, a_node_that_does_not_read_gets_all_in_the_end)
{
	struct seen seen = { 0 };
	char *big = calloc(1, 512 * 1024 + 1);
	json_t *request;
	size_t n = 0;

	cr_assert_not_null(big);
	memset(big, 'b', 512 * 1024);
	begin_up();
	for (int i = 0; i < 3; i++)
		cr_assert_eq(rpc_call(rpc, "big", json_pack("{s:s}", "a", big),
				     on_answer, &seen),
			0);
	free(big);
	while ((request = node_take()) != NULL || n < 3) {
		if (request == NULL)
			continue;
		n++;
		node_answer(request, "result", text(""));
	}
	cr_assert_eq(n, 3);
	cr_assert_eq(seen.n, 3);
	end();
}

TEST(rpc, a_path_has_a_bound)
{
	char path[sizeof(node_address.sun_path) + 1] = { 0 };
	const struct line_config line = { .rpc_path = path };
	struct rpc *none = NULL;

	node_init();
	memset(path, 'x', sizeof(path) - 1);
	cr_assert_eq(
		rpc_new(node_event, &line, &ops, NULL, &none), -ENAMETOOLONG);
	cr_assert_null(none);
	path[sizeof(path) - 2] = '\0';
	cr_assert_eq(rpc_new(node_event, &line, &ops, NULL, &none), 0);
	none = rpc_free(none);
	cr_assert_null(rpc_free(NULL));
	node_deinit();
}

TEST(rpc, no_memory_to_begin_leaves_nothing)
{
	struct rpc *none = NULL;
	int r = -ENOMEM;
	int n;

	node_init();
	for (n = 0; r != 0; n++) {
		fail_nth(n);
		r = rpc_new(node_event, &node_line, &ops, NULL, &none);
		cr_assert_eq(fail_end(), r != 0);
		cr_assert(r == 0 || r == -ENOMEM);
	}
	cr_assert_gt(n, 2);
	none = rpc_free(none);
	node_deinit();
}

TEST(rpc, no_memory_to_call_sends_nothing)
{
	struct seen seen = { 0 };
	int r = -ENOMEM;
	json_t *request;

	begin_up();
	for (int n = 0; r != 0; n++) {
		json_t *params = json_pack("{s:i}", "n", n);

		fail_nth(n);
		r = rpc_call(rpc, "getinfo", params, on_answer, &seen);
		cr_assert_eq(fail_end(), r != 0);
		cr_assert(r == 0 || r == -ENOMEM);
		if (r != 0)
			cr_assert_null(node_take());
	}
	request = node_take();
	assert_method(request, "getinfo");
	node_answer(request, "result", text("after all"));
	cr_assert_str_eq(seen.text, "after all");
	end();
}

TEST(rpc, no_memory_for_an_answer_breaks_the_connection)
{
	static const char answer[] =
		"{\"id\":\"1sat2flash:getinfo#1\",\"result\":{}}";
	bool failed = true;

	for (int n = 0; failed; n++) {
		struct seen seen = { 0 };

		strcpy(node_folder + strlen(node_folder) - 6, "XXXXXX");
		begin_up();
		call("getinfo", &seen);
		json_decref(node_take());
		/* Not by node_answer(), which allocates too. */
		(void)send(node_fd, answer, sizeof(answer) - 1, 0);
		fail_nth(n);
		node_run();
		failed = fail_end();
		cr_assert_eq(seen.n, 1);
		cr_assert_eq(seen.status, failed ? RPC_E_LOST : 0);
		end();
		memset(fake_timers, 0, sizeof(fake_timers));
	}
}
