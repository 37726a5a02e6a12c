/* SPDX-License-Identifier: MIT */

#include "lightning/hold.h"

#include <string.h>

bool hold_read(
	const json_t *object, struct invoice_texts *texts, struct hold *ret)
{
	const json_t *offer_id = json_object_get(object, "offer_id");
	const json_t *note = json_object_get(object, "payer_note");
	const json_t *age = json_object_get(object, "age_ms");
	struct hold hold = {
		.payment_hash = texts->payment_hash,
		.label = texts->label,
		.offer_id = offer_id == NULL ? NULL : texts->offer_id,
		.payer_note = note == NULL ? NULL : texts->payer_note,
		.taken = json_is_true(json_object_get(object, "taken")),
	};

	if (!invoice_read_hash(json_object_get(object, "payment_hash"),
		    texts->payment_hash) ||
		!invoice_read_text(
			json_object_get(object, "label"), texts->label) ||
		!invoice_read_msat(
			json_object_get(object, "msat"), &hold.msat) ||
		!invoice_read_description(object, &hold.description))
		return false;
	/* Without its offer a payment could buy what its amount says. */
	if (offer_id != NULL && !invoice_read_hash(offer_id, texts->offer_id))
		return false;
	if (note != NULL && !invoice_read_text(note, texts->payer_note))
		return false;
	if (!json_is_integer(age) || json_integer_value(age) < 0)
		return false;

	hold.age_ms = (uint64_t)json_integer_value(age);
	*ret = hold;
	return true;
}

/* NULL: there is none, or what stands there is longer than it looks. */
static const char *text_of(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);
	const char *text = json_string_value(value);

	return text != NULL && strlen(text) == json_string_length(value) ? text
									 : NULL;
}

static bool read_offer(const json_t *object, struct holds_offer *ret)
{
	char id[INVOICES_HASH_SIZE];
	struct holds_offer offer = {
		.action = text_of(object, "action"),
		.offer_id = text_of(object, "offer_id"),
		.bolt12 = text_of(object, "bolt12"),
		.retired = json_is_true(json_object_get(object, "retired")),
		.active = json_is_true(json_object_get(object, "active")),
	};

	/* An id is lower-case, as payments name it. */
	if (offer.action == NULL || *offer.action == '\0' ||
		strlen(offer.action) >= HOLDS_NAME_SIZE ||
		offer.offer_id == NULL || offer.bolt12 == NULL ||
		!invoice_read_hash(json_object_get(object, "offer_id"), id) ||
		strcmp(id, offer.offer_id) != 0 ||
		!invoice_read_msat(json_object_get(object, "price_msat"),
			&offer.price_msat))
		return false;

	*ret = offer;
	return true;
}

size_t hold_read_offers(
	const json_t *array, struct holds_offer ret[static HOLDS_OFFERS_MAX])
{
	const json_t *object;
	size_t i, n = 0;

	json_array_foreach (array, i, object)
		if (n < HOLDS_OFFERS_MAX && read_offer(object, &ret[n]))
			n++;

	return n;
}

bool hold_read_state(const json_t *value, enum holds_state *ret)
{
	static const char *const names[] = {
		[HOLDS_PENDING] = "pending",
		[HOLDS_PAID] = "paid",
		[HOLDS_UNPAID] = "unpaid",
	};
	const char *text = json_string_value(value);

	for (int i = 0; text != NULL && i <= HOLDS_UNPAID; i++) {
		if (strcmp(text, names[i]) != 0)
			continue;
		*ret = (enum holds_state)i;
		return true;
	}

	return false;
}

static json_t *texts(const char *const *list)
{
	json_t *array = json_array();

	for (; *list != NULL; list++)
		if (json_array_append_new(array, json_string(*list)) < 0) {
			json_decref(array);
			return NULL;
		}

	return array;
}

static json_t *actions_of(const struct holds_config *config)
{
	json_t *array = json_array();

	for (size_t i = 0; i < config->n_actions; i++) {
		const struct holds_action *action = &config->actions[i];
		json_t *object = json_pack(
			"{s:s, s:I, s:I, s:s, s:b, s:b, s:s*}", "name",
			action->name, "price_msat",
			(json_int_t)action->price_msat, "deposit_msat",
			(json_int_t)action->deposit_msat, "text", action->text,
			"keeps", action->keeps, "offers", action->has_offer,
			"offer_id",
			*action->offer_id == '\0' ? NULL : action->offer_id);

		if (json_array_append_new(array, object) < 0) {
			json_decref(array);
			return NULL;
		}
	}

	return array;
}

static json_t *owed_of(const struct holds_owed *owed, size_t n)
{
	json_t *array = json_array();

	for (size_t i = 0; i < n; i++) {
		json_t *object = json_pack("{s:s, s:I, s:s, s:s}",
			"payment_hash", owed[i].payment_hash, "msat",
			(json_int_t)owed[i].msat, "action", owed[i].action,
			"why", owed[i].why);

		if (json_array_append_new(array, object) < 0) {
			json_decref(array);
			return NULL;
		}
	}

	return array;
}

json_t *hold_registration(const struct holds_config *config, const char *boot,
	const struct holds_owed *owed, size_t n_owed)
{
	/* A NULL among them makes json_pack() drop all of it. */
	return json_pack("{s:s, s:s, s:b, s:o, s:o, s:o, s:o, s:o}", "car",
		config->car, "boot", boot, "holds", config->holds, "labels",
		texts(config->labels), "addresses", texts(config->addresses),
		"descriptions", texts(config->descriptions), "actions",
		actions_of(config), "owed", owed_of(owed, n_owed));
}

json_t *hold_open_names(const struct holds_config *config, uint64_t open)
{
	json_t *array = json_array();

	for (size_t i = 0; i < config->n_actions; i++)
		if ((open >> i & 1) != 0 &&
			json_array_append_new(array,
				json_string(config->actions[i].name)) < 0) {
			json_decref(array);
			return NULL;
		}

	return array;
}
