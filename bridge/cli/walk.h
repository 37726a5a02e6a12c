/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Walk - what doctor makes of the facts: from adapter to car to node
 *
 * Pure: facts in, lines out.  One line per check, in order; what rests on a
 * check that is not fine is not looked at.  A check that is fine is known to
 * be as soon as its facts are there; that one is not only when no more come.
 */

#include <stdbool.h>
#include <stddef.h>

#include "cli/facts.h"

enum walk_check {
	WALK_SERVICE,
	WALK_SETUP, /* configuration and key */
	WALK_BLUETOOTH,
	WALK_ADAPTER,
	WALK_CAR, /* heard */
	WALK_LINK,
	WALK_KEY,   /* a session with VCSEC, so the key is enrolled */
	WALK_SLEEP, /* awake or asleep */
	WALK_INFOTAINMENT,
	WALK_NODE,
	WALK_PAYMENTS,
	WALK_STATE, /* the folder */
	WALK_CLOCK,

	_WALK_N,
};

enum walk_state {
	WALK_WAIT, /* more facts are needed */
	WALK_OK,
	WALK_PROBLEM,
	WALK_SKIPPED,
};

enum {
	WALK_TEXT_SIZE = 600,
	/* Where the words for signal strength begin, in dBm. */
	WALK_STRONG_DBM = -65,
	WALK_FAIR_DBM = -80,
	/* What was heard so long ago tells nothing of now. */
	WALK_HEARD_MAX_S = 90,
};

struct walk_line {
	enum walk_state state;
	char text[WALK_TEXT_SIZE];
	char advice[WALK_TEXT_SIZE]; /* or ""; also where the state is OK */
};

struct walk {
	size_t n; /* lines so far */
	struct walk_line lines[_WALK_N];
};

/* "adapter" */
const char *walk_check_name(enum walk_check check);
/* "the adapter" */
const char *walk_check_noun(enum walk_check check);
/* "ok", "problem", "skipped" */
const char *walk_state_name(enum walk_state state);

/*
 * Judges the next check.  Returns true and has one more line, or false if the
 * facts do not suffice yet, or all is judged.  With facts->is_final it goes
 * on to the end.
 */
bool walk_next(struct walk *walk, const struct facts *facts);

/* How many problems there are. */
size_t walk_problems(const struct walk *walk);

/* All of it in one sentence. */
void walk_summary(const struct walk *walk, const struct facts *facts,
	char ret[static WALK_TEXT_SIZE]);
