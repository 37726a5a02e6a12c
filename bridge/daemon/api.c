/* SPDX-License-Identifier: MIT */

#include "daemon/api.h"

#include <inttypes.h>
#include <string.h>

#include "daemon/caller.h"
#include "daemon/dict.h"
#include "daemon/facts.h"
#include "daemon/loan.h"
#include "daemon/moment.h"
#include "daemon/reading.h"
#include "daemon/settling.h"
#include "daemon/trial.h"
#include "model/api.h"
#include "orders/orders_money.h"
#include "orders/orders_rental.h"
#include "util/log.h"

enum {
	/*
	 * What waits for the bus to take it.  The bus leaves it with us where
	 * nobody reads the answers that he asked for, and a list of payments
	 * has megabytes.
	 */
	WAITING_MAX = 8,     /* before calls are refused */
	WAITING_FULL = 1024, /* before nothing is said at all */
};

struct api {
	sd_bus *bus;
	sd_bus_slot *gate;
	sd_bus_slot *slot;
	struct callers *callers;
	struct loan *loan;
	/* Who waits for the end of a look, or NULL. */
	sd_bus_message *look;
	struct asker asker;
	struct settling settling;
	struct api_config config;
};

static uint64_t n_waiting(const struct api *api)
{
	uint64_t n = 0;

	(void)sd_bus_get_n_queued_write(api->bus, &n);
	return n;
}

/* Comes before all else that takes messages.  Answers and signals pass. */
static int on_message(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	const struct api *api = userdata;
	uint64_t n = n_waiting(api);

	if (n <= WAITING_MAX ||
		sd_bus_message_is_method_call(m, NULL, NULL) <= 0)
		return 0;
	if (n > WAITING_FULL)
		return 1;

	return sd_bus_error_set(error, API_ERROR_BUSY,
		"too many ask at the same time; try again");
}

/* Reading, for all. */

/* Sends the status as the answer to @m. */
static int reply_status(struct api *api, sd_bus_message *m, sd_bus_error *error)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
	const struct moment now = moment_now();
	struct till_status status;
	struct facts facts = { 0 };
	uint64_t n_owed, owed_msat;
	int r;

	r = orders_owed(api->config.orders, &n_owed, &owed_msat);
	if (r != 0)
		return api_fail(error, r, "cannot read the ledger");

	till_get_status(api->config.till, &status);
	facts_add_text(&facts, "version", PROJECT_VERSION);
	facts_add_bool(&facts, "taking_payments", status.taking_payments);
	facts_add_text(&facts, "why_not", status.why_not);
	facts_add_bool(&facts, "paused", orders_is_paused(api->config.orders));
	facts_add_number(&facts, "actions", api->config.menu->n_actions);
	facts_add_number(&facts, "running_order", status.order_id);
	facts_add_node(&facts, &status.node);
	facts_add_number(&facts, "node_position", status.position);
	facts_add_text(&facts, "plugin_problem", status.plugin_problem);
	facts_add_bool(&facts, "hold", api->config.menu->hold);
	facts_add_car(&facts, api->config.menu, status.car);
	facts_add_rental(&facts, orders_rental(api->config.orders), &now,
		car_state(status.car));
	facts_add_number(&facts, "owed_orders", n_owed);
	facts_add_number(&facts, "owed_msat", owed_msat);

	r = sd_bus_message_new_method_return(m, &reply);
	if (r >= 0)
		r = dict_append_facts(reply, &facts);
	if (r < 0)
		return r;

	return sd_bus_send(api->bus, reply, NULL);
}

static int on_get_status(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	return reply_status(userdata, m, error);
}

static int append_action(struct api *api, sd_bus_message *reply,
	const struct menu_action *action)
{
	struct dict_offer offer = { .is_held = api->config.menu->hold };
	struct till_status status;
	int r;

	/* A ledger that fails is told elsewhere; here it shows no offer. */
	r = orders_offer_of(api->config.orders, action->name, offer.bolt12,
		&offer.is_active);
	if (r != 0)
		offer.bolt12[0] = '\0';
	/* As the node said last, which it may not have since. */
	till_get_status(api->config.till, &status);
	offer.is_active &= status.node.is_up;

	return dict_append_action(reply, action, &offer);
}

