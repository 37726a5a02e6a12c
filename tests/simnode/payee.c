/* SPDX-License-Identifier: MIT */

#include "payee.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "util/clock.h"

#define PAYEE_ID                            \
	"02c0ffee0000000000000000000000000" \
	"000000000000000000000000000000000"

enum {
	EXPIRY_S = 7200,
	/* What xpay spends on fees if it is not told. */
	FEE_DEFAULT_MSAT = 5000,
	FEE_DEFAULT_PART = 100,
	/* How long a payment goes on after the node was killed, at least. */
	KILL_S = 2,
};

/* The real node's: common/jsonrpc_errors.h. */
enum {
	NO_ROUTE = 205,
	EXPIRED = 207,
	ALREADY_PAID = 219,
	NO_ANSWER = 1005,
	NO_NAME = -32700,
};

enum outcome {
	PAYS,
	FAILS,
	UNROUTABLE,
};

/* Answers to fetchinvoice. */
enum manner {
	ANSWERS,
	REFUSES,
	SILENT,
};

/* The invoices that it makes. */
enum quality {
	GOOD,
	DEAR,
	STALE,
};

static const char *const outcomes[] = { "pays", "fails", "unroutable", NULL };
static const char *const manners[] = { "answers", "refuses", "silent", NULL };
static const char *const qualities[] = { "good", "dear", "stale", NULL };
static const char *const switches[] = { "off", "on", NULL };

const char payee_help[] =
	"  payee outcome pays|fails|unroutable\n"
	"                       what becomes of payments to the payee\n"
	"  payee delay SECONDS  and when; they are pending until then\n"
	"  payee kill on|off    the node kills itself once the next one is "
	"pending\n"
	"  payee fee MSAT       what a payment costs\n"
	"  payee offer answers|refuses|silent\n"
	"                       when an invoice is asked for\n"
	"  payee invoice good|dear|stale\n"
	"                       what it is then: for 1 msat more, or expired\n";

/* What is waited for: a payment's end, or the end of a payee's silence. */
struct wait {
	struct payee *payee;
	struct wait *next;
	sd_event_source *timer;
	struct call *call;
	json_t *payment; /* owned; NULL: an invoice that does not come */
};

struct payee {
	struct world *world;
	int outcome, manner, quality, kills;
	uint64_t delay_s;
	uint64_t fee_msat;
	struct wait *waits;
};

static bool choose(const char *const *words, const char *word, int *ret)
{
	for (int i = 0; words[i] != NULL; i++) {
		if (strcmp(words[i], word) != 0)
			continue;
		*ret = i;
		return true;
	}

	return false;
}

static bool read_number(const char *text, uint64_t max, uint64_t *ret)
{
	uint64_t n;
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	n = strtoull(text, &end, 10);
	if (*end != '\0' || n > max)
		return false;

	*ret = n;
	return true;
}

bool payee_set(struct payee *payee, const char *name, const char *value)
{
	if (strcmp(name, "outcome") == 0)
		return choose(outcomes, value, &payee->outcome);
	if (strcmp(name, "offer") == 0)
		return choose(manners, value, &payee->manner);
	if (strcmp(name, "invoice") == 0)
		return choose(qualities, value, &payee->quality);
	if (strcmp(name, "kill") == 0)
		return choose(switches, value, &payee->kills);
	if (strcmp(name, "delay") == 0)
		return read_number(value, PAYEE_DELAY_MAX_S, &payee->delay_s);
	if (strcmp(name, "fee") == 0)
		return read_number(value, INT32_MAX, &payee->fee_msat);

	return false;
}

/* --- invoices ------------------------------------------------------------- */

static void wait_free(struct wait *wait)
{
	struct wait **at = &wait->payee->waits;

	while (*at != wait)
		at = &(*at)->next;
	*at = wait->next;
	sd_event_source_disable_unref(wait->timer);
	(void)call_free(wait->call);
	json_decref(wait->payment);
	free(wait);
}

/* Calls @on_time in @seconds; a wait that cannot be is out of memory. */
static struct wait *wait_for(struct payee *payee, uint64_t seconds,
	sd_event_time_handler_t on_time, struct call *call)
{
	struct wait *wait = calloc(1, sizeof(*wait));

	if (wait == NULL ||
		sd_event_add_time_relative(payee->world->event, &wait->timer,
			CLOCK_BOOTTIME, seconds * 1000 * 1000, 1000, on_time,
			wait) < 0)
		abort();
	wait->payee = payee;
	wait->call = call;
	wait->next = payee->waits;
	payee->waits = wait;
	return wait;
}

