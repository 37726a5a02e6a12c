/* SPDX-License-Identifier: MIT */
#pragma once

/* Show - what the bridge answers, for a person */

#include "client/record.h"

void show_status(const struct record *status);

/* Each reads the aa{sv} in @m.  Returns 0 or negative errno. */
int show_menu(sd_bus_message *m) _must_use_;
int show_payments(sd_bus_message *m) _must_use_;
int show_owed(sd_bus_message *m) _must_use_;

/* "flash: confirmed after 84 ms", the end of a try. */
void show_end(const struct record *order);