static int on_get_menu(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
	struct api *api = userdata;
	const struct menu *menu = api->config.menu;
	int r;

	(void)error;
	r = sd_bus_message_new_method_return(m, &reply);
	if (r < 0)
		return r;
	r = sd_bus_message_open_container(reply, 'a', "a{sv}");
	for (size_t i = 0; i < menu->n_actions && r >= 0; i++)
		r = append_action(api, reply, &menu->actions[i]);
	if (r >= 0)
		r = sd_bus_message_close_container(reply);
	if (r < 0)
		return r;

	return sd_bus_send(api->bus, reply, NULL);
}

static int append_row(void *userdata, const struct ledger_row *row)
{
	int r = dict_append_row(userdata, row);

	return r < 0 ? r : 0;
}

static int reply_rows(struct api *api, sd_bus_message *m,
	enum orders_filter filter, sd_bus_error *error)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
	uint32_t limit;
	int r;

	r = sd_bus_message_read(m, "u", &limit);
	if (r < 0)
		return r;
	if (limit == 0 || limit > API_ROWS_MAX)
		limit = API_ROWS_MAX;

	r = sd_bus_message_new_method_return(m, &reply);
	if (r < 0)
		return r;
	r = sd_bus_message_open_container(reply, 'a', "a{sv}");
	if (r < 0)
		return r;
	r = orders_list(api->config.orders, filter, limit, append_row, reply);
	if (r != 0)
		return api_fail(error, r, "cannot read the ledger");
	r = sd_bus_message_close_container(reply);
	if (r < 0)
		return r;

	return sd_bus_send(api->bus, reply, NULL);
}

static int on_get_payments(
	sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	return reply_rows(userdata, m, ORDERS_PAYMENTS, error);
}

static int on_get_owed(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	return reply_rows(userdata, m, ORDERS_OWED, error);
}

static int on_get_order(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
	struct api *api = userdata;
	struct ledger_row row;
	uint64_t id;
	int r;

	r = sd_bus_message_read(m, "t", &id);
	if (r < 0)
		return r;
	r = orders_get(api->config.orders, id, &row);
	if (r == LEDGER_E_NONE)
		return sd_bus_error_setf(error, API_ERROR_NO_SUCH_ORDER,
			"there is no order %" PRIu64, id);
	if (r != 0)
		return api_fail(error, r, "cannot read the ledger");

	r = sd_bus_message_new_method_return(m, &reply);
	if (r < 0)
		return r;
	r = dict_append_row(reply, &row);
	if (r < 0)
		return r;

	return sd_bus_send(api->bus, reply, NULL);
}

/* Acting, for root and the group: the caller is looked up first. */

static int act_try(void *userdata, sd_bus_message *m, sd_bus_error *error)
{
	struct api *api = userdata;

	return trial_action(&api->config, m, error);
}

static int act_try_program(
	void *userdata, sd_bus_message *m, sd_bus_error *error)
{
	struct api *api = userdata;

	return trial_program(&api->config, m, error);
}

static int set_paused(
	struct api *api, sd_bus_message *m, bool paused, sd_bus_error *error)
{
	int r;

	r = till_set_paused(api->config.till, paused);
	if (r != 0)
		return api_fail(error, r, "this cannot be written down");

	return sd_bus_reply_method_return(m, "");
}

static int act_pause(void *userdata, sd_bus_message *m, sd_bus_error *error)
{
	return set_paused(userdata, m, true, error);
}

static int act_resume(void *userdata, sd_bus_message *m, sd_bus_error *error)
{
	return set_paused(userdata, m, false, error);
}

static int act_end_rental(
	void *userdata, sd_bus_message *m, sd_bus_error *error)
{
	struct api *api = userdata;
	int r;

	r = till_end_rental(api->config.till);
	if (r == LEDGER_E_NONE)
		return sd_bus_error_set(
			error, API_ERROR_NO_RENTAL, "the car is not rented");
	if (r == -EBUSY)
		return sd_bus_error_set(error, API_ERROR_BUSY,
			"the rental is just beginning; try again");
	if (r != 0)
		return api_fail(error, r, "this cannot be written down");

	return sd_bus_reply_method_return(m, "");
}

static int act_refund(void *userdata, sd_bus_message *m, sd_bus_error *error)
{
	struct api *api = userdata;

	return settling_refund(&api->settling, &api->config, m, error);
}

static int act_do_owed(void *userdata, sd_bus_message *m, sd_bus_error *error)
{
	struct api *api = userdata;

	return settling_do(&api->settling, &api->config, m, error);
}

static int act_write_off(void *userdata, sd_bus_message *m, sd_bus_error *error)
{
	struct api *api = userdata;

	return settling_write_off(&api->config, m, error);
}

