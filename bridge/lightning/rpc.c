/* SPDX-License-Identifier: MIT */

#include "lightning/rpc.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lightning/stream.h"
#include "util/clock.h"
#include "util/duration.h"
#include "util/fd.h"

enum {
	ID_SIZE = 64,
	READ_SIZE = 16 * 1024,
};

struct call {
	rpc_handler_t handler; /* NULL: the slot is free */
	void *userdata;
	char id[ID_SIZE];
};

struct rpc {
	sd_event *event;
	struct sockaddr_un address;
	const struct rpc_ops *ops;
	void *userdata;

	sd_event_source *timer; /* next attempt, or what rpc_fail() left */
	sd_event_source *io;    /* owns the socket; NULL while it is down */
	struct stream *stream;
	char *out; /* not yet taken by the socket */
	size_t out_len;

	struct call calls[RPC_CALLS_MAX];
	uint64_t last_id;
	uint64_t up_since_ms;
	uint64_t backoff_ms;

	bool failed; /* rpc_fail(): the loop will drop the connection */
	char why[RPC_WHY_SIZE];
};

static int on_io(sd_event_source *source, int fd, uint32_t events, void *p);
static int on_timer(sd_event_source *source, uint64_t usec, void *p);

bool rpc_is_up(const struct rpc *rpc)
{
	return rpc->io != NULL && !rpc->failed;
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

	if (rpc->io != NULL &&
		clock_boottime_ms() - rpc->up_since_ms >= RPC_BACKOFF_MAX_MS)
		rpc->backoff_ms = 0;
	rpc->backoff_ms =
		rpc->backoff_ms == 0 ? RPC_BACKOFF_MIN_MS : 2 * rpc->backoff_ms;
	if (rpc->backoff_ms > RPC_BACKOFF_MAX_MS)
		rpc->backoff_ms = RPC_BACKOFF_MAX_MS;
	duration_print(rpc->backoff_ms, delay);
	(void)snprintf(sentence, sizeof(sentence), "%.*s, trying again in %s",
		(int)(sizeof(sentence) - DURATION_TEXT_SIZE - 20), why, delay);

	rpc->io = sd_event_source_disable_unref(rpc->io);
	rpc->failed = false;
	rpc->out_len = 0;
	stream_reset(rpc->stream);
	(void)sd_event_source_set_time_relative(
		rpc->timer, rpc->backoff_ms * 1000);
	(void)sd_event_source_set_enabled(rpc->timer, SD_EVENT_ONESHOT);

	/* All slots are free before the first handler runs. */
	memcpy(lost, rpc->calls, sizeof(lost));
	memset(rpc->calls, 0, sizeof(rpc->calls));
	for (size_t i = 0; i < RPC_CALLS_MAX; i++)
		if (lost[i].handler != NULL)
			lost[i].handler(lost[i].userdata, &answer);
	rpc->ops->down(rpc->userdata, sentence);
}

static void drop(struct rpc *rpc, const char *why)
{
	drop_calls(rpc, RPC_E_LOST, why);
}

void rpc_fail(struct rpc *rpc, const char *why)
{
	if (!rpc_is_up(rpc))
		return;

	/* Callbacks come from the loop: nothing is read until it comes by. */
	rpc->failed = true;
	(void)snprintf(rpc->why, sizeof(rpc->why), "%s", why);
	(void)sd_event_source_set_enabled(rpc->io, SD_EVENT_OFF);
	(void)sd_event_source_set_time_relative(rpc->timer, 0);
	(void)sd_event_source_set_enabled(rpc->timer, SD_EVENT_ONESHOT);
}

static void explain_connect(struct rpc *rpc, int error)
{
	const char *path = rpc->address.sun_path;
	char why[RPC_WHY_SIZE];

	switch (error) {
	case ENOENT:
		(void)snprintf(why, sizeof(why),
			"the node's socket %s is not there: lightningd does "
			"not run, or has it elsewhere",
			path);
		break;
	case ECONNREFUSED:
		(void)snprintf(why, sizeof(why),
			"nobody answers at the node's socket %s: lightningd "
			"does not run",
			path);
		break;
	case EACCES:
	case EPERM:
		(void)snprintf(why, sizeof(why),
			"the node's socket %s may not be used by this user",
			path);
		break;
	default:
		(void)snprintf(why, sizeof(why), "the node's socket %s: %s",
			path, strerror(error));
	}
	drop(rpc, why);
}

static int open_socket(struct rpc *rpc)
{
	_cleanup_(fd_closep) int fd = -1;
	int r;

	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	/* A unix socket connects at once or not at all: unix(7). */
	if (connect(fd, (const struct sockaddr *)&rpc->address,
		    sizeof(rpc->address)) < 0)
		return -errno;
	r = sd_event_add_io(rpc->event, &rpc->io, fd, EPOLLIN, on_io, rpc);
	if (r < 0)
		return r;
	r = sd_event_source_set_io_fd_own(rpc->io, 1);
	if (r < 0) {
		rpc->io = sd_event_source_disable_unref(rpc->io);
		return r;
	}

	(void)fd_steal(&fd);
	return 0;
}

static int on_timer(sd_event_source *source, uint64_t usec, void *p)
{
	struct rpc *rpc = p;
	char why[RPC_WHY_SIZE];
	int r;

	(void)source;
	(void)usec;

	if (rpc->failed) {
		memcpy(why, rpc->why, sizeof(why));
		drop(rpc, why);
		return 0;
	}

	r = open_socket(rpc);
	if (r < 0) {
		explain_connect(rpc, -r);
		return 0;
	}
	rpc->up_since_ms = clock_boottime_ms();
	rpc->ops->up(rpc->userdata);
	return 0;
}

