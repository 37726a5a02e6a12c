/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Whitelist - what the car's list of keys is asked for, and what it tells
 *
 * Spec: vehicle-protocol 6.1, 6.3, 5.3.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "keys/signer.h"
#include "model/key_role.h"
#include "vehicle/request.h"
#include "vehicle/routable.h"
#include "vehicle/unpack.h"
#include "vehicle/vehicle.h"

/*
 * Writes the framed request to add @public with @role, vouched for by a card
 * on the reader and by no signature.  Returns its length.
 */
size_t whitelist_write_add(const uint8_t public[static SIGNER_PUBLIC_SIZE],
	enum key_role role, enum key_form form,
	uint8_t ret[static VEHICLE_ADD_KEY_SIZE]);

/* Writes the payload of COMMAND_KEY_ENTRY for @public.  Returns its length. */
size_t whitelist_write_entry(const uint8_t public[static SIGNER_PUBLIC_SIZE],
	uint8_t ret[static REQUEST_SIZE]);

/*
 * Reads an answer to the request to add a key, without the envelope that only
 * newer firmware puts around it.  Is it one?
 */
bool whitelist_read(
	struct arena *arena, struct view payload, struct vehicle_event *ret);
