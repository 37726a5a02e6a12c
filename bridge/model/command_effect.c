/* SPDX-License-Identifier: MIT */

/* What the state shows of a command's effect. */

#include <math.h>

#include "model/command.h"

static enum effect effect_of(enum car_truth truth, enum car_truth wanted)
{
	if (truth == CAR_UNKNOWN)
		return EFFECT_UNKNOWN;

	return truth == wanted ? EFFECT_PRESENT : EFFECT_ABSENT;
}

/*
 * Once somebody drives it is no start from afar any more; so that there is
 * none proves only of an empty car that there was none: vehicle-protocol 8.3.
 */
static enum effect drive_effect(const struct car_closures *closures)
{
	if (closures->remote_start == CAR_NO &&
		closures->user_present != CAR_NO)
		return EFFECT_UNKNOWN;

	return effect_of(closures->remote_start, CAR_YES);
}

/* Numbers of the car's own enums, 0 for what it left out. */
static enum effect is_one(int value, int wanted)
{
	if (value == 0)
		return EFFECT_UNKNOWN;

	return value == wanted ? EFFECT_PRESENT : EFFECT_ABSENT;
}

static enum effect is_none(int value, int unwanted)
{
	if (value == 0)
		return EFFECT_UNKNOWN;

	return value != unwanted ? EFFECT_PRESENT : EFFECT_ABSENT;
}

static enum effect is_near(float value, double wanted, double within)
{
	if (isnan(value))
		return EFFECT_UNKNOWN;

	return fabs((double)value - wanted) < within ? EFFECT_PRESENT
						     : EFFECT_ABSENT;
}

static enum effect is_number(float value, double wanted)
{
	return is_near(value, wanted, 0.5);
}

static enum car_truth truth_of(double on)
{
	return on != 0 ? CAR_YES : CAR_NO;
}

/* Both, as far as either is known. */
static enum effect both(enum effect a, enum effect b)
{
	if (a == EFFECT_ABSENT || b == EFFECT_ABSENT)
		return EFFECT_ABSENT;

	return a == EFFECT_PRESENT ? b : a;
}

/* One that moves may be on its way to what is wanted, or from it. */
static enum effect sun_roof_effect(
	enum car_sun_roof sun_roof, enum car_sun_roof wanted)
{
	if (sun_roof == CAR_SUN_ROOF_MOVING ||
		sun_roof == CAR_SUN_ROOF_CALIBRATING)
		return EFFECT_UNKNOWN;

	return is_one((int)sun_roof, (int)wanted);
}

static enum effect closures_effect(
	const struct command *command, const struct car_closures *closures)
{
	double first = command->args[0];

	switch ((int)command->id) {
	case COMMAND_UNLOCK:
		return effect_of(closures->locked, CAR_NO);
	case COMMAND_LOCK:
		return effect_of(closures->locked, CAR_YES);
	case COMMAND_AUTOSECURE:
		return both(effect_of(closures->locked, CAR_YES),
			effect_of(closures->any_door_open, CAR_NO));
	case COMMAND_DRIVE:
		return drive_effect(closures);
	case COMMAND_TRUNK_OPEN:
		return effect_of(closures->trunk_open, CAR_YES);
	case COMMAND_TRUNK_CLOSE:
		return effect_of(closures->trunk_open, CAR_NO);
	case COMMAND_FRUNK_OPEN:
		return effect_of(closures->frunk_open, CAR_YES);
	case COMMAND_TONNEAU_OPEN:
		return effect_of(closures->tonneau_open, CAR_YES);
	case COMMAND_TONNEAU_CLOSE:
		return effect_of(closures->tonneau_open, CAR_NO);
	case COMMAND_WINDOWS_VENT:
		/* One may have been open before. */
		return effect_of(closures->all_windows_open, CAR_YES);
	case COMMAND_WINDOWS_CLOSE:
		return effect_of(closures->any_window_open, CAR_NO);
	case COMMAND_SUNROOF_VENT:
		return sun_roof_effect(closures->sun_roof, CAR_SUN_ROOF_VENT);
	case COMMAND_SUNROOF_OPEN:
		return sun_roof_effect(closures->sun_roof, CAR_SUN_ROOF_OPEN);
	case COMMAND_SUNROOF_CLOSE:
		return sun_roof_effect(closures->sun_roof, CAR_SUN_ROOF_CLOSED);
	case COMMAND_SENTRY_MODE:
		return first != 0
			       ? is_none((int)closures->sentry, CAR_SENTRY_OFF)
			       : is_one((int)closures->sentry, CAR_SENTRY_OFF);
	case COMMAND_VALET_MODE_ON:
		return effect_of(closures->valet_mode, CAR_YES);
	case COMMAND_VALET_MODE_OFF:
		return effect_of(closures->valet_mode, CAR_NO);
	case COMMAND_SPEED_LIMIT_SET:
		return is_number(closures->speed_limit_mph, first);
	case COMMAND_SPEED_LIMIT_ACTIVATE:
		return effect_of(closures->speed_limit_active, CAR_YES);
	case COMMAND_SPEED_LIMIT_DEACTIVATE:
		return effect_of(closures->speed_limit_active, CAR_NO);
	default:
		return EFFECT_UNKNOWN;
	}
}

