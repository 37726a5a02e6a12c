/* SPDX-License-Identifier: MIT */

#include <math.h>
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
	struct command command = { .id = COMMAND_PING, .arg = 42 };
	char why[WHY_SIZE] = "";

	cr_assert_eq(command_parse(text, &command, why), COMMAND_E_INVALID,
		"%s", text);
	cr_assert_not_null(strstr(why, why_has), "%s: \"%s\"", text, why);
	cr_assert_eq(command.id, COMMAND_PING);
	cr_assert_float_eq(command.arg, 42, 0);
}

TEST(command, every_row_is_whole_and_reads_its_own_text)
{
	for (int i = 0; i < _COMMAND_N; i++) {
		struct command command = { .id = (enum command_id)i };
		const struct command_info *info = command_info(command.id);
		struct command back;
		char text[64];

		cr_assert_not_null(info->name, "row %d", i);
		cr_assert_not_null(info->help, "%s", info->name);
		cr_assert(info->domain == DOMAIN_VEHICLE_SECURITY ||
			  info->domain == DOMAIN_INFOTAINMENT);
		command.arg = info->arg_max;
		command_print(&command, text, sizeof(text));
		cr_assert_eq(parse(text, &back), info);
		cr_assert_float_eq(back.arg, command.arg, 0);
	}
}

TEST(command, no_two_rows_share_a_name)
{
	for (int i = 0; i < _COMMAND_N; i++) {
		const struct command_info *info =
			command_info((enum command_id)i);
		struct command command;

		cr_assert_eq((int)info->read_back == COMMAND_NONE ||
				     (command_info(info->read_back)->traits &
					     COMMAND_READS) != 0,
			true, "%s", info->name);
		if (info->alias == NULL || info->arg_name != NULL)
			continue;
		cr_assert_eq(parse(info->alias, &command), info);
		cr_assert_eq((int)command.id, i);
	}
}

TEST(command, what_looks_for_its_effect_first_can_see_it)
{
	for (int i = 0; i < _COMMAND_N; i++) {
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
	cr_assert_float_eq(command.arg, 4, 0);
	parse("media-set-volume   10", &command);
	cr_assert_float_eq(command.arg, 10, 0);
	parse("media-volume 0", &command);
	cr_assert_float_eq(command.arg, 0, 0);
	parse("media-volume 3.5", &command);
	cr_assert_float_eq(command.arg, 3.5, 0);
	/* No argument, but blanks behind. */
	parse("honk  ", &command);
	cr_assert_eq(command.id, COMMAND_HONK);
}

TEST(command, a_bad_argument_is_told_with_its_range)
{
	static const char *const bad[] = { "11", "-1", "10.01", "x", "4x",
		"4 5", "nan", "inf", "1e9", "0x4", "", " " };

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		char text[40] = "media-volume ";

		strcat(text, bad[i]);
		assert_refused(text, "from 0 to 10");
	}
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

static void assert_effect(const char *text, const struct car_state *state,
	uint64_t since_ms, enum effect want)
{
	struct command command;

	parse(text, &command);
	cr_assert_eq(
		command_effect(&command, state, since_ms), want, "%s", text);
}

TEST(effect, is_unknown_until_it_was_read)
{
	struct car_state state;

	car_state_init(&state);
	for (int i = 0; i < _COMMAND_N; i++) {
		struct command command = { .id = (enum command_id)i };

		cr_assert_eq(
			command_effect(&command, &state, 0), EFFECT_UNKNOWN);
	}
}

TEST(effect, of_locks_and_lids_is_in_the_closures)
{
	struct car_state state;

	car_state_init(&state);
	state.closures.at_ms = 50;
	assert_effect("lock", &state, 50, EFFECT_UNKNOWN);
	state.closures.locked = CAR_YES;
	state.closures.trunk_open = CAR_YES;
	state.closures.frunk_open = CAR_NO;
	assert_effect("lock", &state, 50, EFFECT_PRESENT);
	assert_effect("unlock", &state, 50, EFFECT_ABSENT);
	assert_effect("trunk", &state, 50, EFFECT_PRESENT);
	assert_effect("frunk", &state, 50, EFFECT_ABSENT);
	/* What was read before the command shows nothing of it. */
	assert_effect("lock", &state, 51, EFFECT_UNKNOWN);
	/* Nor does the status in the clear, which anyone can send. */
	state.closures.at_ms = 0;
	state.body.at_ms = 60;
	state.body.lock = CAR_LOCK_LOCKED;
	assert_effect("lock", &state, 0, EFFECT_UNKNOWN);
}

TEST(effect, of_a_wake_is_a_car_awake)
{
	struct car_state state;

	car_state_init(&state);
	state.body.at_ms = 50;
	assert_effect("wake", &state, 50, EFFECT_UNKNOWN);
	state.body.sleep = CAR_SLEEP_AWAKE;
	assert_effect("wake", &state, 50, EFFECT_PRESENT);
	assert_effect("wake", &state, 51, EFFECT_UNKNOWN);
	state.body.sleep = CAR_SLEEP_ASLEEP;
	assert_effect("wake", &state, 50, EFFECT_ABSENT);
}

TEST(effect, of_media_is_what_plays_and_how_loud)
{
	struct car_state state;

	car_state_init(&state);
	state.media.at_ms = 50;
	assert_effect("media-play", &state, 50, EFFECT_UNKNOWN);
	assert_effect("media-volume 4", &state, 50, EFFECT_UNKNOWN);
	state.media.playback = CAR_PLAYBACK_PAUSED;
	assert_effect("media-play", &state, 50, EFFECT_ABSENT);
	state.media.playback = CAR_PLAYBACK_PLAYING;
	assert_effect("media-play", &state, 50, EFFECT_PRESENT);
	/* The car rounds to its thirds. */
	state.media.volume = 4.333f;
	assert_effect("media-volume 4", &state, 50, EFFECT_PRESENT);
	assert_effect("media-volume 4.5", &state, 50, EFFECT_PRESENT);
	assert_effect("media-volume 5", &state, 50, EFFECT_ABSENT);
	assert_effect("media-volume 4", &state, 51, EFFECT_UNKNOWN);
}
