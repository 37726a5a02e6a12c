/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * BlueZ link - a GATT central over the D-Bus interface of bluetoothd
 *
 * Unprivileged, and shares the adapter with others: no adapter property is
 * changed, but for the power cycle of the last rung of the ladder.  Has a bus
 * connection of its own while it is open, and none while it is closed: an
 * idle link costs no wake-up however much is said on the bus.
 *
 * One link_open() looks for the car by name, connects, finds the two
 * characteristics, subscribes, and climbs its recovery ladder where that
 * fails (bluez_ladder.h), all within its timeout.  link_close() returns at
 * once; the disconnection runs on in the loop, and a link_open() that follows
 * waits for its end.  link_free() waits for one thing only: that an adapter
 * that the ladder has just switched off is on again, 8 s at most.
 *
 * Spec: bluez B.1 to B.4; vehicle-protocol 1.
 */

#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "link/link.h"

struct link_bluez_config {
	/* What the car advertises, "S...C": vehicle_name(). */
	const char *name;
	/* "hci0", or an address, which stays when indices change; "": any. */
	const char *adapter;
	/* Switch the adapter off and on also while others are connected? */
	bool reset_shared;
	/*
	 * Opens the bus; NULL: sd_bus_open_system().  Returns >= 0 and the
	 * bus, not attached to any event loop, or negative errno.
	 */
	int (*open_bus)(void *userdata, sd_bus **ret);
	void *userdata;
};

/* Copies @config.  Returns 0, -EINVAL, -ENAMETOOLONG, -ENOMEM. */
int link_bluez_new(sd_event *event, const struct link_bluez_config *config,
	struct link **ret) _must_use_;

/*
 * Ends the link that a crash left behind, so that the car has it free again,
 * and the attempt at one.  Waits for its answers: for a program that does
 * nothing else.  *@ret_n: how many links there were.  Returns 0, also where
 * there is no bluetoothd, or negative errno.
 */
int link_bluez_release(
	const struct link_bluez_config *config, unsigned int *ret_n) _must_use_;
