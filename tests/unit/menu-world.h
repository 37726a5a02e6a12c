/* SPDX-License-Identifier: MIT */
#pragma once

/* Menus as texts: taken, or refused with all that is told. */

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "orders/menu.h"
#include "test.h"
#include "util/fd.h"

#define CAR "car { vin = \"5YJ3E1EA6KF000000\" }\n"
#define NODE "node { rpc = \"/run/lightning-rpc\" }\n"
#define FLASH "action flash { price = 1 do = flash-lights }\n"

/* What was told, with the file's name left out. */
struct told {
	size_t n;
	char text[16 * 1024];
};

static inline void on_mistake(void *userdata, const char *mistake)
{
	struct told *told = userdata;
	const char *colon = strchr(mistake, ':');
	size_t len = strlen(told->text);

	cr_assert_not_null(colon, "no place in: %s", mistake);
	told->n++;
	(void)snprintf(
		told->text + len, sizeof(told->text) - len, "%s\n", colon);
}

static inline int load_bytes(
	const char *data, size_t len, struct told *told, struct menu **ret)
{
	char path[] = "/tmp/test-menu.XXXXXX";
	_cleanup_(fd_closep) int fd = mkstemp(path);
	int r;

	cr_assert_geq(fd, 0);
	cr_assert_eq(write(fd, data, len), (ssize_t)len);
	*told = (struct told){ 0 };
	r = menu_load(path, on_mistake, told, ret);
	cr_assert_eq(unlink(path), 0);
	return r;
}

static inline int load(const char *text, struct told *told, struct menu **ret)
{
	return load_bytes(text, strlen(text), told, ret);
}

/* @text is refused, and what is told has each of the phrases, up to NULL. */
static inline void refused(const char *text, ...)
{
	struct menu *menu = NULL;
	struct told told;
	const char *phrase;
	va_list args;

	cr_expect_eq(
		load(text, &told, &menu), MENU_E_INVALID, "taken: %s", text);
	cr_assert_null(menu);
	va_start(args, text);
	while ((phrase = va_arg(args, const char *)) != NULL)
		cr_expect_not_null(strstr(told.text, phrase),
			"\"%s\" is missing for:\n%s\nin:\n%s", phrase, text,
			told.text);
	va_end(args);
}

/* The same for one key in an action. */
static inline void action_refused(const char *keys, const char *phrase)
{
	char text[1024];

	(void)snprintf(
		text, sizeof(text), CAR NODE "action x {\n%s\n}\n", keys);
	refused(text, phrase, NULL);
}

static inline struct menu *taken(const char *text)
{
	struct menu *menu = NULL;
	struct told told;

	cr_assert_eq(load(text, &told, &menu), 0, "refused: %s\n%s", text,
		told.text);
	cr_expect_eq(told.n, 0);
	return menu;
}

static inline struct menu *action_taken(const char *keys)
{
	char text[1024];

	(void)snprintf(
		text, sizeof(text), CAR NODE "action x {\n%s\n}\n", keys);
	return taken(text);
}
