/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Settling - Refund, DoOwed and WriteOff: what becomes of what is owed
 *
 * Who asks was looked up by the caller, and waits until the order's row shows
 * the end of it: the node may take a minute to pay, the car to act.
 */

#include <systemd/sd-bus.h>

#include "daemon/api.h"

enum {
	SETTLING_MAX = 8, /* who wait at a time */
};

struct settling {
	struct {
		sd_bus_message *m; /* NULL: the place is free */
		uint64_t order_id;
	} waits[SETTLING_MAX];
};

void settling_deinit(struct settling *settling);

/* Answer @m, now or later, or fill in @error; as methods of sd-bus return. */
int settling_refund(struct settling *settling, const struct api_config *config,
	sd_bus_message *m, sd_bus_error *error);
int settling_do(struct settling *settling, const struct api_config *config,
	sd_bus_message *m, sd_bus_error *error);
int settling_write_off(const struct api_config *config, sd_bus_message *m,
	sd_bus_error *error);

/* An order has changed: who waited for that is answered. */
void settling_order_changed(
	struct settling *settling, const struct ledger_row *row);
