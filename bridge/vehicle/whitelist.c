/* SPDX-License-Identifier: MIT */

#include "vehicle/whitelist.h"

#include <stdlib.h>

#include "util/bytes.h"
#include "vcsec.pb-c.h"
#include "vehicle/frame.h"

#define UNSIGNED(name) VCSEC__UNSIGNED_MESSAGE__SUB_MESSAGE_##name
#define OPERATION(name) VCSEC__OPERATION_STATUS__E__OPERATIONSTATUS_##name

static size_t write_message(
	const ProtobufCMessage *message, uint8_t *ret, size_t size)
{
	/* Their fields have fixed sizes: a bug, not an input. */
	if (protobuf_c_message_get_packed_size(message) > size)
		abort();

	return protobuf_c_message_pack(message, ret);
}

/* protobuf-c has no const; it only reads what it packs. */
static ProtobufCBinaryData binary(const uint8_t *data, size_t len)
{
	union {
		const uint8_t *in;
		uint8_t *out;
	} pointer = { .in = data };

	return (ProtobufCBinaryData){ len, pointer.out };
}

size_t whitelist_write_add(const uint8_t public[static SIGNER_PUBLIC_SIZE],
	enum key_role role, enum key_form form,
	uint8_t ret[static VEHICLE_ADD_KEY_SIZE])
{
	VCSEC__ToVCSECMessage message = VCSEC__TO_VCSECMESSAGE__INIT;
	VCSEC__SignedMessage signed_message = VCSEC__SIGNED_MESSAGE__INIT;
	VCSEC__UnsignedMessage unsigned_message = VCSEC__UNSIGNED_MESSAGE__INIT;
	VCSEC__WhitelistOperation operation = VCSEC__WHITELIST_OPERATION__INIT;
	VCSEC__PermissionChange change = VCSEC__PERMISSION_CHANGE__INIT;
	VCSEC__KeyMetadata metadata = VCSEC__KEY_METADATA__INIT;
	VCSEC__PublicKey key = VCSEC__PUBLIC_KEY__INIT;
	uint8_t inner[VEHICLE_ADD_KEY_SIZE];
	size_t len;

	key.public_key_raw = binary(public, SIGNER_PUBLIC_SIZE);
	change.key = &key;
	change.key_role = (Keys__Role)role;
	metadata.key_form_factor = (VCSEC__KeyFormFactor)form;
	operation.sub_message_case =
		VCSEC__WHITELIST_OPERATION__SUB_MESSAGE_ADD_KEY_TO_WHITELIST_AND_ADD_PERMISSIONS;
	operation.add_key_to_whitelist_and_add_permissions = &change;
	operation.metadata_for_key = &metadata;
	unsigned_message.sub_message_case = UNSIGNED(WHITELIST_OPERATION);
	unsigned_message.whitelist_operation = &operation;
	len = write_message(&unsigned_message.base, inner, sizeof(inner));

	signed_message.protobuf_message_as_bytes = binary(inner, len);
	signed_message.signature_type =
		VCSEC__SIGNATURE_TYPE__SIGNATURE_TYPE_PRESENT_KEY;
	message.signed_message = &signed_message;
	len = write_message(&message.base, ret + FRAME_HEADER_SIZE,
		VEHICLE_ADD_KEY_SIZE - FRAME_HEADER_SIZE);
	put_be16(ret, (uint16_t)len);

	return FRAME_HEADER_SIZE + len;
}

size_t whitelist_write_entry(const uint8_t public[static SIGNER_PUBLIC_SIZE],
	uint8_t ret[static REQUEST_SIZE])
{
	VCSEC__UnsignedMessage message = VCSEC__UNSIGNED_MESSAGE__INIT;
	VCSEC__InformationRequest request = VCSEC__INFORMATION_REQUEST__INIT;

	request.information_request_type =
		VCSEC__INFORMATION_REQUEST_TYPE__INFORMATION_REQUEST_TYPE_GET_WHITELIST_ENTRY_INFO;
	request.key_case = VCSEC__INFORMATION_REQUEST__KEY_PUBLIC_KEY;
	request.public_key = binary(public, SIGNER_PUBLIC_SIZE);
	message.sub_message_case = UNSIGNED(INFORMATION_REQUEST);
	message.information_request = &request;

	return write_message(&message.base, ret, REQUEST_SIZE);
}

bool whitelist_read(
	struct arena *arena, struct view payload, struct vehicle_event *ret)
{
	const VCSEC__FromVCSECMessage *message;
	const VCSEC__CommandStatus *status;
	bool has_verdict;

	message = unpack(arena, &vcsec__from_vcsecmessage__descriptor,
		payload.data, payload.len);
	if (message == NULL ||
		message->sub_message_case !=
			VCSEC__FROM_VCSECMESSAGE__SUB_MESSAGE_COMMAND_STATUS)
		return false;

	status = message->command_status;
	has_verdict =
		status->sub_message_case ==
		VCSEC__COMMAND_STATUS__SUB_MESSAGE_WHITELIST_OPERATION_STATUS;
	if (!has_verdict && status->operation_status != OPERATION(WAIT))
		return false;

	*ret = (struct vehicle_event){
		.type = VEHICLE_EVENT_KEY,
		.is_waiting = !has_verdict,
	};
	if (has_verdict)
		ret->information = (int)status->whitelist_operation_status
					   ->whitelist_operation_information;
	/* An error that names none is the one that has no name. */
	if (has_verdict && ret->information == 0 &&
		status->operation_status == OPERATION(ERROR))
		ret->information =
			VCSEC__WHITELIST_OPERATION_INFORMATION__E__WHITELISTOPERATION_INFORMATION_UNDOCUMENTED_ERROR;
	return true;
}
