/* SPDX-License-Identifier: MIT */

/*
 * What the protocol costs beyond its cryptography: sealing one command, and
 * the first command on cold sessions.  Floors are bare calls of OpenSSL.
 */

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>

#include "figure.h"
#include "keys/signer.h"
#include "signatures.pb-c.h"
#include "universal_message.pb-c.h"
#include "vehicle/crypto.h"
#include "vehicle/metadata.h"
#include "vehicle/request.h"
#include "vehicle/routable.h"
#include "vehicle/session.h"

#define VIN "5YJ3E1EA6KF000000"

enum {
	BATCHES = 101,
	SEALS = 2000, /* in a batch */
	COLDS = 50,
	NOW_MS = 1000 * 1000,
};

/* The two ends, with keys that both know. */
struct bench {
	struct signer *ours;
	struct crypto *crypto;
	uint8_t public[SIGNER_PUBLIC_SIZE];
	struct session session;

	/* What the car answers to a handshake, whatever its address. */
	struct {
		struct signer *signer;
		uint8_t public[SIGNER_PUBLIC_SIZE];
		uint8_t uuid[ROUTABLE_ID_SIZE];
		uint8_t message[FRAME_MESSAGE_MAX];
		size_t len;
	} car;

	/* Of the floors. */
	EVP_CIPHER_CTX *cipher;
	EVP_MD_CTX *hash;
	EVP_MD *sha256;
	EVP_PKEY *key;
};

static void check_ssl(int r)
{
	if (r != 1)
		figure_die("OpenSSL failed");
}

static void seal(struct bench *bench, struct session *session)
{
	const struct command command = { .id = COMMAND_FLASH_LIGHTS };
	uint8_t text[REQUEST_SIZE],
		random[sizeof(struct routable_ids) + CRYPTO_NONCE_SIZE];
	struct routable_frame frame;
	struct routable_ids ids;
	struct seal done;
	size_t len;

	check_ssl(RAND_bytes(random, sizeof(random)));
	memcpy(&ids, random, sizeof(ids));
	len = request_write(&command, text);
	figure_check(session_seal(session, NOW_MS, SESSION_LIFETIME_MS,
			     ROUTABLE_ENCRYPT_RESPONSE, random + sizeof(ids),
			     text, len, &done),
		"session_seal");
	routable_write_request(session->domain, &ids, ROUTABLE_ENCRYPT_RESPONSE,
		(struct view){ text, len }, &done, bench->public, &frame);
}

/* The same bytes through the same algorithms, and nothing else. */
static void seal_floor(struct bench *bench)
{
	static const uint8_t metadata[64];
	uint8_t nonce[CRYPTO_NONCE_SIZE], aad[CRYPTO_SHA256_SIZE];
	uint8_t text[4] = { 0 }, tag[CRYPTO_TAG_SIZE];
	int n;

	check_ssl(RAND_bytes(nonce, sizeof(nonce)));
	check_ssl(EVP_DigestInit_ex2(bench->hash, bench->sha256, NULL));
	check_ssl(EVP_DigestUpdate(bench->hash, metadata, sizeof(metadata)));
	check_ssl(EVP_DigestFinal_ex(bench->hash, aad, NULL));
	check_ssl(EVP_EncryptInit_ex2(bench->cipher, NULL, NULL, nonce, NULL));
	check_ssl(EVP_EncryptUpdate(bench->cipher, NULL, &n, aad, sizeof(aad)));
	check_ssl(
		EVP_EncryptUpdate(bench->cipher, text, &n, text, sizeof(text)));
	check_ssl(EVP_EncryptFinal_ex(bench->cipher, text, &n));
	check_ssl(EVP_CIPHER_CTX_ctrl(
		bench->cipher, EVP_CTRL_AEAD_GET_TAG, sizeof(tag), tag));
}

