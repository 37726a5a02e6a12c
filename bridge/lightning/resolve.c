/* SPDX-License-Identifier: MIT */

#include "lightning/resolve.h"

#include <fcntl.h>
#include <netdb.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/fd.h"

/* What the child writes, at once: less than PIPE_BUF. */
struct found {
	int error; /* of getaddrinfo() */
	size_t n;
	struct sockaddr_storage list[RESOLVE_MAX];
};

struct resolve {
	resolve_handler_t handler;
	void *userdata;
	sd_event_source *io; /* the pipe, or what is due if none is needed */
	pid_t child;         /* 0: none */
	struct found found;
};

_Static_assert(sizeof(struct found) <= 4096, "a pipe takes it at once");

static void look_up(
	const struct endpoint *endpoint, int flags, struct found *ret)
{
	const struct addrinfo hints = {
		.ai_flags = flags | AI_NUMERICSERV,
		.ai_socktype = SOCK_STREAM,
	};
	struct addrinfo *list = NULL;
	char port[8];

	(void)snprintf(port, sizeof(port), "%u", (unsigned int)endpoint->port);
	ret->n = 0;
	ret->error = getaddrinfo(endpoint->host, port, &hints, &list);
	if (ret->error != 0)
		return;
	for (struct addrinfo *a = list; a != NULL && ret->n < RESOLVE_MAX;
		a = a->ai_next)
		if (a->ai_addrlen <= sizeof(ret->list[0]))
			memcpy(&ret->list[ret->n++], a->ai_addr, a->ai_addrlen);
	freeaddrinfo(list);
}

/* Nothing of ours is open in the child but the pipe. */
static _Noreturn void run_child(const struct endpoint *endpoint, int fd)
{
	static struct found found;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (dup2(fd, STDERR_FILENO + 1) >= 0)
		(void)close_range(STDERR_FILENO + 2, ~0U, 0);
	look_up(endpoint, 0, &found);
	(void)!write(STDERR_FILENO + 1, &found, sizeof(found));
	_exit(0);
}

static void end_child(struct resolve *resolve)
{
	if (resolve->child == 0)
		return;

	/* It has written and ends, or it is not waited for. */
	(void)kill(resolve->child, SIGKILL);
	(void)waitpid(resolve->child, NULL, 0);
	resolve->child = 0;
}

static void tell(struct resolve *resolve)
{
	const struct found *found = &resolve->found;
	const char *why = "";

	if (found->n == 0)
		why = found->error == 0 ? "it has no address"
					: gai_strerror(found->error);
	resolve->handler(resolve->userdata, found->list, found->n, why);
}

static int on_child(
	sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	struct resolve *resolve = userdata;
	ssize_t n;

	(void)source;
	(void)events;
	n = read(fd, &resolve->found, sizeof(resolve->found));
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n != (ssize_t)sizeof(resolve->found) ||
		resolve->found.n > RESOLVE_MAX)
		resolve->found = (struct found){ .error = EAI_FAIL };
	resolve->io = sd_event_source_disable_unref(resolve->io);
	end_child(resolve);
	tell(resolve);
	return 0;
}

static int on_known(sd_event_source *source, void *userdata)
{
	(void)source;
	tell(userdata);
	return 0;
}

static int start_child(struct resolve *resolve, sd_event *event,
	const struct endpoint *endpoint)
{
	_cleanup_(fd_closep) int in = -1, out = -1;
	int fds[2];
	int r;

	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0)
		return -errno;
	in = fds[0];
	out = fds[1];
	r = sd_event_add_io(
		event, &resolve->io, in, EPOLLIN, on_child, resolve);
	if (r >= 0)
		r = sd_event_source_set_io_fd_own(resolve->io, 1);
	if (r < 0)
		return r;
	(void)fd_steal(&in);

	resolve->child = fork();
	if (resolve->child < 0) {
		resolve->child = 0;
		return -errno;
	}
	if (resolve->child == 0)
		run_child(endpoint, out);
	return 0;
}

int resolve_new(sd_event *event, const struct endpoint *endpoint,
	resolve_handler_t handler, void *userdata, struct resolve **ret)
{
	_cleanup_(resolve_freep) struct resolve *resolve = NULL;
	int r;

	resolve = calloc(1, sizeof(*resolve));
	if (resolve == NULL)
		return -ENOMEM;
	resolve->handler = handler;
	resolve->userdata = userdata;

	/* Whoever wrote numbers needs nobody's answer. */
	look_up(endpoint, AI_NUMERICHOST, &resolve->found);
	if (resolve->found.n > 0)
		r = sd_event_add_defer(event, &resolve->io, on_known, resolve);
	else
		r = start_child(resolve, event, endpoint);
	if (r < 0)
		return r;

	*ret = steal_ptr(&resolve);
	return 0;
}

struct resolve *resolve_free(struct resolve *resolve)
{
	if (resolve == NULL)
		return NULL;

	sd_event_source_disable_unref(resolve->io);
	end_child(resolve);
	free(resolve);
	return NULL;
}
