/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Judge - one check of the walk, from its facts
 *
 * Each leaves the line as it is, waiting, while its facts do not suffice.
 */

#include "cli/walk.h"
#include "util/macro.h"

struct judge {
	const struct facts *facts;
	const struct facts_host *host;
	const struct facts_bridge *bridge;
	struct walk_line *line;
};

/* judge_machine.c */
void judge_service(struct judge *judge);
void judge_setup(struct judge *judge);
void judge_bluetooth(struct judge *judge);
void judge_adapter(struct judge *judge);
void judge_state(struct judge *judge);
void judge_clock(struct judge *judge);

/* judge_car.c */
void judge_car(struct judge *judge);
void judge_link(struct judge *judge);
void judge_key(struct judge *judge);
void judge_sleep(struct judge *judge);
void judge_infotainment(struct judge *judge);

/* judge_node.c */
void judge_node(struct judge *judge);
void judge_payments(struct judge *judge);

/* For these: judge.c. */

void judge_say(struct judge *judge, enum walk_state state, const char *format,
	...) _printf_(3, 4);
void judge_advise(struct judge *judge, const char *format, ...) _printf_(2, 3);

/* Not looked at, because of @cause. */
void judge_say_because(struct judge *judge, enum walk_check cause);

/* A problem, in the words of model/trouble.h. */
void judge_say_trouble(struct judge *judge, const char *name);

/*
 * The bridge's trouble with the car, if it belongs to @check or to one before:
 * these were fine by what the machine told, but the bridge knows better, for
 * example which adapter it is to use.  Tells if it was said.
 */
bool judge_say_own_trouble(struct judge *judge, enum walk_check check);

/*
 * Waits for more, or says why nobody looked; where somebody did, it is a
 * problem: @because, a sentence.
 */
void judge_say_unknown(struct judge *judge, const char *because);

/* Has anybody looked, so that what was not found is not there? */
bool judge_is_looked(const struct judge *judge);

/* The bridge's trouble with the car: at which check it shows. */
enum walk_check judge_trouble_check(const char *name);
