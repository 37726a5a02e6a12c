/* SPDX-License-Identifier: MIT */

#include "util/file.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "util/fd.h"

static int read_all(int fd, size_t max, char **ret_data, size_t *ret_len)
{
	_cleanup_(freep) char *data = NULL;
	size_t len = 0, room = 0;

	/* Reads to the end: st_size says nothing about pipes and /proc. */
	for (;;) {
		ssize_t n;

		if (len == room) {
			char *more;

			room = room == 0 ? 4096 : 2 * room;
			if (room > max + 1)
				room = max + 1;
			more = realloc(data, room + 1);
			if (more == NULL)
				return -ENOMEM;
			data = more;
		}
		n = read(fd, data + len, room - len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		len += (size_t)n;
		if (len > max)
			return FILE_E_TOO_BIG;
	}

	data[len] = '\0';
	*ret_data = steal_ptr(&data);
	*ret_len = len;
	return 0;
}

int file_read(const char *path, size_t max, char **ret_data, size_t *ret_len)
{
	_cleanup_(fd_closep) int fd = -1;

	/* O_NONBLOCK for a moment: a FIFO would wait for its other end. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0 || fcntl(fd, F_SETFL, 0) < 0)
		return -errno;

	return read_all(fd, max, ret_data, ret_len);
}

int file_read_secret(const char *path, mode_t forbidden, size_t max,
	char **ret_data, size_t *ret_len)
{
	_cleanup_(fd_closep) int fd = -1;
	struct stat st;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if ((st.st_mode & forbidden) != 0)
		return FILE_E_TOO_OPEN;
	return read_all(fd, max, ret_data, ret_len);
}

static int write_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		data += n;
		len -= (size_t)n;
	}

	return 0;
}

static int folder_of(const char *path, char **ret)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		*ret = strdup(".");
	else if (slash == path)
		*ret = strdup("/");
	else
		*ret = strndup(path, (size_t)(slash - path));

	return *ret == NULL ? -ENOMEM : 0;
}

int file_sync_folder(const char *path)
{
	_cleanup_(freep) char *folder = NULL;
	_cleanup_(fd_closep) int fd = -1;
	int r;

	r = folder_of(path, &folder);
	if (r < 0)
		return r;
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;

	return fsync(fd) < 0 ? -errno : 0;
}

static int open_named(const char *path, int *ret_fd, char **ret_tmp)
{
	_cleanup_(freep) char *tmp = NULL;

	if (asprintf(&tmp, "%s.XXXXXX", path) < 0) {
		tmp = NULL;
		return -ENOMEM;
	}
	*ret_fd = mkostemp(tmp, O_CLOEXEC);
	if (*ret_fd < 0)
		return -errno;

	*ret_tmp = steal_ptr(&tmp);
	return 0;
}

/*
 * A file without a name: who is killed while it is written leaves nothing.
 * Where the file system cannot do that (NFS, overlay before Linux 6.3), one
 * with the name @ret_tmp.  Others cannot read it, in no moment.
 */
static int open_tmp(const char *path, int *ret_fd, char **ret_tmp)
{
	_cleanup_(freep) char *folder = NULL;
	int r;

	r = folder_of(path, &folder);
	if (r < 0)
		return r;
	*ret_fd = open(folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
	if (*ret_fd >= 0)
		return 0;
	if (errno != EOPNOTSUPP && errno != EISDIR)
		return -errno;

	return open_named(path, ret_fd, ret_tmp);
}

/* Whole, with its mode, and on the disk. */
static int fill(int fd, mode_t mode, const void *data, size_t len)
{
	int r;

	r = write_all(fd, data, len);
	if (r == 0 && fchmod(fd, mode) < 0)
		r = -errno;
	if (r == 0 && fsync(fd) < 0)
		r = -errno;

	return r;
}

/* link(2), as rename(2) would overwrite. */
static int name_it(int fd, const char *tmp, const char *path)
{
	char proc[32];

	(void)snprintf(proc, sizeof(proc), "/proc/self/fd/%d", fd);
	if (linkat(AT_FDCWD, tmp != NULL ? tmp : proc, AT_FDCWD, path,
		    AT_SYMLINK_FOLLOW) < 0)
		return errno == EEXIST ? FILE_E_EXISTS : -errno;

	return 0;
}

int file_create(const char *path, mode_t mode, const void *data, size_t len)
{
	_cleanup_(freep) char *tmp = NULL;
	_cleanup_(fd_closep) int fd = -1;
	int r;

	r = open_tmp(path, &fd, &tmp);
	if (r < 0)
		return r;

	r = fill(fd, mode, data, len);
	if (r == 0)
		r = name_it(fd, tmp, path);
	if (tmp != NULL)
		(void)unlink(tmp);
	if (r != 0)
		return r;

	/* A name that a power cut may take back is none. */
	r = file_sync_folder(path);
	if (r < 0)
		(void)unlink(path);

	return r;
}

int file_replace(const char *path, mode_t mode, const void *data, size_t len)
{
	_cleanup_(freep) char *tmp = NULL;
	_cleanup_(fd_closep) int fd = -1;
	struct stat st;
	int r;

	/* rename(2) would put a file in the place of /dev/null, too. */
	if (lstat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return FILE_E_NO_FILE;
	/* What has no name cannot be renamed over one. */
	r = open_named(path, &fd, &tmp);
	if (r < 0)
		return r;

	r = fill(fd, mode, data, len);
	if (r == 0 && rename(tmp, path) < 0)
		r = -errno;
	if (r < 0) {
		(void)unlink(tmp);
		return r;
	}

	return file_sync_folder(path);
}

int file_is_durable(const char *path)
{
	struct statfs fs;

	if (statfs(path, &fs) < 0)
		return -errno;
	switch ((unsigned long)fs.f_type) {
	case TMPFS_MAGIC:
	case RAMFS_MAGIC:
	case OVERLAYFS_SUPER_MAGIC:
		return FILE_E_VOLATILE;
	}

	return 0;
}
