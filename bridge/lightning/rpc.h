/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * RPC - a Core Lightning node's JSON-RPC over a line
 *
 * Opens the line, again with back-off, has many calls in flight and takes
 * their answers in any order.  Each call is answered once:
 * with a result, with the node's error, or with RPC_E_LOST when the
 * connection ends first.
 *
 * Callbacks come from the event loop, never from inside a call, and must not
 * free the client.  More than one user may share it, for a node knows one
 * connection by one key.
 *
 * Spec: lightning 3.
 */

#include <jansson.h>
#include <stdbool.h>
#include <systemd/sd-event.h>

#include "lightning/line.h"
#include "util/macro.h"

struct rpc;

enum {
	RPC_BACKOFF_MIN_MS = 500,
	RPC_BACKOFF_MAX_MS = 60 * 1000,
	RPC_CALLS_MAX = 16,
	RPC_USERS_MAX = 2,
	RPC_WHY_SIZE = 440, /* what a line says, and when it is tried again */
};

enum {
	_RPC_E_SUCCESS,

	RPC_E_DOWN, /* not connected */
	RPC_E_LOST, /* the connection ended before the answer */
	RPC_E_NODE, /* the node answered with an error */
	RPC_E_FULL, /* RPC_CALLS_MAX are in flight; RPC_USERS_MAX have joined */
	/* As LOST: an answer, perhaps this one, is longer than it may be */
	RPC_E_TOO_BIG,
};

struct rpc_answer {
	int status;     /* 0, RPC_E_LOST, RPC_E_NODE or RPC_E_TOO_BIG */
	json_t *result; /* status 0; borrowed */
	int code;       /* RPC_E_NODE: the node's error code, e.g. 904 */
	const char *message;
};

struct rpc_ops {
	/* The line is open: calls may be made. */
	void (*up)(void *userdata);
	/* It is not (any more), @why says why; the next attempt is timed. */
	void (*down)(void *userdata, const char *why);
};

typedef void (*rpc_handler_t)(void *userdata, const struct rpc_answer *answer);

/*
 * Borrows @config and @ops, which may be NULL for users that join later.
 * Returns as line_new() does.  Begins to connect.
 */
int rpc_new(sd_event *event, const struct line_config *config,
	const struct rpc_ops *ops, void *userdata, struct rpc **ret) _must_use_;
struct rpc *rpc_free(struct rpc *rpc);

/*
 * Another user of it, before the loop runs: up and down are told to each, in
 * the order in which they joined.  Borrows @ops.  Returns 0 or RPC_E_FULL.
 */
int rpc_join(
	struct rpc *rpc, const struct rpc_ops *ops, void *userdata) _must_use_;
/* Who joined with @userdata hears of nothing any more, answers included. */
void rpc_leave(struct rpc *rpc, const void *userdata);

/*
 * Calls @method with @params, an object whose reference is taken over (also
 * on failure).  Returns 0, RPC_E_DOWN, RPC_E_FULL, or negative errno, with
 * nothing sent.  @handler then runs once.
 */
int rpc_call(struct rpc *rpc, const char *method, json_t *params,
	rpc_handler_t handler, void *userdata) _must_use_;

/*
 * The same, and of the result only the members that @filter names are wanted:
 * { name: true, ... }, taken over, or NULL.  A node before 23.02 sends all.
 */
int rpc_call_filtered(struct rpc *rpc, const char *method, json_t *params,
	json_t *filter, rpc_handler_t handler, void *userdata) _must_use_;

/* Drops the connection as broken because of @why, and backs off. */
void rpc_fail(struct rpc *rpc, const char *why);

bool rpc_is_up(const struct rpc *rpc);

DEFINE_CLEANUP(struct rpc *, rpc_free);
