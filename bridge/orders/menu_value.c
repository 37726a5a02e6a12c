/* SPDX-License-Identifier: MIT */

#include "orders/menu_value.h"

#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "orders/pin.h"
#include "util/bytes.h"
#include "util/duration.h"

enum {
	HOUR_MS = 60 * 60 * 1000,
	COOLDOWN_MAX_MS = 24 * HOUR_MS,
	PER_HOUR_MAX = 3600,
	PER_DAY_MAX = 24 * PER_HOUR_MAX,
	BUDGET_MAX_MS = HOUR_MS,
	DAY_MIN = 24 * 60,
};

void menu_wrong(const struct menu_value *value, const char *format, ...)
{
	char what[400];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	menu_mistake(value->mistakes, value->line, "%s: %s", value->key, what);
}

void menu_read_text(const struct menu_value *value, char *ret, size_t size)
{
	if (strlen(value->text) >= size)
		menu_wrong(value,
			"the text is too long; at most %zu characters",
			size - 1);
	else
		(void)snprintf(ret, size, "%s", value->text);
}

/* A whole number from 1 to @max. */
uint64_t menu_read_number(
	const struct menu_value *value, uint64_t max, const char *what)
{
	const char *p = value->text;
	uint64_t n = 0;

	for (; *p >= '0' && *p <= '9' && n <= max; p++)
		n = 10 * n + (uint64_t)(*p - '0');
	if (*p == '\0' && p != value->text && n >= 1 && n <= max)
		return n;

	menu_wrong(value,
		"\"%s\" is not %s; write a whole number from 1 to %" PRIu64,
		value->text, what, max);
	return 0;
}

uint64_t menu_read_duration(
	const struct menu_value *value, uint64_t min_ms, uint64_t max_ms)
{
	char min[DURATION_TEXT_SIZE], max[DURATION_TEXT_SIZE];
	uint64_t ms;

	if (duration_parse(value->text, max_ms, &ms) == 0 && ms >= min_ms)
		return ms;

	duration_print(min_ms, min);
	duration_print(max_ms, max);
	menu_wrong(value,
		"\"%s\" is no time from %s to %s; write seconds, or as in "
		"\"2min\"",
		value->text, min, max);
	return max_ms;
}

bool menu_read_choice(
	const struct menu_value *value, const char *yes, const char *no)
{
	bool is_yes = strcmp(value->text, yes) == 0;

	if (!is_yes && strcmp(value->text, no) != 0)
		menu_wrong(value, "\"%s\" is not known here; write %s or %s",
			value->text, no, yes);

	return is_yes;
}

static void read_price(const struct menu_value *value, struct menu *menu,
	struct menu_action *action)
{
	(void)menu;
	action->price_msat = 1000 * menu_read_number(value, MENU_PRICE_MAX_SAT,
					    "a price in sat");
}

/* The name of a command that may have been meant by @text, or NULL. */
static const char *nearest_command(const char *text)
{
	char word[STEP_TEXT_SIZE];
	const char *best = NULL;
	unsigned int distance = UINT_MAX;

	(void)snprintf(
		word, sizeof(word), "%.*s", (int)strcspn(text, " "), text);
	for (int i = COMMAND_NONE + 1; i < _COMMAND_N; i++) {
		const struct command_info *info =
			command_info((enum command_id)i);

		if ((info->traits & COMMAND_READS) != 0)
			continue;
		menu_text_nearest(word, info->name, &best, &distance);
		if (info->alias != NULL)
			menu_text_nearest(word, info->alias, &best, &distance);
	}

	/* At 0 the name is right and something else is wrong. */
	return distance == 0 ? NULL : best;
}

void menu_read_step(const struct menu_value *value, struct program *program)
{
	size_t n = program->n_steps;
	char why[WHY_SIZE];
	const char *nearest;

	if (program_append(program, value->text, why) == 0) {
		if (pin_load(program, n, why) != 0)
			menu_wrong(value, "%s", why);
		return;
	}

	nearest = nearest_command(value->text);
	if (nearest != NULL)
		menu_wrong(value, "%s; did you mean %s?", why, nearest);
	else
		menu_wrong(value, "%s", why);
}

static void read_do(const struct menu_value *value, struct menu *menu,
	struct menu_action *action)
{
	(void)menu;
	menu_read_step(value, &action->steps);
}

static void read_undo(const struct menu_value *value, struct menu *menu,
	struct menu_action *action)
{
	(void)menu;
	menu_read_step(value, &action->undo);
}

static void read_match(const struct menu_value *value, struct menu *menu,
	struct menu_action *action)
{
	(void)menu;
	action->match = menu_read_choice(value, "at-least", "exact")
				? MENU_AT_LEAST
				: MENU_EXACT;
}

static void read_unknown(const struct menu_value *value, struct menu *menu,
	struct menu_action *action)
{
	(void)menu;
	action->unknown = menu_read_choice(value, "keep", "return")
				  ? MENU_KEEP
				  : MENU_RETURN;
}

