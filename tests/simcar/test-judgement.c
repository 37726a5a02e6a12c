/* SPDX-License-Identifier: MIT */

/*
 * The car's judgement and answers against vehicle-protocol 4 and appendix C:
 * there a car with given keys, epoch, clock and counters is seen to take and
 * to send these very bytes.
 */

#include "unit/test.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "car.h"
#include "keyfile.h"
#include "util/bytes.h"
#include "util/clock.h"
#include "util/fd.h"
#include "vcsec.h"
#include "vehicle/metadata.h"

#define VIN "5YJ30123456789ABC"

/* Of set A, vehicle-protocol 4.1, and of 4.3. */
static const char car_pem[] =
	"-----BEGIN EC PRIVATE KEY-----\n"
	"MDECAQEEIDRO5bRmp88e6xK29QMx2y5exYNO9fS+/P2MvlXCUo1woAoGCCqGSM49AwEH\n"
	"-----END EC PRIVATE KEY-----\n";
static const char verifier_pem[] =
	"-----BEGIN EC PRIVATE KEY-----\n"
	"MDECAQEEIJ2cXobVqDBXllypS1+u/xFsJ10IypHoOb0t6lnCIpuBoAoGCCqGSM49AwEH\n"
	"-----END EC PRIVATE KEY-----\n";

#define CLIENT_PUBLIC                                                      \
	"04b2b6bc68c2da0665ce656815594996c62394edd8bea905fe781a754fe6a845" \
	"a714330902f225e9269d466e05b349981fda9d85cc23c6fb444aa73b629105dc" \
	"6e"
#define SIGNER_PUBLIC                                                      \
	"0450444fabe062f6ffc59de654373e1aa84aa4f053f365f3746fbaaa8ad5d587" \
	"5e8279ba379b4788e9148f5000bd1fe085d18925e8d047239cfa0d9cd23417b7" \
	"14"

enum {
	NOW_MS = 1000000,
	SENT_MAX = 4,
};

/* A car, and what it sends. */
struct bench {
	struct car car;
	struct say say;
	int n_sent;
	int n_drops;
	size_t len[SENT_MAX];
	uint8_t sent[SENT_MAX][FRAME_HEADER_SIZE + FRAME_MESSAGE_MAX];
};

static void keep(void *userdata, int link, const uint8_t *bytes, size_t len,
	uint64_t delay_ms)
{
	struct bench *bench = userdata;

	(void)link;
	(void)delay_ms;
	cr_assert_lt(bench->n_sent, SENT_MAX);
	memcpy(bench->sent[bench->n_sent], bytes, len);
	bench->len[bench->n_sent++] = len;
}

static void count_drop(void *userdata, int link)
{
	struct bench *bench = userdata;

	(void)link;
	bench->n_drops++;
}

/* 00 01 02 ..., as the nonces and uuids of appendix C are. */
static int no_random(void *userdata, uint8_t *ret, size_t len)
{
	(void)userdata;
	for (size_t i = 0; i < len; i++)
		ret[i] = (uint8_t)i;
	return 0;
}

static struct signer *key_from(const char *pem)
{
	_cleanup_(fd_closep) int fd = memfd_create("key", MFD_CLOEXEC);
	char why[KEYFILE_WHY_SIZE];
	struct signer *signer = NULL;
	char path[32];

	cr_assert_geq(fd, 0);
	cr_assert_eq(write(fd, pem, strlen(pem)), (ssize_t)strlen(pem));
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	cr_assert(keyfile_private(path, &signer, why), "%s", why);
	return signer;
}

static size_t unhex(const char *text, uint8_t *ret)
{
	size_t len = strlen(text) / 2;

	cr_assert_eq(hex_decode(text, ret, len), 0);
	return len;
}

/* The car of set A: epoch, clock 2650, client key C, counted to 6. */
static struct key *bench_open(
	struct bench *bench, const char *pem, const char *client)
{
	const struct outlet outlet = { keep, count_drop, no_random, bench };
	uint8_t public[DEED_KEY_SIZE];
	struct key *key;

