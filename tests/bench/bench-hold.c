/* SPDX-License-Identifier: MIT */

/*
 * Hold mode: a simnode with plugin and guard, the bridge, and a car in
 * software.  What the plugin costs whom it does not concern; from the hook to
 * the settled payment; memory, and wake-ups while nothing happens.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "car/car.h"
#include "figure.h"
#include "holding.h"
#include "stage.h"

enum {
	CARS = 1000,
	FOREIGN = 1000,
	WARM_UP = 20,
	FIRST_TRIES = 500,
	TRY_US = 20 * 1000,
	SETTLE_MS = 2000,
	/* As the ledger syncs a payment that waits for it. */
	LEDGER_SYNCS = 3,
	ROW_SIZE = 400,
	GROWTH_MAX = 8, /* see bench-life.c */
};

static void print_at_most(const char *name, double value, const char *unit,
	double floor, double target)
{
	figure_print(&(struct figure){
		.name = name,
		.value = value,
		.unit = unit,
		.floor = floor,
		.rule = FIGURE_AT_MOST,
		.target = target,
	});
}

static double mb_of(pid_t pid, const char *name)
{
	return (double)figure_status(pid, name) / 1024;
}

static void path_in(
	const char *folder, const char *name, char ret[static STAGE_PATH_SIZE])
{
	(void)snprintf(ret, STAGE_PATH_SIZE, "%s/%s", folder, name);
}

/* --- payments that are no car's --------------------------------------------- */

/* There and back through pipes of another process, twice: median, in ns. */
static double two_round_trips(void)
{
	double ns[FOREIGN];
	int to[2], from[2];
	char byte = 0;
	pid_t pid;

	if (pipe(to) < 0 || pipe(from) < 0 || (pid = fork()) < 0)
		figure_die("no process: %s", strerror(errno));
	if (pid == 0) {
		(void)close(to[1]);
		while (read(to[0], &byte, 1) == 1 &&
			write(from[1], &byte, 1) == 1)
			;
		_exit(0);
	}
	(void)close(to[0]);
	(void)close(from[1]);
	for (size_t i = 0; i < FOREIGN; i++) {
		uint64_t began = figure_now_ns();

		for (int k = 0; k < 2; k++)
			if (write(to[1], &byte, 1) != 1 ||
				read(from[0], &byte, 1) != 1)
				figure_die("no round trip");
		ns[i] = (double)(figure_now_ns() - began);
	}
	(void)close(to[1]);
	(void)close(from[0]);
	stage_await(pid, "the other process");

	return figure_percentile(ns, FOREIGN, 50);
}

static void add_cars(
	const struct holding *node, int fds[static CARS], size_t from, size_t n)
{
	for (size_t i = from; i < n; i++)
		fds[i] = holding_add_car(node, i);
	for (size_t i = from; i < n; i++)
		holding_poll(fds[i], i);
}

static void print_foreign(
	struct holding *node, const char *name, double bare_ns, double floor_ns)
{
	(void)holding_median(node, "mug", WARM_UP);
	print_at_most(name,
		(holding_median(node, "mug", FOREIGN) - bare_ns) / 1000, "us",
		floor_ns / 1000, 1000);
}

