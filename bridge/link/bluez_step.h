/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Steps - the way from nothing to a link, and back, one at a time
 *
 * Each does something when it is entered, and looks at the tree whenever that
 * changes: what is there decides, not what a reply says, as replies are wrong
 * in both directions (bluez B.3 1 and 2).  A reply only says when there is no
 * more to wait for.
 *
 *   bluez_steps.c    what all have in common, and what comes from outside
 *   bluez_search.c   bluetoothd, the adapter, the car
 *   bluez_connect.c  connection, services, subscription
 *   bluez_rungs.c    what the ladder does, and the end
 */

#include "link/bluez_link.h"

struct bluez_step {
	const char *name; /* for the log */
	enum link_stage stage;
	uint32_t limit_ms;  /* 0: none but that of the attempt */
	bool needs_adapter; /* switched on */
	/* Returns 0 or negative errno: the bus does not take the call. */
	int (*enter)(struct bluez_link *b);
	void (*look)(struct bluez_link *b);
	void (*answered)(struct bluez_link *b, sd_bus_message *m,
		enum bluez_answer answer, int error);
	void (*expired)(struct bluez_link *b);
};

extern const struct bluez_step bluez_awaiting;
extern const struct bluez_step bluez_absent;
extern const struct bluez_step bluez_scanning;
extern const struct bluez_step bluez_found;
extern const struct bluez_step bluez_connecting;
extern const struct bluez_step bluez_resolving;
extern const struct bluez_step bluez_subscribing;
extern const struct bluez_step bluez_ready;
extern const struct bluez_step bluez_clearing;
extern const struct bluez_step bluez_pausing;
extern const struct bluez_step bluez_forgetting;
extern const struct bluez_step bluez_powering_off;
extern const struct bluez_step bluez_powering_on;
extern const struct bluez_step bluez_draining;

/* Brings the deadline forward to @ms from now. */
void bluez_due_in(struct bluez_link *b, uint64_t ms);

/* The call of the step; its reply goes to answered() and look(). */
int bluez_step_call(struct bluez_link *b, const char *path,
	const char *interface, const char *member) _must_use_;
int bluez_on_reply(sd_bus_message *m, void *userdata, sd_bus_error *unused);

/* What the link is about; NULL if it is gone. */
const struct bluez_adapter *bluez_adapter_of(const struct bluez_link *b);
const struct bluez_device *bluez_device_of(const struct bluez_link *b);
bool bluez_is_connected(const struct bluez_link *b);

/* The step did not work: cleans up, then takes the next rung. */
void bluez_step_failed(struct bluez_link *b, unsigned int fault,
	enum link_reason reason, int error);
/* The same for what goes wrong on the way to a link. */
void bluez_no_link(struct bluez_link *b, int error);
void bluez_climb(struct bluez_link *b);

/* bluez_search.c */
const struct bluez_adapter *bluez_choose_adapter(const struct bluez_link *b);
/* Why @adapter, or NULL, is of no use. */
enum link_reason bluez_adapter_reason(const struct bluez_adapter *adapter);