static int on_silence(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct wait *wait = userdata;
	struct node_error error;

	(void)source;
	(void)usec;
	(void)node_refuse(&error, NO_ANSWER, "Timeout waiting for response");
	call_refuse(steal_ptr(&wait->call), &error);
	wait_free(wait);
	return 0;
}

static json_t *make_invoice(struct payee *payee, const char *offer,
	uint64_t msat, const char *note, const char *address)
{
	struct node *node = payee->world->node;
	char preimage[NODE_HASH_SIZE], hash[NODE_HASH_SIZE];
	char text[NODE_TEXT_SIZE];
	int64_t now_s = clock_wall_s();

	node_make_hash(node, preimage, hash);
	node_make_text("lni1spayee", hash, text);
	if (payee->quality == DEAR)
		msat++;
	if (payee->quality == STALE)
		now_s -= 2 * EXPIRY_S;
	if (json_object_set_new(node->payee_invoices, text,
		    json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:s*, s:s*}",
			    "payment_hash", hash, "preimage", preimage, "offer",
			    offer, "msat", (json_int_t)msat, "created_at",
			    (json_int_t)now_s, "expiry", (json_int_t)EXPIRY_S,
			    "note", note, "address", address)) < 0)
		return NULL;
	node->changed = true;
	say(payee->world->say, "{s:s, s:I, s:s*, s:s*}", "asked", offer, "msat",
		(json_int_t)msat, "note", note, "address", address);
	return json_pack("{s:s, s:{}}", "invoice", text, "changes");
}

void payee_fetchinvoice(struct world *world, const struct params *params,
	struct methods_answer *ret)
{
	struct payee *payee = world->payee;
	const char *offer = NULL, *note = NULL, *address = NULL;
	uint64_t msat = 0, timeout_s = 60;

	if (!params_text(params, 0, &offer, &ret->error) ||
		!params_msat(params, 1, &msat, NULL, &ret->error) ||
		!params_unsigned(params, 6, &timeout_s, &ret->error) ||
		!params_text(params, 7, &note, &ret->error) ||
		!params_text(params, 9, &address, &ret->error))
		return;
	if (strncmp(offer, "lno1", 4) != 0)
		(void)node_refuse(&ret->error, NODE_BAD_PARAMS,
			"offer: Unparsable offer");
	else if (address != NULL && strchr(address, '@') == NULL)
		(void)node_refuse(
			&ret->error, NODE_BAD_PARAMS, "bip353: missing @");
	else if (strncmp(offer, PAYEE_OFFER, strlen(PAYEE_OFFER)) != 0)
		(void)node_refuse(&ret->error, NODE_NO_ROUTE,
			"Failed: could not route or connect directly");
	else if (msat == 0)
		(void)node_refuse(&ret->error, NODE_BAD_PARAMS,
			"amount_msat parameter required");
	else if (payee->manner == REFUSES)
		(void)node_refuse(&ret->error, NODE_REFUSED,
			"Remote node sent failure message");
	else if (payee->manner == ANSWERS)
		ret->result = make_invoice(payee, offer, msat, note, address);
	else {
		ret->is_later = true;
		(void)wait_for(payee,
			timeout_s > UINT16_MAX ? UINT16_MAX : timeout_s,
			on_silence, ret->call);
	}
}

void payee_fetchbip353(struct world *world, const struct params *params,
	struct methods_answer *ret)
{
	const char *address = NULL, *at;
	char hash[NODE_HASH_SIZE], offer[NODE_TEXT_SIZE];
	json_t *instructions;

	if (!params_text(params, 0, &address, &ret->error))
		return;
	at = strchr(address, '@');
	if (at == NULL || at == address || strchr(at + 1, '.') == NULL) {
		(void)node_refuse(&ret->error, NO_NAME, "invalid address");
		return;
	}
	if (strcmp(at + 1, PAYEE_DOMAIN) != 0) {
		(void)node_refuse(&ret->error, NO_NAME,
			"failed to fetch payment instructions: NXDOMAIN");
		return;
	}
	node_hash(world->node, address, strlen(address), hash);
	node_make_text(PAYEE_OFFER, hash, offer);
	instructions = json_pack("[{s:s}]", "onchain",
		"bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080");
	if (strncmp(address, "onchain@", 8) != 0)
		(void)json_array_append_new(
			instructions, json_pack("{s:s}", "offer", offer));
	ret->result = json_pack(
		"{s:s, s:o}", "proof", "00", "instructions", instructions);
}

