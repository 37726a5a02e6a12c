/* SPDX-License-Identifier: MIT */

#include "node.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "util/clock.h"

#define HASH "payment_hash"

enum {
	HASH_BYTES = 32,
	ID_BYTES = 33,
	DAY_S = 24 * 60 * 60,
	BOLT11_EXPIRY_S = 604800,
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

json_t *node_no_memory(struct node_error *ret_error)
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

void node_random_hex(size_t len, char *ret)
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

void node_hash(const struct node *node, const void *data, size_t len,
	char ret[static NODE_HASH_SIZE])
{
	uint8_t hash[CIPHER_HASH_SIZE];

	/* Fails only where OpenSSL has no memory or is broken. */
	if (cipher_hash(node->cipher, data, len, "", 0, hash) < 0)
		abort();
	hex_encode(hash, sizeof(hash), ret);
}

/* The hash of @preimage, both in hexadecimal. */
static void hash_preimage(const struct node *node, const char *preimage,
	char ret[static NODE_HASH_SIZE])
{
	uint8_t bytes[HASH_BYTES];

	(void)!hex_decode(preimage, bytes, sizeof(bytes));
	node_hash(node, bytes, sizeof(bytes), ret);
}

void node_make_hash(const struct node *node,
	char ret_preimage[static NODE_HASH_SIZE],
	char ret_hash[static NODE_HASH_SIZE])
{
	node_random_hex(HASH_BYTES, ret_preimage);
	hash_preimage(node, ret_preimage, ret_hash);
}

/* Half of the letters of bech32, one for each digit. */
void node_make_text(
	const char *prefix, const char *hash, char ret[static NODE_TEXT_SIZE])
{
	static const char letters[] = "qpzry9x8gf2tvdw0";
	static const char digits[] = "0123456789abcdef";
	size_t len = strlen(prefix);

	memcpy(ret, prefix, len);
	for (; *hash != '\0'; hash++)
		ret[len++] = letters[strchr(digits, *hash) - digits];
	ret[len] = '\0';
}

int node_init(struct node *node, const char *id)
{
	const struct secret32 seed = { 0 };
	int r;

	*node = (struct node){
		.invoices = json_array(),
		.offers = json_array(),
		.by_label = json_object(),
		.by_hash = json_object(),
		.preimages = json_object(),
		.htlcs = json_array(),
		.datastore = json_array(),
		.payee_invoices = json_object(),
		.payments = json_array(),
	};
	if (id == NULL)
		node_random_hex(ID_BYTES, node->id);
	else
		(void)snprintf(node->id, sizeof(node->id), "%s", id);
	r = cipher_new(&seed, &node->cipher);
	if (r < 0)
		return r;

	if (node->invoices == NULL || node->offers == NULL ||
		node->by_label == NULL || node->by_hash == NULL ||
		node->preimages == NULL || node->htlcs == NULL ||
		node->datastore == NULL || node->payee_invoices == NULL ||
		node->payments == NULL)
		return -ENOMEM;
	return 0;
}

void node_deinit(struct node *node)
{
	json_decref(node->by_label);
	json_decref(node->by_hash);
	json_decref(node->invoices);
	json_decref(node->offers);
	json_decref(node->preimages);
	json_decref(node->htlcs);
	json_decref(node->datastore);
	json_decref(node->payee_invoices);
	json_decref(node->payments);
	(void)cipher_free(node->cipher);
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
	(void)json_object_del(node->preimages, node_text(invoice, HASH));
	(void)json_object_del(node->by_hash, node_text(invoice, HASH));
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

const char *node_preimage(const struct node *node, const json_t *invoice)
{
	return node_text(node->preimages, node_text(invoice, HASH));
}

json_t *node_create_invoice(struct node *node, const uint64_t *msat,
	const char *label, const char *description, const char *offer_id,
	const char *preimage, uint64_t expiry_s)
{
	char made[NODE_HASH_SIZE], hash[NODE_HASH_SIZE];
	char invstring[NODE_TEXT_SIZE];
	json_t *invoice;

	if (preimage == NULL) {
		node_random_hex(HASH_BYTES, made);
		preimage = made;
	}
	hash_preimage(node, preimage, hash);
	node_make_text(
		offer_id == NULL ? "lnbcrt1sm" : "lni1sm", hash, invstring);
	invoice = json_pack("{s:s, s:s, s:s, s:s, s:s*, s:s*, s:I, s:I}",
		"label", label, offer_id == NULL ? "bolt11" : "bolt12",
		invstring, HASH, hash, "status", "unpaid", "description",
		description, "local_offer_id", offer_id, "expires_at",
		(json_int_t)clock_wall_s() + (json_int_t)expiry_s,
		"created_index", (json_int_t)node->created_index + 1);
	if (msat != NULL)
		(void)json_object_set_new(invoice, "amount_msat",
			json_integer((json_int_t)*msat));
	if (json_object_set(node->by_label, label, invoice) < 0 ||
		json_object_set(node->by_hash, hash, invoice) < 0 ||
		json_object_set_new(
			node->preimages, hash, json_string(preimage)) < 0 ||
		json_array_append_new(node->invoices, invoice) < 0)
		return NULL;

	node->created_index++;
	node->changed = true;
	return invoice;
}

json_t *node_add_invoice(struct node *node, const uint64_t *msat,
	const char *label, const char *description, uint64_t expiry_s,
	const char *preimage, struct node_error *ret_error)
{
	char hash[NODE_HASH_SIZE];
	json_t *invoice;

	if (json_object_get(node->by_label, label) != NULL)
		return node_refuse(ret_error, NODE_LABEL_EXISTS,
			"Duplicate label '%s'", label);
	if (preimage != NULL) {
		hash_preimage(node, preimage, hash);
		if (json_object_get(node->by_hash, hash) != NULL)
			return node_refuse(ret_error, NODE_PREIMAGE_EXISTS,
				"preimage already used");
	}
	invoice = node_create_invoice(node, msat, label, description, NULL,
		preimage, expiry_s == 0 ? BOLT11_EXPIRY_S : expiry_s);
	if (invoice == NULL)
		return node_no_memory(ret_error);

	return json_pack("{s:O, s:O, s:O, s:O, s:s}", HASH,
		json_object_get(invoice, HASH), "expires_at",
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

json_t *node_find_offer(const struct node *node, const char *offer_id)
{
	size_t i;
	json_t *offer;

	json_array_foreach (node->offers, i, offer)
		if (node_text_is(offer, "offer_id", offer_id))
			return offer;

	return NULL;
}

/* Amount and issuer are in its text alone. */
json_t *node_show_offer(json_t *offer)
{
	json_t *shown = json_copy(offer);

	(void)json_object_del(shown, "amount_msat");
	(void)json_object_del(shown, "issuer");
	return shown;
}

json_t *node_add_offer(struct node *node, const uint64_t *msat,
	const char *description, const char *issuer, const char *label,
	bool single_use, struct node_error *ret_error)
{
	char id[NODE_HASH_SIZE], bolt12[NODE_TEXT_SIZE];
	json_t *offer, *answer;

	node_random_hex(HASH_BYTES, id);
	node_make_text("lno1sm", id, bolt12);
	offer = json_pack("{s:s, s:b, s:b, s:s, s:b, s:b, s:s*, s:s*, s:s*}",
		"offer_id", id, "active", 1, "single_use", single_use, "bolt12",
		bolt12, "used", 0, "force_paths", 0, "label", label,
		"description", description, "issuer", issuer);
	if (msat != NULL)
		(void)json_object_set_new(
			offer, "amount_msat", json_integer((json_int_t)*msat));
	answer = node_show_offer(offer);
	(void)json_object_del(answer, "description");
	if (json_array_append_new(node->offers, offer) < 0 ||
		json_object_set_new(answer, "created", json_true()) < 0) {
		json_decref(answer);
		return node_no_memory(ret_error);
	}

	node->changed = true;
	return answer;
}

json_t *node_set_offer(struct node *node, const char *offer_id, bool active,
	struct node_error *ret_error)
{
	json_t *offer = node_find_offer(node, offer_id);

	if (offer == NULL)
		return node_refuse(ret_error, NODE_ERROR, "Unknown offer");
	if (json_is_true(json_object_get(offer, "active")) == active)
		return node_refuse(ret_error,
			active ? NODE_OFFER_ENABLED : NODE_OFFER_DISABLED,
			active ? "offer already active"
			       : "offer is not active");
	if (active && json_is_true(json_object_get(offer, "single_use")) &&
		json_is_true(json_object_get(offer, "used")))
		return node_refuse(ret_error, NODE_OFFER_USED,
			"cannot activate an used single use offer");

	(void)json_object_set_new(offer, "active", json_boolean(active));
	if (!active)
		expire(node, offer_id, INT64_MAX);
	node->changed = true;
	return node_show_offer(offer);
}

int node_preload(struct node *node, unsigned int n)
{
	int64_t now_s = clock_wall_s();

	for (unsigned int i = 1; i <= n; i++) {
		const uint64_t msat = 1000;
		char label[32];
		json_t *invoice;

		(void)snprintf(label, sizeof(label), "old-%u", i);
		invoice = node_create_invoice(
			node, &msat, label, "long ago", NULL, NULL, 0);
		if (invoice == NULL)
			return -ENOMEM;
		if (node_settle(node, invoice, msat, now_s - DAY_S) < 0)
			return -ENOMEM;
	}

	return 0;
}
