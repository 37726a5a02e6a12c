/* SPDX-License-Identifier: MIT */

/*
 * Runs a fuzz target over each file of a folder, once: with every compiler,
 * what was found stays found.
 */

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "util/file.h"

enum {
	INPUT_MAX = 1024 * 1024,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static int replay(const char *folder, const char *name)
{
	_cleanup_(freep) char *path = NULL;
	_cleanup_(freep) char *data = NULL;
	_cleanup_(freep) uint8_t *exact = NULL;
	size_t len;
	int r;

	if (asprintf(&path, "%s/%s", folder, name) < 0) {
		path = NULL;
		return -ENOMEM;
	}
	r = file_read(path, INPUT_MAX, &data, &len);
	if (r != 0)
		return err_fold(r);

	/* Of exactly this size, so that reading one byte too many is seen. */
	exact = malloc(len);
	if (exact == NULL && len > 0)
		return -ENOMEM;
	if (len > 0)
		memcpy(exact, data, len);
	(void)LLVMFuzzerTestOneInput(exact, len);
	return 0;
}

static int is_input(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

int main(int argc, char **argv)
{
	struct dirent **entries = NULL;
	int n, r = 0;

	if (argc != 2) {
		(void)fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
		return EXIT_FAILURE;
	}
	n = scandir(argv[1], &entries, is_input, alphasort);
	if (n <= 0) {
		(void)fprintf(stderr, "%s: no inputs\n", argv[1]);
		free(entries);
		return EXIT_FAILURE;
	}

	for (int i = 0; i < n; i++) {
		if (r == 0)
			r = replay(argv[1], entries[i]->d_name);
		if (r < 0)
			(void)fprintf(stderr, "%s: %s\n", entries[i]->d_name,
				strerror(-r));
		free(entries[i]);
	}
	free(entries);
	if (r < 0)
		return EXIT_FAILURE;

	(void)printf("%d inputs\n", n);
	return EXIT_SUCCESS;
}
