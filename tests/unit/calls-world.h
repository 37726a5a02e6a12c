/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What offers and refunds live in: a node that is asked through calls.h and
 * answers when a test lets it, a plugin that writes down what it is to say,
 * a clock, and power that fails at a named point.
 */

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/stat.h>

#include "cars-world.h"
#include "fake-time.h"
#include "node/calls.h"
#include "node/mark.h"
#include "node/node.h"
#include "util/point.h"

enum {
	WALL_S = 1800000000,
};

/* --- clock ---------------------------------------------------------------- */

int64_t clock_wall_s(void)
{
	return WALL_S + (int64_t)(clock_boottime_ms() / 1000);
}

bool clock_wall_is_set(void)
{
	return true;
}

/* --- power ---------------------------------------------------------------- */

static const char *fails_at;
static jmp_buf power;

void point(const char *name)
{
	if (fails_at != NULL && strcmp(name, fails_at) == 0) {
		fails_at = NULL;
		longjmp(power, 1);
	}
}

/* --- memory --------------------------------------------------------------- */

/* Told when the code under test runs: it may run short of memory then. */
static void (*on_our_code)(bool runs);

static inline void enter(bool runs)
{
	if (on_our_code != NULL)
		on_our_code(runs);
}

/* --- calls ---------------------------------------------------------------- */

struct call {
	struct call *next;
	const struct calls *line;
	char method[32];
	json_t *params;
	json_t *filter;
	rpc_handler_t handler; /* NULL: dropped */
	void *userdata;
};

static struct call *calls_first;
static bool calls_are_full;

int calls_make_filtered(struct calls *calls, const char *method, json_t *params,
	json_t *filter, uint64_t timeout_ms, rpc_handler_t handler,
	void *userdata, struct call **ret_call)
{
	struct call *call, **end = &calls_first;

	cr_assert_gt(timeout_ms, 0);
	if (calls_are_full) {
		json_decref(params);
		json_decref(filter);
		return RPC_E_FULL;
	}
	call = params == NULL ? NULL : calloc(1, sizeof(*call));
	if (call == NULL) {
		json_decref(params);
		json_decref(filter);
		return -ENOMEM;
	}
	*call = (struct call){ .line = calls,
		.params = params,
		.filter = filter,
		.handler = handler,
		.userdata = userdata };
	(void)snprintf(call->method, sizeof(call->method), "%s", method);
	while (*end != NULL)
		end = &(*end)->next;
	*end = call;
	if (ret_call != NULL)
		*ret_call = call;
	return 0;
}

int calls_make(struct calls *calls, const char *method, json_t *params,
	uint64_t timeout_ms, rpc_handler_t handler, void *userdata,
	struct call **ret_call)
{
	return calls_make_filtered(calls, method, params, NULL, timeout_ms,
		handler, userdata, ret_call);
}

struct call *call_drop(struct call *call)
{
	if (call != NULL)
		call->handler = NULL;
	return NULL;
}

static inline size_t count_calls(const char *method)
{
	size_t n = 0;

	for (const struct call *call = calls_first; call != NULL;
		call = call->next)
		n += call->handler != NULL &&
		     (method == NULL || strcmp(call->method, method) == 0);
	return n;
}

static inline const char *get_param(const struct call *call, const char *name)
{
	const char *text =
		json_string_value(json_object_get(call->params, name));

	cr_assert_not_null(text, "no %s", name);
	return text;
}

/* --- plugin --------------------------------------------------------------- */

struct plugin_request {
	int n_answers;
	int code; /* 0: answered with a result */
	char message[512];
	json_t *result;
};

static char last_log[512];
static unsigned int n_changed, n_offers_changed;
static char held_offer[CAR_HASH_SIZE];

void plugin_answer(struct plugin_request *request, json_t *result)
{
	request->n_answers++;
	request->code = result == NULL ? -32603 : 0;
	request->result = result;
}

void plugin_refuse(
	struct plugin_request *request, int code, const char *format, ...)
{
	va_list args;

	cr_assert_neq(code, 0);
	request->n_answers++;
	request->code = code;
	va_start(args, format);
	(void)vsnprintf(
		request->message, sizeof(request->message), format, args);
	va_end(args);
}

void plugin_log(
	struct plugin *plugin, enum plugin_level level, const char *format, ...)
{
	va_list args;

	(void)plugin;
	(void)level;
	va_start(args, format);
	(void)vsnprintf(last_log, sizeof(last_log), format, args);
	va_end(args);
}

void node_car_changed(struct node *node, struct car_entry *car)
{
	(void)node;
	cr_assert_not_null(car);
	n_changed++;
}

void node_offers_changed(struct node *node, struct car_entry *car)
{
	(void)node;
	cr_assert_not_null(car);
	n_offers_changed++;
}

bool node_holds_offer(const struct node *node, const char *offer_id)
{
	(void)node;
	return strcmp(offer_id, held_offer) == 0;
}

/* --- node ----------------------------------------------------------------- */

static struct node node;
static sd_event *loop;

/* Runs the loop until nothing is left to do. */
static inline void run_loop(void)
{
	int r;

	do {
		enter(true);
		r = sd_event_run(loop, 0);
		enter(false);
		cr_assert_geq(r, 0);
	} while (r > 0);
}

static inline void world_begin(void)
{
	cars_begin();
	cr_assert_eq(mkdirat(cars_fd, "marks", 0700), 0);
	cr_assert_geq(sd_event_new(&loop), 0);
	node = (struct node){ .event = loop,
		.cars = cars,
		.state = { .fd = -1, .cars_fd = cars_fd, .marks_fd = -1 },
		.started_ms = clock_boottime_ms(),
		.refund_daily_sat = 10000,
		.calls = (struct calls *)&node.calls,
		.lookups = (struct calls *)&node.lookups };
	node.state.marks_fd =
		openat(cars_fd, "marks", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cr_assert_geq(node.state.marks_fd, 0);
}

/* Forgets all that is on its way, as a process that ends does. */
static inline void drop_calls(void)
{
	while (calls_first != NULL) {
		struct call *call = calls_first;

		calls_first = call->next;
		json_decref(call->params);
		json_decref(call->filter);
		free(call);
	}
}

static inline void world_end(void)
{
	drop_calls();
	fd_closep(&node.state.marks_fd);
	loop = sd_event_unref(loop);
	fake_time_forget();
	cars_end();
}

/* The next that was not dropped, taken from the line; NULL: none. */
static inline struct call *take_call(void)
{
	while (calls_first != NULL) {
		struct call *call = calls_first;

		calls_first = call->next;
		if (call->handler != NULL)
			return call;
		json_decref(call->params);
		json_decref(call->filter);
		free(call);
	}
	return NULL;
}

/* Answers @call and frees it; @result is taken over. */
static inline void answer_call(
	struct call *call, int status, json_t *result, int code)
{
	struct rpc_answer answer = { .status = status,
		.result = result,
		.code = code,
		.message = status == RPC_E_NODE ? "the node says no" : NULL };
	static json_t *answered;
	rpc_handler_t handler = call->handler;
	void *userdata = call->userdata;

	/* The handler may not come back. */
	json_decref(answered);
	answered = result;
	json_decref(call->params);
	json_decref(call->filter);
	free(call);
	enter(true);
	handler(userdata, &answer);
	enter(false);
	json_decref(answered);
	answered = NULL;
}
