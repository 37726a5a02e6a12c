/* SPDX-License-Identifier: MIT */

#include "server.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "call.h"
#include "methods.h"
#include "scan.h"
#include "util/fd.h"

enum {
	BACKLOG = 1024,
	READ_SIZE = 64 * 1024,
};

/* A call of waitanyinvoice that has no answer yet. */
struct waiter {
	struct server *server;
	struct waiter *next;
	struct call *call;
	sd_event_source *timer;
	struct node_error error; /* when the time is over */
};

struct client {
	struct server *server;
	unsigned int number;
	sd_event_source *io; /* owns the socket */
	struct reply reply;
	char *in;
	size_t in_len;
	struct caller *caller; /* NULL: it came by the unix socket */
	struct calls calls;
};

struct server {
	struct world *world;
	struct sockaddr_un address;
	sd_event_source *io;  /* owns the listening socket */
	sd_event_source *tcp; /* likewise, for callers; NULL: none */
	const struct caller_config *callers;
	unsigned int last_number;
	struct client *clients[SERVER_CLIENTS_MAX];
	struct waiter *waiters; /* a list */
};

static void end_wait(struct waiter *waiter)
{
	struct waiter **at = &waiter->server->waiters;

	while (*at != waiter)
		at = &(*at)->next;
	*at = waiter->next;
	(void)call_free(waiter->call);
	sd_event_source_disable_unref(waiter->timer);
	free(waiter);
}

static void client_free(struct client *client)
{
	struct server *server = client->server;

	say(server->world->say, "{s:i}", "disconnected", (int)client->number);
	for (size_t i = 0; i < SERVER_CLIENTS_MAX; i++)
		if (server->clients[i] == client)
			server->clients[i] = NULL;
	calls_deinit(&client->calls);
	reply_deinit(&client->reply);
	(void)caller_free(client->caller);
	sd_event_source_disable_unref(client->io);
	free(client->in);
	free(client);
}

static int on_waited(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct waiter *waiter = userdata;

	(void)source;
	(void)usec;
	call_refuse(steal_ptr(&waiter->call), &waiter->error);
	end_wait(waiter);
	return 0;
}

/* Lets @call wait.  Returns false if it cannot. */
static bool begin_wait(struct server *server, struct call *call,
	const struct methods_answer *answer)
{
	struct waiter *waiter = calloc(1, sizeof(*waiter));
	struct waiter **at = &server->waiters;

	if (waiter == NULL)
		return false;
	if (answer->wait_s >= 0 &&
		sd_event_add_time_relative(server->world->event, &waiter->timer,
			CLOCK_BOOTTIME, (uint64_t)answer->wait_s * 1000 * 1000,
			1000, on_waited, waiter) < 0) {
		free(waiter);
		return false;
	}

	waiter->server = server;
	waiter->call = call;
	waiter->error = answer->error;
	while (*at != NULL)
		at = &(*at)->next;
	*at = waiter;
	return true;
}

/* Whatever index they asked for: lightning 0, fact 12. */
void server_paid(struct server *server, const json_t *invoice)
{
	json_t *object = json_deep_copy(invoice);

	say(server->world->say, "{s:O, s:O, s:O, s:O}", "paid",
		json_object_get(invoice, "label"), "pay_index",
		json_object_get(invoice, "pay_index"), "msat",
		json_object_get(invoice, "amount_received_msat"),
		"payment_hash", json_object_get(invoice, "payment_hash"));
	while (server->waiters != NULL) {
		call_succeed(steal_ptr(&server->waiters->call), object);
		end_wait(server->waiters);
	}
	json_decref(object);
}

/* The connection cannot go on: there is no telling where the next begins. */
static void reject(struct client *client, const char *why)
{
	const struct call_id id = { .json = json_null() };
	json_t *error = json_pack(
		"{s:i, s:s}", "code", NODE_BAD_REQUEST, "message", why);

	reply_send(&client->reply, &id, "error", error);
	json_decref(error);
	client->reply.closes = true;
	client->in_len = 0;
	reply_flush(&client->reply);
}

