/* SPDX-License-Identifier: MIT */

/* A ledger that is broken, on a disk that is full or loses its power. */

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "ledger-world.h"
#include "tests/crash/vfs.h"

static void expect_break(struct ledger *ledger)
{
	struct ledger_break broken;
	uint64_t position;

	ledger_broken(ledger, &broken);
	cr_expect(broken.happened);
	cr_expect_eq(broken.at_s, now.wall_s);
	cr_expect_eq(broken.at_ms, now.boot_ms);
	cr_expect_eq(ledger_position(ledger, NODE, &position), LEDGER_E_NONE);
}

/* Breaks a ledger with a payment in it, by @sabotage. */
static void expect_kept_aside(void (*sabotage)(void))
{
	struct payment payment = payment_of(HASH, 7);
	struct ledger *ledger;
	uint64_t id;

	enter();
	ledger = opened(false);
	cr_assert_eq(take(ledger, LEDGER_QUEUED, &payment, &id), 0);
	(void)ledger_free(ledger);
	sabotage();
	ledger = opened(true);
	expect_break(ledger);
	(void)ledger_free(ledger);
	cr_expect_geq(n_files("ledger.sqlite.broken-"), 1);

	/* It stays known, but is not news any more. */
	ledger = opened(false);
	expect_break(ledger);
	(void)ledger_free(ledger);
	leave();
}

static void fill_with_text(void)
{
	overwrite(path, 0,
		"this is no database, but it is long enough to be "
		"taken for one by its size, is it not? no.........");
}

static void damage_a_page(void)
{
	overwrite(path, 4096 + 8, "damagedamagedamagedamagedamagedamagedamage");
	overwrite(path, 3 * 4096, "damagedamagedamagedamagedamagedamagedamage");
}

static void drop_a_table(void)
{
	exec("DROP TABLE payments");
}

static void cut_to_half(void)
{
	struct stat st;

	cr_assert_eq(stat(path, &st), 0);
	cr_assert_eq(truncate(path, st.st_size / 2), 0);
}

static void lose_all_but_the_log(void)
{
	char wal[80];

	(void)snprintf(wal, sizeof(wal), "%s-wal", path);
	overwrite(wal, 0, "log");
	cr_assert_eq(unlink(path), 0);
}

static void empty_beside_a_log(void)
{
	char wal[80];

	(void)snprintf(wal, sizeof(wal), "%s-wal", path);
	overwrite(wal, 0, "log");
	cr_assert_eq(truncate(path, 0), 0);
}

static void move_by_hand(void)
{
	char to[80];

	/* As after a power cut between keeping aside and beginning anew. */
	(void)snprintf(to, sizeof(to), "%s.broken-1.0", path);
	cr_assert_eq(rename(path, to), 0);
}

static void claim_no_version(void)
{
	exec("PRAGMA user_version = 0");
}

TEST(breakage, broken_one_is_kept_aside)
{
	expect_kept_aside(fill_with_text);
	expect_kept_aside(damage_a_page);
	expect_kept_aside(drop_a_table);
	expect_kept_aside(cut_to_half);
	expect_kept_aside(lose_all_but_the_log);
	expect_kept_aside(empty_beside_a_log);
	expect_kept_aside(move_by_hand);
	expect_kept_aside(claim_no_version);
}

TEST(breakage, broken_ones_are_never_overwritten)
{
	enter();
	for (int i = 0; i < 3; i++) {
		(void)ledger_free(opened(i > 0));
		fill_with_text();
	}
	(void)ledger_free(opened(true));
	cr_expect_eq(n_files("ledger.sqlite.broken-"), 3);
	leave();
}

TEST(breakage, break_before_the_clock_was_set_is_dated_later)
{
	struct moment early = { .boot_ms = 9000 };
	struct ledger_break broken;
	struct ledger *ledger = NULL;
	bool is_broken;

	enter();
	fill_with_text();
	cr_assert_eq(open_at(&early, &is_broken, &ledger), 0);
	cr_expect(is_broken);
	ledger_broken(ledger, &broken);
	cr_expect_eq(broken.at_s, 0);
	(void)ledger_free(ledger);
	ledger = opened(false);
	ledger_broken(ledger, &broken);
	cr_expect_eq(broken.at_s, now.wall_s);
	cr_expect_eq(broken.at_ms, 9000);
	(void)ledger_free(ledger);
	leave();
}

