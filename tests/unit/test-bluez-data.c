/* SPDX-License-Identifier: MIT */

/* Frames to the car and values from it. */

#include "bluez-world.h"

enum {
	FRAME_MAX = 1026, /* vehicle-protocol 1.3 */
};

static void make_frame(uint8_t *frame, size_t len)
{
	for (size_t i = 0; i < len; i++)
		frame[i] = (uint8_t)(i * 7 + i / 256);
}

/* bluez B.1, WriteValue: longer ones become long writes, unnoticed. */
TEST_VERSIONS(bluez_data, frame_goes_in_blocks_of_mtu_minus_3)
{
	static const unsigned int mtus[] = { 23, 115, 517, 0 };
	static const size_t lens[] = { 1, 19, 20, 21, 40, 112, 113, 514, 515,
		FRAME_MAX };
	uint8_t frame[FRAME_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(mtus); i++) {
		const size_t block = mtus[i] == 0 ? 20 : mtus[i] - 3;
		struct world w;

		setup(&w, version);
		w.bluez.mtu = mtus[i];
		open_up(&w);
		for (size_t j = 0; j < ARRAY_SIZE(lens); j++) {
			make_frame(frame, lens[j]);
			memset(w.told, 0, sizeof(w.told));
			w.bluez.n_heard = w.bluez.longest_block = 0;
			w.bluez.n_write = 0;
			cr_assert_eq(link_send(w.link, frame, lens[j]), 0);
			pass(&w, 10 * 1000);
			cr_assert_str_eq(w.told, "S");
			cr_assert_eq(w.bluez.n_heard, lens[j]);
			cr_assert_arr_eq(w.bluez.heard, frame, lens[j]);
			cr_assert_eq(
				w.bluez.n_write, (lens[j] + block - 1) / block);
			cr_assert_leq(w.bluez.longest_block, block);
		}
		teardown(&w);
	}
}

TEST_VERSIONS(bluez_data, frame_is_sent_when_its_last_block_is_acknowledged)
{
	uint8_t frame[200];
	struct world w;

	make_frame(frame, sizeof(frame));
	setup_up(&w, version);
	cr_assert_eq(link_send(w.link, frame, sizeof(frame)), 0);
	/* It is copied. */
	memset(frame, 0, sizeof(frame));
	cr_assert_eq(link_send(w.link, frame, 1), LINK_E_BUSY);
	pass(&w, 2 * 60 - 1);
	cr_assert_str_eq(w.told, "HU");
	cr_assert_eq(link_send(w.link, frame, 1), LINK_E_BUSY);
	pass(&w, 1);
	cr_assert_str_eq(w.told, "HUS");
	make_frame(frame, sizeof(frame));
	cr_assert_eq(w.bluez.n_heard, sizeof(frame));
	cr_assert_arr_eq(w.bluez.heard, frame, sizeof(frame));
	cr_assert_eq(link_send(w.link, frame, 1), 0);
	pass(&w, 100);
	cr_assert_str_eq(w.told, "HUSS");
	teardown(&w);
}

TEST_VERSIONS(bluez_data, nothing_is_sent_before_the_link_is_up)
{
	struct world w;

	setup(&w, version);
	cr_assert_eq(link_bluez_new(w.event, &w.config, &w.link), 0);
	cr_assert_eq(link_send(w.link, (const uint8_t *)"x", 1), LINK_E_DOWN);
	open_within(&w, OPEN_MS);
	cr_assert_eq(link_send(w.link, (const uint8_t *)"x", 1), LINK_E_DOWN);
	pass(&w, 500);
	cr_assert_eq(link_send(w.link, (const uint8_t *)"x", 1), LINK_E_DOWN);
	link_close(w.link);
	cr_assert_eq(link_send(w.link, (const uint8_t *)"x", 1), LINK_E_DOWN);
	pass(&w, 10 * 1000);
	cr_assert_eq(w.bluez.n_write, 0);
	teardown(&w);
}

/* What link can prove: architecture 2. */
static void drops_at_block(
	enum fake_version version, enum fake_write how, unsigned int at)
{
	uint8_t frame[300]; /* 3 blocks of 112 */
	struct world w;

