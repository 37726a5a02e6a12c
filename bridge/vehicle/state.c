/* SPDX-License-Identifier: MIT */

#include "vehicle/state.h"

#include <math.h>

#include "util/macro.h"

#define CLOSURE(name) VCSEC__CLOSURE_STATE__E__CLOSURESTATE_##name
#define LOCK(name) VCSEC__VEHICLE_LOCK_STATE__E__VEHICLELOCKSTATE_##name
#define SLEEP(name) VCSEC__VEHICLE_SLEEP_STATUS__E__VEHICLE_SLEEP_STATUS_##name
#define PRESENCE(name) VCSEC__USER_PRESENCE__E__VEHICLE_USER_PRESENCE_##name
#define GEAR(name) CAR_SERVER__SHIFT_STATE__TYPE_##name
#define PLAYBACK(name) CAR_SERVER__MEDIA_PLAYBACK_STATUS__##name

/*
 * The value of a field with explicit presence, which is a oneof of one: the
 * sender left it out, or meant it even where it is zero.
 */
#define TRUTH(message, field)                                  \
	((message)->optional_##field##_case == 0 ? CAR_UNKNOWN \
		: (message)->field               ? CAR_YES     \
						 : CAR_NO)
#define NUMBER(message, field)                         \
	((message)->optional_##field##_case == 0 ? NAN \
						 : (float)(message)->field)

/* One door open is an open car; one unknown is no closed car. */
static enum car_truth any_of(const enum car_truth *truths, size_t n)
{
	enum car_truth any = CAR_NO;

	for (size_t i = 0; i < n; i++) {
		if (truths[i] == CAR_YES)
			return CAR_YES;
		if (truths[i] == CAR_UNKNOWN)
			any = CAR_UNKNOWN;
	}

	return any;
}

static enum car_truth is_open(VCSEC__ClosureStateE closure)
{
	/* Foreign numbers: no switch over them may lack a default. */
	switch ((int)closure) {
	case CLOSURE(CLOSED):
		return CAR_NO;
	case CLOSURE(OPEN):
	case CLOSURE(AJAR):
	case CLOSURE(OPENING):
	case CLOSURE(CLOSING):
		return CAR_YES;
	default:
		return CAR_UNKNOWN;
	}
}

static enum car_lock lock_of(VCSEC__VehicleLockStateE lock)
{
	switch ((int)lock) {
	case LOCK(UNLOCKED):
		return CAR_LOCK_UNLOCKED;
	case LOCK(LOCKED):
		return CAR_LOCK_LOCKED;
	case LOCK(INTERNAL_LOCKED):
		return CAR_LOCK_INTERNAL;
	case LOCK(SELECTIVE_UNLOCKED):
		return CAR_LOCK_SELECTIVE;
	default:
		return CAR_LOCK_UNKNOWN;
	}
}

static enum car_sleep sleep_of(VCSEC__VehicleSleepStatusE sleep)
{
	switch ((int)sleep) {
	case SLEEP(AWAKE):
		return CAR_SLEEP_AWAKE;
	case SLEEP(ASLEEP):
		return CAR_SLEEP_ASLEEP;
	default:
		return CAR_SLEEP_UNKNOWN;
	}
}

static enum car_truth presence_of(VCSEC__UserPresenceE presence)
{
	switch ((int)presence) {
	case PRESENCE(NOT_PRESENT):
		return CAR_NO;
	case PRESENCE(PRESENT):
		return CAR_YES;
	default:
		return CAR_UNKNOWN;
	}
}

void state_take_status(struct car_state *state, uint64_t now_ms,
	const VCSEC__VehicleStatus *status)
{
	static const VCSEC__ClosureStatuses all_closed =
		VCSEC__CLOSURE_STATUSES__INIT;
	const VCSEC__ClosureStatuses *closures = status->closure_statuses;
	enum car_truth doors[4];

	if (closures == NULL)
		closures = &all_closed;
	doors[0] = is_open(closures->front_driver_door);
	doors[1] = is_open(closures->front_passenger_door);
	doors[2] = is_open(closures->rear_driver_door);
	doors[3] = is_open(closures->rear_passenger_door);

	state->body = (struct car_body){
		.at_ms = now_ms,
		.sleep = sleep_of(status->vehicle_sleep_status),
		.lock = lock_of(status->vehicle_lock_state),
		.user_present = presence_of(status->user_presence),
		.any_door_open = any_of(doors, ARRAY_SIZE(doors)),
		.trunk_open = is_open(closures->rear_trunk),
		.frunk_open = is_open(closures->front_trunk),
		.charge_port_open = is_open(closures->charge_port),
	};
}

static enum car_gear gear_of(const CarServer__ShiftState *shift)
{
	if (shift == NULL)
		return CAR_GEAR_NONE;
	switch ((int)shift->type_case) {
	case GEAR(P):
		return CAR_GEAR_P;
	case GEAR(R):
		return CAR_GEAR_R;
	case GEAR(N):
		return CAR_GEAR_N;
	case GEAR(D):
		return CAR_GEAR_D;
	case GEAR(INVALID):
	case GEAR(SNA):
		return CAR_GEAR_NONE;
	default:
		return CAR_GEAR_UNKNOWN;
	}
}

void state_take_drive(struct car_state *state, uint64_t now_ms,
	const CarServer__DriveState *drive)
{
	float speed = NUMBER(drive, speed_float);

	state->drive = (struct car_drive){
		.at_ms = now_ms,
		.gear = gear_of(drive->shift_state),
		.speed_mph = isnan(speed) ? NUMBER(drive, speed) : speed,
	};
}

void state_take_closures(struct car_state *state, uint64_t now_ms,
	const CarServer__ClosuresState *closures)
{
	const enum car_truth doors[] = {
		TRUTH(closures, door_open_driver_front),
		TRUTH(closures, door_open_driver_rear),
		TRUTH(closures, door_open_passenger_front),
		TRUTH(closures, door_open_passenger_rear),
	};

	state->closures = (struct car_closures){
		.at_ms = now_ms,
		.locked = TRUTH(closures, locked),
		.user_present = TRUTH(closures, is_user_present),
		.any_door_open = any_of(doors, ARRAY_SIZE(doors)),
		.trunk_open = TRUTH(closures, door_open_trunk_rear),
		.frunk_open = TRUTH(closures, door_open_trunk_front),
	};
}

static enum car_playback playback_of(const CarServer__MediaState *media)
{
	if (media->optional_media_playback_status_case == 0)
		return CAR_PLAYBACK_UNKNOWN;
	switch ((int)media->media_playback_status) {
	case PLAYBACK(Stopped):
		return CAR_PLAYBACK_STOPPED;
	case PLAYBACK(Playing):
		return CAR_PLAYBACK_PLAYING;
	case PLAYBACK(Paused):
		return CAR_PLAYBACK_PAUSED;
	default:
		return CAR_PLAYBACK_UNKNOWN;
	}
}

void state_take_media(struct car_state *state, uint64_t now_ms,
	const CarServer__MediaState *media)
{
	state->media = (struct car_media){
		.at_ms = now_ms,
		.playback = playback_of(media),
		.volume = NUMBER(media, audio_volume),
		.volume_max = NUMBER(media, audio_volume_max),
	};
}
