/* SPDX-License-Identifier: MIT */

#include "vehicle/action.h"

#include <math.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "car_server.pb-c.h"
#include "util/macro.h"

#define ACTION(name) CAR_SERVER__VEHICLE_ACTION__VEHICLE_ACTION_MSG_##name

enum {
	/* The largest message of the table below has 200. */
	MESSAGE_SIZE = 512,
};

/*
 * Most actions are one message with at most one field set: to the command's
 * argument, or to @value where it takes none.
 */
static const struct row {
	enum command_id id;
	CarServer__VehicleAction__VehicleActionMsgCase action;
	unsigned int field; /* 0: the message says all */
	int value;
} rows[] = {
	{ COMMAND_PING, ACTION(PING), 1, 1 },
	{ COMMAND_HONK, ACTION(VEHICLE_CONTROL_HONK_HORN_ACTION), 0, 0 },
	{ COMMAND_FLASH_LIGHTS, ACTION(VEHICLE_CONTROL_FLASH_LIGHTS_ACTION), 0,
		0 },
	{ COMMAND_WINDOWS_VENT, ACTION(VEHICLE_CONTROL_WINDOW_ACTION), 3, 0 },
	{ COMMAND_WINDOWS_CLOSE, ACTION(VEHICLE_CONTROL_WINDOW_ACTION), 4, 0 },
	{ COMMAND_SENTRY_MODE, ACTION(VEHICLE_CONTROL_SET_SENTRY_MODE_ACTION),
		1, 0 },
	{ COMMAND_CHARGE_PORT_OPEN, ACTION(CHARGE_PORT_DOOR_OPEN), 0, 0 },
	{ COMMAND_CHARGE_PORT_CLOSE, ACTION(CHARGE_PORT_DOOR_CLOSE), 0, 0 },
	{ COMMAND_CHARGING_START, ACTION(CHARGING_START_STOP_ACTION), 2, 0 },
	{ COMMAND_CHARGING_STOP, ACTION(CHARGING_START_STOP_ACTION), 5, 0 },
	{ COMMAND_CHARGING_SET_LIMIT, ACTION(CHARGING_SET_LIMIT_ACTION), 1, 0 },
	{ COMMAND_CHARGING_SET_AMPS, ACTION(SET_CHARGING_AMPS_ACTION), 1, 0 },
	{ COMMAND_CHARGING_SCHEDULE_CANCEL, ACTION(SCHEDULED_CHARGING_ACTION),
		0, 0 },
	{ COMMAND_LOW_POWER_MODE, ACTION(SET_LOW_POWER_MODE_ACTION), 1, 0 },
	{ COMMAND_KEEP_ACCESSORY_POWER,
		ACTION(SET_KEEP_ACCESSORY_POWER_MODE_ACTION), 1, 0 },
	{ COMMAND_CLIMATE_ON, ACTION(HVAC_AUTO_ACTION), 1, 1 },
	{ COMMAND_CLIMATE_OFF, ACTION(HVAC_AUTO_ACTION), 1, 0 },
	{ COMMAND_CLIMATE_KEEPER, ACTION(HVAC_CLIMATE_KEEPER_ACTION), 1, 0 },
	{ COMMAND_STEERING_WHEEL_HEATER,
		ACTION(HVAC_STEERING_WHEEL_HEATER_ACTION), 1, 0 },
	{ COMMAND_PRECONDITIONING_MAX,
		ACTION(HVAC_SET_PRECONDITIONING_MAX_ACTION), 1, 0 },
	{ COMMAND_BIOWEAPON_MODE, ACTION(HVAC_BIOWEAPON_MODE_ACTION), 1, 0 },
	/* Whether to send the toggle is the caller's question. */
	{ COMMAND_MEDIA_PLAY, ACTION(MEDIA_PLAY_ACTION), 0, 0 },
	{ COMMAND_MEDIA_TOGGLE_PLAYBACK, ACTION(MEDIA_PLAY_ACTION), 0, 0 },
	{ COMMAND_MEDIA_SET_VOLUME, ACTION(MEDIA_UPDATE_VOLUME), 3, 0 },
	{ COMMAND_MEDIA_VOLUME_UP, ACTION(MEDIA_UPDATE_VOLUME), 1, 1 },
	{ COMMAND_MEDIA_VOLUME_DOWN, ACTION(MEDIA_UPDATE_VOLUME), 1, -1 },
	{ COMMAND_MEDIA_NEXT_TRACK, ACTION(MEDIA_NEXT_TRACK), 0, 0 },
	{ COMMAND_MEDIA_PREVIOUS_TRACK, ACTION(MEDIA_PREVIOUS_TRACK), 0, 0 },
	{ COMMAND_MEDIA_NEXT_FAVORITE, ACTION(MEDIA_NEXT_FAVORITE), 0, 0 },
	{ COMMAND_MEDIA_PREVIOUS_FAVORITE, ACTION(MEDIA_PREVIOUS_FAVORITE), 0,
		0 },
	{ COMMAND_SOFTWARE_UPDATE_START,
		ACTION(VEHICLE_CONTROL_SCHEDULE_SOFTWARE_UPDATE_ACTION), 1, 0 },
	{ COMMAND_SOFTWARE_UPDATE_CANCEL,
		ACTION(VEHICLE_CONTROL_CANCEL_SOFTWARE_UPDATE_ACTION), 0, 0 },
	/* One part a request: the answer to more does not fit a frame. */
	{ COMMAND_STATE_CHARGE, ACTION(GET_VEHICLE_DATA), 2, 0 },
	{ COMMAND_STATE_CLIMATE, ACTION(GET_VEHICLE_DATA), 3, 0 },
	{ COMMAND_STATE_DRIVE, ACTION(GET_VEHICLE_DATA), 4, 0 },
	{ COMMAND_STATE_LOCATION, ACTION(GET_VEHICLE_DATA), 7, 0 },
	{ COMMAND_STATE_CLOSURES, ACTION(GET_VEHICLE_DATA), 8, 0 },
	{ COMMAND_STATE_CHARGE_SCHEDULE, ACTION(GET_VEHICLE_DATA), 10, 0 },
	{ COMMAND_STATE_PRECONDITION_SCHEDULE, ACTION(GET_VEHICLE_DATA), 11,
		0 },
	{ COMMAND_STATE_TIRE_PRESSURE, ACTION(GET_VEHICLE_DATA), 14, 0 },
	{ COMMAND_STATE_MEDIA, ACTION(GET_VEHICLE_DATA), 15, 0 },
	{ COMMAND_STATE_MEDIA_DETAIL, ACTION(GET_VEHICLE_DATA), 16, 0 },
	{ COMMAND_STATE_SOFTWARE_UPDATE, ACTION(GET_VEHICLE_DATA), 17, 0 },
	{ COMMAND_STATE_PARENTAL_CONTROLS, ACTION(GET_VEHICLE_DATA), 19, 0 },
};

