/* SPDX-License-Identifier: MIT */
#pragma once

/* Hand - how the plugins start, also by hand */

#include <stdbool.h>

#include "util/macro.h"

/*
 * Answers --help and --version, and an attempt to run without lightningd, on
 * standard output.  Returns whether the process is to go on, as a plugin;
 * *@ret_status is its exit status otherwise.
 */
bool hand_is_plugin(int argc, char **argv, const char *name, const char *help,
	int *ret_status);

/*
 * What holds for the whole process: a reader that is gone is an error where it
 * is written to; and the lack of memory for JSON is its end.  Returns 0 or
 * negative errno.
 */
int hand_prepare(void) _must_use_;

/* Why a plugin that was begun could not go on: to standard error. */
void hand_complain(const char *name, int r);
