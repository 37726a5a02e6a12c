/* SPDX-License-Identifier: MIT */
#pragma once

/* Wait - for an answer that takes longer than a person sits still */

#include <stdint.h>
#include <systemd/sd-bus.h>

#include "client/client.h"

struct client_wait {
	uint64_t timeout_ms;
	/* Nothing new for CLIENT_IDLE_MS. */
	void (*idle)(void *userdata);
	void *userdata;
};

/*
 * Sends the call @m and waits.  Returns 0 and what came, which may be an error
 * of the bridge, or that it took too long; or negative errno.
 */
int client_wait(sd_bus *bus, sd_bus_message *m, const struct client_wait *wait,
	sd_bus_message **ret) _must_use_;
