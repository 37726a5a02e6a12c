/* SPDX-License-Identifier: MIT */

#include "link/socket.h"

#include <stddef.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "util/fd.h"

enum {
	/* A frame is 1026 bytes at most: vehicle-protocol 1.3. */
	FRAME_MAX = 2048,
	READ_MAX = 4096,
};

/* What the loop has yet to tell, in the order in which it does. */
enum {
	PENDING_UP = 1 << 0,
	PENDING_SENT = 1 << 1,
	PENDING_DOWN = 1 << 2,
};

struct socket_link {
	struct link link;
	sd_event *event;
	struct sockaddr_un address;
	bool is_open; /* LINK_UP or LINK_DOWN is due, or it is up */
	bool is_up;

	int fd;
	sd_event_source *io;
	sd_event_source *defer;

	unsigned int pending;
	enum link_reason reason; /* of PENDING_DOWN */
	int error;

	bool issued;
	size_t frame_len; /* 0: no frame on its way */
	size_t frame_sent;
	uint8_t frame[FRAME_MAX];
};

static struct socket_link *socket_link(struct link *link)
{
	return (struct socket_link *)link;
}

static void emit(struct socket_link *s, const struct link_event *event)
{
	if (s->link.handler != NULL)
		s->link.handler(s->link.userdata, event);
}

/* Switching a defer source on touches memory only: it cannot fail. */
static void set_pending(struct socket_link *s, unsigned int what)
{
	s->pending |= what;
	(void)sd_event_source_set_enabled(s->defer, SD_EVENT_ONESHOT);
}

static void set_down(struct socket_link *s, enum link_reason reason, int error)
{
	s->reason = reason;
	s->error = error;
	set_pending(s, PENDING_DOWN);
}

/* A peer that has gone is one case, whichever call notices it. */
static void set_failed(struct socket_link *s, int error)
{
	if (error == EPIPE || error == ECONNRESET)
		set_down(s, LINK_CLOSED_BY_CAR, -error);
	else
		set_down(s, LINK_IO_ERROR, -error);
}

static void socket_close(struct link *link)
{
	struct socket_link *s = socket_link(link);

	s->io = sd_event_source_disable_unref(s->io);
	fd_closep(&s->fd);
	s->is_open = s->is_up = false;
	s->pending = 0;
	s->frame_len = s->frame_sent = 0;
	s->issued = false;
}

static void tell_down(struct socket_link *s)
{
	struct link_event event = {
		.type = LINK_DOWN,
		.reason = s->reason,
		.error = s->error,
		.issued = s->issued,
	};

	/* Closed first, so that the handler may open it again. */
	socket_close(&s->link);
	emit(s, &event);
}

/*
 * Reads once and tells.  Returns whether there was something; the handler
 * may have closed or reopened the link by then, so that callers return.
 */
static bool tell_bytes(struct socket_link *s)
{
	uint8_t data[READ_MAX];
	ssize_t n;

	n = recv(s->fd, data, sizeof(data), MSG_DONTWAIT);
	if (n > 0)
		emit(s, &(struct link_event){
				.type = LINK_BYTES,
				.data = data,
				.len = (size_t)n,
			});
	else if (n == 0)
		set_down(s, LINK_CLOSED_BY_CAR, 0);
	else if (errno != EAGAIN && errno != EINTR)
		set_failed(s, errno);

	return n > 0;
}

static void write_frame(struct socket_link *s)
{
	ssize_t n;

	n = send(s->fd, s->frame + s->frame_sent, s->frame_len - s->frame_sent,
		MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n < 0) {
		if (errno != EAGAIN && errno != EINTR)
			set_failed(s, errno);
		return;
	}

	s->frame_sent += (size_t)n;
	if (s->frame_sent == s->frame_len) {
		s->issued = true;
		set_pending(s, PENDING_SENT);
	}
}

/* Listens for room to write only while a frame waits for it. */
static void watch(struct socket_link *s)
{
	bool waits = s->frame_sent < s->frame_len;
	int r;

	/*
	 * A link that fails so goes down by the loop: an error of link_send()
	 * would say that nobody heard the frame, which may be out already.
	 */
	r = sd_event_source_set_io_events(
		s->io, waits ? EPOLLIN | EPOLLOUT : EPOLLIN);
	if (r < 0)
		set_down(s, LINK_IO_ERROR, r);
}

static int on_io(
	sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct socket_link *s = userdata;

	(void)source;
	(void)fd;

	if ((revents & EPOLLOUT) != 0 && s->frame_sent < s->frame_len) {
		write_frame(s);
		watch(s);
	}
	if ((revents & ~(uint32_t)EPOLLOUT) != 0)
		(void)tell_bytes(s);

	return 0;
}

