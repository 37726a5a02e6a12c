/* SPDX-License-Identifier: MIT */

#include "vehicle/crypto.h"

#include "faults.h"
#include "vectors.h"

/* One message sealed under a key: vehicle-protocol 4.1, 4.3. */
struct sealed {
	const char *key;
	const char *nonce;
	const char *metadata;
	const char *aad; /* SHA-256 of metadata */
	const char *plaintext;
	const char *ciphertext;
	const char *tag;
};

#define RESPONSE_NONCE "000102030405060708090a0b"
#define RESPONSE_METADATA(flags)                                 \
	"000109010103" A_VIN_ITEM "0504000000010704000000" flags \
	"081105c228e0ff64991481db3a7bbc133696c5090400000000ff"

static const struct sealed sealed[] = {
	/* climate-on without flags */
	{ A_K, A_NONCE, "000105010103" A_VIN_ITEM A_TAIL "ff",
		"c33b227adc93c60b7a5738237e678e6996987ab316b4a5fff737cf86cb077"
		"64f",
		"120452020801", "38038e8c0f2e",
		"8e128da165f162f4d7d2c8da866cf82a" },
	/* climate-on with flags 2 */
	{ A_K, A_NONCE, "000105010103" A_VIN_ITEM A_TAIL "070400000002ff",
		"54785b6878a51a70acaf240199f92f482962a73a8c3170bfd2a94b1715d12"
		"7b9",
		"120452020801", "38038e8c0f2e",
		"c228e0ff64991481db3a7bbc133696c5" },
	/* lock */
	{ A_K, A_NONCE, "000105010102" A_VIN_ITEM A_TAIL "070400000002ff",
		"c1fa3617a637c4bde516152b7b937e94c8cc366f294b4f24362c2e57249cd"
		"a5c",
		"1001", "3a06", "b3cbea0dda061b8eb6f649d1d11ae9f5" },
	/* the answer "done", flags 2 and 0 */
	{ A_K, RESPONSE_NONCE, RESPONSE_METADATA("02"),
		"ca2f3ebd19190916901b11ec852c3e2c2069c32c0d022aab3338ee819bb83"
		"f6b",
		"0a00", "135c", "6219ff3d8c4649c9b2a27630b6350941" },
	{ A_K, RESPONSE_NONCE, RESPONSE_METADATA("00"),
		"6230ce3d195860a8ee8539c5b33fb89cbde8fe14f4c73dc256ab0e6625138"
		"a8b",
		"0a00", "135c", "54618702116ed39826022ce8563399c4" },
	/* the answer "is_charging" */
	{ A_K, RESPONSE_NONCE, RESPONSE_METADATA("02"),
		"ca2f3ebd19190916901b11ec852c3e2c2069c32c0d022aab3338ee819bb83"
		"f6b",
		"0a110801120d0a0b69735f6368617267696e67",
		"134d9af1913482099e8982e545eb0d9dc94ed0",
		"255b46330f4fb1adf6a0788f4990f20a" },
	/* 4.3 */
	{ "f0ac26da59d0e00a40014e4231e79040", "45d29af664e2ff8fd49218b7",
		"00010501010202077465737476696e0310eaabe301b4b4a1243118a4082522"
		"011504040000c3500504ffffffffff",
		"cd4267d182098aff65b3e30e606f4002e7ecdaa456498e3f832d044f2f701"
		"929",
		"82014a2a480a430a41044b96809e66821b4553ff2b427a52d50843a2f718fd"
		"56f2ad93d46a8b1db74dd6190f20b6b82e85a8eac40e867b9a0cf74f364f03"
		"e9946e25ceee9934b19cb603120102ca01090a077465737476696e",
		"296d587d130d34d74d6d5c628c73c1f8ef99cc4ae1c95b97671474980ccc79"
		"46a90a2f7971a5c837b96c9cc1e8075d1aab92bc8557b7fdf2dcf9ddbb90e2"
		"36246db699788e585e8b0ea84752e0090cc80c4384d27ca6fcdd21",
		"6d846705ba5c143f94257275a2ca701f" },
};

static struct gcm *new_gcm(const char *key_hex)
{
	struct secret16 key;
	struct gcm *gcm;

	unhex(key_hex, key.bytes, sizeof(key.bytes));
	cr_assert_eq(gcm_new(&key, &gcm), 0);
	return gcm;
}

