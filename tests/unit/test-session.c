/* SPDX-License-Identifier: MIT */

#include "vehicle/session.h"

#include "scalar.h"
#include "signatures.pb-c.h"
#include "vehicle/metadata.h"

/* Our time when the car's clock was 2650, in set A. */
#define NOW 5000000

static struct crypto *crypto;
static struct signer *signer;
static struct session session;
static struct arena arena;
static uint8_t info_uuid[ROUTABLE_ID_SIZE];

static void begin(enum domain domain)
{
	cr_assert_eq(crypto_new(&crypto), 0);
	signer = scalar_signer(A_KEY_SCALAR);
	session_init(&session, crypto, signer, A_VIN, domain);
	unhex(A_INFO_UUID, info_uuid, sizeof(info_uuid));
}

static void end(void)
{
	session_deinit(&session);
	signer_free(signer);
	crypto_free(crypto);
}

static int update(uint64_t now_ms, uint64_t age_ms, const uint8_t *info,
	size_t info_len, const uint8_t *tag, size_t tag_len)
{
	arena_reset(&arena);
	return session_update(&session, &arena, now_ms, age_ms, info_uuid,
		(struct view){ info, info_len }, (struct view){ tag, tag_len });
}

/* Set A's session information. */
static int update_a(uint64_t now_ms)
{
	uint8_t info[128], tag[32];
	size_t len = unhex(A_INFO, info, sizeof(info));

	unhex(A_INFO_TAG, tag, sizeof(tag));
	return update(now_ms, 0, info, len, tag, sizeof(tag));
}

/* What a car would say, tagged as a car would. */
static int update_with(uint64_t now_ms, uint32_t counter, uint32_t clock_s,
	uint8_t epoch_byte, const char *public_hex)
{
	Signatures__SessionInfo info = SIGNATURES__SESSION_INFO__INIT;
	uint8_t public[65], epoch[16], key[32], packed[128], tag[32];
	struct metadata metadata;
	size_t len;

	unhex(public_hex, public, sizeof(public));
	unhex(A_EPOCH, epoch, sizeof(epoch));
	epoch[0] ^= epoch_byte;
	info.counter = counter;
	info.clock_time = clock_s;
	info.public_key = (ProtobufCBinaryData){ sizeof(public), public };
	info.epoch = (ProtobufCBinaryData){ sizeof(epoch), epoch };
	len = signatures__session_info__pack(&info, packed);

	unhex(A_K_SESSION, key, sizeof(key));
	metadata_init(&metadata);
	metadata_add_u8(&metadata, 0, 6);
	metadata_add(&metadata, 2, A_VIN, 17);
	metadata_add(&metadata, 6, info_uuid, sizeof(info_uuid));
	metadata_end(&metadata);
	cr_assert_eq(crypto_hmac(crypto, key, sizeof(key), metadata.bytes,
			     metadata.len, packed, len, tag),
		0);
	return update(now_ms, 0, packed, len, tag, sizeof(tag));
}

TEST(session, set_a_comes_up)
{
	begin(DOMAIN_INFOTAINMENT);
	cr_assert_eq(update_a(NOW), 0);
	cr_assert(session.is_up);
	cr_assert_eq(session.counter, 6);
	cr_assert_eq(session.clock_s, 2650);
	assert_hex(session.epoch, sizeof(session.epoch), A_EPOCH);
	assert_hex(session.info_key.bytes, 32, A_K_SESSION);
	end();
}

static void assert_seal(uint32_t flags, const char *plaintext,
	const char *ciphertext, const char *tag)
{
	uint8_t nonce[CRYPTO_NONCE_SIZE], text[16];
	struct seal seal;
	size_t len;

	cr_assert_eq(update_a(NOW), 0);
	unhex(A_NONCE, nonce, sizeof(nonce));
	len = unhex(plaintext, text, sizeof(text));
	cr_assert_eq(session_seal(&session, NOW, SESSION_LIFETIME_MS, flags,
			     nonce, text, len, &seal),
		0);
	cr_assert_eq(seal.counter, 7);
	cr_assert_eq(seal.expires_at, 2655);
	assert_hex(text, len, ciphertext);
	assert_hex(seal.tag, sizeof(seal.tag), tag);
}

