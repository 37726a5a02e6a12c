/* SPDX-License-Identifier: MIT */

/* From the car that is heard to the link that is up. */

#include "bluez-world.h"

/* What is told is that @how comes first, @n times, and then all is well. */
static void comes_up_after_connects(
	enum fake_version version, enum fake_connect how, unsigned int n)
{
	struct world w;

	setup(&w, version);
	w.bluez.connects.how = how;
	w.bluez.connects.n = n;
	open_up(&w);
	cr_assert_str_eq(w.told, "HU");
	cr_assert(w.car->connected);
	teardown(&w);
}

/* bluez B.3 1 */
TEST_VERSIONS(bluez_connect, abort_by_local_says_nothing_and_is_tried_again)
{
	comes_up_after_connects(version, CONNECT_FAILS, 1);
	comes_up_after_connects(version, CONNECT_FAILS, 2);
	comes_up_after_connects(version, CONNECT_FAILS, 3);
	comes_up_after_connects(version, CONNECT_FLAPS, 1);
	comes_up_after_connects(version, CONNECT_FLAPS, 2);
}

/* bluez B.3 1 */
TEST_VERSIONS(bluez_connect, failed_may_be_said_of_a_device_that_is_connected)
{
	struct world w;

	setup(&w, version);
	w.bluez.connects.how = CONNECT_SAYS_FAILED;
	w.bluez.connects.n = 1;
	open_up(&w);
	cr_assert_eq(w.bluez.n_connect, 1, "what is there is used");
	cr_assert_eq(w.bluez.n_disconnect, 0);
	teardown(&w);
}

/* bluez B.3 2 */
TEST_VERSIONS(bluez_connect, success_may_be_said_of_a_device_that_is_not)
{
	comes_up_after_connects(version, CONNECT_SAYS_SUCCESS, 1);
	comes_up_after_connects(version, CONNECT_SAYS_SUCCESS, 2);
}

TEST_VERSIONS(bluez_connect, link_comes_up_though_the_reply_is_lost)
{
	comes_up_after_connects(version, CONNECT_LOSES_REPLY, 1);
}

/* device_add_connection(): the socket was faster than the kernel's event. */
TEST_VERSIONS(bluez_connect, link_comes_up_though_no_signal_says_connected)
{
	struct world w;

	setup(&w, version);
	w.bluez.connects.how = CONNECT_LOSES_SIGNAL;
	w.bluez.connects.n = 1;
	open_up(&w);
	cr_assert_eq(w.bluez.n_connect, 1, "what is there is used");
	fake_device_drop(&w.bluez, w.car);
	pass_until(&w, 'D', 1000);
	cr_assert_eq(w.reason, LINK_CLOSED_BY_CAR);
	teardown(&w);
}

/* bluez B.3 5: sd-bus waits 25 s, the kernel 40. */
TEST_VERSIONS(bluez_connect, connect_that_hangs_is_cancelled_by_disconnect)
{
	uint64_t begin_ms;
	struct world w;

	setup(&w, version);
	w.bluez.connects.how = CONNECT_HANGS;
	w.bluez.connects.n = 1;
	open_within(&w, OPEN_MS);
	pass_until_true(&w, w.bluez.n_connect == 1, 5000);
	begin_ms = fake_clock_now();
	pass_until_true(&w, w.bluez.n_disconnect == 1, 20 * 1000);
	cr_assert_geq(fake_clock_now() - begin_ms, 4000, "no patience");
	cr_assert_leq(fake_clock_now() - begin_ms, 12 * 1000);
	pass_until(&w, 'U', 20 * 1000);
	teardown(&w);
}

/* bluez B.3 7; 5.66's timer runs on while connecting: bluez B.2. */
TEST_VERSIONS(bluez_connect, object_may_vanish_while_connecting)
{
	comes_up_after_connects(version, CONNECT_LOSES_OBJECT, 1);
	comes_up_after_connects(version, CONNECT_LOSES_OBJECT, 2);
}

