/* SPDX-License-Identifier: MIT */

#include "methods.h"

#include <string.h>

#include "params.h"

/*
 * A method: names of its parameters, how many of them must be there, and what
 * it does.  Without a result and without waiting, the error is set.
 */
struct method {
	const char *name;
	const char *params[PARAMS_MAX];
	size_t n_required;
	void (*run)(struct node *node, const struct params *params,
		struct methods_answer *ret);
};

static void run_getinfo(struct node *node, const struct params *params,
	struct methods_answer *ret)
{
	(void)params;
	ret->result = json_pack("{s:s, s:s, s:s, s:i, s:i, s:i, s:i, s:[], "
				"s:[], s:s, s:i, s:s, s:i, s:s}",
		"id", node->id, "alias", "simnode", "color", "f7931a",
		"num_peers", 1, "num_pending_channels", 0,
		"num_active_channels", 1, "num_inactive_channels", 0, "address",
		"binding", "version", "v26.06.6", "blockheight", 116, "network",
		"regtest", "fees_collected_msat", 0, "lightning-dir",
		"/tmp/simnode/regtest");
}

/* lightning 0, fact 12: the index counts signed, and only at first. */
static void run_waitanyinvoice(struct node *node, const struct params *params,
	struct methods_answer *ret)
{
	uint64_t index = 0, timeout_s = UINT64_MAX;
	json_t *invoice;

	if (!params_unsigned(params, 0, &index, &ret->error) ||
		!params_unsigned(params, 1, &timeout_s, &ret->error))
		return;
	invoice = node_next_paid(node, index);
	if (invoice != NULL) {
		ret->result = json_incref(invoice);
		return;
	}

	ret->waits = timeout_s > 0;
	ret->wait_s = timeout_s > INT32_MAX ? -1 : (int64_t)timeout_s;
	(void)node_refuse(&ret->error, NODE_TIMED_OUT,
		"Timed out while waiting for invoice to be paid");
}

static void run_invoice(struct node *node, const struct params *params,
	struct methods_answer *ret)
{
	uint64_t msat = 0, expiry_s = 0;
	const char *label = NULL, *description = NULL;
	bool any = false;

	if (!params_msat(params, 0, &msat, &any, &ret->error) ||
		!params_text(params, 1, &label, &ret->error) ||
		!params_text(params, 2, &description, &ret->error) ||
		!params_unsigned(params, 3, &expiry_s, &ret->error))
		return;
	if (expiry_s > UINT32_MAX) {
		(void)node_refuse(&ret->error, NODE_BAD_PARAMS,
			"expiry: should be less than 2^32 seconds");
		return;
	}

	ret->result = node_add_invoice(node, any ? NULL : &msat, label,
		description, expiry_s, &ret->error);
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

static void run_listinvoices(struct node *node, const struct params *params,
	struct methods_answer *ret)
{
	struct selection chosen;
	json_t *invoices, *invoice;
	size_t i;

	if (!select_invoices(params, &chosen, &ret->error))
		return;
	node_expire(node);
	invoices = json_array();
	json_array_foreach (node->invoices, i, invoice) {
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

static void run_delinvoice(struct node *node, const struct params *params,
	struct methods_answer *ret)
{
	const char *label = NULL, *status = NULL;

	if (!params_text(params, 0, &label, &ret->error) ||
		!params_text(params, 1, &status, &ret->error))
		return;
	ret->result = node_del_invoice(node, label, status, &ret->error);
}

static void run_offer(struct node *node, const struct params *params,
	struct methods_answer *ret)
{
	uint64_t msat = 0;
	const char *description = NULL, *issuer = NULL, *label = NULL;
	bool any = false, single_use = false;

	if (!params_msat(params, 0, &msat, &any, &ret->error) ||
		!params_text(params, 1, &description, &ret->error) ||
		!params_text(params, 2, &issuer, &ret->error) ||
		!params_text(params, 3, &label, &ret->error) ||
		!params_bool(params, 4, &single_use, &ret->error))
		return;
	ret->result = node_add_offer(node, any ? NULL : &msat, description,
		issuer, label, single_use, &ret->error);
}

static void run_listoffers(struct node *node, const struct params *params,
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
	json_array_foreach (node->offers, i, offer) {
		if (offer_id != NULL &&
			!node_text_is(offer, "offer_id", offer_id))
			continue;
		if (active_only &&
			!json_is_true(json_object_get(offer, "active")))
			continue;
		(void)json_array_append(offers, offer);
	}
	ret->result = json_pack("{s:o}", "offers", offers);
}

static void set_offer(struct node *node, const struct params *params,
	bool active, struct methods_answer *ret)
{
	const char *offer_id = NULL;

	if (params_hash(params, 0, &offer_id, &ret->error))
		ret->result =
			node_set_offer(node, offer_id, active, &ret->error);
}

static void run_disableoffer(struct node *node, const struct params *params,
	struct methods_answer *ret)
{
	set_offer(node, params, false, ret);
}

static void run_enableoffer(struct node *node, const struct params *params,
	struct methods_answer *ret)
{
	set_offer(node, params, true, ret);
}

/* No method of Core Lightning: it is the payer. */
static void run_pay(struct node *node, const struct params *params,
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
		!params_bool(params, 6, &payment.keysend, &ret->error))
		return;
	payment.paid_at_s = (int64_t)(paid_at_s & INT64_MAX);
	ret->paid = node_pay(node, &payment, &ret->error);
	if (ret->paid == NULL)
		return;

	/* It stays in the node's list. */
	json_decref(ret->paid);
	ret->result = json_pack("{s:O, s:O, s:O}", "pay_index",
		json_object_get(ret->paid, "pay_index"), "payment_hash",
		json_object_get(ret->paid, "payment_hash"), "label",
		json_object_get(ret->paid, "label"));
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
	{ "offer", { "amount", "description", "issuer", "label", "single_use" },
		1, run_offer },
	{ "listoffers", { "offer_id", "active_only" }, 0, run_listoffers },
	{ "disableoffer", { "offer_id" }, 1, run_disableoffer },
	{ "enableoffer", { "offer_id" }, 1, run_enableoffer },
	{ "simnode-pay",
		{ "amount_msat", "label", "offer_id", "description",
			"payer_note", "paid_at", "keysend" },
		1, run_pay },
};

void methods_call(struct node *node, const char *method, json_t *params,
	struct methods_answer *ret)
{
	struct params bound;

	*ret = (struct methods_answer){ .error = {
						NODE_ERROR, "out of memory" } };
	for (size_t i = 0; i < ARRAY_SIZE(methods); i++) {
		if (strcmp(methods[i].name, method) != 0)
			continue;
		if (params_bind(params, methods[i].params,
			    methods[i].n_required, &bound, &ret->error))
			methods[i].run(node, &bound, ret);
		return;
	}

	(void)node_refuse(&ret->error, NODE_UNKNOWN_METHOD,
		"Unknown command '%s'", method);
}
