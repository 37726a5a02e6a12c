/* SPDX-License-Identifier: MIT */

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/command.h"
#include "test.h"

static const struct command_info *parse(const char *text, struct command *ret)
{
	char why[WHY_SIZE] = "";

	cr_assert_eq(command_parse(text, ret, why), 0, "%s: %s", text, why);
	return command_info(ret->id);
}

static void assert_refused(const char *text, const char *why_has)
{
	struct command command = { .id = COMMAND_PING, .args = { 42 } };
	char why[WHY_SIZE] = "";

	cr_assert_eq(command_parse(text, &command, why), COMMAND_E_INVALID,
		"%s", text);
	cr_assert_not_null(strstr(why, why_has), "%s: \"%s\"", text, why);
	cr_assert_eq(command.id, COMMAND_PING);
	cr_assert_float_eq(command.args[0], 42, 0);
}

/* Their second argument goes with the first: COMMAND_SCHEDULE_BY_ID. */
static bool is_removal(enum command_id id)
{
	return id == COMMAND_CHARGING_SCHEDULE_REMOVE ||
	       id == COMMAND_PRECONDITION_SCHEDULE_REMOVE;
}

/* The first and the last value of each kind of argument. */
static void assert_reads_back(const struct command_info *info,
	enum command_id id, double (*value_of)(const struct command_arg *arg))
{
	struct command command = { .id = id };
	struct command back;
	char text[160];

	for (size_t i = 0; i < info->n_args; i++) {
		command.args[i] = value_of(&info->args[i]);
		if (info->args[i].kind == COMMAND_ARG_TEXT ||
			info->args[i].kind == COMMAND_ARG_PIN) {
			command.args[i] = 0;
			strcpy(command.text, info->args[i].example);
		}
	}
	if (is_removal(id))
		command.args[1] = command.args[0] == 0 ? 7 : 0;
	command_print(&command, text, sizeof(text));
	cr_assert_eq(parse(text, &back), info, "%s", text);
	cr_assert_str_eq(back.text, command.text);
	for (size_t i = 0; i < COMMAND_ARGS_MAX; i++)
		cr_assert_float_eq(
			back.args[i], command.args[i], 0.001, "%s", text);
}

static double first_of(const struct command_arg *arg)
{
	return arg->words != NULL              ? arg->words[0].value
	       : arg->kind == COMMAND_ARG_DAYS ? 1
					       : arg->min;
}

static double last_of(const struct command_arg *arg)
{
	const struct command_word *word = arg->words;

	if (arg->kind == COMMAND_ARG_DAYS)
		return 127;
	if (arg->kind == COMMAND_ARG_TIME || arg->kind == COMMAND_ARG_SPAN ||
		arg->kind == COMMAND_ARG_SPAN_END)
		return 23 * 60 + 59;
	if (word == NULL)
		return arg->max;
	while (word[1].word != NULL)
		word++;

	return word->value;
}

TEST(command, every_row_is_whole_and_reads_its_own_text)
{
	for (int i = COMMAND_NONE + 1; i < _COMMAND_N; i++) {
		enum command_id id = (enum command_id)i;
		const struct command_info *info = command_info(id);

		cr_assert_not_null(info->name, "row %d", i);
		cr_assert_not_null(info->help, "%s", info->name);
		cr_assert(info->domain == DOMAIN_VEHICLE_SECURITY ||
			  info->domain == DOMAIN_INFOTAINMENT);
		cr_assert_eq(info->role == 0,
			(info->traits & COMMAND_UNSIGNED) != 0, "%s",
			info->name);
		cr_assert_leq(info->n_args, COMMAND_ARGS_MAX);
		assert_reads_back(info, id, first_of);
		assert_reads_back(info, id, last_of);
	}
}

TEST(command, every_example_is_one)
{
	for (int i = COMMAND_NONE + 1; i < _COMMAND_N; i++) {
		const struct command_info *info =
			command_info((enum command_id)i);
		struct command command;
		char text[160];
		int len;

		len = snprintf(text, sizeof(text), "%s", info->name);
		for (size_t j = 0; j < info->n_args; j++)
			len += snprintf(text + len, sizeof(text) - (size_t)len,
				" %s", info->args[j].example);
		cr_assert_eq(parse(text, &command), info);
	}
}