/* bluez B.3 4, InProgress or EALREADY by version: bluez B.2. */
TEST_VERSIONS(bluez_connect, connect_left_pending_by_a_crash_is_cancelled)
{
	struct world w;

	setup(&w, version);
	fake_device_hog(&w.bluez, w.car, 10 * 60 * 1000);
	open_within(&w, OPEN_MS);
	pass_until(&w, 'U', 30 * 1000);
	cr_assert_geq(w.bluez.n_disconnect, 1);
	teardown(&w);
}

/* bluez B.3 4: such a car does not advertise, as it is connected. */
TEST_VERSIONS(bluez_connect, link_left_over_from_a_crash_is_no_hindrance)
{
	struct world w;

	setup(&w, version);
	fake_device_leave_connected(&w.bluez, w.car);
	open_within(&w, OPEN_MS);
	pass_until(&w, 'U', 30 * 1000);
	cr_assert(w.car->connected);
	cr_assert(w.car->subscribed);
	teardown(&w);
}

/* bluez B.3 6: it is gone as discovery ends, if it was not connectable. */
TEST_VERSIONS(bluez_connect, full_car_vanishes_as_discovery_stops)
{
	struct world w;

	setup(&w, version);
	w.car->full = true;
	open_fails(&w, 30 * 1000, LINK_FULL);
	cr_assert_gt(w.n_heard, 0);
	cr_assert_eq(w.bluez.n_power, 0, "no fault of the adapter");
	pass(&w, 10 * 1000);
	expect_rest(&w);
	teardown(&w);
}

/* bluez B.3 6: seen with RSSI, and Connect keeps timing out. */
TEST_VERSIONS(bluez_connect, full_car_lets_connects_time_out)
{
	struct world w;

	setup(&w, version);
	w.car->full = true;
	w.car->exists = w.car->is_permanent = w.car->is_named = true;
	open_fails(&w, 30 * 1000, LINK_FULL);
	pass(&w, 10 * 1000);
	expect_rest(&w);
	teardown(&w);
}

/* One that times out may be the radio; so may two that are not in a row. */
TEST_VERSIONS(bluez_connect, car_is_full_only_by_two_timeouts_in_a_row)
{
	struct world w;

	setup(&w, version);
	w.bluez.connects.how = CONNECT_HANGS;
	w.bluez.connects.n = 1000;
	open_fails(&w, 20 * 1000, LINK_TIMEOUT);
	pass(&w, 10 * 1000);
	teardown(&w);

	setup(&w, version);
	w.bluez.connects.how = CONNECT_HANGS;
	w.bluez.connects.n = 1000;
	open_within(&w, 37 * 1000);
	pass_until_true(&w, w.bluez.n_connect == 2, 20 * 1000);
	w.bluez.connects.how = CONNECT_FAILS;
	pass_until_true(&w, w.bluez.n_connect == 3, 20 * 1000);
	w.bluez.connects.how = CONNECT_HANGS;
	pass_until(&w, 'D', 37 * 1000);
	cr_assert_geq(w.bluez.n_connect, 4);
	cr_assert_eq(w.reason, LINK_TIMEOUT);
	pass(&w, 10 * 1000);
	teardown(&w);
}

TEST_VERSIONS(bluez_connect, alias_that_a_person_has_set_stays)
{
	struct world w;

	/* The fake finds fault with another. */
	setup(&w, version);
	w.car->alias = "My car";
	open_up(&w);
	cr_assert_str_eq(w.car->alias, "My car");
	teardown(&w);
}

TEST_VERSIONS(bluez_connect, car_that_has_room_again_is_connected)
{
	struct world w;

	setup(&w, version);
	w.car->full = true;
	open_within(&w, OPEN_MS);
	pass(&w, 5000);
	w.car->full = false;
	pass_until(&w, 'U', OPEN_MS);
	teardown(&w);
}

static void comes_up_after_services(
	enum fake_version version, enum fake_services how, unsigned int n)
{
	struct world w;

	setup(&w, version);
	w.bluez.services.how = how;
	w.bluez.services.n = n;
	open_up(&w);
	cr_assert_str_eq(w.told, "HU");
	teardown(&w);
}