TEST(session, seals_climate_on_without_flags_as_set_a)
{
	begin(DOMAIN_INFOTAINMENT);
	assert_seal(0, "120452020801", "38038e8c0f2e",
		"8e128da165f162f4d7d2c8da866cf82a");
	end();
}

TEST(session, seals_climate_on_with_flags_as_set_a)
{
	begin(DOMAIN_INFOTAINMENT);
	assert_seal(2, "120452020801", "38038e8c0f2e",
		"c228e0ff64991481db3a7bbc133696c5");
	end();
}

TEST(session, seals_lock_as_set_a)
{
	begin(DOMAIN_VEHICLE_SECURITY);
	assert_seal(2, "1001", "3a06", "b3cbea0dda061b8eb6f649d1d11ae9f5");
	end();
}

/* Of an answer's nonce. */
static size_t nonce_size = CRYPTO_NONCE_SIZE;

/* The answers of set A, to climate-on with flags 2. */
static int open_answer(uint32_t flags, const char *ciphertext_hex,
	const char *tag_hex, uint32_t fault, uint8_t *ret, size_t *ret_len)
{
	uint8_t ciphertext[32], tag[16], nonce[13] = { 0 };
	struct seal request;
	struct routable message = {
		.from = 3,
		.fault = fault,
		.flags = flags,
		.is_sealed = true,
		.counter = 1,
	};

	*ret_len = unhex(ciphertext_hex, ciphertext, sizeof(ciphertext));
	unhex(tag_hex, tag, sizeof(tag));
	unhex("000102030405060708090a0b", nonce, sizeof(nonce));
	unhex("c228e0ff64991481db3a7bbc133696c5", request.tag,
		sizeof(request.tag));
	message.payload = (struct view){ ciphertext, *ret_len };
	message.tag = (struct view){ tag, sizeof(tag) };
	message.nonce = (struct view){ nonce, nonce_size };
	return session_open(&session, &request, &message, ret);
}

TEST(session, opens_answers_as_set_a)
{
	uint8_t text[32];
	size_t len;

	begin(DOMAIN_INFOTAINMENT);
	cr_assert_eq(update_a(NOW), 0);
	cr_assert_eq(open_answer(2, "135c", "6219ff3d8c4649c9b2a27630b6350941",
			     0, text, &len),
		0);
	assert_hex(text, len, "0a00");
	cr_assert_eq(open_answer(0, "135c", "54618702116ed39826022ce8563399c4",
			     0, text, &len),
		0);
	assert_hex(text, len, "0a00");
	cr_assert_eq(open_answer(2, "134d9af1913482099e8982e545eb0d9dc94ed0",
			     "255b46330f4fb1adf6a0788f4990f20a", 0, text, &len),
		0);
	assert_hex(text, len, "0a110801120d0a0b69735f6368617267696e67");
	end();
}

TEST(session, an_answer_is_bound_to_its_flags_fault_and_request)
{
	static const char tag[] = "6219ff3d8c4649c9b2a27630b6350941";
	uint8_t text[32];
	size_t len;

	begin(DOMAIN_INFOTAINMENT);
	cr_assert_eq(update_a(NOW), 0);
	cr_assert_eq(
		open_answer(0, "135c", tag, 0, text, &len), SESSION_E_FORGED);
	cr_assert_eq(
		open_answer(2, "135c", tag, 7, text, &len), SESSION_E_FORGED);
	cr_assert_eq(
		open_answer(2, "135d", tag, 0, text, &len), SESSION_E_FORGED);
	/* A tag of another size. */
	cr_assert_eq(open_answer(2, "135c", tag + 2, 0, text, &len),
		SESSION_E_FORGED);
	/* A nonce that goes on behind the right one. */
	nonce_size = 13;
	cr_assert_eq(
		open_answer(2, "135c", tag, 0, text, &len), SESSION_E_FORGED);
	nonce_size = CRYPTO_NONCE_SIZE;
	cr_assert_eq(open_answer(2, "135c", tag, 0, text, &len), 0);
	end();
}

/* What must not change when session information is refused. */
static void assert_unchanged(const struct session *before)
{
	cr_assert_eq(session.is_up, before->is_up);
	cr_assert_eq(session.counter, before->counter);
	cr_assert_eq(session.clock_s, before->clock_s);
	cr_assert_eq(session.zero_ms, before->zero_ms);
	cr_assert_eq(session.gcm, before->gcm);
	cr_assert_eq(memcmp(session.epoch, before->epoch, 16), 0);
	cr_assert_eq(memcmp(session.car_public, before->car_public, 65), 0);
}

