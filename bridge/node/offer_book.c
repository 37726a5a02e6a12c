/* SPDX-License-Identifier: MIT */

/* The list of a car's offers, which is in its file, and the node's labels. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "node/node.h"
#include "node/offers_parts.h"
#include "util/bytes.h"
#include "util/clock.h"

enum {
	RANDOM_LEN = 8,
};

static const char label_prefix[] = "1sat2flash-";

/* --- labels --------------------------------------------------------------- */

void offer_label_make(const struct car_entry *car,
	const struct car_action *action, char ret[static OFFER_LABEL_SIZE])
{
	uint8_t random[RANDOM_LEN] = { 0 };
	char hex[HEX_SIZE(RANDOM_LEN)];

	(void)!getrandom(random, sizeof(random), 0);
	hex_encode(random, sizeof(random), hex);
	(void)snprintf(ret, OFFER_LABEL_SIZE, "%s%s-%s-%s", label_prefix,
		car->name, action->name, hex);
}

const char *offer_label_read(const char *label, size_t *ret_len)
{
	const size_t prefix_len = sizeof(label_prefix) - 1;
	const size_t tail_len = HEX_SIZE(RANDOM_LEN); /* hyphen and digits */
	uint8_t random[RANDOM_LEN];
	size_t len = strlen(label);

	if (len <= prefix_len + tail_len ||
		memcmp(label, label_prefix, prefix_len) != 0 ||
		label[len - tail_len] != '-' ||
		hex_decode(label + len - tail_len + 1, random,
			sizeof(random)) != 0)
		return NULL;

	*ret_len = len - prefix_len - tail_len;
	return label + prefix_len;
}

bool offers_read_label(const char *label, const char *car,
	char ret_action[static CAR_NAME_SIZE])
{
	size_t car_len = strlen(car), len = 0;
	const char *names = offer_label_read(label, &len);
	char action[CAR_NAME_SIZE] = "";

	if (names == NULL || len <= car_len + 1 ||
		len - car_len - 1 >= sizeof(action) ||
		memcmp(names, car, car_len) != 0 || names[car_len] != '-')
		return false;
	memcpy(action, names + car_len + 1, len - car_len - 1);
	if (!car_name_is_valid(action))
		return false;

	memcpy(ret_action, action, sizeof(action));
	return true;
}

/* --- the list of a car ---------------------------------------------------- */

static bool is_of(
	const struct car_offer *offer, const struct car_action *action)
{
	return strcmp(offer->action, action->name) == 0;
}

/* Would a payer see in it what @action sells today? */
static bool fits(const struct car_offer *offer, const struct car_action *action)
{
	return is_of(offer, action) && action->offers &&
	       offer->price_msat == action->price_msat &&
	       strcmp(offer->text, action->text) == 0;
}

static const struct car_action *find_fitting(
	const struct car_entry *car, const struct car_offer *offer)
{
	const struct car_action *action = car_find_action(car, offer->action);

	return action != NULL && fits(offer, action) ? action : NULL;
}

struct car_offer *offer_find_current(
	const struct car_entry *car, const struct car_action *action)
{
	for (size_t i = 0; i < car->n_offers; i++)
		if (!car->offers[i].retired && is_of(&car->offers[i], action))
			return &car->offers[i];

	return NULL;
}

static void save(struct offers *offers, struct car_entry *car)
{
	if (cars_save(offers->node->cars, car) < 0)
		plugin_log(offers->node->plugin, PLUGIN_BROKEN,
			"%s: which of its offers are sold cannot be saved",
			car->name);
	node_offers_changed(offers->node, car);
}

void offers_sort_out(struct offers *offers, struct car_entry *car)
{
	bool changed = false;

	for (size_t i = 0; i < car->n_offers; i++) {
		struct car_offer *offer = &car->offers[i];

		if (!offer->retired && find_fitting(car, offer) == NULL) {
			offer->retired = changed = true;
			offer->retired_ms = clock_boottime_ms();
		}
	}
	for (size_t i = 0; i < car->n_offers; i++) {
		struct car_offer *offer = &car->offers[i];
		const struct car_action *action = find_fitting(car, offer);

		if (offer->retired && action != NULL &&
			offer_find_current(car, action) == NULL) {
			offer->retired = false;
			changed = true;
		}
		/* What is lowered stays due to those who paid more before. */
		if (!offer->retired && action != NULL &&
			offer->deposit_msat < action->deposit_msat) {
			offer->deposit_msat = action->deposit_msat;
			changed = true;
		}
	}
	if (changed)
		save(offers, car);
}

static void drop(struct car_entry *car, size_t i)
{
	free(car->offers[i].bolt12);
	memmove(&car->offers[i], &car->offers[i + 1],
		(car->n_offers - i - 1) * sizeof(car->offers[i]));
	car->n_offers--;
}

void offers_drop(
	struct offers *offers, struct car_entry *car, struct car_offer *offer)
{
	drop(car, (size_t)(offer - car->offers));
	save(offers, car);
}

/* Once an offer is disabled, none of its invoices can be paid any more. */
bool offers_make_room(struct offers *offers, struct car_entry *car)
{
	if (car->n_offers < OFFERS_KEPT)
		return true;

	for (size_t i = 0; i < car->n_offers; i++) {
		const struct car_offer *offer = &car->offers[i];

		if (!offer->retired || offer->is_active ||
			node_holds_offer(offers->node, offer->offer_id))
			continue;
		drop(car, i);
		return true;
	}
	return false;
}

/* It is in the file before anybody hears of it. */
int offers_add(struct offers *offers, struct car_entry *car,
	const struct car_action *action, const char *offer_id,
	const char *bolt12)
{
	struct car_offer *list, *offer;
	int r;

	list = reallocarray(
		car->offers, car->n_offers + 1, sizeof(*car->offers));
	if (list == NULL)
		return -ENOMEM;
	car->offers = list;
	offer = &list[car->n_offers];
	*offer = (struct car_offer){ .price_msat = action->price_msat,
		.deposit_msat = action->deposit_msat,
		.bolt12 = strdup(bolt12),
		.is_active = true };
	if (offer->bolt12 == NULL)
		return -ENOMEM;
	memcpy(offer->action, action->name, sizeof(offer->action));
	memcpy(offer->text, action->text, sizeof(offer->text));
	memcpy(offer->offer_id, offer_id, sizeof(offer->offer_id));
	car->n_offers++;

	r = cars_save(offers->node->cars, car);
	if (r < 0)
		drop(car, car->n_offers - 1);
	return r;
}

json_t *offers_list(const struct car_entry *car)
{
	json_t *list = json_array();

	for (size_t i = 0; i < car->n_offers; i++) {
		const struct car_offer *offer = &car->offers[i];

		/* Nobody can pay those, nor has to be told. */
		if (offer->retired && !offer->is_active)
			continue;
		if (json_array_append_new(list,
			    json_pack("{s:s, s:I, s:s, s:s, s:b, s:b}",
				    "action", offer->action, "price_msat",
				    (json_int_t)offer->price_msat, "offer_id",
				    offer->offer_id, "bolt12", offer->bolt12,
				    "retired", offer->retired, "active",
				    offer->is_active)) != 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}
