/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Peer - what a node says besides commando: BOLT 1, as far as it concerns us
 *
 * Pure.  We have no channel and offer no feature: greetings are exchanged,
 * pings answered, gossip and all that is odd and unknown passed over.
 *
 * Spec: BOLT 1; lightning 5 ("init", "ping").
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/macro.h"

enum {
	PEER_PONG_MAX = 4 + 65531,
	PEER_INIT_SIZE = 6,
	PEER_PING_SIZE = 6,
	PEER_TEXT_SIZE = 160,
};

enum peer_event {
	PEER_NOTHING, /* passed over */
	PEER_GREETED, /* the first message: now others may be sent */
	PEER_PINGED,  /* @pong is to be sent */
	PEER_WARNED,  /* @text is what the node does not like */
	PEER_ENDED,   /* the same, and it ends the connection */
	PEER_REPLY,   /* a part of commando's */
	PEER_BROKEN,  /* not the protocol; @text says what */
};

struct peer {
	bool greeted;
	char text[PEER_TEXT_SIZE]; /* printable */
	size_t pong_len;
	uint8_t pong[PEER_PONG_MAX];
};

/* Judges a message. */
enum peer_event peer_take(
	struct peer *peer, const uint8_t *message, size_t len);

void peer_init_message(uint8_t ret[static PEER_INIT_SIZE]);
/* One that asks for an empty pong. */
void peer_ping_message(uint8_t ret[static PEER_PING_SIZE]);
