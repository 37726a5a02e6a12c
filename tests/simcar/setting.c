/* SPDX-License-Identifier: MIT */

#include "setting.h"

#include "reply.h"

#define ACTION(name) CAR_SERVER__VEHICLE_ACTION__VEHICLE_ACTION_MSG_##name
#define CHARGING(name) \
	CAR_SERVER__CHARGING_START_STOP_ACTION__CHARGING_ACTION_##name
#define WINDOW(name) CAR_SERVER__VEHICLE_CONTROL_WINDOW_ACTION__ACTION_##name
#define HEATER(name) \
	CAR_SERVER__HVAC_SEAT_HEATER_ACTIONS__HVAC_SEAT_HEATER_ACTION__##name
#define TEMPERATURE(name) \
	CAR_SERVER__HVAC_TEMPERATURE_ADJUSTMENT_ACTION__TEMPERATURE__TYPE_##name

/* Ranges are those that cars are known to take: vehicle-protocol 7.1. */
static const struct {
	const char *name;
	float factory;
	float min;
	float max;
} settings[_SETTING_N] = {
	[SETTING_WINDOWS] = { "windows", 0, 0, 1 },
	[SETTING_SENTRY_MODE] = { "sentry-mode", 0, 0, 1 },
	[SETTING_CHARGING_LIMIT] = { "charging-limit", 80, 50, 100 },
	[SETTING_CHARGING_AMPS] = { "charging-amps", 16, 0, 48 },
	[SETTING_CHARGING_SCHEDULE] = { "charging-schedule", -1, -1,
		24 * 60 - 1 },
	[SETTING_DEPARTURE] = { "departure", -1, -1, 24 * 60 - 1 },
	[SETTING_PRECONDITIONING] = { "departure-preconditioning", 0, 0, 2 },
	[SETTING_OFF_PEAK] = { "departure-off-peak", 0, 0, 2 },
	[SETTING_OFF_PEAK_END] = { "off-peak-end", 6 * 60, 0, 24 * 60 - 1 },
	[SETTING_LOW_POWER] = { "low-power-mode", 0, 0, 1 },
	[SETTING_ACCESSORY_POWER] = { "accessory-power", 0, 0, 1 },
	[SETTING_TEMP_DRIVER] = { "temperature left", 20.5f, 15, 28 },
	[SETTING_TEMP_PASSENGER] = { "temperature right", 20.5f, 15, 28 },
	[SETTING_CLIMATE_KEEPER] = { "climate-keeper", 0, 0, 3 },
	[SETTING_AUTO_LEFT] = { "auto-seat left", 1, 0, 1 },
	[SETTING_AUTO_RIGHT] = { "auto-seat right", 1, 0, 1 },
	[SETTING_HEATER_FRONT_LEFT] = { "heater front-left", 0, 0, 3 },
	[SETTING_HEATER_FRONT_RIGHT] = { "heater front-right", 0, 0, 3 },
	[SETTING_HEATER_REAR_LEFT] = { "heater 2nd-row-left", 0, 0, 3 },
	[SETTING_HEATER_REAR_LEFT_BACK] = { "heater 2nd-row-left-back", 0, 0,
		3 },
	[SETTING_HEATER_REAR_CENTER] = { "heater 2nd-row-center", 0, 0, 3 },
	[SETTING_HEATER_REAR_RIGHT] = { "heater 2nd-row-right", 0, 0, 3 },
	[SETTING_HEATER_REAR_RIGHT_BACK] = { "heater 2nd-row-right-back", 0, 0,
		3 },
	[SETTING_HEATER_THIRD_LEFT] = { "heater 3rd-row-left", 0, 0, 3 },
	[SETTING_HEATER_THIRD_RIGHT] = { "heater 3rd-row-right", 0, 0, 3 },
	[SETTING_COOLER_LEFT] = { "cooler front-left", 0, 0, 3 },
	[SETTING_COOLER_RIGHT] = { "cooler front-right", 0, 0, 3 },
	[SETTING_WHEEL_HEATER] = { "steering-wheel-heater", 0, 0, 1 },
	[SETTING_PRECONDITIONING_MAX] = { "preconditioning-max", 0, 0, 1 },
	[SETTING_BIOWEAPON] = { "bioweapon-mode", 0, 0, 1 },
	[SETTING_OVERHEAT] = { "overheat-protection", 0, 0, 2 },
	[SETTING_OVERHEAT_TEMP] = { "overheat-temp", 2, 1, 3 },
	[SETTING_SOFTWARE] = { "software-in", -1, -1, 7 * 24 * 3600 },
	[SETTING_SPEED_LIMIT] = { "speed-limit", 85, 50, 120 },
	[SETTING_PARENTAL_SPEED] = { "parental speed-limit", 0, 0, 1 },
	[SETTING_PARENTAL_ACCELERATION] = { "parental acceleration", 0, 0, 1 },
	[SETTING_PARENTAL_SAFETY] = { "parental safety-features", 0, 0, 1 },
	[SETTING_PARENTAL_CURFEW] = { "parental curfew", 0, 0, 1 },
	[SETTING_PARENTAL_BROWSER] = { "parental browser-blocked", 0, 0, 1 },
	[SETTING_PARENTAL_THEATER] = { "parental theater-blocked", 0, 0, 1 },
	[SETTING_PARENTAL_ARCADE] = { "parental arcade-blocked", 0, 0, 1 },
	[SETTING_PARENTAL_LIMIT] = { "parental limit", 85, 50, 120 },
};

