/* SPDX-License-Identifier: MIT */

/* Refund, DoOwed and WriteOff over a bus of two: who is told what, and when. */

#include "daemon/settling.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "daemon/escrow.h"
#include "daemon/intake.h"
#include "daemon/trial.h"
#include "model/api.h"
#include "orders/orders_money.h"
#include "test.h"

enum {
	CALLS_MAX = SETTLING_MAX + 2,
};

/* What the bridge answers, and how the order stands. */
static struct {
	int result;
	bool is_paused;
	struct ledger_row row;
	bool has_row;
} fake;

int till_refund(struct till *till, uint64_t order_id)
{
	(void)till;
	(void)order_id;
	return fake.result;
}

int till_do_owed(struct till *till, uint64_t order_id, uint64_t *ret_order_id)
{
	(void)till;
	*ret_order_id = order_id + 1;
	return fake.result;
}

int orders_write_off(struct orders *orders, uint64_t order_id)
{
	(void)orders;
	(void)order_id;
	return fake.result;
}

int orders_get(struct orders *orders, uint64_t order_id, struct ledger_row *ret)
{
	(void)orders;
	if (!fake.has_row || order_id != fake.row.order_id)
		return LEDGER_E_NONE;
	*ret = fake.row;
	return 0;
}

bool orders_is_paused(const struct orders *orders)
{
	(void)orders;
	return fake.is_paused;
}

int api_fail(sd_bus_error *error, int r, const char *what)
{
	return sd_bus_error_setf(error, API_ERROR_FAILED, "%s: %d", what, r);
}

static sd_bus *server, *client;
static struct settling settling;
static struct api_config config;

/* The answers, as "Return: text" or "Error: text". */
static struct {
	char texts[CALLS_MAX][512];
	size_t n;
} answers;

static int on_call(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	(void)userdata;
	if (sd_bus_message_is_method_call(m, API_INTERFACE, "Refund"))
		return settling_refund(&settling, &config, m, error);
	if (sd_bus_message_is_method_call(m, API_INTERFACE, "DoOwed"))
		return settling_do(&settling, &config, m, error);
	if (sd_bus_message_is_method_call(m, API_INTERFACE, "WriteOff"))
		return settling_write_off(&config, m, error);
	return 0;
}

static int on_answer(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	const char *text = "", *name = "";

	(void)userdata;
	(void)error;
	cr_assert_lt(answers.n, (size_t)CALLS_MAX);
	if (sd_bus_message_is_method_error(m, NULL)) {
		text = sd_bus_message_get_error(m)->message;
		name = strrchr(sd_bus_message_get_error(m)->name, '.') + 1;
	} else {
		cr_assert_geq(sd_bus_message_read(m, "s", &text), 0);
		name = "Done";
	}
	(void)snprintf(answers.texts[answers.n++], sizeof(answers.texts[0]),
		"%s: %s", name, text);
	return 0;
}

static void run(void)
{
	int r;

	do {
		r = sd_bus_process(server, NULL);
		cr_assert_geq(r, 0);
		if (r == 0)
			r = sd_bus_process(client, NULL);
		cr_assert_geq(r, 0);
	} while (r > 0);
}

static void begin(void)
{
	sd_id128_t id = { .bytes = { 1 } };
	int fds[2];

	cr_assert_eq(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
			0, fds),
		0);
	cr_assert_geq(sd_bus_new(&server), 0);
	cr_assert_geq(sd_bus_set_fd(server, fds[0], fds[0]), 0);
	cr_assert_geq(sd_bus_set_server(server, 1, id), 0);
	cr_assert_geq(sd_bus_set_anonymous(server, 1), 0);
	cr_assert_geq(sd_bus_add_filter(server, NULL, on_call, NULL), 0);
	cr_assert_geq(sd_bus_start(server), 0);
	cr_assert_geq(sd_bus_new(&client), 0);
	cr_assert_geq(sd_bus_set_fd(client, fds[1], fds[1]), 0);
	cr_assert_geq(sd_bus_start(client), 0);
	fake.row = (struct ledger_row){ .order_id = 3,
		.state = LEDGER_REFUSED,
		.money = LEDGER_OWED,
		.msat = 21000 };
	fake.has_row = true;
	run();
}

