/* SPDX-License-Identifier: MIT */

#include "lightning/invoices.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lightning/invoice.h"
#include "lightning/rpc.h"
#include "lightning/seek.h"
#include "util/bytes.h"
#include "util/clock.h"
#include "util/duration.h"

enum {
	ALIAS_SIZE = 64, /* a node's alias has at most 32 bytes */
	/* Beyond its own timeout a call is answered within this, or never. */
	STALL_S = 30,
	/* The wait of a call: less than max-age, one wake-up a minute. */
	WAIT_MIN_S = 5,
	WAIT_MAX_S = 55,
	WAIT_MARGIN_S = 5,
	NODE_E_TIMED_OUT = 904, /* nothing newer: lightning 3 */
};

struct invoices {
	const struct invoices_ops *ops;
	void *userdata;
	struct rpc *rpc; /* shared */
	/* While a call is out: it is lost.  Otherwise: try again. */
	sd_event_source *timer;
	uint64_t backoff_ms;

	char node_id[INVOICES_ID_SIZE];
	char alias[ALIAS_SIZE];
	uint64_t position;
	bool following;

	bool seeking; /* the node is new: the end of its past is looked for */
	struct seek seek;
	int64_t since_s; /* what was paid from then on is not past */

	bool asking; /* a call is out, */
	uint64_t asked_index;
	uint64_t asked_wait_s;
	uint64_t asked_at_ms;

	uint64_t wait_s;  /* for calls once nothing newer is there */
	bool went_back;   /* an answer at or below what was asked for */
	bool is_proven;   /* nothing newer than position existed... */
	bool caught_up;   /* ...when the last call was answered */
	uint64_t none_ms; /* ...at this time */

	bool briefly;        /* the next one is too long with its texts */
	json_t *held;        /* to be delivered (again) */
	uint64_t unreadable; /* the payment that was so when it came last */
	struct invoice_texts texts;
};

static void start(struct invoices *inv);
static void ask(struct invoices *inv);

static void set_following(struct invoices *inv, bool following, const char *why)
{
	if (following && inv->following)
		return;
	inv->following = following;
	inv->ops->changed(inv->userdata, following, why);
}

static void arm(struct invoices *inv, uint64_t ms)
{
	(void)sd_event_source_set_time_relative(inv->timer, ms * 1000);
	(void)sd_event_source_set_enabled(inv->timer, SD_EVENT_ONESHOT);
}

/* Not the connection failed but what is done with it: @why says how. */
static void retry(struct invoices *inv, const char *why, const char *detail)
{
	char delay[DURATION_TEXT_SIZE], safe[INVOICES_WHY_SIZE / 2];
	char sentence[INVOICES_WHY_SIZE];

	inv->backoff_ms =
		inv->backoff_ms == 0 ? RPC_BACKOFF_MIN_MS : 2 * inv->backoff_ms;
	if (inv->backoff_ms > RPC_BACKOFF_MAX_MS)
		inv->backoff_ms = RPC_BACKOFF_MAX_MS;
	arm(inv, inv->backoff_ms);

	duration_print(inv->backoff_ms, delay);
	text_printable(detail, safe, sizeof(safe));
	(void)snprintf(sentence, sizeof(sentence),
		"%s (%s), trying again in %s", why, safe, delay);
	set_following(inv, false, sentence);
}

/* Something was done: the next trouble is a new one. */
static void go_on(struct invoices *inv)
{
	inv->backoff_ms = 0;
	set_following(inv, true, "");
	ask(inv);
}

static void call(struct invoices *inv, const char *method, json_t *params,
	json_t *filter, rpc_handler_t handler, uint64_t wait_s)
{
	int r;

	inv->asked_at_ms = clock_boottime_ms();
	inv->asked_wait_s = wait_s;
	r = rpc_call_filtered(inv->rpc, method, params, filter, handler, inv);
	/* Down says itself what is wrong, and comes up again. */
	if (r == RPC_E_DOWN)
		return;
	if (r != 0) {
		retry(inv, "the node cannot be asked", strerror(-r));
		return;
	}
	inv->asking = true;
	arm(inv, (wait_s + STALL_S) * 1000);
}

/* Takes note of an answer.  Returns false if there will be none. */
static bool answered(struct invoices *inv, const struct rpc_answer *answer)
{
	inv->asking = false;
	(void)sd_event_source_set_enabled(inv->timer, SD_EVENT_OFF);
	return answer->status == 0 || answer->status == RPC_E_NODE;
}

/*
 * What is held cannot be read.  It is asked for once more, as jansson loses
 * bytes of long texts where memory runs out; but waiting for it to heal would
 * stop all that come after.  Returns whether to leave it out.
 */
static bool leave_out(struct invoices *inv, const char *problem)
{
	char why[INVOICES_WHY_SIZE];
	uint64_t index = 0;

	(void)invoice_read_index(inv->held, &index);
	if (inv->unreadable != index) {
		inv->unreadable = index;
		(void)snprintf(why, sizeof(why),
			"the node's payment %" PRIu64 " cannot be read (%s)",
			index, problem);
		rpc_fail(inv->rpc, why);
		return false;
	}

	(void)snprintf(why, sizeof(why),
		"the node's payment %" PRIu64
		" cannot be read (%s) and is left out",
		index, problem);
	set_following(inv, false, why);
	return true;
}

