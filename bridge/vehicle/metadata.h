/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Metadata - the tag-length-value list that signatures cover
 *
 * Pure; also used by the simulated car.  Items are added in ascending order
 * of their tags (Signatures.Tag), which is asserted.
 *
 * Spec: vehicle-protocol 3.2.
 */

#include <stddef.h>
#include <stdint.h>

enum {
	/* Seven items of the longest request, with room to spare. */
	METADATA_SIZE = 256,
};

struct metadata {
	int last_tag;
	size_t len;
	uint8_t bytes[METADATA_SIZE];
};

void metadata_init(struct metadata *metadata);

/* Adds @len <= 255 bytes.  What does not fit is a bug and aborts. */
void metadata_add(
	struct metadata *metadata, int tag, const void *value, size_t len);

/* Adds one byte. */
void metadata_add_u8(struct metadata *metadata, int tag, uint8_t value);

/* Adds four bytes, big-endian. */
void metadata_add_u32(struct metadata *metadata, int tag, uint32_t value);

/* Adds the end mark; bytes and len are then what is signed. */
void metadata_end(struct metadata *metadata);
