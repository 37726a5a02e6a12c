/* SPDX-License-Identifier: MIT */

#include "lightning/commando.h"

#include <string.h>

#include "util/bytes.h"

enum {
	TYPE_ASK_PART = 0x4c4d,
	TYPE_ASK_LAST = 0x4c4f,
	TYPE_REPLY_PART = 0x594b,
	TYPE_REPLY_LAST = 0x594d,
};

static void put_be64(uint8_t *p, uint64_t v)
{
	put_be32(p, (uint32_t)(v >> 32));
	put_be32(p + 4, (uint32_t)v);
}

static uint64_t get_be64(const uint8_t *p)
{
	uint64_t v = 0;

	for (size_t i = 0; i < 8; i++)
		v = v << 8 | p[i];
	return v;
}

bool commando_is_reply(uint16_t type)
{
	return type == TYPE_REPLY_PART || type == TYPE_REPLY_LAST;
}

static void forget(struct commando *commando, struct commando_call *call)
{
	commando->held -= call->len;
	free(call->text);
	*call = (struct commando_call){ 0 };
}

void commando_deinit(struct commando *commando)
{
	for (size_t i = 0; i < COMMANDO_CALLS_MAX; i++)
		free(commando->calls[i].text);
	free(commando->whole);
	*commando = (struct commando){ 0 };
}

static struct commando_call *find(struct commando *commando, uint64_t number)
{
	for (size_t i = 0; i < COMMANDO_CALLS_MAX; i++)
		if (commando->calls[i].waits &&
			commando->calls[i].number == number)
			return &commando->calls[i];

	return NULL;
}

int commando_expect(struct commando *commando, uint64_t number)
{
	for (size_t i = 0; i < COMMANDO_CALLS_MAX; i++) {
		struct commando_call *call = &commando->calls[i];

		if (call->waits)
			continue;
		call->waits = true;
		call->number = number;
		return 0;
	}

	return COMMANDO_E_FULL;
}

void commando_cancel(struct commando *commando, uint64_t number)
{
	struct commando_call *call = find(commando, number);

	if (call != NULL)
		forget(commando, call);
}

size_t commando_part(uint64_t number, const char *text, size_t len,
	uint8_t ret[static COMMANDO_PART_MAX], size_t *ret_len)
{
	bool is_last = len <= COMMANDO_CHUNK_MAX;
	size_t n = is_last ? len : COMMANDO_CHUNK_MAX;

	put_be16(ret, is_last ? TYPE_ASK_LAST : TYPE_ASK_PART);
	put_be64(ret + 2, number);
	memcpy(ret + COMMANDO_HEAD_SIZE, text, n);
	*ret_len = COMMANDO_HEAD_SIZE + n;
	return n;
}

static int append(struct commando *commando, struct commando_call *call,
	const uint8_t *part, size_t len)
{
	char *text;

	if (len > COMMANDO_REPLY_MAX - call->len ||
		len > 2 * COMMANDO_REPLY_MAX - commando->held)
		return COMMANDO_E_TOO_BIG;
	text = realloc(call->text, call->len + len + 1);
	if (text == NULL)
		return -ENOMEM;

	memcpy(text + call->len, part, len);
	call->text = text;
	call->len += len;
	commando->held += len;
	return 0;
}

int commando_take(struct commando *commando, const uint8_t *message, size_t len,
	uint64_t *ret_number, const char **ret_text, size_t *ret_len)
{
	struct commando_call *call;
	int r;

	if (len < COMMANDO_HEAD_SIZE)
		return COMMANDO_E_INVALID;
	call = find(commando, get_be64(message + 2));
	if (call == NULL)
		return COMMANDO_E_AGAIN;
	r = append(commando, call, message + COMMANDO_HEAD_SIZE,
		len - COMMANDO_HEAD_SIZE);
	if (r != 0)
		return r;
	if (get_be16(message) != TYPE_REPLY_LAST)
		return COMMANDO_E_AGAIN;

	free(commando->whole);
	commando->whole = steal_ptr(&call->text);
	*ret_number = call->number;
	*ret_text = commando->whole;
	*ret_len = call->len;
	forget(commando, call);
	return 0;
}
