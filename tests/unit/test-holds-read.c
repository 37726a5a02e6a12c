/* SPDX-License-Identifier: MIT */

/* What the plugin says, member by member, right and wrong. */

#include "lightning/hold.h"

#include <stdlib.h>

#include "holds-world.h"

static struct invoice_texts texts;

static json_t *held(void)
{
	return json_pack("{s:s, s:s, s:i, s:s, s:s, s:s, s:i, s:i, s:b}",
		"payment_hash", HASH("01"), "label", "1sat2flash-1", "msat",
		1000, "offer_id", OFFER_A, "description", "Flash", "payer_note",
		"hi", "age_ms", 5, "left_ms", 55000, "taken", false);
}

/* As held(), with @member as the text @json says; NULL: without it. */
static json_t *held_with(const char *member, const char *json)
{
	json_t *object = held();

	if (json == NULL)
		cr_assert_eq(json_object_del(object, member), 0);
	else
		cr_assert_eq(json_object_set_new(object, member,
				     json_loads(json,
					     JSON_DECODE_ANY | JSON_ALLOW_NUL,
					     NULL)),
			0);
	return object;
}

TEST(holds_read, what_is_wrong_in_a_hold_is_no_hold)
{
	static const struct {
		const char *member, *json;
	} cases[] = {
		{ "payment_hash", NULL },
		{ "payment_hash", "1" },
		{ "payment_hash", "\"\"" },
		{ "payment_hash", "\"01\"" },
		{ "payment_hash", "\"" HASH("0g") "\"" },
		{ "payment_hash", "\"" HASH("01") "0\"" },
		{ "label", NULL },
		{ "label", "null" },
		{ "label", "[]" },
		{ "msat", NULL },
		{ "msat", "-1" },
		{ "msat", "\"1\"" },
		{ "msat", "\"99999999999999999999msat\"" },
		{ "msat", "1.0" },
		{ "msat", "1e3" },
		{ "offer_id", "null" },
		{ "offer_id", "\"ab\"" },
		{ "offer_id", "{}" },
		{ "description", "null" },
		{ "description", "[\"Flash\"]" },
		{ "payer_note", "null" },
		{ "payer_note", "7" },
		{ "age_ms", NULL },
		{ "age_ms", "-1" },
		{ "age_ms", "\"5\"" },
		{ "age_ms", "0.5" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		json_t *object = held_with(cases[i].member, cases[i].json);
		struct hold hold = { .msat = 7 };

		cr_expect_not(hold_read(object, &texts, &hold), "%s: %s",
			cases[i].member, cases[i].json);
		cr_expect_eq(hold.msat, 7);
		json_decref(object);
	}
}

TEST(holds_read, what_may_be_left_out_may_be)
{
	static const char *const members[] = { "offer_id", "description",
		"payer_note", "left_ms", "taken" };
	struct hold hold;

	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		json_t *object = held_with(members[i], NULL);

		cr_assert(hold_read(object, &texts, &hold), "%s", members[i]);
		cr_expect_eq(hold.offer_id == NULL, i == 0);
		cr_expect_eq(hold.description == NULL, i == 1);
		cr_expect_eq(hold.payer_note == NULL, i == 2);
		cr_expect_not(hold.taken);
		json_decref(object);
	}
	cr_expect_not(hold_read(NULL, &texts, &hold));
}

/* Only a plain yes: anything else is a payment that nobody took. */
TEST(holds_read, taken_is_a_word_of_its_own)
{
	static const char *const values[] = { "1", "\"true\"", "null", "[]" };
	struct hold hold;

	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		json_t *object = held_with("taken", values[i]);

		cr_assert(hold_read(object, &texts, &hold));
		cr_expect_not(hold.taken);
		json_decref(object);
	}
}

TEST(holds_read, a_nul_ends_a_text_and_claims_nothing)
{
	json_t *object = held_with("description", "\"Flash\\u0000 mug\"");
	struct hold hold;

	cr_assert(hold_read(object, &texts, &hold));
	cr_expect_null(hold.description);
	json_decref(object);
	object = held_with("label", "\"1sat2flash-flash\\u0000-x\"");
	cr_assert(hold_read(object, &texts, &hold));
	cr_expect_str_eq(hold.label, "1sat2flash-flash");
	json_decref(object);
	object = held_with("payer_note", "\"\\u0000me@wallet.example\"");
	cr_assert(hold_read(object, &texts, &hold));
	cr_expect_str_eq(hold.payer_note, "");
	json_decref(object);
}

TEST(holds_read, texts_are_bounded_and_numbers_huge)
{
	enum {
		LEN = INVOICES_TEXT_MAX + 100,
	};
	char *text = malloc(LEN + 3);
	json_t *object;
	struct hold hold;

	cr_assert_not_null(text);
	memset(text, 'x', LEN + 2);
	text[0] = text[LEN + 1] = '"';
	text[LEN + 2] = '\0';
	object = held_with("label", text);
	cr_assert(hold_read(object, &texts, &hold));
	cr_expect_eq(strlen(hold.label), INVOICES_TEXT_MAX);
	json_decref(object);
	/* The description is looked at whole. */
	object = held_with("description", text);
	cr_assert(hold_read(object, &texts, &hold));
	cr_expect_eq(strlen(hold.description), LEN);
	json_decref(object);
	free(text);

	object = held_with("msat", "9223372036854775807");
	cr_assert(hold_read(object, &texts, &hold));
	cr_expect_eq(hold.msat, INT64_MAX);
	json_decref(object);
	object = held_with("age_ms", "9223372036854775807");
	cr_assert(hold_read(object, &texts, &hold));
	cr_expect_eq(hold.age_ms, INT64_MAX);
	json_decref(object);
}