TEST(session, forged_info_changes_nothing)
{
	uint8_t info[128], tag[32];
	struct session before;
	size_t len;

	begin(DOMAIN_INFOTAINMENT);
	len = unhex(A_INFO, info, sizeof(info));
	unhex(A_INFO_TAG, tag, sizeof(tag));

	for (int round = 0; round < 2; round++) {
		before = session;
		tag[31] ^= 1;
		cr_assert_eq(update(NOW, 0, info, len, tag, sizeof(tag)),
			SESSION_E_FORGED);
		assert_unchanged(&before);
		tag[31] ^= 1;
		/* The counter, and the challenge of another request. */
		info[1] ^= 1;
		cr_assert_eq(update(NOW, 0, info, len, tag, sizeof(tag)),
			SESSION_E_FORGED);
		info[1] ^= 1;
		info_uuid[0] ^= 1;
		cr_assert_eq(update(NOW, 0, info, len, tag, sizeof(tag)),
			SESSION_E_FORGED);
		info_uuid[0] ^= 1;
		/* No tag, or part of one. */
		cr_assert_eq(
			update(NOW, 0, info, len, NULL, 0), SESSION_E_FORGED);
		cr_assert_eq(
			update(NOW, 0, info, len, tag, 31), SESSION_E_FORGED);
		assert_unchanged(&before);
		/* And again with a session that is up. */
		cr_assert_eq(update_a(NOW), 0);
	}
	end();
}

TEST(session, broken_info_changes_nothing)
{
	uint8_t info[128], tag[32] = { 0 };
	struct session before;
	size_t len;

	begin(DOMAIN_INFOTAINMENT);
	before = session;
	len = unhex(A_INFO, info, sizeof(info));
	for (size_t cut = 0; cut < len; cut++)
		cr_assert_gt(update(NOW, 0, info, cut, tag, sizeof(tag)), 0);
	/* A point that is not on the curve. */
	info[68] ^= 1;
	cr_assert_eq(update(NOW, 0, info, len, tag, sizeof(tag)),
		SESSION_E_MALFORMED);
	assert_unchanged(&before);
	end();
}

TEST(session, late_info_is_refused)
{
	uint8_t info[128], tag[32];
	size_t len;

	begin(DOMAIN_INFOTAINMENT);
	len = unhex(A_INFO, info, sizeof(info));
	unhex(A_INFO_TAG, tag, sizeof(tag));
	cr_assert_eq(update(NOW, SESSION_INFO_MAX_AGE_MS + 1, info, len, tag,
			     sizeof(tag)),
		SESSION_E_STALE);
	cr_assert_not(session.is_up);
	cr_assert_eq(update(NOW, SESSION_INFO_MAX_AGE_MS, info, len, tag,
			     sizeof(tag)),
		0);
	end();
}

TEST(session, a_clock_that_went_back_is_refused_within_an_epoch)
{
	begin(DOMAIN_INFOTAINMENT);
	cr_assert_eq(update_with(NOW, 6, 2650, 0, A_CAR_PUBLIC), 0);
	cr_assert_eq(
		update_with(NOW, 9, 2649, 0, A_CAR_PUBLIC), SESSION_E_STALE);
	cr_assert_eq(session.counter, 6);
	cr_assert_eq(update_with(NOW, 9, 2650, 0, A_CAR_PUBLIC), 0);
	cr_assert_eq(session.counter, 9);
	/* A reboot begins a new one. */
	cr_assert_eq(update_with(NOW, 1, 3, 0xff, A_CAR_PUBLIC), 0);
	cr_assert_eq(session.clock_s, 3);
	end();
}

TEST(session, the_counter_never_goes_back)
{
	begin(DOMAIN_INFOTAINMENT);
	cr_assert_eq(update_with(NOW, 60, 2650, 0, A_CAR_PUBLIC), 0);
	cr_assert_eq(update_with(NOW, 50, 2651, 0, A_CAR_PUBLIC), 0);
	cr_assert_eq(session.counter, 60);
	cr_assert_eq(update_with(NOW, 0, 1, 1, A_CAR_PUBLIC), 0);
	cr_assert_eq(session.counter, 60);
	end();
}

