/* SPDX-License-Identifier: MIT */

#include "node/offers.h"

#include <stdlib.h>
#include <string.h>

#include "node/node.h"
#include "node/offers_parts.h"
#include "util/clock.h"

enum {
	AGAIN_MIN_MS = 1000,
	AGAIN_MAX_MS = 60 * 1000,
};

void offers_back_off(struct offer_again *again)
{
	again->backoff_ms =
		again->backoff_ms == 0
			? AGAIN_MIN_MS
			: clock_earlier(2 * again->backoff_ms, AGAIN_MAX_MS);
	again->at_ms = clock_boottime_ms() + again->backoff_ms;
}

struct offer_watch *offers_find_watch(
	const struct offers *offers, const struct car_entry *car)
{
	struct offer_watch *watch = offers->watches;

	while (watch != NULL && watch->car != car)
		watch = watch->next;
	return watch;
}

/* --- what is enabled ------------------------------------------------------ */

/*
 * Offers of ours that no car has: made just before a power cut, or of a car
 * that was forgotten.  Only we write such labels.
 */
static void sort_in(struct offers *offers, const json_t *offer)
{
	const struct cars *cars = offers->node->cars;
	const char *id = json_string_value(json_object_get(offer, "offer_id"));
	const char *label = json_string_value(json_object_get(offer, "label"));
	struct car_entry *car;
	struct car_offer *known;
	size_t len;

	if (id == NULL || !json_is_true(json_object_get(offer, "active")))
		return;
	car = cars_find_offer(cars, id, NULL, NULL);
	known = car == NULL ? NULL : car_find_offer(car, id);
	if (known != NULL)
		known->is_active = true;
	else if (car == NULL && label != NULL &&
		 offer_label_read(label, &len) != NULL)
		(void)json_array_append_new(offers->orphans, json_string(id));
}

static void on_listed(void *userdata, const struct rpc_answer *answer)
{
	struct offers *offers = userdata;
	const struct cars *cars = offers->node->cars;
	const json_t *list = json_object_get(answer->result, "offers");
	json_t *offer;
	size_t i;

	offers->listing = NULL;
	if (answer->status != 0 || !json_is_array(list)) {
		offers_back_off(&offers->listed);
		offers_pump(offers);
		return;
	}

	for (i = 0; i < cars_count(cars); i++)
		for (size_t j = 0; j < cars_at(cars, i)->n_offers; j++)
			cars_at(cars, i)->offers[j].is_active = false;
	(void)json_array_clear(offers->orphans);
	json_array_foreach (list, i, offer)
		sort_in(offers, offer);
	offers->is_listed = true;
	offers->listed = (struct offer_again){ 0 };
	for (i = 0; i < cars_count(cars); i++)
		node_offers_changed(offers->node, cars_at(cars, i));
	offers_pump(offers);
}

/* --- in step -------------------------------------------------------------- */

/*
 * Is @offer to be payable at @now_ms?  *@ret_ms becomes, if it is earlier, when
 * that ends by itself.
 */
static bool wants_active(struct offers *offers, const struct car_entry *car,
	const struct car_offer *offer, uint64_t now_ms, uint64_t *ret_ms)
{
	const struct car_action *action = car_find_action(car, offer->action);
	uint64_t born_ms = offers->node->started_ms, until_ms;

	if (offer->is_active && node_holds_offer(offers->node, offer->offer_id))
		return true;
	/* What was said of it has to come to the guard, and to lightningd. */
	if (offer->is_active && now_ms < offer->settling_ms) {
		*ret_ms = clock_earlier(*ret_ms, offer->settling_ms);
		return true;
	}
	/*
	 * After a start cars come back, and with lightningd's what was held
	 * comes again: then nothing is switched off, whatever is known.
	 */
	if (now_ms < born_ms + CAR_AWAY_MS &&
		(offers->node->startup ||
			(!car->paused && car->last_poll_ms == 0)) &&
		(offer->is_active || car->last_poll_ms == 0)) {
		*ret_ms = clock_earlier(*ret_ms, born_ms + CAR_AWAY_MS);
		return offer->is_active;
	}
	if (car->paused || !car_is_here(car, now_ms))
		return false;
	if (!car->is_polling)
		*ret_ms =
			clock_earlier(*ret_ms, car->last_poll_ms + CAR_AWAY_MS);
	if (!offer->retired)
		return action != NULL && car_sells(car, action, now_ms);

	until_ms = OFFERS_GRACE_MS +
		   (offer->retired_ms != 0 ? offer->retired_ms : born_ms);
	if (!offer->is_active || now_ms >= until_ms ||
		(action != NULL && !action->is_open))
		return false;
	*ret_ms = clock_earlier(*ret_ms, until_ms);
	return true;
}

