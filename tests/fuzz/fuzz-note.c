/* SPDX-License-Identifier: MIT */

/* Whatever a payer writes, a way back in it is one that can be asked for. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "util/macro.h"
#include "util/way_back.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check_text(const struct way_back *found)
{
	size_t len = strlen(found->text);
	struct way_back again;

	if (len == 0 || len >= sizeof(found->text))
		abort();
	if (strspn(found->text, "abcdefghijklmnopqrstuvwxyz0123456789.@_-") !=
		len)
		abort();
	if ((found->kind == WAY_BACK_OFFER) !=
		(strchr(found->text, '@') == NULL))
		abort();
	/* It is the same where it stands alone. */
	if (!way_back_find(found->text, &again) || again.kind != found->kind ||
		strcmp(again.text, found->text) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	_cleanup_(freep) char *note = malloc(len + 1);
	struct way_back found;

	if (note == NULL)
		return 0;
	if (len > 0)
		memcpy(note, data, len);
	note[len] = '\0';

	if (way_back_find(note, &found))
		check_text(&found);
	return 0;
}