bool setting_takes(enum setting setting, float value)
{
	/* Written so that it refuses a NaN too. */
	return value >= settings[setting].min && value <= settings[setting].max;
}

float setting_default(enum setting setting)
{
	return settings[setting].factory;
}

const char *setting_name(enum setting setting)
{
	return settings[setting].name;
}

static int read_window(
	const CarServer__VehicleControlWindowAction *action, struct deed *deed)
{
	switch (action->action_case) {
	case WINDOW(VENT):
		return deed_change(deed, ACT_WINDOWS, SETTING_WINDOWS, 1);
	case WINDOW(CLOSE):
		return deed_change(deed, ACT_WINDOWS, SETTING_WINDOWS, 0);
	default:
		return MESSAGE_FAULT(BAD_PARAMETER);
	}
}

static int read_charging(
	const CarServer__ChargingStartStopAction *action, struct deed *deed)
{
	switch (action->charging_action_case) {
	case CHARGING(START):
		deed->act = ACT_CHARGING_START;
		return 0;
	case CHARGING(START_STANDARD):
		deed->act = ACT_CHARGING_STANDARD;
		return 0;
	case CHARGING(START_MAX_RANGE):
		deed->act = ACT_CHARGING_MAX_RANGE;
		return 0;
	case CHARGING(STOP):
		deed->act = ACT_CHARGING_STOP;
		return 0;
	default:
		return MESSAGE_FAULT(BAD_PARAMETER);
	}
}

static int read_temperature(
	const CarServer__HvacTemperatureAdjustmentAction *action,
	struct deed *deed)
{
	int r;

	/* Without it the car leaves the temperatures alone. */
	if (action->level == NULL ||
		action->level->type_case != TEMPERATURE(TEMP_MAX))
		return MESSAGE_FAULT(BAD_PARAMETER);

	r = deed_change(deed, ACT_CLIMATE_TEMP, SETTING_TEMP_DRIVER,
		action->driver_temp_celsius);
	return r != 0 ? r
		      : deed_change(deed, ACT_CLIMATE_TEMP,
				SETTING_TEMP_PASSENGER,
				action->passenger_temp_celsius);
}

static int read_heaters(
	const CarServer__HvacSeatHeaterActions *action, struct deed *deed)
{
	int r = MESSAGE_FAULT(BAD_PARAMETER);

	for (size_t i = 0; i < action->n_hvac_seat_heater_action; i++) {
		int level = (int)action->hvac_seat_heater_action[i]
				    ->seat_heater_level_case -
			    (int)HEATER(SEAT_HEATER_LEVEL_SEAT_HEATER_OFF);
		int seat = (int)action->hvac_seat_heater_action[i]
				   ->seat_position_case -
			   (int)HEATER(SEAT_POSITION_CAR_SEAT_FRONT_LEFT);

		if (level < 0 || seat < 0)
			return MESSAGE_FAULT(BAD_PARAMETER);
		r = deed_change(deed, ACT_SEAT_HEATER,
			(enum setting)(SETTING_HEATER_FRONT_LEFT + seat),
			(float)level);
		if (r != 0)
			return r;
	}

	return r;
}

