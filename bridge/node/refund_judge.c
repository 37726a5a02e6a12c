/* SPDX-License-Identifier: MIT */

/* Is there anything to be paid back, and how much: asks and judges. */

#include "node/refund_job.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "node/claim.h"
#include "node/mark.h"
#include "node/node.h"
#include "node/offers.h"
#include "util/amount.h"
#include "util/clock.h"

enum {
	FEE_FREE_MSAT = 5000, /* as xpay: 1 %, or 5 sat */
};

/* --- is there a record? --------------------------------------------------- */

static enum refund_next adopt(struct refund_job *job, const char *text)
{
	int r;

	refund_record_deinit(&job->record);
	r = text == NULL ? -EINVAL : refund_record_read(text, &job->record);
	if (r == -ENOMEM)
		return refund_wait_for(
			job, "no memory for the refund's record");
	if (r < 0)
		return refund_refuse(job, REFUND_E_UNDER_WAY,
			"the datastore's entry [1sat2flash,refund,%s] is not "
			"what this plugin wrote",
			job->payment_hash);

	switch (job->record.state) {
	case REFUND_PAID:
		if (job->request == NULL)
			return refund_end(job);
		return refund_refuse(job, REFUND_E_RETURNED,
			"this payment was returned before");
	case REFUND_FAILED:
		if (job->request == NULL)
			return refund_end(job);
		job->has_record = true;
		job->step = REFUND_INVOICE;
		return REFUND_GO;
	case REFUND_PAYING:
		break;
	}
	/* Begun by an earlier process, or stored without our hearing of it. */
	if (job->reserved_msat == 0) {
		job->reserved_s = job->record.at_s;
		job->reserved_msat =
			job->record.amount_msat + job->record.fee_msat;
		/* What the index lists, its sums have counted. */
		if (!job->is_listed)
			refund_spent_add(&job->refunds->spent, job->reserved_s,
				job->reserved_msat);
	}
	job->has_record = true;
	job->has_failed = false;
	job->quiet_ms = job->refunds->born_ms + REFUND_QUIET_MS;
	job->step = REFUND_LOOK;
	return REFUND_GO;
}

enum refund_next refund_on_load(
	struct refund_job *job, const struct rpc_answer *answer)
{
	const json_t *entry = refund_first_of(answer->result, "datastore");
	const json_t *generation = json_object_get(entry, "generation");

	if (answer->status != 0 ||
		!json_is_array(json_object_get(answer->result, "datastore")))
		return job->request == NULL ? REFUND_WAIT
					    : refund_fail(job, answer,
						      "the node's datastore");
	if (entry == NULL && job->request == NULL)
		return refund_end(job);
	if (entry == NULL) {
		job->step = REFUND_INVOICE;
		return REFUND_GO;
	}
	job->generation = (uint64_t)json_integer_value(generation);
	return adopt(job, refund_get_text(entry, "string"));
}

/* --- what was paid? ------------------------------------------------------- */

/*
 * How much may go back, by what was decided.  Of what was earned, that is the
 * deposit; what a car has taken, and said nothing of, nobody knows.
 */
static enum refund_next choose_amount(
	struct refund_job *job, uint64_t deposit_msat)
{
	uint64_t max_msat = job->received_msat, free_msat;
	struct mark_state state;
	char text[AMOUNT_TEXT_SIZE];
	int r;

	r = mark_read(
		job->refunds->node->state.marks_fd, job->payment_hash, &state);
	if (r < 0)
		return refund_refuse(job, REFUND_E_FAILED,
			"what was decided about it cannot be read: %s; "
			"nothing was paid",
			strerror(-r));
	if (mark_is_taken(state.mark))
		return refund_refuse(job, REFUND_E_EARNED,
			"%s took it and has not said what became of it; "
			"1sat2flash-done can say so",
			job->car);

	/* 1 % is room for the way; nothing where exactly so much is due. */
	job->amount_msat = job->received_msat - (job->received_msat + 99) / 100;
	if (state.mark == MARK_SETTLE) {
		if (deposit_msat == 0)
			return refund_refuse(job, REFUND_E_EARNED,
				"%s did what was paid for", job->car);
		max_msat = clock_earlier(deposit_msat, max_msat);
		job->amount_msat = max_msat;
	}
	if (job->asked_msat != 0)
		job->amount_msat = job->asked_msat;
	amount_print(max_msat, text);
	if (job->amount_msat > max_msat && state.mark == MARK_SETTLE)
		return refund_refuse(job, REFUND_E_EARNED,
			"%s did what was paid for: at most the deposit, %s, "
			"can go back",
			job->car, text);
	if (job->amount_msat > max_msat)
		return refund_refuse(job, PLUGIN_E_PARAMS,
			"amount_msat: only %s were received", text);
	if (job->amount_msat == 0)
		return refund_refuse(job, REFUND_E_FAILED,
			"%s are too little to send; nothing was paid", text);

	free_msat = job->amount_msat / 100;
	if (free_msat < FEE_FREE_MSAT)
		free_msat = FEE_FREE_MSAT;
	job->fee_msat =
		clock_earlier(job->received_msat - job->amount_msat, free_msat);
	job->step = REFUND_NAME;
	return REFUND_GO;
}

/* It is within the day's limit, and counted from now on. */
static bool reserve(struct refund_job *job)
{
	struct refunds *refunds = job->refunds;
	int64_t now_s = clock_wall_s();
	int64_t daily_sat = refunds->node->refund_daily_sat;
	uint64_t msat = job->amount_msat + job->fee_msat;
	uint64_t spent_msat = refund_spent_sum(&refunds->spent, now_s);
	uint64_t limit_msat;

	if (daily_sat <= 0 ||
		__builtin_mul_overflow((uint64_t)daily_sat, 1000, &limit_msat))
		limit_msat = daily_sat <= 0 ? 0 : UINT64_MAX;
	if (spent_msat > limit_msat || msat > limit_msat - spent_msat)
		return false;

	job->reserved_s = now_s;
	job->reserved_msat = msat;
	refund_spent_add(&refunds->spent, now_s, msat);
	return true;
}

