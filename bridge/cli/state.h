/* SPDX-License-Identifier: MIT */
#pragma once

/* State - what the car tells of itself, part by part */

#include <stdbool.h>
#include <systemd/sd-bus.h>

#include "model/report.h"

struct state_ask {
	const char *what; /* NULL: the body, then all the rest */
	bool wake;
	bool as_json;
};

/* Returns the exit status. */
int state_show(sd_bus *bus, const struct state_ask *ask);

/* Prints a part for a person. */
void state_print(const char *part, const struct report *report);
