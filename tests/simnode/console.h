/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Console - lines on standard input that pay, and that make the node fail
 *
 * A line is words with spaces between them; "two words" in quotes are one,
 * also behind NAME=.
 */

#include <systemd/sd-event.h>

#include "world.h"

struct console;

enum {
	CONSOLE_LINE_MAX = 1024,
	CONSOLE_WHY_SIZE = 300,
};

/* The grammar, for --help. */
extern const char console_help[];

/*
 * Runs one line.  Returns false and a sentence in *@ret_why if it is not
 * understood, or not possible.
 */
bool console_run(struct world *world, const char *line,
	char ret_why[static CONSOLE_WHY_SIZE]);

/*
 * Reads lines from @fd, to its end.  A file or /dev/null is read at once.
 * Borrows @world.  Returns 0, or negative errno.
 */
int console_open(sd_event *event, int fd, struct world *world,
	struct console **ret) _must_use_;
struct console *console_free(struct console *console);

DEFINE_CLEANUP(struct console *, console_free);
