/* SPDX-License-Identifier: MIT */

/* One line for what happens to an order, or to its money later on. */

#include "daemon/tell.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "test.h"
#include "util/log.h"

/* The line that was logged last, and its fields as "ORDER=3 ACTION=flash". */
static struct {
	int n, priority;
	char line[1024];
	char fields[512];
} logged;

void __wrap_log_event(
	int priority, const struct log_field *fields, const char *format, ...);

_printf_(3, 4) void __wrap_log_event(
	int priority, const struct log_field *fields, const char *format, ...)
{
	va_list args;
	size_t len = 0;

	logged.n++;
	logged.priority = priority;
	va_start(args, format);
	(void)vsnprintf(logged.line, sizeof(logged.line), format, args);
	va_end(args);
	logged.fields[0] = '\0';
	for (; fields->name != NULL; fields++)
		if (fields->value != NULL)
			len += (size_t)snprintf(logged.fields + len,
				sizeof(logged.fields) - len, "%s%s=%s",
				len == 0 ? "" : " ", fields->name,
				fields->value);
}

static struct ledger_row row_of(
	enum ledger_state state, enum ledger_money money, bool is_held)
{
	return (struct ledger_row){
		.order_id = 3,
		.action = "flash",
		.state = state,
		.money = money,
		.is_held = is_held,
		.payment_hash = "ab",
		.msat = 1000,
		.took_ms = 2000,
	};
}

static void expect(const struct ledger_row *row, int priority, const char *line)
{
	logged.n = 0;
	tell_order(row);
	cr_assert_eq(logged.n, 1, "%s", line);
	cr_expect_str_eq(logged.line, line);
	cr_expect_eq(logged.priority, priority, "%s", line);
}

TEST(tell, order_is_told_when_it_is_taken_and_when_it_ends)
{
	struct ledger_row row = row_of(LEDGER_QUEUED, LEDGER_PENDING, false);

	expect(&row, LOG_INFO, "order 3: flash, 1 sat");
	cr_expect_str_eq(logged.fields, "ORDER=3 PAYMENT=ab ACTION=flash");
	row.tip_msat = 500;
	row.action[0] = '\0';
	expect(&row, LOG_INFO,
		"order 3: no action, 1 sat with a tip of 0.5 sat");
	cr_expect_str_eq(logged.fields, "ORDER=3 PAYMENT=ab");
	logged.n = 0;
	row.state = LEDGER_RUNNING;
	tell_order(&row);
	cr_expect_eq(logged.n, 0);
	row = row_of(LEDGER_CONFIRMED, LEDGER_EARNED, false);
	expect(&row, LOG_INFO, "order 3: flash, 1 sat: confirmed after 2.0 s");
	cr_expect_str_eq(logged.fields,
		"ORDER=3 PAYMENT=ab ACTION=flash OUTCOME=confirmed");
}

