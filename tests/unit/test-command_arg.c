/* SPDX-License-Identifier: MIT */

#include <math.h>
#include <string.h>

#include "model/command.h"
#include "test.h"

static struct command parsed(const char *text)
{
	struct command command;
	char why[WHY_SIZE] = "";

	cr_assert_eq(
		command_parse(text, &command, why), 0, "%s: %s", text, why);
	return command;
}

static void assert_prints(const char *text, const char *wanted)
{
	struct command command = parsed(text);
	char got[160];

	command_print(&command, got, sizeof(got));
	cr_assert_str_eq(got, wanted);
}

static void assert_refused(const char *text, const char *why_has)
{
	struct command command = { .id = COMMAND_PING };
	char why[WHY_SIZE] = "";

	cr_assert_eq(command_parse(text, &command, why), COMMAND_E_INVALID,
		"%s", text);
	cr_assert_not_null(strstr(why, why_has), "%s: \"%s\"", text, why);
	cr_assert_eq(command.id, COMMAND_PING);
}

TEST(command_arg, whole_numbers_have_no_fraction)
{
	assert_refused("charging-set-limit 79.5", "a whole number from 50");
	assert_refused("charging-set-amps 0x10", "from 0 to 48 A");
	assert_refused("charging-schedule-remove id 1.5", "a whole number");
	assert_refused("charging-schedule-remove id 9007199254740993e0",
		"to 9007199254740992");
	cr_assert_float_eq(parsed("charging-set-amps 16.0").args[0], 16, 0);
	assert_prints("charging-schedule-remove id 9007199254740992",
		"charging-schedule-remove id 9007199254740992");
}

TEST(command_arg, places_may_be_south_and_west)
{
	assert_prints("homelink -33.856784 -70.5", "homelink -33.856784 -70.5");
	cr_assert_float_eq(parsed("homelink -0 0").args[0], 0, 0);
	cr_assert(!signbit(parsed("homelink -0 0").args[0]));
	assert_refused("homelink -90.1 0", "the latitude is a number from -90");
	assert_refused("homelink 0 181", "from -180 to 180");
	assert_refused("homelink - 0", "the latitude is");
	assert_refused("homelink 1.2.3 0", "the latitude is");
	assert_refused("homelink --1 0", "the latitude is");
	assert_refused("homelink 48", "needs the longitude");
}

TEST(command_arg, speeds_are_kept_in_miles)
{
	cr_assert_float_eq(parsed("speed-limit-set 55mph").args[0], 55, 0);
	cr_assert_float_eq(
		parsed("speed-limit-set 90km/h").args[0], 55.923, 0.001);
	assert_prints("speed-limit-set 90km/h", "speed-limit-set 55.9234mph");
	assert_refused("speed-limit-set 90",
		"a speed from 81km/h to 193km/h, or from 50mph to 120mph");
	assert_refused("speed-limit-set 80km/h", "a speed from 81km/h");
	assert_refused("speed-limit-set 121mph", "to 120mph");
	assert_refused("speed-limit-set 90kmh", "a speed from");
	assert_refused("speed-limit-set mph", "a speed from");
	(void)parsed("speed-limit-set 81km/h");
	(void)parsed("speed-limit-set 193km/h");
}

TEST(command_arg, spans_may_lack_one_end)
{
	struct command both =
		parsed("charging-schedule-add all 23:30-06:00 52.5 13.25");
	struct command from =
		parsed("charging-schedule-add all 23:30- 52.5 13.25");
	struct command to = parsed("charging-schedule-add all -06:00 1 2");

	cr_assert_float_eq(both.args[1], 23 * 60 + 30, 0);
	cr_assert_float_eq(both.args[2], 6 * 60, 0);
	cr_assert_float_eq(both.args[3], 52.5, 0);
	cr_assert_float_eq(from.args[1], 23 * 60 + 30, 0);
	cr_assert(isnan(from.args[2]));
	cr_assert(isnan(to.args[1]));
	cr_assert_float_eq(to.args[2], 6 * 60, 0);
	/* What may be left out has its value all the same. */
	cr_assert_float_eq(both.args[5], 0, 0);
	cr_assert_float_eq(both.args[6], 1, 0);
	cr_assert_float_eq(both.args[7], 1, 0);
	assert_prints("charging-schedule-add all 23:30- 52.5 13.25 weekly 1",
		"charging-schedule-add all 23:30- 52.5 13.25");
	assert_prints("charging-schedule-add all -06:00 1 2 weekly 1 false",
		"charging-schedule-add all -06:00 1 2 weekly 1 false");
	assert_refused("charging-schedule-add all - 1 2", "a span of time");
	assert_refused("charging-schedule-add all 23:30 1 2", "a span of time");
	assert_refused("charging-schedule-add all 23:30-24:00 1 2", "a span");
	assert_refused("charging-schedule-add all 23:30-6:00 1 2", "a span");
	assert_refused(
		"charging-schedule-add all 23:30-06:00-07:00 1 2", "a s");
}