static int act_lend(void *userdata, sd_bus_message *m, sd_bus_error *error)
{
	struct api *api = userdata;

	return loan_lend(api->loan, m, error);
}

static int act_give_back(void *userdata, sd_bus_message *m, sd_bus_error *error)
{
	struct api *api = userdata;

	return loan_give_back(api->loan, m, error);
}

static int act_look(void *userdata, sd_bus_message *m, sd_bus_error *error)
{
	struct api *api = userdata;
	int r;

	r = till_look(api->config.till);
	if (r != 0)
		return loan_error(error, r);

	/* api_looked() answers. */
	(void)sd_bus_message_unref(api->look);
	api->look = sd_bus_message_ref(m);
	return 1;
}

void api_looked(struct api *api)
{
	_cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
	int r;

	if (api == NULL || api->look == NULL)
		return;

	m = steal_ptr(&api->look);
	r = reply_status(api, m, &error);
	if (r < 0)
		(void)sd_bus_reply_method_errno(m, r, &error);
}

static int act_get_state(void *userdata, sd_bus_message *m, sd_bus_error *error)
{
	struct api *api = userdata;

	return reading_begin(&api->asker, m, error);
}

void api_read(struct api *api, const struct car_reading *reading)
{
	if (api != NULL)
		reading_end(&api->asker, reading);
}

static int on_try(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	struct api *api = userdata;

	return callers_ask(api->callers, m, act_try, error);
}

static int on_try_program(
	sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	struct api *api = userdata;

	return callers_ask(api->callers, m, act_try_program, error);
}

static int on_pause(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	struct api *api = userdata;

	return callers_ask(api->callers, m, act_pause, error);
}

static int on_resume(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	struct api *api = userdata;

	return callers_ask(api->callers, m, act_resume, error);
}

static int on_end_rental(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	struct api *api = userdata;

	return callers_ask(api->callers, m, act_end_rental, error);
}

static int on_refund(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	struct api *api = userdata;

	return callers_ask(api->callers, m, act_refund, error);
}

static int on_do_owed(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	struct api *api = userdata;

	return callers_ask(api->callers, m, act_do_owed, error);
}

static int on_write_off(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	struct api *api = userdata;

	return callers_ask(api->callers, m, act_write_off, error);
}

static int on_lend(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	struct api *api = userdata;

	return callers_ask(api->callers, m, act_lend, error);
}

static int on_give_back(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	struct api *api = userdata;

	return callers_ask(api->callers, m, act_give_back, error);
}

static int on_look(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	struct api *api = userdata;

	return callers_ask(api->callers, m, act_look, error);
}

static int on_get_state(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	struct api *api = userdata;

	return callers_ask(api->callers, m, act_get_state, error);
}

/*
 * UNPRIVILEGED keeps sd-bus from asking for CAP_SYS_ADMIN; who may do what
 * is decided above.
 */
