/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Replies - what goes back to the one who asked
 *
 * Here the injected faults of answers happen.  All return 0 or negative
 * errno.
 */

#include "car.h"

/*
 * The application's answer: encrypted if the request wants it and is signed,
 * in plaintext otherwise.
 */
int reply_payload(struct car *car, struct request *request,
	const uint8_t *payload, size_t len) _must_use_;

/*
 * A protocol fault.  @with_info adds fresh session info where the request's
 * key is known and it has a uuid to serve as the challenge.
 */
int reply_fault(struct car *car, struct request *request, int fault,
	bool with_info) _must_use_;

/* "Wait", from the protocol layer. */
int reply_wait(struct car *car, struct request *request) _must_use_;

/* Session info; of a key that is not on the whitelist if it is unknown. */
int reply_session_info(struct car *car, struct request *request) _must_use_;

/* @payload from VCSEC to everyone on @link, in plaintext. */
int reply_to_all(struct car *car, int link, const uint8_t *payload,
	size_t len) _must_use_;
