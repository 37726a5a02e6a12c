/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Console - lines on standard input that change the world
 *
 * Reads a terminal or a pipe as the lines come; a file, which epoll refuses,
 * at once.  The end of the input ends nothing.
 */

#include <systemd/sd-event.h>

#include "car.h"
#include "links.h"
#include "util/macro.h"

struct console;

/* Borrows @car and @links.  Returns 0 or negative errno. */
int console_open(sd_event *event, int fd, struct car *car, struct links *links,
	struct console **ret) _must_use_;

/* Always returns NULL. */
struct console *console_free(struct console *console);

/* Arms @fault, wherever it belongs.  Returns false if there is no room. */
bool console_fault(struct car *car, struct links *links,
	const struct fault *fault) _must_use_;

/* The grammar, for --help. */
extern const char console_help[];

DEFINE_CLEANUP(struct console *, console_free);
