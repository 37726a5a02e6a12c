/* SPDX-License-Identifier: MIT */

#include "setting.h"
#include "state.h"
#include "tell.h"

enum {
	VOLTS = 230,
	AMPERES_MAX = 48,
	BATTERY_KWH = 60,
	LIMIT_MIN = 50,
	LIMIT_MAX = 100,
	/* ChargePortColor_E. */
	COLOR_OFF = 0,
	COLOR_BLUE = 3,
	COLOR_FLASHING_GREEN = 5,
	COLOR_GREEN = 2,
	COLOR_WHITE = 4,
	/* ChargeLimitReason. */
	REASON_NONE = 1,
	REASON_EVSE = 2,
};

#define MILES_PER_PERCENT 3.1
#define MILES_PER_KWH 3.9

static const char *charging_name(const struct world *world)
{
	if (!world->plugged)
		return "disconnected";
	if (world->charging)
		return "charging";

	return world->battery >= world->settings[SETTING_CHARGING_LIMIT]
		       ? "complete"
		       : "stopped";
}

static int port_color(const struct world *world)
{
	if (world->charging)
		return COLOR_FLASHING_GREEN;
	if (world->plugged)
		return world->settings[SETTING_CHARGING_SCHEDULE] >= 0
			       ? COLOR_BLUE
			       : COLOR_GREEN;

	return world->open[CLOSURE_CHARGE_PORT] ? COLOR_WHITE : COLOR_OFF;
}

static void tell_energy(
	CarServer__ChargeState *state, const struct world *world)
{
	double limit = (double)world->settings[SETTING_CHARGING_LIMIT];
	double amperes =
		world->charging ? (double)world->settings[SETTING_CHARGING_AMPS]
				: 0;
	double kw = amperes * VOLTS / 1000;
	double range = (double)world->battery * MILES_PER_PERCENT;
	double percent_a_minute = kw / BATTERY_KWH * 100 / 60;
	double to_limit =
		kw > 0 ? (limit - (double)world->battery) / percent_a_minute
		       : 0;
	double to_full =
		kw > 0 ? (100 - (double)world->battery) / percent_a_minute : 0;

	tell(&state->base,
		(const struct fact[]){
			{ "charge_limit_soc", limit },
			{ "charge_limit_soc_std", WORLD_LIMIT_STANDARD },
			{ "charge_limit_soc_min", LIMIT_MIN },
			{ "charge_limit_soc_max", LIMIT_MAX },
			{ "max_range_charge_counter", 0 },
			{ "fast_charger_present", 0 },
			{ "battery_range", range },
			{ "est_battery_range", range * 0.86 },
			{ "ideal_battery_range", range },
			{ "battery_level", (double)world->battery },
			{ "usable_battery_level", (double)world->battery },
			{ "charge_energy_added", 0 },
			{ "charge_miles_added_rated", 0 },
			{ "charge_miles_added_ideal", 0 },
			{ "charger_voltage", world->charging ? VOLTS : 2 },
			{ "charger_pilot_current",
				world->plugged ? AMPERES_MAX : NAN },
			{ "charger_actual_current", amperes },
			{ "charger_power", round(kw) },
			{ "charger_phases", world->charging ? 1 : NAN },
			{ "minutes_to_full_charge", round(to_full) },
			{ "minutes_to_charge_limit", round(to_limit) },
			{ "charge_rate_mph", round(kw * MILES_PER_KWH) },
			{ "charge_rate_mph_float", kw * MILES_PER_KWH },
			{ "charge_limit_reason",
				world->charging ? REASON_EVSE : REASON_NONE },
			{ NULL, 0 },
		});
}

