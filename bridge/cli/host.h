/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Host - what this machine tells of itself: service, Bluetooth, folder, clock
 *
 * Asks systemd and bluetoothd on the bus, and /sys; needs no privilege and
 * changes nothing.  What does not answer within HOST_CALL_MS is not known.
 */

#include <systemd/sd-bus.h>

#include "cli/facts.h"

enum {
	HOST_CALL_MS = 5 * 1000,
};

/*
 * @bus: NULL if there is none.  @rfkill_dir: "/sys/class/rfkill".
 * ret->state_dir borrows @state_dir.
 */
void host_look(sd_bus *bus, const char *rfkill_dir, const char *state_dir,
	struct facts_host *ret);
