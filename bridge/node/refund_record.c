/* SPDX-License-Identifier: MIT */

#include "node/refund_record.h"

#include <stdlib.h>
#include <string.h>

#include "node/mark.h"

enum {
	HOUR_S = 60 * 60,
};

/* All there will ever be, in msat: sums of a day stay far from an overflow. */
static const json_int_t msat_max = 2100000000000000000;

/* As the texts in the datastore. */
static const char *const states[] = {
	[REFUND_PAYING] = "paying",
	[REFUND_PAID] = "paid",
	[REFUND_FAILED] = "failed",
};
static const char *const kinds[] = {
	[WAY_BACK_OFFER] = "offer",
	[WAY_BACK_NAME] = "name",
};

static bool find(const char *const *texts, size_t n_texts, const char *text,
	unsigned int *ret)
{
	for (size_t i = 0; i < n_texts; i++)
		if (strcmp(texts[i], text) == 0) {
			*ret = (unsigned int)i;
			return true;
		}

	return false;
}

static int read_object(json_t *object, struct refund_record *ret)
{
	const char *state, *car, *hash, *kind, *invoice = NULL;
	json_int_t amount, fee = -1, at, expires = 0;
	struct refund_record record = { 0 };
	unsigned int i;

	if (json_unpack(object,
		    "{s:s, s:s, s:s, s:s, s:I, s?I, s?I, s:I, s?I, s?s}",
		    "state", &state, "car", &car, "payment_hash", &hash, "to",
		    &kind, "amount_msat", &amount, "maxfee_msat", &fee,
		    "fee_msat", &fee, "at", &at, "expires_at", &expires,
		    "invstring", &invoice) != 0)
		return -EINVAL;
	if (amount <= 0 || amount > msat_max || fee < 0 || fee > msat_max ||
		at < 0 || expires < 0 || !mark_is_hash(hash) ||
		!car_name_is_valid(car))
		return -EINVAL;
	if (!find(states, ARRAY_SIZE(states), state, &i))
		return -EINVAL;
	record.state = i;
	if (!find(kinds, ARRAY_SIZE(kinds), kind, &i))
		return -EINVAL;
	record.to = i;
	if ((invoice == NULL) != (record.state == REFUND_PAID) ||
		(invoice != NULL && strlen(invoice) > REFUND_INVOICE_MAX))
		return -EINVAL;

	memcpy(record.car, car, strlen(car) + 1);
	memcpy(record.payment_hash, hash, sizeof(record.payment_hash));
	record.amount_msat = (uint64_t)amount;
	record.fee_msat = (uint64_t)fee;
	record.at_s = at;
	record.expires_s = expires;
	if (invoice != NULL) {
		record.invoice = strdup(invoice);
		if (record.invoice == NULL)
			return -ENOMEM;
	}
	*ret = record;
	return 0;
}

int refund_record_read(const char *text, struct refund_record *ret)
{
	json_t *object = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	int r;

	if (object == NULL)
		return -EINVAL;
	r = read_object(object, ret);
	json_decref(object);
	return r;
}

/* Takes over @object, NULL without memory. */
static char *dump(json_t *object)
{
	char *text = object == NULL ? NULL : json_dumps(object, JSON_COMPACT);

	json_decref(object);
	return text;
}

char *refund_record_print(const struct refund_record *record)
{
	json_t *object = json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:I}",
		"state", states[record->state], "car", record->car,
		"payment_hash", record->payment_hash, "to", kinds[record->to],
		"amount_msat", (json_int_t)record->amount_msat,
		record->state == REFUND_PAID ? "fee_msat" : "maxfee_msat",
		(json_int_t)record->fee_msat, "at", (json_int_t)record->at_s);

	if (object != NULL && record->state != REFUND_PAID &&
		(json_object_set_new(object, "expires_at",
			 json_integer(record->expires_s)) != 0 ||
			json_object_set_new(object, "invstring",
				json_string(record->invoice)) != 0)) {
		json_decref(object);
		return NULL;
	}
	return dump(object);
}

