/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * API - the bridge on D-Bus: reading for all, acting for a few
 *
 * Serves the interface that bridge/units/io.github.onesat2flash.Bridge1.xml
 * describes.  The bus policy refuses what others may not do; the daemon
 * checks the caller once more, for a bus whose policy is not ours.
 */

#include <systemd/sd-bus.h>

#include "daemon/till.h"

struct api;

struct api_config {
	const struct menu *menu;
	struct orders *orders;
	struct till *till;
};

/*
 * Puts the object on @bus, which is attached to the event loop and asked for
 * the name by the caller.  Borrows what @config names.  Returns 0 or negative
 * errno.
 */
int api_new(sd_bus *bus, const struct api_config *config,
	struct api **ret) _must_use_;
struct api *api_free(struct api *api);

/* Emit the signals.  NULL is fine: nobody listens. */
void api_order_changed(struct api *api, const struct ledger_row *row);
void api_rental_changed(struct api *api, const struct rental *rental);
void api_status_changed(struct api *api);

/* A look at the car has ended: answers who asked for it.  NULL is fine. */
void api_looked(struct api *api);

/* A read of the car's state has ended: likewise. */
void api_read(struct api *api, const struct car_reading *reading);

DEFINE_CLEANUP(struct api *, api_free);
