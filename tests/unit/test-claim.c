/* SPDX-License-Identifier: MIT */

#include "node/claim.h"

#include "cars-world.h"

static const char payer[] =
	"02cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc";

static const char address[] =
	"[[\"text/plain\",\"x\"],[\"text/identifier\",\"flash@shop.example\"]]";

static struct car_entry *claimed(const char *label)
{
	return claim_by_label(cars, label);
}

TEST(claim, an_offers_label_names_it)
{
	char label[200], offer_id[CAR_HASH_SIZE];

	(void)snprintf(label, sizeof(label), "%s-%s-0", offer_a, payer);
	cr_assert(claim_read_label(label, offer_id));
	cr_assert_str_eq(offer_id, offer_a);
	(void)snprintf(label, sizeof(label), "%s-%s-x", offer_a, payer);
	cr_assert_not(claim_read_label(label, offer_id));
	(void)snprintf(label, sizeof(label), "%s-%s-", offer_a, payer);
	cr_assert_not(claim_read_label(label, offer_id));
	(void)snprintf(label, sizeof(label), "%s-%s", offer_a, payer);
	cr_assert_not(claim_read_label(label, offer_id));
	(void)snprintf(label, sizeof(label), "%s-%s-0", offer_a, payer + 1);
	cr_assert_not(claim_read_label(label, offer_id));
	cr_assert_not(claim_read_label(offer_a, offer_id));
	cr_assert_not(claim_read_label("", offer_id));
}

TEST(claim, an_offer_comes_before_a_prefix)
{
	char label[200];
	struct car_entry *car;

	cars_begin();
	(void)add_car("all", "{'holds': true, 'labels': ['a*', 'b*']}");
	car = add_car("one", "{'holds': true}");
	add_offer(car, "flash", 1, offer_a);
	(void)snprintf(label, sizeof(label), "%s-%s-12", offer_a, payer);
	cr_assert_eq(claimed(label), car);
	(void)snprintf(label, sizeof(label), "%s-%s-12", offer_b, payer);
	cr_assert_eq(claimed(label), cars_find(cars, "all"));
	cars_end();
}

TEST(claim, a_label_is_whole_or_a_prefix)
{
	cars_begin();
	(void)add_car("a", "{'holds': true, 'labels': ['flash-*', 'honk']}");
	(void)add_car("b", "{'holds': false, 'labels': ['wave']}");
	cr_assert_eq(claimed("flash-1"), cars_find(cars, "a"));
	cr_assert_eq(claimed("honk"), cars_find(cars, "a"));
	cr_assert_null(claimed("honk-1"));
	cr_assert_eq(claimed("wave"), cars_find(cars, "b"));
	cr_assert_null(claimed("mug"));
	cars_end();
}

TEST(claim, a_text_is_asked_for_only_where_it_matters)
{
	cars_begin();
	(void)add_car("a", "{'holds': true, 'labels': ['flash-*']}");
	(void)add_car("b", "{'holds': false, 'descriptions': ['wave']}");
	cr_assert_not(claim_needs_text(cars, "mug"));
	(void)add_car("c", "{'holds': true, 'descriptions': ['honk']}");
	cr_assert(claim_needs_text(cars, "mug"));
	cr_assert_not(claim_needs_text(cars, "keysend-12"));
	cars_end();
}

TEST(claim, an_address_comes_before_a_text)
{
	cars_begin();
	(void)add_car("a", "{'holds': true, 'descriptions': ['shop']}");
	(void)add_car("b", "{'holds': true, 'addresses': "
			   "['flash@shop.example']}");
	cr_assert_eq(claim_by_text(cars, "x", address), cars_find(cars, "b"));
	cr_assert_eq(claim_by_text(cars, "x", "my shop"), cars_find(cars, "a"));
	cr_assert_null(claim_by_text(cars, "keysend-1", "my shop"));
	cr_assert_null(claim_by_text(cars, "x", "my garage"));
	cars_end();
}