/* Begins the next thing that is due for a car; *@ret_ms: see wants_active(). */
static void look_after(struct offers *offers, struct offer_watch *watch,
	uint64_t now_ms, uint64_t *ret_ms)
{
	struct car_entry *car = watch->car;
	const struct car_offer *wrong = NULL;
	const struct car_claims *claims = &car->claims;

	offers_sort_out(offers, car);
	for (size_t i = 0; i < car->n_offers; i++) {
		const struct car_offer *offer = &car->offers[i];

		if (wants_active(offers, car, offer, now_ms, ret_ms) !=
				offer->is_active &&
			wrong == NULL)
			wrong = offer;
	}
	if (watch->change != NULL || offers->n_changes >= OFFERS_AT_ONCE)
		return;
	if (wrong != NULL && now_ms >= watch->switching.at_ms) {
		if (!offer_switch(
			    offers, watch, wrong->offer_id, !wrong->is_active))
			offers_back_off(&watch->switching);
		else
			return;
	}
	if (wrong != NULL)
		*ret_ms = clock_earlier(*ret_ms, watch->switching.at_ms);

	for (size_t i = 0; i < claims->n_actions; i++) {
		size_t at = (watch->next_action + i) % claims->n_actions;
		const struct car_action *action = &claims->actions[at];

		if (!action->offers || offer_find_current(car, action) != NULL)
			continue;
		if (now_ms >= watch->making.at_ms &&
			offers_make_room(offers, car)) {
			watch->next_action = at + 1;
			if (offer_make(offers, watch, action))
				return;
		}
		if (now_ms >= watch->making.at_ms)
			offers_back_off(&watch->making);
		*ret_ms = clock_earlier(*ret_ms, watch->making.at_ms);
		return;
	}
}

static void disable_orphans(
	struct offers *offers, uint64_t now_ms, uint64_t *ret_ms)
{
	size_t n;

	while ((n = json_array_size(offers->orphans)) > 0 &&
		offers->n_changes < OFFERS_AT_ONCE &&
		now_ms >= offers->orphaned.at_ms) {
		const char *id = json_string_value(
			json_array_get(offers->orphans, n - 1));

		if (!offer_switch(offers, NULL, id, false))
			offers_back_off(&offers->orphaned);
		else
			(void)json_array_remove(offers->orphans, n - 1);
	}
	if (n > 0)
		*ret_ms = clock_earlier(*ret_ms, offers->orphaned.at_ms);
}

/*
 * Whole, the offers of a fleet are more than an answer may have.  NULL without
 * memory: then they come whole.
 */
static json_t *list_filter(void)
{
	return json_pack("{s:[{s:b, s:b, s:b}]}", "offers", "offer_id", 1,
		"label", 1, "active", 1);
}

static void ask_for_list(
	struct offers *offers, uint64_t now_ms, uint64_t *ret_ms)
{
	if (offers->listing != NULL || offers->n_changes > 0)
		return; /* its answer goes on here */
	if (now_ms >= offers->listed.at_ms &&
		calls_make_filtered(offers->node->calls, "listoffers",
			json_pack("{s:b}", "active_only", 1), list_filter(),
			OFFERS_TIMEOUT_MS, on_listed, offers,
			&offers->listing) != 0)
		offers_back_off(&offers->listed);
	if (offers->listing == NULL)
		*ret_ms = clock_earlier(*ret_ms, offers->listed.at_ms);
}

static void arm(struct offers *offers, uint64_t at_ms)
{
	uint64_t now_ms = clock_boottime_ms();

	offers->timer_ms = at_ms;
	if (at_ms == CLOCK_NEVER) {
		(void)sd_event_source_set_enabled(offers->timer, SD_EVENT_OFF);
		return;
	}
	(void)sd_event_source_set_time_relative(
		offers->timer, at_ms > now_ms ? (at_ms - now_ms) * 1000 : 0);
	(void)sd_event_source_set_enabled(offers->timer, SD_EVENT_ONESHOT);
}

