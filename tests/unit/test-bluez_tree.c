/* SPDX-License-Identifier: MIT */

#include "link/bluez_tree.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "bluez-message.h"
#include "test.h"

#define HCI0 "/org/bluez/hci0"
#define CAR HCI0 "/dev_00_11_22_33_44_55"
#define CHARS CAR "/service0021/char"
#define NAME "S1a87a5a75f3df858C"
#define UUID(n) "00000" n "-b2d1-43f0-9b88-960cebf8b91e"

struct fixture {
	struct bluez_wire wire;
	struct bluez_tree tree;
};

static sd_bus_message *message(
	struct fixture *f, const char *path, const char *types, ...)
{
	sd_bus_message *m = NULL;
	va_list args;

	cr_assert_geq(bluez_wire_signal(&f->wire, path, "Signal", &m), 0);
	va_start(args, types);
	cr_assert_geq(sd_bus_message_appendv(m, types, args), 0);
	va_end(args);
	cr_assert_geq(bluez_wire_seal(m), 0);
	return m;
}

static int added(struct fixture *f, sd_bus_message *m)
{
	int r = bluez_tree_on_added(&f->tree, m);

	sd_bus_message_unref(m);
	return r;
}

static int removed(struct fixture *f, sd_bus_message *m)
{
	int r = bluez_tree_on_removed(&f->tree, m);

	sd_bus_message_unref(m);
	return r;
}

static int changed(struct fixture *f, sd_bus_message *m)
{
	struct bluez_value value;
	int r = bluez_tree_on_changed(&f->tree, m, &value);

	sd_bus_message_unref(m);
	return r;
}

/* hci0, switched on, which knows @device of @name. */
static int load(struct fixture *f, const char *device, const char *name)
{
	sd_bus_message *m =
		message(f, "/", "a{oa{sa{sv}}}", 2, HCI0, 1, BLUEZ_ADAPTER, 2,
			"Address", "s", "B8:27:EB:12:34:56", "Powered", "b", 1,
			device, 1, BLUEZ_DEVICE, 1, "Name", "s", name);
	int r = bluez_tree_load(&f->tree, m);

	sd_bus_message_unref(m);
	return r;
}

static void setup(struct fixture *f)
{
	cr_assert_eq(bluez_wire_open(&f->wire), 0);
	bluez_tree_init(&f->tree, NAME);
	cr_assert_eq(load(f, CAR, NAME), 0);
}

static void teardown(struct fixture *f)
{
	bluez_wire_close(&f->wire);
}

TEST(bluez_tree, what_is_remembered_is_not_heard)
{
	struct fixture f;

	setup(&f);
	cr_assert(f.tree.is_loaded);
	cr_assert_not_null(bluez_tree_device(&f.tree, CAR));
	cr_assert_null(bluez_tree_heard(&f.tree, HCI0));
	cr_assert_eq(changed(&f, message(&f, CAR, "sa{sv}as", BLUEZ_DEVICE, 1,
					 "RSSI", "n", -60, 0)),
		0);
	cr_assert_eq(bluez_tree_heard(&f.tree, HCI0)->rssi, -60);
	cr_assert_null(bluez_tree_heard(&f.tree, "/org/bluez/hci1"));
	teardown(&f);
}

