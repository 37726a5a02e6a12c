/* SPDX-License-Identifier: MIT */

#include "orders/ledger_sql.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "orders/ledger_file.h"

#define ROW                                                                 \
	"SELECT o.id, o.action, o.state, o.money, o.why, o.taken_at_s,"     \
	" o.ended_at_s, o.took_ms, p.payment_hash, n.node_id, p.pay_index," \
	" p.msat, p.tip_msat, p.label, p.payer_note, p.held, p.refund_why," \
	" p.deposit_msat, p.deposit, p.deposit_due_s FROM "

/* Word for word as the partial indexes have it, or they are not used. */
#define HAS_DEPOSIT "deposit IN ('held', 'inspect', 'due')"
#define IS_UNSETTLED "money IN ('settling', 'returning', 'refunding')"

/* How the newest order ended that did what an order is owed for. */
#define REDONE                                                      \
	"(SELECT state FROM orders d WHERE d.for_order = orders.id" \
	" AND d.for_order != 0 ORDER BY d.id DESC LIMIT 1)"

/*
 * Architecture 5.  ?7: so says the step that failed; NULL where no step was
 * begun.
 */
#define IS_HAD \
	"(?1 = 'confirmed' OR (?1 = 'unknown' AND (keeps_unknown OR ?7)))"
#define MONEY                                                               \
	"CASE WHEN money = 'none' THEN 'none'"                              \
	" WHEN (SELECT held FROM payments WHERE order_id = orders.id) THEN" \
	" CASE WHEN " IS_HAD " THEN 'settling' ELSE 'returning' END"        \
	" WHEN ?1 = 'confirmed' THEN 'earned'"                              \
	" WHEN " IS_HAD " THEN 'kept' ELSE 'owed' END"

#define END                                                            \
	"UPDATE orders SET state = ?1, money = " MONEY ", why = ?2,"   \
	" ended_at_s = ?3,"                                            \
	" took_ms = CASE WHEN boot_id = ?4 THEN max(?5 - taken_ms, 0)" \
	" ELSE 0 END WHERE "

