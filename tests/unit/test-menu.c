/* SPDX-License-Identifier: MIT */

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "faults.h"
#include "menu-world.h"

TEST(menu, example_of_the_manual_is_taken)
{
	_cleanup_(menu_freep) struct menu *menu = taken(
		"car {\n"
		"    vin = \"5YJ3E1EA6KF000000\"\n"
		"    # key = \"file:/x\"     any OSSL_STORE URI\n"
		"}\n"
		"node {\n"
		"    rpc = \"/var/lib/lightning/bitcoin/lightning-rpc\"\n"
		"    accept = { offers, \"label 1sat2flash-*\", # ours\n"
		"        \"lightning-address flash@shop.example\" }\n"
		"}\n"
		"action flash {\n    price = 1\n    do = flash-lights\n}\n"
		"action honk {\n    price = 21\n    do = honk\n"
		"    hours = \"08:00-20:00\"\n    cooldown = 10\n}\n"
		"action wave {\n    price = 100\n    do = { charge-port-open, "
		"\"wait 2s\", charge-port-close }\n}\n"
		"action music {\n    price = 500\n"
		"    do = { \"media-volume 4\", media-play }\n}\n");
	const struct menu_action *honk = menu_find(menu, "honk");
	const struct menu_action *wave = menu_find(menu, "wave");

	cr_expect_str_eq(menu->vin, "5YJ3E1EA6KF000000");
	cr_expect_str_eq(menu->key_uri, "file:/var/lib/1sat2flash/car.key");
	cr_expect_str_eq(menu->link, "bluez");
	cr_expect_eq(menu->n_accept, 3);
	cr_expect_eq(menu->accept[1].kind, MENU_ACCEPT_LABEL);
	cr_expect_str_eq(menu->accept[1].text, "1sat2flash-*");
	cr_expect_str_eq(menu->accept[2].text, "flash@shop.example");
	cr_expect_eq(menu->n_actions, 4);
	cr_expect_eq(honk->price_msat, 21000);
	cr_expect_eq(honk->open_from_min, 8 * 60);
	cr_expect_eq(honk->open_to_min, 20 * 60);
	cr_expect_eq(honk->cooldown_ms, 10000);
	cr_expect_eq(honk->max_age_ms, MENU_MAX_AGE_MS);
	cr_expect_eq(honk->match, MENU_EXACT);
	cr_expect_eq(honk->unknown, MENU_RETURN);
	cr_expect_eq(honk->when.set, CONDITIONS_OF(CONDITION_PARKED).set);
	cr_expect_eq(wave->steps.n_steps, 3);
	cr_expect_eq(wave->undo.n_steps, 1);
	cr_expect_eq(wave->undo.steps[0].command.id, COMMAND_CHARGE_PORT_CLOSE);
	cr_expect_null(menu_find(menu, "fly"));
	cr_expect_eq(menu_max_age_ms(menu), MENU_MAX_AGE_MS);
}

TEST(menu, every_key_is_read)
{
	_cleanup_(menu_freep) struct menu *menu = taken(
		"car { vin = \"5YJ3E1EA6KF000000\" key = \"pkcs11:object=car\" "
		"link = \"socket:/run/simcar\" link-hold = while-awake\n"
		"adapter = b8:27:eb:12:34:56 adapter-reset = always }\n"
		"node { rpc = /run/rpc accept = { offers, 'description a "
		"\"b\"' "
		"} } /* all\n of it */\n"
		"action open { price = 5000 do = { unlock, \"flash-lights x "
		"2\" "
		"} undo = lock match = at-least max-age = 2min cooldown = 0\n"
		"hours = \"20:00-24:00\" per-hour = 3 when = parked\n"
		"offer = "
		"\"ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef012345"
		"6789\" }\n"
		"action flash { price = 1 do = flash-lights unknown = keep\n"
		"when = anytime } // end");
	const struct menu_action *open = &menu->actions[0];

	cr_expect_str_eq(menu->key_uri, "pkcs11:object=car");
	cr_expect_str_eq(menu->link, "socket:/run/simcar");
	cr_expect_eq(menu->link_hold, LINK_HOLD_WHILE_AWAKE);
	cr_expect_str_eq(menu->adapter, "B8:27:EB:12:34:56");
	cr_expect(menu->reset_shared);
	cr_expect_str_eq(menu->rpc_path, "/run/rpc");
	cr_expect_str_eq(menu->accept[1].text, "a \"b\"");
	cr_expect_eq(open->steps.n_steps, 3);
	cr_expect_eq(open->undo.steps[0].command.id, COMMAND_LOCK);
	cr_expect_eq(open->match, MENU_AT_LEAST);
	cr_expect_eq(open->unknown, MENU_KEEP);
	cr_expect_eq(open->max_age_ms, 120000);
	cr_expect_eq(open->per_hour, 3);
	cr_expect_eq(open->open_from_min, 20 * 60);
	cr_expect_eq(open->open_to_min, 0);
	cr_expect_str_eq(open->offer_id,
		"abcdef0123456789abcdef0123456789abcdef0123456789abcdef01234567"
		"89");
	cr_expect_eq(menu->actions[1].unknown, MENU_KEEP);
	cr_expect_not(conditions_has(&menu->actions[1].when, CONDITION_PARKED));
	cr_expect_eq(menu_max_age_ms(menu), 120000);
}