void offers_pump(struct offers *offers)
{
	uint64_t now_ms = clock_boottime_ms(), next_ms = CLOCK_NEVER;

	offers->is_looking = true;
	if (offers->is_listed) {
		disable_orphans(offers, now_ms, &next_ms);
		for (struct offer_watch *watch = offers->watches; watch != NULL;
			watch = watch->next)
			look_after(offers, watch, now_ms, &next_ms);
	} else {
		ask_for_list(offers, now_ms, &next_ms);
	}
	offers->is_looking = false;
	arm(offers, next_ms);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
	(void)source;
	(void)usec;
	offers_pump(userdata);
	return 0;
}

/* --- for the others ------------------------------------------------------- */

static struct offer_watch *new_watch(
	struct offers *offers, struct car_entry *car)
{
	struct offer_watch *watch = calloc(1, sizeof(*watch));

	if (watch == NULL)
		return NULL;

	watch->car = car;
	watch->next = offers->watches;
	offers->watches = watch;
	return watch;
}

int offers_new(struct node *node, struct offers **ret)
{
	_cleanup_(offers_freep) struct offers *offers = NULL;
	int r;

	offers = calloc(1, sizeof(*offers));
	if (offers == NULL)
		return -ENOMEM;

	offers->node = node;
	offers->orphans = json_array();
	if (offers->orphans == NULL)
		return -ENOMEM;
	for (size_t i = cars_count(node->cars); i > 0; i--)
		if (new_watch(offers, cars_at(node->cars, i - 1)) == NULL)
			return -ENOMEM;
	/* Fires at once, from the loop. */
	r = sd_event_add_time_relative(node->event, &offers->timer,
		CLOCK_BOOTTIME, 0, 1000, on_timer, offers);
	if (r < 0)
		return r;

	*ret = steal_ptr(&offers);
	return 0;
}

struct offers *offers_free(struct offers *offers)
{
	if (offers == NULL)
		return NULL;

	(void)call_drop(offers->listing);
	while (offers->changes != NULL) {
		struct offer_change *change = offers->changes;

		offers->changes = change->next;
		(void)offer_change_free(change);
	}
	while (offers->watches != NULL) {
		struct offer_watch *watch = offers->watches;

		offers->watches = watch->next;
		free(watch);
	}
	json_decref(offers->orphans);
	sd_event_source_disable_unref(offers->timer);
	free(offers);
	return NULL;
}

/*
 * What one car needs is begun at once; the timer looks at the others, whose
 * times it has, and at those that found the line full.
 */
void offers_update(struct offers *offers, struct car_entry *car)
{
	struct offer_watch *watch = offers_find_watch(offers, car);
	uint64_t next_ms = CLOCK_NEVER;

	if (watch == NULL)
		watch = new_watch(offers, car);
	if (watch == NULL || !offers->is_listed)
		return;
	if (offers->is_looking) {
		next_ms = clock_boottime_ms();
	} else {
		offers->is_looking = true;
		look_after(offers, watch, clock_boottime_ms(), &next_ms);
		offers->is_looking = false;
	}
	if (next_ms < offers->timer_ms)
		arm(offers, next_ms);
}

void offers_settle(struct car_entry *car, const char *offer_id)
{
	struct car_offer *offer = car_find_offer(car, offer_id);

	if (offer != NULL)
		offer->settling_ms = clock_boottime_ms() + OFFERS_SETTLE_MS;
}

bool offers_may_be_paid(
	const struct offers *offers, const struct car_entry *car)
{
	const struct offer_watch *watch = offers_find_watch(offers, car);

	if (!offers->is_listed || (watch != NULL && watch->change != NULL))
		return true;
	for (size_t i = 0; i < car->n_offers; i++)
		if (car->offers[i].is_active)
			return true;

	return false;
}

void offers_forget(struct offers *offers, struct car_entry *car)
{
	struct offer_watch **place = &offers->watches;
	struct offer_watch *watch = offers_find_watch(offers, car);

	for (size_t i = 0; i < car->n_offers; i++)
		(void)json_array_append_new(
			offers->orphans, json_string(car->offers[i].offer_id));
	if (watch == NULL)
		return;
	if (watch->change != NULL)
		watch->change->car = NULL;
	while (*place != watch)
		place = &(*place)->next;
	*place = watch->next;
	free(watch);
	arm(offers, clock_boottime_ms());
}
