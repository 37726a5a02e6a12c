/* SPDX-License-Identifier: MIT */

#include "cli/walk.h"

#include <stdio.h>

#include "cli/judge.h"

static const struct {
	const char *name;
	const char *noun; /* "because of the adapter" */
} words[_WALK_N] = {
	[WALK_SERVICE] = { "service", "the service" },
	[WALK_SETUP] = { "setup", "the setup" },
	[WALK_BLUETOOTH] = { "bluetooth", "Bluetooth" },
	[WALK_ADAPTER] = { "adapter", "the adapter" },
	[WALK_CAR] = { "car", "the car" },
	[WALK_LINK] = { "link", "the link" },
	[WALK_KEY] = { "key", "the key" },
	[WALK_SLEEP] = { "sleep", "the car's sleep" },
	[WALK_INFOTAINMENT] = { "infotainment", "infotainment" },
	[WALK_NODE] = { "node", "the node" },
	[WALK_PAYMENTS] = { "payments", "the payments" },
	[WALK_STATE] = { "state", "the state folder" },
	[WALK_CLOCK] = { "clock", "the clock" },
};

#define NEEDS(check) (1U << (check))

static const struct {
	void (*judge)(struct judge *judge);
	unsigned int needs;
} checks[_WALK_N] = {
	[WALK_SERVICE] = { judge_service, 0 },
	[WALK_SETUP] = { judge_setup, 0 },
	[WALK_BLUETOOTH] = { judge_bluetooth, 0 },
	[WALK_ADAPTER] = { judge_adapter, NEEDS(WALK_BLUETOOTH) },
	[WALK_CAR] = { judge_car, NEEDS(WALK_ADAPTER) },
	[WALK_LINK] = { judge_link, NEEDS(WALK_CAR) },
	[WALK_KEY] = { judge_key, NEEDS(WALK_LINK) },
	[WALK_SLEEP] = { judge_sleep, NEEDS(WALK_KEY) },
	[WALK_INFOTAINMENT] = { judge_infotainment, NEEDS(WALK_KEY) },
	[WALK_NODE] = { judge_node, 0 },
	[WALK_PAYMENTS] = { judge_payments,
		NEEDS(WALK_SERVICE) | NEEDS(WALK_NODE) },
	[WALK_STATE] = { judge_state, 0 },
	[WALK_CLOCK] = { judge_clock, 0 },
};

const char *walk_check_name(enum walk_check check)
{
	return words[check].name;
}

const char *walk_check_noun(enum walk_check check)
{
	return words[check].noun;
}

const char *walk_state_name(enum walk_state state)
{
	switch (state) {
	case WALK_OK:
		return "ok";
	case WALK_PROBLEM:
		return "problem";
	case WALK_SKIPPED:
		return "skipped";
	case WALK_WAIT:
		break;
	}

	return "waiting";
}

/* What stands in the way of @check: _WALK_N if nothing does. */
static enum walk_check find_cause(
	const struct walk *walk, enum walk_check check)
{
	for (size_t i = 0; i < walk->n; i++)
		if ((checks[check].needs & NEEDS(i)) != 0 &&
			walk->lines[i].state != WALK_OK)
			return (enum walk_check)i;

	return _WALK_N;
}

bool walk_next(struct walk *walk, const struct facts *facts)
{
	struct walk_line line = { .state = WALK_WAIT };
	struct judge judge = {
		.facts = facts,
		.host = &facts->host,
		.bridge = &facts->bridge,
		.line = &line,
	};
	enum walk_check check, cause;

	if (walk->n == _WALK_N)
		return false;

	check = (enum walk_check)walk->n;
	cause = find_cause(walk, check);
	if (cause == _WALK_N)
		checks[check].judge(&judge);
	else if (walk->lines[cause].state == WALK_SKIPPED)
		line = walk->lines[cause]; /* for the same reason */
	else
		judge_say_because(&judge, cause);
	if (line.state == WALK_WAIT)
		return false;

	walk->lines[walk->n++] = line;
	return true;
}

static size_t count(const struct walk *walk, enum walk_state state)
{
	size_t n = 0;

	for (size_t i = 0; i < walk->n; i++)
		n += walk->lines[i].state == state;

	return n;
}

size_t walk_problems(const struct walk *walk)
{
	return count(walk, WALK_PROBLEM);
}

void walk_summary(const struct walk *walk, const struct facts *facts,
	char ret[static WALK_TEXT_SIZE])
{
	size_t n_problems = walk_problems(walk), n = 0, len;

	if (n_problems == 0 && facts->why_no_look[0] != '\0') {
		(void)snprintf(ret, WALK_TEXT_SIZE,
			"No problem was found, but not all was looked at: %s.",
			facts->why_no_look);
		return;
	}
	if (n_problems == 0) {
		(void)snprintf(ret, WALK_TEXT_SIZE, "Everything is fine.");
		return;
	}

	len = (size_t)snprintf(ret, WALK_TEXT_SIZE,
		"%zu problem%s: ", n_problems, n_problems == 1 ? "" : "s");
	for (size_t i = 0; i < walk->n; i++)
		if (walk->lines[i].state == WALK_PROBLEM)
			len += (size_t)snprintf(ret + len, WALK_TEXT_SIZE - len,
				"%s%s", n++ == 0 ? "" : ", ", words[i].name);
	(void)snprintf(ret + len, WALK_TEXT_SIZE - len,
		"; what to do stands beside %s.",
		n_problems == 1 ? "it" : "each");
}
