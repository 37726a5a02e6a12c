/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Air - links over Bluetooth: advertiser and GATT server through BlueZ
 *
 * A client has a link from its first write to 0212 on: BlueZ does not tell who
 * subscribes, and who merely connects may have come for something else.
 *
 * Spec: vehicle-protocol 1.1, 1.2; bluez B.
 */

#include <systemd/sd-event.h>

#include "links.h"
#include "say.h"
#include "util/macro.h"

struct air;

/*
 * Begins to advertise as @name on @adapter, as beacon.h says.  Borrows all but
 * @event.  Returns 0 or, with a sentence on standard error, negative errno.
 */
int air_open(sd_event *event, const char *adapter, const char *name,
	struct links *links, const struct say *say,
	struct air **ret) _must_use_;

/* To be called after whatever may have changed who is linked. */
void air_settle(struct air *air);

/* Drops its links and stops to advertise.  Always returns NULL. */
struct air *air_free(struct air *air);

DEFINE_CLEANUP(struct air *, air_free);
