/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Requests - what a command looks like on the wire, before it is sealed
 *
 * Spec: vehicle-protocol 2.6, 7.1, appendix B.
 */

#include <stddef.h>
#include <stdint.h>

#include "model/command.h"

struct ProtobufCMessage;

enum {
	/* COMMAND_KEY_ENTRY has 71 bytes, all others 58 at most. */
	REQUEST_SIZE = 80,
};

/*
 * Writes the payload of @command: VCSEC.UnsignedMessage or CarServer.Action,
 * by its domain.  COMMAND_MEDIA_PLAY is the toggle: whether to send it is the
 * caller's question.  Not for handshakes, nor for COMMAND_KEY_ENTRY, which is
 * in whitelist.h.  Returns its length.
 */
size_t request_write(
	const struct command *command, uint8_t ret[static REQUEST_SIZE]);

/* Packs @message, whose size is known to fit. */
size_t request_pack(const struct ProtobufCMessage *message,
	uint8_t ret[static REQUEST_SIZE]);
