/* SPDX-License-Identifier: MIT */

#include "node/payment.h"

#include <stdlib.h>
#include <string.h>

/* A text without a NUL in it: one with is not what it seems to be. */
static const char *read_text(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);
	const char *text = json_string_value(value);

	return text != NULL && strlen(text) == json_string_length(value) ? text
									 : NULL;
}

/* A number, or "123msat" as nodes before 23.11 write it. */
static bool read_msat(const json_t *value, uint64_t *ret)
{
	const char *text = json_string_value(value);
	char *end;

	if (json_is_integer(value) && json_integer_value(value) >= 0) {
		*ret = (uint64_t)json_integer_value(value);
		return true;
	}
	if (text == NULL || *text < '0' || *text > '9')
		return false;
	errno = 0;
	*ret = strtoull(text, &end, 10);
	return errno == 0 && *ret <= INT64_MAX && strcmp(end, "msat") == 0;
}

bool payment_read(const json_t *object, struct payment *ret)
{
	const char *preimage = read_text(object, "preimage");

	ret->label = read_text(object, "label");
	return ret->label != NULL && preimage != NULL &&
	       mark_hash(preimage, ret->hash) == 0 &&
	       read_msat(json_object_get(object, "msat"), &ret->msat);
}

bool payment_has_no_invoice(const json_t *result)
{
	const json_t *invoices = json_object_get(result, "invoices");

	return json_is_array(invoices) && json_array_size(invoices) == 0;
}

bool payment_read_invoice(const json_t *result, struct payment_invoice *ret)
{
	const json_t *invoices = json_object_get(result, "invoices");
	const json_t *object = json_array_get(invoices, 0);
	const char *status = read_text(object, "status");
	/* Before its time where its offer was disabled: lightning 0 (12). */
	bool is_expired = status != NULL && strcmp(status, "expired") == 0;

	*ret = (struct payment_invoice){
		.hash = read_text(object, "payment_hash"),
		.label = read_text(object, "label"),
		.offer_id = read_text(object, "local_offer_id"),
		.description = read_text(object, "description"),
		.payer_note = read_text(object, "invreq_payer_note"),
		.expires_at_s = is_expired ? 0
					   : json_integer_value(json_object_get(
						     object, "expires_at")),
		.is_paid = status != NULL && strcmp(status, "paid") == 0,
	};
	return json_array_size(invoices) == 1 && ret->hash != NULL &&
	       mark_is_hash(ret->hash) && ret->label != NULL && status != NULL;
}
