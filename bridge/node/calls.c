/* SPDX-License-Identifier: MIT */

#include "node/calls.h"

#include <string.h>

#include "lightning/line.h"
#include "util/clock.h"

enum {
	/*
	 * Calls that nobody waits for any more, and that lightningd has not
	 * answered: with so many of them it does not answer at all.
	 */
	GIVEN_UP_MAX = RPC_CALLS_MAX / 2,
	TIMER_ACCURACY_US = 10 * 1000,
};

struct call {
	struct calls *calls;
	struct call *previous;
	struct call *next;
	char *method;
	json_t *params; /* NULL once it is in flight */
	json_t *filter; /* NULL: all of the result is wanted */
	uint64_t deadline_ms;
	rpc_handler_t handler; /* NULL: given up */
	void *userdata;
};

struct calls {
	char *path;
	struct line_config line;
	struct rpc *rpc;
	sd_event_source *timer; /* of the next deadline */
	void (*down)(void *userdata, const char *why);
	void *userdata;

	struct call *first; /* in the order in which they were made */
	struct call *last;
	size_t n_calls;
	size_t n_given_up;
};

static void call_free(struct call *call)
{
	struct calls *calls = call->calls;

	if (call->previous != NULL)
		call->previous->next = call->next;
	else
		calls->first = call->next;
	if (call->next != NULL)
		call->next->previous = call->previous;
	else
		calls->last = call->previous;
	calls->n_calls--;
	free(call->method);
	json_decref(call->params);
	json_decref(call->filter);
	free(call);
}

static bool is_in_flight(const struct call *call)
{
	return call->params == NULL;
}

static void arm(struct calls *calls)
{
	uint64_t due_ms = CLOCK_NEVER, now_ms = clock_boottime_ms();

	for (const struct call *call = calls->first; call != NULL;
		call = call->next)
		if (call->handler != NULL)
			due_ms = clock_earlier(due_ms, call->deadline_ms);
	if (due_ms == CLOCK_NEVER) {
		(void)sd_event_source_set_enabled(calls->timer, SD_EVENT_OFF);
		return;
	}
	(void)sd_event_source_set_time_relative(
		calls->timer, due_ms <= now_ms ? 0 : (due_ms - now_ms) * 1000);
	(void)sd_event_source_set_enabled(calls->timer, SD_EVENT_ONESHOT);
}

static void pump(struct calls *calls);

static void on_answer(void *userdata, const struct rpc_answer *answer)
{
	struct call *call = userdata;
	struct calls *calls = call->calls;
	rpc_handler_t handler = call->handler;
	void *owner = call->userdata;

	if (handler == NULL)
		calls->n_given_up--;
	call_free(call);
	if (handler != NULL)
		handler(owner, answer);
	pump(calls);
}

/* Makes those that may be made. */
static void pump(struct calls *calls)
{
	for (struct call *call = calls->first; call != NULL;
		call = call->next) {
		int r;

		if (is_in_flight(call))
			continue;
		r = rpc_call_filtered(calls->rpc, call->method,
			json_incref(call->params), json_incref(call->filter),
			on_answer, call);
		if (r > 0)
			break;
		/* Its handler may run from the loop only: by the timer. */
		if (r < 0) {
			call->deadline_ms = 0;
			continue;
		}
		json_decref(call->params);
		call->params = NULL;
	}

	arm(calls);
}

/* Its owner hears no more of it; in flight, lightningd is to answer still. */
static void give_up(struct call *call)
{
	struct calls *calls = call->calls;

	call->handler = NULL;
	if (!is_in_flight(call)) {
		call_free(call);
		return;
	}
	if (++calls->n_given_up == GIVEN_UP_MAX)
		rpc_fail(calls->rpc, "lightningd does not answer");
}

struct call *call_drop(struct call *call)
{
	if (call != NULL)
		give_up(call);

	return NULL;
}

static struct call *find_due(struct calls *calls, uint64_t now_ms)
{
	struct call *call = calls->first;

	while (call != NULL &&
		(call->handler == NULL || call->deadline_ms > now_ms))
		call = call->next;

	return call;
}

static int on_timer(sd_event_source *source, uint64_t usec, void *p)
{
	static const struct rpc_answer lost = { .status = RPC_E_LOST };
	struct calls *calls = p;
	uint64_t now_ms = clock_boottime_ms();
	struct call *call;

	(void)source;
	(void)usec;

	/* A handler may make and drop others. */
	while ((call = find_due(calls, now_ms)) != NULL) {
		rpc_handler_t handler = call->handler;
		void *owner = call->userdata;

		give_up(call);
		handler(owner, &lost);
	}
	arm(calls);
	return 0;
}

static void on_up(void *userdata)
{
	pump(userdata);
}

static void on_down(void *userdata, const char *why)
{
	struct calls *calls = userdata;

	calls->down(calls->userdata, why);
}

static const struct rpc_ops rpc_ops = { .up = on_up, .down = on_down };

int calls_new(sd_event *event, const char *rpc_path,
	void (*down)(void *userdata, const char *why), void *userdata,
	struct calls **ret)
{
	_cleanup_(calls_freep) struct calls *calls = NULL;
	int r;

	calls = calloc(1, sizeof(*calls));
	if (calls == NULL)
		return -ENOMEM;
	calls->path = strdup(rpc_path);
	if (calls->path == NULL)
		return -ENOMEM;
	calls->line.rpc_path = calls->path;
	calls->down = down;
	calls->userdata = userdata;
	r = sd_event_add_time_relative(event, &calls->timer, CLOCK_BOOTTIME, 0,
		TIMER_ACCURACY_US, on_timer, calls);
	if (r < 0)
		return r;
	r = rpc_new(event, &calls->line, &rpc_ops, calls, &calls->rpc);
	if (r < 0)
		return r;

	*ret = steal_ptr(&calls);
	return 0;
}

struct calls *calls_free(struct calls *calls)
{
	if (calls == NULL)
		return NULL;

	rpc_free(calls->rpc);
	while (calls->first != NULL)
		call_free(calls->first);
	sd_event_source_disable_unref(calls->timer);
	free(calls->path);
	free(calls);
	return NULL;
}

int calls_make_filtered(struct calls *calls, const char *method, json_t *params,
	json_t *filter, uint64_t timeout_ms, rpc_handler_t handler,
	void *userdata, struct call **ret_call)
{
	struct call *call;
	int r = -ENOMEM;

	/* Params that are NULL the caller had no memory for. */
	if (params == NULL || calls->n_calls >= CALLS_MAX) {
		r = params == NULL ? -ENOMEM : RPC_E_FULL;
		goto fail;
	}
	call = calloc(1, sizeof(*call));
	if (call != NULL)
		call->method = strdup(method);
	if (call == NULL || call->method == NULL) {
		free(call);
		goto fail;
	}

	call->calls = calls;
	call->params = params;
	call->filter = filter;
	call->deadline_ms = clock_boottime_ms() + timeout_ms;
	call->handler = handler;
	call->userdata = userdata;
	call->previous = calls->last;
	if (calls->last != NULL)
		calls->last->next = call;
	else
		calls->first = call;
	calls->last = call;
	calls->n_calls++;
	pump(calls);
	if (ret_call != NULL)
		*ret_call = call;
	return 0;

fail:
	json_decref(params);
	json_decref(filter);
	return r;
}

int calls_make(struct calls *calls, const char *method, json_t *params,
	uint64_t timeout_ms, rpc_handler_t handler, void *userdata,
	struct call **ret_call)
{
	return calls_make_filtered(calls, method, params, NULL, timeout_ms,
		handler, userdata, ret_call);
}
