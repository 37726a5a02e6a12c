/* SPDX-License-Identifier: MIT */

#include "vcsec.h"

#include <string.h>

#include "errors.pb-c.h"
#include "passive.h"
#include "reply.h"

#define FROM(name) VCSEC__FROM_VCSECMESSAGE__SUB_MESSAGE_##name
#define OPERATION_STATUS(name) \
	VCSEC__OPERATION_STATUS__E__OPERATIONSTATUS_##name
#define INFORMATION_REQUEST(name) \
	VCSEC__INFORMATION_REQUEST_TYPE__INFORMATION_REQUEST_TYPE_##name
#define RKE_ACTION(name) VCSEC__RKEACTION__E__RKE_ACTION_##name

static void unsigned_freep(VCSEC__UnsignedMessage **m)
{
	if (*m != NULL)
		vcsec__unsigned_message__free_unpacked(*m, NULL);
}

static void to_vcsec_freep(VCSEC__ToVCSECMessage **m)
{
	if (*m != NULL)
		vcsec__to_vcsecmessage__free_unpacked(*m, NULL);
}

/* A key of another length stays without one: whoever needs it refuses. */
static void read_key(const ProtobufCBinaryData *bytes, struct deed *deed)
{
	if (bytes->len != DEED_KEY_SIZE && bytes->len != KEY_ID_SIZE)
		return;
	memcpy(deed->key, bytes->data, bytes->len);
	deed->key_len = bytes->len;
}

static int read_information(
	const VCSEC__InformationRequest *request, struct deed *deed)
{
	/* As int: proto3 lets numbers through that the enum has not. */
	switch ((int)request->information_request_type) {
	case INFORMATION_REQUEST(GET_STATUS):
		deed->act = ACT_READ_STATUS;
		return 0;
	case INFORMATION_REQUEST(GET_WHITELIST_INFO):
		deed->act = ACT_LIST_KEYS;
		return 0;
	case INFORMATION_REQUEST(GET_WHITELIST_ENTRY_INFO):
		deed->act = ACT_LIST_KEY;
		break;
	default:
		return MESSAGE_FAULT(INVALID_COMMAND);
	}

	switch (request->key_case) {
	case VCSEC__INFORMATION_REQUEST__KEY_SLOT:
		deed->slot = request->slot;
		return 0;
	case VCSEC__INFORMATION_REQUEST__KEY_KEY_ID:
		read_key(&request->key_id->public_key_sha1, deed);
		break;
	case VCSEC__INFORMATION_REQUEST__KEY_PUBLIC_KEY:
		read_key(&request->public_key, deed);
		break;
	default:
		break;
	}

	return deed->key_len > 0 ? 0 : MESSAGE_FAULT(BAD_PARAMETER);
}

static int read_rke(VCSEC__RKEActionE action, struct deed *deed)
{
	switch ((int)action) {
	case RKE_ACTION(UNLOCK):
		deed->act = ACT_UNLOCK;
		return 0;
	case RKE_ACTION(LOCK):
		deed->act = ACT_LOCK;
		return 0;
	case RKE_ACTION(REMOTE_DRIVE):
		deed->act = ACT_DRIVE;
		return 0;
	case RKE_ACTION(AUTO_SECURE_VEHICLE):
		deed->act = ACT_AUTOSECURE;
		return 0;
	case RKE_ACTION(WAKE_VEHICLE):
		deed->act = ACT_WAKE;
		return 0;
	default:
		return MESSAGE_FAULT(INVALID_COMMAND);
	}
}

static int read_move(
	const VCSEC__ClosureMoveRequest *request, struct deed *deed)
{
	const int moves[_CLOSURE_N] = {
		[CLOSURE_DRIVER_DOOR] = (int)request->front_driver_door,
		[CLOSURE_PASSENGER_DOOR] = (int)request->front_passenger_door,
		[CLOSURE_REAR_DRIVER_DOOR] = (int)request->rear_driver_door,
		[CLOSURE_REAR_PASSENGER_DOOR] =
			(int)request->rear_passenger_door,
		[CLOSURE_TRUNK] = (int)request->rear_trunk,
		[CLOSURE_FRUNK] = (int)request->front_trunk,
		[CLOSURE_CHARGE_PORT] = (int)request->charge_port,
		[CLOSURE_TONNEAU] = (int)request->tonneau,
	};

	deed->act = ACT_MOVE;
	for (int i = 0; i < _CLOSURE_N; i++) {
		if (moves[i] == MOVE_NONE)
			continue;
		/* One at a time, as every client does. */
		if (deed->move != MOVE_NONE || moves[i] < 0 ||
			moves[i] > MOVE_CLOSE)
			return MESSAGE_FAULT(BAD_PARAMETER);
		deed->closure = (enum closure)i;
		deed->move = (enum move)moves[i];
	}

	return deed->move != MOVE_NONE ? 0 : MESSAGE_FAULT(BAD_PARAMETER);
}

