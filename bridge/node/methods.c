/* SPDX-License-Identifier: MIT */

#include "node/methods.h"

#include <stdio.h>
#include <string.h>

#include "node/guard_lock.h"
#include "node/holds.h"
#include "node/node.h"
#include "node/offers.h"
#include "node/polls.h"
#include "util/clock.h"
#include "util/point.h"

static void claims_deinitp(struct car_claims *claims)
{
	car_claims_deinit(claims);
}

static void refuse_params(struct plugin_request *request, const char *why)
{
	plugin_refuse(request, PLUGIN_E_PARAMS, "%s", why);
}

static void refuse_errno(struct plugin_request *request, int r)
{
	plugin_refuse(request, PLUGIN_E_INTERNAL,
		"It could not be written to the disk of the node: %s.",
		strerror(-r));
}

static const char *read_car(const json_t *params)
{
	const json_t *car = json_object_get(params, "car");
	const char *name = json_string_value(car);

	return name != NULL && strlen(name) == json_string_length(car) &&
			       car_name_is_valid(name)
		       ? name
		       : NULL;
}

static const char *read_boot(const json_t *params)
{
	const json_t *value = json_object_get(params, "boot");
	const char *boot = json_string_value(value);
	size_t len = json_string_length(value);

	return boot != NULL && len >= 16 && len < CAR_BOOT_SIZE &&
			       strspn(boot, "0123456789abcdef") == len
		       ? boot
		       : NULL;
}

/* The car that makes the call; or NULL, and the request is answered. */
static struct car_entry *find_car(const struct node *node,
	struct plugin_request *request, const json_t *params)
{
	const char *name = read_car(params), *boot = read_boot(params);
	struct car_entry *car;

	if (name == NULL || boot == NULL) {
		refuse_params(request, "car or boot is not valid.");
		return NULL;
	}
	car = cars_find(node->cars, name);
	if (car == NULL || strcmp(car->boot, boot) != 0) {
		plugin_refuse(request, METHODS_E_UNREGISTERED,
			"The car %s has not registered since it or "
			"1sat2flash-node was started.",
			name);
		return NULL;
	}

	return car;
}

static bool read_number(const json_t *params, const char *key, json_int_t min,
	json_int_t max, uint64_t *ret)
{
	const json_t *value = json_object_get(params, key);

	if (!json_is_integer(value) || json_integer_value(value) < min ||
		json_integer_value(value) > max)
		return false;

	*ret = (uint64_t)json_integer_value(value);
	return true;
}

/* Seconds, and parts of them, in milliseconds. */
static bool read_timeout(const json_t *params, uint64_t *ret_ms)
{
	const json_t *value = json_object_get(params, "timeout");
	double s = json_number_value(value);

	if (!json_is_number(value) || !(s >= POLLS_TIMEOUT_MIN_S) ||
		!(s <= POLLS_TIMEOUT_MAX_S))
		return false;

	*ret_ms = (uint64_t)(s * 1000);
	return true;
}

/* --- register -------------------------------------------------------------- */

/* What the car owes is the owner's to read; nothing here goes by it. */
static bool owed_is_valid(const json_t *owed)
{
	size_t i;
	json_t *item;

	if (owed == NULL)
		return true;
	if (!json_is_array(owed) || json_array_size(owed) > METHODS_OWED_MAX)
		return false;
	json_array_foreach (owed, i, item) {
		const char *hash = json_string_value(
			json_object_get(item, "payment_hash"));

		if (hash == NULL || !mark_is_hash(hash) ||
			!json_is_integer(json_object_get(item, "msat")) ||
			!json_is_string(json_object_get(item, "action")) ||
			!json_is_string(json_object_get(item, "why")))
			return false;
	}

	return json_dumpb(owed, NULL, 0, JSON_COMPACT) <= METHODS_OWED_BYTES;
}

/* Returns whether the claims are those of @name now; else it is answered. */
static bool register_claims(struct node *node, struct plugin_request *request,
	const char *name, const json_t *params, struct car_entry **ret)
{
	_cleanup_(claims_deinitp) struct car_claims claims = { 0 };
	char why[CAR_WHY_SIZE] = "There is no memory";
	const char *unguarded = node_why_unguarded(node);
	int r;

	if (car_claims_read(params, &claims, why) != 0) {
		plugin_refuse(request, PLUGIN_E_PARAMS, "%s.", why);
		return false;
	}
	if (claims.holds && unguarded != NULL) {
		plugin_refuse(request, METHODS_E_UNGUARDED, "%s", unguarded);
		return false;
	}

	r = cars_register(node->cars, name, &claims, ret, why);
	if (r == CARS_E_CLAIMED)
		plugin_refuse(request, METHODS_E_CLAIMED, "%s", why);
	else if (r == CARS_E_FULL)
		plugin_refuse(request, PLUGIN_E_INTERNAL,
			"There are %d cars already.", CARS_MAX);
	else if (r < 0)
		refuse_errno(request, r);
	return r == 0;
}

