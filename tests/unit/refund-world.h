/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * A node with a datastore, an invoice that was paid to a car, and a payer
 * whose wallet makes invoices: what refund.c asks, by hand.
 */

#include "calls-world.h"
#include "node/refund.h"
#include "node/refund_record.h"

#define PAID_HASH                                  \
	"1111111111111111111111111111111111111111" \
	"111111111111111111111111"
#define NOTE_OFFER "lno1qgsqvgnwgcg35z6ee2h3yczraddm72xrfua9uve2rlrm9deu7xyfzrc"

enum xpay {
	XPAY_PAYS,
	XPAY_PAYS_AND_IS_LOST, /* the answer, that is */
	XPAY_PENDS_AND_IS_LOST,
	XPAY_IS_LOST,
	XPAY_FAILS,
	XPAY_FAILS_ODDLY, /* with an error that says nothing */
	XPAY_SAYS_NOTHING_OF_IT,
};

static struct {
	json_t *store;    /* "a,b,c": { string, generation } */
	json_t *invoice;  /* of the payment; NULL: none */
	json_t *pays;     /* hash: status */
	json_t *offers;   /* for listoffers */
	json_t *decoded;  /* members of decode's answer to be replaced */
	uint64_t fetched; /* invoices */
	uint64_t fetched_msat;
	enum xpay xpay;
	const char *fails; /* a method that answers with an error */
	int fails_with;
	const char *loses; /* ... whose answer is lost; done, if it writes */
	unsigned int n_paid, n_xpay;
	uint64_t maxfee_msat;
	char paid_invoice[64];
} world;

static struct refunds *refunds;
static struct plugin_request request;
static struct car_entry *car;

static const char *const menu =
	"{'holds': true, 'labels': ['1sat2flash-*'], 'addresses': ['a@b.c'],"
	" 'descriptions': ['flash me'], 'actions': ["
	"{'name': 'flash', 'price_msat': 1000, 'text': 'Flash', 'keeps': true,"
	" 'offers': true},"
	"{'name': 'rent', 'price_msat': 100000, 'text': 'Rent', 'keeps': true,"
	" 'deposit_msat': 50000, 'offers': true}]}";

static inline void refunds_start(void)
{
	cr_assert_eq(refunds_new(&node, &refunds), 0);
	node.refunds = refunds;
	run_loop();
}

static inline void refunds_stop(void)
{
	refunds = refunds_free(refunds);
	fake_time_forget();
}

static inline void set_invoice(const char *text)
{
	json_decref(world.invoice);
	world.invoice = text == NULL ? NULL : read_json(text);
}

static inline void set_member(const char *name, json_t *value)
{
	cr_assert_eq(json_object_set_new(world.invoice, name, value), 0);
}

