/* SPDX-License-Identifier: MIT */

#include "node/guard_lock.h"

#include <fcntl.h>
#include <jansson.h>
#include <unistd.h>

#include "util/fd.h"

enum {
	CONTENT_MAX = 256,
};

static const char file_name[] = "guard.lock";

static const char no_guard[] =
	"No 1sat2flash-guard runs behind 1sat2flash-node: add its plugin= "
	"line, or start it with \"lightning-cli plugin start\".";
static const char wrong_order[] =
	"1sat2flash-guard was started before 1sat2flash-node and cannot guard "
	"it: restart the guard, too.";

int guard_lock_take(int folder_fd, const struct guard_peer *guard, int *ret_fd)
{
	_cleanup_(fd_closep) int fd = -1;
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	char text[CONTENT_MAX];
	json_t *object;
	size_t len;

	fd = openat(folder_fd, file_name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	if (fcntl(fd, F_SETLK, &lock) < 0)
		return errno == EAGAIN || errno == EACCES ? GUARD_LOCK_E_HELD
							  : -errno;

	object = json_pack("{s:I, s:I, s:b, s:I}", "pid", (json_int_t)getpid(),
		"lightningd", (json_int_t)guard->lightningd, "startup",
		guard->startup, "started_ms", (json_int_t)guard->started_ms);
	if (object == NULL)
		return -ENOMEM;
	len = json_dumpb(object, text, sizeof(text), JSON_COMPACT);
	json_decref(object);
	if (len == 0 || len > sizeof(text))
		return -ENOMEM;
	/* What is there of the guard before us names another process. */
	if (ftruncate(fd, 0) < 0)
		return -errno;
	if (pwrite(fd, text, len, 0) != (ssize_t)len)
		return -EIO;

	*ret_fd = fd_steal(&fd);
	return 0;
}

static const char *judge(
	const json_t *object, pid_t holder, const struct guard_peer *plugin)
{
	const json_t *started = json_object_get(object, "started_ms");

	/* While it writes, it is not there yet. */
	if (json_integer_value(json_object_get(object, "pid")) != holder ||
		json_integer_value(json_object_get(object, "lightningd")) !=
			plugin->lightningd ||
		!json_is_integer(started))
		return no_guard;
	if (plugin->startup && json_is_true(json_object_get(object, "startup")))
		return NULL;

	return json_integer_value(started) >= (json_int_t)plugin->started_ms
		       ? NULL
		       : wrong_order;
}

const char *guard_lock_why_not(int folder_fd, const struct guard_peer *plugin)
{
	_cleanup_(fd_closep) int fd = -1;
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	char text[CONTENT_MAX];
	const char *why;
	json_t *object;
	ssize_t len;

	fd = openat(folder_fd, file_name, O_RDWR | O_CLOEXEC);
	if (fd < 0 || fcntl(fd, F_GETLK, &lock) < 0 || lock.l_type == F_UNLCK)
		return no_guard;
	len = pread(fd, text, sizeof(text), 0);
	if (len <= 0)
		return no_guard;
	object = json_loadb(text, (size_t)len, JSON_REJECT_DUPLICATES, NULL);
	if (object == NULL)
		return no_guard;

	why = judge(object, lock.l_pid, plugin);
	json_decref(object);
	return why;
}
