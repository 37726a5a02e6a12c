/* SPDX-License-Identifier: MIT */

#include "node/hand.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool hand_is_plugin(int argc, char **argv, const char *name, const char *help,
	int *ret_status)
{
	/* lightningd passes options of its own: others are no mistake. */
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "--version") == 0) {
			(void)printf("%s %s\n", name, PROJECT_VERSION);
			*ret_status = EXIT_SUCCESS;
			return false;
		} else if (strcmp(argv[i], "--help") == 0) {
			(void)fputs(help, stdout);
			*ret_status = EXIT_SUCCESS;
			return false;
		}
	if (getenv("LIGHTNINGD_PLUGIN") != NULL)
		return true;

	(void)fputs(help, stdout);
	*ret_status = EXIT_SUCCESS;
	return false;
}

void hand_complain(const char *name, int r)
{
	if (r == -EPERM)
		(void)fprintf(stderr,
			"%s: standard input or output is a file: it talks to "
			"lightningd, which starts it\n",
			name);
	else
		(void)fprintf(stderr, "%s: %s\n", name, strerror(-r));
}