/* --- payments ------------------------------------------------------------- */

static void answer_paid(struct call *call, json_t *payment)
{
	json_t *result = json_pack("{s:O, s:i, s:i, s:O, s:O}",
		"payment_preimage", json_object_get(payment, "preimage"),
		"failed_parts", 0, "successful_parts", 1, "amount_msat",
		json_object_get(payment, "amount_msat"), "amount_sent_msat",
		json_object_get(payment, "amount_sent_msat"));

	call_succeed(call, result);
	json_decref(result);
}

/* What was pending has come to its end. */
static int on_outcome(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct wait *wait = userdata;
	const struct world *world = wait->payee->world;
	json_t *payment = wait->payment;
	bool pays = node_text_is(payment, "outcome", "pays");
	struct node_error error;

	(void)source;
	(void)usec;
	(void)json_object_set_new(
		payment, "status", json_string(pays ? "complete" : "failed"));
	(void)json_object_set_new(payment, "completed_at",
		json_integer((json_int_t)clock_wall_s()));
	world->node->changed = true;
	say(world->say, "{s:O, s:O, s:O}", "sent",
		json_object_get(payment, "payment_hash"), "msat",
		json_object_get(payment, "amount_msat"), "status",
		json_object_get(payment, "status"));
	(void)node_refuse(&error, NODE_PAYMENT_REFUSED,
		"Destination said it doesn't know invoice: "
		"incorrect_or_unknown_payment_details");
	if (pays)
		answer_paid(steal_ptr(&wait->call), payment);
	else
		call_refuse(steal_ptr(&wait->call), &error);
	wait_free(wait);
	return 0;
}

/* The state has been saved since. */
static int on_kill(sd_event_source *source, uint64_t usec, void *userdata)
{
	(void)source;
	(void)usec;
	(void)userdata;
	(void)kill(getpid(), SIGKILL);
	return 0;
}

static void begin(struct payee *payee, const char *text, const json_t *invoice,
	struct call *call)
{
	struct node *node = payee->world->node;
	int64_t now_s = clock_wall_s();
	uint64_t delay_s = payee->delay_s;
	json_t *payment;

	if (payee->kills && delay_s < KILL_S)
		delay_s = KILL_S;
	payment = json_pack("{s:O, s:s, s:I, s:I, s:s, s:s, s:O, s:I, s:O, "
			    "s:I, s:s}",
		"payment_hash", json_object_get(invoice, "payment_hash"),
		"status", "pending", "created_at", (json_int_t)now_s,
		"created_index",
		(json_int_t)json_array_size(node->payments) + 1, "bolt12", text,
		"destination", PAYEE_ID, "amount_msat",
		json_object_get(invoice, "msat"), "amount_sent_msat",
		(json_int_t)(node_number(invoice, "msat") + payee->fee_msat),
		"preimage", json_object_get(invoice, "preimage"), "until",
		(json_int_t)now_s + (json_int_t)delay_s, "outcome",
		outcomes[payee->outcome]);
	if (json_array_append(node->payments, payment) < 0)
		abort();
	node->changed = true;
	if (payee->kills)
		(void)wait_for(payee, 0, on_kill, NULL);
	wait_for(payee, delay_s, on_outcome, call)->payment = payment;
}

/* Says why @invoice cannot be paid; returns whether it can. */
static bool may_pay(const struct payee *payee, const json_t *invoice,
	uint64_t fee_max_msat, struct node_error *ret_error)
{
	json_t *payment;
	size_t i;

	json_array_foreach (payee->world->node->payments, i, payment) {
		if (!node_text_is(payment, "payment_hash",
			    node_text(invoice, "payment_hash")))
			continue;
		if (node_text_is(payment, "status", "complete"))
			(void)node_refuse(ret_error, ALREADY_PAID,
				"Already paid this invoice successfully");
		else if (node_text_is(payment, "status", "pending"))
			(void)node_refuse(ret_error, NODE_PLUGIN_ERROR,
				"Unexpected injectpaymentonion error 200: "
				"Payment with groupid=1 still in progress");
		else
			continue;
		return false;
	}
	if ((int64_t)(node_number(invoice, "created_at") +
		      node_number(invoice, "expiry")) < clock_wall_s())
		(void)node_refuse(ret_error, EXPIRED, "Invoice expired");
	else if (payee->outcome == UNROUTABLE)
		(void)node_refuse(
			ret_error, NO_ROUTE, "Failed: could not find a route");
	else if (payee->fee_msat > fee_max_msat)
		(void)node_refuse(ret_error, NO_ROUTE,
			"Failed: could not find a route that is cheap enough");
	else
		return true;
	return false;
}

