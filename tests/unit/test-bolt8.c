/* SPDX-License-Identifier: MIT */

#include "lightning/bolt8.h"

#include "bolt8-peer.h"
#include "faults.h"

static struct bolt8 *bolt8;
static struct peer_bytes bytes;

static struct noise_keys keys(void)
{
	struct noise_keys keys = {
		.own = peer_key(LS_PRIV),
		.ephemeral = peer_key(E_INITIATOR),
	};

	cr_assert_eq(hex_decode(RS_PUB, keys.node, sizeof(keys.node)), 0);
	return keys;
}

/* Up to the node's act two, which is in @bytes. */
static void dial(void)
{
	const struct noise_keys k = keys();
	const uint8_t *out;
	size_t len;

	peer_init();
	cr_assert_eq(bolt8_new(&k, &bolt8), 0);
	out = bolt8_out(bolt8, &len);
	cr_assert_eq(len, XK_ACT1_SIZE);
	cr_assert_eq(xk_act1(&peer_xk, out, bytes.data), 0);
	bytes.len = XK_ACT2_SIZE;
	bolt8_sent(bolt8, len);
}

static void end(void)
{
	bolt8 = bolt8_free(bolt8);
	peer_deinit();
	bytes.len = 0;
}

/* Gives @len bytes in pieces.  Returns the last answer. */
static int feed(const uint8_t *data, size_t len, size_t piece, char *said)
{
	int r = BOLT8_E_AGAIN;

	*said = '\0';
	while (len > 0 && (r == 0 || r == BOLT8_E_AGAIN)) {
		size_t left = piece < len ? piece : len;

		len -= left;
		do {
			const uint8_t *message;
			size_t message_len;

			r = bolt8_take(
				bolt8, &data, &left, &message, &message_len);
			if (r == 0)
				(void)strncat(said, (const char *)message,
					message_len);
		} while (r == 0 || (r == BOLT8_E_AGAIN && left > 0));
	}

	return r;
}

static void take_act3(void)
{
	const uint8_t *out;
	size_t len;

	out = bolt8_out(bolt8, &len);
	cr_assert_geq(len, XK_ACT3_SIZE);
	cr_assert_eq(xk_act3(&peer_xk, out), 0);
	bolt8_sent(bolt8, XK_ACT3_SIZE);
}

static void connect(void)
{
	char said[10];

	dial();
	cr_assert_not(bolt8_is_open(bolt8));
	cr_assert_eq(feed(bytes.data, bytes.len, 1000, said), BOLT8_E_AGAIN);
	cr_assert(bolt8_is_open(bolt8));
	take_act3();
	bytes.len = 0;
}

TEST(bolt8, messages_may_be_cut_anywhere)
{
	for (size_t piece = 1; piece < 120; piece += piece < 40 ? 1 : 11) {
		char said[100];

		dial();
		for (size_t i = 0; i < bytes.len; i++) {
			cr_assert_not(bolt8_is_open(bolt8));
			cr_assert_eq(feed(bytes.data + i, 1, 1, said),
				BOLT8_E_AGAIN);
		}
		take_act3();
		bytes.len = 0;
		peer_say(&bytes, "one ", 4);
		peer_say(&bytes, "", 0);
		peer_say(&bytes, "and two", 7);
		cr_assert_eq(feed(bytes.data, bytes.len, piece, said),
			BOLT8_E_AGAIN);
		cr_assert_str_eq(said, "one and two");
		end();
	}
}

