/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Wire - links over a unix stream socket
 *
 * Carries the bytes of the two characteristics, cut anywhere, as a radio
 * does not: vehicle-protocol 1.2, 1.3.
 */

#include <systemd/sd-event.h>

#include "links.h"
#include "util/macro.h"

enum {
	_WIRE_E_SUCCESS,

	WIRE_E_IN_USE, /* somebody answers at that path */
};

struct wire;

/*
 * Listens at @path, instead of a socket there at which nobody answers any
 * more.  Borrows @links.  Returns 0, WIRE_E_IN_USE, or negative errno.
 */
int wire_open(sd_event *event, const char *path, struct links *links,
	struct wire **ret) _must_use_;

/* Drops its links and takes the socket away.  Always returns NULL. */
struct wire *wire_free(struct wire *wire);

DEFINE_CLEANUP(struct wire *, wire_free);
