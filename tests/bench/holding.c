/* SPDX-License-Identifier: MIT */

#include "holding.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "figure.h"
#include "stage.h"

enum {
	NOBODY = 65534,
	TEXT_SIZE = 2048,
	READY_TRIES = 500,
	TRY_US = 10 * 1000,
};

static const char result[] = "\"result\":";

static void _printf_(2, 3) say(int fd, const char *format, ...)
{
	char text[TEXT_SIZE];
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (n < 0 || (size_t)n >= sizeof(text) ||
		write(fd, text, (size_t)n) != n)
		figure_die("the node cannot be asked");
}

/* The answer to what was said; true if @wanted is in it. */
static bool hear(int fd, const char *wanted)
{
	char text[2 * TEXT_SIZE];
	size_t len = 0;

	do {
		ssize_t n = read(fd, text + len, sizeof(text) - 1 - len);

		if (n <= 0)
			figure_die("the node does not answer");
		len += (size_t)n;
	} while (len < 2 || text[len - 2] != '\n' || text[len - 1] != '\n');
	text[len] = '\0';

	return strstr(text, wanted) != NULL;
}

/* The process named @name whose parent is @parent. */
static pid_t find_child(pid_t parent, const char *name)
{
	char path[64], comm[64] = "";
	FILE *file;
	int pid;

	(void)snprintf(path, sizeof(path), "/proc/%d/task/%d/children",
		(int)parent, (int)parent);
	file = fopen(path, "re");
	while (file != NULL && fscanf(file, "%d", &pid) == 1) {
		FILE *told;

		(void)snprintf(path, sizeof(path), "/proc/%d/comm", pid);
		told = fopen(path, "re");
		if (told == NULL || fscanf(told, "%63s", comm) != 1)
			comm[0] = '\0';
		if (told != NULL)
			(void)fclose(told);
		if (strcmp(comm, name) == 0) {
			(void)fclose(file);
			return pid;
		}
	}
	figure_die("the node has no %s", name);
}

void holding_open(struct holding *holding, const char *path, const char *folder,
	const struct holding_programs *programs)
{
	const char *arguments[] = { "simnode", "--socket", path,
		"--lightning-dir", folder,
		programs->plugin == NULL ? NULL : "--plugin", programs->plugin,
		"--plugin", programs->guard, NULL };
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

	*holding = (struct holding){ 0 };
	if (strlen(path) >= sizeof(holding->path))
		figure_die("%s: too long", path);
	strcpy(holding->path, path);
	if (mkdir(folder, 0755) < 0 ||
		(geteuid() == 0 && chown(folder, NOBODY, NOBODY) < 0))
		figure_die("%s: %s", folder, strerror(errno));
	holding->node = stage_spawn(programs->simnode, arguments, fd);
	(void)close(fd);
	holding->fd = stage_connect(path);
	if (programs->plugin == NULL)
		return;

	/* The plugin, and then the guard behind it. */
	for (int i = 0; i < READY_TRIES; i++) {
		say(holding->fd, "{\"id\":1,\"method\":\"1sat2flash-status\","
				 "\"params\":{}}");
		if (hear(holding->fd, "\"guarded\":true")) {
			holding->plugin =
				find_child(holding->node, "1sat2flash-node");
			return;
		}
		(void)usleep(TRY_US);
	}
	figure_die("the node's plugin does not begin");
}

void holding_close(struct holding *holding)
{
	(void)close(holding->fd);
	(void)kill(holding->node, SIGTERM);
	(void)waitpid(holding->node, NULL, 0);
}

uint64_t holding_pay(struct holding *holding, const char *label)
{
	uint64_t began = figure_now_ns();

	say(holding->fd,
		"{\"id\":1,\"method\":\"simnode-pay\",\"params\":"
		"{\"amount_msat\":1000,\"label\":\"%s-\"}}",
		label);

	return hear(holding->fd, result) ? figure_now_ns() - began : 0;
}

double holding_median(struct holding *holding, const char *label, size_t n)
{
	double *ns = calloc(n, sizeof(*ns)), median;

	if (ns == NULL)
		figure_die("no memory");
	for (size_t i = 0; i < n; i++) {
		ns[i] = (double)holding_pay(holding, label);
		if (ns[i] == 0)
			figure_die("a payment for %s went back", label);
	}
	median = figure_percentile(ns, n, 50);
	free(ns);
	return median;
}

int holding_add_car(const struct holding *holding, size_t number)
{
	int fd = stage_connect(holding->path);

	say(fd,
		"{\"id\":1,\"method\":\"1sat2flash-register\",\"params\":"
		"{\"car\":\"car-%zu\",\"boot\":\"0123456789abcdef\","
		"\"holds\":true,\"labels\":[\"car-%zu-*\"],\"addresses\":[],"
		"\"descriptions\":[],\"actions\":[{\"name\":\"flash\","
		"\"price_msat\":1000,\"text\":\"Flash the lights\","
		"\"keeps\":false,\"offers\":false}]}}",
		number, number);
	if (!hear(fd, result))
		figure_die("the car %zu is refused", number);

	return fd;
}

void holding_poll(int fd, size_t number)
{
	say(fd,
		"{\"id\":2,\"method\":\"1sat2flash-poll\",\"params\":"
		"{\"car\":\"car-%zu\",\"boot\":\"0123456789abcdef\","
		"\"serial\":1,\"got\":0,\"open\":[\"flash\"],"
		"\"timeout\":55}}",
		number);
}
