/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Vectors of vehicle-protocol 4, as hexadecimal text.  "Set A" is one car,
 * one key, one session and one command, seen from all sides.
 */

#include <stdint.h>
#include <string.h>

#include "test.h"
#include "util/bytes.h"

#define A_VIN "5YJ30123456789ABC"
#define A_CAR_PUBLIC                                                         \
	"04c7a1f47138486aa4729971494878d33b1a24e39571f748a6e16c5955b3d877d3" \
	"a6aaa0e955166474af5d32c410f439a2234137ad1bb085fd4e8813c958f11d97"
#define A_CAR_SCALAR \
	"344ee5b466a7cf1eeb12b6f50331db2e5ec5834ef5f4befcfd8cbe55c2528d70"
#define A_KEY_PUBLIC                                                         \
	"04b2b6bc68c2da0665ce656815594996c62394edd8bea905fe781a754fe6a845a7" \
	"14330902f225e9269d466e05b349981fda9d85cc23c6fb444aa73b629105dc6e"
#define A_KEY_SCALAR \
	"2538cdc29a97c19c1e99a637d6cf4f8c970c118b56ede1e6323e6d162c4b30db"
#define A_SHARED \
	"6b9a2844b300e6a85e4474f70b31b23de2d8f7d3e594784cdfe8318031442f8b"
#define A_K "1b2fce19967b79db696f909cff89ea9a"
#define A_K_SESSION \
	"fceb679ee7bca756fcd441bf238bf2f338629b41d9eb9c67be1b32c9672ce300"
#define A_K_COMMAND \
	"6d3a14d0b6d762e4f076739e2cf6edd291d2e56e3f25bc6a2af5cb26dc753b14"
#define A_EPOCH "4c463f9cc0d3d26906e982ed224adde6"
#define A_NONCE "dbf79447fa156674dae1caed"
/* Of the handshake, and of the command. */
#define A_INFO_UUID "1588d5a30eabc6f8fc9a951b11f6fd11"
#define A_COMMAND_UUID "58406580528b6a5301391800b4fe9b99"
#define A_ROUTING "2c907bd76c640d360b3027dc7404efde"
/* Counter 6, clock 2650. */
#define A_INFO                                                               \
	"0806124104c7a1f47138486aa4729971494878d33b1a24e39571f748a6e16c5955" \
	"b3d877d3a6aaa0e955166474af5d32c410f439a2234137ad1bb085fd4e8813c958" \
	"f11d971a104c463f9cc0d3d26906e982ed224adde6255a0a0000"
#define A_INFO_METADATA                                                      \
	"000106021135594a333031323334353637383941424306101588d5a30eabc6f8fc" \
	"9a951b11f6fd11ff"
#define A_INFO_TAG \
	"996c1fe38331be138f8039c194b14db2198846ed7d8251e6749284d7b32ea002"
/* TLV lists: the personalization item and the tail of a request. */
#define A_VIN_ITEM "021135594a3330313233343536373839414243"
#define A_TAIL "0310" A_EPOCH "040400000a5f050400000007"

/* Reads @hex into @ret and returns how many bytes that were. */
static inline size_t unhex(const char *hex, uint8_t *ret, size_t size)
{
	size_t len = strlen(hex) / 2;

	cr_assert_leq(len, size);
	cr_assert_eq(hex_decode(hex, ret, len), 0, "%s", hex);
	return len;
}

/* Do the @len bytes at @bytes read @hex? */
static inline void assert_hex(const void *bytes, size_t len, const char *hex)
{
	char text[HEX_SIZE(1100)];

	cr_assert_leq(len, 1100);
	hex_encode(bytes, len, text);
	cr_assert_str_eq(text, hex);
}
