/* SPDX-License-Identifier: MIT */
#pragma once

/* State - has the bridge read a part of the car's state */

#include <systemd/sd-bus.h>

#include "client/client.h"
#include "model/report.h"

enum {
	/* To connect, to wake the car, to ask it, and a few seconds. */
	CLIENT_STATE_MS = 120 * 1000,
};

enum {
	/* Beside CLIENT_E_FAILED: the car sleeps, and was not to be woken. */
	CLIENT_E_ASLEEP = CLIENT_E_FAILED + 1,
};

struct client_ask {
	const char *what; /* see GetState */
	bool wake;
	/* Nothing new for CLIENT_IDLE_MS. */
	void (*idle)(void *userdata);
	void *userdata;
};

/*
 * Asks, and waits for the answer.  Returns 0 and what the car told in @ret, as
 * long as *@ret_m lives; or CLIENT_E_FAILED or _ASLEEP with a sentence in @why.
 */
int client_state(sd_bus *bus, const struct client_ask *ask,
	char why[static CLIENT_WHY_SIZE], struct report *ret,
	sd_bus_message **ret_m) _must_use_;

/*
 * Reads the facts of @m, the answer to GetState.  Kinds that are not known here
 * are left out.  Returns 0 or negative errno.
 */
int client_read_report(sd_bus_message *m, struct report *ret) _must_use_;
