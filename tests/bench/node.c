/* SPDX-License-Identifier: MIT */

#include "node.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "figure.h"
#include "stage.h"
#include "util/macro.h"

void node_open(struct node *node, const char *path)
{
	*node = (struct node){
		.listen_fd = stage_listen(path),
		.fd = -1,
	};
}

static void hang_up(struct node *node)
{
	if (node->fd >= 0)
		(void)close(node->fd);
	node->fd = -1;
	node->len = 0;
	node->is_waited_on = false;
}

void node_close(struct node *node)
{
	hang_up(node);
	(void)close(node->listen_fd);
}

void node_accept(struct node *node)
{
	hang_up(node);
	node->fd = accept4(node->listen_fd, NULL, NULL, SOCK_CLOEXEC);
	if (node->fd < 0)
		figure_die("accept: %s", strerror(errno));
}

static void answer(struct node *node, const char *id, const char *body)
{
	char text[2048];
	int n;

	n = snprintf(text, sizeof(text),
		"{\"jsonrpc\":\"2.0\",\"id\":%s,%s}\n\n", id, body);
	if (n < 0 || (size_t)n >= sizeof(text) ||
		write(node->fd, text, (size_t)n) != n)
		figure_die("the node cannot answer");
}

static void answer_none(struct node *node, const char *id)
{
	answer(node, id,
		"\"error\":{\"code\":904,\"message\":\"Timed out while "
		"waiting for invoice to be paid\"}");
}

static void handle(struct node *node, const json_t *request)
{
	const char *method =
		json_string_value(json_object_get(request, "method"));
	const json_t *params = json_object_get(request, "params");
	json_int_t wait_s =
		json_integer_value(json_object_get(params, "timeout"));
	_cleanup_(freep) char *id = json_dumps(
		json_object_get(request, "id"), JSON_ENCODE_ANY | JSON_COMPACT);

	if (method == NULL || id == NULL || strlen(id) >= NODE_ID_SIZE)
		figure_die("the bridge asks for nothing");
	if (strcmp(method, "getinfo") == 0) {
		answer(node, id,
			"\"result\":{\"alias\":\"bench\",\"id\":\"0201020304"
			"05060708090a0b0c0d0e0f"
			"101112131415161718191a1b1c1d1e1f20\"}");
	} else if (strcmp(method, "waitanyinvoice") != 0) {
		answer(node, id,
			"\"error\":{\"code\":-32601,\"message\":\"Unknown\"}");
	} else if (wait_s == 0) {
		answer_none(node, id);
	} else {
		node->is_waited_on = true;
		(void)snprintf(node->waiting_id, NODE_ID_SIZE, "%s", id);
		node->deadline_ns =
			figure_now_ns() + (uint64_t)wait_s * 1000000000;
	}
}

void node_read(struct node *node)
{
	size_t begin = 0;
	ssize_t n;

	n = read(node->fd, node->buffer + node->len,
		sizeof(node->buffer) - node->len);
	if (n <= 0) {
		hang_up(node);
		return;
	}
	node->len += (size_t)n;

	for (;;) {
		json_auto_t *request = NULL;
		json_error_t error;

		request = json_loadb(node->buffer + begin, node->len - begin,
			JSON_DISABLE_EOF_CHECK, &error);
		if (request == NULL)
			break;
		begin += (size_t)error.position;
		handle(node, request);
	}
	node->len -= begin;
	memmove(node->buffer, node->buffer + begin, node->len);
}

void node_tick(struct node *node, uint64_t now_ns)
{
	if (!node->is_waited_on || now_ns < node->deadline_ns)
		return;

	node->is_waited_on = false;
	answer_none(node, node->waiting_id);
}

uint64_t node_pay(struct node *node, uint64_t msat)
{
	uint64_t index = ++node->n_paid, now_ns;
	char body[512];

	if (!node->is_waited_on)
		figure_die("no call waits for a payment");
	(void)snprintf(body, sizeof(body),
		"\"result\":{\"label\":\"1sat2flash-%" PRIu64 "\","
		"\"payment_hash\":\"%064" PRIx64 "\",\"status\":\"paid\","
		"\"description\":\"flash\",\"pay_index\":%" PRIu64 ","
		"\"amount_msat\":%" PRIu64 ",\"amount_received_msat\":%" PRIu64
		",\"paid_at\":%" PRId64 "}",
		index, index, index, msat, msat, (int64_t)time(NULL));
	node->is_waited_on = false;
	now_ns = figure_now_ns();
	answer(node, node->waiting_id, body);

	return now_ns;
}
