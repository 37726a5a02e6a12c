/* SPDX-License-Identifier: MIT */

/* An invoice is fetched, stored, paid, and what became of it recorded. */

#include "node/refund_job.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/mark.h"
#include "node/node.h"
#include "util/amount.h"
#include "util/clock.h"
#include "util/point.h"

enum {
	/* An invoice is paid again only while there is time for it. */
	EXPIRY_MARGIN_S = 60,
	EXPIRY_DEFAULT_S = 7200, /* BOLT 12 */
};

/* Errors of lightningd: lightning 3, common/jsonrpc_errors.h. */
enum {
	NODE_E_METHOD = -32601,
	NODE_E_PARAMS = -32602,
	NODE_E_DESTINATION = 203,
	NODE_E_NO_ROUTE = 205,
	NODE_E_EXPIRED = 207,
	NODE_E_OTHER = 209, /* xpay gave up */
	NODE_E_STORE_EXISTS = 1202,
	NODE_E_STORE_NONE = 1203,
	NODE_E_STORE_GENERATION = 1204,
};

static bool has_time_left(const struct refund_record *record)
{
	return record->expires_s - clock_wall_s() > EXPIRY_MARGIN_S;
}

/* --- an invoice to pay ---------------------------------------------------- */

enum refund_next refund_on_name(
	struct refund_job *job, const struct rpc_answer *answer)
{
	const json_t *instructions =
		json_object_get(answer->result, "instructions");
	json_t *instruction;
	size_t i;

	if (answer->status != 0)
		return refund_fail(job, answer, job->back.text);
	json_array_foreach (instructions, i, instruction) {
		if (way_back_find(refund_get_text(instruction, "offer"),
			    &job->offer) &&
			job->offer.kind == WAY_BACK_OFFER) {
			job->step = REFUND_FETCH;
			return REFUND_GO;
		}
	}
	return refund_refuse(job, REFUND_E_FAILED,
		"%.100s has no BOLT 12 offer; nothing was paid",
		job->back.text);
}

enum refund_next refund_on_fetch(
	struct refund_job *job, const struct rpc_answer *answer)
{
	static const char prefix[] = "lni1";
	const char *text = refund_get_text(answer->result, "invoice");

	if (answer->status != 0 || text == NULL ||
		strlen(text) > REFUND_INVOICE_MAX ||
		strncmp(text, prefix, sizeof(prefix) - 1) != 0)
		return refund_fail(job, answer, "the offer of the payer");
	free(job->record.invoice);
	job->record.invoice = strdup(text);
	if (job->record.invoice == NULL)
		return refund_refuse(job, REFUND_E_FAILED, "no memory");
	point("refund-fetched");
	job->step = REFUND_DECODE;
	return REFUND_GO;
}

/* The invoice is what was asked for, and not what somebody made of it. */
enum refund_next refund_on_decode(
	struct refund_job *job, const struct rpc_answer *answer)
{
	const json_t *result = answer->result;
	const char *type = refund_get_text(result, "type");
	const char *hash = refund_get_text(result, "invoice_payment_hash");
	uint64_t msat = refund_get_msat(result, "invoice_amount_msat");
	const json_t *created = json_object_get(result, "invoice_created_at");
	const json_t *lasts =
		json_object_get(result, "invoice_relative_expiry");
	json_int_t lasts_s =
		lasts == NULL ? EXPIRY_DEFAULT_S : json_integer_value(lasts);
	json_int_t created_s = json_integer_value(created);

	if (answer->status != 0 || type == NULL ||
		strcmp(type, "bolt12 invoice") != 0 ||
		!json_is_true(json_object_get(result, "valid")) ||
		hash == NULL || !mark_is_hash(hash) || created_s <= 0 ||
		created_s > UINT32_MAX || lasts_s <= 0 || lasts_s > UINT32_MAX)
		return refund_fail(
			job, answer, "the invoice that the payer sent");
	if (msat == 0 || msat > job->amount_msat)
		return refund_refuse(job, REFUND_E_FAILED,
			"the payer's invoice is for %" PRIu64 " msat, not for "
			"the %" PRIu64 " it was asked for; nothing was paid",
			msat, job->amount_msat);
	if (strcmp(hash, job->payment_hash) == 0)
		return refund_refuse(job, REFUND_E_FAILED,
			"the payer's offer is his payment itself; nothing "
			"was paid");