TEST(session, the_highest_counter_is_never_used)
{
	uint8_t nonce[CRYPTO_NONCE_SIZE] = { 0 }, text[2] = { 0 };
	struct seal seal;

	begin(DOMAIN_INFOTAINMENT);
	cr_assert_eq(
		update_with(NOW, UINT32_MAX - 2, 2650, 0, A_CAR_PUBLIC), 0);
	cr_assert_eq(session_seal(&session, NOW, 5000, 2, nonce, text,
			     sizeof(text), &seal),
		0);
	cr_assert_eq(seal.counter, UINT32_MAX - 1);
	cr_assert_eq(session_seal(&session, NOW, 5000, 2, nonce, text,
			     sizeof(text), &seal),
		SESSION_E_EXHAUSTED);
	cr_assert_eq(session.counter, UINT32_MAX - 1);
	end();
}

TEST(session, another_key_of_the_car_is_refused)
{
	struct session before;

	begin(DOMAIN_INFOTAINMENT);
	cr_assert_eq(update_a(NOW), 0);
	before = session;
	/* Any other point will do. */
	cr_assert_eq(update_with(NOW, 9, 2651, 0, A_KEY_PUBLIC),
		SESSION_E_OTHER_KEY);
	assert_unchanged(&before);
	end();
}

TEST(session, a_key_that_the_car_does_not_know_is_told)
{
	/* status 1 and nothing else, without a tag */
	static const uint8_t info[] = { 0x28, 0x01 };

	begin(DOMAIN_INFOTAINMENT);
	cr_assert_eq(update(NOW, 0, info, sizeof(info), NULL, 0),
		SESSION_E_NOT_PAIRED);
	cr_assert_eq(update_a(NOW), 0);
	cr_assert_eq(update(NOW, 0, info, sizeof(info), NULL, 0),
		SESSION_E_NOT_PAIRED);
	cr_assert(session.is_up, "an unproven word took the session down");
	end();
}

static uint32_t expiry_of(uint64_t now_ms, uint64_t lifetime_ms)
{
	uint8_t nonce[CRYPTO_NONCE_SIZE] = { 0 }, text[2] = { 0 };
	struct seal seal;

	cr_assert_eq(session_seal(&session, now_ms, lifetime_ms, 2, nonce, text,
			     sizeof(text), &seal),
		0);
	return seal.expires_at;
}

TEST(session, a_request_ends_with_its_deadline_but_has_a_second)
{
	begin(DOMAIN_INFOTAINMENT);
	cr_assert_eq(update_a(NOW), 0);
	cr_assert_eq(expiry_of(NOW, 60000), 2655);
	cr_assert_eq(expiry_of(NOW, 3000), 2653);
	cr_assert_eq(expiry_of(NOW, 1), 2651);
	/* As after a night of suspend: the car's clock went on too. */
	cr_assert_eq(expiry_of(NOW + 28800000, 5000), 2650 + 28800 + 5);
	end();
}

/* vehicle-protocol 4.3: the highest counter, seen from the car's side. */
TEST(session, the_message_of_4_3_unpacks)
{
	uint8_t bytes[256];
	struct routable message;
	size_t len;

	len = unhex("320208023a0208005259"
		    "296d587d130d34d74d6d5c628c73c1f8ef99cc4ae1c95b97671474980c"
		    "cc7946a90a2f7971a5c837b96c9cc1e8075d1aab92bc8557b7fdf2dcf9"
		    "ddbb90e236246db699788e585e8b0ea84752e0090cc80c4384d27ca6fc"
		    "dd21"
		    "6a470a061204bb0ca3712a3d0a10eaabe301b4b4a1243118a408252201"
		    "15120c45d29af664e2ff8fd49218b718ffffffff0f2550c300002a106d"
		    "846705ba5c143f94257275a2ca701f",
		bytes, sizeof(bytes));
	arena_reset(&arena);
	cr_assert_eq(routable_unpack(&arena, bytes, len, &message), 0);
	cr_assert(message.has_payload);
	cr_assert_eq(message.payload.len, 89);
	cr_assert_eq(message.to.len, 0);
	cr_assert_not(message.is_sealed);
}
