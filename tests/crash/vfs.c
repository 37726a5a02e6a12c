/* SPDX-License-Identifier: MIT */

#include "vfs.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	SECTOR = 512,
};

/* What a disk would hold of one name. */
struct image {
	struct image *next;
	char *path;
	bool exists;
	uint8_t *data;
	size_t len;
};

struct file {
	sqlite3_file base;
	struct image *image; /* NULL for temporary files */
	bool syncs_folder;   /* with its first sync */
	sqlite3_file *real;  /* behind this struct */
};

/* A VFS is registered with the process, so its state is the process's. */
static struct state {
	sqlite3_vfs vfs;
	sqlite3_vfs *real;
	struct image *images;
	long long room;
	int fail_sync;
} state = { .room = -1, .fail_sync = -1 };

static void *must(void *p)
{
	if (p == NULL)
		abort();

	return p;
}

/* Reads @path whole; false if it is not there. */
static bool slurp(const char *path, uint8_t **ret_data, size_t *ret_len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	size_t len = 0;
	ssize_t n;

	*ret_data = NULL;
	*ret_len = 0;
	if (fd < 0 || fstat(fd, &st) < 0)
		return false;
	*ret_data = must(malloc((size_t)st.st_size + 1));
	while (len < (size_t)st.st_size &&
		(n = read(fd, *ret_data + len, (size_t)st.st_size - len)) > 0)
		len += (size_t)n;
	(void)close(fd);
	*ret_len = len;
	return true;
}

static struct image *image_of(const char *path)
{
	struct image *image;

	for (image = state.images; image != NULL; image = image->next)
		if (strcmp(image->path, path) == 0)
			return image;

	image = must(calloc(1, sizeof(*image)));
	image->path = must(strdup(path));
	image->exists = slurp(path, &image->data, &image->len);
	image->next = state.images;
	state.images = image;
	return image;
}

/* The disk has all of it now. */
static void image_sync(struct image *image)
{
	free(image->data);
	image->exists = slurp(image->path, &image->data, &image->len);
}

/* The folder is synced: what was deleted stays so. */
static void sync_deletions(void)
{
	for (struct image *image = state.images; image != NULL;
		image = image->next)
		if (access(image->path, F_OK) < 0)
			image_sync(image);
}

static void write_back(const struct image *image, unsigned int *seed)
{
	uint8_t *now = NULL;
	size_t now_len = 0, len = image->len;
	uint8_t *data;
	int fd;

	if (!image->exists && *seed == 0) {
		(void)unlink(image->path);
		return;
	}
	(void)slurp(image->path, &now, &now_len);
	if (*seed != 0 && rand_r(seed) % 2 == 0)
		len = now_len;
	data = must(calloc(1, len + 1));
	memcpy(data, image->data == NULL ? (const uint8_t *)"" : image->data,
		image->len < len ? image->len : len);
	for (size_t at = 0; *seed != 0 && at < len && at < now_len;
		at += SECTOR) {
		size_t end = at + SECTOR;

		if (end > len)
			end = len;
		if (end > now_len)
			end = now_len;
		if (rand_r(seed) % 2 == 0)
			memcpy(data + at, now + at, end - at);
	}

	fd = open(image->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, data, len) != (ssize_t)len)
		abort();
	(void)close(fd);
	free(data);
	free(now);
}

void vfs_power_cut(unsigned int seed)
{
	for (struct image *image = state.images; image != NULL;
		image = image->next)
		write_back(image, &seed);
}

void vfs_set_room(long long bytes)
{
	state.room = bytes;
}

void vfs_fail_sync(int nth)
{
	state.fail_sync = nth;
}

static struct file *file_of(sqlite3_file *base)
{
	return (struct file *)base;
}

static int f_close(sqlite3_file *base)
{
	struct file *f = file_of(base);

	return f->real->pMethods == NULL ? SQLITE_OK
					 : f->real->pMethods->xClose(f->real);
}

static int f_read(sqlite3_file *base, void *p, int n, sqlite3_int64 at)
{
	struct file *f = file_of(base);

	return f->real->pMethods->xRead(f->real, p, n, at);
}

static int f_write(sqlite3_file *base, const void *p, int n, sqlite3_int64 at)
{
	struct file *f = file_of(base);

	if (state.room >= 0 && f->image != NULL) {
		if (state.room < n)
			return SQLITE_FULL;
		state.room -= n;
	}

	return f->real->pMethods->xWrite(f->real, p, n, at);
}

static int f_truncate(sqlite3_file *base, sqlite3_int64 size)
{
	struct file *f = file_of(base);

	return f->real->pMethods->xTruncate(f->real, size);
}