static int read_whitelist(
	const VCSEC__WhitelistOperation *operation, struct deed *deed)
{
	const VCSEC__PermissionChange *change;

	switch (operation->sub_message_case) {
	case VCSEC__WHITELIST_OPERATION__SUB_MESSAGE_REMOVE_PUBLIC_KEY_FROM_WHITELIST:
		deed->act = ACT_REMOVE_KEY;
		read_key(&operation->remove_public_key_from_whitelist
				  ->public_key_raw,
			deed);
		return 0;
	case VCSEC__WHITELIST_OPERATION__SUB_MESSAGE_ADD_KEY_TO_WHITELIST_AND_ADD_PERMISSIONS:
		deed->act = ACT_ADD_KEY;
		change = operation->add_key_to_whitelist_and_add_permissions;
		if (change->key != NULL)
			read_key(&change->key->public_key_raw, deed);
		deed->role = (int32_t)change->key_role;
		if (operation->metadata_for_key != NULL)
			deed->form = (int32_t)operation->metadata_for_key
					     ->key_form_factor;
		return 0;
	case VCSEC__WHITELIST_OPERATION__SUB_MESSAGE__NOT_SET:
		return MESSAGE_FAULT(INVALID_COMMAND);
	default:
		deed->act = ACT_CHANGE_KEYS;
		return 0;
	}
}

int vcsec_read(const uint8_t *payload, size_t len, struct deed *ret)
{
	_cleanup_(unsigned_freep) VCSEC__UnsignedMessage *m = NULL;
	struct deed deed = { 0 };
	int r;

	m = vcsec__unsigned_message__unpack(NULL, len, payload);
	if (m == NULL)
		return MESSAGE_FAULT(DECODING);

	switch (m->sub_message_case) {
	case VCSEC__UNSIGNED_MESSAGE__SUB_MESSAGE_INFORMATION_REQUEST:
		r = read_information(m->information_request, &deed);
		break;
	case VCSEC__UNSIGNED_MESSAGE__SUB_MESSAGE_RKE_ACTION:
		r = read_rke(m->rke_action, &deed);
		break;
	case VCSEC__UNSIGNED_MESSAGE__SUB_MESSAGE_CLOSURE_MOVE_REQUEST:
		r = read_move(m->closure_move_request, &deed);
		break;
	case VCSEC__UNSIGNED_MESSAGE__SUB_MESSAGE_WHITELIST_OPERATION:
		r = read_whitelist(m->whitelist_operation, &deed);
		break;
	default:
		/* What the published messages have not. */
		r = passive_read(payload, len, &deed);
		break;
	}
	if (r != 0)
		return r;

	*ret = deed;
	return 0;
}

int vcsec_read_raw(const uint8_t *payload, size_t len, struct deed *ret)
{
	_cleanup_(to_vcsec_freep) VCSEC__ToVCSECMessage *m = NULL;
	struct deed deed;
	int r;

	m = vcsec__to_vcsecmessage__unpack(NULL, len, payload);
	if (m == NULL || m->signed_message == NULL)
		return MESSAGE_FAULT(DECODING);
	if (m->signed_message->signature_type !=
		VCSEC__SIGNATURE_TYPE__SIGNATURE_TYPE_PRESENT_KEY)
		return MESSAGE_FAULT(BAD_PARAMETER);

	r = vcsec_read(m->signed_message->protobuf_message_as_bytes.data,
		m->signed_message->protobuf_message_as_bytes.len, &deed);
	if (r != 0)
		return r;
	/* A card on the reader vouches for a new key and for nothing else. */
	if (deed.act != ACT_ADD_KEY)
		return MESSAGE_FAULT(INVALID_COMMAND);

	deed.act = ACT_REQUEST_KEY;
	*ret = deed;
	return 0;
}

