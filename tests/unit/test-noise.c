/* SPDX-License-Identifier: MIT */

/* Both sides of BOLT 8, by its vectors and against each other. */

#include "lightning/noise.h"

#include <string.h>

#include "noise-vectors.h"
#include "simnode/xk.h"
#include "test.h"
#include "util/bytes.h"

static struct noise *noise;
static struct xk xk;

static struct secret32 key_of(const char *hex)
{
	struct secret32 key;

	cr_assert_eq(hex_decode(hex, key.bytes, sizeof(key.bytes)), 0);
	return key;
}

static void read_hex(const char *hex, uint8_t *ret, size_t len)
{
	cr_assert_eq(hex_decode(hex, ret, len), 0, "%zu: %s", len, hex);
}

static void assert_hex(const uint8_t *bytes, size_t len, const char *expected)
{
	char hex[HEX_SIZE(256)];

	cr_assert_leq(len, 256);
	hex_encode(bytes, len, hex);
	cr_assert_str_eq(hex, expected);
}

static struct noise_keys keys(void)
{
	struct noise_keys keys = {
		.own = key_of(LS_PRIV),
		.ephemeral = key_of(E_INITIATOR),
		.seed = { { 7 } },
	};

	read_hex(RS_PUB, keys.node, sizeof(keys.node));
	return keys;
}

static void dial(void)
{
	const struct noise_keys k = keys();
	uint8_t act1[NOISE_ACT1_SIZE];

	cr_assert_eq(noise_new(&k, &noise, act1), 0);
	assert_hex(act1, sizeof(act1), ACT1);
}

/* What comes of this act two, which is @whole but for its first bytes. */
static int answer(const char *act2, uint8_t act3[static NOISE_ACT3_SIZE])
{
	uint8_t bytes[NOISE_ACT2_SIZE];

	read_hex(act2, bytes, sizeof(bytes));
	return noise_answer(noise, bytes, act3);
}

static void connect_by_vectors(void)
{
	uint8_t act3[NOISE_ACT3_SIZE];

	dial();
	cr_assert_eq(answer(ACT2, act3), 0);
	assert_hex(act3, sizeof(act3), ACT3);
}

static void end(void)
{
	noise = noise_free(noise);
	if (xk.cipher != NULL)
		xk_deinit(&xk);
}

TEST(noise, acts_are_those_of_the_vectors)
{
	connect_by_vectors();
	end();
}

/* BOLT 8, "act2 bad version", "bad key serialization" and "bad MAC". */
TEST(noise, a_bad_act_two_is_refused)
{
	static const struct {
		const char *act2;
		int expected;
	} cases[] = {
		{ "0102466d7fcae563e5cb09a0d1870bb580344804617879a14949cf22285f"
		  "1bae3f276e2470b93aac583c9ef6eafca3f730ae",
			NOISE_E_VERSION },
		{ "0004466d7fcae563e5cb09a0d1870bb580344804617879a14949cf22285f"
		  "1bae3f276e2470b93aac583c9ef6eafca3f730ae",
			NOISE_E_POINT },
		{ "0002466d7fcae563e5cb09a0d1870bb580344804617879a14949cf22285f"
		  "1bae3f276e2470b93aac583c9ef6eafca3f730af",
			NOISE_E_FORGED },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint8_t act3[NOISE_ACT3_SIZE] = { 0xee };

		dial();
		cr_assert_eq(answer(cases[i].act2, act3), cases[i].expected);
		cr_assert_eq(act3[0], 0xee, "an output on failure");
		end();
	}
}

