/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * State - what the car tells of itself, taken into struct car_state
 *
 * Spec: vehicle-protocol 7.3.
 */

#include <stdbool.h>
#include <stdint.h>

#include "car_server.pb-c.h"
#include "model/car_state.h"
#include "model/command.h"
#include "vcsec.pb-c.h"

/* All of it was left out by the sender where it is zero. */
void state_take_status(struct car_state *state, uint64_t now_ms,
	const VCSEC__VehicleStatus *status);

/* The part of @data that the command @id reads; NULL if it is not there. */
const ProtobufCMessage *state_part(
	enum command_id id, const CarServer__VehicleData *data);

/*
 * Takes the part of @data that the command @id reads.  False, with nothing
 * changed, if it is not there.
 */
bool state_take_data(struct car_state *state, uint64_t now_ms,
	enum command_id id, const CarServer__VehicleData *data);
