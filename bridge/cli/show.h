/* SPDX-License-Identifier: MIT */
#pragma once

/* Show - what the bridge answers, for a person */

#include "client/record.h"

enum {
	_SHOW_E_SUCCESS,

	SHOW_E_NONE, /* there is no such action */
};

void show_status(const struct record *status);

/* Each reads the aa{sv} in @m.  Returns 0 or negative errno. */
int show_menu(sd_bus_message *m) _must_use_;
int show_payments(sd_bus_message *m) _must_use_;
int show_owed(sd_bus_message *m) _must_use_;

/*
 * The one of @name, and what the payer gets if a step of it fails.  Also
 * SHOW_E_NONE.
 */
int show_action(sd_bus_message *m, const char *name, bool as_json) _must_use_;

/* "flash: confirmed after 84 ms", the end of a try. */
void show_end(const struct record *order);
