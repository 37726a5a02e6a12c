/* SPDX-License-Identifier: MIT */

#include "node/hand.h"

#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

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

/*
 * Where memory runs out, jansson 2.14 cuts a text short and says nothing: the
 * id of a hook would be another one, and lightningd would wait for ever.  It
 * takes our end for "continue", and the guard decides.
 */
static void *allocate_or_end(size_t size)
{
	void *p = malloc(size);

	if (p == NULL)
		_exit(EXIT_FAILURE);

	return p;
}

int hand_prepare(void)
{
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		return -errno;
	json_set_alloc_funcs(allocate_or_end, free);
	return 0;
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
