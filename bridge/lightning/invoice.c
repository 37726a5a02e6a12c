/* SPDX-License-Identifier: MIT */

#include "lightning/invoice.h"

#include <string.h>

#include "util/bytes.h"

bool invoice_read_index(const json_t *object, uint64_t *ret)
{
	const json_t *index = json_object_get(object, "pay_index");

	if (!json_is_integer(index) || json_integer_value(index) < 1)
		return false;

	*ret = (uint64_t)json_integer_value(index);
	return true;
}

int64_t invoice_read_paid_at(const json_t *object)
{
	const json_t *paid_at = json_object_get(object, "paid_at");

	if (!json_is_integer(paid_at) || json_integer_value(paid_at) < 0)
		return 0;

	return json_integer_value(paid_at);
}

bool invoice_read_hash(const json_t *value, char ret[static INVOICES_HASH_SIZE])
{
	const char *text = json_string_value(value);
	uint8_t hash[INVOICES_HASH_SIZE / 2];

	if (text == NULL || hex_decode(text, hash, sizeof(hash)) < 0)
		return false;

	hex_encode(hash, sizeof(hash), ret);
	return true;
}

bool invoice_read_text(
	const json_t *value, char ret[static INVOICES_TEXT_MAX + 1])
{
	const char *text = json_string_value(value);
	size_t len;

	if (text == NULL)
		return false;

	len = strnlen(text, INVOICES_TEXT_MAX + 1);
	if (len > INVOICES_TEXT_MAX) {
		len = INVOICES_TEXT_MAX;
		while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80)
			len--;
	}
	memcpy(ret, text, len);
	ret[len] = '\0';
	return true;
}

/* As invoice_read_text(); an absent note is NULL in *@ret. */
static bool read_note(const json_t *object,
	char buffer[static INVOICES_TEXT_MAX + 1], const char **ret)
{
	const json_t *value = json_object_get(object, "invreq_payer_note");

	*ret = value == NULL ? NULL : buffer;
	return value == NULL || invoice_read_text(value, buffer);
}

bool invoice_read_description(const json_t *object, const char **ret)
{
	const json_t *value = json_object_get(object, "description");
	const char *text = json_string_value(value);

	if (value != NULL && text == NULL)
		return false;

	*ret = text != NULL && strlen(text) == json_string_length(value) ? text
									 : NULL;
	return true;
}

bool invoice_read_msat(const json_t *value, uint64_t *ret)
{
	const char *text = json_string_value(value);
	uint64_t msat = 0;

	if (json_is_integer(value) && json_integer_value(value) >= 0) {
		*ret = (uint64_t)json_integer_value(value);
		return true;
	}
	if (text == NULL || *text < '0' || *text > '9')
		return false;

	for (; *text >= '0' && *text <= '9'; text++) {
		/* All bitcoin there will ever be are 2.1e18 msat. */
		if (msat > (uint64_t)INT64_MAX / 10 - 1)
			return false;
		msat = 10 * msat + (uint64_t)(*text - '0');
	}
	if (strcmp(text, "msat") != 0)
		return false;

	*ret = msat;
	return true;
}

static bool problem(const char **ret, const char *what)
{
	*ret = what;
	return false;
}

bool invoice_read(const json_t *object, struct invoice_texts *texts,
	struct invoice *ret, const char **ret_problem)
{
	const char *status =
		json_string_value(json_object_get(object, "status"));
	const json_t *offer_id = json_object_get(object, "local_offer_id");
	struct invoice invoice = {
		.payment_hash = texts->payment_hash,
		.label = texts->label,
		.offer_id = offer_id == NULL ? NULL : texts->offer_id,
	};

	if (status == NULL || strcmp(status, "paid") != 0)
		return problem(ret_problem, "it is not paid");
	if (!invoice_read_index(object, &invoice.pay_index))
		return problem(ret_problem, "no pay_index");
	if (!invoice_read_hash(json_object_get(object, "payment_hash"),
		    texts->payment_hash))
		return problem(ret_problem, "no payment_hash");
	if (!invoice_read_text(json_object_get(object, "label"), texts->label))
		return problem(ret_problem, "no label");
	if (!invoice_read_msat(json_object_get(object, "amount_received_msat"),
		    &invoice.msat))
		return problem(ret_problem, "no amount_received_msat");
	/* Without its offer a payment could buy what its amount says. */
	if (offer_id != NULL && !invoice_read_hash(offer_id, texts->offer_id))
		return problem(ret_problem, "local_offer_id is no id");
	if (!invoice_read_description(object, &invoice.description))
		return problem(ret_problem, "description is no text");
	if (!read_note(object, texts->payer_note, &invoice.payer_note))
		return problem(ret_problem, "invreq_payer_note is no text");
	invoice.paid_at_s = invoice_read_paid_at(object);

	*ret = invoice;
	return true;
}
