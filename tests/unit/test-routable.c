/* SPDX-License-Identifier: MIT */

#include "vehicle/routable.h"

#include "vectors.h"

static struct arena arena;

static int unpack_hex(const char *hex, struct routable *ret)
{
	uint8_t bytes[1100];
	size_t len = unhex(hex, bytes, sizeof(bytes));

	arena_reset(&arena);
	return routable_unpack(&arena, bytes, len, ret);
}

TEST(routable, session_information_is_taken_apart)
{
	struct routable m;

	/* vehicle-protocol, appendix C */
	cr_assert_eq(unpack_hex("32121210" A_ROUTING
				"3a0208036a2432220a20" A_INFO_TAG "7a5c" A_INFO
				"920310" A_INFO_UUID
				"9a0310000102030405060708090a0b0c0d0e0f",
			     &m),
		0);
	cr_assert_eq(m.from, 3);
	assert_hex(m.to.data, m.to.len, A_ROUTING);
	assert_hex(m.request_uuid.data, m.request_uuid.len, A_INFO_UUID);
	assert_hex(m.info.data, m.info.len, A_INFO);
	assert_hex(m.info_tag.data, m.info_tag.len, A_INFO_TAG);
	cr_assert_not(m.is_sealed);
	cr_assert_not(m.has_payload);
}

TEST(routable, an_encrypted_answer_is_taken_apart)
{
	struct routable m;

	cr_assert_eq(
		unpack_hex("32121210" A_ROUTING
			   "3a0208035202135c6a244a220a0c000102030405060708090a"
			   "0b10011a106219ff3d8c4649c9b2a27630b635094192031058"
			   "406580528b6a5301391800b4fe9b999a031000010203040506"
			   "0708090a0b0c0d0e0fa00302",
			&m),
		0);
	cr_assert(m.is_sealed);
	cr_assert(m.has_payload);
	cr_assert_eq(m.counter, 1);
	cr_assert_eq(m.flags, 2);
	assert_hex(m.payload.data, m.payload.len, "135c");
	assert_hex(m.nonce.data, m.nonce.len, "000102030405060708090a0b");
	assert_hex(m.tag.data, m.tag.len, "6219ff3d8c4649c9b2a27630b6350941");
}

/* vehicle-protocol 4.6: good to parse, though their tags do not verify */
TEST(routable, other_known_messages_parse)
{
	struct routable m;

	cr_assert_eq(unpack_hex("320208023a1212100a7962c10d38b61dd2a7722780a4f0"
				"969a031005514f57616bcc81a8ce0f9d7b483229520"
				"40a020805",
			     &m),
		0);
	assert_hex(m.payload.data, m.payload.len, "0a020805");
	cr_assert_eq(m.from, 0);
	cr_assert_eq(m.to.len, 0);

	cr_assert_eq(
		unpack_hex("321212102fddc145caccca430566370df149855d3a0208027a"
			   "5e0801124104c7a1f47138486aa4729971494878d33b1a24e3"
			   "9571f748a6e16c5955b3d877d3a6aaa0e955166474af5d32c4"
			   "10f439a2234137ad1bb085fd4e8813c958f11d971a104c463f"
			   "9cc0d3d26906e982ed224adde625854a000030066a2432220a"
			   "205a0d3c7cb02c04d912a3588bc2a6fd8c00f244091bdd9dfe"
			   "46fcdc4706415b269203103ccce3d51a6f3c2aeea8913644a7"
			   "0584",
			&m),
		0);
	cr_assert_eq(m.from, 2);
	cr_assert_eq(m.info.len, 94);

	cr_assert_eq(
		unpack_hex("321212108f3d244b50b07a9842cac108c928b5e73a0208037a"
			   "5e0801124104c7a1f47138486aa4729971494878d33b1a24e3"
			   "9571f748a6e16c5955b3d877d3a6aaa0e955166474af5d32c4"
			   "10f439a2234137ad1bb085fd4e8813c958f11d971a104c463f"
			   "9cc0d3d26906e982ed224adde6255f0a000030076a2432220a"
			   "208e8dcd164ef361fd123c46c2b2bdfd1fc93056f4ef32c931"
			   "1a275db908d4d23f9203100a404ec0fc9aa863aec3e50196fb"
			   "f30b",
			&m),
		0);
	cr_assert_eq(m.from, 3);
}

