/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Vehicle - the car's signed protocol, from a command to its outcome
 *
 * An engine without I/O: no descriptor, clock, random source or log.  Calls
 * bring in time, bytes and requests; after each call the owner drains what
 * came of it, in this order:
 *
 *	while (vehicle_take_output(v, &frame, &len)) give it to the link;
 *	while (vehicle_take_event(v, &event)) act on it;
 *	arm a timer for vehicle_deadline(v).
 *
 * One request is in flight.  The engine shakes hands when it must (VCSEC on
 * link-up, infotainment when first needed, both anew after faults and where
 * a session has grown old, but not because a link was lost), gives
 * each request and each retry a fresh routing address, uuid, nonce and
 * counter, and signs anew, within the request's deadline, after faults that
 * prove that nothing happened (1, 5, 6, 15, 17, 20, 26, WAIT).  After faults
 * that prove nothing (2, 11, 25) and silence it repeats idempotent commands;
 * others end as unknown.
 *
 * All times are milliseconds of CLOCK_BOOTTIME, given by the caller and never
 * going back.
 *
 * Spec: vehicle-protocol 2, 3, 5; architecture 2 ("The engine's contract").
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/car_state.h"
#include "model/command.h"
#include "model/key_level.h"
#include "model/key_role.h"
#include "model/outcome.h"
#include "model/report.h"
#include "util/macro.h"

struct signer;
struct vehicle;

enum {
	VEHICLE_VIN_SIZE = 18, /* 17 characters and a NUL */
	/* Advertised name: 'S', 16 hexadecimal digits, 'C', NUL. */
	VEHICLE_NAME_SIZE = 19,
	VEHICLE_WHY_SIZE = 160,
	/* After three authentication failures in a row: vehicle-protocol 8.4 */
	VEHICLE_LOCKOUT_FAILURES = 3,
	VEHICLE_LOCKOUT_MS = 5 * 60 * 1000,
	/*
	 * How long after it was sealed the car takes a command: its lifetime,
	 * the second that both clocks are rounded by, and their drift.
	 */
	VEHICLE_VALID_MS = 7 * 1000,
	VEHICLE_ADD_KEY_SIZE = 96,
};

enum {
	_VEHICLE_E_SUCCESS,

	VEHICLE_E_BUSY,       /* a request is in flight */
	VEHICLE_E_DOWN,       /* no link */
	VEHICLE_E_LOCKED_OUT, /* until vehicle_locked_until() */
};

/* Why a request ended as it did; @why of the event says it in words. */
enum vehicle_reason {
	VEHICLE_DONE,
	VEHICLE_SILENT,     /* no answer before the deadline */
	VEHICLE_LINK_LOST,  /* the link went down */
	VEHICLE_NOT_PAIRED, /* the car does not know the key (yet) */
	VEHICLE_FORBIDDEN,  /* role, valet mode, transport, policy */
	VEHICLE_NOT_PARKED, /* refused by the car itself */
	VEHICLE_FAULT,      /* any other protocol fault */
	VEHICLE_FAILED,     /* the car tried, or not, and says why */
	VEHICLE_CANCELLED,
	VEHICLE_AUTH_FAILED, /* signature, counter, epoch: again and again */
	VEHICLE_KEY_CHANGED, /* the car shows another key than before */
	VEHICLE_LATE,        /* sealed now, it would be sealed too late */
};

struct vehicle_event {
	enum vehicle_event_type {
		VEHICLE_EVENT_ANSWER,  /* the request has ended */
		VEHICLE_EVENT_STATE,   /* vehicle_state() has news (a hint) */
		VEHICLE_EVENT_SESSION, /* a session came up or was lost */
		VEHICLE_EVENT_LOCKOUT, /* stopped until vehicle_locked_until */
		VEHICLE_EVENT_KEY, /* of vehicle_add_key(); proves nothing */
		VEHICLE_EVENT_AUTHENTICATED, /* vehicle_set_passive_entry() */
	} type;

	/* VEHICLE_EVENT_AUTHENTICATED: what the car was told */
	enum key_level level;

	/* VEHICLE_EVENT_ANSWER */
	struct command command; /* without its PIN */
	/* Of both: what became of it. */
	enum outcome outcome;
	enum vehicle_reason reason;
	/* A sentence for the owner; empty if confirmed. */
	char why[VEHICLE_WHY_SIZE];
	/* OUTCOME_UNKNOWN: it may still have its effect until then. */
	uint64_t valid_until_ms;

	/* VEHICLE_EVENT_SESSION */
	enum domain domain;

	/* VEHICLE_EVENT_KEY */
	bool is_waiting; /* for the tap of a card; else this is the end: */
	int information; /* WhitelistOperation_information_E; 0: added */
};

/* Fills @len random bytes; returns 0 or negative errno. */
typedef int (*vehicle_random_t)(void *userdata, uint8_t *ret, size_t len);

