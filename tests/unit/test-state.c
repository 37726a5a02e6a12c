/* SPDX-License-Identifier: MIT */

#include "vehicle/state.h"

#include <math.h>

#include "test.h"
#include "util/macro.h"

#define NOW 77

/* The part of the car that protobuf-c calls @type, all of it absent. */
#define PART(type) CAR_SERVER__##type##_STATE__INIT
/* Makes @field present; which member of its oneof it is does not matter. */
#define TELL(message, field, value) \
	((message)->optional_##field##_case = 1, (message)->field = (value))

static CarServer__Void nothing = CAR_SERVER__VOID__INIT;
static struct car_state state;

static bool take(enum command_id id, const CarServer__VehicleData *data)
{
	return state_take_data(&state, NOW, id, data);
}

TEST(state, a_part_that_was_not_asked_for_is_not_taken)
{
	CarServer__VehicleData data = CAR_SERVER__VEHICLE_DATA__INIT;
	CarServer__ChargeState charge = PART(CHARGE);
	CarServer__LocationState location = PART(LOCATION);

	car_state_init(&state);
	data.charge_state = &charge;
	cr_assert_not(take(COMMAND_STATE_CLIMATE, &data));
	cr_assert_not(take(COMMAND_STATE_LOCATION, &data));
	cr_assert_not(take(COMMAND_LOCK, &data));
	cr_assert_eq(state.charge.at_ms, 0);

	/* Where the car is, is told to who asks, but not kept. */
	data.location_state = &location;
	cr_assert(take(COMMAND_STATE_LOCATION, &data));
}

TEST(state, charge_tells_absent_from_zero)
{
	CarServer__VehicleData data = CAR_SERVER__VEHICLE_DATA__INIT;
	CarServer__ChargeState charge = PART(CHARGE);
	CarServer__ChargeState__ChargingState charging =
		CAR_SERVER__CHARGE_STATE__CHARGING_STATE__INIT;
	CarServer__PreconditioningTimes days =
		CAR_SERVER__PRECONDITIONING_TIMES__INIT;

	data.charge_state = &charge;
	cr_assert(take(COMMAND_STATE_CHARGE, &data));
	cr_assert_eq(state.charge.at_ms, NOW);
	cr_assert(isnan(state.charge.battery_level));
	cr_assert(isnan(state.charge.limit));
	cr_assert(isnan(state.charge.amps));
	cr_assert_eq(state.charge.charging, CAR_CHARGING_UNKNOWN);
	cr_assert_eq(state.charge.charge_port_open, CAR_UNKNOWN);
	cr_assert_eq(state.charge.scheduled, CAR_UNKNOWN);

	charging.type_case =
		CAR_SERVER__CHARGE_STATE__CHARGING_STATE__TYPE_CHARGING;
	charging.charging = &nothing;
	charge.charging_state = &charging;
	TELL(&charge, battery_level, 0);
	TELL(&charge, charge_limit_soc, 80);
	TELL(&charge, charging_amps, 16);
	TELL(&charge, charge_port_door_open, 0);
	TELL(&charge, scheduled_charging_mode,
		CAR_SERVER__CHARGE_STATE__SCHEDULED_CHARGING_MODE__ScheduledChargingModeDepartBy);
	TELL(&charge, scheduled_departure_time_minutes, 450);
	cr_assert(take(COMMAND_STATE_CHARGE, &data));
	cr_assert_float_eq(state.charge.battery_level, 0, 1e-6f);
	cr_assert_float_eq(state.charge.limit, 80, 1e-6f);
	cr_assert_float_eq(state.charge.amps, 16, 1e-6f);
	cr_assert_eq(state.charge.charging, CAR_CHARGING_CHARGING);
	cr_assert_eq(state.charge.charge_port_open, CAR_NO);
	cr_assert_eq(state.charge.scheduled, CAR_NO);
	cr_assert_eq(state.charge.departing, CAR_YES);
	cr_assert_float_eq(state.charge.departure_min, 450, 1e-6f);

	/* The days are told even where it is off. */
	cr_assert(isnan(state.charge.departure_warm));
	days.times_case = CAR_SERVER__PRECONDITIONING_TIMES__TIMES_WEEKDAYS;
	days.weekdays = &nothing;
	charge.preconditioning_times = &days;
	cr_assert(take(COMMAND_STATE_CHARGE, &data));
	cr_assert(isnan(state.charge.departure_warm));
	TELL(&charge, preconditioning_enabled, 1);
	cr_assert(take(COMMAND_STATE_CHARGE, &data));
	cr_assert_float_eq(state.charge.departure_warm, 2, 1e-6f);
	charge.preconditioning_times = NULL;
	cr_assert(take(COMMAND_STATE_CHARGE, &data));
	cr_assert(isnan(state.charge.departure_warm));
	TELL(&charge, preconditioning_enabled, 0);
	cr_assert(take(COMMAND_STATE_CHARGE, &data));
	cr_assert_float_eq(state.charge.departure_warm, 0, 1e-6f);
}

TEST(state, climate_is_taken_seat_by_seat)
{
	CarServer__VehicleData data = CAR_SERVER__VEHICLE_DATA__INIT;
	CarServer__ClimateState climate = PART(CLIMATE);
	CarServer__ClimateState__ClimateKeeperMode keeper =
		CAR_SERVER__CLIMATE_STATE__CLIMATE_KEEPER_MODE__INIT;
	CarServer__ClimateState__DefrostMode defrost =
		CAR_SERVER__CLIMATE_STATE__DEFROST_MODE__INIT;

	data.climate_state = &climate;
	keeper.type_case =
		CAR_SERVER__CLIMATE_STATE__CLIMATE_KEEPER_MODE__TYPE_DOG;
	keeper.dog = &nothing;
	climate.climate_keeper_mode = &keeper;
	/* A choice of later firmware. */
	defrost.type_case = 9;
	climate.defrost_mode = &defrost;
	TELL(&climate, is_climate_on, 1);
	TELL(&climate, inside_temp_celsius, -5.5f);
	TELL(&climate, driver_temp_setting, 21);
	TELL(&climate, seat_heater_rear_center, 2);
	TELL(&climate, seat_fan_front_right, 3);
	TELL(&climate, auto_seat_climate_right, 0);
	TELL(&climate, steering_wheel_heater, 1);
	TELL(&climate, cabin_overheat_protection,
		CAR_SERVER__CLIMATE_STATE__CABIN_OVERHEAT_PROTECTION__E__CabinOverheatProtectionFanOnly);
	TELL(&climate, cop_activation_temperature, 2);

	cr_assert(take(COMMAND_STATE_CLIMATE, &data));
	cr_assert_eq(state.climate.on, CAR_YES);
	cr_assert_float_eq(state.climate.inside_c, -5.5f, 1e-6f);
	cr_assert(isnan(state.climate.outside_c));
	cr_assert_float_eq(state.climate.driver_c, 21, 1e-6f);
	cr_assert_eq(state.climate.keeper, CAR_KEEPER_DOG);
	cr_assert_eq(state.climate.defrost, CAR_DEFROST_UNKNOWN);
	cr_assert_eq(state.climate.wheel_heater, CAR_YES);
	cr_assert_eq(state.climate.bioweapon, CAR_UNKNOWN);
	cr_assert_eq(state.climate.overheat, CAR_OVERHEAT_FAN_ONLY);
	cr_assert_float_eq(state.climate.overheat_temp, 2, 1e-6f);
	for (int i = 0; i < _CAR_SEAT_N; i++) {
		if (i == CAR_SEAT_REAR_CENTER)
			cr_assert_float_eq(
				state.climate.seat_heaters[i], 2, 1e-6f);
		else
			cr_assert(isnan(state.climate.seat_heaters[i]));
	}
	cr_assert(isnan(state.climate.seat_coolers[0]));
	cr_assert_float_eq(state.climate.seat_coolers[1], 3, 1e-6f);
	cr_assert_eq(state.climate.auto_seats[0], CAR_UNKNOWN);
	cr_assert_eq(state.climate.auto_seats[1], CAR_NO);
}

TEST(state, overheat_protection_of_a_later_kind_is_unknown)
{
	CarServer__VehicleData data = CAR_SERVER__VEHICLE_DATA__INIT;
	CarServer__ClimateState climate = PART(CLIMATE);
	static const enum car_overheat want[] = {
		CAR_OVERHEAT_OFF,
		CAR_OVERHEAT_ON,
		CAR_OVERHEAT_FAN_ONLY,
		CAR_OVERHEAT_UNKNOWN,
	};

	data.climate_state = &climate;
	for (unsigned int i = 0; i < ARRAY_SIZE(want); i++) {
		TELL(&climate, cabin_overheat_protection, i);
		cr_assert(take(COMMAND_STATE_CLIMATE, &data));
		cr_assert_eq(state.climate.overheat, want[i]);
	}
}

TEST(state, closures_tell_more_than_doors)
{
	CarServer__VehicleData data = CAR_SERVER__VEHICLE_DATA__INIT;
	CarServer__ClosuresState closures = PART(CLOSURES);
	CarServer__ClosuresState__SentryModeState sentry =
		CAR_SERVER__CLOSURES_STATE__SENTRY_MODE_STATE__INIT;
	CarServer__ClosuresState__DisplayState display =
		CAR_SERVER__CLOSURES_STATE__DISPLAY_STATE__INIT;
	CarServer__SpeedLimitMode limit = CAR_SERVER__SPEED_LIMIT_MODE__INIT;

	data.closures_state = &closures;
	cr_assert(take(COMMAND_STATE_CLOSURES, &data));
	cr_assert_eq(state.closures.remote_start, CAR_UNKNOWN);
	cr_assert_eq(state.closures.any_window_open, CAR_UNKNOWN);
	cr_assert_eq(state.closures.tonneau_open, CAR_UNKNOWN);
	cr_assert_eq(state.closures.speed_limit_active, CAR_UNKNOWN);
	cr_assert_eq(state.closures.sentry, CAR_SENTRY_UNKNOWN);

	sentry.type_case =
		CAR_SERVER__CLOSURES_STATE__SENTRY_MODE_STATE__TYPE_ARMED;
	sentry.armed = &nothing;
	closures.sentry_mode_state = &sentry;
	display.type_case =
		CAR_SERVER__CLOSURES_STATE__DISPLAY_STATE__TYPE_DRIVING;
	display.driving = &nothing;
	closures.center_display_state = &display;
	TELL(&limit, active, 1);
	TELL(&limit, current_limit_mph, 65);
	closures.speed_limit_mode = &limit;
	TELL(&closures, remote_start, 1);
	TELL(&closures, valet_mode, 0);
	TELL(&closures, window_open_driver_rear, 1);
	TELL(&closures, tonneau_state,
		VCSEC__CLOSURE_STATE__E__CLOSURESTATE_OPENING);
	cr_assert(take(COMMAND_STATE_CLOSURES, &data));
	cr_assert_eq(state.closures.remote_start, CAR_YES);
	cr_assert_eq(state.closures.valet_mode, CAR_NO);
	cr_assert_eq(state.closures.any_window_open, CAR_YES);
	cr_assert_eq(state.closures.all_windows_open, CAR_UNKNOWN);
	cr_assert_eq(state.closures.tonneau_open, CAR_YES);
	cr_assert_eq(state.closures.speed_limit_active, CAR_YES);
	cr_assert_float_eq(state.closures.speed_limit_mph, 65, 1e-6f);
	cr_assert_eq(state.closures.sentry, CAR_SENTRY_ARMED);

	TELL(&closures, window_open_driver_front, 1);
	TELL(&closures, window_open_passenger_front, 1);
	TELL(&closures, window_open_passenger_rear, 1);
	cr_assert(take(COMMAND_STATE_CLOSURES, &data));
	cr_assert_eq(state.closures.all_windows_open, CAR_YES);
	TELL(&closures, window_open_driver_rear, 0);
	cr_assert(take(COMMAND_STATE_CLOSURES, &data));
	cr_assert_eq(state.closures.all_windows_open, CAR_NO);
	cr_assert_eq(state.closures.display, CAR_DISPLAY_DRIVING);
}

TEST(state, software_and_parental_controls_are_taken)
{
	CarServer__VehicleData data = CAR_SERVER__VEHICLE_DATA__INIT;
	CarServer__SoftwareUpdateState software = PART(SOFTWARE_UPDATE);
	CarServer__SoftwareUpdateState__SoftwareUpdateStatus status =
		CAR_SERVER__SOFTWARE_UPDATE_STATE__SOFTWARE_UPDATE_STATUS__INIT;
	CarServer__ParentalControlsState parental = PART(PARENTAL_CONTROLS);
	CarServer__ParentalControlsSettings settings =
		CAR_SERVER__PARENTAL_CONTROLS_SETTINGS__INIT;

	data.software_update_state = &software;
	data.parental_controls_state = &parental;
	/* 1 says "unknown" in so many words. */
	status.type_case =
		CAR_SERVER__SOFTWARE_UPDATE_STATE__SOFTWARE_UPDATE_STATUS__TYPE_UNKNOWN;
	status.unknown = &nothing;
	software.status = &status;
	cr_assert(take(COMMAND_STATE_SOFTWARE_UPDATE, &data));
	cr_assert_eq(state.software.at_ms, NOW);
	cr_assert_eq(state.software.update, CAR_UPDATE_UNKNOWN);
	status.type_case =
		CAR_SERVER__SOFTWARE_UPDATE_STATE__SOFTWARE_UPDATE_STATUS__TYPE_SCHEDULED;
	cr_assert(take(COMMAND_STATE_SOFTWARE_UPDATE, &data));
	cr_assert_eq(state.software.update, CAR_UPDATE_SCHEDULED);

	TELL(&parental, parental_controls_active, 1);
	cr_assert(take(COMMAND_STATE_PARENTAL_CONTROLS, &data));
	cr_assert_eq(state.parental.active, CAR_YES);
	cr_assert_eq(state.parental.curfew, CAR_UNKNOWN);
	TELL(&settings, speed_limit_enabled, 0);
	TELL(&settings, current_limit_mph, 50);
	TELL(&settings, curfew_enabled, 1);
	parental.parental_controls_settings = &settings;
	cr_assert(take(COMMAND_STATE_PARENTAL_CONTROLS, &data));
	cr_assert_eq(state.parental.speed_limit, CAR_NO);
	cr_assert_float_eq(state.parental.speed_limit_mph, 50, 1e-6f);
	cr_assert_eq(state.parental.curfew, CAR_YES);
	cr_assert_eq(state.parental.chill_acceleration, CAR_UNKNOWN);
}
