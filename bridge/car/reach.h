/* SPDX-License-Identifier: MIT */
#pragma once

/* Reach - the link that the configuration names, for the car of a VIN */

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "util/macro.h"

struct link;

struct reach {
	const char *vin;
	const char *link; /* "bluez" or "socket:/path" */
	/* See link_bluez_config; not for a socket. */
	const char *adapter;
	bool reset_shared;
};

/* Returns 0 and the link, closed, or negative errno. */
int reach_new(sd_event *event, const struct reach *reach,
	struct link **ret) _must_use_;

/*
 * Ends a link of an earlier program that crashed: link_bluez_release().  A
 * socket needs no such thing.
 */
int reach_release(const struct reach *reach, unsigned int *ret_n) _must_use_;
