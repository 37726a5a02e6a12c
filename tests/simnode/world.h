/* SPDX-License-Identifier: MIT */
#pragma once

/* World - all that a call, a line or a plugin may touch */

#include <systemd/sd-event.h>

#include "fault.h"
#include "node.h"
#include "say.h"

struct call;

struct world {
	sd_event *event;
	const char *folder; /* of the network: where plugins run */
	struct node *node;
	struct faults *faults;
	const struct say *say;
	struct server *server;   /* NULL before it listens */
	struct plugins *plugins; /* NULL before the server listens */
	struct htlcs *htlcs;
	struct payee *payee;
	/* Stops the node, then answers @call, which it takes over. */
	void (*stop)(struct world *world, struct call *call);
	void *owner;
};