static void print_others(
	const char *folder, const struct holding_programs *programs)
{
	char path[STAGE_PATH_SIZE], files[STAGE_PATH_SIZE];
	struct holding node;
	double bare_ns, floor_ns = two_round_trips(), one_mb;
	int fds[CARS];

	path_in(folder, "bare", path);
	path_in(folder, "bare.d", files);
	holding_open(&node, path, files,
		&(struct holding_programs){ .simnode = programs->simnode });
	(void)holding_median(&node, "mug", WARM_UP);
	bare_ns = holding_median(&node, "mug", FOREIGN);
	holding_close(&node);

	path_in(folder, "many", path);
	path_in(folder, "many.d", files);
	holding_open(&node, path, files, programs);
	add_cars(&node, fds, 0, 1);
	print_foreign(&node, "hold: added to a foreign payment, 1 car, p50",
		bare_ns, floor_ns);
	one_mb = mb_of(node.plugin, "RssAnon:");
	print_at_most("hold: private memory of the plugin, 1 car", one_mb, "MB",
		0, 2);
	print_at_most("hold: resident memory of the plugin, 1 car",
		mb_of(node.plugin, "VmRSS:"), "MB", 0, 12);
	add_cars(&node, fds, 1, CARS);
	print_foreign(&node, "hold: added to a foreign payment, 1000 cars, p50",
		bare_ns, floor_ns);
	print_at_most("hold: private memory of the plugin, 1000 cars poll",
		mb_of(node.plugin, "RssAnon:"), "MB", one_mb, 6);
	print_at_most("hold: resident memory of the plugin, 1000 cars poll",
		mb_of(node.plugin, "VmRSS:"), "MB", 0, 16);
	for (size_t i = 0; i < CARS; i++)
		(void)close(fds[i]);
	holding_close(&node);
}

/* --- payments of the car ------------------------------------------------------ */

