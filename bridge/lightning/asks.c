/* SPDX-License-Identifier: MIT */

#include "lightning/asks.h"

#include <stdio.h>
#include <string.h>

#include "lightning/hold.h"
#include "util/clock.h"

enum {
	/* The rest of an RPC's calls is for polls, and for others. */
	ASKS_SENT_MAX = 8,
	/* They may take minutes, and what is held has seconds. */
	ASKS_REFUNDS_MAX = 2,
	OUTCOME_SIZE = 16,
	WHY_SIZE = 256,
};

enum ask_kind {
	ASK_TAKE,
	ASK_DECIDE,
	ASK_REFUND,
};

/* Something asked of the plugin for one payment: waits, then is out. */
struct ask {
	struct ask *next;
	struct asks *asks;
	enum ask_kind kind;
	bool is_sent;
	uint64_t sent_ms;
	char payment_hash[INVOICES_HASH_SIZE];
	bool flag; /* ASK_TAKE: keeps; ASK_DECIDE: settle */
	uint64_t msat;
	char outcome[OUTCOME_SIZE];
	char why[WHY_SIZE];
};

static void finish(struct ask *ask)
{
	struct asks *asks = ask->asks;
	struct ask **p = &asks->first;

	while (*p != ask)
		p = &(*p)->next;
	*p = ask->next;
	asks->n--;
	asks->n_sent -= ask->is_sent;
	asks->n_refunds -= ask->is_sent && ask->kind == ASK_REFUND;
}

static void on_taken(const struct ask *ask, const struct rpc_answer *answer)
{
	const struct asks *asks = ask->asks;
	const json_t *left = json_object_get(answer->result, "left_ms");
	uint64_t until_ms = 0;

	/* Counted from when it was asked: the answer may have come slowly. */
	if (answer->status == 0 && json_is_integer(left) &&
		json_integer_value(left) > 0)
		until_ms = ask->sent_ms + (uint64_t)json_integer_value(left);
	asks->ops->taken(asks->userdata, ask->payment_hash, until_ms);
}

static void on_decided(const struct ask *ask, const struct rpc_answer *answer)
{
	const struct asks *asks = ask->asks;
	enum holds_state state;

	if (answer->status == 0 &&
		hold_read_state(
			json_object_get(answer->result, "state"), &state))
		asks->ops->decided(asks->userdata, ask->payment_hash, state);
}

/*
 * Only what the plugin itself refuses was not paid for sure: a plugin that died
 * over it, or is not there now, may have paid before.
 */
static int refusal(int code)
{
	switch (code) {
	case HOLD_RETURNED:
		return HOLDS_E_RETURNED;
	case HOLD_NOT_OURS:
	case HOLD_NOT_RECEIVED:
	case HOLD_HAD:
	case HOLD_NO_WAY_BACK:
	case HOLD_DAILY_LIMIT:
	case HOLD_FAILED:
	case HOLD_BAD_PARAMS:
		return HOLDS_E_REFUSED;
	case HOLD_UNDER_WAY:
	default:
		return HOLDS_E_UNKNOWN;
	}
}

static void on_refunded(const struct ask *ask, const struct rpc_answer *answer)
{
	const struct asks *asks = ask->asks;
	const char *state =
		json_string_value(json_object_get(answer->result, "state"));
	const char *why = "the node's plugin did not answer";
	uint64_t msat = 0;
	int status = HOLDS_E_UNKNOWN;

	if (answer->status == RPC_E_NODE) {
		why = answer->message;
		status = refusal(answer->code);
	} else if (answer->status == 0 && state != NULL &&
		   strcmp(state, "paid") == 0) {
		why = "";
		status = 0;
		(void)invoice_read_msat(
			json_object_get(answer->result, "amount_msat"), &msat);
	}
	asks->ops->refunded(
		asks->userdata, ask->payment_hash, status, msat, why);
}

static void answer(struct ask *ask, const struct rpc_answer *result)
{
	finish(ask);
	switch (ask->kind) {
	case ASK_TAKE:
		on_taken(ask, result);
		break;
	case ASK_DECIDE:
		on_decided(ask, result);
		break;
	case ASK_REFUND:
		on_refunded(ask, result);
		break;
	}
}

static void on_answer(void *userdata, const struct rpc_answer *result)
{
	_cleanup_(freep) struct ask *ask = userdata;
	struct asks *asks = ask->asks;

	answer(ask, result);
	asks_flush(asks);
}