/*
 * Hands the socket what it takes.  An error is left for the loop, which sees
 * it as readable too.
 */
static void flush(struct rpc *rpc)
{
	ssize_t n;

	n = send(sd_event_source_get_io_fd(rpc->io), rpc->out, rpc->out_len,
		MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n > 0) {
		rpc->out_len -= (size_t)n;
		memmove(rpc->out, rpc->out + n, rpc->out_len);
	}
	(void)sd_event_source_set_io_events(
		rpc->io, rpc->out_len > 0 ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

static struct call *find_call(struct rpc *rpc, const char *id)
{
	for (size_t i = 0; i < RPC_CALLS_MAX; i++)
		if (rpc->calls[i].handler != NULL &&
			strcmp(rpc->calls[i].id, id) == 0)
			return &rpc->calls[i];

	return NULL;
}

static struct call *find_free(struct rpc *rpc)
{
	for (size_t i = 0; i < RPC_CALLS_MAX; i++)
		if (rpc->calls[i].handler == NULL)
			return &rpc->calls[i];

	return NULL;
}

/* Appends the request to what is to be sent. */
static int queue(struct rpc *rpc, const char *id, const char *method,
	json_t *params, json_t *filter)
{
	_cleanup_(freep) char *text = NULL;
	json_t *request;
	size_t len;
	char *out;

	request = json_pack("{s:s, s:s, s:s, s:O, s:O*}", "jsonrpc", "2.0",
		"id", id, "method", method, "params", params, "filter", filter);
	if (request == NULL)
		return -ENOMEM;
	text = json_dumps(request, JSON_COMPACT);
	json_decref(request);
	if (text == NULL)
		return -ENOMEM;

	len = strlen(text);
	out = realloc(rpc->out, rpc->out_len + len);
	if (out == NULL)
		return -ENOMEM;
	memcpy(out + rpc->out_len, text, len);
	rpc->out = out;
	rpc->out_len += len;
	return 0;
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
		(void)snprintf(call->id, sizeof(call->id),
			"1sat2flash:%.32s#%" PRIu64, method, ++rpc->last_id);
		r = queue(rpc, call->id, method, params, filter);
	}
	json_decref(params);
	json_decref(filter);
	if (r != 0)
		return r;

	call->handler = handler;
	call->userdata = userdata;
	flush(rpc);
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
 * Ids are never used twice, and no answer outlives its connection: an id that
 * is not in flight was never asked.  A node that makes up answers is broken.
 */
static void on_object(struct rpc *rpc, json_t *object)
{
	const json_t *id = json_object_get(object, "id");
	json_t *result = json_object_get(object, "result");
	const json_t *error = json_object_get(object, "error");
	struct rpc_answer answer = { .result = result };
	struct call *call, done;

	/* Progress and the like, which nobody asked for: lightning 3. */
	if (id == NULL && json_object_get(object, "method") != NULL)
		return;
	if (!json_is_string(id)) {
		rpc_fail(rpc, "the node sent something that is no answer");
		return;
	}
	call = find_call(rpc, json_string_value(id));
	if (call == NULL) {
		rpc_fail(rpc, "the node answered a call that nobody made");
		return;
	}
	if ((result == NULL) == (error == NULL) ||
		(error != NULL && !read_error(error, &answer))) {
		rpc_fail(rpc, "the node's answer has no result and no error");
		return;
	}

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

/* What came is worked off before the loop looks at the socket again. */
static void on_bytes(struct rpc *rpc, const char *bytes, size_t len)
{
	int r;

	r = stream_push(rpc->stream, bytes, len);
	while (r == 0 && !rpc->failed) {
		json_t *object;

		r = stream_take(rpc->stream, &object);
		if (r != 0)
			break;
		on_object(rpc, object);
		json_decref(object);
	}

	if (r != 0 && r != STREAM_E_AGAIN)
		drop_calls(rpc,
			r == STREAM_E_TOO_BIG ? RPC_E_TOO_BIG : RPC_E_LOST,
			explain_stream(r));
}

static bool has_calls(const struct rpc *rpc)
{
	for (size_t i = 0; i < RPC_CALLS_MAX; i++)
		if (rpc->calls[i].handler != NULL)
			return true;

	return false;
}

static int on_io(sd_event_source *source, int fd, uint32_t events, void *p)
{
	struct rpc *rpc = p;
	char bytes[READ_SIZE];
	ssize_t n;

	(void)source;

	if (events & EPOLLOUT)
		flush(rpc);
	if (!(events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
		return 0;

	n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n > 0)
		on_bytes(rpc, bytes, (size_t)n);
	else if (has_calls(rpc))
		drop(rpc, "the node hung up without an answer");
	else
		drop(rpc, "the node hung up");
	return 0;
}

int rpc_new(sd_event *event, const char *path, const struct rpc_ops *ops,
	void *userdata, struct rpc **ret)
{
	_cleanup_(rpc_freep) struct rpc *rpc = NULL;
	int r;

	if (strlen(path) >= sizeof(rpc->address.sun_path))
		return -ENAMETOOLONG;
	rpc = calloc(1, sizeof(*rpc));
	if (rpc == NULL)
		return -ENOMEM;

	rpc->event = sd_event_ref(event);
	rpc->ops = ops;
	rpc->userdata = userdata;
	rpc->address.sun_family = AF_UNIX;
	memcpy(rpc->address.sun_path, path, strlen(path) + 1);
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

struct rpc *rpc_free(struct rpc *rpc)
{
	if (rpc == NULL)
		return NULL;

	sd_event_source_disable_unref(rpc->io);
	sd_event_source_disable_unref(rpc->timer);
	sd_event_unref(rpc->event);
	stream_free(rpc->stream);
	free(rpc->out);
	free(rpc);
	return NULL;
}
