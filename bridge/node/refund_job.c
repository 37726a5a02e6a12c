/* SPDX-License-Identifier: MIT */

#include "node/refund_job.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/node.h"
#include "util/bytes.h"
#include "util/clock.h"
#include "util/point.h"

enum {
	SHORT_MS = 30 * 1000,
	NAME_MS = 60 * 1000,
	FETCH_S = 30,
	FETCH_MS = (FETCH_S + 15) * 1000,
	PAY_MS = (REFUND_TRY_S + 30) * 1000,
};

/* --- ends ----------------------------------------------------------------- */

enum refund_next refund_end(struct refund_job *job)
{
	refunds_end(job->refunds, job);
	return REFUND_ENDED;
}

enum refund_next refund_refuse(
	struct refund_job *job, int code, const char *format, ...)
{
	char text[REFUND_WHY_SIZE], why[REFUND_WHY_SIZE];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	/* Foreign words may be in it, and cut. */
	text_printable(text, why, sizeof(why));
	if (job->request != NULL)
		plugin_refuse(steal_ptr(&job->request), code, "%s", why);
	else
		plugin_log(job->refunds->node->plugin, PLUGIN_UNUSUAL,
			"refund of %s: %s", job->payment_hash, why);
	return refund_end(job);
}

enum refund_next refund_wait_for(struct refund_job *job, const char *why)
{
	if (job->request != NULL)
		plugin_refuse(steal_ptr(&job->request), REFUND_E_UNDER_WAY,
			"%s; it is looked after, ask again later", why);
	return REFUND_WAIT;
}

void refund_explain(const struct rpc_answer *answer, const char *what,
	char ret[static REFUND_WHY_SIZE])
{
	char said[REFUND_WHY_SIZE - 80];

	text_printable(answer->status == RPC_E_NODE
			       ? answer->message
			       : "no answer that could be understood",
		said, sizeof(said));
	(void)snprintf(ret, REFUND_WHY_SIZE, "%.64s: %s", what, said);
}

enum refund_next refund_fail(struct refund_job *job,
	const struct rpc_answer *answer, const char *what)
{
	char why[REFUND_WHY_SIZE];

	refund_explain(answer, what, why);
	return refund_refuse(
		job, REFUND_E_FAILED, "%.200s; nothing was paid", why);
}

/* --- reading what the node says ------------------------------------------- */

const json_t *refund_first_of(const json_t *result, const char *name)
{
	return json_array_get(json_object_get(result, name), 0);
}

