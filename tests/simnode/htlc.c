/* SPDX-License-Identifier: MIT */

#include "htlc.h"

#include <stdio.h>
#include <string.h>

#include "hooks.h"
#include "plugins.h"
#include "server.h"
#include "util/clock.h"

enum {
	/* Of a failure message; those of BOLT 4 are far shorter. */
	FAILURE_MAX = 1024,
};

/* One payer's part. */
struct htlc {
	struct htlc *next;
	json_t *record; /* of the node's state */
	struct call *call;
};

/* All that was paid for one invoice: settled together, or none. */
struct htlc_set {
	struct htlc_set *next;
	char hash[NODE_HASH_SIZE];
	uint64_t total_msat; /* of each */
	uint64_t msat;       /* so far */
	struct htlc *first, **last;
};

/* A set on its way through the hooks; there may be several of one. */
struct passing {
	struct passing *next;
	struct htlcs *htlcs;
	struct htlc_set *set; /* NULL: it was decided meanwhile */
	char *label;
	uint64_t msat;
};

struct htlcs {
	struct world *world;
	struct htlc_set *sets;
	struct passing *passings;
};

int htlcs_new(struct world *world, struct htlcs **ret)
{
	struct htlcs *htlcs = calloc(1, sizeof(*htlcs));

	if (htlcs == NULL)
		return -ENOMEM;
	htlcs->world = world;
	*ret = htlcs;
	return 0;
}

/* Out of memory is the end of a simulated node. */
static void *must(void *memory)
{
	if (memory == NULL)
		abort();
	return memory;
}

static void passing_free(struct passing *passing)
{
	struct passing **at = &passing->htlcs->passings;

	while (*at != passing)
		at = &(*at)->next;
	*at = passing->next;
	free(passing->label);
	free(passing);
}

/* Takes @set out of everything; its payers are the caller's. */
static struct htlc *set_free(struct htlcs *htlcs, struct htlc_set *set)
{
	struct htlc_set **at = &htlcs->sets;
	struct htlc *first = set->first;

	while (*at != set)
		at = &(*at)->next;
	*at = set->next;
	for (struct passing *passing = htlcs->passings; passing != NULL;
		passing = passing->next)
		if (passing->set == set)
			passing->set = NULL;
	free(set);
	return first;
}

static struct htlc *htlc_free(struct htlc *htlc)
{
	struct htlc *next = htlc->next;

	json_decref(htlc->record);
	(void)call_free(htlc->call);
	free(htlc);
	return next;
}

/* @htlc is over: the node need not remember it. */
static struct htlc *conclude(struct htlcs *htlcs, struct htlc *htlc)
{
	json_t *records = htlcs->world->node->htlcs, *record;
	size_t i;

	json_array_foreach (records, i, record) {
		if (record != htlc->record)
			continue;
		(void)json_array_remove(records, i);
		break;
	}
	htlcs->world->node->changed = true;
	return htlc_free(htlc);
}

static void fail_set(struct htlcs *htlcs, struct htlc_set *set, const char *why)
{
	struct htlc *htlc = set_free(htlcs, set);
	struct node_error error;

	(void)node_refuse(
		&error, NODE_PAYMENT_REFUSED, "Destination said: %s", why);
	for (; htlc != NULL; htlc = conclude(htlcs, htlc)) {
		say(htlcs->world->say, "{s:O, s:O, s:O, s:O, s:s}", "returned",
			json_object_get(htlc->record, "label"), "htlc",
			json_object_get(htlc->record, "htlc"), "msat",
			json_object_get(htlc->record, "msat"), "payment_hash",
			json_object_get(htlc->record, "payment_hash"), "why",
			why);
		call_refuse(steal_ptr(&htlc->call), &error);
	}
}

static void settle_set(struct htlcs *htlcs, struct htlc_set *set,
	json_t *invoice, uint64_t msat)
{
	const struct world *world = htlcs->world;
	int64_t paid_at_s = (int64_t)node_number(set->first->record, "paid_at");
	struct htlc *htlc;
	json_t *result;

	if (node_settle(world->node, invoice, msat,
		    paid_at_s != 0 ? paid_at_s : clock_wall_s()) < 0)
		abort();
	htlc = set_free(htlcs, set);
	result = json_pack("{s:O, s:O, s:O}", "pay_index",
		json_object_get(invoice, "pay_index"), "payment_hash",
		json_object_get(invoice, "payment_hash"), "label",
		json_object_get(invoice, "label"));
	for (; htlc != NULL; htlc = conclude(htlcs, htlc))
		call_succeed(steal_ptr(&htlc->call), result);
	json_decref(result);
	server_paid(world->server, invoice);
	plugins_notify(world->plugins, "invoice_payment",
		json_pack("{s:I, s:O, s:O}", "msat", (json_int_t)msat,
			"preimage",
			json_object_get(invoice, "payment_preimage"), "label",
			json_object_get(invoice, "label")));
}

/* All plugins let it pass; only now it counts what the invoice is. */
static void on_end(void *userdata)
{
	struct passing *passing = userdata;
	struct htlcs *htlcs = passing->htlcs;
	struct node *node = htlcs->world->node;
	struct htlc_set *set = passing->set;
	json_t *invoice;

	node_expire(node);
	invoice = json_object_get(node->by_label, passing->label);
	if (set == NULL)
		say(htlcs->world->say, "{s:s}", "gone", passing->label);
	else if (invoice == NULL)
		fail_set(htlcs, set, "the invoice was deleted");
	else if (!node_text_is(invoice, "status", "unpaid"))
		fail_set(htlcs, set, "the invoice has expired");
	else
		settle_set(htlcs, set, invoice, passing->msat);
	passing_free(passing);
}