TEST(menu, what_counts_as_ours_has_a_default)
{
	_cleanup_(menu_freep) struct menu *menu = taken(CAR NODE FLASH);

	cr_expect_eq(menu->n_accept, 2);
	cr_expect_eq(menu->accept[0].kind, MENU_ACCEPT_OFFERS);
	cr_expect_str_eq(menu->accept[1].text, "1sat2flash-*");
}

TEST(menu, radio_has_defaults)
{
	_cleanup_(menu_freep) struct menu *menu = taken(CAR NODE FLASH);

	cr_expect_str_eq(menu->link, "bluez");
	cr_expect_eq(menu->link_hold, LINK_HOLD_ON_DEMAND);
	cr_expect_str_eq(menu->adapter, "");
	cr_expect_not(menu->reset_shared);
}

TEST(menu, adapter_is_an_index_or_an_address)
{
	static const char *const wrong[] = { "hci", "hci1x", "hci1234", "usb0",
		"B8:27:EB:12:34", "B8:27:EB:12:34:5G", "B8-27-EB-12-34-56",
		"B8:27:EB:12:34:56:78", "/org/bluez/hci0" };
	_cleanup_(menu_freep) struct menu *menu = taken(
		"car { vin = \"5YJ3E1EA6KF000000\"\nadapter = hci12 "
		"link-hold = always adapter-reset = if-alone }\n" NODE FLASH);
	char text[128];

	cr_expect_str_eq(menu->adapter, "hci12");
	cr_expect_eq(menu->link_hold, LINK_HOLD_ALWAYS);
	cr_expect_not(menu->reset_shared);
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		(void)snprintf(text, sizeof(text),
			"car {\n adapter = \"%s\" }\n", wrong[i]);
		refused(text, ":2: adapter: ", wrong[i], NULL);
	}
}

TEST(menu, action_without_a_name_is_told_once)
{
	struct menu *menu = NULL;
	struct told told;

	cr_expect_eq(load(CAR NODE "action \"\" { price = 1 do = honk }\n",
			     &told, &menu),
		MENU_E_INVALID);
	cr_expect_str_eq(told.text, ":3: the text in quotes is empty; write "
				    "it, or leave the key out\n");
}

TEST(menu, missing_parts_are_told)
{
	refused("", ":1: the section car is missing",
		":1: the section node is missing", ":1: there is no action",
		NULL);
	refused("car {\n}\nnode {\n}\naction x {\n}\n", ":1: car has no vin",
		":3: node has no rpc", ":5: action x has no price",
		":5: action x has no do", NULL);
}

