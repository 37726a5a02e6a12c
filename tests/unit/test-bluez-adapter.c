/* SPDX-License-Identifier: MIT */

/* Which adapter, and what if there is none, or no bluetoothd. */

#include "bluez-world.h"

static void add_second_adapter(struct world *w)
{
	w->bluez.adapters[1] = (struct fake_adapter){
		.present = true,
		.index = 1,
		.powered = true,
		.address = "00:1A:7D:DA:71:11",
	};
}

TEST_VERSIONS(bluez_adapter, adapter_is_chosen_by_index)
{
	struct link_info info;
	struct world w;

	setup(&w, version);
	add_second_adapter(&w);
	w.car->adapter = 1;
	w.config.adapter = "hci1";
	open_up(&w);
	link_get_info(w.link, &info);
	cr_assert_str_eq(info.adapter, "hci1 (00:1A:7D:DA:71:11)");
	teardown(&w);
}

/* bluez B.1: the index jumps, the address stays. */
TEST_VERSIONS(bluez_adapter, adapter_is_chosen_by_address_under_any_index)
{
	static const char *const wanted[] = {
		"00:1A:7D:DA:71:11",
		"00:1a:7d:da:71:11",
	};

	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++) {
		struct world w;

		setup(&w, version);
		add_second_adapter(&w);
		w.adapter->index = 1;
		w.bluez.adapters[1].index = 0;
		w.car->adapter = 1;
		w.config.adapter = wanted[i];
		open_up(&w);
		teardown(&w);
	}
}

/* bluez B.1: what was hci0 once is known by its address from then on. */
TEST_VERSIONS(bluez_adapter, adapter_chosen_by_index_is_followed)
{
	struct world w;

	setup(&w, version);
	w.config.adapter = "hci0";
	open_up(&w);
	fake_adapter_remove(&w.bluez, w.adapter);
	pass_until(&w, 'D', 5000);
	w.adapter->index = 1;
	fake_adapter_add(&w.bluez, w.adapter);
	open_up(&w);
	teardown(&w);
}

TEST_VERSIONS(bluez_adapter, any_adapter_is_one_that_is_on)
{
	struct world w;

	setup(&w, version);
	add_second_adapter(&w);
	w.adapter->powered = false;
	w.car->adapter = 1;
	open_up(&w);
	cr_assert_eq(w.bluez.n_power, 0);
	teardown(&w);
}

TEST_VERSIONS(bluez_adapter, any_adapter_is_one_with_le)
{
	struct world w;

	setup(&w, version);
	add_second_adapter(&w);
	w.adapter->is_classic = true;
	w.car->adapter = 1;
	open_up(&w);
	cr_assert_eq(w.bluez.n_power, 0);
	teardown(&w);
}

TEST_VERSIONS(bluez_adapter, car_seen_by_the_other_adapter_is_not_ours)
{
	struct world w;

	setup(&w, version);
	add_second_adapter(&w);
	w.car->adapter = 1;
	fake_adapter_set_others(&w.bluez, &w.bluez.adapters[1], true);
	w.config.adapter = "hci0";
	open_fails(&w, 10 * 1000, LINK_NOT_FOUND);
	cr_assert_eq(w.bluez.n_connect, 0);
	teardown(&w);
}

TEST_VERSIONS(bluez_adapter, missing_adapter_is_told)
{
	static const char *const wanted[] = { "hci1", "00:1A:7D:DA:71:11" };
	struct world w;

	setup(&w, version);
	w.adapter->present = false;
	open_fails(&w, 10 * 1000, LINK_NO_ADAPTER);
	teardown(&w);

	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++) {
		setup(&w, version);
		w.config.adapter = wanted[i];
		open_fails(&w, 10 * 1000, LINK_NO_ADAPTER);
		teardown(&w);
	}
}

/* No adapter property is ours to change: bluez.h. */
TEST_VERSIONS(bluez_adapter, adapter_that_is_off_stays_off)
{
	struct world w;

	setup(&w, version);
	w.adapter->powered = false;
	open_fails(&w, 10 * 1000, LINK_ADAPTER_OFF);
	cr_assert_eq(w.bluez.n_power, 0);
	cr_assert_not(w.adapter->powered);
	teardown(&w);
}

/* bluez B.3 11 */
TEST(bluez_adapter, rfkill_is_told_apart_from_off_by_5_82)
{
	struct world w;

	setup(&w, BLUEZ_5_82);
	w.adapter->powered = false;
	w.adapter->blocked = true;
	open_fails(&w, 10 * 1000, LINK_BLOCKED);
	cr_assert_eq(w.bluez.n_power, 0);
	teardown(&w);
}

/* bluez B.2: PowerState is experimental there. */
TEST(bluez_adapter, rfkill_is_an_adapter_that_is_off_to_5_66)
{
	struct world w;

	setup(&w, BLUEZ_5_66);
	w.adapter->powered = false;
	w.adapter->blocked = true;
	open_within(&w, 10 * 1000);
	pass_until(&w, 'D', 10 * 1000 + 1);
	/* Where it is told apart, /sys/class/rfkill has told it. */
	cr_assert(w.reason == LINK_ADAPTER_OFF || w.reason == LINK_BLOCKED);
	cr_assert_eq(w.bluez.n_power, 0);
	teardown(&w);
}

TEST_VERSIONS(bluez_adapter, adapter_switched_off_while_scanning_is_told)
{
	struct world w;

	setup(&w, version);
	w.car->on_air = false;
	open_within(&w, 20 * 1000);
	pass(&w, 2000);
	fake_adapter_set_powered(&w.bluez, w.adapter, false);
	pass_until(&w, 'D', 20 * 1000);
	cr_assert_eq(w.reason, LINK_ADAPTER_OFF);
	cr_assert_eq(w.bluez.n_power, 0);
	teardown(&w);
}

TEST_VERSIONS(bluez_adapter, bluetoothd_that_does_not_run_is_told)
{
	struct world w;

	setup(&w, version);
	w.bluez.is_running = false;
	open_fails(&w, 10 * 1000, LINK_NO_BLUETOOTH);
	pass(&w, 10 * 1000);
	expect_rest(&w);
	teardown(&w);
}

TEST_VERSIONS(bluez_adapter, bus_that_is_not_there_is_told)
{
	struct world w;

	setup(&w, version);
	w.bluez.bus_is_gone = true;
	open_fails(&w, 10 * 1000, LINK_NO_BLUETOOTH);
	expect_rest(&w);
	w.bluez.bus_is_gone = false;
	open_up(&w);
	teardown(&w);
}

/* A call to its name starts it: bluez B.3 10. */
TEST_VERSIONS(bluez_adapter, bluetoothd_may_be_started_by_our_call)
{
	struct world w;

	setup(&w, version);
	w.bluez.is_running = false;
	w.bluez.is_activatable = true;
	open_up(&w);
	teardown(&w);
}

/* Nothing is answered, not even by the bus. */
TEST_VERSIONS(bluez_adapter, bus_that_hangs_is_told)
{
	struct world w;

	setup(&w, version);
	w.bluez.bus_is_hung = true;
	open_fails(&w, 20 * 1000, LINK_NO_BLUETOOTH);
	pass(&w, 10 * 1000);
	expect_rest(&w);
	w.bluez.bus_is_hung = false;
	open_up(&w);
	teardown(&w);
}
