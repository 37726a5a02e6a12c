/* SPDX-License-Identifier: MIT */

/*
 * What a node may send over BOLT 8.  The first byte says how: as it is, which
 * is a handshake that fails sooner or later; or sealed by the right node, cut
 * into messages, and the bytes of all of it cut into pieces, as the second
 * byte says.  Whole or cut, the same must come out; and BOLT 1 and commando,
 * which judge the messages, must bear it.
 */

#include <stdlib.h>
#include <string.h>

#include "lightning/bolt8.h"
#include "lightning/commando.h"
#include "lightning/peer.h"
#include "simnode/xk.h"
#include "util/bytes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	SEALED_MAX = 256 * 1024,
	MESSAGE_MAX = 300,
};

static const struct secret32 node_key = { { 1 } };
static const struct secret32 our_key = { { 2 } };
static const struct secret32 ephemeral = { { 3 } };

struct ends {
	struct bolt8 *bolt8;
	struct xk xk;
	uint8_t act2[XK_ACT2_SIZE];
};

/* Up to act two, which is not given yet. */
static void begin(struct ends *ends)
{
	struct noise_keys keys = { .own = our_key, .ephemeral = ephemeral };
	struct cipher *cipher;
	size_t len;

	if (cipher_new(&ephemeral, &cipher) < 0 ||
		cipher_public(cipher, &node_key, keys.node) != 0)
		abort();
	(void)cipher_free(cipher);
	if (bolt8_new(&keys, &ends->bolt8) != 0 ||
		xk_init(&ends->xk, &node_key, &ephemeral) != 0 ||
		xk_act1(&ends->xk, bolt8_out(ends->bolt8, &len), ends->act2) !=
			0)
		abort();
	bolt8_sent(ends->bolt8, XK_ACT1_SIZE);
}

static void end(struct ends *ends)
{
	(void)bolt8_free(ends->bolt8);
	xk_deinit(&ends->xk);
}

/* What became of the messages: a number that tells them apart. */
struct judge {
	uint64_t sum;
	struct peer peer;
	struct commando commando;
};

static void judge(struct judge *judge, const uint8_t *message, size_t len)
{
	enum peer_event event = peer_take(&judge->peer, message, len);
	const char *text;
	uint64_t number;

	if (strlen(judge->peer.text) >= sizeof(judge->peer.text))
		abort();
	for (size_t i = 0; i < len; i++)
		judge->sum = 31 * judge->sum + message[i];
	judge->sum = 31 * judge->sum + (uint64_t)event;
	if (event == PEER_REPLY && commando_take(&judge->commando, message, len,
					   &number, &text, &len) == 0)
		judge->sum = 31 * judge->sum + number + len;
	if (judge->commando.held > 2 * COMMANDO_REPLY_MAX)
		abort();
}

/* Gives @size bytes in pieces.  Returns the last answer. */
static int feed(struct bolt8 *bolt8, const uint8_t *data, size_t size,
	size_t piece, struct judge *ret)
{
	int r = BOLT8_E_AGAIN;

	for (uint64_t number = 0; number < 4; number++)
		if (commando_expect(&ret->commando, number) != 0)
			abort();
	while (size > 0 && (r == 0 || r == BOLT8_E_AGAIN)) {
		size_t left = piece < size ? piece : size;

		size -= left;
		do {
			const uint8_t *message;
			size_t len;

			r = bolt8_take(bolt8, &data, &left, &message, &len);
			if (r == 0)
				judge(ret, message, len);
		} while (r == 0);
	}

	return r;
}

/* A length in one byte or, from 255 on, in three; then the message. */
static size_t seal_all(
	struct xk *xk, const uint8_t *data, size_t size, uint8_t *ret)
{
	size_t at = 0;

	while (size > 0) {
		size_t len = data[0];

		data++;
		size--;
		if (len == 255 && size >= 2) {
			len = get_be16(data);
			data += 2;
			size -= 2;
		}
		if (len > size)
			len = size;
		if (at + len + 34 > SEALED_MAX)
			break;
		if (xk_seal(xk, data, len, ret + at) != 0)
			abort();
		at += len + 34;
		data += len;
		size -= len;
	}

	return at;
}

static void try_sealed(
	const uint8_t *data, size_t size, size_t piece, struct judge *ret)
{
	static uint8_t bytes[XK_ACT2_SIZE + SEALED_MAX];
	struct ends ends = { 0 };
	struct judge nothing = { 0 };
	size_t len;

	begin(&ends);
	if (feed(ends.bolt8, ends.act2, XK_ACT2_SIZE, piece, &nothing) !=
			BOLT8_E_AGAIN ||
		xk_act3(&ends.xk, bolt8_out(ends.bolt8, &len)) != 0)
		abort();
	len = seal_all(&ends.xk, data, size, bytes);
	if (feed(ends.bolt8, bytes, len, piece, ret) != BOLT8_E_AGAIN)
		abort();
	commando_deinit(&nothing.commando);
	commando_deinit(&ret->commando);
	end(&ends);
}

static void try_raw(const uint8_t *data, size_t size, size_t piece, bool shake)
{
	struct judge nothing = { 0 };
	struct ends ends = { 0 };

	begin(&ends);
	if (shake && feed(ends.bolt8, ends.act2, XK_ACT2_SIZE, piece,
			     &nothing) != BOLT8_E_AGAIN)
		abort();
	commando_deinit(&nothing.commando);
	(void)feed(ends.bolt8, data, size, piece, &nothing);
	/* Nobody but the node can make a message. */
	if (nothing.sum != 0)
		abort();
	commando_deinit(&nothing.commando);
	end(&ends);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct judge whole, cut;
	size_t piece;

	if (size < 2 || size > 64 * 1024)
		return 0;

	piece = 1U + data[1] % 64U;
	if (data[0] < 64) {
		try_raw(data + 2, size - 2, piece, data[0] < 32);
		return 0;
	}
	memset(&whole, 0, sizeof(whole));
	memset(&cut, 0, sizeof(cut));
	try_sealed(data + 2, size - 2, SIZE_MAX, &whole);
	try_sealed(data + 2, size - 2, piece, &cut);
	if (whole.sum != cut.sum)
		abort();
	return 0;
}
