/* SPDX-License-Identifier: MIT */

#include "orders/rules.h"

#include <stdio.h>
#include <time.h>

#include "util/clock.h"
#include "util/duration.h"

static bool refuse(char why[static WHY_SIZE], const char *sentence)
{
	(void)snprintf(why, WHY_SIZE, "%s", sentence);

	return false;
}

/* Seconds since it was paid, by the clocks of node and bridge. */
static bool wall_age_of(const struct payment *payment, const struct moment *now,
	int64_t *ret_s, char why[static WHY_SIZE])
{
	if (payment->paid_at_s <= 0)
		return refuse(why, "nobody knows when it was paid");
	if (!now->wall_is_set)
		return refuse(why, "it was paid before the bridge was waiting, "
				   "and the clock is not set");
	if (now->wall_s < payment->paid_at_s - RULES_AHEAD_MAX_S)
		return refuse(why, "it was paid in the future; the clock of "
				   "the node or of the bridge is wrong");

	*ret_s = now->wall_s - payment->paid_at_s;
	/* The node's clock may be a little ahead. */
	if (*ret_s < 0)
		*ret_s = 0;
	return true;
}

/*
 * How old is it?  What arrived on a waiting call was paid just now, as far as
 * anyone can tell, and BOOTTIME proves that the call had not waited for
 * longer than a call does; clocks that agree with that know it better.  Of
 * anything else the clocks decide.
 */
static bool age_of(const struct payment *payment, const struct moment *now,
	uint64_t *ret_ms, char why[static WHY_SIZE])
{
	bool waited = payment->max_age_ms < MENU_MAX_AGE_MS;
	int64_t age_s = 0;

	if (!wall_age_of(payment, now, &age_s, why)) {
		if (!waited)
			return false;
		*why = '\0';
	}

	*ret_ms = (uint64_t)age_s * 1000;
	if (waited && *ret_ms > payment->max_age_ms)
		*ret_ms = 0;
	return true;
}

bool rules_fresh_until(const struct payment *payment, uint64_t max_age_ms,
	const struct moment *now, uint64_t *ret_until_ms,
	char why[static WHY_SIZE])
{
	uint64_t age_ms;

	if (!age_of(payment, now, &age_ms, why))
		return false;
	if (age_ms >= max_age_ms) {
		char age[DURATION_TEXT_SIZE], max[DURATION_TEXT_SIZE];

		duration_print(age_ms, age);
		duration_print(max_age_ms, max);
		(void)snprintf(why, WHY_SIZE,
			"it was paid %s ago, and no longer counts after %s",
			age, max);
		return false;
	}

	*ret_until_ms = now->boot_ms + (max_age_ms - age_ms);
	return true;
}

bool rules_is_open(const struct menu_action *action, const struct moment *now,
	char why[static WHY_SIZE])
{
	unsigned int from = action->open_from_min, to = action->open_to_min;
	time_t wall = (time_t)now->wall_s;
	unsigned int minute;
	struct tm tm;
	bool open;

	if (from == to)
		return true;
	/* A Pi has no clock at boot. */
	if (!now->wall_is_set || localtime_r(&wall, &tm) == NULL) {
		(void)snprintf(why, WHY_SIZE,
			"%s has opening hours, and the clock is not set yet",
			action->name);
		return false;
	}

	minute = 60 * (unsigned int)tm.tm_hour + (unsigned int)tm.tm_min;
	open = from < to ? minute >= from && minute < to
			 : minute >= from || minute < to;
	if (!open)
		(void)snprintf(why, WHY_SIZE,
			"%s is open from %02u:%02u to %02u:%02u only",
			action->name, from / 60, from % 60, to / 60, to % 60);

	return open;
}

uint32_t rules_limit(const struct menu_action *action, enum rules_period period)
{
	return period == RULES_PER_DAY ? action->per_day : action->per_hour;
}

bool rules_has_room(const struct menu_action *action, enum rules_period period,
	uint64_t nth_age_ms, char why[static WHY_SIZE])
{
	bool is_day = period == RULES_PER_DAY;
	uint32_t limit = rules_limit(action, period);

	if (limit == 0 || nth_age_ms >= (is_day ? RULES_DAY_MS : RULES_HOUR_MS))
		return true;

	(void)snprintf(why, WHY_SIZE, "%s is done at most %u times %s",
		action->name, limit, is_day ? "a day" : "an hour");
	return false;
}

uint64_t rules_start_at(const struct menu_action *action, uint64_t last_age_ms,
	const struct moment *now)
{
	if (last_age_ms >= action->cooldown_ms)
		return now->boot_ms;

	return now->boot_ms + (action->cooldown_ms - last_age_ms);
}

bool rules_are_met(const struct conditions *conditions,
	const struct car_state *state, const struct moment *now,
	char why[static WHY_SIZE])
{
	struct condition_judgement judgement;

	conditions_judge(conditions, state, now->boot_ms, &judgement);
	if (judgement.verdict == CONDITION_HOLDS)
		return true;

	return refuse(why, judgement.why);
}

bool rules_may_be_met(const struct conditions *conditions,
	const struct car_state *state, const struct moment *now,
	char why[static WHY_SIZE])
{
	/*
	 * As it will be judged later: by then only what is younger than that
	 * counts.  Older news may keep a payment from a car that was parked
	 * meanwhile, and the car is asked again before the first step anyway.
	 */
	uint64_t later_ms =
		now->boot_ms + CAR_PARKED_MAX_AGE_MS - RULES_KNOWN_MS;
	struct condition_judgement judgement;

	conditions_judge(conditions, state, later_ms, &judgement);
	if (judgement.verdict != CONDITION_FAILS)
		return true;

	return refuse(why, judgement.why);
}

bool rules_may_be_done(const struct ledger_break *broken,
	const struct payment *payment, const struct moment *now)
{
	if (!broken->happened)
		return false;
	/* It came while this bridge was waiting, after the break. */
	if (payment->max_age_ms != UINT64_MAX &&
		now->boot_ms >= broken->at_ms &&
		now->boot_ms - broken->at_ms >= payment->max_age_ms)
		return false;
	if (payment->paid_at_s <= 0 || broken->at_s == 0)
		return true;

	return payment->paid_at_s <= broken->at_s + RULES_AHEAD_MAX_S &&
	       payment->paid_at_s >= broken->at_s - LEDGER_BROKEN_S;
}
