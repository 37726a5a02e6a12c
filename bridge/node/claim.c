/* SPDX-License-Identifier: MIT */

#include "node/claim.h"

#include <stdio.h>
#include <string.h>

#include "util/bytes.h"
#include "util/claimed.h"

enum {
	PAYER_DIGITS = 66,
};

bool claim_read_label(const char *label, char ret[static CAR_HASH_SIZE])
{
	static const char digits[] = "0123456789abcdef";
	const char *payer, *number;

	if (strspn(label, digits) != CAR_HASH_SIZE - 1 ||
		label[CAR_HASH_SIZE - 1] != '-')
		return false;
	payer = label + CAR_HASH_SIZE;
	if (strspn(payer, digits) != PAYER_DIGITS || payer[PAYER_DIGITS] != '-')
		return false;
	number = payer + PAYER_DIGITS + 1;
	if (number[0] == '\0' || number[strspn(number, "0123456789")] != '\0')
		return false;

	memcpy(ret, label, CAR_HASH_SIZE - 1);
	ret[CAR_HASH_SIZE - 1] = '\0';
	return true;
}

static bool has_label(const struct car_claims *claims, const char *label)
{
	size_t prefix_len;

	for (size_t i = 0; i < claims->labels.n_texts; i++)
		if (claimed_by_label(
			    label, claims->labels.texts[i], &prefix_len))
			return true;

	return false;
}

/* The car with a text that @has finds in @text, of those that hold, or not. */
static struct car_entry *find(const struct cars *cars, bool holds,
	bool (*has)(const struct car_claims *claims, const char *text),
	const char *text)
{
	for (size_t i = 0; i < cars_count(cars); i++) {
		struct car_entry *car = cars_at(cars, i);

		if (car->claims.holds == holds && has(&car->claims, text))
			return car;
	}

	return NULL;
}

struct car_entry *claim_by_label(const struct cars *cars, const char *label)
{
	char offer_id[CAR_HASH_SIZE];
	struct car_entry *car = NULL;

	if (claim_read_label(label, offer_id))
		car = cars_find_offer(cars, offer_id, NULL, NULL);
	if (car == NULL)
		car = find(cars, true, has_label, label);
	/* What it lets go could be held by its description. */
	if (car == NULL && !claim_needs_text(cars, label))
		car = find(cars, false, has_label, label);

	return car;
}

bool claim_needs_text(const struct cars *cars, const char *label)
{
	/* Its sender writes the description of a keysend. */
	if (claimed_is_keysend(label))
		return false;
	for (size_t i = 0; i < cars_count(cars); i++) {
		const struct car_claims *claims = &cars_at(cars, i)->claims;

		if (claims->holds && (claims->addresses.n_texts > 0 ||
					     claims->descriptions.n_texts > 0))
			return true;
	}

	return false;
}

static bool has_address(
	const struct car_claims *claims, const char *description)
{
	for (size_t i = 0; i < claims->addresses.n_texts; i++)
		if (claimed_by_address(description, claims->addresses.texts[i]))
			return true;

	return false;
}

static bool has_description(
	const struct car_claims *claims, const char *description)
{
	for (size_t i = 0; i < claims->descriptions.n_texts; i++)
		if (strstr(description, claims->descriptions.texts[i]) != NULL)
			return true;

	return false;
}

struct car_entry *claim_by_text(
	const struct cars *cars, const char *label, const char *description)
{
	struct car_entry *car;

	if (claimed_is_keysend(label) ||
		strnlen(description, CLAIM_DESCRIPTION_MAX + 1) >
			CLAIM_DESCRIPTION_MAX)
		return find(cars, false, has_label, label);

	car = find(cars, true, has_address, description);
	if (car == NULL)
		car = find(cars, true, has_description, description);
	if (car == NULL)
		car = find(cars, false, has_label, label);
	if (car == NULL)
		car = find(cars, false, has_address, description);
	if (car == NULL)
		car = find(cars, false, has_description, description);
	return car;
}

/* Is there a label that both @a and @b accept? */
static bool labels_overlap(const char *a, const char *b)
{
	size_t a_len = strlen(a), b_len = strlen(b);
	bool a_is_prefix = a[a_len - 1] == '*',
	     b_is_prefix = b[b_len - 1] == '*';
	size_t a_prefix = a_len - a_is_prefix, b_prefix = b_len - b_is_prefix;

	if (!a_is_prefix && !b_is_prefix)
		return strcmp(a, b) == 0;
	if (!a_is_prefix)
		return strncmp(a, b, b_prefix) == 0;
	if (!b_is_prefix)
		return strncmp(a, b, a_prefix) == 0;

	return strncmp(a, b, a_prefix < b_prefix ? a_prefix : b_prefix) == 0;
}

static bool texts_equal(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

/* What has the longer text has the shorter one, too. */
static bool descriptions_overlap(const char *a, const char *b)
{
	return strstr(a, b) != NULL || strstr(b, a) != NULL;
}

/* The first of @mine that collides with one of @theirs; NULL if none does. */
static const char *find_overlap(const struct car_texts *mine,
	const struct car_texts *theirs,
	bool (*overlap)(const char *a, const char *b))
{
	for (size_t i = 0; i < mine->n_texts; i++)
		for (size_t k = 0; k < theirs->n_texts; k++)
			if (overlap(mine->texts[i], theirs->texts[k]))
				return mine->texts[i];

	return NULL;
}

static const char *find_offer_overlap(
	const struct car_claims *claims, const struct car_entry *other)
{
	for (size_t i = 0; i < claims->n_actions; i++) {
		const char *offer_id = claims->actions[i].offer_id;

		if (offer_id[0] == '\0')
			continue;
		for (size_t k = 0; k < other->claims.n_actions; k++)
			if (strcmp(offer_id,
				    other->claims.actions[k].offer_id) == 0)
				return offer_id;
		for (size_t k = 0; k < other->n_offers; k++)
			if (strcmp(offer_id, other->offers[k].offer_id) == 0)
				return offer_id;
	}

	return NULL;
}

bool claim_overlaps(const struct cars *cars, const char *name,
	const struct car_claims *claims, char ret_why[static CAR_WHY_SIZE])
{
	for (size_t i = 0; i < cars_count(cars); i++) {
		const struct car_entry *other = cars_at(cars, i);
		const char *kind = "label", *what;
		char printable[100];

		if (strcmp(other->name, name) == 0)
			continue;
		what = find_overlap(
			&claims->labels, &other->claims.labels, labels_overlap);
		if (what == NULL) {
			kind = "lightning address";
			what = find_overlap(&claims->addresses,
				&other->claims.addresses, texts_equal);
		}
		if (what == NULL) {
			kind = "description";
			what = find_overlap(&claims->descriptions,
				&other->claims.descriptions,
				descriptions_overlap);
		}
		if (what == NULL) {
			kind = "offer";
			what = find_offer_overlap(claims, other);
		}
		if (what == NULL)
			continue;

		text_printable(what, printable, sizeof(printable));
		(void)snprintf(ret_why, CAR_WHY_SIZE,
			"The car %s claims the %s %s already.", other->name,
			kind, printable);
		return true;
	}

	return false;
}