TEST(tell, end_says_who_has_the_money)
{
	static const struct {
		enum ledger_state state;
		enum ledger_money money;
		int priority;
		const char *end;
	} cases[] = {
		{ LEDGER_REFUSED, LEDGER_OWED, LOG_NOTICE,
			"refused, the car drives; the money is owed" },
		{ LEDGER_UNKNOWN, LEDGER_KEPT, LOG_NOTICE,
			"unknown, the car drives; the money is kept" },
		{ LEDGER_UNKNOWN, LEDGER_SETTLING, LOG_NOTICE,
			"unknown, the car drives; the money is kept" },
		{ LEDGER_REFUSED, LEDGER_RETURNING, LOG_NOTICE,
			"refused, the car drives; the money goes back" },
		{ LEDGER_CONFIRMED, LEDGER_SETTLING, LOG_INFO,
			"confirmed after 2.0 s; the car drives" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ledger_row row =
			row_of(cases[i].state, cases[i].money, false);
		char line[200];

		(void)strcpy(row.why, "the car drives");
		(void)snprintf(line, sizeof(line), "order 3: flash, 1 sat: %s",
			cases[i].end);
		expect(&row, cases[i].priority, line);
	}
}

TEST(tell, what_becomes_of_the_money_later_is_news)
{
	static const struct {
		enum ledger_state state;
		enum ledger_money money;
		bool is_held;
		const char *why;
		int priority;
		const char *news;
	} cases[] = {
		{ LEDGER_CONFIRMED, LEDGER_EARNED, true, "", LOG_INFO,
			"settled" },
		{ LEDGER_UNKNOWN, LEDGER_KEPT, true, "", LOG_INFO,
			"settled, the money is kept" },
		{ LEDGER_REFUSED, LEDGER_RETURNED, true, "", LOG_INFO,
			"the payer has the money back" },
		{ LEDGER_REFUSED, LEDGER_OWED, true, "", LOG_NOTICE,
			"settled all the same; the money is owed" },
		{ LEDGER_CONFIRMED, LEDGER_GIVEN, true, "", LOG_NOTICE,
			"given away: the car did it, but the payer has the "
			"money back, as the verdict came too late" },
		{ LEDGER_REFUSED, LEDGER_PENDING, false, "", LOG_INFO,
			"is done after all" },
		{ LEDGER_REFUSED, LEDGER_EARNED, false, "", LOG_INFO,
			"done after all, the money is earned" },
		{ LEDGER_REFUSED, LEDGER_REFUNDING, false, "", LOG_INFO,
			"the node is asked to pay back" },
		{ LEDGER_REFUSED, LEDGER_OWED, false, "no route", LOG_NOTICE,
			"not paid back; the money is owed: no route" },
		{ LEDGER_REFUSED, LEDGER_RETURNED, false, "", LOG_INFO,
			"the money was paid back" },
		{ LEDGER_REFUSED, LEDGER_WRITTEN_OFF, false, "", LOG_INFO,
			"written off" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ledger_row row = row_of(
			cases[i].state, cases[i].money, cases[i].is_held);
		char line[200];

		(void)strcpy(row.refund_why, cases[i].why);
		(void)snprintf(line, sizeof(line), "order 3: flash, 1 sat: %s",
			cases[i].news);
		expect(&row, cases[i].priority, line);
	}
}

TEST(tell, what_becomes_of_a_deposit_is_news)
{
	static const struct {
		enum ledger_deposit deposit;
		const char *why;
		int priority;
		const char *news;
	} cases[] = {
		{ LEDGER_DEPOSIT_RETURNED, "", LOG_INFO,
			"the deposit was paid back" },
		{ LEDGER_DEPOSIT_DUE, "no route", LOG_NOTICE,
			"the deposit was not paid back: no route" },
		{ LEDGER_DEPOSIT_KEPT, "", LOG_INFO, "the deposit is kept" },
		/* Of what is to come nothing is told. */
		{ LEDGER_DEPOSIT_HELD, "", LOG_INFO, "confirmed after 2.0 s" },
		{ LEDGER_DEPOSIT_INSPECT, "", LOG_INFO,
			"confirmed after 2.0 s" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct ledger_row row =
			row_of(LEDGER_CONFIRMED, LEDGER_EARNED, false);
		char line[200];

		row.deposit = cases[i].deposit;
		(void)strcpy(row.refund_why, cases[i].why);
		(void)snprintf(line, sizeof(line), "order 3: flash, 1 sat: %s",
			cases[i].news);
		expect(&row, cases[i].priority, line);
	}
}

TEST(tell, order_by_hand_has_no_money)
{
	struct ledger_row row = row_of(LEDGER_REFUSED, LEDGER_NO_MONEY, false);

	row.payment_hash[0] = '\0';
	expect(&row, LOG_NOTICE, "order 3: flash, by hand: refused");
	cr_expect_str_eq(logged.fields, "ORDER=3 ACTION=flash OUTCOME=refused");
	(void)strcpy(row.action, "rental:end");
	row.state = LEDGER_CONFIRMED;
	expect(&row, LOG_INFO, "order 3: rental:end: confirmed after 2.0 s");
}

/* As long as everything of it can be. */
TEST(tell, longest_line_has_room)
{
	struct ledger_row row = row_of(LEDGER_REFUSED, LEDGER_OWED, false);

	memset(row.action, 'a', sizeof(row.action) - 1);
	memset(row.why, 'w', sizeof(row.why) - 1);
	memset(row.refund_why, 'r', sizeof(row.refund_why) - 1);
	row.msat = INT64_MAX;
	row.tip_msat = INT64_MAX;
	logged.n = 0;
	tell_order(&row);
	cr_expect_eq(logged.n, 1);
	cr_expect_eq(logged.line[strlen(logged.line) - 1], 'r');
}
