/* SPDX-License-Identifier: MIT */

#include "methods.h"

#include <string.h>

#include "control.h"
#include "datastore.h"
#include "decode.h"
#include "htlc.h"
#include "params.h"
#include "payee.h"

/*
 * A method: names of its parameters, how many of them must be there, and what
 * it does.  Without a result and without waiting, the error is set.
 */
struct method {
	const char *name;
	const char *params[PARAMS_MAX + 1];
	size_t n_required;
	void (*run)(struct world *world, const struct params *params,
		struct methods_answer *ret);
};

static void run_getinfo(struct world *world, const struct params *params,
	struct methods_answer *ret)
{
	(void)params;
	ret->result = json_pack("{s:s, s:s, s:s, s:i, s:i, s:i, s:i, s:[], "
				"s:[], s:s, s:i, s:s, s:i, s:s}",
		"id", world->node->id, "alias", "simnode", "color", "f7931a",
		"num_peers", 1, "num_pending_channels", 0,
		"num_active_channels", 1, "num_inactive_channels", 0, "address",
		"binding", "version", "v26.06.6", "blockheight", 116, "network",
		"regtest", "fees_collected_msat", 0, "lightning-dir",
		world->folder);
}

/* lightning 0, fact 12: the index counts signed, and only at first. */
static void run_waitanyinvoice(struct world *world, const struct params *params,
	struct methods_answer *ret)
{
	uint64_t index = 0, timeout_s = UINT64_MAX;
	json_t *invoice;

	if (!params_unsigned(params, 0, &index, &ret->error) ||
		!params_unsigned(params, 1, &timeout_s, &ret->error))
		return;
	invoice = node_next_paid(world->node, index);
	if (invoice != NULL) {
		ret->result = json_incref(invoice);
		return;
	}

	ret->waits = timeout_s > 0;
	ret->wait_s = timeout_s > INT32_MAX ? -1 : (int64_t)timeout_s;
	(void)node_refuse(&ret->error, NODE_TIMED_OUT,
		"Timed out while waiting for invoice to be paid");
}

static void run_invoice(struct world *world, const struct params *params,
	struct methods_answer *ret)
{
	uint64_t msat = 0, expiry_s = 0;
	const char *label = NULL, *description = NULL, *preimage = NULL;
	bool any = false;

	if (!params_msat(params, 0, &msat, &any, &ret->error) ||
		!params_text(params, 1, &label, &ret->error) ||
		!params_text(params, 2, &description, &ret->error) ||
		!params_unsigned(params, 3, &expiry_s, &ret->error) ||
		!params_hash(params, 5, &preimage, &ret->error))
		return;
	if (expiry_s > UINT32_MAX) {
		(void)node_refuse(&ret->error, NODE_BAD_PARAMS,
			"expiry: should be less than 2^32 seconds");
		return;
	}

	ret->result = node_add_invoice(world->node, any ? NULL : &msat, label,
		description, expiry_s, preimage, &ret->error);
}

struct selection {
	const char *name; /* of the invoice's member; NULL: all */
	const char *value;
	const char *index; /* member that start and limit count; or NULL */
	uint64_t start;
	uint64_t limit;
};

/* Reads which invoices are meant.  Returns false and the error. */
static bool select_invoices(const struct params *params, struct selection *ret,
	struct node_error *ret_error)
{
	static const char *const members[] = { "label", "bolt11",
		"payment_hash", "local_offer_id" };
	struct selection chosen = { .start = 0, .limit = UINT32_MAX };
	const char *index = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		if (params->value[i] == NULL)
			continue;
		if (chosen.name != NULL)
			goto two;
		chosen.name = members[i];
		if (!params_text(params, i, &chosen.value, ret_error))
			return false;
	}
	if (!params_text(params, 4, &index, ret_error) ||
		!params_unsigned(params, 5, &chosen.start, ret_error) ||
		!params_unsigned(params, 6, &chosen.limit, ret_error))
		return false;
	if (index != NULL)
		chosen.index = strcmp(index, "created") == 0 ? "created_index"
							     : "updated_index";
	if (index == NULL &&
		(params->value[5] != NULL || params->value[6] != NULL)) {
		(void)node_refuse(ret_error, NODE_BAD_PARAMS,
			"Can only specify {start} or {limit} with {index}");
		return false;
	}

	*ret = chosen;
	return true;