TEST(menu, several_mistakes_are_told_in_one_run)
{
	refused("car {\n"
		"    vin = \"5YJ3E1EA6KF00000\"\n" /* 16 */
		"    colour = red\n"
		"}\n"
		"node {\n"
		"    rpc \"/run/rpc\"\n"
		"}\n"
		"action flash {\n"
		"    prise = 1\n"
		"    do = { flash-light, honk }\n"
		"}\n"
		"acton honk {\n"
		"    price = 21\n"
		"}\n"
		"action wave {\n"
		"    price = 0\n"
		"    do = { }\n"
		"    cooldown = soon\n"
		"    hours = \"8-20\"\n"
		"    when = driving\n"
		"}\n",
		":2: vin: a VIN has 17 characters, this has 16",
		":3: \"colour\" is not known here",
		":6: \"rpc\" needs an equals sign",
		":9: \"prise\" is not known here; did you mean \"price\"?",
		":10: do: \"flash-light\" is no command of this car; did you "
		"mean flash-lights?",
		":12: \"acton\" is not known here; did you mean \"action\"?",
		":16: price: \"0\" is not a price in sat",
		":15: action wave: do is empty",
		":18: cooldown: \"soon\" is no time",
		":19: hours: \"8-20\" are no opening hours",
		":20: when: \"driving\" is no condition; write anytime, awake",
		NULL);
}

TEST(menu, wrong_syntax_is_told_where_it_is)
{
	refused(CAR NODE "action flash {\n price = 1\n do = honk\n",
		":3: the section that begins here is never closed", NULL);
	refused("car {\n vin = \"5YJ3E1EA6KF000000\"\nnode {\n}\n",
		":3: a section begins here, but the one of line 1 is not",
		NULL);
	refused(CAR NODE FLASH "}\n", ":4: this } closes nothing", NULL);
	refused(CAR NODE "action a {\n price = 1\n do = { honk,\n"
			 " cooldown = 1\n}\n",
		":6: the list that begins in line 5 is not closed", NULL);
	refused(CAR NODE "action a { do = { { honk } } }\n",
		":3: the list that begins in line 3 is not closed", NULL);
	refused("car {\n vin = \"5YJ\n}\n",
		":2: the text in quotes does not end on its line", NULL);
	refused("/* car\n", ":1: the comment that begins here never ends",
		NULL);
	refused("car {\n \"\" = 1 }", ":2: the text in quotes is empty", NULL);
	refused("{ }", ":1: a section needs its kind", NULL);
	refused("car\n", "the file ends in the middle", NULL);
	refused(CAR NODE "action { price = 1 }\n", ":3: an action needs a name",
		NULL);
	refused("car = 1\n", ":1: \"car\" begins a section", NULL);
	refused(CAR NODE "action a { price = 1, do = honk }\n",
		":3: \",\" cannot stand here", NULL);
	refused(CAR NODE "action a { price = do = honk }\n", ":3: ", NULL);
	refused(CAR NODE "action a { price = 1; do = honk }\n",
		":3: \";\" cannot stand here", NULL);
	refused("car { vin += \"5YJ3E1EA6KF000000\" }\n",
		":1: \"+\" cannot stand here", NULL);
	refused("\xef\xbb\xbf" CAR, ":1: there is a byte (0xef)", NULL);
}

TEST(menu, nothing_is_fetched_from_elsewhere)
{
	cr_assert_eq(setenv("TEST_MENU_VIN", "5YJ3E1EA6KF000000", 1), 0);
	refused("car { vin = \"${TEST_MENU_VIN}\" }\n" NODE FLASH,
		":1: ${...} is not filled in here", NULL);
	refused("car { vin = ${TEST_MENU_VIN} }\n" NODE FLASH,
		":1: \"$\" cannot stand here", NULL);
	refused("include(\"/etc/hostname\")\n" CAR NODE FLASH,
		":1: \"(\" cannot stand here", NULL);
	refused(CAR NODE FLASH "car|vin = x\n", ":4: \"|\" cannot stand here",
		NULL);
	refused("car { vin = \"5YJ3E1EA6KF000000\\0\" }\n" NODE FLASH,
		":1: a backslash means nothing", NULL);
	refused("car { vin = \"5YJ\x01\" }\n",
		":1: there is a control character (0x01)", NULL);
}

TEST(menu, nothing_stands_there_twice)
{
	refused(CAR NODE FLASH "action flash { price = 2 do = honk }\n",
		":4: action flash is there twice, first in line 3", NULL);
	refused(CAR CAR NODE FLASH, ":2: car is there twice, first in line 1",
		NULL);
	action_refused("price = 1\ndo = honk\nprice = 2",
		":6: price is set twice, first in line 4");
	refused(CAR NODE FLASH "action dim { price = 1 do = honk }\n",
		":4: action dim costs the same as flash in line 3", NULL);
	refused(CAR NODE
		"action a { price = 1 do = honk offer = "
		"\"0000000000000000000000000000000000000000000000000000"
		"000000000001\" }\n"
		"action b { price = 2 do = honk offer = "
		"\"0000000000000000000000000000000000000000000000000000"
		"000000000001\" }\n",
		":4: action b has the same offer as a in line 3", NULL);
}

