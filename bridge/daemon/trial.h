/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Trial - Try and TryProgram: what the owner has the car do by hand
 *
 * Who asks was looked up by the caller.
 */

#include <systemd/sd-bus.h>

#include "daemon/api.h"

/* Answer @m, or fill in @error; as methods of sd-bus return. */
int trial_action(const struct api_config *config, sd_bus_message *m,
	sd_bus_error *error);
int trial_program(const struct api_config *config, sd_bus_message *m,
	sd_bus_error *error);

/* Why the ledger would not, as an error of D-Bus: "@what: reason". */
int api_fail(sd_bus_error *error, int r, const char *what);