static int read_coolers(
	const CarServer__HvacSeatCoolerActions *action, struct deed *deed)
{
	int r = MESSAGE_FAULT(BAD_PARAMETER);

	for (size_t i = 0; i < action->n_hvac_seat_cooler_action; i++) {
		/* From 1 on, both: off, and the left seat. */
		int level = (int)action->hvac_seat_cooler_action[i]
				    ->seat_cooler_level -
			    1;
		int seat =
			(int)action->hvac_seat_cooler_action[i]->seat_position -
			1;

		if (level < 0 || seat < 0 || seat > 1)
			return MESSAGE_FAULT(BAD_PARAMETER);
		r = deed_change(deed, ACT_SEAT_COOLER,
			(enum setting)(SETTING_COOLER_LEFT + seat),
			(float)level);
		if (r != 0)
			return r;
	}

	return r;
}

static int read_auto_seats(
	const CarServer__AutoSeatClimateAction *action, struct deed *deed)
{
	int r = MESSAGE_FAULT(BAD_PARAMETER);

	for (size_t i = 0; i < action->n_carseat; i++) {
		int seat = (int)action->carseat[i]->seat_position - 1;

		if (seat < 0 || seat > 1)
			return MESSAGE_FAULT(BAD_PARAMETER);
		r = deed_change(deed, ACT_AUTO_SEATS,
			(enum setting)(SETTING_AUTO_LEFT + seat),
			action->carseat[i]->on ? 1 : 0);
		if (r != 0)
			return r;
	}

	return r;
}

static int read_overheat(
	const CarServer__SetCabinOverheatProtectionAction *action,
	struct deed *deed)
{
	return deed_change(deed, ACT_OVERHEAT, SETTING_OVERHEAT,
		!action->on         ? 0
		: !action->fan_only ? 1
				    : 2);
}

static int read_schedule(
	const CarServer__ScheduledChargingAction *action, struct deed *deed)
{
	return deed_change(deed, ACT_CHARGING_SCHEDULE,
		SETTING_CHARGING_SCHEDULE,
		action->enabled ? (float)action->charging_time : -1);
}

/* 0 without @times, 1 for all week, 2 for weekdays; -1 if it says neither. */
#define WEEK_OF(times)                                                    \
	((times) == NULL                       ? 0                        \
		: (int)(times)->times_case > 0 ? (int)(times)->times_case \
					       : -1)

static int read_departure(
	const CarServer__ScheduledDepartureAction *action, struct deed *deed)
{
	int preconditioning = WEEK_OF(action->preconditioning_times);
	int off_peak = WEEK_OF(action->off_peak_charging_times);
	int r;

	if (preconditioning < 0 || off_peak < 0)
		return MESSAGE_FAULT(BAD_PARAMETER);

	r = deed_change(deed, ACT_DEPARTURE, SETTING_DEPARTURE,
		action->enabled ? (float)action->departure_time : -1);
	if (r != 0 || !action->enabled)
		return r;

	/* Room for as many as there are seats. */
	(void)deed_change(deed, ACT_DEPARTURE, SETTING_PRECONDITIONING,
		(float)preconditioning);
	(void)deed_change(
		deed, ACT_DEPARTURE, SETTING_OFF_PEAK, (float)off_peak);
	return deed_change(deed, ACT_DEPARTURE, SETTING_OFF_PEAK_END,
		(float)action->off_peak_hours_end_time);
}