/* The last of what can be judged before anybody else is asked. */
static enum refund_next judge(struct refund_job *job, uint64_t deposit_msat)
{
	enum refund_next next;

	if (*job->asked_car != '\0' && strcmp(job->asked_car, job->car) != 0)
		return refund_refuse(job, REFUND_E_NOT_OURS,
			"this was no payment for %s", job->asked_car);
	next = choose_amount(job, deposit_msat);
	if (next == REFUND_ENDED)
		return next;
	if (*job->back.text == '\0')
		return refund_refuse(job, REFUND_E_NO_WAY,
			"the payer's note names no BOLT 12 offer and no "
			"BIP 353 name, or more than one");
	if (!reserve(job))
		return refund_refuse(job, REFUND_E_LIMIT,
			"that is more than the refunds of a day may cost, "
			"%" PRId64 " sat; nothing was paid",
			job->refunds->node->refund_daily_sat);
	if (job->has_record)
		job->step = REFUND_OLD;
	return next;
}

/*
 * @offer_id and @action_name may be NULL.  The menu may have changed since the
 * deposit was paid: what the offer took counts, if it is known.
 */
static enum refund_next judge_of(struct refund_job *job,
	const struct car_entry *car, const char *offer_id,
	const char *action_name)
{
	const struct car_offer *offer =
		offer_id == NULL ? NULL : car_find_offer(car, offer_id);
	const struct car_action *action =
		action_name == NULL ? NULL : car_find_action(car, action_name);
	uint64_t deposit_msat = 0;

	if (offer != NULL)
		deposit_msat = offer->deposit_msat;
	else if (action != NULL)
		deposit_msat = action->deposit_msat;
	memcpy(job->car, car->name, sizeof(job->car));
	return judge(job, deposit_msat);
}

/* The invoice of the payment. */
enum refund_next refund_on_invoice(
	struct refund_job *job, const struct rpc_answer *answer)
{
	const struct cars *cars = job->refunds->node->cars;
	const json_t *invoice = refund_first_of(answer->result, "invoices");
	const char *label = refund_get_text(invoice, "label");
	const char *status = refund_get_text(invoice, "status");
	const char *offer_id = refund_get_text(invoice, "local_offer_id");
	const char *description = refund_get_text(invoice, "description");
	const char *hash = refund_get_text(invoice, "payment_hash");
	const char *action = NULL;
	const struct car_entry *car = NULL;
	uint64_t price_msat;

	if (answer->status != 0 ||
		!json_is_array(json_object_get(answer->result, "invoices")))
		return refund_fail(job, answer, "the invoices of the node");
	if (invoice == NULL)
		return refund_refuse(job, REFUND_E_NOT_OURS,
			"the node has no invoice with this payment hash");
	if (label == NULL || status == NULL || hash == NULL ||
		strcmp(hash, job->payment_hash) != 0)
		return refund_fail(job, answer, "the invoice of the payment");
	job->received_msat = refund_get_msat(invoice, "amount_received_msat");
	if (strcmp(status, "paid") != 0 || job->received_msat == 0)
		return refund_refuse(job, REFUND_E_NOT_RECEIVED,
			"this invoice is not paid: the payer has his money");
	(void)way_back_find(
		refund_get_text(invoice, "invreq_payer_note"), &job->back);

	/* Whose it is says its offer, or what has none. */
	if (offer_id != NULL && mark_is_hash(offer_id)) {
		car = cars_find_offer(cars, offer_id, &action, &price_msat);
		if (car == NULL) {
			memcpy(job->offer_id, offer_id, sizeof(job->offer_id));
			job->step = REFUND_LABEL;
			return REFUND_GO;
		}
	} else {
		car = claim_by_label(cars, label);
		if (car == NULL && description != NULL)
			car = claim_by_text(cars, label, description);
	}
	if (car == NULL)
		return refund_refuse(job, REFUND_E_NOT_OURS,
			"no car of this plugin was paid with it");
	return judge_of(job, car, offer_id, action);
}

/*
 * An offer that was dropped from its car long ago still has its label.  Where
 * one car's name begins another's, it is of the longer one.
 */
enum refund_next refund_on_label(
	struct refund_job *job, const struct rpc_answer *answer)
{
	const struct cars *cars = job->refunds->node->cars;
	const json_t *offer = refund_first_of(answer->result, "offers");
	const char *label = refund_get_text(offer, "label");
	const char *id = refund_get_text(offer, "offer_id");
	const struct car_entry *found = NULL;
	char action[CAR_NAME_SIZE], found_action[CAR_NAME_SIZE];

	if (answer->status != 0 ||
		!json_is_array(json_object_get(answer->result, "offers")))
		return refund_fail(job, answer, "the offers of the node");
	if (label != NULL && id != NULL && strcmp(id, job->offer_id) == 0)
		for (size_t i = 0; i < cars_count(cars); i++) {
			const struct car_entry *car = cars_at(cars, i);

			if (!offers_read_label(label, car->name, action) ||
				(found != NULL && strlen(found->name) >
							  strlen(car->name)))
				continue;
			found = car;
			memcpy(found_action, action, sizeof(action));
		}
	if (found == NULL)
		return refund_refuse(job, REFUND_E_NOT_OURS,
			"no car of this plugin was paid with it");
	return judge_of(job, found, NULL, found_action);
}