/*
 * @vin has 17 characters (see vin_check); borrows @signer, which must outlive
 * the engine.  Returns 0, -EINVAL for a VIN of another length, -ENOMEM.
 */
int vehicle_new(const char *vin, struct signer *signer, vehicle_random_t random,
	void *userdata, struct vehicle **ret) _must_use_;

/* Wipes the sessions.  Accepts NULL.  Always returns NULL. */
struct vehicle *vehicle_free(struct vehicle *vehicle);

/* The name that the car of @vin advertises: vehicle-protocol 1.1. */
int vehicle_name(
	const char *vin, char ret[static VEHICLE_NAME_SIZE]) _must_use_;

/*
 * The link is up: forgets half-received bytes, begins the VCSEC handshake
 * unless there is a session.  A session that the car has forgotten meanwhile
 * costs a fault that proves that nothing happened, and brings a new one.
 */
void vehicle_link_up(struct vehicle *vehicle, uint64_t now_ms);

/*
 * The link is down.  @issued: the last block of the frame last taken had
 * been given to the radio; if not, a request in flight was never heard and
 * ends as refused.  Sessions survive.
 */
void vehicle_link_down(struct vehicle *vehicle, uint64_t now_ms, bool issued);

/*
 * Begins a request, to be answered by one VEHICLE_EVENT_ANSWER at
 * @deadline_ms at the latest.  It is sealed, and sealed anew, before
 * @seal_by_ms or not at all: what the owner has checked holds no longer.
 * CLOCK_NEVER: the deadline will do.  Returns 0, VEHICLE_E_BUSY, _DOWN or
 * _LOCKED_OUT (not for what needs no signature), with nothing begun, or
 * negative errno.
 */
int vehicle_submit(struct vehicle *vehicle, uint64_t now_ms,
	const struct command *command, uint64_t seal_by_ms,
	uint64_t deadline_ms) _must_use_;

/* Ends the request in flight, as unknown if it may have been heard. */
void vehicle_cancel(struct vehicle *vehicle, uint64_t now_ms);

/*
 * Writes the request to put our key on the car's list, as a frame for the
 * link, beside the output: whether and how often it is sent is the caller's
 * question.  What the car says to it are VEHICLE_EVENT_KEY.  Returns its
 * length.  Source: vehicle-protocol 6.1.
 */
size_t vehicle_add_key(const struct vehicle *vehicle, enum key_role role,
	enum key_form form, uint8_t ret[static VEHICLE_ADD_KEY_SIZE]);

/*
 * Until @until_ms, or not at all if that is not in the future, the car is told
 * that a key is near whenever it asks, at the level that it asks for: whoever
 * is beside the car can open and drive it.  Each answer that may have been
 * heard ends in one VEHICLE_EVENT_AUTHENTICATED.  A lockout ends it as well,
 * and while that lasts it cannot be begun.  Source: vehicle-protocol 8.4,
 * unofficial.
 */
void vehicle_set_passive_entry(
	struct vehicle *vehicle, uint64_t now_ms, uint64_t until_ms);

/* The @until_ms of it; 0 while it is off. */
uint64_t vehicle_passive_entry(const struct vehicle *vehicle);

/* Bytes from the car, cut anywhere, with their length framing. */
void vehicle_bytes(struct vehicle *vehicle, uint64_t now_ms,
	const uint8_t *data, size_t len);

/* To be called at vehicle_deadline() or later; too early does nothing. */
void vehicle_tick(struct vehicle *vehicle, uint64_t now_ms);

/* When vehicle_tick() wants to be called; CLOCK_NEVER if not at all. */
uint64_t vehicle_deadline(const struct vehicle *vehicle);

/*
 * The next frame for the link; it stays valid until the next call that takes
 * @now_ms.  The previous frame must have been given away before.
 */
bool vehicle_take_output(
	struct vehicle *vehicle, const uint8_t **ret_data, size_t *ret_len);

bool vehicle_take_event(struct vehicle *vehicle, struct vehicle_event *ret);

/* What the car's answers and broadcasts have told so far. */
const struct car_state *vehicle_state(const struct vehicle *vehicle);

/*
 * Tells all that the last read said, and forgets it, if it was the command
 * @id and was confirmed; else false.
 */
bool vehicle_report(struct vehicle *vehicle, enum command_id id,
	struct report *ret) _must_use_;

/*
 * Has @domain a session, so that the next command needs no handshake?  The
 * infotainment session counts until vehicle_forget() or a fault.
 */
bool vehicle_has_session(const struct vehicle *vehicle, enum domain domain);

/* Drops the session of @domain, as after a wake: architecture 7. */
void vehicle_forget(struct vehicle *vehicle, enum domain domain);

/* 0 unless locked out. */
uint64_t vehicle_locked_until(const struct vehicle *vehicle);

DEFINE_CLEANUP(struct vehicle *, vehicle_free);