TEST(command, what_opens_the_car_says_what_closes_it)
{
	for (int i = COMMAND_NONE + 1; i < _COMMAND_N; i++) {
		const struct command_info *info =
			command_info((enum command_id)i);
		const struct command_info *closer = command_info(info->closer);

		if (info->closer != COMMAND_NONE) {
			cr_assert_eq(closer->traits & COMMAND_OPENS, 0);
			cr_assert_eq((int)closer->domain, (int)info->domain);
			/* command_closer() knows of no other argument. */
			cr_assert(closer->n_args == 0 ||
				  closer->args[0].kind == COMMAND_ARG_PIN);
		} else if ((info->traits & COMMAND_OPENS) != 0) {
			/* Only a person can, or would know what is in it. */
			cr_assert(i == COMMAND_TRUNK_OPEN ||
					  i == COMMAND_TRUNK_MOVE ||
					  i == COMMAND_FRUNK_OPEN ||
					  i == COMMAND_HOMELINK ||
					  i == COMMAND_DOOR_OPEN,
				"%s", info->name);
		}
	}
}

TEST(command, no_two_rows_share_a_name)
{
	for (int i = COMMAND_NONE + 1; i < _COMMAND_N; i++) {
		const struct command_info *info =
			command_info((enum command_id)i);
		struct command command;

		cr_assert_eq((int)info->read_back == COMMAND_NONE ||
				     (command_info(info->read_back)->traits &
					     COMMAND_READS) != 0,
			true, "%s", info->name);
		if (info->alias == NULL || info->n_args > 0)
			continue;
		cr_assert_eq(parse(info->alias, &command), info);
		cr_assert_eq((int)command.id, i);
	}
}

static void assert_only(
	unsigned int trait, const enum command_id *ids, size_t n, bool is_set)
{
	for (int i = COMMAND_NONE + 1; i < _COMMAND_N; i++) {
		const struct command_info *info =
			command_info((enum command_id)i);
		bool is_listed = false;

		if ((info->traits & COMMAND_SHAKES) != 0)
			continue;
		for (size_t j = 0; j < n; j++)
			is_listed |= (int)ids[j] == i;
		cr_assert_eq((info->traits & trait) != 0, is_listed == is_set,
			"%s", info->name);
	}
}

/* Of these, a second one is another one: never repeated in doubt. */
TEST(command, what_a_payer_would_count_is_not_repeated)
{
	static const enum command_id ids[] = {
		COMMAND_TRUNK_OPEN,
		COMMAND_TRUNK_MOVE,
		COMMAND_FRUNK_OPEN,
		COMMAND_HONK,
		COMMAND_FLASH_LIGHTS,
		COMMAND_MEDIA_PLAY,
		COMMAND_MEDIA_TOGGLE_PLAYBACK,
		COMMAND_MEDIA_VOLUME_UP,
		COMMAND_MEDIA_VOLUME_DOWN,
		COMMAND_MEDIA_NEXT_TRACK,
		COMMAND_MEDIA_PREVIOUS_TRACK,
		COMMAND_MEDIA_NEXT_FAVORITE,
		COMMAND_MEDIA_PREVIOUS_FAVORITE,
		COMMAND_HOMELINK,
		COMMAND_DOOR_OPEN,
		COMMAND_BOOMBOX,
		COMMAND_LIGHT_SHOW_START,
		COMMAND_DASHCAM_SAVE,
	};

	assert_only(COMMAND_IDEMPOTENT, ids, ARRAY_SIZE(ids), false);
}

/* The menu has its rules for these. */
TEST(command, what_opens_the_car_is_marked)
{
	static const enum command_id ids[] = { COMMAND_UNLOCK, COMMAND_DRIVE,
		COMMAND_TRUNK_OPEN, COMMAND_TRUNK_MOVE, COMMAND_FRUNK_OPEN,
		COMMAND_TONNEAU_OPEN, COMMAND_WINDOWS_VENT,
		COMMAND_SUNROOF_VENT, COMMAND_SUNROOF_OPEN, COMMAND_HOMELINK,
		COMMAND_DOOR_OPEN };

	assert_only(COMMAND_OPENS, ids, ARRAY_SIZE(ids), true);
}

TEST(command, what_looks_for_its_effect_first_can_see_it)
{
	for (int i = COMMAND_NONE + 1; i < _COMMAND_N; i++) {
		const struct command_info *info =
			command_info((enum command_id)i);

		if ((info->traits & COMMAND_READ_FIRST) != 0)
			cr_assert_neq((int)info->read_back, COMMAND_NONE, "%s",
				info->name);
	}
}

TEST(command, argument_is_read_within_its_range)
{
	struct command command;

	parse("media-volume 4", &command);
	cr_assert_eq(command.id, COMMAND_MEDIA_SET_VOLUME);
	cr_assert_float_eq(command.args[0], 4, 0);
	parse("media-set-volume   10", &command);
	cr_assert_float_eq(command.args[0], 10, 0);
	parse("media-volume 0", &command);
	cr_assert_float_eq(command.args[0], 0, 0);
	parse("media-volume 3.5", &command);
	cr_assert_float_eq(command.args[0], 3.5, 0);
	/* No argument, but blanks behind. */
	parse("honk  ", &command);
	cr_assert_eq(command.id, COMMAND_HONK);
}

