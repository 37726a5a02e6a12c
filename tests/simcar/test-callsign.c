/* SPDX-License-Identifier: MIT */

#include "callsign.h"

#include "unit/test.h"
#include "vehicle/crypto.h"

TEST(callsign, names_are_those_of_the_protocol)
{
	static const struct {
		const char *vin;
		const char *name;
	} rows[] = {
		{ "5YJS0000000000000", "S1a87a5a75f3df858C" },
		{ "5YJ30123456789ABC", "Sade9a822faa374f8C" },
	};
	struct crypto *crypto = NULL;
	char name[CALLSIGN_NAME_SIZE];

	cr_assert_eq(crypto_new(&crypto), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		cr_assert_eq(callsign_of_vin(crypto, rows[i].vin, name), 0);
		cr_assert_str_eq(name, rows[i].name);
	}
	crypto_free(crypto);
}

TEST(callsign, addresses_are_in_the_paths_of_devices)
{
	char address[CALLSIGN_ADDRESS_SIZE] = "";

	cr_assert(callsign_of_device(
		"/org/bluez/hci1/dev_00_AA_01_01_00_0f", address));
	cr_assert_str_eq(address, "00:AA:01:01:00:0f");

	cr_assert_not(callsign_of_device("", address));
	cr_assert_not(callsign_of_device("/org/bluez/hci1", address));
	cr_assert_not(callsign_of_device(
		"/org/bluez/hci1/dev_00_AA_01_01_00", address));
	cr_assert_not(callsign_of_device(
		"/org/bluez/hci1/dev_00_AA_01_01_00_0G", address));
	cr_assert_not(callsign_of_device(
		"/org/bluez/hci1/dev_00_AA_01_01_00_0f/service0001", address));
}

TEST(callsign, adapters_go_by_index_or_address)
{
	static const char *const good[] = { "hci0", "hci12",
		"B8:27:EB:12:34:56", "b8:27:eb:12:34:56" };
	static const char *const bad[] = { "", "hci", "hci1x", "hci1234",
		"eth0", "B8_27_EB_12_34_56", "B8:27:EB:12:34",
		"B8:27:EB:12:34:5x" };
	static const char path[] = "/org/bluez/hci1";
	static const char address[] = "B8:27:EB:12:34:56";

	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		cr_assert(callsign_is_adapter(good[i]), "%s", good[i]);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		cr_assert_not(callsign_is_adapter(bad[i]), "%s", bad[i]);

	cr_assert(callsign_matches("hci1", path, address));
	cr_assert(callsign_matches("b8:27:EB:12:34:56", path, address));
	cr_assert_not(callsign_matches("hci11", path, address));
	cr_assert_not(callsign_matches("hci", path, address));
	cr_assert_not(callsign_matches("B8:27:EB:12:34:57", path, address));
}
