/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * A clock that stands still until a test moves it, and every timer that the
 * code under test arms on an event loop, by whichever call: timeouts of
 * minutes are tested to the millisecond without sleeping.  A test links this
 * with the wraps of `wrap_timers` in meson.build.  What libsystemd arms for
 * itself stays on the real clock.
 */

#include <stdint.h>
#include <systemd/sd-event.h>

uint64_t fake_clock_now(void);

/* When the next timer is due; UINT64_MAX: none is armed. */
uint64_t fake_clock_next(void);

/* Moves the clock, and makes what is due fire when the loop runs next. */
void fake_clock_set(uint64_t now_ms);

/* How many timers are armed, and how many have fired since the start. */
unsigned int fake_clock_n_armed(void);
unsigned int fake_clock_n_fired(void);
