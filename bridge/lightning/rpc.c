/* SPDX-License-Identifier: MIT */

#include "lightning/rpc.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "lightning/rune.h"
#include "lightning/stream.h"
#include "util/clock.h"
#include "util/duration.h"

enum {
	METHOD_SIZE = 33,
	ID_SIZE = 64,
};

struct call {
	rpc_handler_t handler; /* NULL: the slot is free */
	void *userdata;
	uint64_t number;
	char method[METHOD_SIZE];
	char id[ID_SIZE];
};

/* Who is told that the line is up or down. */
struct user {
	const struct rpc_ops *ops; /* NULL: the slot is free */
	void *userdata;
};

struct rpc {
	const struct line_config *config;
	struct user users[RPC_USERS_MAX];

	sd_event_source *timer; /* next attempt, or what rpc_fail() left */
	struct line *line;
	bool is_up;
	struct stream *stream;

	struct call calls[RPC_CALLS_MAX];
	uint64_t last_id;
	uint64_t up_since_ms;
	uint64_t backoff_ms;

	bool failed; /* rpc_fail(): the loop will drop the connection */
	char why[RPC_WHY_SIZE];
};

bool rpc_is_up(const struct rpc *rpc)
{
	return rpc->is_up && !rpc->failed;
}

static bool has_calls(const struct rpc *rpc)
{
	for (size_t i = 0; i < RPC_CALLS_MAX; i++)
		if (rpc->calls[i].handler != NULL)
			return true;

	return false;
}

/*
 * How long until the next attempt.  To a node elsewhere many may have lost
 * the way at once, and are not to come back at once: up to half of it less.
 */
static uint64_t choose_delay_ms(const struct rpc *rpc)
{
	uint32_t random = 0;

	if (rpc->config->rpc_path != NULL)
		return rpc->backoff_ms;
	(void)!getrandom(&random, sizeof(random), 0);
	return rpc->backoff_ms - random % (rpc->backoff_ms / 2);
}

/*
 * Ends the connection, or an attempt at one.  Only from the event loop.
 *
 * The back-off starts anew only after a connection that has lasted: a node
 * that takes every connection and then sends rubbish is no better than one
 * that takes none.
 */
static void drop_calls(struct rpc *rpc, int status, const char *why)
{
	struct call lost[RPC_CALLS_MAX];
	struct rpc_answer answer = { .status = status };
	char delay[DURATION_TEXT_SIZE], sentence[RPC_WHY_SIZE];
	uint64_t delay_ms;

	if (rpc->is_up &&
		clock_boottime_ms() - rpc->up_since_ms >= RPC_BACKOFF_MAX_MS)
		rpc->backoff_ms = 0;
	rpc->backoff_ms =
		rpc->backoff_ms == 0 ? RPC_BACKOFF_MIN_MS : 2 * rpc->backoff_ms;
	if (rpc->backoff_ms > RPC_BACKOFF_MAX_MS)
		rpc->backoff_ms = RPC_BACKOFF_MAX_MS;
	delay_ms = choose_delay_ms(rpc);
	duration_print(delay_ms, delay);
	(void)snprintf(sentence, sizeof(sentence), "%.*s, trying again in %s",
		(int)(sizeof(sentence) - DURATION_TEXT_SIZE - 20), why, delay);

	line_close(rpc->line);
	rpc->is_up = rpc->failed = false;
	stream_reset(rpc->stream);
	(void)sd_event_source_set_time_relative(rpc->timer, delay_ms * 1000);
	(void)sd_event_source_set_enabled(rpc->timer, SD_EVENT_ONESHOT);

	/* All slots are free before the first handler runs. */
	memcpy(lost, rpc->calls, sizeof(lost));
	memset(rpc->calls, 0, sizeof(rpc->calls));
	for (size_t i = 0; i < RPC_CALLS_MAX; i++)
		if (lost[i].handler != NULL)
			lost[i].handler(lost[i].userdata, &answer);
	for (size_t i = 0; i < RPC_USERS_MAX; i++)
		if (rpc->users[i].ops != NULL)
			rpc->users[i].ops->down(
				rpc->users[i].userdata, sentence);
}

static void drop(struct rpc *rpc, const char *why)
{
	drop_calls(rpc, RPC_E_LOST, why);
}

void rpc_fail(struct rpc *rpc, const char *why)
{
	if (!rpc_is_up(rpc))
		return;

	/* Callbacks come from the loop: nothing is heard until it comes by. */
	rpc->failed = true;
	(void)snprintf(rpc->why, sizeof(rpc->why), "%s", why);
	(void)sd_event_source_set_time_relative(rpc->timer, 0);
	(void)sd_event_source_set_enabled(rpc->timer, SD_EVENT_ONESHOT);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *p)
{
	struct rpc *rpc = p;
	char why[RPC_WHY_SIZE];

	(void)source;
	(void)usec;

	if (rpc->failed) {
		memcpy(why, rpc->why, sizeof(why));
		drop(rpc, why);
	} else {
		line_open(rpc->line);
	}
	return 0;
}

