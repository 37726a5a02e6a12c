/* SPDX-License-Identifier: MIT */

/* The keys of node: where it is, what it lets us do, which payments count. */

#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include "orders/menu_value.h"
#include "util/bytes.h"

static void read_rpc(const struct menu_value *value, struct menu *menu,
	struct menu_action *action)
{
	(void)action;
	menu_read_text(value, menu->rpc_path,
		sizeof(((struct sockaddr_un *)NULL)->sun_path));
}

/* As getinfo has it, and as other nodes are told: ID@host:port. */
static void read_address(const struct menu_value *value, struct menu *menu,
	struct menu_action *action)
{
	const char *text = value->text, *at = strchr(text, '@');
	char id[MENU_NODE_ID_SIZE];
	uint8_t bytes[sizeof(id) / 2];

	(void)action;
	if (at == NULL) {
		menu_wrong(value,
			"\"%s\" has no @; a node is written as in "
			"\"ID@node.example:9735\", with the id that "
			"lightning-cli getinfo shows",
			text);
		return;
	}
	(void)snprintf(id, sizeof(id), "%.*s", (int)(at - text), text);
	if (at - text != sizeof(id) - 1 ||
		hex_decode(id, bytes, sizeof(bytes)) < 0 ||
		(bytes[0] != 2 && bytes[0] != 3))
		menu_wrong(value,
			"before the @ stands no id of a node; it has 66 "
			"hexadecimal digits and begins with 02 or 03, as "
			"lightning-cli getinfo shows it");
	else if (endpoint_parse(at + 1, MENU_NODE_PORT, &menu->node) < 0)
		menu_wrong(value,
			"\"%s\" is no host and port; write it as in "
			"\"node.example:9735\", \"192.0.2.7:9735\" or "
			"\"[2001:db8::7]:9735\"",
			at + 1);
	else
		hex_encode(bytes, sizeof(bytes), menu->node_id);
}

static void read_rune(const struct menu_value *value, struct menu *menu,
	struct menu_action *action)
{
	static const char file[] = "file:/";
	struct menu_value path = *value;

	(void)action;
	/* What was pasted may be a rune: it is not told again. */
	if (strncmp(value->text, file, strlen(file)) != 0) {
		menu_wrong(value,
			"a rune stands in a file of its own, which is named "
			"as in \"file:/etc/1sat2flash/rune\"");
		return;
	}
	path.text += strlen(file) - 1;
	menu_read_text(&path, menu->rune_path, sizeof(menu->rune_path));
}

static void read_proxy(const struct menu_value *value, struct menu *menu,
	struct menu_action *action)
{
	(void)action;
	if (endpoint_parse(value->text, 0, &menu->proxy) < 0)
		menu_wrong(value,
			"\"%s\" is no host and port of a SOCKS5 proxy; Tor's "
			"is \"127.0.0.1:9050\"",
			value->text);
}

/* A lightning address as LUD-16 has it. */
static bool is_lightning_address(const char *text)
{
	static const char user[] = "abcdefghijklmnopqrstuvwxyz0123456789-_.+";
	size_t user_len = strspn(text, user);
	const char *domain = text + user_len + 1;

	return user_len > 0 && text[user_len] == '@' &&
	       strchr(domain, '.') != NULL &&
	       domain[strspn(domain, "abcdefghijklmnopqrstuvwxyz0123456789-."
				     ":")] == '\0';
}

static void read_accept(const struct menu_value *value, struct menu *menu,
	struct menu_action *action)
{
	static const struct {
		const char *word;
		enum menu_accept_kind kind;
	} kinds[] = {
		{ "offers", MENU_ACCEPT_OFFERS },
		{ "any", MENU_ACCEPT_ANY },
		{ "label ", MENU_ACCEPT_LABEL },
		{ "lightning-address ", MENU_ACCEPT_LIGHTNING_ADDRESS },
		{ "description ", MENU_ACCEPT_DESCRIPTION },
	};
	struct menu_accept accept = { .text = "" };
	const char *text = NULL;

	(void)action;
	for (size_t i = 0; i < ARRAY_SIZE(kinds) && text == NULL; i++) {
		size_t len = strlen(kinds[i].word);

		if (strncmp(value->text, kinds[i].word, len) != 0 ||
			(kinds[i].word[len - 1] != ' ' &&
				value->text[len] != '\0'))
			continue;
		accept.kind = kinds[i].kind;
		text = value->text + len;
		text += strspn(text, " ");
	}
	if (text == NULL) {
		menu_wrong(value,
			"\"%s\" is no kind of payment; write offers, \"label "
			"1sat2flash-*\", \"lightning-address name@domain\", "
			"\"description text\" or any",
			value->text);
		return;
	}
	/* Nor could the node's plugin be told of it: JSON has no other. */
	if (!text_is_utf8(text)) {
		menu_wrong(value,
			"\"%s\" has bytes that are no UTF-8, which no invoice "
			"has; save this file as UTF-8",
			value->text);
		return;
	}
	if (strlen(text) >= sizeof(accept.text)) {
		menu_wrong(value,
			"the text is too long; at most %zu characters",
			sizeof(accept.text) - 1);
		return;
	}
	if (value->text[strcspn(value->text, " ")] == ' ' && *text == '\0') {
		menu_wrong(
			value, "behind \"%s\" a text is missing", value->text);
		return;
	}
	/* Every invoice has a label: it would be `any` by another name. */
	if (accept.kind == MENU_ACCEPT_LABEL && *text == '*') {
		menu_wrong(value,
			"\"label *\" would take all income of the node; "
			"write how our labels begin");
		return;
	}
	if (accept.kind == MENU_ACCEPT_LABEL &&
		text[strcspn(text, "*")] == '*' &&
		text[strcspn(text, "*") + 1] != '\0') {
		menu_wrong(value,
			"\"%s\": a * stands for the rest of a label; it can "
			"only be its end",
			value->text);
		return;
	}
	if (accept.kind == MENU_ACCEPT_LIGHTNING_ADDRESS &&
		!is_lightning_address(text)) {
		menu_wrong(value,
			"\"%s\" is no lightning address; it looks like "
			"flash@shop.example, in small letters",
			text);
		return;
	}
	if (menu->n_accept == MENU_ACCEPT_MAX) {
		menu_wrong(value, "there are too many; at most %d",
			MENU_ACCEPT_MAX);
		return;
	}

