/* SPDX-License-Identifier: MIT */

/*
 * What another user of the machine sends us: the bus passes on any signal
 * that is addressed to us, whatever our matches say, and only tells who it
 * is from.
 */

#include "bluez-world.h"

#include "fake-bluez-parts.h"

#define FORGER ":1.666"

TEST_VERSIONS(bluez_forged, value_is_not_the_cars)
{
	struct fake_object from = { .kind = FAKE_CHAR, .n = FROM_CAR };
	struct world w;

	setup_up(&w, version);
	from.device = w.car;
	w.bluez.forger = FORGER;
	fake_emit_value(&w.bluez, &from, "forged", 6);
	pass(&w, 100);
	cr_assert_str_eq(w.told, "HU");
	w.bluez.forger = NULL;
	fake_device_say(&w.bluez, w.car, "true", 4);
	pass(&w, 100);
	cr_assert_str_eq(w.told, "HUB");
	cr_assert_arr_eq(w.bytes, "true", 4);
	teardown(&w);
}

TEST_VERSIONS(bluez_forged, end_of_the_connection_is_none)
{
	struct world w;

	setup_up(&w, version);
	w.bluez.forger = FORGER;
	w.car->connected = false;
	CHANGED(&w.bluez, fake_device_object(w.car), "Connected");
	w.car->connected = true;
	pass(&w, 1000);
	cr_assert_str_eq(w.told, "HU");
	w.bluez.forger = NULL;
	teardown(&w);
}

TEST_VERSIONS(bluez_forged, end_of_an_object_is_none)
{
	struct fake_object from = { .kind = FAKE_CHAR, .n = FROM_CAR };
	struct fake_object o;
	struct world w;

	setup_up(&w, version);
	from.device = w.car;
	w.bluez.forger = FORGER;
	fake_emit_removed(&w.bluez, &from);
	o = fake_device_object(w.car);
	fake_emit_removed(&w.bluez, &o);
	o = fake_adapter_object(w.adapter);
	fake_emit_removed(&w.bluez, &o);
	pass(&w, 1000);
	cr_assert_str_eq(w.told, "HU");
	w.bluez.forger = NULL;
	cr_assert_eq(link_send(w.link, (const uint8_t *)"abc", 3), 0);
	pass_until(&w, 'S', 1000);
	teardown(&w);
}

TEST_VERSIONS(bluez_forged, adapter_that_is_off_is_on)
{
	struct world w;

	setup_up(&w, version);
	w.bluez.forger = FORGER;
	w.adapter->powered = false;
	CHANGED(&w.bluez, fake_adapter_object(w.adapter), "Powered");
	w.adapter->powered = true;
	pass(&w, 1000);
	cr_assert_str_eq(w.told, "HU");
	w.bluez.forger = NULL;
	teardown(&w);
}

/* Nor is it the bus that says it, whose name nobody else can have. */
TEST_VERSIONS(bluez_forged, end_of_bluetoothd_is_none)
{
	static const char *const forgers[] = { FORGER, ":1.6" };

	for (size_t i = 0; i < ARRAY_SIZE(forgers); i++) {
		struct world w;

		setup_up(&w, version);
		w.bluez.forger = forgers[i];
		fake_emit_owner(&w.bluez, ":1.6", "");
		fake_emit_owner(&w.bluez, "", FORGER);
		pass(&w, 1000);
		cr_assert_str_eq(w.told, "HU");
		w.bluez.forger = NULL;
		teardown(&w);
	}
}

TEST_VERSIONS(bluez_forged, car_that_is_heard_is_none)
{
	struct fake_object o;
	struct world w;

	setup(&w, version);
	w.car->on_air = false;
	open_within(&w, 10 * 1000);
	pass_until_true(&w, w.adapter->discovering, 5000);
	w.bluez.forger = FORGER;
	w.car->exists = w.car->is_named = w.car->is_found = true;
	o = fake_device_object(w.car);
	fake_emit_added(&w.bluez, &o);
	CHANGED(&w.bluez, o, "RSSI", "Name");
	w.car->exists = false;
	w.bluez.forger = NULL;
	pass_until(&w, 'D', 10 * 1000);
	cr_assert_str_eq(w.told, "D");
	cr_assert_eq(w.reason, LINK_NOT_FOUND);
	cr_assert_eq(w.bluez.n_connect, 0);
	teardown(&w);
}

/* bluetoothd has come back as another: who it was before may be anybody. */
TEST_VERSIONS(bluez_forged, former_owner_has_no_say)
{
	struct world w;

	setup_up(&w, version);
	fake_bluez_stop(&w.bluez);
	fake_bluez_start(&w.bluez);
	pass_until(&w, 'D', 1000);
	open_up(&w);
	w.bluez.forger = ":1.6";
	w.car->connected = false;
	CHANGED(&w.bluez, fake_device_object(w.car), "Connected");
	w.car->connected = true;
	pass(&w, 1000);
	cr_assert_str_eq(w.told, "HU");
	w.bluez.forger = NULL;
	teardown(&w);
}
