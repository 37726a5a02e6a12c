/* SPDX-License-Identifier: MIT */

#include "node/state.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/fd.h"

/* What is in it is nobody else's business; and a name is to last. */
static int open_folder(int parent_fd, const char *name, int *ret_fd)
{
	_cleanup_(fd_closep) int fd = -1;

	if (mkdirat(parent_fd, name, 0700) < 0 && errno != EEXIST)
		return -errno;
	fd = openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (faccessat(fd, ".", R_OK | W_OK | X_OK, AT_EACCESS) < 0)
		return -errno;
	/*
	 * Names that a process before us wrote, and was stopped before it had
	 * synced them, are on the disk before we go by them.
	 */
	if (fsync(fd) < 0)
		return -errno;

	*ret_fd = fd_steal(&fd);
	return 0;
}

static void state_closep(struct state *state)
{
	state_close(state);
}

int state_open(const char *path, struct state *ret)
{
	_cleanup_(state_closep) struct state state = STATE_NONE;
	_cleanup_(fd_closep) int parent_fd = -1;
	int r;

	parent_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (parent_fd < 0)
		return -errno;
	r = open_folder(parent_fd, "1sat2flash", &state.fd);
	if (r == 0)
		r = open_folder(state.fd, "cars", &state.cars_fd);
	if (r == 0)
		r = open_folder(state.fd, "marks", &state.marks_fd);
	if (r < 0)
		return r;
	if (fsync(state.fd) < 0 || fsync(parent_fd) < 0)
		return -errno;

	*ret = state;
	state = STATE_NONE;
	return 0;
}

void state_close(struct state *state)
{
	fd_closep(&state->fd);
	fd_closep(&state->cars_fd);
	fd_closep(&state->marks_fd);
}
