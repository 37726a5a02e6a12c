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

int file_read(const char *path, size_t max, char **ret_data, size_t *ret_len)
{
	_cleanup_(fd_closep) int fd = -1;
	_cleanup_(freep) char *data = NULL;
	size_t len = 0, room = 0;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return -errno;

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

int file_create(const char *path, mode_t mode, const void *data, size_t len)
{
	_cleanup_(freep) char *tmp = NULL;
	_cleanup_(fd_closep) int fd = -1;
	int r;

	if (asprintf(&tmp, "%s.XXXXXX", path) < 0) {
		tmp = NULL;
		return -ENOMEM;
	}
	/* mkostemp(3) creates with 0600: never readable by others before. */
	fd = mkostemp(tmp, O_CLOEXEC);
	if (fd < 0)
		return -errno;

	r = write_all(fd, data, len);
	if (r == 0 && fchmod(fd, mode) < 0)
		r = -errno;
	if (r == 0 && fsync(fd) < 0)
		r = -errno;
	/* link(2), as rename(2) would overwrite. */
	if (r == 0 && link(tmp, path) < 0)
		r = errno == EEXIST ? FILE_E_EXISTS : -errno;
	(void)unlink(tmp);
	if (r != 0)
		return r;

	/* A name that a power cut may take back is none. */
	r = file_sync_folder(path);
	if (r < 0)
		(void)unlink(path);

	return r;
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
