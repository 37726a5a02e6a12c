/* SPDX-License-Identifier: MIT */

/* The node's unix socket: lightning 3. */

#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lightning/line.h"
#include "util/fd.h"

enum {
	READ_SIZE = 16 * 1024,
};

struct socket_line {
	struct line line;
	sd_event *event;
	struct sockaddr_un address;
	sd_event_source *io; /* owns the socket; NULL while it is closed */
	char *out;           /* not yet taken by the socket */
	size_t out_len;
};

static struct socket_line *socket_line(struct line *line)
{
	return (struct socket_line *)line;
}

static void socket_close(struct line *line)
{
	struct socket_line *s = socket_line(line);

	s->io = sd_event_source_disable_unref(s->io);
	s->out_len = 0;
}

static void drop(struct socket_line *s, const char *why)
{
	socket_close(&s->line);
	s->line.ops->down(s->line.userdata, why);
}

static void explain_connect(struct socket_line *s, int error)
{
	const char *path = s->address.sun_path;
	char why[LINE_WHY_SIZE];

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
	drop(s, why);
}

/*
 * Hands the socket what it takes.  An error is left for the loop, which sees
 * it as readable too.
 */
static void flush(struct socket_line *s)
{
	ssize_t n;

	n = send(sd_event_source_get_io_fd(s->io), s->out, s->out_len,
		MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n > 0) {
		s->out_len -= (size_t)n;
		memmove(s->out, s->out + n, s->out_len);
	}
	(void)sd_event_source_set_io_events(
		s->io, s->out_len > 0 ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

static int on_io(sd_event_source *source, int fd, uint32_t events, void *p)
{
	struct socket_line *s = p;
	char bytes[READ_SIZE];
	ssize_t n;

	(void)source;

	if (events & EPOLLOUT)
		flush(s);
	if (!(events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
		return 0;

	n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n > 0)
		s->line.ops->bytes(s->line.userdata, 0, bytes, (size_t)n);
	else
		drop(s, "the node hung up");
	return 0;
}

static int open_socket(struct socket_line *s)
{
	_cleanup_(fd_closep) int fd = -1;
	int r;

	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	/* A unix socket connects at once or not at all: unix(7). */
	if (connect(fd, (const struct sockaddr *)&s->address,
		    sizeof(s->address)) < 0)
		return -errno;
	r = sd_event_add_io(s->event, &s->io, fd, EPOLLIN, on_io, s);
	if (r < 0)
		return r;
	r = sd_event_source_set_io_fd_own(s->io, 1);
	if (r < 0) {
		s->io = sd_event_source_disable_unref(s->io);
		return r;
	}

	(void)fd_steal(&fd);
	return 0;
}

static void socket_open(struct line *line)
{
	struct socket_line *s = socket_line(line);
	int r;

	r = open_socket(s);
	if (r < 0)
		explain_connect(s, -r);
	else
		line->ops->up(line->userdata);
}

static int socket_send(
	struct line *line, uint64_t number, const char *request, size_t len)
{
	struct socket_line *s = socket_line(line);
	char *out;

	(void)number; /* the request's own id tells */
	out = realloc(s->out, s->out_len + len);
	if (out == NULL)
		return -ENOMEM;
	memcpy(out + s->out_len, request, len);
	s->out = out;
	s->out_len += len;
	flush(s);
	return 0;
}

static void socket_free(struct line *line)
{
	struct socket_line *s = socket_line(line);

	sd_event_unref(s->event);
	free(s->out);
	free(s);
}

static const struct line_type socket_type = {
	.open = socket_open,
	.close = socket_close,
	.send = socket_send,
	.free = socket_free,
};

int line_new_socket(sd_event *event, const char *path, struct line **ret)
{
	struct socket_line *s;

	if (strlen(path) >= sizeof(s->address.sun_path))
		return -ENAMETOOLONG;
	s = calloc(1, sizeof(*s));
	if (s == NULL)
		return -ENOMEM;

	s->line.type = &socket_type;
	s->event = sd_event_ref(event);
	s->address.sun_family = AF_UNIX;
	memcpy(s->address.sun_path, path, strlen(path) + 1);
	*ret = &s->line;
	return 0;
}