static void end(void)
{
	settling_deinit(&settling);
	(void)sd_bus_flush_close_unref(client);
	(void)sd_bus_flush_close_unref(server);
}

static void call(const char *method)
{
	sd_bus_message *m = NULL;

	cr_assert_geq(sd_bus_message_new_method_call(client, &m, NULL, API_PATH,
			      API_INTERFACE, method),
		0);
	cr_assert_geq(sd_bus_message_append(m, "t", UINT64_C(3)), 0);
	cr_assert_geq(
		sd_bus_call_async(client, NULL, m, on_answer, NULL, UINT64_MAX),
		0);
	sd_bus_message_unref(m);
	run();
}

static void answered(const char *text)
{
	cr_assert_eq(answers.n, 1, "%zu answers, not %s", answers.n, text);
	cr_expect_str_eq(answers.texts[0], text);
	answers.n = 0;
}

static void nobody_is_answered(void)
{
	run();
	cr_assert_eq(answers.n, 0, "%s", answers.texts[0]);
}

static void changed(enum ledger_money money, enum ledger_deposit deposit,
	const char *refund_why)
{
	fake.row.money = money;
	fake.row.deposit = deposit;
	(void)strcpy(fake.row.refund_why, refund_why);
	settling_order_changed(&settling, &fake.row);
	run();
}

TEST(settling, refund_is_answered_when_it_was_paid)
{
	begin();
	call("Refund");
	nobody_is_answered();
	changed(LEDGER_REFUNDING, LEDGER_NO_DEPOSIT, "");
	nobody_is_answered();
	/* That of another order is no answer. */
	fake.row.order_id = 4;
	changed(LEDGER_RETURNED, LEDGER_NO_DEPOSIT, "");
	nobody_is_answered();
	fake.row.order_id = 3;
	changed(LEDGER_RETURNED, LEDGER_NO_DEPOSIT, "");
	answered("Done: order 3: 21 sat was paid back, less the fee");
	/* Once. */
	changed(LEDGER_RETURNED, LEDGER_NO_DEPOSIT, "");
	nobody_is_answered();
	end();
}

TEST(settling, refund_that_failed_says_why)
{
	begin();
	call("Refund");
	changed(LEDGER_OWED, LEDGER_NO_DEPOSIT, "no route");
	answered("Failed: order 3: 21 sat was not paid back: no route");
	end();
}

TEST(settling, deposit_is_told_as_one)
{
	begin();
	fake.row.deposit_msat = 5000;
	call("Refund");
	changed(LEDGER_EARNED, LEDGER_DEPOSIT_DUE, "");
	nobody_is_answered();
	changed(LEDGER_EARNED, LEDGER_DEPOSIT_RETURNED, "");
	answered("Done: order 3: the deposit of 5 sat was paid back");
	call("Refund");
	changed(LEDGER_EARNED, LEDGER_DEPOSIT_DUE, "no route");
	answered("Failed: order 3: 5 sat was not paid back: no route");
	end();
}

TEST(settling, what_is_done_after_all_is_answered_by_the_car)
{
	begin();
	call("DoOwed");
	changed(LEDGER_PENDING, LEDGER_NO_DEPOSIT, "");
	nobody_is_answered();
	changed(LEDGER_EARNED, LEDGER_NO_DEPOSIT, "");
	answered("Done: order 3: done after all; 21 sat is earned");
	call("DoOwed");
	changed(LEDGER_OWED, LEDGER_NO_DEPOSIT, "");
	answered("Failed: order 3: it was not done; 21 sat stays owed");
	/* With a deposit, which waits now for the car to be back. */
	fake.row.deposit_msat = 5000;
	call("DoOwed");
	changed(LEDGER_EARNED, LEDGER_DEPOSIT_HELD, "");
	answered("Done: order 3: done after all; 21 sat is earned");
	end();
}