TEST(command, a_bad_argument_is_told_with_its_range)
{
	static const char *const bad[] = { "11", "-1", "10.01", "x", "4x",
		"nan", "inf", "1e9", "0x4", "", " " };

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		char text[40] = "media-volume ";

		strcat(text, bad[i]);
		assert_refused(text, "from 0 to 10");
	}
	/* Not by its first forty characters. */
	assert_refused("media-volume 0000000000000000000000000000000000000004"
		       "9",
		"from 0 to 10");
	assert_refused("software-update-start "
		       "000000000000000000000000000000000000002smore",
		"a time up to 24h");
}

TEST(command, arguments_are_what_their_row_says)
{
	struct command command;

	parse("seat-heater 2nd-row-right medium", &command);
	cr_assert_float_eq(command.args[0], 12, 0);
	cr_assert_float_eq(command.args[1], 2, 0);
	parse("climate-set-temp 70f", &command);
	cr_assert_float_eq(command.args[0], 21.111, 0.001);
	parse("charging-schedule 23:30", &command);
	cr_assert_float_eq(command.args[0], 23 * 60 + 30, 0);
	parse("software-update-start 90s", &command);
	cr_assert_float_eq(command.args[0], 90, 0);
	/* What may be left out. */
	parse("auto-seat-and-climate L", &command);
	cr_assert_float_eq(command.args[1], 1, 0);
	parse("auto-seat-and-climate L off", &command);
	cr_assert_float_eq(command.args[1], 0, 0);
}

TEST(command, each_wrong_argument_is_told_with_what_it_may_be)
{
	assert_refused("seat-heater", "needs the seat, one of: front-left, ");
	assert_refused("seat-heater front-left", "needs the level, one of");
	assert_refused("seat-heater driver high",
		"the seat is one of: front-left, front-right, 2nd-row-left");
	assert_refused("seat-heater front-left hot",
		"the level is one of: off, low, medium, high, not \"hot\"");
	assert_refused("seat-heater front-left high now",
		"takes no more, but \"now\" follows");
	assert_refused("media-volume 4 5", "takes no more, but \"5\" follows");
	assert_refused("sentry-mode 1", "one of: off, on, not \"1\"");
	assert_refused("climate-set-temp 21", "degrees from 15c to 28c");
	assert_refused("climate-set-temp 14.9c", "from 59f to 82f");
	assert_refused("climate-set-temp 83f", "from 59f to 82f");
	assert_refused("climate-set-temp -1c", "degrees from");
	assert_refused("charging-schedule 24:00", "00:00 to 23:59");
	assert_refused("charging-schedule 12:60", "00:00 to 23:59");
	assert_refused("charging-schedule 1:30", "00:00 to 23:59");
	assert_refused("charging-schedule 01-30", "00:00 to 23:59");
	assert_refused("software-update-start 25h", "a time up to 24h");
	assert_refused("software-update-start 1ms", "as in \"2h\"");
	assert_refused("charging-set-limit 49", "from 50 to 100 %");
	assert_refused("charging-set-amps 49", "from 0 to 48 A");
	assert_refused("auto-seat-and-climate X", "one of: L, R, LR");
	assert_refused("auto-seat-and-climate L maybe", "one of: off, on");
}

TEST(command, usage_names_its_arguments)
{
	char text[64];

	command_usage(COMMAND_HONK, text, sizeof(text));
	cr_assert_str_eq(text, "");
	command_usage(COMMAND_SEAT_HEATER, text, sizeof(text));
	cr_assert_str_eq(text, "seat level");
	command_usage(COMMAND_AUTO_SEAT_AND_CLIMATE, text, sizeof(text));
	cr_assert_str_eq(text, "seats [switch]");
}

TEST(command, what_is_no_command_is_told)
{
	assert_refused("", "no command");
	assert_refused(" ", "no command");
	assert_refused("hon", "no command");
	assert_refused("honks", "\"honks\" is no command");
	assert_refused("Honk", "no command");
	assert_refused("honk twice", "takes no argument");
	/* However long: the sentence has room for 40 of it. */
	assert_refused("a2345678901234567890123456789012345678901234567890"
		       "a2345678901234567890123456789012345678901234567890"
		       "a2345678901234567890123456789012345678901234567890"
		       "a2345678901234567890123456789012345678901234567890"
		       "a2345678901234567890123456789012345678901234567890",
		"\"a234567890123456789012345678901234567890\" is");
}