TEST(noise, keys_that_are_none_are_refused)
{
	struct noise_keys k = keys();
	uint8_t act1[NOISE_ACT1_SIZE];

	k.node[0] = 4;
	cr_assert_eq(noise_new(&k, &noise, act1), NOISE_E_NODE);
	k = keys();
	memset(&k.ephemeral, 0, sizeof(k.ephemeral));
	cr_assert_eq(noise_new(&k, &noise, act1), NOISE_E_KEY);
	/* Of our own key act one knows nothing. */
	k = keys();
	memset(&k.own, 0xff, sizeof(k.own));
	cr_assert_eq(noise_new(&k, &noise, act1), 0);
	cr_assert_eq(
		answer(ACT2, (uint8_t[NOISE_ACT3_SIZE]){ 0 }), NOISE_E_KEY);
	end();
}

TEST(noise, messages_are_those_of_the_vectors)
{
	const char *hello = "hello";
	size_t k = 0;

	connect_by_vectors();
	for (unsigned int n = 0; n <= 1001; n++) {
		uint8_t sealed[5 + NOISE_OVERHEAD];

		cr_assert_eq(
			noise_seal(noise, (const uint8_t *)hello, 5, sealed),
			0);
		if (n == hellos[k].n)
			assert_hex(sealed, sizeof(sealed), hellos[k++].sealed);
	}
	cr_assert_eq(k, ARRAY_SIZE(hellos));
	end();
}

TEST(noise, a_message_has_a_bound)
{
	static uint8_t message[NOISE_MESSAGE_MAX + 1];
	static uint8_t sealed[sizeof(message) + NOISE_OVERHEAD];

	connect_by_vectors();
	cr_assert_eq(
		noise_seal(noise, message, sizeof(message), sealed), -EMSGSIZE);
	cr_assert_eq(noise_seal(noise, message, NOISE_MESSAGE_MAX, sealed), 0);
	end();
}

static void answer_by_vectors(void)
{
	const struct secret32 own = key_of(RS_PRIV);
	const struct secret32 ephemeral = key_of(E_RESPONDER);

	cr_assert_eq(xk_init(&xk, &own, &ephemeral), 0);
}

static int take_act1(const char *hex)
{
	uint8_t act1[XK_ACT1_SIZE], act2[XK_ACT2_SIZE];
	int r;

	read_hex(hex, act1, sizeof(act1));
	r = xk_act1(&xk, act1, act2);
	if (r == 0)
		assert_hex(act2, sizeof(act2), ACT2);
	return r;
}

static int take_act3(const char *hex)
{
	uint8_t act3[XK_ACT3_SIZE];

	read_hex(hex, act3, sizeof(act3));
	return xk_act3(&xk, act3);
}

/* What simnode is worth as a judge of us. */
TEST(noise, simnode_answers_by_the_vectors)
{
	answer_by_vectors();
	cr_assert_eq(take_act1(ACT1), 0);
	cr_assert_eq(take_act3(ACT3), 0);
	assert_hex(xk.caller, sizeof(xk.caller), LS_PUB);
	assert_hex(xk.received_key.bytes, 32,
		"969ab31b4d288cedf6218839b27a3e2140827047f2c0f01bf5c04435d435"
		"11a9");
	assert_hex(xk.sent_key.bytes, 32,
		"bb9020b8965f4df047e07f955f3c4b88418984aadc5cdb35096b9ea8fa5c"
		"3442");
	end();
}

TEST(noise, simnode_refuses_a_bad_act_one)
{
	static const struct {
		const char *head;
		const char *tail;
		int expected;
	} cases[] = {
		{ "0103", "2c6a", XK_E_VERSION },
		{ "0004", "2c6a", XK_E_POINT },
		{ "0003", "2c6b", XK_E_TAG },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char hex[] = ACT1;

		memcpy(hex, cases[i].head, 4);
		memcpy(hex + strlen(hex) - 4, cases[i].tail, 4);
		answer_by_vectors();
		cr_assert_eq(take_act1(hex), cases[i].expected);
		end();
	}
}

