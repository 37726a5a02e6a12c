/* SPDX-License-Identifier: MIT */

#include "vehicle/state.h"

#include <math.h>
#include <string.h>

#include "util/macro.h"

#define CLOSURE(name) VCSEC__CLOSURE_STATE__E__CLOSURESTATE_##name
#define LOCK(name) VCSEC__VEHICLE_LOCK_STATE__E__VEHICLELOCKSTATE_##name
#define SLEEP(name) VCSEC__VEHICLE_SLEEP_STATUS__E__VEHICLE_SLEEP_STATUS_##name
#define PRESENCE(name) VCSEC__USER_PRESENCE__E__VEHICLE_USER_PRESENCE_##name
#define GEAR(name) CAR_SERVER__SHIFT_STATE__TYPE_##name
#define PLAYBACK(name) CAR_SERVER__MEDIA_PLAYBACK_STATUS__##name
#define SCHEDULE(name) \
	CAR_SERVER__CHARGE_STATE__SCHEDULED_CHARGING_MODE__ScheduledChargingMode##name
#define OVERHEAT(name) \
	CAR_SERVER__CLIMATE_STATE__CABIN_OVERHEAT_PROTECTION__E__CabinOverheatProtection##name

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

/* One that says @decides decides; else one unknown leaves it unknown. */
static enum car_truth unless(
	enum car_truth decides, const enum car_truth *truths, size_t n)
{
	enum car_truth truth = decides == CAR_YES ? CAR_NO : CAR_YES;

	for (size_t i = 0; i < n; i++) {
		if (truths[i] == decides)
			return decides;
		if (truths[i] == CAR_UNKNOWN)
			truth = CAR_UNKNOWN;
	}

	return truth;
}

/* One door open is an open car; one unknown is no closed car. */
static enum car_truth any_of(const enum car_truth *truths, size_t n)
{
	return unless(CAR_YES, truths, n);
}

static enum car_truth all_of(const enum car_truth *truths, size_t n)
{
	return unless(CAR_NO, truths, n);
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

/* The choice of a oneof up to @last; 0 if it is absent or not known here. */
static unsigned int choice(unsigned int which, unsigned int last)
{
	return which <= last ? which : 0;
}

/* The same where 1 says "unknown". */
static unsigned int choice_or_unknown(unsigned int which, unsigned int last)
{
	return which != 1 ? choice(which, last) : 0;
}

#define CHOICE(message, of, last) \
	((message) == NULL ? 0 : of((unsigned int)(message)->type_case, last))

static void take_drive(
	struct car_state *state, uint64_t now_ms, const void *message)
{
	const CarServer__DriveState *drive = message;
	float speed = NUMBER(drive, speed_float);

	state->drive = (struct car_drive){
		.at_ms = now_ms,
		.gear = gear_of(drive->shift_state),
		.speed_mph = isnan(speed) ? NUMBER(drive, speed) : speed,
	};
}

static enum car_truth tonneau_of(const CarServer__ClosuresState *closures)
{
	if (closures->optional_tonneau_state_case == 0)
		return CAR_UNKNOWN;

	return is_open(closures->tonneau_state);
}

static void take_closures(
	struct car_state *state, uint64_t now_ms, const void *message)
{
	static const CarServer__SpeedLimitMode no_limit =
		CAR_SERVER__SPEED_LIMIT_MODE__INIT;
	const CarServer__ClosuresState *closures = message;
	const CarServer__SpeedLimitMode *limit = closures->speed_limit_mode;
	const enum car_truth doors[] = {
		TRUTH(closures, door_open_driver_front),
		TRUTH(closures, door_open_driver_rear),
		TRUTH(closures, door_open_passenger_front),
		TRUTH(closures, door_open_passenger_rear),
	};
	const enum car_truth windows[] = {
		TRUTH(closures, window_open_driver_front),
		TRUTH(closures, window_open_driver_rear),
		TRUTH(closures, window_open_passenger_front),
		TRUTH(closures, window_open_passenger_rear),
	};

