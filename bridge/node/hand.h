/* SPDX-License-Identifier: MIT */
#pragma once

/* Hand - what the plugins say to somebody who starts them by hand */

#include <stdbool.h>

/*
 * Answers --help and --version, and an attempt to run without lightningd, on
 * standard output.  Returns whether the process is to go on, as a plugin;
 * *@ret_status is its exit status otherwise.
 */
bool hand_is_plugin(int argc, char **argv, const char *name, const char *help,
	int *ret_status);

/* Why a plugin that was begun could not go on: to standard error. */
void hand_complain(const char *name, int r);