static json_t *offer_with(const char *member, const char *json)
{
	json_t *object = json_pack("{s:s, s:i, s:s, s:s, s:b, s:b}", "action",
		"flash", "price_msat", 1000, "offer_id", OFFER_A, "bolt12",
		"lno1qq", "retired", false, "active", true);

	if (member == NULL)
		return object;
	if (json == NULL)
		cr_assert_eq(json_object_del(object, member), 0);
	else
		cr_assert_eq(json_object_set_new(object, member,
				     json_loads(json,
					     JSON_DECODE_ANY | JSON_ALLOW_NUL,
					     NULL)),
			0);
	return object;
}

TEST(holds_read, what_is_wrong_in_an_offer_is_no_offer)
{
	static const struct {
		const char *member, *json;
	} cases[] = {
		{ "action", NULL },
		{ "action", "1" },
		/* No action is called so. */
		{ "action", "\"\"" },
		{ "action", "\"a23456789012345678901234567890123\"" },
		{ "action", "\"flash\\u0000\"" },
		{ "bolt12", NULL },
		{ "bolt12", "[]" },
		{ "price_msat", NULL },
		{ "price_msat", "-1" },
		{ "price_msat", "1.5" },
		{ "offer_id", NULL },
		{ "offer_id", "\"ab\"" },
		/* As no payment names it. */
		{ "offer_id", "\"ABababababababababababababababab"
			      "abababababababababababababababab\"" },
		{ "offer_id", "\"" OFFER_A "\\u0000\"" },
	};
	static struct holds_offer offers[HOLDS_OFFERS_MAX];
	json_t *array = json_array();

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		(void)json_array_append_new(
			array, offer_with(cases[i].member, cases[i].json));
		cr_expect_eq(hold_read_offers(array, offers), 0, "%s: %s",
			cases[i].member, cases[i].json);
		(void)json_array_clear(array);
	}
	/* Among the rest one stands. */
	(void)json_array_append_new(array, json_null());
	(void)json_array_append_new(array, offer_with("retired", "1"));
	(void)json_array_append_new(array, json_string("x"));
	cr_assert_eq(hold_read_offers(array, offers), 1);
	cr_expect_str_eq(offers[0].action, "flash");
	cr_expect_str_eq(offers[0].offer_id, OFFER_A);
	cr_expect_str_eq(offers[0].bolt12, "lno1qq");
	cr_expect_eq(offers[0].price_msat, 1000);
	cr_expect_not(offers[0].retired);
	cr_expect(offers[0].active);
	json_decref(array);
	cr_expect_eq(hold_read_offers(NULL, offers), 0);
}

TEST(holds_read, no_more_offers_are_read_than_there_is_room)
{
	struct holds_offer offers[HOLDS_OFFERS_MAX + 1] = { 0 };
	json_t *array = json_array();

	for (int i = 0; i <= HOLDS_OFFERS_MAX; i++)
		(void)json_array_append_new(array, offer_with(NULL, NULL));
	cr_expect_eq(hold_read_offers(array, offers), HOLDS_OFFERS_MAX);
	cr_expect_null(offers[HOLDS_OFFERS_MAX].action);
	json_decref(array);
}

TEST(holds_read, states_are_three_words)
{
	static const char *const wrong[] = { "\"\"", "\"Paid\"", "\"paid \"",
		"\"settled\"", "1", "null", "{}" };
	enum holds_state state = HOLDS_UNPAID;

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		json_t *value = json_loads(wrong[i], JSON_DECODE_ANY, NULL);

		cr_expect_not(hold_read_state(value, &state), "%s", wrong[i]);
		cr_expect_eq(state, HOLDS_UNPAID);
		json_decref(value);
	}
	cr_expect_not(hold_read_state(NULL, &state));
	for (int i = HOLDS_PENDING; i <= HOLDS_UNPAID; i++) {
		static const char *const names[] = { "pending", "paid",
			"unpaid" };
		json_t *value = json_string(names[i]);

		cr_expect(hold_read_state(value, &state));
		cr_expect_eq((int)state, i);
		json_decref(value);
	}
}

TEST(holds_read, names_are_those_of_the_bits)
{
	char names[8][4];
	struct holds_action many[HOLDS_ACTIONS_MAX];
	struct holds_config all = { .n_actions = HOLDS_ACTIONS_MAX,
		.actions = many };
	json_t *array;

	for (size_t i = 0; i < ARRAY_SIZE(many); i++) {
		(void)snprintf(names[i % 8], sizeof(names[0]), "a%zu", i % 8);
		many[i] = (struct holds_action){ .name = names[i % 8] };
	}
	array = hold_open_names(&all, UINT64_MAX);
	cr_expect_eq(json_array_size(array), HOLDS_ACTIONS_MAX);
	json_decref(array);
	array = hold_open_names(&all, UINT64_C(1) << 63);
	cr_assert_eq(json_array_size(array), 1);
	cr_expect_str_eq(json_string_value(json_array_get(array, 0)), "a7");
	json_decref(array);
	/* Bits beyond the menu name nothing. */
	array = hold_open_names(&config, ~UINT64_C(7));
	cr_expect_eq(json_array_size(array), 0);
	json_decref(array);
}
