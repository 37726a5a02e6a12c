/* SPDX-License-Identifier: MIT */

#include "node/mark.h"

#include <dirent.h>
#include <fcntl.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/bytes.h"
#include "util/clock.h"
#include "util/fd.h"
#include "util/point.h"
#include "util/secret.h"

enum {
	NAME_SIZE = MARK_HASH_SIZE + 16,
};

static const char *const names[] = {
	[MARK_NONE] = "",
	[MARK_HELD] = "held",
	[MARK_TAKEN_KEEP] = "taken-keep",
	[MARK_TAKEN_RETURN] = "taken-return",
	[MARK_SETTLE] = "settle",
	[MARK_RETURN] = "return",
};

/* Should a broken file system show more than one: the first of these. */
static const enum mark by_weight[] = {
	MARK_SETTLE,
	MARK_RETURN,
	MARK_TAKEN_KEEP,
	MARK_TAKEN_RETURN,
	MARK_HELD,
};

const char *mark_name(enum mark mark)
{
	return names[mark];
}

int mark_hash(const char *preimage, char ret[static MARK_HASH_SIZE])
{
	uint8_t bytes[32], hash[SHA256_DIGEST_LENGTH];
	int r;

	r = hex_decode(preimage, bytes, sizeof(bytes));
	if (r == 0) {
		(void)SHA256(bytes, sizeof(bytes), hash);
		hex_encode(hash, sizeof(hash), ret);
	}

	secret_wipe(bytes, sizeof(bytes));
	return r;
}

bool mark_is_hash(const char *text)
{
	return strspn(text, "0123456789abcdef") == MARK_HASH_SIZE - 1 &&
	       text[MARK_HASH_SIZE - 1] == '\0';
}

static void print_name(
	const char *hash, enum mark mark, char ret[static NAME_SIZE])
{
	(void)snprintf(ret, NAME_SIZE, "%.64s.%s", hash, names[mark]);
}

int mark_read(int folder_fd, const char *hash, struct mark_state *ret)
{
	int64_t now_s = clock_wall_s();

	for (size_t i = 0; i < ARRAY_SIZE(by_weight); i++) {
		char name[NAME_SIZE];
		struct stat st;

		print_name(hash, by_weight[i], name);
		if (fstatat(folder_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
			*ret = (struct mark_state){
				.mark = by_weight[i],
				.age_s = now_s - st.st_mtime,
				.decided_s = now_s - st.st_ctime,
			};
			return 0;
		}
		if (errno != ENOENT)
			return -errno;
	}

	*ret = (struct mark_state){ .mark = MARK_NONE };
	return 0;
}

static int create(int folder_fd, const char *name)
{
	_cleanup_(fd_closep) int fd = -1;

	fd = openat(folder_fd, name,
		O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	if (fsync(fd) < 0) {
		int r = -errno;

		(void)unlinkat(folder_fd, name, 0);
		return r;
	}

	return 0;
}

/* What is not on the disk is to be gone here, too: nobody acts on it. */
static void take_back(int folder_fd, const char *old, const char *new)
{
	if (old == NULL)
		(void)unlinkat(folder_fd, new, 0);
	else
		(void)renameat(folder_fd, new, folder_fd, old);
}

int mark_write(int folder_fd, const char *hash, enum mark mark)
{
	char old[NAME_SIZE], new[NAME_SIZE];
	struct mark_state state;
	int r;

	r = mark_read(folder_fd, hash, &state);
	if (r < 0)
		return r;
	print_name(hash, state.mark, old);
	print_name(hash, mark, new);

	if (state.mark == MARK_NONE)
		r = create(folder_fd, new);
	else if (state.mark != mark &&
		 renameat(folder_fd, old, folder_fd, new) < 0)
		r = -errno;
	if (r < 0)
		return r;
	point("mark-renamed");
	/* Also where it was so before: that may have been without a sync. */
	if (fsync(folder_fd) < 0) {
		r = -errno;
		if (state.mark != mark)
			take_back(folder_fd,
				state.mark == MARK_NONE ? NULL : old, new);
		return r;
	}

	return 0;
}

/*
 * Is it the name of a verdict, on whatever payment?  What has none yet may
 * come again: its mark is needed, however old it is.
 */
static bool is_verdict(const char *name)
{
	char hash[MARK_HASH_SIZE];

	if (strnlen(name, sizeof(hash)) < sizeof(hash) || name[64] != '.')
		return false;
	memcpy(hash, name, sizeof(hash) - 1);
	hash[sizeof(hash) - 1] = '\0';
	if (!mark_is_hash(hash))
		return false;

	name += sizeof(hash);
	return strcmp(name, names[MARK_SETTLE]) == 0 ||
	       strcmp(name, names[MARK_RETURN]) == 0;
}

static void closedirp(DIR **dir)
{
	if (*dir != NULL)
		(void)closedir(*dir);
}

int mark_clean(int folder_fd)
{
	_cleanup_(closedirp) DIR *dir = NULL;
	_cleanup_(fd_closep) int fd = -1;
	int64_t now_s = clock_wall_s();
	struct dirent *entry;
	int n = 0;

	fd = openat(folder_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	dir = fdopendir(fd);
	if (dir == NULL)
		return -errno;
	(void)fd_steal(&fd);

	while ((entry = readdir(dir)) != NULL) {
		struct stat st;

		if (!is_verdict(entry->d_name) ||
			fstatat(folder_fd, entry->d_name, &st,
				AT_SYMLINK_NOFOLLOW) < 0 ||
			now_s - st.st_mtime <= MARK_KEEP_S)
			continue;
		if (unlinkat(folder_fd, entry->d_name, 0) < 0)
			return -errno;
		n++;
	}

	return n;
}
