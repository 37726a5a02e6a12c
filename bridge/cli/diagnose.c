/* SPDX-License-Identifier: MIT */

#include "cli/diagnose.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/clock.h"
#include "util/fd.h"

#define SAY(why, ...) ((void)snprintf((why), DIAGNOSE_WHY_SIZE, __VA_ARGS__))

struct reading {
	const struct diagnose_ops *ops;
	void *userdata;
	size_t n_lines;
	size_t len;
	bool is_too_long; /* the line being read */
	char line[DIAGNOSE_LINE_MAX + 1];
};

/* Its log goes nowhere: what it has to say is on standard output. */
static int start(char *const *argv, int out, pid_t *ret)
{
	posix_spawn_file_actions_t actions;
	int r;

	r = posix_spawn_file_actions_init(&actions);
	if (r != 0)
		return -r;
	r = posix_spawn_file_actions_addopen(
		&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	if (r == 0)
		r = posix_spawn_file_actions_addopen(
			&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	if (r == 0)
		r = posix_spawn_file_actions_adddup2(
			&actions, out, STDOUT_FILENO);
	if (r == 0)
		r = posix_spawn(ret, argv[0], &actions, NULL, argv, environ);
	(void)posix_spawn_file_actions_destroy(&actions);
	return -r;
}

static void end_line(struct reading *reading)
{
	reading->line[reading->len] = '\0';
	if (reading->len > 0 && !reading->is_too_long &&
		reading->n_lines < DIAGNOSE_LINES_MAX) {
		reading->n_lines++;
		reading->ops->line(reading->userdata, reading->line);
	}
	reading->len = 0;
	reading->is_too_long = false;
}

static void take(struct reading *reading, const char *data, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (data[i] == '\n')
			end_line(reading);
		else if (reading->len == DIAGNOSE_LINE_MAX)
			reading->is_too_long = true;
		else if (data[i] != '\0')
			reading->line[reading->len++] = data[i];
	}
}

/* Until the other end is closed.  Returns 0 or negative errno. */
static int read_all(int fd, struct reading *reading)
{
	const uint64_t end_ms = clock_boottime_ms() + DIAGNOSE_MS;
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	char data[4096];
	ssize_t n;
	int r;

	while (clock_boottime_ms() < end_ms) {
		r = poll(&poll_fd, 1, DIAGNOSE_IDLE_MS);
		if (r == 0)
			reading->ops->idle(reading->userdata);
		if (r == 0 || (r < 0 && errno == EINTR))
			continue;
		n = read(fd, data, sizeof(data));
		if (n == 0)
			return 0;
		if (n < 0)
			return -errno;
		take(reading, data, (size_t)n);
	}

	return -ETIMEDOUT;
}

/* SIGTERM first: it may hold a connection that wants to be closed. */
static int stop(pid_t pid)
{
	const uint64_t end_ms = clock_boottime_ms() + DIAGNOSE_STOP_MS;
	int status = 0;
	pid_t ended;

	(void)kill(pid, SIGTERM);
	while ((ended = waitpid(pid, &status, WNOHANG)) == 0 &&
		clock_boottime_ms() < end_ms)
		(void)poll(NULL, 0, DIAGNOSE_IDLE_MS);
	if (ended == 0) {
		(void)kill(pid, SIGKILL);
		(void)waitpid(pid, &status, 0);
	}

	return status;
}

int diagnose_run(char *const *argv, const struct diagnose_ops *ops,
	void *userdata, char why[static DIAGNOSE_WHY_SIZE])
{
	_cleanup_(fd_closep) int in = -1;
	_cleanup_(fd_closep) int out = -1;
	struct reading reading = { .ops = ops, .userdata = userdata };
	const char *program = argv[0];
	int fds[2], status = 0, r;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0) {
		SAY(why, "%s cannot be run: %s", program, strerror(errno));
		return DIAGNOSE_E_FAILED;
	}
	in = fds[0];
	out = fds[1];
	r = start(argv, out, &pid);
	if (r < 0) {
		SAY(why, "%s cannot be run: %s", program, strerror(-r));
		return DIAGNOSE_E_FAILED;
	}
	fd_closep(&out);

	r = read_all(in, &reading);
	end_line(&reading);
	if (r < 0)
		status = stop(pid);
	else if (waitpid(pid, &status, 0) < 0)
		status = 0;
	if (r == 0 && reading.n_lines > 0)
		return 0;

	if (r == -ETIMEDOUT)
		SAY(why, "%s --diagnose did not end in time", program);
	else
		SAY(why,
			"%s --diagnose told nothing (status %d); run it to "
			"see why",
			program,
			WIFEXITED(status) ? WEXITSTATUS(status)
					  : 128 + WTERMSIG(status));
	return DIAGNOSE_E_FAILED;
}