	memset(bench, 0, sizeof(*bench));
	bench->say.out = fopen("/dev/null", "we");
	cr_assert_not_null(bench->say.out);
	cr_assert_eq(car_init(&bench->car, VIN, key_from(pem), key_from(pem),
			     &outlet, &bench->say, NOW_MS),
		0);
	(void)unhex(client, public);
	cr_assert_eq(car_enrol(&bench->car, NOW_MS, public,
			     KEYS__ROLE__ROLE_OWNER, 0, true),
		0);
	(void)unhex("4c463f9cc0d3d26906e982ed224adde6",
		bench->car.infotainment.epoch);
	(void)unhex("4c463f9cc0d3d26906e982ed224adde6", bench->car.vcsec.epoch);
	bench->car.infotainment.clock_s = 2650;
	bench->car.vcsec.clock_s = 2650;
	key = whitelist_slot(&bench->car.whitelist, 0);
	key->infotainment.last = 6;
	key->vcsec.last = 6;
	return key;
}

static void bench_close(struct bench *bench)
{
	car_deinit(&bench->car);
	(void)fclose(bench->say.out);
}

/* Gives the message of a whole @frame in hexadecimal to the car. */
static void receive(struct bench *bench, const char *frame)
{
	uint8_t bytes[FRAME_HEADER_SIZE + FRAME_MESSAGE_MAX];
	size_t len = unhex(frame, bytes);

	bench->n_sent = 0;
	cr_assert_eq(get_be16(bytes), len - FRAME_HEADER_SIZE);
	cr_assert_eq(
		car_receive(&bench->car, NOW_MS, 1, bytes + FRAME_HEADER_SIZE,
			len - FRAME_HEADER_SIZE),
		0);
}

static void expect(const struct bench *bench, int i, const char *frame)
{
	char hex[HEX_SIZE(FRAME_HEADER_SIZE + FRAME_MESSAGE_MAX)];

	cr_assert_gt(bench->n_sent, i);
	hex_encode(bench->sent[i], bench->len[i], hex);
	cr_assert_str_eq(hex, frame);
}

#define TO_CLIENT "321212102c907bd76c640d360b3027dc7404efde3a020803"
#define FROM_CLIENT "320208033a1212102c907bd76c640d360b3027dc7404efde"
#define CAR_UUID "9a0310000102030405060708090a0b0c0d0e0f"
#define COMMAND_UUID "9a031058406580528b6a5301391800b4fe9b99"
#define CLIMATE_ON(tag, flags)                                 \
	FROM_CLIENT                                            \
	"520638038e8c0f2e6a80010a430a41" CLIENT_PUBLIC         \
	"2a390a104c463f9cc0d3d26906e982ed224adde6120cdbf79447" \
	"fa156674dae1caed1807255f0a00002a10" tag COMMAND_UUID flags

static const char info_request[] = "0070" FROM_CLIENT "72430a41" CLIENT_PUBLIC
				   "9a03101588d5a30eabc6f8fc9a951b11f6fd11";
static const char climate_on_flags_2[] =
	"00b9" CLIMATE_ON("c228e0ff64991481db3a7bbc133696c5", "a00302");
static const char climate_on_flags_0[] =
	"00b6" CLIMATE_ON("8e128da165f162f4d7d2c8da866cf82a", "");

TEST(judgement, session_info_is_that_of_appendix_c)
{
	struct bench bench;

	bench_open(&bench, car_pem, CLIENT_PUBLIC);
	receive(&bench, info_request);
	expect(&bench, 0,
		"00c2" TO_CLIENT "6a2432220a20996c1fe38331be138f8039c194b14db2"
		"198846ed7d8251e6749284d7b32ea0027a5c0806124104c7a1f47138486a"
		"a4729971494878d33b1a24e39571f748a6e16c5955b3d877d3a6aaa0e955"
		"166474af5d32c410f439a2234137ad1bb085fd4e8813c958f11d971a104c"
		"463f9cc0d3d26906e982ed224adde6255a0a00009203101588d5a30eabc6"
		"f8fc9a951b11f6fd11" CAR_UUID);
	bench_close(&bench);
}