TEST(crypto, messages_seal_and_open_as_the_vectors_say)
{
	_cleanup_(crypto_freep) struct crypto *crypto = NULL;

	cr_assert_eq(crypto_new(&crypto), 0);
	for (size_t i = 0; i < ARRAY_SIZE(sealed); i++) {
		const struct sealed *s = &sealed[i];
		_cleanup_(gcm_freep) struct gcm *gcm = new_gcm(s->key);
		uint8_t metadata[256], aad[CRYPTO_SHA256_SIZE];
		uint8_t nonce[CRYPTO_NONCE_SIZE], tag[CRYPTO_TAG_SIZE];
		uint8_t text[128];
		size_t len;

		len = unhex(s->metadata, metadata, sizeof(metadata));
		cr_assert_eq(crypto_sha256(crypto, metadata, len, aad), 0);
		assert_hex(aad, sizeof(aad), s->aad);

		unhex(s->nonce, nonce, sizeof(nonce));
		len = unhex(s->plaintext, text, sizeof(text));
		cr_assert_eq(gcm_seal(gcm, nonce, aad, sizeof(aad), text, len,
				     text, tag),
			0);
		assert_hex(text, len, s->ciphertext);
		assert_hex(tag, sizeof(tag), s->tag);

		cr_assert_eq(gcm_open(gcm, nonce, aad, sizeof(aad), text, len,
				     tag, text),
			0);
		assert_hex(text, len, s->plaintext);
	}
}

TEST(crypto, a_changed_bit_anywhere_is_a_forgery)
{
	_cleanup_(gcm_freep) struct gcm *gcm = new_gcm(A_K);
	/* aad, nonce, ciphertext, tag side by side */
	uint8_t m[32 + 12 + 2 + 16] = { 0 };
	uint8_t *nonce = m + 32, *text = nonce + 12, *tag = text + 2;
	uint8_t plaintext[2] = { 0x10, 0x01 };

	cr_assert_eq(gcm_seal(gcm, nonce, m, 32, plaintext, 2, text, tag), 0);
	for (size_t bit = 0; bit < 8 * sizeof(m); bit++) {
		uint8_t mask = (uint8_t)(1 << bit % 8);

		m[bit / 8] ^= mask;
		plaintext[0] = 0xaa;
		cr_assert_eq(
			gcm_open(gcm, nonce, m, 32, text, 2, tag, plaintext),
			CRYPTO_E_FORGED);
		cr_assert_eq(plaintext[0], 0, "plaintext left behind");
		m[bit / 8] ^= mask;
	}
	cr_assert_eq(gcm_open(gcm, nonce, m, 32, text, 2, tag, plaintext), 0);
	assert_hex(plaintext, 2, "1001");
}

TEST(crypto, an_empty_message_has_a_tag_too)
{
	_cleanup_(gcm_freep) struct gcm *gcm = new_gcm(A_K);
	uint8_t nonce[CRYPTO_NONCE_SIZE] = { 1 }, tag[CRYPTO_TAG_SIZE];

	cr_assert_eq(gcm_seal(gcm, nonce, "aad", 3, NULL, 0, NULL, tag), 0);
	cr_assert_eq(gcm_open(gcm, nonce, "aad", 3, NULL, 0, tag, NULL), 0);
	tag[0] ^= 1;
	cr_assert_eq(gcm_open(gcm, nonce, "aad", 3, NULL, 0, tag, NULL),
		CRYPTO_E_FORGED);
}

TEST(crypto, keys_derive_from_the_shared_secret)
{
	/* 4.1, 4.3 and 4.4; a leading zero counts */
	static const char *const vectors[][2] = {
		{ A_SHARED, A_K },
		{ "d51808315c6fdcf98ba092c993fe54af036684555df4bd4724bfa5320ae"
		  "9d96d",
			"f0ac26da59d0e00a40014e4231e79040" },
		{ "0072d5b815207a04f0c795fba0ba9e8add3f1f57148c51fface22ca15e6"
		  "fd845",
			"0db468f9045e01c1798c54e52d7f408f" },
		{ "00b3771a89898317d4fdc951a5e20d075f57bd314cc1c9e611225b87969"
		  "38dd8",
			"084d30f8ae9dd9dbdf48cbc5fdb8af85" },
		{ "6d1ae6f7c80411147f5b9c6a7859c36dd894bda6a89c0a2314efd548145"
		  "d3e5a",
			"628f43c025859c7a5e9789698239ff2c" },
	};
	_cleanup_(crypto_freep) struct crypto *crypto = NULL;

	cr_assert_eq(crypto_new(&crypto), 0);
	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		struct secret32 shared, info_key;
		struct secret16 key;

		unhex(vectors[i][0], shared.bytes, sizeof(shared.bytes));
		cr_assert_eq(
			crypto_derive(crypto, &shared, &key, &info_key), 0);
		assert_hex(key.bytes, sizeof(key.bytes), vectors[i][1]);
		if (i == 0)
			assert_hex(info_key.bytes, sizeof(info_key.bytes),
				A_K_SESSION);
	}
}