void methods_register(
	void *userdata, struct plugin_request *request, const json_t *params)
{
	struct node *node = userdata;
	const char *name = read_car(params), *boot = read_boot(params);
	json_t *owed = json_object_get(params, "owed");
	struct car_entry *car;

	if (name == NULL) {
		refuse_params(request,
			"car is no name of a car: 1 to 32 of a-z, 0-9 and -.");
		return;
	}
	if (boot == NULL) {
		refuse_params(
			request, "boot is no 16 to 64 hexadecimal digits.");
		return;
	}
	if (!owed_is_valid(owed)) {
		refuse_params(request,
			"owed is no list of { payment_hash, msat, action, why "
			"}.");
		return;
	}
	if (!register_claims(node, request, name, params, &car))
		return;

	if (strcmp(car->boot, boot) != 0) {
		polls_restart(node, car);
		(void)snprintf(car->boot, sizeof(car->boot), "%s", boot);
		plugin_log(node->plugin, PLUGIN_INFO,
			"The car %s has registered: its payments %s.", name,
			car->claims.holds ? "wait until it has acted"
					  : "settle before it acts");
	}
	json_decref(car->owed);
	car->owed = json_incref(owed);
	point("register-saved");
	node_car_changed(node, car);
	polls_told_offers(car);
	plugin_answer(request,
		json_pack("{s:s, s:b, s:b, s:I, s:i, s:o}", "car", car->name,
			"holds", car->claims.holds, "paused", car->paused,
			"deadline_ms", (json_int_t)node->deadline_ms, "take_ms",
			HOLDS_TAKE_MS, "offers", offers_list(car)));
}

/* --- poll, take ------------------------------------------------------------ */

/* Returns whether @open is a list of names. */
static bool open_is_valid(const json_t *open)
{
	size_t i;
	json_t *name;

	if (!json_is_array(open) || json_array_size(open) > CAR_ACTIONS_MAX)
		return false;
	json_array_foreach (open, i, name)
		if (!json_is_string(name))
			return false;

	return true;
}

static bool is_named(const json_t *open, const char *name)
{
	size_t i;
	json_t *value;

	json_array_foreach (open, i, value)
		if (strcmp(json_string_value(value), name) == 0)
			return true;

	return false;
}

/* Returns whether something has changed by it. */
static bool set_open(struct car_entry *car, const json_t *open)
{
	bool has_changed = false;

	for (size_t i = 0; i < car->claims.n_actions; i++) {
		struct car_action *action = &car->claims.actions[i];
		bool is_open = is_named(open, action->name);

		has_changed = has_changed || is_open != action->is_open;
		action->is_open = is_open;
	}

	return has_changed;
}

void methods_poll(
	void *userdata, struct plugin_request *request, const json_t *params)
{
	struct node *node = userdata;
	struct car_entry *car = find_car(node, request, params);
	const json_t *open = json_object_get(params, "open");
	uint64_t serial, got, timeout_ms;
	bool was_here, has_changed;

	if (car == NULL)
		return;
	if (!read_number(params, "serial", 1, INT64_MAX, &serial) ||
		!read_number(params, "got", 0, INT64_MAX, &got) ||
		!read_timeout(params, &timeout_ms) || !open_is_valid(open)) {
		refuse_params(
			request, "serial, got, open or timeout is not valid.");
		return;
	}

	was_here = car_is_here(car, clock_boottime_ms());
	/* One that was overtaken on its way says nothing of now. */
	has_changed = serial > car->poll.serial && set_open(car, open);
	polls_begin(node, car, request, serial, got, timeout_ms);
	if (has_changed || !was_here)
		offers_update(node->offers, car);
}

void methods_take(
	void *userdata, struct plugin_request *request, const json_t *params)
{
	struct node *node = userdata;
	struct car_entry *car = find_car(node, request, params);
	const char *hash =
		json_string_value(json_object_get(params, "payment_hash"));
	const json_t *keeps = json_object_get(params, "keeps");
	uint64_t left_ms;
	int r;

	if (car == NULL)
		return;
	if (hash == NULL || !mark_is_hash(hash) || !json_is_boolean(keeps)) {
		refuse_params(request, "payment_hash or keeps is not valid.");
		return;
	}

	r = holds_take(node->holds, car, hash, json_is_true(keeps),
		clock_boottime_ms(), &left_ms);
	if (r < 0) {
		refuse_errno(request, r);
	} else if (r > 0) {
		plugin_refuse(request, METHODS_E_NOT_HELD,
			"This payment is not held for the car %s (any more).",
			car->name);
	} else {
		plugin_answer(request,
			json_pack("{s:I}", "left_ms", (json_int_t)left_ms));
		point("take-answered");
	}
}
