/* SPDX-License-Identifier: MIT */

#include "reply.h"

#include <string.h>

#include "signatures.pb-c.h"
#include "vehicle/frame.h"
#include "vehicle/metadata.h"

#define TAG(name) SIGNATURES__TAG__TAG_##name
#define OPERATION_STATUS(name) \
	UNIVERSAL_MESSAGE__OPERATION_STATUS__E__OPERATIONSTATUS_##name

enum {
	FLAG_ENCRYPT_RESPONSE =
		1 << UNIVERSAL_MESSAGE__FLAGS__FLAG_ENCRYPT_RESPONSE,
};

/* A message with all parts that any answer has, in one place. */
struct envelope {
	UniversalMessage__RoutableMessage message;
	UniversalMessage__Destination to;
	UniversalMessage__Destination from;
	UniversalMessage__MessageStatus status;
	Signatures__SignatureData signature;
	Signatures__HMACSignatureData info_tag;
	Signatures__AESGCMResponseSignatureData response;
	uint8_t tag[CRYPTO_SHA256_SIZE];
	uint8_t nonce[CRYPTO_NONCE_SIZE];
	uint8_t uuid[UUID_MAX];
	uint8_t info[SESSION_INFO_MAX];
	uint8_t payload[FRAME_MESSAGE_MAX];
};

/* Addresses @e, from @domain to the sender of @request or, NULL, to all. */
static void envelope_init(struct envelope *e, struct request *request)
{
	UniversalMessage__RoutableMessage *m = &e->message;

	universal_message__routable_message__init(m);
	universal_message__destination__init(&e->to);
	universal_message__destination__init(&e->from);
	universal_message__message_status__init(&e->status);
	signatures__signature_data__init(&e->signature);
	signatures__hmac__signature__data__init(&e->info_tag);
	signatures__aes__gcm__response__signature__data__init(&e->response);

	m->to_destination = &e->to;
	m->from_destination = &e->from;
	e->from.sub_destination_case =
		UNIVERSAL_MESSAGE__DESTINATION__SUB_DESTINATION_DOMAIN;
	e->from.domain =
		request != NULL
			? request->domain->id
			: UNIVERSAL_MESSAGE__DOMAIN__DOMAIN_VEHICLE_SECURITY;
	if (request != NULL && request->address_len > 0) {
		e->to.sub_destination_case =
			UNIVERSAL_MESSAGE__DESTINATION__SUB_DESTINATION_ROUTING_ADDRESS;
		e->to.routing_address =
			(ProtobufCBinaryData){ request->address_len,
				request->address };
	} else {
		/* A oneof is encoded even where its value is 0. */
		e->to.sub_destination_case =
			UNIVERSAL_MESSAGE__DESTINATION__SUB_DESTINATION_DOMAIN;
		e->to.domain = UNIVERSAL_MESSAGE__DOMAIN__DOMAIN_BROADCAST;
	}
}

static void set_request_uuid(struct envelope *e, struct request *request)
{
	e->message.request_uuid =
		(ProtobufCBinaryData){ request->uuid_len, request->uuid };
}

static int set_uuid(struct car *car, struct envelope *e)
{
	int r;

	r = car->outlet.random(car->outlet.userdata, e->uuid, sizeof(e->uuid));
	if (r < 0)
		return r;

	e->message.uuid = (ProtobufCBinaryData){ sizeof(e->uuid), e->uuid };
	return 0;
}

static void set_payload(struct envelope *e, size_t len)
{
	e->message.payload_case =
		UNIVERSAL_MESSAGE__ROUTABLE_MESSAGE__PAYLOAD_PROTOBUF_MESSAGE_AS_BYTES;
	e->message.protobuf_message_as_bytes =
		(ProtobufCBinaryData){ len, e->payload };
}

static void set_signature(struct envelope *e)
{
	e->message.sub_sig_data_case =
		UNIVERSAL_MESSAGE__ROUTABLE_MESSAGE__SUB_SIG_DATA_SIGNATURE_DATA;
	e->message.signature_data = &e->signature;
}

static int send_frame(struct car *car, const struct request *request,
	const uint8_t *message, size_t len)
{
	uint8_t frame[FRAME_HEADER_SIZE + FRAME_MESSAGE_MAX];
	static const uint8_t oversize[] = { 0xff, 0xff };
	/* A field 1 that claims more bytes than there are. */
	static const uint8_t garbage[] = { 0x00, 0x05, 0x0a, 0x7f, 0x66, 0x6f,
		0x6f };
	const struct outlet *outlet = &car->outlet;
	size_t frame_len;
	int r;

	r = frame_write(message, len, frame, &frame_len);
	if (r != 0)
		return err_fold(r);

	switch (request->fault.kind) {
	case FAULT_LOST_ANSWER:
		return 0;
	case FAULT_DROP_AFTER:
		outlet->drop(outlet->userdata, request->link);
		return 0;
	/* Half of it, length included, so that the client waits for more. */
	case FAULT_DROP_MID_FRAME:
		outlet->send(outlet->userdata, request->link, frame,
			frame_len / 2, 0);
		outlet->drop(outlet->userdata, request->link);
		return 0;
	case FAULT_LATE_ANSWER:
		outlet->send(outlet->userdata, request->link, frame, frame_len,
			car->late_ms);
		return 0;
	case FAULT_GARBAGE:
		outlet->send(outlet->userdata, request->link, garbage,
			sizeof(garbage), 0);
		break;
	case FAULT_OVERSIZE:
		outlet->send(outlet->userdata, request->link, oversize,
			sizeof(oversize), 0);
		break;
	case FAULT_DOUBLED_ANSWER:
		outlet->send(
			outlet->userdata, request->link, frame, frame_len, 0);
		break;
	default:
		break;
	}
	outlet->send(outlet->userdata, request->link, frame, frame_len, 0);

	return 0;
}