/*
 * Delivers what is held.  The position moves only after the owner has stored
 * it: otherwise the same invoice comes again, and none is passed over.
 */
static void deliver(struct invoices *inv)
{
	struct invoice invoice = { 0 };
	const char *problem;
	int r;

	if (invoice_read(inv->held, &inv->texts, &invoice, &problem)) {
		invoice.node_id = inv->node_id;
		invoice.restored = inv->went_back;
		invoice.max_age_ms =
			inv->is_proven ? clock_boottime_ms() - inv->none_ms
				       : UINT64_MAX;
		r = inv->ops->paid(inv->userdata, &invoice);
		if (r < 0) {
			retry(inv, "a payment cannot be stored", strerror(-r));
			return;
		}
	} else if (!leave_out(inv, problem)) {
		return;
	}

	(void)invoice_read_index(inv->held, &inv->position);
	inv->briefly = false;
	json_decref(inv->held);
	inv->held = NULL;
	go_on(inv);
}

/*
 * The next payment after the index asked for.  An answer at or below it comes
 * from a restored node, once: afterwards its list goes upwards again.  One
 * that keeps going back would be asked for ever.
 */
static void on_found(struct invoices *inv, json_t *result)
{
	uint64_t index;
	bool back;

	if (!invoice_read_index(result, &index)) {
		rpc_fail(inv->rpc, "the node sent a payment without pay_index");
		return;
	}
	if (inv->seeking) {
		/* The last one before @since_s stands for the newest. */
		if (invoice_read_paid_at(result) >= inv->since_s) {
			seek_none(&inv->seek);
		} else if (!seek_found(&inv->seek, index)) {
			rpc_fail(inv->rpc, "the node's payments have no order");
			return;
		}
		ask(inv);
		return;
	}
	back = index <= inv->asked_index;
	if (back && inv->went_back) {
		rpc_fail(inv->rpc, "the node's payments go round in circles");
		return;
	}

	inv->went_back = back;
	/* What was proven was proven of another list. */
	if (back)
		inv->is_proven = false;
	inv->caught_up = false;
	inv->held = json_incref(result);
	deliver(inv);
}

/*
 * Nothing newer existed when the node looked: not before the call was sent,
 * and if the call has waited, not before its wait was over.
 */
static void on_none(struct invoices *inv)
{
	uint64_t wait_ms = inv->asked_wait_s * 1000;
	uint64_t took_ms = clock_boottime_ms() - inv->asked_at_ms;

	if (inv->seeking) {
		seek_none(&inv->seek);
		ask(inv);
		return;
	}

	inv->none_ms = inv->asked_at_ms + (took_ms >= wait_ms ? wait_ms : 0);
	inv->is_proven = true;
	inv->caught_up = true;
	/* Asked again at once, such a node would keep both of us busy. */
	if (took_ms < wait_ms / 2)
		retry(inv, "the node does not wait", "waitanyinvoice");
	else
		go_on(inv);
}

static void on_invoice(void *userdata, const struct rpc_answer *answer)
{
	struct invoices *inv = userdata;

	if (!answered(inv, answer)) {
		inv->briefly |= answer->status == RPC_E_TOO_BIG;
		return;
	}
	if (answer->status == 0)
		on_found(inv, answer->result);
	else if (answer->code == NODE_E_TIMED_OUT)
		on_none(inv);
	else
		retry(inv, "the node refuses to tell payments",
			answer->message);
}

/*
 * What an invoice is without its foreign texts.  Whoever makes invoices for a
 * shop may write a description of megabytes; it would be sent again and again,
 * and stop all that come after.  Without it, label and offer still say whose
 * it is.
 */
static json_t *brief_filter(void)
{
	return json_pack("{s:b, s:b, s:b, s:b, s:b, s:b, s:b}", "label", 1,
		"payment_hash", 1, "status", 1, "pay_index", 1,
		"amount_received_msat", 1, "paid_at", 1, "local_offer_id", 1);
}

/*
 * Asks for the next payment.  After each payment the first call does not
 * wait: its 904 proves when nothing newer was there, which no payment that
 * arrives can prove, as it may have lain in the socket for long.
 */
static void ask(struct invoices *inv)
{
	uint64_t wait_s = inv->caught_up ? inv->wait_s : 0;
	int r;

	inv->asked_index = inv->position;
	if (inv->seeking && !seek_next(&inv->seek, &inv->asked_index)) {
		r = inv->ops->begin(inv->userdata, inv->node_id, inv->seek.low);
		if (r < 0) {
			retry(inv, "the node's position cannot be stored",
				strerror(-r));
			return;
		}
		inv->seeking = false;
		inv->position = inv->asked_index = inv->seek.low;
	}

	call(inv, "waitanyinvoice",
		json_pack("{s:I, s:I}", "lastpay_index",
			(json_int_t)inv->asked_index, "timeout",
			(json_int_t)wait_s),
		inv->briefly ? brief_filter() : NULL, on_invoice, wait_s);
}

