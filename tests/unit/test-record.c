/* SPDX-License-Identifier: MIT */

#include "client/record.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "test.h"

/* A bus that nobody is on, to make messages with. */
static sd_bus *open_bus(void)
{
	sd_bus *bus = NULL;
	int fds[2];

	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	cr_assert_geq(sd_bus_new(&bus), 0);
	cr_assert_geq(sd_bus_set_fd(bus, fds[0], fds[0]), 0);
	cr_assert_geq(sd_bus_start(bus), 0);
	(void)close(fds[1]);
	return bus;
}

static sd_bus_message *new_message(sd_bus *bus)
{
	sd_bus_message *m = NULL;

	cr_assert_geq(sd_bus_message_new_signal(bus, &m, "/x", "x.Y", "Z"), 0);
	return m;
}

static void seal(sd_bus_message *m)
{
	cr_assert_geq(sd_bus_message_seal(m, 1, 0), 0);
	cr_assert_geq(sd_bus_message_rewind(m, 1), 0);
}

static const char *as_json(const struct record *record)
{
	static char text[512];
	struct json json;

	memset(text, 0, sizeof(text));
	json_init(&json, fmemopen(text, sizeof(text), "w"));
	record_write(record, &json, NULL);
	(void)fclose(json.out);
	return text;
}

TEST(record, every_type_is_read_and_written)
{
	sd_bus *bus = open_bus();
	sd_bus_message *m = new_message(bus);
	const char *const *items;
	struct record record;
	size_t n;

	cr_assert_geq(sd_bus_message_append(m, "a{sv}", 6, "text", "s", "x",
			      "number", "t", UINT64_C(7), "small", "u",
			      UINT32_C(8), "time", "x", INT64_C(-9), "flag",
			      "b", 1, "list", "as", 2, "a", "b"),
		0);
	seal(m);
	cr_assert_eq(record_read(m, &record), 1);
	cr_assert_str_eq(record_text(&record, "text"), "x");
	cr_assert_eq(record_number(&record, "number"), 7);
	cr_assert_eq(record_number(&record, "small"), 8);
	cr_assert_eq(record_time(&record, "time"), -9);
	cr_assert(record_flag(&record, "flag"));
	items = record_list(&record, "list", &n);
	cr_assert_eq(n, 2);
	cr_assert_str_eq(items[1], "b");
	cr_assert_str_eq(as_json(&record),
		"{\"text\":\"x\",\"number\":7,\"small\":8,\"time\":-9,"
		"\"flag\":true,\"list\":[\"a\",\"b\"]}");
	(void)sd_bus_message_unref(m);
	(void)sd_bus_unref(bus);
}

TEST(record, what_is_absent_or_of_another_type_is_empty)
{
	sd_bus *bus = open_bus();
	sd_bus_message *m = new_message(bus);
	struct record record;
	size_t n;

	cr_assert_geq(sd_bus_message_append(m, "a{sv}", 1, "x", "s", "1"), 0);
	seal(m);
	cr_assert_eq(record_read(m, &record), 1);
	cr_assert(record_has(&record, "x", 's'));
	cr_assert(!record_has(&record, "x", 't'));
	cr_assert(!record_has(&record, "y", 's'));
	cr_assert_str_eq(record_text(&record, "y"), "");
	cr_assert_eq(record_number(&record, "x"), 0);
	cr_assert_eq(record_time(&record, "x"), 0);
	cr_assert(!record_flag(&record, "x"));
	(void)record_list(&record, "x", &n);
	cr_assert_eq(n, 0);
	(void)sd_bus_message_unref(m);
	(void)sd_bus_unref(bus);
}

TEST(record, types_of_a_newer_bridge_are_left_out)
{
	sd_bus *bus = open_bus();
	sd_bus_message *m = new_message(bus);
	struct record record;

	cr_assert_geq(sd_bus_message_append(m, "a{sv}", 3, "new", "(sd)", "x",
			      1.5, "newer", "a{sv}", 0, "old", "s", "y"),
		0);
	seal(m);
	cr_assert_eq(record_read(m, &record), 1);
	cr_assert_str_eq(as_json(&record), "{\"old\":\"y\"}");
	(void)sd_bus_message_unref(m);
	(void)sd_bus_unref(bus);
}

TEST(record, array_of_them_ends)
{
	sd_bus *bus = open_bus();
	sd_bus_message *m = new_message(bus);
	struct record record;

	cr_assert_geq(
		sd_bus_message_append(m, "aa{sv}", 2, 1, "x", "s", "1", 0), 0);
	seal(m);
	cr_assert_gt(sd_bus_message_enter_container(m, 'a', "a{sv}"), 0);
	cr_assert_eq(record_read(m, &record), 1);
	cr_assert_eq(record_read(m, &record), 1);
	cr_assert_eq(record.n_fields, 0);
	cr_assert_eq(record_read(m, &record), 0);
	(void)sd_bus_message_unref(m);
	(void)sd_bus_unref(bus);
}

TEST(record, what_is_too_large_is_refused)
{
	sd_bus *bus = open_bus();
	sd_bus_message *m = new_message(bus);
	struct record record = { .n_fields = 3 };

	cr_assert_geq(sd_bus_message_open_container(m, 'a', "{sv}"), 0);
	for (int i = 0; i <= RECORD_FIELDS_MAX; i++)
		cr_assert_geq(
			sd_bus_message_append(m, "{sv}", "x", "s", "y"), 0);
	cr_assert_geq(sd_bus_message_close_container(m), 0);
	seal(m);
	cr_assert_eq(record_read(m, &record), -E2BIG);
	cr_assert_eq(record.n_fields, 3);
	(void)sd_bus_message_unref(m);

	m = new_message(bus);
	cr_assert_geq(sd_bus_message_open_container(m, 'a', "{sv}"), 0);
	for (int i = 0; i <= RECORD_ITEMS_MAX / 8; i++)
		cr_assert_geq(sd_bus_message_append(m, "{sv}", "x", "as", 8,
				      "a", "b", "c", "d", "e", "f", "g", "h"),
			0);
	cr_assert_geq(sd_bus_message_close_container(m), 0);
	seal(m);
	cr_assert_eq(record_read(m, &record), -E2BIG);
	(void)sd_bus_message_unref(m);
	(void)sd_bus_unref(bus);
}

TEST(record, other_messages_are_no_records)
{
	sd_bus *bus = open_bus();
	sd_bus_message *m = new_message(bus);
	struct record record;

	cr_assert_geq(sd_bus_message_append(m, "s", "x"), 0);
	seal(m);
	cr_assert_lt(record_read(m, &record), 0);
	(void)sd_bus_message_unref(m);
	(void)sd_bus_unref(bus);
}
