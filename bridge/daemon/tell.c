/* SPDX-License-Identifier: MIT */

#include "daemon/tell.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "util/amount.h"
#include "util/duration.h"
#include "util/log.h"

enum {
	LINE_SIZE = 768,
};

/* "order 3: flash, 1 sat with a tip of 20 sat" */
static int print_what(const struct ledger_row *row, char *ret)
{
	const char *action = row->action[0] == '\0' ? "no action" : row->action;
	char amount[AMOUNT_TEXT_SIZE];
	char tip[AMOUNT_TEXT_SIZE];

	if (row->money == LEDGER_NO_MONEY)
		return snprintf(ret, LINE_SIZE, "order %" PRIu64 ": %s%s",
			row->order_id, action,
			/* A rental's own orders have a name of their own. */
			strchr(action, ':') == NULL ? ", by hand" : "");

	amount_print(row->msat, amount);
	amount_print(row->tip_msat, tip);
	return snprintf(ret, LINE_SIZE, "order %" PRIu64 ": %s, %s%s%s",
		row->order_id, action, amount,
		row->tip_msat > 0 ? " with a tip of " : "",
		row->tip_msat > 0 ? tip : "");
}

/* What becomes of the money, right when an order ends; "" where it is earned */
static const char *money_of(const struct ledger_row *row)
{
	switch (row->money) {
	case LEDGER_OWED:
		return "; the money is owed";
	case LEDGER_KEPT:
		return "; the money is kept";
	case LEDGER_SETTLING:
		return row->state == LEDGER_CONFIRMED ? ""
						      : "; the money is kept";
	case LEDGER_RETURNING:
		return "; the money goes back";
	case LEDGER_NO_MONEY:
	case LEDGER_PENDING:
	case LEDGER_EARNED:
	case LEDGER_RETURNED:
	case LEDGER_GIVEN:
	case LEDGER_REFUNDING:
	case LEDGER_WRITTEN_OFF:
		break;
	}

	return "";
}

/* "refused: why; the money is owed" */
static void print_end(const struct ledger_row *row, char *ret, size_t size)
{
	char took[DURATION_TEXT_SIZE];

	duration_print(row->took_ms, took);
	if (row->state == LEDGER_CONFIRMED)
		(void)snprintf(ret, size, ": confirmed after %s%s%s", took,
			row->why[0] == '\0' ? "" : "; ", row->why);
	else
		(void)snprintf(ret, size, ": %s%s%s%s",
			ledger_state_name(row->state),
			row->why[0] == '\0' ? "" : ", ", row->why,
			money_of(row));
}

/* What became of a deposit; NULL: nothing yet. */
static const char *deposit_news(const struct ledger_row *row)
{
	switch (row->deposit) {
	case LEDGER_DEPOSIT_DUE:
		return row->refund_why[0] == '\0'
			       ? NULL
			       : "the deposit was not paid back";
	case LEDGER_DEPOSIT_RETURNED:
		return "the deposit was paid back";
	case LEDGER_DEPOSIT_KEPT:
		return "the deposit is kept";
	case LEDGER_NO_DEPOSIT:
	case LEDGER_DEPOSIT_HELD:
	case LEDGER_DEPOSIT_INSPECT:
		break;
	}

	return NULL;
}

/*
 * What became of the money later on, as the row shows it; NULL: this is the end
 * of the order, or before it.
 */
static const char *money_news(const struct ledger_row *row)
{
	const char *news = deposit_news(row);

	if (row->state < LEDGER_CONFIRMED || news != NULL)
		return news;
	switch (row->money) {
	case LEDGER_PENDING:
		return "is done after all";
	case LEDGER_EARNED:
		return row->state != LEDGER_CONFIRMED
			       ? "done after all, the money is earned"
		       : row->is_held ? "settled"
				      : NULL;
	case LEDGER_KEPT:
		return row->is_held ? "settled, the money is kept" : NULL;
	case LEDGER_OWED:
		return row->is_held ? "settled all the same; the money is owed"
		       : row->refund_why[0] != '\0'
			       ? "not paid back; the money is owed"
			       : NULL;
	case LEDGER_RETURNED:
		return row->is_held ? "the payer has the money back"
				    : "the money was paid back";
	case LEDGER_GIVEN:
		return "given away: the car did it, but the payer has the "
		       "money back, as the verdict came too late";
	case LEDGER_REFUNDING:
		return "the node is asked to pay back";
	case LEDGER_WRITTEN_OFF:
		return "written off";
	case LEDGER_NO_MONEY:
	case LEDGER_SETTLING:
	case LEDGER_RETURNING:
		break;
	}

	return NULL;
}

