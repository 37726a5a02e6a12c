/* SPDX-License-Identifier: MIT */

/* What a node remembers, in a file: the other half of node.h. */

#include <stdio.h>

#include "node.h"
#include "util/bytes.h"

/* Takes over what @state has, and builds what leads to it. */
static int take_state(struct node *node, const json_t *state)
{
	const char *id = node_text(state, "id");
	json_t *invoices = json_object_get(state, "invoices");
	json_t *offers = json_object_get(state, "offers");
	json_t *preimages = json_object_get(state, "preimages");
	json_t *htlcs = json_object_get(state, "htlcs");
	json_t *datastore = json_object_get(state, "datastore");
	json_t *asked = json_object_get(state, "payee_invoices");
	json_t *payments = json_object_get(state, "payments");
	uint8_t bytes[NODE_ID_SIZE / 2];
	json_t *invoice;
	size_t i;

	if (id == NULL || hex_decode(id, bytes, sizeof(bytes)) < 0 ||
		!json_is_array(invoices) || !json_is_array(offers) ||
		!json_is_object(preimages) || !json_is_array(htlcs) ||
		!json_is_array(datastore) || !json_is_object(asked) ||
		!json_is_array(payments))
		return -EBADMSG;

	(void)snprintf(node->id, sizeof(node->id), "%s", id);
	node->created_index = node_number(state, "created_index");
	node->updated_index = node_number(state, "updated_index");
	node->pay_index = node_number(state, "pay_index");
	node->htlc_index = node_number(state, "htlc_index");
	if (json_array_extend(node->offers, offers) < 0 ||
		json_array_extend(node->invoices, invoices) < 0 ||
		json_object_update(node->preimages, preimages) < 0 ||
		json_array_extend(node->htlcs, htlcs) < 0 ||
		json_array_extend(node->datastore, datastore) < 0 ||
		json_object_update(node->payee_invoices, asked) < 0 ||
		json_array_extend(node->payments, payments) < 0)
		return -ENOMEM;
	json_array_foreach (node->invoices, i, invoice) {
		const char *label = node_text(invoice, "label");
		const char *hash = node_text(invoice, "payment_hash");

		if (label == NULL || hash == NULL ||
			(!node_text_is(invoice, "status", "paid") &&
				node_preimage(node, invoice) == NULL))
			return -EBADMSG;
		if (json_object_set(node->by_label, label, invoice) < 0 ||
			json_object_set(node->by_hash, hash, invoice) < 0)
			return -ENOMEM;
	}
	json_array_foreach (json_object_get(state, "paid"), i, invoice) {
		json_t *paid = json_object_get(
			node->by_label, json_string_value(invoice));

		if (paid == NULL || node_add_paid(node, paid) < 0)
			return -EBADMSG;
	}

	return 0;
}

int node_load(struct node *node, const char *path)
{
	json_error_t error;
	json_t *state;
	int r;

	errno = 0;
	state = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
	if (state == NULL)
		return errno == ENOENT ? -ENOENT : -EBADMSG;
	r = take_state(node, state);
	json_decref(state);
	return r;
}

int node_save(struct node *node, const char *path)
{
	_cleanup_(freep) char *tmp = NULL;
	json_t *state, *paid = json_array();
	int r;

	for (size_t i = 0; i < node->n_paid; i++)
		(void)json_array_append(
			paid, json_object_get(node->paid[i], "label"));
	state = json_pack("{s:s, s:I, s:I, s:I, s:I, s:O, s:O, s:O, s:O, s:O, "
			  "s:O, s:O, s:o}",
		"id", node->id, "htlc_index", (json_int_t)node->htlc_index,
		"created_index", (json_int_t)node->created_index,
		"updated_index", (json_int_t)node->updated_index, "pay_index",
		(json_int_t)node->pay_index, "invoices", node->invoices,
		"offers", node->offers, "preimages", node->preimages, "htlcs",
		node->htlcs, "datastore", node->datastore, "payee_invoices",
		node->payee_invoices, "payments", node->payments, "paid", paid);
	if (state == NULL || asprintf(&tmp, "%s.new", path) < 0) {
		json_decref(state);
		return -ENOMEM;
	}

	errno = EIO;
	r = json_dump_file(state, tmp, JSON_COMPACT);
	json_decref(state);
	if (r < 0 || rename(tmp, path) < 0)
		return -errno;

	node->changed = false;
	return 0;
}
