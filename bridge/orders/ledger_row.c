/* SPDX-License-Identifier: MIT */

/* What is read back from the ledger. */

#include <stdio.h>
#include <string.h>

#include "orders/ledger_money.h"
#include "orders/ledger_sql.h"

static uint64_t number_of(sqlite3_stmt *row, int column)
{
	return (uint64_t)sqlite3_column_int64(row, column);
}

/*
 * A name that nobody has written: somebody has changed the file by hand.  Such
 * an order is shown as unknown, and owed.
 */
static enum ledger_state state_of(const char *name)
{
	for (int i = LEDGER_QUEUED; i < LEDGER_UNKNOWN; i++)
		if (strcmp(ledger_state_name((enum ledger_state)i), name) == 0)
			return (enum ledger_state)i;

	return LEDGER_UNKNOWN;
}

static enum ledger_money money_of(const char *name)
{
	for (int i = LEDGER_NO_MONEY; i <= LEDGER_WRITTEN_OFF; i++)
		if (strcmp(ledger_money_name((enum ledger_money)i), name) == 0)
			return (enum ledger_money)i;

	return LEDGER_OWED;
}

/* The same of a deposit: the owner looks at it. */
static enum ledger_deposit deposit_of(const char *name)
{
	for (int i = LEDGER_NO_DEPOSIT; i <= LEDGER_DEPOSIT_KEPT; i++)
		if (strcmp(ledger_deposit_name((enum ledger_deposit)i), name) ==
			0)
			return (enum ledger_deposit)i;

	return LEDGER_DEPOSIT_INSPECT;
}

#define COPY(target, row, column) \
	(void)snprintf(           \
		target, sizeof(target), "%s", ledger_sql_text(row, column))

static void read_row(sqlite3_stmt *row, struct ledger_row *ret)
{
	ret->order_id = number_of(row, 0);
	COPY(ret->action, row, 1);
	ret->state = state_of(ledger_sql_text(row, 2));
	ret->money = money_of(ledger_sql_text(row, 3));
	COPY(ret->why, row, 4);
	ret->taken_at_s = sqlite3_column_int64(row, 5);
	ret->ended_at_s = sqlite3_column_int64(row, 6);
	ret->took_ms = number_of(row, 7);
	COPY(ret->payment_hash, row, 8);
	COPY(ret->node_id, row, 9);
	ret->pay_index = number_of(row, 10);
	ret->msat = number_of(row, 11);
	ret->tip_msat = number_of(row, 12);
	COPY(ret->label, row, 13);
	COPY(ret->payer_note, row, 14);
	ret->is_held = number_of(row, 15) != 0;
	COPY(ret->refund_why, row, 16);
	ret->deposit_msat = number_of(row, 17);
	ret->deposit = deposit_of(ledger_sql_text(row, 18));
	ret->deposit_due_s = sqlite3_column_int64(row, 19);
}

int ledger_get(struct ledger *ledger, uint64_t id, struct ledger_row *ret)
{
	_cleanup_(ledger_sql_donep) sqlite3_stmt *row = NULL;
	int r;

	r = ledger_sql_query(ledger, SQL_GET, &row, "i", (int64_t)id);
	if (r == 0)
		read_row(row, ret);

	return r;
}

int ledger_find(struct ledger *ledger, const char *node_id,
	const char *payment_hash, struct ledger_row *ret)
{
	_cleanup_(ledger_sql_donep) sqlite3_stmt *row = NULL;
	int r;

	r = ledger_sql_query(
		ledger, SQL_FIND, &row, "tt", node_id, payment_hash);
	if (r == 0)
		read_row(row, ret);

	return r;
}

int ledger_list(struct ledger *ledger, enum ledger_filter filter, size_t limit,
	int (*row)(void *userdata, const struct ledger_row *row),
	void *userdata)
{
	static const enum ledger_sql lists[] = {
		[LEDGER_ALL] = SQL_LIST,
		[LEDGER_OPEN] = SQL_LIST_OPEN,
		[LEDGER_UNSETTLED] = SQL_LIST_UNSETTLED,
		[LEDGER_DUE] = SQL_LIST_DUE,
	};
	_cleanup_(ledger_sql_donep) sqlite3_stmt *found = NULL;
	int r;

	/* To SQLite a negative limit is none. */
	r = ledger_sql_query(ledger, lists[filter], &found, "i",
		limit > INT64_MAX ? INT64_MAX : (int64_t)limit);
	while (r == 0) {
		struct ledger_row one;

		read_row(found, &one);
		r = row(userdata, &one);
		if (r != 0)
			return r;
		r = ledger_sql_next(ledger, found);
	}

	return r == LEDGER_E_NONE ? 0 : r;
}