TEST(bolt8, what_is_sent_can_be_read)
{
	uint8_t sealed[100];
	const uint8_t *out;
	size_t len;

	connect();
	cr_assert_eq(bolt8_send(bolt8, (const uint8_t *)"hello", 5), 0);
	cr_assert_eq(bolt8_send(bolt8, (const uint8_t *)"", 0), 0);
	out = bolt8_out(bolt8, &len);
	cr_assert_eq(len, 5 + 34 + 34);
	memcpy(sealed, out, len);
	/* The socket takes a part of it. */
	bolt8_sent(bolt8, 10);
	out = bolt8_out(bolt8, &len);
	cr_assert_eq(len, 5 + 34 + 34 - 10);
	cr_assert_arr_eq(out, sealed + 10, len);

	cr_assert_eq(xk_open_head(&peer_xk, sealed, &len), 0);
	cr_assert_eq(len, 5);
	cr_assert_eq(xk_open_body(&peer_xk, sealed + 18, len), 0);
	cr_assert_arr_eq(sealed + 18, "hello", 5);
	end();
}

TEST(bolt8, a_node_that_is_another_is_noticed)
{
	char said[10];

	dial();
	bytes.data[49] ^= 1;
	cr_assert_eq(feed(bytes.data, bytes.len, 7, said), BOLT8_E_FORGED);
	end();
	dial();
	bytes.data[1] = 5;
	cr_assert_eq(feed(bytes.data, bytes.len, 7, said), BOLT8_E_FORGED);
	end();
	dial();
	bytes.data[0] = 1;
	cr_assert_eq(feed(bytes.data, bytes.len, 7, said), BOLT8_E_VERSION);
	cr_assert_not(bolt8_is_open(bolt8));
	end();
}

TEST(bolt8, a_forged_message_ends_it)
{
	char said[10];

	for (size_t at = 0; at < 38; at++) {
		connect();
		peer_say(&bytes, "true", 4);
		bytes.data[at] ^= 0x80;
		cr_assert_eq(
			feed(bytes.data, bytes.len, 9, said), BOLT8_E_FORGED);
		cr_assert_str_eq(said, "");
		end();
	}
}

TEST(bolt8, a_message_twice_is_forged)
{
	char said[10];

	connect();
	peer_say(&bytes, "once", 4);
	cr_assert_eq(feed(bytes.data, bytes.len, 99, said), BOLT8_E_AGAIN);
	cr_assert_str_eq(said, "once");
	cr_assert_eq(feed(bytes.data, bytes.len, 99, said), BOLT8_E_FORGED);
	end();
}

TEST(bolt8, what_waits_to_be_sent_has_a_bound)
{
	static uint8_t message[NOISE_MESSAGE_MAX];
	size_t n = 0;
	int r;

	connect();
	while ((r = bolt8_send(bolt8, message, sizeof(message))) == 0)
		n++;
	cr_assert_eq(r, BOLT8_E_FULL);
	cr_assert_eq(n, BOLT8_OUT_MAX / (sizeof(message) + NOISE_OVERHEAD));
	end();
}

TEST(bolt8, an_id_that_is_no_point_is_told)
{
	struct noise_keys k = keys();

	k.node[0] = 9;
	cr_assert_eq(bolt8_new(&k, &bolt8), BOLT8_E_KEY);
	cr_assert_null(bolt8);
	cr_assert_null(bolt8_free(NULL));
}

TEST(bolt8, no_memory_to_begin_leaves_nothing)
{
	const struct noise_keys k = keys();
	int r = -ENOMEM;

	for (long n = 0; r != 0; n++) {
		faults_arm(n);
		r = bolt8_new(&k, &bolt8);
		faults_disarm();
		cr_assert(r == 0 || (r == -ENOMEM && bolt8 == NULL));
	}
	bolt8 = bolt8_free(bolt8);
}

TEST(bolt8, no_memory_for_a_message_ends_it)
{
	char said[10];

	connect();
	peer_say(&bytes, "hello", 5);
	faults_arm(0);
	cr_assert_eq(feed(bytes.data, bytes.len, 99, said), -ENOMEM);
	faults_disarm();
	faults_arm(0);
	cr_assert_eq(bolt8_send(bolt8, (const uint8_t *)"x", 1), -ENOMEM);
	faults_disarm();
	end();
}