static void run(struct client *client, uint64_t number, json_t *request)
{
	struct server *server = client->server;
	const json_t *id = json_object_get(request, "id");
	const char *method = node_text(request, "method");
	struct methods_answer answer;
	struct call *call;

	if (id == NULL || json_is_object(id) || json_is_array(id)) {
		reject(client, "No id");
		return;
	}
	if (method == NULL) {
		reject(client, "No method");
		return;
	}
	call = client->calls.n == SERVER_CALLS_MAX
		       ? NULL
		       : call_new(&client->calls, number, request);
	if (call == NULL) {
		reject(client, "Too many calls");
		return;
	}

	say(server->world->say, "{s:s, s:i}", "called", method, "client",
		(int)client->number);
	methods_call(server->world, method, json_object_get(request, "params"),
		call, &answer);
	if (answer.is_later)
		return;
	if (answer.result != NULL)
		call_succeed(call, answer.result);
	else if (!answer.waits || !begin_wait(server, call, &answer))
		call_refuse(call, &answer.error);
	json_decref(answer.result);
}

/* Runs what has come whole. */
static void run_all(struct client *client)
{
	size_t at = 0, len;

	while (!client->reply.closes) {
		json_error_t error;
		json_t *request;

		at += scan_space(client->in + at, client->in_len - at);
		if (at == client->in_len)
			break;
		len = scan_object(client->in + at, client->in_len - at);
		if (len == 0)
			break;
		request = json_loadb(client->in + at, len, 0, &error);
		at += len;
		if (json_is_object(request))
			run(client, 0, request);
		else
			reject(client, "Invalid token in json input");
		json_decref(request);
	}

	if (at > client->in_len)
		at = client->in_len;
	client->in_len -= at;
	memmove(client->in, client->in + at, client->in_len);
}

/* What came sealed.  Returns false when the client is to go. */
static bool read_sealed(struct client *client, int fd)
{
	struct text out = { .is_raw = true };
	uint8_t bytes[4096];
	uint64_t number;
	json_t *request;
	ssize_t n;
	bool ok;

	n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	if (n == 0)
		return false;
	ok = caller_take(client->caller, bytes, (size_t)n, &out);
	/* Who is wrong in the handshake hears nothing at all: BOLT 8. */
	if (!ok) {
		free(out.data);
		return false;
	}
	if (out.len > 0)
		reply_send_text(&client->reply, &out);
	while ((request = caller_next(client->caller, &number)) != NULL) {
		struct text refusal = { .number = number };

		if (caller_permits(client->caller, request, &refusal))
			run(client, number, request);
		else
			reply_send_text(&client->reply, &refusal);
		json_decref(request);
	}

	return true;
}

/* Returns false when the client has gone. */
static bool read_some(struct client *client, int fd)
{
	char *more;
	ssize_t n;

	if (client->in_len > SERVER_REQUEST_MAX)
		return false;
	more = realloc(client->in, client->in_len + READ_SIZE);
	if (more == NULL)
		return false;
	client->in = more;
	n = recv(fd, client->in + client->in_len, READ_SIZE, MSG_DONTWAIT);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	if (n == 0)
		return false;

	client->in_len += (size_t)n;
	run_all(client);
	return true;
}

static int on_client(
	sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	struct client *client = userdata;

	(void)source;
	if (events & EPOLLOUT)
		reply_flush(&client->reply);
	/* What was asked before hanging up is done all the same. */
	if (events & EPOLLIN
			? !(client->caller == NULL ? read_some(client, fd)
						   : read_sealed(client, fd))
			: events & (EPOLLHUP | EPOLLERR))
		client_free(client);
	return 0;
}

static int add_client(
	struct server *server, int fd, bool is_caller, struct client **slot)
{
	struct client *client = calloc(1, sizeof(*client));
	int r;

	if (client == NULL)
		return -ENOMEM;
	r = is_caller ? caller_new(server->callers, &client->caller) : 0;
	if (r >= 0)
		r = sd_event_add_io(server->world->event, &client->io, fd,
			EPOLLIN, on_client, client);
	if (r >= 0)
		r = sd_event_source_set_io_fd_own(client->io, 1);
	if (r < 0) {
		sd_event_source_unref(client->io);
		(void)caller_free(client->caller);
		free(client);
		return r;
	}

	client->server = server;
	client->number = ++server->last_number;
	client->reply = (struct reply){
		.event = server->world->event,
		.io = client->io,
		.faults = server->world->faults,
		.caller = client->caller,
	};
	client->calls.reply = &client->reply;
	*slot = client;
	say(server->world->say, "{s:i}", "connected", (int)client->number);
	return 0;
}

