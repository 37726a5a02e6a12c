/* SPDX-License-Identifier: MIT */

#include "node/polls.h"

#include <string.h>

#include "node/holds.h"
#include "node/node.h"
#include "node/offers.h"
#include "node/refund.h"
#include "util/clock.h"
#include "util/point.h"

/* Does an answer carry @hold? */
static bool is_due(const struct hold *hold, const struct car_entry *car)
{
	return hold->car == car && !hold->is_told &&
	       (hold->state == HOLD_OPEN ||
		       (hold->state == HOLD_TAKEN && hold->is_replay));
}

static json_t *print_hold(const struct node *node, const struct hold *hold)
{
	uint64_t now_ms = clock_boottime_ms(), price_msat = 0;
	const char *action = NULL;
	json_t *object;

	(void)cars_find_offer(node->cars, hold->offer_id, &action, &price_msat);
	object = json_pack("{s:s, s:s, s:I, s:I, s:I, s:b}", "payment_hash",
		hold->hash, "label", hold->label, "msat",
		(json_int_t)hold->msat, "age_ms",
		(json_int_t)(now_ms - hold->arrived_ms + hold->before_ms),
		"left_ms",
		(json_int_t)(hold->deadline_ms > now_ms
				     ? hold->deadline_ms - now_ms
				     : 0),
		"taken", hold->state == HOLD_TAKEN);
	if (object != NULL &&
		json_object_update_new(object,
			json_pack("{s:s*, s:s*, s:s*, s:s*}", "offer_id",
				hold->offer_id[0] == '\0' ? NULL
							  : hold->offer_id,
				"action", action, "description",
				hold->description, "payer_note",
				hold->payer_note)) == 0 &&
		(action == NULL ||
			json_object_set_new(object, "price_msat",
				json_integer((json_int_t)price_msat)) == 0))
		return object;

	json_decref(object);
	return NULL;
}

/* What is due, and that it was delivered with this poll. */
static json_t *print_holds(const struct node *node, struct car_entry *car)
{
	json_t *array = json_array();
	size_t bytes = 0;

	for (struct hold *hold = holds_first(node->holds); hold != NULL;
		hold = hold->next) {
		json_t *object;

		if (!is_due(hold, car))
			continue;
		object = print_hold(node, hold);
		bytes += json_dumpb(object, NULL, 0, JSON_COMPACT);
		if (json_array_size(array) == POLLS_HOLDS_MAX ||
			(json_array_size(array) > 0 &&
				bytes > POLLS_HOLDS_BYTES) ||
			json_array_append(array, object) < 0) {
			json_decref(object);
			break;
		}
		json_decref(object);
		hold->delivered_serial = car->poll.serial;
	}

	return array;
}

static bool has_offers(const struct car_entry *car)
{
	return car->poll.offers_now != car->poll.offers_told;
}

/* Is there something new?  *@ret_refunds is a new reference, or NULL. */
static bool has_news(
	struct node *node, const struct car_entry *car, json_t **ret_refunds)
{
	json_t *refunds = refunds_paid(node->refunds, car->name);
	bool is_new =
		car->poll.told_paused != car->paused || has_offers(car) ||
		(refunds != NULL && !json_equal(refunds, car->poll.refunds));

	for (const struct hold *hold = holds_first(node->holds);
		!is_new && hold != NULL; hold = hold->next)
		is_new = is_due(hold, car);

	*ret_refunds = refunds;
	return is_new;
}

/* Answers the poll that waits.  Takes @refunds over. */
static void answer(struct node *node, struct car_entry *car, json_t *refunds)
{
	struct car_poll *poll = &car->poll;
	struct plugin_request *request = steal_ptr(&poll->request);
	json_t *result;

	result = json_pack("{s:I, s:b, s:o, s:O*}", "serial",
		(json_int_t)poll->serial, "paused", car->paused, "holds",
		print_holds(node, car), "refunded", refunds);
	if (result != NULL && has_offers(car) &&
		json_object_set_new(result, "offers", offers_list(car)) == 0) {
		poll->offers_sent = poll->offers_now;
		poll->offers_serial = poll->serial;
	}
	json_decref(poll->refunds);
	poll->refunds = refunds;
	poll->told_paused = car->paused;
	car->is_polling = false;
	car->last_poll_ms = clock_boottime_ms();
	plugin_answer(request, result);
	point("poll-answered");
	/* Should this have been the last one, its offers end with it. */
	offers_update(node->offers, car);
}

void polls_wake(struct node *node, struct car_entry *car)
{
	json_t *refunds;

	if (car->poll.request == NULL)
		return;
	if (has_news(node, car, &refunds))
		answer(node, car, refunds);
	else
		json_decref(refunds);
}

void polls_end(struct car_entry *car, int code, const char *why)
{
	if (car->poll.request == NULL)
		return;

	car->is_polling = false;
	car->last_poll_ms = clock_boottime_ms();
	plugin_refuse(steal_ptr(&car->poll.request), code, "%s", why);
}

void polls_restart(struct node *node, struct car_entry *car)
{
	polls_end(
		car, POLLS_E_NEWER, "The bridge in the car was started anew.");
	car->poll.serial = 0;
	for (struct hold *hold = holds_first(node->holds); hold != NULL;
		hold = hold->next)
		if (hold->car == car) {
			hold->is_told = false;
			hold->is_replay =
				hold->state == HOLD_TAKEN || hold->is_replay;
			hold->delivered_serial = 0;
		}
}

void polls_told_offers(struct car_entry *car)
{
	car->poll.offers_told = car->poll.offers_sent = car->poll.offers_now;
	car->poll.told_paused = car->paused;
}

/* The answer to poll @got has arrived, with all that it carried. */
static void acknowledge(struct node *node, struct car_entry *car, uint64_t got)
{
	if (got == 0)
		return;
	if (car->poll.offers_serial == got)
		car->poll.offers_told = car->poll.offers_sent;
	for (struct hold *hold = holds_first(node->holds); hold != NULL;
		hold = hold->next)
		if (hold->car == car && hold->delivered_serial == got)
			hold->is_told = true;
}

void polls_begin(struct node *node, struct car_entry *car,
	struct plugin_request *request, uint64_t serial, uint64_t got,
	uint64_t timeout_ms)
{
	if (serial <= car->poll.serial) {
		plugin_refuse(request, POLLS_E_NEWER,
			"A newer poll of this car has come before.");
		return;
	}

	polls_end(car, POLLS_E_NEWER, "A newer poll of this car has come.");
	acknowledge(node, car, got);
	car->poll.request = request;
	car->poll.serial = serial;
	car->poll.until_ms = clock_boottime_ms() + timeout_ms;
	car->is_polling = true;
	car->last_poll_ms = clock_boottime_ms();
	polls_wake(node, car);
}

uint64_t polls_next_ms(const struct node *node)
{
	uint64_t next_ms = CLOCK_NEVER;

	for (size_t i = 0; i < cars_count(node->cars); i++) {
		const struct car_poll *poll = &cars_at(node->cars, i)->poll;

		if (poll->request != NULL)
			next_ms = clock_earlier(next_ms, poll->until_ms);
	}

	return next_ms;
}

void polls_tick(struct node *node, uint64_t now_ms)
{
	for (size_t i = 0; i < cars_count(node->cars); i++) {
		struct car_entry *car = cars_at(node->cars, i);

		if (car->poll.request != NULL && car->poll.until_ms <= now_ms)
			answer(node, car,
				refunds_paid(node->refunds, car->name));
	}
}