	job->record.state = REFUND_PAYING;
	job->record.to = job->back.kind;
	job->record.amount_msat = msat;
	job->record.fee_msat = job->fee_msat;
	job->record.at_s = job->reserved_s;
	job->record.expires_s = created_s + lasts_s;
	memcpy(job->record.car, job->car, sizeof(job->record.car));
	memcpy(job->record.payment_hash, hash,
		sizeof(job->record.payment_hash));
	job->step = REFUND_INDEX;
	if (!has_time_left(&job->record))
		return refund_refuse(job, REFUND_E_FAILED,
			"the payer's invoice has expired; nothing was paid");
	return REFUND_GO;
}

/* --- what became of a try? ------------------------------------------------ */

enum fate {
	NOTHING, /* tried, or not: nothing of it is left */
	PENDING, /* or nobody can say */
	COMPLETE,
};

static enum fate read_fate(const json_t *pays, uint64_t *ret_sent_msat)
{
	enum fate fate = NOTHING;
	json_t *pay;
	size_t i;

	if (!json_is_array(pays))
		return PENDING;
	json_array_foreach (pays, i, pay) {
		const char *status = refund_get_text(pay, "status");

		if (status != NULL && strcmp(status, "complete") == 0) {
			*ret_sent_msat =
				refund_get_msat(pay, "amount_sent_msat");
			return COMPLETE;
		}
		if (status == NULL || strcmp(status, "failed") != 0)
			fate = PENDING;
	}
	return fate;
}

/* It is paid; the fee is no longer a guess, if the node says what it sent. */
static enum refund_next become_paid(struct refund_job *job, uint64_t sent_msat)
{
	uint64_t cost_msat;

	if (sent_msat >= job->record.amount_msat)
		job->record.fee_msat = sent_msat - job->record.amount_msat;
	cost_msat = job->record.amount_msat + job->record.fee_msat;
	job->record.state = REFUND_PAID;
	free(steal_ptr(&job->record.invoice));
	/* What is left of what was reserved is not spent. */
	job->reserved_msat -= clock_earlier(job->reserved_msat, cost_msat);
	job->backoff_ms = 0;
	job->step = REFUND_RECORD;
	return REFUND_GO;
}

enum refund_next refund_on_look(
	struct refund_job *job, const struct rpc_answer *answer)
{
	uint64_t sent_msat = 0;

	if (answer->status != 0)
		return refund_wait_for(
			job, "the node does not say whether it is paid");
	switch (read_fate(
		json_object_get(answer->result, "pays"), &sent_msat)) {
	case COMPLETE:
		return become_paid(job, sent_msat);
	case PENDING:
		return refund_wait_for(job, "the refund is on its way");
	case NOTHING:
		break;
	}
	if (!job->has_failed && clock_boottime_ms() < job->quiet_ms)
		return refund_wait_for(job, "the refund may be on its way");
	if (!job->has_failed && has_time_left(&job->record)) {
		job->step = REFUND_PAY;
		return REFUND_GO;
	}
	/* Nobody takes money for an invoice that is so old. */
	if (!job->has_failed &&
		job->record.expires_s + REFUND_QUIET_MS / 1000 > clock_wall_s())
		return refund_wait_for(
			job, "the refund's invoice has to expire");
	if (!job->has_failed)
		(void)snprintf(job->why, sizeof(job->why),
			"the refund's invoice has expired");
	job->record.state = REFUND_FAILED;
	job->step = REFUND_RECORD;
	return REFUND_GO;
}

/* The refund failed once: only if nothing of it is left is there another. */
enum refund_next refund_on_old(
	struct refund_job *job, const struct rpc_answer *answer)
{
	uint64_t sent_msat = 0;

