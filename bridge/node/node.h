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
#include "node/recent.h"
#include "node/state.h"

struct done;
struct holds;
struct offers;
struct refunds;

struct node {
	sd_event *event;
	struct plugin *plugin;

	/* From init on. */
	uint64_t started_ms; /* CLOCK_BOOTTIME; 0: not yet */
	bool startup;        /* with lightningd, not later */
	uint64_t deadline_ms;
	int64_t refund_daily_sat;
	struct state state;
	struct cars *cars;
	struct holds *holds;
	/* Lookups are never behind calls that take long. */
	struct calls *lookups;
	struct calls *calls;
	struct offers *offers;
	struct refunds *refunds;
	struct done *done; /* verdicts that wait for the node */
	struct recent recent;

	sd_event_source *timer; /* of the next deadline */
	sd_event_source *after; /* sets it when something has happened */
	uint64_t clean_ms;      /* when old marks are removed next */
};

enum {
	NODE_CLEAN_MS = 24 * 60 * 60 * 1000,
	NODE_REFUND_DAILY_SAT = 100 * 1000,
	NODE_REFUND_DAILY_MAX_SAT = 100 * 1000 * 1000, /* a bitcoin */
};

/*
 * Begins to talk to lightningd by @in_fd and @out_fd; see plugin_new().
 */
int node_new(
	sd_event *event, int in_fd, int out_fd, struct node **ret) _must_use_;
/* What waits for an answer gets one. */
struct node *node_free(struct node *node);

/* NULL if a guard stands behind this plugin, or why not, as sentences. */
const char *node_why_unguarded(const struct node *node);

/*
 * Something about @car has changed that its offers may depend on, or what was
 * held for it: offers_update(), and its poll hears what is new.
 */
void node_car_changed(struct node *node, struct car_entry *car);

/* The list of @car's offers has changed: its next poll answer tells it. */
void node_offers_changed(struct node *node, struct car_entry *car);

/* Is a payment of this offer on its way through us? */
bool node_holds_offer(const struct node *node, const char *offer_id);

DEFINE_CLEANUP(struct node *, node_free);
