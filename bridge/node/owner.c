/* SPDX-License-Identifier: MIT */

#include "node/owner.h"

#include <string.h>

#include "node/holds.h"
#include "node/node.h"
#include "node/offers.h"
#include "node/polls.h"
#include "node/refund.h"
#include "util/clock.h"

/*
 * The car that is named, in *@ret_car; NULL where none is, for all of them.
 * Returns false, the request being answered, if there is no such car.
 */
static bool read_car(const struct node *node, struct plugin_request *request,
	const json_t *params, struct car_entry **ret_car)
{
	const json_t *value = json_object_get(params, "car");
	const char *name = json_string_value(value);

	*ret_car = NULL;
	if (value == NULL)
		return true;
	if (name != NULL)
		*ret_car = cars_find(node->cars, name);
	if (*ret_car != NULL)
		return true;

	plugin_refuse(request, OWNER_E_NO_CAR,
		"There is no car \"%s\": 1sat2flash-status lists them.",
		name == NULL ? "?" : name);
	return false;
}

/* Appends @value, a new reference or NULL.  Returns whether all went well. */
static bool append(json_t *array, json_t *value)
{
	return json_array_append_new(array, value) == 0;
}

/* --- status ---------------------------------------------------------------- */

static json_t *print_held(const struct node *node, const struct car_entry *car)
{
	uint64_t now_ms = clock_boottime_ms();
	json_t *array = json_array();

	for (const struct hold *hold = holds_first(node->holds); hold != NULL;
		hold = hold->next) {
		const char *action = NULL;

		if (hold->car != car)
			continue;
		(void)cars_find_offer(
			node->cars, hold->offer_id, &action, NULL);
		if (!append(array,
			    json_pack("{s:s, s:s, s:s*, s:I, s:b, s:I}",
				    "payment_hash", hold->hash, "label",
				    hold->label, "action", action, "msat",
				    (json_int_t)hold->msat, "taken",
				    mark_is_taken(hold->mark), "age_ms",
				    (json_int_t)(now_ms - hold->arrived_ms +
						 hold->before_ms)))) {
			json_decref(array);
			return NULL;
		}
	}

	return array;
}

static json_t *print_actions(const struct car_entry *car)
{
	uint64_t now_ms = clock_boottime_ms();
	json_t *array = json_array();

	for (size_t i = 0; i < car->claims.n_actions; i++) {
		const struct car_action *action = &car->claims.actions[i];

		if (!append(array,
			    json_pack("{s:s, s:I, s:b}", "name", action->name,
				    "price_msat",
				    (json_int_t)action->price_msat, "on_sale",
				    car_sells(car, action, now_ms)))) {
			json_decref(array);
			return NULL;
		}
	}

	return array;
}

static json_t *print_car(const struct node *node, const struct car_entry *car)
{
	uint64_t now_ms = clock_boottime_ms();
	json_t *object;

	object = json_pack("{s:s, s:b, s:b, s:b, s:o, s:o, s:o, s:i}", "car",
		car->name, "here", car_is_here(car, now_ms), "holds",
		car->claims.holds, "paused", car->paused, "actions",
		print_actions(car), "offers", offers_list(car), "held",
		print_held(node, car), "owed", (int)json_array_size(car->owed));
	if (object != NULL && car->last_poll_ms != 0 &&
		json_object_set_new(object, "last_poll_ms_ago",
			json_integer((
				json_int_t)(now_ms - car->last_poll_ms))) < 0) {
		json_decref(object);
		return NULL;
	}

	return object;
}

static json_t *print_cars(const struct node *node, const struct car_entry *only)
{
	json_t *array = json_array();

	for (size_t i = 0; i < cars_count(node->cars); i++) {
		const struct car_entry *car = cars_at(node->cars, i);

		if ((only == NULL || car == only) &&
			!append(array, print_car(node, car))) {
			json_decref(array);
			return NULL;
		}
	}

	return array;
}

void owner_status(
	void *userdata, struct plugin_request *request, const json_t *params)
{
	const struct node *node = userdata;
	const char *unguarded = node_why_unguarded(node);
	struct car_entry *car;

	if (!read_car(node, request, params, &car))
		return;

	plugin_answer(request,
		json_pack("{s:s, s:b, s:s*, s:I, s:I, s:o, s:o, s:o, s:I, s:I}",
			"version", PROJECT_VERSION, "guarded",
			unguarded == NULL, "why_not", unguarded, "deadline_ms",
			(json_int_t)node->deadline_ms, "held",
			(json_int_t)holds_count(node->holds), "cars",
			print_cars(node, car), "payments",
			recent_print(node, car == NULL ? NULL : car->name),
			"refunds",
			refunds_list(
				node->refunds, car == NULL ? NULL : car->name),
			"refund_daily_msat",
			(json_int_t)(node->refund_daily_sat * 1000),
			"refund_spent_msat",
			(json_int_t)refunds_spent_msat(node->refunds)));
}

