/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Driver - the car layer on a link, without the rest of the bridge
 *
 * Flashes the lights, again and again.  What goes over the link is counted and
 * timed between the two.
 */

#include <stdbool.h>
#include <stdint.h>

#include "car/car.h"
#include "link/link.h"
#include "model/program.h"

/* A link in front of another one, which it owns. */
struct tap {
	struct link link;
	struct link *inner;
	uint64_t heard_ns; /* 0: not yet, since it was opened */
	uint64_t up_ns;
	/* Since the command was asked for. */
	uint64_t sent_ns; /* the first message; 0: not yet */
	unsigned int n_sent;
};

struct driver {
	sd_event *event;
	struct signer *signer;
	struct program flash;
	struct program none;
	const char *vin; /* borrowed */
	struct tap *tap; /* owned by the car */
	struct car *car;
	bool is_done;
	struct car_result result;
};

/* One command, in ns. */
struct took {
	double all;
	double until_sent; /* from the call to the first message */
	double connect;    /* from the car heard to the link up */
	double last;       /* from the link up to the end */
	unsigned int n_sent;
};

/* Makes an event loop and loads the key; ends the program if it cannot. */
void driver_open(struct driver *driver, const char *vin, const char *key);

/* A new car layer on @link, which is taken over. */
void driver_begin(struct driver *driver, struct link *link);

/* The car flashes its lights, and confirms it; or the program ends. */
struct took driver_flash(struct driver *driver);

/* Serves the loop for @ms. */
void driver_rest(struct driver *driver, uint64_t ms);

/* Gives up the car layer, and the link with it. */
void driver_end(struct driver *driver);

void driver_close(struct driver *driver);
