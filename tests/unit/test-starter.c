/* SPDX-License-Identifier: MIT */

#include "pair/starter.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "orders/menu.h"
#include "test.h"

static void on_mistake(void *userdata, const char *mistake)
{
	(void)userdata;
	cr_log_error("%s", mistake);
}

/* Prints @starter and reads it as the bridge does. */
static struct menu *load(const struct starter *starter)
{
	_cleanup_(freep) char *text = NULL;
	char path[] = "/tmp/test-starter-XXXXXX";
	struct menu *menu = NULL;
	int fd;

	cr_assert_eq(starter_print(starter, &text), 0);
	fd = mkstemp(path);
	cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	cr_assert_eq(menu_load(path, on_mistake, NULL, &menu), 0);
	cr_assert_eq(unlink(path), 0);
	return menu;
}

TEST(starter, is_a_menu_that_flashes_for_one_sat)
{
	_cleanup_(menu_freep) struct menu *menu =
		load(&(const struct starter){ "5YJ3E1EA6KF000000", NULL, "" });

	cr_assert_str_eq(menu->vin, "5YJ3E1EA6KF000000");
	cr_assert_str_eq(menu->link, "bluez");
	cr_assert_str_eq(menu->adapter, "");
	cr_assert_str_eq(menu->key_uri, "file:/var/lib/1sat2flash/car.key");
	cr_assert_eq(menu->n_actions, 1u);
	cr_assert_str_eq(menu->actions[0].name, "flash");
	cr_assert_eq(menu->actions[0].price_msat, 1000u);
	cr_assert(conditions_has(&menu->actions[0].when, CONDITION_PARKED));
	cr_assert_eq(menu->n_accept, 1u);
	cr_assert_eq(menu->accept[0].kind, MENU_ACCEPT_LABEL);
	cr_assert_str_eq(menu->accept[0].text, "1sat2flash-*");
}

TEST(starter, holds_the_key_and_the_adapter_that_were_asked_for)
{
	_cleanup_(menu_freep) struct menu *menu =
		load(&(const struct starter){ "5YJ3E1EA6KF000000",
			"/data/a key/car.key", "B8:27:EB:12:34:56" });

	cr_assert_str_eq(menu->key_uri, "file:/data/a key/car.key");
	cr_assert_str_eq(menu->adapter, "B8:27:EB:12:34:56");
}

TEST(starter, takes_nothing_that_would_end_a_text)
{
	static const char *const bad[] = { "/a\"b", "/a\\b", "/${HOME}",
		"/a\nb", "/a\x1b" };

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct starter starter = { "5YJ3E1EA6KF000000", bad[i], "" };
		char *text = NULL;

		cr_assert_eq(starter_print(&starter, &text), -EINVAL);
		cr_assert_null(text);
	}
}
