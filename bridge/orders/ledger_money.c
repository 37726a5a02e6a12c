/* SPDX-License-Identifier: MIT */

#include "orders/ledger_money.h"

#include <stdio.h>

#include "orders/ledger_sql.h"
#include "util/bytes.h"
#include "util/point.h"

int ledger_sql_follow(struct ledger *ledger)
{
	int r;

	r = ledger_sql_run(ledger, SQL_HEAL_REDONE, "");
	if (r == 0)
		r = ledger_sql_run(ledger, SQL_HOLD_DEPOSITS, "");
	if (r == 0)
		r = ledger_sql_run(ledger, SQL_DROP_DEPOSITS, "");

	return r;
}

/* Ends a transaction whose one statement has to have found its row. */
static int finish(struct ledger *ledger, int r, const char *name)
{
	if (r == 0 && sqlite3_changes(ledger->db) == 0)
		r = LEDGER_E_NONE;
	if (r == 0)
		r = ledger_sql_follow(ledger);
	point("money-before-commit");
	r = ledger_sql_finish(ledger, r);
	if (r == 0)
		point(name);

	return r;
}

int ledger_settled(struct ledger *ledger, uint64_t id, bool paid)
{
	int r;

	r = ledger_sql_run(ledger, SQL_BEGIN, "");
	if (r != 0)
		return r;
	r = ledger_sql_run(
		ledger, SQL_SETTLED, "ii", (int64_t)id, (int64_t)paid);

	return finish(ledger, r, "money-settled");
}

static int set_why(struct ledger *ledger, uint64_t id, const char *why)
{
	char safe[LEDGER_TEXT_SIZE];

	text_printable(why, safe, sizeof(safe));
	return ledger_sql_run(
		ledger, SQL_SET_REFUND_WHY, "it", (int64_t)id, safe);
}

int ledger_move(struct ledger *ledger, uint64_t id, enum ledger_money from,
	enum ledger_money to, const char *refund_why)
{
	int r;

	r = ledger_sql_run(ledger, SQL_BEGIN, "");
	if (r != 0)
		return r;
	r = set_why(ledger, id, refund_why);
	if (r == 0)
		r = ledger_sql_run(ledger, SQL_SET_MONEY, "itt", (int64_t)id,
			ledger_money_name(from), ledger_money_name(to));

	return finish(ledger, r, "money-moved");
}

int ledger_move_deposit(struct ledger *ledger, uint64_t id,
	enum ledger_deposit from, enum ledger_deposit to,
	const char *refund_why)
{
	int r;

	r = ledger_sql_run(ledger, SQL_BEGIN, "");
	if (r != 0)
		return r;
	r = set_why(ledger, id, refund_why);
	if (r == 0)
		r = ledger_sql_run(ledger, SQL_SET_DEPOSIT, "itt", (int64_t)id,
			ledger_deposit_name(from), ledger_deposit_name(to));

	return finish(ledger, r, "deposit-moved");
}

int ledger_has_deposits(struct ledger *ledger, bool *ret)
{
	_cleanup_(ledger_sql_donep) sqlite3_stmt *row = NULL;
	int r;

	r = ledger_sql_query(ledger, SQL_DEPOSITS_HELD, &row, "");
	if (r == 0)
		*ret = sqlite3_column_int64(row, 0) > 0;

	return r;
}

int ledger_inspect_deposits(struct ledger *ledger, int64_t now_s)
{
	return ledger_sql_run(ledger, SQL_INSPECT_DEPOSITS, "i", now_s);
}

int ledger_due_deposits(struct ledger *ledger, int64_t now_s)
{
	int r = 0;

	if (now_s > 0)
		r = ledger_sql_run(ledger, SQL_DATE_DEPOSITS, "i", now_s);
	if (r != 0)
		return r;

	return ledger_sql_run(ledger, SQL_DUE_DEPOSITS, "i", now_s);
}

int ledger_set_offers(
	struct ledger *ledger, const struct ledger_offer *offers, size_t n)
{
	int r;

	r = ledger_sql_run(ledger, SQL_BEGIN, "");
	if (r != 0)
		return r;
	r = ledger_sql_run(ledger, SQL_UNLIST_OFFERS, "");
	for (size_t i = 0; i < n && r == 0; i++)
		r = ledger_sql_run(ledger, SQL_SET_OFFER, "ttitiii",
			offers[i].offer_id, offers[i].action,
			(int64_t)offers[i].price_msat, offers[i].bolt12,
			(int64_t)offers[i].is_retired,
			(int64_t)offers[i].is_active, offers[i].deposit_msat);

	return ledger_sql_finish(ledger, r);
}

int ledger_offer(struct ledger *ledger, const char *offer_id,
	char ret_action[static 33], uint64_t *ret_price_msat,
	uint64_t *ret_deposit_msat)
{
	_cleanup_(ledger_sql_donep) sqlite3_stmt *row = NULL;
	int r;

	r = ledger_sql_query(ledger, SQL_GET_OFFER, &row, "t", offer_id);
	if (r != 0)
		return r;

	(void)snprintf(ret_action, 33, "%s", ledger_sql_text(row, 0));
	*ret_price_msat = (uint64_t)sqlite3_column_int64(row, 1);
	*ret_deposit_msat = (uint64_t)sqlite3_column_int64(row, 2);
	return 0;
}

int ledger_offer_of(struct ledger *ledger, const char *action,
	char ret_bolt12[static LEDGER_BOLT12_SIZE], bool *ret_is_active)
{
	_cleanup_(ledger_sql_donep) sqlite3_stmt *row = NULL;
	int r;

	r = ledger_sql_query(ledger, SQL_LIST_OFFERS, &row, "t", action);
	if (r != 0)
		return r;

	/* A part of it sells nothing. */
	if (sqlite3_column_bytes(row, 0) >= LEDGER_BOLT12_SIZE)
		return LEDGER_E_NONE;
	(void)snprintf(
		ret_bolt12, LEDGER_BOLT12_SIZE, "%s", ledger_sql_text(row, 0));
	*ret_is_active = sqlite3_column_int(row, 1) != 0;
	return 0;
}
