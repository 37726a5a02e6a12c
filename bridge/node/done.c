/* SPDX-License-Identifier: MIT */

#include "node/done.h"

#include <stdio.h>
#include <string.h>

#include "node/claim.h"
#include "node/holds.h"
#include "node/methods.h"
#include "node/node.h"
#include "node/payment.h"
#include "node/recent.h"
#include "util/clock.h"
#include "util/point.h"

struct done {
	struct node *node;
	struct done *next;
	struct plugin_request *request;
	char car[CAR_NAME_SIZE];
	char hash[MARK_HASH_SIZE];
	bool settles;
	bool is_decided;
	char outcome[DONE_TEXT_SIZE];
	char why[DONE_TEXT_SIZE];
};

static void done_free(struct done *done)
{
	struct done **p = &done->node->done;

	while (*p != done)
		p = &(*p)->next;
	*p = done->next;
	free(done);
}

void done_end(struct node *node)
{
	while (node->done != NULL)
		done_free(node->done);
}

static void answer(struct done *done, const char *state)
{
	plugin_answer(done->request,
		json_pack("{s:s, s:s}", "mark",
			mark_name(done->settles ? MARK_SETTLE : MARK_RETURN),
			"state", state));
	done_free(done);
	point("done-acknowledged");
}

/* Writes the verdict.  Returns false where it cannot; it is answered then. */
static bool decide(struct done *done)
{
	enum mark mark;
	int r;

	r = holds_decide(done->node->holds, done->hash, done->settles, &mark);
	if (r == HOLDS_E_LOOKING) {
		answer(done, "pending"); /* it is asked again then */
		return false;
	}
	if (r < 0) {
		plugin_refuse(done->request, PLUGIN_E_INTERNAL,
			"It could not be written to the disk of the node: %s.",
			strerror(-r));
		done_free(done);
		return false;
	}

	done->settles = mark == MARK_SETTLE;
	done->is_decided = true;
	recent_say(done->node, done->hash, done->car, done->settles,
		done->outcome, done->why);
	return true;
}

static const char *find_state(
	const struct done *done, const struct payment_invoice *invoice)
{
	const struct node *node = done->node;
	uint64_t now_ms = clock_boottime_ms();
	struct mark_state state;

	if (invoice == NULL)
		return "unpaid"; /* and nobody can pay it any more */
	if (invoice->is_paid)
		return "paid";
	if (holds_find(node->holds, done->hash) != NULL)
		return "pending";
	/* Whatever is replayed is turned away, by us or by the guard. */
	if (!done->settles)
		return "unpaid";
	/*
	 * What settles may not have come to it yet, or is replayed.  A wall
	 * clock that was set back has not made it older.
	 */
	if (now_ms - node->started_ms < DONE_PENDING_MS ||
		(mark_read(node->state.marks_fd, done->hash, &state) == 0 &&
			state.decided_s * 1000 < DONE_PENDING_MS))
		return "pending";

	return "unpaid";
}

static const struct car_entry *find_claimant(
	const struct done *done, const struct payment_invoice *invoice)
{
	const struct cars *cars = done->node->cars;
	const struct car_entry *car = claim_by_label(cars, invoice->label);

	if (car == NULL && invoice->offer_id != NULL)
		car = cars_find_offer(cars, invoice->offer_id, NULL, NULL);
	if (car == NULL && invoice->description != NULL)
		car = claim_by_text(cars, invoice->label, invoice->description);

	return car;
}

/* Is it claimed by another car than the one that speaks? */
static bool is_anothers(
	const struct done *done, const struct payment_invoice *invoice)
{
	const struct car_entry *car = find_claimant(done, invoice);

	return car != NULL && strcmp(car->name, done->car) != 0;
}

static void refuse_anothers(struct done *done)
{
	plugin_refuse(done->request, METHODS_E_NOT_HELD,
		"This payment is another car's.");
	done_free(done);
}

/*
 * A payment that the node does not know needs no verdict: none can come.  One
 * that no car claims, and that was never held, is no car's to return.
 */
static bool is_needed(
	const struct done *done, const struct payment_invoice *invoice)
{
	struct mark_state state;

	return (invoice != NULL && find_claimant(done, invoice) != NULL) ||
	       mark_read(done->node->state.marks_fd, done->hash, &state) < 0 ||
	       state.mark != MARK_NONE;
}

static void on_invoice(void *userdata, const struct rpc_answer *answered)
{
	struct done *done = userdata;
	struct payment_invoice read;
	const struct payment_invoice *invoice = NULL;
	bool is_told;

	if (answered->status == 0 &&
		payment_read_invoice(answered->result, &read))
		invoice = &read;
	/* What cannot be read says nothing, and "unpaid" is final. */
	is_told = invoice != NULL ||
		  (answered->status == 0 &&
			  payment_has_no_invoice(answered->result));
	if (!is_told && done->is_decided) {
		answer(done, "pending"); /* as far as anybody knows */
		return;
	}
	if (!is_told) {
		plugin_refuse(done->request, PLUGIN_E_INTERNAL,
			"lightningd does not say whose payment this is.");
		done_free(done);
		return;
	}

	if (!done->is_decided && invoice != NULL &&
		is_anothers(done, invoice)) {
		refuse_anothers(done);
		return;
	}
	if (!done->is_decided && is_needed(done, invoice) && !decide(done))
		return;
	answer(done, find_state(done, invoice));
}

static void copy_text(
	const json_t *params, const char *key, char ret[static DONE_TEXT_SIZE])
{
	const char *text = json_string_value(json_object_get(params, key));

	(void)snprintf(ret, DONE_TEXT_SIZE, "%s", text == NULL ? "" : text);
}

static bool read_params(const json_t *params, struct done *ret)
{
	const char *car = json_string_value(json_object_get(params, "car"));
	const char *hash =
		json_string_value(json_object_get(params, "payment_hash"));
	const char *verdict =
		json_string_value(json_object_get(params, "verdict"));

	if (car == NULL || !car_name_is_valid(car) || hash == NULL ||
		!mark_is_hash(hash) || verdict == NULL)
		return false;
	ret->settles = strcmp(verdict, "settle") == 0;
	(void)snprintf(ret->car, sizeof(ret->car), "%s", car);
	(void)snprintf(ret->hash, sizeof(ret->hash), "%s", hash);
	copy_text(params, "outcome", ret->outcome);
	copy_text(params, "why", ret->why);
	return ret->settles || strcmp(verdict, "return") == 0;
}

void done_method(
	void *userdata, struct plugin_request *request, const json_t *params)
{
	struct node *node = userdata;
	struct done *done = calloc(1, sizeof(*done));
	const struct hold *hold;
	int r;

	if (done == NULL || !read_params(params, done)) {
		free(done);
		plugin_refuse(request, PLUGIN_E_PARAMS,
			"car, payment_hash or verdict is not valid.");
		return;
	}
	done->node = node;
	done->next = node->done;
	node->done = done;
	done->request = request;

	hold = holds_find(node->holds, done->hash);
	if (hold != NULL && hold->car != NULL) {
		if (strcmp(hold->car->name, done->car) != 0) {
			refuse_anothers(done);
			return;
		}
		if (!decide(done))
			return;
	}
	r = calls_make(node->lookups, "listinvoices",
		json_pack("{s:s}", "payment_hash", done->hash), DONE_LOOK_MS,
		on_invoice, done, NULL);
	if (r != 0) {
		const struct rpc_answer lost = { .status = RPC_E_LOST };

		on_invoice(done, &lost);
	}
}
