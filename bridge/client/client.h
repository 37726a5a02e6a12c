/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Client - calls the bridge on the system bus, and says in sentences why not
 *
 * For programs that a person starts: calls wait for their answer.
 */

#include <systemd/sd-bus.h>

#include "client/record.h"
#include "util/macro.h"

enum {
	CLIENT_WHY_SIZE = 320,
	CLIENT_IDLE_MS = 100,
	/* A look ends within a minute. */
	CLIENT_LOOK_MS = 75 * 1000,
	/* How often the status is asked for meanwhile. */
	CLIENT_ASK_MS = 500,
};

enum {
	_CLIENT_E_SUCCESS,

	CLIENT_E_FAILED, /* @why says why, and what to do */
};

/* DBUS_SYSTEM_BUS_ADDRESS is honoured.  Returns 0 or CLIENT_E_FAILED. */
int client_open(sd_bus **ret, char why[static CLIENT_WHY_SIZE]) _must_use_;

/*
 * Calls @method with the arguments of @types, as sd_bus_call_method().
 * Returns 0 and the answer, or CLIENT_E_FAILED.
 */
int client_call(sd_bus *bus, char why[static CLIENT_WHY_SIZE],
	sd_bus_message **ret, const char *method, const char *types,
	...) _must_use_;

/* What the bus or the bridge answered, as a sentence with a way out. */
void client_explain(
	const sd_bus_error *error, int r, char why[static CLIENT_WHY_SIZE]);

struct client_follow {
	/* The order has news; its last ones carry the outcome. */
	void (*news)(void *userdata, const struct record *order);
	/* Nothing new for CLIENT_IDLE_MS. */
	void (*idle)(void *userdata);
};

/*
 * Tries @words, an action of the menu or the steps of a program, and follows
 * the order until it has an outcome.  One word that is an action is that, even
 * if it is a step as well.  Returns 0, or CLIENT_E_FAILED.
 */
int client_try(sd_bus *bus, char *const *words, size_t n_words,
	const struct client_follow *follow, void *userdata,
	char why[static CLIENT_WHY_SIZE]) _must_use_;

struct client_watch {
	/* What the bridge knows by now; at the end, what it found. */
	void (*news)(void *userdata, const struct record *status);
	/* Nothing new for CLIENT_IDLE_MS. */
	void (*idle)(void *userdata);
};

/*
 * Has the bridge look at the car, and tells what it finds out.  Returns 0
 * after the look has ended, or CLIENT_E_FAILED.
 */
int client_look(sd_bus *bus, const struct client_watch *watch, void *userdata,
	char why[static CLIENT_WHY_SIZE]) _must_use_;
