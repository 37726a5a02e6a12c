/* SPDX-License-Identifier: MIT */

/* Finding the car. */

#include "bluez-world.h"

TEST_VERSIONS(bluez_scan, car_is_found_by_name_and_the_link_comes_up)
{
	struct link_info info;
	struct world w;

	setup(&w, version);
	open_within(&w, OPEN_MS);
	cr_assert_str_empty(w.told, "an event from inside the call");
	cr_assert_eq(link_open(w.link, OPEN_MS), LINK_E_BUSY);
	pass_until(&w, 'U', OPEN_MS);
	cr_assert_str_eq(w.told, "HU");
	cr_assert_eq(w.rssi, -62);
	/* No Pair, no ReadValue, nothing else: bluez B.1. */
	cr_assert_str_eq(w.bluez.calls,
		"SetDiscoveryFilter StartDiscovery StopDiscovery Connect "
		"StartNotify Alias ");
	link_get_info(w.link, &info);
	cr_assert_eq(info.stage, LINK_READY);
	cr_assert_str_eq(info.adapter, "hci0 (B8:27:EB:12:34:56)");
	cr_assert_eq(info.rssi, -62);
	cr_assert_leq(info.heard_ms, fake_clock_now());
	cr_assert_geq(info.heard_ms, fake_clock_now() - 3000);
	cr_assert_eq(link_open(w.link, OPEN_MS), LINK_E_BUSY);
	teardown(&w);
}

TEST_VERSIONS(bluez_scan, stages_are_told_as_they_come)
{
	struct link_info info;
	struct world w;

	setup(&w, version);
	w.car->on_air = false;
	cr_assert_eq(link_bluez_new(w.event, &w.config, &w.link), 0);
	link_get_info(w.link, &info);
	cr_assert_eq(info.stage, LINK_CLOSED);
	cr_assert_str_empty(info.adapter);
	cr_assert_eq(info.heard_ms, 0);
	link_set_handler(w.link, on_link, &w);
	open_within(&w, OPEN_MS);
	pass(&w, 1000);
	link_get_info(w.link, &info);
	cr_assert_eq(info.stage, LINK_SEARCHING);
	w.car->on_air = true;
	pass_until_true(&w, w.car->connecting, 5000);
	link_get_info(w.link, &info);
	cr_assert_eq(info.stage, LINK_CONNECTING);
	pass_until(&w, 'U', 10 * 1000);
	link_close(w.link);
	link_get_info(w.link, &info);
	cr_assert_eq(info.stage, LINK_CLOSED);
	cr_assert_neq(info.heard_ms, 0, "heard is for status: it stays");
	teardown(&w);
}

TEST_VERSIONS(bluez_scan, car_out_of_reach_is_not_found)
{
	uint64_t begin_ms;
	struct world w;

	setup(&w, version);
	w.car->on_air = false;
	begin_ms = fake_clock_now();
	open_fails(&w, 20 * 1000, LINK_NOT_FOUND);
	/* bluez B.4 */
	cr_assert_leq(fake_clock_now(), begin_ms + 5100);
	cr_assert_eq(w.n_heard, 0);
	cr_assert_eq(w.bluez.n_connect, 0);
	cr_assert_geq(w.bluez.n_start, 2, "the scan is to start anew");
	pass(&w, 10 * 1000);
	expect_rest(&w);
	cr_assert_not(w.adapter->discovering);
	teardown(&w);
}

/* A slow answer is none of the ladder's faults, wherever it comes. */
TEST_VERSIONS(bluez_scan, call_on_its_way_as_time_is_over_is_no_fault)
{
	for (uint32_t ms = 50; ms < 2500; ms += 50) {
		struct world w;

		setup(&w, version);
		w.car->on_air = false;
		w.bluez.discovery_ms = ms;
		open_fails(&w, 30 * 1000, LINK_NOT_FOUND);
		cr_assert_eq(w.bluez.n_power, 0, "answers in %u ms", ms);
		cr_assert_null(strstr(strchr(w.bluez.calls, ' ') + 1,
				       "SetDiscoveryFilter"),
			"scanned anew, with answers in %u ms: %s", ms,
			w.bluez.calls);
		teardown(&w);
	}
}