two:
	(void)node_refuse(ret_error, NODE_BAD_PARAMS,
		"Can only specify one of {label}, {invstring}, "
		"{payment_hash} or {offer_id}");
	return false;
}

static void run_listinvoices(struct world *world, const struct params *params,
	struct methods_answer *ret)
{
	struct selection chosen;
	json_t *invoices, *invoice;
	size_t i;

	if (!select_invoices(params, &chosen, &ret->error))
		return;
	node_expire(world->node);
	invoices = json_array();
	json_array_foreach (world->node->invoices, i, invoice) {
		const json_t *at =
			chosen.index == NULL
				? NULL
				: json_object_get(invoice, chosen.index);

		if (chosen.name != NULL &&
			!node_text_is(invoice, chosen.name, chosen.value))
			continue;
		if (chosen.index != NULL &&
			(uint64_t)json_integer_value(at) < chosen.start)
			continue;
		if (json_array_size(invoices) == chosen.limit)
			break;
		(void)json_array_append(invoices, invoice);
	}
	ret->result = json_pack("{s:o}", "invoices", invoices);
}

static void run_delinvoice(struct world *world, const struct params *params,
	struct methods_answer *ret)
{
	const char *label = NULL, *status = NULL;

	if (!params_text(params, 0, &label, &ret->error) ||
		!params_text(params, 1, &status, &ret->error))
		return;
	ret->result = node_del_invoice(world->node, label, status, &ret->error);
}

static void run_offer(struct world *world, const struct params *params,
	struct methods_answer *ret)
{
	uint64_t msat = 0;
	const char *description = NULL, *issuer = NULL, *label = NULL;
	bool any = false, single_use = false;

	if (!params_msat(params, 0, &msat, &any, &ret->error) ||
		!params_text(params, 1, &description, &ret->error) ||
		!params_text(params, 2, &issuer, &ret->error) ||
		!params_text(params, 3, &label, &ret->error) ||
		!params_bool(params, 10, &single_use, &ret->error))
		return;
	if (!any && description == NULL) {
		(void)node_refuse(&ret->error, NODE_BAD_PARAMS,
			"description is required for the user to know what it "
			"was they paid for");
		return;
	}
	ret->result = node_add_offer(world->node, any ? NULL : &msat,
		description, issuer, label, single_use, &ret->error);
}

static void run_listoffers(struct world *world, const struct params *params,
	struct methods_answer *ret)
{
	const char *offer_id = NULL;
	bool active_only = false;
	json_t *offers, *offer;
	size_t i;

	if (!params_hash(params, 0, &offer_id, &ret->error) ||
		!params_bool(params, 1, &active_only, &ret->error))
		return;
	offers = json_array();
	json_array_foreach (world->node->offers, i, offer) {
		if (offer_id != NULL &&
			!node_text_is(offer, "offer_id", offer_id))
			continue;
		if (active_only &&
			!json_is_true(json_object_get(offer, "active")))
			continue;
		(void)json_array_append_new(offers, node_show_offer(offer));
	}
	ret->result = json_pack("{s:o}", "offers", offers);
}

static void set_offer(struct world *world, const struct params *params,
	bool active, struct methods_answer *ret)
{
	const char *offer_id = NULL;

	if (params_hash(params, 0, &offer_id, &ret->error))
		ret->result = node_set_offer(
			world->node, offer_id, active, &ret->error);
}

static void run_disableoffer(struct world *world, const struct params *params,
	struct methods_answer *ret)
{
	set_offer(world, params, false, ret);
}

static void run_enableoffer(struct world *world, const struct params *params,
	struct methods_answer *ret)
{
	set_offer(world, params, true, ret);
}

/* No method of Core Lightning: it is the payer. */
static void run_pay(struct world *world, const struct params *params,
	struct methods_answer *ret)
{
	struct node_payment payment = { 0 };
	uint64_t paid_at_s = 0;

