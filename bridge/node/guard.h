/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Guard - rejects what the plugin before it should have decided, and did not
 *
 * lightningd takes the end of a plugin for "continue" (lightning 0, 2 and 11).
 * So a second process looks at each payment once more, and lets a car's
 * through only with the plugin's mark on it.
 */

#include <systemd/sd-event.h>

#include "util/macro.h"

struct guard;

enum {
	GUARD_LOOK_MS = 10 * 1000,
	/* While another guard ends. */
	GUARD_AGAIN_MS = 1000,
};

/* As node_new(). */
int guard_new(
	sd_event *event, int in_fd, int out_fd, struct guard **ret) _must_use_;
struct guard *guard_free(struct guard *guard);

DEFINE_CLEANUP(struct guard *, guard_free);