/* Turns a bit of the signature, or of the payload where there is none. */
static void garble(struct envelope *e)
{
	if (e->message.sub_sig_data_case !=
		UNIVERSAL_MESSAGE__ROUTABLE_MESSAGE__SUB_SIG_DATA__NOT_SET)
		e->tag[0] ^= 1;
	else
		e->payload[0] ^= 1;
}

static int transmit(
	struct car *car, struct request *request, struct envelope *e)
{
	uint8_t bytes[FRAME_MESSAGE_MAX];
	size_t len;

	if (request->fault.kind == FAULT_GARBLED_ANSWER)
		garble(e);
	len = universal_message__routable_message__get_packed_size(&e->message);
	if (len > sizeof(bytes))
		return reply_fault(car, request,
			MESSAGE_FAULT(RESPONSE_MTU_EXCEEDED), false);
	(void)universal_message__routable_message__pack(&e->message, bytes);

	return send_frame(car, request, bytes, len);
}

/* Encrypts the @len bytes of e->payload: vehicle-protocol 3.6. */
static int seal(struct car *car, struct request *request, size_t len,
	struct envelope *e)
{
	_cleanup_(gcm_freep) struct gcm *gcm = NULL;
	uint8_t aad[CRYPTO_SHA256_SIZE];
	struct metadata m;
	int r;

	/* Counts per request: the second frame of one has 2. */
	e->response.counter = ++request->answers;
	metadata_init(&m);
	metadata_add_u8(&m, TAG(SIGNATURE_TYPE),
		SIGNATURES__SIGNATURE_TYPE__SIGNATURE_TYPE_AES_GCM_RESPONSE);
	metadata_add_u8(&m, TAG(DOMAIN), (uint8_t)request->domain->id);
	metadata_add(&m, TAG(PERSONALIZATION), car->vin, strlen(car->vin));
	metadata_add_u32(&m, TAG(COUNTER), e->response.counter);
	metadata_add_u32(&m, TAG(FLAGS), e->message.flags);
	metadata_add(&m, TAG(REQUEST_HASH), request->genuine.request_hash,
		request->genuine.request_hash_len);
	metadata_add_u32(&m, TAG(FAULT), 0);
	metadata_end(&m);

	r = car->outlet.random(
		car->outlet.userdata, e->nonce, sizeof(e->nonce));
	if (r < 0)
		return r;
	r = crypto_sha256(car->crypto, m.bytes, m.len, aad);
	if (r < 0)
		return r;
	r = gcm_new(&request->agreement.key, &gcm);
	if (r < 0)
		return r;
	r = gcm_seal(gcm, e->nonce, aad, sizeof(aad), e->payload, len,
		e->payload, e->tag);
	if (r < 0)
		return r;

	e->response.nonce = (ProtobufCBinaryData){ sizeof(e->nonce), e->nonce };
	e->response.tag = (ProtobufCBinaryData){ CRYPTO_TAG_SIZE, e->tag };
	e->signature.sig_type_case =
		SIGNATURES__SIGNATURE_DATA__SIG_TYPE_AES_GCM_RESPONSE_DATA;
	e->signature.aes_gcm_response_data = &e->response;
	set_signature(e);
	return 0;
}

static int send_payload(struct car *car, struct request *request,
	const uint8_t *payload, size_t len, bool with_payload)
{
	bool encrypt = request->genuine.request_hash_len > 0 &&
		       (request->flags & FLAG_ENCRYPT_RESPONSE) != 0 &&
		       !car->old_firmware;
	struct envelope e;
	int r;

	envelope_init(&e, request);
	if (len > sizeof(e.payload))
		return reply_fault(car, request,
			MESSAGE_FAULT(RESPONSE_MTU_EXCEEDED), false);
	if (len > 0)
		memcpy(e.payload, payload, len);

	/*
	 * VCSEC leaves the request's uuid out of its answers to commands.
	 * The flags of an answer are signed whatever they are; a client gets
	 * to see both: 2 from infotainment, 0 from VCSEC.
	 */
	if (!domain_is_vcsec(request->domain) || request->key == NULL)
		set_request_uuid(&e, request);
	if (encrypt && !domain_is_vcsec(request->domain))
		e.message.flags = FLAG_ENCRYPT_RESPONSE;
	if (encrypt) {
		r = seal(car, request, len, &e);
		if (r < 0)
			return r;
	}
	/* An empty payload is encoded: it is the success of VCSEC. */
	if (with_payload)
		set_payload(&e, len);
	r = set_uuid(car, &e);
	if (r < 0)
		return r;

	return transmit(car, request, &e);
}

