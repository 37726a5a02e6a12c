/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Lend - has a running bridge lend the link to the car
 *
 * The car knows one program by one key: while a key is paired, the bridge
 * keeps away from the car.  The loan ends with lend_free(), and, however this
 * program ends, as its name leaves the bus.  A bridge that starts or comes
 * back meanwhile is asked anew.
 *
 * Spec: io.github.onesat2flash.Bridge1.xml, Lend.
 */

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "util/macro.h"

enum {
	LEND_WHY_SIZE = 256,
	LEND_RETRY_MS = 1000,
	/* How long a bridge that is busy with the car is waited for. */
	LEND_PATIENCE_MS = 60 * 1000,
};

struct lend;

struct lend_ops {
	/* The car is ours: it is lent, or no bridge runs.  Once. */
	void (*ready)(void *userdata);
	/* Not yet, for the reason @why; it is asked again.  Once. */
	void (*waiting)(void *userdata, const char *why);
	/* In vain.  Once, and then nothing follows. */
	void (*refused)(void *userdata, const char *why);
};

/* Begins to ask.  All of @ops come from the loop.  Returns 0 or -errno. */
int lend_new(sd_event *event, const struct lend_ops *ops, void *userdata,
	struct lend **ret) _must_use_;

/* Gives the link back.  NULL is fine. */
struct lend *lend_free(struct lend *lend);

/* Does a bridge run, as far as is known? */
bool lend_has_bridge(const struct lend *lend);

/* Asks the bus, and waits for its answer: does a bridge run? */
bool lend_finds_bridge(void);

DEFINE_CLEANUP(struct lend *, lend_free);
