/* SPDX-License-Identifier: MIT */

/* The recovery ladder: bluez B.3 12, B.4. */

#include "bluez-world.h"

/* Where in what was asked @word is for the first time; SIZE_MAX: nowhere. */
static size_t where(const struct world *w, const char *word)
{
	const char *at = strstr(w->bluez.calls, word);

	return at == NULL ? SIZE_MAX : (size_t)(at - w->bluez.calls);
}

static void open_in_vain(struct world *w, uint64_t ms)
{
	open_within(w, ms);
	pass_until(w, 'D', ms + 1);
	pass(w, 10 * 1000);
	expect_rest(w);
}

TEST_VERSIONS(bluez_ladder, rungs_are_climbed_in_order_and_each_but_once)
{
	struct world w;

	setup(&w, version);
	w.bluez.connects.how = CONNECT_FAILS;
	w.bluez.connects.n = 100000;
	open_in_vain(&w, 120 * 1000);
	cr_assert_eq(w.bluez.n_remove, 1);
	cr_assert_eq(w.bluez.n_power, 2, "off and on: %s", w.bluez.calls);
	cr_assert_lt(where(&w, "Connect"), where(&w, "RemoveDevice"));
	cr_assert_lt(where(&w, "RemoveDevice"), where(&w, "Powered"));
	cr_assert(w.adapter->powered);
	cr_assert_leq(w.bluez.n_connect, 12, "%u", w.bluez.n_connect);
	teardown(&w);
}

TEST_VERSIONS(bluez_ladder, power_cycle_comes_once_in_ten_minutes)
{
	uint64_t begin_ms;
	struct world w;

	setup(&w, version);
	w.bluez.connects.how = CONNECT_FAILS;
	w.bluez.connects.n = 100000;
	begin_ms = fake_clock_now();
	while (w.bluez.n_power == 0) {
		cr_assert_lt(fake_clock_now(), begin_ms + 10 * 60 * 1000);
		open_in_vain(&w, 30 * 1000);
	}
	begin_ms = fake_clock_now();
	while (fake_clock_now() < begin_ms + 9 * 60 * 1000) {
		open_in_vain(&w, 30 * 1000);
		cr_assert_eq(w.bluez.n_power, 2, "again after %u s",
			(unsigned int)(fake_clock_now() - begin_ms) / 1000);
	}
	while (w.bluez.n_power == 2) {
		cr_assert_lt(fake_clock_now(), begin_ms + 20 * 60 * 1000);
		open_in_vain(&w, 30 * 1000);
	}
	cr_assert_eq(w.bluez.n_power, 4);
	teardown(&w);
}

TEST_VERSIONS(bluez_ladder, device_is_removed_at_most_once_a_minute)
{
	uint64_t begin_ms;
	struct world w;

	setup(&w, version);
	w.bluez.services.how = SERVICES_FAIL;
	w.bluez.services.n = 100000;
	begin_ms = fake_clock_now();
	while (fake_clock_now() < begin_ms + 10 * 60 * 1000)
		open_in_vain(&w, 30 * 1000);
	cr_assert_geq(w.bluez.n_remove, 1);
	cr_assert_leq(w.bluez.n_remove, 10);
	cr_assert_eq(w.bluez.n_power, 0, "that cures no service");
	teardown(&w);
}

static void connect_other(struct world *w)
{
	w->bluez.devices[1] = (struct fake_device){
		.address = "5C:F3:70:00:00:02",
		.name = "headphones",
		.is_permanent = true,
		.exists = true,
		.is_named = true,
		.connected = true,
		.resolved = true,
	};
}

TEST_VERSIONS(bluez_ladder, adapter_that_others_use_is_not_switched_off)
{
	struct world w;

	setup(&w, version);
	connect_other(&w);
	w.bluez.connects.how = CONNECT_FAILS;
	w.bluez.connects.n = 100000;
	for (unsigned int i = 0; i < 5; i++)
		open_in_vain(&w, 120 * 1000);
	cr_assert_eq(w.bluez.n_power, 0);
	cr_assert(w.bluez.devices[1].connected);
	teardown(&w);
}

TEST_VERSIONS(bluez_ladder, adapter_that_others_use_may_be_reset_if_allowed)
{
	struct world w;

	setup(&w, version);
	connect_other(&w);
	w.adapter->power_is_ours = true;
	w.config.reset_shared = true;
	w.bluez.connects.how = CONNECT_FAILS;
	w.bluez.connects.n = 100000;
	open_in_vain(&w, 120 * 1000);
	cr_assert_eq(w.bluez.n_power, 2);
	cr_assert(w.adapter->powered);
	teardown(&w);
}

