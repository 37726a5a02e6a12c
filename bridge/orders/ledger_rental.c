/* SPDX-License-Identifier: MIT */

/* A rental in the ledger: its terms once, how it stands again and again. */

#include <stdio.h>
#include <string.h>

#include "orders/ledger_sql.h"
#include "util/point.h"

int ledger_sql_add_rental(struct ledger *ledger, int64_t order_id,
	const struct ledger_order *order, const struct moment *now)
{
	const struct rental_terms *terms = &order->rental->terms;
	struct rental rental = *order->rental;
	int r;

	r = ledger_sql_run(ledger, SQL_ADD_RENTAL, "ittiiii", order_id,
		order->rental_warn, order->rental_end,
		(int64_t)terms->length_ms, (int64_t)terms->get_in_ms,
		(int64_t)terms->warn_before_ms, (int64_t)terms->passive_entry);
	if (r != 0)
		return r;

	rental.order_id = (uint64_t)order_id;
	return ledger_sql_set_rental(ledger, &rental, now);
}

int ledger_sql_set_rental(struct ledger *ledger, const struct rental *rental,
	const struct moment *now)
{
	int64_t left_ms, until_s;
	int r;

	if (rental == NULL)
		return 0;

	left_ms = rental_left_ms(rental, now);
	until_s = now->wall_is_set ? now->wall_s + left_ms / 1000
				   : rental->until_s;
	r = ledger_sql_run(ledger, SQL_SET_RENTAL, "ittiiiitiii",
		(int64_t)rental->order_id, rental_phase_name(rental->phase),
		rental->why, (int64_t)rental->is_occupied,
		(int64_t)rental->is_warned, (int64_t)rental->n_extended,
		(int64_t)rental->overtime_ms, ledger->boot_id, rental->until_ms,
		until_s, left_ms);

	return r == 0 && sqlite3_changes(ledger->db) == 0 ? LEDGER_E_NONE : r;
}

int ledger_set_rental(struct ledger *ledger, const struct rental *rental,
	const struct moment *now)
{
	int r;

	r = ledger_sql_run(ledger, SQL_BEGIN, "");
	if (r != 0)
		return r;
	r = ledger_sql_set_rental(ledger, rental, now);
	point("rental-before-commit");
	r = ledger_sql_finish(ledger, r);
	if (r == 0)
		point("rental-committed");

	return r;
}

/* A name that nobody has written: better closed once too often. */
static enum rental_phase phase_of(const char *name)
{
	for (int i = RENTAL_ENDED; i < RENTAL_ENDING; i++)
		if (strcmp(rental_phase_name((enum rental_phase)i), name) == 0)
			return (enum rental_phase)i;

	return RENTAL_ENDING;
}

#define COPY(target, size, row, column) \
	(void)snprintf(target, size, "%s", ledger_sql_text(row, column))

int ledger_rental(struct ledger *ledger, const struct moment *now,
	struct rental *ret, char ret_warn[static LEDGER_PROGRAM_SIZE],
	char ret_end[static LEDGER_PROGRAM_SIZE])
{
	_cleanup_(ledger_sql_donep) sqlite3_stmt *row = NULL;
	struct rental_mark mark;
	int r;

	r = ledger_sql_query(ledger, SQL_RENTAL, &row, "");
	if (r != 0)
		return r;

	*ret = (struct rental){
		.order_id = (uint64_t)sqlite3_column_int64(row, 0),
		.terms = {
			.length_ms = (uint64_t)sqlite3_column_int64(row, 4),
			.get_in_ms = (uint64_t)sqlite3_column_int64(row, 5),
			.warn_before_ms =
				(uint64_t)sqlite3_column_int64(row, 6),
			.passive_entry = sqlite3_column_int(row, 7) != 0,
		},
		.phase = phase_of(ledger_sql_text(row, 8)),
		.is_occupied = sqlite3_column_int(row, 10) != 0,
		.is_warned = sqlite3_column_int(row, 11) != 0,
		.n_extended = (uint32_t)sqlite3_column_int64(row, 12),
		.overtime_ms = (uint64_t)sqlite3_column_int64(row, 13),
	};
	COPY(ret->action, sizeof(ret->action), row, 1);
	COPY(ret_warn, LEDGER_PROGRAM_SIZE, row, 2);
	COPY(ret_end, LEDGER_PROGRAM_SIZE, row, 3);
	COPY(ret->why, sizeof(ret->why), row, 9);
	mark = (struct rental_mark){
		.is_same_boot =
			strcmp(ledger_sql_text(row, 14), ledger->boot_id) == 0,
		.until_ms = sqlite3_column_int64(row, 15),
		.until_s = sqlite3_column_int64(row, 16),
		.left_ms = sqlite3_column_int64(row, 17),
	};
	rental_place(ret, &mark, now);
	return 0;
}
