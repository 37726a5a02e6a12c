/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * VCSEC - domain 2: locks, closures, keys, wake
 *
 * How its deeds are asked and answered: vehicle-protocol 2.6, 5.3, 7.3.
 */

#include "car.h"
#include "vcsec.pb-c.h"

/*
 * Reads a VCSEC.UnsignedMessage.  Returns 0 or the MessageFault_E that it
 * deserves.
 */
int vcsec_read(const uint8_t *payload, size_t len, struct deed *ret) _must_use_;

/*
 * Reads a VCSEC.ToVCSECMessage that asks for a key.  Returns 0 or the
 * MessageFault_E that it deserves.
 */
int vcsec_read_raw(
	const uint8_t *payload, size_t len, struct deed *ret) _must_use_;

/* Writes the FromVCSECMessage that tells the car's status. */
size_t vcsec_status(const struct world *world, uint8_t ret[STATUS_MAX]);

/* Answers a read or a list. */
int vcsec_answer(struct car *car, struct request *request,
	const struct deed *deed) _must_use_;

/* Done, if @error is 0, or not, for the GenericError_E @error. */
int vcsec_conclude(
	struct car *car, struct request *request, int error) _must_use_;

/* A commandStatus of WAIT. */
int vcsec_wait(struct car *car, struct request *request) _must_use_;

/* How an operation on the whitelist ended: WhitelistOperation_information_E */
int vcsec_conclude_keys(
	struct car *car, struct request *request, int information) _must_use_;