TEST(menu, offers_alone_may_cost_the_same)
{
	_cleanup_(menu_freep) struct menu *menu =
		taken(CAR "node { rpc = \"/r\" accept = offers }\n" FLASH
			  "action dim { price = 1 do = honk }\n");

	cr_expect_eq(menu->n_actions, 2);
}

TEST(menu, values_are_judged)
{
	action_refused("do = honk\nprice = -1", ":5: price: \"-1\"");
	action_refused("do = honk\nprice = 1.5", ":5: price: \"1.5\"");
	action_refused("do = honk\nprice = 0x10", ":5: price: \"0x10\"");
	action_refused(
		"do = honk\nprice = \"\"", ":5: the text in quotes is empty");
	action_refused("do = honk\nprice = 2100000000000001", ":5: price");
	action_refused(
		"do = honk\nprice = 99999999999999999999999", ":5: price");
	action_refused(
		"do = honk\nprice = { 1, 2 }", ":5: price takes one value");
	action_refused("price = 1\ndo = fly", ":5: do: \"fly\" is no command");
	action_refused("price = 1\ndo = state-drive", ":5: do: ");
	action_refused("price = 1\ndo = \"media-volume 11\"", ":5: do: ");
	action_refused("price = 1\ndo = \"wait 2h\"", ":5: do: ");
	action_refused("price = 1\ndo = \"wait 2s\"",
		":5: action x: it only waits; add a command for the car");
	action_refused("price = 1\ndo = {\n\"wait 2s\", \"wait 1s\" }",
		":6: action x: it only waits");
	action_refused("price = 1\ndo = { \"honk x 20\", \"honk x 13\" }",
		":5: do: \"honk x 13\": a program has at most 32 steps");
	action_refused(
		"price = 1\ndo = honk\nmatch = about", ":6: match: \"about\"");
	action_refused("price = 1\ndo = honk\nmax-age = 0", ":6: max-age");
	action_refused("price = 1\ndo = honk\nmax-age = 2h", ":6: max-age");
	action_refused("price = 1\ndo = honk\ncooldown = 2d", ":6: cooldown");
	action_refused("price = 1\ndo = honk\nper-hour = 0", ":6: per-hour");
	action_refused("price = 1\ndo = honk\nunknown = maybe",
		":6: unknown: \"maybe\"");
	action_refused("price = 1\ndo = honk\nwhen = { }",
		":3: action x: when is empty");
	action_refused("price = 1\ndo = honk\nundo = unlock",
		":5: the undo of action x opens the car");
	action_refused("price = 1\ndo = honk\noffer = lno1abc",
		":6: offer: an offer_id has 64");
	action_refused(
		"price = 1\ndo = honk\nhours = \"08:00-25:00\"", ":6: hours");
	action_refused(
		"price = 1\ndo = honk\nhours = \"08:00-08:00\"", ":6: hours");
	action_refused(
		"price = 1\ndo = honk\nhours = \"24:00-08:00\"", ":6: hours");
	action_refused(
		"price = 1\ndo = honk\nhours = \"08:60-09:00\"", ":6: hours");
	refused(CAR NODE "action Flash { price = 1 do = honk }\n",
		":3: \"Flash\" is no name for an action", NULL);
	refused(CAR NODE "action a23456789012345678901234567890123 { price = 1 "
			 "do = honk }\n",
		":3: the name of this action is too long", NULL);
}

