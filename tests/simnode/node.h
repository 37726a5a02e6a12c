/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Node - what a Core Lightning node remembers: invoices and offers
 *
 * Invoices and offers are kept as the very objects that the RPC gives out.
 * bolt11 and bolt12 texts cannot be decoded by others.  All else keeps the
 * rules of the real node.
 *
 * Spec: lightning 0 (fact 12), 3, 4.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lightning/cipher.h"
#include "util/bytes.h"
#include "util/macro.h"

enum {
	NODE_HASH_SIZE = HEX_SIZE(CIPHER_HASH_SIZE),
	NODE_ID_SIZE = 67,
	NODE_TEXT_SIZE = NODE_HASH_SIZE + 24, /* of an offer, an invoice */
	NODE_WHY_SIZE = 200,
};

/* The RPC's error codes, as far as they occur: lightning 3. */
enum {
	NODE_ERROR = -1,
	NODE_PLUGIN_ERROR = -3,
	NODE_TERMINATED = -4,
	NODE_BAD_REQUEST = -32600,
	NODE_UNKNOWN_METHOD = -32601,
	NODE_BAD_PARAMS = -32602,
	NODE_PAYMENT_REFUSED = 203,
	NODE_LABEL_EXISTS = 900,
	NODE_PREIMAGE_EXISTS = 901,
	NODE_TIMED_OUT = 904,
	NODE_LABEL_UNKNOWN = 905,
	NODE_WRONG_STATUS = 906,
	NODE_OFFER_DISABLED = 1001,
	NODE_OFFER_ENABLED = 1006,
	NODE_OFFER_USED = 1007,
	NODE_NO_ROUTE = 1003,
	NODE_REFUSED = 1004, /* of an offer, to its payer */
};

struct node_error {
	int code;
	char message[NODE_WHY_SIZE];
};

struct node {
	char id[NODE_ID_SIZE];
	struct cipher *cipher;
	json_t *invoices;       /* by created_index */
	json_t *offers;         /* by their age */
	json_t *by_label;       /* the same invoices */
	json_t *by_hash;        /* likewise */
	json_t *preimages;      /* of those that are not paid, by hash */
	json_t *htlcs;          /* payments that are on their way: htlc.c */
	json_t *datastore;      /* entries by their keys: datastore.c */
	json_t *payee_invoices; /* by their texts: payee.c */
	json_t *payments;       /* to the payee, by their age */
	json_t **paid;          /* by pay_index; borrowed from invoices */
	size_t n_paid, room;    /* of paid */
	uint64_t created_index;
	uint64_t updated_index;
	uint64_t pay_index;
	uint64_t htlc_index;
	bool changed; /* since the last save */
};

/* What is paid.  Texts may be NULL. */
struct node_payment {
	uint64_t msat;
	const char *label; /* ends in '-' or '*': made unique */
	const char *offer_id;
	const char *description;
	const char *note;
	uint64_t expiry_s; /* of an invoice that is made for it; 0: as usual */
	int64_t paid_at_s;
	bool keysend;
};

/* A new node with a random id, or with @id. */
int node_init(struct node *node, const char *id) _must_use_;
void node_deinit(struct node *node);

/* Adds @n payments of long ago. */
int node_preload(struct node *node, unsigned int n) _must_use_;

/* A node from a file that node_save() wrote; -ENOENT if there is none. */
int node_load(struct node *node, const char *path) _must_use_;
int node_save(struct node *node, const char *path) _must_use_;

/* Another node takes its place: new id, nothing in it. */
int node_exchange(struct node *node) _must_use_;
/* The node as it was when @pay_index was its newest. */
void node_restore(struct node *node, uint64_t pay_index);

/*
 * The following return a new reference to the object that the RPC gives, or
 * NULL and *@ret_error.
 */
json_t *node_add_invoice(struct node *node, const uint64_t *msat,
	const char *label, const char *description, uint64_t expiry_s,
	const char *preimage, struct node_error *ret_error);
json_t *node_del_invoice(struct node *node, const char *label,
	const char *status, struct node_error *ret_error);
json_t *node_add_offer(struct node *node, const uint64_t *msat,
	const char *description, const char *issuer, const char *label,
	bool single_use, struct node_error *ret_error);
/* Switching an offer off expires its unpaid invoices: lightning 0, 12. */
json_t *node_set_offer(struct node *node, const char *offer_id, bool active,
	struct node_error *ret_error);

/*
 * The invoice that @payment pays: there already, or made for it.  Borrowed;
 * NULL and *@ret_error if it cannot be paid.
 */
json_t *node_bill(struct node *node, const struct node_payment *payment,
	struct node_error *ret_error);
/* Makes @invoice a paid one. */
int node_settle(struct node *node, json_t *invoice, uint64_t msat,
	int64_t paid_at_s) _must_use_;
/* What @invoice is settled with; borrowed. */
const char *node_preimage(const struct node *node, const json_t *invoice);

/* The first payment after @pay_index, borrowed; NULL if there is none. */
json_t *node_next_paid(const struct node *node, uint64_t pay_index);

/* Invoices that are past their time become expired. */
void node_expire(struct node *node);

/* Adds an unpaid invoice.  Returns it, borrowed, or NULL. */
json_t *node_create_invoice(struct node *node, const uint64_t *msat,
	const char *label, const char *description, const char *offer_id,
	const char *preimage, uint64_t expiry_s);
json_t *node_find_offer(const struct node *node, const char *offer_id);

/* Appends @invoice to those that are paid. */
int node_add_paid(struct node *node, json_t *invoice) _must_use_;

/* Shorthands for the members of an object; 0 or NULL if there is none. */
uint64_t node_number(const json_t *object, const char *name);
const char *node_text(const json_t *object, const char *name);
bool node_text_is(const json_t *object, const char *name, const char *value);

_printf_(3, 4) json_t *node_refuse(
	struct node_error *ret_error, int code, const char *format, ...);
json_t *node_no_memory(struct node_error *ret_error);

/* Random bytes, and their hash. */
void node_make_hash(const struct node *node,
	char ret_preimage[static NODE_HASH_SIZE],
	char ret_hash[static NODE_HASH_SIZE]);
/*
 * A text that belongs to @hash: @prefix, up to 20 bytes, and letters that may
 * be in one.
 */
void node_make_text(
	const char *prefix, const char *hash, char ret[static NODE_TEXT_SIZE]);
/* @offer as the RPC shows it: it knows more of it.  A new reference. */
json_t *node_show_offer(json_t *offer);

/* @len random bytes, up to 33, in hexadecimal. */
void node_random_hex(size_t len, char *ret);
/* SHA-256. */
void node_hash(const struct node *node, const void *data, size_t len,
	char ret[static NODE_HASH_SIZE]);