/* Only what says that it charges, or that it does not, is one of both. */
static enum effect charging_effect(enum car_charging charging, bool wanted)
{
	switch (charging) {
	case CAR_CHARGING_STARTING:
	case CAR_CHARGING_CHARGING:
		return wanted ? EFFECT_PRESENT : EFFECT_ABSENT;
	case CAR_CHARGING_DISCONNECTED:
	case CAR_CHARGING_COMPLETE:
	case CAR_CHARGING_STOPPED:
		return wanted ? EFFECT_ABSENT : EFFECT_PRESENT;
	case CAR_CHARGING_UNKNOWN:
	case CAR_CHARGING_NO_POWER:
	case CAR_CHARGING_CALIBRATING:
		break;
	}

	return EFFECT_UNKNOWN;
}

static enum effect departure_effect(
	const struct command *command, const struct car_charge *charge)
{
	const double *args = command->args;
	enum effect effect = both(effect_of(charge->departing, CAR_YES),
		both(is_number(charge->departure_min, args[0]),
			is_number(charge->departure_warm, args[1])));

	/* That it charges off peak only, no car tells. */
	return args[2] != 0 ? both(effect, EFFECT_UNKNOWN) : effect;
}

static enum effect charge_effect(
	const struct command *command, const struct car_charge *charge)
{
	double first = command->args[0];

	switch ((int)command->id) {
	case COMMAND_CHARGE_DOOR_OPEN:
	case COMMAND_CHARGE_PORT_OPEN:
		return effect_of(charge->charge_port_open, CAR_YES);
	case COMMAND_CHARGE_DOOR_CLOSE:
	case COMMAND_CHARGE_PORT_CLOSE:
		return effect_of(charge->charge_port_open, CAR_NO);
	case COMMAND_CHARGING_START:
	case COMMAND_CHARGING_STOP:
		return charging_effect(charge->charging,
			command->id == COMMAND_CHARGING_START);
	case COMMAND_CHARGING_SET_LIMIT:
		return is_number(charge->limit, first);
	case COMMAND_CHARGING_SET_AMPS:
		return is_number(charge->amps, first);
	case COMMAND_CHARGING_SCHEDULE:
		return both(effect_of(charge->scheduled, CAR_YES),
			is_number(charge->schedule_min, first));
	case COMMAND_CHARGING_SCHEDULE_CANCEL:
		return effect_of(charge->scheduled, CAR_NO);
	case COMMAND_SCHEDULED_DEPARTURE:
		return departure_effect(command, charge);
	case COMMAND_SCHEDULED_DEPARTURE_CANCEL:
		return effect_of(charge->departing, CAR_NO);
	default:
		return EFFECT_UNKNOWN;
	}
}

static enum effect auto_seats_effect(
	const struct command *command, const struct car_climate *climate)
{
	unsigned int mask = (unsigned int)command->args[0];
	enum car_truth on = truth_of(command->args[1]);
	enum effect effect = EFFECT_PRESENT;

	for (size_t i = 0; i < 2; i++)
		if ((mask & (1u << i)) != 0)
			effect = both(
				effect, effect_of(climate->auto_seats[i], on));

	return effect;
}

static enum effect overheat_effect(enum car_overheat overheat, double mode)
{
	static const enum car_overheat modes[] = { CAR_OVERHEAT_OFF,
		CAR_OVERHEAT_ON, CAR_OVERHEAT_FAN_ONLY };

	return is_one((int)overheat, (int)modes[(int)mode]);
}

static enum effect keeper_effect(enum car_keeper keeper, double mode)
{
	static const enum car_keeper modes[] = { CAR_KEEPER_OFF, CAR_KEEPER_ON,
		CAR_KEEPER_DOG, CAR_KEEPER_CAMP };

	return is_one((int)keeper, (int)modes[(int)mode]);
}

static enum effect level_effect(
	const float *levels, size_t n, double seat, double level)
{
	return seat >= 0 && seat < (double)n
		       ? is_number(levels[(size_t)seat], level)
		       : EFFECT_UNKNOWN;
}

