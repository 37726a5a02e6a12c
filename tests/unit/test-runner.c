/* SPDX-License-Identifier: MIT */

#include "daemon/runner.h"

#include <stdarg.h>

#include "till-world.h"

/* The line that was logged last, and how many there were. */
static char line[256];
static unsigned int n_lines;

void __wrap_log_write(int priority, const char *format, ...);

_printf_(2, 3) void __wrap_log_write(int priority, const char *format, ...)
{
	va_list args;

	if (priority == LOG_DEBUG)
		return;
	n_lines++;
	va_start(args, format);
	(void)vsnprintf(line, sizeof(line), format, args);
	va_end(args);
}

static void on_runner_changed(void *userdata)
{
	(void)userdata;
}

static struct runner *begin(sd_event **ret)
{
	const struct runner_config config = {
		.vin = "5YJ30123456789ABC",
		.changed = on_runner_changed,
	};
	struct runner *runner = NULL;

	fake = (struct fake){ 0 };
	n_lines = 0;
	cr_assert_geq(sd_event_new(ret), 0);
	cr_assert_eq(runner_new(*ret, &config, &runner), 0);
	return runner;
}

static void asks(enum key_level level, enum outcome outcome)
{
	fake.car->authenticated(fake.car_data, level, outcome,
		outcome == OUTCOME_CONFIRMED ? "" : "it is busy");
}

TEST(runner, what_the_car_asks_each_second_is_logged_once)
{
	sd_event *event;
	struct runner *runner = begin(&event);

	runner_set_passive_entry(runner, 5000);
	cr_assert_eq(fake.entry_until_ms, 5000);
	for (int i = 0; i < 10; i++)
		asks(KEY_LEVEL_UNLOCK, OUTCOME_CONFIRMED);
	cr_assert_eq(n_lines, 1);
	cr_assert_str_eq(line,
		"the car asks for its key, to unlock; it is told that the key "
		"is here");
	for (int i = 0; i < 10; i++)
		asks(KEY_LEVEL_DRIVE, OUTCOME_CONFIRMED);
	cr_assert_eq(n_lines, 2);
	for (int i = 0; i < 10; i++)
		asks(KEY_LEVEL_DRIVE, OUTCOME_REFUSED);
	cr_assert_eq(n_lines, 3);
	cr_assert_str_eq(line,
		"the car asks for its key, to drive, but may not have taken "
		"the answer: it is busy");

	/* A longer rental is the same; the next one is another. */
	runner_set_passive_entry(runner, 9000);
	asks(KEY_LEVEL_DRIVE, OUTCOME_REFUSED);
	cr_assert_eq(n_lines, 3);
	runner_set_passive_entry(runner, 0);
	runner_set_passive_entry(runner, 9000);
	asks(KEY_LEVEL_DRIVE, OUTCOME_REFUSED);
	cr_assert_eq(n_lines, 4);
	runner_free(runner);
	sd_event_unref(event);
}

TEST(runner, bridge_that_stops_is_no_key)
{
	sd_event *event;
	struct runner *runner = begin(&event);

	runner_set_passive_entry(runner, 5000);
	runner_stop(runner);
	cr_assert_eq(fake.entry_until_ms, 0);
	runner_set_passive_entry(runner, 5000);
	cr_assert_eq(fake.entry_until_ms, 0);
	runner_free(runner);
	sd_event_unref(event);
}
