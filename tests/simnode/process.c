/* SPDX-License-Identifier: MIT */

#include "process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "node.h"
#include "scan.h"
#include "util/fd.h"

enum {
	READ_SIZE = 64 * 1024,
};

struct process {
	const struct process_handler *handler;
	void *userdata;
	pid_t pid;
	sd_event_source *in;  /* owns its stdin */
	sd_event_source *out; /* owns its stdout */
	char *heard;
	size_t heard_len;
	char *told; /* what it has not read yet */
	size_t told_len;
	bool hearing; /* a handler runs */
	bool ended;   /* meanwhile: to be freed after it */
};

/* What a plugin may not do. */
static const char *complain(const json_t *object)
{
	if (!json_is_object(object))
		return "wrote what is no JSON object";
	if (!node_text_is(object, "jsonrpc", "2.0"))
		return "wrote an object without \"jsonrpc\":\"2.0\"";

	return NULL;
}

/* Hears one object, and moves *@at behind it.  Returns false at the end. */
static bool hear_one(struct process *process, size_t *at)
{
	const char *text = process->heard, *why;
	json_error_t error;
	json_t *object;
	size_t len;

	*at += scan_space(text + *at, process->heard_len - *at);
	if (*at == process->heard_len)
		return false;
	len = scan_object(text + *at, process->heard_len - *at);
	if (len == 0 && process->heard_len - *at <= PROCESS_OBJECT_MAX)
		return false;

	object = json_loadb(text + *at, len, JSON_REJECT_DUPLICATES, &error);
	*at += len;
	why = complain(object);
	if (why == NULL)
		process->handler->on_object(process->userdata, object);
	else
		process->handler->on_end(process->userdata, why);
	json_decref(object);
	return !process->ended;
}

static void release(struct process *process)
{
	free(process->heard);
	free(process->told);
	free(process);
}

static void hear_all(struct process *process)
{
	size_t at = 0;

	process->hearing = true;
	while (hear_one(process, &at))
		;
	process->hearing = false;
	if (process->ended) {
		release(process);
		return;
	}

	process->heard_len -= at;
	memmove(process->heard, process->heard + at, process->heard_len);
}

static int on_out(
	sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	struct process *process = userdata;
	char *more;
	ssize_t n;

	(void)source;
	(void)events;
	more = realloc(process->heard, process->heard_len + READ_SIZE);
	if (more == NULL)
		return -ENOMEM;
	process->heard = more;
	n = read(fd, more + process->heard_len, READ_SIZE);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0) {
		process->handler->on_end(process->userdata, "exited");
		return 0;
	}

	process->heard_len += (size_t)n;
	hear_all(process);
	return 0;
}

static int on_in(
	sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	struct process *process = userdata;
	ssize_t n;

	(void)events;
	n = write(fd, process->told, process->told_len);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	/* It does not listen any more; that it ends, its stdout tells. */
	if (n < 0)
		return sd_event_source_set_enabled(source, SD_EVENT_OFF);

	process->told_len -= (size_t)n;
	memmove(process->told, process->told + n, process->told_len);
	return process->told_len > 0
		       ? 0
		       : sd_event_source_set_enabled(source, SD_EVENT_OFF);
}

void process_send(struct process *process, const json_t *object)
{
	_cleanup_(freep) char *text = json_dumps(object, JSON_COMPACT);
	size_t len;
	char *more;

	if (text == NULL || process->ended)
		return;
	len = strlen(text);
	more = realloc(process->told, process->told_len + len + 2);
	if (more == NULL)
		return;

	memcpy(more + process->told_len, text, len);
	memcpy(more + process->told_len + len, "\n\n", 2);
	process->told = more;
	process->told_len += len + 2;
	(void)sd_event_source_set_enabled(process->in, SD_EVENT_ON);
}

