/* SPDX-License-Identifier: MIT */

#include "node/out.h"

#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "util/clock.h"

enum {
	/* Memory kept between answers. */
	ROOM_KEPT = 16 * 1024,
};

struct out {
	sd_event *event;
	sd_event_source *io;
	int fd;
	char *data;
	size_t room;
	size_t start;
	size_t end;
	bool is_broken;
};

static void fail(struct out *out, int error)
{
	out->is_broken = true;
	out->start = out->end = 0;
	(void)sd_event_source_set_enabled(out->io, SD_EVENT_OFF);
	(void)sd_event_exit(out->event, error);
}

/* Hands over what is taken. */
static void flush(struct out *out)
{
	while (out->start < out->end) {
		ssize_t n = write(
			out->fd, out->data + out->start, out->end - out->start);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			break;
		if (n < 0) {
			/* A reader that is gone has said that this is the end. */
			fail(out, errno == EPIPE ? 0 : -errno);
			return;
		}
		out->start += (size_t)n;
	}

	if (out->start == out->end) {
		out->start = out->end = 0;
		if (out->room > ROOM_KEPT) {
			free(out->data);
			out->data = NULL;
			out->room = 0;
		}
	}
	(void)sd_event_source_set_enabled(
		out->io, out->end > 0 ? SD_EVENT_ON : SD_EVENT_OFF);
}

static int on_io(sd_event_source *source, int fd, uint32_t events, void *p)
{
	(void)source;
	(void)fd;
	(void)events;

	flush(p);
	return 0;
}

int out_new(sd_event *event, int fd, struct out **ret)
{
	_cleanup_(out_freep) struct out *out = NULL;
	int flags, r;

	out = calloc(1, sizeof(*out));
	if (out == NULL)
		return -ENOMEM;
	out->event = sd_event_ref(event);
	out->fd = fd;
	flags = fcntl(fd, F_GETFL);
	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
		return -errno;
	r = sd_event_add_io(event, &out->io, fd, EPOLLOUT, on_io, out);
	if (r < 0)
		return r;
	r = sd_event_source_set_enabled(out->io, SD_EVENT_OFF);
	if (r < 0)
		return r;

	*ret = steal_ptr(&out);
	return 0;
}

struct out *out_free(struct out *out)
{
	if (out == NULL)
		return NULL;

	sd_event_source_disable_unref(out->io);
	sd_event_unref(out->event);
	free(out->data);
	free(out);
	return NULL;
}

static int make_room(struct out *out, size_t len)
{
	size_t room = out->room == 0 ? ROOM_KEPT : out->room;
	char *data;

	if (out->start > 0) {
		memmove(out->data, out->data + out->start,
			out->end - out->start);
		out->end -= out->start;
		out->start = 0;
	}
	if (len > OUT_MAX - out->end)
		return -ENOBUFS;
	while (room - out->end < len)
		room *= 2;
	if (room == out->room)
		return 0;
	data = realloc(out->data, room);
	if (data == NULL)
		return -ENOMEM;

	out->data = data;
	out->room = room;
	return 0;
}

void out_write(struct out *out, const char *text, size_t len)
{
	bool was_empty = out->end == 0;

	if (out->is_broken)
		return;
	if (len > out->room - out->end) {
		int r = make_room(out, len);

		if (r < 0) {
			fail(out, r);
			return;
		}
	}

	memcpy(out->data + out->end, text, len);
	out->end += len;
	if (was_empty)
		flush(out);
}

void out_drain(struct out *out)
{
	uint64_t deadline_ms = clock_boottime_ms() + OUT_DRAIN_MS;

	while (out->end > 0 && !out->is_broken) {
		struct pollfd fd = { .fd = out->fd, .events = POLLOUT };
		uint64_t now_ms = clock_boottime_ms();

		if (now_ms >= deadline_ms ||
			poll(&fd, 1, (int)(deadline_ms - now_ms)) == 0)
			return;
		flush(out);
	}
}
