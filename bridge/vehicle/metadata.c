/* SPDX-License-Identifier: MIT */

#include "vehicle/metadata.h"

#include <stdlib.h>
#include <string.h>

#include "signatures.pb-c.h"
#include "util/bytes.h"

void metadata_init(struct metadata *metadata)
{
	metadata->last_tag = -1;
	metadata->len = 0;
}

void metadata_add(
	struct metadata *metadata, int tag, const void *value, size_t len)
{
	uint8_t *item = metadata->bytes + metadata->len;

	/*
	 * The list is what a signature covers: a wrong one must never be
	 * signed, not even in a build without assertions.  One byte stays
	 * free for the end mark.
	 */
	if (tag <= metadata->last_tag || tag >= SIGNATURES__TAG__TAG_END ||
		len > UINT8_MAX ||
		len + 3 > sizeof(metadata->bytes) - metadata->len)
		abort();

	item[0] = (uint8_t)tag;
	item[1] = (uint8_t)len;
	if (len > 0)
		memcpy(item + 2, value, len);
	metadata->last_tag = tag;
	metadata->len += 2 + len;
}

void metadata_add_u8(struct metadata *metadata, int tag, uint8_t value)
{
	metadata_add(metadata, tag, &value, sizeof(value));
}

void metadata_add_u32(struct metadata *metadata, int tag, uint32_t value)
{
	uint8_t bytes[4];

	put_be32(bytes, value);
	metadata_add(metadata, tag, bytes, sizeof(bytes));
}

void metadata_end(struct metadata *metadata)
{
	if (metadata->last_tag == SIGNATURES__TAG__TAG_END)
		abort();
	metadata->last_tag = SIGNATURES__TAG__TAG_END;
	metadata->bytes[metadata->len++] = SIGNATURES__TAG__TAG_END;
}