static const char *const texts[_SQL_N] = {
	[SQL_BEGIN] = "BEGIN IMMEDIATE",
	[SQL_COMMIT] = "COMMIT",
	[SQL_ROLLBACK] = "ROLLBACK",
	[SQL_POSITION] = "SELECT pay_index FROM nodes"
			 " WHERE node_id = ?1 AND pay_index IS NOT NULL",
	[SQL_HAS_POSITION] = "SELECT 1 FROM nodes WHERE pay_index IS NOT NULL",
	[SQL_SET_POSITION] =
		"INSERT INTO nodes (node_id, pay_index) VALUES (?1, ?2)"
		" ON CONFLICT (node_id) DO UPDATE"
		" SET pay_index = excluded.pay_index",
	[SQL_ADD_NODE] = "INSERT INTO nodes (node_id) VALUES (?1)"
			 " ON CONFLICT (node_id) DO NOTHING",
	[SQL_KNOWS] = "SELECT 1 FROM payments WHERE payment_hash = ?2"
		      " AND node = (SELECT id FROM nodes WHERE node_id = ?1)",
	[SQL_ADD_ORDER] =
		"INSERT INTO orders (action, steps, undo, needs_parked,"
		" keeps_unknown, state, money, why, boot_id, taken_ms,"
		" begun_ms, taken_at_s, ended_at_s, for_order) VALUES"
		" (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10,"
		" CASE WHEN ?6 = 'running' THEN ?10 END, ?11, ?12, ?13)",
	[SQL_ADD_PAYMENT] =
		"INSERT INTO payments (order_id, node, payment_hash,"
		" pay_index, msat, tip_msat, paid_at_s, label, payer_note,"
		" held, deposit_msat, inspect_ms, deposit)"
		" VALUES (?1, (SELECT id FROM nodes WHERE node_id = ?2), ?3,"
		" ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
	[SQL_RUN_ORDER] = "UPDATE orders SET state = 'running',"
			  " begun_ms = coalesce(begun_ms, ?2)"
			  " WHERE id = ?1 AND state IN ('queued', 'running')",
	[SQL_ADD_STEP] =
		"INSERT INTO steps (order_id, seq, is_undo, n, step, begun_ms)"
		" VALUES (?1, (SELECT count(*) FROM steps WHERE order_id = ?1),"
		" ?2, ?3, ?4, ?5)",
	[SQL_END_STEP] =
		"UPDATE steps SET outcome = ?4 WHERE order_id = ?1 AND seq ="
		" (SELECT max(seq) FROM steps WHERE order_id = ?1"
		" AND is_undo = ?2 AND n = ?3)",
	[SQL_END_ORDER] = END "id = ?6 AND state IN ('queued', 'running')",
	[SQL_END_QUEUED] = END "state = 'queued'",
	[SQL_RUNNING] =
		"SELECT id, action, steps, undo, needs_parked, money != 'none',"
		" for_order FROM orders WHERE state = 'running' ORDER BY id",
	[SQL_STEPS] = "SELECT is_undo, n, outcome FROM steps"
		      " WHERE order_id = ?1 ORDER BY seq",
	[SQL_AGE] = "SELECT boot_id, begun_ms, taken_at_s FROM orders"
		    " WHERE action = ?1 AND begun_ms IS NOT NULL"
		    " ORDER BY id DESC LIMIT 1 OFFSET ?2",
	[SQL_GET_META] = "SELECT value FROM meta WHERE key = ?1",
	[SQL_SET_META] = "INSERT INTO meta (key, value) VALUES (?1, ?2)"
			 " ON CONFLICT (key) DO UPDATE"
			 " SET value = excluded.value",
	[SQL_GET] = ROW "orders o LEFT JOIN payments p ON p.order_id = o.id"
			" LEFT JOIN nodes n ON n.id = p.node WHERE o.id = ?1",
	[SQL_LIST] = ROW "payments p JOIN orders o ON o.id = p.order_id"
			 " JOIN nodes n ON n.id = p.node"
			 " ORDER BY p.order_id DESC LIMIT ?1",
	[SQL_LIST_OPEN] = ROW "orders o JOIN payments p ON p.order_id = o.id"
			      " JOIN nodes n ON n.id = p.node"
			      " WHERE o.id IN (SELECT id FROM orders"
			      " WHERE money = 'owed' UNION SELECT id"
			      " FROM orders WHERE " IS_UNSETTLED
			      " AND money = 'refunding' UNION SELECT order_id"
			      " FROM payments WHERE " HAS_DEPOSIT
			      " AND deposit != 'held')"
			      " ORDER BY o.id DESC LIMIT ?1",
	[SQL_LIST_UNSETTLED] =
		ROW "orders o JOIN payments p ON p.order_id = o.id"
		    " JOIN nodes n ON n.id = p.node"
		    " WHERE o.id IN (SELECT id FROM orders WHERE " IS_UNSETTLED
		    ") ORDER BY o.money = 'refunding', o.id LIMIT ?1",
	[SQL_LIST_DUE] = ROW "payments p JOIN orders o ON o.id = p.order_id"
			     " JOIN nodes n ON n.id = p.node"
			     " WHERE p.order_id IN (SELECT order_id"
			     " FROM payments WHERE " HAS_DEPOSIT
			     " AND deposit = 'due') AND p.refund_why = ''"
			     " ORDER BY o.id DESC LIMIT ?1",
	/* sum() fails where it overflows: no status then, ever again. */
	[SQL_OWED] = "SELECT count(*), CAST(total(p.msat) AS INTEGER)"
		     " FROM orders o JOIN payments p ON p.order_id = o.id"
		     " WHERE o.money = 'owed'",
	[SQL_FIND] = ROW "payments p JOIN orders o ON o.id = p.order_id"
			 " JOIN nodes n ON n.id = p.node"
			 " WHERE p.payment_hash = ?2 AND n.node_id = ?1",
	/* What the node shows, against what it was told. */
	[SQL_SETTLED] = "UPDATE orders SET money = CASE"
			" WHEN money = 'settling' AND ?2 THEN"
			" CASE state WHEN 'confirmed' THEN 'earned'"
			" ELSE 'kept' END"
			" WHEN money = 'settling' AND state = 'confirmed'"
			" THEN 'given away'"
			" WHEN ?2 THEN 'owed' ELSE 'returned' END"
			" WHERE id = ?1 AND money IN ('settling', 'returning')",
	[SQL_SET_MONEY] = "UPDATE orders SET money = ?3"
			  " WHERE id = ?1 AND money = ?2",
	[SQL_SET_REFUND_WHY] =
		"UPDATE payments SET refund_why = ?2 WHERE order_id = ?1",
	/*
	 * What was owed is pending while it is done after all, by the newest
	 * order for it.  Where nobody knows what that did, nobody knows of it.
	 */
	[SQL_HEAL_REDONE] =
		"UPDATE orders SET money = CASE " REDONE
		" WHEN 'confirmed' THEN 'earned' ELSE 'owed' END,"
		" state = CASE " REDONE " WHEN 'unknown' THEN 'unknown'"
		" ELSE state END"
		" WHERE id IN (SELECT for_order FROM orders WHERE for_order != "
		"0)"
		" AND money = 'pending' AND state NOT IN ('queued', 'running')"
		" AND NOT EXISTS (SELECT 1 FROM orders d"
		" WHERE d.for_order = orders.id AND d.for_order != 0"
		" AND d.state IN ('queued', 'running'))",
	[SQL_SET_DEPOSIT] = "UPDATE payments SET deposit = ?3"
			    " WHERE order_id = ?1 AND deposit = ?2",
	[SQL_DEPOSITS_HELD] = "SELECT count(*) FROM payments p"
			      " JOIN orders o ON o.id = p.order_id"
			      " WHERE " HAS_DEPOSIT " AND deposit = 'held'"
			      " AND o.state NOT IN ('queued', 'running')",
	/* What was owed and was done after all has its deposit again. */
	[SQL_HOLD_DEPOSITS] =
		"UPDATE payments SET deposit = 'held'"
		" WHERE deposit = '' AND deposit_msat > 0 AND order_id IN"
		" (SELECT for_order FROM orders WHERE for_order != 0"
		" AND state = 'confirmed')"
		" AND (SELECT money FROM orders WHERE id = order_id)"
		" = 'earned'",
	/* What goes back whole, or is owed whole, has no deposit any more. */
	[SQL_DROP_DEPOSITS] =
		"UPDATE payments SET deposit = ''"
		" WHERE " HAS_DEPOSIT " AND"
		" (SELECT money FROM orders WHERE id = order_id) IN"
		" ('owed', 'returning', 'returned', 'given away')",
	[SQL_INSPECT_DEPOSITS] =
		"UPDATE payments SET deposit = 'inspect', deposit_due_s ="
		" CASE WHEN ?1 > 0 THEN ?1 + inspect_ms / 1000 ELSE 0 END"
		" WHERE " HAS_DEPOSIT " AND deposit = 'held' AND"
		" (SELECT state FROM orders"
		" WHERE id = order_id) NOT IN ('queued', 'running')",
	/* The car came back before the clock was set. */
	[SQL_DATE_DEPOSITS] = "UPDATE payments SET"
			      " deposit_due_s = ?1 + inspect_ms / 1000"
			      " WHERE " HAS_DEPOSIT " AND deposit = 'inspect'"
			      " AND deposit_due_s = 0",
	[SQL_DUE_DEPOSITS] = "UPDATE payments SET deposit = 'due'"
			     " WHERE " HAS_DEPOSIT " AND deposit = 'inspect'"
			     " AND (inspect_ms < 1000"
			     " OR deposit_due_s BETWEEN 1 AND ?1)"
			     " AND (SELECT money FROM orders"
			     " WHERE id = order_id) IN ('earned', 'kept')",
	[SQL_UNLIST_OFFERS] = "UPDATE offers SET listed = 0 WHERE listed",
	[SQL_SET_OFFER] =
		"INSERT INTO offers (offer_id, action, price_msat, bolt12,"
		" listed, retired, active, deposit_msat)"
		" VALUES (?1, ?2, ?3, ?4, 1, ?5, ?6, max(?7, 0))"
		" ON CONFLICT (offer_id) DO UPDATE SET listed = 1,"
		" retired = excluded.retired, active = excluded.active,"
		" deposit_msat = CASE WHEN ?7 < 0 THEN deposit_msat"
		" ELSE ?7 END",
	[SQL_GET_OFFER] = "SELECT action, price_msat, deposit_msat FROM offers"
			  " WHERE offer_id = ?1",
	[SQL_LIST_OFFERS] = "SELECT bolt12, active FROM offers"
			    " WHERE action = ?1 AND listed AND NOT retired",
	[SQL_ADD_RENTAL] =
		"INSERT INTO rentals (order_id, warn_steps, end_steps,"
		" length_ms, get_in_ms, warn_before_ms, passive_entry, phase,"
		" why, is_occupied, is_warned, n_extended, overtime_ms,"
		" boot_id, until_ms, until_s, left_ms) VALUES"
		" (?1, ?2, ?3, ?4, ?5, ?6, ?7, '', '', 0, 0, 0, 0, '', 0, 0,"
		" 0)",
	[SQL_SET_RENTAL] =
		"UPDATE rentals SET phase = ?2, why = ?3, is_occupied = ?4,"
		" is_warned = ?5, n_extended = ?6, overtime_ms = ?7,"
		" boot_id = ?8, until_ms = ?9, until_s = ?10, left_ms = ?11"
		" WHERE order_id = ?1",
	[SQL_RENTAL] =
		"SELECT r.order_id, o.action, r.warn_steps, r.end_steps,"
		" r.length_ms, r.get_in_ms, r.warn_before_ms, r.passive_entry,"
		" r.phase, r.why, r.is_occupied, r.is_warned, r.n_extended,"
		" r.overtime_ms, r.boot_id, r.until_ms, r.until_s, r.left_ms"
		" FROM rentals r JOIN orders o ON o.id = r.order_id"
		" WHERE r.phase != 'ended' ORDER BY r.order_id DESC LIMIT 1",
};

