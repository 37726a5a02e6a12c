/* SPDX-License-Identifier: MIT */

#include "vehicle/metadata.h"

#include <signal.h>

#include <openssl/evp.h>

#include "signatures.pb-c.h"
#include "vectors.h"

#define TAG(name) SIGNATURES__TAG__TAG_##name

/* Set A's command: vehicle-protocol 4.1. */
static void build_request(
	struct metadata *metadata, uint8_t type, uint8_t domain, uint32_t flags)
{
	uint8_t epoch[16];

	unhex(A_EPOCH, epoch, sizeof(epoch));
	metadata_init(metadata);
	metadata_add_u8(metadata, TAG(SIGNATURE_TYPE), type);
	metadata_add_u8(metadata, TAG(DOMAIN), domain);
	metadata_add(metadata, TAG(PERSONALIZATION), A_VIN, strlen(A_VIN));
	metadata_add(metadata, TAG(EPOCH), epoch, sizeof(epoch));
	metadata_add_u32(metadata, TAG(EXPIRES_AT), 2655);
	metadata_add_u32(metadata, TAG(COUNTER), 7);
	if (flags != 0)
		metadata_add_u32(metadata, TAG(FLAGS), flags);
	metadata_end(metadata);
}

TEST(metadata, the_examples_of_the_specification)
{
	struct metadata metadata;

	metadata_init(&metadata);
	metadata_add(&metadata, TAG(PERSONALIZATION), "abc", 3);
	assert_hex(metadata.bytes, metadata.len, "0203616263");
	metadata_add_u32(&metadata, TAG(COUNTER), 100);
	metadata_end(&metadata);
	assert_hex(metadata.bytes, metadata.len, "0203616263050400000064ff");
}

TEST(metadata, set_a_requests)
{
	struct metadata metadata;

	build_request(&metadata, 5, 3, 0);
	assert_hex(metadata.bytes, metadata.len,
		"000105010103" A_VIN_ITEM A_TAIL "ff");
	build_request(&metadata, 5, 3, 2);
	assert_hex(metadata.bytes, metadata.len,
		"000105010103" A_VIN_ITEM A_TAIL "070400000002ff");
	build_request(&metadata, 5, 2, 2);
	assert_hex(metadata.bytes, metadata.len,
		"000105010102" A_VIN_ITEM A_TAIL "070400000002ff");
	build_request(&metadata, 8, 3, 0);
	assert_hex(metadata.bytes, metadata.len,
		"000108010103" A_VIN_ITEM A_TAIL "ff");
}

TEST(metadata, set_a_session_info)
{
	struct metadata metadata;
	uint8_t uuid[16];

	unhex(A_INFO_UUID, uuid, sizeof(uuid));
	metadata_init(&metadata);
	metadata_add_u8(&metadata, TAG(SIGNATURE_TYPE), 6);
	metadata_add(&metadata, TAG(PERSONALIZATION), A_VIN, strlen(A_VIN));
	metadata_add(&metadata, TAG(CHALLENGE), uuid, sizeof(uuid));
	metadata_end(&metadata);
	assert_hex(metadata.bytes, metadata.len, A_INFO_METADATA);
}

static void assert_digest(
	const char *name, const struct metadata *metadata, const char *hex)
{
	uint8_t digest[EVP_MAX_MD_SIZE];
	size_t len;

	cr_assert_eq(EVP_Q_digest(NULL, name, NULL, metadata->bytes,
			     metadata->len, digest, &len),
		1);
	assert_hex(digest, len, hex);
}

/* vehicle-protocol 4.2 */
TEST(metadata, the_checksum_test)
{
	struct metadata metadata;
	uint8_t epoch[16];

	unhex("aada928a4f215f55f9e6e45e66b6521e", epoch, sizeof(epoch));
	metadata_init(&metadata);
	metadata_add_u8(&metadata, TAG(SIGNATURE_TYPE), 5);
	metadata_add_u8(&metadata, TAG(DOMAIN), 2);
	metadata_add(&metadata, TAG(PERSONALIZATION), "testVIN", 7);
	metadata_add(&metadata, TAG(EPOCH), epoch, sizeof(epoch));
	metadata_add_u32(&metadata, TAG(EXPIRES_AT), 0x0e74);
	metadata_add_u32(&metadata, TAG(COUNTER), 0x053a);
	metadata_end(&metadata);
	assert_hex(metadata.bytes, metadata.len,
		"00010501010202077465737456494e0310aada928a4f215f55f9e6e45e66"
		"b6521e040400000e7405040000053aff");

	/* No message of ours needs the second. */
	assert_digest("SHA256", &metadata,
		"abab04d804499813382efd74a06791ce2de777439603246dfbaa8392ca05"
		"868e");
	assert_digest("SHA512", &metadata,
		"df4a60e03fd4f71a83e6b56ccf27ccf390269ba3fccfafd9cb3a0925fc36"
		"843866b4326655f1c9d539c7ffc6f331ba693e1c62d237cb6cb5d9e60439"
		"f98f2283");
}

TEST(metadata, an_empty_value_keeps_its_item)
{
	struct metadata metadata;

	metadata_init(&metadata);
	metadata_add(&metadata, TAG(EPOCH), NULL, 0);
	metadata_end(&metadata);
	assert_hex(metadata.bytes, metadata.len, "0300ff");
}

Test(metadata, a_tag_out_of_order_aborts, .signal = SIGABRT)
{
	struct metadata metadata;

	metadata_init(&metadata);
	metadata_add_u8(&metadata, TAG(COUNTER), 1);
	metadata_add_u8(&metadata, TAG(EPOCH), 1);
}

Test(metadata, a_value_that_does_not_fit_aborts, .signal = SIGABRT)
{
	static const uint8_t value[UINT8_MAX];
	struct metadata metadata;

	metadata_init(&metadata);
	metadata_add(&metadata, TAG(EPOCH), value, sizeof(value));
}

Test(metadata, nothing_follows_the_end, .signal = SIGABRT)
{
	struct metadata metadata;

	metadata_init(&metadata);
	metadata_end(&metadata);
	metadata_add_u8(&metadata, TAG(EPOCH), 1);
}
