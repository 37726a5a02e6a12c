/* SPDX-License-Identifier: MIT */
#pragma once

/* Ledger file - where the ledger lies, and what becomes of a broken one */

#include <stdbool.h>

#include "util/macro.h"

/*
 * Makes @path, empty and for its owner alone, unless it is there.  A log
 * without its ledger is kept aside first: half of a broken one.
 * *@ret_is_broken: a broken ledger lies beside it.  Returns 0 or negative
 * errno.
 */
int ledger_file_prepare(const char *path, bool *ret_is_broken) _must_use_;

/*
 * Renames @path and its logs to @path.broken-TIME, which never overwrites
 * anything.  Returns 0 or negative errno.
 */
int ledger_file_keep_aside(const char *path);