TEST(settling, all_who_wait_are_answered)
{
	begin();
	for (int i = 0; i < SETTLING_MAX; i++)
		call("Refund");
	nobody_is_answered();
	call("Refund");
	answered("Busy: too many wait already; what becomes of it is shown by "
		 "1sat2flash payments");
	changed(LEDGER_RETURNED, LEDGER_NO_DEPOSIT, "");
	cr_assert_eq(answers.n, (size_t)SETTLING_MAX);
	answers.n = 0;
	/* There is room again. */
	call("Refund");
	nobody_is_answered();
	end();
}

TEST(settling, what_cannot_be_settled_is_told_at_once)
{
	static const struct {
		const char *method;
		int result;
		bool has_row;
		const char *answer;
	} cases[] = {
		{ "Refund", LEDGER_E_NONE, true,
			"NoSuchOrder: nothing is owed for order 3" },
		{ "Refund", LEDGER_E_NONE, false,
			"NoSuchOrder: there is no order 3" },
		{ "Refund", INTAKE_E_NO_PLUGIN, true,
			"Failed: it is the node's plugin that pays back; see "
			"1sat2flash-node(8), and add plugin = yes to the "
			"section node of the menu" },
		{ "Refund", ESCROW_E_OTHER_NODE, true,
			"Failed: the node that it was paid to is not the one "
			"that answers now, if any does" },
		{ "Refund", -5, true,
			"Failed: this cannot be written down: -5" },
		{ "DoOwed", LEDGER_E_RENTED, true,
			"Rented: the car is rented; one rental at a time" },
		{ "DoOwed", LEDGER_E_NONE, true,
			"NoSuchOrder: nothing is owed for order 3" },
		{ "WriteOff", LEDGER_E_NONE, false,
			"NoSuchOrder: there is no order 3" },
		{ "WriteOff", LEDGER_E_FULL, true,
			"Failed: this cannot be written down: 3" },
		{ "WriteOff", 0, true,
			"Done: order 3: written off; the money is yours" },
	};

	begin();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		fake.result = cases[i].result;
		fake.has_row = cases[i].has_row;
		call(cases[i].method);
		answered(cases[i].answer);
	}
	/* None of them waits. */
	changed(LEDGER_RETURNED, LEDGER_NO_DEPOSIT, "");
	nobody_is_answered();
	end();
}

TEST(settling, paused_bridge_does_nothing_after_all)
{
	begin();
	fake.is_paused = true;
	call("DoOwed");
	answered("Paused: the bridge is paused");
	/* Money goes back all the same. */
	call("Refund");
	changed(LEDGER_RETURNED, LEDGER_NO_DEPOSIT, "");
	answered("Done: order 3: 21 sat was paid back, less the fee");
	end();
}

TEST(settling, message_without_an_order_is_refused)
{
	sd_bus_message *m = NULL;

	begin();
	cr_assert_geq(sd_bus_message_new_method_call(client, &m, NULL, API_PATH,
			      API_INTERFACE, "Refund"),
		0);
	cr_assert_geq(sd_bus_message_append(m, "s", "3"), 0);
	cr_assert_geq(
		sd_bus_call_async(client, NULL, m, on_answer, NULL, UINT64_MAX),
		0);
	sd_bus_message_unref(m);
	run();
	cr_assert_eq(answers.n, 1);
	cr_expect_neq(strncmp(answers.texts[0], "Done", 4), 0);
	end();
}

/* Who still waits when the bridge stops hears of the end of the connection. */
TEST(settling, who_waits_at_the_end_is_let_go)
{
	begin();
	call("Refund");
	call("Refund");
	end();
}