static void assert_hmac(struct crypto *crypto, const char *key_hex,
	const char *a_hex, const char *b_hex, const char *expected)
{
	uint8_t key[32], a[128], b[128], tag[CRYPTO_SHA256_SIZE];
	size_t key_len = unhex(key_hex, key, sizeof(key));
	size_t a_len = unhex(a_hex, a, sizeof(a));
	size_t b_len = unhex(b_hex, b, sizeof(b));

	cr_assert_eq(
		crypto_hmac(crypto, key, key_len, a, a_len, b, b_len, tag), 0);
	assert_hex(tag, sizeof(tag), expected);
}

TEST(crypto, hmacs_are_as_the_vectors_say)
{
	_cleanup_(crypto_freep) struct crypto *crypto = NULL;
	uint8_t k[16], k_command[CRYPTO_SHA256_SIZE];

	cr_assert_eq(crypto_new(&crypto), 0);
	assert_hmac(crypto, A_K_SESSION, A_INFO_METADATA, A_INFO, A_INFO_TAG);
	assert_hmac(crypto, A_K_COMMAND, "000108010103" A_VIN_ITEM A_TAIL "ff",
		"120452020801",
		"6d75c4e7c5e144996e22f1bdf694e453c94774a636e4382053cb8e358bf25"
		"ea8");
	assert_hmac(crypto, A_K_COMMAND,
		"000108010103" A_VIN_ITEM A_TAIL "070400000002ff",
		"120452020801",
		"f3c24554a00e42160e6acef6dd4f1c8ef9c30ed6391ec818d75663bee00a4"
		"7f0");

	unhex(A_K, k, sizeof(k));
	cr_assert_eq(crypto_hmac(crypto, k, sizeof(k), "authenticated command",
			     21, NULL, 0, k_command),
		0);
	assert_hex(k_command, sizeof(k_command), A_K_COMMAND);
}

TEST(crypto, hashes_are_as_the_vectors_say)
{
	_cleanup_(crypto_freep) struct crypto *crypto = NULL;
	uint8_t bytes[128], hash[CRYPTO_SHA256_SIZE];
	size_t len;

	cr_assert_eq(crypto_new(&crypto), 0);
	len = unhex(A_SHARED, bytes, sizeof(bytes));
	cr_assert_eq(crypto_sha1(crypto, bytes, len, hash), 0);
	assert_hex(hash, CRYPTO_SHA1_SIZE,
		"1b2fce19967b79db696f909cff89ea9afdcc2d9a");

	/* 4.2 */
	len = unhex("00010501010202077465737456494e0310aada928a4f215f55f9e6e45"
		    "e66b6521e040400000e7405040000053aff",
		bytes, sizeof(bytes));
	cr_assert_eq(crypto_sha256(crypto, bytes, len, hash), 0);
	assert_hex(hash, sizeof(hash),
		"abab04d804499813382efd74a06791ce2de777439603246dfbaa8392ca058"
		"68e");
}

TEST(crypto, without_memory_there_is_no_context)
{
	static const struct secret16 key;
	int r = -1;

	for (long n = 0; r != 0; n++) {
		_cleanup_(crypto_freep) struct crypto *crypto = NULL;
		_cleanup_(gcm_freep) struct gcm *gcm = NULL;

		faults_arm(n);
		r = crypto_new(&crypto);
		if (r == 0)
			r = gcm_new(&key, &gcm);
		faults_disarm();
		cr_assert(r == 0 || r == -ENOMEM);
		cr_assert_eq(r == 0, gcm != NULL);
	}
}