/* A failure message of BOLT 4, in hexadecimal. */
static bool is_failure(const char *text)
{
	uint8_t bytes[FAILURE_MAX];
	size_t len = text == NULL ? 1 : strlen(text);

	return len % 2 == 0 && len / 2 <= sizeof(bytes) &&
	       hex_decode(text, bytes, len / 2) == 0;
}

/* lightning 0, facts 4 and 5: the result counts more than the message. */
static bool on_answer(void *userdata, const json_t *answer)
{
	struct passing *passing = userdata;
	struct htlcs *htlcs = passing->htlcs;
	const json_t *result = json_object_get(answer, "result");
	const char *failure = node_text(answer, "failure_message");

	if (passing->set == NULL) {
		say(htlcs->world->say, "{s:s}", "gone", passing->label);
		passing_free(passing);
		return false;
	}
	if (node_text_is(answer, "result", "continue"))
		return true;
	if (result != NULL && !node_text_is(answer, "result", "reject"))
		hooks_abort(htlcs->world, "invalid result of invoice_payment",
			answer);
	if (result == NULL && !is_failure(failure))
		hooks_abort(htlcs->world,
			"no result and no failure_message of invoice_payment",
			answer);

	fail_set(htlcs, passing->set,
		result == NULL ? failure
			       : "incorrect_or_unknown_payment_details");
	passing_free(passing);
	return false;
}

static const struct hook_handler handler = {
	.on_answer = on_answer,
	.on_end = on_end,
};

static void pass(
	struct htlcs *htlcs, struct htlc_set *set, const json_t *invoice)
{
	struct hooks *hooks = plugins_hooks(htlcs->world->plugins);
	struct passing *passing = must(calloc(1, sizeof(*passing)));
	json_t *params;

	*passing = (struct passing){
		.next = htlcs->passings,
		.htlcs = htlcs,
		.set = set,
		.label = must(strdup(node_text(invoice, "label"))),
		.msat = set->msat,
	};
	htlcs->passings = passing;
	if (hooks_any(hooks))
		say(htlcs->world->say, "{s:O, s:O, s:I}", "held",
			json_object_get(invoice, "label"), "payment_hash",
			json_object_get(invoice, "payment_hash"), "msat",
			(json_int_t)set->msat);
	params = json_pack("{s:{s:O, s:s, s:I}}", "payment", "label",
		json_object_get(invoice, "label"), "preimage",
		node_preimage(htlcs->world->node, invoice), "msat",
		(json_int_t)set->msat);
	hooks_call(hooks, params, &handler, passing);
}

static struct htlc_set *find_or_add(
	struct htlcs *htlcs, const char *hash, uint64_t msat)
{
	struct htlc_set *set = htlcs->sets;

	while (set != NULL && strcmp(set->hash, hash) != 0)
		set = set->next;
	if (set != NULL)
		return set;

	set = must(calloc(1, sizeof(*set)));
	*set = (struct htlc_set){
		.next = htlcs->sets,
		.total_msat = msat,
		.last = &set->first,
	};
	(void)snprintf(set->hash, sizeof(set->hash), "%s", hash);
	htlcs->sets = set;
	return set;
}

/* An HTLC has come, for the first time or again. */
static void add(struct htlcs *htlcs, json_t *record, struct call *call)
{
	struct node *node = htlcs->world->node;
	const char *hash = node_text(record, "payment_hash");
	uint64_t msat = node_number(record, "msat");
	json_t *invoice = json_object_get(node->by_hash, hash);
	struct htlc *htlc = must(calloc(1, sizeof(*htlc)));
	struct htlc_set *set = find_or_add(htlcs, hash, msat);

	htlc->record = json_incref(record);
	htlc->call = call;
	*set->last = htlc;
	set->last = &htlc->next;
	set->msat += msat;
	if (!node_text_is(invoice, "status", "unpaid"))
		fail_set(htlcs, set, "the invoice is not to be paid");
	else if (set->total_msat != msat)
		fail_set(htlcs, set, "final_incorrect_htlc_amount");
	else
		pass(htlcs, set, invoice);
}

bool htlcs_pay(struct htlcs *htlcs, const struct node_payment *payment,
	struct call *call, struct node_error *ret_error)
{
	struct node *node = htlcs->world->node;
	json_t *invoice, *record;

	invoice = node_bill(node, payment, ret_error);
	if (invoice == NULL)
		return false;
	record = json_pack("{s:I, s:O, s:O, s:I, s:I}", "htlc",
		(json_int_t)++node->htlc_index, "label",
		json_object_get(invoice, "label"), "payment_hash",
		json_object_get(invoice, "payment_hash"), "msat",
		(json_int_t)payment->msat, "paid_at",
		(json_int_t)payment->paid_at_s);
	if (json_array_append(node->htlcs, record) < 0)
		abort();
	node->changed = true;
	add(htlcs, record, call);
	json_decref(record);
	return true;
}

void htlcs_replay(struct htlcs *htlcs)
{
	json_t *records = json_copy(htlcs->world->node->htlcs), *record;
	size_t i;

	node_expire(htlcs->world->node);
	json_array_foreach (records, i, record)
		add(htlcs, record, NULL);
	json_decref(records);
}

void htlcs_forget(struct htlcs *htlcs)
{
	while (htlcs->sets != NULL) {
		struct htlc *htlc = set_free(htlcs, htlcs->sets);

		while (htlc != NULL)
			htlc = htlc_free(htlc);
	}
}

struct htlcs *htlcs_free(struct htlcs *htlcs)
{
	if (htlcs == NULL)
		return NULL;

	htlcs_forget(htlcs);
	while (htlcs->passings != NULL)
		passing_free(htlcs->passings);
	free(htlcs);
	return NULL;
}
