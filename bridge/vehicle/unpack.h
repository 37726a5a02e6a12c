/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Unpack - foreign protobuf bytes into memory that cannot grow
 *
 * An arena takes all that one frame unpacks to.  There is nothing to free,
 * and a message made to blow up when unpacked is refused, not obeyed.
 */

#include <stdalign.h>
#include <stddef.h>
#include <stdint.h>

#include <protobuf-c/protobuf-c.h>

enum {
	/* Several times what any message of a car has been seen to need. */
	ARENA_SIZE = 16 * 1024,
};

struct arena {
	size_t used;
	alignas(16) uint8_t bytes[ARENA_SIZE];
};

/* Forgets all that was unpacked before. */
void arena_reset(struct arena *arena);

/*
 * The message of @type in @bytes, valid until the arena is reset, or NULL if
 * it is broken or unpacks to more than the arena has left.
 */
const void *unpack(struct arena *arena, const ProtobufCMessageDescriptor *type,
	const uint8_t *bytes, size_t len);
