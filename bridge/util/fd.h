/* SPDX-License-Identifier: MIT */
#pragma once

/* File descriptors owned by a scope. */

#include <unistd.h>

/* Closes *@fd unless it is negative, and leaves -1 behind. */
static inline void fd_closep(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

/* Hands the descriptor in *@fd to the caller and leaves -1 behind. */
static inline int fd_steal(int *fd)
{
	int stolen = *fd;

	*fd = -1;
	return stolen;
}
