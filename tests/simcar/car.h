/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Car - messages of clients in, answers and deeds out
 *
 * Without I/O but for the lines of say.h: time and messages come in by calls,
 * bytes go out through the outlet.
 */

#include <stdbool.h>
#include <stdint.h>

#include "domain.h"
#include "fault.h"
#include "guard.h"
#include "passive.h"
#include "say.h"
#include "util/macro.h"
#include "whitelist.h"
#include "world.h"

enum {
	CAR_VIN_SIZE = 18,
	ADDRESS_MAX = 16,
	UUID_MAX = 16,
	STATUS_MAX = 64,

	/* How long a car waits for a tap: vehicle-protocol 5.3, 25. */
	CAR_TAP_TIMEOUT_MS = 60 * 1000,
	/* With a door open the car tells its status: vehicle-protocol 1.3. */
	STATUS_PERIOD_MS = 1000,

	LINK_ALL = -1,
};

/* Where bytes go.  Links are numbered by whoever owns them. */
struct outlet {
	/* Bytes for @link, or LINK_ALL, @delay_ms from now. */
	void (*send)(void *userdata, int link, const uint8_t *bytes, size_t len,
		uint64_t delay_ms);
	/* Drops @link, after what has been sent without a delay. */
	void (*drop)(void *userdata, int link);
	random_t random;
	void *userdata;
};

/* A request on its way through the car. */
struct request {
	int link;
	uint64_t now_ms;
	struct domain *domain;
	size_t address_len; /* 0: it came without a RoutableMessage */
	uint8_t address[ADDRESS_MAX];
	size_t uuid_len;
	uint8_t uuid[UUID_MAX];
	uint32_t flags;

	struct key *key; /* NULL: nobody's, or nobody's that is known */
	struct agreement agreement;
	struct genuine genuine; /* of a signed request, or the payload */
	uint32_t answers;       /* encrypted so far */

	struct fault fault;
};

/* An add-key-request that waits for a tap of a key card. */
struct enrolment {
	bool waiting;
	struct request request;
	struct deed deed;
	uint64_t tap_ms;
	uint64_t timeout_ms;
};

struct car {
	/* Settings. */
	char vin[CAR_VIN_SIZE];
	bool old_firmware;
	bool asleep_answers;
	uint64_t late_ms;
	uint64_t tap_after_ms; /* CLOCK_NEVER: by car_tap() only */
	uint64_t tap_timeout_ms;
	uint64_t sync_ms; /* until infotainment knows a new key */

	const struct say *say;
	struct outlet outlet;
	struct crypto *crypto;
	struct domain vcsec;
	struct domain infotainment;
	struct whitelist whitelist;
	struct world world;
	struct faults faults;
	struct enrolment enrolment;
	struct passive passive;

	enum power power_said;
	size_t status_len; /* as last broadcast */
	uint8_t status[STATUS_MAX];
	uint64_t status_next_ms;
};

/*
 * A car with an empty whitelist.  Takes over both keys, borrows @say.
 * Returns 0 or negative errno.
 */
int car_init(struct car *car, const char *vin, struct signer *vcsec_key,
	struct signer *infotainment_key, const struct outlet *outlet,
	const struct say *say, uint64_t now_ms) _must_use_;

void car_deinit(struct car *car);

/*
 * Puts a key on the whitelist.  Returns its slot, -ENOSPC, -EEXIST, -EINVAL
 * for what is no point of the curve, or another negative errno.
 */
int car_enrol(struct car *car, uint64_t now_ms,
	const uint8_t public[DEED_KEY_SIZE], Keys__Role role, int32_t form,
	bool everywhere) _must_use_;

/* A message from @link.  Negative errno means that the car is broken. */
int car_receive(struct car *car, uint64_t now_ms, int link,
	const uint8_t *message, size_t len) _must_use_;

/* Tells what has changed since the last call, on the links and by say(). */
int car_settle(struct car *car, uint64_t now_ms) _must_use_;

/* Broadcasts the status, changed or not. */
int car_broadcast(struct car *car) _must_use_;

/* The key card is tapped on the console. */
int car_tap(struct car *car, uint64_t now_ms) _must_use_;

/* Both computers restart: new epochs, counters from zero. */
int car_reboot(struct car *car, uint64_t now_ms) _must_use_;

/* A new epoch in @domain. */
int car_new_epoch(
	struct car *car, struct domain *domain, uint64_t now_ms) _must_use_;

/* To be called at car_deadline(). */
int car_tick(struct car *car, uint64_t now_ms) _must_use_;
uint64_t car_deadline(const struct car *car);