TEST(routable, a_fault_is_taken_apart)
{
	struct routable m;

	cr_assert_eq(unpack_hex("3a02080262040802100f", &m), 0);
	cr_assert_eq(m.status, 2);
	cr_assert_eq(m.fault, 15);
	/* No number is too odd to be told as it is. */
	cr_assert_eq(unpack_hex("620c10ffffffffffffffffff01", &m),
		ROUTABLE_E_GARBAGE);
	cr_assert_eq(unpack_hex("620b10ffffffffffffffffff01", &m), 0);
	cr_assert_eq(m.fault, UINT32_MAX);
	cr_assert_eq(unpack_hex("3a0308ac02", &m), 0);
	cr_assert_eq(m.from, 0, "a domain beyond a byte");
}

TEST(routable, garbage_is_told)
{
	static const char *const garbage[] = {
		"",
		"00",
		"ff",
		"0a00",
		"22020801",
		"32",
		"3205",
		"520a00",
		"32ffffffffffffffffffff",
		"320208023a0208",
	};
	struct routable m = { .from = 99 };

	for (size_t i = 0; i < ARRAY_SIZE(garbage); i++)
		cr_assert_eq(unpack_hex(garbage[i], &m), ROUTABLE_E_GARBAGE,
			"%s", garbage[i]);
	cr_assert_eq(m.from, 99, "touched on failure");
}

/* A message of 1024 bytes that would unpack to many times that. */
TEST(routable, what_blows_up_is_refused)
{
	uint8_t bytes[FRAME_MESSAGE_MAX];
	struct routable m;

	/* Unknown fields, two bytes each, each kept in some 40. */
	for (size_t i = 0; i < sizeof(bytes); i += 2) {
		bytes[i] = 0x08;
		bytes[i + 1] = 0;
	}
	bytes[0] = 0x32;
	arena_reset(&arena);
	cr_assert_eq(routable_unpack(&arena, bytes, sizeof(bytes), &m),
		ROUTABLE_E_GARBAGE);
	cr_assert_leq(arena.used, sizeof(arena.bytes));

	/* The same short unpacks. */
	arena_reset(&arena);
	cr_assert_eq(routable_unpack(&arena, bytes, 64, &m), 0);
}

TEST(routable, a_whole_arena_of_real_messages_has_room_to_spare)
{
	/* A drive state in plaintext and a status: all of one answer. */
	struct routable m;

	cr_assert_eq(unpack_hex("32121210" A_ROUTING
				"3a0208036a2432220a20" A_INFO_TAG "7a5c" A_INFO
				"920310" A_INFO_UUID,
			     &m),
		0);
	cr_assert_lt(arena.used, sizeof(arena.bytes) / 8);
}

TEST(routable, an_answer_has_our_address_and_may_have_our_uuid)
{
	struct routable_ids ids = { { 1 }, { 2 } };
	uint8_t address[16] = { 1 }, uuid[16] = { 2 };
	struct routable m = { .to = { address, 16 } };

	cr_assert(routable_answers(&m, &ids));
	m.request_uuid = (struct view){ uuid, 16 };
	cr_assert(routable_answers(&m, &ids));
	m.request_uuid.len = 15;
	cr_assert_not(routable_answers(&m, &ids));
	m.request_uuid.len = 16;
	uuid[15] = 1;
	cr_assert_not(routable_answers(&m, &ids));
	uuid[15] = 0;
	address[15] = 1;
	cr_assert_not(routable_answers(&m, &ids));
	address[15] = 0;
	m.to.len = 15;
	cr_assert_not(routable_answers(&m, &ids));
	m.to.len = 0;
	cr_assert_not(routable_answers(&m, &ids));
}