int reply_payload(struct car *car, struct request *request,
	const uint8_t *payload, size_t len)
{
	int r;

	if (request->fault.kind == FAULT_SIGNATURE_FIRST) {
		r = send_payload(car, request, NULL, 0, false);
		if (r < 0)
			return r;
	}

	return send_payload(car, request, payload, len, true);
}

/* Fresh session info for the request's key, signed. */
static int add_info(
	struct car *car, struct request *request, struct envelope *e)
{
	struct domain *domain = request->domain;
	size_t len;
	int r;

	len = domain_session_info(domain, request->now_ms,
		domain_count(domain, request->key)->last,
		key_slot(&car->whitelist, request->key), e->info);
	r = domain_tag_info(car->crypto, &request->agreement, car->vin,
		request->uuid, request->uuid_len, e->info, len, e->tag);
	if (r < 0)
		return r;
	if (request->fault.kind == FAULT_FORGED_INFO)
		e->tag[0] ^= 1;

	e->message.payload_case =
		UNIVERSAL_MESSAGE__ROUTABLE_MESSAGE__PAYLOAD_SESSION_INFO;
	e->message.session_info = (ProtobufCBinaryData){ len, e->info };
	e->info_tag.tag = (ProtobufCBinaryData){ CRYPTO_SHA256_SIZE, e->tag };
	e->signature.sig_type_case =
		SIGNATURES__SIGNATURE_DATA__SIG_TYPE_SESSION_INFO_TAG;
	e->signature.session_info_tag = &e->info_tag;
	set_signature(e);
	return 0;
}

/* "INVALID_SIGNATURE" */
static const char *fault_name(int fault)
{
	static const char prefix[] = "MESSAGEFAULT_ERROR_";
	const ProtobufCEnumValue *value = protobuf_c_enum_descriptor_get_value(
		&universal_message__message_fault__e__descriptor, fault);

	return value != NULL ? value->name + strlen(prefix) : "";
}

int reply_fault(
	struct car *car, struct request *request, int fault, bool with_info)
{
	struct envelope e;
	int r;

	/* What came without an address cannot be answered by a fault. */
	if (request->address_len == 0)
		return 0;

	envelope_init(&e, request);
	e.status.operation_status = OPERATION_STATUS(ERROR);
	e.status.signed_message_fault = (UniversalMessage__MessageFaultE)fault;
	e.message.signed_message_status = &e.status;
	set_request_uuid(&e, request);
	if (with_info && request->key != NULL && request->uuid_len > 0) {
		r = add_info(car, request, &e);
		if (r < 0)
			return r;
	}
	r = set_uuid(car, &e);
	if (r < 0)
		return r;

	say(car->say, "{s:i,s:s,s:s,s:b}", "fault", fault, "name",
		fault_name(fault), "domain", domain_name(request->domain),
		"session-info", e.message.signature_data != NULL);
	return transmit(car, request, &e);
}

int reply_wait(struct car *car, struct request *request)
{
	struct envelope e;
	int r;

	envelope_init(&e, request);
	e.status.operation_status = OPERATION_STATUS(WAIT);
	e.message.signed_message_status = &e.status;
	set_request_uuid(&e, request);
	r = set_uuid(car, &e);
	if (r < 0)
		return r;

	return transmit(car, request, &e);
}

int reply_session_info(struct car *car, struct request *request)
{
	struct envelope e;
	int r;

	if (request->fault.kind == FAULT_SIGNATURE_FIRST) {
		/* An acknowledgement with nothing but addresses. */
		envelope_init(&e, request);
		r = transmit(car, request, &e);
		if (r < 0)
			return r;
	}

	envelope_init(&e, request);
	set_request_uuid(&e, request);
	if (request->key != NULL) {
		r = add_info(car, request, &e);
		if (r < 0)
			return r;
	} else {
		e.message.payload_case =
			UNIVERSAL_MESSAGE__ROUTABLE_MESSAGE__PAYLOAD_SESSION_INFO;
		e.message.session_info =
			(ProtobufCBinaryData){ domain_no_session_info(e.info),
				e.info };
	}
	r = set_uuid(car, &e);
	if (r < 0)
		return r;

	return transmit(car, request, &e);
}

int reply_to_all(struct car *car, int link, const uint8_t *payload, size_t len)
{
	struct request request = { .link = link };
	uint8_t bytes[FRAME_MESSAGE_MAX];
	struct envelope e;

	envelope_init(&e, NULL);
	memcpy(e.payload, payload, len);
	set_payload(&e, len);
	len = universal_message__routable_message__pack(&e.message, bytes);

	return send_frame(car, &request, bytes, len);
}