/* Signals as a program expects to find them. */
static int spawn(
	const char *path, const char *cwd, int in, int out, pid_t *ret_pid)
{
	char *const argv[] = { strdup(path), NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t none, all;
	int r;

	if (argv[0] == NULL)
		return -ENOMEM;
	(void)sigemptyset(&none);
	(void)sigfillset(&all);
	(void)posix_spawn_file_actions_init(&actions);
	(void)posix_spawnattr_init(&attr);
	r = posix_spawn_file_actions_addchdir_np(&actions, cwd);
	if (r == 0)
		r = posix_spawn_file_actions_adddup2(
			&actions, in, STDIN_FILENO);
	if (r == 0)
		r = posix_spawn_file_actions_adddup2(
			&actions, out, STDOUT_FILENO);
	(void)posix_spawnattr_setsigmask(&attr, &none);
	(void)posix_spawnattr_setsigdefault(&attr, &all);
	(void)posix_spawnattr_setflags(
		&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	if (r == 0)
		r = posix_spawn(ret_pid, path, &actions, &attr, argv, environ);
	(void)posix_spawnattr_destroy(&attr);
	(void)posix_spawn_file_actions_destroy(&actions);
	free(argv[0]);
	return -r;
}

static int watch(sd_event *event, int *fd, uint32_t events,
	sd_event_io_handler_t handler, void *userdata, sd_event_source **ret)
{
	_cleanup_(sd_event_source_unrefp) sd_event_source *source = NULL;
	int r;

	if (fcntl(*fd, F_SETFL, O_NONBLOCK) < 0)
		return -errno;
	r = sd_event_add_io(event, &source, *fd, events, handler, userdata);
	if (r >= 0)
		r = sd_event_source_set_io_fd_own(source, 1);
	if (r < 0)
		return r;

	(void)fd_steal(fd);
	*ret = steal_ptr(&source);
	return 0;
}

int process_start(sd_event *event, const char *path, const char *cwd,
	const struct process_handler *handler, void *userdata,
	struct process **ret)
{
	struct process *process = calloc(1, sizeof(*process));
	_cleanup_(fd_closep) int its_in = -1;
	_cleanup_(fd_closep) int its_out = -1;
	_cleanup_(fd_closep) int in = -1;
	_cleanup_(fd_closep) int out = -1;
	int pair[2];
	int r;

	if (process == NULL)
		return -ENOMEM;
	*process = (struct process){ .handler = handler, .userdata = userdata };
	r = pipe2(pair, O_CLOEXEC) < 0 ? -errno : 0;
	if (r == 0) {
		its_in = pair[0];
		in = pair[1];
		r = pipe2(pair, O_CLOEXEC) < 0 ? -errno : 0;
	}
	if (r == 0) {
		out = pair[0];
		its_out = pair[1];
		r = watch(event, &in, EPOLLOUT, on_in, process, &process->in);
	}
	if (r == 0)
		r = watch(event, &out, EPOLLIN, on_out, process, &process->out);
	if (r == 0)
		r = sd_event_source_set_enabled(process->in, SD_EVENT_OFF);
	if (r >= 0)
		r = spawn(path, cwd, its_in, its_out, &process->pid);
	if (r < 0) {
		sd_event_source_unref(process->in);
		sd_event_source_unref(process->out);
		free(process);
		return r;
	}

	*ret = process;
	return 0;
}

int process_pid(const struct process *process)
{
	return process->pid;
}

struct process *process_end(
	struct process *process, int grace_ms, int *ret_status)
{
	int status = 0;

	if (process == NULL)
		return NULL;

	process->in = sd_event_source_disable_unref(process->in);
	process->out = sd_event_source_disable_unref(process->out);
	if (grace_ms > 0) {
		_cleanup_(fd_closep) int fd =
			(int)syscall(SYS_pidfd_open, process->pid, 0);
		struct pollfd poll_fd = { .fd = fd, .events = POLLIN };

		(void)poll(&poll_fd, 1, grace_ms);
	}
	(void)kill(process->pid, SIGKILL);
	while (waitpid(process->pid, &status, 0) < 0 && errno == EINTR)
		;
	if (ret_status != NULL)
		*ret_status = status;
	process->ended = true;
	if (!process->hearing)
		release(process);
	return NULL;
}
