/* SPDX-License-Identifier: MIT */

#include "cli/facts.h"

#include <stdio.h>
#include <string.h>

#include "test.h"

static void read_line(struct facts_bridge *bridge, const char *line)
{
	char text[1024];

	(void)snprintf(text, sizeof(text), "%s", line);
	facts_read_line(text, bridge);
}

static void add(struct record *record, struct record_field field)
{
	record->fields[record->n_fields++] = field;
}

TEST(facts, status_is_read_by_name_and_type)
{
	struct facts_bridge bridge = { .lent = ANSWER_YES };
	struct record status = { 0 };

	add(&status, (struct record_field){ "adapter", 's', .text = "hci0" });
	add(&status, (struct record_field){ "node_up", 'b', .number = 1 });
	add(&status, (struct record_field){ "paused", 'b', .number = 0 });
	add(&status, (struct record_field){ "car_heard_s", 't', .number = 7 });
	add(&status, (struct record_field){ "car_rssi", 'x', .time = -61 });
	add(&status, (struct record_field){ "link", 't', .number = 1 });
	facts_read_status(&status, &bridge);
	cr_assert_str_eq(bridge.adapter, "hci0");
	cr_assert_eq(bridge.node_up, ANSWER_YES);
	cr_assert_eq(bridge.paused, ANSWER_NO);
	cr_assert(bridge.was_heard);
	cr_assert_eq(bridge.heard_s, 7);
	cr_assert_eq(bridge.rssi, -61);
	/* Of another type, and absent: not known, whatever was before. */
	cr_assert_str_eq(bridge.link, "");
	cr_assert_eq(bridge.lent, ANSWER_UNKNOWN);
}

TEST(facts, number_beyond_all_is_bounded)
{
	struct facts_bridge bridge;
	struct record status = { 0 };

	add(&status, (struct record_field){
			     "car_heard_s", 't', .number = UINT64_MAX });
	facts_read_status(&status, &bridge);
	cr_assert_eq(bridge.heard_s, INT64_MAX);
}

TEST(facts, lines_of_diagnose_are_read)
{
	struct facts_bridge bridge = { 0 };

	read_line(&bridge, "adapter\thci0 (B8:27:EB:12:34:56)");
	read_line(&bridge, "session_vcsec\ttrue");
	read_line(&bridge, "node_up\tfalse");
	read_line(&bridge, "car_heard_s\t3");
	read_line(&bridge, "car_rssi\t-72");
	read_line(&bridge, "problem\tThere is no key.");
	read_line(&bridge, "problem\tThere is\tno car.");
	cr_assert_str_eq(bridge.adapter, "hci0 (B8:27:EB:12:34:56)");
	cr_assert_eq(bridge.session_vcsec, ANSWER_YES);
	cr_assert_eq(bridge.node_up, ANSWER_NO);
	cr_assert(bridge.was_heard);
	cr_assert_eq(bridge.heard_s, 3);
	cr_assert_eq(bridge.rssi, -72);
	cr_assert_eq(bridge.n_problems, 2);
	cr_assert_str_eq(bridge.problems[0], "There is no key.");
	cr_assert_str_eq(bridge.problems[1], "There is?no car.");
}

TEST(facts, other_lines_change_nothing)
{
	static const char *const lines[] = { "", "\t", "adapter", "adapter ",
		"car_rssi\t", "car_rssi\t-7x", "car_rssi\t99999999999999999999",
		"car_heard_s\tnever", "nothing\tknown", "\tx" };
	struct facts_bridge bridge = { 0 }, none = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		read_line(&bridge, lines[i]);
		cr_assert_eq(memcmp(&bridge, &none, sizeof(none)), 0);
	}
}

TEST(facts, foreign_text_is_cut_and_printable)
{
	struct facts_bridge bridge = { 0 };
	char line[900] = "node_alias\t\x1b[31mred";

	read_line(&bridge, line);
	cr_assert_str_eq(bridge.node_alias, "?[31mred");
	memset(line + strlen("node_alias\t"), 'x', 800);
	read_line(&bridge, line);
	cr_assert_eq(strlen(bridge.node_alias), FACTS_TEXT_SIZE - 1);
	cr_assert(strstr(bridge.node_alias, "x...") != NULL);
}

TEST(facts, only_the_first_problems_are_kept)
{
	struct facts_bridge bridge = { 0 };

	for (int i = 0; i < 2 * FACTS_PROBLEMS_MAX; i++)
		read_line(&bridge, "problem\tAgain.");
	cr_assert_eq(bridge.n_problems, FACTS_PROBLEMS_MAX);
}
