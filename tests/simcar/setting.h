/* SPDX-License-Identifier: MIT */
#pragma once

/* Settings - comforts of the car: read out of actions, judged, named */

#include "car_server.pb-c.h"
#include "deed.h"

/*
 * Reads an action that changes settings, or starts and stops what goes on by
 * itself.  Returns 0, or a MessageFault_E.
 */
int setting_read(const CarServer__VehicleAction *action, struct deed *deed);

/* May it be @value? */
bool setting_takes(enum setting setting, float value);

/* As the car comes from the factory. */
float setting_default(enum setting setting);

/* "seat-heater front-left" */
const char *setting_name(enum setting setting);