/* What the marks of one payment cost at least, in @folder_fd. */
static uint64_t synced_marks(int folder_fd, size_t number)
{
	static const char *const states[] = { "held", "taken-return",
		"settle" };
	char name[96], old[96] = "";
	uint64_t began = figure_now_ns();

	for (size_t i = 0; i < ARRAY_SIZE(states); i++) {
		int r;

		(void)snprintf(
			name, sizeof(name), "%064zx.%s", number, states[i]);
		if (i == 0) {
			int fd = openat(folder_fd, name,
				O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

			r = fd < 0 ? -1 : fsync(fd);
			(void)close(fd);
		} else {
			r = renameat(folder_fd, old, folder_fd, name);
		}
		if (r < 0 || fsync(folder_fd) < 0)
			figure_die("%s: %s", name, strerror(errno));
		strcpy(old, name);
	}

	return figure_now_ns() - began;
}

static void print_trips(struct holding *node, const char *folder, size_t n)
{
	struct synced *synced = synced_open(folder);
	double *ns = calloc(n, sizeof(*ns)),
	       *floors = calloc(n, sizeof(*floors));
	double floor_us;
	char path[STAGE_PATH_SIZE];
	int folder_fd;

	path_in(folder, "marks", path);
	if (ns == NULL || floors == NULL || mkdir(path, 0700) < 0 ||
		(folder_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) <
			0)
		figure_die("%s: %s", path, strerror(errno));
	(void)holding_median(node, "1sat2flash", WARM_UP);
	for (size_t i = 0; i < n; i++) {
		ns[i] = holding_median(node, "1sat2flash", 1);
		floors[i] = (double)synced_marks(folder_fd, i);
		for (int k = 0; k < LEDGER_SYNCS; k++)
			floors[i] += (double)synced_insert(synced, ROW_SIZE);
	}

	floor_us = figure_percentile(floors, n, 50) / 1000;
	figure_print(&(struct figure){
		.name = "hold: payment to settled, p50",
		.value = figure_percentile(ns, n, 50) / 1000,
		.unit = "us",
		.floor = floor_us,
		.rule = FIGURE_FLOORS,
		.target = 3,
	});
	figure_print(&(struct figure){
		.name = "hold: payment to settled, p99",
		.value = figure_percentile(ns, n, 99) / 1000,
		.unit = "us",
		.floor = floor_us,
		.rule = FIGURE_FLOORS,
		.target = 10,
	});
	figure_print(&(struct figure){
		.name = "hold: its synced writes meanwhile, p99",
		.value = figure_percentile(floors, n, 99) / 1000,
		.unit = "us",
		.floor = floor_us,
		.rule = FIGURE_NO_RULE,
	});
	(void)close(folder_fd);
	synced_close(synced);
	free(floors);
	free(ns);
}

static double anon_bytes(pid_t pid)
{
	return (double)figure_status(pid, "RssAnon:") * 1024;
}

/* Growth is that of the second half: caches are full by then. */
static void print_growth(struct stage *stage, struct holding *node, size_t n)
{
	double plugin, bridge;
	char name[80];

	(void)holding_median(node, "1sat2flash", n / 2);
	stage_rest(stage, SETTLE_MS);
	plugin = anon_bytes(node->plugin);
	bridge = anon_bytes(stage->bridge);
	(void)holding_median(node, "1sat2flash", n / 2);
	stage_rest(stage, SETTLE_MS);

	(void)snprintf(name, sizeof(name),
		"hold: private memory of the plugin, %zu payments", n);
	print_at_most(name, mb_of(node->plugin, "RssAnon:"), "MB", 0, 2);
	print_at_most("hold: growth of the plugin",
		(anon_bytes(node->plugin) - plugin) / (double)(n / 2),
		"bytes per payment", 0, GROWTH_MAX);
	(void)snprintf(name, sizeof(name),
		"hold: private memory of the bridge, %zu payments", n);
	print_at_most(name, mb_of(stage->bridge, "RssAnon:"), "MB", 0, 4);
	print_at_most("hold: growth of the bridge",
		(anon_bytes(stage->bridge) - bridge) / (double)(n / 2),
		"bytes per payment", 0, GROWTH_MAX);
}

static void print_wakeups(struct stage *stage, unsigned long seconds)
{
	static const char switches[] = "voluntary_ctxt_switches:";
	uint64_t before;

	/* Until the link has idled out. */
	stage_rest(stage, CAR_LINK_IDLE_MS + SETTLE_MS);
	before = stage_bridge_status(stage, switches);
	stage_rest(stage, seconds * 1000);
	print_at_most("hold: wake-ups of an idle bridge",
		(double)(stage_bridge_status(stage, switches) - before) * 60 /
			(double)seconds,
		"per minute", 0, 2);
}

/* The first that the bridge is there for. */
static void await_sale(struct holding *node)
{
	for (int i = 0; i < FIRST_TRIES; i++) {
		if (holding_pay(node, "1sat2flash") != 0)
			return;
		(void)usleep(TRY_US);
	}
	figure_die("the bridge takes no payments");
}

int main(int argc, char **argv)
{
	const struct rlimit files = { 4 * CARS, 4 * CARS };
	struct holding_programs programs;
	char path[STAGE_PATH_SIZE], folder[STAGE_PATH_SIZE];
	struct holding node;
	struct stage stage;

	if (argc != 10)
		figure_die("usage: %s FOLDER 1SAT2FLASHD SIMCAR SIMNODE PLUGIN "
			   "GUARD TRIPS PAYMENTS IDLE-SECONDS",
			argv[0]);
	if (setrlimit(RLIMIT_NOFILE, &files) < 0)
		figure_die("no process may have so many files");
	programs = (struct holding_programs){ argv[4], argv[5], argv[6] };

	stage_open_holding(&stage, argv[1], argv[2], argv[3]);
	print_others(argv[1], &programs);
	path_in(argv[1], "rpc", path);
	path_in(argv[1], "lightning", folder);
	holding_open(&node, path, folder, &programs);
	(void)stage_start_bridge(&stage);
	/* Nobody reads it while payments are timed, and full it would block. */
	(void)close(stage.notify_fd);
	stage.notify_fd = -1;
	await_sale(&node);
	stage_rest(&stage, SETTLE_MS);
	print_at_most("hold: private memory of the bridge, idle",
		mb_of(stage.bridge, "RssAnon:"), "MB", 0, 4);
	print_trips(&node, argv[1], strtoul(argv[7], NULL, 10));
	print_growth(&stage, &node, strtoul(argv[8], NULL, 10));
	print_wakeups(&stage, strtoul(argv[9], NULL, 10));
	stage_close(&stage);
	holding_close(&node);
	return 0;
}