int ledger_owed(struct ledger *ledger, uint64_t *ret_n, uint64_t *ret_msat)
{
	_cleanup_(ledger_sql_donep) sqlite3_stmt *row = NULL;
	int r;

	r = ledger_sql_query(ledger, SQL_OWED, &row, "");
	if (r != 0)
		return r;

	*ret_n = number_of(row, 0);
	*ret_msat = number_of(row, 1);
	return 0;
}

static enum journal_mark mark_of(const char *outcome)
{
	if (strcmp(outcome, outcome_name(OUTCOME_CONFIRMED)) == 0)
		return JOURNAL_CONFIRMED;
	if (strcmp(outcome, outcome_name(OUTCOME_REFUSED)) == 0)
		return JOURNAL_REFUSED;
	if (strcmp(outcome, outcome_name(OUTCOME_UNKNOWN)) == 0)
		return JOURNAL_UNKNOWN;

	return JOURNAL_BEGUN;
}

static int read_journal(struct ledger *ledger, uint64_t id, struct journal *ret)
{
	_cleanup_(ledger_sql_donep) sqlite3_stmt *row = NULL;
	int r;

	r = ledger_sql_query(ledger, SQL_STEPS, &row, "i", (int64_t)id);
	for (; r == 0; r = ledger_sql_next(ledger, row)) {
		uint64_t n = number_of(row, 1);

		if (number_of(row, 0) != 0)
			ret->undo_begun = true;
		else if (n < ARRAY_SIZE(ret->marks))
			ret->marks[n] = mark_of(ledger_sql_text(row, 2));
	}

	return r == LEDGER_E_NONE ? 0 : r;
}

int ledger_each_running(struct ledger *ledger,
	int (*each)(void *userdata, const struct ledger_crashed *crashed),
	void *userdata)
{
	_cleanup_(ledger_sql_donep) sqlite3_stmt *row = NULL;
	int r;

	r = ledger_sql_query(ledger, SQL_RUNNING, &row, "");
	while (r == 0) {
		struct ledger_crashed crashed = {
			.id = number_of(row, 0),
			.action = ledger_sql_text(row, 1),
			.steps = ledger_sql_text(row, 2),
			.undo = ledger_sql_text(row, 3),
			.needs_parked = number_of(row, 4) != 0,
			.has_payment = number_of(row, 5) != 0,
			.for_order = number_of(row, 6),
		};

		r = read_journal(ledger, crashed.id, &crashed.journal);
		if (r == 0)
			r = each(userdata, &crashed);
		if (r != 0)
			return r;
		r = ledger_sql_next(ledger, row);
	}

	return r == LEDGER_E_NONE ? 0 : r;
}

int ledger_age(struct ledger *ledger, const char *action, size_t back,
	const struct moment *now, uint64_t *ret_age_ms)
{
	_cleanup_(ledger_sql_donep) sqlite3_stmt *row = NULL;
	uint64_t begun_ms, age_ms;
	int64_t taken_at_s;
	int r;

	r = ledger_sql_query(
		ledger, SQL_AGE, &row, "ti", action, (int64_t)back);
	if (r != 0)
		return r;

	begun_ms = number_of(row, 1);
	taken_at_s = sqlite3_column_int64(row, 2);
	if (strcmp(ledger_sql_text(row, 0), ledger->boot_id) == 0) {
		*ret_age_ms =
			now->boot_ms > begun_ms ? now->boot_ms - begun_ms : 0;
		return 0;
	}

	/* In an earlier boot: as old as this one at least. */
	age_ms = now->boot_ms;
	if (now->wall_is_set && taken_at_s > 0 && now->wall_s > taken_at_s &&
		(uint64_t)(now->wall_s - taken_at_s) * 1000 > age_ms)
		age_ms = (uint64_t)(now->wall_s - taken_at_s) * 1000;
	*ret_age_ms = age_ms;
	return 0;
}
