/* SPDX-License-Identifier: MIT */
#pragma once

/* A car that asks for a key, and an engine that is armed to answer. */

#include "vehicle/passive.h"

#include "fake-car.h"

#define TOKEN "00112233445566778899aabbccddeeff00112233"
/* As captured: vehicle-protocol 8.4. */
#define ASK(level) "1a1d12160a14" TOKEN "18" level "220101"
#define ASK_UNLOCK ASK("01")
#define ASK_DRIVE ASK("02")
#define SAY_UNLOCK "1a020801"
#define SAY_DRIVE "1a020802"
#define LOCK "1001"

#define LONG_MS (60 * 60 * 1000)

static inline void arm(uint64_t ms)
{
	vehicle_set_passive_entry(
		world.vehicle, world.now_ms, world.now_ms + ms);
}

static inline void begin_armed(void)
{
	struct vehicle_event event;

	world_begin_warm();
	while (vehicle_take_event(world.vehicle, &event))
		continue;
	arm(LONG_MS);
}

static inline bool take(enum vehicle_event_type type, struct vehicle_event *ret)
{
	while (vehicle_take_event(world.vehicle, ret))
		if (ret->type == type)
			return true;

	return false;
}

static inline void expect_told(enum key_level level, enum outcome outcome)
{
	struct vehicle_event event;

	cr_assert(take(VEHICLE_EVENT_AUTHENTICATED, &event));
	cr_assert_eq(event.level, level);
	cr_assert_eq(event.outcome, outcome, "%s", event.why);
	cr_assert_eq(event.why[0] == '\0', outcome == OUTCOME_CONFIRMED);
}

static inline void expect_told_nothing(void)
{
	struct vehicle_event event;

	cr_assert_not(take(VEHICLE_EVENT_AUTHENTICATED, &event));
}

static inline void acknowledge(void)
{
	SAY(.payload = "", .is_sealed = true);
}

/* The car asks, a good while after it did last, and is answered. */
static inline void exchange(const char *question, const char *answer)
{
	wait_ms(PASSIVE_PAUSE_MS);
	broadcast(VCSEC, question);
	hear_request(answer);
	cr_assert(world.heard.is_signed);
}
