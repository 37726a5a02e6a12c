/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Caller - may who sent a message act, or only read?
 *
 * Root, the bridge's own user and its group may act.  The bus is asked who the
 * sender is; nobody waits for that.
 */

#include <systemd/sd-bus.h>

#include "util/macro.h"

struct callers;

enum {
	/* How many may be asked about at the same time. */
	CALLERS_MAX = 32,
};

/*
 * Does what @m asks for.  Returns >= 0 with the answer sent or to be sent, or
 * negative errno with @error.
 */
typedef int (*caller_act_t)(
	void *userdata, sd_bus_message *m, sd_bus_error *error);

/* Returns 0 or -ENOMEM. */
int callers_new(sd_bus *bus, void *userdata, struct callers **ret) _must_use_;
/* Who is still asked about gets no answer. */
struct callers *callers_free(struct callers *callers);

/*
 * Calls @act for @m if its sender may act, else answers NotPermitted.  For the
 * handler of a method, which returns what this returns.
 */
int callers_ask(struct callers *callers, sd_bus_message *m, caller_act_t act,
	sd_bus_error *error) _must_use_;

DEFINE_CLEANUP(struct callers *, callers_free);
