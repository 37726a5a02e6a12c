/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Diagnose - looks at menu, state, key, car and node, and says what it found
 *
 * For when no bridge runs.  Takes no payment, and writes nothing but to
 * standard output, for a program: lines "NAME\tVALUE" with the names of
 * GetStatus, and "problem\tSENTENCE" for what would stop the bridge.
 */

#include "daemon/options.h"

enum {
	/* A look ends before. */
	DIAGNOSE_MS = 75 * 1000,
};

/*
 * As root it becomes the bridge's user first.  Returns 0 if it could say
 * something, or negative errno.
 */
int diagnose(const struct options *options) _must_use_;