TEST_VERSIONS(bluez_ladder, other_that_comes_while_we_climb_counts)
{
	struct world w;

	setup(&w, version);
	w.bluez.connects.how = CONNECT_FAILS;
	w.bluez.connects.n = 100000;
	open_within(&w, 120 * 1000);
	pass_until_true(&w, w.bluez.n_connect == 2, 30 * 1000);
	connect_other(&w);
	fake_device_add(&w.bluez, &w.bluez.devices[1]);
	pass_until(&w, 'D', 120 * 1000);
	cr_assert_eq(w.bluez.n_power, 0);
	teardown(&w);
}

TEST_VERSIONS(bluez_ladder, others_of_another_adapter_do_not_count)
{
	struct world w;

	setup(&w, version);
	connect_other(&w);
	w.bluez.adapters[1] = (struct fake_adapter){
		.present = true,
		.index = 1,
		.powered = true,
		.address = "00:1A:7D:DA:71:11",
	};
	w.bluez.devices[1].adapter = 1;
	w.config.adapter = "hci0";
	w.bluez.connects.how = CONNECT_FAILS;
	w.bluez.connects.n = 100000;
	open_in_vain(&w, 120 * 1000);
	cr_assert_eq(w.bluez.n_power, 2);
	cr_assert(w.bluez.adapters[1].powered);
	teardown(&w);
}

/* bluez B.3 3: discovery wedges until the controller is reset. */
TEST_VERSIONS(bluez_ladder, wedged_discovery_is_cured_by_a_power_cycle)
{
	struct world w;

	setup(&w, version);
	w.car->exists = w.car->is_permanent = w.car->is_named = true;
	w.adapter->wedged = true;
	open_within(&w, 5 * 60 * 1000);
	pass_until(&w, 'U', 5 * 60 * 1000);
	cr_assert_eq(w.bluez.n_power, 2);
	teardown(&w);
}

TEST_VERSIONS(bluez_ladder, link_that_came_up_begins_at_the_foot)
{
	struct world w;

	setup(&w, version);
	for (unsigned int i = 0; i < 3; i++) {
		w.bluez.connects.how = CONNECT_FAILS;
		w.bluez.connects.n = 3;
		open_up(&w);
		fake_device_drop(&w.bluez, w.car);
		pass_until(&w, 'D', 1000);
	}
	cr_assert_eq(w.bluez.n_remove, 0);
	cr_assert_eq(w.bluez.n_power, 0);
	teardown(&w);
}

/* What was heard before the adapter was off says nothing of now. */
TEST_VERSIONS(bluez_ladder, car_is_to_be_heard_anew_after_a_power_cycle)
{
	unsigned int n_connect;
	struct world w;

	setup(&w, version);
	w.bluez.connects.how = CONNECT_FAILS;
	w.bluez.connects.n = 100000;
	open_within(&w, 120 * 1000);
	pass_until_true(&w, w.bluez.n_power > 0, 120 * 1000);
	cr_assert(w.car->is_permanent);
	n_connect = w.bluez.n_connect;
	w.car->on_air = false;
	pass_until(&w, 'D', 120 * 1000);
	cr_assert_eq(w.bluez.n_connect, n_connect);
	teardown(&w);
}

/* Of an earlier program; that it is known does not say that it is here. */
TEST_VERSIONS(bluez_ladder, device_is_not_connected_for_want_of_a_scan)
{
	struct world w;

	setup(&w, version);
	fake_device_leave_connected(&w.bluez, w.car);
	w.adapter->wedged = true;
	open_within(&w, 120 * 1000);
	pass_until_true(&w, w.bluez.n_power > 0, 120 * 1000);
	cr_assert_eq(w.bluez.n_connect, 0, "after %s", w.bluez.calls);
	w.may_wait = true;
	teardown(&w);
}

/* BlueZ says Busy until "off" is done, so "on" is asked for again. */
TEST_VERSIONS(bluez_ladder, adapter_that_takes_long_is_on_in_the_end)
{
	struct world w;

	setup(&w, version);
	w.bluez.connects.how = CONNECT_FAILS;
	w.bluez.connects.n = 100000;
	w.bluez.power_ms = 6000;
	open_in_vain(&w, 120 * 1000);
	pass(&w, 20 * 1000);
	cr_assert_geq(w.bluez.n_power, 2);
	cr_assert(w.adapter->powered);
	teardown(&w);
}

TEST_VERSIONS(bluez_ladder, car_out_of_reach_costs_no_power_cycle)
{
	struct world w;

	setup(&w, version);
	w.car->on_air = false;
	for (unsigned int i = 0; i < 20; i++)
		open_in_vain(&w, 30 * 1000);
	cr_assert_eq(w.bluez.n_power, 0);
	cr_assert_eq(w.bluez.n_remove, 0);
	teardown(&w);
}

/* bluez B.3 12: the controller hangs. */
TEST_VERSIONS(bluez_ladder, adapter_that_cannot_be_switched_is_told)
{
	struct world w;

	setup(&w, version);
	w.bluez.connects.how = CONNECT_FAILS;
	w.bluez.connects.n = 100000;
	w.bluez.power_fails = true;
	open_in_vain(&w, 120 * 1000);
	cr_assert_geq(w.bluez.n_power, 1);
	cr_assert(w.adapter->powered);
	teardown(&w);
}

