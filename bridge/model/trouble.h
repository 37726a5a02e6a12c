/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Troubles - what can stand between a payment and a car, and what to do
 *
 * One row each, with a name for programs.  Daemon and pair find out which it
 * is; status, doctor and pair say it in the words of this table.
 */

struct trouble {
	const char *name;   /* "adapter-off" */
	const char *what;   /* a sentence, with its full stop */
	const char *advice; /* one or more sentences: what to do */
};

/* The row of @name, or NULL. */
const struct trouble *trouble_find(const char *name);