TEST(menu, car_and_node_are_judged)
{
	refused("car { vin = 5yj3e1ea6kf000000 }\n", ":1: vin: a VIN is made",
		NULL);
	refused("car { vin = 5YJ3E1EA6KF00000O }\n", "\"O\" is none of them",
		NULL);
	refused("car { key = \"/etc/car.key\" }\n", ":1: key: ", NULL);
	refused("car { link = wifi }\n", ":1: link: \"wifi\" is no link", NULL);
	refused("car { link = \"socket:\" }\n", ":1: link: ", NULL);
	refused("car { link = "
		"\"socket:/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		"aaaaaaaaaaaaa\" }\n",
		":1: link: the text is too long", NULL);
	refused("node { rpc = \"\" }\n", ":1: the text in quotes is empty",
		NULL);
	refused("node { rpc = "
		"\"/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		"aaaaaaaaaaaaa\" }\n",
		":1: rpc: the text is too long", NULL);
	refused("car {\n link-hold = forever\n adapter-reset = never }\n",
		":2: link-hold: \"forever\" is not known here; write "
		"on-demand, "
		"while-awake or always",
		":3: adapter-reset: \"never\" is not known here; write "
		"if-alone "
		"or always",
		NULL);
	refused("node { accept = { \"label a*b\", \"label a**\" } }\n",
		":1: accept: \"label a*b\": a * stands for the rest",
		":1: accept: \"label a**\"", NULL);
	refused("node { accept = { keysends, \"label *\", \"label \",\n"
		"\"lightning-address Flash@shop.example\", \"any thing\" } }\n",
		":1: accept: \"keysends\" is no kind",
		":1: accept: \"label *\"",
		":1: accept: behind \"label \" a text is missing",
		":2: accept: \"Flash@shop.example\" is no lightning address",
		":2: accept: \"any thing\" is no kind", NULL);
}

TEST(menu, what_opens_needs_care)
{
	_cleanup_(menu_freep) struct menu *menu = NULL;

	action_refused("price = 1\ndo = { unlock, flash-lights }",
		":5: action x goes on after unlock; add what closes it");
	action_refused("price = 1\ndo = { charge-port-open, honk }",
		"undo = charge-port-close");
	/* An undo that does not close it is none. */
	action_refused("price = 1\ndo = { unlock, honk }\nundo = honk",
		":5: action x goes on after unlock; add what closes it");
	action_refused("price = 1\ndo = { trunk, honk }\nundo = lock",
		":5: action x goes on after trunk-open, which only a person");
	action_refused("price = 1\ndo = unlock\nwhen = anytime",
		":5: action x opens the car, which is done only while");
	action_refused("price = 1\ndo = unlock\nwhen = { locked, anytime }",
		":5: action x opens the car, which is done only while");
	/* By the next round it goes on, too. */
	action_refused("price = 1\ndo = unlock\nscale = 1",
		":5: action x goes on after unlock; add what closes it");
	action_refused("price = 1\ndo = { honk, trunk }\nscale = 1",
		":5: action x goes on after trunk-open, which only a person");
	(void)menu_free(action_taken(
		"price = 1\ndo = unlock\nscale = 1\nscale-max = 1"));
	refused(CAR "node { rpc = \"/r\" accept = any }\n"
		    "action x { price = 1 do = trunk }\n",
		":3: action x opens the car, and accept = any", NULL);
	refused(CAR "node { rpc = \"/r\" accept = \"label a-*\" }\n"
		    "action x { price = 1 do = honk offer = "
		    "\"0000000000000000000000000000000000000000000000000000000"
		    "000000001\" }\n",
		":3: action x has an offer, but accept", NULL);

	/* A wait cannot fail. */
	menu = action_taken("price = 1\ndo = { unlock, \"wait 1s\" }");
	cr_expect_eq(menu->actions[0].unknown, MENU_KEEP);
	cr_expect_eq(menu->actions[0].undo.n_steps, 0);
}

TEST(menu, what_is_experimental_is_allowed_in_writing)
{
	static const char boombox[] =
		"action fun { price = 5 do = \"boombox 2000\" }\n";
	char text[400];

	(void)snprintf(text, sizeof(text), CAR NODE "%s", boombox);
	refused(text, ":3: action fun has a command that is experimental",
		"experimental = yes", NULL);
	(void)snprintf(text, sizeof(text),
		"car { vin = \"5YJ3E1EA6KF000000\" experimental = no }\n" NODE
		"%s",
		boombox);
	refused(text, ":3: action fun has a command that is", NULL);
	(void)snprintf(text, sizeof(text),
		"car { vin = \"5YJ3E1EA6KF000000\" experimental = yes }\n" NODE
		"%s",
		boombox);
	(void)menu_free(taken(text));
	/* Nor does it reach the car by what a rental ends or warns with. */
	(void)snprintf(text, sizeof(text), CAR NODE "%s",
		"action ride { price = 5 begin = unlock undo = lock rental = "
		"1h end = { lock, light-show-stop } }\n");
	refused(text, ":3: action ride has a command that is", NULL);
	(void)snprintf(text, sizeof(text), CAR NODE "%s",
		"action ride { price = 5 begin = unlock undo = lock rental = "
		"1h end = lock warn = \"boombox 2000\" }\n");
	refused(text, ":3: action ride has a command that is", NULL);
	refused("car { vin = \"5YJ3E1EA6KF000000\" experimental = 1 }\n" NODE
			FLASH,
		":1: experimental: \"1\" is not known", NULL);
}

