/* SPDX-License-Identifier: MIT */

/* Processes and sockets of a stage. */

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "figure.h"
#include "stage.h"

enum {
	NOBODY = 65534,
	ARGUMENTS_MAX = 15,
};

/* Between fork and exec. */
static void become(int program_fd, const char *const arguments[], int out_fd)
{
	char *copies[ARGUMENTS_MAX + 1] = { NULL };

	/* exec(3) takes no const. */
	for (size_t i = 0; i < ARGUMENTS_MAX && arguments[i] != NULL; i++)
		copies[i] = strdup(arguments[i]);
	if (out_fd >= 0 && dup2(out_fd, STDOUT_FILENO) < 0)
		_exit(126);
	if (geteuid() == 0 && (setgroups(0, NULL) < 0 || setgid(NOBODY) < 0 ||
				      setuid(NOBODY) < 0))
		_exit(126);
	/* None of them is left behind, whatever ends us. */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)fexecve(program_fd, copies, environ);
	_exit(127);
}

pid_t stage_spawn(
	const char *program, const char *const arguments[], int out_fd)
{
	int program_fd;
	pid_t pid;

	/* Opened here: nobody may not be able to reach it. */
	program_fd = open(program, O_RDONLY | O_CLOEXEC);
	if (program_fd < 0)
		figure_die("%s: %s", program, strerror(errno));
	pid = fork();
	if (pid < 0)
		figure_die("fork: %s", strerror(errno));
	if (pid == 0)
		become(program_fd, arguments, out_fd);
	(void)close(program_fd);

	return pid;
}

void stage_await(pid_t pid, const char *what)
{
	int status;

	if (waitpid(pid, &status, 0) < 0 || !WIFEXITED(status) ||
		WEXITSTATUS(status) != 0)
		figure_die("%s failed", what);
}

static int socket_at(const char *path, struct sockaddr_un *ret)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (fd < 0 || strlen(path) >= sizeof(ret->sun_path))
		figure_die("no socket for %s", path);
	strcpy(ret->sun_path, path);

	return fd;
}

int stage_listen(const char *path)
{
	struct sockaddr_un address;
	int fd = socket_at(path, &address);

	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
		listen(fd, 4) < 0 || chmod(path, 0666) < 0)
		figure_die("%s: %s", path, strerror(errno));

	return fd;
}

int stage_connect(const char *path)
{
	struct sockaddr_un address;
	int fd = socket_at(path, &address);

	/* The program that listens there may just have been started. */
	for (int i = 0; i < 200; i++) {
		if (connect(fd, (struct sockaddr *)&address, sizeof(address)) ==
			0)
			return fd;
		(void)usleep(10 * 1000);
	}
	figure_die("nobody listens on %s", path);
}
