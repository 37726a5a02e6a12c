/* SPDX-License-Identifier: MIT */

/* An older ledger is brought up to date, whatever happens meanwhile. */

#include <sys/wait.h>

#include "ledger-world.h"
#include "orders/ledger_money.h"
#include "tests/crash/vfs.h"

#define HASH3 "00000000000000000000000000000000000000000000000000000000000000a3"
#define HASH4 "00000000000000000000000000000000000000000000000000000000000000a4"

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

/* On top of that, what knew of rentals, with one that lasts. */
static const char version_2[] =
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
	"CREATE INDEX rentals_open ON rentals(phase) WHERE phase != 'ended';"
	"INSERT INTO orders VALUES (3, 'rent', 'unlock', 'lock', 1, 1,"
	" 'confirmed', 'earned', '', 'b', 5, 6, 7, 8, 9);"
	"INSERT INTO payments VALUES (3, 1, '" HASH3 "', 5, 9000, 0, 2, 'l',"
	" 'me@wallet.example');"
	"INSERT INTO rentals VALUES (3, 'honk', 'lock', 1800000, 120000,"
	" 300000, 1, 'occupied', '', 1, 0, 1, 0, 'b', 1, 0, 600000);"
	"PRAGMA user_version = 2;";

static const char *const versions[] = { version_1, version_2 };

/* As version @version wrote it. */
static void write_version(size_t version)
{
	for (size_t i = 0; i < version; i++)
		exec(versions[i]);
}

/* The rental that a version 2 has; a version 1 has none. */
static void expect_rental(struct ledger *ledger, size_t version)
{
	char warn[LEDGER_PROGRAM_SIZE], end[LEDGER_PROGRAM_SIZE];
	struct rental rental = { 0 };
	int r = ledger_rental(ledger, &now, &rental, warn, end);

	if (version == 1) {
		cr_expect_eq(r, LEDGER_E_NONE);
		return;
	}
	cr_assert_eq(r, 0);
	cr_expect_eq(rental.order_id, 3);
	cr_expect_eq(rental.phase, RENTAL_OCCUPIED);
	cr_expect_eq(rental.terms.length_ms, 1800000);
	cr_expect(rental.terms.passive_entry);
	cr_expect_eq(rental.n_extended, 1);
	cr_expect_str_eq(warn, "honk");
	cr_expect_str_eq(end, "lock");
	cr_expect_eq(row_of(ledger, 3).money, LEDGER_EARNED);
}

static void expect_kept(size_t version)
{
	struct ledger_crashed crashed = { 0 };
	struct ledger *ledger = opened(false);
	struct ledger_row row = row_of(ledger, 1);
	uint64_t position = 0, n = 0, msat = 0;
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
	expect_rental(ledger, version);
	/* Of all that came later, none of it has anything. */
	cr_expect_not(row.is_held);
	cr_expect_str_eq(row.refund_why, "");
	cr_expect_eq(row.deposit_msat, 0);
	cr_expect_eq(row.deposit, LEDGER_NO_DEPOSIT);
	cr_expect_eq(row.deposit_due_s, 0);
	(void)ledger_free(ledger);
	cr_expect_eq(n_files("broken"), 0);
}

TEST(migration, keeps_all_of_an_older_version)
{
	struct ledger *ledger;
	struct payment payment = payment_of(HASH4, 8);
	uint64_t id;

	for (size_t version = 1; version <= ARRAY_SIZE(versions); version++) {
		enter();
		write_version(version);
		expect_kept(version);
		expect_kept(version);
		ledger = opened(false);
		cr_expect_eq(take(ledger, LEDGER_QUEUED, &payment, &id), 0);
		cr_expect_eq(id, version == 1 ? 3 : 4);
		(void)ledger_free(ledger);
		leave();
	}
}

/* What was owed before is settled by what came since. */
TEST(migration, what_an_older_version_owed_is_settled)
{
	struct ledger_offer offer = { .offer_id = HASH,
		.action = "flash",
		.price_msat = 1000,
		.bolt12 = "lno1qq" };
	struct payment payment = payment_of(HASH4, 0);
	struct ledger *ledger;
	bool waits = true;
	uint64_t id;

	enter();
	write_version(2);
	ledger = opened(false);
	cr_assert_eq(
		ledger_move(ledger, 1, LEDGER_OWED, LEDGER_REFUNDING, ""), 0);
	cr_assert_eq(
		ledger_move(ledger, 1, LEDGER_REFUNDING, LEDGER_RETURNED, ""),
		0);
	cr_assert_eq(ledger_has_deposits(ledger, &waits), 0);
	cr_expect_not(waits);
	cr_assert_eq(ledger_set_offers(ledger, &offer, 1), 0);
	payment.held = true;
	cr_assert_eq(take(ledger, LEDGER_REFUSED, &payment, &id), 0);
	cr_expect_eq(row_of(ledger, id).money, LEDGER_RETURNING);
	cr_assert_eq(
		ledger_end(ledger, 2, OUTCOME_UNKNOWN, false, "", NULL, &now),
		0);
	cr_expect_eq(row_of(ledger, 2).money, LEDGER_OWED);
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
	for (long long room = 0; room < 60000; room += 1999)
		for (size_t version = 1; version <= 2; version++) {
			enter();
			write_version(version);
			migrate_badly(room, (unsigned int)version % 2);
			expect_kept(version);
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