static inline void begin(void)
{
	world_begin();
	car = add_car("roadster", menu);
	add_offer(car, "flash", 1000, offer_a);
	add_offer(car, "rent", 100000, offer_b);
	world.store = json_object();
	world.pays = json_object();
	world.decoded = json_object();
	world.offers = json_array();
	set_invoice(
		"{'label': 'x', 'payment_hash': '" PAID_HASH
		"', 'status': 'paid', 'amount_received_msat': 1000000,"
		" 'local_offer_id': "
		"'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		"aaaaaa', 'invreq_payer_note': 'back to " NOTE_OFFER "'}");
	refunds_start();
}

static inline void end(void)
{
	refunds_stop();
	json_decref(world.store);
	json_decref(world.pays);
	json_decref(world.decoded);
	json_decref(world.offers);
	json_decref(world.invoice);
	json_decref(request.result);
	world_end();
}

/* --- what the node answers ------------------------------------------------ */

static inline void key_of(const struct call *call, char ret[static 256])
{
	const json_t *key = json_object_get(call->params, "key");
	size_t i;
	json_t *part;

	ret[0] = '\0';
	json_array_foreach (key, i, part) {
		(void)strcat(ret, i == 0 ? "" : ",");
		(void)strcat(ret, json_string_value(part));
	}
}

static inline json_t *list_store(const struct call *call)
{
	char key[256];
	json_t *entry;

	key_of(call, key);
	entry = json_object_get(world.store, key);
	if (entry == NULL)
		return json_pack("{s:[]}", "datastore");
	return json_pack("{s:[O]}", "datastore", entry);
}

/* 0 or the error of lightningd. */
static inline int write_store(const struct call *call, json_t **ret)
{
	const json_t *wanted = json_object_get(call->params, "generation");
	const char *mode = get_param(call, "mode");
	json_int_t generation = 0;
	json_t *entry;
	char key[256];

	key_of(call, key);
	entry = json_object_get(world.store, key);
	if (strcmp(mode, "must-create") == 0 && entry != NULL)
		return 1202;
	if (strcmp(mode, "must-replace") == 0 && entry == NULL)
		return 1203;
	if (entry != NULL)
		generation = json_integer_value(
				     json_object_get(entry, "generation")) +
			     1;
	if (wanted != NULL && json_integer_value(wanted) != generation - 1)
		return 1204;
	*ret = json_pack("{s:s, s:I}", "string", get_param(call, "string"),
		"generation", generation);
	(void)json_object_set(world.store, key, *ret);
	return 0;
}

/* The hash of the nth invoice that the payer's wallet has made. */
static inline void hash_of(const char *invoice, char ret[static 65])
{
	(void)snprintf(ret, 65, "%064llx",
		0x1000ull + strtoull(invoice + strlen("lni1"), NULL, 10));
}

static inline json_t *fetch(const struct call *call)
{
	char text[64];

	cr_assert_str_eq(get_param(call, "offer"), NOTE_OFFER);
	world.fetched_msat = (uint64_t)json_integer_value(
		json_object_get(call->params, "amount_msat"));
	(void)snprintf(text, sizeof(text), "lni1%" PRIu64, ++world.fetched);
	return json_pack("{s:s, s:{}}", "invoice", text, "changes");
}

static inline json_t *decode(const struct call *call)
{
	char hash[65];
	json_t *result;

	hash_of(get_param(call, "string"), hash);
	result = json_pack("{s:s, s:b, s:s, s:I, s:I, s:i}", "type",
		"bolt12 invoice", "valid", 1, "invoice_payment_hash", hash,
		"invoice_amount_msat", (json_int_t)world.fetched_msat,
		"invoice_created_at", (json_int_t)clock_wall_s(),
		"invoice_relative_expiry", 7200);
	(void)json_object_update(result, world.decoded);
	return result;
}

static inline json_t *list_pays(const struct call *call)
{
	const char *hash = get_param(call, "payment_hash");
	const char *status =
		json_string_value(json_object_get(world.pays, hash));

	if (status == NULL)
		return json_pack("{s:[]}", "pays");
	return json_pack("{s:[{s:s, s:s, s:I}]}", "pays", "payment_hash", hash,
		"status", status, "amount_sent_msat",
		(json_int_t)world.fetched_msat + 7);
}

static inline void set_pay(const char *hash, const char *status)
{
	(void)json_object_set_new(world.pays, hash, json_string(status));
}

/* As lightningd: what is paid, or on its way, is not paid again. */
static inline void pay(struct call *call)
{
	const char *invoice = get_param(call, "invstring");
	const char *status;
	char hash[65];

	world.n_xpay++;
	world.maxfee_msat = (uint64_t)json_integer_value(
		json_object_get(call->params, "maxfee"));
	hash_of(invoice, hash);
	status = json_string_value(json_object_get(world.pays, hash));
	if (status != NULL && strcmp(status, "failed") != 0) {
		answer_call(call, RPC_E_NODE, NULL,
			strcmp(status, "complete") == 0 ? 219 : -3);
		return;
	}
	(void)snprintf(
		world.paid_invoice, sizeof(world.paid_invoice), "%s", invoice);
	switch (world.xpay) {
	case XPAY_PAYS:
		world.n_paid++;
		set_pay(hash, "complete");
		answer_call(call, 0,
			json_pack("{s:s, s:I, s:I}", "payment_preimage", "00",
				"amount_msat", (json_int_t)world.fetched_msat,
				"amount_sent_msat",
				(json_int_t)world.fetched_msat + 7),
			0);
		return;
	case XPAY_PAYS_AND_IS_LOST:
		world.n_paid++;
		set_pay(hash, "complete");
		answer_call(call, RPC_E_LOST, NULL, 0);
		return;
	case XPAY_PENDS_AND_IS_LOST:
		set_pay(hash, "pending");
		answer_call(call, RPC_E_LOST, NULL, 0);
		return;
	case XPAY_IS_LOST:
		answer_call(call, RPC_E_LOST, NULL, 0);
		return;
	case XPAY_FAILS:
		set_pay(hash, "failed");
		answer_call(call, RPC_E_NODE, NULL, 205);
		return;
	case XPAY_FAILS_ODDLY:
		answer_call(call, RPC_E_NODE, NULL, -4);
		return;
	case XPAY_SAYS_NOTHING_OF_IT:
		answer_call(call, 0, json_object(), 0);
		return;
	}
}

static inline json_t *find_result(const struct call *call, int *ret_code)
{
	json_t *result = NULL;

	if (strcmp(call->method, "listdatastore") == 0)
		return list_store(call);
	if (strcmp(call->method, "datastore") == 0) {
		*ret_code = write_store(call, &result);
		return result;
	}
	if (strcmp(call->method, "listinvoices") == 0)
		return world.invoice == NULL ? json_pack("{s:[]}", "invoices")
					     : json_pack("{s:[O]}", "invoices",
						       world.invoice);
	if (strcmp(call->method, "listoffers") == 0)
		return json_pack("{s:O}", "offers", world.offers);
	if (strcmp(call->method, "listpays") == 0)
		return list_pays(call);
	if (strcmp(call->method, "fetchbip353") == 0)
		return json_pack("{s:s, s:[{s:s}, {s:s}]}", "proof", "00",
			"instructions", "onchain", "bc1qxyz", "offer",
			NOTE_OFFER);
	if (strcmp(call->method, "fetchinvoice") == 0)
		return fetch(call);
	cr_assert_str_eq(call->method, "decode");
	return decode(call);
}

static inline void serve_one(struct call *call)
{
	json_t *result;
	int code = 0;

	if (world.fails != NULL && strcmp(call->method, world.fails) == 0) {
		if (world.fails_with == 0)
			answer_call(call, 0, json_object(), 0);
		else
			answer_call(call, RPC_E_NODE, NULL, world.fails_with);
		return;
	}
	if (strcmp(call->method, "xpay") == 0) {
		pay(call);
		return;
	}
	result = find_result(call, &code);
	if (world.loses != NULL && strcmp(call->method, world.loses) == 0) {
		json_decref(result);
		answer_call(call, RPC_E_LOST, NULL, 0);
	} else if (code != 0) {
		answer_call(call, RPC_E_NODE, NULL, code);
	} else {
		answer_call(call, 0, result, 0);
	}
}

/* Answers all that is asked.  Returns false if power failed. */
static inline bool serve(void)
{
	struct call *call;

	if (setjmp(power) != 0)
		return false;
	while ((call = take_call()) != NULL)
		serve_one(call);
	return true;
}

/* As serve(), up to the first call of @method, which stays. */
static inline void serve_until(const char *method)
{
	while (count_calls(NULL) > 0 && count_calls(method) == 0)
		serve_one(take_call());
	cr_assert_eq(count_calls(method), 1, "no %s", method);
}

static inline void pass(uint64_t ms)
{
	fake_time_pass(ms);
	run_loop();
}

/* Time goes by, as long as anything is done with it. */
static inline void pass_and_serve(uint64_t ms)
{
	for (uint64_t i = 0; i < ms; i += 1000) {
		pass(1000);
		cr_assert(serve());
	}
}

/* --- the owner, or the car ------------------------------------------------ */

static inline void ask_with(json_t *params)
{
	json_decref(request.result);
	request = (struct plugin_request){ 0 };
	enter(true);
	refunds_method(refunds, &request, params);
	enter(false);
	json_decref(params);
}

static inline void ask(void)
{
	ask_with(json_pack("{s:s}", "payment_hash", PAID_HASH));
}

static inline void assert_refused(int code, const char *why)
{
	cr_assert_eq(request.n_answers, 1);
	cr_assert_eq(
		request.code, code, "%d: %s", request.code, request.message);
	cr_assert_not_null(strstr(request.message, why), "%s", request.message);
}

static inline void refuse(int code, const char *why)
{
	ask();
	cr_assert(serve());
	assert_refused(code, why);
	cr_assert_eq(count_calls(NULL), 0);
}

static inline void assert_paid(uint64_t msat)
{
	cr_assert_eq(request.n_answers, 1);
	cr_assert_eq(request.code, 0, "%d: %s", request.code, request.message);
	cr_assert_str_eq(
		json_string_value(json_object_get(request.result, "state")),
		"paid");
	cr_assert_str_eq(json_string_value(json_object_get(
				 request.result, "payment_hash")),
		PAID_HASH);
	cr_assert_eq(json_integer_value(
			     json_object_get(request.result, "amount_msat")),
		(json_int_t)msat);
	cr_assert_eq(
		json_integer_value(json_object_get(request.result, "fee_msat")),
		7);
	cr_assert_eq(world.n_paid, 1);
}

/* What the datastore has of the refund; NULL: nothing. */
static inline const char *get_record(void)
{
	return json_string_value(json_object_get(
		json_object_get(world.store, "1sat2flash,refund," PAID_HASH),
		"string"));
}

static inline void assert_record(const char *state)
{
	const char *text = get_record();
	struct refund_record record;

	cr_assert_not_null(text);
	cr_assert_eq(refund_record_read(text, &record), 0, "%s", text);
	cr_assert_eq(record.state,
		strcmp(state, "paid") == 0     ? REFUND_PAID
		: strcmp(state, "paying") == 0 ? REFUND_PAYING
					       : REFUND_FAILED,
		"%s", text);
	refund_record_deinit(&record);
}
