/* SPDX-License-Identifier: MIT */

#include <math.h>

#include "model/car_state.h"
#include "test.h"

enum {
	NOW = 100 * 1000,
	MAX_AGE = CAR_PARKED_MAX_AGE_MS,
};

static struct car_state in_gear(enum car_gear gear, uint64_t at_ms)
{
	struct car_state state;

	car_state_init(&state);
	state.drive.gear = gear;
	state.drive.at_ms = at_ms;
	return state;
}

TEST(car_state, at_first_nothing_is_known)
{
	struct car_state state;

	car_state_init(&state);
	cr_assert_eq(state.body.at_ms, 0);
	cr_assert_eq(state.drive.gear, CAR_GEAR_UNKNOWN);
	cr_assert(isnan(state.drive.speed_mph));
	cr_assert(isnan(state.media.volume));
	cr_assert(isnan(state.media.volume_max));
	cr_assert(isnan(state.charge.battery_level));
	cr_assert(isnan(state.climate.driver_c));
	cr_assert(isnan(state.climate.seat_heaters[CAR_SEAT_THIRD_RIGHT]));
	cr_assert(isnan(state.climate.seat_coolers[1]));
	cr_assert_not(car_state_is_parked(&state, NOW));
	cr_assert_not(car_state_is_asleep(&state, NOW));
	/* Right after boot, too: "never" is not "at 0". */
	cr_assert_not(car_state_is_parked(&state, 0));
}

TEST(car_state, no_gear_and_no_speed_is_a_car_left_in_p)
{
	struct car_state state = in_gear(CAR_GEAR_NONE, NOW);

	cr_assert(car_state_is_parked(&state, NOW));
	state.drive.speed_mph = 0;
	cr_assert(car_state_is_parked(&state, NOW));
	state.drive.speed_mph = 0.5f;
	cr_assert_not(car_state_is_parked(&state, NOW));
	/* Nor is a rolling car parked because a clear status says asleep. */
	state.body.at_ms = NOW;
	state.body.sleep = CAR_SLEEP_ASLEEP;
	cr_assert_not(car_state_is_parked(&state, NOW));
}

TEST(car_state, of_the_gears_only_p_is_parked)
{
	struct car_state state;

	for (enum car_gear gear = CAR_GEAR_UNKNOWN; gear <= CAR_GEAR_D;
		gear++) {
		if (gear == CAR_GEAR_NONE)
			continue;
		state = in_gear(gear, NOW);
		cr_assert_eq(car_state_is_parked(&state, NOW),
			gear == CAR_GEAR_P, "gear %d", (int)gear);
	}
}

TEST(car_state, a_proof_lasts_ten_seconds)
{
	struct car_state state = in_gear(CAR_GEAR_P, NOW);

	cr_assert(car_state_is_parked(&state, NOW + MAX_AGE));
	cr_assert_not(car_state_is_parked(&state, NOW + MAX_AGE + 1));
	/* Nor does one from the future count. */
	cr_assert_not(car_state_is_parked(&state, NOW - 1));

	cr_assert_eq(car_state_parked_until(&state, NOW), NOW + MAX_AGE + 1);
	cr_assert_eq(car_state_parked_until(&state, NOW + MAX_AGE + 1), 0);
}

TEST(car_state, asleep_counts_as_parked_while_it_is_recent)
{
	struct car_state state;

	car_state_init(&state);
	state.body.at_ms = NOW;
	state.body.sleep = CAR_SLEEP_ASLEEP;
	cr_assert(car_state_is_asleep(&state, NOW + MAX_AGE));
	cr_assert(car_state_is_parked(&state, NOW + MAX_AGE));
	cr_assert_not(car_state_is_parked(&state, NOW + MAX_AGE + 1));

	state.body.sleep = CAR_SLEEP_AWAKE;
	cr_assert_not(car_state_is_parked(&state, NOW));
	state.body.sleep = CAR_SLEEP_UNKNOWN;
	cr_assert_not(car_state_is_parked(&state, NOW));
}

TEST(car_state, a_forged_sleep_does_not_outweigh_the_drive_state)
{
	struct car_state state = in_gear(CAR_GEAR_D, NOW);

	state.body.at_ms = NOW + 1;
	state.body.sleep = CAR_SLEEP_ASLEEP;
	cr_assert_not(car_state_is_parked(&state, NOW + 1));
	state.drive.gear = CAR_GEAR_UNKNOWN;
	cr_assert_not(car_state_is_parked(&state, NOW + 1));
}