TEST(bluez_tree, name_is_compared_but_for_its_last_letter)
{
	static const struct {
		const char *name;
		bool is_ours;
	} cases[] = {
		{ "S1a87a5a75f3df858C", true },
		{ "S1a87a5a75f3df858R", true },
		{ "S1a87a5a75f3df858D", true },
		{ "S1a87a5a75f3df858P", true },
		{ "S1a87a5a75f3df858X", false },
		{ "S1a87a5a75f3df858", false },
		{ "S1a87a5a75f3df858CC", false },
		{ "S1a87a5a75f3df85AC", false },
		{ "", false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fixture f;

		setup(&f);
		cr_assert_eq(load(&f, CAR, cases[i].name), 0);
		cr_assert_eq(f.tree.n_devices == 1, cases[i].is_ours, "%s",
			cases[i].name);
		teardown(&f);
	}
}

TEST(bluez_tree, nameless_device_becomes_the_car)
{
	struct fixture f;

	setup(&f);
	cr_assert_eq(load(&f, CAR, "nobody"), 0);
	cr_assert_null(bluez_tree_device(&f.tree, CAR));
	cr_assert_eq(changed(&f, message(&f, CAR, "sa{sv}as", BLUEZ_DEVICE, 1,
					 "Name", "s", NAME, 0)),
		0);
	cr_assert_not_null(bluez_tree_heard(&f.tree, HCI0));
	teardown(&f);
}

TEST(bluez_tree, car_on_a_link_stays_ours_whatever_its_name)
{
	struct fixture f;

	setup(&f);
	cr_assert_eq(
		changed(&f, message(&f, CAR, "sa{sv}as", BLUEZ_DEVICE, 3,
				    "Connected", "b", 1, "Name", "s", "Model 3",
				    "Alias", "s", "Model 3", 0)),
		0);
	cr_assert_not_null(bluez_tree_connected(&f.tree, HCI0));
	cr_assert_not(bluez_tree_has_others(&f.tree, HCI0));
	cr_assert_null(bluez_tree_heard(&f.tree, HCI0));
	teardown(&f);
}

static void add_char(struct fixture *f, const char *path, const char *uuid)
{
	cr_assert_eq(
		added(f, message(f, "/", "oa{sa{sv}}", path, 1, BLUEZ_CHAR, 2,
				 "UUID", "s", uuid, "Notifying", "b", 0)),
		0);
}

TEST(bluez_tree, only_the_two_characteristics_are_kept)
{
	struct fixture f;

	setup(&f);
	add_char(&f, CHARS "0022", UUID("212"));
	add_char(&f, CHARS "0024", UUID("213"));
	add_char(&f, CHARS "0026", UUID("214"));
	cr_assert_eq(f.tree.n_chars, 2);
	cr_assert_str_eq(bluez_tree_char(&f.tree, CAR, BLUEZ_TO_CAR)->path,
		CHARS "0022");
	cr_assert_str_eq(bluez_tree_char(&f.tree, CAR, BLUEZ_FROM_CAR)->path,
		CHARS "0024");
	cr_assert_null(bluez_tree_char(
		&f.tree, HCI0 "/dev_00_11_22_33_44_5", BLUEZ_TO_CAR));
	teardown(&f);
}

TEST(bluez_tree, value_is_of_what_comes_from_the_car)
{
	static const uint8_t bytes[] = { 1, 2, 3 };
	struct bluez_value value;
	sd_bus_message *m;
	struct fixture f;

	setup(&f);
	add_char(&f, CHARS "0022", UUID("212"));
	add_char(&f, CHARS "0024", UUID("213"));

	m = message(&f, CHARS "0024", "sa{sv}as", BLUEZ_CHAR, 1, "Value", "ay",
		3, 1, 2, 3, 0);
	cr_assert_eq(bluez_tree_on_changed(&f.tree, m, &value), 0);
	cr_assert_eq(value.len, 3);
	cr_assert_arr_eq(value.data, bytes, 3);
	cr_assert_str_eq(value.path, CHARS "0024");
	sd_bus_message_unref(m);

	m = message(&f, CHARS "0022", "sa{sv}as", BLUEZ_CHAR, 1, "Value", "ay",
		3, 1, 2, 3, 0);
	cr_assert_eq(bluez_tree_on_changed(&f.tree, m, &value), 0);
	cr_assert_null(value.data);
	sd_bus_message_unref(m);
	teardown(&f);
}

TEST(bluez_tree, object_goes_with_what_is_under_it)
{
	struct fixture f;

	setup(&f);
	add_char(&f, CHARS "0022", UUID("212"));
	cr_assert_eq(
		removed(&f, message(&f, "/", "oas", CAR, 1, "a.Stranger")), 0);
	cr_assert_eq(f.tree.n_devices, 1);
	cr_assert_eq(
		removed(&f, message(&f, "/", "oas", HCI0, 1, BLUEZ_ADAPTER)),
		0);
	cr_assert_eq(f.tree.n_adapters, 0);
	cr_assert_eq(f.tree.n_devices, 0);
	cr_assert_eq(f.tree.n_chars, 0);
	teardown(&f);
}

TEST(bluez_tree, adapter_is_chosen_by_index_address_or_use)
{
	static const char hci1[] = "/org/bluez/hci1";
	struct fixture f;

	setup(&f);
	cr_assert_eq(added(&f, message(&f, "/", "oa{sa{sv}}", hci1, 1,
				       BLUEZ_ADAPTER, 2, "Address", "s",
				       "00:11:22:33:44:55", "Powered", "b", 0)),
		0);
	cr_assert_str_eq(bluez_tree_choose_adapter(&f.tree, "")->path, HCI0);
	cr_assert_str_eq(
		bluez_tree_choose_adapter(&f.tree, "hci1")->path, hci1);
	cr_assert_str_eq(
		bluez_tree_choose_adapter(&f.tree, "b8:27:eb:12:34:56")->path,
		HCI0);
	cr_assert_null(bluez_tree_choose_adapter(&f.tree, "hci2"));
	cr_assert_eq(changed(&f, message(&f, HCI0, "sa{sv}as", BLUEZ_ADAPTER, 1,
					 "Powered", "b", 0, 0)),
		0);
	cr_assert_eq(changed(&f, message(&f, hci1, "sa{sv}as", BLUEZ_ADAPTER, 1,
					 "Powered", "b", 1, 0)),
		0);
	cr_assert_str_eq(bluez_tree_choose_adapter(&f.tree, "")->path, hci1);
	teardown(&f);
}

/* vehicle-protocol 1.1: objects of addresses that it had stay for a while. */
TEST(bluez_tree, device_heard_last_is_the_car)
{
	static const char *const paths[] = { HCI0 "/dev_1", CAR, HCI0 "/dev_2",
		HCI0 "/dev_1" };
	struct fixture f;

	setup(&f);
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		cr_assert_eq(changed(&f, message(&f, paths[i], "sa{sv}as",
						 BLUEZ_DEVICE, 2, "Name", "s",
						 NAME, "RSSI", "n", -60, 0)),
			0);
		cr_assert_str_eq(
			bluez_tree_heard(&f.tree, HCI0)->path, paths[i]);
	}
	teardown(&f);
}

