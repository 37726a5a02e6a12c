/* SPDX-License-Identifier: MIT */

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "faults.h"
#include "test.h"
#include "util/fd.h"
#include "util/file.h"

/* libc's own allocations, of which faults.h knows nothing. */
char *__real_strdup(const char *s);
char *__wrap_strdup(const char *s);
char *__real_strndup(const char *s, size_t n);
char *__wrap_strndup(const char *s, size_t n);
int __wrap_asprintf(char **ret, const char *format, ...) _printf_(2, 3);
int __wrap___asprintf_chk(char **ret, int flag, const char *format, ...)
	_printf_(3, 4);

char *__wrap_strdup(const char *s)
{
	return faults_hit() ? NULL : __real_strdup(s);
}

char *__wrap_strndup(const char *s, size_t n)
{
	return faults_hit() ? NULL : __real_strndup(s, n);
}

static int print(char **ret, const char *format, va_list args) _printf_(2, 0);

static int print(char **ret, const char *format, va_list args)
{
	return faults_hit() ? -1 : vasprintf(ret, format, args);
}

int __wrap_asprintf(char **ret, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = print(ret, format, args);
	va_end(args);
	return n;
}

/* The same, fortified. */
int __wrap___asprintf_chk(char **ret, int flag, const char *format, ...)
{
	va_list args;
	int n;

	(void)flag;
	va_start(args, format);
	n = print(ret, format, args);
	va_end(args);
	return n;
}

/* A disk that fails the nth sync from now. */
static int sync_fails_at = -1;

int __real_fsync(int fd);
int __wrap_fsync(int fd);

/* Or a machine that is switched off at that moment. */
static bool sync_kills;

int __wrap_fsync(int fd)
{
	if (sync_kills)
		(void)raise(SIGKILL);
	if (sync_fails_at-- != 0)
		return __real_fsync(fd);
	errno = EIO;
	return -1;
}

/* A file system on which each file has a name. */
static bool wants_names;

int __real_open64(const char *path, int flags, mode_t mode);
int __wrap_open64(const char *path, int flags, mode_t mode);
int __real_open(const char *path, int flags, mode_t mode);
int __wrap_open(const char *path, int flags, mode_t mode);

static bool is_nameless(int flags)
{
	return (flags & O_TMPFILE) == O_TMPFILE;
}

int __wrap_open64(const char *path, int flags, mode_t mode)
{
	if (!wants_names || !is_nameless(flags))
		return __real_open64(path, flags, mode);
	errno = EOPNOTSUPP;
	return -1;
}

int __wrap_open(const char *path, int flags, mode_t mode)
{
	if (!wants_names || !is_nameless(flags))
		return __real_open(path, flags, mode);
	errno = EOPNOTSUPP;
	return -1;
}

/* Each test runs in a process of its own: it may change its folder. */
static void enter_folder(char folder[static PATH_MAX])
{
	(void)snprintf(folder, PATH_MAX, "/tmp/test-file.XXXXXX");
	cr_assert_not_null(mkdtemp(folder));
	cr_assert_eq(chdir(folder), 0);
}

/* Fails if anything is left in it. */
static void leave_folder(const char *folder)
{
	cr_assert_eq(rmdir(folder), 0, "%s is not empty", folder);
}

static void write_file(const char *path, const void *data, size_t len)
{
	_cleanup_(fd_closep) int fd =
		open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	cr_assert_geq(fd, 0);
	cr_assert_eq(write(fd, data, len), (ssize_t)len);
}

static void assert_reads(
	const char *path, size_t max, int want, size_t want_len)
{
	_cleanup_(freep) char *data = NULL;
	size_t len = 42;

	cr_assert_eq(file_read(path, max, &data, &len), want);
	cr_assert_eq(len, want == 0 ? want_len : 42);
	if (want == 0)
		cr_assert_eq(data[len], '\0');
	else
		cr_assert_null(data);
}

TEST(file, read_takes_up_to_its_maximum)
{
	static char big[10000];
	char folder[PATH_MAX];

	enter_folder(folder);
	write_file("f", big, 0);
	assert_reads("f", 0, 0, 0);
	/* Around the sizes at which its memory grows. */
	for (size_t len = 4095; len < 10000; len += len < 4098 ? 1 : 1365) {
		write_file("f", big, len);
		assert_reads("f", len, 0, len);
		assert_reads("f", len + 1, 0, len);
		assert_reads("f", sizeof(big), 0, len);
		assert_reads("f", len - 1, FILE_E_TOO_BIG, 0);
		assert_reads("f", 0, FILE_E_TOO_BIG, 0);
	}
	cr_assert_eq(unlink("f"), 0);
	leave_folder(folder);
}

TEST(file, read_says_why_it_cannot)
{
	assert_reads("/does/not/exist", 10, -ENOENT, 0);
	assert_reads("/", 10, -EISDIR, 0);
	/* st_size is 0, but there is something in it. */
	assert_reads("/proc/self/status", 10, FILE_E_TOO_BIG, 0);
}

