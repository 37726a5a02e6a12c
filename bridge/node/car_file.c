/* SPDX-License-Identifier: MIT */

#include "node/car_file.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "node/mark.h"

/* All bitcoin there will ever be. */
#define MSAT_MAX INT64_C(2100000000000000000)

static void car_texts_deinit(struct car_texts *texts)
{
	for (size_t i = 0; i < texts->n_texts; i++)
		free(texts->texts[i]);
	free(texts->texts);
	*texts = (struct car_texts){ 0 };
}

void car_claims_deinit(struct car_claims *claims)
{
	car_texts_deinit(&claims->labels);
	car_texts_deinit(&claims->addresses);
	car_texts_deinit(&claims->descriptions);
	free(claims->actions);
	*claims = (struct car_claims){ 0 };
}

struct car_entry *car_entry_free(struct car_entry *car)
{
	if (car == NULL)
		return NULL;

	car_claims_deinit(&car->claims);
	for (size_t i = 0; i < car->n_offers; i++)
		free(car->offers[i].bolt12);
	free(car->offers);
	json_decref(car->poll.refunds);
	json_decref(car->owed);
	free(car);
	return NULL;
}

bool car_name_is_valid(const char *name)
{
	size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");

	return len > 0 && len < CAR_NAME_SIZE && name[len] == '\0';
}

static int _printf_(2, 3)
	wrong(char ret_why[static CAR_WHY_SIZE], const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(ret_why, CAR_WHY_SIZE, format, args);
	va_end(args);
	return CARS_E_INVALID;
}

/* A text that is no longer than @size with its NUL, and has none inside. */
static bool read_text(const json_t *value, size_t size, char *ret)
{
	const char *text = json_string_value(value);

	if (text == NULL || strlen(text) != json_string_length(value) ||
		strlen(text) >= size)
		return false;

	memcpy(ret, text, strlen(text) + 1);
	return true;
}

static bool read_msat(const json_t *value, int64_t min, uint64_t *ret)
{
	if (!json_is_integer(value) || json_integer_value(value) < min ||
		json_integer_value(value) > MSAT_MAX)
		return false;

	*ret = (uint64_t)json_integer_value(value);
	return true;
}

static bool read_id(const json_t *value, char ret[static CAR_HASH_SIZE])
{
	return read_text(value, CAR_HASH_SIZE, ret) && mark_is_hash(ret);
}

/* An array, whose absence means that it is empty, of @max at most. */
static bool is_array(const json_t *value, size_t max)
{
	return value == NULL ||
	       (json_is_array(value) && json_array_size(value) <= max);
}

/* calloc(3), in which no room is none either. */
static void *room_for(size_t n, size_t size)
{
	return calloc(n == 0 ? 1 : n, size);
}

static int read_texts(const json_t *object, const char *key,
	struct car_texts *ret, char ret_why[static CAR_WHY_SIZE])
{
	const json_t *array = json_object_get(object, key);
	size_t n = json_array_size(array);

	if (!is_array(array, CAR_CLAIMS_MAX))
		return wrong(ret_why, "%s is no list of at most %d texts", key,
			CAR_CLAIMS_MAX);
	ret->texts = room_for(n, sizeof(*ret->texts));
	if (ret->texts == NULL)
		return -ENOMEM;

	for (size_t i = 0; i < n; i++) {
		char text[CAR_CLAIM_SIZE];

		/* An empty one would claim what has nothing to do with us. */
		if (!read_text(json_array_get(array, i), sizeof(text), text) ||
			text[0] == '\0')
			return wrong(ret_why,
				"in %s is something that is no text of 1 to "
				"%d bytes",
				key, CAR_CLAIM_SIZE - 1);
		ret->texts[i] = strdup(text);
		if (ret->texts[i] == NULL)
			return -ENOMEM;
		ret->n_texts++;
	}

	return 0;
}

/* Absent means false. */
static bool read_bool(const json_t *value, bool *ret)
{
	*ret = json_is_true(value);
	return value == NULL || json_is_boolean(value);
}

