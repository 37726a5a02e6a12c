/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Beacon - finds the adapter, has BlueZ serve the car and advertises it
 *
 * Switches the adapter on if that is off when it starts.  What stands against
 * it at first is a sentence on standard error and the end of the loop with
 * EXIT_FAILURE; later it goes on trying, for bluetoothd and adapters come
 * back.
 *
 * Spec: vehicle-protocol 1.1; bluez B.1, B.2.
 */

#include <stdbool.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#include "say.h"
#include "util/macro.h"

struct beacon;

struct beacon_config {
	const char *adapter; /* "hci1", or an address */
	const char *name;    /* to advertise */
	/* bluetoothd or the adapter is gone, and all clients with it. */
	void (*gone)(void *userdata);
	void *userdata;
};

/*
 * Begins, once gatt_new() has put the objects on @bus, which is borrowed as
 * are the strings.  Returns 0 or negative errno.
 */
int beacon_open(sd_event *event, sd_bus *bus,
	const struct beacon_config *config, const struct say *say,
	struct beacon **ret) _must_use_;

/* May clients come?  Advertises anew if that has changed. */
void beacon_set_connectable(struct beacon *beacon, bool connectable);

/* Always returns NULL. */
struct beacon *beacon_free(struct beacon *beacon);

DEFINE_CLEANUP(struct beacon *, beacon_free);
