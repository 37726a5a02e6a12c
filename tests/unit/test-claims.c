/* SPDX-License-Identifier: MIT */

#include <stdio.h>
#include <string.h>

#include "orders/claims.h"
#include "test.h"

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

	claim_judge(menu, payment, &claim);
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
		cr_expect(
			claim_has_identifier(ours[i], address), "%s", ours[i]);
		payment.description = ours[i];
		cr_expect_eq(judge(&menu, &payment).verdict, CLAIM_BUYS);
	}
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		cr_expect_not(claim_has_identifier(others[i], address), "%s",
			others[i]);
		payment.description = others[i];
		cr_expect_eq(judge(&menu, &payment).verdict, CLAIM_NOT_OURS);
	}
}
