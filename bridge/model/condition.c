/* SPDX-License-Identifier: MIT */

#include "model/condition.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "util/clock.h"

enum {
	BATTERY_FULL = 100,
};

static const struct condition_info {
	const char *name;
	enum command_id read;
	enum condition contrary; /* never both; itself: there is none */
	const char *fails;
	const char *open;
} table[_CONDITION_N] = {
	[CONDITION_ANYTIME] = { .name = "anytime",
		.contrary = CONDITION_PARKED },
	[CONDITION_AWAKE] = { .name = "awake",
		.read = COMMAND_BODY_CONTROLLER_STATE,
		.contrary = CONDITION_AWAKE,
		.fails = "the car sleeps, and this does not wake it",
		.open = "the car does not say that it is awake" },
	[CONDITION_PARKED] = { .name = "parked",
		.read = COMMAND_STATE_DRIVE,
		.contrary = CONDITION_ANYTIME,
		.fails = "the car is not parked",
		.open = "the car does not say that it is parked" },
	[CONDITION_NOBODY_INSIDE] = { .name = "nobody-inside",
		.read = COMMAND_STATE_CLOSURES,
		.contrary = CONDITION_SOMEBODY_INSIDE,
		.fails = "somebody is in the car",
		.open = "the car does not say whether anybody is in it" },
	[CONDITION_SOMEBODY_INSIDE] = { .name = "somebody-inside",
		.read = COMMAND_STATE_CLOSURES,
		.contrary = CONDITION_NOBODY_INSIDE,
		.fails = "nobody is in the car",
		.open = "the car does not say whether anybody is in it" },
	[CONDITION_LOCKED] = { .name = "locked",
		.read = COMMAND_STATE_CLOSURES,
		.contrary = CONDITION_UNLOCKED,
		.fails = "the car is not locked",
		.open = "the car does not say whether it is locked" },
	[CONDITION_UNLOCKED] = { .name = "unlocked",
		.read = COMMAND_STATE_CLOSURES,
		.contrary = CONDITION_LOCKED,
		.fails = "the car is locked",
		.open = "the car does not say whether it is locked" },
	[CONDITION_BATTERY] = { .name = "battery",
		.read = COMMAND_STATE_CHARGE,
		.contrary = CONDITION_BATTERY,
		.open = "the car does not say how full its battery is" },
};

/* Reads what stands behind "battery": ">= 20", "< 80%". */
static bool read_range(const char *text, int *ret_min, int *ret_max)
{
	bool is_least = *text == '>';
	bool is_strict = text[0] != '\0' && text[1] != '=';
	int percent = 0;
	size_t n;

	if (*text != '>' && *text != '<')
		return false;
	text += is_strict ? 1 : 2;
	text += strspn(text, " ");
	n = strspn(text, "0123456789");
	if (n == 0 || n > 3)
		return false;
	for (; n > 0; n--)
		percent = 10 * percent + (*text++ - '0');
	text += strspn(text, " ");
	if ((*text != '\0' && strcmp(text, "%") != 0) || percent > BATTERY_FULL)
		return false;

	*ret_min = !is_least ? 0 : is_strict ? percent + 1 : percent;
	*ret_max = is_least ? BATTERY_FULL : is_strict ? percent - 1 : percent;
	return true;
}

/* Narrows the range by @text. */
static int add_battery(struct conditions *conditions, const char *text,
	char why[static WHY_SIZE])
{
	bool is_first = !conditions_has(conditions, CONDITION_BATTERY);
	int min, max;

	text += strspn(text, " ");
	if (!read_range(text, &min, &max)) {
		(void)snprintf(why, WHY_SIZE,
			"\"battery %.40s\" is no condition; write how full it "
			"has to be, 0 to 100, as in \"battery >= 20\"",
			text);
		return CONDITION_E_INVALID;
	}
	if (!is_first && min < conditions->battery_min)
		min = conditions->battery_min;
	if (!is_first && max > conditions->battery_max)
		max = conditions->battery_max;
	if (min > max) {
		(void)snprintf(why, WHY_SIZE,
			"\"battery %.40s\": no battery is like that%s", text,
			is_first ? "" : " and as the other condition says");
		return CONDITION_E_INVALID;
	}

	conditions->set |= 1u << CONDITION_BATTERY;
	conditions->battery_min = (uint8_t)min;
	conditions->battery_max = (uint8_t)max;
	return 0;
}

