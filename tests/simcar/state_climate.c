/* SPDX-License-Identifier: MIT */

#include "setting.h"
#include "state.h"
#include "tell.h"

enum {
	FAN_AUTO = 3,
	FAN_MAX = 7,
	TEMPERATURE_MIN = 15,
	TEMPERATURE_MAX = 28,
	/* COPNotRunningReason. */
	COP_NO_REASON = 0,
	COP_BELOW_THRESHOLD = 6,
};

static double setting_of(const struct world *world, enum setting setting)
{
	return (double)world->settings[setting];
}

/* A Model 3 has no such seat: it is told only if somebody has set it. */
static double foreign(const struct world *world, enum setting setting)
{
	double value = setting_of(world, setting);

	return value > 0 ? value : NAN;
}

static void tell_seats(
	CarServer__ClimateState *state, const struct world *world)
{
	bool wheel = setting_of(world, SETTING_WHEEL_HEATER) > 0;

	tell(&state->base,
		(const struct fact[]){
			{ "seat_heater_left",
				setting_of(world, SETTING_HEATER_FRONT_LEFT) },
			{ "seat_heater_right",
				setting_of(world, SETTING_HEATER_FRONT_RIGHT) },
			{ "seat_heater_rear_left",
				setting_of(world, SETTING_HEATER_REAR_LEFT) },
			{ "seat_heater_rear_center",
				setting_of(world, SETTING_HEATER_REAR_CENTER) },
			{ "seat_heater_rear_right",
				setting_of(world, SETTING_HEATER_REAR_RIGHT) },
			{ "seat_heater_rear_left_back",
				foreign(world, SETTING_HEATER_REAR_LEFT_BACK) },
			{ "seat_heater_rear_right_back",
				foreign(world,
					SETTING_HEATER_REAR_RIGHT_BACK) },
			{ "seat_heater_third_row_left",
				foreign(world, SETTING_HEATER_THIRD_LEFT) },
			{ "seat_heater_third_row_right",
				foreign(world, SETTING_HEATER_THIRD_RIGHT) },
			{ "seat_fan_front_left",
				setting_of(world, SETTING_COOLER_LEFT) },
			{ "seat_fan_front_right",
				setting_of(world, SETTING_COOLER_RIGHT) },
			{ "auto_seat_climate_left",
				setting_of(world, SETTING_AUTO_LEFT) },
			{ "auto_seat_climate_right",
				setting_of(world, SETTING_AUTO_RIGHT) },
			{ "steering_wheel_heater", wheel },
			{ "steering_wheel_heat_level", wheel ? 3 : 1 },
			{ "auto_steering_wheel_heat", 0 },
			{ NULL, 0 },
		});
}

static void tell_air(CarServer__ClimateState *state, const struct world *world)
{
	bool max = setting_of(world, SETTING_PRECONDITIONING_MAX) > 0;
	bool full = max || setting_of(world, SETTING_BIOWEAPON) > 0;

	tell(&state->base,
		(const struct fact[]){
			{ "inside_temp_celsius", (double)world->inside_c },
			{ "outside_temp_celsius", (double)world->outside_c },
			{ "driver_temp_setting",
				setting_of(world, SETTING_TEMP_DRIVER) },
			{ "passenger_temp_setting",
				setting_of(world, SETTING_TEMP_PASSENGER) },
			{ "min_avail_temp_celsius", TEMPERATURE_MIN },
			{ "max_avail_temp_celsius", TEMPERATURE_MAX },
			{ "left_temp_direction", 0 },
			{ "right_temp_direction", 0 },
			{ "is_climate_on", world->climate_on },
			{ "is_auto_conditioning_on", world->climate_on },
			{ "is_preconditioning", max },
			{ "hvac_auto_request", 0 },
			{ "fan_status", !world->climate_on ? 0
					: full             ? FAN_MAX
							   : FAN_AUTO },
			{ "is_front_defroster_on", max },
			{ "is_rear_defroster_on", max },
			{ "side_mirror_heaters", max },
			{ "wiper_blade_heater", 0 },
			{ "battery_heater", 0 },
			{ "remote_heater_control_enabled", world->climate_on },
			{ "bioweapon_mode_on",
				setting_of(world, SETTING_BIOWEAPON) },
			{ NULL, 0 },
		});
}

static void tell_overheat(
	CarServer__ClimateState *state, const struct world *world)
{
	tell(&state->base,
		(const struct fact[]){
			{ "allow_cabin_overheat_protection", 1 },
			{ "supports_fan_only_cabin_overheat_protection", 1 },
			{ "cabin_overheat_protection",
				setting_of(world, SETTING_OVERHEAT) },
			{ "cabin_overheat_protection_actively_cooling", 0 },
			{ "cop_activation_temperature",
				setting_of(world, SETTING_OVERHEAT_TEMP) },
			{ "cop_not_running_reason",
				setting_of(world, SETTING_OVERHEAT) > 0
					? COP_BELOW_THRESHOLD
					: COP_NO_REASON },
			{ NULL, 0 },
		});
}

void climate_state_tell(struct climate_state *ret, const struct world *world,
	CarServer__Void *nothing)
{
	/* "Camp" is what it was called when it was made: a party. */
	static const char *const keepers[] = { "off", "on", "dog", "party" };
	int keeper = (int)world->settings[SETTING_CLIMATE_KEEPER];

	car_server__climate_state__init(&ret->state);
	car_server__climate_state__climate_keeper_mode__init(&ret->keeper);
	car_server__climate_state__defrost_mode__init(&ret->defrost);
	tell_choice(&ret->keeper.base, keepers[keeper], nothing);
	tell_choice(&ret->defrost.base,
		world->settings[SETTING_PRECONDITIONING_MAX] > 0 ? "max"
								 : "off",
		nothing);
	ret->state.climate_keeper_mode = &ret->keeper;
	ret->state.defrost_mode = &ret->defrost;

	tell_air(&ret->state, world);
	tell_seats(&ret->state, world);
	tell_overheat(&ret->state, world);
}
