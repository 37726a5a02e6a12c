/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The node's end of the socket, by hand: a test takes requests and sends what
 * bytes it likes.  One connection at a time, in the loop of the test.
 */

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <systemd/sd-event.h>

#include "lightning/line.h"
#include "lightning/stream.h"
#include "test.h"
#include "util/fd.h"

static char node_folder[] = "/tmp/test-node-XXXXXX";
static struct sockaddr_un node_address = { .sun_family = AF_UNIX };
/* How a client is told of it. */
static const struct line_config node_line = {
	.rpc_path = node_address.sun_path,
};
static int node_listen_fd = -1, node_fd = -1;
static struct stream *node_stream;
static sd_event *node_event;

/* Runs the loop until nothing is left to do. */
static inline void node_run(void)
{
	int r;

	do {
		r = sd_event_run(node_event, 0);
		cr_assert_geq(r, 0);
	} while (r > 0);
}

static inline void node_listen(void)
{
	node_listen_fd =
		socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	cr_assert_geq(node_listen_fd, 0);
	(void)unlink(node_address.sun_path);
	cr_assert_eq(
		bind(node_listen_fd, (const struct sockaddr *)&node_address,
			sizeof(node_address)),
		0);
	cr_assert_eq(listen(node_listen_fd, 1), 0);
}

/* Prepares a path for the socket, and a loop. */
static inline void node_init(void)
{
	(void)strcpy(node_folder, "/tmp/test-node-XXXXXX");
	cr_assert_not_null(mkdtemp(node_folder));
	(void)snprintf(node_address.sun_path, sizeof(node_address.sun_path),
		"%s/rpc", node_folder);
	cr_assert_eq(stream_new(&node_stream), 0);
	cr_assert_geq(sd_event_new(&node_event), 0);
}

static inline void node_close(void)
{
	fd_closep(&node_fd);
	stream_reset(node_stream);
}

static inline void node_deinit(void)
{
	node_close();
	fd_closep(&node_listen_fd);
	(void)unlink(node_address.sun_path);
	(void)rmdir(node_folder);
	node_stream = stream_free(node_stream);
	node_event = sd_event_unref(node_event);
}

/* Lets the client connect, and takes the connection. */
static inline void node_accept(void)
{
	node_run();
	node_fd = accept4(
		node_listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	cr_assert_geq(node_fd, 0);
	node_run();
}

/* As node_accept(), if the client has given up the connection. */
static inline void node_accept_again(void)
{
	int fd = accept4(
		node_listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return;
	node_close();
	node_fd = fd;
}

/* The next request, NULL if there is none.  The caller owns it. */
static inline json_t *node_take(void)
{
	char bytes[4096];
	json_t *request;
	ssize_t n;
	int r;

	node_run();
	while ((n = recv(node_fd, bytes, sizeof(bytes), 0)) > 0)
		cr_assert_eq(stream_push(node_stream, bytes, (size_t)n), 0);
	r = stream_take(node_stream, &request);
	cr_assert(r == 0 || r == STREAM_E_AGAIN);
	if (r != 0)
		return NULL;
	cr_assert_str_eq(
		json_string_value(json_object_get(request, "jsonrpc")), "2.0");
	cr_assert(json_is_object(json_object_get(request, "params")));
	return request;
}

/* Sends bytes, letting the client read where the socket is full. */
static inline void node_send_bytes(const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = send(node_fd, bytes, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EAGAIN)
			n = 0;
		if (n < 0)
			break;
		bytes += n;
		len -= (size_t)n;
		node_run();
	}
}

static inline void node_send(const char *text)
{
	node_send_bytes(text, strlen(text));
}

/* Answers @request, whose reference is taken, with @member : @value. */
static inline void node_answer(
	json_t *request, const char *member, json_t *value)
{
	json_t *answer = json_pack("{s:s, s:O, s:o}", "jsonrpc", "2.0", "id",
		json_object_get(request, "id"), member, value);
	char *text = json_dumps(answer, JSON_COMPACT);

	cr_assert_not_null(text);
	json_decref(answer);
	json_decref(request);
	node_send(text);
	node_send("\n\n");
	free(text);
}

static inline void node_answer_error(
	json_t *request, int code, const char *message)
{
	node_answer(request, "error",
		json_pack("{s:i, s:s}", "code", code, "message", message));
}