int conditions_add(struct conditions *conditions, const char *text,
	char why[static WHY_SIZE])
{
	const char *battery = table[CONDITION_BATTERY].name;
	size_t len = 0;

	if (strncmp(text, battery, strlen(battery)) == 0)
		return add_battery(conditions, text + strlen(battery), why);
	for (int i = 0; i < CONDITION_BATTERY; i++) {
		const struct condition_info *info = &table[i];
		enum condition condition = (enum condition)i;

		if (strcmp(text, info->name) != 0)
			continue;
		if (info->contrary != condition &&
			conditions_has(conditions, info->contrary)) {
			(void)snprintf(why, WHY_SIZE,
				"\"%s\" and \"%s\" contradict each other",
				info->name, table[info->contrary].name);
			return CONDITION_E_INVALID;
		}
		conditions->set |= 1u << condition;
		return 0;
	}

	len = (size_t)snprintf(
		why, WHY_SIZE, "\"%.40s\" is no condition; write ", text);
	for (int i = 0; i < CONDITION_BATTERY; i++)
		len += (size_t)snprintf(
			why + len, WHY_SIZE - len, "%s, ", table[i].name);
	(void)snprintf(why + len, WHY_SIZE - len, "or as in \"battery >= 20\"");
	return CONDITION_E_INVALID;
}

struct conditions conditions_shown_by(
	const struct conditions *conditions, enum command_id read)
{
	struct conditions shown = *conditions;

	for (int i = 0; i < _CONDITION_N; i++)
		if (table[i].read != read)
			shown.set &= ~(1u << i);

	return shown;
}

void condition_print(const struct conditions *conditions,
	enum condition condition, char ret[static CONDITION_WHY_SIZE])
{
	int min = conditions->battery_min, max = conditions->battery_max;
	const char *name = table[condition].name;

	if (condition != CONDITION_BATTERY)
		(void)snprintf(ret, CONDITION_WHY_SIZE, "%s", name);
	else if (max == BATTERY_FULL)
		(void)snprintf(ret, CONDITION_WHY_SIZE, "%s >= %d", name, min);
	else if (min == 0)
		(void)snprintf(ret, CONDITION_WHY_SIZE, "%s <= %d", name, max);
	else
		(void)snprintf(ret, CONDITION_WHY_SIZE, "%s >= %d, %s <= %d",
			name, min, name, max);
}

void conditions_print(const struct conditions *conditions,
	char ret[static CONDITIONS_TEXT_SIZE])
{
	size_t len = 0;

	ret[0] = '\0';
	for (int i = 0; i < _CONDITION_N; i++) {
		char text[CONDITION_WHY_SIZE];

		if (!conditions_has(conditions, (enum condition)i))
			continue;
		condition_print(conditions, (enum condition)i, text);
		len += (size_t)snprintf(ret + len, CONDITIONS_TEXT_SIZE - len,
			"%s%s", len == 0 ? "" : ", ", text);
	}
}

/* Until when does an answer given at @at_ms prove anything?  0: no more. */
static uint64_t proof_end(uint64_t at_ms, uint64_t now_ms)
{
	if (at_ms == 0 || at_ms > now_ms ||
		now_ms - at_ms > CAR_PARKED_MAX_AGE_MS)
		return 0;

	return at_ms + CAR_PARKED_MAX_AGE_MS + 1;
}

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* Infotainment answers only while it is awake: that proves it, too. */
static enum condition_verdict judge_awake(
	const struct car_state *state, uint64_t now_ms, uint64_t *ret_until_ms)
{
	uint64_t answered_ms =
		later(later(state->drive.at_ms, state->closures.at_ms),
			later(state->charge.at_ms, state->media.at_ms));
	uint64_t status_end_ms = proof_end(state->body.at_ms, now_ms);
	bool is_newer = state->body.at_ms >= answered_ms;

	if (status_end_ms != 0 && is_newer &&
		state->body.sleep == CAR_SLEEP_ASLEEP)
		return CONDITION_FAILS;

	*ret_until_ms = proof_end(answered_ms, now_ms);
	if (state->body.sleep == CAR_SLEEP_AWAKE)
		*ret_until_ms = later(*ret_until_ms, status_end_ms);
	return *ret_until_ms != 0 ? CONDITION_HOLDS : CONDITION_OPEN;
}

