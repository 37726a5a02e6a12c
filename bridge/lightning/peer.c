/* SPDX-License-Identifier: MIT */

#include "lightning/peer.h"

#include <stdio.h>
#include <string.h>

#include "lightning/commando.h"
#include "util/bytes.h"

enum {
	TYPE_WARNING = 1,
	TYPE_INIT = 16,
	TYPE_ERROR = 17,
	TYPE_PING = 18,
	TYPE_PONG = 19,
	/* Channels and nodes of others, of which some types are even. */
	TYPE_GOSSIP_FIRST = 256,
	TYPE_GOSSIP_LAST = 265,
	CHANNEL_ID_SIZE = 32,
	/* More would not fit a message: such a ping wants no pong. */
	PONG_BYTES_MAX = 65531,
};

void peer_init_message(uint8_t ret[static PEER_INIT_SIZE])
{
	put_be16(ret, TYPE_INIT);
	put_be16(ret + 2, 0); /* no global features */
	put_be16(ret + 4, 0); /* no features */
}

void peer_ping_message(uint8_t ret[static PEER_PING_SIZE])
{
	put_be16(ret, TYPE_PING);
	put_be16(ret + 2, 0);
	put_be16(ret + 4, 0);
}

static enum peer_event broken(struct peer *peer, const char *what)
{
	(void)snprintf(peer->text, sizeof(peer->text), "%s", what);
	return PEER_BROKEN;
}

/* Two features with their lengths; the rest, and what they are, is its own. */
static enum peer_event on_init(
	struct peer *peer, const uint8_t *body, size_t len)
{
	for (int i = 0; i < 2; i++) {
		size_t n;

		if (len < 2)
			return broken(peer, "a greeting that is cut off");
		n = get_be16(body);
		if (n > len - 2)
			return broken(peer, "a greeting that is cut off");
		body += 2 + n;
		len -= 2 + n;
	}
	if (peer->greeted)
		return PEER_NOTHING;

	peer->greeted = true;
	return PEER_GREETED;
}

static enum peer_event on_ping(
	struct peer *peer, const uint8_t *body, size_t len)
{
	size_t n;

	if (len < 4 || get_be16(body + 2) > len - 4)
		return broken(peer, "a ping that is cut off");
	n = get_be16(body);
	if (n > PONG_BYTES_MAX)
		return PEER_NOTHING;

	put_be16(peer->pong, TYPE_PONG);
	put_be16(peer->pong + 2, (uint16_t)n);
	memset(peer->pong + 4, 0, n);
	peer->pong_len = 4 + n;
	return PEER_PINGED;
}

/* A channel, which we have none of, and a text of the node's. */
static void read_complaint(struct peer *peer, const uint8_t *body, size_t len)
{
	char text[PEER_TEXT_SIZE];
	size_t n;

	peer->text[0] = '\0';
	if (len < CHANNEL_ID_SIZE + 2)
		return;
	body += CHANNEL_ID_SIZE;
	len -= CHANNEL_ID_SIZE + 2;
	n = get_be16(body);
	if (n > len)
		n = len;
	if (n > sizeof(text) - 1)
		n = sizeof(text) - 1;
	memcpy(text, body + 2, n);
	text[n] = '\0';
	text_printable(text, peer->text, sizeof(peer->text));
}

enum peer_event peer_take(struct peer *peer, const uint8_t *message, size_t len)
{
	uint16_t type;

	if (len < 2)
		return broken(peer, "a message without a type");
	type = get_be16(message);
	message += 2;
	len -= 2;
	switch (type) {
	case TYPE_INIT:
		return on_init(peer, message, len);
	case TYPE_WARNING:
		read_complaint(peer, message, len);
		return PEER_WARNED;
	case TYPE_ERROR:
		read_complaint(peer, message, len);
		return PEER_ENDED;
	}
	if (!peer->greeted)
		return broken(peer, "something before its greeting");
	if (type == TYPE_PING)
		return on_ping(peer, message, len);
	if (commando_is_reply(type))
		return PEER_REPLY;
	/* It's ok to be odd. */
	if (type % 2 == 1 ||
		(type >= TYPE_GOSSIP_FIRST && type <= TYPE_GOSSIP_LAST))
		return PEER_NOTHING;

	(void)snprintf(peer->text, sizeof(peer->text),
		"a message of type %u, which nobody may pass over",
		(unsigned int)type);
	return PEER_BROKEN;
}
