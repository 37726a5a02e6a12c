/* SPDX-License-Identifier: MIT */

#include "node/mark.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "test.h"
#include "util/fd.h"

static const char hash[] =
	"66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925";

static char folder[] = "/tmp/test-mark-XXXXXX";
static int folder_fd = -1;

/* Syncs that fail, once each. */
static int failing_syncs, n_syncs;
int __real_fsync(int fd);
int __wrap_fsync(int fd);

int __wrap_fsync(int fd)
{
	n_syncs++;
	if (failing_syncs > 0) {
		failing_syncs--;
		errno = EIO;
		return -1;
	}
	return __real_fsync(fd);
}

static void begin(void)
{
	cr_assert_not_null(mkdtemp(folder));
	folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cr_assert_geq(folder_fd, 0);
}

static void end(void)
{
	char command[64];

	(void)snprintf(command, sizeof(command), "rm -r %s", folder);
	cr_assert_eq(system(command), 0);
	fd_closep(&folder_fd);
}

static struct mark_state read_state(void)
{
	struct mark_state state;

	cr_assert_eq(mark_read(folder_fd, hash, &state), 0);
	return state;
}

static bool has_file(const char *name)
{
	return faccessat(folder_fd, name, F_OK, 0) == 0;
}

static void set_age(const char *name, int64_t age_s)
{
	struct timespec times[2];

	cr_assert_eq(clock_gettime(CLOCK_REALTIME, &times[0]), 0);
	times[0].tv_sec -= age_s;
	times[1] = times[0];
	cr_assert_eq(utimensat(folder_fd, name, times, 0), 0);
}

TEST(mark, a_preimage_has_a_hash)
{
	char zeros[65], text[MARK_HASH_SIZE];

	memset(zeros, '0', 64);
	zeros[64] = '\0';
	cr_assert_eq(mark_hash(zeros, text), 0);
	cr_assert_str_eq(text, hash);
	zeros[63] = 'g';
	cr_assert_eq(mark_hash(zeros, text), -EINVAL);
	zeros[63] = '\0';
	cr_assert_eq(mark_hash(zeros, text), -EINVAL);
	cr_assert_eq(mark_hash("", text), -EINVAL);
}

TEST(mark, only_lower_case_digits_are_a_hash)
{
	char other[MARK_HASH_SIZE + 1];

	cr_assert(mark_is_hash(hash));
	(void)snprintf(other, sizeof(other), "%sa", hash);
	cr_assert_not(mark_is_hash(other));
	other[63] = '\0';
	cr_assert_not(mark_is_hash(other));
	(void)snprintf(other, sizeof(other), "%s", hash);
	other[8] = 'A';
	cr_assert_not(mark_is_hash(other));
	other[8] = '/';
	cr_assert_not(mark_is_hash(other));
}

TEST(mark, a_change_is_a_rename_that_keeps_when_it_came)
{
	char name[80];
	const enum mark marks[] = {
		MARK_HELD,
		MARK_TAKEN_KEEP,
		MARK_TAKEN_RETURN,
		MARK_RETURN,
		MARK_SETTLE,
	};

	begin();
	cr_assert_eq(read_state().mark, MARK_NONE);
	for (size_t i = 0; i < ARRAY_SIZE(marks); i++) {
		cr_assert_eq(mark_write(folder_fd, hash, marks[i]), 0);
		cr_assert_eq(read_state().mark, marks[i]);
		if (i > 0)
			cr_assert_not(has_file(name));
		(void)snprintf(
			name, sizeof(name), "%s.%s", hash, mark_name(marks[i]));
		cr_assert(has_file(name));
		if (i == 0)
			set_age(name, 100);
		cr_assert(
			read_state().age_s >= 100 && read_state().age_s <= 102);
		cr_assert(read_state().decided_s >= 0 &&
			  read_state().decided_s <= 2);
	}
	end();
}

TEST(mark, is_synced_each_time)
{
	begin();
	cr_assert_eq(mark_write(folder_fd, hash, MARK_HELD), 0);
	cr_assert_eq(n_syncs, 2, "file and folder");
	cr_assert_eq(mark_write(folder_fd, hash, MARK_SETTLE), 0);
	cr_assert_eq(n_syncs, 3);
	/* Who wrote it may have been stopped before his sync. */
	cr_assert_eq(mark_write(folder_fd, hash, MARK_SETTLE), 0);
	cr_assert_eq(n_syncs, 4);
	end();
}

TEST(mark, what_cannot_be_synced_is_not_there)
{
	begin();
	failing_syncs = 1;
	cr_assert_eq(mark_write(folder_fd, hash, MARK_HELD), -EIO);
	cr_assert_eq(read_state().mark, MARK_NONE);

	cr_assert_eq(mark_write(folder_fd, hash, MARK_HELD), 0);
	failing_syncs = 1;
	cr_assert_eq(mark_write(folder_fd, hash, MARK_SETTLE), -EIO);
	cr_assert_eq(read_state().mark, MARK_HELD);
	failing_syncs = 1;
	cr_assert_eq(mark_write(folder_fd, hash, MARK_HELD), -EIO);
	cr_assert_eq(read_state().mark, MARK_HELD);
	end();
}

TEST(mark, a_folder_that_is_gone_is_an_error)
{
	struct mark_state state;

	begin();
	cr_assert_eq(mark_read(-1, hash, &state), -EBADF);
	cr_assert_eq(mark_write(-1, hash, MARK_HELD), -EBADF);
	cr_assert_eq(mark_clean(-1), -EBADF);
	end();
}

TEST(mark, what_has_no_verdict_is_kept_however_old)
{
	static const enum mark marks[] = {
		MARK_HELD,
		MARK_TAKEN_KEEP,
		MARK_TAKEN_RETURN,
	};
	char name[80];

	begin();
	for (size_t i = 0; i < ARRAY_SIZE(marks); i++) {
		cr_assert_eq(mark_write(folder_fd, hash, marks[i]), 0);
		(void)snprintf(
			name, sizeof(name), "%s.%s", hash, mark_name(marks[i]));
		set_age(name, 10 * INT64_C(366) * 24 * 60 * 60);
		cr_assert_eq(mark_clean(folder_fd), 0);
		cr_assert(has_file(name));
	}
	cr_assert_eq(mark_write(folder_fd, hash, MARK_RETURN), 0);
	cr_assert_eq(mark_clean(folder_fd), 1);
	cr_assert_eq(read_state().mark, MARK_NONE);
	end();
}

TEST(mark, the_old_ones_are_removed)
{
	char old[80], young[80];

	begin();
	(void)snprintf(old, sizeof(old), "%064d.settle", 1);
	(void)snprintf(young, sizeof(young), "%064d.return", 2);
	for (int i = 0; i < 4; i++) {
		const char *const files[] = { old, young, "notes.settle",
			"guard.lock" };
		int fd = openat(folder_fd, files[i],
			O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

		cr_assert_geq(fd, 0);
		(void)close(fd);
		set_age(files[i], i == 1 ? MARK_KEEP_S - 10 : MARK_KEEP_S + 10);
	}
	cr_assert_eq(mark_clean(folder_fd), 1);
	cr_assert_not(has_file(old));
	cr_assert(has_file(young));
	cr_assert(has_file("notes.settle"));
	cr_assert(has_file("guard.lock"));
	end();
}
