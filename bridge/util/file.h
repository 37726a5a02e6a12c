/* SPDX-License-Identifier: MIT */
#pragma once

/* Files - bounded reading, writing that survives a power cut */

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "util/macro.h"

enum {
	_FILE_E_SUCCESS,

	FILE_E_TOO_BIG,  /* longer than the caller accepts */
	FILE_E_EXISTS,   /* never overwritten */
	FILE_E_VOLATILE, /* forgotten at power-off: tmpfs, ramfs, overlay */
	FILE_E_TOO_OPEN, /* somebody may use it who may not */
	FILE_E_NO_FILE,  /* a folder, a link or a device has that name */
};

/*
 * Reads @path whole.  Returns 0 and in *@ret_data memory for free(3), with a
 * NUL behind the *@ret_len bytes; FILE_E_TOO_BIG beyond @max bytes; or
 * negative errno.
 */
int file_read(const char *path, size_t max, char **ret_data,
	size_t *ret_len) _must_use_;

/*
 * As file_read(), for a secret: a regular file whose mode has none of the bits
 * in @forbidden, as in 0077, or else FILE_E_TOO_OPEN.  The caller wipes.
 */
int file_read_secret(const char *path, mode_t forbidden, size_t max,
	char **ret_data, size_t *ret_len) _must_use_;

/*
 * Creates @path with @mode and @data in it: whole and synced, with its
 * folder, or not at all.  Returns 0, FILE_E_EXISTS, or negative errno.
 */
int file_create(
	const char *path, mode_t mode, const void *data, size_t len) _must_use_;

/*
 * As file_create(), in the place of what @path holds so far, if anything.  Who
 * is killed meanwhile may leave "@path." and six letters beside it.  Returns 0,
 * FILE_E_NO_FILE, or negative errno: then @path is as it was, except that a
 * folder which cannot be synced may still show either file after a power cut.
 */
int file_replace(
	const char *path, mode_t mode, const void *data, size_t len) _must_use_;

/* Syncs the folder that holds @path, so that a new name in it survives. */
int file_sync_folder(const char *path) _must_use_;

/*
 * Does what is written to @path survive a power cut?  Returns 0,
 * FILE_E_VOLATILE, or negative errno.
 */
int file_is_durable(const char *path) _must_use_;