	make_frame(frame, sizeof(frame));
	setup_up(&w, version);
	w.bluez.writes.how = how;
	w.bluez.writes.at = at;
	cr_assert_eq(link_send(w.link, frame, sizeof(frame)), 0);
	pass_until(&w, 'D', OPEN_MS);
	cr_assert_str_eq(w.told, "HUD", "%d at %u", how, at);
	cr_assert_eq(w.issued, at == 3, "%d at block %u", how, at);
	cr_assert_eq(w.bluez.n_write, at, "nothing is written twice");
	cr_assert_leq(w.bluez.n_heard, at * 112);
	cr_assert_eq(link_send(w.link, frame, 1), LINK_E_DOWN);
	if (how == WRITE_DROPS || how == WRITE_ARRIVES_DROPS)
		cr_assert_eq(w.reason, LINK_CLOSED_BY_CAR);
	if (how == WRITE_FAILS)
		cr_assert_eq(w.reason, LINK_IO_ERROR);
	if (how == WRITE_HANGS)
		cr_assert_eq(w.reason, LINK_TIMEOUT);
	pass(&w, 10 * 1000);
	expect_rest(&w);

	/* Nothing of that frame follows into the next link. */
	w.bluez.writes.at = 0;
	w.bluez.n_heard = 0;
	open_up(&w);
	pass(&w, 5000);
	cr_assert_eq(w.bluez.n_heard, 0);
	cr_assert_eq(link_send(w.link, frame, sizeof(frame)), 0);
	pass(&w, 5000);
	cr_assert_eq(w.bluez.n_heard, sizeof(frame));
	cr_assert_arr_eq(w.bluez.heard, frame, sizeof(frame));
	teardown(&w);
}

TEST_VERSIONS(bluez_data, link_that_goes_in_mid_frame_tells_what_was_issued)
{
	for (unsigned int at = 1; at <= 3; at++) {
		drops_at_block(version, WRITE_DROPS, at);
		drops_at_block(version, WRITE_ARRIVES_DROPS, at);
	}
}

/* unregister_characteristic() cancels the write without an answer. */
TEST_VERSIONS(bluez_data, write_may_go_unanswered_with_its_object)
{
	for (unsigned int at = 1; at <= 3; at++)
		drops_at_block(version, WRITE_DROPS_SILENT, at);
}

TEST_VERSIONS(bluez_data, write_that_fails_ends_the_link)
{
	for (unsigned int at = 1; at <= 3; at++)
		drops_at_block(version, WRITE_FAILS, at);
}

/* bluez B.3 5: an ATT transaction may take 30 s. */
TEST_VERSIONS(bluez_data, write_that_hangs_ends_the_link)
{
	for (unsigned int at = 1; at <= 3; at++)
		drops_at_block(version, WRITE_HANGS, at);
}

/* bluez B.1, WriteValue: one at a time, whoever's it is. */
TEST_VERSIONS(bluez_data, write_of_another_program_doubles_no_block)
{
	uint8_t frame[300];

	make_frame(frame, sizeof(frame));
	for (unsigned int at = 1; at <= 3; at++) {
		struct world w;

		setup_up(&w, version);
		w.bluez.writes.how = WRITE_BUSY;
		w.bluez.writes.at = at;
		cr_assert_eq(link_send(w.link, frame, sizeof(frame)), 0);
		pass(&w, 40 * 1000);
		cr_assert_leq(w.bluez.n_heard, sizeof(frame));
		cr_assert_arr_eq(w.bluez.heard, frame, w.bluez.n_heard);
		if (strcmp(w.told, "HUS") == 0)
			cr_assert_eq(w.bluez.n_heard, sizeof(frame));
		else
			cr_assert_str_eq(w.told, "HUD");
		teardown(&w);
	}
}