size_t vcsec_status(const struct world *world, uint8_t ret[STATUS_MAX])
{
	VCSEC__FromVCSECMessage from = VCSEC__FROM_VCSECMESSAGE__INIT;
	VCSEC__VehicleStatus status = VCSEC__VEHICLE_STATUS__INIT;
	VCSEC__ClosureStatuses closures = VCSEC__CLOSURE_STATUSES__INIT;
	VCSEC__ClosureStateE *const states[_CLOSURE_N] = {
		[CLOSURE_DRIVER_DOOR] = &closures.front_driver_door,
		[CLOSURE_PASSENGER_DOOR] = &closures.front_passenger_door,
		[CLOSURE_REAR_DRIVER_DOOR] = &closures.rear_driver_door,
		[CLOSURE_REAR_PASSENGER_DOOR] = &closures.rear_passenger_door,
		[CLOSURE_TRUNK] = &closures.rear_trunk,
		[CLOSURE_FRUNK] = &closures.front_trunk,
		[CLOSURE_CHARGE_PORT] = &closures.charge_port,
		[CLOSURE_TONNEAU] = &closures.tonneau,
	};
	/* Booting counts as awake, although infotainment is not there yet. */
	bool asleep =
		world->power == POWER_ASLEEP || world->power == POWER_DEEP;

	/* As the real car has it, what is 0 is absent: all closed is. */
	for (int i = 0; i < _CLOSURE_N; i++) {
		if (!world->open[i])
			continue;
		*states[i] = VCSEC__CLOSURE_STATE__E__CLOSURESTATE_OPEN;
		status.closure_statuses = &closures;
	}
	status.vehicle_lock_state =
		world->locked
			? VCSEC__VEHICLE_LOCK_STATE__E__VEHICLELOCKSTATE_LOCKED
			: VCSEC__VEHICLE_LOCK_STATE__E__VEHICLELOCKSTATE_UNLOCKED;
	status.vehicle_sleep_status =
		asleep ? VCSEC__VEHICLE_SLEEP_STATUS__E__VEHICLE_SLEEP_STATUS_ASLEEP
		       : VCSEC__VEHICLE_SLEEP_STATUS__E__VEHICLE_SLEEP_STATUS_AWAKE;
	status.user_presence =
		world->present
			? VCSEC__USER_PRESENCE__E__VEHICLE_USER_PRESENCE_PRESENT
			: VCSEC__USER_PRESENCE__E__VEHICLE_USER_PRESENCE_NOT_PRESENT;
	from.sub_message_case = FROM(VEHICLE_STATUS);
	from.vehicle_status = &status;

	return vcsec__from_vcsecmessage__pack(&from, ret);
}

/* Packs @from, which is bounded, and answers with it. */
static int answer(struct car *car, struct request *request,
	const VCSEC__FromVCSECMessage *from)
{
	uint8_t payload[FRAME_MESSAGE_MAX];

	return reply_payload(car, request, payload,
		vcsec__from_vcsecmessage__pack(from, payload));
}

static int answer_whitelist(struct car *car, struct request *request)
{
	VCSEC__FromVCSECMessage from = VCSEC__FROM_VCSECMESSAGE__INIT;
	VCSEC__WhitelistInfo info = VCSEC__WHITELIST_INFO__INIT;
	VCSEC__KeyIdentifier ids[WHITELIST_MAX];
	VCSEC__KeyIdentifier *entries[WHITELIST_MAX];

	for (uint32_t i = 0; i < WHITELIST_MAX; i++) {
		struct key *key = whitelist_slot(&car->whitelist, i);
		uint32_t n = info.number_of_entries;

		if (key == NULL)
			continue;
		vcsec__key_identifier__init(&ids[n]);
		ids[n].public_key_sha1 =
			(ProtobufCBinaryData){ sizeof(key->id), key->id };
		entries[n] = &ids[n];
		info.number_of_entries++;
		info.slot_mask |= UINT32_C(1) << i;
	}
	info.n_whitelist_entries = info.number_of_entries;
	info.whitelist_entries = entries;
	from.sub_message_case = FROM(WHITELIST_INFO);
	from.whitelist_info = &info;

	return answer(car, request, &from);
}

