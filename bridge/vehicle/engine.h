/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Engine - what vehicle.c, advance.c and inbound.c share: the engine's insides
 *
 * vehicle.c does what link and owner ask for, advance.c what is due;
 * inbound.c judges what the car sends, passive.c answers what it asks.
 */

#include <stdbool.h>
#include <stdint.h>

#include "vehicle/crypto.h"
#include "vehicle/frame.h"
#include "vehicle/lane.h"
#include "vehicle/passive.h"
#include "vehicle/routable.h"
#include "vehicle/session.h"
#include "vehicle/unpack.h"
#include "vehicle/vehicle.h"
#include "vehicle/window.h"

enum {
	/* Pause before what the car was not ready for is tried again. */
	ENGINE_RETRY_MS = 1000,
};

struct request {
	bool is_active;
	struct command command;
	unsigned int traits;
	enum domain domain;
	uint64_t seal_by_ms;
	uint64_t deadline_ms;

	/* Sent: @timer_ms is when to repeat.  Else it is when to send. */
	bool is_sent;
	uint64_t timer_ms;
	unsigned int n_resyncs;

	/* The latest attempt, which answers are matched with. */
	bool has_attempt;
	bool is_faulted;      /* a fault was taken; only proof counts now */
	bool is_acknowledged; /* done at @timer_ms, if no more is said */
	uint64_t sent_ms;
	struct routable_ids ids;
	struct seal seal;
	struct window window;

	/* May this attempt, or one before it, have had an effect? */
	bool in_doubt;
	bool was_in_doubt;

	/* What to say at the deadline. */
	enum vehicle_reason reason;
	char why[VEHICLE_WHY_SIZE];
};

struct vehicle {
	char vin[VEHICLE_VIN_SIZE];
	struct signer *signer;
	vehicle_random_t random;
	void *userdata;
	struct crypto *crypto;

	bool is_up;
	struct frame_buffer input;
	struct arena arena;
	struct lane lanes[2];
	bool last_taken_is_request;

	struct request request;
	struct passive passive;
	struct car_state state;
	/* The answer to the last read, for vehicle_report(). */
	enum command_id told_id;
	size_t told_len;
	uint8_t told[FRAME_MESSAGE_MAX];

	unsigned int n_auth_failures;
	uint64_t locked_until_ms;

	/* Events that nobody has taken yet. */
	bool session_news[2];
	bool state_news;
	bool lockout_news;
	bool key_news;
	struct vehicle_event key;
	bool answer_news;
	struct vehicle_event answer;
};

struct lane *engine_lane(struct vehicle *vehicle, enum domain domain);
struct lane *engine_request_lane(struct vehicle *vehicle);

/* Remembers what to say should the request fail. */
void engine_note(
	struct vehicle *vehicle, enum vehicle_reason reason, const char *why);

void engine_end(struct vehicle *vehicle, enum outcome outcome);

struct fault_info;

/*
 * The car doubts a signature, as @info says; after too many in a row nothing
 * more is signed.  Returns whether that is so now.
 */
bool engine_count_failure(struct vehicle *vehicle,
	const struct fault_info *info, uint64_t now_ms);

/* Does the latest attempt wait in the output, so that nobody has heard it? */
bool engine_is_untaken(struct vehicle *vehicle);

/* Ends the request for what was noted: unknown if that is in doubt. */
void engine_fail(struct vehicle *vehicle);

/* Sends the request, signed anew, at @at_ms. */
void engine_retry(struct vehicle *vehicle, uint64_t at_ms);

/* Drops the session of @lane if its clock may have drifted too far. */
void engine_retire_session(
	struct vehicle *vehicle, struct lane *lane, uint64_t now_ms);

/* The next signed request shakes hands first. */
void engine_lose_session(struct vehicle *vehicle, struct lane *lane);

/* Puts a handshake with fresh ids into the output of @lane. */
void engine_shake_hands(
	struct vehicle *vehicle, struct lane *lane, uint64_t now_ms);

/* Does all that is due. */
void engine_advance(struct vehicle *vehicle, uint64_t now_ms);

/* Judges one message, which has lost its framing. */
void inbound_message(struct vehicle *vehicle, uint64_t now_ms,
	const uint8_t *data, size_t len);
