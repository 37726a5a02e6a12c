/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Node - all that 1sat2flash-node has, for those who wire it
 *
 * Exists from the start of the process; what needs lightningd from init on.
 */

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "node/calls.h"
#include "node/cars.h"
#include "node/plugin.h"

struct holds;
struct offers;
struct refunds;

struct node {
	sd_event *event;
	struct plugin *plugin;

	/* From init on. */
	uint64_t started_ms; /* CLOCK_BOOTTIME; 0: not yet */
	bool startup;
	uint64_t deadline_ms;
	int64_t refund_daily_sat;
	int state_fd; /* the folder 1sat2flash */
	int marks_fd;
	int cars_fd;
	struct cars *cars;
	struct holds *holds;
	/* Lookups are never behind calls that take long. */
	struct calls *lookups;
	struct calls *calls;
	struct offers *offers;
	struct refunds *refunds;
	sd_event_source *timer;
};

/*
 * Something about @car has changed that its offers may depend on, or what was
 * held for it: offers_update(), and its poll hears what is new.
 */
void node_car_changed(struct node *node, struct car_entry *car);

/* The list of @car's offers has changed: its next poll answer tells it. */
void node_offers_changed(struct node *node, struct car_entry *car);

/* Is a payment of this offer on its way through us? */
bool node_holds_offer(const struct node *node, const char *offer_id);
