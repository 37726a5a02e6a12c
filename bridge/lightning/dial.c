/* SPDX-License-Identifier: MIT */

#include "lightning/dial.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "lightning/resolve.h"
#include "lightning/socks.h"
#include "util/fd.h"

struct dial {
	sd_event *event;
	dial_handler_t handler;
	void *userdata;
	struct endpoint node;
	bool has_proxy;
	struct endpoint first; /* the proxy, or else the node */
	char first_text[ENDPOINT_TEXT_SIZE], node_text[ENDPOINT_TEXT_SIZE];

	struct resolve *resolve;
	struct sockaddr_storage list[RESOLVE_MAX];
	size_t n, next;

	sd_event_source *timer; /* for one address */
	sd_event_source *io;    /* owns the socket */
	bool is_connected;      /* to the proxy: it is being asked */
	struct socks socks;
};

static void try_next(struct dial *dial, int error);

static _printf_(2, 3) void fail(struct dial *dial, const char *format, ...)
{
	char why[DIAL_WHY_SIZE];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(why, sizeof(why), format, args);
	va_end(args);
	dial->handler(dial->userdata, -1, why);
}

static const char *who(const struct dial *dial)
{
	return dial->has_proxy ? "proxy" : "node";
}

static void on_connected(struct dial *dial)
{
	int fd;

	(void)sd_event_source_set_io_fd_own(dial->io, 0);
	fd = sd_event_source_get_io_fd(dial->io);
	dial->io = sd_event_source_disable_unref(dial->io);
	dial->handler(dial->userdata, fd, NULL);
}

static void on_socks_lost(struct dial *dial)
{
	fail(dial, "the proxy at %.100s hung up, perhaps it is none for SOCKS5",
		dial->first_text);
}

/* The few bytes of SOCKS always fit an empty socket. */
static bool send_all(struct dial *dial, const uint8_t *bytes, size_t len)
{
	return send(sd_event_source_get_io_fd(dial->io), bytes, len,
		       MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)len;
}

static void on_socks(struct dial *dial, int fd)
{
	uint8_t bytes[SOCKS_ANSWER_MAX], request[SOCKS_REQUEST_MAX];
	ssize_t n;
	int r;

	n = recv(fd, bytes, socks_wants(&dial->socks), MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		on_socks_lost(dial);
		return;
	}
	r = socks_take(&dial->socks, bytes, (size_t)n);
	if (r == SOCKS_E_REQUEST)
		r = send_all(dial, request, socks_request(&dial->node, request))
			    ? SOCKS_E_AGAIN
			    : SOCKS_E_INVALID;
	if (r == 0)
		on_connected(dial);
	else if (r == SOCKS_E_REFUSED)
		fail(dial,
			"the proxy at %.100s does not get to the node at "
			"%.100s: %s",
			dial->first_text, dial->node_text,
			socks_why(&dial->socks));
	else if (r == SOCKS_E_INVALID)
		fail(dial,
			"the proxy at %.100s is none for SOCKS5 without a "
			"password",
			dial->first_text);
}

static int on_io(sd_event_source *source, int fd, uint32_t events, void *p)
{
	uint8_t hello[SOCKS_HELLO_SIZE];
	struct dial *dial = p;
	socklen_t len = sizeof(int);
	int error = 0;

	(void)source;
	(void)events;
	if (dial->is_connected) {
		on_socks(dial, fd);
		return 0;
	}
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
		error = errno;
	if (error != 0) {
		try_next(dial, error);
		return 0;
	}

	(void)sd_event_source_set_enabled(dial->timer, SD_EVENT_OFF);
	dial->is_connected = true;
	if (!dial->has_proxy) {
		on_connected(dial);
		return 0;
	}
	socks_hello(hello);
	(void)sd_event_source_set_io_events(dial->io, EPOLLIN);
	if (!send_all(dial, hello, sizeof(hello)))
		on_socks_lost(dial);
	return 0;
}

