/* SPDX-License-Identifier: MIT */

#include "cli/judge.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "model/trouble.h"

void judge_say(
	struct judge *judge, enum walk_state state, const char *format, ...)
{
	va_list args;

	judge->line->state = state;
	va_start(args, format);
	(void)vsnprintf(judge->line->text, WALK_TEXT_SIZE, format, args);
	va_end(args);
}

void judge_advise(struct judge *judge, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(judge->line->advice, WALK_TEXT_SIZE, format, args);
	va_end(args);
}

void judge_say_because(struct judge *judge, enum walk_check cause)
{
	judge_say(judge, WALK_SKIPPED, "Not looked at, because of %s.",
		walk_check_noun(cause));
}

/* In the words of the table; of a newer bridge, in its own. */
void judge_say_trouble(struct judge *judge, const char *name)
{
	const struct trouble *trouble = trouble_find(name);
	const char *own = judge->bridge->car_problem;

	if (trouble != NULL) {
		judge_say(judge, WALK_PROBLEM, "%s", trouble->what);
		judge_advise(judge, "%s", trouble->advice);
	} else {
		judge_say(judge, WALK_PROBLEM, "%s (%s).",
			own[0] == '\0' ? "Something is wrong" : own, name);
	}
}

enum walk_check judge_trouble_check(const char *name)
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
		{ "link-failed", WALK_CAR }, /* perhaps before it was heard */
		{ "car-full", WALK_LINK },
		{ "car-not-connecting", WALK_LINK },
		{ "link-lost", WALK_LINK },
		{ "link-closed", WALK_LINK },
		{ "link-lent", WALK_LINK },
		{ "not-a-car", WALK_LINK },
		{ "half-enrolled", WALK_INFOTAINMENT },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (strcmp(table[i].name, name) == 0)
			return table[i].check;

	/* The others are about the key, and so may be one not known here. */
	return WALK_KEY;
}

bool judge_is_looked(const struct judge *judge)
{
	return judge->facts->source == FACTS_LOOK ||
	       judge->facts->source == FACTS_DIAGNOSE;
}

void judge_say_unknown(struct judge *judge, const char *because)
{
	const struct facts *facts = judge->facts;

	if (!facts->is_final)
		return;
	if (facts->bridge.n_problems > 0 || facts->why_silent[0] != '\0')
		judge_say_because(judge, WALK_SETUP);
	else if (judge_is_looked(judge))
		judge_say(judge, WALK_PROBLEM, "%s", because);
	else
		judge_say(judge, WALK_SKIPPED, "Not looked at: %s.",
			facts->why_no_look);
}

bool judge_say_own_trouble(struct judge *judge, enum walk_check check)
{
	const char *name = judge->bridge->car_trouble;

	if (!judge->facts->is_final || name[0] == '\0' ||
		judge_trouble_check(name) > check)
		return false;

	judge_say_trouble(judge, name);
	return true;
}