TEST(judgement, command_of_appendix_c_is_done_and_answered)
{
	struct bench bench;

	bench_open(&bench, car_pem, CLIENT_PUBLIC);
	receive(&bench, climate_on_flags_2);
	cr_assert(bench.car.world.climate_on);
	expect(&bench, 0,
		"006b" TO_CLIENT "5202135c6a244a220a0c000102030405060708090a0b"
		"10011a106219ff3d8c4649c9b2a27630b6350941920310584065"
		"80528b6a5301391800b4fe9b99" CAR_UUID "a00302");
	bench_close(&bench);
}

TEST(judgement, command_without_flags_is_answered_in_the_clear)
{
	struct bench bench;

	bench_open(&bench, car_pem, CLIENT_PUBLIC);
	receive(&bench, climate_on_flags_0);
	cr_assert(bench.car.world.climate_on);
	expect(&bench, 0,
		"0042" TO_CLIENT
		"52020a0092031058406580528b6a5301391800b4fe9b99" CAR_UUID);
	bench_close(&bench);
}

TEST(judgement, replay_is_refused_with_session_info)
{
	static const uint8_t fault_6[] = { 0x62, 0x04, 0x08, 0x02, 0x10, 0x06 };
	struct bench bench;

	bench_open(&bench, car_pem, CLIENT_PUBLIC);
	receive(&bench, climate_on_flags_2);
	bench.car.world.climate_on = false;
	receive(&bench, climate_on_flags_2);
	cr_assert_not(bench.car.world.climate_on);
	cr_assert_eq(bench.n_sent, 1);
	cr_assert_not_null(
		memmem(bench.sent[0], bench.len[0], fault_6, sizeof(fault_6)));
	bench_close(&bench);
}

/* Each bit counts: what it protects is refused, and nothing is done. */
TEST(judgement, no_turned_bit_is_obeyed)
{
	uint8_t frame[FRAME_HEADER_SIZE + FRAME_MESSAGE_MAX];
	size_t len = unhex(climate_on_flags_2, frame);
	struct bench bench;
	struct key *key;

	key = bench_open(&bench, car_pem, CLIENT_PUBLIC);
	/*
	 * From the ciphertext on.  The uuid at the end is not signed, and
	 * where the epoch has another tag it is left out, which is allowed.
	 */
	for (size_t bit = 8 * 26; bit < 8 * len; bit++) {
		size_t byte = bit / 8;

		if ((byte >= len - 22 && byte < len - 3) || byte == 108)
			continue;
		frame[byte] ^= (uint8_t)(1 << bit % 8);
		bench.n_sent = 0;
		cr_assert_eq(car_receive(&bench.car, NOW_MS, 1,
				     frame + FRAME_HEADER_SIZE,
				     len - FRAME_HEADER_SIZE),
			0);
		cr_assert_not(bench.car.world.climate_on, "bit %zu", bit);
		cr_assert_eq(key->infotainment.last, 6u, "bit %zu", bit);
		frame[byte] ^= (uint8_t)(1 << bit % 8);
	}
	bench_close(&bench);
}

TEST(judgement, add_key_request_of_appendix_c_waits)
{
	struct bench bench;

	bench_open(&bench, car_pem, SIGNER_PUBLIC);
	bench.car.tap_after_ms = 3000;
	receive(&bench, "00560a54125082014d2a470a430a41" CLIENT_PUBLIC
			"2002320208091802");
	expect(&bench, 0, "0021320208003a020802520422020801" CAR_UUID);
	cr_assert_eq(car_deadline(&bench.car), NOW_MS + 3000u);

	bench.n_sent = 0;
	cr_assert_eq(car_tick(&bench.car, NOW_MS + 3000), 0);
	expect(&bench, 0, "0021320208003a020802520422021a00" CAR_UUID);
	cr_assert_eq(whitelist_slot(&bench.car.whitelist, 1)->role,
		KEYS__ROLE__ROLE_OWNER);
	bench_close(&bench);
}