TEST(noise, simnode_refuses_a_bad_act_three)
{
	static const struct {
		const char *act3;
		int expected;
	} cases[] = {
		{ "01b9e3a702e93e3a9948c2ed6e5fd7590a6e1c3a0344cfc9d5b57357049a"
		  "a22355361aa02e55a8fc28fef5bd6d71ad0c38228dc68b1c466263b47fdf"
		  "31e560e139ba",
			XK_E_VERSION },
		{ "00c9e3a702e93e3a9948c2ed6e5fd7590a6e1c3a0344cfc9d5b57357049a"
		  "a22355361aa02e55a8fc28fef5bd6d71ad0c38228dc68b1c466263b47fdf"
		  "31e560e139ba",
			XK_E_TAG },
		{ "00bfe3a702e93e3a9948c2ed6e5fd7590a6e1c3a0344cfc9d5b57357049a"
		  "a2235536ad09a8ee351870c2bb7f78b754a26c6cef79a98d25139c856d7e"
		  "fd252c2ae73c",
			XK_E_POINT },
		{ "00b9e3a702e93e3a9948c2ed6e5fd7590a6e1c3a0344cfc9d5b57357049a"
		  "a22355361aa02e55a8fc28fef5bd6d71ad0c38228dc68b1c466263b47fdf"
		  "31e560e139bb",
			XK_E_TAG },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		answer_by_vectors();
		cr_assert_eq(take_act1(ACT1), 0);
		cr_assert_eq(take_act3(cases[i].act3), cases[i].expected);
		end();
	}
}

/* Both directions, over two changes of the key. */
TEST(noise, both_sides_understand_each_other_for_long)
{
	uint8_t sealed[300 + NOISE_OVERHEAD], message[300];

	connect_by_vectors();
	answer_by_vectors();
	cr_assert_eq(take_act1(ACT1), 0);
	cr_assert_eq(take_act3(ACT3), 0);
	for (unsigned int n = 0; n < 1200; n++) {
		size_t len, size = n % sizeof(message);

		memset(message, (int)n, sizeof(message));
		cr_assert_eq(noise_seal(noise, message, size, sealed), 0);
		cr_assert_eq(xk_open_head(&xk, sealed, &len), 0);
		cr_assert_eq(len, size);
		cr_assert_eq(
			xk_open_body(&xk, sealed + NOISE_HEAD_SIZE, len), 0);
		cr_assert_arr_eq(sealed + NOISE_HEAD_SIZE, message, size);

		cr_assert_eq(xk_seal(&xk, message, size, sealed), 0);
		cr_assert_eq(noise_open_head(noise, sealed, &len), 0);
		cr_assert_eq(len, size);
		cr_assert_eq(noise_open_body(noise, sealed + NOISE_HEAD_SIZE,
				     len, sealed + NOISE_HEAD_SIZE),
			0);
		cr_assert_arr_eq(sealed + NOISE_HEAD_SIZE, message, size);
	}
	end();
}

TEST(noise, one_bit_makes_a_message_forged)
{
	uint8_t sealed[5 + NOISE_OVERHEAD], plain[5];
	size_t len = 77;

	for (size_t bit = 0; bit < 8 * sizeof(sealed); bit += 13) {
		bool in_head = bit / 8 < NOISE_HEAD_SIZE;
		int r;

		connect_by_vectors();
		answer_by_vectors();
		cr_assert_eq(take_act1(ACT1), 0);
		cr_assert_eq(take_act3(ACT3), 0);
		cr_assert_eq(
			xk_seal(&xk, (const uint8_t *)"hello", 5, sealed), 0);
		sealed[bit / 8] ^= (uint8_t)(1u << (bit % 8));
		r = noise_open_head(noise, sealed, &len);
		cr_assert_eq(r, in_head ? NOISE_E_FORGED : 0);
		if (!in_head)
			cr_assert_eq(
				noise_open_body(noise, sealed + NOISE_HEAD_SIZE,
					5, plain),
				NOISE_E_FORGED);
		end();
	}
}
