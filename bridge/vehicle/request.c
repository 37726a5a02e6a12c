/* SPDX-License-Identifier: MIT */

#include "vehicle/request.h"

#include <stdlib.h>

#include "util/macro.h"
#include "vcsec.pb-c.h"
#include "vehicle/action.h"

#define RKE(name) VCSEC__RKEACTION__E__RKE_ACTION_##name
#define MOVE(name) VCSEC__CLOSURE_MOVE_TYPE__E__CLOSURE_MOVE_TYPE_##name
#define SUB_MESSAGE(name) VCSEC__UNSIGNED_MESSAGE__SUB_MESSAGE_##name

static const struct {
	enum command_id id;
	VCSEC__RKEActionE action;
} remote_keys[] = {
	{ COMMAND_UNLOCK, RKE(UNLOCK) },
	{ COMMAND_LOCK, RKE(LOCK) },
	{ COMMAND_DRIVE, RKE(REMOTE_DRIVE) },
	{ COMMAND_WAKE, RKE(WAKE_VEHICLE) },
	{ COMMAND_AUTOSECURE, RKE(AUTO_SECURE_VEHICLE) },
};

static const struct {
	enum command_id id;
	VCSEC__ClosureMoveRequest request;
} moves[] = {
	/* The only move of a trunk without a motor: it unlatches. */
	{ COMMAND_TRUNK_OPEN, { .rear_trunk = MOVE(MOVE) } },
	{ COMMAND_TRUNK_CLOSE, { .rear_trunk = MOVE(CLOSE) } },
	{ COMMAND_FRUNK_OPEN, { .front_trunk = MOVE(MOVE) } },
	{ COMMAND_TONNEAU_OPEN, { .tonneau = MOVE(OPEN) } },
	{ COMMAND_TONNEAU_CLOSE, { .tonneau = MOVE(CLOSE) } },
	{ COMMAND_TONNEAU_STOP, { .tonneau = MOVE(STOP) } },
};

size_t request_pack(
	const ProtobufCMessage *message, uint8_t ret[static REQUEST_SIZE])
{
	if (protobuf_c_message_get_packed_size(message) > REQUEST_SIZE)
		abort();

	return protobuf_c_message_pack(message, ret);
}

static size_t write_vcsec(enum command_id id, uint8_t ret[static REQUEST_SIZE])
{
	VCSEC__UnsignedMessage message = VCSEC__UNSIGNED_MESSAGE__INIT;
	VCSEC__InformationRequest information =
		VCSEC__INFORMATION_REQUEST__INIT;
	VCSEC__ClosureMoveRequest move = VCSEC__CLOSURE_MOVE_REQUEST__INIT;
	const ProtobufCMessage base = move.base;

	/* GET_STATUS is 0, and absent. */
	message.sub_message_case = SUB_MESSAGE(INFORMATION_REQUEST);
	message.information_request = &information;
	if (id == COMMAND_LIST_KEYS)
		information.information_request_type =
			VCSEC__INFORMATION_REQUEST_TYPE__INFORMATION_REQUEST_TYPE_GET_WHITELIST_INFO;
	for (size_t i = 0; i < ARRAY_SIZE(remote_keys); i++) {
		if (remote_keys[i].id != id)
			continue;
		message.sub_message_case = SUB_MESSAGE(RKE_ACTION);
		message.rke_action = remote_keys[i].action;
	}
	for (size_t i = 0; i < ARRAY_SIZE(moves); i++) {
		if (moves[i].id != id)
			continue;
		move = moves[i].request;
		move.base = base;
		message.sub_message_case = SUB_MESSAGE(CLOSURE_MOVE_REQUEST);
		message.closure_move_request = &move;
	}

	return request_pack(&message.base, ret);
}

size_t request_write(
	const struct command *command, uint8_t ret[static REQUEST_SIZE])
{
	if (command_info(command->id)->domain == DOMAIN_VEHICLE_SECURITY)
		return write_vcsec(command->id, ret);

	return action_write(command, ret);
}
