/* SPDX-License-Identifier: MIT */

/* One call at a time for each car: an offer is enabled, disabled, or made. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "node/node.h"
#include "node/offers_parts.h"
#include "util/bytes.h"
#include "util/point.h"

/* Errors of lightningd: lightning 3, common/jsonrpc_errors.h. */
enum {
	NODE_E_OTHER = -1,
	NODE_E_EXISTS = 1000,
	NODE_E_ALREADY_DISABLED = 1001,
	NODE_E_ALREADY_ENABLED = 1006,
};

/* --- one call ------------------------------------------------------------- */

struct offer_change *offer_change_free(struct offer_change *change)
{
	(void)call_drop(change->call);
	free(change);
	return NULL;
}

/* It is over, and the next may begin. */
static void end_change(struct offer_change *change)
{
	struct offers *offers = change->offers;
	struct offer_change **place = &offers->changes;
	struct offer_watch *watch = offers_find_watch(offers, change->car);

	if (watch != NULL)
		watch->change = NULL;
	while (*place != change)
		place = &(*place)->next;
	*place = change->next;
	offers->n_changes--;
	(void)offer_change_free(change);
}

static struct offer_change *offer_change_new(
	struct offers *offers, struct offer_watch *watch)
{
	struct offer_change *change = calloc(1, sizeof(*change));

	if (change == NULL)
		return NULL;

	change->offers = offers;
	change->next = offers->changes;
	offers->changes = change;
	offers->n_changes++;
	if (watch != NULL) {
		change->car = watch->car;
		watch->change = change;
	}
	return change;
}

/* Returns false, with @change gone, if it could not be made. */
static bool call(struct offer_change *change, struct calls *calls,
	const char *method, json_t *params, rpc_handler_t handler)
{
	int r = calls_make(calls, method, params, OFFERS_TIMEOUT_MS, handler,
		change, &change->call);

	if (r == 0)
		return true;
	end_change(change);
	return false;
}

/* --- enabled or disabled -------------------------------------------------- */

static void on_switched(void *userdata, const struct rpc_answer *answer)
{
	struct offer_change *change = userdata;
	struct offers *offers = change->offers;
	struct offer_watch *watch = offers_find_watch(offers, change->car);
	struct car_offer *offer =
		watch == NULL ? NULL
			      : car_find_offer(watch->car, change->offer_id);
	bool is_node = answer->status == RPC_E_NODE;
	bool done =
		answer->status == 0 ||
		(is_node &&
			answer->code ==
				(change->enables ? NODE_E_ALREADY_ENABLED
						 : NODE_E_ALREADY_DISABLED));

	change->call = NULL;
	if (watch != NULL && !done)
		offers_back_off(&watch->switching);
	if (watch == NULL && !done && !is_node)
		offers->is_listed = false; /* lost: to find it again */
	if (watch != NULL && done)
		watch->switching = (struct offer_again){ 0 };
	if (offer != NULL && done) {
		offer->is_active = change->enables;
		node_offers_changed(offers->node, watch->car);
	} else if (offer != NULL && is_node && answer->code == NODE_E_OTHER &&
		   strstr(answer->message, "nknown offer") != NULL) {
		/* Another node's, or its database's of long ago. */
		plugin_log(offers->node->plugin, PLUGIN_UNUSUAL,
			"%s: the node does not know its offer for %s any "
			"more; another one is made",
			watch->car->name, offer->action);
		offers_drop(offers, watch->car, offer);
	}
	end_change(change);
	offers_pump(offers);
}

/*
 * On the line of the lookups, which are answered in their order: a payment
 * that comes while this is on its way finds its invoice expired, and is not
 * held for nothing.
 */