static const sd_bus_vtable vtable[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_METHOD_WITH_ARGS("GetStatus", SD_BUS_NO_ARGS,
		SD_BUS_RESULT("a{sv}", status), on_get_status,
		SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD_WITH_ARGS("GetMenu", SD_BUS_NO_ARGS,
		SD_BUS_RESULT("aa{sv}", actions), on_get_menu,
		SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD_WITH_ARGS("GetPayments", SD_BUS_ARGS("u", limit),
		SD_BUS_RESULT("aa{sv}", orders), on_get_payments,
		SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD_WITH_ARGS("GetOwed", SD_BUS_ARGS("u", limit),
		SD_BUS_RESULT("aa{sv}", orders), on_get_owed,
		SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD_WITH_ARGS("GetOrder", SD_BUS_ARGS("t", order_id),
		SD_BUS_RESULT("a{sv}", order), on_get_order,
		SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD_WITH_ARGS("Try", SD_BUS_ARGS("s", action),
		SD_BUS_RESULT("t", order_id), on_try,
		SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD_WITH_ARGS("TryProgram", SD_BUS_ARGS("as", steps),
		SD_BUS_RESULT("t", order_id), on_try_program,
		SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD_WITH_ARGS("Pause", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT,
		on_pause, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD_WITH_ARGS("Resume", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT,
		on_resume, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD_WITH_ARGS("EndRental", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT,
		on_end_rental, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD_WITH_ARGS("Refund", SD_BUS_ARGS("t", order_id),
		SD_BUS_RESULT("s", said), on_refund,
		SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD_WITH_ARGS("DoOwed", SD_BUS_ARGS("t", order_id),
		SD_BUS_RESULT("s", said), on_do_owed,
		SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD_WITH_ARGS("WriteOff", SD_BUS_ARGS("t", order_id),
		SD_BUS_RESULT("s", said), on_write_off,
		SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD_WITH_ARGS("Lend", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT,
		on_lend, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD_WITH_ARGS("GiveBack", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT,
		on_give_back, SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD_WITH_ARGS("Look", SD_BUS_NO_ARGS,
		SD_BUS_RESULT("a{sv}", status), on_look,
		SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_METHOD_WITH_ARGS("GetState", SD_BUS_ARGS("s", what, "b", wake),
		SD_BUS_RESULT("a(ssvs)", facts, "b", cut), on_get_state,
		SD_BUS_VTABLE_UNPRIVILEGED),
	SD_BUS_SIGNAL_WITH_ARGS(
		"OrderChanged", SD_BUS_ARGS("t", order_id, "a{sv}", order), 0),
	SD_BUS_SIGNAL_WITH_ARGS("RentalChanged",
		SD_BUS_ARGS("t", order_id, "a{sv}", rental), 0),
	SD_BUS_SIGNAL("StatusChanged", "", 0),
	SD_BUS_VTABLE_END,
};

int api_new(sd_bus *bus, const struct api_config *config, struct api **ret)
{
	_cleanup_(api_freep) struct api *api = NULL;
	int r;

	api = calloc(1, sizeof(*api));
	if (api == NULL)
		return -ENOMEM;
	api->bus = sd_bus_ref(bus);
	api->config = *config;
	api->asker.till = config->till;

	r = sd_bus_add_filter(bus, &api->gate, on_message, api);
	if (r < 0)
		return r;
	r = sd_bus_add_object_vtable(
		bus, &api->slot, API_PATH, API_INTERFACE, vtable, api);
	if (r < 0)
		return r;
	r = callers_new(bus, api, &api->callers);
	if (r == 0)
		r = loan_new(bus, config->till, &api->loan);
	if (r < 0)
		return r;

	*ret = steal_ptr(&api);
	return 0;
}

struct api *api_free(struct api *api)
{
	if (api == NULL)
		return NULL;

	(void)callers_free(api->callers);
	(void)loan_free(api->loan);
	(void)sd_bus_message_unref(api->look);
	asker_deinit(&api->asker);
	settling_deinit(&api->settling);
	(void)sd_bus_slot_unref(api->slot);
	(void)sd_bus_slot_unref(api->gate);
	(void)sd_bus_unref(api->bus);
	free(api);
	return NULL;
}

void api_order_changed(struct api *api, const struct ledger_row *row)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
	int r;

	if (api == NULL)
		return;
	settling_order_changed(&api->settling, row);
	if (n_waiting(api) > WAITING_FULL)
		return;

	r = sd_bus_message_new_signal(
		api->bus, &m, API_PATH, API_INTERFACE, "OrderChanged");
	if (r >= 0)
		r = sd_bus_message_append(m, "t", row->order_id);
	if (r >= 0)
		r = dict_append_row(m, row);
	if (r >= 0)
		r = sd_bus_send(api->bus, m, NULL);
	if (r < 0)
		log_debug("no signal for order %" PRIu64 ": %s", row->order_id,
			strerror(-r));
}

void api_rental_changed(struct api *api, const struct rental *rental)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *m = NULL;
	const struct moment now = moment_now();
	struct till_status status;
	struct facts facts = { 0 };
	int r;

	if (api == NULL || n_waiting(api) > WAITING_FULL)
		return;

	till_get_status(api->config.till, &status);
	facts_add_rental(&facts, rental, &now, car_state(status.car));
	r = sd_bus_message_new_signal(
		api->bus, &m, API_PATH, API_INTERFACE, "RentalChanged");
	if (r >= 0)
		r = sd_bus_message_append(m, "t", rental->order_id);
	if (r >= 0)
		r = dict_append_facts(m, &facts);
	if (r >= 0)
		r = sd_bus_send(api->bus, m, NULL);
	if (r < 0)
		log_debug("no signal for a rental: %s", strerror(-r));
}

void api_status_changed(struct api *api)
{
	if (api == NULL || n_waiting(api) > WAITING_FULL)
		return;

	(void)sd_bus_emit_signal(
		api->bus, API_PATH, API_INTERFACE, "StatusChanged", "");
}
