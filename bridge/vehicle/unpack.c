/* SPDX-License-Identifier: MIT */

#include "vehicle/unpack.h"

void arena_reset(struct arena *arena)
{
	arena->used = 0;
}

static void *arena_alloc(void *userdata, size_t size)
{
	struct arena *arena = userdata;
	void *p = arena->bytes + arena->used;

	/* Rounding up first could wrap around. */
	if (size > sizeof(arena->bytes) - arena->used)
		return NULL;
	size = (size + 15) & ~(size_t)15;
	if (size > sizeof(arena->bytes) - arena->used)
		return NULL;

	arena->used += size;
	return p;
}

static void arena_free(void *userdata, void *p)
{
	(void)userdata;
	(void)p;
}

const void *unpack(struct arena *arena, const ProtobufCMessageDescriptor *type,
	const uint8_t *bytes, size_t len)
{
	ProtobufCAllocator allocator = {
		.alloc = arena_alloc,
		.free = arena_free,
		.allocator_data = arena,
	};

	return protobuf_c_message_unpack(type, &allocator, len, bytes);
}
