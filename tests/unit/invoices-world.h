/* SPDX-License-Identifier: MIT */
#pragma once

/* Both sides of the invoices: an owner that stores, a node with a list. */

#include <inttypes.h>

#include "fake-node.h"
#include "fake-time.h"
#include "lightning/invoices.h"

#define ID_A                                 \
	"02aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define ID_B                                 \
	"03bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb" \
	"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

enum {
	MAX_AGE_MS = 60 * 1000,
	WAIT_S = 55,
	PAID_AT_S = 1700000000, /* payment n is paid n seconds later */
};

/* What the owner stores, and what it was told. */
static struct {
	int known; /* load() returns it */
	uint64_t position;
	int64_t since_s; /* if not 0, load() answers it */
	char loaded_id[INVOICES_ID_SIZE];
	int begin_error;
	int paid_error;
	int n_begun;
	int n_paid;
	struct invoice last;
	char last_hash[INVOICES_HASH_SIZE];
	char last_label[32];
	int n_changed;
	bool following;
	char why[INVOICES_WHY_SIZE];
	char complaint[INVOICES_WHY_SIZE]; /* the last that was not "" */
} owner;

static int on_load(void *userdata, const char *node_id, uint64_t *ret,
	int64_t *ret_since_s)
{
	(void)userdata;
	(void)snprintf(owner.loaded_id, sizeof(owner.loaded_id), "%s", node_id);
	if (owner.since_s != 0)
		*ret_since_s = owner.since_s;
	if (owner.known == 1)
		*ret = owner.position;
	return owner.known;
}

static int on_begin(void *userdata, const char *node_id, uint64_t pay_index)
{
	(void)userdata;
	cr_assert_str_eq(node_id, owner.loaded_id);
	owner.n_begun++;
	if (owner.begin_error == 0)
		owner.position = pay_index;
	return owner.begin_error;
}

static int on_paid(void *userdata, const struct invoice *invoice)
{
	(void)userdata;
	cr_assert_str_eq(invoice->node_id, owner.loaded_id);
	owner.n_paid++;
	owner.last = *invoice;
	(void)snprintf(owner.last_hash, sizeof(owner.last_hash), "%s",
		invoice->payment_hash);
	(void)snprintf(owner.last_label, sizeof(owner.last_label), "%s",
		invoice->label);
	if (owner.paid_error == 0)
		owner.position = invoice->pay_index;
	return owner.paid_error;
}

static inline void on_changed(void *userdata, bool following, const char *why)
{
	(void)userdata;
	cr_assert_eq(following, why[0] == '\0');
	owner.n_changed++;
	owner.following = following;
	(void)snprintf(owner.why, sizeof(owner.why), "%s", why);
	if (!following)
		memcpy(owner.complaint, owner.why, sizeof(owner.complaint));
}

static const struct invoices_ops ops = {
	.load = on_load,
	.begin = on_begin,
	.paid = on_paid,
	.changed = on_changed,
};

/* The node: payments 1 to newest, without those that @gap leaves out. */
static struct {
	const char *id;
	uint64_t newest;
	uint64_t gap;
	unsigned int n_calls;
} node = { .id = ID_A, .gap = 1 };

static struct rpc *rpc;
static struct invoices *inv;

static inline void follow(uint64_t max_age_ms)
{
	cr_assert_eq(rpc_new(node_event, &node_line, NULL, NULL, &rpc), 0);
	cr_assert_eq(
		invoices_new(node_event, rpc, max_age_ms, &ops, NULL, &inv), 0);
}

static uint64_t get_param(const json_t *request, const char *name)
{
	const json_t *value =
		json_object_get(json_object_get(request, "params"), name);

	cr_assert(json_is_integer(value), "no %s", name);
	return (uint64_t)json_integer_value(value);
}

static inline json_t *payment(uint64_t pay_index)
{
	char hash[INVOICES_HASH_SIZE], label[32];

	(void)snprintf(hash, sizeof(hash), "%064" PRIx64, pay_index);
	(void)snprintf(label, sizeof(label), "label-%" PRIu64, pay_index);
	return json_pack("{s:s, s:s, s:s, s:I, s:i, s:i}", "label", label,
		"payment_hash", hash, "status", "paid", "pay_index",
		(json_int_t)pay_index, "amount_received_msat", 1000, "paid_at",
		PAID_AT_S + (int)pay_index);
}

static inline void answer_none(json_t *request)
{
	node_answer_error(
		request, 904, "Timed out while waiting for invoice to be paid");
}

static inline bool is_call(const json_t *request, const char *method)
{
	cr_assert_not_null(request, "no call of %s", method);
	return strcmp(json_string_value(json_object_get(request, "method")),
		       method) == 0;
}

static inline void answer_info(json_t *request)
{
	node_answer(request, "result",
		json_pack("{s:s, s:s}", "id", node.id, "alias", "caf\xc3\xa9"));
}

/*
 * Answers what can be answered at once.  Returns the call that waits, which
 * the caller owns; NULL if there is none.
 */
static inline json_t *serve(void)
{
	json_t *request;

	while ((request = node_take()) != NULL) {
		uint64_t index, next;

		if (is_call(request, "getinfo")) {
			answer_info(request);
			continue;
		}
		node.n_calls++;
		index = get_param(request, "lastpay_index");
		next = (index / node.gap + 1) * node.gap;
		if (next <= node.newest)
			node_answer(request, "result", payment(next));
		else if (get_param(request, "timeout") == 0)
			answer_none(request);
		else
			return request;
	}

	return NULL;
}

static inline void begin(void)
{
	node_init();
	node_listen();
	follow(MAX_AGE_MS);
	node_accept();
}

/* Up to the call that waits, with @position known to the owner. */
static inline json_t *begin_at(uint64_t position)
{
	json_t *waiting;

	owner.known = 1;
	owner.position = position;
	begin();
	waiting = serve();
	cr_assert_not_null(waiting);
	return waiting;
}

static inline void reconnect(void)
{
	node_close();
	node_run();
	cr_assert_not(owner.following);
	fake_time_pass(60 * 1000);
	node_accept();
}

static inline void end(json_t *waiting)
{
	json_decref(waiting);
	inv = invoices_free(inv);
	rpc = rpc_free(rpc);
	fake_time_forget();
	node_deinit();
	/* Its timers are gone, and the next may be at their address. */
	memset(fake_timers, 0, sizeof(fake_timers));
}

static inline void assert_paid(int n, uint64_t pay_index)
{
	cr_assert_eq(owner.n_paid, n, "%d paid, not %d", owner.n_paid, n);
	cr_assert_eq(owner.last.pay_index, pay_index);
}

static inline void assert_complaint(const char *text)
{
	cr_assert_not_null(strstr(owner.complaint, text), "\"%s\", not %s",
		owner.complaint, text);
}
