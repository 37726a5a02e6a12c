/* SPDX-License-Identifier: MIT */

#include "node.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "util/bytes.h"
#include "util/clock.h"

enum {
	HASH_BYTES = 32,
	ID_BYTES = 33,
	DAY_S = 24 * 60 * 60,
	/* What a payer may add: BOLT 11 allows twice, offers about 5 times. */
	BOLT11_FACTOR = 2,
	OFFER_FACTOR = 5,
	OFFER_EXPIRY_S = 7200,
	BOLT11_EXPIRY_S = 604800,
	LABEL_SIZE = 512,
};

json_t *node_refuse(
	struct node_error *ret_error, int code, const char *format, ...)
{
	va_list args;

	ret_error->code = code;
	va_start(args, format);
	(void)vsnprintf(
		ret_error->message, sizeof(ret_error->message), format, args);
	va_end(args);
	return NULL;
}

static json_t *no_memory(struct node_error *ret_error)
{
	return node_refuse(ret_error, NODE_ERROR, "out of memory");
}

const char *node_text(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

bool node_text_is(const json_t *object, const char *name, const char *value)
{
	const char *text = node_text(object, name);

	return text != NULL && strcmp(text, value) == 0;
}

uint64_t node_number(const json_t *object, const char *name)
{
	return (uint64_t)json_integer_value(json_object_get(object, name));
}

static void random_hex(size_t len, char *ret)
{
	uint8_t bytes[ID_BYTES];

	/* Fails only where a kernel has no random numbers at all. */
	if (getrandom(bytes, len, 0) != (ssize_t)len)
		abort();
	/* As the first byte of a public key; a hash does not mind. */
	if (len == ID_BYTES)
		bytes[0] = (uint8_t)(2 | (bytes[0] & 1));
	hex_encode(bytes, len, ret);
}

int node_init(struct node *node, const char *id)
{
	*node = (struct node){
		.invoices = json_array(),
		.offers = json_array(),
		.by_label = json_object(),
	};
	if (id == NULL)
		random_hex(ID_BYTES, node->id);
	else
		(void)snprintf(node->id, sizeof(node->id), "%s", id);

	if (node->invoices == NULL || node->offers == NULL ||
		node->by_label == NULL)
		return -ENOMEM;
	return 0;
}

void node_deinit(struct node *node)
{
	json_decref(node->by_label);
	json_decref(node->invoices);
	json_decref(node->offers);
	free(node->paid);
	*node = (struct node){ 0 };
}

int node_exchange(struct node *node)
{
	node_deinit(node);
	node->changed = true;
	return node_init(node, NULL);
}

int node_add_paid(struct node *node, json_t *invoice)
{
	if (node->n_paid == node->room) {
		size_t room = node->room == 0 ? 64 : 2 * node->room;
		json_t **more =
			reallocarray(node->paid, room, sizeof(*node->paid));

		if (more == NULL)
			return -ENOMEM;
		node->paid = more;
		node->room = room;
	}

	node->paid[node->n_paid++] = invoice;
	return 0;
}

/* The first of paid that is after @pay_index. */
static size_t find_paid(const struct node *node, uint64_t pay_index)
{
	size_t low = 0, high = node->n_paid;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		/* The node's database compares signed: so 2^63 is below 1. */
		if ((int64_t)node_number(node->paid[middle], "pay_index") >
			(int64_t)pay_index)
			high = middle;
		else
			low = middle + 1;
	}

	return low;
}

json_t *node_next_paid(const struct node *node, uint64_t pay_index)
{
	size_t i = find_paid(node, pay_index);

	return i < node->n_paid ? node->paid[i] : NULL;
}

static void remove_invoice(struct node *node, json_t *invoice)
{
	size_t i, at;
	json_t *each;

	at = find_paid(node, node_number(invoice, "pay_index") - 1);
	if (at < node->n_paid && node->paid[at] == invoice) {
		node->n_paid--;
		memmove(node->paid + at, node->paid + at + 1,
			(node->n_paid - at) * sizeof(*node->paid));
	}
	(void)json_object_del(node->by_label, node_text(invoice, "label"));
	json_array_foreach (node->invoices, i, each) {
		if (each == invoice) {
			(void)json_array_remove(node->invoices, i);
			return;
		}
	}
}

void node_restore(struct node *node, uint64_t pay_index)
{
	while (node->n_paid > 0 && node_number(node->paid[node->n_paid - 1],
					   "pay_index") > pay_index)
		remove_invoice(node, node->paid[node->n_paid - 1]);
	node->pay_index = pay_index;
	node->changed = true;
}