/* bluez B.1 5 */
TEST_VERSIONS(bluez_connect, services_resolve_long_after_connect_has_returned)
{
	struct world w;

	setup(&w, version);
	w.bluez.services_ms = 5000;
	open_up(&w);
	cr_assert_eq(w.bluez.n_connect, 1);
	teardown(&w);
}

TEST_VERSIONS(bluez_connect, services_that_never_resolve_are_tried_again)
{
	comes_up_after_services(version, SERVICES_HANG, 1);
	comes_up_after_services(version, SERVICES_HANG, 2);
}

/* bluez B.3 2: device_svc_resolved(-EIO) says true as well. */
TEST_VERSIONS(bluez_connect, resolved_may_be_said_where_nothing_was_found)
{
	comes_up_after_services(version, SERVICES_FAIL, 1);
	comes_up_after_services(version, SERVICES_FAIL, 2);
}

/* gdbus flushes in the order of its list, a device before its services. */
TEST_VERSIONS(bluez_connect, characteristics_may_come_after_resolved)
{
	struct world w;

	setup(&w, version);
	w.bluez.services.how = SERVICES_LATE;
	w.bluez.services.n = 1;
	open_up(&w);
	cr_assert_eq(w.bluez.n_connect, 1, "what is there is used");
	cr_assert_eq(w.bluez.n_remove, 0);
	teardown(&w);
}

TEST_VERSIONS(bluez_connect, link_may_go_while_services_resolve)
{
	comes_up_after_services(version, SERVICES_DROP, 1);
	comes_up_after_services(version, SERVICES_DROP, 2);
}

TEST_VERSIONS(bluez_connect, what_has_the_name_only_is_no_car)
{
	struct world w;

	setup(&w, version);
	w.bluez.services.how = SERVICES_OF_OTHER;
	w.bluez.services.n = 1000;
	open_fails(&w, OPEN_MS, LINK_NO_SERVICE);
	cr_assert_eq(w.bluez.n_power, 0, "no fault of the adapter");
	pass(&w, 10 * 1000);
	expect_rest(&w);
	teardown(&w);
}

static void comes_up_after_notifies(
	enum fake_version version, enum fake_notify how, unsigned int n)
{
	struct world w;

	setup(&w, version);
	w.bluez.notifies.how = how;
	w.bluez.notifies.n = n;
	open_up(&w);
	cr_assert_str_eq(w.told, "HU");
	cr_assert(w.car->subscribed);
	teardown(&w);
}

TEST_VERSIONS(bluez_connect, subscription_that_fails_is_tried_again)
{
	comes_up_after_notifies(version, NOTIFY_FAILS, 1);
	comes_up_after_notifies(version, NOTIFY_FAILS, 2);
	comes_up_after_notifies(version, NOTIFY_DROPS, 1);
}

TEST_VERSIONS(bluez_connect, subscription_that_hangs_is_tried_again)
{
	comes_up_after_notifies(version, NOTIFY_HANGS, 1);
}

/* bluez B.1, StartNotify: the reply does not prove that the CCC is written. */
TEST_VERSIONS(bluez_connect, armed_subscription_is_none)
{
	struct world w;

	setup(&w, version);
	w.bluez.notifies.how = NOTIFY_ARMED;
	w.bluez.notifies.n = 1;
	open_within(&w, OPEN_MS);
	while (strchr(w.told, 'U') == NULL) {
		cr_assert(strchr(w.told, 'D') == NULL, "%s", w.bluez.calls);
		step(&w, UINT64_MAX);
	}
	cr_assert(w.car->subscribed, "up, but deaf");
	teardown(&w);
}

/* Notifying may be true for another program's sake. */
TEST_VERSIONS(bluez_connect, subscription_of_another_program_is_not_ours)
{
	struct world w;

	setup(&w, version);
	w.bluez.has_other_listener = true;
	w.bluez.notifies.how = NOTIFY_FAILS;
	w.bluez.notifies.n = 1;
	open_up(&w);
	cr_assert_eq(w.bluez.n_notify, 2);
	cr_assert(w.car->subscribed);
	teardown(&w);
}

