/* SPDX-License-Identifier: MIT */

/* What a program that crashed has left behind: bluez B.3 4. */

#include "bluez-world.h"

static int release(struct world *w, unsigned int *ret_n)
{
	int r;

	w->may_wait = w->bluez.may_look_once = true;
	r = link_bluez_release(&w->config, ret_n);
	w->may_wait = w->bluez.may_look_once = false;
	settle(w);
	cr_assert_eq(fake_bluez_n_clients(&w->bluez), 0, "a bus is left");
	return r;
}

/* The process is gone, and what it said before was all. */
static void crash(struct world *w)
{
	fake_bluez_lose_bus(&w->bluez);
	w->bluez.bus_is_gone = false;
	pass_until(w, 'D', 1000);
	pass(w, 5000);
	w->link = link_free(w->link);
	settle(w);
}

TEST_VERSIONS(bluez_release, link_that_is_held_is_ended)
{
	unsigned int n = 0;
	struct world w;

	setup(&w, version);
	w.car->gap_name = "Model 3";
	open_up(&w);
	pass(&w, 1000);
	crash(&w);
	cr_assert(w.car->connected);
	cr_assert_eq(release(&w, &n), 0);
	cr_assert_eq(n, 1);
	expect_rest(&w);
	open_up(&w);
	teardown(&w);
}

TEST_VERSIONS(bluez_release, attempt_that_is_pending_is_ended)
{
	unsigned int n = 7;
	struct world w;

	setup(&w, version);
	fake_device_hog(&w.bluez, w.car, 10 * 60 * 1000);
	cr_assert_eq(release(&w, &n), 0);
	expect_rest(&w);
	cr_assert_eq(w.bluez.n_disconnect, 1);
	cr_assert_eq(n, 0, "that was no link");
	teardown(&w);
}

TEST_VERSIONS(bluez_release, links_of_others_are_left_alone)
{
	static const char *const wanted[] = { "hci0", "b8:27:eb:12:34:56" };

	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++) {
		struct fake_device *d;
		unsigned int n = 7;
		struct world w;

		setup(&w, version);
		w.config.adapter = wanted[i];
		w.bluez.adapters[1] = (struct fake_adapter){
			.present = true,
			.index = 1,
			.powered = true,
			.address = "00:1A:7D:DA:71:11",
		};
		d = &w.bluez.devices[1];
		*d = *w.car;
		d->address = "5C:F3:70:00:00:02";
		d->name = "headphones";
		fake_device_leave_connected(&w.bluez, d);
		/* Of another bridge, which has the other adapter. */
		d = &w.bluez.devices[2];
		*d = *w.car;
		d->adapter = 1;
		fake_device_leave_connected(&w.bluez, d);
		cr_assert_eq(release(&w, &n), 0);
		cr_assert_eq(n, 0);
		cr_assert_eq(w.bluez.n_disconnect, 0);
		cr_assert(w.bluez.devices[1].connected);
		cr_assert(w.bluez.devices[2].connected);
		teardown(&w);
	}
}

TEST_VERSIONS(bluez_release, bluetoothd_is_not_started_for_it)
{
	unsigned int n = 7;
	struct world w;

	setup(&w, version);
	w.bluez.is_running = false;
	w.bluez.is_activatable = true;
	cr_assert_eq(release(&w, &n), 0);
	cr_assert_eq(n, 0);
	cr_assert_not(w.bluez.is_running);
	teardown(&w);
}

TEST_VERSIONS(bluez_release, what_is_not_there_is_told)
{
	unsigned int n = 7;
	struct world w;

	setup(&w, version);
	w.bluez.bus_is_gone = true;
	cr_assert_eq(release(&w, &n), -ENOENT);
	w.bluez.bus_is_gone = false;
	w.config.name = "S";
	cr_assert_eq(release(&w, &n), -EINVAL);
	cr_assert_eq(n, 7);
	teardown(&w);
}

TEST_VERSIONS(bluez_release, bluetoothd_that_hangs_is_not_waited_for_long)
{
	uint64_t begin_ms;
	unsigned int n = 7;
	struct world w;

	setup(&w, version);
	w.bluez.is_hung = true;
	begin_ms = fake_clock_now();
	cr_assert_lt(release(&w, &n), 0);
	cr_assert_leq(fake_clock_now(), begin_ms + 5000);
	cr_assert_eq(n, 7);
	teardown(&w);
}
