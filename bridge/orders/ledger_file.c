/* SPDX-License-Identifier: MIT */

#include "orders/ledger_file.h"

#include <fcntl.h>
#include <glob.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/clock.h"
#include "util/fd.h"
#include "util/file.h"

enum {
	NAMES_MAX = 100,
};

/*
 * The ledger first: its log alone is known for what it is, while the ledger
 * without its log would look whole, and be an older one.
 */
static const char *const suffixes[] = { "", "-wal", "-journal" };

/* -1 if there is no such file. */
static int64_t size_of(const char *path, const char *suffix)
{
	char name[PATH_MAX];
	struct stat st;

	(void)snprintf(name, sizeof(name), "%s%s", path, suffix);

	return stat(name, &st) < 0 ? -1 : (int64_t)st.st_size;
}

static int move_all(const char *path, const char *to)
{
	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		char from_name[PATH_MAX], to_name[PATH_MAX];

		(void)snprintf(from_name, sizeof(from_name), "%s%s", path,
			suffixes[i]);
		(void)snprintf(
			to_name, sizeof(to_name), "%s%s", to, suffixes[i]);
		if (renameat2(AT_FDCWD, from_name, AT_FDCWD, to_name,
			    RENAME_NOREPLACE) < 0 &&
			errno != ENOENT)
			return -errno;
	}

	return 0;
}

int ledger_file_keep_aside(const char *path)
{
	char to[PATH_MAX - sizeof("-journal")];
	bool is_free = false;
	int r;

	for (int i = 0; i < NAMES_MAX && !is_free; i++) {
		(void)snprintf(to, sizeof(to), "%s.broken-%" PRId64 ".%d", path,
			clock_wall_s(), i);
		is_free = true;
		for (size_t j = 0; j < ARRAY_SIZE(suffixes); j++)
			if (size_of(to, suffixes[j]) >= 0)
				is_free = false;
	}
	r = move_all(path, to);

	return r == 0 ? file_sync_folder(path) : r;
}

static int has_broken(const char *path, bool *ret)
{
	_cleanup_(freep) char *pattern = NULL;
	glob_t found = { 0 };
	int r;

	if (asprintf(&pattern, "%s.broken-*", path) < 0) {
		pattern = NULL;
		return -ENOMEM;
	}
	r = glob(pattern, GLOB_NOSORT, NULL, &found);
	globfree(&found);
	if (r == GLOB_NOSPACE)
		return -ENOMEM;
	if (r != 0 && r != GLOB_NOMATCH)
		return -EIO;

	*ret = r == 0;
	return 0;
}

int ledger_file_prepare(const char *path, bool *ret_is_broken)
{
	_cleanup_(fd_closep) int fd = -1;
	int r;

	/* SQLite drops the log of an empty ledger without a word. */
	if (size_of(path, "") <= 0 &&
		(size_of(path, "-wal") > 0 ||
			(size_of(path, "") < 0 &&
				size_of(path, "-journal") > 0))) {
		r = ledger_file_keep_aside(path);
		if (r < 0)
			return r;
	}

	/* SQLite would make it readable for all, and its log like it. */
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	r = file_sync_folder(path);
	if (r < 0)
		return r;

	return has_broken(path, ret_is_broken);
}