TEST_VERSIONS(bluez_data, block_that_waits_for_another_write_is_not_issued)
{
	uint8_t frame[300];
	struct world w;

	make_frame(frame, sizeof(frame));
	setup_up(&w, version);
	w.bluez.writes.how = WRITE_BUSY;
	w.bluez.writes.at = 3;
	cr_assert_eq(link_send(w.link, frame, sizeof(frame)), 0);
	pass_until_true(&w, w.bluez.n_write == 3, 1000);
	fake_device_drop(&w.bluez, w.car);
	pass_until(&w, 'D', 1000);
	cr_assert_not(w.issued);
	cr_assert_eq(w.bluez.n_heard, 224);
	teardown(&w);
}

TEST_VERSIONS(bluez_data, write_of_another_program_is_not_waited_for_long)
{
	struct world w;

	setup_up(&w, version);
	w.bluez.writes.how = WRITE_BUSIES;
	cr_assert_eq(link_send(w.link, (const uint8_t *)"abc", 3), 0);
	pass_until(&w, 'D', 5000);
	cr_assert_eq(w.reason, LINK_IO_ERROR);
	cr_assert_not(w.issued);
	teardown(&w);
}

TEST_VERSIONS(bluez_data, idle_link_that_the_car_drops_is_told)
{
	struct world w;

	setup_up(&w, version);
	pass(&w, 30 * 1000);
	cr_assert_str_eq(w.told, "HU");
	fake_device_drop(&w.bluez, w.car);
	settle(&w);
	cr_assert_eq(link_send(w.link, (const uint8_t *)"x", 1), LINK_E_DOWN);
	pass_until(&w, 'D', 1000);
	cr_assert_eq(w.reason, LINK_CLOSED_BY_CAR);
	cr_assert_not(w.issued);
	pass(&w, 10 * 1000);
	expect_rest(&w);
	teardown(&w);
}

/* Else it would be deaf: nobody has subscribed to the new objects. */
TEST_VERSIONS(bluez_data, services_that_change_under_a_link_end_it)
{
	struct world w;

	setup_up(&w, version);
	fake_device_change_services(&w.bluez, w.car);
	pass_until(&w, 'D', 5000);
	pass(&w, 10 * 1000);
	expect_rest(&w);
	open_up(&w);
	cr_assert(w.car->subscribed);
	teardown(&w);
}

TEST_VERSIONS(bluez_data, issued_is_of_the_frame_sent_last)
{
	uint8_t frame[300];
	struct world w;

	make_frame(frame, sizeof(frame));
	setup_up(&w, version);
	cr_assert_eq(link_send(w.link, frame, sizeof(frame)), 0);
	pass_until(&w, 'S', 1000);
	w.bluez.writes.how = WRITE_DROPS;
	w.bluez.writes.at = 4;
	cr_assert_eq(link_send(w.link, frame, sizeof(frame)), 0);
	pass_until(&w, 'D', 1000);
	cr_assert_not(w.issued);
	open_up(&w);
	fake_device_drop(&w.bluez, w.car);
	pass_until(&w, 'D', 1000);
	cr_assert_not(w.issued, "nothing was sent on this link");
	teardown(&w);
}

TEST_VERSIONS(bluez_data, values_are_passed_on_in_order)
{
	uint8_t frame[600];
	struct world w;

	make_frame(frame, sizeof(frame));
	setup_up(&w, version);
	for (size_t i = 0; i < sizeof(frame); i += 100)
		fake_device_say(&w.bluez, w.car, frame + i, 100);
	pass(&w, 0);
	cr_assert_str_eq(w.told, "HUBBBBBB");
	cr_assert_eq(w.n_bytes, sizeof(frame));
	cr_assert_arr_eq(w.bytes, frame, sizeof(frame));
	teardown(&w);
}

/* The car's first broadcast may be faster than the reply. */
TEST_VERSIONS(bluez_data, value_before_the_reply_of_startnotify_is_not_lost)
{
	struct world w;

	setup(&w, version);
	w.bluez.notifies.how = NOTIFY_TALKS_FIRST;
	w.bluez.notifies.n = 1;
	open_up(&w);
	pass(&w, 100);
	cr_assert_str_eq(w.told, "HUB");
	cr_assert_eq(w.n_bytes, 3);
	cr_assert_arr_eq(w.bytes, "\0\1x", 3);
	teardown(&w);
}

