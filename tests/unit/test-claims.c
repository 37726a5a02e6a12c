/* SPDX-License-Identifier: MIT */

#include <stdio.h>
#include <string.h>

#include "orders/claims.h"
#include "test.h"
#include "util/claimed.h"

#define OFFER_FLASH \
	"00000000000000000000000000000000000000000000000000000000000000f1"
#define OFFER_FOREIGN \
	"00000000000000000000000000000000000000000000000000000000000000ff"
#define METADATA(id)                                                           \
	"[[\"text/plain\",\"Flash the car\"],[\"text/identifier\",\"" id "\"]" \
	"]"

/* flash 1 sat, honk 21 sat, honk-twice 42 sat, party from 1000 sat */
static struct menu menu_of(
	enum menu_accept_kind kind, const char *text, const char *more_label)
{
	struct menu menu = { .n_actions = 4, .n_accept = 2 };
	static const struct {
		const char *name;
		uint64_t sat;
	} actions[] = { { "flash", 1 }, { "honk", 21 }, { "honk-twice", 42 },
		{ "party", 1000 } };

	for (size_t i = 0; i < menu.n_actions; i++) {
		(void)snprintf(menu.actions[i].name, MENU_NAME_SIZE, "%s",
			actions[i].name);
		menu.actions[i].price_msat = 1000 * actions[i].sat;
	}
	menu.actions[3].match = MENU_AT_LEAST;
	(void)snprintf(menu.actions[0].offer_id,
		sizeof(menu.actions[0].offer_id), "%s", OFFER_FLASH);
	menu.accept[0].kind = kind;
	(void)snprintf(menu.accept[0].text, MENU_TEXT_SIZE, "%s", text);
	menu.accept[1].kind = MENU_ACCEPT_LABEL;
	(void)snprintf(menu.accept[1].text, MENU_TEXT_SIZE, "%s", more_label);
	return menu;
}

static struct claim judge(
	const struct menu *menu, const struct payment *payment)
{
	struct claim claim;

	claim_judge(menu, payment, NULL, &claim);
	return claim;
}

static void expect_buys(
	const struct claim *claim, const char *name, uint64_t tip_msat)
{
	cr_assert_eq(claim->verdict, CLAIM_BUYS, "%s", claim->why);
	cr_expect_str_eq(claim->action->name, name);
	cr_expect_eq(claim->tip_msat, tip_msat);
}

TEST(claims, offer_of_ours_names_the_action)
{
	struct menu menu = menu_of(MENU_ACCEPT_OFFERS, "", "1sat2flash-*");
	struct payment payment = { .label = OFFER_FLASH "-02aa-0",
		.offer_id = OFFER_FLASH,
		.msat = 21000 };
	struct claim claim = judge(&menu, &payment);

	/* Not honk, though that is what 21 sat would buy. */
	expect_buys(&claim, "flash", 20000);

	payment.msat = 999;
	claim = judge(&menu, &payment);
	cr_expect_eq(claim.verdict, CLAIM_NOTHING);
	cr_expect_str_eq(claim.why, "paid 0.999 sat, flash costs 1 sat");
	cr_expect_str_eq(claim.action->name, "flash");

	menu.accept[0].kind = MENU_ACCEPT_DESCRIPTION;
	cr_expect_eq(judge(&menu, &payment).verdict, CLAIM_NOT_OURS);
}

TEST(claims, unknown_offer_never_falls_through_to_the_amount)
{
	static const enum menu_accept_kind kinds[] = { MENU_ACCEPT_OFFERS,
		MENU_ACCEPT_DESCRIPTION, MENU_ACCEPT_ANY };

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct menu menu = menu_of(kinds[i], "mug", "1sat2flash-*");
		struct payment payment = { .label = "1sat2flash-flash",
			.offer_id = OFFER_FOREIGN,
			.description = "mug",
			.msat = 1000 };

		cr_expect_eq(judge(&menu, &payment).verdict, CLAIM_NOT_OURS);
	}
}

