/* SPDX-License-Identifier: MIT */

#include "lightning/invoice.h"

#include <string.h>

#include "test.h"

#define HASH "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define OFFER "ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100"

static struct invoice_texts texts;
static const char *problem;

static json_t *plain(void)
{
	json_t *object = json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:I}",
		"label", "1sat2flash-1", "payment_hash", HASH, "status", "paid",
		"pay_index", (json_int_t)7, "amount_msat", (json_int_t)1000,
		"amount_received_msat", (json_int_t)1001, "paid_at",
		(json_int_t)1700000000);

	cr_assert_not_null(object);
	return object;
}

/*
 * Reads plain() with @name set to @value, or without it.  *@ret is good until
 * the next time.
 */
static bool read_with(const char *name, json_t *value, struct invoice *ret)
{
	static json_t *object;

	json_decref(object);
	object = plain();
	if (value == NULL)
		(void)json_object_del(object, name);
	else
		cr_assert_eq(json_object_set_new(object, name, value), 0);
	return invoice_read(object, &texts, ret, &problem);
}

static json_t *text_of(size_t len, const char *end)
{
	char *text = malloc(len + strlen(end) + 1);
	json_t *value;

	cr_assert_not_null(text);
	memset(text, 'x', len);
	memcpy(text + len, end, strlen(end) + 1);
	value = json_string(text);
	free(text);
	cr_assert_not_null(value);
	return value;
}

TEST(invoice, all_fields_are_read)
{
	struct invoice invoice;
	json_t *object = plain();

	json_object_set_new(object, "local_offer_id", json_string(OFFER));
	json_object_set_new(object, "description", json_string("one flash"));
	json_object_set_new(object, "invreq_payer_note", json_string("hi"));
	cr_assert(invoice_read(object, &texts, &invoice, &problem));

	cr_assert_str_eq(invoice.label, "1sat2flash-1");
	cr_assert_str_eq(invoice.payment_hash, HASH);
	cr_assert_str_eq(invoice.offer_id, OFFER);
	cr_assert_str_eq(invoice.description, "one flash");
	cr_assert_str_eq(invoice.payer_note, "hi");
	cr_assert_eq(invoice.pay_index, 7);
	cr_assert_eq(invoice.msat, 1001);
	cr_assert_eq(invoice.paid_at_s, 1700000000);
	json_decref(object);
}

TEST(invoice, what_may_be_absent_may_be_absent)
{
	struct invoice invoice;

	cr_assert(read_with("paid_at", NULL, &invoice));
	cr_assert_null(invoice.offer_id);
	cr_assert_null(invoice.description);
	cr_assert_null(invoice.payer_note);
	cr_assert_eq(invoice.paid_at_s, 0);
}

TEST(invoice, what_must_be_there_must_be_there)
{
	static const char *const names[] = {
		"label",
		"payment_hash",
		"status",
		"pay_index",
		"amount_received_msat",
	};
	struct invoice invoice = { .msat = 5 };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		problem = NULL;
		cr_assert_not(read_with(names[i], NULL, &invoice));
		cr_assert_not_null(problem);
		problem = NULL;
		cr_assert_not(read_with(names[i], json_true(), &invoice));
		cr_assert_not_null(problem);
	}
	cr_assert_eq(invoice.msat, 5);
}

TEST(invoice, wrong_values_are_problems)
{
	struct invoice invoice;

	cr_assert_not(read_with("status", json_string("unpaid"), &invoice));
	cr_assert_not(read_with("status", json_string("expired"), &invoice));
	cr_assert_not(read_with("pay_index", json_integer(0), &invoice));
	cr_assert_not(read_with("pay_index", json_integer(-1), &invoice));
	cr_assert_not(read_with("pay_index", json_string("7"), &invoice));
	cr_assert_not(read_with("pay_index", json_real(7), &invoice));
	cr_assert_not(
		read_with("payment_hash", json_string(HASH "00"), &invoice));
	cr_assert_not(read_with("payment_hash", json_string("00"), &invoice));
	cr_assert_not(
		read_with("local_offer_id", json_string("mug"), &invoice));
	cr_assert_not(read_with("local_offer_id", json_null(), &invoice));
	cr_assert_not(read_with("description", json_integer(1), &invoice));
	cr_assert_not(read_with("invreq_payer_note", json_array(), &invoice));
	cr_assert_not(invoice_read(json_null(), &texts, &invoice, &problem));
}

TEST(invoice, the_highest_index_is_read)
{
	struct invoice invoice;

	cr_assert(read_with("pay_index", json_integer(INT64_MAX), &invoice));
	cr_assert_eq(invoice.pay_index, INT64_MAX);
}

TEST(invoice, a_hash_becomes_lower_case)
{
	struct invoice invoice;
	json_t *value = json_string("00112233445566778899AABBCCDDEEFF"
				    "00112233445566778899aabbccddeeff");

	cr_assert(read_with("payment_hash", value, &invoice));
	cr_assert_str_eq(invoice.payment_hash, HASH);
}

TEST(invoice, old_nodes_write_amounts_as_text)
{
	static const char *const wrong[] = {
		"",
		"msat",
		"1",
		"1sat",
		"-1msat",
		" 1msat",
		"1msat ",
		"1.5msat",
		"99999999999999999999msat",
	};
	const char *name = "amount_received_msat";
	struct invoice invoice;

	cr_assert(read_with(name, json_string("21000msat"), &invoice));
	cr_assert_eq(invoice.msat, 21000);
	cr_assert(read_with(
		name, json_string("2100000000000000000msat"), &invoice));
	cr_assert_eq(invoice.msat, 2100000000000000000);
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		cr_assert_not(read_with(name, json_string(wrong[i]), &invoice),
			"%s", wrong[i]);
	cr_assert_not(read_with(name, json_integer(-1), &invoice));
}

TEST(invoice, long_texts_are_cut_between_characters)
{
	struct invoice invoice;

	/* The last character that would fit has 4 bytes, 3 too many. */
	cr_assert(read_with("invreq_payer_note",
		text_of(INVOICES_TEXT_MAX - 1, "\xf0\x9f\x9a\x97!"), &invoice));
	cr_assert_eq(strlen(invoice.payer_note), INVOICES_TEXT_MAX - 1);
	cr_assert(read_with("invreq_payer_note",
		text_of(INVOICES_TEXT_MAX - 4, "\xf0\x9f\x9a\x97!"), &invoice));
	cr_assert_eq(strlen(invoice.payer_note), INVOICES_TEXT_MAX);
	cr_assert(read_with("label", text_of(100000, ""), &invoice));
	cr_assert_eq(strlen(invoice.label), INVOICES_TEXT_MAX);
}

/* LNURL metadata may hold a picture of 136536 characters: lightning 6. */
TEST(invoice, a_description_is_whole_or_none)
{
	struct invoice invoice;

	cr_assert(read_with("description", text_of(136536, "!"), &invoice));
	cr_assert_eq(strlen(invoice.description), 136537);
	cr_assert(read_with(
		"description", json_stringn("[[]]\0[]", 8), &invoice));
	cr_assert_null(invoice.description);
}

TEST(invoice, a_text_ends_at_a_nul)
{
	struct invoice invoice;

	cr_assert(read_with(
		"invreq_payer_note", json_stringn("hi\0there", 8), &invoice));
	cr_assert_str_eq(invoice.payer_note, "hi");
}
