/* SPDX-License-Identifier: MIT */

#include "link/bluez_rfkill.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "util/fd.h"
#include "util/macro.h"

static void close_dir(DIR **dir)
{
	if (*dir != NULL)
		(void)closedir(*dir);
}

/* Does the attribute @name of the switch @which say @text? */
static bool says(int dir, const char *which, const char *name, const char *text)
{
	_cleanup_(fd_closep) int fd = -1;
	char path[300];
	char line[64];
	ssize_t n;

	(void)snprintf(path, sizeof(path), "%s/%s", which, name);
	fd = openat(dir, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return false;
	n = read(fd, line, sizeof(line) - 1);
	if (n < 0)
		return false;

	line[n] = '\0';
	line[strcspn(line, "\n")] = '\0';
	return strcmp(line, text) == 0;
}

bool rfkill_is_blocked(const char *folder, const char *adapter)
{
	_cleanup_(close_dir) DIR *dir = opendir(folder);
	const struct dirent *entry;
	int fd;

	if (dir == NULL)
		return false;

	fd = dirfd(dir);
	while ((entry = readdir(dir)) != NULL)
		if (says(fd, entry->d_name, "name", adapter) &&
			(says(fd, entry->d_name, "soft", "1") ||
				says(fd, entry->d_name, "hard", "1")))
			return true;
	return false;
}
