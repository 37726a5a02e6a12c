/* SPDX-License-Identifier: MIT */

#include "vehicle/routable.h"

#include <stdlib.h>
#include <string.h>

#include "universal_message.pb-c.h"
#include "util/bytes.h"

#define PAYLOAD(name) UNIVERSAL_MESSAGE__ROUTABLE_MESSAGE__PAYLOAD_##name
#define SIGNATURE(name) SIGNATURES__SIGNATURE_DATA__SIG_TYPE_##name
#define DESTINATION(name) UNIVERSAL_MESSAGE__DESTINATION__SUB_DESTINATION_##name

bool routable_may_begin(uint8_t byte)
{
	switch (byte) {
	case 0x32: /* to_destination */
	case 0x3a: /* from_destination */
	case 0x52: /* protobuf_message_as_bytes */
	case 0x62: /* signed_message_status */
	case 0x6a: /* signature_data */
	case 0x72: /* session_info_request */
	case 0x7a: /* session_info */
		return true;
	}

	return false;
}

static struct view view_of(const ProtobufCBinaryData *bytes)
{
	return (struct view){ bytes->data, bytes->len };
}

static void take_addresses(
	const UniversalMessage__RoutableMessage *message, struct routable *ret)
{
	const UniversalMessage__Destination *to = message->to_destination;
	const UniversalMessage__Destination *from = message->from_destination;

	if (to != NULL &&
		to->sub_destination_case == DESTINATION(ROUTING_ADDRESS))
		ret->to = view_of(&to->routing_address);
	if (from != NULL && from->sub_destination_case == DESTINATION(DOMAIN) &&
		(unsigned int)from->domain <= UINT8_MAX)
		ret->from = (uint8_t)from->domain;
}

static void take_signature(
	const Signatures__SignatureData *signature, struct routable *ret)
{
	if (signature->sig_type_case == SIGNATURE(SESSION_INFO_TAG))
		ret->info_tag = view_of(&signature->session_info_tag->tag);

	if (signature->sig_type_case == SIGNATURE(AES_GCM_RESPONSE_DATA)) {
		const Signatures__AESGCMResponseSignatureData *data =
			signature->aes_gcm_response_data;

		ret->is_sealed = true;
		ret->counter = data->counter;
		ret->nonce = view_of(&data->nonce);
		ret->tag = view_of(&data->tag);
	}
}

int routable_unpack(struct arena *arena, const uint8_t *bytes, size_t len,
	struct routable *ret)
{
	const UniversalMessage__RoutableMessage *message;
	struct routable routable = { 0 };

	if (len == 0 || !routable_may_begin(bytes[0]))
		return ROUTABLE_E_GARBAGE;
	message = unpack(arena,
		&universal_message__routable_message__descriptor, bytes, len);
	if (message == NULL)
		return ROUTABLE_E_GARBAGE;

	take_addresses(message, &routable);
	routable.flags = message->flags;
	routable.request_uuid = view_of(&message->request_uuid);
	if (message->signed_message_status != NULL) {
		routable.status = (uint32_t)message->signed_message_status
					  ->operation_status;
		routable.fault = (uint32_t)message->signed_message_status
					 ->signed_message_fault;
	}
	if (message->payload_case == PAYLOAD(PROTOBUF_MESSAGE_AS_BYTES)) {
		routable.has_payload = true;
		routable.payload = view_of(&message->protobuf_message_as_bytes);
	}
	if (message->payload_case == PAYLOAD(SESSION_INFO))
		routable.info = view_of(&message->session_info);
	/* The only member of its oneof. */
	if (message->signature_data != NULL)
		take_signature(message->signature_data, &routable);

	*ret = routable;
	return 0;
}

bool routable_answers(
	const struct routable *message, const struct routable_ids *ids)
{
	if (message->to.len != sizeof(ids->address) ||
		memcmp(message->to.data, ids->address, message->to.len) != 0)
		return false;

	return message->request_uuid.len == 0 ||
	       (message->request_uuid.len == sizeof(ids->uuid) &&
		       memcmp(message->request_uuid.data, ids->uuid,
			       sizeof(ids->uuid)) == 0);
}