/*
 * A quota and a limit on file sizes are a full disk, too.  What the write to
 * the log came to is not in sqlite3_system_errno(), but known to its file.
 */
static bool is_no_room(sqlite3 *db)
{
	static const int files[] = { SQLITE_FCNTL_JOURNAL_POINTER,
		SQLITE_FCNTL_FILE_POINTER };

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		sqlite3_file *file = NULL;
		int error = 0;

		if (sqlite3_file_control(db, NULL, files[i], &file) !=
				SQLITE_OK ||
			file == NULL || file->pMethods == NULL ||
			file->pMethods->xFileControl(file,
				SQLITE_FCNTL_LAST_ERRNO, &error) != SQLITE_OK)
			continue;
		if (error == ENOSPC || error == EDQUOT || error == EFBIG)
			return true;
	}

	return false;
}

int ledger_sql_fold(struct ledger *ledger, int rc)
{
	int saved_errno;

	switch (rc & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return 0;
	case SQLITE_FULL:
		return LEDGER_E_FULL;
	case SQLITE_BUSY:
		return LEDGER_E_IN_USE;
	case SQLITE_NOMEM:
		return -ENOMEM;
	case SQLITE_READONLY:
		return -EROFS;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return -EUCLEAN;
	case SQLITE_CONSTRAINT:
		return rc == SQLITE_CONSTRAINT_UNIQUE ? LEDGER_E_KNOWN
						      : -EINVAL;
	case SQLITE_IOERR:
		return is_no_room(ledger->db) ? LEDGER_E_FULL : -EIO;
	case SQLITE_CANTOPEN:
		saved_errno = sqlite3_system_errno(ledger->db);
		return saved_errno > 0 ? -saved_errno : -EACCES;
	default:
		return -EIO;
	}
}