/* bluez B.1: each subscriber's handler emits every value. */
TEST_VERSIONS(bluez_data, values_doubled_by_a_second_subscriber_count_once)
{
	char text[16], all[256] = "";
	struct world w;

	setup(&w, version);
	w.bluez.has_other_listener = true;
	open_up(&w);
	for (unsigned int i = 0; i < 8; i++) {
		(void)snprintf(text, sizeof(text), "chunk%u", i);
		(void)strcat(all, text);
		fake_device_say(&w.bluez, w.car, text, strlen(text));
		pass(&w, 30);
	}
	cr_assert_eq(w.n_bytes, strlen(all));
	cr_assert_arr_eq(w.bytes, all, w.n_bytes);
	teardown(&w);
}

/* Doubled ones that are equal are four, not two. */
TEST_VERSIONS(bluez_data, equal_values_that_are_doubled_count_twice)
{
	struct world w;

	setup(&w, version);
	w.bluez.has_other_listener = true;
	open_up(&w);
	fake_device_say(&w.bluez, w.car, "first", 5);
	pass(&w, 30);
	fake_device_say(&w.bluez, w.car, "same", 4);
	fake_device_say(&w.bluez, w.car, "same", 4);
	pass(&w, 30);
	fake_device_say(&w.bluez, w.car, "last", 4);
	pass(&w, 30);
	cr_assert_eq(w.n_bytes, 5 + 4 + 4 + 4);
	cr_assert_arr_eq(w.bytes, "firstsamesamelast", w.n_bytes);
	teardown(&w);
}

TEST_VERSIONS(bluez_data, equal_values_of_a_sole_subscriber_are_not_lost)
{
	struct world w;

	setup_up(&w, version);
	fake_device_say(&w.bluez, w.car, "aa", 2);
	fake_device_say(&w.bluez, w.car, "aa", 2);
	pass(&w, 30);
	cr_assert_eq(w.n_bytes, 4);
	fake_device_say(&w.bluez, w.car, "b", 1);
	pass(&w, 30);
	fake_device_say(&w.bluez, w.car, "c", 1);
	pass(&w, 2000);
	fake_device_say(&w.bluez, w.car, "c", 1);
	pass(&w, 2000);
	cr_assert_eq(w.n_bytes, 7);
	cr_assert_arr_eq(w.bytes, "aaaabcc", 7);
	teardown(&w);
}

TEST_VERSIONS(bluez_data, second_subscriber_that_comes_later_is_noticed)
{
	struct world w;

	setup_up(&w, version);
	fake_device_say(&w.bluez, w.car, "1", 1);
	pass(&w, 30);
	w.bluez.has_other_listener = true;
	for (char c = 'a'; c < 'k'; c++) {
		fake_device_say(&w.bluez, w.car, &c, 1);
		pass(&w, 30);
	}
	/* The first that come twice cannot be known for what they are. */
	cr_assert_geq(w.n_bytes, 1 + 10);
	cr_assert_leq(w.n_bytes, 1 + 10 + 2);
	w.bluez.has_other_listener = false;
	w.n_bytes = 0;
	for (char c = 'a'; c < 'k'; c++) {
		fake_device_say(&w.bluez, w.car, &c, 1);
		pass(&w, 30);
	}
	cr_assert_eq(w.n_bytes, 10, "none is lost when it has gone");
	cr_assert_arr_eq(w.bytes, "abcdefghij", 10);
	teardown(&w);
}