/* Handshake with @domain, its answer taken in. */
static void shake_hands(
	struct bench *bench, enum domain domain, struct session *ret)
{
	static struct arena arena;
	struct routable_frame frame;
	struct routable message;
	struct routable_ids ids;

	check_ssl(RAND_bytes((uint8_t *)&ids, sizeof(ids)));
	session_init(ret, bench->crypto, bench->ours, VIN, domain);
	routable_write_handshake(domain, &ids, bench->public, &frame);

	arena_reset(&arena);
	figure_check(routable_unpack(&arena, bench->car.message, bench->car.len,
			     &message),
		"routable_unpack");
	figure_check(session_update(ret, &arena, NOW_MS, 0, bench->car.uuid,
			     message.info, message.info_tag),
		"session_update");
}

static void cold(struct bench *bench)
{
	struct session vcsec, infotainment;

	shake_hands(bench, DOMAIN_VEHICLE_SECURITY, &vcsec);
	shake_hands(bench, DOMAIN_INFOTAINMENT, &infotainment);
	seal(bench, &infotainment);
	session_deinit(&vcsec);
	session_deinit(&infotainment);
}

static void agree_floor(struct bench *bench)
{
	uint8_t shared[32];
	size_t len = sizeof(shared);
	EVP_PKEY *peer = EVP_PKEY_new();
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(bench->key, NULL);

	check_ssl(EVP_PKEY_copy_parameters(peer, bench->key));
	check_ssl(EVP_PKEY_set1_encoded_public_key(
		peer, bench->car.public, SIGNER_PUBLIC_SIZE));
	check_ssl(EVP_PKEY_derive_init(context));
	check_ssl(EVP_PKEY_derive_set_peer_ex(context, peer, 0));
	check_ssl(EVP_PKEY_derive(context, shared, &len));
	EVP_PKEY_CTX_free(context);
	EVP_PKEY_free(peer);
}

static void cold_floor(struct bench *bench)
{
	agree_floor(bench);
	agree_floor(bench);
}

static void warm(struct bench *bench)
{
	seal(bench, &bench->session);
}

/* Median ns of one call in a batch of @n, and of its floor beside it. */
static void measure(struct bench *bench, int n, void (*work)(struct bench *),
	void (*floor)(struct bench *), double *ret_ns, double *ret_floor_ns)
{
	static double samples[BATCHES], floors[BATCHES];

	for (int i = 0; i < BATCHES; i++) {
		uint64_t began = figure_now_ns(), between;

		for (int k = 0; k < n; k++)
			work(bench);
		between = figure_now_ns();
		for (int k = 0; k < n; k++)
			floor(bench);
		samples[i] = (double)(between - began) / n;
		floors[i] = (double)(figure_now_ns() - between) / n;
	}

	*ret_ns = figure_percentile(samples, BATCHES, 50);
	*ret_floor_ns = figure_percentile(floors, BATCHES, 50);
}

