/* SPDX-License-Identifier: MIT */

/* The section node: the way to it. */

#include "menu-world.h"

#define NODE_ID \
	"02AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

TEST(menu, a_node_elsewhere_has_an_address_and_a_rune)
{
	struct menu *menu =
		taken(CAR "node {\n"
			  "address = \"" NODE_ID "@node.example:1234\"\n"
			  "rune = \"file:/etc/1sat2flash/rune\"\n"
			  "proxy = \"127.0.0.1:9050\" }\n" FLASH);

	cr_expect_str_eq(menu->rpc_path, "");
	/* As the node itself writes it. */
	cr_expect_eq(strncmp(menu->node_id, "02aaaa", 6), 0);
	cr_expect_str_eq(menu->node.host, "node.example");
	cr_expect_eq(menu->node.port, 1234);
	cr_expect_str_eq(menu->rune_path, "/etc/1sat2flash/rune");
	cr_expect_str_eq(menu->proxy.host, "127.0.0.1");
	cr_expect_eq(menu->proxy.port, 9050);
	menu_free(menu);
	menu = taken(CAR "node { address = \"" NODE_ID
			 "@[::1]\" rune = \"file:/r\" }\n" FLASH);
	cr_expect_str_eq(menu->node.host, "::1");
	cr_expect_eq(menu->node.port, 9735);
	cr_expect_eq(menu->proxy.port, 0);
	menu_free(menu);
}

TEST(menu, a_way_to_the_node_that_is_none_is_told)
{
	refused(CAR "node { address = \"node.example:9735\" }\n" FLASH,
		":2: address: \"node.example:9735\" has no @",
		":2: node has an address and no rune", NULL);
	refused("node { address = \"02ab@node.example\" }\n",
		":1: address: before the @ stands no id of a node", NULL);
	refused("node { address = \"05"
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA@node.example\" }\n",
		":1: address: before the @ stands no id of a node", NULL);
	refused("node { address = \"" NODE_ID "@\" }\n",
		":1: address: \"\" is no host and port", NULL);
	refused("node { address = \"" NODE_ID "@node.example:70000\" }\n",
		":1: address: \"node.example:70000\" is no host and port",
		NULL);
	refused("node { proxy = \"127.0.0.1\" }\n",
		":1: proxy: \"127.0.0.1\" is no host and port of a SOCKS5",
		NULL);
	refused("node { rune = \"/etc/1sat2flash/rune\" }\n",
		":1: rune: a rune stands in a file of its own", NULL);
}

TEST(menu, there_is_one_way_to_the_node)
{
	refused(CAR "node { accept = offers }\n" FLASH,
		":2: node has no rpc; add a line like: rpc = ", NULL);
	refused(CAR "node { rpc = \"/r\" address = \"" NODE_ID
		    "@n\" rune = \"file:/r\" }\n" FLASH,
		":2: node has rpc and address; keep one", NULL);
	refused(CAR "node { rpc = \"/r\" rune = \"file:/r\" }\n" FLASH,
		":2: node has a rune but no address", NULL);
	refused(CAR "node { rpc = \"/r\" proxy = \"127.0.0.1:1\" }\n" FLASH,
		":2: node has a proxy but no address", NULL);
	refused(CAR "node { address = \"" NODE_ID
		    "@abc.onion\" rune = \"file:/r\" }\n" FLASH,
		":2: an .onion address is reached through Tor", NULL);
}

/* Whoever pastes the rune itself is not to find it in a log. */
TEST(menu, a_rune_in_the_menu_is_not_told_again)
{
	struct menu *menu = NULL;
	struct told told;

	cr_assert_eq(load(CAR "node { address = \"" NODE_ID
			      "@n\" rune = \"SECRETSECRET\" }\n" FLASH,
			     &told, &menu),
		MENU_E_INVALID);
	cr_assert_null(strstr(told.text, "SECRET"), "%s", told.text);
}