TEST(file, read_does_not_wait_for_who_writes_to_a_fifo)
{
	char folder[PATH_MAX];

	enter_folder(folder);
	cr_assert_eq(mkfifo("fifo", 0600), 0);
	assert_reads("fifo", 10, 0, 0);
	cr_assert_eq(unlink("fifo"), 0);
	leave_folder(folder);
}

TEST(file, create_writes_whole_with_its_mode)
{
	_cleanup_(freep) char *data = NULL;
	char folder[PATH_MAX];
	struct stat st;
	size_t len;

	enter_folder(folder);
	(void)umask(0777);
	cr_assert_eq(file_create("key", 0640, "a\0b", 3), 0);
	cr_assert_eq(stat("key", &st), 0);
	cr_assert_eq(st.st_mode & 07777, 0640);
	cr_assert_eq(st.st_nlink, 1);
	cr_assert_eq(chmod("key", 0600), 0);
	cr_assert_eq(file_read("key", 10, &data, &len), 0);
	cr_assert_eq(len, 3);
	cr_assert_arr_eq(data, "a\0b", 4);
	cr_assert_eq(unlink("key"), 0);
	leave_folder(folder);
}

TEST(file, create_that_is_killed_leaves_nothing)
{
	char folder[PATH_MAX];
	int status;
	pid_t pid;

	enter_folder(folder);
	pid = fork();
	if (pid == 0) {
		sync_kills = true;
		_exit(file_create("key", 0600, "secret", 6));
	}
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	/* Not even half a key under another name. */
	leave_folder(folder);
}

static void never_overwrites(void)
{
	char folder[PATH_MAX];

	enter_folder(folder);
	write_file("key", "old", 3);
	cr_assert_eq(file_create("key", 0600, "newer", 5), FILE_E_EXISTS);
	assert_reads("key", 10, 0, 3);
	cr_assert_eq(unlink("key"), 0);
	/* A link that points nowhere is something, too. */
	cr_assert_eq(symlink("elsewhere", "key"), 0);
	cr_assert_eq(file_create("key", 0600, "newer", 5), FILE_E_EXISTS);
	cr_assert_eq(access("elsewhere", F_OK), -1);
	cr_assert_eq(unlink("key"), 0);
	leave_folder(folder);
}

TEST(file, create_never_overwrites)
{
	never_overwrites();
	wants_names = true;
	never_overwrites();
}

TEST(file, create_leaves_nothing_behind_when_it_fails)
{
	const struct rlimit none = { 0, RLIM_INFINITY };
	const struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };
	char folder[PATH_MAX];

	enter_folder(folder);
	cr_assert_eq(file_create("none/key", 0600, "x", 1), -ENOENT);
	/* As on a full disk: the file is there, but no byte goes into it. */
	cr_assert_neq(signal(SIGXFSZ, SIG_IGN), SIG_ERR);
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &none), 0);
	cr_assert_eq(file_create("key", 0600, "x", 1), -EFBIG);
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &all), 0);
	leave_folder(folder);
}

static void takes_back(void)
{
	char folder[PATH_MAX];

	enter_folder(folder);
	/* First the file, then the name in its folder. */
	for (int n = 0; n < 2; n++) {
		sync_fails_at = n;
		cr_assert_eq(file_create("key", 0600, "x", 1), -EIO, "%d", n);
		cr_assert_eq(access("key", F_OK), -1, "%d", n);
	}
	cr_assert_eq(file_create("key", 0600, "x", 1), 0);
	cr_assert_eq(unlink("key"), 0);
	/* Under no other name either. */
	leave_folder(folder);
}

TEST(file, create_takes_back_what_is_not_synced)
{
	takes_back();
	wants_names = true;
	takes_back();
}

TEST(file, replace_puts_the_new_in_the_place_of_the_old)
{
	_cleanup_(freep) char *data = NULL;
	char folder[PATH_MAX];
	struct stat st;
	size_t len;

	enter_folder(folder);
	cr_assert_eq(file_replace("page", 0640, "old", 3), 0);
	cr_assert_eq(file_replace("page", 0604, "newer", 5), 0);
	cr_assert_eq(stat("page", &st), 0);
	cr_assert_eq(st.st_mode & 07777, 0604);
	cr_assert_eq(file_read("page", 10, &data, &len), 0);
	cr_assert_str_eq(data, "newer");
	cr_assert_eq(unlink("page"), 0);
	leave_folder(folder);
}

TEST(file, replace_leaves_alone_what_is_no_file)
{
	char folder[PATH_MAX];

	enter_folder(folder);
	cr_assert_eq(symlink("elsewhere", "page"), 0);
	cr_assert_eq(file_replace("page", 0600, "x", 1), FILE_E_NO_FILE);
	cr_assert_eq(unlink("page"), 0);
	cr_assert_eq(mkfifo("page", 0600), 0);
	cr_assert_eq(file_replace("page", 0600, "x", 1), FILE_E_NO_FILE);
	cr_assert_eq(unlink("page"), 0);
	cr_assert_eq(file_replace(".", 0600, "x", 1), FILE_E_NO_FILE);
	cr_assert_eq(file_replace("none/page", 0600, "x", 1), -ENOENT);
	leave_folder(folder);
}

