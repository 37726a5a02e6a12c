/* SPDX-License-Identifier: MIT */
#pragma once

/* Dict - status, menu and orders as D-Bus dictionaries (a{sv}) */

#include <systemd/sd-bus.h>

#include "daemon/till.h"

/* Each appends one a{sv} to @m.  Returns >= 0 or negative errno. */
int dict_append_row(sd_bus_message *m, const struct ledger_row *row) _must_use_;
int dict_append_action(
	sd_bus_message *m, const struct menu_action *action) _must_use_;

/* What is owed, as the status shows it. */
struct dict_owed {
	uint64_t n_orders;
	uint64_t msat;
};

int dict_append_status(sd_bus_message *m, const struct menu *menu,
	const struct till_status *status, bool is_paused,
	const struct dict_owed *owed) _must_use_;
