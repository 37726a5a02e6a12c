/* SPDX-License-Identifier: MIT */

#include "walk-world.h"

TEST(walk, where_all_is_well_each_line_is_ok)
{
	struct facts facts = fine();
	struct walk walk = walk_all(&facts);

	cr_assert_str_eq(states(&walk), "ooooooooooooo");
	for (size_t i = 0; i < walk.n; i++)
		cr_assert_str_empty(walk.lines[i].advice);
	EXPECT(walk, WALK_ADAPTER, "hci0 (B8:27:EB:12:34:56)");
	EXPECT(walk, WALK_CAR, "...0000 is heard at -60 dBm: strong");
	EXPECT(walk, WALK_NODE, "SLEEPYPI (02aabbcc...)");
	cr_assert_str_eq(summary(&walk, &facts), "Everything is fine.");
}

TEST(walk, what_rests_on_a_problem_is_not_looked_at)
{
	struct facts facts = lost("");
	struct walk walk;

	facts.host.adapters[0].is_on = false;
	facts.bridge.adapter[0] = '\0';
	set(facts.bridge.car_trouble, "adapter-off");
	walk = walk_all(&facts);
	cr_assert_str_eq(states(&walk), "oooP-----oooo");
	for (size_t i = WALK_CAR; i <= WALK_INFOTAINMENT; i++)
		cr_assert_str_eq(walk.lines[i].text,
			"Not looked at, because of the adapter.");
	cr_assert_str_eq(walk.lines[WALK_ADAPTER].advice,
		trouble_find("adapter-off")->advice);
	cr_assert_str_eq(summary(&walk, &facts),
		"1 problem: adapter; what to do stands beside it.");
}

TEST(walk, each_trouble_of_the_car_shows_once_where_it_belongs)
{
	static const struct {
		const char *name;
		enum walk_check check;
	} table[] = {
		{ "no-bluetooth", WALK_BLUETOOTH },
		{ "no-adapter", WALK_ADAPTER },
		{ "adapter-off", WALK_ADAPTER },
		{ "adapter-blocked", WALK_ADAPTER },
		{ "car-not-heard", WALK_CAR },
		{ "link-failed", WALK_CAR },
		{ "car-full", WALK_LINK },
		{ "car-not-connecting", WALK_LINK },
		{ "link-lost", WALK_LINK },
		{ "link-lent", WALK_LINK },
		{ "not-a-car", WALK_LINK },
		{ "key-not-enrolled", WALK_KEY },
		{ "car-silent", WALK_KEY },
		{ "locked-out", WALK_KEY },
		{ "not-permitted", WALK_KEY },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		const struct trouble *trouble = trouble_find(table[i].name);
		struct facts facts = lost(table[i].name);
		struct walk walk = walk_all(&facts);
		const struct walk_line *line = &walk.lines[table[i].check];

		cr_assert_not_null(trouble);
		cr_assert_eq(walk_problems(&walk), 1, "%s", table[i].name);
		cr_assert_eq(line->state, WALK_PROBLEM, "%s", table[i].name);
		cr_assert_str_eq(line->text, trouble->what);
		cr_assert_str_eq(line->advice, trouble->advice);
	}
}

TEST(walk, bridge_knows_better_than_the_machine_which_adapter)
{
	struct facts facts = lost("no-adapter");
	struct walk walk;

	/* One is there and on, but the configuration names another. */
	facts.bridge.adapter[0] = '\0';
	walk = walk_all(&facts);
	cr_assert_str_eq(states(&walk), "oooP-----oooo");
}

TEST(walk, adapter_found_late_to_be_another_is_told_at_the_car)
{
	struct facts facts = lost("");
	struct walk walk = { 0 };

	facts.is_final = false;
	while (walk_next(&walk, &facts))
		continue;
	cr_assert_str_eq(states(&walk), "oooo");
	set(facts.bridge.car_trouble, "adapter-off");
	facts.is_final = true;
	while (walk_next(&walk, &facts))
		continue;
	cr_assert_str_eq(states(&walk), "ooooP----oooo");
}

