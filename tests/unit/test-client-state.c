/* SPDX-License-Identifier: MIT */

#include "client/state.h"

#include <math.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "test.h"

static struct report report;

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

/* Reads what stands in @m, and ends both. */
static int read_it(sd_bus *bus, sd_bus_message *m)
{
	int r;

	cr_assert_geq(sd_bus_message_seal(m, 1, 0), 0);
	cr_assert_geq(sd_bus_message_rewind(m, 1), 0);
	r = client_read_report(m, &report);
	(void)sd_bus_message_unref(m);
	(void)sd_bus_flush_close_unref(bus);
	return r;
}

TEST(client_state, every_kind_is_read)
{
	sd_bus *bus = open_bus();
	sd_bus_message *m = new_message(bus);

	cr_assert_geq(
		sd_bus_message_append(m, "a(ssvs)b", 7, "speed", "absent", "s",
			"", "km/h", "locked", "truth", "b", true, "",
			"battery_level", "number", "d", 63.0, "%", "timestamp",
			"time", "d", 17e8, "", "gear", "word", "s", "p", "",
			"title", "text", "s", "a\x1b[m", "", "shape", "circle",
			"(ii)", 1, 2, "", true),
		0);
	cr_assert_eq(read_it(bus, m), 0);
	/* One is of a kind that nobody knows here. */
	cr_assert_eq(report.n_facts, 6);
	cr_assert(report.is_cut);
	for (size_t i = 0; i < report.n_facts; i++)
		cr_assert_eq((size_t)report.facts[i].kind, i);
	cr_assert_str_eq(report.facts[0].name, "speed");
	cr_assert_eq((int)report.facts[1].number, 1);
	cr_assert_eq((int)report.facts[2].number, 63);
	cr_assert_eq((int)report.facts[3].number, 1700000000);
	cr_assert_str_eq(report.facts[4].text, "p");
	/* Whoever has the bridge's name may be no bridge. */
	cr_assert_str_eq(report.facts[5].text, "a?[m");
}

TEST(client_state, answers_of_another_shape_are_refused)
{
	sd_bus *bus = open_bus();
	sd_bus_message *m = new_message(bus);

	cr_assert_geq(sd_bus_message_append(m, "s", "hello"), 0);
	cr_assert_lt(read_it(bus, m), 0);

	bus = open_bus();
	m = new_message(bus);
	cr_assert_geq(sd_bus_message_append(m, "a(ssvs)b", 1, "speed", "number",
			      "s", "fast", "km/h", false),
		0);
	cr_assert_lt(read_it(bus, m), 0);

	bus = open_bus();
	m = new_message(bus);
	cr_assert_geq(sd_bus_message_append(m, "a(ssvs)b", 1, "speed", "number",
			      "d", (double)INFINITY, "km/h", false),
		0);
	cr_assert_eq(read_it(bus, m), -EBADMSG);
}

TEST(client_state, more_than_fits_is_refused)
{
	sd_bus *bus = open_bus();
	sd_bus_message *m = new_message(bus);

	cr_assert_geq(sd_bus_message_open_container(m, 'a', "(ssvs)"), 0);
	for (int i = 0; i <= REPORT_FACTS_MAX; i++)
		cr_assert_geq(sd_bus_message_append(
				      m, "(ssvs)", "x", "number", "d", 1.0, ""),
			0);
	cr_assert_geq(sd_bus_message_close_container(m), 0);
	cr_assert_geq(sd_bus_message_append(m, "b", false), 0);
	cr_assert_eq(read_it(bus, m), -E2BIG);
}
