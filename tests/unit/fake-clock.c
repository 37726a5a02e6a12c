/* SPDX-License-Identifier: MIT */

#include "fake-clock.h"

#include <stddef.h>
#include <time.h>

#include "test.h"
#include "util/macro.h"

static uint64_t now_ms = 1000 * 1000;
static unsigned int n_fired;

static struct timer {
	sd_event_source *source;
	uint64_t due_ms; /* UINT64_MAX: has fired, or never will */
} timers[16];

uint64_t __wrap_clock_boottime_ms(void);
int __wrap_sd_event_now(sd_event *event, clockid_t clock, uint64_t *ret);
int __real_sd_event_add_time(sd_event *event, sd_event_source **ret,
	clockid_t clock, uint64_t usec, uint64_t accuracy,
	sd_event_time_handler_t callback, void *userdata);
int __wrap_sd_event_add_time(sd_event *event, sd_event_source **ret,
	clockid_t clock, uint64_t usec, uint64_t accuracy,
	sd_event_time_handler_t callback, void *userdata);
int __wrap_sd_event_add_time_relative(sd_event *event, sd_event_source **ret,
	clockid_t clock, uint64_t usec, uint64_t accuracy,
	sd_event_time_handler_t callback, void *userdata);
int __real_sd_event_source_set_time(sd_event_source *source, uint64_t usec);
int __wrap_sd_event_source_set_time(sd_event_source *source, uint64_t usec);
int __wrap_sd_event_source_set_time_relative(
	sd_event_source *source, uint64_t usec);
sd_event_source *__real_sd_event_source_unref(sd_event_source *source);
sd_event_source *__wrap_sd_event_source_unref(sd_event_source *source);
sd_event_source *__real_sd_event_source_disable_unref(sd_event_source *source);
sd_event_source *__wrap_sd_event_source_disable_unref(sd_event_source *source);

uint64_t __wrap_clock_boottime_ms(void)
{
	return now_ms;
}

int __wrap_sd_event_now(sd_event *event, clockid_t clock, uint64_t *ret)
{
	(void)event, (void)clock;
	*ret = now_ms * 1000;
	return 0;
}

static uint64_t due(uint64_t usec)
{
	/* Rounded up: no timer of libsystemd fires early. */
	return usec == UINT64_MAX ? usec : (usec + 999) / 1000;
}

/* One that fires when its time comes: it is enabled and has not yet. */
static bool is_armed(const struct timer *timer)
{
	int enabled = SD_EVENT_OFF;

	return timer->source != NULL && timer->due_ms != UINT64_MAX &&
	       sd_event_source_get_enabled(timer->source, &enabled) > 0;
}

static int arm(sd_event_source *source, uint64_t due_ms)
{
	size_t i = 0;

	while (timers[i].source != source && timers[i].source != NULL)
		cr_assert_lt(++i, ARRAY_SIZE(timers));
	timers[i] = (struct timer){ source, due_ms };
	if (due_ms > now_ms)
		return __real_sd_event_source_set_time(source, UINT64_MAX);

	n_fired += is_armed(&timers[i]);
	timers[i].due_ms = UINT64_MAX;
	return __real_sd_event_source_set_time(source, 0);
}

static void forget(const sd_event_source *source)
{
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(timers); i++)
		if (timers[i].source != source)
			timers[n++] = timers[i];
	for (; n < ARRAY_SIZE(timers); n++)
		timers[n] = (struct timer){ NULL, UINT64_MAX };
}

int __wrap_sd_event_add_time(sd_event *event, sd_event_source **ret,
	clockid_t clock, uint64_t usec, uint64_t accuracy,
	sd_event_time_handler_t callback, void *userdata)
{
	int r;

	cr_assert_not_null(ret, "a timer without an owner");
	r = __real_sd_event_add_time(
		event, ret, clock, UINT64_MAX, accuracy, callback, userdata);
	return r < 0 ? r : arm(*ret, due(usec));
}

int __wrap_sd_event_add_time_relative(sd_event *event, sd_event_source **ret,
	clockid_t clock, uint64_t usec, uint64_t accuracy,
	sd_event_time_handler_t callback, void *userdata)
{
	return __wrap_sd_event_add_time(event, ret, clock,
		usec == UINT64_MAX ? usec : now_ms * 1000 + usec, accuracy,
		callback, userdata);
}

int __wrap_sd_event_source_set_time(sd_event_source *source, uint64_t usec)
{
	return arm(source, due(usec));
}

int __wrap_sd_event_source_set_time_relative(
	sd_event_source *source, uint64_t usec)
{
	return arm(source, usec == UINT64_MAX ? usec : now_ms + due(usec));
}

sd_event_source *__wrap_sd_event_source_unref(sd_event_source *source)
{
	forget(source);
	return __real_sd_event_source_unref(source);
}

sd_event_source *__wrap_sd_event_source_disable_unref(sd_event_source *source)
{
	forget(source);
	return __real_sd_event_source_disable_unref(source);
}

uint64_t fake_clock_now(void)
{
	return now_ms;
}

uint64_t fake_clock_next(void)
{
	uint64_t next = UINT64_MAX;

	for (size_t i = 0; i < ARRAY_SIZE(timers); i++)
		if (is_armed(&timers[i]) && timers[i].due_ms < next)
			next = timers[i].due_ms;

	return next;
}

void fake_clock_set(uint64_t to_ms)
{
	now_ms = to_ms;
	for (size_t i = 0; i < ARRAY_SIZE(timers); i++)
		if (timers[i].source != NULL && timers[i].due_ms <= now_ms)
			(void)arm(timers[i].source, timers[i].due_ms);
}

unsigned int fake_clock_n_armed(void)
{
	unsigned int n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(timers); i++)
		n += is_armed(&timers[i]);

	return n;
}

unsigned int fake_clock_n_fired(void)
{
	return n_fired;
}
