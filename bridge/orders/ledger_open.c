/* SPDX-License-Identifier: MIT */

/* How a ledger is opened, checked, and begun anew where it is broken. */

#include <stdio.h>
#include <string.h>

#include "orders/ledger_file.h"
#include "orders/ledger_sql.h"
#include "util/file.h"

enum {
	/* Larger ledgers are not read whole at each start: 16 MiB. */
	CHECK_MAX_PAGES = 4096,
};

struct ledger *ledger_free(struct ledger *ledger)
{
	if (ledger == NULL)
		return NULL;

	for (size_t i = 0; i < _SQL_N; i++)
		(void)sqlite3_finalize(ledger->statements[i]);
	(void)sqlite3_close(ledger->db);
	free(ledger->path);
	free(ledger);

	return NULL;
}

/* Commits are followed by this: remembers how long the log has become. */
static int on_commit(void *userdata, sqlite3 *db, const char *name, int n_pages)
{
	struct ledger *ledger = userdata;

	(void)db;
	(void)name;
	ledger->wal_pages = n_pages;

	return SQLITE_OK;
}

/* "ok" is the one answer of quick_check that is none. */
static int check(struct ledger *ledger)
{
	sqlite3_stmt *statement = NULL;
	int n_pages, rc, r = 0;

	rc = sqlite3_prepare_v2(
		ledger->db, "PRAGMA page_count", -1, &statement, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(statement);
	n_pages = rc == SQLITE_ROW ? sqlite3_column_int(statement, 0) : 0;
	(void)sqlite3_finalize(statement);
	if (rc != SQLITE_ROW)
		return ledger_sql_fold(ledger, rc);
	if (n_pages > CHECK_MAX_PAGES)
		return 0;

	rc = sqlite3_prepare_v2(
		ledger->db, "PRAGMA quick_check(1)", -1, &statement, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(statement);
	if (rc != SQLITE_ROW)
		r = ledger_sql_fold(ledger, rc);
	else if (strcmp((const char *)sqlite3_column_text(statement, 0),
			 "ok") != 0)
		r = -EUCLEAN;
	(void)sqlite3_finalize(statement);

	return r;
}

/* Opens the file at ->path as it is.  -EUCLEAN if it is broken. */
static int open_database(struct ledger *ledger)
{
	/*
	 * Exclusive before WAL: no shared memory, and nobody else.  Small
	 * caches: what is read is the last few pages.  The log keeps its
	 * length: to grow it anew costs more than half of a commit.
	 */
	static const char pragmas[] = "PRAGMA locking_mode = EXCLUSIVE;"
				      "PRAGMA trusted_schema = OFF;"
				      "PRAGMA cache_size = -256;"
				      "PRAGMA mmap_size = 0;"
				      "PRAGMA temp_store = MEMORY;"
				      "PRAGMA journal_mode = WAL;"
				      "PRAGMA synchronous = FULL;";
	int rc, r;

	rc = sqlite3_open_v2(ledger->path, &ledger->db,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX |
			SQLITE_OPEN_EXRESCODE,
		NULL);
	/* A broken ledger is kept as it was found. */
	if (rc == SQLITE_OK)
		rc = sqlite3_db_config(
			ledger->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_exec(ledger->db, pragmas, NULL, NULL, NULL);
	r = ledger_sql_fold(ledger, rc);
	if (r == 0)
		r = check(ledger);
	if (r != 0)
		return r;

	(void)sqlite3_wal_hook(ledger->db, on_commit, ledger);
	return 0;
}

/* A ledger that was begun beside a broken one remembers when. */
static int remember_break(struct ledger *ledger, const struct moment *now)
{
	int64_t at_s = now->wall_is_set ? now->wall_s : 0;
	int r;

	r = ledger_sql_run(ledger, SQL_SET_META, "ti", "broken_at_s", at_s);
	if (r == 0)
		r = ledger_sql_run(ledger, SQL_SET_META, "ti", "broken_at_ms",
			(int64_t)now->boot_ms);
	if (r == 0)
		r = ledger_sql_run(ledger, SQL_SET_META, "tt", "broken_boot_id",
			ledger->boot_id);

	return r;
}

static int load_break(struct ledger *ledger, const struct moment *now)
{
	_cleanup_(ledger_sql_donep) sqlite3_stmt *row = NULL;
	int64_t at_s, at_ms;
	int r;

	r = ledger_sql_get_meta(ledger, "broken_at_s", -1, &at_s);
	if (r != 0 || at_s < 0)
		return r;
	/* It broke before the clock was set: no later than now. */
	if (at_s == 0 && now->wall_is_set) {
		at_s = now->wall_s;
		r = ledger_sql_run(
			ledger, SQL_SET_META, "ti", "broken_at_s", at_s);
		if (r != 0)
			return r;
	}
	r = ledger_sql_get_meta(ledger, "broken_at_ms", 0, &at_ms);
	if (r != 0)
		return r;
	r = ledger_sql_query(ledger, SQL_GET_META, &row, "t", "broken_boot_id");
	if (r != 0 && r != LEDGER_E_NONE)
		return r;

	ledger->broken.happened = true;
	ledger->broken.at_s = at_s;
	if (r == 0 && strcmp((const char *)sqlite3_column_text(row, 0),
			      ledger->boot_id) == 0)
		ledger->broken.at_ms = (uint64_t)at_ms;
	return 0;
}

/* Schema, and on a new ledger the memory of a broken one: all or nothing. */
static int set_up(struct ledger *ledger, bool is_beside_broken,
	const struct moment *now, bool *ret_broken)
{
	int version_r, r;
	bool is_new;
	int rc;

	rc = sqlite3_exec(ledger->db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
	if (rc != SQLITE_OK)
		return ledger_sql_fold(ledger, rc);
	is_new = sqlite3_table_column_metadata(ledger->db, NULL, "meta", NULL,
			 NULL, NULL, NULL, NULL, NULL) != SQLITE_OK;
	version_r = ledger_sql_migrate(ledger);
	r = version_r == 0 ? ledger_sql_prepare(ledger) : version_r;
	if (r == 0 && is_new && is_beside_broken)
		r = remember_break(ledger, now);
	rc = sqlite3_exec(
		ledger->db, r == 0 ? "COMMIT" : "ROLLBACK", NULL, NULL, NULL);
	if (r == 0)
		r = ledger_sql_fold(ledger, rc);
	if (r == 0)
		r = load_break(ledger, now);
	if (r != 0)
		return r;

	(void)sqlite3_db_config(
		ledger->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
	*ret_broken = is_new && is_beside_broken;
	return 0;
}

static int open_once(const char *path, const struct moment *now,
	bool *ret_broken, struct ledger **ret)
{
	_cleanup_(ledger_freep) struct ledger *ledger = NULL;
	_cleanup_(freep) char *boot_id = NULL;
	bool is_beside_broken;
	size_t len;
	int r;

	ledger = calloc(1, sizeof(*ledger));
	if (ledger == NULL)
		return -ENOMEM;
	ledger->path = strdup(path);
	if (ledger->path == NULL)
		return -ENOMEM;
	r = file_read("/proc/sys/kernel/random/boot_id", 64, &boot_id, &len);
	if (r != 0)
		return err_fold(r);
	(void)snprintf(
		ledger->boot_id, sizeof(ledger->boot_id), "%.36s", boot_id);

	r = ledger_file_prepare(path, &is_beside_broken);
	if (r == 0)
		r = open_database(ledger);
	if (r == 0)
		r = set_up(ledger, is_beside_broken, now, ret_broken);
	if (r != 0)
		return r;

	*ret = steal_ptr(&ledger);
	return 0;
}

int ledger_open(const char *folder, bool allow_volatile,
	const struct moment *now, bool *ret_broken, struct ledger **ret)
{
	_cleanup_(freep) char *path = NULL;
	bool broken = false;
	int r;

	if (!allow_volatile) {
		r = file_is_durable(folder);
		if (r != 0)
			return r == FILE_E_VOLATILE ? LEDGER_E_VOLATILE
						    : err_fold(r);
	}
	if (asprintf(&path, "%s/ledger.sqlite", folder) < 0) {
		path = NULL;
		return -ENOMEM;
	}

	r = open_once(path, now, &broken, ret);
	if (r == -EUCLEAN) {
		r = ledger_file_keep_aside(path);
		if (r == 0)
			r = open_once(path, now, &broken, ret);
	}
	if (r == 0)
		*ret_broken = broken;

	return r;
}