/* NULL: no memory. */
static json_t *refund_params(const struct ask *ask)
{
	/* What is left out is not asked for: without it, all goes back. */
	return ask->msat == 0
		       ? json_pack("{s:s, s:s}", "car", ask->asks->car,
				 "payment_hash", ask->payment_hash)
		       : json_pack("{s:s, s:s, s:I}", "car", ask->asks->car,
				 "payment_hash", ask->payment_hash,
				 "amount_msat", (json_int_t)ask->msat);
}

static int send_ask(struct ask *ask)
{
	struct asks *asks = ask->asks;
	const char *car = asks->car;

	switch (ask->kind) {
	case ASK_TAKE:
		return rpc_call(asks->rpc, "1sat2flash-take",
			json_pack("{s:s, s:s, s:s, s:b}", "car", car, "boot",
				asks->boot, "payment_hash", ask->payment_hash,
				"keeps", ask->flag),
			on_answer, ask);
	case ASK_DECIDE:
		return rpc_call(asks->rpc, "1sat2flash-done",
			json_pack("{s:s, s:s, s:s, s:s, s:s}", "car", car,
				"payment_hash", ask->payment_hash, "verdict",
				ask->flag ? "settle" : "return", "outcome",
				ask->outcome, "why", ask->why),
			on_answer, ask);
	case ASK_REFUND:
		break;
	}

	return rpc_call(asks->rpc, "1sat2flash-refund", refund_params(ask),
		on_answer, ask);
}

void asks_flush(struct asks *asks)
{
	for (struct ask *ask = asks->first;
		ask != NULL && asks->n_sent < ASKS_SENT_MAX; ask = ask->next) {
		if (ask->is_sent ||
			(ask->kind == ASK_REFUND &&
				asks->n_refunds == ASKS_REFUNDS_MAX))
			continue;
		ask->sent_ms = clock_boottime_ms();
		/* Without memory, too, it is tried again with the next. */
		if (send_ask(ask) != 0)
			return;
		ask->is_sent = true;
		asks->n_sent++;
		asks->n_refunds += ask->kind == ASK_REFUND;
	}
}

/* What has seconds always finds room; what is asked again anyway, less. */
static size_t room_for(enum ask_kind kind)
{
	switch (kind) {
	case ASK_TAKE:
		return HOLDS_ASKS_MAX;
	case ASK_DECIDE:
		return HOLDS_VERDICTS_MAX;
	case ASK_REFUND:
		break;
	}

	return HOLDS_REFUNDS_MAX;
}

static int add(struct asks *asks, const struct ask *filled)
{
	size_t room = room_for(filled->kind);
	struct ask *ask, **p = &asks->first;

	for (; *p != NULL; p = &(*p)->next)
		if ((*p)->kind == filled->kind &&
			strcmp((*p)->payment_hash, filled->payment_hash) == 0)
			return 0;
	if (asks->n >= room)
		return HOLDS_E_FULL;
	ask = malloc(sizeof(*ask));
	if (ask == NULL)
		return HOLDS_E_FULL;
	*ask = *filled;
	ask->asks = asks;
	*p = ask;
	asks->n++;
	asks_flush(asks);
	return 0;
}

static void fill(struct ask *ask, const char *payment_hash)
{
	(void)snprintf(ask->payment_hash, sizeof(ask->payment_hash), "%s",
		payment_hash);
}

int asks_take(struct asks *asks, const char *payment_hash, bool keeps)
{
	struct ask ask = { .kind = ASK_TAKE, .flag = keeps };

	fill(&ask, payment_hash);
	return add(asks, &ask);
}

int asks_decide(struct asks *asks, const char *payment_hash, bool settle,
	const char *outcome, const char *why)
{
	struct ask ask = { .kind = ASK_DECIDE, .flag = settle };

	fill(&ask, payment_hash);
	(void)snprintf(ask.outcome, sizeof(ask.outcome), "%s", outcome);
	(void)snprintf(ask.why, sizeof(ask.why), "%s", why);
	return add(asks, &ask);
}

int asks_refund(struct asks *asks, const char *payment_hash, uint64_t msat)
{
	struct ask ask = { .kind = ASK_REFUND, .msat = msat };

	fill(&ask, payment_hash);
	return add(asks, &ask);
}

void asks_lose(struct asks *asks)
{
	static const struct rpc_answer lost = { .status = RPC_E_LOST };

	while (asks->first != NULL) {
		_cleanup_(freep) struct ask *ask = asks->first;

		answer(ask, &lost);
	}
}

void asks_deinit(struct asks *asks)
{
	while (asks->first != NULL) {
		_cleanup_(freep) struct ask *ask = asks->first;

		asks->first = ask->next;
		if (ask->is_sent)
			rpc_leave(asks->rpc, ask);
	}
}