static void print_news(
	const struct ledger_row *row, const char *news, char *ret, size_t size)
{
	(void)snprintf(ret, size, ": %s%s%s", news,
		row->refund_why[0] == '\0' ? "" : ": ", row->refund_why);
}

void tell_order(const struct ledger_row *row)
{
	char line[LINE_SIZE];
	char id[24];
	const struct log_field fields[] = {
		{ "ORDER", id },
		{ "PAYMENT", row->payment_hash[0] == '\0' ? NULL
							  : row->payment_hash },
		{ "ACTION", row->action[0] == '\0' ? NULL : row->action },
		{ "OUTCOME", row->state < LEDGER_CONFIRMED
				     ? NULL
				     : ledger_state_name(row->state) },
		{ NULL, NULL },
	};
	const char *news = money_news(row);
	int n, priority = LOG_INFO;

	/* That a step has begun is told by how it ends. */
	if (row->state == LEDGER_RUNNING)
		return;

	(void)snprintf(id, sizeof(id), "%" PRIu64, row->order_id);
	n = print_what(row, line);
	if (news != NULL && n > 0 && n < LINE_SIZE)
		print_news(row, news, line + n, LINE_SIZE - (size_t)n);
	else if (row->state >= LEDGER_CONFIRMED && n > 0 && n < LINE_SIZE)
		print_end(row, line + n, LINE_SIZE - (size_t)n);
	/* Somebody is owed money, or may be: the owner should look. */
	if (row->money == LEDGER_GIVEN || row->money == LEDGER_OWED ||
		row->deposit == LEDGER_DEPOSIT_DUE ||
		(news == NULL && (row->state == LEDGER_REFUSED ||
					 row->state == LEDGER_UNKNOWN)))
		priority = LOG_NOTICE;
	log_event(priority, fields, "%s", line);
}

void tell_rental(
	const struct rental *rental, bool is_longer, const struct moment *now)
{
	uint64_t overtime_ms = rental_overtime_ms(rental, now);
	char until[RENTAL_UNTIL_SIZE], time[DURATION_TEXT_SIZE];
	char line[LINE_SIZE] = "", id[24];
	const struct log_field fields[] = {
		{ "ORDER", id },
		{ "ACTION", rental->action },
		{ "RENTAL", rental_phase_name(rental->phase) },
		{ NULL, NULL },
	};

	(void)snprintf(id, sizeof(id), "%" PRIu64, rental->order_id);
	rental_print_until(rental, now, until);
	switch (rental->phase) {
	case RENTAL_TAKEN:
		return;
	case RENTAL_OFFERED:
		duration_print(rental->terms.get_in_ms, time);
		(void)snprintf(line, sizeof(line),
			"rented %s; somebody has to get in within %s", until,
			time);
		break;
	case RENTAL_OCCUPIED:
		(void)snprintf(line, sizeof(line), "%s, rented %s",
			is_longer ? "paid for once more"
				  : "somebody is in the car",
			until);
		break;
	case RENTAL_ENDING:
		(void)snprintf(line, sizeof(line),
			"the rental ends, %s; the car is closed once it is "
			"parked and nothing is open",
			rental->why);
		break;
	case RENTAL_ENDED:
		duration_print(overtime_ms, time);
		(void)snprintf(line, sizeof(line), "the rental has ended%s%s%s",
			overtime_ms > 0 ? ", " : ", in time",
			overtime_ms > 0 ? time : "",
			overtime_ms > 0 ? " past its time" : "");
		break;
	}

	/* The owner may want to talk about it. */
	log_event(overtime_ms > 0 ? LOG_NOTICE : LOG_INFO, fields,
		"order %s: %s: %s", id, rental->action, line);
}
