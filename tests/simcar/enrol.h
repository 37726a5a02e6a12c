/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Enrol - keys come and go
 *
 * By a request that an owner's key has signed, or by one that a tap of a key
 * card on the console confirms: vehicle-protocol 6.
 */

#include "car.h"

/* ACT_ADD_KEY, ACT_REMOVE_KEY, ACT_CHANGE_KEYS: signed. */
int enrol_signed(struct car *car, struct request *request,
	const struct deed *deed) _must_use_;

/* ACT_REQUEST_KEY: waits for the tap. */
int enrol_request(struct car *car, struct request *request,
	const struct deed *deed) _must_use_;

/* Any of them, not done for the reason @information: an injected fault. */
int enrol_refuse(struct car *car, struct request *request,
	const struct deed *deed, int information) _must_use_;

/* A tap, or the time for it or for giving up. */
int enrol_tap(struct car *car, uint64_t now_ms) _must_use_;
int enrol_tick(struct car *car, uint64_t now_ms) _must_use_;
uint64_t enrol_deadline(const struct car *car);
