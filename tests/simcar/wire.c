/* SPDX-License-Identifier: MIT */

#include "wire.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "car.h"
#include "util/clock.h"
#include "util/fd.h"
#include "vehicle/frame.h"

enum {
	READ_SIZE = 4096,
	BACKLOG = 8,
};

/* Bytes that wait for their time; without any, the link drops then. */
struct parcel {
	struct parcel *next;
	uint64_t due_ms;
	size_t len;
	size_t sent;
	uint8_t bytes[];
};

struct wire_link {
	struct wire *wire;
	int id; /* 0: free */
	int fd;
	sd_event_source *io;
	struct frame_buffer in;
	uint64_t heard_ms;
	/* By due time; the first may be half sent and then stays first. */
	struct parcel *queue;
	size_t queued;
	uint64_t pause_until_ms;
	bool blocked; /* the socket is full */
};

struct wire {
	sd_event *event;
	sd_event_source *accept;
	int fd;
	char path[sizeof(((struct sockaddr_un *)NULL)->sun_path)];
	struct wire_handler handler;
	const struct say *say;
	struct faults *faults;
	unsigned int mtu;
	uint64_t idle_ms;
	int last_id;
	struct wire_link links[WIRE_LINKS_MAX];
};

static unsigned int count_links(const struct wire *wire)
{
	unsigned int n = 0;

	for (size_t i = 0; i < WIRE_LINKS_MAX; i++)
		n += wire->links[i].id != 0;

	return n;
}

static void link_close(struct wire_link *link, const char *why)
{
	struct wire *wire = link->wire;
	struct parcel *parcel;
	int id = link->id;

	link->io = sd_event_source_disable_unref(link->io);
	fd_closep(&link->fd);
	while ((parcel = link->queue) != NULL) {
		link->queue = parcel->next;
		free(parcel);
	}
	link->queued = 0;
	link->id = 0;
	say(wire->say, "{s:i,s:s,s:i}", "disconnected", id, "why", why, "links",
		(int)count_links(wire));
}

