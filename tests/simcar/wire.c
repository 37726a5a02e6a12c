/* SPDX-License-Identifier: MIT */

#include "wire.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "util/fd.h"

enum {
	READ_SIZE = 4096,
	BACKLOG = 8,
};

struct lane {
	struct wire *wire;
	struct links_link *link; /* NULL: free */
	int fd;
	sd_event_source *io;
};

struct wire {
	struct carrier carrier;
	sd_event *event;
	sd_event_source *accept;
	int fd;
	char path[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
	struct links *links;
	struct lane lanes[LINKS_MAX];
};

static ssize_t wire_send(struct carrier *carrier, unsigned int i,
	const uint8_t *bytes, size_t len)
{
	struct lane *lane = &((struct wire *)carrier)->lanes[i];
	ssize_t n;

	n = send(lane->fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n >= 0)
		return n;
	if (errno != EAGAIN)
		return -errno;

	(void)sd_event_source_set_io_events(lane->io, EPOLLIN | EPOLLOUT);
	return 0;
}

static void wire_close(struct carrier *carrier, unsigned int i)
{
	struct lane *lane = &((struct wire *)carrier)->lanes[i];

	lane->link = NULL;
	lane->io = sd_event_source_disable_unref(lane->io);
	fd_closep(&lane->fd);
}

static const struct carrier_ops wire_ops = {
	.send = wire_send,
	.close = wire_close,
};

static int on_io(sd_event_source *source, int fd, uint32_t events, void *data)
{
	struct lane *lane = data;
	struct wire *wire = lane->wire;
	uint8_t bytes[READ_SIZE];
	ssize_t n;
	int r;

	if ((events & EPOLLOUT) != 0) {
		(void)sd_event_source_set_io_events(source, EPOLLIN);
		links_unblock(lane->link);
	}
	if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) == 0)
		return 0;

	n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0) {
		links_close(lane->link,
			n == 0 ? "the client closed it" : strerror(errno));
		return 0;
	}

	r = links_take(lane->link, bytes, (size_t)n);
	if (r < 0)
		(void)sd_event_exit(wire->event, r);
	return 0;
}

/* LINKS_MAX if all are taken; then the car has no room either. */
static unsigned int find_free(const struct wire *wire)
{
	unsigned int i = 0;

	while (i < LINKS_MAX && wire->lanes[i].link != NULL)
		i++;

	return i;
}

static int on_accept(
	sd_event_source *source, int listen_fd, uint32_t events, void *data)
{
	struct wire *wire = data;
	unsigned int i = find_free(wire);
	_cleanup_(fd_closep) int fd = -1;
	struct links_link *link;
	struct lane *lane;
	int r;

	(void)source;
	(void)events;
	fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0)
		return 0;
	link = links_add(wire->links, &wire->carrier, i, NULL);
	if (link == NULL)
		return 0;

	lane = &wire->lanes[i];
	lane->link = link;
	lane->fd = fd_steal(&fd);
	r = sd_event_add_io(
		wire->event, &lane->io, lane->fd, EPOLLIN, on_io, lane);
	if (r < 0)
		links_close(link, strerror(-r));
	return 0;
}

/* Takes away a socket that a dead simcar has left behind. */
static int clear_path(const struct sockaddr_un *address)
{
	_cleanup_(fd_closep) int fd = -1;
	struct stat st;

	/* A file is refused by connect(2) as well, and stays where it is. */
	if (lstat(address->sun_path, &st) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return -EEXIST;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) ==
			0 ||
		errno == EAGAIN)
		return WIRE_E_IN_USE;
	if (errno == ECONNREFUSED && unlink(address->sun_path) < 0)
		return -errno;

	return 0;
}

static int listen_at(const char *path, int *ret_fd)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	_cleanup_(fd_closep) int fd = -1;
	int r;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	strcpy(address.sun_path, path);
	r = clear_path(&address);
	if (r != 0)
		return r;

	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ||
		listen(fd, BACKLOG) < 0)
		return -errno;

	*ret_fd = fd_steal(&fd);
	return 0;
}

int wire_open(sd_event *event, const char *path, struct links *links,
	struct wire **ret)
{
	_cleanup_(wire_freep) struct wire *wire = NULL;
	int r;

	wire = calloc(1, sizeof(*wire));
	if (wire == NULL)
		return -ENOMEM;
	wire->carrier.ops = &wire_ops;
	wire->event = sd_event_ref(event);
	wire->fd = -1;
	wire->links = links;
	for (size_t i = 0; i < LINKS_MAX; i++)
		wire->lanes[i] = (struct lane){ .wire = wire, .fd = -1 };

	r = listen_at(path, &wire->fd);
	if (r != 0)
		return r;
	strcpy(wire->path, path);
	r = sd_event_add_io(
		event, &wire->accept, wire->fd, EPOLLIN, on_accept, wire);
	if (r < 0)
		return r;

	*ret = steal_ptr(&wire);
	return 0;
}

struct wire *wire_free(struct wire *wire)
{
	if (wire == NULL)
		return NULL;

	for (size_t i = 0; i < LINKS_MAX; i++)
		if (wire->lanes[i].link != NULL)
			links_close(wire->lanes[i].link, "the car stops");
	sd_event_source_disable_unref(wire->accept);
	fd_closep(&wire->fd);
	if (wire->path[0] != '\0')
		(void)unlink(wire->path);
	sd_event_unref(wire->event);
	free(wire);
	return NULL;
}
