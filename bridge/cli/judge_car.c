/* SPDX-License-Identifier: MIT */

#include "cli/judge.h"

#include <inttypes.h>
#include <string.h>

static void say_heard(struct judge *judge)
{
	int64_t rssi = judge->bridge->rssi;
	const char *end = judge->bridge->vin_end;
	bool is_weak = rssi < WALK_FAIR_DBM;

	if (rssi == 0) {
		judge_say(judge, WALK_OK, "The car ...%s is in reach.", end);
		return;
	}
	judge_say(judge, WALK_OK,
		"The car ...%s is heard at %" PRId64 " dBm: %s.", end, rssi,
		is_weak                  ? "weak"
		: rssi < WALK_STRONG_DBM ? "fair"
					 : "strong");
	if (is_weak)
		judge_advise(judge,
			"Bring the Pi nearer to the middle of the car and out "
			"of metal, and away from USB 3 and 2.4 GHz Wi-Fi; or "
			"use a USB adapter on a lead.");
}

void judge_car(struct judge *judge)
{
	const struct facts_bridge *bridge = judge->bridge;

	if (judge_say_own_trouble(judge, WALK_CAR))
		return;
	/* A trouble behind it means that it was found. */
	if (strcmp(bridge->link, "ready") == 0 ||
		(bridge->was_heard && bridge->heard_s < WALK_HEARD_MAX_S) ||
		(judge->facts->is_final && judge_is_looked(judge) &&
			(bridge->car_trouble[0] != '\0' ||
				bridge->session_vcsec == ANSWER_YES)))
		say_heard(judge);
	else
		judge_say_unknown(judge, "Nothing was heard of the car.");
}

void judge_link(struct judge *judge)
{
	const struct facts_bridge *bridge = judge->bridge;

	if (bridge->lent == ANSWER_YES) {
		judge_say(judge, WALK_SKIPPED,
			"Not looked at: the link is lent, to 1sat2flash-pair.");
		return;
	}
	if (judge_say_own_trouble(judge, WALK_LINK))
		return;
	if (strcmp(bridge->link, "ready") == 0 ||
		(judge->facts->is_final && judge_is_looked(judge) &&
			(bridge->car_trouble[0] != '\0' ||
				bridge->session_vcsec == ANSWER_YES)))
		judge_say(judge, WALK_OK, "The car took the connection.");
	else
		judge_say_unknown(judge, "There is no connection to the car.");
}

void judge_key(struct judge *judge)
{
	if (judge_say_own_trouble(judge, WALK_KEY))
		return;
	/* A session from before tells nothing of a key deleted since. */
	if (judge->bridge->session_vcsec == ANSWER_YES &&
		judge->facts->is_final)
		judge_say(judge, WALK_OK,
			"The car's locks (VCSEC) know our key and answer.");
	else
		judge_say_unknown(
			judge, "The car's locks (VCSEC) gave no session.");
}

void judge_sleep(struct judge *judge)
{
	const char *sleep = judge->bridge->car_sleep;

	if (!judge->facts->is_final)
		return;
	if (strcmp(sleep, "awake") == 0)
		judge_say(judge, WALK_OK, "The car is awake.");
	else if (strcmp(sleep, "asleep") == 0)
		judge_say(judge, WALK_OK,
			"The car sleeps; a paid action wakes it.");
	else if (judge_is_looked(judge))
		judge_say(judge, WALK_OK, "The car did not tell if it sleeps.");
	else
		judge_say_unknown(judge, "");
}

void judge_infotainment(struct judge *judge)
{
	if (judge_say_own_trouble(judge, WALK_INFOTAINMENT))
		return;
	if (!judge->facts->is_final)
		return;
	if (judge->bridge->session_infotainment == ANSWER_YES)
		judge_say(judge, WALK_OK,
			"The car's computer (infotainment) knows our key and "
			"answers.");
	else if (strcmp(judge->bridge->car_sleep, "asleep") == 0)
		judge_say(judge, WALK_SKIPPED,
			"Not looked at: it sleeps, and a look wakes nothing.");
	else
		judge_say_unknown(judge,
			"The car's computer (infotainment) gave no session.");
}
