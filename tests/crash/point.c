/* SPDX-License-Identifier: MIT */

/*
 * Stops the bridge where CRASH_AT says, "name" or "name:n" for the nth time,
 * as if its power had been cut: what was not synced is gone.  CRASH_SEED
 * other than 0 lets some of that reach the disk all the same.
 */

#include "util/point.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vfs.h"

enum {
	CRASHED = 86, /* exit status */
};

static __attribute__((__constructor__)) void install(void)
{
	if (vfs_install() < 0)
		abort();
}

void point(const char *name)
{
	static unsigned long n_passed;
	const char *at = getenv("CRASH_AT");
	const char *seed = getenv("CRASH_SEED");
	size_t len = strlen(name);

	if (at == NULL || strncmp(at, name, len) != 0 ||
		(at[len] != '\0' && at[len] != ':'))
		return;
	if (++n_passed < (at[len] == ':' ? strtoul(at + len + 1, NULL, 10) : 1))
		return;

	vfs_power_cut(seed == NULL ? 0 : (unsigned int)strtoul(seed, NULL, 10));
	(void)fprintf(stderr, "crashed at %s\n", at);
	_exit(CRASHED);
}