static void set_blocked(struct wire_link *link, bool blocked)
{
	if (link->blocked == blocked)
		return;
	link->blocked = blocked;
	(void)sd_event_source_set_io_events(
		link->io, blocked ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

/* Sends a block of the first parcel.  Returns false if it cannot now. */
static bool send_block(struct wire_link *link, uint64_t now_ms)
{
	struct parcel *parcel = link->queue;
	unsigned int mtu = link->wire->mtu;
	size_t len = parcel->len - parcel->sent;
	ssize_t n;

	/* A real indication ends where the MTU does. */
	if (mtu > 0 && len > mtu - WIRE_ATT_HEADER)
		len = mtu - WIRE_ATT_HEADER;
	n = send(link->fd, parcel->bytes + parcel->sent, len,
		MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n < 0 && errno == EAGAIN) {
		set_blocked(link, true);
		return false;
	}
	if (n < 0) {
		link_close(link, strerror(errno));
		return false;
	}

	parcel->sent += (size_t)n;
	if (mtu > 0)
		link->pause_until_ms = now_ms + WIRE_BLOCK_PAUSE_MS;
	if (parcel->sent == parcel->len) {
		link->queue = parcel->next;
		link->queued -= parcel->len;
		free(parcel);
	}
	return true;
}

static void link_flush(struct wire_link *link, uint64_t now_ms)
{
	while (link->id != 0 && link->queue != NULL && !link->blocked &&
		link->queue->due_ms <= now_ms &&
		link->pause_until_ms <= now_ms) {
		if (link->queue->len == 0)
			link_close(link, "dropped by the car");
		else if (!send_block(link, now_ms))
			break;
	}
}

static void link_queue(struct wire_link *link, const uint8_t *bytes, size_t len,
	uint64_t delay_ms)
{
	struct parcel **at = &link->queue;
	struct parcel *parcel;

	/* What a client can make us keep is bounded. */
	if (len > WIRE_QUEUE_MAX - link->queued) {
		link_close(link, "the client does not read");
		return;
	}
	parcel = malloc(sizeof(*parcel) + len);
	if (parcel == NULL) {
		link_close(link, strerror(ENOMEM));
		return;
	}

	*parcel = (struct parcel){
		.due_ms = clock_boottime_ms() + delay_ms,
		.len = len,
	};
	if (len > 0)
		memcpy(parcel->bytes, bytes, len);
	/* Behind what is due at the same time, never into a half-sent frame. */
	while (*at != NULL &&
		((*at)->sent > 0 || (*at)->due_ms <= parcel->due_ms))
		at = &(*at)->next;
	parcel->next = *at;
	*at = parcel;
	link->queued += len;
}

void wire_send(struct wire *wire, int link, const uint8_t *bytes, size_t len,
	uint64_t delay_ms)
{
	for (size_t i = 0; i < WIRE_LINKS_MAX; i++)
		if (wire->links[i].id != 0 &&
			(link == LINK_ALL || link == wire->links[i].id))
			link_queue(&wire->links[i], bytes, len, delay_ms);
}

void wire_drop(struct wire *wire, int link)
{
	wire_send(wire, link, NULL, 0, 0);
}

void wire_drop_all(struct wire *wire, const char *why)
{
	for (size_t i = 0; i < WIRE_LINKS_MAX; i++)
		if (wire->links[i].id != 0)
			link_close(&wire->links[i], why);
}

void wire_set_mtu(struct wire *wire, unsigned int mtu)
{
	wire->mtu = mtu;
}

void wire_set_idle(struct wire *wire, uint64_t idle_ms)
{
	wire->idle_ms = idle_ms;
}

/* Is a link to drop that has nothing to say? */
static bool idle_is_armed(const struct wire *wire)
{
	for (size_t i = 0; i < wire->faults->n; i++)
		if (wire->faults->armed[i].kind == FAULT_IDLE_DROP)
			return true;

	return false;
}

void wire_flush(struct wire *wire)
{
	uint64_t now_ms = clock_boottime_ms();
	struct fault fault;

	for (size_t i = 0; i < WIRE_LINKS_MAX; i++) {
		struct wire_link *link = &wire->links[i];

		if (link->id == 0)
			continue;
		if (now_ms - link->heard_ms >= wire->idle_ms &&
			faults_take_kind(wire->faults, FAULT_IDLE_DROP, &fault))
			link_close(link, "idle");
		else
			link_flush(link, now_ms);
	}
}

uint64_t wire_deadline(const struct wire *wire)
{
	bool idle = idle_is_armed(wire);
	uint64_t deadline = CLOCK_NEVER;

	for (size_t i = 0; i < WIRE_LINKS_MAX; i++) {
		const struct wire_link *link = &wire->links[i];
		uint64_t at = CLOCK_NEVER;

		if (link->id == 0)
			continue;
		if (link->queue != NULL && !link->blocked) {
			at = link->queue->due_ms;
			if (link->pause_until_ms > at)
				at = link->pause_until_ms;
		}
		if (idle && link->heard_ms + wire->idle_ms < at)
			at = link->heard_ms + wire->idle_ms;
		if (at < deadline)
			deadline = at;
	}

	return deadline;
}

/* Gives whole messages to the car, until the link goes or none is left. */
static int take_messages(struct wire_link *link)
{
	struct wire *wire = link->wire;
	const uint8_t *message;
	int id = link->id;
	size_t len;
	int r;

	for (;;) {
		r = frame_take(&link->in, &message, &len);
		if (r == FRAME_E_TOO_BIG)
			say(wire->say, "{s:s,s:s}", "ignored", "frame", "why",
				"it is longer than a message may be");
		if (r != 0)
			return 0;
		r = wire->handler.message(
			wire->handler.userdata, id, message, len);
		if (r < 0)
			return r;
		/* The message may have cost it the link. */
		if (link->id != id)
			return 0;
	}
}

/* The faults that strike as soon as a block is in. */
static int strike(struct wire_link *link)
{
	struct wire *wire = link->wire;
	struct fault fault;
	int r;

	if (faults_take_kind(wire->faults, FAULT_BROADCAST, &fault)) {
		say(wire->say, "{s:s}", "injected", fault.text);
		r = wire->handler.broadcast(wire->handler.userdata);
		if (r < 0)
			return r;
	}
	if (faults_take_kind(wire->faults, FAULT_DROP_IN_REQUEST, &fault)) {
		say(wire->say, "{s:s}", "injected", fault.text);
		link_close(link, "dropped by the car");
	}

	return 0;
}

static int on_bytes(struct wire_link *link, const uint8_t *bytes, size_t len)
{
	uint64_t now_ms = clock_boottime_ms();
	int id = link->id;
	size_t n;
	int r;

	link->heard_ms = now_ms;
	r = strike(link);
	while (r == 0 && len > 0 && link->id == id) {
		n = frame_push(&link->in, now_ms, bytes, len);
		bytes += n;
		len -= n;
		r = take_messages(link);
	}

	return r;
}

static int on_io(sd_event_source *source, int fd, uint32_t events, void *data)
{
	struct wire_link *link = data;
	uint8_t bytes[READ_SIZE];
	ssize_t n;
	int r;

	(void)source;
	if ((events & EPOLLOUT) != 0)
		set_blocked(link, false);
	if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) == 0)
		return 0;

	n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0) {
		link_close(link,
			n == 0 ? "the client closed it" : strerror(errno));
		return 0;
	}

	r = on_bytes(link, bytes, (size_t)n);
	if (r < 0)
		(void)sd_event_exit(link->wire->event, r);
	return 0;
}