/* bluez B.3 8 */
TEST_VERSIONS(bluez_connect, handles_of_an_old_cache_go_with_the_device)
{
	struct world w;

	setup(&w, version);
	w.car->exists = w.car->is_permanent = w.car->is_named = true;
	w.car->has_gatt = w.car->is_stale = true;
	w.bluez.notifies.how = NOTIFY_STALE;
	w.bluez.notifies.n = 1000;
	open_up(&w);
	cr_assert_eq(w.bluez.n_remove, 1);
	cr_assert_not(w.car->is_stale);
	teardown(&w);
}

/* bluez B.3 8: then calls say "Not connected". */
TEST_VERSIONS(bluez_connect, cached_objects_are_no_connection)
{
	struct world w;

	setup(&w, version);
	w.car->exists = w.car->is_permanent = w.car->is_named = true;
	w.car->has_gatt = true;
	w.bluez.services_ms = 3000;
	open_within(&w, OPEN_MS);
	pass_until_true(&w, w.car->connected, 5000);
	pass(&w, 2500);
	cr_assert_eq(w.bluez.n_notify, 0, "before services are resolved");
	pass_until(&w, 'U', 5000);
	teardown(&w);
}

TEST_VERSIONS(bluez_connect, attempts_have_pauses_between_them)
{
	uint64_t at_ms[3];
	struct world w;

	setup(&w, version);
	w.bluez.connects.how = CONNECT_FAILS;
	w.bluez.connects.n = 1000;
	open_within(&w, OPEN_MS);
	for (unsigned int i = 0; i < ARRAY_SIZE(at_ms); i++) {
		pass_until_true(&w, w.bluez.n_connect == i + 1, 20 * 1000);
		at_ms[i] = fake_clock_now();
	}
	cr_assert_geq(at_ms[1] - at_ms[0], w.bluez.connect_ms + 300);
	cr_assert_geq(at_ms[2] - at_ms[1], w.bluez.connect_ms + 1000);
	teardown(&w);
}

/* Within its timeout it ends, whatever happens: link.h. */
TEST_VERSIONS(bluez_connect, attempt_ends_within_its_time)
{
	static const uint64_t times_ms[] = { 1, 100, 1000, 5000, 12000, 30000,
		120000 };
	static const enum fake_connect hows[] = { CONNECT_FAILS,
		CONNECT_SAYS_SUCCESS, CONNECT_FLAPS, CONNECT_HANGS,
		CONNECT_LOSES_OBJECT };

	for (size_t i = 0; i < ARRAY_SIZE(times_ms); i++)
		for (size_t j = 0; j < ARRAY_SIZE(hows); j++) {
			struct world w;

			setup(&w, version);
			w.bluez.connects.how = hows[j];
			w.bluez.connects.n = 100000;
			open_within(&w, times_ms[i]);
			pass_until(&w, 'D', times_ms[i] + 1);
			cr_assert_neq(w.reason, LINK_CLOSED_BY_US);
			cr_assert_neq(w.reason, LINK_CLOSED_BY_CAR);
			cr_assert_not(w.issued);
			pass(&w, 10 * 1000);
			expect_rest(&w);
			teardown(&w);
		}
}

TEST_VERSIONS(bluez_connect, reason_is_what_failed_last)
{
	struct world w;

	setup(&w, version);
	w.bluez.connects.how = CONNECT_FAILS;
	w.bluez.connects.n = 1000;
	open_within(&w, 30 * 1000);
	pass_until(&w, 'D', 30 * 1000 + 1);
	/* Heard, and it does not connect: full, or the radio. */
	cr_assert(w.reason == LINK_TIMEOUT || w.reason == LINK_FULL ||
		  w.reason == LINK_IO_ERROR);
	teardown(&w);

	setup(&w, version);
	w.bluez.services.how = SERVICES_HANG;
	w.bluez.services.n = 1000;
	open_within(&w, 30 * 1000);
	pass_until(&w, 'D', 30 * 1000 + 1);
	cr_assert_eq(w.reason, LINK_TIMEOUT, "it is not full: it connects");
	teardown(&w);
}