TEST_VERSIONS(bluez_scan, car_that_comes_later_is_found)
{
	struct world w;

	setup(&w, version);
	w.car->on_air = false;
	open_within(&w, OPEN_MS);
	pass(&w, 4000);
	cr_assert_str_empty(w.told);
	w.car->on_air = true;
	pass_until(&w, 'U', 10 * 1000);
	teardown(&w);
}

/* bluez B.3 7: it is remembered, as Connect() made it permanent. */
TEST_VERSIONS(bluez_scan, remembered_car_out_of_reach_is_not_heard)
{
	struct world w;

	setup(&w, version);
	w.car->exists = w.car->is_permanent = w.car->is_named = true;
	w.car->has_gatt = true;
	w.car->on_air = false;
	open_fails(&w, 20 * 1000, LINK_NOT_FOUND);
	cr_assert_eq(w.n_heard, 0);
	teardown(&w);
}

TEST_VERSIONS(bluez_scan, remembered_car_in_reach_is_heard_by_its_rssi)
{
	struct world w;

	setup(&w, version);
	w.car->exists = w.car->is_permanent = w.car->is_named = true;
	w.car->has_gatt = true;
	open_up(&w);
	cr_assert_str_eq(w.told, "HU");
	cr_assert_eq(w.rssi, -62);
	teardown(&w);
}

/* vehicle-protocol 1.1: the last letter tells a role of the radio. */
TEST_VERSIONS(bluez_scan, last_letter_of_the_name_may_differ)
{
	static const char *const names[] = {
		"S1a87a5a75f3df858R",
		"S1a87a5a75f3df858D",
		"S1a87a5a75f3df858P",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct world w;

		setup(&w, version);
		w.car->name = names[i];
		open_up(&w);
		teardown(&w);
	}
}

TEST_VERSIONS(bluez_scan, other_names_are_not_the_car)
{
	static const char *const names[] = {
		"S1a87a5a75f3df858X",
		"S1a87a5a75f3df858",
		"S1a87a5a75f3df858CC",
		"S1a87a5a75f3df859C",
		"S1A87A5A75F3DF858C",
		"",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct world w;

		setup(&w, version);
		w.car->name = names[i];
		/* Another program scans for all there is: bluez B.1 2. */
		fake_adapter_set_others(&w.bluez, w.adapter, true);
		open_fails(&w, 10 * 1000, LINK_NOT_FOUND);
		cr_assert_eq(
			w.bluez.n_connect, 0, "connected to '%s'", names[i]);
		teardown(&w);
	}
}

TEST_VERSIONS(bluez_scan, neighbour_heard_by_anothers_scan_is_left_alone)
{
	struct world w;

	setup(&w, version);
	w.bluez.devices[1] = (struct fake_device){
		.address = "5C:F3:70:00:00:02",
		.name = "S00000000000000000C",
		.rssi = -30,
		.on_air = true,
	};
	fake_adapter_set_others(&w.bluez, w.adapter, true);
	open_up(&w);
	cr_assert(w.car->connected);
	cr_assert_not(w.bluez.devices[1].connected);
	teardown(&w);
}

/* bluez B.3 3 */
TEST_VERSIONS(bluez_scan, discovery_held_by_another_program_is_no_hindrance)
{
	struct world w;

	setup(&w, version);
	fake_adapter_set_others(&w.bluez, w.adapter, true);
	open_within(&w, OPEN_MS);
	pass_until(&w, 'H', 1000);
	pass_until_true(&w, w.bluez.n_connect == 1, 600);
	pass_until(&w, 'U', 6000);
	cr_assert(w.adapter->discovering, "theirs goes on");
	teardown(&w);
}

TEST_VERSIONS(bluez_scan, our_discovery_ends_before_we_connect)
{
	struct world w;

	/* The fake finds fault with a Connect that comes earlier. */
	setup(&w, version);
	w.bluez.discovery_ms = 1500;
	open_up(&w);
	cr_assert_not(w.adapter->discovering);
	teardown(&w);
}