	if (limit == NULL)
		limit = &no_limit;
	state->closures = (struct car_closures){
		.at_ms = now_ms,
		.locked = TRUTH(closures, locked),
		.user_present = TRUTH(closures, is_user_present),
		.any_door_open = any_of(doors, ARRAY_SIZE(doors)),
		.trunk_open = TRUTH(closures, door_open_trunk_rear),
		.frunk_open = TRUTH(closures, door_open_trunk_front),
		.any_window_open = any_of(windows, ARRAY_SIZE(windows)),
		.all_windows_open = all_of(windows, ARRAY_SIZE(windows)),
		.tonneau_open = tonneau_of(closures),
		.sun_roof = CHOICE(closures->sun_roof_state, choice_or_unknown,
			CAR_SUN_ROOF_VENT),
		.remote_start = TRUTH(closures, remote_start),
		.valet_mode = TRUTH(closures, valet_mode),
		.speed_limit_active = TRUTH(limit, active),
		.speed_limit_mph = NUMBER(limit, current_limit_mph),
		.sentry = CHOICE(
			closures->sentry_mode_state, choice, CAR_SENTRY_QUIET),
		.display = CHOICE(closures->center_display_state, choice,
			CAR_DISPLAY_ENTERTAINMENT),
	};
}

static enum car_truth is_scheduled(
	const CarServer__ChargeState *charge, int mode)
{
	if (charge->optional_scheduled_charging_mode_case == 0)
		return CAR_UNKNOWN;

	return (int)charge->scheduled_charging_mode == mode ? CAR_YES : CAR_NO;
}

/* The days are told even of what is off. */
static float warm_days(const CarServer__ChargeState *charge)
{
	enum car_truth enabled = TRUTH(charge, preconditioning_enabled);
	const CarServer__PreconditioningTimes *days =
		charge->preconditioning_times;

	if (enabled == CAR_NO)
		return 0;
	if (enabled == CAR_UNKNOWN || days == NULL || days->times_case == 0)
		return NAN;

	return (float)days->times_case;
}

static void take_charge(
	struct car_state *state, uint64_t now_ms, const void *message)
{
	const CarServer__ChargeState *charge = message;

	state->charge = (struct car_charge){
		.at_ms = now_ms,
		.battery_level = NUMBER(charge, battery_level),
		.limit = NUMBER(charge, charge_limit_soc),
		.amps = NUMBER(charge, charging_amps),
		.charging = CHOICE(charge->charging_state, choice_or_unknown,
			CAR_CHARGING_CALIBRATING),
		.charge_port_open = TRUTH(charge, charge_port_door_open),
		.scheduled = is_scheduled(charge, SCHEDULE(StartAt)),
		.schedule_min =
			NUMBER(charge, scheduled_charging_start_time_minutes),
		.departing = is_scheduled(charge, SCHEDULE(DepartBy)),
		.departure_min =
			NUMBER(charge, scheduled_departure_time_minutes),
		.departure_warm = warm_days(charge),
	};
}

static enum car_overheat overheat_of(const CarServer__ClimateState *climate)
{
	if (climate->optional_cabin_overheat_protection_case == 0)
		return CAR_OVERHEAT_UNKNOWN;
	switch ((int)climate->cabin_overheat_protection) {
	case OVERHEAT(Off):
		return CAR_OVERHEAT_OFF;
	case OVERHEAT(On):
		return CAR_OVERHEAT_ON;
	case OVERHEAT(FanOnly):
		return CAR_OVERHEAT_FAN_ONLY;
	default:
		return CAR_OVERHEAT_UNKNOWN;
	}
}

static void take_climate(
	struct car_state *state, uint64_t now_ms, const void *message)
{
	const CarServer__ClimateState *climate = message;

