/* SPDX-License-Identifier: MIT */

#include "model/car_state.h"

#include <math.h>

#include "util/macro.h"

static bool is_recent(uint64_t at_ms, uint64_t now_ms)
{
	return at_ms != 0 && at_ms <= now_ms &&
	       now_ms - at_ms <= CAR_PARKED_MAX_AGE_MS;
}

bool car_state_is_asleep(const struct car_state *state, uint64_t now_ms)
{
	return is_recent(state->body.at_ms, now_ms) &&
	       state->body.sleep == CAR_SLEEP_ASLEEP;
}

/*
 * A car that was left in P switches its drive computer off, and reports no
 * gear from then on: https://github.com/home-assistant/core/pull/140018.  It
 * cannot leave P without that computer; a speed would belie it.
 */
static bool stands_parked(const struct car_drive *drive)
{
	return drive->gear == CAR_GEAR_P ||
	       (drive->gear == CAR_GEAR_NONE && !(drive->speed_mph > 0));
}

uint64_t car_state_parked_until(const struct car_state *state, uint64_t now_ms)
{
	uint64_t at_ms = 0;

	/*
	 * A drive state is proof, a status only a hint: the proof decides
	 * whenever there is one that is recent.
	 */
	if (is_recent(state->drive.at_ms, now_ms)) {
		if (stands_parked(&state->drive))
			at_ms = state->drive.at_ms;
	} else if (car_state_is_asleep(state, now_ms)) {
		at_ms = state->body.at_ms;
	}

	return at_ms != 0 ? at_ms + CAR_PARKED_MAX_AGE_MS + 1 : 0;
}

bool car_state_is_parked(const struct car_state *state, uint64_t now_ms)
{
	return car_state_parked_until(state, now_ms) != 0;
}

void car_state_init(struct car_state *state)
{
	struct car_climate *climate = &state->climate;

	*state = (struct car_state){
		.drive = { .speed_mph = NAN },
		.closures = { .speed_limit_mph = NAN },
		.charge = { .battery_level = NAN,
			.limit = NAN,
			.amps = NAN,
			.schedule_min = NAN,
			.departure_min = NAN,
			.departure_warm = NAN },
		.climate = { .inside_c = NAN,
			.outside_c = NAN,
			.driver_c = NAN,
			.passenger_c = NAN,
			.overheat_temp = NAN },
		.media = { .volume = NAN, .volume_max = NAN },
		.parental = { .speed_limit_mph = NAN },
	};
	for (size_t i = 0; i < ARRAY_SIZE(climate->seat_heaters); i++)
		climate->seat_heaters[i] = NAN;
	for (size_t i = 0; i < ARRAY_SIZE(climate->seat_coolers); i++)
		climate->seat_coolers[i] = NAN;
}
