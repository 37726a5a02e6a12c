/* SPDX-License-Identifier: MIT */

#include "lightning/peer.h"

#include <string.h>

#include "test.h"
#include "util/bytes.h"

static struct peer peer;
static uint8_t message[70000];

static enum peer_event take(unsigned int type, const char *body, size_t len)
{
	put_be16(message, (uint16_t)type);
	memcpy(message + 2, body, len);
	return peer_take(&peer, message, 2 + len);
}

static void greet(void)
{
	cr_assert_eq(take(16, "\0\0\0\0", 4), PEER_GREETED);
}

TEST(peer, greeting_comes_first_and_once)
{
	cr_assert_eq(take(18, "\0\0\0\0", 4), PEER_BROKEN);
	cr_assert_not_null(strstr(peer.text, "before its greeting"));
	cr_assert_eq(take(257, "", 0), PEER_BROKEN);
	/* Features, and what may follow. */
	cr_assert_eq(take(16, "\0\1\xff\0\2\xff\xff\x01\x20", 9), PEER_GREETED);
	cr_assert_eq(take(16, "\0\0\0\0", 4), PEER_NOTHING);
}

TEST(peer, greeting_that_is_cut_off_is_broken)
{
	static const char whole[] = "\0\1\xff\0\2\xff\xff";

	for (size_t len = 0; len < 7; len++)
		cr_assert_eq(take(16, whole, len), PEER_BROKEN);
	cr_assert_eq(take(16, whole, 7), PEER_GREETED);
}

TEST(peer, ping_is_answered_with_as_much_as_it_asks_for)
{
	greet();
	cr_assert_eq(take(18, "\0\0\0\0", 4), PEER_PINGED);
	cr_assert_eq(peer.pong_len, 4);
	cr_assert_eq(take(18, "\0\x08\0\2xy", 6), PEER_PINGED);
	cr_assert_eq(peer.pong_len, 12);
	cr_assert_arr_eq(peer.pong, "\0\x13\0\x08\0\0\0\0\0\0\0\0", 12);
	cr_assert_eq(take(18, "\xff\xfb\0\0", 4), PEER_PINGED);
	cr_assert_eq(peer.pong_len, 4 + 65531);
	/* Not more: such a ping is there for its length. */
	cr_assert_eq(take(18, "\xff\xfc\0\0", 4), PEER_NOTHING);
	cr_assert_eq(take(18, "\xff\xff\0\0", 4), PEER_NOTHING);
	cr_assert_eq(take(18, "\0\0\0\1", 4), PEER_BROKEN);
	cr_assert_eq(take(18, "\0\0\0", 3), PEER_BROKEN);
}

TEST(peer, what_is_odd_or_gossip_is_passed_over)
{
	greet();
	cr_assert_eq(take(19, "\0\0", 2), PEER_NOTHING);
	cr_assert_eq(take(7, "", 0), PEER_NOTHING);
	cr_assert_eq(take(256, "x", 1), PEER_NOTHING);
	cr_assert_eq(take(258, "x", 1), PEER_NOTHING);
	cr_assert_eq(take(265, "x", 1), PEER_NOTHING);
	cr_assert_eq(take(0x8001, "x", 1), PEER_NOTHING);
	cr_assert_eq(take(0x4c4d, "x", 1), PEER_NOTHING);
	cr_assert_eq(take(0x594b, "x", 1), PEER_REPLY);
	cr_assert_eq(take(0x594d, "x", 1), PEER_REPLY);
}

TEST(peer, what_is_even_and_unknown_ends_it)
{
	greet();
	cr_assert_eq(take(32, "", 0), PEER_BROKEN);
	cr_assert_str_eq(
		peer.text, "a message of type 32, which nobody may pass over");
	cr_assert_eq(take(0x8000, "", 0), PEER_BROKEN);
	cr_assert_eq(peer_take(&peer, message, 1), PEER_BROKEN);
	cr_assert_eq(peer_take(&peer, message, 0), PEER_BROKEN);
}

TEST(peer, complaints_are_told_printably)
{
	char body[32 + 2 + 400] = { 0 };

	/* Even before the greeting. */
	memcpy(body + 32, "\0\4bad\x1b", 6);
	cr_assert_eq(take(17, body, 38), PEER_ENDED);
	cr_assert_str_eq(peer.text, "bad?");
	cr_assert_eq(take(1, body, 38), PEER_WARNED);
	cr_assert_str_eq(peer.text, "bad?");
	/* Longer than it is, and too short to be one. */
	cr_assert_eq(take(17, body, 36), PEER_ENDED);
	cr_assert_str_eq(peer.text, "ba");
	cr_assert_eq(take(17, body, 33), PEER_ENDED);
	cr_assert_str_eq(peer.text, "");
	put_be16((uint8_t *)body + 32, 400);
	memset(body + 34, 'x', 400);
	cr_assert_eq(take(17, body, sizeof(body)), PEER_ENDED);
	cr_assert_eq(strlen(peer.text), PEER_TEXT_SIZE - 1);
}

TEST(peer, our_greeting_offers_nothing)
{
	uint8_t init[PEER_INIT_SIZE], ping[PEER_PING_SIZE];

	peer_init_message(init);
	cr_assert_arr_eq(init, "\0\x10\0\0\0\0", 6);
	peer_ping_message(ping);
	cr_assert_arr_eq(ping, "\0\x12\0\0\0\0", 6);
}