static int read_action(const json_t *object, struct car_action *ret,
	char ret_why[static CAR_WHY_SIZE])
{
	const json_t *text = json_object_get(object, "text");
	const json_t *deposit = json_object_get(object, "deposit_msat");
	const json_t *offer_id = json_object_get(object, "offer_id");

	if (!read_text(json_object_get(object, "name"), sizeof(ret->name),
		    ret->name) ||
		!car_name_is_valid(ret->name))
		return wrong(ret_why, "an action has no valid name");
	if (!read_msat(
		    json_object_get(object, "price_msat"), 1, &ret->price_msat))
		return wrong(ret_why, "action %s: price_msat is no amount",
			ret->name);
	if (text != NULL && !read_text(text, sizeof(ret->text), ret->text))
		return wrong(ret_why, "action %s: text is longer than %d bytes",
			ret->name, CAR_TEXT_SIZE - 1);
	if (!read_bool(json_object_get(object, "keeps"), &ret->keeps) ||
		!read_bool(json_object_get(object, "offers"), &ret->offers))
		return wrong(ret_why,
			"action %s: keeps and offers are true or false",
			ret->name);
	if (deposit != NULL && !read_msat(deposit, 0, &ret->deposit_msat))
		return wrong(ret_why, "action %s: deposit_msat is no amount",
			ret->name);
	if (offer_id != NULL && !read_id(offer_id, ret->offer_id))
		return wrong(ret_why, "action %s: offer_id is no offer's id",
			ret->name);

	return 0;
}

static int read_actions(const json_t *object, struct car_claims *ret,
	char ret_why[static CAR_WHY_SIZE])
{
	const json_t *array = json_object_get(object, "actions");
	size_t n = json_array_size(array);

	if (!is_array(array, CAR_ACTIONS_MAX))
		return wrong(ret_why, "actions is no list of at most %d",
			CAR_ACTIONS_MAX);
	ret->actions = room_for(n, sizeof(*ret->actions));
	if (ret->actions == NULL)
		return -ENOMEM;

	for (size_t i = 0; i < n; i++) {
		struct car_action *action = &ret->actions[i];
		int r;

		r = read_action(json_array_get(array, i), action, ret_why);
		if (r != 0)
			return r;
		for (size_t k = 0; k < i; k++)
			if (strcmp(ret->actions[k].name, action->name) == 0)
				return wrong(ret_why,
					"action %s is there twice",
					action->name);
		ret->n_actions++;
	}

	return 0;
}

static void claims_deinitp(struct car_claims *claims)
{
	car_claims_deinit(claims);
}

int car_claims_read(const json_t *object, struct car_claims *ret,
	char ret_why[static CAR_WHY_SIZE])
{
	_cleanup_(claims_deinitp) struct car_claims claims = { 0 };
	int r;

	if (!json_is_boolean(json_object_get(object, "holds")))
		return wrong(ret_why, "holds is neither true nor false");
	claims.holds = json_is_true(json_object_get(object, "holds"));
	r = read_texts(object, "labels", &claims.labels, ret_why);
	for (size_t i = 0; r == 0 && i < claims.labels.n_texts; i++)
		if (strcmp(claims.labels.texts[i], "*") == 0)
			r = wrong(ret_why,
				"in labels, * alone would claim every invoice "
				"of the node");
	if (r == 0)
		r = read_texts(object, "addresses", &claims.addresses, ret_why);
	if (r == 0)
		r = read_texts(
			object, "descriptions", &claims.descriptions, ret_why);
	if (r == 0)
		r = read_actions(object, &claims, ret_why);
	if (r != 0)
		return r;

	*ret = claims;
	claims = (struct car_claims){ 0 };
	return 0;
}

static int read_offer(const json_t *object, const struct car_entry *car,
	struct car_offer *ret, char ret_why[static CAR_WHY_SIZE])
{
	const json_t *deposit = json_object_get(object, "deposit_msat");
	const struct car_action *action;
	const json_t *bolt12 = json_object_get(object, "bolt12");
	const json_t *text = json_object_get(object, "text");

	if (!read_text(json_object_get(object, "action"), sizeof(ret->action),
		    ret->action) ||
		!read_msat(json_object_get(object, "price_msat"), 1,
			&ret->price_msat) ||
		(text != NULL &&
			!read_text(text, sizeof(ret->text), ret->text)) ||
		!read_id(json_object_get(object, "offer_id"), ret->offer_id) ||
		(deposit != NULL &&
			!read_msat(deposit, 0, &ret->deposit_msat)) ||
		!json_is_string(bolt12) ||
		json_string_length(bolt12) > CAR_BOLT12_MAX ||
		!read_bool(json_object_get(object, "retired"), &ret->retired))
		return wrong(ret_why, "an offer in it is not whole");
	/* An older file says only what the action takes. */
	action = car_find_action(car, ret->action);
	if (deposit == NULL && action != NULL)
		ret->deposit_msat = action->deposit_msat;
	ret->bolt12 = strdup(json_string_value(bolt12));
	return ret->bolt12 == NULL ? -ENOMEM : 0;
}