	if (answer->status != 0)
		return refund_fail(job, answer, "the payments of the node");
	switch (read_fate(
		json_object_get(answer->result, "pays"), &sent_msat)) {
	case COMPLETE:
		return become_paid(job, sent_msat);
	case PENDING:
		return refund_refuse(job, REFUND_E_UNDER_WAY,
			"an earlier refund of it is on its way yet");
	case NOTHING:
		break;
	}
	if (has_time_left(&job->record) &&
		job->record.amount_msat == job->amount_msat &&
		job->record.fee_msat <= job->fee_msat) {
		job->record.state = REFUND_PAYING;
		job->record.at_s = job->reserved_s;
		job->step = REFUND_INDEX;
		return REFUND_GO;
	}
	job->step = REFUND_NAME;
	return REFUND_GO;
}

/* --- stored, paid, recorded ----------------------------------------------- */

enum refund_next refund_on_indexed(
	struct refund_job *job, const struct rpc_answer *answer)
{
	if (answer->status != 0)
		return refund_fail(job, answer, "the node's datastore");
	job->step = REFUND_STORE;
	return REFUND_GO;
}

enum refund_next refund_on_stored(
	struct refund_job *job, const struct rpc_answer *answer)
{
	const json_t *generation =
		json_object_get(answer->result, "generation");

	if (answer->status == RPC_E_NODE &&
		(answer->code == NODE_E_STORE_EXISTS ||
			answer->code == NODE_E_STORE_NONE ||
			answer->code == NODE_E_STORE_GENERATION))
		return refund_refuse(job, REFUND_E_UNDER_WAY,
			"somebody else has begun this refund");
	if (answer->status == RPC_E_NODE)
		return refund_fail(job, answer, "the node's datastore");
	if (answer->status != 0) {
		/* It may be there: as after a crash, then. */
		job->has_record = false;
		job->step = REFUND_LOAD;
		return refund_wait_for(
			job, "the node did not say that it is stored");
	}
	point("refund-stored");
	job->has_record = true;
	job->generation = (uint64_t)json_integer_value(generation);
	job->step = REFUND_PAY;
	return REFUND_GO;
}

/* May what xpay said be the last word, as soon as nothing is pending? */
static bool is_final(const struct rpc_answer *answer)
{
	static const int codes[] = { NODE_E_METHOD, NODE_E_PARAMS,
		NODE_E_DESTINATION, NODE_E_NO_ROUTE, NODE_E_EXPIRED,
		NODE_E_OTHER };

	if (answer->status == RPC_E_NODE)
		for (size_t i = 0; i < ARRAY_SIZE(codes); i++)
			if (answer->code == codes[i])
				return true;
	return false;
}

enum refund_next refund_on_paid(
	struct refund_job *job, const struct rpc_answer *answer)
{
	if (answer->status == 0 &&
		refund_get_text(answer->result, "payment_preimage") != NULL) {
		point("refund-paid");
		return become_paid(job,
			refund_get_msat(answer->result, "amount_sent_msat"));
	}

	/* What has been sent is asked for in any case. */
	job->has_failed = is_final(answer);
	job->quiet_ms = clock_boottime_ms() + REFUND_QUIET_MS;
	refund_explain(answer, "the refund", job->why);
	job->step = REFUND_LOOK;
	return REFUND_GO;
}

static void tell_paid(struct refund_job *job)
{
	const struct refund_record *record = &job->record;
	char amount[AMOUNT_TEXT_SIZE];

	amount_print(record->amount_msat, amount);
	plugin_log(job->refunds->node->plugin, PLUGIN_INFO,
		"%s: %s went back to the payer of %s", record->car, amount,
		job->payment_hash);
	refunds_tell(job->refunds, job);
	if (job->request == NULL)
		return;
	plugin_answer(steal_ptr(&job->request),
		json_pack("{s:s, s:s, s:I, s:I, s:s}", "payment_hash",
			job->payment_hash, "state", "paid", "amount_msat",
			(json_int_t)record->amount_msat, "fee_msat",
			(json_int_t)record->fee_msat, "to",
			record->to == WAY_BACK_NAME ? "name" : "offer"));
}

enum refund_next refund_on_recorded(
	struct refund_job *job, const struct rpc_answer *answer)
{
	/* Only we write it: what the node has is what we sent before. */
	if (answer->status != 0)
		return REFUND_WAIT;
	point("refund-recorded");
	if (job->record.state == REFUND_FAILED)
		return refund_refuse(job, REFUND_E_FAILED,
			"%.200s; nothing was paid", job->why);
	tell_paid(job);
	return refund_end(job);
}