/*
 * Found broken while in use: it is kept aside at once, for the check of the
 * next start may not see what this statement saw.
 */
static int judge(struct ledger *ledger, int rc)
{
	int r = ledger_sql_fold(ledger, rc);

	if (r == -EUCLEAN && !ledger->is_dead) {
		ledger->is_dead = true;
		(void)sqlite3_db_config(
			ledger->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
		/* If that fails, too, the disk is worse off than we know. */
		(void)ledger_file_keep_aside(ledger->path);
		if (ledger->on_broken != NULL)
			ledger->on_broken(ledger->userdata);
	}

	return r;
}

int ledger_sql_prepare(struct ledger *ledger)
{
	for (size_t i = 0; i < _SQL_N; i++) {
		int rc = sqlite3_prepare_v3(ledger->db, texts[i], -1,
			SQLITE_PREPARE_PERSISTENT, &ledger->statements[i],
			NULL);

		if (rc == SQLITE_ERROR)
			return -EUCLEAN;
		if (rc != SQLITE_OK)
			return ledger_sql_fold(ledger, rc);
	}

	return 0;
}

static int bind(sqlite3_stmt *statement, const char *types, va_list args)
{
	int rc = SQLITE_OK;

	for (int i = 1; *types != '\0' && rc == SQLITE_OK; i++, types++)
		if (*types == 'i')
			rc = sqlite3_bind_int64(
				statement, i, va_arg(args, int64_t));
		else
			rc = sqlite3_bind_text(statement, i,
				va_arg(args, const char *), -1, SQLITE_STATIC);

	return rc;
}

static int start(struct ledger *ledger, enum ledger_sql sql, const char *types,
	va_list args)
{
	sqlite3_stmt *statement = ledger->statements[sql];
	int rc;

	if (ledger->is_dead)
		return SQLITE_CORRUPT;
	rc = bind(statement, types, args);

	return rc == SQLITE_OK ? sqlite3_step(statement) : rc;
}

int ledger_sql_run(
	struct ledger *ledger, enum ledger_sql sql, const char *types, ...)
{
	va_list args;
	int rc;

	va_start(args, types);
	rc = start(ledger, sql, types, args);
	va_end(args);
	(void)sqlite3_reset(ledger->statements[sql]);

	return judge(ledger, rc);
}

int ledger_sql_query(struct ledger *ledger, enum ledger_sql sql,
	sqlite3_stmt **ret, const char *types, ...)
{
	va_list args;
	int rc;

	va_start(args, types);
	rc = start(ledger, sql, types, args);
	va_end(args);
	if (rc == SQLITE_ROW) {
		*ret = ledger->statements[sql];
		return 0;
	}

	(void)sqlite3_reset(ledger->statements[sql]);
	return rc == SQLITE_DONE ? LEDGER_E_NONE : judge(ledger, rc);
}

int ledger_sql_next(struct ledger *ledger, sqlite3_stmt *statement)
{
	int rc = sqlite3_step(statement);

	if (rc == SQLITE_ROW)
		return 0;

	return rc == SQLITE_DONE ? LEDGER_E_NONE : judge(ledger, rc);
}

int ledger_sql_finish(struct ledger *ledger, int r)
{
	if (r == 0)
		r = ledger_sql_run(ledger, SQL_COMMIT, "");
	/* After some errors SQLite has rolled back by itself. */
	if (r != 0 && sqlite3_get_autocommit(ledger->db) == 0)
		(void)sqlite3_step(ledger->statements[SQL_ROLLBACK]);
	(void)sqlite3_reset(ledger->statements[SQL_ROLLBACK]);

	return r;
}

int ledger_sql_get_meta(
	struct ledger *ledger, const char *key, int64_t fallback, int64_t *ret)
{
	_cleanup_(ledger_sql_donep) sqlite3_stmt *row = NULL;
	int r;

	r = ledger_sql_query(ledger, SQL_GET_META, &row, "t", key);
	if (r != 0 && r != LEDGER_E_NONE)
		return r;

	*ret = r == 0 ? sqlite3_column_int64(row, 0) : fallback;
	return 0;
}
