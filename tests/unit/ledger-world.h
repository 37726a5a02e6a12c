/* SPDX-License-Identifier: MIT */
#pragma once

/* What the tests of the ledger share: a folder, a ledger in it, payments. */

#include <dirent.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "orders/ledger.h"
#include "test.h"

#define NODE \
	"02aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define HASH "00000000000000000000000000000000000000000000000000000000000000a1"
#define HASH2 "00000000000000000000000000000000000000000000000000000000000000a2"

static const struct moment now = {
	.boot_ms = 5000000, .wall_s = 1795348800, .wall_is_set = true
};

static char folder[] = "/tmp/test-ledger.XXXXXX";
static char path[64];

static inline void enter(void)
{
	(void)strcpy(folder, "/tmp/test-ledger.XXXXXX");
	cr_assert_not_null(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/ledger.sqlite", folder);
}

static inline void leave(void)
{
	char command[64];

	(void)snprintf(command, sizeof(command), "rm -r %s", folder);
	cr_assert_eq(system(command), 0);
}

static inline int open_at(
	const struct moment *at, bool *ret_broken, struct ledger **ret)
{
	return ledger_open(folder, true, at, ret_broken, ret);
}

static inline struct ledger *opened(bool expect_broken)
{
	struct ledger *ledger = NULL;
	bool broken = !expect_broken;

	cr_assert_eq(open_at(&now, &broken, &ledger), 0);
	cr_assert_eq(broken, expect_broken);
	return ledger;
}

static inline struct payment payment_of(const char *hash, uint64_t pay_index)
{
	return (struct payment){ .node_id = NODE,
		.payment_hash = hash,
		.pay_index = pay_index,
		.label = "1sat2flash-flash",
		.payer_note = "hello\x1b[31m",
		.msat = 1500,
		.paid_at_s = now.wall_s };
}

static inline int take(struct ledger *ledger, enum ledger_state state,
	const struct payment *payment, uint64_t *ret_id)
{
	const struct ledger_order order = { .action = "flash",
		.steps = "flash-lights",
		.undo = "lock",
		.state = state,
		.why = state == LEDGER_REFUSED ? "because" : "",
		.first_step = state == LEDGER_RUNNING ? "flash-lights" : NULL,
		.payment = payment,
		.tip_msat = 500 };

	return ledger_take(ledger, &order, &now, ret_id);
}

static inline struct ledger_row row_of(struct ledger *ledger, uint64_t id)
{
	struct ledger_row row = { 0 };

	cr_assert_eq(ledger_get(ledger, id, &row), 0);
	return row;
}

/* Files of the folder whose names contain @part. */
static inline int n_files(const char *part)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	int n = 0;

	while ((entry = readdir(dir)) != NULL)
		n += strstr(entry->d_name, part) != NULL;
	(void)closedir(dir);
	return n;
}

static inline void exec(const char *sql)
{
	sqlite3 *db = NULL;

	cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
	cr_assert_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK, "%s",
		sqlite3_errmsg(db));
	(void)sqlite3_close(db);
}

static inline void overwrite(const char *name, long offset, const char *text)
{
	int fd = open(name, O_WRONLY | O_CREAT, 0600);

	cr_assert_geq(fd, 0);
	cr_assert_eq(
		pwrite(fd, text, strlen(text), offset), (ssize_t)strlen(text));
	(void)close(fd);
}

static inline int see_crashed(
	void *userdata, const struct ledger_crashed *crashed)
{
	struct ledger_crashed *ret = userdata;

	cr_expect_eq(ret->id, 0, "one at most");
	cr_expect_str_eq(crashed->steps, "flash-lights");
	cr_expect_str_eq(crashed->undo, "lock");
	*ret = *crashed;
	return 0;
}
