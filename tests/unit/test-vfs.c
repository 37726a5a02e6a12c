/* SPDX-License-Identifier: MIT */

/* The crash tests are worth what this VFS forgets: so it is tested, too. */

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"
#include "tests/crash/vfs.h"

static char folder[] = "/tmp/test-vfs.XXXXXX";
static char path[64];

static void enter(void)
{
	cr_assert_not_null(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/db", folder);
}

static void leave(void)
{
	char command[64];

	(void)snprintf(command, sizeof(command), "rm -r %s", folder);
	cr_assert_eq(system(command), 0);
}

/* Runs @body in a process of its own, and cuts its power. */
static void run_and_cut(void (*body)(void), unsigned int seed)
{
	pid_t pid = fork();
	int status;

	cr_assert_geq(pid, 0);
	if (pid == 0) {
		if (vfs_install() < 0)
			_exit(2);
		body();
		vfs_power_cut(seed);
		_exit(0);
	}
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_assert_eq(status, 0);
}

static sqlite3_file *open_file(void)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
	sqlite3_file *file = calloc(1, (size_t)vfs->szOsFile);

	if (file == NULL || vfs->xOpen(vfs, path, file,
				    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
					    SQLITE_OPEN_WAL,
				    NULL) != SQLITE_OK)
		_exit(3);
	return file;
}

static void put(sqlite3_file *file, const char *text, int at)
{
	if (file->pMethods->xWrite(file, text, (int)strlen(text), at) !=
		SQLITE_OK)
		_exit(4);
}

static void sync_file(sqlite3_file *file)
{
	if (file->pMethods->xSync(file, SQLITE_SYNC_NORMAL) != SQLITE_OK)
		_exit(5);
}

/* What is at the path afterwards, "-" for no file. */
static const char *found(void)
{
	static char text[64];
	FILE *file = fopen(path, "r");

	if (file == NULL)
		return "-";
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	(void)fclose(file);
	return text;
}

static void create(void)
{
	put(open_file(), "new", 0);
}

static void create_and_sync(void)
{
	sqlite3_file *file = open_file();

	put(file, "new", 0);
	sync_file(file);
}

static void overwrite(void)
{
	sqlite3_file *file = open_file();

	put(file, "NEWER", 0);
}

static void truncate_it(void)
{
	sqlite3_file *file = open_file();

	(void)file->pMethods->xTruncate(file, 1);
}

static void sync_then_overwrite(void)
{
	sqlite3_file *file = open_file();

	put(file, "abc", 0);
	sync_file(file);
	put(file, "xyz", 0);
	put(file, "more", 3);
}

static void delete_it(void)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);

	if (vfs->xDelete(vfs, path, 0) != SQLITE_OK)
		_exit(6);
}

static void delete_and_sync(void)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);

	if (vfs->xDelete(vfs, path, 1) != SQLITE_OK)
		_exit(6);
}

TEST(vfs, files_hold_what_was_synced)
{
	enter();
	run_and_cut(create, 0);
	cr_expect_str_eq(found(), "-");
	run_and_cut(create_and_sync, 0);
	cr_expect_str_eq(found(), "new");
	run_and_cut(overwrite, 0);
	cr_expect_str_eq(found(), "new");
	run_and_cut(truncate_it, 0);
	cr_expect_str_eq(found(), "new");
	run_and_cut(sync_then_overwrite, 0);
	cr_expect_str_eq(found(), "abc");
	run_and_cut(delete_it, 0);
	cr_expect_str_eq(found(), "abc");
	run_and_cut(delete_and_sync, 0);
	cr_expect_str_eq(found(), "-");
	leave();
}

TEST(vfs, with_a_seed_some_sectors_make_it)
{
	bool lost = false, kept = false;

	enter();
	for (unsigned int seed = 1; seed < 50; seed++) {
		run_and_cut(create_and_sync, 0);
		run_and_cut(overwrite, seed);
		lost = lost || strncmp(found(), "new", 3) == 0;
		kept = kept || strncmp(found(), "NEW", 3) == 0;
	}
	cr_expect(lost);
	cr_expect(kept);
	leave();
}

static void run_sql(sqlite3 *db, const char *sql)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		_exit(7);
}

static void write_database(void)
{
	sqlite3 *db;

	if (sqlite3_open(path, &db) != SQLITE_OK)
		_exit(8);
	run_sql(db, "PRAGMA locking_mode = EXCLUSIVE;"
		    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
		    "CREATE TABLE t (n INTEGER);"
		    "INSERT INTO t VALUES (1);"
		    "PRAGMA synchronous = NORMAL;"
		    "INSERT INTO t VALUES (2);");
}

static int count(const char *sql)
{
	sqlite3_stmt *statement = NULL;
	sqlite3 *db;
	int n;

	cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
	cr_assert_eq(sqlite3_prepare_v2(db, sql, -1, &statement, NULL),
		SQLITE_OK, "%s", sqlite3_errmsg(db));
	cr_assert_eq(sqlite3_step(statement), SQLITE_ROW);
	n = sqlite3_column_int(statement, 0);
	(void)sqlite3_finalize(statement);
	(void)sqlite3_close(db);
	return n;
}

TEST(vfs, commits_without_sync_are_lost_and_others_are_not)
{
	for (unsigned int seed = 0; seed < 20; seed++) {
		(void)strcpy(folder, "/tmp/test-vfs.XXXXXX");
		enter();
		run_and_cut(write_database, seed);
		cr_expect_eq(count("SELECT count(*) FROM t WHERE n = 1"), 1);
		if (seed == 0)
			cr_expect_eq(
				count("SELECT count(*) FROM t WHERE n = 2"), 0);
		cr_expect_eq(count("SELECT quick_check = 'ok' FROM "
				   "pragma_quick_check"),
			1);
		leave();
	}
}

static void fill_up(void)
{
	sqlite3 *db;

	if (sqlite3_open(path, &db) != SQLITE_OK)
		_exit(8);
	run_sql(db, "PRAGMA locking_mode = EXCLUSIVE;"
		    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
		    "CREATE TABLE t (n INTEGER)");
	vfs_set_room(0);
	if (sqlite3_exec(db, "INSERT INTO t VALUES (1)", NULL, NULL, NULL) !=
		SQLITE_FULL)
		_exit(9);
	vfs_set_room(-1);
	run_sql(db, "INSERT INTO t VALUES (2)");
	vfs_fail_sync(0);
	if (sqlite3_exec(db, "INSERT INTO t VALUES (3)", NULL, NULL, NULL) !=
		SQLITE_IOERR)
		_exit(10);
	run_sql(db, "INSERT INTO t VALUES (4)");
}

TEST(vfs, disk_can_be_full_or_fail_to_sync)
{
	enter();
	run_and_cut(fill_up, 0);
	cr_expect_eq(count("SELECT sum(n) FROM t"), 6);
	leave();
}
