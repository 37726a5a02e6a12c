/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Out - what lightningd has still to read
 *
 * Never waits: lightningd may be slow, and a car's poll is no reason to let
 * its payments wait.
 */

#include <stddef.h>
#include <systemd/sd-event.h>

#include "util/macro.h"

struct out;

enum {
	/* Bytes that are not read: 4096 polls with all they may have. */
	OUT_MAX = 64 * 1024 * 1024,
	OUT_DRAIN_MS = 5 * 1000,
};

/*
 * Borrows @fd, which becomes non-blocking.  Returns 0, -EPERM if it is a file,
 * or negative errno.  When it breaks, the loop ends: with 0 where lightningd
 * has gone, or a negative errno.
 */
int out_new(sd_event *event, int fd, struct out **ret) _must_use_;
struct out *out_free(struct out *out);

/* Writes a copy, all of it or, the loop being at its end, nothing. */
void out_write(struct out *out, const char *text, size_t len);

/* Waits until all is written, OUT_DRAIN_MS at most. */
void out_drain(struct out *out);

DEFINE_CLEANUP(struct out *, out_free);