const char *refund_get_text(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

uint64_t refund_get_msat(const json_t *object, const char *name)
{
	json_int_t msat = json_integer_value(json_object_get(object, name));

	return msat > 0 ? (uint64_t)msat : 0;
}

/* --- the conversation ----------------------------------------------------- */

static const struct {
	const char *method;
	uint64_t timeout_ms;
	enum refund_next (*on_answer)(
		struct refund_job *job, const struct rpc_answer *answer);
} steps[] = {
	[REFUND_LOAD] = { "listdatastore", SHORT_MS, refund_on_load },
	[REFUND_INVOICE] = { "listinvoices", SHORT_MS, refund_on_invoice },
	[REFUND_LABEL] = { "listoffers", SHORT_MS, refund_on_label },
	[REFUND_OLD] = { "listpays", SHORT_MS, refund_on_old },
	[REFUND_NAME] = { "fetchbip353", NAME_MS, refund_on_name },
	[REFUND_FETCH] = { "fetchinvoice", FETCH_MS, refund_on_fetch },
	[REFUND_DECODE] = { "decode", SHORT_MS, refund_on_decode },
	[REFUND_INDEX] = { "datastore", SHORT_MS, refund_on_indexed },
	[REFUND_STORE] = { "datastore", SHORT_MS, refund_on_stored },
	[REFUND_PAY] = { "xpay", PAY_MS, refund_on_paid },
	[REFUND_LOOK] = { "listpays", SHORT_MS, refund_on_look },
	[REFUND_RECORD] = { "datastore", SHORT_MS, refund_on_recorded },
};

static json_t *index_params(const struct refund_job *job)
{
	json_t *open = refunds_open(job->refunds);
	char *text = open == NULL
			     ? NULL
			     : refund_index_print(&job->refunds->spent, open);
	json_t *params = text == NULL
				 ? NULL
				 : json_pack("{s:[s, s], s:s, s:s}", "key",
					   "1sat2flash", "refunds", "string",
					   text, "mode", "create-or-replace");

	free(text);
	json_decref(open);
	return params;
}

static json_t *record_params(const struct refund_job *job)
{
	char *text = refund_record_print(&job->record);
	bool is_new = !job->has_record;
	/* What became of it is said in any case, if the entry was deleted. */
	const char *mode = job->step == REFUND_RECORD ? "create-or-replace"
			   : is_new                   ? "must-create"
						      : "must-replace";
	json_t *params = text == NULL ? NULL
				      : json_pack("{s:[s, s, s], s:s, s:s}",
						"key", "1sat2flash", "refund",
						job->payment_hash, "string",
						text, "mode", mode);

	free(text);
	/* One that failed is replaced only as it was read. */
	if (params != NULL && job->step == REFUND_STORE && !is_new &&
		json_object_set_new(params, "generation",
			json_integer((json_int_t)job->generation)) != 0) {
		json_decref(params);
		return NULL;
	}
	return params;
}

/* NULL without memory. */
static json_t *make_params(const struct refund_job *job)
{
	const struct refund_record *record = &job->record;

	switch (job->step) {
	case REFUND_LOAD:
		return json_pack("{s:[s, s, s]}", "key", "1sat2flash", "refund",
			job->payment_hash);
	case REFUND_INVOICE:
		return json_pack("{s:s}", "payment_hash", job->payment_hash);
	case REFUND_LABEL:
		return json_pack("{s:s}", "offer_id", job->offer_id);
	case REFUND_OLD:
	case REFUND_LOOK:
		return json_pack("{s:s}", "payment_hash", record->payment_hash);
	case REFUND_NAME:
		return json_pack("{s:s}", "address", job->back.text);
	case REFUND_FETCH:
		return json_pack("{s:s, s:I, s:i, s:s*}", "offer",
			job->offer.text, "amount_msat",
			(json_int_t)job->amount_msat, "timeout", FETCH_S,
			"bip353",
			job->back.kind == WAY_BACK_NAME ? job->back.text
							: NULL);
	case REFUND_DECODE:
		return json_pack("{s:s}", "string", record->invoice);
	case REFUND_INDEX:
		return index_params(job);
	case REFUND_STORE:
	case REFUND_RECORD:
		return record_params(job);
	case REFUND_PAY:
		return json_pack("{s:s, s:I, s:i}", "invstring",
			record->invoice, "maxfee", (json_int_t)record->fee_msat,
			"retry_for", REFUND_TRY_S);
	}
	abort();
}

static void go_later(struct refund_job *job)
{
	job->backoff_ms = refunds_back_off(job->backoff_ms);
	job->due_ms = clock_boottime_ms() + job->backoff_ms;
}

static void on_answer(void *userdata, const struct rpc_answer *answer)
{
	struct refund_job *job = userdata;
	struct refunds *refunds = job->refunds;

	job->call = NULL;
	switch (steps[job->step].on_answer(job, answer)) {
	case REFUND_GO:
		job->due_ms = 0;
		refund_job_go(job);
		break;
	case REFUND_WAIT:
		go_later(job);
		break;
	case REFUND_ENDED:
		break;
	}
	refunds_pump(refunds);
}

void refund_job_go(struct refund_job *job)
{
	int r;

	if (job->step == REFUND_NAME && job->back.kind == WAY_BACK_OFFER) {
		job->offer = job->back;
		job->step = REFUND_FETCH;
	}
	r = calls_make(job->refunds->node->calls, steps[job->step].method,
		make_params(job), steps[job->step].timeout_ms, on_answer, job,
		&job->call);
	if (r != 0)
		go_later(job);
	else if (job->step == REFUND_PAY)
		point("refund-sent");
}