TEST(judgement, remove_key_of_appendix_c_is_read)
{
	static const char text[] = "82014512430a41" CLIENT_PUBLIC;
	uint8_t bytes[96], public[DEED_KEY_SIZE];
	struct bench bench;
	struct deed deed;

	cr_assert_eq(vcsec_read(bytes, unhex(text, bytes), &deed), 0);
	cr_assert_eq(deed.act, ACT_REMOVE_KEY);
	cr_assert_eq(deed.key_len, (size_t)DEED_KEY_SIZE);
	(void)unhex(CLIENT_PUBLIC, public);
	cr_assert_arr_eq(deed.key, public, sizeof(public));

	/* A card on the reader does not stand for its signature. */
	bench_open(&bench, car_pem, CLIENT_PUBLIC);
	receive(&bench, "004e0a4c1248"
			"82014512430a41" CLIENT_PUBLIC "1802");
	cr_assert_eq(bench.n_sent, 0);
	cr_assert_not(bench.car.enrolment.waiting);
	cr_assert_not_null(whitelist_slot(&bench.car.whitelist, 0));
	bench_close(&bench);
}

TEST(judgement, nobody_taps_for_ever)
{
	struct bench bench;

	bench_open(&bench, car_pem, SIGNER_PUBLIC);
	receive(&bench, "00560a54125082014d2a470a430a41" CLIENT_PUBLIC
			"2002320208091802");
	cr_assert_eq(car_deadline(&bench.car), NOW_MS + CAR_TAP_TIMEOUT_MS);
	bench.n_sent = 0;
	cr_assert_eq(car_tick(&bench.car, NOW_MS + CAR_TAP_TIMEOUT_MS), 0);
	expect(&bench, 0,
		"0027320208003a020802520a220808021a0408191802" CAR_UUID);
	cr_assert_null(whitelist_slot(&bench.car.whitelist, 1));
	bench_close(&bench);
}

/* vehicle-protocol 4.3: domain 2, no flags, the last counter there is. */
TEST(judgement, known_message_of_the_sdk_is_genuine)
{
	static const char text[] =
		"320208023a0208005259296d587d130d34d74d6d5c628c73c1f8ef99cc4a"
		"e1c95b97671474980ccc7946a90a2f7971a5c837b96c9cc1e8075d1aab92"
		"bc8557b7fdf2dcf9ddbb90e236246db699788e585e8b0ea84752e0090cc8"
		"0c4384d27ca6fcdd216a470a061204bb0ca3712a3d0a10eaabe301b4b4a1"
		"243118a40825220115120c45d29af664e2ff8fd49218b718ffffffff0f25"
		"50c300002a106d846705ba5c143f94257275a2ca701f";
	UniversalMessage__RoutableMessage *message;
	uint8_t bytes[256], public[DEED_KEY_SIZE], pt[4];
	struct agreement agreement;
	struct count count = { .last = 1 };
	struct genuine genuine;
	struct bench bench;
	struct guard guard;

	bench_open(&bench, verifier_pem, SIGNER_PUBLIC);
	guard = (struct guard){ bench.car.crypto, "testvin" };
	(void)unhex("eaabe301b4b4a1243118a40825220115", bench.car.vcsec.epoch);
	(void)unhex(SIGNER_PUBLIC, public);
	message = universal_message__routable_message__unpack(
		NULL, unhex(text, bytes), bytes);
	cr_assert_not_null(message);
	cr_assert_eq(domain_agree(&bench.car.vcsec, bench.car.crypto, public,
			     &agreement),
		0);
	cr_assert_eq(guard_judge(&guard, &bench.car.vcsec, NOW_MS, &count,
			     &agreement, message, &genuine),
		0);
	cr_assert_eq(genuine.counter, UINT32_MAX);
	cr_assert_eq(genuine.payload_len, 89u);
	(void)unhex("82014a2a", pt);
	cr_assert_arr_eq(genuine.payload, pt, sizeof(pt));
	cr_assert_eq(genuine.request_hash_len, 17u);
	cr_assert_eq(genuine.request_hash[0], 5);

	/* Of another car it is not. */
	guard.vin = "testvim";
	cr_assert_eq(guard_judge(&guard, &bench.car.vcsec, NOW_MS, &count,
			     &agreement, message, &genuine),
		MESSAGE_FAULT(INVALID_SIGNATURE));
	universal_message__routable_message__free_unpacked(message, NULL);
	bench_close(&bench);
}