static enum effect climate_effect(
	const struct command *command, const struct car_climate *climate)
{
	double first = command->args[0], second = command->args[1];

	switch ((int)command->id) {
	case COMMAND_CLIMATE_ON:
		return effect_of(climate->on, CAR_YES);
	case COMMAND_CLIMATE_OFF:
		return effect_of(climate->on, CAR_NO);
	case COMMAND_CLIMATE_SET_TEMP:
		/*
		 * The car's steps are halves, or degrees Fahrenheit.  What it
		 * rounds is nearest; a step beside it was there before.
		 */
		return both(is_near(climate->driver_c, first, 0.3),
			is_near(climate->passenger_c, first, 0.3));
	case COMMAND_CLIMATE_KEEPER:
		return keeper_effect(climate->keeper, first);
	case COMMAND_AUTO_SEAT_AND_CLIMATE:
		return auto_seats_effect(command, climate);
	case COMMAND_SEAT_HEATER:
		/* Its words begin with 7, those of the cooler with 1. */
		return level_effect(
			climate->seat_heaters, _CAR_SEAT_N, first - 7, second);
	case COMMAND_SEAT_COOLER:
		return level_effect(climate->seat_coolers,
			ARRAY_SIZE(climate->seat_coolers), first - 1, second);
	case COMMAND_STEERING_WHEEL_HEATER:
		return effect_of(climate->wheel_heater, truth_of(first));
	case COMMAND_PRECONDITIONING_MAX:
		return first != 0
			       ? is_one((int)climate->defrost, CAR_DEFROST_MAX)
			       : is_none((int)climate->defrost,
					 CAR_DEFROST_MAX);
	case COMMAND_BIOWEAPON_MODE:
		return effect_of(climate->bioweapon, truth_of(first));
	case COMMAND_CABIN_OVERHEAT_PROTECTION:
		return overheat_effect(climate->overheat, first);
	case COMMAND_CABIN_OVERHEAT_TEMP:
		return is_number(climate->overheat_temp, first);
	default:
		return EFFECT_UNKNOWN;
	}
}

static enum effect media_effect(
	const struct command *command, const struct car_media *media)
{
	/* The car's steps are thirds: half of one, to the nearest. */
	if (command->id == COMMAND_MEDIA_SET_VOLUME)
		return is_near(media->volume, command->args[0], 0.17);
	if (media->playback == CAR_PLAYBACK_UNKNOWN)
		return EFFECT_UNKNOWN;

	return media->playback == CAR_PLAYBACK_PLAYING ? EFFECT_PRESENT
						       : EFFECT_ABSENT;
}

static enum effect software_effect(
	enum command_id id, const struct car_software *software)
{
	bool goes_on = software->update == CAR_UPDATE_INSTALLING ||
		       software->update == CAR_UPDATE_SCHEDULED;

	if (software->update == CAR_UPDATE_UNKNOWN)
		return EFFECT_UNKNOWN;

	return goes_on == (id == COMMAND_SOFTWARE_UPDATE_START) ? EFFECT_PRESENT
								: EFFECT_ABSENT;
}

static enum effect parental_setting_effect(
	const struct command *command, const struct car_parental *parental)
{
	/* ParentalControlsSetting_E; the rest is not told. */
	const enum car_truth settings[] = { parental->speed_limit,
		parental->chill_acceleration, parental->safety_settings,
		parental->curfew };
	size_t setting = (size_t)command->args[0];

	return setting < ARRAY_SIZE(settings)
		       ? effect_of(
				 settings[setting], truth_of(command->args[1]))
		       : EFFECT_UNKNOWN;
}

static enum effect parental_effect(
	const struct command *command, const struct car_parental *parental)
{
	switch ((int)command->id) {
	case COMMAND_PARENTAL_CONTROLS_ON:
		return effect_of(parental->active, CAR_YES);
	case COMMAND_PARENTAL_CONTROLS_OFF:
		return effect_of(parental->active, CAR_NO);
	case COMMAND_PARENTAL_CONTROLS_SET_SPEED_LIMIT:
		return is_number(parental->speed_limit_mph, command->args[0]);
	case COMMAND_PARENTAL_CONTROLS_ENABLE_SETTING:
		return parental_setting_effect(command, parental);
	default:
		return EFFECT_UNKNOWN;
	}
}

static enum effect body_effect(const struct car_body *body)
{
	if (body->sleep == CAR_SLEEP_UNKNOWN)
		return EFFECT_UNKNOWN;

	return body->sleep == CAR_SLEEP_AWAKE ? EFFECT_PRESENT : EFFECT_ABSENT;
}

static bool is_since(uint64_t at_ms, uint64_t since_ms)
{
	return at_ms != 0 && at_ms >= since_ms;
}

enum effect command_effect(const struct command *command,
	const struct car_state *state, uint64_t since_ms)
{
	switch ((int)command_info(command->id)->read_back) {
	case COMMAND_BODY_CONTROLLER_STATE:
		if (is_since(state->body.at_ms, since_ms))
			return body_effect(&state->body);
		break;
	case COMMAND_STATE_CLOSURES:
		if (is_since(state->closures.at_ms, since_ms))
			return closures_effect(command, &state->closures);
		break;
	case COMMAND_STATE_CHARGE:
		if (is_since(state->charge.at_ms, since_ms))
			return charge_effect(command, &state->charge);
		break;
	case COMMAND_STATE_CLIMATE:
		if (is_since(state->climate.at_ms, since_ms))
			return climate_effect(command, &state->climate);
		break;
	case COMMAND_STATE_MEDIA:
		if (is_since(state->media.at_ms, since_ms))
			return media_effect(command, &state->media);
		break;
	case COMMAND_STATE_SOFTWARE_UPDATE:
		if (is_since(state->software.at_ms, since_ms))
			return software_effect(command->id, &state->software);
		break;
	case COMMAND_STATE_PARENTAL_CONTROLS:
		if (is_since(state->parental.at_ms, since_ms))
			return parental_effect(command, &state->parental);
		break;
	default:
		break;
	}

	return EFFECT_UNKNOWN;
}
