/* SPDX-License-Identifier: MIT */
#pragma once

/* Verdict - what the car's last word on a request to add a key means */

#include "car/enrol.h"

/* Sets result, trouble and information of @ret by @information, not 0. */
void verdict_take(int information, struct enrol_end *ret);