TEST(menu, a_pin_that_cannot_be_loaded_is_told)
{
	action_refused("price = 5\ndo = \"valet-mode-on file:/none/pin\"",
		":5: do: the PIN in /none/pin: No such file or directory");
	action_refused("price = 5\ndo = lock\n"
		       "undo = \"speed-limit-deactivate file:/none/pin\"",
		":6: undo: the PIN in /none/pin: No such file or directory");
	/* What undoes it takes the same PIN. */
	action_refused("price = 5\n"
		       "do = { \"speed-limit-activate file:/none/a\", honk }",
		"undo = \"speed-limit-deactivate file:/none/a\"");
}

TEST(menu, files_that_are_none_are_refused)
{
	_cleanup_(freep) char *big = malloc(300 * 1024);
	struct menu *menu = NULL;
	struct told told;

	cr_assert_not_null(big);
	memset(big, ' ', 300 * 1024);
	cr_expect_eq(load_bytes(big, 300 * 1024, &told, &menu), MENU_E_INVALID);
	cr_expect_not_null(strstr(told.text, "larger than 256 KiB"));
	memset(big, '(', 200 * 1024);
	cr_expect_eq(load_bytes(big, 200 * 1024, &told, &menu), MENU_E_INVALID);
	memset(big, 'a', 200 * 1024);
	cr_expect_eq(load_bytes(big, 200 * 1024, &told, &menu), MENU_E_INVALID);
	cr_expect_not_null(strstr(told.text, ":1: this text is too long"));
	for (size_t i = 0; i < 200 * 1024; i++)
		big[i] = "a=1\n"[i % 4];
	cr_expect_eq(load_bytes(big, 200 * 1024, &told, &menu), MENU_E_INVALID);
	cr_expect_leq(told.n, 66);
	cr_expect_eq(
		load_bytes("car {\n\0 }", 9, &told, &menu), MENU_E_INVALID);
	cr_expect_not_null(strstr(told.text, ":2: there is a NUL byte"));
	cr_expect_eq(
		menu_load("/nonexistent", on_mistake, &told, &menu), -ENOENT);
	cr_expect_eq(menu_load("/tmp", on_mistake, &told, &menu), -EISDIR);
	cr_expect_null(menu);
}

TEST(menu, every_allocation_may_fail)
{
	int r = -1;
	long n;

	for (n = 0; r != 0 && n < 1000; n++) {
		_cleanup_(menu_freep) struct menu *menu = NULL;
		struct told told;

		faults_arm(n);
		r = load(CAR NODE FLASH, &told, &menu);
		faults_disarm();
		cr_assert(r == 0 || (r == -ENOMEM && menu == NULL),
			"allocation %ld: %d", n, r);
	}
	cr_expect_eq(r, 0);
	cr_expect_gt(n, 5);
}