TEST(walk, what_is_fine_is_told_before_all_is_known)
{
	struct facts facts = lost("");
	struct walk walk = { 0 };

	facts.is_final = false;
	facts.bridge.adapter[0] = '\0';
	while (walk_next(&walk, &facts))
		continue;
	cr_assert_str_eq(states(&walk), "ooo");

	set(facts.bridge.adapter, "hci0 (B8:27:EB:12:34:56)");
	cr_assert(walk_next(&walk, &facts));
	cr_assert(!walk_next(&walk, &facts));
	facts.bridge.was_heard = true;
	facts.bridge.heard_s = 0;
	facts.bridge.rssi = -70;
	cr_assert(walk_next(&walk, &facts));
	cr_assert(!walk_next(&walk, &facts));
	EXPECT(walk, WALK_CAR, "-70 dBm: fair");
	set(facts.bridge.link, "ready");
	cr_assert(walk_next(&walk, &facts));
	/* A session may be one from before. */
	facts.bridge.session_vcsec = ANSWER_YES;
	cr_assert(!walk_next(&walk, &facts));

	facts.is_final = true;
	while (walk_next(&walk, &facts))
		continue;
	cr_assert_eq(walk.n, _WALK_N);
	cr_assert(!walk_next(&walk, &facts));
}

TEST(walk, nothing_bad_is_told_before_all_is_known)
{
	struct facts facts = lost("car-not-heard");
	struct walk walk;

	facts.is_final = false;
	facts.bridge.node_up = ANSWER_NO;
	facts.bridge.taking_payments = ANSWER_NO;
	walk = walk_all(&facts);
	cr_assert_eq(walk_problems(&walk), 0);
}

TEST(walk, stranger_learns_what_the_machine_tells)
{
	struct facts facts = stranger();
	struct walk walk = walk_all(&facts);

	cr_assert_str_eq(states(&walk), "P-oo-------oo");
	EXPECT(walk, WALK_SERVICE, "is not running");
	EXPECT(walk, WALK_SETUP, "this takes root");
	EXPECT(walk, WALK_CAR, "this takes root");
	EXPECT(walk, WALK_PAYMENTS, "because of the service");
}

TEST(walk, bridge_that_may_not_look_tells_what_it_knows)
{
	struct facts facts = fine();
	struct walk walk;

	facts.source = FACTS_STATUS;
	(void)snprintf(facts.why_no_look, sizeof(facts.why_no_look), "no");
	walk = walk_all(&facts);
	cr_assert_str_eq(states(&walk), "ooooooooooooo");
	cr_assert_str_eq(summary(&walk, &facts),
		"No problem was found, but not all was looked at: no.");

	facts = lost("");
	facts.source = FACTS_STATUS;
	facts.bridge.was_heard = true;
	facts.bridge.heard_s = 3600;
	walk = walk_all(&facts);
	cr_assert_str_eq(states(&walk), "oooo-----oooo");
}

TEST(walk, look_of_a_bridge_that_does_not_run_is_judged_like_any)
{
	struct facts facts = fine();
	struct walk walk;

	facts.source = FACTS_DIAGNOSE;
	facts.is_on_bus = false;
	facts.bridge.taking_payments = ANSWER_UNKNOWN;
	walk = walk_all(&facts);
	cr_assert_str_eq(states(&walk), "Pooooooooo-oo");
	EXPECT(walk, WALK_SETUP, "can be used");
}

TEST(walk, of_no_facts_every_line_is_judged)
{
	struct facts facts = { .is_final = true, .host.state_dir = "/nowhere" };
	struct walk walk = walk_all(&facts);

	cr_assert_eq(walk.n, _WALK_N);
	for (size_t i = 0; i < walk.n; i++)
		cr_assert(walk.lines[i].text[0] != '\0');
	/* All of it fits in a sentence. */
	cr_assert(strstr(summary(&walk, &facts), "beside each.") != NULL);
}