/* --- owed ------------------------------------------------------------------ */

static bool append_owed(json_t *array, const struct car_entry *car)
{
	size_t i;
	json_t *item;

	json_array_foreach (car->owed, i, item) {
		json_t *owed = json_copy(item);

		if (owed == NULL || json_object_set_new(owed, "car",
					    json_string(car->name)) < 0) {
			json_decref(owed);
			return false;
		}
		if (!append(array, owed))
			return false;
	}

	return true;
}

void owner_owed(
	void *userdata, struct plugin_request *request, const json_t *params)
{
	const struct node *node = userdata;
	struct car_entry *only;
	json_t *array;

	if (!read_car(node, request, params, &only))
		return;

	array = json_array();
	for (size_t i = 0; i < cars_count(node->cars); i++) {
		const struct car_entry *car = cars_at(node->cars, i);

		if ((only == NULL || car == only) && !append_owed(array, car)) {
			json_decref(array);
			array = NULL;
			break;
		}
	}
	plugin_answer(request, json_pack("{s:o}", "owed", array));
}

/* --- pause, resume, refund, forget ----------------------------------------- */

/* Returns 0 or negative errno; nothing has changed then. */
static int set_paused(struct node *node, struct car_entry *car, bool paused)
{
	bool was_paused = car->paused;
	int r;

	car->paused = paused;
	r = cars_save(node->cars, car);
	if (r < 0) {
		car->paused = was_paused;
		return r;
	}

	if (paused)
		holds_return_open(node->holds, car);
	if (paused != was_paused)
		plugin_log(node->plugin, PLUGIN_INFO, "The car %s %s.",
			car->name,
			paused ? "is paused: its payments go back"
			       : "is on sale again");
	node_car_changed(node, car);
	return 0;
}

static void set_all_paused(struct node *node, struct plugin_request *request,
	const json_t *params, bool paused)
{
	struct car_entry *only;
	json_t *names;

	if (!read_car(node, request, params, &only))
		return;

	names = json_array();
	for (size_t i = 0; i < cars_count(node->cars); i++) {
		struct car_entry *car = cars_at(node->cars, i);
		int r;

		if (only != NULL && car != only)
			continue;
		r = set_paused(node, car, paused);
		if (r < 0) {
			json_decref(names);
			plugin_refuse(request, PLUGIN_E_INTERNAL,
				"The car %s: it could not be written to the "
				"disk: %s.",
				car->name, strerror(-r));
			return;
		}
		(void)append(names, json_string(car->name));
	}
	plugin_answer(request,
		json_pack("{s:b, s:o}", "paused", paused, "cars", names));
}

void owner_pause(
	void *userdata, struct plugin_request *request, const json_t *params)
{
	set_all_paused(userdata, request, params, true);
}

void owner_resume(
	void *userdata, struct plugin_request *request, const json_t *params)
{
	set_all_paused(userdata, request, params, false);
}

void owner_refund(
	void *userdata, struct plugin_request *request, const json_t *params)
{
	struct node *node = userdata;

	refunds_method(node->refunds, request, params);
}

/*
 * While an offer of it can be paid, its claims stay: without them, a payment
 * would be nobody's and settle, and nobody would act.
 */
void owner_forget(
	void *userdata, struct plugin_request *request, const json_t *params)
{
	struct node *node = userdata;
	struct car_entry *car;
	int r;

	if (!read_car(node, request, params, &car))
		return;
	if (holds_has_car(node->holds, car)) {
		plugin_refuse(request, OWNER_E_BUSY,
			"Payments for the car %s are held now: pause it, and "
			"try again in a minute.",
			car->name);
		return;
	}
	if (offers_may_be_paid(node->offers, car)) {
		plugin_refuse(request, OWNER_E_BUSY,
			"Offers of the car %s can still be paid: pause it, and "
			"try again in a minute.",
			car->name);
		return;
	}

	polls_end(car, POLLS_E_NEWER, "The owner has forgotten this car.");
	offers_forget(node->offers, car);
	r = cars_forget(node->cars, car);
	if (r < 0)
		plugin_refuse(request, PLUGIN_E_INTERNAL,
			"Its file could not be removed: %s.", strerror(-r));
	else
		plugin_answer(request, json_pack("{s:b}", "forgotten", 1));
}