TEST_VERSIONS(bluez_data, values_of_others_are_not_the_cars)
{
	struct fake_object o = { .kind = FAKE_CHAR, .n = VERSION };
	struct world w;

	setup(&w, version);
	w.bluez.devices[1] = (struct fake_device){
		.address = "5C:F3:70:00:00:02",
		.name = "S00000000000000000C",
		.exists = true,
		.is_named = true,
		.connected = true,
		.resolved = true,
		.has_gatt = true,
		.first_handle = 0x10,
	};
	open_up(&w);
	o.device = w.car;
	fake_emit_value(&w.bluez, &o, "version", 7);
	o.n = TO_CAR;
	fake_emit_value(&w.bluez, &o, "to the car", 10);
	o.device = &w.bluez.devices[1];
	o.n = FROM_CAR;
	fake_emit_value(&w.bluez, &o, "another car", 11);
	pass(&w, 100);
	cr_assert_str_eq(w.told, "HU");
	teardown(&w);
}

/* D-Bus is outside. No attribute is longer than 512 bytes. */
TEST_VERSIONS(bluez_data, values_of_any_length_break_nothing)
{
	static const size_t lens[] = { 0, 1, 512, 513, 4096, 4097, 100000 };
	static uint8_t value[100000];

	for (size_t i = 0; i < ARRAY_SIZE(lens); i++) {
		struct world w;

		setup_up(&w, version);
		fake_device_say(&w.bluez, w.car, value, lens[i]);
		pass(&w, 100);
		cr_assert_leq(w.n_bytes, lens[i]);
		if (lens[i] <= 512)
			cr_assert_eq(w.n_bytes, lens[i]);
		fake_device_say(&w.bluez, w.car, "x", 1);
		pass(&w, 100);
		if (strchr(w.told, 'D') == NULL)
			cr_assert_eq(w.bytes[w.n_bytes - 1], 'x');
		teardown(&w);
	}
}

TEST(bluez_data, value_of_another_type_breaks_nothing)
{
	struct world w;

	setup_up(&w, BLUEZ_5_82);
	w.bluez.mistyped = "Value";
	fake_device_say(&w.bluez, w.car, "x", 1);
	w.bluez.mistyped = NULL;
	fake_device_say(&w.bluez, w.car, "y", 1);
	pass(&w, 100);
	cr_assert_str_eq(w.told, "HUB");
	cr_assert_eq(w.bytes[0], 'y');
	teardown(&w);
}

static void close_at(struct world *w, const struct link_event *event)
{
	if (event->type == LINK_BYTES)
		link_close(w->link);
}

TEST_VERSIONS(bluez_data, link_may_be_closed_in_its_handler)
{
	struct world w;

	setup_up(&w, version);
	w.then = close_at;
	fake_device_say(&w.bluez, w.car, "a", 1);
	fake_device_say(&w.bluez, w.car, "b", 1);
	pass(&w, 10 * 1000);
	cr_assert_str_eq(w.told, "HUB", "an event after the close");
	expect_rest(&w);
	teardown(&w);
}

static void reopen_at_down(struct world *w, const struct link_event *event)
{
	if (event->type == LINK_DOWN)
		cr_assert_eq(link_open(w->link, OPEN_MS), 0);
}

TEST_VERSIONS(bluez_data, link_may_be_opened_anew_in_its_handler)
{
	struct world w;

	setup_up(&w, version);
	w.then = reopen_at_down;
	fake_device_drop(&w.bluez, w.car);
	pass(&w, 20 * 1000);
	cr_assert_str_eq(w.told, "HUDHU");
	teardown(&w);
}

static void send_at(struct world *w, const struct link_event *event)
{
	if (event->type == LINK_UP || event->type == LINK_SENT)
		cr_assert_eq(link_send(w->link, (const uint8_t *)"abc", 3), 0);
}

TEST_VERSIONS(bluez_data, frame_may_be_sent_in_its_handler)
{
	struct world w;

	setup(&w, version);
	w.then = send_at;
	open_up(&w);
	pass_until_true(&w, w.bluez.n_heard >= 30, 5000);
	w.then = NULL;
	teardown(&w);
}

TEST_VERSIONS(bluez_data, frame_longer_than_any_is_refused)
{
	static uint8_t frame[8192];
	struct world w;

	setup_up(&w, version);
	cr_assert_lt(link_send(w.link, frame, sizeof(frame)), 0);
	cr_assert_eq(link_send(w.link, frame, 1), 0);
	pass_until(&w, 'S', 1000);
	teardown(&w);
}
