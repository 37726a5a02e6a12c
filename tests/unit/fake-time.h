/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Time that stands still until a test moves it.  Linked over clock_boottime_ms()
 * and over the call of libsystemd that arms timers, so that back-offs and
 * timeouts of minutes are tested to the millisecond without sleeping.
 */

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <systemd/sd-event.h>

#include "test.h"
#include "util/clock.h"
#include "util/macro.h"

static uint64_t fake_now_ms = 1000 * 1000;

static struct {
	sd_event_source *source;
	uint64_t due_ms;
} fake_timers[4];

uint64_t clock_boottime_ms(void)
{
	return fake_now_ms;
}

int sd_event_source_set_time_relative(sd_event_source *source, uint64_t usec)
{
	size_t i = 0;

	while (fake_timers[i].source != source && fake_timers[i].source != NULL)
		cr_assert_lt(++i, ARRAY_SIZE(fake_timers));
	fake_timers[i].source = source;
	fake_timers[i].due_ms = fake_now_ms + usec / 1000;
	return sd_event_source_set_time(source, usec == 0 ? 0 : UINT64_MAX);
}

/* Those who owned the timers are gone; others may come. */
static inline void fake_time_forget(void)
{
	memset(fake_timers, 0, sizeof(fake_timers));
}

/* Goes on by @ms: what is due then fires when the loop runs next. */
static inline void fake_time_pass(uint64_t ms)
{
	fake_now_ms += ms;
	for (size_t i = 0; i < ARRAY_SIZE(fake_timers); i++)
		if (fake_timers[i].source != NULL &&
			fake_timers[i].due_ms <= fake_now_ms)
			(void)sd_event_source_set_time(
				fake_timers[i].source, 0);
}