static void on_up(void *userdata)
{
	struct rpc *rpc = userdata;

	rpc->is_up = true;
	rpc->up_since_ms = clock_boottime_ms();
	for (size_t i = 0; i < RPC_USERS_MAX; i++)
		if (rpc->users[i].ops != NULL)
			rpc->users[i].ops->up(rpc->users[i].userdata);
}

static void on_down(void *userdata, const char *why)
{
	static const char hung_up[] = "hung up";
	struct rpc *rpc = userdata;
	size_t len = strlen(why);
	bool waits = has_calls(rpc) && len >= strlen(hung_up) &&
		     strcmp(why + len - strlen(hung_up), hung_up) == 0;
	char told[RPC_WHY_SIZE];

	/* What rpc_fail() said comes first: the rest may follow from it. */
	if (rpc->failed)
		(void)snprintf(told, sizeof(told), "%s", rpc->why);
	else
		(void)snprintf(told, sizeof(told), "%.*s%s",
			(int)sizeof(told) - 20, why,
			waits ? " without an answer" : "");
	drop(rpc, told);
}

/*
 * The call that is answered with @id, or by @number if that is not 0; NULL if
 * it is none, or both are there and differ.
 */
static struct call *find_call(
	struct rpc *rpc, uint64_t number, const json_t *id)
{
	for (size_t i = 0; i < RPC_CALLS_MAX; i++) {
		struct call *call = &rpc->calls[i];

		if (call->handler != NULL &&
			(number == 0 || call->number == number) &&
			(id == NULL ||
				strcmp(call->id, json_string_value(id)) == 0))
			return call;
	}

	return NULL;
}

static struct call *find_free(struct rpc *rpc)
{
	for (size_t i = 0; i < RPC_CALLS_MAX; i++)
		if (rpc->calls[i].handler == NULL)
			return &rpc->calls[i];

	return NULL;
}

static int ask(struct rpc *rpc, const struct call *call, const char *method,
	json_t *params, json_t *filter)
{
	_cleanup_(freep) char *text = NULL;
	json_t *request;

	request = json_pack("{s:s, s:s, s:s, s:O, s:O*}", "jsonrpc", "2.0",
		"id", call->id, "method", method, "params", params, "filter",
		filter);
	if (request == NULL)
		return -ENOMEM;
	text = json_dumps(request, JSON_COMPACT);
	json_decref(request);
	if (text == NULL)
		return -ENOMEM;

	return line_send(rpc->line, call->number, text, strlen(text));
}

int rpc_call_filtered(struct rpc *rpc, const char *method, json_t *params,
	json_t *filter, rpc_handler_t handler, void *userdata)
{
	struct call *call = find_free(rpc);
	int r;

	if (!rpc_is_up(rpc))
		r = RPC_E_DOWN;
	else if (call == NULL)
		r = RPC_E_FULL;
	else if (params == NULL)
		r = -ENOMEM; /* of the caller, who builds them in the call */
	else {
		call->number = ++rpc->last_id;
		(void)snprintf(
			call->method, sizeof(call->method), "%s", method);
		(void)snprintf(call->id, sizeof(call->id),
			"1sat2flash:%.32s#%" PRIu64, method, call->number);
		r = ask(rpc, call, method, params, filter);
	}
	json_decref(params);
	json_decref(filter);
	if (r != 0)
		return r;

	call->handler = handler;
	call->userdata = userdata;
	return 0;
}

int rpc_call(struct rpc *rpc, const char *method, json_t *params,
	rpc_handler_t handler, void *userdata)
{
	return rpc_call_filtered(rpc, method, params, NULL, handler, userdata);
}

/* Reads @error into @ret.  Returns false if it is no error object. */
static bool read_error(const json_t *error, struct rpc_answer *ret)
{
	const json_t *code = json_object_get(error, "code");
	const char *message =
		json_string_value(json_object_get(error, "message"));

	if (!json_is_integer(code) || message == NULL)
		return false;
	ret->status = RPC_E_NODE;
	ret->code = (int)json_integer_value(code);
	ret->message = message;
	return true;
}

/*
 * A node's "no" to the rune is for all calls: they end, and the next attempt
 * reads the rune anew.  Returns whether it was that.
 */
static bool is_about_rune(struct rpc *rpc, const struct call *call,
	const struct rpc_answer *answer)
{
	char why[RUNE_WHY_SIZE];

	if (rpc->config->rpc_path != NULL || answer->status != RPC_E_NODE ||
		rune_explain(answer->code, answer->message,
			rpc->config->rune_path, call->method, why) < 0)
		return false;

	rpc_fail(rpc, why);
	return true;
}

/*
 * Ids are never used twice, and no answer outlives its connection: an id that
 * is not in flight was never asked.  A node that makes up answers is broken.
 * Commando has @number besides, and its own errors have no id.
 */
