/* SPDX-License-Identifier: MIT */

/* A ledger of version 1 is brought up to date, whatever happens meanwhile. */

#include <sys/wait.h>

#include "ledger-world.h"
#include "tests/crash/vfs.h"

/* As 0.1.0 wrote it: two payments, one of them in the middle of its steps. */
static const char version_1[] =
	"PRAGMA journal_mode = WAL;"
	"CREATE TABLE meta ("
	" key TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;"
	"CREATE TABLE nodes ("
	" id INTEGER PRIMARY KEY, node_id TEXT NOT NULL UNIQUE,"
	" pay_index INTEGER) STRICT;"
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
	" outcome TEXT, PRIMARY KEY (order_id, seq)) STRICT, WITHOUT ROWID;"
	"INSERT INTO meta VALUES ('paused', 1);"
	"INSERT INTO nodes VALUES (1, '" NODE "', 7);"
	"INSERT INTO orders VALUES (1, 'flash', 'flash-lights', '', 1, 0,"
	" 'refused', 'owed', 'the car drives', 'b', 1, NULL, 2, 3, 4);"
	"INSERT INTO payments VALUES (1, 1, '" HASH "', 6, 1000, 0, 2, 'l',"
	" 'n');"
	"INSERT INTO orders VALUES (2, 'flash', 'flash-lights', 'lock', 1, 0,"
	" 'running', 'pending', '', 'b', 5, 6, 7, 0, 0);"
	"INSERT INTO payments VALUES (2, 1, '" HASH2 "', 7, 1000, 0, 2, 'l',"
	" 'n');"
	"INSERT INTO steps VALUES (2, 0, 0, 0, 'flash-lights', 6, NULL);"
	"PRAGMA user_version = 1;";

static void expect_kept(void)
{
	struct ledger_crashed crashed = { 0 };
	char warn[LEDGER_PROGRAM_SIZE], end[LEDGER_PROGRAM_SIZE];
	struct ledger *ledger = opened(false);
	struct ledger_row row = row_of(ledger, 1);
	uint64_t position = 0, n = 0, msat = 0;
	struct rental rental;
	bool paused = false;

	cr_expect_str_eq(row.why, "the car drives");
	cr_expect_eq(row.money, LEDGER_OWED);
	cr_expect_str_eq(row.payment_hash, HASH);
	cr_expect_eq(row_of(ledger, 2).state, LEDGER_RUNNING);
	cr_expect_eq(ledger_knows(ledger, NODE, HASH2), LEDGER_E_KNOWN);
	cr_assert_eq(ledger_position(ledger, NODE, &position), 0);
	cr_expect_eq(position, 7);
	cr_assert_eq(ledger_is_paused(ledger, &paused), 0);
	cr_expect(paused);
	cr_assert_eq(ledger_owed(ledger, &n, &msat), 0);
	cr_expect_eq(n, 1);
	cr_assert_eq(ledger_each_running(ledger, see_crashed, &crashed), 0);
	cr_expect_eq(crashed.id, 2);
	cr_expect_eq(crashed.journal.marks[0], JOURNAL_BEGUN);
	cr_expect_eq(
		ledger_rental(ledger, &now, &rental, warn, end), LEDGER_E_NONE);
	(void)ledger_free(ledger);
	cr_expect_eq(n_files("broken"), 0);
}

TEST(migration, keeps_all_of_a_version_1)
{
	struct ledger *ledger;
	struct payment payment = payment_of(
		"00000000000000000000000000000000000000000000000000000000000"
		"000a3",
		8);
	uint64_t id;

	enter();
	exec(version_1);
	expect_kept();
	expect_kept();
	ledger = opened(false);
	cr_expect_eq(take(ledger, LEDGER_QUEUED, &payment, &id), 0);
	cr_expect_eq(id, 3);
	(void)ledger_free(ledger);
	leave();
}

/* The disk has @room bytes left, and then the power fails. */
static void migrate_badly(long long room, unsigned int seed)
{
	struct ledger *ledger = NULL;
	bool broken;
	pid_t pid = fork();
	int status;

	cr_assert_geq(pid, 0);
	if (pid == 0) {
		if (vfs_install() < 0)
			_exit(1);
		vfs_set_room(room);
		if (ledger_open(folder, true, &now, &broken, &ledger) < 0)
			_exit(2);
		vfs_power_cut(seed);
		_exit(0);
	}
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_assert_eq(status, 0, "with %lld bytes", room);
}

TEST(migration, survives_a_full_disk_and_a_power_cut_at_any_byte)
{
	for (long long room = 0; room < 40000; room += 1999)
		for (unsigned int seed = 0; seed < 2; seed++) {
			enter();
			exec(version_1);
			migrate_badly(room, seed);
			expect_kept();
			leave();
		}
}

TEST(migration, leaves_a_newer_one_alone)
{
	struct ledger *ledger = NULL;
	bool broken;

	enter();
	(void)ledger_free(opened(false));
	exec("PRAGMA user_version = 4; DROP TABLE rentals");
	cr_expect_eq(open_at(&now, &broken, &ledger), LEDGER_E_NEWER);
	cr_expect_eq(n_files("broken"), 0);
	leave();
}

TEST(migration, of_foreign_tables_keeps_them_aside)
{
	enter();
	exec("PRAGMA journal_mode = WAL; PRAGMA user_version = 1;"
	     "CREATE TABLE rentals (x)");
	(void)ledger_free(opened(true));
	cr_expect_geq(n_files("broken"), 1);
	leave();
}
