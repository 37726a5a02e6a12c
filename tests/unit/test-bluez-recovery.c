/* SPDX-License-Identifier: MIT */

/* What goes away under a link, the ladder, and every way to end. */

#include "bluez-world.h"

#include "faults.h"

/* How far a link has come when something happens to it. */
enum stage {
	STARTING,
	SCANNING,
	STOPPING,
	CONNECTING,
	RESOLVING,
	SUBSCRIBING,
	UP,
	SENDING,
	DRAINING,
	_STAGE_N,
};

static void go_to(struct world *w, enum stage stage)
{
	static const uint8_t frame[300];

	open_within(w, OPEN_MS);
	switch (stage) {
	case STARTING:
		return;
	case SCANNING:
		pass_until_true(w, w->adapter->discovering, 5000);
		return;
	case STOPPING:
		pass_until_true(w, w->bluez.n_stop > 0, 5000);
		return;
	case CONNECTING:
		pass_until_true(w, w->car->connecting, 5000);
		return;
	case RESOLVING:
		pass_until_true(w, w->car->connected, 5000);
		return;
	case SUBSCRIBING:
		pass_until_true(w, w->bluez.n_notify > 0, 5000);
		return;
	case UP:
	case SENDING:
	case DRAINING:
		pass_until(w, 'U', 5000);
		break;
	case _STAGE_N:
		cr_assert_fail();
	}
	if (stage == SENDING)
		cr_assert_eq(link_send(w->link, frame, sizeof(frame)), 0);
	if (stage == DRAINING)
		link_close(w->link);
	pass(w, 70);
}

/*
 * It has come up all the same, or it is down and told so; never both.
 */
static void expect_up_or_down(
	struct world *w, enum stage stage, enum link_reason reason)
{
	if (stage == DRAINING) {
		pass(w, 10 * 1000);
		cr_assert_str_eq(w->told, "HU", "an event after the close");
		expect_rest(w);
		return;
	}
	while (strchr(w->told, 'D') == NULL &&
		(strchr(w->told, 'U') == NULL || stage >= UP))
		step(w, UINT64_MAX);
	if (strchr(w->told, 'D') == NULL)
		return;
	cr_assert_eq(w->reason, reason, "down as %s at stage %d, after %s",
		link_reason_name(w->reason), (int)stage, w->bluez.calls);
	pass(w, 10 * 1000);
	expect_rest(w);
}

/* bluez B.3 10; the name's owner changes: bluez B.1 0. */
TEST_VERSIONS(bluez_recovery, bluetoothd_may_end_and_come_back_at_any_time)
{
	for (int stage = STARTING; stage < _STAGE_N; stage++) {
		struct world w;

		setup(&w, version);
		go_to(&w, (enum stage)stage);
		fake_bluez_stop(&w.bluez);
		pass(&w, 700);
		fake_bluez_start(&w.bluez);
		expect_up_or_down(&w, (enum stage)stage, LINK_NO_BLUETOOTH);
		expect_usable(&w);
	}
}

TEST_VERSIONS(bluez_recovery, bluetoothd_may_end_for_good_at_any_time)
{
	for (int stage = STARTING; stage < _STAGE_N; stage++) {
		struct world w;

		setup(&w, version);
		go_to(&w, (enum stage)stage);
		fake_bluez_stop(&w.bluez);
		expect_up_or_down(&w, (enum stage)stage, LINK_NO_BLUETOOTH);
		fake_bluez_start(&w.bluez);
		expect_usable(&w);
	}
}

/* Signals of its start may be too fast to see that it was gone. */
TEST_VERSIONS(bluez_recovery, bluetoothd_may_come_back_at_once)
{
	for (int stage = STARTING; stage < _STAGE_N; stage++) {
		struct world w;

		setup(&w, version);
		go_to(&w, (enum stage)stage);
		fake_bluez_stop(&w.bluez);
		fake_bluez_start(&w.bluez);
		expect_up_or_down(&w, (enum stage)stage, LINK_NO_BLUETOOTH);
		expect_usable(&w);
	}
}

TEST_VERSIONS(bluez_recovery, bluetoothd_may_hang_at_any_time)
{
	for (int stage = STARTING; stage < _STAGE_N; stage++) {
		struct world w;

		setup(&w, version);
		go_to(&w, (enum stage)stage);
		w.bluez.is_hung = true;
		pass(&w, OPEN_MS);
		/* An idle link does not notice. */
		if (stage != UP && stage != DRAINING)
			cr_assert(strchr(w.told, 'D') != NULL ||
				  strchr(w.told, 'U') != NULL);
		link_close(w.link);
		pass(&w, 10 * 1000);
		cr_assert_eq(fake_bluez_n_clients(&w.bluez), 0);
		cr_assert_eq(fake_clock_n_armed(), 0);
		w.bluez.is_hung = false;
		fake_bluez_stop(&w.bluez);
		fake_bluez_start(&w.bluez);
		expect_usable(&w);
	}
}

