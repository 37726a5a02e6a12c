/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Routable messages - the envelope, taken apart and put together
 *
 * Says what a message holds, not whether it is to be believed.
 *
 * Spec: vehicle-protocol 2.2, 2.4.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "keys/signer.h"
#include "model/command.h"
#include "util/macro.h"
#include "vehicle/crypto.h"
#include "vehicle/frame.h"
#include "vehicle/unpack.h"

enum {
	/* Routing addresses and uuids. */
	ROUTABLE_ID_SIZE = 16,
	ROUTABLE_EPOCH_SIZE = 16,
	/* FLAG_ENCRYPT_RESPONSE, as a mask. */
	ROUTABLE_ENCRYPT_RESPONSE = 1 << 1,
};

enum {
	_ROUTABLE_E_SUCCESS,

	ROUTABLE_E_GARBAGE, /* no such message, or one made to blow up */
};

/* Bytes that live elsewhere. */
struct view {
	const uint8_t *data;
	size_t len;
};

/* A message from a car.  Views are empty where a field is absent. */
struct routable {
	struct view to;  /* routing address; empty in a broadcast */
	uint8_t from;    /* domain, 0 if absent or beyond a byte */
	uint32_t status; /* OperationStatus_E */
	uint32_t fault;  /* MessageFault_E */
	uint32_t flags;
	struct view request_uuid;

	bool has_payload; /* present, if perhaps empty */
	struct view payload;

	struct view info; /* SessionInfo, packed, and its HMAC */
	struct view info_tag;

	bool is_sealed; /* payload is ciphertext, absent if empty */
	uint32_t counter;
	struct view nonce;
	struct view tag;
};

/* Who and where an exchange goes; both are fresh for each attempt. */
struct routable_ids {
	uint8_t address[ROUTABLE_ID_SIZE];
	uint8_t uuid[ROUTABLE_ID_SIZE];
};

/* AES_GCM_Personalized_data but for who signed. */
struct seal {
	uint8_t epoch[ROUTABLE_EPOCH_SIZE];
	uint8_t nonce[CRYPTO_NONCE_SIZE];
	uint32_t counter;
	uint32_t expires_at; /* seconds of the car's clock */
	uint8_t tag[CRYPTO_TAG_SIZE];
};

/* A whole frame for the link. */
struct routable_frame {
	size_t len;
	uint8_t bytes[FRAME_HEADER_SIZE + FRAME_MESSAGE_MAX];
};

/*
 * Could a message begin with @byte?  Tells most garbage without parsing it,
 * above all what a stream out of step yields: vehicle-protocol 1.3.
 */
bool routable_may_begin(uint8_t byte);

/*
 * Takes @bytes apart; the views point into @arena.  Returns 0 or
 * ROUTABLE_E_GARBAGE.
 */
int routable_unpack(struct arena *arena, const uint8_t *bytes, size_t len,
	struct routable *ret) _must_use_;

/*
 * Does @message answer what was sent with @ids?  VCSEC often leaves the uuid
 * out; the address is fresh for each attempt, and enough: vehicle-protocol
 * 2.5.
 */
bool routable_answers(
	const struct routable *message, const struct routable_ids *ids);

/* Writes a request for session information on @public. */
void routable_write_handshake(enum domain domain,
	const struct routable_ids *ids,
	const uint8_t public[static SIGNER_PUBLIC_SIZE],
	struct routable_frame *ret);

/*
 * Writes a request: ciphertext if @seal is given, with the @public of who
 * sealed it; otherwise plaintext.  The payload is one of ours and fits.
 */
void routable_write_request(enum domain domain, const struct routable_ids *ids,
	uint32_t flags, struct view payload, const struct seal *seal,
	const uint8_t public[static SIGNER_PUBLIC_SIZE],
	struct routable_frame *ret);