TEST(command_arg, days_are_a_list_of_bits)
{
	static const struct {
		const char *text;
		int bits;
		const char *canonical;
	} days[] = {
		{ "all", 127, "all" },
		{ "weekdays", 62, "weekdays" },
		{ "sun", 1, "sun" },
		{ "sat,sun", 65, "sun,sat" },
		{ "mon,tue,wed,thu,fri", 62, "weekdays" },
		{ "sun,mon,tue,wed,thu,fri,sat", 127, "all" },
		{ "tue,tue", 4, "tue" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(days); i++) {
		char text[100] = "precondition-schedule-add ", wanted[100];

		strcpy(wanted, text);
		strcat(strcat(text, days[i].text), " 07:30 1 2");
		strcat(strcat(wanted, days[i].canonical), " 07:30 1 2");
		cr_assert_float_eq(parsed(text).args[0], days[i].bits, 0);
		assert_prints(text, wanted);
	}
	assert_refused("precondition-schedule-add monday 07:30 1 2",
		"some of sun,mon,tue");
	assert_refused("precondition-schedule-add mon, 07:30 1 2", "days");
	assert_refused("precondition-schedule-add ,mon 07:30 1 2", "days");
	assert_refused("precondition-schedule-add mon,all 07:30 1 2", "days");
	/* A list that is complete, and goes on. */
	assert_refused(
		"precondition-schedule-add mon,tue,wed,thu,fri,x 07:30 1 2",
		"days");
}

TEST(command_arg, names_have_blanks_and_no_tricks)
{
	char text[100] = "vehicle-name ";
	size_t len = strlen(text);

	cr_assert_str_eq(
		parsed("vehicle-name  My red  car ").text, "My red  car");
	assert_prints(
		"set-vehicle-name My red  car", "vehicle-name My red  car");
	cr_assert_str_eq(parsed("vehicle-name Zo\xc3\xab").text, "Zo\xc3\xab");
	assert_refused("vehicle-name", "needs the name, a text of at most 50");
	assert_refused("vehicle-name a; unlock", "without a semicolon");
	assert_refused("vehicle-name a\nb", "a text of at most");
	assert_refused("vehicle-name a\x1b[2J", "a text of at most");
	assert_refused("vehicle-name \xc3", "a text of at most");
	assert_refused("vehicle-name \xe2\x80\xaex", "a text of at most");
	memset(text + len, 'x', 50);
	(void)parsed(text);
	text[len + 50] = 'x';
	assert_refused(text, "at most 50 bytes");
	memset(text + len, 'x', 80);
	assert_refused(text, "at most 50 bytes");
}

TEST(command_arg, a_pin_is_the_name_of_a_file)
{
	char text[120] = "valet-mode-on file:/";
	struct command command = parsed("valet-mode-on file:/etc/valet.pin");

	cr_assert(command_needs_pin(&command));
	cr_assert_str_eq(command.text, "file:/etc/valet.pin");
	cr_assert_str_eq(command.pin.digits, "");
	assert_prints("valet-mode-on file:/etc/valet.pin",
		"valet-mode-on file:/etc/valet.pin");
	/* The digits themselves would be shown, journalled and logged. */
	assert_refused("valet-mode-on 1234", "a file with four digits in it");
	assert_refused("valet-mode-on file:", "a file with four");
	assert_refused("valet-mode-on file:/", "a file with four");
	assert_refused("valet-mode-on file:valet.pin", "a file with four");
	assert_refused("valet-mode-on file:/a;b", "a file with four");
	assert_refused("valet-mode-on", "needs the PIN, a file");
	memset(text + strlen(text), 'x', 90);
	assert_refused(text, "a file with four");
	command = parsed("valet-mode-off");
	cr_assert(!command_needs_pin(&command));
}

TEST(command_arg, a_number_goes_with_id_only)
{
	assert_refused("charging-schedule-remove id", "needs the number");
	assert_refused(
		"charging-schedule-remove home 7", "follows only \"id\"");
	assert_refused("precondition-schedule-remove id", "needs the number");
	assert_refused("precondition-schedule-remove", "one of: id, home");
	assert_prints("charging-schedule-remove home",
		"charging-schedule-remove home");
}