TEST(claims, other_income_is_left_alone)
{
	struct menu menu = menu_of(MENU_ACCEPT_LIGHTNING_ADDRESS,
		"flash@shop.example", "1sat2flash-*");
	static const char *const labels[] = { "mug-17", "keysend-1000.2",
		"1sat2flash", "x1sat2flash-flash", "" };

	for (size_t i = 0; i < ARRAY_SIZE(labels); i++)
		for (uint64_t sat = 0; sat < 2000; sat++) {
			struct payment payment = { .label = labels[i],
				.description = "a mug, flash@shop.example",
				.msat = 1000 * sat };

			cr_assert_eq(
				judge(&menu, &payment).verdict, CLAIM_NOT_OURS);
		}
}

TEST(claims, label_of_ours_names_the_action)
{
	struct menu menu = menu_of(MENU_ACCEPT_OFFERS, "", "1sat2flash-*");
	struct payment payment = { .msat = 42000 };
	struct claim claim;

	payment.label = "1sat2flash-honk";
	claim = judge(&menu, &payment);
	expect_buys(&claim, "honk", 21000);
	payment.label = "1sat2flash-honk-2026";
	claim = judge(&menu, &payment);
	expect_buys(&claim, "honk", 21000);
	payment.label = "1sat2flash-honk-twice-7";
	claim = judge(&menu, &payment);
	expect_buys(&claim, "honk-twice", 0);

	payment.msat = 5000;
	claim = judge(&menu, &payment);
	cr_expect_eq(claim.verdict, CLAIM_NOTHING);
	cr_expect_str_eq(claim.why, "paid 5 sat, honk-twice costs 42 sat");
}

TEST(claims, label_that_names_nothing_leaves_it_to_the_amount)
{
	struct menu menu = menu_of(MENU_ACCEPT_OFFERS, "", "1sat2flash-*");
	struct payment payment = { .label = "1sat2flash-honky", .msat = 1000 };
	struct claim claim = judge(&menu, &payment);

	expect_buys(&claim, "flash", 0);
	payment.msat = 2000;
	claim = judge(&menu, &payment);
	cr_expect_eq(claim.verdict, CLAIM_NOTHING);
	cr_expect_str_eq(claim.why, "no action costs 2 sat");
	cr_expect_null(claim.action);

	/* A whole label is matched whole. */
	menu = menu_of(MENU_ACCEPT_OFFERS, "", "kiosk");
	payment.label = "kiosk-flash";
	cr_expect_eq(judge(&menu, &payment).verdict, CLAIM_NOT_OURS);
	payment.label = "kiosk";
	payment.msat = 1000;
	claim = judge(&menu, &payment);
	expect_buys(&claim, "flash", 0);
}

TEST(claims, amount_is_exact_unless_at_least_is_asked_for)
{
	struct menu menu = menu_of(MENU_ACCEPT_ANY, "", "1sat2flash-*");
	struct payment payment = { .label = "", .msat = 21001 };
	struct claim claim;

	cr_expect_eq(judge(&menu, &payment).verdict, CLAIM_NOTHING);
	payment.msat = 21000;
	claim = judge(&menu, &payment);
	expect_buys(&claim, "honk", 0);
	payment.msat = 1500000;
	claim = judge(&menu, &payment);
	expect_buys(&claim, "party", 500000);

	/* The dearest that it reaches, and the exact price before all. */
	menu.actions[0].match = MENU_AT_LEAST;
	payment.msat = 20000;
	claim = judge(&menu, &payment);
	expect_buys(&claim, "flash", 19000);
	payment.msat = 21000;
	claim = judge(&menu, &payment);
	expect_buys(&claim, "honk", 0);
	payment.msat = 2000000;
	claim = judge(&menu, &payment);
	expect_buys(&claim, "party", 1000000);
}

TEST(claims, any_takes_what_the_label_says_first)
{
	struct menu menu = menu_of(MENU_ACCEPT_ANY, "", "kiosk");
	struct payment payment = { .label = "1sat2flash-flash", .msat = 21000 };
	struct claim claim = judge(&menu, &payment);

	expect_buys(&claim, "flash", 20000);
}

