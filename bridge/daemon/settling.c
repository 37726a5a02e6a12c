/* SPDX-License-Identifier: MIT */

#include "daemon/settling.h"

#include <inttypes.h>
#include <stdio.h>

#include "daemon/escrow.h"
#include "daemon/intake.h"
#include "daemon/trial.h"
#include "model/api.h"
#include "orders/orders_money.h"
#include "util/amount.h"

enum {
	TEXT_SIZE = 2 * LEDGER_TEXT_SIZE + 128,
};

void settling_deinit(struct settling *settling)
{
	for (size_t i = 0; i < SETTLING_MAX; i++)
		settling->waits[i].m =
			sd_bus_message_unref(settling->waits[i].m);
}

static int fail_no_order(
	const struct api_config *config, uint64_t id, sd_bus_error *error)
{
	struct ledger_row row;

	if (orders_get(config->orders, id, &row) != 0)
		return sd_bus_error_setf(error, API_ERROR_NO_SUCH_ORDER,
			"there is no order %" PRIu64, id);

	return sd_bus_error_setf(error, API_ERROR_NO_SUCH_ORDER,
		"nothing is owed for order %" PRIu64, id);
}

/* Why the money is not where it was to go. */
static int fail(const struct api_config *config, uint64_t id, int r,
	sd_bus_error *error)
{
	switch (r) {
	case LEDGER_E_NONE:
		return fail_no_order(config, id, error);
	case LEDGER_E_RENTED:
		return sd_bus_error_set(error, API_ERROR_RENTED,
			"the car is rented; one rental at a time");
	case ESCROW_E_OTHER_NODE:
		return sd_bus_error_set(error, API_ERROR_FAILED,
			"the node that it was paid to is not the one that "
			"answers now, if any does");
	case INTAKE_E_NO_PLUGIN:
		return sd_bus_error_set(error, API_ERROR_FAILED,
			"it is the node's plugin that pays back; see "
			"1sat2flash-node(8), and add plugin = yes to the "
			"section node of the menu");
	default:
		return api_fail(error, r, "this cannot be written down");
	}
}

enum end {
	END_NOT_YET,
	END_DONE,
	END_FAILED,
};

/* What has become of @row. */
static enum end print_end(
	const struct ledger_row *row, char ret[static TEXT_SIZE])
{
	bool is_due = row->deposit == LEDGER_DEPOSIT_DUE;
	bool is_deposit = is_due || row->deposit == LEDGER_DEPOSIT_RETURNED;
	char amount[AMOUNT_TEXT_SIZE];

	amount_print(is_deposit ? row->deposit_msat : row->msat, amount);
	if (row->money == LEDGER_REFUNDING || row->money == LEDGER_PENDING ||
		(is_due && row->refund_why[0] == '\0'))
		return END_NOT_YET;

	if (row->refund_why[0] != '\0') {
		(void)snprintf(ret, TEXT_SIZE,
			"order %" PRIu64 ": %s was not paid back: %s",
			row->order_id, amount, row->refund_why);
		return END_FAILED;
	}
	if (row->money == LEDGER_OWED) {
		(void)snprintf(ret, TEXT_SIZE,
			"order %" PRIu64 ": it was not done; %s stays owed",
			row->order_id, amount);
		return END_FAILED;
	}
	if (is_deposit)
		(void)snprintf(ret, TEXT_SIZE,
			"order %" PRIu64 ": the deposit of %s was paid back",
			row->order_id, amount);
	else if (row->money == LEDGER_RETURNED)
		(void)snprintf(ret, TEXT_SIZE,
			"order %" PRIu64 ": %s was paid back, less the fee",
			row->order_id, amount);
	else
		(void)snprintf(ret, TEXT_SIZE,
			"order %" PRIu64 ": done after all; %s is earned",
			row->order_id, amount);
	return END_DONE;
}

/* Has @m wait for the end of @order_id. */
static int wait_for(struct settling *settling, sd_bus_message *m,
	uint64_t order_id, sd_bus_error *error)
{
	for (size_t i = 0; i < SETTLING_MAX; i++) {
		if (settling->waits[i].m != NULL)
			continue;
		settling->waits[i].m = sd_bus_message_ref(m);
		settling->waits[i].order_id = order_id;
		return 1;
	}

	return sd_bus_error_set(error, API_ERROR_BUSY,
		"too many wait already; what becomes of it is shown by "
		"1sat2flash payments");
}

void settling_order_changed(
	struct settling *settling, const struct ledger_row *row)
{
	char text[TEXT_SIZE];
	enum end end = print_end(row, text);

	for (size_t i = 0; i < SETTLING_MAX && end != END_NOT_YET; i++) {
		if (settling->waits[i].m == NULL ||
			settling->waits[i].order_id != row->order_id)
			continue;
		if (end == END_DONE)
			(void)sd_bus_reply_method_return(
				settling->waits[i].m, "s", text);
		else
			(void)sd_bus_reply_method_errorf(settling->waits[i].m,
				API_ERROR_FAILED, "%s", text);
		settling->waits[i].m =
			sd_bus_message_unref(settling->waits[i].m);
	}
}

int settling_refund(struct settling *settling, const struct api_config *config,
	sd_bus_message *m, sd_bus_error *error)
{
	uint64_t id;
	int r;

	r = sd_bus_message_read(m, "t", &id);
	if (r < 0)
		return r;
	r = till_refund(config->till, id);
	if (r != 0)
		return fail(config, id, r, error);

	return wait_for(settling, m, id, error);
}

int settling_do(struct settling *settling, const struct api_config *config,
	sd_bus_message *m, sd_bus_error *error)
{
	uint64_t id, done_by;
	int r;

	r = sd_bus_message_read(m, "t", &id);
	if (r < 0)
		return r;
	if (orders_is_paused(config->orders))
		return sd_bus_error_set(
			error, API_ERROR_PAUSED, "the bridge is paused");
	r = till_do_owed(config->till, id, &done_by);
	if (r != 0)
		return fail(config, id, r, error);

	return wait_for(settling, m, id, error);
}

int settling_write_off(
	const struct api_config *config, sd_bus_message *m, sd_bus_error *error)
{
	char text[TEXT_SIZE];
	uint64_t id;
	int r;

	r = sd_bus_message_read(m, "t", &id);
	if (r < 0)
		return r;
	r = orders_write_off(config->orders, id);
	if (r != 0)
		return fail(config, id, r, error);

	(void)snprintf(text, sizeof(text),
		"order %" PRIu64 ": written off; the money is yours", id);
	return sd_bus_reply_method_return(m, "s", text);
}
