/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Server - the node's lightning-rpc socket, and commando
 *
 * Several clients, many calls in flight.  An answer has the id of its call
 * and ends in two newlines.  waitanyinvoice waits here.
 *
 * Spec: lightning 3.
 */

#include <systemd/sd-event.h>

#include "caller.h"
#include "fault.h"
#include "node.h"
#include "say.h"

struct server;

enum {
	SERVER_CLIENTS_MAX = 32,
	SERVER_WAITERS_MAX = 64, /* of one client */
	SERVER_REQUEST_MAX = 1024 * 1024,
};

enum {
	_SERVER_E_SUCCESS,

	SERVER_E_IN_USE, /* another program answers there */
};

/*
 * Listens at @path, with mode 0600; a socket that nobody answers at is
 * replaced.  Borrows all but @ret.  Returns 0, SERVER_E_IN_USE,
 * -ENAMETOOLONG, or negative errno.
 */
int server_open(sd_event *event, const char *path, struct node *node,
	struct faults *faults, const struct say *say,
	struct server **ret) _must_use_;
/*
 * Listens for BOLT 8 too, at 127.0.0.1:@port, or where the system likes if it
 * is 0.  Borrows @callers.  Returns 0 or negative errno.
 */
int server_listen(struct server *server, uint16_t port,
	const struct caller_config *callers, uint16_t *ret_port) _must_use_;
struct server *server_free(struct server *server);

/* @invoice was just paid: whoever waits is told. */
void server_paid(struct server *server, const json_t *invoice);

/* Drops all connections, as a restart does. */
void server_drop(struct server *server);

DEFINE_CLEANUP(struct server *, server_free);
