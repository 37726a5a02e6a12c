/* SPDX-License-Identifier: MIT */

#include "decode.h"

#include <string.h>

#include "payee.h"

enum {
	BOLT12_EXPIRY_S = 7200,
};

/* The payer's one-off key: the second part of the label. */
static json_t *payer_of(const json_t *invoice)
{
	const char *label = node_text(invoice, "label");
	size_t skip = NODE_HASH_SIZE;

	if (label == NULL || strlen(label) < skip + NODE_ID_SIZE - 1)
		return NULL;
	return json_stringn(label + skip, NODE_ID_SIZE - 1);
}

static json_t *decode_offer(const struct node *node, const char *text)
{
	json_t *offer;
	size_t i;

	json_array_foreach (node->offers, i, offer)
		if (node_text_is(offer, "bolt12", text))
			return json_pack("{s:s, s:b, s:O, s:O*, s:O*, s:O*, "
					 "s:s}",
				"type", "bolt12 offer", "valid", 1, "offer_id",
				json_object_get(offer, "offer_id"),
				"offer_amount_msat",
				json_object_get(offer, "amount_msat"),
				"offer_description",
				json_object_get(offer, "description"),
				"offer_issuer",
				json_object_get(offer, "issuer"),
				"offer_issuer_id", node->id);
	if (strncmp(text, PAYEE_OFFER, strlen(PAYEE_OFFER)) == 0)
		return json_pack("{s:s, s:b, s:s, s:s}", "type", "bolt12 offer",
			"valid", 1, "offer_id", node->id + 2,
			"offer_description", "the payee");

	return NULL;
}

/* One that the node itself has made. */
static json_t *decode_own(const struct node *node, const char *text)
{
	json_t *invoice;
	size_t i;

	json_array_foreach (node->invoices, i, invoice) {
		if (node_text_is(invoice, "bolt12", text))
			return json_pack("{s:s, s:b, s:O, s:O, s:O*, s:I, s:i, "
					 "s:s, s:o*, s:O*, s:O*}",
				"type", "bolt12 invoice", "valid", 1,
				"offer_id",
				json_object_get(invoice, "local_offer_id"),
				"invoice_payment_hash",
				json_object_get(invoice, "payment_hash"),
				"invoice_amount_msat",
				json_object_get(invoice, "amount_msat"),
				"invoice_created_at",
				(json_int_t)node_number(invoice, "expires_at") -
					BOLT12_EXPIRY_S,
				"invoice_relative_expiry", BOLT12_EXPIRY_S,
				"invoice_node_id", node->id, "invreq_payer_id",
				payer_of(invoice), "invreq_payer_note",
				json_object_get(invoice, "invreq_payer_note"),
				"offer_description",
				json_object_get(invoice, "description"));
		if (node_text_is(invoice, "bolt11", text))
			return json_pack(
				"{s:s, s:b, s:s, s:O, s:O*, s:O*, s:s}", "type",
				"bolt11 invoice", "valid", 1, "currency",
				"bcrt", "payment_hash",
				json_object_get(invoice, "payment_hash"),
				"amount_msat",
				json_object_get(invoice, "amount_msat"),
				"description",
				json_object_get(invoice, "description"),
				"payee", node->id);
	}
	return NULL;
}

static json_t *decode_foreign(const struct node *node, const char *text)
{
	const json_t *invoice = json_object_get(node->payee_invoices, text);

	if (invoice == NULL)
		return NULL;
	return json_pack("{s:s, s:b, s:O, s:O, s:O, s:O, s:O*}", "type",
		"bolt12 invoice", "valid", 1, "invoice_payment_hash",
		json_object_get(invoice, "payment_hash"), "invoice_amount_msat",
		json_object_get(invoice, "msat"), "invoice_created_at",
		json_object_get(invoice, "created_at"),
		"invoice_relative_expiry", json_object_get(invoice, "expiry"),
		"invreq_payer_note", json_object_get(invoice, "note"));
}

void decode_run(struct world *world, const struct params *params,
	struct methods_answer *ret)
{
	const struct node *node = world->node;
	const char *text = NULL;

	if (!params_text(params, 0, &text, &ret->error))
		return;
	ret->result = decode_offer(node, text);
	if (ret->result == NULL)
		ret->result = decode_own(node, text);
	if (ret->result == NULL)
		ret->result = decode_foreign(node, text);
	if (ret->result == NULL)
		(void)node_refuse(&ret->error, NODE_BAD_PARAMS,
			"string: Unparsable string");
}