static size_t pack(
	CarServer__VehicleAction *action, uint8_t ret[static REQUEST_SIZE])
{
	CarServer__Action message = CAR_SERVER__ACTION__INIT;

	message.action_msg_case = CAR_SERVER__ACTION__ACTION_MSG_VEHICLE_ACTION;
	message.vehicle_action = action;
	return request_pack(&message.base, ret);
}

/* Chooses @message as the action. */
static void choose(CarServer__VehicleAction *action,
	CarServer__VehicleAction__VehicleActionMsgCase which,
	const void *message)
{
	const ProtobufCFieldDescriptor *field =
		protobuf_c_message_descriptor_get_field(
			action->base.descriptor, which);

	action->vehicle_action_msg_case = which;
	memcpy((uint8_t *)action + field->offset, &message, sizeof(message));
}

/*
 * Sets field @number of the message of @type at @message: to @value, or, if it
 * is a message itself, to @empty, which becomes one.
 */
static void set_field(const ProtobufCMessageDescriptor *type, void *message,
	unsigned int number, double value, void *empty)
{
	const ProtobufCFieldDescriptor *field =
		protobuf_c_message_descriptor_get_field(type, number);
	uint8_t *member = (uint8_t *)message + field->offset;
	protobuf_c_boolean flag = value != 0;
	float single = (float)value;
	int32_t whole = (int32_t)lround(value);

	if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0)
		memcpy((uint8_t *)message + field->quantifier_offset, &number,
			sizeof(number));
	switch ((int)field->type) {
	case PROTOBUF_C_TYPE_MESSAGE:
		protobuf_c_message_init(field->descriptor, empty);
		memcpy(member, &empty, sizeof(empty));
		break;
	case PROTOBUF_C_TYPE_BOOL:
		memcpy(member, &flag, sizeof(flag));
		break;
	case PROTOBUF_C_TYPE_FLOAT:
		memcpy(member, &single, sizeof(single));
		break;
	case PROTOBUF_C_TYPE_INT32:
	case PROTOBUF_C_TYPE_SINT32:
	case PROTOBUF_C_TYPE_ENUM:
		memcpy(member, &whole, sizeof(whole));
		break;
	default:
		abort();
	}
}