static int on_connect(
	sd_event_source *source, int listen_fd, uint32_t events, void *userdata)
{
	_cleanup_(fd_closep) int fd = -1;
	struct server *server = userdata;
	size_t i = 0;

	(void)events;
	fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0)
		return 0;
	while (server->clients[i] != NULL)
		if (++i == SERVER_CLIENTS_MAX)
			return 0;
	if (add_client(server, fd, source == server->tcp,
		    &server->clients[i]) == 0)
		(void)fd_steal(&fd);
	return 0;
}

void server_drop(struct server *server)
{
	for (size_t i = 0; i < SERVER_CLIENTS_MAX; i++)
		if (server->clients[i] != NULL)
			client_free(server->clients[i]);
}

void server_close(struct server *server)
{
	if (server->io != NULL)
		(void)unlink(server->address.sun_path);
	server->io = sd_event_source_disable_unref(server->io);
	server->tcp = sd_event_source_disable_unref(server->tcp);
}

/* Is @address the socket of nobody?  Then it is removed. */
static int clear_stale(const struct sockaddr_un *address)
{
	_cleanup_(fd_closep) int fd = -1;
	struct stat st;

	if (lstat(address->sun_path, &st) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return -EEXIST;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) ==
		0)
		return SERVER_E_IN_USE;
	if (errno != ECONNREFUSED)
		return -errno;

	return unlink(address->sun_path) < 0 ? -errno : 0;
}

static int listen_at(const struct sockaddr_un *address, int *ret_fd)
{
	_cleanup_(fd_closep) int fd = -1;
	mode_t mask;
	int r;

	r = clear_stale(address);
	if (r != 0)
		return r;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	/* rpc-file-mode of the real node: others may never connect. */
	mask = umask(0177);
	r = bind(fd, (const struct sockaddr *)address, sizeof(*address));
	r = r < 0 ? -errno : 0;
	(void)umask(mask);
	if (r < 0)
		return r;
	if (listen(fd, BACKLOG) < 0)
		return -errno;

	*ret_fd = fd_steal(&fd);
	return 0;
}

int server_open(const char *path, struct world *world, struct server **ret)
{
	_cleanup_(server_freep) struct server *server = NULL;
	_cleanup_(fd_closep) int fd = -1;
	int r;

	server = calloc(1, sizeof(*server));
	if (server == NULL)
		return -ENOMEM;
	if (strlen(path) >= sizeof(server->address.sun_path))
		return -ENAMETOOLONG;

	server->world = world;
	server->address.sun_family = AF_UNIX;
	memcpy(server->address.sun_path, path, strlen(path) + 1);
	r = listen_at(&server->address, &fd);
	if (r != 0)
		return r;
	r = sd_event_add_io(
		world->event, &server->io, fd, EPOLLIN, on_connect, server);
	if (r >= 0)
		r = sd_event_source_set_io_fd_own(server->io, 1);
	if (r < 0)
		return r;

	(void)fd_steal(&fd);
	*ret = steal_ptr(&server);
	return 0;
}

int server_listen(struct server *server, uint16_t port,
	const struct caller_config *callers, uint16_t *ret_port)
{
	_cleanup_(fd_closep) int fd = -1;
	const int yes = 1;
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t len = sizeof(address);
	int r;

	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 ||
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) < 0)
		return -errno;
	if (bind(fd, (const struct sockaddr *)&address, len) < 0 ||
		listen(fd, BACKLOG) < 0 ||
		getsockname(fd, (struct sockaddr *)&address, &len) < 0)
		return -errno;
	r = sd_event_add_io(server->world->event, &server->tcp, fd, EPOLLIN,
		on_connect, server);
	if (r >= 0)
		r = sd_event_source_set_io_fd_own(server->tcp, 1);
	if (r < 0)
		return r;

	(void)fd_steal(&fd);
	server->callers = callers;
	*ret_port = ntohs(address.sin_port);
	return 0;
}

struct server *server_free(struct server *server)
{
	if (server == NULL)
		return NULL;

	server_drop(server);
	server_close(server);
	while (server->waiters != NULL)
		end_wait(server->waiters);
	free(server);
	return NULL;
}