TEST_VERSIONS(bluez_scan, name_that_is_only_an_alias_is_the_car)
{
	struct world w;

	setup(&w, version);
	w.car->name = NULL;
	w.car->alias = "S1a87a5a75f3df858C";
	w.car->exists = w.car->is_permanent = true;
	fake_adapter_set_others(&w.bluez, w.adapter, true);
	open_up(&w);
	teardown(&w);
}

/* bluez B.2: the name is in the scan response; 5.78 has objects without. */
TEST_VERSIONS(bluez_scan, name_that_comes_after_the_object_is_the_car)
{
	struct world w;

	setup(&w, version);
	w.car->is_named_late = true;
	open_up(&w);
	teardown(&w);

	setup(&w, version);
	w.car->is_named_late = true;
	fake_adapter_set_others(&w.bluez, w.adapter, true);
	open_up(&w);
	teardown(&w);
}

TEST_VERSIONS(bluez_scan, car_without_rssi_is_a_car)
{
	struct world w;

	setup(&w, version);
	w.car->rssi = 0;
	open_up(&w);
	cr_assert_eq(w.n_heard > 0 ? w.rssi : 0, 0);
	teardown(&w);
}

TEST_VERSIONS(bluez_scan, rssi_of_127_is_none)
{
	struct link_info info;
	struct world w;

	setup(&w, version);
	w.car->rssi = 127;
	open_up(&w);
	cr_assert_eq(w.rssi, 0);
	link_get_info(w.link, &info);
	cr_assert_eq(info.rssi, 0);
	teardown(&w);
}

TEST_VERSIONS(bluez_scan, crowd_of_strangers_hides_no_car)
{
	struct world w;

	setup(&w, version);
	w.bluez.n_neighbours = 5000;
	open_up(&w);
	teardown(&w);
}

/* D-Bus is outside: whatever claims to be org.bluez breaks nothing. */
TEST_VERSIONS(bluez_scan, properties_of_another_type_break_nothing)
{
	static const char *const names[] = { "Address", "AddressType", "Name",
		"Alias", "Powered", "PowerState", "Discovering", "UUIDs",
		"Roles", "Paired", "RSSI", "Connected", "Adapter",
		"ServicesResolved", "UUID", "Device", "Primary", "Handle",
		"Service", "Notifying", "Flags", "MTU", "Value" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct world w;

		setup(&w, version);
		w.bluez.mistyped = names[i];
		open_within(&w, 20 * 1000);
		while (strpbrk(w.told, "UD") == NULL)
			step(&w, UINT64_MAX);
		fake_device_say(&w.bluez, w.car, "x", 1);
		/* A power cycle would be no cure for that. */
		pass(&w, 1000);
		cr_assert_eq(w.bluez.n_power, 0, "%s", names[i]);
		teardown(&w);
	}
}

TEST(bluez_scan, endless_names_break_nothing)
{
	static char name[64 * 1024];
	struct world w;

	memset(name, 'S', sizeof(name) - 1);
	memcpy(name, "S1a87a5a75f3df858C", 18);
	setup(&w, BLUEZ_5_82);
	w.car->name = name;
	open_fails(&w, 10 * 1000, LINK_NOT_FOUND);
	teardown(&w);
}

TEST(bluez_scan, configuration_that_cannot_be_is_refused)
{
	struct link *link = NULL;
	struct world w;

	setup(&w, BLUEZ_5_82);
	w.config.name = "";
	cr_assert_eq(link_bluez_new(w.event, &w.config, &link), -EINVAL);
	w.config.name = "S1a87a5a75f3df858CS1a87a5a75f3df858C"
			"S1a87a5a75f3df858CS1a87a5a75f3df858C";
	cr_assert_lt(link_bluez_new(w.event, &w.config, &link), 0);
	w.config.name = "S1a87a5a75f3df858C";
	w.config.adapter = "hci0hci0hci0hci0hci0hci0hci0hci0hci0hci0hci0hci0"
			   "hci0hci0hci0hci0hci0hci0hci0hci0hci0hci0hci0hci0";
	cr_assert_eq(link_bluez_new(w.event, &w.config, &link), -ENAMETOOLONG);
	cr_assert_null(link);
	teardown(&w);
}
