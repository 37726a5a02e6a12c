/* SPDX-License-Identifier: MIT */

/* What --check says of actions that rent the car. */

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "orders/menu.h"
#include "test.h"

enum {
	MIN = 60 * 1000,
};

static void on_mistake(void *userdata, const char *mistake)
{
	char *told = userdata;
	size_t len = strlen(told);

	(void)snprintf(told + len, 4096 - len, "%s\n", mistake);
}

static int load(
	const char *accept, const char *keys, char *ret_told, struct menu **ret)
{
	char path[] = "/tmp/test-menu.XXXXXX";
	int fd = mkstemp(path);
	int r;

	cr_assert_geq(fd, 0);
	cr_assert_geq(dprintf(fd,
			      "car { vin = \"5YJ3E1EA6KF000000\" }\n"
			      "node { rpc = \"/run/lightning-rpc\" %s }\n"
			      "action rent {\nprice = 5000\n%s\n}\n",
			      accept, keys),
		0);
	(void)close(fd);
	*ret_told = '\0';
	r = menu_load(path, on_mistake, ret_told, ret);
	cr_assert_eq(unlink(path), 0);
	return r;
}

static struct menu *taken(const char *keys)
{
	struct menu *menu = NULL;
	char told[4096];

	cr_assert_eq(
		load("", keys, told, &menu), 0, "refused: %s\n%s", keys, told);
	return menu;
}

/* One mistake, which has @phrase. */
static void refused(const char *keys, const char *phrase)
{
	struct menu *menu = NULL;
	char told[4096];

	cr_assert_eq(
		load("", keys, told, &menu), MENU_E_INVALID, "taken: %s", keys);
	cr_expect_not_null(strstr(told, phrase),
		"\"%s\" is missing for:\n%s\nin:\n%s", phrase, keys, told);
	cr_expect_eq(strchr(told, '\n'), told + strlen(told) - 1,
		"more than one for:\n%s\nin:\n%s", keys, told);
}

TEST(menu_rental, says_all_that_it_promises)
{
	struct menu *menu = taken("begin = { drive, unlock }\n"
				  "undo = lock\n"
				  "rental = 30min\n"
				  "get-in = 3min\n"
				  "warn = { \"flash-lights x 2\", honk }\n"
				  "warn-before = 4min\n"
				  "end = lock\n"
				  "passive-entry = yes");
	const struct menu_action *action = &menu->actions[0];
	const struct rental_terms *terms = &action->rental;

	cr_expect_eq(action->steps.n_steps, 2);
	cr_expect_eq(action->steps.steps[0].command.id, COMMAND_DRIVE);
	cr_expect_eq(terms->length_ms, 30 * MIN);
	cr_expect_eq(terms->get_in_ms, 3 * MIN);
	cr_expect_eq(terms->warn_before_ms, 4 * MIN);
	cr_expect_eq(terms->warn.n_steps, 3);
	cr_expect_eq(terms->end.n_steps, 1);
	cr_expect_eq(terms->end.steps[0].command.id, COMMAND_LOCK);
	cr_expect(terms->passive_entry);
	cr_expect_eq(action->unknown, MENU_KEEP);
	(void)menu_free(menu);
}

TEST(menu_rental, what_is_left_out_has_a_default)
{
	struct menu *menu =
		taken("begin = unlock undo = lock rental = 30min end = lock");
	const struct rental_terms *terms = &menu->actions[0].rental;

	cr_expect_eq(terms->get_in_ms, 2 * MIN);
	cr_expect_eq(terms->warn_before_ms, 5 * MIN);
	cr_expect_eq(terms->warn.n_steps, 0);
	cr_expect_not(terms->passive_entry);
	cr_expect(conditions_has(&menu->actions[0].when, CONDITION_PARKED));
	(void)menu_free(menu);
	menu = taken("begin = unlock undo = lock rental = 1min end = lock");
	cr_expect_eq(menu->actions[0].rental.get_in_ms, MIN);
	cr_expect_eq(menu->actions[0].rental.warn_before_ms, MIN / 2);
	(void)menu_free(menu);
	menu = taken("do = flash-lights");
	cr_expect_eq(menu->actions[0].rental.length_ms, 0);
	(void)menu_free(menu);
}