static void read_when(const struct menu_value *value, struct menu *menu,
	struct menu_action *action)
{
	char why[WHY_SIZE];

	(void)menu;
	if (conditions_add(&action->when, value->text, why) != 0)
		menu_wrong(value, "%s", why);
}

static void read_max_age(const struct menu_value *value, struct menu *menu,
	struct menu_action *action)
{
	(void)menu;
	action->max_age_ms = menu_read_duration(value, 1000, HOUR_MS);
}

static void read_cooldown(const struct menu_value *value, struct menu *menu,
	struct menu_action *action)
{
	(void)menu;
	action->cooldown_ms = menu_read_duration(value, 0, COOLDOWN_MAX_MS);
}

static void read_per_hour(const struct menu_value *value, struct menu *menu,
	struct menu_action *action)
{
	(void)menu;
	action->per_hour = (uint32_t)menu_read_number(
		value, PER_HOUR_MAX, "how often an hour");
}

static void read_per_day(const struct menu_value *value, struct menu *menu,
	struct menu_action *action)
{
	(void)menu;
	action->per_day = (uint32_t)menu_read_number(
		value, PER_DAY_MAX, "how often a day");
}

static void read_budget(const struct menu_value *value, struct menu *menu,
	struct menu_action *action)
{
	(void)menu;
	action->budget_ms = menu_read_duration(value, 1000, BUDGET_MAX_MS);
}

static void read_scale(const struct menu_value *value, struct menu *menu,
	struct menu_action *action)
{
	(void)menu;
	action->scale_msat = 1000 * menu_read_number(value, MENU_PRICE_MAX_SAT,
					    "what one more round costs in sat");
}

static void read_scale_max(const struct menu_value *value, struct menu *menu,
	struct menu_action *action)
{
	(void)menu;
	action->rounds_max = (uint32_t)menu_read_number(
		value, PROGRAM_STEPS_MAX, "the most rounds");
}

/* "HH:MM" up to 24:00, in minutes; -1 for anything else. */
static int read_clock(const char *text)
{
	int hour, minute;

	if (strspn(text, "0123456789") != 2 || text[2] != ':' ||
		strspn(text + 3, "0123456789") != 2)
		return -1;
	hour = 10 * (text[0] - '0') + text[1] - '0';
	minute = 10 * (text[3] - '0') + text[4] - '0';

	return minute > 59 || 60 * hour + minute > DAY_MIN ? -1
							   : 60 * hour + minute;
}

static void read_hours(const struct menu_value *value, struct menu *menu,
	struct menu_action *action)
{
	const char *text = value->text;
	int from = -1, to = -1;

	(void)menu;
	if (strlen(text) == strlen("08:00-20:00") && text[5] == '-') {
		from = read_clock(text);
		to = read_clock(text + 6);
	}
	if (from < 0 || to < 0 || from == DAY_MIN || from == to) {
		menu_wrong(value,
			"\"%s\" are no opening hours; write them as in "
			"\"08:00-20:00\", over midnight as in \"20:00-02:00\"",
			text);
		return;
	}

	action->open_from_min = (uint16_t)from;
	action->open_to_min = (uint16_t)(to % DAY_MIN);
}

static void read_offer(const struct menu_value *value, struct menu *menu,
	struct menu_action *action)
{
	uint8_t id[32];

	(void)menu;
	if (hex_decode(value->text, id, sizeof(id)) < 0)
		menu_wrong(value,
			"an offer_id has 64 hexadecimal digits, as "
			"lightning-cli listoffers shows it; the lno1... "
			"text is not it");
	else
		hex_encode(id, sizeof(id), action->offer_id);
}

const struct menu_key menu_action_keys[] = {
	{ "price", false, "price = 21", read_price },
	{ "do", true, "do = flash-lights", read_do },
	{ "undo", true, NULL, read_undo },
	{ "match", false, NULL, read_match },
	{ "max-age", false, NULL, read_max_age },
	{ "cooldown", false, NULL, read_cooldown },
	{ "hours", false, NULL, read_hours },
	{ "per-hour", false, NULL, read_per_hour },
	{ "per-day", false, NULL, read_per_day },
	{ "budget", false, NULL, read_budget },
	{ "scale", false, NULL, read_scale },
	{ "scale-max", false, NULL, read_scale_max },
	{ "when", true, NULL, read_when },
	{ "unknown", false, NULL, read_unknown },
	{ "offer", false, NULL, read_offer },
	{ "begin", true, NULL, read_do },
	{ "rental", false, NULL, menu_read_rental },
	{ "get-in", false, NULL, menu_read_get_in },
	{ "warn", true, NULL, menu_read_warn },
	{ "warn-before", false, NULL, menu_read_warn_before },
	{ "end", true, NULL, menu_read_end },
	{ "passive-entry", false, NULL, menu_read_passive_entry },
	{ "deposit", false, NULL, menu_read_deposit },
	{ "inspect", false, NULL, menu_read_inspect },
	{ NULL, false, NULL, NULL },
};
