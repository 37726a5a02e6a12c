/* SPDX-License-Identifier: MIT */

#include "walk-world.h"

TEST(judge, trouble_of_a_newer_bridge_is_told_in_its_words)
{
	struct facts facts = lost("moon-in-the-way");
	struct walk walk;

	set(facts.bridge.car_problem, "the moon is in the way");
	walk = walk_all(&facts);
	cr_assert_str_eq(walk.lines[WALK_KEY].text,
		"the moon is in the way (moon-in-the-way).");
	cr_assert_eq(walk_problems(&walk), 1);
}

TEST(judge, signal_has_words_and_a_weak_one_advice)
{
	static const struct {
		int64_t rssi;
		const char *word;
	} table[] = {
		{ -1, "strong" },
		{ -65, "strong" },
		{ -66, "fair" },
		{ -80, "fair" },
		{ -81, "weak" },
		{ INT64_MIN, "weak" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct facts facts = fine();
		struct walk walk;

		facts.bridge.rssi = table[i].rssi;
		walk = walk_all(&facts);
		EXPECT(walk, WALK_CAR, table[i].word);
		cr_assert_eq(walk.lines[WALK_CAR].advice[0] != '\0',
			table[i].rssi < -80);
	}
}

TEST(judge, car_heard_at_no_told_strength_is_in_reach)
{
	struct facts facts = fine();
	struct walk walk;

	facts.bridge.rssi = 0;
	walk = walk_all(&facts);
	cr_assert_str_eq(
		walk.lines[WALK_CAR].text, "The car ...0000 is in reach.");
}

TEST(judge, car_at_a_socket_needs_no_radio)
{
	struct facts facts = fine();
	struct walk walk;

	facts.bridge.adapter[0] = '\0';
	facts.host.has_bluez = ANSWER_NO;
	facts.host.n_adapters = 0;
	walk = walk_all(&facts);
	cr_assert_str_eq(states(&walk), "ooooooooooooo");

	facts = lost("car-not-heard");
	facts.bridge.adapter[0] = '\0';
	facts.host.has_bluez = ANSWER_NO;
	facts.host.n_adapters = 0;
	walk = walk_all(&facts);
	cr_assert_str_eq(states(&walk), "ooooP----oooo");
}

TEST(judge, sleeping_car_is_no_problem)
{
	struct facts facts = fine();
	struct walk walk;

	set(facts.bridge.car_sleep, "asleep");
	facts.bridge.session_infotainment = ANSWER_NO;
	walk = walk_all(&facts);
	cr_assert_str_eq(states(&walk), "oooooooo-oooo");
	cr_assert_str_eq(summary(&walk, &facts), "Everything is fine.");
}

TEST(judge, infotainment_that_is_awake_and_has_no_session_is_a_problem)
{
	struct facts facts = fine();
	struct walk walk;

	facts.bridge.session_infotainment = ANSWER_NO;
	walk = walk_all(&facts);
	cr_assert_str_eq(states(&walk), "ooooooooPoooo");
	set(facts.bridge.car_trouble, "half-enrolled");
	walk = walk_all(&facts);
	cr_assert_str_eq(states(&walk), "ooooooooPoooo");
	cr_assert_str_eq(walk.lines[WALK_INFOTAINMENT].text,
		trouble_find("half-enrolled")->what);
}

TEST(judge, lent_link_is_no_problem)
{
	struct facts facts = lost("");
	struct walk walk;

	facts.source = FACTS_STATUS;
	facts.bridge.lent = ANSWER_YES;
	facts.bridge.was_heard = true;
	walk = walk_all(&facts);
	cr_assert_str_eq(states(&walk), "ooooo----oooo");
	EXPECT(walk, WALK_LINK, "lent");
}

TEST(judge, service_that_is_away_says_why_and_what_to_do)
{
	static const struct {
		const char *file, *active, *text, *advice;
	} table[] = {
		{ "enabled", "failed", "failed", "journalctl" },
		{ "enabled", "inactive", "not running", "start 1sat2flash" },
		{ "disabled", "inactive", "not started at boot",
			"enable --now" },
		{ "enabled", "activating", "starting", "seconds" },
		{ "enabled", "active", "D-Bus", "restart" },
		{ "", "", "not running", "start 1sat2flash" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct facts facts = stranger();
		struct walk walk;

		set(facts.host.unit_file, table[i].file);
		set(facts.host.unit_active, table[i].active);
		walk = walk_all(&facts);
		cr_assert_eq(walk.lines[WALK_SERVICE].state, WALK_PROBLEM);
		EXPECT(walk, WALK_SERVICE, table[i].text);
		cr_assert(strstr(walk.lines[WALK_SERVICE].advice,
				  table[i].advice) != NULL);
	}
}

TEST(judge, bridge_that_will_not_start_at_boot_gets_advice)
{
	struct facts facts = fine();
	struct walk walk;

	set(facts.host.unit_file, "disabled");
	walk = walk_all(&facts);
	cr_assert_eq(walk.lines[WALK_SERVICE].state, WALK_OK);
	cr_assert(strstr(walk.lines[WALK_SERVICE].advice, "enable") != NULL);
}

TEST(judge, without_a_bus_bluetooth_cannot_be_asked)
{
	struct facts facts = stranger();
	struct walk walk;

	facts.host.has_bus = false;
	facts.host.has_bluez = ANSWER_UNKNOWN;
	facts.host.n_adapters = 0;
	walk = walk_all(&facts);
	cr_assert_str_eq(states(&walk), "P----------oo");
	EXPECT(walk, WALK_SERVICE, "D-Bus");
}

TEST(judge, adapters_that_are_off_are_told_from_those_blocked_or_missing)
{
	struct facts facts = stranger();
	struct walk walk;

	facts.host.adapters[0].is_on = false;
	walk = walk_all(&facts);
	cr_assert_str_eq(walk.lines[WALK_ADAPTER].text,
		trouble_find("adapter-off")->what);
	facts.host.adapters[0].is_blocked = true;
	walk = walk_all(&facts);
	cr_assert_str_eq(walk.lines[WALK_ADAPTER].text,
		trouble_find("adapter-blocked")->what);
	facts.host.adapters[0].is_blocked = false;
	facts.host.is_rfkilled = true;
	walk = walk_all(&facts);
	cr_assert_str_eq(walk.lines[WALK_ADAPTER].text,
		trouble_find("adapter-blocked")->what);
	facts.host.is_rfkilled = false;
	facts.host.n_adapters = 0;
	walk = walk_all(&facts);
	cr_assert_str_eq(walk.lines[WALK_ADAPTER].text,
		trouble_find("no-adapter")->what);
	/* Another one that is on is as good. */
	facts.host.n_adapters = 2;
	facts.host.adapters[1] =
		(struct facts_adapter){ "hci1", "00:1A:7D:DA:71:13", true, 0 };
	walk = walk_all(&facts);
	cr_assert_str_eq(walk.lines[WALK_ADAPTER].text,
		"hci1 (00:1A:7D:DA:71:13) is on.");
}

TEST(judge, problems_of_the_setup_keep_from_looking)
{
	struct facts facts = stranger();
	struct walk walk;

	facts.source = FACTS_DIAGNOSE;
	facts.why_no_look[0] = '\0';
	facts.bridge.n_problems = 2;
	set(facts.bridge.problems[0], "There is no key.");
	set(facts.bridge.problems[1], "There is no car");
	walk = walk_all(&facts);
	cr_assert_str_eq(states(&walk), "PPoo-------oo");
	cr_assert_str_eq(walk.lines[WALK_SETUP].text,
		"There is no key. There is no car.");
	EXPECT(walk, WALK_CAR, "because of the setup");
	EXPECT(walk, WALK_NODE, "because of the setup");
	/* What was found out all the same is told. */
	facts.bridge.node_up = ANSWER_YES;
	walk = walk_all(&facts);
	cr_assert_str_eq(states(&walk), "PPoo-----o-oo");
}

TEST(judge, program_that_tells_nothing_is_a_problem_of_the_setup)
{
	struct facts facts = stranger();
	struct walk walk;

	facts.source = FACTS_DIAGNOSE;
	facts.why_no_look[0] = '\0';
	(void)snprintf(facts.why_silent, sizeof(facts.why_silent), "It broke");
	walk = walk_all(&facts);
	cr_assert_str_eq(walk.lines[WALK_SETUP].text, "It broke.");
	EXPECT(walk, WALK_CAR, "because of the setup");
}

TEST(judge, node_that_is_away_is_told_with_its_reason)
{
	struct facts facts = fine();
	struct walk walk;

	facts.bridge.node_up = ANSWER_NO;
	facts.bridge.taking_payments = ANSWER_NO;
	(void)snprintf(facts.bridge.node_problem, FACTS_TEXT_SIZE,
		"nobody answers at /run/rpc, trying again in 2 s");
	set(facts.bridge.why_not, "nobody answers at /run/rpc");
	walk = walk_all(&facts);
	cr_assert_str_eq(states(&walk), "oooooooooP-oo");
	cr_assert_str_eq(
		walk.lines[WALK_NODE].text, "Nobody answers at /run/rpc.");
	EXPECT(walk, WALK_PAYMENTS, "because of the node");
	cr_assert_str_eq(walk.lines[WALK_NODE].advice,
		trouble_find("node-not-reached")->advice);
	set(facts.bridge.node_problem, "x may not be used by this user");
	walk = walk_all(&facts);
	cr_assert_str_eq(walk.lines[WALK_NODE].advice,
		trouble_find("node-not-permitted")->advice);
}

TEST(judge, node_elsewhere_has_advice_of_its_own)
{
	static const struct {
		const char *problem;
		const char *trouble;
	} cases[] = {
		{ "the node at 192.0.2.7:9735 hung up, trying again in 2 s",
			"node-far-not-reached" },
		{ "the proxy at 127.0.0.1:9050 cannot be reached: x",
			"node-far-not-reached" },
		{ "the rune in /etc/rune does not permit the method "
		  "waitanyinvoice (method is not equal to getinfo)",
			"node-rune" },
		{ "the node does not take the rune in /etc/rune: x",
			"node-rune" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct facts facts = fine();
		struct walk walk;

		facts.bridge.node_up = ANSWER_NO;
		facts.bridge.taking_payments = ANSWER_NO;
		(void)snprintf(facts.bridge.node_problem, FACTS_TEXT_SIZE, "%s",
			cases[i].problem);
		walk = walk_all(&facts);
		cr_assert_str_eq(walk.lines[WALK_NODE].advice,
			trouble_find(cases[i].trouble)->advice);
	}
}

TEST(judge, pause_of_the_owner_is_told_with_the_way_on)
{
	struct facts facts = fine();
	struct walk walk;

	facts.bridge.taking_payments = ANSWER_NO;
	facts.bridge.paused = ANSWER_YES;
	set(facts.bridge.why_not, "paused by the owner");
	walk = walk_all(&facts);
	cr_assert_str_eq(walk.lines[WALK_PAYMENTS].text,
		"No payments are taken: paused by the owner.");
	cr_assert(strstr(walk.lines[WALK_PAYMENTS].advice, "resume") != NULL);
}

TEST(judge, state_that_is_forgotten_is_a_problem_unless_accepted)
{
	struct facts facts = fine();
	struct walk walk;

	facts.host.is_state_durable = false;
	walk = walk_all(&facts);
	cr_assert_eq(walk.lines[WALK_STATE].state, WALK_OK);
	facts.bridge.taking_payments = ANSWER_NO;
	walk = walk_all(&facts);
	cr_assert_eq(walk.lines[WALK_STATE].state, WALK_PROBLEM);
	facts.host.has_state_dir = false;
	walk = walk_all(&facts);
	cr_assert_eq(walk.lines[WALK_STATE].state, WALK_OK);
	facts.is_on_bus = false;
	walk = walk_all(&facts);
	cr_assert_eq(walk.lines[WALK_STATE].state, WALK_PROBLEM);
}

TEST(judge, clock_that_was_not_set_is_a_problem)
{
	struct facts facts = fine();
	struct walk walk;

	facts.host.is_clock_set = false;
	walk = walk_all(&facts);
	cr_assert_str_eq(states(&walk), "ooooooooooooP");
}