/* What is asked of it, and when. */
static void tell_wishes(
	CarServer__ChargeState *state, const struct world *world)
{
	const float *settings = world->settings;
	double start = (double)settings[SETTING_CHARGING_SCHEDULE];
	double departure = (double)settings[SETTING_DEPARTURE];

	tell(&state->base,
		(const struct fact[]){
			{ "trip_charging", 0 },
			{ "charge_enable_request", 1 },
			{ "charge_current_request",
				(double)settings[SETTING_CHARGING_AMPS] },
			{ "charge_current_request_max", AMPERES_MAX },
			{ "charging_amps",
				(double)settings[SETTING_CHARGING_AMPS] },
			{ "charge_port_door_open",
				world->open[CLOSURE_CHARGE_PORT] },
			{ "charge_port_cold_weather_mode", 0 },
			{ "charge_port_color", port_color(world) },
			{ "managed_charging_active", 0 },
			{ "managed_charging_user_canceled", 0 },
			{ "supercharger_session_trip_planner", 0 },
			{ "scheduled_charging_pending",
				start >= 0 && world->plugged },
			{ "scheduled_charging_mode", start >= 0       ? 1
						     : departure >= 0 ? 2
								      : 0 },
			{ "scheduled_charging_start_time_minutes",
				start >= 0 ? start : NAN },
			{ "scheduled_charging_start_time_app",
				start >= 0 ? start : NAN },
			{ "scheduled_departure_time_minutes",
				departure >= 0 ? departure : NAN },
			{ "off_peak_hours_end_time",
				(double)settings[SETTING_OFF_PEAK_END] },
			{ "preconditioning_enabled",
				departure >= 0 &&
					settings[SETTING_PRECONDITIONING] > 0 },
			{ NULL, 0 },
		});
}

/* "all_week" is what stands there before anybody has said so. */
static const char *week_name(float setting)
{
	return setting == 2 ? "weekdays" : "all_week";
}

void charge_state_tell(struct charge_state *ret, const struct world *world,
	CarServer__Void *nothing)
{
	CarServer__ChargeState *state = &ret->state;

	car_server__charge_state__init(state);
	car_server__charge_state__charging_state__init(&ret->charging);
	car_server__charge_state__charger_type__init(&ret->charger);
	car_server__charge_state__charger_brand__init(&ret->brand);
	car_server__charge_state__cable_type__init(&ret->cable);
	car_server__charge_port_latch_state__init(&ret->latch);
	car_server__preconditioning_times__init(&ret->preconditioning);
	car_server__off_peak_charging_times__init(&ret->off_peak);
	car_server__lat_long__init(&ret->home);
	car_server__lat_long__init(&ret->work);

	tell_choice(&ret->charging.base, charging_name(world), nothing);
	tell_choice(&ret->charger.base, "sna", nothing);
	tell_choice(&ret->brand.base, "sna", nothing);
	tell_choice(&ret->cable.base, world->plugged ? "iec" : "sna", nothing);
	tell_choice(&ret->latch.base, world->plugged ? "engaged" : "disengaged",
		nothing);
	tell_choice(&ret->preconditioning.base,
		week_name(world->settings[SETTING_PRECONDITIONING]), nothing);
	tell_choice(&ret->off_peak.base,
		week_name(world->settings[SETTING_OFF_PEAK]), nothing);
	state->charging_state = &ret->charging;
	state->fast_charger_type = &ret->charger;
	state->fast_charger_brand = &ret->brand;
	state->conn_charge_cable = &ret->cable;
	state->charge_port_latch = &ret->latch;
	state->preconditioning_times = &ret->preconditioning;
	state->off_peak_charging_times = &ret->off_peak;

	ret->home.latitude = HOME_LATITUDE;
	ret->home.longitude = HOME_LONGITUDE;
	ret->work.latitude = WORK_LATITUDE;
	ret->work.longitude = WORK_LONGITUDE;
	state->optional_home_location_case =
		CAR_SERVER__CHARGE_STATE__OPTIONAL_HOME_LOCATION_HOME_LOCATION;
	state->home_location = &ret->home;
	state->optional_work_location_case =
		CAR_SERVER__CHARGE_STATE__OPTIONAL_WORK_LOCATION_WORK_LOCATION;
	state->work_location = &ret->work;

	tell_energy(state, world);
	tell_wishes(state, world);
}
