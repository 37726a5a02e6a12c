/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Guard - is a signed request genuine, fresh and in order?
 *
 * The car's judgement, written for the car alone: vehicle-protocol 3.4, 3.5.
 */

#include <stdint.h>

#include "domain.h"
#include "universal_message.pb-c.h"
#include "util/macro.h"
#include "vehicle/frame.h"

#define MESSAGE_FAULT(name) \
	UNIVERSAL_MESSAGE__MESSAGE_FAULT__E__MESSAGEFAULT_ERROR_##name

enum {
	/* Signature type and the longest tag. */
	REQUEST_HASH_MAX = 1 + CRYPTO_SHA256_SIZE,
	/* Of VCSEC, whose field is this long. */
	REQUEST_HASH_VCSEC = 17,

	/* How far ahead an expiry may be without a counter that counts. */
	GUARD_OLD_COUNTER_S = 30,
	GUARD_EPOCH_S = 1 << 30,
};

struct guard {
	struct crypto *crypto;
	const char *vin;
};

/* What a genuine request holds. */
struct genuine {
	uint32_t counter;
	uint8_t request_hash[REQUEST_HASH_MAX];
	size_t request_hash_len;
	uint8_t payload[FRAME_MESSAGE_MAX];
	size_t payload_len;
};

/*
 * Judges @message, signed by the key that has counted to @count and shares
 * @agreement with @domain.  Changes nothing: a request that is then obeyed is
 * noted with count_note().  Returns 0, the MessageFault_E that it deserves,
 * or negative errno.
 */
int guard_judge(const struct guard *guard, const struct domain *domain,
	uint64_t now_ms, const struct count *count,
	const struct agreement *agreement,
	const UniversalMessage__RoutableMessage *message,
	struct genuine *ret) _must_use_;