static void count(void *userdata)
{
	++*(int *)userdata;
}

TEST(breakage, found_broken_in_use_is_kept_aside_at_once)
{
	struct ledger *ledger;
	struct ledger_row row;
	uint64_t id;
	int n_told = 0;

	enter();
	ledger = opened(false);
	cr_assert_eq(take(ledger, LEDGER_REFUSED, NULL, &id), 0);
	(void)ledger_free(ledger);
	/* More than the cache holds. */
	exec("WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL"
	     " SELECT i + 1 FROM n WHERE i < 5000)"
	     " INSERT INTO orders (id, action, steps, undo, needs_parked,"
	     " keeps_unknown, state, money, why, boot_id, taken_ms,"
	     " taken_at_s) SELECT i, action, hex(zeroblob(50)), undo, 1, 0,"
	     " state, money, why, boot_id, 0, 0 FROM n, orders"
	     " WHERE orders.id = 1");
	ledger = opened(false);
	ledger_on_broken(ledger, count, &n_told);
	for (long page = 2; page < 200; page++)
		overwrite(path, page * 4096, "damagedamagedamagedamage");
	for (id = 1; id < 5000; id++)
		if (ledger_get(ledger, id, &row) == -EUCLEAN)
			break;
	cr_assert_lt(id, 5000, "nobody saw it");
	cr_expect_eq(ledger_get(ledger, 1, &row), -EUCLEAN);
	cr_expect_eq(ledger_set_position(ledger, NODE, 9), -EUCLEAN);
	cr_expect_eq(take(ledger, LEDGER_QUEUED, NULL, &id), -EUCLEAN);
	cr_expect_eq(n_told, 1);
	(void)ledger_free(ledger);
	cr_expect_geq(n_files("ledger.sqlite.broken-"), 1);
	ledger = opened(true);
	(void)ledger_free(ledger);
	leave();
}

/* Runs @body in a process of its own with the forgetful VFS. */
static void in_child(void (*body)(void))
{
	pid_t pid = fork();
	int status;

	cr_assert_geq(pid, 0);
	if (pid == 0) {
		if (vfs_install() < 0)
			_exit(99);
		body();
		_exit(0);
	}
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_assert_eq(status, 0);
}

/* No Criterion in the child: says where, and leaves. */
#define must(condition)                                               \
	do {                                                          \
		if (!(condition)) {                                   \
			(void)fprintf(stderr, "line %d\n", __LINE__); \
			_exit(1);                                     \
		}                                                     \
	} while (0)

static void fill_the_disk(void)
{
	struct payment one = payment_of(HASH, 1), two = payment_of(HASH2, 2);
	struct ledger *ledger = NULL;
	uint64_t id, other, position;
	bool broken, paused;

	must(open_at(&now, &broken, &ledger) == 0);
	must(take(ledger, LEDGER_QUEUED, &one, &id) == 0);
	vfs_set_room(100);
	must(take(ledger, LEDGER_QUEUED, &two, &other) == LEDGER_E_FULL);
	must(ledger_begin_step(ledger, id, 0, false, "honk", &now) ==
		LEDGER_E_FULL);
	must(ledger_end(ledger, id, OUTCOME_REFUSED, false, "", NULL, &now) ==
		LEDGER_E_FULL);
	must(ledger_set_position(ledger, NODE, 9) == LEDGER_E_FULL);
	must(ledger_set_paused(ledger, true) == LEDGER_E_FULL);
	/* Nothing is lost, nothing half written, and it can be read. */
	must(ledger_knows(ledger, NODE, HASH) == LEDGER_E_KNOWN);
	must(ledger_knows(ledger, NODE, HASH2) == 0);
	must(ledger_position(ledger, NODE, &position) == 0 && position == 1);
	must(ledger_is_paused(ledger, &paused) == 0 && !paused);
	vfs_set_room(-1);
	must(take(ledger, LEDGER_QUEUED, &two, &other) == 0);
	must(ledger_end(ledger, id, OUTCOME_CONFIRMED, false, "", NULL, &now) ==
		0);
	(void)ledger_free(ledger);
}