TEST(claim, a_car_that_holds_comes_before_one_that_does_not)
{
	struct car_entry *lax, *strict;

	cars_begin();
	lax = add_car("a", "{'holds': false, 'labels': ['x-*'], 'addresses': "
			   "['flash@shop.example'], 'descriptions': ['wave']}");
	cr_assert_eq(claimed("x-1"), lax);
	strict = add_car("b", "{'holds': true, 'descriptions': ['shop']}");
	cr_assert_null(claimed("x-1"), "its description counts");
	cr_assert_eq(claim_by_text(cars, "x-1", "my shop"), strict);
	cr_assert_eq(claim_by_text(cars, "x-1", "a mug"), lax);
	cr_assert_eq(claim_by_text(cars, "y", address), strict);
	cr_assert_eq(claim_by_text(cars, "y", "shop wave"), strict);
	cr_assert_eq(claim_by_text(cars, "y", "wave"), lax);
	cars_end();
}

TEST(claim, a_text_too_long_claims_nothing)
{
	static char text[CLAIM_DESCRIPTION_MAX + 2];

	cars_begin();
	(void)add_car("a", "{'holds': true, 'descriptions': ['xx']}");
	memset(text, 'x', CLAIM_DESCRIPTION_MAX);
	cr_assert_not_null(claim_by_text(cars, "l", text));
	text[CLAIM_DESCRIPTION_MAX] = 'x';
	cr_assert_null(claim_by_text(cars, "l", text));
	cars_end();
}

TEST(claim, two_cars_never_claim_the_same)
{
	static const struct {
		const char *claims;
		const char *what; /* NULL: both may be */
	} cases[] = {
		{ "{'holds': true, 'labels': ['flash-*']}", "label flash-*" },
		{ "{'holds': true, 'labels': ['fla*']}", "label fla*" },
		{ "{'holds': true, 'labels': ['f*']}", "label f*" },
		{ "{'holds': true, 'labels': ['flash-1-*']}", "label" },
		{ "{'holds': true, 'labels': ['flash-x']}", "label flash-x" },
		{ "{'holds': true, 'labels': ['honk']}", "label honk" },
		{ "{'holds': true, 'labels': ['h*']}", "label h*" },
		{ "{'holds': true, 'labels': ['flash', 'honk-*', 'hon']}",
			NULL },
		{ "{'holds': true, 'addresses': ['a@b.c']}",
			"lightning address a@b.c" },
		{ "{'holds': true, 'addresses': ['a@b.cd']}", NULL },
		{ "{'holds': true, 'descriptions': ['text']}", "description" },
		{ "{'holds': true, 'descriptions': ['a text']}",
			"description a text" },
		{ "{'holds': true, 'descriptions': ['ex']}", "description ex" },
		{ "{'holds': true, 'descriptions': ['test']}", NULL },
		{ "{'holds': true, 'actions': [{'name': 'x', 'price_msat': 1,"
		  "'offer_id': 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'}]}",
			"offer aaaa" },
		{ "{'holds': true, 'actions': [{'name': 'x', 'price_msat': 1,"
		  "'offer_id': 'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
		  "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'}]}",
			"offer bbbb" },
	};
	struct car_entry *car;

	cars_begin();
	car = add_car("first",
		"{'holds': true, 'labels': ['flash-*', 'honk'], 'addresses':"
		" ['a@b.c'], 'descriptions': ['text'], 'actions': [{'name':"
		" 'x', 'price_msat': 1, 'offer_id': "
		"'bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
		"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb'}]}");
	add_offer(car, "flash", 1, offer_a);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char why[CAR_WHY_SIZE];
		int r = try_register("second", cases[i].claims, why);

		if (cases[i].what == NULL) {
			cr_assert_eq(r, 0, "%s", cases[i].claims);
			continue;
		}
		cr_assert_eq(r, CARS_E_CLAIMED, "%s", cases[i].claims);
		cr_assert_not_null(strstr(why, cases[i].what), "%s", why);
		cr_assert_not_null(strstr(why, "car first"), "%s", why);
	}
	cars_end();
}