/* Closed in the middle of it, the adapter is on in the end. */
TEST_VERSIONS(bluez_ladder, adapter_is_left_on_whenever_we_close)
{
	for (uint64_t ms = 0; ms < 1500; ms += 50) {
		struct world w;

		setup(&w, version);
		w.bluez.connects.how = CONNECT_FAILS;
		w.bluez.connects.n = 100000;
		open_within(&w, 120 * 1000);
		pass_until_true(&w, w.bluez.n_power > 0, 120 * 1000);
		pass(&w, ms);
		link_close(w.link);
		pass(&w, 10 * 1000);
		cr_assert(w.adapter->powered, "closed after %u ms",
			(unsigned int)ms);
		expect_rest(&w);
		w.bluez.connects.n = 0;
		expect_usable(&w);
	}
}

/* As when the daemon is stopped: nobody is there to switch it on later. */
TEST_VERSIONS(bluez_ladder, adapter_is_left_on_whenever_we_end)
{
	for (uint64_t ms = 0; ms < 1500; ms += 50) {
		uint64_t begin_ms;
		struct world w;

		setup(&w, version);
		w.bluez.connects.how = CONNECT_FAILS;
		w.bluez.connects.n = 100000;
		open_within(&w, 120 * 1000);
		pass_until_true(&w, w.bluez.n_power > 0, 120 * 1000);
		pass(&w, ms);
		begin_ms = fake_clock_now();
		w.may_wait = true;
		w.link = link_free(w.link);
		w.may_wait = false;
		cr_assert_leq(fake_clock_now(), begin_ms + 1000);
		pass(&w, 10 * 1000);
		cr_assert(w.adapter->powered, "ended after %u ms",
			(unsigned int)ms);
		expect_rest(&w);
		teardown(&w);
	}
}

TEST_VERSIONS(bluez_ladder, end_waits_for_power_but_not_for_ever)
{
	for (uint64_t ms = 0; ms < 1500; ms += 50) {
		uint64_t begin_ms;
		struct world w;

		setup(&w, version);
		w.bluez.connects.how = CONNECT_FAILS;
		w.bluez.connects.n = 100000;
		open_within(&w, 120 * 1000);
		pass_until_true(&w, w.bluez.n_power > 0, 120 * 1000);
		w.bluez.is_hung = ms % 100 == 0;
		w.bluez.power_ms = 60 * 1000;
		pass(&w, ms);
		begin_ms = fake_clock_now();
		w.may_wait = true;
		w.link = link_free(w.link);
		w.may_wait = false;
		cr_assert_leq(fake_clock_now(), begin_ms + 8000);
		cr_assert_eq(fake_clock_n_armed(), 0);
		teardown(&w);
	}
}

TEST_VERSIONS(bluez_ladder, adapter_is_left_on_whenever_the_time_is_over)
{
	uint64_t begin_ms, power_ms;
	struct world w;

	setup(&w, version);
	w.bluez.connects.how = CONNECT_FAILS;
	w.bluez.connects.n = 100000;
	open_within(&w, 120 * 1000);
	begin_ms = fake_clock_now();
	pass_until_true(&w, w.bluez.n_power > 0, 120 * 1000);
	power_ms = fake_clock_now() - begin_ms;
	w.may_wait = true;
	teardown(&w);

	for (uint64_t ms = 0; ms < 1500; ms += 50) {
		setup(&w, version);
		w.bluez.connects.how = CONNECT_FAILS;
		w.bluez.connects.n = 100000;
		open_in_vain(&w, power_ms + ms);
		cr_assert(w.adapter->powered, "over after %u ms",
			(unsigned int)ms);
		teardown(&w);
	}
}

/* bluez B.3 3: it hears nothing more, and does not end. */
TEST_VERSIONS(bluez_ladder, discovery_that_wedges_while_it_runs_is_cured)
{
	struct world w;

	setup(&w, version);
	open_within(&w, 2 * 60 * 1000);
	pass_until_true(&w, w.adapter->discovering, 5000);
	w.adapter->wedged = true;
	pass_until(&w, 'U', 2 * 60 * 1000);
	cr_assert_eq(w.bluez.n_power, 2);
	teardown(&w);
}

/* The kernel does not connect while discovery does not end. */
TEST_VERSIONS(bluez_ladder, discovery_that_wedges_as_it_is_stopped_is_cured)
{
	struct world w;

	setup(&w, version);
	open_within(&w, 5 * 60 * 1000);
	pass_until_true(&w, w.n_heard > 0, 5000);
	w.adapter->wedged = true;
	pass_until(&w, 'U', 5 * 60 * 1000);
	cr_assert_leq(w.bluez.n_power, 2);
	teardown(&w);
}
