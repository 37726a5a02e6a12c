/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Hooks - the chain of plugins that invoice_payment goes through
 *
 * Fails open: who is not there any more is passed over.  An answer that is
 * none ends the node.  A chain is only put into order while nobody is in it,
 * and a payment that was stopped counts as in it for ever: both are quirks of
 * the real node.
 *
 * Spec: lightning 0 (facts 2, 4, 12), 1 ("Deadlocks").
 */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "util/macro.h"
#include "world.h"

struct plugin;
struct hooks;

int hooks_new(struct world *world, struct hooks **ret) _must_use_;
struct hooks *hooks_free(struct hooks *hooks);

/* Is any plugin in the chain? */
bool hooks_any(const struct hooks *hooks);

/*
 * Appends @plugin; @hook is what its manifest says.  Order comes with
 * hooks_order().
 */
int hooks_register(struct hooks *hooks, struct plugin *plugin,
	const json_t *hook) _must_use_;
/* It is no more. */
void hooks_forget(struct hooks *hooks, const struct plugin *plugin);

/*
 * Orders the chain by before and after, now or when nobody is in it.  Returns
 * false, and leaves it alone, if some have no place: hooks_has_place().
 */
bool hooks_order(struct hooks *hooks);
bool hooks_has_place(const struct hooks *hooks, const struct plugin *plugin);

struct hook_handler {
	/*
	 * A plugin answered @result.  Returns false if the chain ends here;
	 * then @on_end is not called any more.
	 */
	bool (*on_answer)(void *userdata, const json_t *result);
	/* All let it pass. */
	void (*on_end)(void *userdata);
};

/* Sends one through the chain, with @params, which it takes over. */
void hooks_call(struct hooks *hooks, json_t *params,
	const struct hook_handler *handler, void *userdata);

/* The node cannot go on, says why, and aborts. */
void hooks_abort(const struct world *world, const char *why,
	const json_t *answer) __attribute__((__noreturn__));
