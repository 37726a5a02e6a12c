/* SPDX-License-Identifier: MIT */
#pragma once

/* Ledger SQL - statements, and how they are run; for ledger*.c only */

#include <sqlite3.h>
#include <stdbool.h>

#include "orders/ledger.h"

enum ledger_sql {
	SQL_BEGIN,
	SQL_COMMIT,
	SQL_ROLLBACK,
	SQL_POSITION,
	SQL_HAS_POSITION,
	SQL_SET_POSITION,
	SQL_ADD_NODE,
	SQL_KNOWS,
	SQL_ADD_ORDER,
	SQL_ADD_PAYMENT,
	SQL_RUN_ORDER,
	SQL_ADD_STEP,
	SQL_END_STEP,
	SQL_END_ORDER,
	SQL_END_QUEUED,
	SQL_RUNNING,
	SQL_STEPS,
	SQL_AGE,
	SQL_GET_META,
	SQL_SET_META,
	SQL_GET,
	SQL_LIST,
	SQL_LIST_OPEN,
	SQL_LIST_UNSETTLED,
	SQL_LIST_DUE,
	SQL_OWED,
	SQL_FIND,
	SQL_SETTLED,
	SQL_SET_MONEY,
	SQL_SET_REFUND_WHY,
	SQL_HEAL_REDONE,
	SQL_SET_DEPOSIT,
	SQL_DEPOSITS_HELD,
	SQL_HOLD_DEPOSITS,
	SQL_DROP_DEPOSITS,
	SQL_INSPECT_DEPOSITS,
	SQL_DATE_DEPOSITS,
	SQL_DUE_DEPOSITS,
	SQL_UNLIST_OFFERS,
	SQL_SET_OFFER,
	SQL_GET_OFFER,
	SQL_LIST_OFFERS,
	SQL_ADD_RENTAL,
	SQL_SET_RENTAL,
	SQL_RENTAL,

	_SQL_N,
};

struct ledger {
	char *path;
	sqlite3 *db;
	sqlite3_stmt *statements[_SQL_N];
	char boot_id[37];
	int wal_pages; /* in the write-ahead log */
	bool is_dead;  /* broken, and kept aside */
	struct ledger_break broken;
	void (*on_broken)(void *userdata);
	void *userdata;
};

/* What SQLite answered, as 0, LEDGER_E_* or negative errno. */
int ledger_sql_fold(struct ledger *ledger, int rc);

/* The schema, brought up to LEDGER_VERSION.  -EUCLEAN if it is not ours. */
int ledger_sql_migrate(struct ledger *ledger) _must_use_;

/* Compiles all statements.  -EUCLEAN if the tables are not ours. */
int ledger_sql_prepare(struct ledger *ledger) _must_use_;

/*
 * Binds arguments by @types ('i': int64_t; 't': const char *, NULL is NULL)
 * and runs a statement that answers nothing.
 */
int ledger_sql_run(struct ledger *ledger, enum ledger_sql sql,
	const char *types, ...) _must_use_;

/*
 * The same for one that answers a row, in *@ret: to be read, then given to
 * ledger_sql_donep().  LEDGER_E_NONE if there is none.
 */
int ledger_sql_query(struct ledger *ledger, enum ledger_sql sql,
	sqlite3_stmt **ret, const char *types, ...) _must_use_;
/* The next row of it: 0, or LEDGER_E_NONE behind the last. */
int ledger_sql_next(struct ledger *ledger, sqlite3_stmt *statement) _must_use_;

/* Commits if @r is 0, else rolls back.  Returns what became of it. */
int ledger_sql_finish(struct ledger *ledger, int r) _must_use_;

/* Writes @rental, which @order_id begins; within a transaction. */
int ledger_sql_add_rental(struct ledger *ledger, int64_t order_id,
	const struct ledger_order *order, const struct moment *now) _must_use_;
/* How it stands now; nothing for NULL. */
int ledger_sql_set_rental(struct ledger *ledger, const struct rental *rental,
	const struct moment *now) _must_use_;

/*
 * What follows from the end of orders, for what was owed and for deposits;
 * within the transaction that ends them.
 */
int ledger_sql_follow(struct ledger *ledger) _must_use_;

/* Reads a number from meta; @fallback where there is none. */
int ledger_sql_get_meta(struct ledger *ledger, const char *key,
	int64_t fallback, int64_t *ret) _must_use_;

/* A column's text; "" for NULL. */
static inline const char *ledger_sql_text(sqlite3_stmt *row, int column)
{
	const char *text = (const char *)sqlite3_column_text(row, column);

	return text == NULL ? "" : text;
}

/* For _cleanup_(). */
static inline void ledger_sql_donep(sqlite3_stmt **statement)
{
	if (*statement != NULL)
		(void)sqlite3_reset(*statement);
}
