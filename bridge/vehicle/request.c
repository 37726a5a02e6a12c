/* SPDX-License-Identifier: MIT */

#include "vehicle/request.h"

#include <stdlib.h>

#include "car_server.pb-c.h"
#include "vcsec.pb-c.h"

#define RKE(name) VCSEC__RKEACTION__E__RKE_ACTION_##name
#define SUB_MESSAGE(name) VCSEC__UNSIGNED_MESSAGE__SUB_MESSAGE_##name
#define VOLUME(name) CAR_SERVER__MEDIA_UPDATE_VOLUME__MEDIA_VOLUME_##name

/* Chooses a member of VehicleAction and points it to @message. */
#define CHOOSE(action, NAME, member, message)                                  \
	do {                                                                   \
		(action)->vehicle_action_msg_case =                            \
			CAR_SERVER__VEHICLE_ACTION__VEHICLE_ACTION_MSG_##NAME; \
		(action)->member = (message);                                  \
	} while (0)

static size_t write_message(
	const ProtobufCMessage *message, uint8_t ret[static REQUEST_SIZE])
{
	if (protobuf_c_message_get_packed_size(message) > REQUEST_SIZE)
		abort();

	return protobuf_c_message_pack(message, ret);
}

static size_t write_action(
	CarServer__VehicleAction *action, uint8_t ret[static REQUEST_SIZE])
{
	CarServer__Action message = CAR_SERVER__ACTION__INIT;

	message.action_msg_case = CAR_SERVER__ACTION__ACTION_MSG_VEHICLE_ACTION;
	message.vehicle_action = action;
	return write_message(&message.base, ret);
}

static size_t write_rke(VCSEC__RKEActionE rke, uint8_t ret[static REQUEST_SIZE])
{
	VCSEC__UnsignedMessage message = VCSEC__UNSIGNED_MESSAGE__INIT;

	message.sub_message_case = SUB_MESSAGE(RKE_ACTION);
	message.rke_action = rke;
	return write_message(&message.base, ret);
}

static size_t write_closure(
	enum command_id id, uint8_t ret[static REQUEST_SIZE])
{
	VCSEC__UnsignedMessage message = VCSEC__UNSIGNED_MESSAGE__INIT;
	VCSEC__ClosureMoveRequest move = VCSEC__CLOSURE_MOVE_REQUEST__INIT;

	/* The only move of a trunk without a motor: it unlatches. */
	if (id == COMMAND_TRUNK_OPEN)
		move.rear_trunk =
			VCSEC__CLOSURE_MOVE_TYPE__E__CLOSURE_MOVE_TYPE_MOVE;
	else
		move.front_trunk =
			VCSEC__CLOSURE_MOVE_TYPE__E__CLOSURE_MOVE_TYPE_MOVE;
	message.sub_message_case = SUB_MESSAGE(CLOSURE_MOVE_REQUEST);
	message.closure_move_request = &move;
	return write_message(&message.base, ret);
}

static size_t write_get_status(uint8_t ret[static REQUEST_SIZE])
{
	VCSEC__UnsignedMessage message = VCSEC__UNSIGNED_MESSAGE__INIT;
	VCSEC__InformationRequest request = VCSEC__INFORMATION_REQUEST__INIT;

	message.sub_message_case = SUB_MESSAGE(INFORMATION_REQUEST);
	message.information_request = &request;
	return write_message(&message.base, ret);
}

/* One part a request: the answer to more does not fit: vehicle-protocol 7.3 */
static size_t write_get_data(
	enum command_id id, uint8_t ret[static REQUEST_SIZE])
{
	CarServer__VehicleAction action = CAR_SERVER__VEHICLE_ACTION__INIT;
	CarServer__GetVehicleData get = CAR_SERVER__GET_VEHICLE_DATA__INIT;
	CarServer__GetDriveState drive = CAR_SERVER__GET_DRIVE_STATE__INIT;
	CarServer__GetClosuresState closures =
		CAR_SERVER__GET_CLOSURES_STATE__INIT;
	CarServer__GetMediaState media = CAR_SERVER__GET_MEDIA_STATE__INIT;

	if (id == COMMAND_STATE_DRIVE)
		get.get_drive_state = &drive;
	else if (id == COMMAND_STATE_CLOSURES)
		get.get_closures_state = &closures;
	else
		get.get_media_state = &media;
	CHOOSE(&action, GET_VEHICLE_DATA, get_vehicle_data, &get);
	return write_action(&action, ret);
}

static size_t write_climate(bool on, uint8_t ret[static REQUEST_SIZE])
{
	CarServer__VehicleAction action = CAR_SERVER__VEHICLE_ACTION__INIT;
	CarServer__HvacAutoAction climate = CAR_SERVER__HVAC_AUTO_ACTION__INIT;

	climate.power_on = on;
	CHOOSE(&action, HVAC_AUTO_ACTION, hvac_auto_action, &climate);
	return write_action(&action, ret);
}

