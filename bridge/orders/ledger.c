/* SPDX-License-Identifier: MIT */

#include "orders/ledger.h"

#include "orders/ledger_sql.h"
#include "util/bytes.h"
#include "util/point.h"

enum {
	/* The log is folded in when nobody waits, or when it gets long. */
	TIDY_PAGES = 128,
	TIDY_LATE_PAGES = 1024,
};

static const char *const state_names[] = {
	[LEDGER_QUEUED] = "queued",
	[LEDGER_RUNNING] = "running",
	[LEDGER_CONFIRMED] = "confirmed",
	[LEDGER_REFUSED] = "refused",
	[LEDGER_UNKNOWN] = "unknown",
};

static const char *const money_names[] = {
	[LEDGER_NO_MONEY] = "none",
	[LEDGER_PENDING] = "pending",
	[LEDGER_EARNED] = "earned",
	[LEDGER_OWED] = "owed",
	[LEDGER_KEPT] = "kept",
	[LEDGER_SETTLING] = "settling",
	[LEDGER_RETURNING] = "returning",
	[LEDGER_RETURNED] = "returned",
	[LEDGER_GIVEN] = "given away",
	[LEDGER_REFUNDING] = "refunding",
	[LEDGER_WRITTEN_OFF] = "written off",
};

static const char *const deposit_names[] = {
	[LEDGER_NO_DEPOSIT] = "",
	[LEDGER_DEPOSIT_HELD] = "held",
	[LEDGER_DEPOSIT_INSPECT] = "inspect",
	[LEDGER_DEPOSIT_DUE] = "due",
	[LEDGER_DEPOSIT_RETURNED] = "returned",
	[LEDGER_DEPOSIT_KEPT] = "kept",
};

const char *ledger_state_name(enum ledger_state state)
{
	return state_names[state];
}

const char *ledger_money_name(enum ledger_money money)
{
	return money_names[money];
}

const char *ledger_deposit_name(enum ledger_deposit deposit)
{
	return deposit_names[deposit];
}

