/* SPDX-License-Identifier: MIT */

/*
 * Replies of commando as parts: a byte with the type and the number of the
 * call, a byte with the length, the bytes.  What comes out must be what went
 * in, in its order, for each call by itself; and what is said of a rune must
 * be printable and end.
 */

#include <stdlib.h>
#include <string.h>

#include "lightning/commando.h"
#include "lightning/rune.h"
#include "util/bytes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	CALLS = 4,
	LAST = 0x594d,
	PART = 0x594b,
};

struct expected {
	bool waits;
	size_t len;
	char text[64 * 1024];
};

static struct expected expected[2 * CALLS];

static void check_rune(const char *text, size_t len)
{
	char message[300], why[RUNE_WHY_SIZE];

	(void)memset(message, 0, sizeof(message));
	memcpy(message, text, len < 299 ? len : 299);
	if (rune_explain(0x4c51, message, "/r", "getinfo", why) != 0)
		abort();
	for (const char *p = why; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			abort();
}

static void take(struct commando *commando, unsigned int type, uint64_t number,
	const uint8_t *bytes, size_t len)
{
	struct expected *e = &expected[number];
	uint8_t message[COMMANDO_HEAD_SIZE + 255] = { 0 };
	uint64_t got_number;
	const char *got;
	size_t got_len;
	int r;

	put_be16(message, (uint16_t)type);
	message[9] = (uint8_t)number;
	memcpy(message + COMMANDO_HEAD_SIZE, bytes, len);
	r = commando_take(commando, message, COMMANDO_HEAD_SIZE + len,
		&got_number, &got, &got_len);
	if (!e->waits) {
		if (r != COMMANDO_E_AGAIN)
			abort();
		return;
	}
	memcpy(e->text + e->len, bytes, len);
	e->len += len;
	if (type == PART) {
		if (r != COMMANDO_E_AGAIN)
			abort();
		return;
	}
	if (r != 0 || got_number != number || got_len != e->len ||
		memcmp(got == NULL ? "" : got, e->text, got_len) != 0)
		abort();
	check_rune(e->text, e->len);
	e->waits = false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct commando commando = { 0 };

	if (size > 32 * 1024)
		return 0;
	for (uint64_t i = 0; i < 2 * CALLS; i++) {
		expected[i].waits = i < CALLS;
		expected[i].len = 0;
		if (i < CALLS && commando_expect(&commando, i) != 0)
			abort();
	}
	while (size >= 2) {
		size_t len = data[1] < size - 2 ? data[1] : size - 2;

		take(&commando, data[0] >= 128 ? LAST : PART,
			data[0] % (2 * CALLS), data + 2, len);
		data += 2 + len;
		size -= 2 + len;
	}
	commando_deinit(&commando);
	return 0;
}