/* Session information, signed as the car does: vehicle-protocol 3.3. */
static void make_answer(struct bench *bench)
{
	Signatures__SessionInfo info = SIGNATURES__SESSION_INFO__INIT;
	Signatures__SignatureData signature = SIGNATURES__SIGNATURE_DATA__INIT;
	Signatures__HMACSignatureData hmac =
		SIGNATURES__HMAC__SIGNATURE__DATA__INIT;
	UniversalMessage__RoutableMessage message =
		UNIVERSAL_MESSAGE__ROUTABLE_MESSAGE__INIT;
	uint8_t epoch[ROUTABLE_EPOCH_SIZE] = { 1 }, packed[256];
	uint8_t tag[CRYPTO_SHA256_SIZE];
	struct secret32 shared, info_key;
	struct secret16 key;
	struct metadata metadata;

	info.counter = 1;
	info.clock_time = 1000;
	info.public_key.data = bench->car.public;
	info.public_key.len = SIGNER_PUBLIC_SIZE;
	info.epoch.data = epoch;
	info.epoch.len = sizeof(epoch);
	message.payload_case =
		UNIVERSAL_MESSAGE__ROUTABLE_MESSAGE__PAYLOAD_SESSION_INFO;
	message.session_info.data = packed;
	message.session_info.len =
		signatures__session_info__pack(&info, packed);

	metadata_init(&metadata);
	metadata_add_u8(&metadata, SIGNATURES__TAG__TAG_SIGNATURE_TYPE,
		SIGNATURES__SIGNATURE_TYPE__SIGNATURE_TYPE_HMAC);
	metadata_add(&metadata, SIGNATURES__TAG__TAG_PERSONALIZATION, VIN,
		strlen(VIN));
	metadata_add(&metadata, SIGNATURES__TAG__TAG_CHALLENGE, bench->car.uuid,
		sizeof(bench->car.uuid));
	metadata_end(&metadata);
	figure_check(signer_agree(bench->car.signer, bench->public, &shared),
		"signer_agree");
	figure_check(crypto_derive(bench->crypto, &shared, &key, &info_key),
		"crypto_derive");
	figure_check(crypto_hmac(bench->crypto, info_key.bytes,
			     sizeof(info_key), metadata.bytes, metadata.len,
			     packed, message.session_info.len, tag),
		"crypto_hmac");

	hmac.tag.data = tag;
	hmac.tag.len = sizeof(tag);
	signature.sig_type_case =
		SIGNATURES__SIGNATURE_DATA__SIG_TYPE_SESSION_INFO_TAG;
	signature.session_info_tag = &hmac;
	message.sub_sig_data_case =
		UNIVERSAL_MESSAGE__ROUTABLE_MESSAGE__SUB_SIG_DATA_SIGNATURE_DATA;
	message.signature_data = &signature;
	bench->car.len = universal_message__routable_message__pack(
		&message, bench->car.message);
}

static void prepare(struct bench *bench)
{
	static const uint8_t zero[16];

	figure_check(crypto_new(&bench->crypto), "crypto_new");
	figure_check(signer_generate(&bench->ours), "signer_generate");
	figure_check(signer_generate(&bench->car.signer), "signer_generate");
	signer_public(bench->ours, bench->public);
	signer_public(bench->car.signer, bench->car.public);
	make_answer(bench);
	shake_hands(bench, DOMAIN_INFOTAINMENT, &bench->session);

	bench->cipher = EVP_CIPHER_CTX_new();
	bench->hash = EVP_MD_CTX_new();
	bench->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	bench->key = EVP_EC_gen("P-256");
	check_ssl(EVP_EncryptInit_ex2(
		bench->cipher, EVP_aes_128_gcm(), zero, NULL, NULL));
}

static void finish(struct bench *bench)
{
	EVP_PKEY_free(bench->key);
	EVP_MD_free(bench->sha256);
	EVP_MD_CTX_free(bench->hash);
	EVP_CIPHER_CTX_free(bench->cipher);
	session_deinit(&bench->session);
	(void)signer_free(bench->car.signer);
	(void)signer_free(bench->ours);
	(void)crypto_free(bench->crypto);
}

int main(void)
{
	static struct bench bench;
	double ns, floor_ns;

	prepare(&bench);
	measure(&bench, SEALS, warm, seal_floor, &ns, &floor_ns);
	figure_print(&(struct figure){
		.name = "seal one command",
		.value = ns / 1000,
		.unit = "us",
		.floor = floor_ns / 1000,
		.rule = FIGURE_FLOORS,
		.target = 3,
	});
	measure(&bench, COLDS, cold, cold_floor, &ns, &floor_ns);
	figure_print(&(struct figure){
		.name = "first command on cold sessions, compute",
		.value = ns / 1000,
		.unit = "us",
		.floor = floor_ns / 1000,
		.rule = FIGURE_FLOORS,
		.target = 1.5,
	});
	finish(&bench);
	return 0;
}