bool offer_switch(struct offers *offers, struct offer_watch *watch,
	const char *offer_id, bool enables)
{
	struct offer_change *change = offer_change_new(offers, watch);

	if (change == NULL)
		return false;
	memcpy(change->offer_id, offer_id, sizeof(change->offer_id));
	change->enables = enables;
	return call(change, offers->node->lookups,
		enables ? "enableoffer" : "disableoffer",
		json_pack("{s:s}", "offer_id", offer_id), on_switched);
}

/* --- a new one ------------------------------------------------------------ */

static void on_made(void *userdata, const struct rpc_answer *answer)
{
	struct offer_change *change = userdata;
	struct offers *offers = change->offers;
	struct offer_watch *watch = offers_find_watch(offers, change->car);
	const char *id =
		json_string_value(json_object_get(answer->result, "offer_id"));
	const char *bolt12 =
		json_string_value(json_object_get(answer->result, "bolt12"));
	int r = -EBADMSG;

	change->call = NULL;
	if (answer->status != 0 && answer->status != RPC_E_NODE)
		offers->is_listed = false; /* it may be there by now */
	if (watch == NULL && answer->status == 0 && id != NULL)
		(void)json_array_append_new(offers->orphans, json_string(id));
	if (watch == NULL)
		goto out;

	if (answer->status == RPC_E_NODE && answer->code == NODE_E_EXISTS &&
		!watch->needs_nonce) {
		watch->needs_nonce = true;
		goto out;
	}
	if (id != NULL && strlen(id) == CAR_HASH_SIZE - 1 && bolt12 != NULL &&
		strlen(bolt12) <= CAR_BOLT12_MAX) {
		/* As one that is there, perhaps another car's. */
		bool is_taken = cars_find_offer(offers->node->cars, id, NULL,
					NULL) != NULL;

		point("offer-made");
		if (is_taken && !watch->needs_nonce) {
			watch->needs_nonce = true;
			goto out;
		}
		r = is_taken ? -EEXIST
			     : offers_add(offers, watch->car, &change->action,
				       id, bolt12);
	}
	watch->needs_nonce = false;
	if (r < 0) {
		char why[CAR_WHY_SIZE];

		text_printable(answer->status == RPC_E_NODE ? answer->message
							    : strerror(-r),
			why, sizeof(why));
		plugin_log(offers->node->plugin, PLUGIN_UNUSUAL,
			"%s: no offer for %s: %s; it is tried again",
			watch->car->name, change->action.name, why);
		offers_back_off(&watch->making);
		if (answer->status == 0)
			offers->is_listed = false; /* to find it */
	} else {
		point("offer-stored");
		watch->making = (struct offer_again){ 0 };
		node_offers_changed(offers->node, watch->car);
	}
out:
	end_change(change);
	offers_pump(offers);
}

/*
 * Two offers that read the same are the same to a node that puts no blinded
 * path into them: the one that was disabled long ago, or that of another car.
 * An end in the next century, give or take, tells them apart.
 */
static json_t *make_params(
	const struct offer_watch *watch, const struct car_action *action)
{
	static const json_int_t next_century_s = 4102444800;
	char label[OFFER_LABEL_SIZE];
	uint32_t nonce = 0;
	json_t *params;

	offer_label_make(watch->car, action, label);
	params = json_pack("{s:I, s:s, s:s}", "amount",
		(json_int_t)action->price_msat, "description",
		*action->text == '\0' ? action->name : action->text, "label",
		label);
	if (params == NULL || !watch->needs_nonce)
		return params;
	(void)!getrandom(&nonce, sizeof(nonce), 0);
	if (json_object_set_new(params, "absolute_expiry",
		    json_integer(next_century_s + nonce)) != 0) {
		json_decref(params);
		return NULL;
	}
	return params;
}

bool offer_make(struct offers *offers, struct offer_watch *watch,
	const struct car_action *action)
{
	struct offer_change *change = offer_change_new(offers, watch);

	if (change == NULL)
		return false;
	change->action = *action;
	return call(change, offers->node->calls, "offer",
		make_params(watch, action), on_made);
}