static int read_offers(const json_t *object, struct car_entry *car,
	char ret_why[static CAR_WHY_SIZE])
{
	const json_t *array = json_object_get(object, "offers");
	size_t n = json_array_size(array);

	if (!is_array(array, CAR_OFFERS_MAX))
		return wrong(ret_why, "offers is no list of at most %d",
			CAR_OFFERS_MAX);
	car->offers = room_for(n, sizeof(*car->offers));
	if (car->offers == NULL)
		return -ENOMEM;

	for (size_t i = 0; i < n; i++) {
		int r;

		r = read_offer(json_array_get(array, i), car, &car->offers[i],
			ret_why);
		if (r != 0)
			return r;
		car->n_offers++;
	}

	return 0;
}

int car_file_read(const json_t *object, const char *name,
	struct car_entry **ret, char ret_why[static CAR_WHY_SIZE])
{
	_cleanup_(car_entry_freep) struct car_entry *car = NULL;
	int r;

	car = calloc(1, sizeof(*car));
	if (car == NULL)
		return -ENOMEM;
	if (!read_text(json_object_get(object, "car"), sizeof(car->name),
		    car->name) ||
		strcmp(car->name, name) != 0)
		return wrong(ret_why, "it is not of the car %s", name);
	if (!read_bool(json_object_get(object, "paused"), &car->paused))
		return wrong(ret_why, "paused is neither true nor false");
	r = car_claims_read(object, &car->claims, ret_why);
	if (r == 0)
		r = read_offers(object, car, ret_why);
	if (r != 0)
		return r;

	*ret = steal_ptr(&car);
	return 0;
}

/* Appends @value, a new reference or NULL.  Returns whether all went well. */
static bool append(json_t *array, json_t *value)
{
	return json_array_append_new(array, value) == 0;
}

static json_t *print_texts(const struct car_texts *texts)
{
	json_t *array = json_array();

	for (size_t i = 0; i < texts->n_texts; i++)
		if (!append(array, json_string(texts->texts[i]))) {
			json_decref(array);
			return NULL;
		}

	return array;
}

static json_t *print_action(const struct car_action *action)
{
	json_t *object = json_pack("{s:s, s:I, s:s, s:b, s:I, s:b}", "name",
		action->name, "price_msat", (json_int_t)action->price_msat,
		"text", action->text, "keeps", action->keeps, "deposit_msat",
		(json_int_t)action->deposit_msat, "offers", action->offers);

	if (object != NULL && action->offer_id[0] != '\0' &&
		json_object_set_new(object, "offer_id",
			json_string(action->offer_id)) < 0) {
		json_decref(object);
		return NULL;
	}

	return object;
}

static json_t *print_actions(const struct car_claims *claims)
{
	json_t *array = json_array();

	for (size_t i = 0; i < claims->n_actions; i++)
		if (!append(array, print_action(&claims->actions[i]))) {
			json_decref(array);
			return NULL;
		}

	return array;
}

static json_t *print_offers(const struct car_entry *car)
{
	json_t *array = json_array();

	for (size_t i = 0; i < car->n_offers; i++) {
		const struct car_offer *offer = &car->offers[i];

		if (!append(array,
			    json_pack("{s:s, s:I, s:s, s:s, s:s, s:b, s:I}",
				    "action", offer->action, "price_msat",
				    (json_int_t)offer->price_msat, "text",
				    offer->text, "offer_id", offer->offer_id,
				    "bolt12", offer->bolt12, "retired",
				    offer->retired, "deposit_msat",
				    (json_int_t)offer->deposit_msat))) {
			json_decref(array);
			return NULL;
		}
	}

	return array;
}

json_t *car_file_print(const struct car_entry *car)
{
	/* What is NULL makes the whole NULL, and frees the rest. */
	return json_pack("{s:s, s:b, s:b, s:o, s:o, s:o, s:o, s:o}", "car",
		car->name, "holds", car->claims.holds, "paused", car->paused,
		"labels", print_texts(&car->claims.labels), "addresses",
		print_texts(&car->claims.addresses), "descriptions",
		print_texts(&car->claims.descriptions), "actions",
		print_actions(&car->claims), "offers", print_offers(car));
}