void refund_record_deinit(struct refund_record *record)
{
	free(record->invoice);
	*record = (struct refund_record){ 0 };
}

/* Those that are so old that they count no more make room. */
static void drop_before(struct refund_spent *spent, int64_t hour)
{
	size_t n = 0;

	for (size_t i = 0; i < spent->n_hours; i++)
		if (spent->hours[i].hour > hour - REFUND_HOURS)
			spent->hours[n++] = spent->hours[i];
	spent->n_hours = n;
}

void refund_spent_add(struct refund_spent *spent, int64_t at_s, uint64_t msat)
{
	int64_t hour = at_s / HOUR_S;
	size_t i = 0;

	while (i < spent->n_hours && spent->hours[i].hour != hour)
		i++;
	if (i == ARRAY_SIZE(spent->hours)) {
		drop_before(spent, hour);
		i = spent->n_hours;
	}
	/* A clock that was set back leaves hours that have not come yet. */
	if (i == ARRAY_SIZE(spent->hours))
		i--;
	if (i == spent->n_hours) {
		spent->hours[i].hour = hour;
		spent->hours[i].msat = 0;
		spent->n_hours++;
	}
	spent->hours[i].msat += msat;
}

void refund_spent_less(struct refund_spent *spent, int64_t at_s, uint64_t msat)
{
	for (size_t i = 0; i < spent->n_hours; i++)
		if (spent->hours[i].hour == at_s / HOUR_S)
			spent->hours[i].msat -= msat < spent->hours[i].msat
							? msat
							: spent->hours[i].msat;
}

/* Hours to come, of a clock that was set back, count as well. */
uint64_t refund_spent_sum(const struct refund_spent *spent, int64_t now_s)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < spent->n_hours; i++)
		if (spent->hours[i].hour > now_s / HOUR_S - REFUND_HOURS)
			sum += spent->hours[i].msat;

	return sum;
}

char *refund_index_print(const struct refund_spent *spent, json_t *open)
{
	json_t *hours = json_array();

	for (size_t i = 0; i < spent->n_hours; i++)
		if (json_array_append_new(hours,
			    json_pack("[I, I]",
				    (json_int_t)spent->hours[i].hour,
				    (json_int_t)spent->hours[i].msat)) != 0) {
			json_decref(hours);
			return NULL;
		}
	return dump(json_pack("{s:O, s:o}", "open", open, "spent", hours));
}

static int read_index(json_t *object, size_t max_open,
	struct refund_spent *ret_spent, json_t **ret_open)
{
	struct refund_spent spent = { 0 };
	json_t *open, *hours, *item;
	size_t i;

	if (json_unpack(object, "{s:o, s:o}", "open", &open, "spent", &hours) !=
			0 ||
		!json_is_array(open) || json_array_size(open) > max_open ||
		!json_is_array(hours) ||
		json_array_size(hours) > ARRAY_SIZE(spent.hours))
		return -EINVAL;
	json_array_foreach (open, i, item) {
		if (!json_is_string(item) ||
			!mark_is_hash(json_string_value(item)))
			return -EINVAL;
	}
	json_array_foreach (hours, i, item) {
		json_int_t hour, msat;

		if (json_unpack(item, "[I, I]", &hour, &msat) != 0 ||
			hour < 0 || msat < 0 || msat > msat_max / REFUND_HOURS)
			return -EINVAL;
		spent.hours[i].hour = hour;
		spent.hours[i].msat = (uint64_t)msat;
	}

	spent.n_hours = json_array_size(hours);
	*ret_spent = spent;
	*ret_open = json_incref(open);
	return 0;
}

int refund_index_read(const char *text, size_t max_open,
	struct refund_spent *ret_spent, json_t **ret_open)
{
	json_t *object = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	int r;

	if (object == NULL)
		return -EINVAL;
	r = read_index(object, max_open, ret_spent, ret_open);
	json_decref(object);
	return r;
}