static void on_object(struct rpc *rpc, uint64_t number, json_t *object)
{
	const json_t *id = json_object_get(object, "id");
	json_t *result = json_object_get(object, "result");
	const json_t *error = json_object_get(object, "error");
	struct rpc_answer answer = { .result = result };
	struct call *call, done;

	/* Progress and the like, which nobody asked for: lightning 3. */
	if (id == NULL && json_object_get(object, "method") != NULL)
		return;
	if (!json_is_string(id) && (id != NULL || number == 0)) {
		rpc_fail(rpc, "the node sent something that is no answer");
		return;
	}
	call = find_call(rpc, number, id);
	if (call == NULL) {
		rpc_fail(rpc, "the node answered a call that nobody made");
		return;
	}
	if ((result == NULL) == (error == NULL) ||
		(error != NULL && !read_error(error, &answer))) {
		rpc_fail(rpc, "the node's answer has no result and no error");
		return;
	}
	if (is_about_rune(rpc, call, &answer))
		return;

	done = *call;
	*call = (struct call){ 0 };
	done.handler(done.userdata, &answer);
}

static const char *explain_stream(int r)
{
	switch (r) {
	case STREAM_E_TOO_BIG:
		return "the node sent an answer of more than 1 MiB";
	case STREAM_E_INVALID:
		return "the node sent something that is no JSON";
	default:
		return "no memory for the node's answer";
	}
}

/* What came is worked off before the loop looks at the line again. */
static void on_bytes(
	void *userdata, uint64_t number, const char *bytes, size_t len)
{
	struct rpc *rpc = userdata;
	int r, n = 0;

	if (rpc->failed)
		return;
	r = stream_push(rpc->stream, bytes, len);
	while (r == 0 && !rpc->failed) {
		json_t *object;

		r = stream_take(rpc->stream, &object);
		if (r != 0)
			break;
		on_object(rpc, number, object);
		json_decref(object);
		n++;
	}

	/* What is not whole now is never so. */
	if (number != 0 && r == STREAM_E_AGAIN) {
		r = n == 0 ? STREAM_E_INVALID : r;
		stream_reset(rpc->stream);
	}
	if (r != 0 && r != STREAM_E_AGAIN)
		drop_calls(rpc,
			r == STREAM_E_TOO_BIG ? RPC_E_TOO_BIG : RPC_E_LOST,
			explain_stream(r));
}

static void on_too_big(void *userdata)
{
	struct rpc *rpc = userdata;

	if (!rpc->failed)
		drop_calls(
			rpc, RPC_E_TOO_BIG, explain_stream(STREAM_E_TOO_BIG));
}

static const struct line_ops line_ops = {
	.up = on_up,
	.down = on_down,
	.bytes = on_bytes,
	.too_big = on_too_big,
};

int rpc_new(sd_event *event, const struct line_config *config,
	const struct rpc_ops *ops, void *userdata, struct rpc **ret)
{
	_cleanup_(rpc_freep) struct rpc *rpc = NULL;
	int r;

	rpc = calloc(1, sizeof(*rpc));
	if (rpc == NULL)
		return -ENOMEM;

	rpc->config = config;
	rpc->users[0] = (struct user){ ops, userdata };
	r = line_new(event, config, &line_ops, rpc, &rpc->line);
	if (r < 0)
		return r;
	r = stream_new(&rpc->stream);
	if (r < 0)
		return r;
	/* Fires at once: the first attempt is made by the loop as well. */
	r = sd_event_add_time_relative(
		event, &rpc->timer, CLOCK_BOOTTIME, 0, 1000, on_timer, rpc);
	if (r < 0)
		return r;

	*ret = steal_ptr(&rpc);
	return 0;
}

int rpc_join(struct rpc *rpc, const struct rpc_ops *ops, void *userdata)
{
	for (size_t i = 0; i < RPC_USERS_MAX; i++) {
		if (rpc->users[i].ops != NULL)
			continue;
		rpc->users[i] = (struct user){ ops, userdata };
		return 0;
	}

	return RPC_E_FULL;
}

static void on_nobody(void *userdata, const struct rpc_answer *answer)
{
	(void)userdata;
	(void)answer;
}

void rpc_leave(struct rpc *rpc, const void *userdata)
{
	for (size_t i = 0; i < RPC_USERS_MAX; i++)
		if (rpc->users[i].userdata == userdata)
			rpc->users[i] = (struct user){ 0 };
	/* Their answers will come all the same. */
	for (size_t i = 0; i < RPC_CALLS_MAX; i++)
		if (rpc->calls[i].handler != NULL &&
			rpc->calls[i].userdata == userdata)
			rpc->calls[i].handler = on_nobody;
}

struct rpc *rpc_free(struct rpc *rpc)
{
	if (rpc == NULL)
		return NULL;

	(void)line_free(rpc->line);
	sd_event_source_disable_unref(rpc->timer);
	stream_free(rpc->stream);
	free(rpc);
	return NULL;
}