static size_t write_row(const struct row *row, const struct command *command,
	uint8_t ret[static REQUEST_SIZE])
{
	const struct command_info *info = command_info(command->id);
	CarServer__VehicleAction action = CAR_SERVER__VEHICLE_ACTION__INIT;
	const ProtobufCMessageDescriptor *type =
		protobuf_c_message_descriptor_get_field(
			action.base.descriptor, row->action)
			->descriptor;
	alignas(max_align_t) uint8_t message[MESSAGE_SIZE];
	alignas(max_align_t) uint8_t empty[MESSAGE_SIZE];

	if (type->sizeof_message > sizeof(message))
		abort();
	protobuf_c_message_init(type, message);
	if (row->field != 0)
		set_field(type, message, row->field,
			info->n_args == 0 ? row->value : command->args[0],
			empty);
	choose(&action, row->action, message);

	return pack(&action, ret);
}

static size_t write_schedule(
	const struct command *command, uint8_t ret[static REQUEST_SIZE])
{
	CarServer__VehicleAction action = CAR_SERVER__VEHICLE_ACTION__INIT;
	CarServer__ScheduledChargingAction schedule =
		CAR_SERVER__SCHEDULED_CHARGING_ACTION__INIT;

	schedule.enabled = true;
	schedule.charging_time = (int32_t)command->args[0];
	choose(&action, ACTION(SCHEDULED_CHARGING_ACTION), &schedule);
	return pack(&action, ret);
}

static size_t write_temperature(
	const struct command *command, uint8_t ret[static REQUEST_SIZE])
{
	CarServer__VehicleAction action = CAR_SERVER__VEHICLE_ACTION__INIT;
	CarServer__HvacTemperatureAdjustmentAction adjust =
		CAR_SERVER__HVAC_TEMPERATURE_ADJUSTMENT_ACTION__INIT;
	CarServer__HvacTemperatureAdjustmentAction__Temperature level =
		CAR_SERVER__HVAC_TEMPERATURE_ADJUSTMENT_ACTION__TEMPERATURE__INIT;
	CarServer__Void nothing = CAR_SERVER__VOID__INIT;

	/* Sent by the car maker's own client too, whatever the value. */
	level.type_case =
		CAR_SERVER__HVAC_TEMPERATURE_ADJUSTMENT_ACTION__TEMPERATURE__TYPE_TEMP_MAX;
	level.temp_max = &nothing;
	adjust.level = &level;
	adjust.driver_temp_celsius = (float)command->args[0];
	adjust.passenger_temp_celsius = (float)command->args[0];
	choose(&action, ACTION(HVAC_TEMPERATURE_ADJUSTMENT_ACTION), &adjust);
	return pack(&action, ret);
}

static size_t write_seat_heater(
	const struct command *command, uint8_t ret[static REQUEST_SIZE])
{
	CarServer__VehicleAction action = CAR_SERVER__VEHICLE_ACTION__INIT;
	CarServer__HvacSeatHeaterActions heaters =
		CAR_SERVER__HVAC_SEAT_HEATER_ACTIONS__INIT;
	CarServer__HvacSeatHeaterActions__HvacSeatHeaterAction heater =
		CAR_SERVER__HVAC_SEAT_HEATER_ACTIONS__HVAC_SEAT_HEATER_ACTION__INIT;
	CarServer__HvacSeatHeaterActions__HvacSeatHeaterAction *list = &heater;
	CarServer__Void seat, level;

	/* Off is field 2, high field 5. */
	set_field(heater.base.descriptor, &heater,
		(unsigned int)command->args[1] + 2, 0, &level);
	set_field(heater.base.descriptor, &heater,
		(unsigned int)command->args[0], 0, &seat);
	heaters.n_hvac_seat_heater_action = 1;
	heaters.hvac_seat_heater_action = &list;
	choose(&action, ACTION(HVAC_SEAT_HEATER_ACTIONS), &heaters);
	return pack(&action, ret);
}

