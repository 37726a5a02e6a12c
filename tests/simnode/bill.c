/* SPDX-License-Identifier: MIT */

/* Payers: what they pay, and what becomes of it.  More of node.h. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "node.h"
#include "util/clock.h"

enum {
	/* What a payer may add: BOLT 11 allows twice, offers about 5 times. */
	BOLT11_FACTOR = 2,
	OFFER_FACTOR = 5,
	OFFER_EXPIRY_S = 7200,
	LABEL_SIZE = 512,
};

/*
 * An offer that nobody made here is foreign, but known to the node all the
 * same: any id may be paid.  Returns false and *@ret_error if it may not.
 */
static bool may_pay_offer(const struct node *node,
	const struct node_payment *payment, struct node_error *ret_error)
{
	const json_t *offer = node_find_offer(node, payment->offer_id);
	uint64_t msat = node_number(offer, "amount_msat");

	if (offer == NULL)
		return true;
	if (!json_is_true(json_object_get(offer, "active"))) {
		(void)node_refuse(ret_error, NODE_REFUSED,
			"Remote node sent failure message: Offer no longer "
			"available");
		return false;
	}
	if (msat > 0 &&
		(payment->msat < msat || payment->msat / OFFER_FACTOR > msat)) {
		(void)node_refuse(ret_error, NODE_REFUSED,
			"Remote node sent failure message: Amount must be at "
			"least %" PRIu64 "msat and not much more",
			msat);
		return false;
	}

	return true;
}

/* The label that the node gives to what nobody has an invoice for. */
static void make_label(
	const struct node_payment *payment, uint64_t n, char ret[LABEL_SIZE])
{
	const char *label = payment->label;
	char payer[HEX_SIZE(CIPHER_POINT_SIZE)];
	size_t len;

	if (payment->offer_id != NULL) {
		node_random_hex(CIPHER_POINT_SIZE, payer);
		(void)snprintf(
			ret, LABEL_SIZE, "%s-%s-0", payment->offer_id, payer);
		return;
	}
	if (label == NULL)
		label = payment->keysend ? "keysend-" : "simnode-";
	len = strlen(label);
	if (len > 0 && label[len - 1] == '*')
		len--;
	else if (len > 0 && label[len - 1] != '-') {
		(void)snprintf(ret, LABEL_SIZE, "%s", label);
		return;
	}
	(void)snprintf(ret, LABEL_SIZE, "%.*s%" PRIu64, (int)len, label, n);
}

/* The invoice that @payment pays, borrowed: there already, or made for it. */
static json_t *find_or_create(struct node *node,
	const struct node_payment *payment, struct node_error *ret_error)
{
	char label[LABEL_SIZE];
	const json_t *offer = NULL;
	const char *description = payment->description;
	uint64_t n = node->created_index;
	json_t *invoice;

	if (payment->offer_id != NULL) {
		if (!may_pay_offer(node, payment, ret_error))
			return NULL;
		offer = node_find_offer(node, payment->offer_id);
	}
	if (payment->label != NULL && payment->offer_id == NULL) {
		invoice = json_object_get(node->by_label, payment->label);
		if (invoice != NULL)
			return invoice;
	}

	do
		make_label(payment, ++n, label);
	while (json_object_get(node->by_label, label) != NULL);
	if (description == NULL && offer != NULL)
		description = node_text(offer, "description");
	if (description == NULL && payment->keysend)
		description = "keysend";
	invoice = node_create_invoice(node,
		payment->keysend ? NULL : &payment->msat, label, description,
		payment->offer_id, NULL,
		payment->expiry_s == 0 ? OFFER_EXPIRY_S : payment->expiry_s);
	if (invoice == NULL)
		return node_no_memory(ret_error);
	if (payment->note != NULL)
		(void)json_object_set_new(invoice, "invreq_payer_note",
			json_string(payment->note));

	return invoice;
}

/* An offer that is for one payment is over with it. */
static void use_offer(struct node *node, const char *offer_id)
{
	json_t *offer = node_find_offer(node, offer_id);
	struct node_error error;

	if (offer == NULL)
		return;
	(void)json_object_set_new(offer, "used", json_true());
	if (json_is_true(json_object_get(offer, "single_use")))
		json_decref(node_set_offer(node, offer_id, false, &error));
}

int node_settle(
	struct node *node, json_t *invoice, uint64_t msat, int64_t paid_at_s)
{
	const char *offer_id = node_text(invoice, "local_offer_id");
	json_t *paid;
	int r;

	paid = json_pack("{s:s, s:I, s:I, s:I, s:s, s:I}", "status", "paid",
		"pay_index", (json_int_t)node->pay_index + 1,
		"amount_received_msat", (json_int_t)msat, "paid_at",
		(json_int_t)paid_at_s, "payment_preimage",
		node_preimage(node, invoice), "updated_index",
		(json_int_t)node->updated_index + 1);
	if (paid == NULL)
		return -ENOMEM;
	r = json_object_update(invoice, paid);
	json_decref(paid);
	if (r < 0 || node_add_paid(node, invoice) < 0)
		return -ENOMEM;

	(void)json_object_del(
		node->preimages, node_text(invoice, "payment_hash"));
	node->pay_index++;
	node->updated_index++;
	node->changed = true;
	if (offer_id != NULL)
		use_offer(node, offer_id);
	return 0;
}

json_t *node_bill(struct node *node, const struct node_payment *payment,
	struct node_error *ret_error)
{
	uint64_t asked;
	json_t *invoice;

	node_expire(node);
	invoice = find_or_create(node, payment, ret_error);
	if (invoice == NULL)
		return NULL;
	if (!node_text_is(invoice, "status", "unpaid"))
		return node_refuse(ret_error, NODE_ERROR,
			"Invoice \"%s\" is %s", node_text(invoice, "label"),
			node_text(invoice, "status"));
	asked = node_number(invoice, "amount_msat");
	if (asked > 0 && (payment->msat < asked ||
				 payment->msat / BOLT11_FACTOR > asked))
		return node_refuse(ret_error, NODE_ERROR,
			"Invoice \"%s\" is over %" PRIu64
			" msat: pay that, at most twice",
			node_text(invoice, "label"), asked);

	return invoice;
}
