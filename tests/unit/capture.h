/* SPDX-License-Identifier: MIT */
#pragma once

/* Capture - what goes to standard output and to standard error meanwhile */

#include <stdio.h>
#include <unistd.h>

#include "test.h"

enum {
	CAPTURE_SIZE = 256 * 1024,
};

struct capture {
	char out[CAPTURE_SIZE], err[CAPTURE_SIZE];
	FILE *files[2];
	int saved[2];
};

static inline void capture_begin(struct capture *capture)
{
	(void)fflush(stdout);
	for (int i = 0; i < 2; i++) {
		capture->files[i] = tmpfile();
		cr_assert_not_null(capture->files[i]);
		capture->saved[i] = dup(STDOUT_FILENO + i);
		cr_assert_geq(capture->saved[i], 0);
		cr_assert_geq(
			dup2(fileno(capture->files[i]), STDOUT_FILENO + i), 0);
	}
}

static inline void capture_end(struct capture *capture)
{
	char *const texts[] = { capture->out, capture->err };
	size_t n;

	(void)fflush(stdout);
	for (int i = 0; i < 2; i++) {
		cr_assert_geq(dup2(capture->saved[i], STDOUT_FILENO + i), 0);
		(void)close(capture->saved[i]);
		rewind(capture->files[i]);
		n = fread(texts[i], 1, CAPTURE_SIZE - 1, capture->files[i]);
		texts[i][n] = '\0';
		(void)fclose(capture->files[i]);
	}
}