static size_t write_seat_cooler(
	const struct command *command, uint8_t ret[static REQUEST_SIZE])
{
	CarServer__VehicleAction action = CAR_SERVER__VEHICLE_ACTION__INIT;
	CarServer__HvacSeatCoolerActions coolers =
		CAR_SERVER__HVAC_SEAT_COOLER_ACTIONS__INIT;
	CarServer__HvacSeatCoolerActions__HvacSeatCoolerAction cooler =
		CAR_SERVER__HVAC_SEAT_COOLER_ACTIONS__HVAC_SEAT_COOLER_ACTION__INIT;
	CarServer__HvacSeatCoolerActions__HvacSeatCoolerAction *list = &cooler;

	/* HvacSeatCoolerLevel_E: 1 is off, 4 high. */
	set_field(
		cooler.base.descriptor, &cooler, 1, command->args[1] + 1, NULL);
	set_field(cooler.base.descriptor, &cooler, 2, command->args[0], NULL);
	coolers.n_hvac_seat_cooler_action = 1;
	coolers.hvac_seat_cooler_action = &list;
	choose(&action, ACTION(HVAC_SEAT_COOLER_ACTIONS), &coolers);
	return pack(&action, ret);
}

static size_t write_auto_seats(
	const struct command *command, uint8_t ret[static REQUEST_SIZE])
{
	CarServer__VehicleAction action = CAR_SERVER__VEHICLE_ACTION__INIT;
	CarServer__AutoSeatClimateAction climate =
		CAR_SERVER__AUTO_SEAT_CLIMATE_ACTION__INIT;
	CarServer__AutoSeatClimateAction__CarSeat seats[2];
	CarServer__AutoSeatClimateAction__CarSeat *list[2];
	unsigned int mask = (unsigned int)command->args[0];

	climate.carseat = list;
	for (unsigned int i = 0; i < ARRAY_SIZE(seats); i++) {
		if ((mask & (1u << i)) == 0)
			continue;
		car_server__auto_seat_climate_action__car_seat__init(&seats[i]);
		seats[i].on = command->args[1] != 0;
		set_field(seats[i].base.descriptor, &seats[i], 2, i + 1, NULL);
		list[climate.n_carseat++] = &seats[i];
	}
	choose(&action, ACTION(AUTO_SEAT_CLIMATE_ACTION), &climate);
	return pack(&action, ret);
}

static size_t write_overheat(
	const struct command *command, uint8_t ret[static REQUEST_SIZE])
{
	CarServer__VehicleAction action = CAR_SERVER__VEHICLE_ACTION__INIT;
	CarServer__SetCabinOverheatProtectionAction protection =
		CAR_SERVER__SET_CABIN_OVERHEAT_PROTECTION_ACTION__INIT;

	protection.on = command->args[0] > 0;
	protection.fan_only = command->args[0] > 1;
	choose(&action, ACTION(SET_CABIN_OVERHEAT_PROTECTION_ACTION),
		&protection);
	return pack(&action, ret);
}

/* As many as Tesla's client asks for. */
static size_t write_nearby(uint8_t ret[static REQUEST_SIZE])
{
	CarServer__VehicleAction action = CAR_SERVER__VEHICLE_ACTION__INIT;
	CarServer__GetNearbyChargingSites sites =
		CAR_SERVER__GET_NEARBY_CHARGING_SITES__INIT;

	sites.include_meta_data = true;
	sites.radius = 200;
	sites.count = 10;
	choose(&action, ACTION(GET_NEARBY_CHARGING_SITES), &sites);
	return pack(&action, ret);
}

size_t action_write(
	const struct command *command, uint8_t ret[static REQUEST_SIZE])
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].id == command->id)
			return write_row(&rows[i], command, ret);

	switch ((int)command->id) {
	case COMMAND_CHARGING_SCHEDULE:
		return write_schedule(command, ret);
	case COMMAND_CLIMATE_SET_TEMP:
		return write_temperature(command, ret);
	case COMMAND_SEAT_HEATER:
		return write_seat_heater(command, ret);
	case COMMAND_SEAT_COOLER:
		return write_seat_cooler(command, ret);
	case COMMAND_AUTO_SEAT_AND_CLIMATE:
		return write_auto_seats(command, ret);
	case COMMAND_CABIN_OVERHEAT_PROTECTION:
		return write_overheat(command, ret);
	case COMMAND_NEARBY_CHARGING:
		return write_nearby(ret);
	default:
		abort();
	}
}