static struct wire_link *find_free(struct wire *wire)
{
	for (size_t i = 0; i < WIRE_LINKS_MAX; i++)
		if (wire->links[i].id == 0)
			return &wire->links[i];

	return NULL;
}

static int on_accept(
	sd_event_source *source, int listen_fd, uint32_t events, void *data)
{
	struct wire *wire = data;
	struct wire_link *link = find_free(wire);
	_cleanup_(fd_closep) int fd = -1;
	struct fault fault;
	int r;

	(void)source;
	(void)events;
	fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0)
		return 0;
	/* Heard and refused, as a car that holds three does. */
	if (link == NULL ||
		faults_take_kind(wire->faults, FAULT_LINKS_FULL, &fault)) {
		say(wire->say, "{s:s}", "refused", "links-full");
		return 0;
	}

	*link = (struct wire_link){
		.wire = wire,
		.heard_ms = clock_boottime_ms(),
		.fd = -1,
	};
	frame_buffer_init(&link->in);
	r = sd_event_add_io(wire->event, &link->io, fd, EPOLLIN, on_io, link);
	if (r < 0) {
		say(wire->say, "{s:s}", "refused", strerror(-r));
		return 0;
	}
	link->fd = fd_steal(&fd);
	link->id = ++wire->last_id;
	say(wire->say, "{s:i,s:i}", "connected", link->id, "links",
		(int)count_links(wire));

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

int wire_open(sd_event *event, const char *path,
	const struct wire_handler *handler, const struct say *say_to,
	struct faults *faults, struct wire **ret)
{
	_cleanup_(wire_freep) struct wire *wire = NULL;
	int r;

	wire = calloc(1, sizeof(*wire));
	if (wire == NULL)
		return -ENOMEM;
	wire->event = sd_event_ref(event);
	wire->fd = -1;
	wire->handler = *handler;
	wire->say = say_to;
	wire->faults = faults;
	wire->idle_ms = WIRE_IDLE_MS;

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

	wire_drop_all(wire, "the car stops");
	sd_event_source_disable_unref(wire->accept);
	fd_closep(&wire->fd);
	if (wire->path[0] != '\0')
		(void)unlink(wire->path);
	sd_event_unref(wire->event);
	free(wire);
	return NULL;
}