static int on_defer(sd_event_source *source, void *userdata)
{
	struct socket_link *s = userdata;
	unsigned int next = s->pending & -s->pending;

	(void)source;

	/* Not for a last event: what comes later switches it on again. */
	if ((s->pending & ~next) != 0 || next == PENDING_DOWN)
		set_pending(s, 0);

	switch (next) {
	case PENDING_UP:
		s->pending &= ~next;
		s->is_up = true;
		emit(s, &(struct link_event){ .type = LINK_UP });
		break;
	case PENDING_SENT:
		s->pending &= ~next;
		s->frame_len = s->frame_sent = 0;
		emit(s, &(struct link_event){ .type = LINK_SENT });
		break;
	case PENDING_DOWN:
		/* What the car said before it went is heard first. */
		if (s->fd < 0 || !tell_bytes(s))
			tell_down(s);
		break;
	}

	return 0;
}

/*
 * A unix socket connects at once or not at all, so that there is nothing to
 * wait for.  EAGAIN: the backlog is full, as a car that takes no more links.
 */
static int socket_connect(struct socket_link *s)
{
	_cleanup_(fd_closep) int fd = -1;
	int r;

	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;

	r = connect(
		fd, (const struct sockaddr *)&s->address, sizeof(s->address));
	if (r < 0) {
		if (errno == ENOENT || errno == ECONNREFUSED)
			set_down(s, LINK_NOT_FOUND, -errno);
		else if (errno == EAGAIN)
			set_down(s, LINK_FULL, -errno);
		else
			set_down(s, LINK_IO_ERROR, -errno);
		return 0;
	}

	r = sd_event_add_io(s->event, &s->io, fd, EPOLLIN, on_io, s);
	if (r < 0)
		return r;

	s->fd = fd_steal(&fd);
	set_pending(s, PENDING_UP);
	return 0;
}

static int socket_open(struct link *link, uint64_t timeout_ms)
{
	struct socket_link *s = socket_link(link);
	int r;

	(void)timeout_ms;

	if (s->is_open)
		return LINK_E_BUSY;

	r = socket_connect(s);
	if (r < 0)
		return r;

	s->is_open = true;
	return 0;
}

static int socket_send(struct link *link, const uint8_t *frame, size_t len)
{
	struct socket_link *s = socket_link(link);

	if (!s->is_up || (s->pending & PENDING_DOWN) != 0)
		return LINK_E_DOWN;
	if (s->frame_len > 0)
		return LINK_E_BUSY;
	if (len == 0 || len > sizeof(s->frame))
		return -EMSGSIZE;

	memcpy(s->frame, frame, len);
	s->frame_len = len;
	s->frame_sent = 0;
	s->issued = false;
	write_frame(s);
	watch(s);
	return 0;
}

static void socket_get_info(const struct link *link, struct link_info *ret)
{
	const struct socket_link *s = (const struct socket_link *)link;

	if (s->is_open)
		ret->stage = s->is_up ? LINK_READY : LINK_CONNECTING;
}

static void socket_free(struct link *link)
{
	struct socket_link *s = socket_link(link);

	sd_event_source_disable_unref(s->defer);
	sd_event_unref(s->event);
	free(s);
}

int link_socket_new(sd_event *event, const char *path, struct link **ret)
{
	static const struct link_ops ops = {
		.open = socket_open,
		.close = socket_close,
		.send = socket_send,
		.free = socket_free,
		.get_info = socket_get_info,
	};
	_cleanup_(link_freep) struct link *link = NULL;
	struct socket_link *s;
	int r;

	if (strlen(path) >= sizeof(s->address.sun_path))
		return -ENAMETOOLONG;

	s = calloc(1, sizeof(*s));
	if (s == NULL)
		return -ENOMEM;

	link = &s->link;
	link->ops = &ops;
	s->event = sd_event_ref(event);
	s->fd = -1;
	s->address.sun_family = AF_UNIX;
	memcpy(s->address.sun_path, path, strlen(path));

	r = sd_event_add_defer(event, &s->defer, on_defer, s);
	if (r < 0)
		return r;
	/*
	 * Ahead of the descriptor's own source: LINK_UP comes before the first
	 * bytes, LINK_SENT before the answer.
	 */
	r = sd_event_source_set_priority(s->defer, SD_EVENT_PRIORITY_IMPORTANT);
	if (r < 0)
		return r;
	r = sd_event_source_set_enabled(s->defer, SD_EVENT_OFF);
	if (r < 0)
		return r;

	*ret = steal_ptr(&link);
	return 0;
}