void payee_xpay(struct world *world, const struct params *params,
	struct methods_answer *ret)
{
	const char *text = NULL;
	uint64_t fee_msat = 0, unused = 0;
	const json_t *invoice;

	if (!params_text(params, 0, &text, &ret->error) ||
		!params_unsigned(params, 2, &fee_msat, &ret->error) ||
		!params_unsigned(params, 4, &unused, &ret->error))
		return;
	invoice = json_object_get(world->node->payee_invoices, text);
	if (invoice == NULL) {
		(void)node_refuse(&ret->error, NODE_BAD_PARAMS,
			"invstring: Invalid invoice");
		return;
	}
	if (params->value[1] != NULL) {
		(void)node_refuse(&ret->error, NODE_BAD_PARAMS,
			"amount_msat unnecessary");
		return;
	}
	if (params->value[2] == NULL) {
		fee_msat = node_number(invoice, "msat") / FEE_DEFAULT_PART;
		if (fee_msat < FEE_DEFAULT_MSAT)
			fee_msat = FEE_DEFAULT_MSAT;
	}
	ret->is_later = may_pay(world->payee, invoice, fee_msat, &ret->error);
	if (ret->is_later)
		begin(world->payee, text, invoice, ret->call);
}

/* @payment as listpays or listsendpays shows it. */
static json_t *show(json_t *payment, const char *preimage)
{
	json_t *shown = json_copy(payment);

	(void)json_object_del(shown, "until");
	(void)json_object_del(shown, "outcome");
	(void)json_object_del(shown, "preimage");
	if (node_text_is(payment, "status", "complete"))
		(void)json_object_set(
			shown, preimage, json_object_get(payment, "preimage"));
	else
		(void)json_object_del(shown, "completed_at");
	return shown;
}

static json_t *list(struct world *world, const struct params *params,
	const char *preimage, struct node_error *ret_error)
{
	static const char *const names[] = { "bolt12", "payment_hash",
		"status" };
	const char *wanted[ARRAY_SIZE(names)] = { NULL };
	json_t *shown, *payment;
	size_t i;

	if (!params_text(params, 0, &wanted[0], ret_error) ||
		!params_hash(params, 1, &wanted[1], ret_error) ||
		!params_text(params, 2, &wanted[2], ret_error))
		return NULL;
	if (wanted[0] != NULL && wanted[1] != NULL)
		return node_refuse(ret_error, NODE_BAD_PARAMS,
			"Can only specify one of {bolt11} or {payment_hash}");
	shown = json_array();
	json_array_foreach (world->node->payments, i, payment) {
		size_t k = 0;

		while (k < ARRAY_SIZE(names) &&
			(wanted[k] == NULL ||
				node_text_is(payment, names[k], wanted[k])))
			k++;
		if (k == ARRAY_SIZE(names))
			(void)json_array_append_new(
				shown, show(payment, preimage));
	}
	return shown;
}

void payee_listpays(struct world *world, const struct params *params,
	struct methods_answer *ret)
{
	json_t *pays = list(world, params, "preimage", &ret->error);

	if (pays != NULL)
		ret->result = json_pack("{s:o}", "pays", pays);
}

void payee_listsendpays(struct world *world, const struct params *params,
	struct methods_answer *ret)
{
	json_t *payments = list(world, params, "payment_preimage", &ret->error);

	if (payments != NULL)
		ret->result = json_pack("{s:o}", "payments", payments);
}

int payee_new(struct world *world, struct payee **ret)
{
	struct payee *payee = calloc(1, sizeof(*payee));
	int64_t now_s = clock_wall_s();
	json_t *payment;
	size_t i;

	if (payee == NULL)
		return -ENOMEM;
	payee->world = world;
	json_array_foreach (world->node->payments, i, payment) {
		int64_t until_s = (int64_t)node_number(payment, "until");

		if (!node_text_is(payment, "status", "pending"))
			continue;
		wait_for(payee,
			until_s > now_s ? (uint64_t)(until_s - now_s) : 0,
			on_outcome, NULL)
			->payment = json_incref(payment);
	}

	*ret = payee;
	return 0;
}

struct payee *payee_free(struct payee *payee)
{
	if (payee == NULL)
		return NULL;

	while (payee->waits != NULL)
		wait_free(payee->waits);
	free(payee);
	return NULL;
}
