/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Server - the node's lightning-rpc socket, and commando
 *
 * Many clients, many calls in flight.  An answer has the id of its call and
 * ends in two newlines.  waitanyinvoice waits here.
 *
 * Spec: lightning 3.
 */

#include "caller.h"
#include "world.h"

struct server;

enum {
	SERVER_CLIENTS_MAX = 2048,
	SERVER_CALLS_MAX = 4096, /* of one client, in flight */
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
int server_open(
	const char *path, struct world *world, struct server **ret) _must_use_;
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
/* The node stops: who is connected stays so, but nobody else comes. */
void server_close(struct server *server);

DEFINE_CLEANUP(struct server *, server_free);