TEST(menu_rental, needs_begin_undo_and_end)
{
	refused("begin = unlock undo = lock end = lock", "for how long?");
	refused("do = unlock undo = lock end = lock rental = 30min",
		"write begin instead of do");
	refused("begin = flash-lights end = lock rental = 30min",
		"as in: undo = lock");
	refused("begin = unlock undo = lock rental = 30min",
		"as in: end = lock");
	refused("begin = unlock do = honk undo = lock rental = 30min end = "
		"lock",
		"keep one of them");
	refused("rental = 30min undo = lock end = lock", "has no do");
}

TEST(menu_rental, keys_of_it_mean_nothing_elsewhere)
{
	refused("do = honk end = lock", "is no rental");
	refused("do = honk warn = honk", "is no rental");
	refused("do = honk get-in = 2min", "is no rental");
	refused("do = honk warn-before = 2min", "is no rental");
	refused("do = honk passive-entry = yes", "for rentals only");
}

TEST(menu_rental, what_begin_opens_is_closed_however_it_ends)
{
	refused("begin = unlock undo = flash-lights rental = 30min end = lock",
		"add lock to its undo");
	refused("begin = unlock undo = lock rental = 30min end = flash-lights",
		"add lock to its end");
	refused("begin = drive undo = lock rental = 30min end = honk",
		"add lock to its end");
	refused("begin = unlock undo = lock rental = 30min end = { lock, "
		"unlock }",
		"opens the car in its end");
	refused("begin = unlock undo = lock rental = 30min end = lock warn = "
		"trunk-open",
		"opens the car to warn");
}

TEST(menu_rental, end_skips_nothing_and_there_are_no_rounds)
{
	refused("begin = unlock undo = lock rental = 30min end = { honk, "
		"\"lock else skip\" }",
		"remove the else");
	refused("begin = unlock undo = lock rental = 30min end = lock scale = "
		"10",
		"remove scale");
}

TEST(menu_rental, what_is_experimental_needs_a_yes_there_too)
{
	refused("begin = unlock undo = lock rental = 30min end = { lock, "
		"light-show-stop }",
		"experimental = yes");
	refused("begin = unlock undo = lock rental = 30min end = lock warn = "
		"light-show-stop",
		"experimental = yes");
}

TEST(menu_rental, times_have_to_make_sense)
{
	static const char begin[] =
		"begin = unlock undo = lock end = lock rental = ";
	char keys[256];

	(void)snprintf(keys, sizeof(keys), "%s25h", begin);
	refused(keys, "is no time from 1.0 s to 24 h");
	(void)snprintf(keys, sizeof(keys), "%s500ms", begin);
	refused(keys, "is no time from 1.0 s to 24 h");
	(void)snprintf(keys, sizeof(keys), "%s5min get-in = 6min", begin);
	refused(keys, "make get-in shorter");
	(void)snprintf(keys, sizeof(keys), "%s5min warn-before = 1min", begin);
	refused(keys, "warn-before without a warning");
	(void)snprintf(keys, sizeof(keys),
		"%s5min warn = honk warn-before = 5min", begin);
	refused(keys, "make warn-before shorter");
	(void)snprintf(
		keys, sizeof(keys), "%s5min passive-entry = maybe", begin);
	refused(keys, "write no or yes");
	(void)snprintf(keys, sizeof(keys), "%s5min when = anytime", begin);
	refused(keys, "anytime");
	/* Whatever it begins with: it lends the car. */
	refused("begin = guest-mode-on undo = guest-mode-off end = "
		"{ guest-mode-off, lock } rental = 5min when = anytime",
		"anytime");
}

TEST(menu_rental, is_not_for_all_income_of_a_node)
{
	struct menu *menu = NULL;
	char told[4096];

	cr_assert_eq(load("accept = { any }",
			     "begin = unlock undo = lock rental = 30min end = "
			     "lock",
			     told, &menu),
		MENU_E_INVALID);
	cr_expect_not_null(strstr(told, "rents the car, and accept = any"));
}