static int answer_key(
	struct car *car, struct request *request, const struct deed *deed)
{
	VCSEC__FromVCSECMessage from = VCSEC__FROM_VCSECMESSAGE__INIT;
	VCSEC__WhitelistEntryInfo info = VCSEC__WHITELIST_ENTRY_INFO__INIT;
	VCSEC__KeyIdentifier id = VCSEC__KEY_IDENTIFIER__INIT;
	VCSEC__PublicKey public = VCSEC__PUBLIC_KEY__INIT;
	VCSEC__KeyMetadata metadata = VCSEC__KEY_METADATA__INIT;
	struct key *key;

	/* Anyone in range may list the keys: vehicle-protocol 6.3. */
	if (deed->key_len == DEED_KEY_SIZE)
		key = whitelist_find(&car->whitelist, deed->key);
	else if (deed->key_len == KEY_ID_SIZE)
		key = whitelist_find_id(&car->whitelist, deed->key);
	else
		key = whitelist_slot(&car->whitelist, deed->slot);
	if (key == NULL)
		return vcsec_conclude_keys(car, request,
			VCSEC__WHITELIST_OPERATION_INFORMATION__E__WHITELISTOPERATION_INFORMATION_PUBLIC_KEY_NOT_ON_WHITELIST);

	id.public_key_sha1 = (ProtobufCBinaryData){ sizeof(key->id), key->id };
	public.public_key_raw =
		(ProtobufCBinaryData){ sizeof(key->public), key->public };
	metadata.key_form_factor = (VCSEC__KeyFormFactor)key->form;
	info.key_id = &id;
	info.public_key = &public;
	info.metadata_for_key = &metadata;
	info.slot = key_slot(&car->whitelist, key);
	info.key_role = key->role;
	from.sub_message_case = FROM(WHITELIST_ENTRY_INFO);
	from.whitelist_entry_info = &info;

	return answer(car, request, &from);
}

int vcsec_answer(
	struct car *car, struct request *request, const struct deed *deed)
{
	uint8_t status[STATUS_MAX];

	switch (deed->act) {
	case ACT_LIST_KEYS:
		return answer_whitelist(car, request);
	case ACT_LIST_KEY:
		return answer_key(car, request, deed);
	default:
		return reply_payload(car, request, status,
			vcsec_status(&car->world, status));
	}
}

int vcsec_conclude(struct car *car, struct request *request, int error)
{
	VCSEC__FromVCSECMessage from = VCSEC__FROM_VCSECMESSAGE__INIT;
	Errors__NominalError nominal = ERRORS__NOMINAL_ERROR__INIT;

	/* Success of a command is a payload of no bytes. */
	if (error == 0)
		return reply_payload(car, request, NULL, 0);

	nominal.generic_error = (Errors__GenericErrorE)error;
	from.sub_message_case = FROM(NOMINAL_ERROR);
	from.nominal_error = &nominal;
	return answer(car, request, &from);
}

int vcsec_wait(struct car *car, struct request *request)
{
	VCSEC__FromVCSECMessage from = VCSEC__FROM_VCSECMESSAGE__INIT;
	VCSEC__CommandStatus status = VCSEC__COMMAND_STATUS__INIT;

	status.operation_status = OPERATION_STATUS(WAIT);
	from.sub_message_case = FROM(COMMAND_STATUS);
	from.command_status = &status;

	return answer(car, request, &from);
}

int vcsec_conclude_keys(
	struct car *car, struct request *request, int information)
{
	VCSEC__FromVCSECMessage from = VCSEC__FROM_VCSECMESSAGE__INIT;
	VCSEC__CommandStatus status = VCSEC__COMMAND_STATUS__INIT;
	VCSEC__WhitelistOperationStatus operation =
		VCSEC__WHITELIST_OPERATION_STATUS__INIT;

	operation.whitelist_operation_information =
		(VCSEC__WhitelistOperationInformationE)information;
	/* Success is a status of nothing but zeros: "22021a00". */
	if (information != 0) {
		operation.operation_status = OPERATION_STATUS(ERROR);
		status.operation_status = OPERATION_STATUS(ERROR);
	}
	status.sub_message_case =
		VCSEC__COMMAND_STATUS__SUB_MESSAGE_WHITELIST_OPERATION_STATUS;
	status.whitelist_operation_status = &operation;
	from.sub_message_case = FROM(COMMAND_STATUS);
	from.command_status = &status;

	return answer(car, request, &from);
}
