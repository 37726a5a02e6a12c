/* SPDX-License-Identifier: MIT */

/* The keys of car: which one, by which key, over which adapter. */

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include "orders/menu_value.h"

static void read_vin(const struct menu_value *value, struct menu *menu,
	struct menu_action *action)
{
	const char *text = value->text;

	(void)action;
	/* ISO 3779: no I, O, Q.  Wrong check digits do occur on real cars. */
	if (strlen(text) != 17)
		menu_wrong(value, "a VIN has 17 characters, this has %zu",
			strlen(text));
	else if (strspn(text, VIN_LETTERS) != 17)
		menu_wrong(value,
			"a VIN is made of digits and capital letters other "
			"than I, O and Q; \"%c\" is none of them",
			text[strspn(text, VIN_LETTERS)]);
	else
		(void)snprintf(menu->vin, sizeof(menu->vin), "%s", text);
}

static void read_key(const struct menu_value *value, struct menu *menu,
	struct menu_action *action)
{
	(void)action;
	if (strchr(value->text, ':') == NULL)
		menu_wrong(value,
			"\"%s\" is no URI; a key in a file is written as "
			"\"file:/path\"",
			value->text);
	else
		menu_read_text(value, menu->key_uri, sizeof(menu->key_uri));
}

static void read_link(const struct menu_value *value, struct menu *menu,
	struct menu_action *action)
{
	static const char socket[] = "socket:";

	(void)action;
	if (strcmp(value->text, "bluez") != 0 &&
		(strncmp(value->text, socket, strlen(socket)) != 0 ||
			value->text[strlen(socket)] == '\0'))
		menu_wrong(value,
			"\"%s\" is no link; write \"bluez\", or "
			"\"socket:/path\" of a simcar",
			value->text);
	else
		/* A path that the system's sockets can have, and its word. */
		menu_read_text(value, menu->link,
			strlen(socket) +
				sizeof(((struct sockaddr_un *)NULL)->sun_path));
}

/* "B8:27:EB:12:34:56" */
static bool is_address(const char *text)
{
	size_t i = 0;

	for (; text[i] != '\0'; i++)
		if (i % 3 == 2 ? text[i] != ':'
			       : !isxdigit((unsigned char)text[i]))
			return false;

	return i == MENU_ADAPTER_SIZE - 1;
}

/* "hci0" */
static bool is_index(const char *text)
{
	static const char hci[] = "hci";
	const char *digits = text + strlen(hci);

	return strncmp(text, hci, strlen(hci)) == 0 && *digits != '\0' &&
	       strspn(digits, "0123456789") == strlen(digits) &&
	       strlen(digits) <= 3;
}

static void read_adapter(const struct menu_value *value, struct menu *menu,
	struct menu_action *action)
{
	const char *text = value->text;

	(void)action;
	if (is_index(text)) {
		(void)snprintf(
			menu->adapter, sizeof(menu->adapter), "%s", text);
	} else if (is_address(text)) {
		/* As BlueZ writes it. */
		for (size_t i = 0; i < MENU_ADAPTER_SIZE; i++)
			menu->adapter[i] =
				(char)toupper((unsigned char)text[i]);
	} else {
		menu_wrong(value,
			"\"%s\" is no Bluetooth adapter; write hci0, or its "
			"address as in \"B8:27:EB:12:34:56\"",
			text);
	}
}

static void read_adapter_reset(const struct menu_value *value,
	struct menu *menu, struct menu_action *action)
{
	(void)action;
	menu->reset_shared = menu_read_choice(value, "always", "if-alone");
}

static void read_link_hold(const struct menu_value *value, struct menu *menu,
	struct menu_action *action)
{
	(void)action;
	for (enum link_hold hold = 0; hold < _LINK_HOLD_N; hold++) {
		if (strcmp(value->text, link_hold_name(hold)) != 0)
			continue;
		menu->link_hold = hold;
		return;
	}
	menu_wrong(value,
		"\"%s\" is not known here; write on-demand, while-awake or "
		"always",
		value->text);
}

static void read_experimental(const struct menu_value *value, struct menu *menu,
	struct menu_action *action)
{
	(void)action;
	menu->experimental = menu_read_choice(value, "yes", "no");
}

static void read_name(const struct menu_value *value, struct menu *menu,
	struct menu_action *action)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-";

	(void)action;
	if (value->text[strspn(value->text, letters)] != '\0')
		menu_wrong(value,
			"\"%s\" is no name for a car; use small letters, "
			"digits and -",
			value->text);
	else
		menu_read_text(value, menu->car_name, sizeof(menu->car_name));
}

const struct menu_key menu_car_keys[] = {
	{ "vin", false, "vin = \"5YJ3E1EA6KF000000\"", read_vin },
	{ "key", false, NULL, read_key },
	{ "link", false, NULL, read_link },
	{ "link-hold", false, NULL, read_link_hold },
	{ "adapter", false, NULL, read_adapter },
	{ "adapter-reset", false, NULL, read_adapter_reset },
	{ "experimental", false, NULL, read_experimental },
	{ "name", false, NULL, read_name },
	{ NULL, false, NULL, NULL },
};