static size_t write_volume(
	const struct command *command, uint8_t ret[static REQUEST_SIZE])
{
	CarServer__VehicleAction action = CAR_SERVER__VEHICLE_ACTION__INIT;
	CarServer__MediaUpdateVolume volume =
		CAR_SERVER__MEDIA_UPDATE_VOLUME__INIT;

	if (command->id == COMMAND_MEDIA_SET_VOLUME) {
		volume.media_volume_case = VOLUME(VOLUME_ABSOLUTE_FLOAT);
		volume.volume_absolute_float = command->arg;
	} else {
		volume.media_volume_case = VOLUME(VOLUME_DELTA);
		volume.volume_delta =
			command->id == COMMAND_MEDIA_VOLUME_UP ? 1 : -1;
	}
	CHOOSE(&action, MEDIA_UPDATE_VOLUME, media_update_volume, &volume);
	return write_action(&action, ret);
}

static size_t write_ping(uint8_t ret[static REQUEST_SIZE])
{
	CarServer__VehicleAction action = CAR_SERVER__VEHICLE_ACTION__INIT;
	CarServer__Ping ping = CAR_SERVER__PING__INIT;

	ping.ping_id = 1;
	CHOOSE(&action, PING, ping, &ping);
	return write_action(&action, ret);
}

/* The actions that say all by their name. */
static size_t write_plain(enum command_id id, uint8_t ret[static REQUEST_SIZE])
{
	CarServer__VehicleAction action = CAR_SERVER__VEHICLE_ACTION__INIT;
	CarServer__VehicleControlHonkHornAction honk =
		CAR_SERVER__VEHICLE_CONTROL_HONK_HORN_ACTION__INIT;
	CarServer__VehicleControlFlashLightsAction flash =
		CAR_SERVER__VEHICLE_CONTROL_FLASH_LIGHTS_ACTION__INIT;
	CarServer__ChargePortDoorOpen open =
		CAR_SERVER__CHARGE_PORT_DOOR_OPEN__INIT;
	CarServer__ChargePortDoorClose close =
		CAR_SERVER__CHARGE_PORT_DOOR_CLOSE__INIT;
	CarServer__MediaNextTrack next = CAR_SERVER__MEDIA_NEXT_TRACK__INIT;
	CarServer__MediaPreviousTrack previous =
		CAR_SERVER__MEDIA_PREVIOUS_TRACK__INIT;
	CarServer__MediaPlayAction toggle = CAR_SERVER__MEDIA_PLAY_ACTION__INIT;

	if (id == COMMAND_HONK)
		CHOOSE(&action, VEHICLE_CONTROL_HONK_HORN_ACTION,
			vehicle_control_honk_horn_action, &honk);
	else if (id == COMMAND_FLASH_LIGHTS)
		CHOOSE(&action, VEHICLE_CONTROL_FLASH_LIGHTS_ACTION,
			vehicle_control_flash_lights_action, &flash);
	else if (id == COMMAND_CHARGE_PORT_OPEN)
		CHOOSE(&action, CHARGE_PORT_DOOR_OPEN, charge_port_door_open,
			&open);
	else if (id == COMMAND_CHARGE_PORT_CLOSE)
		CHOOSE(&action, CHARGE_PORT_DOOR_CLOSE, charge_port_door_close,
			&close);
	else if (id == COMMAND_MEDIA_NEXT_TRACK)
		CHOOSE(&action, MEDIA_NEXT_TRACK, media_next_track, &next);
	else if (id == COMMAND_MEDIA_PREVIOUS_TRACK)
		CHOOSE(&action, MEDIA_PREVIOUS_TRACK, media_previous_track,
			&previous);
	else
		CHOOSE(&action, MEDIA_PLAY_ACTION, media_play_action, &toggle);

	return write_action(&action, ret);
}

size_t request_write(
	const struct command *command, uint8_t ret[static REQUEST_SIZE])
{
	switch (command->id) {
	case COMMAND_UNLOCK:
		return write_rke(RKE(UNLOCK), ret);
	case COMMAND_LOCK:
		return write_rke(RKE(LOCK), ret);
	case COMMAND_WAKE:
		return write_rke(RKE(WAKE_VEHICLE), ret);
	case COMMAND_TRUNK_OPEN:
	case COMMAND_FRUNK_OPEN:
		return write_closure(command->id, ret);
	case COMMAND_BODY_CONTROLLER_STATE:
		return write_get_status(ret);
	case COMMAND_STATE_DRIVE:
	case COMMAND_STATE_CLOSURES:
	case COMMAND_STATE_MEDIA:
		return write_get_data(command->id, ret);
	case COMMAND_CLIMATE_ON:
	case COMMAND_CLIMATE_OFF:
		return write_climate(command->id == COMMAND_CLIMATE_ON, ret);
	case COMMAND_MEDIA_SET_VOLUME:
	case COMMAND_MEDIA_VOLUME_UP:
	case COMMAND_MEDIA_VOLUME_DOWN:
		return write_volume(command, ret);
	case COMMAND_PING:
		return write_ping(ret);
	case COMMAND_HONK:
	case COMMAND_FLASH_LIGHTS:
	case COMMAND_CHARGE_PORT_OPEN:
	case COMMAND_CHARGE_PORT_CLOSE:
	case COMMAND_MEDIA_NEXT_TRACK:
	case COMMAND_MEDIA_PREVIOUS_TRACK:
	case COMMAND_MEDIA_PLAY:
	case COMMAND_MEDIA_TOGGLE_PLAYBACK:
		return write_plain(command->id, ret);
	case _COMMAND_N:
	case COMMAND_NONE:
		break;
	}

	abort();
}
