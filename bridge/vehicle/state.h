/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * State - what the car tells of itself, taken into struct car_state
 *
 * Spec: vehicle-protocol 7.3.
 */

#include <stdint.h>

#include "car_server.pb-c.h"
#include "model/car_state.h"
#include "vcsec.pb-c.h"

/* All of it was left out by the sender where it is zero. */
void state_take_status(struct car_state *state, uint64_t now_ms,
	const VCSEC__VehicleStatus *status);

void state_take_drive(struct car_state *state, uint64_t now_ms,
	const CarServer__DriveState *drive);

void state_take_closures(struct car_state *state, uint64_t now_ms,
	const CarServer__ClosuresState *closures);

void state_take_media(struct car_state *state, uint64_t now_ms,
	const CarServer__MediaState *media);