TEST(claims, description_is_contained)
{
	struct menu menu =
		menu_of(MENU_ACCEPT_DESCRIPTION, "my car", "1sat2flash-*");
	struct payment payment = { .label = "BTCPay7f", .msat = 1000 };

	cr_expect_eq(judge(&menu, &payment).verdict, CLAIM_NOT_OURS);
	payment.description = "Flash my car, please";
	cr_expect_eq(judge(&menu, &payment).verdict, CLAIM_BUYS);
	payment.description = "Flash my cat";
	cr_expect_eq(judge(&menu, &payment).verdict, CLAIM_NOT_OURS);
	/* The payer of a keysend writes what he likes. */
	payment.description = "Flash my car, please";
	payment.label = "keysend-1700000000.123";
	cr_expect_eq(judge(&menu, &payment).verdict, CLAIM_NOT_OURS);
}

TEST(claims, lightning_address_is_matched_exactly)
{
	static const char address[] = "flash@shop.example";
	static const char *const ours[] = {
		METADATA("flash@shop.example"),
		"[[\"text/identifier\",\"flash@shop.example\"]]",
		" [ [\"text/identifier\",\n\"flash@shop.example\"] ,[\"a\"]]\t",
		"[[\"text\\/identifier\",\"fl\\u0061sh@shop.example\"]]",
	};
	static const char *const others[] = {
		"",
		"flash@shop.example",
		METADATA("xflash@shop.example"),
		METADATA("flash@shop.example.evil.example"),
		METADATA("flash@shop.exampl"),
		METADATA("Flash@shop.example"),
		METADATA("flash@shop.example\\u0000"),
		METADATA("flash@shop.example\\u00e9"),
		METADATA(""),
		"[[\"text/plain\",\"flash@shop.example\"]]",
		"[[\"text/plain\",\"[\\\"text/identifier\\\",\\\"flash@shop."
		"example\\\"]\"]]",
		"[[\"text/plain\",\"text/identifier\",\"flash@shop.example\"]]",
		"[[\"text/identifier\",\"flash@shop.example\",\"x\"]]",
		"[[\"text/identifier\"],[\"flash@shop.example\"]]",
		"[\"text/identifier\",\"flash@shop.example\"]",
		METADATA("flash@shop.example") "x",
		"x" METADATA("flash@shop.example"),
		"[[\"text/identifier\",\"flash@shop.example\"]",
		"[[\"text/identifier\",\"flash@shop.example\"],]",
		"[[\"text/identifier\",\"flash@shop.example\"",
		"[[\"text/identifier\",\"flash@shop.example",
		"[[\"text/identifier\",\"flash@shop.example\\",
		"[[\"text/identifier\",\"flash@shop.example\\u00",
		"[[\"text/identifier\",\"flash@shop.example\\q\"]]",
		"[[\"text/identifier\",\"flash@shop.example\\u00\x10"
		"1\"]]",
		"[[\"text/identifier\",flash@shop.example]]",
		"[[\"text/identifier\",\"flash@shop.example\"],[\"text/"
		"identifier\",\"other@shop.example\"]]",
		"[[],[\"text/identifier\",\"flash@shop.example\"]]",
		"[]",
		"[",
		"[[",
		"[[\"",
	};
	struct menu menu = menu_of(MENU_ACCEPT_LIGHTNING_ADDRESS, address, "x");
	struct payment payment = { .label = "BTCPay", .msat = 1000 };

	for (size_t i = 0; i < ARRAY_SIZE(ours); i++) {
		cr_expect(claimed_by_address(ours[i], address), "%s", ours[i]);
		payment.description = ours[i];
		cr_expect_eq(judge(&menu, &payment).verdict, CLAIM_BUYS);
	}
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		cr_expect_not(claimed_by_address(others[i], address), "%s",
			others[i]);
		payment.description = others[i];
		cr_expect_eq(judge(&menu, &payment).verdict, CLAIM_NOT_OURS);
	}
}

