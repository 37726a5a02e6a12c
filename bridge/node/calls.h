/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Calls - of ours to lightningd, as many as are wanted, some at a time
 *
 * An RPC client has RPC_CALLS_MAX in flight; the others wait here, and while
 * the socket is down.  Each call has a deadline.
 */

#include <jansson.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "lightning/rpc.h"
#include "util/macro.h"

struct calls;
struct call;

enum {
	CALLS_MAX = 8192, /* waiting */
};

/*
 * Opens the socket at @rpc_path, a copy of which is kept.  @down is told when
 * it is not open.  Returns as rpc_new() does.
 */
int calls_new(sd_event *event, const char *rpc_path,
	void (*down)(void *userdata, const char *why), void *userdata,
	struct calls **ret) _must_use_;
/* No handler runs any more. */
struct calls *calls_free(struct calls *calls);

/*
 * Calls @method with @params, which are taken over, also on failure.  @handler
 * runs once, from the loop: with RPC_E_LOST if there is no answer in
 * @timeout_ms, which says nothing about whether it was made.  Returns 0,
 * RPC_E_FULL, or negative errno, and then it never runs.  *@ret_call, if
 * wanted, is for call_drop().
 */
int calls_make(struct calls *calls, const char *method, json_t *params,
	uint64_t timeout_ms, rpc_handler_t handler, void *userdata,
	struct call **ret_call) _must_use_;

/* The same, and of the result only what @filter names; as rpc_call_filtered(). */
int calls_make_filtered(struct calls *calls, const char *method, json_t *params,
	json_t *filter, uint64_t timeout_ms, rpc_handler_t handler,
	void *userdata, struct call **ret_call) _must_use_;

/* Its handler never runs; until it has run, and NULL is fine. */
struct call *call_drop(struct call *call);

DEFINE_CLEANUP(struct calls *, calls_free);
