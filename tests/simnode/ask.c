/* SPDX-License-Identifier: MIT */

#include "ask.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "node.h"
#include "util/fd.h"

static int dial(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	_cleanup_(fd_closep) int fd = -1;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	memcpy(address.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&address,
			      sizeof(address)) < 0)
		return -errno;

	return fd_steal(&fd);
}

/* Prints what the answer holds.  Returns an exit status. */
static int print(const json_t *answer)
{
	const json_t *result = json_object_get(answer, "result");
	const json_t *error = json_object_get(answer, "error");

	if (result != NULL) {
		(void)json_dumpf(result, stdout, JSON_COMPACT);
		(void)putchar('\n');
		return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
	}

	(void)fprintf(stderr, "simnode: error %d: %s\n",
		(int)json_integer_value(json_object_get(error, "code")),
		node_text(error, "message"));
	return EXIT_FAILURE;
}

int ask(const char *path, const char *method, json_t *params)
{
	_cleanup_(fd_closep) int fd = -1;
	json_t *request, *answer;
	json_error_t error;
	int r;

	fd = dial(path);
	if (fd < 0) {
		(void)fprintf(stderr, "simnode: no simnode at %s: %s\n", path,
			strerror(-fd));
		return EXIT_FAILURE;
	}
	request = json_pack("{s:s, s:s, s:s, s:O}", "jsonrpc", "2.0", "id",
		"simnode:ask#1", "method", method, "params", params);
	r = json_dumpfd(request, fd, JSON_COMPACT);
	json_decref(request);
	answer = r < 0 ? NULL : json_loadfd(fd, JSON_DISABLE_EOF_CHECK, &error);
	if (answer == NULL) {
		(void)fprintf(stderr, "simnode: no answer from %s\n", path);
		return EXIT_FAILURE;
	}

	r = print(answer);
	json_decref(answer);
	return r;
}
