/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Access - who may drive the car, and how: modes and their PINs
 *
 * Valet mode, guest mode, speed limit, parental controls, PIN to drive.  A PIN
 * is four digits; the first one that comes with a mode is its PIN from then
 * on.  Spec: vehicle-protocol 5.4, 7.1, 7.2.
 */

#include "car_server.pb-c.h"
#include "deed.h"
#include "verdict.h"

struct world;

enum {
	PIN_SIZE = 5,
};

/* A mode that has a PIN: "" before it is set. */
struct mode {
	bool on;
	char pin[PIN_SIZE];
};

struct access {
	struct mode valet;
	struct mode speed_limit;
	struct mode parental;
	struct mode pin_to_drive;
	bool guest;
};

/*
 * Reads an action of these.  Returns 0, or a MessageFault_E: INVALID_COMMAND
 * if it is another.
 */
int access_read(const CarServer__VehicleAction *action, struct deed *deed);

/* Does @deed, which is one of these. */
struct verdict access_do(struct world *world, const struct deed *deed);
