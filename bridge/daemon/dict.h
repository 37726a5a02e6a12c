/* SPDX-License-Identifier: MIT */
#pragma once

/* Dict - status, menu and orders as D-Bus dictionaries (a{sv}) */

#include <systemd/sd-bus.h>

#include "daemon/facts.h"
#include "orders/ledger_money.h"
#include "orders/menu.h"

/* How an action is bought. */
struct dict_offer {
	char bolt12[LEDGER_BOLT12_SIZE]; /* "": the plugin has none */
	bool is_active;
	bool is_held; /* payments wait until the car has acted */
};

/* Each appends one a{sv} to @m.  Returns >= 0 or negative errno. */
int dict_append_row(sd_bus_message *m, const struct ledger_row *row) _must_use_;
int dict_append_action(sd_bus_message *m, const struct menu_action *action,
	const struct dict_offer *offer) _must_use_;

int dict_append_facts(sd_bus_message *m, const struct facts *facts) _must_use_;
