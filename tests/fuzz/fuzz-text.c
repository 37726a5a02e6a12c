/* SPDX-License-Identifier: MIT */

/* Whatever a payer writes fits its buffer and steers no terminal. */

#include <string.h>

#include "util/bytes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	_cleanup_(freep) char *text = NULL;
	_cleanup_(freep) char *once = NULL;
	_cleanup_(freep) char *twice = NULL;
	size_t size;

	/* The first byte is the size of the buffer. */
	if (len == 0 || data[0] == 0)
		return 0;
	size = data[0];
	text = calloc(1, len);
	once = malloc(size);
	twice = malloc(size);
	if (text == NULL || once == NULL || twice == NULL)
		return 0;
	memcpy(text, data + 1, len - 1);

	text_printable(text, once, size);
	for (const char *p = once; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			abort();
	/* What is printable stays as it is: no character was cut. */
	text_printable(once, twice, size);
	if (strcmp(once, twice) != 0)
		abort();
	return 0;
}