	if (!params_msat(params, 0, &payment.msat, NULL, &ret->error) ||
		!params_text(params, 1, &payment.label, &ret->error) ||
		!params_hash(params, 2, &payment.offer_id, &ret->error) ||
		!params_text(params, 3, &payment.description, &ret->error) ||
		!params_text(params, 4, &payment.note, &ret->error) ||
		!params_unsigned(params, 5, &paid_at_s, &ret->error) ||
		!params_bool(params, 6, &payment.keysend, &ret->error) ||
		!params_unsigned(params, 7, &payment.expiry_s, &ret->error))
		return;
	payment.paid_at_s = (int64_t)(paid_at_s & INT64_MAX);
	ret->is_later =
		htlcs_pay(world->htlcs, &payment, ret->call, &ret->error);
}

static void run_stop(struct world *world, const struct params *params,
	struct methods_answer *ret)
{
	(void)params;
	ret->is_later = true;
	world->stop(world, ret->call);
}

static const struct method methods[] = {
	{ "getinfo", { NULL }, 0, run_getinfo },
	{ "waitanyinvoice", { "lastpay_index", "timeout" }, 0,
		run_waitanyinvoice },
	{ "invoice",
		{ "amount_msat", "label", "description", "expiry", "fallbacks",
			"preimage", "exposeprivatechannels", "cltv",
			"deschashonly" },
		3, run_invoice },
	{ "listinvoices",
		{ "label", "invstring", "payment_hash", "offer_id", "index",
			"start", "limit" },
		0, run_listinvoices },
	{ "delinvoice", { "label", "status", "desconly" }, 2, run_delinvoice },
	{ "offer",
		{ "amount", "description", "issuer", "label", "quantity_max",
			"absolute_expiry", "recurrence", "recurrence_base",
			"recurrence_paywindow", "recurrence_limit",
			"single_use", "proportional_amount",
			"optional_recurrence", "fronting_nodes" },
		1, run_offer },
	{ "listoffers", { "offer_id", "active_only" }, 0, run_listoffers },
	{ "disableoffer", { "offer_id" }, 1, run_disableoffer },
	{ "enableoffer", { "offer_id" }, 1, run_enableoffer },
	{ "simnode-pay",
		{ "amount_msat", "label", "offer_id", "description",
			"payer_note", "paid_at", "keysend", "expiry" },
		1, run_pay },
	{ "datastore", { "key", "string", "hex", "mode", "generation" }, 1,
		datastore_write },
	{ "listdatastore", { "key" }, 0, datastore_list },
	{ "deldatastore", { "key", "generation" }, 1, datastore_delete },
	{ "decode", { "string" }, 1, decode_run },
	{ "fetchbip353", { "address" }, 1, payee_fetchbip353 },
	{ "fetchinvoice",
		{ "offer", "amount_msat", "quantity", "recurrence_counter",
			"recurrence_start", "recurrence_label", "timeout",
			"payer_note", "payer_metadata", "bip353" },
		1, payee_fetchinvoice },
	{ "xpay",
		{ "invstring", "amount_msat", "maxfee", "layers", "retry_for",
			"partial_msat", "maxdelay", "payer_note", "label",
			"localinvreqid" },
		1, payee_xpay },
	{ "listpays",
		{ "bolt11", "payment_hash", "status", "index", "start",
			"limit" },
		0, payee_listpays },
	{ "listsendpays",
		{ "bolt11", "payment_hash", "status", "index", "start",
			"limit" },
		0, payee_listsendpays },
	{ "stop", { NULL }, 0, run_stop },
};

static const struct method *find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(methods); i++)
		if (strcmp(methods[i].name, name) == 0)
			return &methods[i];

	return NULL;
}

bool methods_has(const char *method)
{
	return strcmp(method, "plugin") == 0 || find(method) != NULL;
}

void methods_call(struct world *world, const char *method, json_t *params,
	struct call *call, struct methods_answer *ret)
{
	const struct method *own = find(method);
	struct params bound;

	*ret = (struct methods_answer){
		.call = call,
		.error = { NODE_ERROR, "out of memory" },
	};
	if (own != NULL) {
		if (params_bind(params, own->params, own->n_required, &bound,
			    &ret->error))
			own->run(world, &bound, ret);
		return;
	}
	if (strcmp(method, "plugin") == 0) {
		ret->is_later =
			control_run(world->plugins, params, call, &ret->error);
		return;
	}

	ret->is_later = plugins_call(world->plugins, method, call);
	if (!ret->is_later)
		(void)node_refuse(&ret->error, NODE_UNKNOWN_METHOD,
			"Unknown command '%s'", method);
}