TEST(breakage, full_disk_loses_nothing)
{
	struct ledger *ledger;

	enter();
	in_child(fill_the_disk);
	ledger = opened(false);
	cr_expect_eq(row_of(ledger, 1).money, LEDGER_EARNED);
	cr_expect_eq(row_of(ledger, 2).state, LEDGER_QUEUED);
	(void)ledger_free(ledger);
	leave();
}

static void start_on_a_full_disk(void)
{
	struct ledger *ledger = NULL;
	bool broken;

	for (int room = 0; room < 128 * 1024; room += 1000) {
		int r;

		vfs_set_room(room);
		r = open_at(&now, &broken, &ledger);
		if (r == 0)
			break;
		must(r == LEDGER_E_FULL && ledger == NULL);
	}
	must(ledger != NULL && !broken);
	(void)ledger_free(ledger);
}

TEST(breakage, can_start_once_there_is_room)
{
	enter();
	in_child(start_on_a_full_disk);
	cr_expect_eq(n_files("broken"), 0);
	(void)ledger_free(opened(false));
	leave();
}

static void exceed_the_limit(void)
{
	struct rlimit limit = { 96 * 1024, 96 * 1024 };
	struct ledger *ledger = NULL;
	uint64_t id;
	bool broken;
	int r = 0;

	(void)signal(SIGXFSZ, SIG_IGN);
	must(setrlimit(RLIMIT_FSIZE, &limit) == 0);
	must(open_at(&now, &broken, &ledger) == 0);
	for (int i = 0; i < 1000 && r == 0; i++)
		r = take(ledger, LEDGER_QUEUED, NULL, &id);
	must(r == LEDGER_E_FULL);
	(void)ledger_free(ledger);
}

TEST(breakage, limit_on_file_sizes_is_a_full_disk)
{
	enter();
	in_child(exceed_the_limit);
	leave();
}

static void fail_to_sync(void)
{
	struct payment one = payment_of(HASH, 1);
	struct ledger *ledger = NULL;
	uint64_t id;
	bool broken;

	must(open_at(&now, &broken, &ledger) == 0);
	vfs_fail_sync(0);
	must(take(ledger, LEDGER_QUEUED, &one, &id) == -EIO);
	must(ledger_knows(ledger, NODE, HASH) == 0);
	must(take(ledger, LEDGER_QUEUED, &one, &id) == 0);
	vfs_power_cut(0);
}

TEST(breakage, what_could_not_be_synced_was_not_written)
{
	struct ledger *ledger;

	enter();
	in_child(fail_to_sync);
	ledger = opened(false);
	cr_expect_eq(ledger_knows(ledger, NODE, HASH), LEDGER_E_KNOWN);
	(void)ledger_free(ledger);
	leave();
}

static void write_then_cut(void)
{
	struct payment one = payment_of(HASH, 1);
	struct ledger *ledger = NULL;
	uint64_t id;
	bool broken;

	must(open_at(&now, &broken, &ledger) == 0);
	must(take(ledger, LEDGER_RUNNING, &one, &id) == 0);
	must(ledger_end_step(ledger, id, 0, false, OUTCOME_CONFIRMED) == 0);
	vfs_power_cut(0);
}

TEST(breakage, end_of_a_step_is_not_synced_by_itself)
{
	struct ledger_crashed crashed = { 0 };
	struct ledger *ledger;

	enter();
	in_child(write_then_cut);
	ledger = opened(false);
	cr_assert_eq(ledger_each_running(ledger, see_crashed, &crashed), 0);
	cr_expect_eq(crashed.journal.marks[0], JOURNAL_BEGUN);
	(void)ledger_free(ledger);
	leave();
}