	state->climate = (struct car_climate){
		.at_ms = now_ms,
		.on = TRUTH(climate, is_climate_on),
		.inside_c = NUMBER(climate, inside_temp_celsius),
		.outside_c = NUMBER(climate, outside_temp_celsius),
		.driver_c = NUMBER(climate, driver_temp_setting),
		.passenger_c = NUMBER(climate, passenger_temp_setting),
		.keeper = CHOICE(climate->climate_keeper_mode,
			choice_or_unknown, CAR_KEEPER_CAMP),
		.defrost = CHOICE(
			climate->defrost_mode, choice, CAR_DEFROST_MAX),
		.wheel_heater = TRUTH(climate, steering_wheel_heater),
		.bioweapon = TRUTH(climate, bioweapon_mode_on),
		.overheat = overheat_of(climate),
		.overheat_temp = NUMBER(climate, cop_activation_temperature),
		.seat_heaters = {
			[CAR_SEAT_FRONT_LEFT] =
				NUMBER(climate, seat_heater_left),
			[CAR_SEAT_FRONT_RIGHT] =
				NUMBER(climate, seat_heater_right),
			[CAR_SEAT_REAR_LEFT] =
				NUMBER(climate, seat_heater_rear_left),
			[CAR_SEAT_REAR_LEFT_BACK] =
				NUMBER(climate, seat_heater_rear_left_back),
			[CAR_SEAT_REAR_CENTER] =
				NUMBER(climate, seat_heater_rear_center),
			[CAR_SEAT_REAR_RIGHT] =
				NUMBER(climate, seat_heater_rear_right),
			[CAR_SEAT_REAR_RIGHT_BACK] =
				NUMBER(climate, seat_heater_rear_right_back),
			[CAR_SEAT_THIRD_LEFT] =
				NUMBER(climate, seat_heater_third_row_left),
			[CAR_SEAT_THIRD_RIGHT] =
				NUMBER(climate, seat_heater_third_row_right),
		},
		.seat_coolers = {
			NUMBER(climate, seat_fan_front_left),
			NUMBER(climate, seat_fan_front_right),
		},
		.auto_seats = {
			TRUTH(climate, auto_seat_climate_left),
			TRUTH(climate, auto_seat_climate_right),
		},
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

static void take_media(
	struct car_state *state, uint64_t now_ms, const void *message)
{
	const CarServer__MediaState *media = message;

	state->media = (struct car_media){
		.at_ms = now_ms,
		.playback = playback_of(media),
		.volume = NUMBER(media, audio_volume),
		.volume_max = NUMBER(media, audio_volume_max),
	};
}

static void take_software(
	struct car_state *state, uint64_t now_ms, const void *message)
{
	const CarServer__SoftwareUpdateState *software = message;

	state->software = (struct car_software){
		.at_ms = now_ms,
		.update = CHOICE(software->status, choice_or_unknown,
			CAR_UPDATE_DOWNLOADING),
	};
}

static void take_parental(
	struct car_state *state, uint64_t now_ms, const void *message)
{
	static const CarServer__ParentalControlsSettings nothing =
		CAR_SERVER__PARENTAL_CONTROLS_SETTINGS__INIT;
	const CarServer__ParentalControlsState *parental = message;
	const CarServer__ParentalControlsSettings *settings =
		parental->parental_controls_settings;

	if (settings == NULL)
		settings = &nothing;
	state->parental = (struct car_parental){
		.at_ms = now_ms,
		.active = TRUTH(parental, parental_controls_active),
		.speed_limit = TRUTH(settings, speed_limit_enabled),
		.speed_limit_mph = NUMBER(settings, current_limit_mph),
		.chill_acceleration =
			TRUTH(settings, chill_acceleration_enabled),
		.safety_settings =
			TRUTH(settings, require_safety_settings_enabled),
		.curfew = TRUTH(settings, curfew_enabled),
	};
}

/* Fields of VehicleData; what no rule asks for is not taken. */
static const struct {
	enum command_id id;
	unsigned int field;
	void (*take)(struct car_state *, uint64_t, const void *);
} parts[] = {
	{ COMMAND_STATE_CHARGE, 3, take_charge },
	{ COMMAND_STATE_CLIMATE, 4, take_climate },
	{ COMMAND_STATE_DRIVE, 5, take_drive },
	{ COMMAND_STATE_LOCATION, 8, NULL },
	{ COMMAND_STATE_CLOSURES, 9, take_closures },
	{ COMMAND_STATE_CHARGE_SCHEDULE, 15, NULL },
	{ COMMAND_STATE_PRECONDITION_SCHEDULE, 16, NULL },
	{ COMMAND_STATE_TIRE_PRESSURE, 19, NULL },
	{ COMMAND_STATE_MEDIA, 20, take_media },
	{ COMMAND_STATE_MEDIA_DETAIL, 21, NULL },
	{ COMMAND_STATE_SOFTWARE_UPDATE, 23, take_software },
	{ COMMAND_STATE_PARENTAL_CONTROLS, 24, take_parental },
};

const ProtobufCMessage *state_part(
	enum command_id id, const CarServer__VehicleData *data)
{
	const ProtobufCMessage *part = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (parts[i].id == id)
			memcpy(&part,
				(const uint8_t *)data +
					protobuf_c_message_descriptor_get_field(
						data->base.descriptor,
						parts[i].field)
						->offset,
				sizeof(part));

	return part;
}

bool state_take_data(struct car_state *state, uint64_t now_ms,
	enum command_id id, const CarServer__VehicleData *data)
{
	const ProtobufCMessage *part = state_part(id, data);

	if (part == NULL)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (parts[i].id == id && parts[i].take != NULL)
			parts[i].take(state, now_ms, part);

	return true;
}