	(void)snprintf(accept.text, sizeof(accept.text), "%s", text);
	menu->accept[menu->n_accept++] = accept;
}

static void read_plugin(const struct menu_value *value, struct menu *menu,
	struct menu_action *action)
{
	(void)action;
	(void)menu_read_choice(value, "yes", "no");
	/* A word that is wrong is told, and nothing that would follow. */
	menu->plugin = strcmp(value->text, "no") != 0;
}

static void read_hold(const struct menu_value *value, struct menu *menu,
	struct menu_action *action)
{
	(void)action;
	menu->hold = menu_read_choice(value, "yes", "no");
	menu->plugin |= !menu->hold && strcmp(value->text, "no") != 0;
}

static void read_refunds(const struct menu_value *value, struct menu *menu,
	struct menu_action *action)
{
	(void)action;
	menu->refunds = menu_read_choice(value, "automatic", "by-hand");
}

const struct menu_key menu_node_keys[] = {
	{ "rpc", false, NULL, read_rpc },
	{ "address", false, NULL, read_address },
	{ "rune", false, NULL, read_rune },
	{ "proxy", false, NULL, read_proxy },
	{ "plugin", false, NULL, read_plugin },
	{ "hold", false, NULL, read_hold },
	{ "refunds", false, NULL, read_refunds },
	{ "accept", true, NULL, read_accept },
	{ NULL, false, NULL, NULL },
};

/* What the node's plugin does for us, and what it cannot do. */
static void check_plugin(struct menu *menu, struct menu_mistakes *mistakes,
	const struct menu_node_written *written)
{
	if (menu->hold && written->plugin && !menu->plugin)
		menu_mistake(mistakes, written->line,
			"node has hold = yes and plugin = no, but it is the "
			"plugin that holds; remove plugin");
	menu->plugin |= menu->hold;
	if (menu->refunds && !menu->plugin)
		menu_mistake(mistakes, written->line,
			"node has refunds = automatic, which the node's "
			"plugin does; add plugin = yes or hold = yes");
	if (menu->refunds && menu->hold)
		menu_mistake(mistakes, written->line,
			"node has refunds and hold; a payment that is held "
			"goes back by itself: remove refunds");
	for (size_t i = 0; menu->hold && i < menu->n_accept; i++)
		if (menu->accept[i].kind == MENU_ACCEPT_ANY)
			menu_mistake(mistakes, written->line,
				"node has hold = yes and accept = any, which "
				"would turn away all income of the node while "
				"the car is away; name the payments that "
				"count");
}

/*
 * One way to the node, and all of it.  A value that was wrong is told already,
 * and what would follow from it is not.
 */
void menu_node_check(struct menu *menu, struct menu_mistakes *mistakes,
	const struct menu_node_written *written)
{
	static const char onion[] = ".onion";
	size_t len = strlen(menu->node.host);

	check_plugin(menu, mistakes, written);
	if (!written->rpc && !written->address)
		menu_mistake(mistakes, written->line,
			"node has no rpc; add a line like: rpc = "
			"\"" MENU_RPC_EXAMPLE
			"\", or, if it is elsewhere: address = "
			"\"ID@node.example:9735\"");
	if (written->rpc && written->address)
		menu_mistake(mistakes, written->line,
			"node has rpc and address; keep one, the way by which "
			"it is reached");
	if (written->address && !written->rune)
		menu_mistake(mistakes, written->line,
			"node has an address and no rune, without which it "
			"answers nobody; add a line like: rune = "
			"\"file:/etc/1sat2flash/rune\"");
	if (!written->address && (written->rune || written->proxy))
		menu_mistake(mistakes, written->line,
			"node has a %s but no address; it is for a node that "
			"is elsewhere",
			written->rune ? "rune" : "proxy");
	if (!written->proxy && len > strlen(onion) &&
		strcmp(menu->node.host + len - strlen(onion), onion) == 0)
		menu_mistake(mistakes, written->line,
			"an .onion address is reached through Tor; add a line "
			"like: proxy = \"127.0.0.1:9050\"");
}
