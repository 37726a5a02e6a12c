/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Reading - a part of the car's state, for one who asks over D-Bus
 *
 * Where a car is, and what plays in it, is private: who may ask is checked
 * before.  One asks at a time; a payment goes before.
 */

#include <systemd/sd-bus.h>

#include "car/car.h"
#include "daemon/till.h"

struct asker {
	struct till *till;
	/* Who waits for the end of a read, or NULL. */
	sd_bus_message *m;
	enum command_id id;
};

/*
 * Begins what @m, a call of GetState, asks for.  Returns 1, to be answered by
 * reading_end(), or negative errno with @error.
 */
int reading_begin(struct asker *asker, sd_bus_message *m, sd_bus_error *error);

/* A read has ended: answers who asked for it, if somebody did. */
void reading_end(struct asker *asker, const struct car_reading *reading);

/* Who waits gets no answer. */
void asker_deinit(struct asker *asker);