TEST_VERSIONS(bluez_recovery, bus_may_go_at_any_time)
{
	for (int stage = STARTING; stage < _STAGE_N; stage++) {
		struct world w;

		setup(&w, version);
		go_to(&w, (enum stage)stage);
		fake_bluez_lose_bus(&w.bluez);
		/* Nothing on the bus outlives it. */
		fake_bluez_stop(&w.bluez);
		expect_up_or_down(&w, (enum stage)stage, LINK_NO_BLUETOOTH);
		cr_assert(stage == DRAINING || strchr(w.told, 'D') != NULL);
		w.bluez.bus_is_gone = false;
		fake_bluez_start(&w.bluez);
		expect_usable(&w);
	}
}

TEST_VERSIONS(bluez_recovery, adapter_may_go_and_come_back_as_another_index)
{
	for (int stage = STARTING; stage < _STAGE_N; stage++) {
		struct world w;

		setup(&w, version);
		w.config.adapter = "B8:27:EB:12:34:56";
		go_to(&w, (enum stage)stage);
		fake_adapter_remove(&w.bluez, w.adapter);
		pass(&w, 300);
		w.adapter->index = 1;
		fake_adapter_add(&w.bluez, w.adapter);
		if (stage == DRAINING)
			cr_assert_str_eq(w.told, "HU");
		else if (stage >= UP)
			pass_until(&w, 'D', OPEN_MS);
		expect_usable(&w);
	}
}

TEST_VERSIONS(bluez_recovery, adapter_may_go_for_good_at_any_time)
{
	for (int stage = STARTING; stage < _STAGE_N; stage++) {
		struct world w;

		setup(&w, version);
		go_to(&w, (enum stage)stage);
		fake_adapter_remove(&w.bluez, w.adapter);
		pass(&w, OPEN_MS);
		if (stage == DRAINING) {
			cr_assert_str_eq(w.told, "HU");
		} else {
			cr_assert_not_null(strchr(w.told, 'D'));
			cr_assert(
				w.reason == LINK_NO_ADAPTER ||
					(stage >= UP &&
						w.reason == LINK_CLOSED_BY_CAR),
				"%s at stage %d", link_reason_name(w.reason),
				stage);
		}
		pass(&w, 10 * 1000);
		expect_rest(&w);
		teardown(&w);
	}
}

TEST_VERSIONS(bluez_recovery, adapter_may_be_switched_off_at_any_time)
{
	for (int stage = STARTING; stage < _STAGE_N; stage++) {
		struct world w;

		setup(&w, version);
		go_to(&w, (enum stage)stage);
		fake_adapter_set_powered(&w.bluez, w.adapter, false);
		pass(&w, OPEN_MS);
		if (stage == DRAINING) {
			cr_assert_str_eq(w.told, "HU");
		} else {
			cr_assert_not_null(strchr(w.told, 'D'));
			cr_assert(
				w.reason == LINK_ADAPTER_OFF ||
					(stage >= UP &&
						w.reason == LINK_CLOSED_BY_CAR),
				"%s at stage %d", link_reason_name(w.reason),
				stage);
		}
		cr_assert_eq(w.bluez.n_power, 0, "it is not ours to switch on");
		pass(&w, 10 * 1000);
		expect_rest(&w);
		fake_adapter_set_powered(&w.bluez, w.adapter, true);
		expect_usable(&w);
	}
}

TEST_VERSIONS(bluez_recovery, device_object_may_vanish_at_any_time)
{
	for (int stage = STARTING; stage < _STAGE_N; stage++) {
		struct world w;

		setup(&w, version);
		go_to(&w, (enum stage)stage);
		fake_device_remove(&w.bluez, w.car);
		expect_up_or_down(&w, (enum stage)stage, LINK_CLOSED_BY_CAR);
		expect_usable(&w);
	}
}

/* --- Ends -------------------------------------------------------------- */

/* bluez B.4: Draining */
TEST_VERSIONS(bluez_recovery, close_disconnects_and_tells_nothing)
{
	struct world w;

	setup_up(&w, version);
	link_close(w.link);
	cr_assert_str_eq(w.told, "HU");
	link_close(w.link);
	pass(&w, 10 * 1000);
	cr_assert_str_eq(w.told, "HU");
	cr_assert_geq(w.bluez.n_disconnect, 1);
	expect_rest(&w);
	teardown(&w);
}

TEST_VERSIONS(bluez_recovery, closed_link_costs_no_wake_up)
{
	unsigned int n_fired;
	struct world w;

	setup_up(&w, version);
	link_close(w.link);
	pass(&w, 10 * 1000);
	expect_rest(&w);
	n_fired = fake_clock_n_fired();
	fake_adapter_set_others(&w.bluez, w.adapter, true);
	pass(&w, 60 * 60 * 1000);
	cr_assert_eq(fake_clock_n_fired(), n_fired);
	cr_assert_eq(w.bluez.n_open, 1);
	teardown(&w);
}

TEST_VERSIONS(bluez_recovery, idle_link_that_is_up_costs_no_wake_up)
{
	unsigned int n_fired;
	struct world w;

	setup_up(&w, version);
	pass(&w, 1000);
	n_fired = fake_clock_n_fired();
	pass(&w, 60 * 60 * 1000);
	cr_assert_eq(fake_clock_n_fired(), n_fired);
	cr_assert_str_eq(w.told, "HU");
	teardown(&w);
}