/* Of all invoices, or of those of one offer. */
static void expire(struct node *node, const char *offer_id, int64_t now_s)
{
	size_t i;
	json_t *invoice;

	json_array_foreach (node->invoices, i, invoice) {
		if (!node_text_is(invoice, "status", "unpaid") ||
			(offer_id != NULL &&
				!node_text_is(
					invoice, "local_offer_id", offer_id)) ||
			(int64_t)node_number(invoice, "expires_at") >= now_s)
			continue;
		(void)json_object_set_new(
			invoice, "status", json_string("expired"));
		(void)json_object_set_new(invoice, "updated_index",
			json_integer((json_int_t)++node->updated_index));
		node->changed = true;
	}
}

void node_expire(struct node *node)
{
	expire(node, NULL, clock_wall_s());
}

/* Adds an unpaid invoice.  Returns it, borrowed, or NULL. */
static json_t *create(struct node *node, const uint64_t *msat,
	const char *label, const char *description, const char *offer_id,
	uint64_t expiry_s)
{
	char hash[HEX_SIZE(HASH_BYTES)], invstring[HEX_SIZE(HASH_BYTES) + 20];
	json_t *invoice;

	random_hex(HASH_BYTES, hash);
	(void)snprintf(invstring, sizeof(invstring), "%s1simnode%s",
		offer_id == NULL ? "lnbcrt" : "lni", hash);
	invoice = json_pack("{s:s, s:s, s:s, s:s, s:s*, s:s*, s:I, s:I}",
		"label", label, offer_id == NULL ? "bolt11" : "bolt12",
		invstring, "payment_hash", hash, "status", "unpaid",
		"description", description, "local_offer_id", offer_id,
		"expires_at", (json_int_t)clock_wall_s() + (json_int_t)expiry_s,
		"created_index", (json_int_t)node->created_index + 1);
	if (msat != NULL)
		(void)json_object_set_new(invoice, "amount_msat",
			json_integer((json_int_t)*msat));
	if (json_object_set(node->by_label, label, invoice) < 0 ||
		json_array_append_new(node->invoices, invoice) < 0)
		return NULL;

	node->created_index++;
	node->changed = true;
	return invoice;
}

json_t *node_add_invoice(struct node *node, const uint64_t *msat,
	const char *label, const char *description, uint64_t expiry_s,
	struct node_error *ret_error)
{
	json_t *invoice;

	if (json_object_get(node->by_label, label) != NULL)
		return node_refuse(ret_error, NODE_LABEL_EXISTS,
			"Duplicate label '%s'", label);
	invoice = create(node, msat, label, description, NULL,
		expiry_s == 0 ? BOLT11_EXPIRY_S : expiry_s);
	if (invoice == NULL)
		return no_memory(ret_error);

	return json_pack("{s:O, s:O, s:O, s:O, s:s}", "payment_hash",
		json_object_get(invoice, "payment_hash"), "expires_at",
		json_object_get(invoice, "expires_at"), "bolt11",
		json_object_get(invoice, "bolt11"), "created_index",
		json_object_get(invoice, "created_index"), "warning_capacity",
		"simnode has no channels: pay with simnode-pay");
}

json_t *node_del_invoice(struct node *node, const char *label,
	const char *status, struct node_error *ret_error)
{
	json_t *invoice = json_object_get(node->by_label, label);

	node_expire(node);
	if (invoice == NULL)
		return node_refuse(
			ret_error, NODE_LABEL_UNKNOWN, "Unknown invoice");
	if (!node_text_is(invoice, "status", status))
		return node_refuse(ret_error, NODE_WRONG_STATUS,
			"Invoice status is %s not %s",
			node_text(invoice, "status"), status);

	json_incref(invoice);
	remove_invoice(node, invoice);
	node->changed = true;
	return invoice;
}

static json_t *find_offer(const struct node *node, const char *offer_id)
{
	size_t i;
	json_t *offer;

	json_array_foreach (node->offers, i, offer)
		if (node_text_is(offer, "offer_id", offer_id))
			return offer;

	return NULL;
}