/* The object is of a random address: it stays temporary in 5.66. */
TEST(bluez_connect, car_of_a_random_address_is_connected)
{
	struct world w;

	setup(&w, BLUEZ_5_66);
	w.car->is_random = true;
	open_up(&w);
	teardown(&w);
}

TEST_VERSIONS(bluez_connect, mtu_is_told)
{
	static const unsigned int mtus[] = { 23, 115, 517, 0 };

	for (size_t i = 0; i < ARRAY_SIZE(mtus); i++) {
		struct world w;

		setup(&w, version);
		w.bluez.mtu = mtus[i];
		open_up(&w);
		cr_assert_eq(w.mtu, mtus[i] == 0 ? 23 : mtus[i]);
		teardown(&w);
	}
}

/* D-Bus is outside: no ATT link has less. */
TEST_VERSIONS(bluez_connect, mtu_below_the_least_is_the_least)
{
	static const unsigned int mtus[] = { 1, 2, 3, 4, 22 };

	for (size_t i = 0; i < ARRAY_SIZE(mtus); i++) {
		struct world w;

		setup(&w, version);
		w.bluez.mtu = 23;
		w.bluez.told_mtu = mtus[i];
		open_up(&w);
		cr_assert_eq(w.mtu, 23);
		cr_assert_eq(
			link_send(w.link,
				(const uint8_t *)"0123456789abcdefghijk", 21),
			0);
		pass_until(&w, 'S', 1000);
		cr_assert_eq(w.bluez.longest_block, 20);
		teardown(&w);
	}
}

/* profiles/gap/gas.c: on a link, its name is that of the GAP service. */
TEST_VERSIONS(bluez_connect, link_left_over_is_known_under_its_gap_name)
{
	struct world w;

	setup(&w, version);
	w.car->gap_name = "\xf0\x9f\x94\x91 Model 3";
	open_up(&w);
	pass(&w, 1000);
	/* A crash: nothing is said, and the process is there anew. */
	for (size_t i = 0; i < FAKE_CLIENTS; i++)
		if (w.bluez.clients[i].bus != NULL)
			sd_bus_close(w.bluez.clients[i].bus);
	pass_until(&w, 'D', 1000);
	pass(&w, 5000);
	cr_assert(w.car->connected);
	w.link = link_free(w.link);
	open_within(&w, OPEN_MS);
	pass_until(&w, 'U', 30 * 1000);
	teardown(&w);
}

TEST_VERSIONS(bluez_connect, gap_name_of_the_last_link_is_no_hindrance)
{
	struct world w;

	setup(&w, version);
	w.car->gap_name = "\xf0\x9f\x94\x91 Model 3";
	for (unsigned int i = 0; i < 3; i++) {
		open_up(&w);
		pass(&w, 1000);
		link_close(w.link);
		pass(&w, 5000);
		expect_rest(&w);
	}
	teardown(&w);
}

/* vehicle-protocol 1.1: it may be private, and change every 15 minutes. */
TEST_VERSIONS(bluez_connect, address_the_car_had_before_is_no_hindrance)
{
	struct fake_device *old;
	struct world w;

	setup(&w, version);
	old = &w.bluez.devices[1];
	*old = *w.car;
	old->address = "5C:F3:70:00:00:99";
	old->exists = old->is_permanent = old->is_named = true;
	old->on_air = false;
	open_within(&w, OPEN_MS);
	pass_until(&w, 'U', 5000);
	cr_assert(w.car->connected);
	teardown(&w);
}

/* Heard under the old address, and then no more. */
TEST_VERSIONS(bluez_connect, address_that_changes_while_connecting_is_followed)
{
	struct fake_device *now;
	struct world w;

	setup(&w, version);
	now = &w.bluez.devices[1];
	*now = *w.car;
	now->address = "5C:F3:70:00:00:99";
	now->on_air = false;
	open_within(&w, 2 * OPEN_MS);
	pass_until_true(&w, w.car->connecting, 5000);
	w.car->on_air = false;
	now->on_air = true;
	pass_until(&w, 'U', 2 * OPEN_MS);
	cr_assert(now->connected);
	teardown(&w);
}