TEST(menu, parked_stays_unless_anytime_is_written)
{
	static const struct {
		const char *when, *means;
	} cases[] = {
		{ "", "parked" },
		{ "when = parked", "parked" },
		{ "when = { locked, \"battery >= 20\" }",
			"parked, locked, battery >= 20" },
		{ "when = { nobody-inside, awake }",
			"awake, parked, nobody-inside" },
		{ "when = anytime", "anytime" },
		{ "when = { anytime, unlocked }", "anytime, unlocked" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(menu_freep) struct menu *menu = NULL;
		char keys[128], text[CONDITIONS_TEXT_SIZE];

		(void)snprintf(keys, sizeof(keys), "price = 1\ndo = honk\n%s",
			cases[i].when);
		menu = action_taken(keys);
		conditions_print(&menu->actions[0].when, text);
		cr_expect_str_eq(text, cases[i].means);
	}
}

TEST(menu, conditions_that_contradict_are_told)
{
	action_refused("price = 1\ndo = honk\nwhen = { parked, anytime }",
		":6: when: \"anytime\" and \"parked\" contradict each other");
}

TEST(menu, what_else_has_to_make_sense)
{
	_cleanup_(menu_freep) struct menu *menu = action_taken(
		"price = 1\ndo = { honk, \"flash-lights x 2 else keep\" }");

	cr_expect_eq(menu->actions[0].steps.steps[2].or_else, STEP_ELSE_KEEP);
	action_refused("price = 1\ndo = \"honk else skip\"",
		":5: action x: all of it may be left out");
	action_refused("price = 1\ndo = \"honk else maybe\"",
		":5: do: \"honk else maybe\": behind \"else\" stands");
	action_refused("price = 1\ndo = unlock\nundo = \"lock else keep\"",
		"action x: each step of undo is tried");
}

TEST(menu, scale_and_budget_are_read)
{
	_cleanup_(menu_freep) struct menu *menu = action_taken(
		"price = 21\ndo = honk\nscale = 10\nscale-max = 32\n"
		"budget = 2min\nper-day = 40");

	cr_expect_eq(menu->actions[0].scale_msat, 10000);
	cr_expect_eq(menu->actions[0].rounds_max, 32);
	cr_expect_eq(menu->actions[0].budget_ms, 120000);
	cr_expect_eq(menu->actions[0].per_day, 40);
	(void)menu_free(menu);
	menu = action_taken("price = 21\ndo = honk\nscale = 10");
	cr_expect_eq(menu->actions[0].rounds_max, MENU_ROUNDS);
}

TEST(menu, rounds_that_do_not_fit_are_told)
{
	action_refused("price = 1\ndo = \"honk x 8\"\nscale = 1",
		":5: action x: 5 rounds of 8 steps are more than the 32 that a "
		"program may have; write scale-max = 4");
	action_refused("price = 1\ndo = honk\nscale-max = 4",
		"action x has scale-max without scale");
	action_refused("price = 1\ndo = honk\nscale = 1\nscale-max = 33",
		":7: scale-max: \"33\" is not the most rounds; write a whole "
		"number from 1 to 32");
	action_refused("price = 2100000000000000\ndo = honk\nscale = 1",
		"5 rounds cost more bitcoin than there are");
}

TEST(menu, program_that_takes_longer_than_its_budget_is_told)
{
	_cleanup_(menu_freep) struct menu *menu = action_taken(
		"price = 1\ndo = { honk, \"wait 2s\" }\nbudget = 3s");

	cr_expect_eq(menu->actions[0].budget_ms, 3000);
	action_refused("price = 1\ndo = { honk, \"wait 3s\" }\nbudget = 3s",
		":5: action x takes 3.1 s at least, and its budget is 3.0 s");
	action_refused("price = 1\ndo = { honk, \"wait 2s\" }\nbudget = 3s\n"
		       "scale = 1\nscale-max = 2",
		"in all its rounds, and its budget is 3.0 s");
}

#define SCALED                                                          \
	"action scaled { price = 10 do = honk scale = 5 scale-max = 3 " \
	"%s }\n"

static void rounds_collide(
	const char *other, const char *keys, const char *phrase)
{
	char text[1024];
	int n;

	n = snprintf(text, sizeof(text),
		CAR "node { rpc = \"/r\" accept = \"label a-*\" }\n" SCALED,
		keys);
	(void)snprintf(text + n, sizeof(text) - (size_t)n, "%s", other);
	if (phrase == NULL)
		(void)menu_free(taken(text));
	else
		refused(text, phrase, NULL);
}

TEST(menu, amount_that_buys_rounds_buys_nothing_else)
{
	rounds_collide("action b { price = 15 do = lock }\n", "",
		":3: action scaled costs 15 sat for 2 rounds, which buys b");
	rounds_collide("action b { price = 5 do = lock scale = 15 }\n", "",
		":4: action b costs 20 sat for 2 rounds, which buys scaled");
	rounds_collide("action b { price = 14 do = lock }\n", "", NULL);
	rounds_collide("action b { price = 16 do = lock match = at-least }\n",
		"match = at-least", NULL);
	rounds_collide("action b { price = 25 do = lock }\n", "", NULL);
}
