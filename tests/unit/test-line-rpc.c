/* SPDX-License-Identifier: MIT */

/* The RPC client over the way to a node elsewhere. */

#include "far-node.h"
#include "lightning/rpc.h"

static struct {
	int n;
	int status;
	int code;
	char down[RPC_WHY_SIZE];
	int n_down;
} call;

static void on_answer(void *userdata, const struct rpc_answer *answer)
{
	(void)userdata;
	call.n++;
	call.status = answer->status;
	call.code = answer->code;
}

static void on_rpc_up(void *userdata)
{
	struct rpc **rpc = userdata;

	cr_assert_eq(rpc_call(*rpc, "waitanyinvoice", json_object(), on_answer,
			     NULL),
		0);
}

static void on_rpc_down(void *userdata, const char *why)
{
	(void)userdata;
	call.n_down++;
	(void)snprintf(call.down, sizeof(call.down), "%s", why);
}

static const struct rpc_ops rpc_ops = { on_rpc_up, on_rpc_down };

static struct rpc *rpc;

/* Up to the call; returns its number. */
static uint64_t begin_call(void)
{
	char request[300];

	far_init();
	memset(&call, 0, sizeof(call));
	cr_assert_eq(rpc_new(far_event, &far_config, &rpc_ops, &rpc, &rpc), 0);
	far_connect();
	return far_take(request, sizeof(request));
}

static void reply(uint64_t number, const char *text)
{
	far_reply(0x594d, number, text, strlen(text));
	far_run();
}

static void end_call(void)
{
	rpc = rpc_free(rpc);
	far_deinit();
}

TEST(line, a_reply_is_known_by_its_number)
{
	uint64_t number = begin_call();

	reply(number,
		"{\"jsonrpc\":\"2.0\",\"id\":\"1sat2flash:waitanyinvoice#1\","
		"\"error\":{\"code\":904,\"message\":\"none\"}}\n\n");
	cr_assert_eq(call.status, RPC_E_NODE);
	cr_assert_eq(call.code, 904);
	cr_assert_eq(call.n_down, 0);
	end_call();
	/* Commando before 23.02, and its own errors still, have no id. */
	number = begin_call();
	reply(number, "{\"result\":{}}");
	cr_assert_eq(call.n, 1);
	cr_assert_eq(call.status, 0);
	end_call();
}

TEST(line, a_rune_that_permits_too_little_ends_it_by_name)
{
	uint64_t number = begin_call();

	reply(number, "{\"error\":{\"code\":19537,\"message\":\"Invalid rune: "
		      "Not permitted: method is not equal to getinfo\"}}");
	cr_assert_eq(call.n, 1);
	cr_assert_eq(call.status, RPC_E_LOST);
	cr_assert_eq(call.n_down, 1);
	cr_assert_not_null(strstr(call.down,
		"does not permit the method waitanyinvoice (method is not "
		"equal to getinfo), trying again in "));
	end_call();
}

TEST(line, a_reply_that_is_not_whole_json_breaks_it)
{
	static const char *const replies[] = { "", "{\"result\":{}", "[]", "x",
		"{\"id\":\"1sat2flash:waitanyinvoice#2\",\"result\":{}}",
		"{\"id\":7,\"result\":{}}" };

	for (size_t i = 0; i < ARRAY_SIZE(replies); i++) {
		uint64_t number = begin_call();

		reply(number, replies[i]);
		cr_assert_eq(call.n, 1, "%s", replies[i]);
		cr_assert_eq(call.status, RPC_E_LOST);
		cr_assert_eq(call.n_down, 1);
		end_call();
	}
}

/* A second of them must not come back at once with all others. */
TEST(line, attempts_are_spread)
{
	(void)begin_call();
	fd_closep(&far_fd);
	peer_deinit();
	far_wait(&call.n_down);
	cr_assert_eq(call.n_down, 1);
	cr_assert_not_null(strstr(call.down, "hung up without an answer"));
	far_pass(249);
	cr_assert_lt(accept(far_listen_fd, NULL, NULL), 0);
	far_pass(251);
	far_connect();
	end_call();
}