/* Any moment, so that no state is left out. */
static void closes_at(enum fake_version version, uint64_t ms, bool is_hard)
{
	struct world w;

	setup(&w, version);
	if (is_hard) {
		w.bluez.connects.how = CONNECT_HANGS;
		w.bluez.connects.n = 1;
		w.bluez.services.how = SERVICES_HANG;
		w.bluez.services.n = 1;
	}
	open_within(&w, OPEN_MS);
	pass(&w, ms);
	w.told[0] = '\0';
	link_close(w.link);
	pass(&w, 10 * 1000);
	cr_assert_str_empty(w.told, "closed at %u", (unsigned int)ms);
	expect_rest(&w);
	cr_assert_not(w.adapter->discovering);
	w.bluez.connects.n = w.bluez.services.n = 0;
	expect_usable(&w);
}

TEST_VERSIONS(bluez_recovery, close_in_every_state_leaves_nothing_behind)
{
	for (uint64_t ms = 0; ms < 2000; ms += 25)
		closes_at(version, ms, false);
	for (uint64_t ms = 0; ms < 40 * 1000; ms += 700)
		closes_at(version, ms, true);
}

/* 5.66 and 5.82 both say success to a Connect() while they disconnect. */
TEST_VERSIONS(bluez_recovery, open_right_after_close_waits_for_its_end)
{
	for (uint64_t ms = 0; ms < 2500; ms += 100)
		for (uint64_t pause = 0; pause < 2500; pause += 500) {
			struct world w;

			setup(&w, version);
			open_within(&w, OPEN_MS);
			pass(&w, ms);
			link_close(w.link);
			pass(&w, pause);
			expect_usable(&w);
		}
}

TEST_VERSIONS(bluez_recovery, close_right_after_open_after_close_is_an_end)
{
	struct world w;

	setup_up(&w, version);
	for (unsigned int i = 0; i < 5; i++) {
		link_close(w.link);
		open_within(&w, OPEN_MS);
	}
	link_close(w.link);
	pass(&w, 10 * 1000);
	cr_assert_str_empty(w.told);
	expect_rest(&w);
	expect_usable(&w);
}

TEST_VERSIONS(bluez_recovery, link_that_drains_may_run_out_of_time)
{
	struct world w;

	setup_up(&w, version);
	w.bluez.disconnect_ms = 30 * 1000;
	link_close(w.link);
	open_within(&w, 1000);
	pass_until(&w, 'D', 1001);
	cr_assert_eq(w.reason, LINK_TIMEOUT);
	pass(&w, 60 * 1000);
	expect_rest(&w);
	teardown(&w);
}

TEST_VERSIONS(bluez_recovery, drain_without_an_answer_comes_to_an_end)
{
	struct world w;

	setup_up(&w, version);
	w.bluez.disconnect_ms = UINT32_MAX;
	link_close(w.link);
	pass(&w, 30 * 1000);
	cr_assert_eq(fake_bluez_n_clients(&w.bluez), 0);
	cr_assert_eq(fake_clock_n_armed(), 0);
	teardown(&w);
}

/* A process that ends frees its link: the car's slot is not to stay taken. */
TEST_VERSIONS(bluez_recovery, free_in_every_state_leaves_nothing_behind)
{
	for (uint64_t ms = 0; ms < 4000; ms += 25) {
		struct world w;

		setup(&w, version);
		open_within(&w, OPEN_MS);
		pass(&w, ms < 2500 ? ms : 2500);
		if (ms >= 2500)
			link_close(w.link);
		pass(&w, ms < 2500 ? 0 : ms - 2500);
		w.link = link_free(w.link);
		cr_assert_eq(fake_clock_n_armed(), 0);
		pass(&w, 5000);
		expect_rest(&w);
		cr_assert_not(w.adapter->discovering);
		teardown(&w);
	}
}

TEST(bluez_recovery, no_failing_allocation_breaks_an_attempt)
{
	bool is_done = false;

	for (long n = 0; !is_done; n++) {
		struct world w;
		int r;

		cr_assert_lt(n, 1000);
		setup(&w, BLUEZ_5_82);
		faults_arm(n);
		r = link_bluez_new(w.event, &w.config, &w.link);
		faults_disarm();
		if (r != 0) {
			cr_assert_eq(r, -ENOMEM);
			cr_assert_null(w.link);
			teardown(&w);
			continue;
		}
		link_set_handler(w.link, on_link, &w);
		/* What fails from here on ends the attempt, or not. */
		faults_arm(n);
		r = link_open(w.link, OPEN_MS);
		if (r == 0) {
			while (strpbrk(w.told, "UD") == NULL)
				step(&w, UINT64_MAX);
			if (strchr(w.told, 'U') != NULL &&
				link_send(w.link, (const uint8_t *)"abc", 3) ==
					0)
				pass(&w, 500);
		}
		link_close(w.link);
		pass(&w, 10 * 1000);
		is_done = faults_calls <= n;
		faults_disarm();
		expect_rest(&w);
		expect_usable(&w);
	}
}