/* Folds the log into the ledger; if that fails, the next time will do. */
static void tidy(struct ledger *ledger, int max_pages)
{
	if (ledger->wal_pages <= max_pages || ledger->is_dead)
		return;

	(void)sqlite3_wal_checkpoint_v2(
		ledger->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	ledger->wal_pages = 0;
}

void ledger_broken(const struct ledger *ledger, struct ledger_break *ret)
{
	*ret = ledger->broken;
}

int ledger_position(
	struct ledger *ledger, const char *node_id, uint64_t *ret_pay_index)
{
	_cleanup_(ledger_sql_donep) sqlite3_stmt *row = NULL;
	int r;

	r = ledger_sql_query(ledger, SQL_POSITION, &row, "t", node_id);
	if (r == 0)
		*ret_pay_index = (uint64_t)sqlite3_column_int64(row, 0);

	return r;
}

int ledger_has_position(struct ledger *ledger)
{
	_cleanup_(ledger_sql_donep) sqlite3_stmt *row = NULL;

	return ledger_sql_query(ledger, SQL_HAS_POSITION, &row, "");
}

int ledger_set_position(
	struct ledger *ledger, const char *node_id, uint64_t pay_index)
{
	int r = ledger_sql_run(
		ledger, SQL_SET_POSITION, "ti", node_id, (int64_t)pay_index);

	tidy(ledger, TIDY_LATE_PAGES);
	return r;
}

int ledger_knows(
	struct ledger *ledger, const char *node_id, const char *payment_hash)
{
	_cleanup_(ledger_sql_donep) sqlite3_stmt *row = NULL;
	int r;

	r = ledger_sql_query(
		ledger, SQL_KNOWS, &row, "tt", node_id, payment_hash);
	if (r == LEDGER_E_NONE)
		return 0;

	return r == 0 ? LEDGER_E_KNOWN : r;
}

/* The same as MONEY in ledger_sql.c, of what has ended by being written. */
static enum ledger_money money_of(const struct ledger_order *order)
{
	bool is_had = order->state == LEDGER_CONFIRMED ||
		      (order->state == LEDGER_UNKNOWN && order->keeps_unknown);

	if (order->payment == NULL)
		return LEDGER_NO_MONEY;
	if (order->state == LEDGER_QUEUED || order->state == LEDGER_RUNNING)
		return LEDGER_PENDING;
	if (order->payment->held)
		return is_had ? LEDGER_SETTLING : LEDGER_RETURNING;
	if (order->state == LEDGER_CONFIRMED)
		return LEDGER_EARNED;

	return is_had ? LEDGER_KEPT : LEDGER_OWED;
}

static int add_order(struct ledger *ledger, const struct ledger_order *order,
	const struct moment *now, int64_t *ret_id)
{
	bool ended =
		order->state != LEDGER_QUEUED && order->state != LEDGER_RUNNING;
	int64_t now_s = now->wall_is_set ? now->wall_s : 0;
	int r;

	r = ledger_sql_run(ledger, SQL_ADD_ORDER, "tttiittttiiii",
		order->action, order->steps, order->undo,
		(int64_t)order->needs_parked, (int64_t)order->keeps_unknown,
		state_names[order->state], money_names[money_of(order)],
		order->why, ledger->boot_id, (int64_t)now->boot_ms, now_s,
		ended ? now_s : (int64_t)0, (int64_t)order->for_order);
	if (r == 0)
		*ret_id = sqlite3_last_insert_rowid(ledger->db);

	return r;
}

static int add_payment(
	struct ledger *ledger, int64_t id, const struct ledger_order *order)
{
	const struct payment *payment = order->payment;
	enum ledger_money money = money_of(order);
	/* What goes back whole has no deposit: SQL_DROP_DEPOSITS. */
	bool has_deposit = order->deposit_msat > 0 && money != LEDGER_OWED &&
			   money != LEDGER_RETURNING;
	char label[LEDGER_TEXT_SIZE], note[LEDGER_TEXT_SIZE];
	int r;

	text_printable(payment->label, label, sizeof(label));
	text_printable(payment->payer_note == NULL ? "" : payment->payer_note,
		note, sizeof(note));
	/* A held payment has no place in the node's list yet. */
	if (payment->pay_index > 0)
		r = ledger_sql_run(ledger, SQL_SET_POSITION, "ti",
			payment->node_id, (int64_t)payment->pay_index);
	else
		r = ledger_sql_run(ledger, SQL_ADD_NODE, "t", payment->node_id);
	if (r == 0)
		r = ledger_sql_run(ledger, SQL_ADD_PAYMENT, "ittiiiittiiit", id,
			payment->node_id, payment->payment_hash,
			(int64_t)payment->pay_index, (int64_t)payment->msat,
			(int64_t)order->tip_msat, payment->paid_at_s, label,
			note, (int64_t)payment->held,
			(int64_t)order->deposit_msat,
			(int64_t)order->inspect_ms,
			deposit_names[has_deposit ? LEDGER_DEPOSIT_HELD
						  : LEDGER_NO_DEPOSIT]);

	return r;
}

/* What is owed is pending while it is done after all. */
static int redo(struct ledger *ledger, uint64_t id)
{
	int r;

	r = ledger_sql_run(ledger, SQL_SET_MONEY, "itt", (int64_t)id,
		money_names[LEDGER_OWED], money_names[LEDGER_PENDING]);
	if (r != 0 || sqlite3_changes(ledger->db) == 0)
		return r != 0 ? r : LEDGER_E_NONE;

	/* Why it was not paid back counts no more. */
	return ledger_sql_run(
		ledger, SQL_SET_REFUND_WHY, "it", (int64_t)id, "");
}

int ledger_take(struct ledger *ledger, const struct ledger_order *order,
	const struct moment *now, uint64_t *ret_id)
{
	int64_t id = 0;
	int r;

	r = ledger_sql_run(ledger, SQL_BEGIN, "");
	if (r != 0)
		return r;
	r = add_order(ledger, order, now, &id);
	if (r == 0 && order->payment != NULL)
		r = add_payment(ledger, id, order);
	if (r == 0 && order->for_order != 0)
		r = redo(ledger, order->for_order);
	if (r == 0 && order->rental != NULL && order->rental->order_id == 0)
		r = ledger_sql_add_rental(ledger, id, order, now);
	else if (r == 0)
		r = ledger_sql_set_rental(ledger, order->rental, now);
	if (r == 0 && order->first_step != NULL)
		r = ledger_sql_run(ledger, SQL_ADD_STEP, "iiiti", id,
			(int64_t)0, (int64_t)0, order->first_step,
			(int64_t)now->boot_ms);
	point("order-before-commit");
	r = ledger_sql_finish(ledger, r);
	if (r != 0)
		return r;
	point("order-committed");

	/* With its first step begun, the car is waiting. */
	tidy(ledger, order->first_step != NULL ? INT32_MAX : TIDY_LATE_PAGES);
	*ret_id = (uint64_t)id;
	return 0;
}

int ledger_begin_step(struct ledger *ledger, uint64_t id, size_t index,
	bool is_undo, const char *step, const struct moment *now)
{
	int r;

	r = ledger_sql_run(ledger, SQL_BEGIN, "");
	if (r != 0)
		return r;
	r = ledger_sql_run(ledger, SQL_RUN_ORDER, "ii", (int64_t)id,
		(int64_t)now->boot_ms);
	if (r == 0 && sqlite3_changes(ledger->db) == 0)
		r = LEDGER_E_NONE;
	if (r == 0)
		r = ledger_sql_run(ledger, SQL_ADD_STEP, "iiiti", (int64_t)id,
			(int64_t)is_undo, (int64_t)index, step,
			(int64_t)now->boot_ms);
	point("step-before-commit");
	r = ledger_sql_finish(ledger, r);
	if (r == 0)
		point("step-committed");

	return r;
}

int ledger_end_step(struct ledger *ledger, uint64_t id, size_t index,
	bool is_undo, enum outcome outcome)
{
	int rc, r;

	/*
	 * NORMAL writes to the log without a sync.  What follows is written
	 * behind it in the same log, and synced with it.
	 */
	rc = sqlite3_exec(
		ledger->db, "PRAGMA synchronous = NORMAL", NULL, NULL, NULL);
	if (rc != SQLITE_OK)
		return ledger_sql_fold(ledger, rc);
	r = ledger_sql_run(ledger, SQL_END_STEP, "iiit", (int64_t)id,
		(int64_t)is_undo, (int64_t)index, outcome_name(outcome));
	rc = sqlite3_exec(
		ledger->db, "PRAGMA synchronous = FULL", NULL, NULL, NULL);

	return r == 0 ? ledger_sql_fold(ledger, rc) : r;
}

int ledger_end(struct ledger *ledger, uint64_t id, enum outcome outcome,
	bool keeps, const char *why, const struct rental *rental,
	const struct moment *now)
{
	int n, r;

	r = ledger_sql_run(ledger, SQL_BEGIN, "");
	if (r != 0)
		return r;
	r = ledger_sql_run(ledger, SQL_END_ORDER, "ttitiii",
		outcome_name(outcome), why,
		now->wall_is_set ? now->wall_s : (int64_t)0, ledger->boot_id,
		(int64_t)now->boot_ms, (int64_t)id, (int64_t)keeps);
	n = sqlite3_changes(ledger->db);
	if (r == 0 && n == 0)
		r = LEDGER_E_NONE;
	if (r == 0)
		r = ledger_sql_follow(ledger);
	if (r == 0)
		r = ledger_sql_set_rental(ledger, rental, now);
	point("end-before-commit");
	r = ledger_sql_finish(ledger, r);
	if (r != 0)
		return r;
	point("end-committed");

	tidy(ledger, TIDY_PAGES);
	return 0;
}

int ledger_end_queued(
	struct ledger *ledger, const char *why, const struct moment *now)
{
	int r;

	r = ledger_sql_run(ledger, SQL_BEGIN, "");
	if (r != 0)
		return r;
	r = ledger_sql_run(ledger, SQL_END_QUEUED, "ttiti",
		outcome_name(OUTCOME_REFUSED), why,
		now->wall_is_set ? now->wall_s : (int64_t)0, ledger->boot_id,
		(int64_t)now->boot_ms);
	if (r == 0)
		r = ledger_sql_follow(ledger);

	return ledger_sql_finish(ledger, r);
}

void ledger_on_broken(
	struct ledger *ledger, void (*handler)(void *userdata), void *userdata)
{
	ledger->on_broken = handler;
	ledger->userdata = userdata;
}

int ledger_is_paused(struct ledger *ledger, bool *ret)
{
	int64_t paused;
	int r;

	r = ledger_sql_get_meta(ledger, "paused", 0, &paused);
	if (r == 0)
		*ret = paused != 0;

	return r;
}

int ledger_set_paused(struct ledger *ledger, bool paused)
{
	return ledger_sql_run(
		ledger, SQL_SET_META, "ti", "paused", (int64_t)paused);
}
