/* SPDX-License-Identifier: MIT */

/* What the tables of a ledger are, version by version. */

#include <stdio.h>

#include "orders/ledger_sql.h"

/* Each brings the schema from its index to the next version. */
static const char *const migrations[LEDGER_VERSION] = {
	"CREATE TABLE meta ("
	" key TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;"
	/* pay_index: the position in this node's list, NULL without one. */
	"CREATE TABLE nodes ("
	" id INTEGER PRIMARY KEY, node_id TEXT NOT NULL UNIQUE,"
	" pay_index INTEGER) STRICT;"
	/* steps and undo: a menu may have changed when they are needed. */
	"CREATE TABLE orders ("
	" id INTEGER PRIMARY KEY, action TEXT NOT NULL,"
	" steps TEXT NOT NULL, undo TEXT NOT NULL,"
	" needs_parked INTEGER NOT NULL, keeps_unknown INTEGER NOT NULL,"
	" state TEXT NOT NULL, money TEXT NOT NULL, why TEXT NOT NULL,"
	" boot_id TEXT NOT NULL, taken_ms INTEGER NOT NULL,"
	" begun_ms INTEGER, taken_at_s INTEGER NOT NULL,"
	" ended_at_s INTEGER NOT NULL DEFAULT 0,"
	" took_ms INTEGER NOT NULL DEFAULT 0) STRICT;"
	"CREATE INDEX orders_open ON orders(state)"
	" WHERE state IN ('queued', 'running');"
	"CREATE INDEX orders_owed ON orders(money) WHERE money = 'owed';"
	"CREATE INDEX orders_begun ON orders(action)"
	" WHERE begun_ms IS NOT NULL;"
	"CREATE TABLE payments ("
	" order_id INTEGER PRIMARY KEY REFERENCES orders(id),"
	" node INTEGER NOT NULL REFERENCES nodes(id),"
	" payment_hash TEXT NOT NULL, pay_index INTEGER NOT NULL,"
	" msat INTEGER NOT NULL, tip_msat INTEGER NOT NULL,"
	" paid_at_s INTEGER NOT NULL, label TEXT NOT NULL,"
	" payer_note TEXT NOT NULL, UNIQUE (payment_hash, node)) STRICT;"
	"CREATE TABLE steps ("
	" order_id INTEGER NOT NULL REFERENCES orders(id),"
	" seq INTEGER NOT NULL, is_undo INTEGER NOT NULL,"
	" n INTEGER NOT NULL, step TEXT NOT NULL, begun_ms INTEGER NOT NULL,"
	" outcome TEXT, PRIMARY KEY (order_id, seq)) STRICT, WITHOUT ROWID;",

	/*
	 * Terms as they were when it was taken, then how it stands.  Its end by
	 * three clocks, for a Pi has none that runs without power.
	 */
	"CREATE TABLE rentals ("
	" order_id INTEGER PRIMARY KEY REFERENCES orders(id),"
	" warn_steps TEXT NOT NULL, end_steps TEXT NOT NULL,"
	" length_ms INTEGER NOT NULL, get_in_ms INTEGER NOT NULL,"
	" warn_before_ms INTEGER NOT NULL, passive_entry INTEGER NOT NULL,"
	" phase TEXT NOT NULL, why TEXT NOT NULL,"
	" is_occupied INTEGER NOT NULL, is_warned INTEGER NOT NULL,"
	" n_extended INTEGER NOT NULL, overtime_ms INTEGER NOT NULL,"
	" boot_id TEXT NOT NULL, until_ms INTEGER NOT NULL,"
	" until_s INTEGER NOT NULL, left_ms INTEGER NOT NULL) STRICT;"
	"CREATE INDEX rentals_open ON rentals(phase) WHERE phase != 'ended';",

	/*
	 * Money that a node holds, gives back, or holds as a deposit; offers
	 * that were ever ours.  for_order: what another order is owed for.
	 */
	"ALTER TABLE orders ADD COLUMN for_order INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE payments ADD COLUMN held INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE payments ADD COLUMN refund_why TEXT NOT NULL DEFAULT '';"
	"ALTER TABLE payments ADD COLUMN deposit_msat INTEGER NOT NULL"
	" DEFAULT 0;"
	"ALTER TABLE payments ADD COLUMN inspect_ms INTEGER NOT NULL DEFAULT 0;"
	"ALTER TABLE payments ADD COLUMN deposit TEXT NOT NULL DEFAULT '';"
	"ALTER TABLE payments ADD COLUMN deposit_due_s INTEGER NOT NULL"
	" DEFAULT 0;"
	"CREATE INDEX orders_unsettled ON orders(money)"
	" WHERE money IN ('settling', 'returning', 'refunding');"
	"CREATE INDEX orders_redone ON orders(for_order) WHERE for_order != 0;"
	"CREATE INDEX payments_deposit ON payments(deposit)"
	" WHERE deposit IN ('held', 'inspect', 'due');"
	"CREATE TABLE offers ("
	" offer_id TEXT PRIMARY KEY, action TEXT NOT NULL,"
	" price_msat INTEGER NOT NULL, deposit_msat INTEGER NOT NULL,"
	" bolt12 TEXT NOT NULL,"
	" listed INTEGER NOT NULL, retired INTEGER NOT NULL,"
	" active INTEGER NOT NULL) STRICT, WITHOUT ROWID;",
};

int ledger_sql_migrate(struct ledger *ledger)
{
	sqlite3_stmt *statement = NULL;
	int version = -1;
	int rc;

	rc = sqlite3_prepare_v2(
		ledger->db, "PRAGMA user_version", -1, &statement, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(statement);
	if (rc == SQLITE_ROW)
		version = sqlite3_column_int(statement, 0);
	(void)sqlite3_finalize(statement);
	if (rc != SQLITE_ROW)
		return ledger_sql_fold(ledger, rc);
	if (version > LEDGER_VERSION)
		return LEDGER_E_NEWER;
	if (version < 0)
		return -EUCLEAN;

	for (; version < LEDGER_VERSION; version++) {
		char done[64];

		(void)snprintf(done, sizeof(done), "PRAGMA user_version = %d",
			version + 1);
		rc = sqlite3_exec(
			ledger->db, migrations[version], NULL, NULL, NULL);
		/* Tables of another make stand there. */
		if (rc == SQLITE_ERROR)
			return -EUCLEAN;
		if (rc == SQLITE_OK)
			rc = sqlite3_exec(ledger->db, done, NULL, NULL, NULL);
		if (rc != SQLITE_OK)
			return ledger_sql_fold(ledger, rc);
	}

	return 0;
}