json_t *node_add_offer(struct node *node, const uint64_t *msat,
	const char *description, const char *issuer, const char *label,
	bool single_use, struct node_error *ret_error)
{
	char id[HEX_SIZE(HASH_BYTES)], bolt12[HEX_SIZE(HASH_BYTES) + 20];
	json_t *offer, *answer;

	random_hex(HASH_BYTES, id);
	(void)snprintf(bolt12, sizeof(bolt12), "lno1simnode%s", id);
	offer = json_pack("{s:s, s:b, s:b, s:s, s:b, s:s*, s:s*, s:s*}",
		"offer_id", id, "active", 1, "single_use", single_use, "bolt12",
		bolt12, "used", 0, "label", label, "description", description,
		"issuer", issuer);
	if (msat != NULL)
		(void)json_object_set_new(
			offer, "amount_msat", json_integer((json_int_t)*msat));
	answer = json_copy(offer);
	if (json_array_append_new(node->offers, offer) < 0 ||
		json_object_set_new(answer, "created", json_true()) < 0) {
		json_decref(answer);
		return no_memory(ret_error);
	}

	node->changed = true;
	return answer;
}

json_t *node_set_offer(struct node *node, const char *offer_id, bool active,
	struct node_error *ret_error)
{
	json_t *offer = find_offer(node, offer_id);

	if (offer == NULL)
		return node_refuse(
			ret_error, NODE_OFFER_UNKNOWN, "Unknown offer");
	if (json_is_true(json_object_get(offer, "active")) == active)
		return node_refuse(ret_error, NODE_OFFER_UNKNOWN + 1,
			"offer already %s", active ? "active" : "disabled");

	(void)json_object_set_new(offer, "active", json_boolean(active));
	if (!active)
		expire(node, offer_id, INT64_MAX);
	node->changed = true;
	return json_incref(offer);
}

/*
 * An offer that nobody made here is foreign, but known to the node all the
 * same: any id may be paid.  Returns false and *@ret_error if it may not.
 */
static bool may_pay_offer(const struct node *node,
	const struct node_payment *payment, struct node_error *ret_error)
{
	const json_t *offer = find_offer(node, payment->offer_id);
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
	char payer[HEX_SIZE(ID_BYTES)];
	size_t len;

	if (payment->offer_id != NULL) {
		random_hex(ID_BYTES, payer);
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
		offer = find_offer(node, payment->offer_id);
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
	invoice = create(node, payment->keysend ? NULL : &payment->msat, label,
		description, payment->offer_id, OFFER_EXPIRY_S);
	if (invoice == NULL)
		return no_memory(ret_error);
	if (payment->note != NULL)
		(void)json_object_set_new(invoice, "invreq_payer_note",
			json_string(payment->note));

	return invoice;
}

/* Makes @invoice a paid one. */
static int settle(
	struct node *node, json_t *invoice, uint64_t msat, int64_t paid_at_s)
{
	char preimage[HEX_SIZE(HASH_BYTES)];
	json_t *paid;
	int r;

	random_hex(HASH_BYTES, preimage);
	paid = json_pack("{s:s, s:I, s:I, s:I, s:s, s:I}", "status", "paid",
		"pay_index", (json_int_t)node->pay_index + 1,
		"amount_received_msat", (json_int_t)msat, "paid_at",
		(json_int_t)paid_at_s, "payment_preimage", preimage,
		"updated_index", (json_int_t)node->updated_index + 1);
	if (paid == NULL)
		return -ENOMEM;
	r = json_object_update(invoice, paid);
	json_decref(paid);
	if (r < 0 || node_add_paid(node, invoice) < 0)
		return -ENOMEM;

	node->pay_index++;
	node->updated_index++;
	node->changed = true;
	return 0;
}

json_t *node_pay(struct node *node, const struct node_payment *payment,
	struct node_error *ret_error)
{
	int64_t now_s = clock_wall_s();
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
	if (settle(node, invoice, payment->msat,
		    payment->paid_at_s != 0 ? payment->paid_at_s : now_s) < 0)
		return no_memory(ret_error);

	return json_incref(invoice);
}

int node_preload(struct node *node, unsigned int n)
{
	int64_t now_s = clock_wall_s();

	for (unsigned int i = 1; i <= n; i++) {
		const uint64_t msat = 1000;
		char label[32];
		json_t *invoice;

		(void)snprintf(label, sizeof(label), "old-%u", i);
		invoice = create(node, &msat, label, "long ago", NULL, 0);
		if (invoice == NULL)
			return -ENOMEM;
		if (settle(node, invoice, msat, now_s - DAY_S) < 0)
			return -ENOMEM;
	}

	return 0;
}
