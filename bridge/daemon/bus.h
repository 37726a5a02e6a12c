/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Bus - the bridge's place on the system bus, taken up again when it is lost
 *
 * The bus is for people: payments are taken without it, too.
 */

#include <systemd/sd-event.h>

#include "daemon/api.h"

struct bus;

enum {
	BUS_BACKOFF_MIN_MS = 500,
	BUS_BACKOFF_MAX_MS = 60 * 1000,
};

/*
 * Goes on the bus, as far as it is there.  This waits for the bus; afterwards
 * nothing does.  Borrows what @config names.  Returns 0 or negative errno.
 */
int bus_new(sd_event *event, const struct api_config *config,
	struct bus **ret) _must_use_;
/* Sends what is to be sent still. */
struct bus *bus_free(struct bus *bus);

/* NULL while there is no bus, and for NULL. */
struct api *bus_api(const struct bus *bus);

DEFINE_CLEANUP(struct bus *, bus_free);
