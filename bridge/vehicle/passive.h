/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Passive - the answer to a car that asks whether a key is near
 *
 * To answer is to open the car, and to let it be driven, for whoever stands
 * beside it: nothing is answered but while the owner has armed it.  The car
 * asks once a second in the clear, so that anyone may have asked; what it
 * hears is signed, with the counters of all other requests.
 *
 * An answer is an exchange of its own in VCSEC's lane, begun where none is
 * under way there, and ended by what the car says to it.  It is not repeated:
 * the car asks again.
 *
 * Two more things that the car says to phone keys get no answer, on purpose.
 * What kind of phone is it (appDeviceInfoRequest)?  It asks for information
 * only, and an answer would say that this is a phone.  And that a handle was
 * pulled while no key answered (alert): it has asked already, and will again.
 *
 * Unofficial.  Spec: vehicle-protocol 8.4.
 */

#include <stdbool.h>
#include <stdint.h>

#include "model/key_level.h"
#include "vehicle/routable.h"
#include "vehicle/unpack.h"
#include "vehicle/vehicle.h"

struct lane;

enum {
	/* From one answer to the next: the car asks half as often. */
	PASSIVE_PAUSE_MS = 500,
	/* So long a question waits for its turn; then the car has asked anew */
	PASSIVE_FRESH_MS = 1500,
	/* So long the lane is kept for what the car says to an answer. */
	PASSIVE_REPLY_MS = 1000,
	/* So long the car takes an answer that was held back. */
	PASSIVE_VALID_MS = 3000,
};

struct passive {
	uint64_t until_ms; /* 0: not armed */

	/* The newest question; KEY_LEVEL_NONE: none waits. */
	enum key_level wanted;
	uint64_t asked_ms;
	uint64_t pause_ms; /* no answer before */
	/* The question is free to go then; CLOCK_NEVER: something is ahead. */
	uint64_t turn_ms;

	/* The newest answer.  What comes too late is judged all the same. */
	bool is_under_way;
	bool is_heard; /* perhaps, by the car; it may say something to it */
	enum key_level level;
	uint64_t sent_ms;
	struct routable_ids ids;
	struct seal seal;

	bool has_news;
	struct vehicle_event news;
};

/* Does nothing while the engine is locked out. */
void passive_arm(struct vehicle *vehicle, uint64_t now_ms, uint64_t until_ms);

/* Forgets the question, and takes back the answer that nobody has heard. */
void passive_disarm(struct vehicle *vehicle);

/* Takes a broadcast of VCSEC.  Was it a question of this kind? */
bool passive_take(
	struct vehicle *vehicle, struct view payload, uint64_t now_ms);

/* Takes @message if it is what the car says to the answer under way. */
bool passive_on_message(struct vehicle *vehicle, struct lane *lane,
	const struct routable *message, uint64_t now_ms);

/* The link is down, and the output still there. */
void passive_on_down(struct vehicle *vehicle);

/* Is there an exchange in @lane that a request must wait for? */
bool passive_holds(const struct vehicle *vehicle, const struct lane *lane);

/* Ends what is over: before the requests get their turn. */
void passive_expire(struct vehicle *vehicle, uint64_t now_ms);

/* Answers, if nothing is ahead: after the requests had their turn. */
void passive_advance(struct vehicle *vehicle, uint64_t now_ms);

/* When one of the two is due; CLOCK_NEVER if not at all. */
uint64_t passive_deadline(const struct passive *passive);