/* Reads who the node is.  Returns false if it does not say. */
static bool read_info(struct invoices *inv, const json_t *info)
{
	const char *id = json_string_value(json_object_get(info, "id"));
	const char *alias = json_string_value(json_object_get(info, "alias"));
	uint8_t bytes[INVOICES_ID_SIZE / 2];

	if (id == NULL || hex_decode(id, bytes, sizeof(bytes)) < 0)
		return false;

	hex_encode(bytes, sizeof(bytes), inv->node_id);
	text_printable(
		alias == NULL ? "" : alias, inv->alias, sizeof(inv->alias));
	return true;
}

static void on_info(void *userdata, const struct rpc_answer *answer)
{
	struct invoices *inv = userdata;
	int64_t since_s = INT64_MAX;
	uint64_t position = 0;
	int r;

	if (!answered(inv, answer))
		return;
	if (answer->status != 0) {
		retry(inv, "the node does not say who it is", answer->message);
		return;
	}
	if (!read_info(inv, answer->result)) {
		rpc_fail(inv->rpc, "the node says no id of its own");
		return;
	}
	r = inv->ops->load(inv->userdata, inv->node_id, &position, &since_s);
	if (r < 0) {
		retry(inv, "the node's position cannot be read", strerror(-r));
		return;
	}

	inv->seeking = r == 0;
	inv->seek = (struct seek){ 0 };
	inv->since_s = since_s;
	/* jansson has signed numbers; so high a position is wrong anyway. */
	inv->position = position > SEEK_INDEX_MAX ? SEEK_INDEX_MAX : position;
	ask(inv);
}

/*
 * From the beginning, as after each connect: another node may answer now, or
 * the same with another list, of which nothing is proven.
 */
static void start(struct invoices *inv)
{
	inv->went_back = false;
	inv->is_proven = false;
	inv->caught_up = false;
	inv->seeking = false;
	call(inv, "getinfo", json_object(), NULL, on_info, 0);
}

static void on_up(void *userdata)
{
	start(userdata);
}

static void on_down(void *userdata, const char *why)
{
	struct invoices *inv = userdata;

	(void)sd_event_source_set_enabled(inv->timer, SD_EVENT_OFF);
	/* It was not stored, so the node will be asked for it again. */
	json_decref(inv->held);
	inv->held = NULL;
	set_following(inv, false, why);
}

static const struct rpc_ops rpc_ops = {
	.up = on_up,
	.down = on_down,
};

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct invoices *inv = userdata;

	(void)source;
	(void)usec;

	if (inv->asking)
		rpc_fail(inv->rpc, "the node has stopped to answer");
	else if (inv->held != NULL)
		deliver(inv);
	else
		start(inv);
	return 0;
}

static uint64_t choose_wait_s(uint64_t max_age_ms)
{
	uint64_t s = max_age_ms / 1000;

	if (s < WAIT_MIN_S + WAIT_MARGIN_S)
		return WAIT_MIN_S;
	if (s > WAIT_MAX_S + WAIT_MARGIN_S)
		return WAIT_MAX_S;
	return s - WAIT_MARGIN_S;
}

int invoices_new(sd_event *event, struct rpc *rpc, uint64_t max_age_ms,
	const struct invoices_ops *ops, void *userdata, struct invoices **ret)
{
	_cleanup_(invoices_freep) struct invoices *inv = NULL;
	int r;

	inv = calloc(1, sizeof(*inv));
	if (inv == NULL)
		return -ENOMEM;

	inv->ops = ops;
	inv->userdata = userdata;
	inv->wait_s = choose_wait_s(max_age_ms);
	r = sd_event_add_time_relative(
		event, &inv->timer, CLOCK_BOOTTIME, 0, 0, on_timer, inv);
	if (r < 0)
		return r;
	r = sd_event_source_set_enabled(inv->timer, SD_EVENT_OFF);
	if (r < 0)
		return r;
	r = rpc_join(rpc, &rpc_ops, inv);
	if (r != 0)
		return err_fold(r);
	inv->rpc = rpc;

	*ret = steal_ptr(&inv);
	return 0;
}

struct invoices *invoices_free(struct invoices *inv)
{
	if (inv == NULL)
		return NULL;

	if (inv->rpc != NULL)
		rpc_leave(inv->rpc, inv);
	sd_event_source_disable_unref(inv->timer);
	json_decref(inv->held);
	free(inv);
	return NULL;
}

bool invoices_is_following(const struct invoices *inv)
{
	return inv->following;
}

const char *invoices_node_id(const struct invoices *inv)
{
	return inv->node_id;
}

const char *invoices_node_alias(const struct invoices *inv)
{
	return inv->alias;
}

uint64_t invoices_position(const struct invoices *inv)
{
	return inv->position;
}