/* Set A's request hashes of an HMAC request; VCSEC cuts its own. */
TEST(judgement, request_hash_of_hmac_is_cut_in_vcsec)
{
	Signatures__HMACPersonalizedSignatureData hmac =
		SIGNATURES__HMAC__PERSONALIZED__SIGNATURE__DATA__INIT;
	Signatures__SignatureData data = SIGNATURES__SIGNATURE_DATA__INIT;
	UniversalMessage__RoutableMessage message =
		UNIVERSAL_MESSAGE__ROUTABLE_MESSAGE__INIT;
	uint8_t tag[32], payload[6], public[DEED_KEY_SIZE];
	struct count count = { .last = 6 };
	struct agreement agreement;
	struct genuine genuine;
	struct bench bench;
	struct guard guard;
	struct metadata m;

	bench_open(&bench, car_pem, CLIENT_PUBLIC);
	guard = (struct guard){ bench.car.crypto, VIN };
	(void)unhex(CLIENT_PUBLIC, public);
	(void)unhex("120452020801", payload);
	(void)unhex("6d75c4e7c5e144996e22f1bdf694e453"
		    "c94774a636e4382053cb8e358bf25ea8",
		tag);
	hmac.counter = 7;
	hmac.expires_at = 2655;
	hmac.tag = (ProtobufCBinaryData){ sizeof(tag), tag };
	data.sig_type_case =
		SIGNATURES__SIGNATURE_DATA__SIG_TYPE_HMAC_PERSONALIZED_DATA;
	data.hmac_personalized_data = &hmac;
	message.signature_data = &data;
	message.payload_case =
		UNIVERSAL_MESSAGE__ROUTABLE_MESSAGE__PAYLOAD_PROTOBUF_MESSAGE_AS_BYTES;
	message.protobuf_message_as_bytes =
		(ProtobufCBinaryData){ sizeof(payload), payload };
	cr_assert_eq(domain_agree(&bench.car.infotainment, bench.car.crypto,
			     public, &agreement),
		0);

	cr_assert_eq(guard_judge(&guard, &bench.car.infotainment, NOW_MS,
			     &count, &agreement, &message, &genuine),
		0);
	cr_assert_eq(genuine.request_hash_len, 33u);
	cr_assert_eq(genuine.request_hash[0], 8);
	cr_assert_arr_eq(genuine.request_hash + 1, tag, sizeof(tag));

	/* The same signature is another domain's lie. */
	cr_assert_eq(guard_judge(&guard, &bench.car.vcsec, NOW_MS, &count,
			     &agreement, &message, &genuine),
		MESSAGE_FAULT(INVALID_SIGNATURE));

	/* One of its own, of which only the first half counts: 3.6. */
	metadata_init(&m);
	metadata_add_u8(&m, 0, 8);
	metadata_add_u8(&m, 1, 2);
	metadata_add(&m, 2, VIN, strlen(VIN));
	metadata_add(&m, 3, bench.car.vcsec.epoch, EPOCH_SIZE);
	metadata_add_u32(&m, 4, hmac.expires_at);
	metadata_add_u32(&m, 5, hmac.counter);
	metadata_end(&m);
	cr_assert_eq(domain_agree(&bench.car.vcsec, bench.car.crypto, public,
			     &agreement),
		0);
	cr_assert_eq(crypto_hmac(bench.car.crypto, agreement.command_key.bytes,
			     sizeof(agreement.command_key.bytes), m.bytes,
			     m.len, payload, sizeof(payload), tag),
		0);
	cr_assert_eq(guard_judge(&guard, &bench.car.vcsec, NOW_MS, &count,
			     &agreement, &message, &genuine),
		0);
	cr_assert_eq(genuine.request_hash_len, 17u);
	cr_assert_eq(genuine.request_hash[0], 8);
	cr_assert_arr_eq(genuine.request_hash + 1, tag, 16);
	bench_close(&bench);
}