TEST(bluez_tree, name_told_on_a_link_is_not_heard)
{
	struct fixture f;

	setup(&f);
	cr_assert_eq(
		changed(&f, message(&f, CAR, "sa{sv}as", BLUEZ_DEVICE, 2,
				    "Connected", "b", 1, "Name", "s", NAME, 0)),
		0);
	cr_assert_null(bluez_tree_heard(&f.tree, HCI0));
	cr_assert_null(bluez_tree_connected(&f.tree, "/org/bluez/hci1"));
	cr_assert_str_eq(bluez_tree_connected(&f.tree, HCI0)->path, CAR);
	teardown(&f);
}

/* Whose the one without room is, is not known. */
TEST(bluez_tree, crowd_of_another_adapter_may_hide_one_of_ours)
{
	struct fixture f;
	char path[64];

	setup(&f);
	for (int i = 0; i < BLUEZ_DEVICES_MAX; i++) {
		(void)snprintf(path, sizeof(path), "%s/dev_%d",
			i < BLUEZ_DEVICES_MAX - 1 ? "/org/bluez/hci1" : HCI0,
			i);
		cr_assert_not(bluez_tree_has_others(&f.tree, HCI0));
		cr_assert_eq(
			changed(&f, message(&f, path, "sa{sv}as", BLUEZ_DEVICE,
					    1, "Connected", "b", 1, 0)),
			0);
	}
	cr_assert(bluez_tree_has_others(&f.tree, HCI0));
	teardown(&f);
}

/* The street is full of devices, and some of them are in use. */
TEST(bluez_tree, crowd_has_no_room_and_is_still_told)
{
	struct fixture f;
	char path[64];

	setup(&f);
	for (int i = 0; i < 200; i++) {
		(void)snprintf(path, sizeof(path), HCI0 "/dev_%d", i);
		cr_assert_eq(
			changed(&f, message(&f, path, "sa{sv}as", BLUEZ_DEVICE,
					    1, "RSSI", "n", -70, 0)),
			0);
	}
	cr_assert_eq(f.tree.n_devices, 1);
	cr_assert_not(bluez_tree_has_others(&f.tree, HCI0));

	for (int i = 0; i < 200; i++) {
		(void)snprintf(path, sizeof(path), HCI0 "/dev_%d", i);
		cr_assert_eq(
			changed(&f, message(&f, path, "sa{sv}as", BLUEZ_DEVICE,
					    1, "Connected", "b", 1, 0)),
			0);
	}
	cr_assert_eq(f.tree.n_devices, BLUEZ_DEVICES_MAX);
	cr_assert(bluez_tree_has_others(&f.tree, HCI0));
	cr_assert_not_null(bluez_tree_device(&f.tree, CAR));
	teardown(&f);
}

TEST(bluez_tree, message_of_another_shape_changes_nothing)
{
	struct bluez_tree before;
	struct fixture f;

	setup(&f);
	before = f.tree;
	cr_assert_lt(added(&f, message(&f, "/", "s", "x")), 0);
	cr_assert_lt(added(&f, message(&f, "/", "oa{sv}", CAR, 0)), 0);
	cr_assert_lt(removed(&f, message(&f, "/", "oa{sv}", CAR, 0)), 0);
	cr_assert_lt(changed(&f, message(&f, CAR, "u", 7)), 0);
	cr_assert_lt(changed(&f, message(&f, CAR, "sas", BLUEZ_DEVICE, 0)), 0);
	cr_assert_eq(changed(&f, message(&f, CAR, "sa{sv}as", BLUEZ_DEVICE, 2,
					 "Connected", "s", "yes", "RSSI", "i",
					 5, 0)),
		0);
	cr_assert_eq(memcmp(&before, &f.tree, sizeof(before)), 0);
	teardown(&f);
}

TEST(bluez_tree, signals_before_the_reply_are_ignored)
{
	struct fixture f;

	setup(&f);
	bluez_tree_clear(&f.tree);
	cr_assert_str_eq(f.tree.name, NAME);
	add_char(&f, CHARS "0022", UUID("212"));
	cr_assert_eq(changed(&f, message(&f, CAR, "sa{sv}as", BLUEZ_DEVICE, 1,
					 "Name", "s", NAME, 0)),
		0);
	cr_assert_eq(f.tree.n_devices + f.tree.n_chars, 0);
	teardown(&f);
}