static void write_frame(
	const ProtobufCMessage *message, struct routable_frame *ret)
{
	size_t len = protobuf_c_message_get_packed_size(message);

	/* Ours have at most REQUEST_SIZE of payload: a bug, not an input. */
	if (len > FRAME_MESSAGE_MAX)
		abort();
	put_be16(ret->bytes, (uint16_t)len);
	(void)protobuf_c_message_pack(message, ret->bytes + FRAME_HEADER_SIZE);
	ret->len = FRAME_HEADER_SIZE + len;
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

static void write_message(enum domain domain, const struct routable_ids *ids,
	UniversalMessage__RoutableMessage *message, struct routable_frame *ret)
{
	UniversalMessage__Destination to = UNIVERSAL_MESSAGE__DESTINATION__INIT;
	UniversalMessage__Destination from =
		UNIVERSAL_MESSAGE__DESTINATION__INIT;

	to.sub_destination_case = DESTINATION(DOMAIN);
	to.domain = (UniversalMessage__Domain)domain;
	from.sub_destination_case = DESTINATION(ROUTING_ADDRESS);
	from.routing_address = binary(ids->address, sizeof(ids->address));
	message->to_destination = &to;
	message->from_destination = &from;
	message->uuid = binary(ids->uuid, sizeof(ids->uuid));
	write_frame(&message->base, ret);
}

void routable_write_handshake(enum domain domain,
	const struct routable_ids *ids,
	const uint8_t public[static SIGNER_PUBLIC_SIZE],
	struct routable_frame *ret)
{
	UniversalMessage__RoutableMessage message =
		UNIVERSAL_MESSAGE__ROUTABLE_MESSAGE__INIT;
	UniversalMessage__SessionInfoRequest request =
		UNIVERSAL_MESSAGE__SESSION_INFO_REQUEST__INIT;

	/* No challenge: the uuid is it.  No flags: vehicle-protocol 3.3 */
	request.public_key = binary(public, SIGNER_PUBLIC_SIZE);
	message.payload_case = PAYLOAD(SESSION_INFO_REQUEST);
	message.session_info_request = &request;
	write_message(domain, ids, &message, ret);
}

void routable_write_request(enum domain domain, const struct routable_ids *ids,
	uint32_t flags, struct view payload, const struct seal *seal,
	const uint8_t public[static SIGNER_PUBLIC_SIZE],
	struct routable_frame *ret)
{
	UniversalMessage__RoutableMessage message =
		UNIVERSAL_MESSAGE__ROUTABLE_MESSAGE__INIT;
	Signatures__SignatureData signature = SIGNATURES__SIGNATURE_DATA__INIT;
	Signatures__KeyIdentity signer = SIGNATURES__KEY_IDENTITY__INIT;
	Signatures__AESGCMPersonalizedSignatureData data =
		SIGNATURES__AES__GCM__PERSONALIZED__SIGNATURE__DATA__INIT;

	message.payload_case = PAYLOAD(PROTOBUF_MESSAGE_AS_BYTES);
	message.protobuf_message_as_bytes = binary(payload.data, payload.len);
	message.flags = flags;

	if (seal != NULL) {
		signer.identity_type_case =
			SIGNATURES__KEY_IDENTITY__IDENTITY_TYPE_PUBLIC_KEY;
		signer.public_key = binary(public, SIGNER_PUBLIC_SIZE);
		data.epoch = binary(seal->epoch, sizeof(seal->epoch));
		data.nonce = binary(seal->nonce, sizeof(seal->nonce));
		data.counter = seal->counter;
		data.expires_at = seal->expires_at;
		data.tag = binary(seal->tag, sizeof(seal->tag));
		signature.signer_identity = &signer;
		signature.sig_type_case = SIGNATURE(AES_GCM_PERSONALIZED_DATA);
		signature.aes_gcm_personalized_data = &data;
		message.sub_sig_data_case =
			UNIVERSAL_MESSAGE__ROUTABLE_MESSAGE__SUB_SIG_DATA_SIGNATURE_DATA;
		message.signature_data = &signature;
	}
	write_message(domain, ids, &message, ret);
}
