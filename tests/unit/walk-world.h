/* SPDX-License-Identifier: MIT */
#pragma once

/* The facts of a Pi in a car, well and not, for the tests of walk and judge. */

#include "cli/walk.h"

#include <stdio.h>
#include <string.h>

#include "model/trouble.h"
#include "test.h"

static inline void set(char *field, const char *text)
{
	(void)snprintf(field, FACTS_WORD_SIZE, "%s", text);
}

/* A Pi, a car and a node with which all is well, after a look. */
static inline struct facts fine(void)
{
	struct facts facts = {
		.host = {
			.has_bus = true,
			.unit_file = "enabled",
			.unit_active = "active",
			.has_bluez = ANSWER_YES,
			.n_adapters = 1,
			.adapters = { { "hci0", "B8:27:EB:12:34:56", true,
				false } },
			.state_dir = "/var/lib/1sat2flash",
			.has_state_dir = true,
			.is_state_durable = true,
			.is_clock_set = true,
		},
		.source = FACTS_LOOK,
		.is_on_bus = true,
		.bridge = {
			.vin_end = "0000",
			.adapter = "hci0 (B8:27:EB:12:34:56)",
			.link = "ready",
			.car_sleep = "awake",
			.node_alias = "SLEEPYPI",
			.node_id = "02aabbccddeeff",
			.lent = ANSWER_NO,
			.session_vcsec = ANSWER_YES,
			.session_infotainment = ANSWER_YES,
			.node_up = ANSWER_YES,
			.taking_payments = ANSWER_YES,
			.paused = ANSWER_NO,
			.was_heard = true,
			.heard_s = 1,
			.rssi = -60,
		},
		.is_final = true,
	};

	return facts;
}

/* The same after a look that found out nothing of the car. */
static inline struct facts lost(const char *trouble)
{
	struct facts facts = fine();

	facts.bridge.link[0] = '\0';
	set(facts.bridge.link, "closed");
	set(facts.bridge.car_trouble, trouble);
	set(facts.bridge.car_sleep, "unknown");
	facts.bridge.session_vcsec = ANSWER_NO;
	facts.bridge.session_infotainment = ANSWER_NO;
	facts.bridge.was_heard = false;
	facts.bridge.rssi = 0;
	return facts;
}

/* No bridge, no privilege: only what the machine tells everybody. */
static inline struct facts stranger(void)
{
	struct facts facts = fine();

	facts.source = FACTS_NONE;
	facts.is_on_bus = false;
	facts.bridge = (struct facts_bridge){ 0 };
	set(facts.host.unit_active, "inactive");
	(void)snprintf(facts.why_no_look, sizeof(facts.why_no_look),
		"this takes root");
	return facts;
}

static inline struct walk walk_all(const struct facts *facts)
{
	struct walk walk = { 0 };

	while (walk_next(&walk, facts))
		continue;
	return walk;
}

/* "ok ok problem - ..." in the order of the walk. */
static inline const char *states(const struct walk *walk)
{
	static const char signs[] = { '?', 'o', 'P', '-' };
	static char text[_WALK_N + 1];

	for (size_t i = 0; i < walk->n; i++)
		text[i] = signs[walk->lines[i].state];
	text[walk->n] = '\0';
	return text;
}

static inline const char *summary(
	const struct walk *walk, const struct facts *facts)
{
	static char text[WALK_TEXT_SIZE];

	walk_summary(walk, facts, text);
	return text;
}

#define EXPECT(walk, check, what)                                 \
	cr_assert(strstr((walk).lines[check].text, what) != NULL, \
		"\"%s\" lacks \"%s\"", (walk).lines[check].text, what)