static int f_sync(sqlite3_file *base, int flags)
{
	struct file *f = file_of(base);

	/* What was not synced stays forgotten: nobody may rely on it. */
	if (state.fail_sync >= 0 && state.fail_sync-- == 0)
		return SQLITE_IOERR_FSYNC;
	/* Not really: nobody cuts the power of this machine. */
	(void)flags;
	if (f->image != NULL)
		image_sync(f->image);
	if (f->syncs_folder)
		sync_deletions();
	f->syncs_folder = false;

	return SQLITE_OK;
}

static int f_size(sqlite3_file *base, sqlite3_int64 *ret)
{
	struct file *f = file_of(base);

	return f->real->pMethods->xFileSize(f->real, ret);
}

static int f_lock(sqlite3_file *base, int level)
{
	struct file *f = file_of(base);

	return f->real->pMethods->xLock(f->real, level);
}

static int f_unlock(sqlite3_file *base, int level)
{
	struct file *f = file_of(base);

	return f->real->pMethods->xUnlock(f->real, level);
}

static int f_check_lock(sqlite3_file *base, int *ret)
{
	struct file *f = file_of(base);

	return f->real->pMethods->xCheckReservedLock(f->real, ret);
}

static int f_control(sqlite3_file *base, int op, void *arg)
{
	struct file *f = file_of(base);

	return f->real->pMethods->xFileControl(f->real, op, arg);
}

static int f_sector_size(sqlite3_file *base)
{
	(void)base;

	return SECTOR;
}

static int f_characteristics(sqlite3_file *base)
{
	(void)base;

	/* No promise beyond what a plain disk gives. */
	return 0;
}

static int f_shm_map(
	sqlite3_file *base, int page, int size, int extend, void volatile **ret)
{
	struct file *f = file_of(base);

	return f->real->pMethods->xShmMap(f->real, page, size, extend, ret);
}

static int f_shm_lock(sqlite3_file *base, int offset, int n, int flags)
{
	struct file *f = file_of(base);

	return f->real->pMethods->xShmLock(f->real, offset, n, flags);
}

static void f_shm_barrier(sqlite3_file *base)
{
	struct file *f = file_of(base);

	f->real->pMethods->xShmBarrier(f->real);
}

static int f_shm_unmap(sqlite3_file *base, int delete_it)
{
	struct file *f = file_of(base);

	return f->real->pMethods->xShmUnmap(f->real, delete_it);
}

/* Version 2: nothing is mapped, so that every write is seen. */
static const sqlite3_io_methods methods = {
	.iVersion = 2,
	.xClose = f_close,
	.xRead = f_read,
	.xWrite = f_write,
	.xTruncate = f_truncate,
	.xSync = f_sync,
	.xFileSize = f_size,
	.xLock = f_lock,
	.xUnlock = f_unlock,
	.xCheckReservedLock = f_check_lock,
	.xFileControl = f_control,
	.xSectorSize = f_sector_size,
	.xDeviceCharacteristics = f_characteristics,
	.xShmMap = f_shm_map,
	.xShmLock = f_shm_lock,
	.xShmBarrier = f_shm_barrier,
	.xShmUnmap = f_shm_unmap,
};

static int v_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *base,
	int flags, int *ret_flags)
{
	struct file *f = file_of(base);
	const int logs = SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL;
	int rc;

	(void)vfs;
	f->base.pMethods = NULL;
	f->real = (sqlite3_file *)(f + 1);
	/* Before it is created: then it is not there after a power cut. */
	f->image = path == NULL ? NULL : image_of(path);
	/* As the default VFS has it for a log that it creates. */
	f->syncs_folder =
		path != NULL && (flags & logs) != 0 && access(path, F_OK) < 0;
	rc = state.real->xOpen(state.real, path, f->real, flags, ret_flags);
	if (f->real->pMethods != NULL)
		f->base.pMethods = &methods;

	return rc;
}

static int v_delete(sqlite3_vfs *vfs, const char *path, int sync_folder)
{
	struct image *image = image_of(path);
	int rc;

	(void)vfs;
	rc = state.real->xDelete(state.real, path, 0);
	if (rc == SQLITE_OK && sync_folder)
		image_sync(image);

	return rc;
}

int vfs_install(void)
{
	int rc;

	state.real = sqlite3_vfs_find(NULL);
	if (state.real == NULL)
		return -ENOENT;

	/* All that concerns no file is the default's business. */
	state.vfs = *state.real;
	state.vfs.zName = "forgetful";
	state.vfs.pNext = NULL;
	state.vfs.szOsFile = (int)sizeof(struct file) + state.real->szOsFile;
	state.vfs.xOpen = v_open;
	state.vfs.xDelete = v_delete;
	rc = sqlite3_vfs_register(&state.vfs, 1);

	return rc == SQLITE_OK ? 0 : -EIO;
}