static enum condition_verdict judge_parked(
	const struct car_state *state, uint64_t now_ms, uint64_t *ret_until_ms)
{
	*ret_until_ms = car_state_parked_until(state, now_ms);
	if (*ret_until_ms != 0)
		return CONDITION_HOLDS;

	return proof_end(state->drive.at_ms, now_ms) != 0 &&
			       state->drive.gear != CAR_GEAR_UNKNOWN
		       ? CONDITION_FAILS
		       : CONDITION_OPEN;
}

/* Does the closures state say that @truth is as it is @wanted? */
static enum condition_verdict judge_closures(const struct car_state *state,
	enum car_truth truth, enum car_truth wanted, uint64_t now_ms,
	uint64_t *ret_until_ms)
{
	*ret_until_ms = proof_end(state->closures.at_ms, now_ms);
	if (*ret_until_ms == 0 || truth == CAR_UNKNOWN)
		return CONDITION_OPEN;

	return truth == wanted ? CONDITION_HOLDS : CONDITION_FAILS;
}

static enum condition_verdict judge_battery(const struct conditions *conditions,
	const struct car_charge *charge, uint64_t now_ms,
	uint64_t *ret_until_ms)
{
	*ret_until_ms = proof_end(charge->at_ms, now_ms);
	if (*ret_until_ms == 0 || isnan(charge->battery_level))
		return CONDITION_OPEN;

	return charge->battery_level >= conditions->battery_min &&
			       charge->battery_level <= conditions->battery_max
		       ? CONDITION_HOLDS
		       : CONDITION_FAILS;
}

static enum condition_verdict judge_one(const struct conditions *conditions,
	enum condition condition, const struct car_state *state,
	uint64_t now_ms, uint64_t *ret_until_ms)
{
	const struct car_closures *closures = &state->closures;

	switch (condition) {
	case CONDITION_AWAKE:
		return judge_awake(state, now_ms, ret_until_ms);
	case CONDITION_PARKED:
		return judge_parked(state, now_ms, ret_until_ms);
	case CONDITION_NOBODY_INSIDE:
		return judge_closures(state, closures->user_present, CAR_NO,
			now_ms, ret_until_ms);
	case CONDITION_SOMEBODY_INSIDE:
		return judge_closures(state, closures->user_present, CAR_YES,
			now_ms, ret_until_ms);
	case CONDITION_LOCKED:
		return judge_closures(
			state, closures->locked, CAR_YES, now_ms, ret_until_ms);
	case CONDITION_UNLOCKED:
		return judge_closures(
			state, closures->locked, CAR_NO, now_ms, ret_until_ms);
	case CONDITION_BATTERY:
		return judge_battery(
			conditions, &state->charge, now_ms, ret_until_ms);
	case CONDITION_ANYTIME:
	case _CONDITION_N:
		break;
	}

	*ret_until_ms = CLOCK_NEVER;
	return CONDITION_HOLDS;
}

static void say_why(const struct conditions *conditions,
	enum condition condition, enum condition_verdict verdict,
	const struct car_state *state, char ret[static CONDITION_WHY_SIZE])
{
	char text[CONDITION_WHY_SIZE];

	if (verdict == CONDITION_OPEN) {
		(void)snprintf(
			ret, CONDITION_WHY_SIZE, "%s", table[condition].open);
	} else if (condition == CONDITION_BATTERY) {
		condition_print(conditions, condition, text);
		(void)snprintf(ret, CONDITION_WHY_SIZE,
			"the battery is at %.0f %%, and the menu says %.50s",
			(double)state->charge.battery_level, text);
	} else {
		(void)snprintf(
			ret, CONDITION_WHY_SIZE, "%s", table[condition].fails);
	}
}

void conditions_judge(const struct conditions *conditions,
	const struct car_state *state, uint64_t now_ms,
	struct condition_judgement *ret)
{
	*ret = (struct condition_judgement){ .until_ms = CLOCK_NEVER };
	for (int i = 0; i < _CONDITION_N; i++) {
		enum condition condition = (enum condition)i;
		enum condition_verdict verdict;
		uint64_t until_ms;

		if (!conditions_has(conditions, condition))
			continue;
		verdict = judge_one(
			conditions, condition, state, now_ms, &until_ms);
		if (verdict == CONDITION_HOLDS)
			ret->until_ms = clock_earlier(ret->until_ms, until_ms);
		if (verdict <= ret->verdict)
			continue;
		ret->verdict = verdict;
		ret->read = table[condition].read;
		say_why(conditions, condition, verdict, state, ret->why);
	}
}