/* honk: 21 sat, and 10 more for each more round, five in all. */
static struct menu scaled_menu(enum menu_match match)
{
	struct menu menu = menu_of(MENU_ACCEPT_OFFERS, "", "1sat2flash-*");

	menu.actions[1].scale_msat = 10000;
	menu.actions[1].rounds_max = 5;
	menu.actions[1].match = match;
	return menu;
}

TEST(claims, more_buys_more_rounds)
{
	static const struct {
		uint64_t sat;
		const char *action; /* NULL: nothing */
		uint32_t n_rounds;
	} cases[] = {
		{ 20, NULL, 0 },
		{ 21, "honk", 1 },
		{ 30, NULL, 0 },
		{ 31, "honk", 2 },
		{ 41, "honk", 3 },
		{ 42, "honk-twice", 1 },
		{ 51, "honk", 4 },
		{ 61, "honk", 5 },
		{ 71, NULL, 0 },
	};
	struct menu menu = scaled_menu(MENU_EXACT);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct payment payment = { .label = "1sat2flash-",
			.msat = 1000 * cases[i].sat };
		struct claim claim = judge(&menu, &payment);

		if (cases[i].action == NULL) {
			cr_expect_eq(claim.verdict, CLAIM_NOTHING);
			continue;
		}
		expect_buys(&claim, cases[i].action, 0);
		cr_expect_eq(claim.n_rounds, cases[i].n_rounds);
	}
}

TEST(claims, what_buys_no_more_rounds_is_a_tip)
{
	struct menu menu = scaled_menu(MENU_EXACT);
	struct payment payment = { .label = "1sat2flash-honk", .msat = 38000 };
	struct claim claim = judge(&menu, &payment);

	expect_buys(&claim, "honk", 7000);
	cr_expect_eq(claim.n_rounds, 2);
	payment.msat = 1000000;
	claim = judge(&menu, &payment);
	expect_buys(&claim, "honk", 1000000 - 61000);
	cr_expect_eq(claim.n_rounds, 5);
}

/* A generator of its own, so that a failure can be repeated. */
static uint64_t draw(uint64_t *seed, uint64_t max)
{
	*seed = *seed * UINT64_C(6364136223846793005) +
		UINT64_C(1442695040888963407);

	return (*seed >> 33) % max;
}

/*
 * Whatever prices and scales are: all that was paid is price, rounds or tip;
 * a tip is what buys no more; and whoever pays more gets no fewer rounds.
 */
TEST(claims, any_amount_is_price_rounds_and_tip)
{
	for (uint64_t run = 0; run < 300; run++) {
		uint64_t seed = run;
		struct menu menu = menu_of(MENU_ACCEPT_OFFERS, "", "x-*");
		struct menu_action *a = &menu.actions[draw(&seed, 4)];
		uint32_t n_rounds = 0;
		char label[32];

		a->price_msat = 1 + draw(&seed, 5000);
		a->scale_msat = 1 + draw(&seed, 900);
		a->rounds_max = (uint32_t)(1 + draw(&seed, 32));
		(void)snprintf(label, sizeof(label), "x-%s", a->name);
		for (uint64_t msat = a->price_msat; msat < 40000;
			msat += 1 + draw(&seed, 700)) {
			struct payment payment = { .label = label,
				.msat = msat };
			struct claim claim = judge(&menu, &payment);

			cr_assert_eq(claim.verdict, CLAIM_BUYS);
			cr_assert_eq(claim.action, a);
			cr_assert_eq(msat,
				a->price_msat +
					(claim.n_rounds - 1) * a->scale_msat +
					claim.tip_msat,
				"run %zu: %zu msat", (size_t)run, (size_t)msat);
			cr_assert(claim.n_rounds == a->rounds_max ||
				  claim.tip_msat < a->scale_msat);
			cr_assert_leq(claim.n_rounds, a->rounds_max);
			cr_assert_geq(claim.n_rounds, n_rounds);
			n_rounds = claim.n_rounds;
		}
	}
}