/* Returns 0 with an attempt begun, or a negative errno that ends it. */
static int connect_to(struct dial *dial, const struct sockaddr_storage *to)
{
	_cleanup_(fd_closep) int fd = -1;
	const int yes = 1, unheard_ms = DIAL_UNHEARD_MS;
	socklen_t len = to->ss_family == AF_INET ? sizeof(struct sockaddr_in)
						 : sizeof(struct sockaddr_in6);
	int r;

	fd = socket(
		to->ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	/* On LTE a connection dies without a word. */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &unheard_ms,
		sizeof(unheard_ms));
	if (connect(fd, (const struct sockaddr *)to, len) < 0 &&
		errno != EINPROGRESS)
		return -errno;

	dial->io = sd_event_source_disable_unref(dial->io);
	r = sd_event_add_io(dial->event, &dial->io, fd, EPOLLOUT, on_io, dial);
	if (r >= 0)
		r = sd_event_source_set_io_fd_own(dial->io, 1);
	if (r < 0) {
		dial->io = sd_event_source_disable_unref(dial->io);
		return r;
	}
	(void)fd_steal(&fd);
	return 0;
}

static void explain(struct dial *dial, int error)
{
	if (error == ECONNREFUSED && !dial->has_proxy)
		fail(dial,
			"nobody takes the call of the node at %.100s: "
			"lightningd does not run there, or listens elsewhere",
			dial->first_text);
	else
		fail(dial, "the %s at %.100s cannot be reached: %s", who(dial),
			dial->first_text, strerror(error));
}

/* @error: of the address before. */
static void try_next(struct dial *dial, int error)
{
	while (dial->next < dial->n) {
		int r = connect_to(dial, &dial->list[dial->next++]);

		if (r == 0) {
			(void)sd_event_source_set_time_relative(
				dial->timer, DIAL_ADDRESS_MS * UINT64_C(1000));
			(void)sd_event_source_set_enabled(
				dial->timer, SD_EVENT_ONESHOT);
			return;
		}
		error = -r;
	}

	explain(dial, error);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *p)
{
	struct dial *dial = p;

	(void)source;
	(void)usec;
	/* An attempt that is over may not be heard of again. */
	dial->io = sd_event_source_disable_unref(dial->io);
	try_next(dial, ETIMEDOUT);
	return 0;
}

static void on_resolved(void *userdata, const struct sockaddr_storage *list,
	size_t n, const char *why)
{
	struct dial *dial = userdata;

	if (n == 0) {
		fail(dial, "the %s at %.100s is not found: %s", who(dial),
			dial->first_text, why);
		return;
	}
	memcpy(dial->list, list, n * sizeof(*list));
	dial->n = n;
	dial->resolve = resolve_free(dial->resolve);
	try_next(dial, EHOSTUNREACH);
}

int dial_new(sd_event *event, const struct endpoint *node,
	const struct endpoint *proxy, dial_handler_t handler, void *userdata,
	struct dial **ret)
{
	_cleanup_(dial_freep) struct dial *dial = NULL;
	int r;

	dial = calloc(1, sizeof(*dial));
	if (dial == NULL)
		return -ENOMEM;
	dial->event = sd_event_ref(event);
	dial->handler = handler;
	dial->userdata = userdata;
	dial->node = *node;
	dial->has_proxy = proxy != NULL;
	dial->first = proxy != NULL ? *proxy : *node;
	endpoint_print(&dial->first, dial->first_text);
	endpoint_print(&dial->node, dial->node_text);
	r = sd_event_add_time_relative(
		event, &dial->timer, CLOCK_BOOTTIME, 0, 0, on_timer, dial);
	if (r >= 0)
		r = sd_event_source_set_enabled(dial->timer, SD_EVENT_OFF);
	if (r >= 0)
		r = resolve_new(
			event, &dial->first, on_resolved, dial, &dial->resolve);
	if (r < 0)
		return r;

	*ret = steal_ptr(&dial);
	return 0;
}

struct dial *dial_free(struct dial *dial)
{
	if (dial == NULL)
		return NULL;

	(void)resolve_free(dial->resolve);
	sd_event_source_disable_unref(dial->io);
	sd_event_source_disable_unref(dial->timer);
	sd_event_unref(dial->event);
	free(dial);
	return NULL;
}