int setting_read(const CarServer__VehicleAction *action, struct deed *deed)
{
	switch (action->vehicle_action_msg_case) {
	case ACTION(CHARGING_START_STOP_ACTION):
		return read_charging(action->charging_start_stop_action, deed);
	case ACTION(VEHICLE_CONTROL_WINDOW_ACTION):
		return read_window(action->vehicle_control_window_action, deed);
	case ACTION(VEHICLE_CONTROL_SET_SENTRY_MODE_ACTION):
		return deed_change(deed, ACT_SENTRY_MODE, SETTING_SENTRY_MODE,
			(float)action->vehicle_control_set_sentry_mode_action
				->on);
	case ACTION(CHARGING_SET_LIMIT_ACTION):
		return deed_change(deed, ACT_CHARGING_LIMIT,
			SETTING_CHARGING_LIMIT,
			(float)action->charging_set_limit_action->percent);
	case ACTION(SET_CHARGING_AMPS_ACTION):
		return deed_change(deed, ACT_CHARGING_AMPS,
			SETTING_CHARGING_AMPS,
			(float)action->set_charging_amps_action->charging_amps);
	case ACTION(SCHEDULED_CHARGING_ACTION):
		return read_schedule(action->scheduled_charging_action, deed);
	case ACTION(SCHEDULED_DEPARTURE_ACTION):
		return read_departure(action->scheduled_departure_action, deed);
	case ACTION(SET_LOW_POWER_MODE_ACTION):
		return deed_change(deed, ACT_LOW_POWER, SETTING_LOW_POWER,
			(float)action->set_low_power_mode_action
				->low_power_mode);
	case ACTION(SET_KEEP_ACCESSORY_POWER_MODE_ACTION):
		return deed_change(deed, ACT_ACCESSORY_POWER,
			SETTING_ACCESSORY_POWER,
			(float)action->set_keep_accessory_power_mode_action
				->keep_accessory_power_mode);
	case ACTION(HVAC_TEMPERATURE_ADJUSTMENT_ACTION):
		return read_temperature(
			action->hvac_temperature_adjustment_action, deed);
	case ACTION(HVAC_CLIMATE_KEEPER_ACTION):
		return deed_change(deed, ACT_CLIMATE_KEEPER,
			SETTING_CLIMATE_KEEPER,
			(float)action->hvac_climate_keeper_action
				->climate_keeper_action);
	case ACTION(AUTO_SEAT_CLIMATE_ACTION):
		return read_auto_seats(action->auto_seat_climate_action, deed);
	case ACTION(HVAC_SEAT_HEATER_ACTIONS):
		return read_heaters(action->hvac_seat_heater_actions, deed);
	case ACTION(HVAC_SEAT_COOLER_ACTIONS):
		return read_coolers(action->hvac_seat_cooler_actions, deed);
	case ACTION(HVAC_STEERING_WHEEL_HEATER_ACTION):
		return deed_change(deed, ACT_WHEEL_HEATER, SETTING_WHEEL_HEATER,
			(float)action->hvac_steering_wheel_heater_action
				->power_on);
	case ACTION(HVAC_SET_PRECONDITIONING_MAX_ACTION):
		return deed_change(deed, ACT_PRECONDITIONING_MAX,
			SETTING_PRECONDITIONING_MAX,
			(float)action->hvac_set_preconditioning_max_action->on);
	case ACTION(HVAC_BIOWEAPON_MODE_ACTION):
		return deed_change(deed, ACT_BIOWEAPON, SETTING_BIOWEAPON,
			(float)action->hvac_bioweapon_mode_action->on);
	case ACTION(SET_CABIN_OVERHEAT_PROTECTION_ACTION):
		return read_overheat(
			action->set_cabin_overheat_protection_action, deed);
	case ACTION(SET_COP_TEMP_ACTION):
		return deed_change(deed, ACT_OVERHEAT_TEMP,
			SETTING_OVERHEAT_TEMP,
			(float)action->set_cop_temp_action
				->cop_activation_temp);
	case ACTION(VEHICLE_CONTROL_SCHEDULE_SOFTWARE_UPDATE_ACTION):
		return deed_change(deed, ACT_SOFTWARE_START, SETTING_SOFTWARE,
			(float)action
				->vehicle_control_schedule_software_update_action
				->offset_sec);
	case ACTION(VEHICLE_CONTROL_CANCEL_SOFTWARE_UPDATE_ACTION):
		deed->act = ACT_SOFTWARE_CANCEL;
		return 0;
	default:
		return MESSAGE_FAULT(INVALID_COMMAND);
	}
}
