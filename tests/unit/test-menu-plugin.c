/* SPDX-License-Identifier: MIT */

/* What the node's plugin is for: hold, refunds, deposits, and the car's name. */

#include "menu-world.h"

#define NODE_WITH(keys) "node { rpc = \"/r\"\n" keys " }\n"
#define RENT(keys)                                                           \
	"action rent { price = 9000 begin = unlock undo = lock end = lock\n" \
	"rental = 30min\n" keys " }\n"

enum {
	HOUR_MS = 60 * 60 * 1000,
};

TEST(menu_plugin, without_a_word_there_is_none)
{
	struct menu *menu = taken(CAR NODE FLASH);

	cr_expect_not(menu->plugin);
	cr_expect_not(menu->hold);
	cr_expect_not(menu->refunds);
	cr_expect_str_eq(menu->car_name, "car");
	cr_expect_eq(menu->actions[0].deposit_msat, 0);
	cr_expect_eq(menu->actions[0].inspect_ms, 0);
	cr_expect_eq(menu_asked_msat(&menu->actions[0]), 1000);
	menu_free(menu);
}

TEST(menu_plugin, keys_are_read)
{
	static const struct {
		const char *text;
		bool plugin, hold, refunds;
	} cases[] = {
		{ CAR NODE_WITH("plugin = yes") FLASH, true, false, false },
		{ CAR NODE_WITH("plugin = no") FLASH, false, false, false },
		/* It is the plugin that holds. */
		{ CAR NODE_WITH("hold = yes") FLASH, true, true, false },
		{ CAR NODE_WITH("plugin = yes hold = yes") FLASH, true, true,
			false },
		{ CAR NODE_WITH("plugin = yes hold = no") FLASH, true, false,
			false },
		{ CAR NODE_WITH("plugin = yes refunds = automatic") FLASH, true,
			false, true },
		{ CAR NODE_WITH("refunds = by-hand") FLASH, false, false,
			false },
		{ CAR NODE_WITH("hold = yes refunds = by-hand") FLASH, true,
			true, false },
		{ CAR NODE_WITH("plugin = yes accept = any") FLASH, true, false,
			false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct menu *menu = taken(cases[i].text);

		cr_expect_eq(menu->plugin, cases[i].plugin, "%zu", i);
		cr_expect_eq(menu->hold, cases[i].hold, "%zu", i);
		cr_expect_eq(menu->refunds, cases[i].refunds, "%zu", i);
		menu_free(menu);
	}
}

TEST(menu_plugin, words_are_judged)
{
	refused(CAR NODE_WITH("plugin = maybe") FLASH,
		":3: plugin: \"maybe\" is not known here; write no or yes",
		NULL);
	refused(CAR NODE_WITH("hold = 1") FLASH,
		":3: hold: \"1\" is not known here; write no or yes", NULL);
	refused(CAR NODE_WITH("refunds = yes") FLASH,
		":3: refunds: \"yes\" is not known here; write by-hand or "
		"automatic",
		NULL);
	refused(CAR NODE_WITH("hold = { yes, no }") FLASH,
		":3: hold takes one value, not a list", NULL);
	refused(CAR NODE_WITH("plugins = yes") FLASH,
		":3: \"plugins\" is not known here; did you mean \"plugin\"?",
		NULL);
}

/* What follows from a word that is wrong is not told. */
TEST(menu_plugin, wrong_word_is_the_only_mistake)
{
	static const char *const texts[] = {
		CAR NODE_WITH("plugin = maybe refunds = automatic") FLASH,
		CAR NODE_WITH("hold = maybe refunds = automatic") FLASH,
		CAR NODE_WITH("plugin = maybe hold = yes") FLASH,
		CAR NODE_WITH("plugin = maybe") RENT("deposit = 50000"),
		CAR NODE_WITH("hold = maybe") RENT("deposit = 50000"),
		CAR NODE_WITH("plugin = yes refunds = maybe hold = yes") FLASH,
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct menu *menu = NULL;
		struct told told;

		cr_assert_eq(load(texts[i], &told, &menu), MENU_E_INVALID);
		cr_expect_eq(told.n, 1, "%s", told.text);
	}
}

TEST(menu_plugin, what_does_not_fit_together_is_told)
{
	refused(CAR NODE_WITH("plugin = no hold = yes") FLASH,
		":2: node has hold = yes and plugin = no, but it is the plugin "
		"that holds; remove plugin",
		NULL);
	refused(CAR NODE_WITH("refunds = automatic") FLASH,
		":2: node has refunds = automatic, which the node's plugin "
		"does; add plugin = yes or hold = yes",
		NULL);
	refused(CAR NODE_WITH("plugin = no refunds = automatic") FLASH,
		":2: node has refunds = automatic, which the node's plugin "
		"does",
		NULL);
	refused(CAR NODE_WITH("hold = yes refunds = automatic") FLASH,
		":2: node has refunds and hold; a payment that is held goes "
		"back by itself: remove refunds",
		NULL);
	refused(CAR NODE_WITH("hold = yes accept = any") FLASH,
		":2: node has hold = yes and accept = any, which would turn "
		"away all income of the node while the car is away; name the "
		"payments that count",
		NULL);
	refused(CAR NODE_WITH(
			"hold = yes accept = { offers, \"label x-*\", any }")
			FLASH,
		":2: node has hold = yes and accept = any", NULL);
	/* All at once. */
	refused(CAR NODE_WITH("plugin = no hold = yes refunds = automatic "
			      "accept = any") FLASH,
		"remove plugin", "remove refunds", "accept = any", NULL);
}

/* As JSON has it, which knows no other bytes. */
TEST(menu_plugin, description_has_to_be_what_an_invoice_can_say)
{
	struct menu *menu =
		taken(CAR NODE_WITH("accept = \"description Gr\xc3\xbc\xc3\x9f"
				    "e\"") FLASH);

	cr_expect_str_eq(menu->accept[0].text, "Gr\xc3\xbc\xc3\x9f"
					       "e");
	menu_free(menu);
	refused(CAR NODE_WITH("accept = \"description Gr\xfc\xdf"
			      "e\"") FLASH,
		":3: accept: \"description Gr??e\" has bytes that are no "
		"UTF-8, which no invoice has; save this file as UTF-8",
		NULL);
	refused(CAR NODE_WITH("accept = \"label 1sat\xff*\"") FLASH,
		":3: accept: \"label 1sat?*\" has bytes that are no UTF-8",
		NULL);
}

TEST(menu_plugin, car_has_a_name_of_its_own)
{
	static const char *const names[] = { "roadster", "car-2", "3", "-",
		"abcdefghijklmnopqrstuvwxyz012345" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct menu *menu;
		char text[256];

		(void)snprintf(text, sizeof(text),
			"car { vin = \"5YJ3E1EA6KF000000\" name = \"%s\" }\n"
			"%s%s",
			names[i], NODE, FLASH);
		menu = taken(text);
		cr_expect_str_eq(menu->car_name, names[i]);
		menu_free(menu);
	}
}

TEST(menu_plugin, name_that_is_none_is_told)
{
	static const struct {
		const char *name, *phrase;
	} cases[] = {
		{ "Roadster", ":1: name: \"Roadster\" is no name for a car; "
			      "use small letters, digits and -" },
		{ "my car", "is no name for a car" },
		{ "car_2", "is no name for a car" },
		{ "caf\xc3\xa9", "is no name for a car" },
		{ "../car", "is no name for a car" },
		{ "abcdefghijklmnopqrstuvwxyz0123456",
			":1: name: the text is too long; at most 32 "
			"characters" },
		{ "", ":1: " },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char text[256];

		(void)snprintf(text, sizeof(text),
			"car { vin = \"5YJ3E1EA6KF000000\" name = \"%s\" }\n"
			"%s%s",
			cases[i].name, NODE, FLASH);
		refused(text, cases[i].phrase, NULL);
	}
}

TEST(menu_plugin, deposit_is_asked_for_beside_the_price)
{
	struct menu *menu = taken(CAR NODE_WITH("plugin = yes")
			RENT("deposit = 50000 inspect = 12h"));

	cr_expect_eq(menu->actions[0].price_msat, 9000000);
	cr_expect_eq(menu->actions[0].deposit_msat, 50000000);
	cr_expect_eq(menu_asked_msat(&menu->actions[0]), 59000000);
	cr_expect_eq(menu->actions[0].inspect_ms, 12 * HOUR_MS);
	menu_free(menu);
	/* A day, unless it says something else. */
	menu = taken(CAR NODE_WITH("hold = yes") RENT("deposit = 50000"));
	cr_expect_eq(menu->actions[0].inspect_ms, 24 * HOUR_MS);
	menu_free(menu);
	/* At once. */
	menu = taken(CAR NODE_WITH("hold = yes")
			RENT("deposit = 50000 inspect = 0"));
	cr_expect_lt(menu->actions[0].inspect_ms, 1000);
	menu_free(menu);
	menu = taken(CAR NODE_WITH("hold = yes")
			RENT("deposit = 50000 inspect = 720h"));
	cr_expect_eq(menu->actions[0].inspect_ms, UINT64_C(720) * HOUR_MS);
	menu_free(menu);
	/* All bitcoin there are fit into both. */
	menu = taken(
		CAR NODE_WITH("hold = yes") RENT("deposit = 1050000000000000"));
	cr_expect_lt(menu_asked_msat(&menu->actions[0]), INT64_MAX);
	menu_free(menu);
}

TEST(menu_plugin, deposits_that_are_none_are_told)
{
	static const struct {
		const char *keys, *phrase;
	} cases[] = {
		{ "deposit = 0",
			"deposit: \"0\" is not the deposit in sat; write a "
			"whole number from 1 to 1050000000000000" },
		{ "deposit = 1050000000000001", "is not the deposit in sat" },
		{ "deposit = -5", "is not the deposit in sat" },
		{ "deposit = 1.5", "is not the deposit in sat" },
		{ "deposit = \"50 000\"", "is not the deposit in sat" },
		{ "deposit = { 1, 2 }", "deposit takes one value" },
		{ "deposit = 1 inspect = soon",
			"inspect: \"soon\" is no time" },
		{ "deposit = 1 inspect = 721h",
			"inspect: \"721h\" is no time" },
		{ "deposit = 1 inspect = -1", "inspect: \"-1\" is no time" },
		{ "inspect = 1h", "action rent has inspect without a deposit, "
				  "which is what waits for it" },
		{ "inspect = 0", "action rent has inspect without a deposit" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char text[512];

		(void)snprintf(text, sizeof(text),
			CAR NODE_WITH("plugin = yes") RENT("%s"),
			cases[i].keys);
		refused(text, cases[i].phrase, NULL);
	}
}

TEST(menu_plugin, deposits_are_for_rentals_that_the_plugin_can_pay_back)
{
	refused(CAR NODE RENT("deposit = 50000"),
		":3: action rent has a deposit, which the node's plugin gives "
		"back; add in the section node: plugin = yes, or hold = yes",
		NULL);
	refused(CAR NODE_WITH("plugin = no") RENT("deposit = 50000"),
		":4: action rent has a deposit, which", NULL);
	refused(CAR NODE_WITH("plugin = yes") "action x { price = 1 do = "
					      "flash-lights deposit = 5 "
					      "}\n",
		":4: action x is no rental; deposit and inspect are for "
		"rentals only",
		NULL);
	refused(CAR NODE_WITH("plugin = yes") "action x { price = 1 do = "
					      "flash-lights inspect = 0 "
					      "}\n",
		":4: action x is no rental; deposit and inspect", NULL);
}

/* What tells them apart is what is asked for. */
TEST(menu_plugin, prices_are_compared_with_their_deposits)
{
	menu_free(taken(CAR NODE_WITH("plugin = yes")
			RENT("deposit = 50000") "action x { price = 9000 do = "
						"honk }\n"));
	refused(CAR NODE_WITH("plugin = yes")
			RENT("deposit = 50000") "action x { price = 59000 do = "
						"honk }\n",
		":7: action x costs the same as rent in line 4", NULL);
	refused(CAR NODE_WITH("plugin = yes")
			RENT("deposit = 1") "action x { price = 8991 do = honk "
					    "scale = 5 scale-max = 3 }\n",
		":7: action x costs 9001 sat for 3 rounds, which buys rent",
		NULL);
}