TEST(file, replace_that_fails_keeps_the_old)
{
	const struct rlimit none = { 0, RLIM_INFINITY };
	const struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };
	char folder[PATH_MAX];
	int r = -1;

	enter_folder(folder);
	write_file("page", "old", 3);
	cr_assert_neq(signal(SIGXFSZ, SIG_IGN), SIG_ERR);
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &none), 0);
	cr_assert_eq(file_replace("page", 0600, "newer", 5), -EFBIG);
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &all), 0);
	assert_reads("page", 10, 0, 3);
	sync_fails_at = 0;
	cr_assert_eq(file_replace("page", 0600, "newer", 5), -EIO);
	assert_reads("page", 10, 0, 3);
	/* Either is right after this; nothing else may be left. */
	sync_fails_at = 1;
	cr_assert_eq(file_replace("page", 0600, "newer", 5), -EIO);
	write_file("page", "old", 3);
	for (long n = 0; r != 0; n++) {
		faults_arm(n);
		r = file_replace("page", 0600, "newer", 5);
		faults_disarm();
		cr_assert(r == 0 || r == -ENOMEM, "%ld: %d", n, r);
	}
	assert_reads("page", 10, 0, 5);
	cr_assert_eq(unlink("page"), 0);
	leave_folder(folder);
}

TEST(file, without_memory_nothing_is_read_or_made)
{
	_cleanup_(freep) char *data = NULL;
	static const char text[10000];
	char folder[PATH_MAX];
	size_t len = 42;
	int r = -1;

	enter_folder(folder);
	wants_names = true;
	for (long n = 0; r != 0; n++) {
		faults_arm(n);
		r = file_create("key", 0600, text, sizeof(text));
		faults_disarm();
		cr_assert(r == 0 || r == -ENOMEM, "%ld: %d", n, r);
		cr_assert_eq(access("key", F_OK), r == 0 ? 0 : -1);
	}
	r = -1;
	for (long n = 0; r != 0; n++) {
		faults_arm(n);
		r = file_read("key", sizeof(text), &data, &len);
		faults_disarm();
		cr_assert(r == 0 || r == -ENOMEM, "%ld: %d", n, r);
		cr_assert_eq(len, r == 0 ? sizeof(text) : 42);
	}
	cr_assert_eq(unlink("key"), 0);
	leave_folder(folder);
}

TEST(file, folders_are_synced_by_the_name_of_what_they_hold)
{
	char folder[PATH_MAX];
	char path[PATH_MAX + 8];

	enter_folder(folder);
	cr_assert_eq(file_sync_folder("bare-name"), 0);
	cr_assert_eq(file_sync_folder("/name-in-root"), 0);
	cr_assert_eq(file_sync_folder("none/name"), -ENOENT);
	(void)snprintf(path, sizeof(path), "%s/name", folder);
	cr_assert_eq(file_sync_folder(path), 0);
	leave_folder(folder);
}

TEST(file, what_a_power_cut_forgets_is_volatile)
{
	/* On every Linux that runs tests. */
	if (access("/dev/shm", F_OK) == 0)
		cr_assert_eq(file_is_durable("/dev/shm"), FILE_E_VOLATILE);
	cr_assert_eq(file_is_durable("/proc"), 0);
	cr_assert_eq(file_is_durable("/does/not/exist"), -ENOENT);
}

TEST(file, a_secret_is_read_only_where_it_is_one)
{
	char path[] = "/tmp/test-secret.XXXXXX";
	_cleanup_(fd_closep) int fd = mkstemp(path);
	_cleanup_(freep) char *data = NULL;
	size_t len = 7;

	cr_assert_geq(fd, 0);
	cr_assert_eq(write(fd, "psst", 4), 4);
	cr_assert_eq(fchmod(fd, 0604), 0);
	cr_assert_eq(
		file_read_secret(path, 0077, 10, &data, &len), FILE_E_TOO_OPEN);
	cr_assert_eq(fchmod(fd, 0640), 0);
	cr_assert_eq(
		file_read_secret(path, 0077, 10, &data, &len), FILE_E_TOO_OPEN);
	cr_assert_eq(len, 7);
	cr_assert_eq(
		file_read_secret(path, 0027, 3, &data, &len), FILE_E_TOO_BIG);
	cr_assert_eq(file_read_secret(path, 0027, 10, &data, &len), 0);
	cr_assert_eq(len, 4);
	cr_assert_str_eq(data, "psst");
	cr_assert_eq(unlink(path), 0);
	cr_assert_eq(file_read_secret(path, 0027, 10, &data, &len), -ENOENT);
	cr_assert_eq(
		file_read_secret("/dev/null", 0, 10, &data, &len), -EINVAL);
}
