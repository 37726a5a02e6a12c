/* SPDX-License-Identifier: MIT */
#pragma once

/* Owed - has the bridge settle what it owes */

#include <stdint.h>
#include <systemd/sd-bus.h>

#include "client/client.h"

enum {
	/* To fetch an invoice and pay it; or to wake the car and act. */
	CLIENT_OWED_MS = 300 * 1000,
};

struct client_settle {
	const char *method; /* Refund, DoOwed or WriteOff */
	uint64_t order_id;
	/* Nothing new for CLIENT_IDLE_MS. */
	void (*idle)(void *userdata);
	void *userdata;
};

/*
 * Asks, and waits for the end of it.  Returns 0 and in @ret_said what became of
 * the order, as long as *@ret_m lives; or CLIENT_E_FAILED.
 */
int client_settle(sd_bus *bus, const struct client_settle *ask,
	char why[static CLIENT_WHY_SIZE], const char **ret_said,
	sd_bus_message **ret_m) _must_use_;
